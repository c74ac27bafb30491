//! The tests of `siamese-report`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod edges;
mod impostors;
mod judging;
mod made_up;
mod old_form;
mod page;
mod text;
mod verdict;
