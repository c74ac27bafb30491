//! Decisions, ties, refusals and properties of the figures on scores.

use proptest::prelude::*;
use verification_figures::{Confusion, Direction, Error, PairKind, Scores, Support};

const DISTANCE: Direction = Direction::Distance;
const SIMILARITY: Direction = Direction::Similarity;

fn distances(genuine: &[f32], impostor: &[f32]) -> Scores {
    Scores::new(DISTANCE, genuine.to_vec(), impostor.to_vec()).unwrap()
}

#[test]
fn a_score_equal_to_the_threshold_is_rejected_in_both_directions() {
    let scores = distances(&[0.5], &[0.5]);
    assert_eq!(scores.fmr_at(0.5), Ok(0.0));
    assert_eq!(scores.fnmr_at(0.5), Ok(1.0));
    let scores = Scores::new(SIMILARITY, vec![0.5], vec![0.5]).unwrap();
    assert_eq!(scores.fmr_at(0.5), Ok(0.0));
    assert_eq!(scores.fnmr_at(0.5), Ok(1.0));
    assert_eq!(scores.fmr_at(0.499), Ok(1.0));
}

#[test]
fn negative_and_positive_zero_are_the_same_score() {
    let scores = distances(&[-0.0], &[0.0]);
    assert_eq!(scores.auc(), Ok(0.5));
    assert_eq!(scores.fnmr_at(0.0), Ok(1.0));
    let scores = Scores::new(SIMILARITY, vec![0.0], vec![-0.0]).unwrap();
    assert_eq!(scores.auc(), Ok(0.5));
}

#[test]
fn collapsed_scores_have_no_skill() {
    let scores = distances(&[0.25; 7], &[0.25; 3]);
    assert_eq!(scores.auc(), Ok(0.5));
    let eer = scores.eer().unwrap();
    assert_eq!((eer.rate, eer.threshold), (0.5, 0.25));
    assert!(matches!(scores.d_prime(), Err(Error::Undefined { .. })));
    assert_eq!(scores.det().unwrap().points().len(), 2);
}

#[test]
fn separated_classes_put_the_threshold_halfway() {
    let scores = distances(&[0.1, 0.3], &[0.7, 0.9]);
    let eer = scores.eer().unwrap();
    assert_eq!(eer.rate, 0.0);
    assert!((eer.threshold - 0.5).abs() < 1e-7);
    let best = scores.best_accuracy().unwrap();
    assert_eq!(best.accuracy, 1.0);
    assert!((best.threshold - 0.5).abs() < 1e-7);
    assert_eq!(scores.auc(), Ok(1.0));
}

#[test]
fn reversed_classes_show_as_reversed() {
    let scores = distances(&[0.7, 0.9], &[0.1, 0.3]);
    assert_eq!(scores.eer().unwrap().rate, 1.0);
    assert_eq!(scores.auc(), Ok(0.0));
    assert!(scores.d_prime().unwrap() < 0.0);
}

#[test]
fn best_accuracy_may_be_to_accept_nothing_or_everything() {
    let nothing = distances(&[0.9], &[0.1, 0.2, 0.3]).best_accuracy().unwrap();
    assert_eq!(
        (nothing.accuracy, nothing.threshold),
        (0.75, f64::from(0.1_f32))
    );
    let everything = distances(&[0.1, 0.2, 0.9], &[0.05])
        .best_accuracy()
        .unwrap();
    assert_eq!(everything.accuracy, 0.75);
    assert!(everything.threshold > f64::from(0.9_f32));
}

#[test]
fn of_equally_accurate_thresholds_the_strictest_is_taken() {
    // Below 0.2 and below 0.7 three of four decisions are right.
    let scores = distances(&[0.1, 0.5], &[0.3, 0.9]);
    for best in [scores.best_accuracy(), scores.best_balanced_accuracy()] {
        let best = best.unwrap();
        assert_eq!(best.accuracy, 0.75);
        assert!((best.threshold - 0.2).abs() < 1e-7);
    }
}

#[test]
fn an_empty_class_makes_figures_errors_and_leaves_the_rest() {
    let scores = distances(&[0.1, 0.2, 0.3, 0.4], &[]);
    let missing = |figure| {
        Err(Error::Missing {
            figure,
            kind: PairKind::Impostor,
        })
    };
    assert_eq!(scores.fmr_at(0.25), missing("FMR"));
    assert_eq!(scores.auc(), missing("AUC"));
    assert!(scores.eer().is_err() && scores.det().is_err() && scores.d_prime().is_err());
    assert!(scores.fmr_at_fnmr(0.9).is_err());
    assert_eq!(scores.fnmr_at(0.25), Ok(0.5));
    assert_eq!(scores.confusion_at(0.25).unwrap().precision(), Ok(1.0));
    assert!(scores.threshold_for_fnmr(0.75).is_ok());
    assert_eq!(Scores::new(DISTANCE, vec![], vec![]), Err(Error::Empty));
}

#[test]
fn non_finite_scores_are_refused_with_their_place() {
    let refused = Scores::new(DISTANCE, vec![0.1], vec![0.2, f32::INFINITY]);
    let expected = Error::NotFinite {
        kind: PairKind::Impostor,
        index: 1,
        value: f32::INFINITY,
    };
    assert_eq!(refused, Err(expected));
    let message = Scores::new(SIMILARITY, vec![f32::NAN], vec![]).unwrap_err();
    assert!(message.to_string().starts_with("genuine score 0 is NaN"));
    assert!(distances(&[0.1], &[0.2]).fmr_at(f64::NAN).is_err());
}

#[test]
fn precision_is_undefined_when_nothing_is_accepted() {
    let confusion = distances(&[0.1], &[0.2]).confusion_at(0.0).unwrap();
    assert!(matches!(
        confusion.precision(),
        Err(Error::Undefined { .. })
    ));
    assert_eq!(confusion.f1(), Ok(0.0));
    assert!(Confusion::default().accuracy().is_err());
    assert!(Confusion::default().f1().is_err());
}

#[test]
fn targets_below_the_rule_of_three_are_refused() {
    let impostor: Vec<f32> = (0..1000).map(|k| k as f32).collect();
    let scores = distances(&[-1.0, 0.5, 400.0], &impostor);
    let refused = scores.fnmr_at_fmr(0.0029).unwrap_err();
    assert!(matches!(refused, Error::Unsupported { count: 1000, .. }));
    assert!(refused.to_string().contains("0.30 %"));
    assert!(scores.fnmr_at_fmr(0.0).is_err());
    assert!(scores.fnmr_at_fmr(1.0).is_err());
    assert!(scores.fnmr_at_fmr(f64::NAN).is_err());

    let weak = scores.threshold_for_fmr(0.01).unwrap();
    assert_eq!((weak.threshold, weak.reached.errors), (10.0, 10));
    assert_eq!(weak.reached.support(), Support::Weak);
    let firm = scores.fnmr_at_fmr(0.03).unwrap();
    assert_eq!(firm.at.reached.support(), Support::Firm);
    assert_eq!(firm.evidence.support(), Support::Weak);
    assert_eq!(firm.rate, 1.0 / 3.0);
}

#[test]
fn corners_keep_the_ends_and_drop_the_stretches() {
    let det = distances(&[0.0, 1.0, 2.0], &[3.0, 4.0, 5.0]).det().unwrap();
    let corners: Vec<_> = det.corners().iter().map(|p| (p.fmr, p.fnmr)).collect();
    assert_eq!(corners, [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0)]);
}

#[test]
fn labelled_scores_are_parted_by_kind() {
    use PairKind::{Genuine, Impostor};
    let parted = Scores::from_labelled(SIMILARITY, &[0.9, 0.2, 0.7], &[Genuine, Impostor, Genuine]);
    let whole = Scores::new(SIMILARITY, vec![0.9, 0.7], vec![0.2]);
    assert_eq!(parted, whole);
    let alike_first: Vec<f32> = whole.unwrap().of_kind(Genuine).collect();
    assert_eq!(alike_first, [0.9, 0.7]);
    assert!(Scores::from_labelled(SIMILARITY, &[0.9], &[]).is_err());
}

/// Scores with many ties, negative ones and zeros among them.
fn tied() -> impl Strategy<Value = Vec<f32>> {
    prop::collection::vec((-12_i32..12).prop_map(|k| k as f32 / 8.0), 1..60)
}

fn naive_auc(genuine: &[f32], impostor: &[f32]) -> f64 {
    let mut wins = 0.0;
    for g in genuine {
        for i in impostor {
            wins += match g.total_cmp(i) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
    }
    wins / (genuine.len() * impostor.len()) as f64
}

fn share(values: &[f32], wanted: impl Fn(f32) -> bool) -> f64 {
    values.iter().filter(|&&v| wanted(v)).count() as f64 / values.len() as f64
}

/// Positive zeros only, so that the naive total order sees ties as ties.
fn plain(values: &[f32]) -> Vec<f32> {
    values.iter().map(|v| v + 0.0).collect()
}

proptest! {
    #[test]
    fn decisions_equal_the_rule_of_the_direction(
        genuine in tied(), impostor in tied(), similar in any::<bool>(), steps in -26..26_i32
    ) {
        let direction = if similar { SIMILARITY } else { DISTANCE };
        let threshold = f64::from(steps) / 16.0;
        let accepted = |scores: &[f32]| {
            scores.iter().filter(|&&s| direction.accepts(s, threshold)).count() as u64
        };
        let expected = Confusion {
            tp: accepted(&genuine),
            fp: accepted(&impostor),
            tn: impostor.len() as u64 - accepted(&impostor),
            fn_: genuine.len() as u64 - accepted(&genuine),
        };
        let scores = Scores::new(direction, genuine, impostor).unwrap();
        prop_assert_eq!(scores.confusion_at(threshold), Ok(expected));
        prop_assert_eq!(scores.fmr_at(threshold), expected.fmr());
        prop_assert_eq!(scores.fnmr_at(threshold), expected.fnmr());
        prop_assert_eq!(expected.false_matches().unwrap().rate(), expected.fmr().unwrap());
        prop_assert_eq!(expected.false_non_matches().unwrap().rate(), expected.fnmr().unwrap());
    }

    #[test]
    fn every_point_equals_counting_by_hand(genuine in tied(), impostor in tied()) {
        let scores = distances(&genuine, &impostor);
        let det = scores.det().unwrap();
        let mut distinct: Vec<f32> = plain(&[genuine.as_slice(), &impostor].concat());
        distinct.sort_by(f32::total_cmp);
        distinct.dedup();
        prop_assert_eq!(det.points().len(), distinct.len() + 1);
        for point in det.points() {
            let accepted = |v: f32| f64::from(v) < point.threshold;
            prop_assert_eq!(point.fmr, share(&impostor, accepted));
            prop_assert_eq!(point.fnmr, share(&genuine, |v| !accepted(v)));
            prop_assert_eq!(scores.fmr_at(point.threshold).unwrap(), point.fmr);
            prop_assert_eq!(scores.fnmr_at(point.threshold).unwrap(), point.fnmr);
        }
        prop_assert!((scores.auc().unwrap() - naive_auc(&plain(&genuine), &plain(&impostor))).abs() < 1e-12);
        let best = det.points().iter()
            .map(|p| scores.confusion_at(p.threshold).unwrap().accuracy().unwrap())
            .fold(0.0, f64::max);
        prop_assert_eq!(scores.best_accuracy().unwrap().accuracy, best);
        let balanced = det.points().iter().map(|p| 1.0 - (p.fmr + p.fnmr) / 2.0).fold(0.0, f64::max);
        prop_assert!((scores.best_balanced_accuracy().unwrap().accuracy - balanced).abs() < 1e-12);
    }

    #[test]
    fn the_eer_lies_on_the_roc_polygon_and_the_diagonal(genuine in tied(), impostor in tied()) {
        let scores = distances(&genuine, &impostor);
        let eer = scores.eer().unwrap();
        let det = scores.det().unwrap();
        let on_a_segment = det.points().windows(2).any(|pair| {
            let (a, b) = (pair[0], pair[1]);
            // Distance of (rate, rate) from the segment, as a detour.
            let length = |x0: f64, y0: f64, x1: f64, y1: f64| (x1 - x0).hypot(y1 - y0);
            let detour = length(a.fmr, a.fnmr, eer.rate, eer.rate)
                + length(eer.rate, eer.rate, b.fmr, b.fnmr)
                - length(a.fmr, a.fnmr, b.fmr, b.fnmr);
            detour.abs() < 1e-12
        });
        prop_assert!(on_a_segment);
        let (fmr, fnmr) = (scores.fmr_at(eer.threshold).unwrap(), scores.fnmr_at(eer.threshold).unwrap());
        prop_assert!(fmr <= eer.rate + 1e-12 && eer.rate <= fnmr + 1e-12);
    }

    #[test]
    fn increasing_maps_of_scores_change_no_rate(genuine in tied(), impostor in tied()) {
        let scores = distances(&genuine, &impostor);
        let map = |v: &Vec<f32>| v.iter().map(|x| x.exp() * 3.0 - 7.0).collect::<Vec<_>>();
        let mapped = distances(&map(&genuine), &map(&impostor));
        prop_assert_eq!(scores.eer().unwrap().rate, mapped.eer().unwrap().rate);
        prop_assert_eq!(scores.auc(), mapped.auc());
        prop_assert_eq!(
            scores.best_accuracy().unwrap().accuracy,
            mapped.best_accuracy().unwrap().accuracy
        );
        let rates = |s: &Scores| -> Vec<(f64, f64)> {
            s.det().unwrap().points().iter().map(|p| (p.fmr, p.fnmr)).collect()
        };
        prop_assert_eq!(rates(&scores), rates(&mapped));
    }

    #[test]
    fn negated_scores_of_the_other_direction_give_the_same(genuine in tied(), impostor in tied()) {
        let scores = distances(&genuine, &impostor);
        let negate = |v: &Vec<f32>| v.iter().map(|x| -x).collect::<Vec<_>>();
        let mirrored = Scores::new(SIMILARITY, negate(&genuine), negate(&impostor)).unwrap();
        prop_assert_eq!(scores.auc(), mirrored.auc());
        prop_assert_eq!(scores.d_prime(), mirrored.d_prime());
        let (eer, mirrored_eer) = (scores.eer().unwrap(), mirrored.eer().unwrap());
        prop_assert_eq!((eer.rate, eer.threshold), (mirrored_eer.rate, -mirrored_eer.threshold));
        for point in mirrored.det().unwrap().points() {
            prop_assert_eq!(scores.fmr_at(-point.threshold), Ok(point.fmr));
            prop_assert_eq!(mirrored.fnmr_at(point.threshold), Ok(point.fnmr));
        }
    }

    #[test]
    fn swapping_classes_and_direction_mirrors_the_curve(genuine in tied(), impostor in tied()) {
        let scores = distances(&genuine, &impostor);
        let swapped = Scores::new(SIMILARITY, impostor, genuine).unwrap();
        let mut mirrored: Vec<(f64, f64)> =
            swapped.det().unwrap().points().iter().map(|p| (p.fnmr, p.fmr)).collect();
        mirrored.reverse();
        let rates: Vec<(f64, f64)> =
            scores.det().unwrap().points().iter().map(|p| (p.fmr, p.fnmr)).collect();
        prop_assert_eq!(rates, mirrored);
        prop_assert!((scores.eer().unwrap().rate - swapped.eer().unwrap().rate).abs() < 1e-12);
        prop_assert_eq!(scores.auc(), swapped.auc());
    }

    #[test]
    fn a_target_is_kept_and_cannot_be_kept_with_one_comparison_more(
        genuine in tied(), impostor in tied(), target in 0.0..1.0_f64
    ) {
        let scores = distances(&genuine, &impostor);
        let det = scores.det().unwrap();
        if let Ok(found) = scores.fnmr_at_fmr(target) {
            let best = det.points().iter().filter(|p| p.fmr <= target).map(|p| p.fnmr);
            prop_assert_eq!(found.rate, best.fold(1.0, f64::min));
            prop_assert!(found.at.reached.rate() <= target);
            prop_assert_eq!(scores.fmr_at(found.at.threshold), Ok(found.at.reached.rate()));
        }
        if let Ok(found) = scores.fmr_at_fnmr(target) {
            let best = det.points().iter().filter(|p| p.fnmr <= target + 1e-12).map(|p| p.fmr);
            prop_assert_eq!(found.rate, best.fold(1.0, f64::min));
            prop_assert_eq!(scores.fnmr_at(found.at.threshold), Ok(found.at.reached.rate()));
        }
    }

    #[test]
    fn a_histogram_loses_no_score(genuine in tied(), impostor in tied(), bins in 1..40_usize) {
        let histogram = distances(&genuine, &impostor).histogram(bins).unwrap();
        prop_assert_eq!(histogram.edges.len(), bins + 1);
        prop_assert_eq!(histogram.genuine.iter().sum::<u64>(), genuine.len() as u64);
        prop_assert_eq!(histogram.impostor.iter().sum::<u64>(), impostor.len() as u64);
    }
}
