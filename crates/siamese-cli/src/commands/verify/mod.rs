//! `siamese verify`.

mod one;
mod pairs;

use std::process::ExitCode;

use anyhow::Result;
use siamese_lab::{Compute, Verified, Verifier, percent};
use siamese_net::{Calibration, Outcome};

use crate::args::VerifyArgs;
use crate::output::Output;

/// Exit code where an image does not match.
const NO_MATCH: u8 = 3;
/// Exit code where nothing is decided.
const NO_DECISION: u8 = 4;

pub(crate) fn run(args: &VerifyArgs, output: Output) -> Result<ExitCode> {
    let compute = Compute::from(&args.compute);
    if let Some(list) = &args.pairs {
        return pairs::run(args, list, &compute, output);
    }
    let verifier = Verifier::open(&args.model, &compute)?;
    one::run(args, &verifier, output)
}

fn code(outcome: Option<Outcome>) -> ExitCode {
    match outcome {
        Some(Outcome::Match) => ExitCode::SUCCESS,
        Some(Outcome::NonMatch) => ExitCode::from(NO_MATCH),
        Some(Outcome::Uncertain) | None => ExitCode::from(NO_DECISION),
    }
}

fn outcome(verified: &Verified) -> Option<Outcome> {
    verified.decided.as_ref().map(|decided| decided.outcome)
}

/// As it stands in JSON and CSV.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Match => "match",
        Outcome::NonMatch => "non-match",
        Outcome::Uncertain => "uncertain",
    }
}

/// By what decisions are made.
fn said_of(calibration: &Calibration, target: f64) -> String {
    let made = &calibration.made;
    let Some(point) = calibration.for_fmr(target) else {
        return "No decision: the model's calibration holds no threshold for comparisons."
            .to_owned();
    };
    let at = match point.fmr {
        fmr if fmr == target => format!("FMR {}", percent(fmr)),
        fmr if fmr < target => format!(
            "FMR {}, within the {} asked for",
            percent(fmr),
            percent(target)
        ),
        fmr => format!(
            "FMR {}, the smallest that the calibration supports; asked for was {}",
            percent(fmr),
            percent(target)
        ),
    };
    let interval = match point.threshold_interval {
        Some((low, high)) => format!(" ({low:.4} to {high:.4})"),
        None => String::new(),
    };
    let fnmr = match point.fnmr {
        Some(fnmr) => format!(", FNMR {}", percent(fnmr)),
        None => String::new(),
    };
    let weak = match point.weak {
        true => " The rate is weak: fewer subjects than 3 / FMR.",
        false => "",
    };
    format!(
        "A match is a distance below {:.4}{interval}: {at}{fnmr}, measured on {} subjects ({}).{weak}",
        point.threshold, made.subjects, made.how
    )
}
