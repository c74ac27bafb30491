//! The one representation that every curve figure is computed from.
//!
//! A *step* is a group of comparisons that share a score, as the numbers of
//! genuine and impostor comparisons in it. Walking the steps from the most
//! alike to the least alike visits every operating point a threshold can
//! produce. In-memory scores, replicates (where a comparison may count several
//! times or not at all) and histogram buckets all come in this form.
//!
//! Keys are distances, whatever the direction of the scores was.

/// Comparisons that share one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step {
    pub(crate) key: f32,
    pub(crate) genuine: u64,
    pub(crate) impostor: u64,
}

/// How many comparisons of each kind there are, or were accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Counts {
    pub(crate) genuine: u64,
    pub(crate) impostor: u64,
}

impl Counts {
    pub(crate) fn add(&mut self, step: &Step) {
        self.genuine += step.genuine;
        self.impostor += step.impostor;
    }

    pub(crate) fn fmr(self, total: Self) -> f64 {
        self.impostor as f64 / total.impostor as f64
    }

    pub(crate) fn fnmr(self, total: Self) -> f64 {
        (total.genuine - self.genuine) as f64 / total.genuine as f64
    }

    /// Right decisions out of these comparisons with `accepted` of them accepted.
    pub(crate) fn right_decisions(self, accepted: Self) -> u128 {
        u128::from(accepted.genuine) + u128::from(self.impostor - accepted.impostor)
    }

    /// As many times the balanced accuracy as there are couples of a genuine and an impostor
    /// comparison, twice.
    pub(crate) fn balanced_right_decisions(self, accepted: Self) -> u128 {
        u128::from(accepted.genuine) * u128::from(self.impostor)
            + u128::from(self.impostor - accepted.impostor) * u128::from(self.genuine)
    }

    /// FMR against FNMR at this point, compared without rounding.
    fn fmr_cmp_fnmr(self, total: Self) -> std::cmp::Ordering {
        let fmr = u128::from(self.impostor) * u128::from(total.genuine);
        let fnmr = u128::from(total.genuine - self.genuine) * u128::from(total.impostor);
        fmr.cmp(&fnmr)
    }
}

/// Merges two ascending slices into steps.
#[derive(Debug, Clone)]
pub(crate) struct MergedSteps<'a> {
    genuine: &'a [f32],
    impostor: &'a [f32],
}

impl<'a> MergedSteps<'a> {
    pub(crate) fn new(genuine: &'a [f32], impostor: &'a [f32]) -> Self {
        Self { genuine, impostor }
    }
}

impl Iterator for MergedSteps<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let key = match (self.genuine.first(), self.impostor.first()) {
            (Some(&g), Some(&i)) => g.min(i),
            (Some(&only), None) | (None, Some(&only)) => only,
            (None, None) => return None,
        };
        Some(Step {
            key,
            genuine: take_equal(&mut self.genuine, key),
            impostor: take_equal(&mut self.impostor, key),
        })
    }
}

fn take_equal(slice: &mut &[f32], key: f32) -> u64 {
    let equal = slice.iter().take_while(|&&k| k == key).count();
    *slice = &slice[equal..];
    equal as u64
}

/// A threshold strictly above `below` and at most `above`, as far from both as
/// `f32` allows. Every threshold in that range decides alike.
pub(crate) fn between(below: f32, above: f32) -> f32 {
    let middle = below / 2.0 + above / 2.0;
    if below < middle && middle < above {
        middle
    } else {
        above
    }
}

/// The step at which FMR and FNMR meet or pass each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Crossing {
    total: Counts,
    /// Accepted without the step: FMR is below FNMR.
    pub(crate) before: Counts,
    /// Accepted with it: FMR is FNMR or above.
    pub(crate) after: Counts,
    /// The key of the step.
    pub(crate) key: f32,
    /// The key of the step after it.
    pub(crate) next: Option<f32>,
}

impl Crossing {
    /// Whether the rates are equal after the step.
    pub(crate) fn is_met(&self) -> bool {
        self.after.fmr_cmp_fnmr(self.total).is_eq()
    }

    /// Where the straight line between the two points meets `FMR = FNMR`.
    pub(crate) fn rate(&self) -> f64 {
        let (before, after, total) = (self.before, self.after, self.total);
        if self.is_met() {
            return after.fmr(total);
        }
        let gap_before = before.fnmr(total) - before.fmr(total);
        let gap_after = after.fmr(total) - after.fnmr(total);
        let rise = after.fmr(total) - before.fmr(total);
        before.fmr(total) + gap_before / (gap_before + gap_after) * rise
    }
}

/// Finds the crossing; `None` when a class is empty.
pub(crate) fn equal_error(
    mut steps: impl Iterator<Item = Step>,
    total: Counts,
) -> Option<Crossing> {
    if total.genuine == 0 || total.impostor == 0 {
        return None;
    }
    let mut after = Counts::default();
    while let Some(step) = steps.next() {
        let before = after;
        after.add(&step);
        if after.fmr_cmp_fnmr(total).is_ge() {
            let next = steps.next().map(|step| step.key);
            return Some(Crossing {
                total,
                before,
                after,
                key: step.key,
                next,
            });
        }
    }
    None
}

/// Area under the ROC curve: the share of (genuine, impostor) couples in
/// which the genuine comparison is the more alike one, ties counting half.
/// `None` when a class is empty.
pub(crate) fn area(steps: impl Iterator<Item = Step>, total: Counts) -> Option<f64> {
    if total.genuine == 0 || total.impostor == 0 {
        return None;
    }
    let mut twice_wins = 0_u128;
    let mut accepted = 0_u64;
    for step in steps {
        twice_wins +=
            u128::from(step.impostor) * (2 * u128::from(accepted) + u128::from(step.genuine));
        accepted += step.genuine;
    }
    let couples = u128::from(total.genuine) * u128::from(total.impostor);
    Some(twice_wins as f64 / (2.0 * couples as f64))
}

/// The accepted counts with the highest value of `merit`, the strictest of
/// equals, and a threshold in the middle of those that produce them.
pub(crate) fn best_by(
    steps: impl Iterator<Item = Step>,
    merit: impl Fn(Counts) -> u128,
) -> Option<(f32, Counts)> {
    let mut accepted = Counts::default();
    let mut best_merit = merit(accepted);
    let mut best = accepted;
    // The keys on both sides of the best threshold; `None` is beyond the end.
    let (mut below, mut above) = (None, None);
    let mut awaiting_above = true;
    for step in steps {
        if awaiting_above {
            above = Some(step.key);
            awaiting_above = false;
        }
        accepted.add(&step);
        let found = merit(accepted);
        if found > best_merit {
            (best_merit, best) = (found, accepted);
            (below, above) = (Some(step.key), None);
            awaiting_above = true;
        }
    }
    let key = match (below, above) {
        (Some(below), Some(above)) => between(below, above),
        (Some(below), None) => below.next_up(),
        (None, Some(above)) => above,
        (None, None) => return None,
    };
    Some((key, best))
}

/// The lowest FNMR of the points with `FMR <= target`, the first of which
/// accepts nothing.
pub(crate) fn fnmr_within_fmr(
    steps: impl Iterator<Item = Step>,
    total: Counts,
    target: f64,
) -> f64 {
    let mut accepted = Counts::default();
    for step in steps {
        let mut next = accepted;
        next.add(&step);
        if next.fmr(total) > target {
            break;
        }
        accepted = next;
    }
    accepted.fnmr(total)
}

/// The key of the first step that cannot be accepted with `FMR <= target`; `None` without impostors.
pub(crate) fn limit_within_fmr(
    steps: impl Iterator<Item = Step>,
    total: Counts,
    target: f64,
) -> Option<f32> {
    let mut accepted = Counts::default();
    for step in steps {
        accepted.add(&step);
        if accepted.fmr(total) > target {
            return Some(step.key);
        }
    }
    None
}

/// The lowest FMR of the points with `FNMR <= target`.
pub(crate) fn fmr_within_fnmr(
    steps: impl Iterator<Item = Step>,
    total: Counts,
    target: f64,
) -> f64 {
    let mut accepted = Counts::default();
    for step in steps {
        if accepted.fnmr(total) <= target {
            break;
        }
        accepted.add(&step);
    }
    accepted.fmr(total)
}
