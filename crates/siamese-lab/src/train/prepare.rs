//! Everything that can be checked and read before the first step.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use pairgen::Protocol;
use siamese_model::{
    Alone, Checkpoint, Collective, Device, DeviceChoice, device_name, try_programs,
};
use siamese_net::{ImageStack, Recipe, write_atomically};

use super::models::expect_threshold;
use super::resumed::{Resumed, difference};
use super::settings::{Start, TrainSettings};
use crate::begin::Base;
use crate::compute::{Compute, threads_for};
use crate::data::{Checksums, Data, DataSource};
use crate::duplicates::RepeatedPictures;
use crate::error::{Error, Result, RunError, TrainError, read_bytes};
use crate::experiment::{Experiment, list_of};
use crate::note::{Lesson, Note};
use crate::out::Work;
use crate::run::{BegunRun, RunDir, kept_list};
use crate::watch::Watch;

/// A training about to begin: all is read and known to be possible, and the folder is this process's.
pub struct Prepared {
    pub(super) recipe: Recipe,
    pub(super) networks: Vec<Recipe>,
    pub(super) device: Device,
    pub(super) threads: usize,
    pub(super) base: Option<Base>,
    pub(super) data: Data,
    /// Where the images are, as it was given.
    pub(super) experiment: Experiment,
    pub(super) images: ImageStack,
    pub(super) repeated: RepeatedPictures,
    pub(super) run: RunDir,
    /// One for each network; absent where it was not begun.
    pub(super) checkpoints: Vec<Option<Checkpoint>>,
    /// Those that train together.
    pub(super) processes: Arc<dyn Collective>,
}

impl Prepared {
    /// Reads and checks everything, and takes the folder.
    ///
    /// # Errors
    /// Where the recipe, the images, the model to begin with or the folder do not allow it, or nobody would be tested.
    pub fn new(settings: &TrainSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        Self::together(settings, Arc::new(Alone), watch)
    }

    /// The same for one of several processes that train together, each with the same settings. The first writes the folder; the
    /// others read it where the training goes on, and nothing else of it.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn together(
        settings: &TrainSettings,
        processes: Arc<dyn Collective>,
        watch: &mut dyn Watch,
    ) -> Result<Self, Error> {
        Self::of(settings, true, processes, watch)
    }

    /// The same for a training whose error rates others measure.
    pub(crate) fn unjudged(settings: &TrainSettings, watch: &mut dyn Watch) -> Result<Self> {
        Self::of(settings, false, Arc::new(Alone), watch)
    }

    fn of(
        settings: &TrainSettings,
        judged: bool,
        processes: Arc<dyn Collective>,
        watch: &mut dyn Watch,
    ) -> Result<Self> {
        let writes = processes.is_first();
        let (recipe, resumed) = begun(settings, writes)?;
        if judged && recipe.protocol.name.parse::<Protocol>()? == Protocol::Everybody {
            return Err(TrainError::NobodyToJudge.into());
        }
        let networks = recipe.members()?;
        if recipe.fine_tune.is_some() && settings.init.is_none() && resumed.is_none() {
            return Err(TrainError::NeedsModel.into());
        }
        let compute = same_device(settings.compute, resumed.as_ref());
        let threads = compute.threads.or(Some(threads_for(networks.len())));
        let (device, threads) = Compute { threads, ..compute }.resolve()?;
        let began = resumed.as_ref().and_then(Resumed::any);
        if let Some(note) = began.and_then(|began| difference(began, device)) {
            watch.note(&note);
        }
        try_programs(&recipe, device)?;
        let base = match (&settings.init, &resumed) {
            (Some(path), _) => Some(Base::read(path, device)?),
            (None, Some(resumed)) => resumed.base(device)?,
            (None, None) => None,
        };
        let misfit = base.as_ref().map(|base| base.expect_fit(&networks));
        let misfit = misfit.transpose()?.flatten();

        let reading = Instant::now();
        let data = Data::find(source(settings)?.with_runs_of(&recipe.protocol.name)?)?
            .within(compute.memory);
        let list = list(settings, &recipe)?;
        let experiment = Experiment::with_list(&recipe, &data.catalog, list.as_deref())?;
        let images = data.load(&recipe)?.after_saying(watch);
        images.expect(recipe.images())?;
        let repeated = RepeatedPictures::find(&data, &images)?;
        repeated.expect_none_shared(&data)?;
        if judged {
            expect_threshold(&recipe, &experiment)?;
        }
        let known = match &base {
            Some(base) => {
                let mut sums = Checksums::new(&data);
                sums.know(&recipe, images.sha256());
                base.expect_strangers(&data, &experiment, &mut sums)?
            }
            None => Vec::new(),
        };
        watch.note(&Note::Read {
            recipe: recipe.name.clone(),
            images: data.catalog.len(),
            subjects: data.catalog.subjects() as usize,
            data: data.source.path.clone(),
            milliseconds: 1e3 * reading.elapsed().as_secs_f64(),
        });
        let said = data.said().into_iter().chain(repeated.remarks());
        said.for_each(|said| watch.note(&Note::OfData(said)));
        watch.note(&Note::Trains {
            lesson: lesson(&recipe, &experiment, &data),
            validation: experiment.validation.len(),
            test: experiment.test.pairs.len(),
            protocol: recipe.protocol.name.clone(),
            gpu: (device != Device::Cpu).then(|| device_name(device)),
            threads,
        });
        for note in misfit.into_iter().chain(known) {
            watch.note(&note);
        }

        let run = match writes {
            true => folder(settings, &data.source, list.as_deref())?,
            false => RunDir::of_another(&settings.out),
        };
        let recipe = match writes {
            true => fill(&run, &recipe, base.as_ref(), resumed.as_ref())?,
            false => recipe,
        };
        let networks = recipe.members()?;
        let checkpoints = match resumed {
            Some(resumed) => resumed.checkpoints,
            None => networks.iter().map(|_| None).collect(),
        };
        Ok(Self {
            recipe,
            networks,
            device,
            threads,
            base,
            data,
            experiment,
            images,
            repeated,
            run,
            checkpoints,
            processes,
        })
    }
}

/// The recipe, and what is there of its training, for a folder that may be written.
fn begun(settings: &TrainSettings, writes: bool) -> Result<(Recipe, Option<Resumed>)> {
    if writes && settings.start != Start::Resume {
        Work::Training.expect_place(&settings.out)?;
        RunDir::expect_room(&settings.out, settings.replace)?;
    }
    let resumed = match &settings.start {
        Start::New(recipe) => return Ok(((**recipe).clone(), None)),
        Start::Resume => {
            let run = match writes {
                true => RunDir::open(&settings.out, settings.epochs.is_some())?,
                false => RunDir::of_another(&settings.out),
            };
            let resumed = Resumed::read(&run)?;
            resumed.expect_unedited(&run, settings.epochs)?;
            match settings.epochs {
                Some(epochs) => resumed.with_epochs(epochs, &run)?,
                None => resumed,
            }
        }
        Start::Trained { recipe, run } => Resumed::of_trained(run, (**recipe).clone())?,
    };
    Ok((resumed.recipe.clone(), Some(resumed)))
}

/// Where the images are: where they are said to be, or where the run that goes on remembers them. It also remembers how
/// they are read, where only another place is said.
fn source(settings: &TrainSettings) -> Result<DataSource> {
    let run = &settings.out;
    let remembered = match settings.start {
        Start::Resume => BegunRun::read(run)?.map(|begun| begun.data),
        _ => None,
    };
    match DataSource::said_or_remembered(settings.data.as_ref(), remembered) {
        Some(was) if settings.data.is_none() && !was.path.exists() => Err(RunError::DataMoved {
            path: run.clone(),
            data: was.path,
        }
        .into()),
        Some(source) => Ok(source),
        None => Err(RunError::NoData { path: run.clone() }.into()),
    }
}

/// The list that divides the subjects, where the protocol is one.
fn list(settings: &TrainSettings, recipe: &Recipe) -> Result<Option<PathBuf>> {
    let protocol = recipe.protocol.name.parse()?;
    Ok(list_of(&protocol).map(|named| {
        let kept = match settings.start {
            Start::Resume => kept_list(&settings.out),
            _ => None,
        };
        let said = settings.list.clone();
        said.or(kept).unwrap_or_else(|| named.to_owned())
    }))
}

/// Takes the folder of the run, and notes in it what the run has to remember.
fn folder(settings: &TrainSettings, data: &DataSource, list: Option<&Path>) -> Result<RunDir> {
    let list = list.map(read_bytes).transpose()?;
    let run = match settings.start {
        Start::Resume => RunDir::open(&settings.out, settings.epochs.is_some())?,
        _ => RunDir::create(&settings.out, settings.replace)?,
    };
    BegunRun::new(data)?.write(run.path())?;
    if let Some(list) = list {
        write_atomically(&run.list(), &list)?;
    }
    if settings.epochs.is_some() {
        run.reopen()?;
    }
    Ok(run)
}

/// Writes what a run has before its first step. Gives the recipe that names the ready networks which the run keeps.
fn fill(
    run: &RunDir,
    recipe: &Recipe,
    base: Option<&Base>,
    resumed: Option<&Resumed>,
) -> Result<Recipe> {
    if let Some(resumed) = resumed {
        run.mend_history(&resumed.history())?;
    }
    let recipe = run.keep_programs(recipe)?;
    // The recipe last: a run is known by it, and by the model that it began with.
    if let Some(base) = base {
        base.keep(run)?;
    }
    write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
    if recipe.train.epochs == 0 {
        run.mend_history(&[])?;
    }
    Ok(recipe)
}

/// The same bytes need the same device: that of what was begun, where none is asked for and it is there.
fn same_device(compute: Compute, resumed: Option<&Resumed>) -> Compute {
    let began = resumed.and_then(Resumed::any);
    if compute.device == DeviceChoice::Auto
        && let Some(began) = began
        && let Ok(device) = began.device().parse::<DeviceChoice>()
        && device.resolve().is_ok()
    {
        return Compute { device, ..compute };
    }
    compute
}

/// What is learnt from.
fn lesson(recipe: &Recipe, experiment: &Experiment, data: &Data) -> Lesson {
    let left_out = experiment.left_out_of_batches(recipe, &data.catalog).len();
    match &recipe.batches {
        _ if recipe.train.epochs == 0 => Lesson::Nothing,
        Some(batches) => Lesson::Batches {
            subjects: batches.people,
            of: experiment.people.len() - left_out,
            left_out,
            classes: recipe.classes_of_one(),
            images: batches.images,
            mixed: match (batches.mixed, &recipe.augment) {
                (1.., Some(augment)) => Some([batches.mixed, augment.mix]),
                _ => None,
            },
        },
        None => Lesson::Pairs(experiment.fit.len()),
    }
}
