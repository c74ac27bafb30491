//! Thresholds that are set against forgeries, where there are any.

use verification_figures::{
    Calibration, CalibrationSettings, Comparison, Error as Undefined, LabelledScores, PairKind,
};

use crate::error::Result;

/// What the rates of random impostors are called at thresholds that were set against forgeries.
const RANDOM: &str = "random impostors";

/// A calibration whose thresholds are those against skilled impostors: an FMR is the share of forgeries that are accepted. Its
/// groups hold what the thresholds do to random impostors, and its tail, which tells how many strangers are as alike, is of
/// these. `scores` are the genuine comparisons and those with random impostors.
///
/// Without forgeries, or with too few of them to show an FMR of 10 %, the thresholds are those against random impostors; of the
/// latter its origin tells.
pub(crate) fn measure(
    scores: &LabelledScores,
    skilled: &[Comparison],
    how: &CalibrationSettings,
) -> Result<Calibration> {
    if skilled.is_empty() {
        return Ok(Calibration::measure(scores, how)?);
    }
    let hard = against(scores, skilled)?;
    let said = |what: &str| {
        let mut said = how.clone();
        said.how = format!("{}; {what}", how.how);
        said
    };
    match Calibration::measure(&hard, &said("impostors are skilled forgeries")) {
        Err(Undefined::Unsupported { .. }) => {
            let few = said("impostors are other subjects, since the forgeries are too few");
            Ok(Calibration::measure(scores, &few)?)
        }
        measured => {
            let mut calibration = measured?.with_group(RANDOM, scores)?;
            if let Ok(random) = Calibration::measure(scores, how) {
                calibration.impostor_tail = random.impostor_tail;
            }
            Ok(calibration)
        }
    }
}

/// The genuine comparisons and those with forgeries; where there are no forgeries the scores as they are.
pub(crate) fn against(scores: &LabelledScores, skilled: &[Comparison]) -> Result<LabelledScores> {
    if skilled.is_empty() {
        return Ok(scores.clone());
    }
    let genuine = scores
        .comparisons()
        .filter(|comparison| comparison.kind() == PairKind::Genuine);
    let both = genuine.chain(skilled.iter().copied());
    Ok(LabelledScores::new(scores.direction(), both.collect())?)
}
