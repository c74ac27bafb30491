//! `siamese crossval`: one training for each fold of a people-disjoint protocol, judged together.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use pairgen::{PairKind, Protocol};
use serde::{Deserialize, Serialize};
use siamese_lab::{Base, Checksums, Data, Experiment, Note, Spread, model_file, read_recipe};
use siamese_model::{Device, Model, Recipe, write_atomically};
use siamese_report::Report;

use super::held::held_instead;
use super::jobs::{Job, Pool};
use super::report::{JUDGING, read_case, run_report, write_report};
use super::{default_threads, in_a_file_name};
use crate::args::CrossvalArgs;
use crate::interrupt::{INTERRUPTED, nothing_left_to_save, stop_flag};
use crate::judge::{Figures, Images, Scored};
use crate::output::{Output, table};
use crate::run_record::RunRecord;

/// `crossval.json`: what the folder of a cross-validation holds, and the figures once all folds are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct CrossvalRecord {
    recipe: String,
    seed: u64,
    protocol: String,
    folds: usize,
    /// Where the images were, as it was given.
    pub(super) data: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    figures: Option<PooledFigures>,
}

/// Figures over all folds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PooledFigures {
    /// Over all comparisons of all folds.
    pooled: Figures,
    /// Over the folds' own figures.
    eer: Option<Spread>,
    auc: Option<Spread>,
    accuracy: Option<Spread>,
    balanced_accuracy: Option<Spread>,
}

/// A finished cross-validation, judged.
pub(super) struct Judged {
    pub(super) report: Report,
    figures: PooledFigures,
    records: Vec<RunRecord>,
}

pub(crate) fn run(args: &CrossvalArgs, output: Output) -> Result<ExitCode> {
    let device = args.pool.device.resolve()?;
    let overrides = &args.recipe.overrides;
    let recipe = read_recipe(&args.recipe.recipe, overrides)?;
    let protocol: Protocol = args
        .protocol
        .name
        .as_ref()
        .unwrap_or(&recipe.protocol.name)
        .parse()?;
    if protocol.leaks_people() {
        bail!(
            "{protocol} has no folds of people: choose another with --protocol, such as k-fold:5 or subjects-8-fold"
        );
    }
    // Before anything long begins: can each fold be drawn of this data?
    let data = Data::find(&args.data.data)?.within(args.pool.memory.said());
    let folds = protocol.folds(&data.catalog, recipe.seed)?.len();
    let out = args
        .out
        .folder
        .clone()
        .unwrap_or_else(|| default_folder(&recipe, &protocol));
    let mut jobs = jobs(&args.recipe.recipe, overrides, &protocol, folds, &out);
    for (fold, job) in jobs.iter_mut().enumerate() {
        let init = args.init.as_deref().map(|path| of_fold(path, fold));
        job.init = init.transpose()?;
    }
    let experiments = jobs
        .iter()
        .enumerate()
        .map(|(fold, job)| {
            Experiment::new(&job.recipe()?, &data.catalog).with_context(|| format!("fold {fold}"))
        })
        .collect::<Result<Vec<_>>>()?;
    for kind in [PairKind::Genuine, PairKind::Impostor] {
        if experiments
            .iter()
            .all(|experiment| experiment.test.count(kind) == 0)
        {
            bail!(
                "no fold of {protocol} would compare {}: choose folds with more people, or people with more images",
                match kind {
                    PairKind::Genuine => "two images of one person",
                    PairKind::Impostor => "images of two people",
                }
            );
        }
    }
    recipe.try_scripts(device)?;
    expect_bases(&jobs, &experiments, &data, output)?;
    fs::create_dir_all(&out).with_context(|| {
        format!(
            "cannot make the folder {}: choose another with --out",
            out.display()
        )
    })?;
    if args.out.force {
        jobs.iter().try_for_each(Job::forget)?;
    }
    refuse_others(&jobs, &experiments, &data)?;
    let record = CrossvalRecord::new(&recipe, &protocol, folds, &args.data.data);
    record.write_unless_there(&out)?;
    let pool = Pool::new(
        args.pool.jobs,
        folds,
        &args.data.data,
        data.memory(),
        device,
    );
    let (side_by_side, threads) = (pool.side_by_side, pool.threads);
    output.note(&format!(
        "{}, {protocol}: {folds} trainings into {}, {side_by_side} at a time with {threads} thread{} each; an \
         interrupted cross-validation goes on where it stopped",
        recipe.name,
        out.display(),
        if threads == 1 { "" } else { "s" }
    ));
    let stop = stop_flag()?;
    if !pool.run_all(&jobs, &stop, output)? {
        output
            .note("interrupted; everything up to here is saved. The same command goes on with it.");
        return Ok(ExitCode::from(INTERRUPTED));
    }
    nothing_left_to_save(&stop);
    output.note(JUDGING);
    siamese_model::set_threads(Some(default_threads()));
    let judged = read(&out, &record, &data, device, output)?;
    let text = judged.text() + &write_report(&out, &judged.report)?;
    let record = record.finish(judged, &out)?;
    output.result(&record, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// The model file that a fold begins with, given a model or the folder of a cross-validation.
fn of_fold(path: &Path, fold: usize) -> Result<PathBuf> {
    if CrossvalRecord::path(path).exists() {
        return Ok(model_file(&path.join(fold_name(fold)))?);
    }
    Ok(model_file(path)?)
}

/// Fails before any fold is trained where one cannot begin with its model.
fn expect_bases(
    jobs: &[Job],
    experiments: &[Experiment],
    data: &Data,
    output: Output,
) -> Result<()> {
    let mut sums = Checksums::new(data);
    let mut notes = Vec::new();
    for (fold, (job, experiment)) in jobs.iter().zip(experiments).enumerate() {
        let Some(path) = &job.init else { continue };
        let mut check = || -> Result<Vec<Note>> {
            let base = Base::read(path, Device::Cpu)?;
            let misfit = base.expect_fit(&job.recipe()?.members()?)?;
            let known = base.expect_strangers(data, experiment, &mut sums)?;
            Ok(misfit.into_iter().chain(known).collect())
        };
        for note in check().with_context(|| format!("fold {fold}"))? {
            // Of several folds that begin with one model, each would say the same.
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes.iter().for_each(|note| output.note(note));
    Ok(())
}

/// Refuses folders that hold another training than the one to come: finished ones are not trained again.
fn refuse_others(jobs: &[Job], experiments: &[Experiment], data: &Data) -> Result<()> {
    let mut checksums = Checksums::new(data);
    for (job, experiment) in jobs.iter().zip(experiments) {
        if let Some(what) = held_instead(job, experiment, &mut checksums)? {
            bail!(
                "{} holds a training {what}: choose another --out, or replace it with --force",
                job.folder.display()
            );
        }
    }
    Ok(())
}

/// The trainings of all folds, each into a folder of its own in `out`.
pub(super) fn jobs(
    recipe: &str,
    overrides: &[String],
    protocol: &Protocol,
    folds: usize,
    out: &Path,
) -> Vec<Job> {
    let of_fold = |fold: usize| {
        let own = [
            format!("protocol.name={protocol}"),
            format!("protocol.fold={fold}"),
        ];
        Job::new(recipe, out, &fold_name(fold), [overrides, &own].concat())
    };
    (0..folds).map(of_fold).collect()
}

impl CrossvalRecord {
    pub(super) fn new(recipe: &Recipe, protocol: &Protocol, folds: usize, data: &Path) -> Self {
        Self {
            recipe: recipe.name.clone(),
            seed: recipe.seed,
            protocol: protocol.to_string(),
            folds,
            data: data.display().to_string(),
            figures: None,
        }
    }

    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join("crossval.json")
    }

    pub(super) fn read(folder: &Path) -> Result<Self> {
        let path = Self::path(folder);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not what this version writes: run the cross-validation again",
                path.display()
            )
        })
    }

    /// Adds the figures, and writes it again.
    pub(super) fn finish(self, judged: Judged, folder: &Path) -> Result<Self> {
        let figures = Some(judged.figures);
        let record = Self { figures, ..self };
        record.write(folder)?;
        Ok(record)
    }

    /// Writes it, but for a folder that holds the same cross-validation, with its figures.
    fn write_unless_there(&self, folder: &Path) -> Result<()> {
        let there = Self::read(folder).ok().map(|found| Self {
            figures: None,
            ..found
        });
        match there {
            Some(found) if found == *self => Ok(()),
            _ => self.write(folder),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<()> {
        Ok(write_atomically(
            &Self::path(folder),
            serde_json::to_string_pretty(self)?.as_bytes(),
        )?)
    }
}

/// What the trainings of all folds have in common.
fn of_all_folds(recipe: &Recipe) -> Recipe {
    let mut recipe = recipe.portable();
    recipe.protocol.fold = 0;
    recipe
}

/// Reads the trainings of a finished cross-validation back and judges them together.
pub(super) fn read(
    out: &Path,
    record: &CrossvalRecord,
    data: &Data,
    device: Device,
    output: Output,
) -> Result<Judged> {
    let mut models = Vec::new();
    let mut records = Vec::new();
    for fold in 0..record.folds {
        let folder = out.join(fold_name(fold));
        records.push(RunRecord::read(&folder).with_context(|| {
            format!("fold {fold} is not trained yet: the same siamese crossval goes on with it")
        })?);
        let found = &records[fold];
        if (&found.recipe, found.seed, &found.protocol, found.fold)
            != (&record.recipe, record.seed, &record.protocol, fold)
        {
            bail!(
                "{} holds fold {} of {} on {}, seed {}, not what crossval.json says: run the cross-validation again",
                folder.display(),
                found.fold,
                found.recipe,
                found.protocol,
                found.seed
            );
        }
        models.push(Model::load(&folder.join("model.safetensors"), device)?);
        // The recipe's file may have been edited while the folds were trained.
        if of_all_folds(&models[fold].recipe) != of_all_folds(&models[0].recipe) {
            bail!(
                "{} was trained by another recipe than {}, whose file was changed meanwhile: run the cross-validation \
                 again with --force",
                folder.display(),
                out.join(fold_name(0)).display()
            );
        }
    }
    let recipe = &models
        .first()
        .context("the cross-validation has no folds")?
        .recipe;
    let stack = output.images(data.load(recipe, device)?);
    let images = Images {
        catalog: &data.catalog,
        stack: &stack,
        device,
    };
    let cases = models
        .into_iter()
        .enumerate()
        .map(|(fold, model)| read_case(&out.join(fold_name(fold)), &records[fold], model, images))
        .collect::<Result<Vec<_>>>()?;
    let distances = cases
        .iter()
        .map(|case| Ok(case.test.combine(case.distances(images)?)))
        .collect::<Result<Vec<_>>>()?;
    let folds: Vec<Scored<'_>> = cases
        .iter()
        .zip(&distances)
        .map(|(case, distances)| Scored {
            test: &case.test,
            distances,
            threshold: case.threshold,
        })
        .collect();
    let spread = |figure: fn(&Figures) -> Option<f64>| {
        let values: Option<Vec<f64>> = records
            .iter()
            .map(|record| figure(&record.figures))
            .collect();
        values.and_then(|values| Spread::of(&values))
    };
    let figures = PooledFigures {
        pooled: Figures::new(
            images.catalog,
            &folds,
            &format!("{}: {} folds pooled", record.protocol, record.folds),
            &cases[0].threshold_source,
            record.seed,
        )?,
        eer: spread(|figures| figures.eer),
        auc: spread(|figures| figures.auc),
        accuracy: spread(|figures| figures.accuracy),
        balanced_accuracy: spread(|figures| figures.balanced_accuracy),
    };
    let report = run_report(images, &cases, &records, data.skipped())?;
    Ok(Judged {
        report,
        figures,
        records,
    })
}

impl Judged {
    /// A line for each fold, their mean, and the figures of all comparisons.
    fn text(&self) -> String {
        let percent = |value: f64| format!("{:.2} %", 100.0 * value);
        let one = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), percent);
        let head = ["fold", "EER", "AUC", "FMR", "FNMR", "accuracy", "threshold"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        for record in &self.records {
            let figures = &record.figures;
            rows.push(vec![
                record.fold.to_string(),
                one(figures.eer),
                figures
                    .auc
                    .map_or_else(|| "-".to_owned(), |auc| format!("{auc:.4}")),
                one(figures.fmr),
                one(figures.fnmr),
                one(figures.accuracy),
                figures
                    .threshold
                    .map_or_else(|| "-".to_owned(), |threshold| format!("{threshold:.4}")),
            ]);
        }
        let figures = &self.figures;
        format!(
            "{}\nmean of the folds: EER {}, accuracy {}\n\n{}",
            table(&rows),
            Spread::show(figures.eer, percent),
            Spread::show(figures.accuracy, percent),
            figures.pooled.text()
        )
    }
}

fn fold_name(fold: usize) -> String {
    format!("fold-{fold}")
}

fn default_folder(recipe: &Recipe, protocol: &Protocol) -> PathBuf {
    let protocol = in_a_file_name(&protocol.to_string());
    PathBuf::from("runs").join(format!("{}-{protocol}-s{}", recipe.name, recipe.seed))
}
