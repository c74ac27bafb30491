//! A model judged on images, those of its training or others.

mod settings;

pub use settings::{EvalSettings, Judges};

use std::path::{Path, PathBuf};

use pairgen::Protocol;
use sha2::{Digest, Sha256};
use siamese_net::{EmbeddingModel, ImageStack, Origin, Threshold};
use siamese_report::Report;

use crate::begin::trained_people;
use crate::data::{Checksums, Data};
use crate::duplicates::said_of;
use crate::error::{Error, JudgeError, Result, Within};
use crate::experiment::{Experiment, TestPairs, people_sha256};
use crate::judge::{Beside, Case, Figures, Images, ReportContext, Training, eval_report, required};
use crate::note::Note;
use crate::run::{in_a_file_name, list_pairs, model_file};
use crate::watch::Watch;

/// A model with what judges it.
pub struct Evaluation {
    settings: EvalSettings,
    data: Data,
    stack: ImageStack,
    case: Case,
    /// Of the data, beside the figures.
    said: Vec<String>,
}

impl Evaluation {
    /// Reads the model, see [`Compute::open`](crate::Compute::open), and the images.
    ///
    /// # Errors
    /// Where the model or the images cannot be read, or do not go with what judges.
    pub fn new(settings: &EvalSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        let model = settings.compute.open(&model_file(&settings.model)?)?;
        let protocol = match &settings.judges {
            Judges::OwnProtocol => Some(&model.recipe().protocol.name),
            Judges::Protocol { name, .. } => Some(name),
            Judges::EveryPair | Judges::List(_) => None,
        };
        let mut source = settings.data.clone();
        if let Some(protocol) = protocol {
            source = source.with_runs_of(protocol)?;
        }
        let data = Data::find(source)?.within(settings.compute.memory);
        Self::of(settings, model, data, watch)
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
        if let Some(value) = settings.threshold
            && !(value.is_finite() && value >= 0.0)
        {
            return Err(JudgeError::NoDistance { value }.into());
        }
        let required = required(settings.required, model.recipe());
        let mut test = test_pairs(settings, &*model, &data)?;
        if test.pairs.is_empty() {
            return Err(JudgeError::NoPairs { what: test.what }.into());
        }
        let stack = data.load(model.recipe())?.after_saying(watch);
        let said = said_of(&data, &stack)?;
        said.iter()
            .for_each(|said| watch.note(&Note::OfData(said.clone())));
        let mut training = None;
        if stack.sha256() == model.provenance().data_sha256 {
            // The same images called by other people's names need not fit the recipe's protocol, nor a list that was changed.
            let list = settings.kept_list();
            let experiment =
                Experiment::with_list(model.recipe(), &data.catalog, list.as_deref()).ok();
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
        mark_known(&mut test, &*model, &data, &stack, training.is_some())?;
        let case = match settings.threshold {
            Some(value) => {
                let source = "--threshold".to_owned();
                let threshold = Threshold { value, source };
                Case::decided_by(threshold, model, test, training, Vec::new())
            }
            None => Case::new(model, test, training, Vec::new())?,
        };
        Ok(Self {
            settings: EvalSettings {
                required,
                ..settings.clone()
            },
            data,
            stack,
            case,
            said,
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

    /// A folder for the report: inside the run that is judged, or beside other runs. Data, protocol and fold tell reports
    /// apart, and so do the first digits of a fingerprint of the model's recipe and provenance.
    #[must_use]
    pub fn default_folder(&self) -> PathBuf {
        let parent = match self.settings.model.is_dir() {
            true => &self.settings.model,
            false => Path::new("runs"),
        };
        let data = self.settings.data.path.file_stem().unwrap_or_default();
        let data = data.to_string_lossy();
        let protocol = in_a_file_name(&self.protocol());
        let fold = match self.settings.judges {
            Judges::Protocol { fold, .. } => format!("-{fold}"),
            _ => String::new(),
        };
        let model = fingerprint(&*self.case.model);
        parent.join(format!("eval-{data}-{protocol}{fold}-{model}"))
    }

    /// Every pair with its distance, as CSV.
    ///
    /// # Errors
    /// Where an image cannot be read, or the computation fails.
    pub fn scores(&self) -> Result<Vec<u8>, Error> {
        let pairs = &self.case.test.pairs;
        let distances = self.case.distances(self.images())?;
        list_pairs(&self.data.catalog, pairs, Some(distances))
    }

    /// The figures in brief.
    ///
    /// # Errors
    /// Where a distance is no number.
    pub fn figures(&self) -> Result<Figures, Error> {
        let references = self.settings.enrol;
        self.case.figures_with(self.images(), references)
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
        let context = ReportContext {
            said: self.said,
            unread: Some(self.data.unread()),
            required: self.settings.required,
            enrol: self.settings.enrol,
            episodes: self.settings.episodes,
        };
        let places = [&self.settings.model, &self.settings.data.path].map(PathBuf::as_path);
        eval_report(images, self.case, &protocol, places, context, beside)
    }
}

/// What tells a model from others in a file's name.
fn fingerprint(model: &dyn EmbeddingModel) -> String {
    // What has no form as a text is left out of it: two models then share a name, and neither replaces the other.
    let recipe = model.recipe().to_toml().unwrap_or_default();
    let provenance = serde_json::to_string(model.provenance()).unwrap_or_default();
    let hash = Sha256::digest(format!("{recipe}\n{provenance}").as_bytes());
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The pairs that judge.
fn test_pairs(
    settings: &EvalSettings,
    model: &dyn EmbeddingModel,
    data: &Data,
) -> Result<TestPairs> {
    let mut recipe = model.recipe().clone();
    let mut kept = None;
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
        Judges::OwnProtocol => kept = settings.kept_list(),
    }
    if !recipe
        .protocol
        .name
        .parse::<Protocol>()
        .is_ok_and(|protocol| protocol.leaks_people())
    {
        // The test is that of people; what was learnt from need not be here.
        recipe.pairs.list = None;
        recipe.pairs.skilled = 0.0;
        if let Some(batches) = &mut recipe.batches {
            batches.forgeries = 0;
        }
    }
    let experiment = Experiment::with_list(&recipe, &data.catalog, kept.as_deref());
    let experiment = experiment.within(|| {
        format!(
            "{} cannot be judged by {}",
            settings.data.path.display(),
            recipe.protocol.name
        )
    })?;
    Ok(experiment.test)
}

/// Marks subjects that a model was trained on where the training cannot be drawn again (`divided` says that it was), as with
/// other one-shot runs than these images have, and those that its weights knew before.
fn mark_known(
    test: &mut TestPairs,
    model: &dyn EmbeddingModel,
    data: &Data,
    stack: &ImageStack,
    divided: bool,
) -> Result<()> {
    let mut sums = Checksums::new(data);
    sums.know(model.recipe(), stack.sha256());
    // Nobody asks for the checksum of its file.
    let own = Origin::new(model.recipe(), model.provenance(), &[]);
    let with_other_runs = (!divided).then_some(&own);
    let before = own.origin.iter().flat_map(|origin| origin.line());
    for origin in with_other_runs.into_iter().chain(before) {
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
