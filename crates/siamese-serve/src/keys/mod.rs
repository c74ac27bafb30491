//! Keys: who may ask what.

mod file;
mod session;

use std::collections::BTreeSet;

pub use file::{KeyFile, NewKey};
pub(crate) use session::{LASTS, SESSION, Sessions};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a key allows. Each allows what those before it do.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Compare, verify, identify, look at people.
    Read,
    /// Also enrol, change and delete people.
    Enrol,
    /// Also set calibrations, make and delete galleries, and move them to other models.
    Admin,
}

/// A key as it is kept: nobody can make the key of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Names the key in the audit log.
    pub id: String,
    /// What it is for, in words.
    pub label: String,
    /// SHA-256 of its secret, as 64 hexadecimal digits.
    sha256: String,
    /// What it allows.
    pub scope: Scope,
    /// For which galleries; for all where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub galleries: Option<BTreeSet<String>>,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
}

impl Key {
    /// Whether it allows so much with a gallery, or with what belongs to none.
    #[must_use]
    pub fn allows(&self, scope: Scope, gallery: Option<&str>) -> bool {
        let gallery = match (&self.galleries, gallery) {
            (None, _) | (_, None) => true,
            (Some(galleries), Some(gallery)) => galleries.contains(gallery),
        };
        gallery && self.scope >= scope
    }
}
