//! A model judged on images, those of its training or others.

mod settings;

pub use settings::{EvalSettings, Judges};

use std::path::{Path, PathBuf};

use siamese_net::{EmbeddingModel, ImageStack, Origin, Threshold};
use siamese_report::Report;

use crate::begin::trained_people;
use crate::data::{Checksums, Data};
use crate::error::{Error, JudgeError, Result, Within};
use crate::experiment::{Experiment, TestPairs, people_sha256};
use crate::judge::{Beside, Case, Figures, Images, Training, eval_report};
use crate::note::Note;
#[cfg(feature = "train")]
use crate::run::model_file;
use crate::run::{in_a_file_name, write_pairs};
use crate::watch::Watch;

/// A model with what judges it.
pub struct Evaluation {
    settings: EvalSettings,
    data: Data,
    stack: ImageStack,
    case: Case,
}

impl Evaluation {
    /// Reads the model, which libtorch computes, and the images.
    ///
    /// # Errors
    /// Where the model or the images cannot be read, or do not go with what judges.
    #[cfg(feature = "train")]
    pub fn new(settings: &EvalSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        let (device, _) = settings.compute.resolve()?;
        let model = siamese_model::Model::load(&model_file(&settings.model)?, device)?;
        let data = Data::find(settings.data.clone())?.within(settings.compute.memory);
        Self::of(settings, Box::new(model), data, watch)
    }

    /// A model, whatever computes it, on these images. The paths of the settings only name both in the report.
    ///
    /// # Errors
    /// Where the images cannot be read, or do not go with what judges.
    pub fn of(
        settings: &EvalSettings,
        model: Box<dyn EmbeddingModel>,
        data: Data,
        watch: &mut dyn Watch,
    ) -> Result<Self, Error> {
        let mut test = test_pairs(settings, &*model, &data)?;
        if test.pairs.is_empty() {
            return Err(JudgeError::NoPairs { what: test.what }.into());
        }
        let stack = data
            .load(model.recipe(), model.engine().on_gpu)?
            .after_saying(watch);
        let mut training = None;
        if stack.sha256() == model.provenance().data_sha256 {
            // The same images called by other people's names need not fit the recipe's protocol, nor a list that was changed.
            let experiment = Experiment::new(model.recipe(), &data.catalog).ok();
            match experiment.filter(|experiment| is_of(&*model, experiment)) {
                Some(experiment) => {
                    test.mark_known(&data.catalog, &experiment.known);
                    training = Some(Training::of(&experiment, &data.catalog));
                }
                None => watch.note(&Note::DivisionForgotten {
                    protocol: model.recipe().protocol.name.clone(),
                }),
            }
        } else {
            test.mark_other_images();
        }
        mark_known_to_origins(&mut test, &*model, &data, &stack)?;
        let case = match settings.threshold {
            Some(value) => {
                let source = "--threshold".to_owned();
                let threshold = Threshold { value, source };
                Case::decided_by(threshold, model, test, training, Vec::new())
            }
            None => Case::new(model, test, training, Vec::new())?,
        };
        Ok(Self {
            settings: settings.clone(),
            data,
            stack,
            case,
        })
    }

    fn images(&self) -> Images<'_> {
        Images {
            catalog: &self.data.catalog,
            stack: &self.stack,
        }
    }

    /// What judges the model, as a protocol's name or the path of a list.
    #[must_use]
    pub fn protocol(&self) -> String {
        match &self.settings.judges {
            Judges::OwnProtocol => self.case.model.recipe().protocol.name.clone(),
            Judges::Protocol { name, .. } => name.clone(),
            Judges::EveryPair => "all".to_owned(),
            Judges::List(list) => list.display().to_string(),
        }
    }

    /// A folder for the report: inside the run that is judged, or beside other runs. Data and protocol tell reports apart.
    #[must_use]
    pub fn default_folder(&self) -> PathBuf {
        let parent = match self.settings.model.is_dir() {
            true => &self.settings.model,
            false => Path::new("runs"),
        };
        let data = self.settings.data.path.file_stem().unwrap_or_default();
        let data = data.to_string_lossy();
        parent.join(format!("eval-{data}-{}", in_a_file_name(&self.protocol())))
    }

    /// Writes every pair with its distance as CSV.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write_scores(&self, path: &Path) -> Result<(), Error> {
        let pairs = &self.case.test.pairs;
        let distances = self.case.distances(self.images())?;
        write_pairs(path, &self.data.catalog, pairs, Some(distances))
    }

    /// The figures in brief.
    ///
    /// # Errors
    /// Where a distance is no number.
    pub fn figures(&self) -> Result<Figures, Error> {
        self.case.figures(self.images())
    }

    /// Everything that a report shows. Other methods are judged beside the network, which takes a while on large sets.
    ///
    /// # Errors
    /// Where something cannot be judged.
    pub fn report(self, beside: Beside) -> Result<Report, Error> {
        let protocol = self.protocol();
        let images = Images {
            catalog: &self.data.catalog,
            stack: &self.stack,
        };
        let places = [&self.settings.model, &self.settings.data.path].map(PathBuf::as_path);
        eval_report(
            images,
            self.case,
            &protocol,
            places,
            self.data.skipped(),
            beside,
        )
    }
}

/// The pairs that judge.
fn test_pairs(
    settings: &EvalSettings,
    model: &dyn EmbeddingModel,
    data: &Data,
) -> Result<TestPairs> {
    let mut recipe = model.recipe().clone();
    match &settings.judges {
        Judges::List(list) => return TestPairs::from_list(&data.catalog, list),
        Judges::EveryPair => {
            let everyone = data.catalog.all_subjects();
            return TestPairs::every(&data.catalog, &everyone, recipe.seed, "all");
        }
        Judges::Protocol { name, fold } => {
            recipe.protocol.name.clone_from(name);
            recipe.protocol.fold = *fold;
        }
        Judges::OwnProtocol => {}
    }
    let experiment = Experiment::new(&recipe, &data.catalog).within(|| {
        format!(
            "{} cannot be judged by {}",
            settings.data.path.display(),
            recipe.protocol.name
        )
    })?;
    Ok(experiment.test)
}

/// Marks subjects that the weights knew before they were trained by the model's own recipe.
fn mark_known_to_origins(
    test: &mut TestPairs,
    model: &dyn EmbeddingModel,
    data: &Data,
    stack: &ImageStack,
) -> Result<()> {
    let mut sums = Checksums::new(data);
    sums.know(model.recipe(), stack.sha256());
    for origin in model.provenance().origin.iter().flat_map(Origin::line) {
        if let Some(people) = trained_people(origin, data, &mut sums)? {
            test.mark_known(&data.catalog, &people);
        }
    }
    Ok(())
}

/// Whether the people of this experiment are those that the model was trained on, as far as it says.
fn is_of(model: &dyn EmbeddingModel, experiment: &Experiment) -> bool {
    let own = model.provenance().people_sha256.as_ref();
    own.is_none_or(|sha256| *sha256 == people_sha256(&experiment.known))
}
