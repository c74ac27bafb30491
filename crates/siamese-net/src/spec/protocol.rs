//! How subjects, or pairs, are divided.

use serde::{Deserialize, Serialize};

/// How people, or pairs, are divided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProtocolSpec {
    /// `seed-pairs` (leaks people), or a people-disjoint protocol such as `subjects-8-fold`.
    pub name: String,
    /// Which fold of it, counted from 0.
    pub fold: usize,
    /// `seed-pairs` only: share of all pairs kept for the test.
    pub test: f64,
    /// Share of the remaining pairs that validate. They show people that are also trained on.
    pub validation: f64,
    /// People-disjoint protocols only: this many training people are kept out of training and validate, with every
    /// pair of theirs, instead of a share of the training pairs.
    pub validation_people: usize,
    /// The same with this many groups of training people, whole: see `pairgen::Catalog::group_of`.
    #[serde(skip_serializing_if = "is_zero")]
    pub validation_groups: usize,
}

fn is_zero(value: &usize) -> bool {
    *value == 0
}

impl Default for ProtocolSpec {
    fn default() -> Self {
        Self {
            name: "seed-pairs".into(),
            fold: 0,
            test: 0.25,
            validation: 0.25,
            validation_people: 0,
            validation_groups: 0,
        }
    }
}
