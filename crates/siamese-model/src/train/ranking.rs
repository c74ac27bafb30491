//! How the distances of genuine pairs lie among those of impostor pairs.

use siamese_net::Reversal;

/// A reversal is recorded from this many standard deviations on. Chance alone gets that far about once in fifty times.
const REVERSAL: f64 = 3.0;

/// How the distances of genuine pairs lie among those of impostor pairs.
pub(super) struct Ranking {
    /// How many, and the sum of their distances.
    pub(super) genuine: (usize, f64),
    pub(super) impostor: (usize, f64),
    pub(super) auc: Option<f64>,
    /// Equal error rate, 0..1: where the share of impostor pairs that are accepted and that of genuine pairs that are
    /// not, as functions of the largest accepted distance, are equal; where they jump past each other, where the
    /// straight line between the two points does. As `verification-figures` defines it. Absent where a kind is missing.
    pub(super) eer: Option<f64>,
    pub(super) reversal: Option<Reversal>,
}

impl Ranking {
    /// From the distance of each pair.
    pub(super) fn of(distances: &[f32], is_genuine: impl Fn(usize) -> bool) -> Self {
        let mut genuine = (0, 0.0);
        let mut impostor = (0, 0.0);
        let mut sorted: Vec<(f32, bool)> = Vec::with_capacity(distances.len());
        for (i, &distance) in distances.iter().enumerate() {
            let kind = is_genuine(i);
            let of_kind = if kind { &mut genuine } else { &mut impostor };
            of_kind.0 += 1;
            of_kind.1 += f64::from(distance);
            sorted.push((distance, kind));
        }
        sorted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));

        let chance = genuine.0 as f64 / sorted.len().max(1) as f64;
        let mut reversal: Option<Reversal> = None;
        // Pairs no further apart than those at the distance looked at, and how many of them are genuine.
        let (mut closest, mut of_genuine) = (0, 0);
        let mut twice_won = 0u64;
        let mut crossing = Crossing::new(genuine.0, impostor.0);
        for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
            let same = equal.iter().filter(|(_, genuine)| *genuine).count();
            let impostors_before = closest - of_genuine;
            let beaten = 2 * (impostor.0 - impostors_before) - (equal.len() - same);
            twice_won += same as u64 * beaten as u64;
            closest += equal.len();
            of_genuine += same;
            crossing.accept(of_genuine, closest - of_genuine);
            let expected = closest as f64 * chance;
            let deviations = (expected - of_genuine as f64) / (expected * (1.0 - chance)).sqrt();
            if deviations >= reversal.map_or(REVERSAL, |worst| worst.deviations) {
                reversal = Some(Reversal {
                    closest,
                    genuine: of_genuine,
                    deviations,
                });
            }
        }
        let both = genuine.0 > 0 && impostor.0 > 0;
        Self {
            genuine,
            impostor,
            auc: both.then(|| twice_won as f64 / (2.0 * genuine.0 as f64 * impostor.0 as f64)),
            eer: both.then_some(crossing.rate).flatten(),
            reversal,
        }
    }
}

/// Follows the two error rates from the least to the largest distance, to where they meet.
struct Crossing {
    genuine: usize,
    impostor: usize,
    /// Genuine and impostor pairs that were accepted so far.
    accepted: (usize, usize),
    /// Where the rates met.
    rate: Option<f64>,
}

impl Crossing {
    fn new(genuine: usize, impostor: usize) -> Self {
        Self {
            genuine,
            impostor,
            accepted: (0, 0),
            rate: None,
        }
    }

    /// The pairs accepted at the next larger distance.
    fn accept(&mut self, genuine: usize, impostor: usize) {
        let before = std::mem::replace(&mut self.accepted, (genuine, impostor));
        // Compared as whole numbers, so that equal rates are found equal.
        let wrong = |(genuine, impostor): (usize, usize)| {
            let false_matches = impostor as u128 * self.genuine as u128;
            let false_non_matches = (self.genuine - genuine) as u128 * self.impostor as u128;
            (false_matches, false_non_matches)
        };
        let (fmr, fnmr) = wrong(self.accepted);
        if self.rate.is_some() || fmr < fnmr {
            return;
        }
        let (fmr_before, fnmr_before) = wrong(before);
        let comparisons = self.genuine as f64 * self.impostor as f64;
        let (gap_before, gap_after) = (fnmr_before - fmr_before, fmr - fnmr);
        let share = gap_before as f64 / (gap_before + gap_after) as f64;
        self.rate = Some((fmr_before as f64 + share * (fmr - fmr_before) as f64) / comparisons);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against every comparison one by one, and against the reversal at every distance.
        #[test]
        fn a_ranking_is_that_of_every_comparison(
            pairs in prop::collection::vec((0u8..12, any::<bool>()), 1..120)
        ) {
            let distances: Vec<f32> = pairs.iter().map(|(d, _)| f32::from(*d)).collect();
            let ranking = Ranking::of(&distances, |i| pairs[i].1);
            let of = |kind| pairs.iter().filter(move |(_, k)| *k == kind).map(|(d, _)| *d);
            let (genuine, impostor) = (of(true).count(), of(false).count());
            prop_assert_eq!((ranking.genuine.0, ranking.impostor.0), (genuine, impostor));
            let won: f64 = of(true)
                .flat_map(|g| of(false).map(move |i| match g.cmp(&i) {
                    std::cmp::Ordering::Less => 1.0,
                    std::cmp::Ordering::Equal => 0.5,
                    std::cmp::Ordering::Greater => 0.0,
                }))
                .sum();
            let comparisons = (genuine * impostor) as f64;
            match ranking.auc {
                Some(auc) => prop_assert!((auc - won / comparisons).abs() < 1e-12),
                None => prop_assert_eq!(comparisons, 0.0),
            }
            match ranking.eer {
                Some(eer) => prop_assert!((eer - equal_error(&pairs)).abs() < 1e-12),
                None => prop_assert_eq!(comparisons, 0.0),
            }
            let chance = genuine as f64 / pairs.len() as f64;
            let worst = (0..12)
                .map(|limit| {
                    let within = || pairs.iter().filter(|(d, _)| *d <= limit);
                    let closest = within().count() as f64;
                    let of_genuine = within().filter(|(_, kind)| *kind).count() as f64;
                    (closest * chance - of_genuine) / (closest * chance * (1.0 - chance)).sqrt()
                })
                .fold(f64::NEG_INFINITY, f64::max);
            match ranking.reversal {
                Some(reversal) => prop_assert!((reversal.deviations - worst).abs() < 1e-9),
                None => prop_assert!(worst < REVERSAL),
            }
        }
    }

    /// Both error rates at every threshold by counting, and the first place at which the line from one to the next
    /// meets the diagonal, found by halving.
    fn equal_error(pairs: &[(u8, bool)]) -> f64 {
        let share = |kind: bool, wrong: &dyn Fn(u8) -> bool| {
            let of_kind = || pairs.iter().filter(|(_, k)| *k == kind);
            of_kind().filter(|(d, _)| wrong(*d)).count() as f64 / of_kind().count() as f64
        };
        let points: Vec<[f64; 2]> = (0..=12u8)
            .map(|limit| [share(false, &|d| d < limit), share(true, &|d| d >= limit)])
            .collect();
        let ends = points
            .windows(2)
            .find(|ends| ends[1][0] >= ends[1][1])
            .unwrap();
        let at = |t: f64| [0, 1].map(|i| ends[0][i] + t * (ends[1][i] - ends[0][i]));
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..60 {
            let middle = (low + high) / 2.0;
            let [fmr, fnmr] = at(middle);
            if fmr < fnmr {
                low = middle
            } else {
                high = middle
            }
        }
        at(high)[0]
    }

    /// As `verification-figures` has it: [`Crossing`] is the same definition without the dependency.
    ///
    /// ```python
    /// genuine, impostor = np.array([1, 1, 2, 9]), np.array([2, 3, 9, 9, 9])
    /// [((impostor <= t).mean(), (genuine > t).mean()) for t in (1, 2, 3)]   # (0, .5), (.2, .25), (.4, .25)
    /// t = (.25 - .2) / ((.25 - .2) + (.4 - .25)); .2 + t * (.4 - .2)         # 0.25
    /// ```
    #[test]
    fn the_equal_error_rate_is_read_off_the_line_between_two_thresholds() {
        let of = |genuine: &[f32], impostor: &[f32]| {
            let all = [genuine, impostor].concat();
            Ranking::of(&all, |i| i < genuine.len()).eer
        };
        let close = |eer: Option<f64>, expected: f64| (eer.unwrap() - expected).abs() < 1e-12;
        assert!(close(
            of(&[1.0, 1.0, 2.0, 9.0], &[2.0, 3.0, 9.0, 9.0, 9.0]),
            0.25
        ));
        assert_eq!(of(&[1.0, 2.0], &[3.0]), Some(0.0));
        assert_eq!(of(&[3.0], &[1.0, 2.0]), Some(1.0));
        // One distance for all: no threshold tells them apart.
        assert!(close(of(&[1.0, 1.0], &[1.0]), 0.5));
        assert_eq!(of(&[1.0], &[]), None);
    }

    #[test]
    fn closest_pairs_that_are_impostors_are_a_reversal_though_the_auc_is_near_chance() {
        // Thirty impostors closest of all, the rest by turns.
        let distances: Vec<f32> = (0..2030).map(|i| i as f32).collect();
        let ranking = Ranking::of(&distances, |i| i >= 30 && i % 2 == 0);
        assert!(
            (ranking.auc.unwrap() - 0.485).abs() < 0.001,
            "{:?}",
            ranking.auc
        );
        let reversal = ranking.reversal.unwrap();
        assert_eq!((reversal.closest, reversal.genuine), (30, 0));
        // sqrt(30 p / (1 - p)), p = 1000 / 2030
        assert!((reversal.deviations - 5.396).abs() < 0.001, "{reversal:?}");
        let healthy = Ranking::of(&distances, |i| i < 900 || i % 50 == 0);
        assert_eq!(healthy.reversal, None);
    }
}
