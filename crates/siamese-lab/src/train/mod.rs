//! From a recipe and a folder of images to a model, its figures and its report.
//!
//! [`train`] does all of it. A program that wants to stop a training, or to say what goes on between its steps, takes
//! them one by one: [`Prepared::new`], [`Prepared::train`], [`TrainedRun::conclude`], [`Concluded::finish`].

mod conclude;
mod models;
mod number;
mod prepare;
mod recorder;
mod resumed;
mod settings;
mod side_by_side;

pub use conclude::{Concluded, Finished};
pub use prepare::Prepared;
pub use settings::{Start, TrainSettings};
pub use side_by_side::TrainedRun;

use std::sync::atomic::AtomicBool;

use crate::error::Error;
use crate::judge::Beside;
use crate::watch::Watch;

/// Trains, judges by the recipe's protocol, and writes it all into the folder of the run, with a report; `None` where
/// `stop` was set meanwhile: what was done until then is saved, and [`TrainSettings::resume`] goes on with it.
///
/// # Errors
/// Where the recipe, the images or the folder do not allow it, or the training fails.
pub fn train(
    settings: &TrainSettings,
    stop: &AtomicBool,
    watch: &mut dyn Watch,
) -> Result<Option<Finished>, Error> {
    match Prepared::new(settings, watch)?.train(stop, watch)? {
        Some(trained) => trained
            .conclude()?
            .finish(Some(Beside::Everything), watch)
            .map(Some),
        None => Ok(None),
    }
}
