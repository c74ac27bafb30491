//! `siamese pairs`.

use std::path::Path;

use anyhow::Result;
use pairgen::{PairKind, PairSet};
use serde::Serialize;
use siamese_lab::{Experiment, OutFile, list_pairs, read_recipe, thousands};

use super::found::find;
use crate::args::{PairsArgs, Part};
use crate::output::Output;
use crate::target::Target;

#[derive(Serialize)]
struct Count {
    genuine: usize,
    impostor: usize,
}

impl Count {
    fn new(pairs: &PairSet) -> Self {
        Self {
            genuine: pairs.count(PairKind::Genuine),
            impostor: pairs.count(PairKind::Impostor),
        }
    }
}

#[derive(Serialize)]
struct Report {
    fit: Count,
    validation: Count,
    test: Count,
    test_is: String,
    leaks_people: bool,
    test_genuine_also_in_fit: Option<usize>,
    test_images_unseen: Option<usize>,
}

pub(crate) fn run(args: &PairsArgs, output: Output) -> Result<()> {
    let recipe = read_recipe(&args.recipe.recipe, &args.recipe.overrides)?;
    let source = args.data.source()?;
    let out = args.out.as_deref().map(Target);
    if let Some(out) = out {
        let read = [Path::new(&args.recipe.recipe), &source.path];
        out.expect_place(OutFile::Pairs, args.force, &read, output)?;
    }
    let data = find(source.with_runs_of(&recipe.protocol.name)?, output)?;
    let experiment = Experiment::new(&recipe, &data.catalog)?;
    let fit = experiment.pairs.select(&experiment.fit);
    let validation = experiment.pairs.select(&experiment.validation);
    let test = &experiment.test;
    let report = Report {
        fit: Count::new(&fit),
        validation: Count::new(&validation),
        test: Count::new(&test.pairs),
        test_is: test.what.clone(),
        leaks_people: test.leaks_people,
        test_genuine_also_in_fit: test.leakage.map(|leakage| leakage.test_genuine_in_fit),
        test_images_unseen: test.leakage.map(|leakage| leakage.test_images_unseen),
    };
    let mut text = format!(
        "fit         {}\nvalidation  {}\ntest        {} ({})\n",
        counts(&fit),
        counts(&validation),
        counts(&test.pairs),
        test.what
    );
    text.push_str(&match test.leakage {
        Some(leakage) => format!(
            "leaks: {} of the {} genuine test pairs are also fitted, and {} of the {} test images are new to the network\n",
            leakage.test_genuine_in_fit, leakage.test_genuine, leakage.test_images_unseen, leakage.test_images
        ),
        None => "no subject is in both training and test\n".to_owned(),
    });
    if let Some(out) = out {
        let part = match args.part {
            Part::Fit => &fit,
            Part::Validation => &validation,
            Part::Test => &test.pairs,
        };
        out.write(&list_pairs(&data.catalog, part, None)?)?;
        text.push_str(&format!("{} pairs written to {}\n", part.len(), out.name()));
    }
    let output = Output {
        aside: out.is_some_and(Target::is_standard_output),
        ..output
    };
    output.result(&report, &text)
}

/// Counts as `225 genuine, 1,000 impostor`.
fn counts(pairs: &PairSet) -> String {
    let (genuine, impostor) = (
        pairs.count(PairKind::Genuine),
        pairs.count(PairKind::Impostor),
    );
    format!(
        "{} genuine, {} impostor",
        thousands(genuine as u64),
        thousands(impostor as u64)
    )
}
