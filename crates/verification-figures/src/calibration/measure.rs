//! Thresholds from comparisons.

use super::document::{Calibration, FmrPoint, GroupPoint, GroupRates, Made};
use super::settings::{CalibrationSettings, usual_rates};
use super::{digest, tail};
use crate::{Error, Figure, Interval, LabelledScores, Scores, smallest_supported_rate};

impl Calibration {
    /// Thresholds for comparisons, from those of subjects that the model did not learn from: for an FMR of 10 %, 1 %, 0.1 %
    /// and so on as far as the impostor comparisons can show ([`smallest_supported_rate`]), and for those asked for.
    ///
    /// With at least 10 subjects each threshold and its FNMR have an interval over subjects. The FNMR's is for the
    /// threshold as it is. Rates below 3 / subjects are marked [weak](FmrPoint::weak).
    ///
    /// ```
    /// use verification_figures::{Calibration, CalibrationSettings, Comparison, Direction, LabelledScores};
    ///
    /// let pairs = (0..12_u32).flat_map(|a| (a..12).map(move |b| [a, b]));
    /// let comparisons = pairs.map(|[a, b]| Comparison {
    ///     subjects: [a, b],
    ///     score: if a == b { 0.1 } else { 1.0 + (a * b) as f32 },
    /// });
    /// let scores = LabelledScores::new(Direction::Distance, comparisons.collect())?;
    /// let calibration = Calibration::measure(&scores, &CalibrationSettings::new("an example"))?;
    /// // 66 impostor comparisons show 10 %, and not 1 %.
    /// assert_eq!(calibration.comparisons.len(), 1);
    /// assert_eq!(calibration.comparisons[0].fnmr, Some(0.0));
    /// # Ok::<(), verification_figures::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor comparisons; [`Error::Unsupported`] where they are too few for 10 %, or for a
    /// rate asked for; [`Error::Argument`] for a rate outside 0 to 1, or a mean over no template.
    pub fn measure(scores: &LabelledScores, settings: &CalibrationSettings) -> Result<Self, Error> {
        let all = scores.scores();
        let counted = |keys: &[f32]| keys.len() as u64;
        let made = Made {
            how: settings.how.clone(),
            subjects: scores.subjects().len() as u64,
            genuine: counted(all.genuine_keys()),
            impostor: counted(all.impostor_keys()),
            scores_sha256: Some(digest::of_comparisons(scores)),
        };
        let mut rates: Vec<f64> = usual_rates(made.impostor).collect();
        if rates.is_empty() && settings.more_fmr.is_empty() {
            // Says how far the comparisons reach.
            all.threshold_for_fmr(0.1)?;
        }
        rates.extend(&settings.more_fmr);
        rates.sort_unstable_by(|a, b| b.total_cmp(a));
        rates.dedup();
        let weak_below = smallest_supported_rate(made.subjects);
        let mut points = rates
            .into_iter()
            .map(|fmr| {
                let mut point = FmrPoint::new(fmr, all.threshold_for_fmr(fmr)?.threshold);
                point.fnmr = all.fnmr_at(point.threshold).ok();
                point.weak = fmr < weak_below;
                Ok(point)
            })
            .collect::<Result<Vec<_>, Error>>()?;
        measure_intervals(scores, settings, &mut points);
        let mut calibration = Self::new(
            scores.direction(),
            settings.fusion,
            settings.templates_per_subject,
            made,
        );
        calibration.comparisons = points;
        calibration.impostor_tail = tail::of_impostors(&all);
        calibration.checked()
    }

    /// The same with the error rates of a group at each threshold. Of the group's comparisons, the impostor ones should be
    /// of two subjects of the group: strangers are most easily confused with their like.
    ///
    /// # Errors
    /// [`Error::MixedDirections`] where the group's scores have another direction.
    pub fn with_group(
        mut self,
        name: impl Into<String>,
        comparisons: &LabelledScores,
    ) -> Result<Self, Error> {
        if comparisons.direction() != self.direction {
            return Err(Error::MixedDirections);
        }
        let scores = comparisons.scores();
        let at = self.comparisons.iter().map(|point| at(&scores, point));
        self.groups.push(GroupRates {
            name: name.into(),
            subjects: comparisons.subjects().len() as u64,
            at: at.collect::<Result<_, _>>()?,
        });
        Ok(self)
    }
}

fn at(scores: &Scores, point: &FmrPoint) -> Result<GroupPoint, Error> {
    let found = scores.confusion_at(point.threshold)?;
    Ok(GroupPoint {
        target_fmr: point.fmr,
        fmr: found.false_matches().ok(),
        fnmr: found.false_non_matches().ok(),
    })
}

fn measure_intervals(
    scores: &LabelledScores,
    settings: &CalibrationSettings,
    points: &mut [FmrPoint],
) {
    let figures: Vec<Figure> = points
        .iter()
        .flat_map(|point| {
            [
                Figure::ThresholdForFmr(point.fmr),
                Figure::FnmrAt(point.threshold),
            ]
        })
        .collect();
    let found = scores.intervals(&figures, &settings.jackknife);
    let mut found = found.into_iter().map(|interval| interval.ok().map(ends));
    for point in points {
        point.threshold_interval = found.next().flatten();
        point.fnmr_interval = found.next().flatten();
    }
}

pub(super) fn ends(interval: Interval) -> (f64, f64) {
    (interval.low, interval.high)
}
