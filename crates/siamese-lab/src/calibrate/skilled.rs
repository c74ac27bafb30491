//! Thresholds that are set against forgeries, where there are any.

use verification_figures::{
    Calibration, CalibrationSettings, Comparison, LabelledScores, PairKind, smallest_supported_rate,
};

use crate::error::Result;

/// What the rates of random impostors are called at thresholds that were set against forgeries.
const RANDOM: &str = "random impostors";

/// The FMR that forgeries must show for thresholds to be set against them.
const SHOWN: f64 = 0.1;

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
    if !are_enough(skilled) {
        let mut few = how.clone();
        few.how = format!(
            "{}; impostors are other subjects, since the forgeries are too few",
            how.how
        );
        return Ok(Calibration::measure(scores, &few)?);
    }
    let hard = against(scores, skilled)?;
    let mut said = how.clone();
    said.how = format!("{}; impostors are skilled forgeries", how.how);
    let mut calibration = Calibration::measure(&hard, &said)?.with_group(RANDOM, scores)?;
    // Rates that forgeries alone can show are not asked of random impostors.
    let mut usual = how.clone();
    usual.more_fmr.clear();
    if let Ok(random) = Calibration::measure(scores, &usual) {
        calibration.impostor_tail = random.impostor_tail;
    }
    Ok(calibration)
}

/// Whether there are so many forgeries that thresholds are set against them.
pub(crate) fn are_enough(skilled: &[Comparison]) -> bool {
    smallest_supported_rate(skilled.len() as u64) <= SHOWN
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
