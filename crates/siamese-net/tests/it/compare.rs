//! What comparing two images gives.

use siamese_net::{Comparison, Distance, Threshold};

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
