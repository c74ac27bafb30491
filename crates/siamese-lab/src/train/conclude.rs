//! The end of a training: models, threshold, scores, plots, figures and the report.

use std::path::PathBuf;

use siamese_model::{Trained, device_name, libtorch_version};
use siamese_net::{ImageStack, write_atomically};
use siamese_report::Report;

use super::models::save_models;
use super::number::number;
use super::prepare::Prepared;
use super::side_by_side::TrainedRun;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::judge::{Beside, Case, Images, RunRecord, Training, run_report};
use crate::note::Note;
use crate::picture::loss_curves;
use crate::run::{ReportFiles, RunDir, write_pairs};
use crate::watch::Watch;

/// A training whose models, scores and loss curves are saved.
pub struct Concluded {
    run: RunDir,
    data: Data,
    images: ImageStack,
    case: Case,
    record: RunRecord,
}

/// A training that is complete.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finished {
    /// What `figures.json` holds.
    pub record: RunRecord,
    /// What `report.html` shows, or the figures alone, where they were asked for.
    pub report: Option<Report>,
    /// The folder that holds them.
    pub folder: PathBuf,
}

impl TrainedRun {
    /// Writes models, scores and loss curves, and judges by the recipe's test.
    ///
    /// # Errors
    /// Where something cannot be written, or the network's distances are no numbers.
    pub fn conclude(self) -> Result<Concluded, Error> {
        let Self {
            prepared,
            trained,
            seconds,
        } = self;
        let images = prepared.judged_images();
        let recipe = &prepared.recipe;
        let chosen = save_models(
            recipe,
            &trained,
            &prepared.run,
            images,
            &prepared.experiment,
        )?;
        draw_losses(&prepared, &trained)?;
        let pairs_sha256 = prepared.experiment.sha256();
        let Prepared {
            recipe,
            device,
            threads,
            data,
            data_path,
            experiment,
            images: stack,
            run,
            ..
        } = prepared;
        let images = Images {
            catalog: &data.catalog,
            stack: &stack,
        };
        let training = Training::of(&experiment, images.catalog);
        let case = Case::new(
            Box::new(chosen),
            experiment.test,
            Some(training),
            run.read_history(),
        )?;
        let found = case.distances(images)?;
        let pairs = &case.test.pairs;
        write_pairs(&run.scores(), images.catalog, pairs, Some(found))?;
        let record = RunRecord {
            recipe: recipe.name.clone(),
            seed: recipe.seed,
            protocol: recipe.protocol.name.clone(),
            fold: recipe.protocol.fold,
            run: run.path().display().to_string(),
            data: data_path.display().to_string(),
            epochs: trained.iter().map(epochs).max().unwrap_or(0),
            seconds,
            device: device_name(device),
            threads,
            siamese: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: libtorch_version().to_owned(),
            data_sha256: stack.sha256().to_owned(),
            pairs_sha256,
            origin: trained.first().and_then(Trained::origin).cloned(),
            figures: case.figures(images)?,
        };
        Ok(Concluded {
            run,
            data,
            images: stack,
            case,
            record,
        })
    }
}

impl Concluded {
    /// Writes the record last: where it is, the run is complete. Before that the report: one that sets the network beside
    /// other methods is written into the folder, which takes a while on large sets; one of its figures alone is only given;
    /// with `None` there is none.
    ///
    /// # Errors
    /// Where something cannot be judged or written.
    pub fn finish(self, beside: Option<Beside>, watch: &mut dyn Watch) -> Result<Finished, Error> {
        if beside == Some(Beside::Everything) {
            watch.note(&Note::Judging);
        }
        let report = beside.map(|beside| self.report(beside)).transpose()?;
        let text = serde_json::to_string_pretty(&self.record)
            .map_err(|error| Error::build("record", error))?;
        write_atomically(&self.run.figures(), text.as_bytes())?;
        Ok(Finished {
            record: self.record,
            report,
            folder: self.run.path().to_owned(),
        })
    }

    fn report(&self, beside: Beside) -> Result<Report> {
        let images = Images {
            catalog: &self.data.catalog,
            stack: &self.images,
        };
        let cases = std::slice::from_ref(&self.case);
        let records = std::slice::from_ref(&self.record);
        let report = run_report(images, cases, records, self.data.skipped(), beside)?;
        if beside == Beside::Everything {
            ReportFiles::of(self.run.path()).write(&report)?;
        }
        Ok(report)
    }
}

/// The loss curves of each network that was trained.
fn draw_losses(prepared: &Prepared, trained: &[Trained]) -> Result<()> {
    let recipe = &prepared.recipe;
    for (i, of) in trained.iter().enumerate() {
        if of.history.is_empty() {
            continue;
        }
        let number = number(i, trained.len());
        let title = match number {
            Some(number) => format!("{}, seed {}, network {number}", recipe.name, recipe.seed),
            None => format!("{}, seed {}", recipe.name, recipe.seed),
        };
        for ending in ["svg", "png"] {
            let path = prepared.run.loss_plot(number, ending);
            loss_curves(&path, &title, &of.history)?;
        }
    }
    Ok(())
}

/// The epochs that a training took.
fn epochs(trained: &Trained) -> u32 {
    trained.history.last().map_or(0, |record| record.epoch)
}
