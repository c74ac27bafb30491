//! `siamese eval`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use siamese_lab::{
    Checksums, Data, Experiment, TestPairs, model_file, people_sha256, trained_people, write_pairs,
};
use siamese_model::{Model, Origin, Threshold};

use super::report::{JUDGING, eval_report, write_report};
use super::{compute, in_a_file_name};
use crate::args::EvalArgs;
use crate::judge::{Case, Images, Training};
use crate::output::Output;

pub(crate) fn run(args: &EvalArgs, output: Output) -> Result<()> {
    let (device, _) = compute(&args.compute)?;
    let mut model = Model::load(&model_file(&args.model)?, device)?;
    let data = Data::find(&args.data.data)?.within(args.compute.memory.said());
    let mut test = test_pairs(args, &model, &data)?;
    if test.pairs.is_empty() {
        bail!("{}: there are no pairs to judge", test.what);
    }
    if let Some(value) = args.threshold {
        model.threshold = Some(Threshold {
            value,
            source: "--threshold".to_owned(),
        });
    }
    let stack = output.images(data.load(&model.recipe, device)?);
    let images = Images {
        catalog: &data.catalog,
        stack: &stack,
        device,
    };
    let mut training = None;
    if stack.sha256() == model.provenance.data_sha256 {
        // The same images called by other people's names need not fit the recipe's protocol, nor a list that was changed.
        let experiment = Experiment::new(&model.recipe, &data.catalog).ok();
        match experiment.filter(|experiment| is_of(&model, experiment)) {
            Some(experiment) => {
                test.mark_known(&data.catalog, &experiment.known);
                training = Some(Training::of(&experiment, &data.catalog));
            }
            None => output.note(&format!(
                "note: the model was trained on these images, but which people of them {} does not say any more: should \
                 they be among those judged, every figure flatters",
                model.recipe.protocol.name
            )),
        }
    } else {
        test.mark_other_images();
    }
    let mut sums = Checksums::new(&data);
    sums.know(
        model.recipe.encoder.input[0],
        model.recipe.data.resize,
        stack.sha256(),
    );
    for origin in model.provenance.origin.iter().flat_map(Origin::line) {
        // What the weights were before they were trained by the model's own recipe.
        if let Some(people) = trained_people(origin, &data, &mut sums)? {
            test.mark_known(&data.catalog, &people);
        }
    }
    let case = Case::new(model, test, training, Vec::new())?;
    let found = case.distances(images)?;
    if let Some(path) = &args.scores {
        write_pairs(path, &data.catalog, &case.test.pairs, Some(&found))?;
    }
    let figures = case.figures(images, found)?;
    let mut text = figures.text();
    if !args.no_report {
        let protocol = match (&args.pairs, &args.protocol) {
            (Some(list), _) => list.display().to_string(),
            (None, Some(name)) => name.clone(),
            (None, None) => case.model.recipe.protocol.name.clone(),
        };
        let folder = args
            .out
            .clone()
            .unwrap_or_else(|| default_folder(args, &protocol));
        output.note(JUDGING);
        let report = eval_report(images, case, &protocol, args, data.skipped())?;
        text.push_str(&write_report(&folder, &report)?);
    }
    output.result(&figures, &text)
}

/// Whether the people of this experiment are those that the model was trained on, as far as it says.
fn is_of(model: &Model, experiment: &Experiment) -> bool {
    let own = model.provenance.people_sha256.as_ref();
    own.is_none_or(|sha256| *sha256 == people_sha256(&experiment.known))
}

/// Inside the run that is judged, or beside other runs; data and protocol tell reports apart.
fn default_folder(args: &EvalArgs, protocol: &str) -> PathBuf {
    let parent = match args.model.is_dir() {
        true => args.model.clone(),
        false => PathBuf::from("runs"),
    };
    let data = args.data.data.file_stem().unwrap_or_default();
    let data = data.to_string_lossy();
    parent.join(format!("eval-{data}-{}", in_a_file_name(protocol)))
}

fn test_pairs(args: &EvalArgs, model: &Model, data: &Data) -> Result<TestPairs> {
    if let Some(list) = &args.pairs {
        return Ok(TestPairs::from_list(&data.catalog, list)?);
    }
    let mut recipe = model.recipe.clone();
    match args.protocol.as_deref() {
        Some("all") => {
            if args.fold.is_some() {
                bail!("--protocol all takes every pair and has no folds: leave out --fold");
            }
            let everyone = data.catalog.all_subjects();
            return Ok(TestPairs::every(
                &data.catalog,
                &everyone,
                recipe.seed,
                "all",
            )?);
        }
        Some(name) => {
            recipe.protocol.name = name.to_owned();
            recipe.protocol.fold = args.fold.unwrap_or(0);
        }
        None => {}
    }
    let experiment = Experiment::new(&recipe, &data.catalog).with_context(|| {
        format!(
            "{} cannot be judged by {}",
            args.data.data.display(),
            recipe.protocol.name
        )
    })?;
    Ok(experiment.test)
}
