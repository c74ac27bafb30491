//! How often 95 % intervals over subjects miss the truth, below them and above them, by simulation: percentiles of a
//! bootstrap over subjects, and the jackknife that this crate uses. The table in docs/judging.md comes from it.
//!
//! `cargo run --release -p verification-figures --example coverage`; some minutes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a simulation to be run by hand"
)]

#[path = "../tests/it/population.rs"]
mod population;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use verification_figures::{
    Figure, Jackknife, LabelledScores, PairKind, Scores, smallest_supported_rate,
};

const SAMPLES: u64 = 1000;
const REPLICATES: usize = 400;
const FIGURES: [(&str, Figure); 3] = [
    ("EER", Figure::Eer),
    ("FNMR at FMR 10 %", Figure::FnmrAtFmr(0.1)),
    ("FNMR at FMR 1 %", Figure::FnmrAtFmr(0.01)),
];

fn main() {
    println!("| figure | truth | subjects | percentiles: below, above | jackknife: below, above |");
    println!("|---|---|---|---|---|");
    for scatter in [0.4, 0.3] {
        let populations =
            (0..4).map(|seed| population::draw(500, scatter, 1_000_000 + seed).scores());
        let populations: Vec<Scores> = populations.collect();
        let truths = FIGURES.map(|(_, figure)| truth(&populations, figure));
        for subjects in [5, 10, 20, 40] {
            let missed: Vec<[[Miss; 2]; 3]> = (0..SAMPLES)
                .into_par_iter()
                .map(|seed| {
                    let scores = population::draw(subjects, scatter, seed);
                    let before = percentiles(&scores, seed);
                    let after = FIGURES.map(|(_, figure)| jackknife(&scores, figure));
                    [0, 1, 2].map(|place| {
                        let truth = truths[place];
                        [before[place], after[place]].map(|ends| Miss::of(ends, truth))
                    })
                })
                .collect();
            for (place, (name, _)) in FIGURES.iter().enumerate() {
                let share = |way: usize| {
                    let known: Vec<&Miss> = missed
                        .iter()
                        .map(|sample| &sample[place][way])
                        .filter(|miss| miss.known)
                        .collect();
                    let of = |side: fn(&Miss) -> bool| {
                        100.0 * known.iter().filter(|miss| side(miss)).count() as f64
                            / known.len() as f64
                    };
                    match known.len() {
                        0 => "none".to_owned(),
                        _ => format!(
                            "{:.1} %, {:.1} %",
                            of(|miss| miss.below),
                            of(|miss| miss.above)
                        ),
                    }
                };
                println!(
                    "| {name} | {:.1} % | {subjects} | {} | {} |",
                    100.0 * truths[place],
                    share(0),
                    share(1)
                );
            }
        }
    }
}

/// On which side of an interval the truth lies, where there is an interval.
struct Miss {
    known: bool,
    below: bool,
    above: bool,
}

impl Miss {
    fn of(ends: Option<[f64; 2]>, truth: f64) -> Miss {
        Miss {
            known: ends.is_some(),
            below: ends.is_some_and(|[low, _]| truth < low),
            above: ends.is_some_and(|[_, high]| truth > high),
        }
    }
}

fn truth(populations: &[Scores], figure: Figure) -> f64 {
    let values = populations.iter().map(|scores| figure.of(scores).unwrap());
    values.sum::<f64>() / populations.len() as f64
}

/// Where no error was seen, up to the bound by subjects, as reports show it.
fn jackknife(scores: &LabelledScores, figure: Figure) -> Option<[f64; 2]> {
    let found = scores.interval(figure, &Jackknife::default()).ok()?;
    if found.is_degenerate() && found.estimate == 0.0 {
        return Some([0.0, smallest_supported_rate(found.subjects as u64)]);
    }
    Some([found.low, found.high])
}

/// The middle 95 % of samples in which subjects are drawn with replacement; a comparison counts as often as the product
/// of its subjects' numbers of draws, a genuine one as often as its subject was drawn.
fn percentiles(scores: &LabelledScores, seed: u64) -> [Option<[f64; 2]>; 3] {
    let subjects = scores.subjects().len();
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut values = [const { Vec::new() }; 3];
    for _ in 0..REPLICATES {
        let mut times = vec![0_usize; subjects];
        for _ in 0..subjects {
            times[rng.random_range(0..subjects)] += 1;
        }
        let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
        for comparison in scores.comparisons() {
            let [a, b] = comparison.subjects.map(|subject| times[subject as usize]);
            match comparison.kind() {
                PairKind::Genuine => genuine.extend(std::iter::repeat_n(comparison.score, a)),
                PairKind::Impostor => impostor.extend(std::iter::repeat_n(comparison.score, a * b)),
            }
        }
        let Ok(drawn) = Scores::new(scores.direction(), genuine, impostor) else {
            continue;
        };
        for (values, (_, figure)) in values.iter_mut().zip(FIGURES) {
            values.extend(figure.of(&drawn).ok());
        }
    }
    let original = scores.scores();
    [0, 1, 2].map(|place| {
        FIGURES[place].1.of(&original).ok()?;
        let values = &mut values[place];
        values.sort_by(f64::total_cmp);
        let at = |share: f64| values[(share * (values.len() - 1) as f64).round() as usize];
        (!values.is_empty()).then(|| [at(0.025), at(0.975)])
    })
}
