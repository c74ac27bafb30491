//! The gallery that a request means.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use gallery::Store;

use crate::access::Caller;
use crate::app::App;
use crate::guard::MeantGallery;
use crate::keys::Scope;
use crate::problem::{Code, Problem, Result};
use crate::shelf::{Served, Shelf};

/// The one gallery that the caller may look at.
pub(super) struct Collection {
    pub(super) app: App,
    pub(super) shelf: Arc<Shelf>,
    caller: Caller,
}

impl FromRequestParts<App> for Collection {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let mut all = app.shelves_of(&caller);
        let one = all.pop().filter(|_| all.is_empty());
        let shelf = one.ok_or_else(|| {
            Problem::new(
                Code::Invalid,
                "which gallery is meant? Give a key that is for one gallery: siamese keys add --gallery NAME",
            )
        })?;
        if let Some(meant) = parts.extensions.get::<MeantGallery>() {
            meant.is(shelf.name());
        }
        Ok(Self {
            app: app.clone(),
            shelf,
            caller,
        })
    }
}

impl Collection {
    /// Refuses whoever may not change it.
    pub(super) fn for_change(self) -> Result<Self> {
        self.caller.may(Scope::Enrol, Some(self.shelf.name()))?;
        Ok(self)
    }
}

/// The number of the person whom a subject is.
pub(super) fn number(gallery: &Served, subject: &str) -> Result<u64> {
    let person = gallery.store().person_by_external_id(subject)?;
    let unknown = || Problem::not_found(&format!("subject {subject:?}"));
    Ok(person.ok_or_else(unknown)?.number)
}

/// The subject that a person is.
pub(super) fn subject(gallery: &Served, number: u64) -> String {
    let person = gallery.person(number);
    person.map_or_else(String::new, |person| person.given.external_id.clone())
}
