//! Everything that can be checked and read before the first step.

use std::time::Instant;

use siamese_model::{Checkpoint, Device, DeviceChoice, device_name, try_scripts};
use siamese_net::{ImageStack, Recipe, write_atomically};

use super::models::expect_threshold;
use super::resumed::{Resumed, difference};
use super::settings::{Start, TrainSettings};
use crate::begin::Base;
use crate::compute::{Compute, threads_for};
use crate::data::{Checksums, Data};
use crate::error::{Error, Result, TrainError};
use crate::experiment::Experiment;
use crate::note::{Lesson, Note};
use crate::run::RunDir;
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
    pub(super) run: RunDir,
    /// One for each network; absent where it was not begun.
    pub(super) checkpoints: Vec<Option<Checkpoint>>,
}

impl Prepared {
    /// Reads and checks everything, and takes the folder.
    ///
    /// # Errors
    /// Where the recipe, the images, the model to begin with or the folder do not allow it.
    pub fn new(settings: &TrainSettings, watch: &mut dyn Watch) -> Result<Self, Error> {
        let (recipe, resumed) = begun(settings)?;
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
        try_scripts(&recipe, device)?;
        let base = match (&settings.init, &resumed) {
            (Some(path), _) => Some(Base::read(path, device)?),
            (None, Some(resumed)) => resumed.base(device)?,
            (None, None) => None,
        };
        let misfit = base.as_ref().map(|base| base.expect_fit(&networks));
        let misfit = misfit.transpose()?.flatten();

        let reading = Instant::now();
        let data = Data::find(settings.data.clone())?.within(compute.memory);
        let experiment = Experiment::new(&recipe, &data.catalog)?;
        let images = data
            .load(&recipe, device != Device::Cpu)?
            .after_saying(watch);
        images.expect(recipe.images())?;
        expect_threshold(&recipe, &experiment)?;
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
            data: settings.data.path.clone(),
            milliseconds: 1e3 * reading.elapsed().as_secs_f64(),
        });
        if let Some(skipped) = data.skipped() {
            watch.note(&Note::Skipped(skipped));
        }
        watch.note(&Note::Trains {
            lesson: lesson(&recipe, &experiment),
            validation: experiment.validation.len(),
            test: experiment.test.pairs.len(),
            protocol: recipe.protocol.name.clone(),
            gpu: (device != Device::Cpu).then(|| device_name(device)),
            threads,
        });
        for note in misfit.into_iter().chain(known) {
            watch.note(&note);
        }

        let run = match settings.start {
            Start::Resume => RunDir::open(&settings.out)?,
            _ => RunDir::create(&settings.out, settings.replace)?,
        };
        let checkpoints = match resumed {
            Some(resumed) => {
                run.mend_history(&resumed.history())?;
                resumed.checkpoints
            }
            None => networks.iter().map(|_| None).collect(),
        };
        let recipe = run.keep_scripts(&recipe)?;
        let networks = recipe.members()?;
        write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
        if let Some(base) = &base {
            base.keep(&run)?;
        }
        if recipe.train.epochs == 0 {
            run.mend_history(&[])?;
        }
        Ok(Self {
            recipe,
            networks,
            device,
            threads,
            base,
            data,
            experiment,
            images,
            run,
            checkpoints,
        })
    }
}

/// The recipe, and what is there of its training.
fn begun(settings: &TrainSettings) -> Result<(Recipe, Option<Resumed>)> {
    let resumed = match &settings.start {
        Start::New(recipe) => return Ok(((**recipe).clone(), None)),
        Start::Resume => Resumed::read(&RunDir::open(&settings.out)?)?,
        Start::Trained { recipe, run } => Resumed::of_trained(run, (**recipe).clone())?,
    };
    Ok((resumed.recipe.clone(), Some(resumed)))
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
fn lesson(recipe: &Recipe, experiment: &Experiment) -> Lesson {
    match &recipe.batches {
        _ if recipe.train.epochs == 0 => Lesson::Nothing,
        Some(batches) => Lesson::Batches {
            subjects: batches.people,
            of: experiment.people.len(),
            images: batches.images,
            mixed: match (batches.mixed, &recipe.augment) {
                (1.., Some(augment)) => Some([batches.mixed, augment.mix]),
                _ => None,
            },
        },
        None => Lesson::Pairs(experiment.fit.len()),
    }
}
