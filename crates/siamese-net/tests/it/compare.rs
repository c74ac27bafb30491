//! What comparing two images gives.

use ndarray::array;
use siamese_net::{Calibration, Comparison, Distance, Outcome, Threshold};
use verification_figures::{Direction, FmrPoint, Fusion, Made};

#[test]
fn without_a_calibration_there_is_no_decision_and_a_threshold_is_shown_as_what_it_is() {
    let threshold = Threshold {
        value: 0.5,
        source: "the recipe's".into(),
    };
    let near = Comparison::new(Distance::Euclidean, 0.25, Some(threshold.clone()));
    assert_eq!((near.distance, near.similarity), (0.25, 0.8));
    assert!(near.decision.is_none());
    assert_eq!(near.is_below_bare_threshold(), Some(true));
    assert_eq!(near.bare_threshold, Some(threshold.clone()));
    // At the threshold is not below it.
    let at = Comparison::new(Distance::Euclidean, 0.5, Some(threshold));
    assert_eq!(at.is_below_bare_threshold(), Some(false));
    let none = Comparison::new(Distance::Cosine, 0.25, None);
    assert_eq!(none.similarity, 0.75);
    assert_eq!(none.is_below_bare_threshold(), None);
}

#[test]
fn similarity_falls_as_distance_grows_whatever_the_metric() {
    for metric in [
        Distance::Euclidean,
        Distance::SquaredEuclidean,
        Distance::L1,
        Distance::Cosine,
    ] {
        let of = |distance| metric.similarity(distance);
        assert_eq!(of(0.0), 1.0, "{}", metric.name());
        assert!(of(0.1) > of(0.2) && of(1.0) > of(2.0));
    }
}

#[test]
fn distances_of_vectors_are_those_of_their_formulas() {
    let (a, b) = (array![1.0f32, 2.0, -2.0], array![3.0f32, 0.0, -1.0]);
    let of = |metric: Distance| metric.of_vectors(a.view(), b.view());
    assert_eq!(of(Distance::Euclidean), 3.0);
    assert_eq!(of(Distance::SquaredEuclidean), 9.0);
    assert_eq!(of(Distance::L1), 5.0);
    // The lengths are 3 and the root of 10, the inner product is 5.
    let cosine = 1.0 - 5.0 / (3.0 * 10f64.sqrt());
    assert!((f64::from(of(Distance::Cosine)) - cosine).abs() < 1e-7);
    let broken = array![f32::NAN, 0.0, 0.0];
    for metric in [Distance::Euclidean, Distance::L1, Distance::Cosine] {
        assert!(metric.of_vectors(a.view(), broken.view()).is_nan());
    }
}

#[test]
fn a_calibration_for_single_images_decides_at_the_rate_asked_for() {
    let made = |templates| {
        let made = Made::new("a test", 40);
        let mut made = Calibration::new(Direction::Distance, Fusion::Mean, templates, made);
        made.comparisons = vec![FmrPoint::new(0.01, 0.4), FmrPoint::new(0.1, 0.6)];
        made
    };
    let found = Comparison::new(Distance::Euclidean, 0.5, None);
    let outcome = |calibration: &Calibration, fmr| {
        let found = found.clone().decided_by(Some(calibration), fmr);
        found.decision.map(|decision| decision.outcome)
    };
    assert_eq!(outcome(&made(1), 0.1), Some(Outcome::Match));
    assert_eq!(outcome(&made(1), 0.05), Some(Outcome::NonMatch));
    assert_eq!(outcome(&made(5), 0.1), None);
}
