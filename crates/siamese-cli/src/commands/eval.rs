//! `siamese eval`.

use anyhow::{Context, Result, bail};
use siamese_model::{ImageStack, Model};

use super::{compute, model_file};
use crate::args::EvalArgs;
use crate::experiment::{Data, Experiment, TestPairs};
use crate::judge::{Figures, distances};
use crate::output::Output;
use crate::run_dir::write_pairs;

pub(crate) fn run(args: &EvalArgs, output: Output) -> Result<()> {
    let (device, _) = compute(&args.compute)?;
    let model = Model::load(&model_file(&args.model)?, device)?;
    let data = Data::find(&args.data.data)?;
    let mut test = test_pairs(args, &model, &data)?;
    if test.pairs.is_empty() {
        bail!("{}: there are no pairs to judge", test.what);
    }
    let (threshold, source) = match (args.threshold, &model.threshold) {
        (Some(value), _) => (value, "--threshold"),
        (None, Some(threshold)) => (threshold.value, threshold.source.as_str()),
        (None, None) => bail!("the model holds no threshold: give one with --threshold"),
    };
    let pixels = data.decode(model.recipe.data.resize)?;
    let images = ImageStack::new(pixels.view(), &model.recipe.data, device)?;
    if images.sha256() == model.provenance.data_sha256 {
        // The same images called by other people's names need not fit the recipe's protocol.
        if let Ok(training) = Experiment::new(&model.recipe, &data.catalog) {
            test.mark_trained(&data.catalog, &training);
        }
    } else {
        test.mark_other_images();
    }
    let found = distances(
        &model.encoder,
        &images,
        &test.pairs,
        model.recipe.loss.distance(),
    )?;
    if let Some(path) = &args.scores {
        write_pairs(path, &data.catalog, &test.pairs, Some(&found))?;
    }
    let figures = Figures::new(&test, &found, threshold, source)?;
    output.result(&figures, &figures.text())
}

fn test_pairs(args: &EvalArgs, model: &Model, data: &Data) -> Result<TestPairs> {
    if let Some(list) = &args.pairs {
        return TestPairs::from_list(&data.catalog, list);
    }
    let mut recipe = model.recipe.clone();
    match args.protocol.as_deref() {
        Some("all") => {
            if args.fold.is_some() {
                bail!("--protocol all takes every pair and has no folds: leave out --fold");
            }
            let everyone = data.catalog.all_subjects();
            return TestPairs::every(&data.catalog, &everyone, recipe.seed, "all");
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
