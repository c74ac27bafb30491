//! What a threshold from the folds of a cross-validation promises for a network that learnt from all of them, and what
//! strangers to that network got. The tables in docs/judging.md come from it.
//!
//! Nested: the network of each fold stands for a refit, and its test subjects are the strangers. A cross-validation among
//! its training subjects, with the other folds' subjects as folds, sets the threshold; each way to bring networks onto one
//! scale is tried. So are thresholds for searches. Trainings that are there already are not repeated.
//!
//! `cargo run --release -p siamese-lab --features train --example carry_over -- RECIPE DATA PROTOCOL OUT SEED...`, for
//! instance `orl-fast datasets/orl_faces subjects-8-fold runs/carry-over 1 2 3`: 64 trainings a seed.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a measurement to be run by hand"
)]

mod carried;
mod networks;
mod scales;
mod searches;
mod table;
mod trainings;

use std::process::ExitCode;

use carried::OnScale;
use networks::Distances;
use scales::Scale;
use searches::Searches;
use siamese_lab::{Data, Error, explain};
use table::Case;
use trainings::{Plan, train};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [recipe, data, protocol, out, seeds @ ..] = &arguments[..] else {
        eprintln!("usage: carry_over RECIPE DATA PROTOCOL OUT SEED...");
        return ExitCode::from(2);
    };
    let Ok(seeds) = seeds
        .iter()
        .map(|seed| seed.parse())
        .collect::<Result<Vec<u64>, _>>()
    else {
        eprintln!("each SEED is a number: {}", seeds.join(" "));
        return ExitCode::from(2);
    };
    let plan = Plan {
        recipe: recipe.clone(),
        data: data.into(),
        protocol: protocol.clone(),
        out: std::path::absolute(out).unwrap(),
    };
    match measure(&plan, &seeds) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: &Plan, seeds: &[u64]) -> Result<(), Error> {
    let data = Data::find(plan.data.clone())?;
    let mut cases = Vec::new();
    for &seed in seeds {
        for refit in train(plan, seed)? {
            let network = Distances::of(&refit.network, &data)?;
            let folds = refit.folds.iter().map(|fold| Distances::of(fold, &data));
            let folds = folds.collect::<Result<Vec<_>, _>>()?;
            cases.push(Case {
                on_scale: Scale::ALL.map(|scale| OnScale::of(scale, &network, &folds)),
                own_threshold: network.own_threshold,
                searches: [
                    Searches::pooled(folds.iter().map(Searches::of).collect()),
                    Searches::of(&network),
                ],
            });
        }
    }
    table::print(&cases);
    table::print_searches(&cases);
    Ok(())
}
