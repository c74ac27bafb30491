//! `siamese train`.

mod conclude;
mod go_on;
mod resumed;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};
use siamese_lab::{Base, Checksums, Data, Experiment, RunDir, read_recipe};
use siamese_model::{
    Device, DeviceChoice, Network, Outcome, Recipe, TrainOptions, Trained, TrainingSet,
    device_name, libtorch_version, train_all,
};

use super::report::{JUDGING, run_report, write_report};
use super::{compute, in_a_file_name, threads_for};
use crate::args::TrainArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::judge::Images;
use crate::output::{Output, thousands};
use crate::progress::Progress;
use crate::run_record::RunRecord;
use conclude::{conclude, expect_threshold, save_last_good};
use resumed::{Resumed, differences};

pub(crate) fn run(mut args: TrainArgs, output: Output) -> Result<ExitCode> {
    let mut overrides = std::mem::take(&mut args.overrides);
    overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
    let own_recipe = || read_recipe(args.recipe.as_deref().unwrap_or_default(), &overrides);
    let resumed = match (&args.resume, &args.trained) {
        (Some(path), _) => Some(Resumed::read(&RunDir::open(path)?)?),
        (None, Some(path)) => Some(Resumed::of_trained(path, own_recipe()?)?),
        (None, None) => None,
    };
    // The same bytes need the same device.
    if let Some(checkpoint) = resumed.as_ref().and_then(Resumed::any)
        && args.compute.device == DeviceChoice::Auto
        && let Ok(saved) = checkpoint.device().parse::<DeviceChoice>()
        && saved.resolve().is_ok()
    {
        args.compute.device = saved;
    }
    let recipe = match &resumed {
        Some(resumed) => resumed.recipe.clone(),
        None => own_recipe()?,
    };
    let networks = recipe.members()?;
    if recipe.fine_tune.is_some() && args.init.is_none() && resumed.is_none() {
        bail!(
            "the recipe has [fine_tune], so it needs a model to begin with: give one with --init MODEL, or remove [fine_tune]"
        );
    }
    args.compute
        .threads
        .get_or_insert(threads_for(networks.len()));
    let (device, threads) = compute(&args.compute)?;
    if let Some(checkpoint) = resumed.as_ref().and_then(Resumed::any) {
        differences(checkpoint, device, output);
    }
    recipe.try_scripts(device)?;
    let base = match &args.init {
        Some(path) => Some(Base::read(path, device)?),
        None => match &resumed {
            Some(resumed) => resumed.base(device)?,
            None => None,
        },
    };
    let misfit = base.as_ref().map(|base| base.expect_fit(&networks));
    let misfit = misfit.transpose()?.flatten();

    let reading = Instant::now();
    let data = Data::find(&args.data.data)?.within(args.compute.memory.said());
    let experiment = Experiment::new(&recipe, &data.catalog)?;
    let images = output.images(data.load(&recipe, device)?);
    images.expect(recipe.images())?;
    expect_threshold(&recipe, &experiment)?;
    let leak = match &base {
        Some(base) => {
            let mut sums = Checksums::new(&data);
            sums.know(recipe.encoder.input[0], recipe.data.resize, images.sha256());
            base.expect_strangers(&data, &experiment, &mut sums)?
        }
        None => Vec::new(),
    };
    output.note(&format!(
        "{}: {} images of {} people from {}, read in {:.0} ms",
        recipe.name,
        thousands(data.catalog.len() as u64),
        thousands(u64::from(data.catalog.subjects())),
        args.data.data.display(),
        1e3 * reading.elapsed().as_secs_f64()
    ));
    if let Some(skipped) = data.skipped() {
        output.note(&skipped);
    }
    let training = match &recipe.batches {
        _ if recipe.train.epochs == 0 => "a ready program, no training".to_owned(),
        Some(batches) => format!(
            "batches of {} of {} people with {} images each{}",
            batches.people,
            thousands(experiment.people.len() as u64),
            batches.images,
            match (batches.mixed, &recipe.augment) {
                (1.., Some(augment)) => format!(" and {} of {} mixed", batches.mixed, augment.mix),
                _ => String::new(),
            }
        ),
        None => format!("{} training", thousands(experiment.fit.len() as u64)),
    };
    output.note(&format!(
        "{training}, {} validation, {} test pairs ({}); on {}",
        thousands(experiment.validation.len() as u64),
        thousands(experiment.test.pairs.len() as u64),
        recipe.protocol.name,
        match device {
            Device::Cpu => format!(
                "the CPU with {threads} thread{}",
                if threads == 1 { "" } else { "s" }
            ),
            device => device_name(device),
        }
    ));

    for note in misfit.into_iter().chain(leak) {
        output.note(note);
    }

    let run = match &args.resume {
        Some(path) => RunDir::open(path)?,
        None => RunDir::create(
            &args
                .out
                .folder
                .clone()
                .unwrap_or_else(|| default_folder(&recipe)),
            args.out.force,
        )?,
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
    siamese_model::write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
    if let Some(base) = &base {
        base.keep(&run)?;
    }
    if recipe.train.epochs == 0 {
        run.mend_history(&[])?;
    }

    let stop = stop_flag()?;
    let set = TrainingSet {
        images: &images,
        pairs: &experiment.pairs,
        fit: &experiment.fit,
        validation: &experiment.validation,
        catalog: Some(&data.catalog),
        people: &experiment.people,
    };
    let judged = |stack| Images {
        catalog: &data.catalog,
        stack,
        device,
    };
    let training = Instant::now();
    let paths: Vec<_> = (0..networks.len())
        .map(|i| run.checkpoint(number(i, networks.len())))
        .collect();
    let mut progress = Progress::of_each(&run, networks.len(), output.quiet);
    let inits = (0..networks.len()).map(|i| base.as_ref().map(|base| base.init(i)).transpose());
    let inits: Vec<_> = inits.collect::<Result<_, _>>()?;
    let all = networks.iter().zip(&paths).zip(checkpoints);
    let all = all.zip(inits).zip(&mut progress);
    let all = all.map(|((((recipe, path), resume), init), observer)| Network {
        recipe,
        options: TrainOptions {
            device,
            checkpoint: Some(path),
            stop: &stop,
        },
        resume,
        init,
        observer,
    });
    let result = train_all(all.collect(), &set);
    let failures: Vec<_> = progress.into_iter().filter_map(Progress::finish).collect();
    let trained = match result {
        // One network of several is no model.
        Err(error) if error.finding().is_some() && networks.len() == 1 => {
            let images = judged(&images);
            return Err(save_last_good(
                error,
                &recipe,
                &run.checkpoint(None),
                &run,
                images,
                &experiment,
            ));
        }
        result => result?,
    };
    if let Some(error) = failures.into_iter().next() {
        return Err(error.context("the checkpoint is whole, but the history is not"));
    }
    let interrupted = |trained: &Trained| trained.outcome == Outcome::Interrupted;
    if trained.len() < networks.len() || trained.iter().any(interrupted) {
        output.note(&format!(
            "interrupted; everything up to here is saved. Go on with: {}",
            go_on::command(run.path(), &args.data.data)
        ));
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let seconds = training.elapsed().as_secs_f64();

    let images = judged(&images);
    let pairs_sha256 = experiment.sha256();
    let (case, figures) = conclude(&recipe, &trained, &run, images, experiment)?;
    nothing_left_to_save(&stop);
    let record = RunRecord {
        recipe: recipe.name.clone(),
        seed: recipe.seed,
        protocol: recipe.protocol.name.clone(),
        fold: recipe.protocol.fold,
        run: run.path().display().to_string(),
        data: args.data.data.display().to_string(),
        epochs: trained.iter().map(epochs).max().unwrap_or(0),
        seconds,
        device: device_name(device),
        threads,
        siamese: env!("CARGO_PKG_VERSION").to_owned(),
        libtorch: libtorch_version().to_owned(),
        data_sha256: images.stack.sha256().to_owned(),
        pairs_sha256,
        origin: trained.first().and_then(Trained::origin).cloned(),
        figures,
    };
    let mut text = record.figures.text();
    if !args.no_report {
        output.note(JUDGING);
        let report = run_report(
            images,
            &[case],
            std::slice::from_ref(&record),
            data.skipped(),
        )?;
        text.push_str(&write_report(run.path(), &report)?);
    }
    // Last: where it is, the run is complete.
    siamese_model::write_atomically(
        &run.figures(),
        serde_json::to_string_pretty(&record)?.as_bytes(),
    )?;
    text.push_str(&format!(
        "\n{} are in {}",
        match record.epochs {
            0 => "model and scores",
            _ => "model, scores and loss curves",
        },
        run.path().display()
    ));
    output.result(&record, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// The number of a network where there are several, counted from 1.
fn number(i: usize, networks: usize) -> Option<usize> {
    (networks > 1).then_some(i + 1)
}

/// The epochs that a training took.
fn epochs(trained: &Trained) -> u32 {
    trained.history.last().map_or(0, |record| record.epoch)
}

fn default_folder(recipe: &Recipe) -> PathBuf {
    let fold = match recipe.protocol.name.as_str() {
        "seed-pairs" => String::new(),
        name => format!("-{}-{}", in_a_file_name(name), recipe.protocol.fold),
    };
    PathBuf::from("runs").join(format!("{}{fold}-s{}", recipe.name, recipe.seed))
}
