//! The networks of a recipe, trained side by side.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use siamese_model::{Learning, Network, Outcome, TrainOptions, Trained, TrainingSet, train_all};
use siamese_net::Recipe;

use super::models::save_last_good;
use super::number::number;
use super::prepare::Prepared;
use super::recorder::Recorder;
use crate::error::{Error, Result, Within};
use crate::judge::Images;
use crate::watch::{Watch, observers};

/// A training that has ended and is not judged yet.
pub struct TrainedRun {
    pub(super) prepared: Prepared,
    pub(super) trained: Vec<Trained>,
    /// Validation included.
    pub(super) seconds: f64,
}

impl Prepared {
    /// Trains; `None` where `stop` was set meanwhile and what was done is saved.
    ///
    /// # Errors
    /// Where a figure is no number any more, or something cannot be written. The last good weights of a single network
    /// are then saved as its model.
    pub fn train(
        mut self,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<Option<TrainedRun>, Error> {
        let start = Instant::now();
        let networks = self.networks.len();
        let checkpoints = std::mem::take(&mut self.checkpoints);
        let paths: Vec<_> = (0..networks)
            .map(|i| self.run.checkpoint(number(i, networks)))
            .collect();
        let mut recorders: Vec<Recorder<'_>> = observers(watch, networks)
            .into_iter()
            .enumerate()
            .map(|(i, observer)| {
                let run = self.processes.is_first().then_some(&self.run);
                Recorder::new(run, number(i, networks), observer)
            })
            .collect();
        let base = self.base.as_ref();
        let inits = (0..networks).map(|i| base.map(|base| base.init(i)).transpose());
        let inits: Vec<_> = inits.collect::<Result<_>>()?;
        let all = self.networks.iter().zip(&paths).zip(checkpoints);
        let all = all.zip(inits).zip(&mut recorders);
        let all = all.map(|((((recipe, path), resume), init), observer)| Network {
            recipe,
            set: self.training_set(recipe),
            options: TrainOptions {
                device: self.device,
                checkpoint: Some(path),
                stop,
                processes: &*self.processes,
            },
            resume,
            init,
            observer,
        });
        let result = train_all(all.collect());
        let failures: Vec<_> = recorders.into_iter().filter_map(Recorder::finish).collect();
        let trained = match result {
            // One network of several is no model.
            Err(error)
                if error.finding().is_some() && networks == 1 && self.processes.is_first() =>
            {
                return Err(save_last_good(
                    error,
                    &self.recipe,
                    &self.run.checkpoint(None),
                    &self.run,
                    self.judged_images(),
                    &self.experiment,
                    self.device,
                ));
            }
            result => result?,
        };
        if let Some(error) = failures.into_iter().next() {
            return Err(error)
                .within(|| "the checkpoint is whole, but the history is not".to_owned());
        }
        let interrupted = |trained: &Trained| trained.outcome == Outcome::Interrupted;
        if trained.len() < networks || trained.iter().any(interrupted) {
            return Ok(None);
        }
        Ok(Some(TrainedRun {
            prepared: self,
            trained,
            seconds: start.elapsed().as_secs_f64(),
        }))
    }

    /// What a network of this recipe learns from, and what watches it.
    fn training_set(&self, recipe: &Recipe) -> TrainingSet<'_> {
        let experiment = &self.experiment;
        TrainingSet {
            images: &self.images,
            pairs: &experiment.pairs,
            validation: &experiment.validation,
            learning: match recipe.batches {
                Some(_) => Learning::Subjects {
                    catalog: &self.data.catalog,
                    subjects: &experiment.people,
                },
                None => Learning::Pairs {
                    fit: &experiment.fit,
                    catalog: Some(&self.data.catalog),
                },
            },
        }
    }

    pub(super) fn judged_images(&self) -> Images<'_> {
        Images {
            catalog: &self.data.catalog,
            stack: &self.images,
        }
    }
}
