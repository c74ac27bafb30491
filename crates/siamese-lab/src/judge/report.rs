//! What the reports of trainings, and of models on other images, are about.

use std::collections::BTreeSet;
use std::path::Path;

use siamese_net::EmbeddingModel;
use siamese_report::{Fact, Report};

use super::case::{Case, Images, Training};
use super::document::{Beside, ReportContext, Subject, document};
use super::health::health_notes;
use super::record::RunRecord;
use crate::error::{JudgeError, Result};
use crate::experiment::Experiment;
use crate::run::{kept_list, read_history};

/// A finished training's model with what judges it, on the images it was trained on.
///
/// # Errors
/// Where the images, or how the subjects are divided, are not those of the training.
pub fn read_case(
    folder: &Path,
    record: &RunRecord,
    model: Box<dyn EmbeddingModel>,
    images: Images<'_>,
) -> Result<Case> {
    if images.stack.sha256() != model.provenance().data_sha256 {
        return Err(JudgeError::OtherImages { run: folder.into() }.into());
    }
    let list = kept_list(folder);
    let experiment = Experiment::with_list(model.recipe(), images.catalog, list.as_deref())?;
    if experiment.sha256() != record.pairs_sha256 {
        return Err(JudgeError::OtherDivision {
            protocol: record.protocol.clone(),
            run: folder.into(),
        }
        .into());
    }
    let training = Training::of(&experiment, images.catalog);
    let mut test = experiment.test;
    let history = read_history(folder).unwrap_or_else(|| {
        test.exclusions.push(format!(
            "{}/history.jsonl is missing or damaged: losses and training health are not shown.",
            folder.display()
        ));
        Vec::new()
    });
    Case::new(model, test, Some(training), history)
}

/// The report of trainings, one for each fold.
///
/// # Errors
/// Where there is no training, or one cannot be judged.
pub fn run_report(
    images: Images<'_>,
    cases: &[Case],
    records: &[RunRecord],
    context: ReportContext,
    beside: Beside,
) -> Result<Report> {
    let (Some(case), Some(record)) = (cases.first(), records.first()) else {
        return Err(JudgeError::Nothing.into());
    };
    let protocol = record.protocol.clone();
    let seconds: f64 = records.iter().map(|record| record.seconds).sum();
    let title = match cases.len() {
        1 if case.test.leaks_people => format!("{} on {protocol}", record.recipe),
        1 => format!("{} on {protocol}, fold {}", record.recipe, case.fold),
        folds => format!("{} on {protocol}, {folds} folds", record.recipe),
    };
    let what = match cases.len() {
        1 => case.test.what.clone(),
        folds => format!("{protocol}: the {folds} folds pooled"),
    };
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let epochs: BTreeSet<u32> = cases.iter().flat_map(Case::epochs_chosen).collect();
    let epochs: Vec<String> = epochs.iter().map(u32::to_string).collect();
    let trained = cases.iter().any(Case::is_trained);
    let mut facts = vec![
        fact("recipe", format!("{}, seed {}", record.recipe, record.seed)),
        fact(
            "data",
            format!(
                "{}, {} images of {} subjects",
                record.data,
                images.catalog.len(),
                images.catalog.subjects()
            ),
        ),
        fact("SHA-256 of the images", record.data_sha256.clone()),
        fact("siamese", record.siamese.clone()),
        fact("libtorch", record.libtorch.clone()),
        fact(
            if trained { "trained on" } else { "judged on" },
            format!(
                "{} with {} thread{}, {seconds:.0} s",
                record.device,
                record.threads,
                if record.threads == 1 { "" } else { "s" }
            ),
        ),
        fact(
            "epoch chosen",
            match trained {
                true => epochs.join(", "),
                false => "none: a ready program that was not trained".to_owned(),
            },
        ),
    ];
    let origins = records.iter().filter_map(|record| record.origin.as_ref());
    let mut origins: Vec<&str> = origins.map(|origin| origin.sha256.as_str()).collect();
    origins.dedup();
    if !origins.is_empty() {
        let files = format!(
            "the weights of model files with SHA-256 {}",
            origins.join(", ")
        );
        facts.push(fact("began with", files));
    }
    let subject = Subject {
        title,
        protocol,
        what,
        health: health_notes(cases)?,
        facts,
        context,
    };
    document(images, cases, subject, beside)
}

/// The report of a model judged on some images.
///
/// # Errors
/// Where the model cannot be judged.
pub fn eval_report(
    images: Images<'_>,
    case: Case,
    protocol: &str,
    [model, data]: [&Path; 2],
    context: ReportContext,
    beside: Beside,
) -> Result<Report> {
    let fact = |name: &str, value: String| Fact {
        name: name.to_owned(),
        value,
    };
    let recipe = case.model.recipe();
    let provenance = case.model.provenance();
    let engine = case.model.engine();
    let facts = vec![
        fact("model", model.display().to_string()),
        fact("recipe", format!("{}, seed {}", recipe.name, recipe.seed)),
        fact(
            "data",
            format!(
                "{}, {} images of {} subjects",
                data.display(),
                images.catalog.len(),
                images.catalog.subjects()
            ),
        ),
        fact("SHA-256 of the images", images.stack.sha256().to_owned()),
        fact(
            "SHA-256 of the training's images",
            provenance.data_sha256.clone(),
        ),
        fact("siamese", env!("CARGO_PKG_VERSION").to_owned()),
        fact(&engine.name, engine.version),
        fact("judged on", engine.device),
        fact(
            "trained by",
            format!(
                "siamese {} with libtorch {} on {}, {} epochs",
                provenance.siamese, provenance.libtorch, provenance.device, provenance.epoch
            ),
        ),
    ];
    let subject = Subject {
        title: format!("{} on {protocol}", recipe.name),
        protocol: protocol.to_owned(),
        what: case.test.what.clone(),
        health: Vec::new(),
        facts,
        context,
    };
    document(images, &[case], subject, beside)
}
