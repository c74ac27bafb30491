//! The tables.

use crate::carried::{Carry, Impostors, OnScale, Outcome};
use crate::scales::Scale;
use crate::searches::{Rates, Searches};

const TARGETS: [f64; 4] = [0.1, 0.05, 0.01, 0.001];
const GALLERIES: [usize; 6] = [1, 2, 5, 10, 20, 30];

/// One refit.
pub(crate) struct Case {
    /// By the places in [`Scale::ALL`].
    pub(crate) on_scale: [OnScale; Scale::ALL.len()],
    pub(crate) own_threshold: Option<f64>,
    /// Of the folds together, and of the refit.
    pub(crate) searches: [Searches; 2],
}

/// A table for each of three questions.
pub(crate) fn print(cases: &[Case]) {
    println!(
        "{} refits. In each cell: FMR of the strangers, mean and standard deviation over refits, and root mean",
        cases.len()
    );
    println!("square distance from what was promised; then FNMR promised and got.");
    for (question, impostors) in [
        ("Set and met among strangers", [Impostors::Strangers; 2]),
        (
            "Set and met by strangers with training subjects",
            [Impostors::Door; 2],
        ),
        (
            "Set among strangers, met by strangers with training subjects",
            [Impostors::Strangers, Impostors::Door],
        ),
    ] {
        println!("\n{question}\n");
        let head = TARGETS.map(|fmr| format!("FMR {} %", 100.0 * fmr));
        println!("| scale | threshold | {} |", head.join(" | "));
        println!("|---|---|{}", "---|".repeat(TARGETS.len()));
        for (place, scale) in Scale::ALL.iter().enumerate() {
            for (carry, name) in [(Carry::Pooled, "pooled"), (Carry::Mean, "mean of folds")] {
                row(&scale.to_string(), name, |fmr| {
                    let each = cases
                        .iter()
                        .map(|case| case.on_scale[place].carried(carry, fmr, impostors));
                    each.collect()
                });
            }
        }
        let raw = |case: &Case, fmr| case.on_scale[0].ideal(fmr, impostors[1]);
        row("its own strangers'", "nobody has it", |fmr| {
            cases.iter().map(|case| raw(case, fmr)).collect()
        });
        let own = |case: &Case| Some(case.on_scale[0].at(case.own_threshold?, impostors[1]));
        let own: Option<Vec<Outcome>> = cases.iter().map(own).collect();
        if let Some(own) = own {
            println!(
                "\nAt the threshold in the model file, from pairs of training subjects: {}",
                cell(None, &own)
            );
        }
    }
}

/// Thresholds for searches, of distances as they are.
pub(crate) fn print_searches(cases: &[Case]) {
    println!(
        "\nStrangers searched for among training subjects, FPIR as mean and standard deviation over refits\n"
    );
    println!("| enrolled | FPIR wanted | FPIR got | 1 - (1 - FMR)^N | FNIR promised -> got |");
    println!("|---|---|---|---|---|");
    for gallery in GALLERIES {
        for fpir in [0.1, 0.01] {
            let both = |case: &Case| {
                let [folds, refit] = &case.searches;
                let threshold = folds.threshold(fpir, gallery);
                [folds.at(threshold, gallery), refit.at(threshold, gallery)]
            };
            let found: Vec<[Rates; 2]> = cases.iter().map(both).collect();
            let n = found.len() as f64;
            let mean = |of: &dyn Fn(&[Rates; 2]) -> f64| found.iter().map(of).sum::<f64>() / n;
            let got = mean(&|[_, refit]| refit.fpir);
            let sd = mean(&|[_, refit]| (refit.fpir - got).powi(2)).sqrt();
            println!(
                "| {gallery} | {} % | {:.2} +- {:.2} % | {:.2} % | {:.1} -> {:.1} % |",
                100.0 * fpir,
                100.0 * got,
                100.0 * sd,
                100.0 * mean(&|[_, refit]| refit.if_independent),
                100.0 * mean(&|[folds, _]| folds.fnir),
                100.0 * mean(&|[_, refit]| refit.fnir)
            );
        }
    }
}

fn row(scale: &str, threshold: &str, of: impl Fn(f64) -> Option<Vec<Outcome>>) {
    let cells =
        TARGETS.map(|fmr| of(fmr).map_or_else(|| "-".to_owned(), |found| cell(Some(fmr), &found)));
    println!("| {scale} | {threshold} | {} |", cells.join(" | "));
}

fn cell(promised: Option<f64>, found: &[Outcome]) -> String {
    let n = found.len() as f64;
    let mean = |of: &dyn Fn(&Outcome) -> f64| found.iter().map(of).sum::<f64>() / n;
    let fmr = mean(&|outcome| outcome.fmr);
    let sd = mean(&|outcome| (outcome.fmr - fmr).powi(2)).sqrt();
    let off = promised.map(|promised| mean(&|outcome| (outcome.fmr - promised).powi(2)).sqrt());
    let off = off.map_or_else(String::new, |off| format!(" (off {:.2})", 100.0 * off));
    format!(
        "{:.2} +- {:.2}{off}; {:.1} -> {:.1}",
        100.0 * fmr,
        100.0 * sd,
        100.0 * mean(&|outcome| outcome.promised_fnmr),
        100.0 * mean(&|outcome| outcome.fnmr)
    )
}
