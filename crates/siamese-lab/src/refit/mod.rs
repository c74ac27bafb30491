//! One model that learnt from everybody, with the error rates that a cross-validation has measured on strangers.
//!
//! [`refit`] does all of it. A program that wants to stop one, or to say what goes on between its steps, takes them one by
//! one: [`Refit::new`], [`Refit::train`], [`Refitted::save`].

mod folds;
mod out_of_fold;
mod recipe;
mod run;
mod settings;

pub use run::{Refit, RefitDocument, Refitted, refit};
pub use settings::RefitSettings;
