//! The end of a training: models, threshold, scores, plots, figures and the report.

use std::path::PathBuf;

use siamese_model::{Model, Trained, device_name, libtorch_version};
use siamese_net::{ImageStack, write_atomically};
use siamese_report::{Report, Requirement};

use super::models::save_models;
use super::number::number;
use super::prepare::Prepared;
use super::side_by_side::TrainedRun;
use crate::data::Data;
use crate::duplicates::RepeatedPictures;
use crate::error::{Error, Result};
use crate::judge::{
    Beside, Case, Images, ReportContext, RunRecord, Training, required, run_report,
};
use crate::note::Note;
use crate::picture::loss_curves;
use crate::run::{ReportFiles, RunDir, list_pairs};
use crate::watch::Watch;

/// A training whose models, scores and loss curves are saved.
pub struct Concluded {
    run: RunDir,
    data: Data,
    images: ImageStack,
    repeated: RepeatedPictures,
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
            experiment,
            images: stack,
            repeated,
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
        let scores = list_pairs(images.catalog, pairs, Some(found))?;
        write_atomically(&run.scores(), &scores)?;
        let record = RunRecord {
            recipe: recipe.name.clone(),
            seed: recipe.seed,
            protocol: recipe.protocol.name.clone(),
            fold: recipe.protocol.fold,
            run: run.path().display().to_string(),
            data: data.source.path.display().to_string(),
            epochs: trained.iter().map(epochs).max().unwrap_or(0),
            seconds,
            device: device_name(device),
            threads,
            siamese: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: libtorch_version().to_owned(),
            data_sha256: stack.sha256().to_owned(),
            pairs_sha256,
            origin: trained.first().and_then(Trained::origin).cloned(),
            required: required(None, &recipe),
            figures: case.figures(images)?,
        };
        Ok(Concluded {
            run,
            data,
            images: stack,
            repeated,
            case,
            record,
        })
    }
}

impl TrainedRun {
    /// Writes the models and the loss curves of a training that nobody judges, and gives the model of the chosen weights.
    pub(crate) fn unjudged(self) -> Result<Model> {
        let Self {
            prepared, trained, ..
        } = self;
        let model = save_models(
            &prepared.recipe,
            &trained,
            &prepared.run,
            prepared.judged_images(),
            &prepared.experiment,
        )?;
        draw_losses(&prepared, &trained)?;
        Ok(model)
    }
}

impl Concluded {
    /// The same, of which this is required, or else what its recipe says: the verdict goes by it, and the record keeps it.
    #[must_use]
    pub fn requiring(mut self, required: Option<Requirement>) -> Self {
        self.record.required = required.or(self.record.required);
        self
    }

    /// Writes the record: where it is, the run is complete. A report that sets the network beside other methods is written
    /// into the folder before, which takes a while on large sets. One of the figures alone is not written, only given: it
    /// is made after the record, so whatever ends it leaves a complete run. With `None` there is none.
    ///
    /// # Errors
    /// Where something cannot be judged or written.
    pub fn finish(self, beside: Option<Beside>, watch: &mut dyn Watch) -> Result<Finished, Error> {
        let report = match beside {
            Some(Beside::Everything) => {
                watch.note(&Note::Judging);
                let report = self.report(Beside::Everything)?;
                ReportFiles::of(self.run.path()).write(&report)?;
                self.write_record()?;
                Some(report)
            }
            Some(Beside::Nothing) => {
                self.write_record()?;
                Some(self.report(Beside::Nothing)?)
            }
            None => {
                self.write_record()?;
                None
            }
        };
        Ok(Finished {
            record: self.record,
            report,
            folder: self.run.path().to_owned(),
        })
    }

    fn write_record(&self) -> Result<()> {
        let text = serde_json::to_string_pretty(&self.record)
            .map_err(|error| Error::build("record", error))?;
        Ok(write_atomically(&self.run.figures(), text.as_bytes())?)
    }

    fn report(&self, beside: Beside) -> Result<Report> {
        let images = Images {
            catalog: &self.data.catalog,
            stack: &self.images,
        };
        let cases = std::slice::from_ref(&self.case);
        let records = std::slice::from_ref(&self.record);
        let said = [self.data.said(), self.repeated.remarks()].concat();
        let context = ReportContext {
            said,
            unread: Some(self.data.unread()),
            required: self.record.required,
            enrol: None,
            episodes: None,
        };
        run_report(images, cases, records, context, beside)
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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::atomic::AtomicBool;

    use tempfile::TempDir;

    use super::*;
    use crate::recipe_file::read_recipe;
    use crate::train::TrainSettings;
    use crate::watch::Quiet;

    const RECIPE: &str = r#"name = "tiny"
[protocol]
name = "k-fold:2"
[pairs]
per_kind = 8
[encoder]
input = [1, 8, 6]
layers = ["flatten", { dense = 2 }]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
lr = 0.003
[train]
epochs = 1
batch = 8
"#;

    /// A training of four subjects that is saved, and of which no report can be made.
    fn without_report(place: &Path) -> Concluded {
        for (subject, image) in (0..4_u8).flat_map(|s| (0..4_u8).map(move |i| (s, i))) {
            let folder = place.join(format!("faces/p{subject}"));
            fs::create_dir_all(&folder).unwrap();
            let mut file = b"P5\n6 8\n255\n".to_vec();
            let step = [5, 11, 23, 37][usize::from(subject)];
            file.extend((0..48).map(|at| (at * at * step % 241) as u8 + image));
            fs::write(folder.join(format!("{image}.pgm")), file).unwrap();
        }
        let recipe = place.join("tiny.toml");
        fs::write(&recipe, RECIPE).unwrap();
        let recipe = read_recipe(recipe.to_str().unwrap(), &[]).unwrap();
        let settings =
            TrainSettings::new(recipe, place.join("faces")).into_folder(place.join("out"));
        let prepared = Prepared::new(&settings, &mut Quiet).unwrap();
        let trained = prepared.train(&AtomicBool::new(false), &mut Quiet).unwrap();
        let mut concluded = trained.unwrap().conclude().unwrap();
        concluded.case.threshold = f64::NAN;
        concluded
    }

    #[test]
    fn figures_for_the_terminal_that_fail_leave_a_complete_run() {
        let place = TempDir::new().unwrap();
        let concluded = without_report(place.path());
        let (nothing, all) = (Some(Beside::Nothing), Some(Beside::Everything));
        assert!(concluded.finish(nothing, &mut Quiet).is_err());
        assert!(place.path().join("out/figures.json").exists());

        let place = TempDir::new().unwrap();
        let concluded = without_report(place.path());
        assert!(concluded.finish(all, &mut Quiet).is_err());
        assert!(!place.path().join("out/figures.json").exists());
    }
}
