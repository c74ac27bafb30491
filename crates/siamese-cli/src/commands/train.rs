//! `siamese train`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use pairgen::{PairKind, PairSet};
use siamese_model::{
    Checkpoint, Device, DeviceChoice, Embedder, EpochRecord, ImageStack, Keep, Member, Model,
    Outcome, Provenance, Recipe, Threshold, TrainOptions, Trained, TrainingSet, device_name,
    libtorch_version, train,
};

use super::report::{JUDGING, run_report, write_report};
use super::{compute, in_a_file_name};
use crate::args::TrainArgs;
use crate::data::Data;
use crate::experiment::{Experiment, read_recipe};
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::judge::{Case, Figures, Images, Training, distances, scores};
use crate::output::{Output, thousands};
use crate::plot::loss_curves;
use crate::progress::Progress;
use crate::run_dir::{RunDir, write_pairs};
use crate::run_record::RunRecord;

pub(crate) fn run(mut args: TrainArgs, output: Output) -> Result<ExitCode> {
    let resumed = match &args.resume {
        Some(path) => Some(Resumed::read(&RunDir::open(path)?)?),
        None => None,
    };
    if let Some(checkpoint) = resumed.as_ref().and_then(Resumed::any) {
        // The same bytes need the same device and threads.
        args.compute
            .threads
            .get_or_insert(u16::try_from(checkpoint.threads()).unwrap_or(1));
        if args.compute.device == DeviceChoice::Auto
            && let Ok(saved) = checkpoint.device().parse::<DeviceChoice>()
            && saved.resolve().is_ok()
        {
            args.compute.device = saved;
        }
    }
    let (device, threads) = compute(&args.compute)?;
    let recipe = match &resumed {
        Some(resumed) => {
            if let Some(checkpoint) = resumed.any() {
                differences(checkpoint, device, threads, output);
            }
            resumed.recipe.clone()
        }
        None => {
            let mut overrides = std::mem::take(&mut args.overrides);
            overrides.extend(args.seed.map(|seed| format!("seed={seed}")));
            read_recipe(args.recipe.as_deref().unwrap_or_default(), &overrides)?
        }
    };
    let networks = recipe.members()?;

    let reading = Instant::now();
    let data = Data::find(&args.data.data)?;
    let experiment = Experiment::new(&recipe, &data.catalog)?;
    let pixels = data.decode(recipe.data.resize)?;
    let images = ImageStack::new(pixels.view(), device)?;
    drop(pixels);
    images.expect_input(recipe.encoder.input)?;
    expect_threshold(&recipe, &experiment)?;
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
        Some(batches) => format!(
            "batches of {} of {} people with {} images each",
            batches.people,
            thousands(experiment.people.len() as u64),
            batches.images
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

    let run = match &args.resume {
        Some(path) => RunDir::open(path)?,
        None => RunDir::create(
            &args.out.clone().unwrap_or_else(|| default_folder(&recipe)),
            args.force,
        )?,
    };
    let mut checkpoints = match resumed {
        Some(resumed) => {
            run.mend_history(&resumed.history())?;
            resumed.checkpoints
        }
        None => Vec::new(),
    }
    .into_iter();
    siamese_model::write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;

    let stop = stop_flag()?;
    let set = TrainingSet {
        images: &images,
        pairs: &experiment.pairs,
        fit: &experiment.fit,
        validation: &experiment.validation,
        catalog: Some(&data.catalog),
        people: &experiment.people,
    };
    let training = Instant::now();
    let mut trained = Vec::with_capacity(networks.len());
    for (i, network) in networks.iter().enumerate() {
        let number = number(i, networks.len());
        let path = run.checkpoint(number);
        let options = TrainOptions {
            device,
            checkpoint: Some(&path),
            stop: &stop,
        };
        let of = number.map(|number| (number, networks.len()));
        let mut progress = Progress::new(&run, of, output.quiet);
        let result = train(network, &set, &options, checkpoints.next(), &mut progress);
        let history_failure = progress.finish();
        let result = result?;
        if let Some(error) = history_failure {
            return Err(error.context("the checkpoint is whole, but the history is not"));
        }
        if result.outcome == Outcome::Interrupted {
            output.note(&format!(
                "interrupted; everything up to here is saved. Go on with: siamese train --resume {}{}",
                quoted(run.path()),
                data_flag(&args)
            ));
            return Ok(ExitCode::from(INTERRUPTED));
        }
        trained.push(result);
    }
    let seconds = training.elapsed().as_secs_f64();

    let images = Images {
        catalog: &data.catalog,
        stack: &images,
        device,
    };
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
        "\nmodel, scores and loss curves are in {}",
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

/// What is there of an unfinished run: the networks' states, as far as they were begun.
struct Resumed {
    recipe: Recipe,
    checkpoints: Vec<Checkpoint>,
    /// As many as the recipe trains.
    networks: usize,
}

impl Resumed {
    fn read(run: &RunDir) -> Result<Self> {
        if run.checkpoint(None).exists() {
            let checkpoint = Checkpoint::load(&run.checkpoint(None))?;
            return Ok(Self {
                recipe: checkpoint.recipe().clone(),
                checkpoints: vec![checkpoint],
                networks: 1,
            });
        }
        let path = run.recipe();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read the recipe {}", path.display()))?;
        let recipe = Recipe::parse::<&str>(&text, &path.display().to_string(), &[])?;
        let networks = recipe.members()?.len();
        let paths = (1..=networks).map(|number| run.checkpoint(Some(number)));
        let checkpoints = paths
            .take_while(|path| path.exists())
            .map(|path| Ok(Checkpoint::load(&path)?))
            .collect::<Result<_>>()?;
        Ok(Self {
            recipe,
            checkpoints,
            networks,
        })
    }

    fn any(&self) -> Option<&Checkpoint> {
        self.checkpoints.first()
    }

    /// Every completed epoch, with its network.
    fn history(&self) -> Vec<(Option<usize>, EpochRecord)> {
        let all = self.checkpoints.iter().enumerate();
        all.flat_map(|(i, checkpoint)| {
            let number = number(i, self.networks);
            let records = checkpoint.history().iter();
            records.map(move |record| (number, record.clone()))
        })
        .collect()
    }
}

/// Writes models, scores and plots, and judges.
fn conclude(
    recipe: &Recipe,
    trained: &[Trained],
    run: &RunDir,
    images: Images<'_>,
    experiment: Experiment,
) -> Result<(Case, Figures)> {
    let samples = experiment.people.iter();
    let samples = samples.flat_map(|&subject| images.catalog.samples_of(subject));
    let (numbers, subjects): (Vec<i64>, Vec<i64>) = samples
        .map(|sample| {
            let subject = images.catalog.subject_of(sample);
            (i64::from(sample), i64::from(subject))
        })
        .unzip();
    let model = |keep: Keep| -> Result<Model> {
        let mut members = Vec::with_capacity(trained.len());
        let mut epoch = 0;
        for trained in trained {
            let (encoder, of) = trained.encoder(keep)?;
            epoch = epoch.max(of);
            let spec = recipe.embedding.as_ref();
            members.push(Member::fit(
                encoder,
                spec,
                images.stack,
                &numbers,
                &subjects,
            )?);
        }
        let embedder = Embedder::new(members, recipe.embedding)?;
        let threshold = threshold(recipe, &embedder, images.stack, &experiment)?;
        let provenance = Provenance {
            siamese: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: libtorch_version().to_owned(),
            device: device_name(images.device),
            epoch,
            data_sha256: images.stack.sha256().to_owned(),
        };
        Ok(Model {
            recipe: recipe.clone(),
            embedder,
            threshold,
            provenance,
        })
    };
    let chosen = model(recipe.train.keep)?;
    chosen.save(&run.model())?;
    let (other, name) = match recipe.train.keep {
        Keep::Best => (Keep::Last, "last"),
        Keep::Last => (Keep::Best, "best"),
    };
    if !experiment.validation.is_empty() {
        model(other)?.save(&run.other_model(name))?;
    }
    for (i, of) in trained.iter().enumerate() {
        let number = number(i, trained.len());
        let title = match number {
            Some(number) => format!("{}, seed {}, network {number}", recipe.name, recipe.seed),
            None => format!("{}, seed {}", recipe.name, recipe.seed),
        };
        for ending in ["svg", "png"] {
            let path = run.loss_plot(number, ending);
            loss_curves(&path, &title, &of.history)
                .with_context(|| format!("cannot draw {}", path.display()))?;
        }
    }
    let training = Training::of(&experiment, images.catalog);
    let case = Case::new(chosen, experiment.test, Some(training), run.read_history())?;
    let found = case.distances(images)?;
    write_pairs(
        &run.scores(),
        images.catalog,
        &case.test.pairs,
        Some(&found),
    )?;
    let figures = case.figures(images, found)?;
    Ok((case, figures))
}

const NO_THRESHOLD: &str = "there would be no threshold: there are no validation pairs of both kinds to find one on; set \
                            decision.threshold, or a larger protocol.validation";

/// Fails before the training where its end would.
fn expect_threshold(recipe: &Recipe, experiment: &Experiment) -> Result<()> {
    let validation = experiment.pairs.select(&experiment.validation);
    let kinds = [PairKind::Genuine, PairKind::Impostor];
    if recipe.decision.threshold.is_none() && kinds.iter().any(|&kind| validation.count(kind) == 0)
    {
        bail!(NO_THRESHOLD);
    }
    Ok(())
}

/// The recipe's threshold, or the one at the validation pairs' equal error rate.
fn threshold(
    recipe: &Recipe,
    embedder: &Embedder,
    images: &ImageStack,
    experiment: &Experiment,
) -> Result<Option<Threshold>> {
    if let Some(value) = recipe.decision.threshold {
        return Ok(Some(Threshold {
            value,
            source: "the recipe's".to_owned(),
        }));
    }
    if experiment.validation.is_empty() {
        return Ok(None);
    }
    let pairs: PairSet = experiment.pairs.select(&experiment.validation);
    let found = distances(embedder, images, &pairs, recipe.distance())?;
    let people = if recipe.protocol.validation_people > 0 {
        "held-out people"
    } else {
        "training people"
    };
    let eer = scores(&pairs, &found)?.eer().ok();
    Ok(eer.map(|eer| Threshold {
        value: eer.threshold,
        source: format!("equal error rate on validation pairs of {people}"),
    }))
}

fn default_folder(recipe: &Recipe) -> PathBuf {
    let fold = match recipe.protocol.name.as_str() {
        "seed-pairs" => String::new(),
        name => format!("-{}-{}", in_a_file_name(name), recipe.protocol.fold),
    };
    PathBuf::from("runs").join(format!("{}{fold}-s{}", recipe.name, recipe.seed))
}

/// Says where a resumed run will round differently from the run it goes on with.
fn differences(checkpoint: &Checkpoint, device: Device, threads: usize, output: Output) {
    if checkpoint.device() != device_name(device) {
        output.note(&format!(
            "note: the run began on {}; on {} it goes on, but not to the same bytes",
            checkpoint.device(),
            device_name(device)
        ));
    } else if checkpoint.threads() != threads {
        output.note(&format!(
            "note: the run began on {} threads; on {threads} it goes on, but not to the same bytes",
            checkpoint.threads()
        ));
    }
}

/// `--data` as it must be given again.
fn data_flag(args: &TrainArgs) -> String {
    if args.data.data == Path::new("datasets/orl_faces") {
        String::new()
    } else {
        format!(" --data {}", quoted(&args.data.data))
    }
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted(Path::new("runs/seed-s1")), "runs/seed-s1");
        assert_eq!(quoted(Path::new("my faces")), "'my faces'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
    }
}
