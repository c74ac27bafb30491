//! Calibrations: what is stored, what is refused, and decisions by them.

use proptest::prelude::*;
use serde_json::json;
use verification_figures::{
    Basis, Calibration, Direction, Error, FmrPoint, FpirPoint, Fusion, Made, Outcome,
};

fn calibration(direction: Direction, points: &[(f64, f64)]) -> Calibration {
    let mut made = Calibration::new(direction, Fusion::Best, 1, Made::new("by hand", 40));
    let points = points.iter();
    made.comparisons = points
        .map(|&(fmr, threshold)| FmrPoint::new(fmr, threshold))
        .collect();
    made
}

#[test]
fn what_the_first_galleries_stored_is_still_read() {
    let old = json!({
        "metric": "cosine", "fusion": {"mean-of-best": 2}, "templates_per_person": 3, "people": 400,
        "comparisons": [{"fmr": 0.01, "fnmr": 0.2, "threshold": 0.5}, {"fmr": 0.001, "fnmr": null, "threshold": 0.7}],
        "searches": [{"gallery_size": 10, "fpir": 0.1, "fnir": null, "threshold": 0.55}],
    });
    let read: Calibration = serde_json::from_value(old).unwrap();
    assert_eq!(read.direction, Direction::Similarity);
    assert_eq!(
        (read.fusion, read.templates_per_subject, read.made.subjects),
        (Fusion::MeanOfBest(2), 3, 400)
    );
    assert_eq!(read.comparisons[0].fnmr, Some(0.2));
    assert_eq!(read.comparisons[1], FmrPoint::new(0.001, 0.7));
    assert_eq!(read.searches, [FpirPoint::new(10, 0.1, 0.55)]);
    assert_eq!(read.fmr_at_score(0.6), None);
    let euclidean = json!({
        "metric": "euclidean", "fusion": "best", "templates_per_person": 1, "people": 4, "comparisons": [],
    });
    let read: Calibration = serde_json::from_value(euclidean).unwrap();
    assert_eq!(read.direction, Direction::Distance);
}

#[test]
fn what_is_stored_is_what_is_read_and_nonsense_is_refused() {
    let mut made = calibration(Direction::Distance, &[(0.1, 0.5), (0.01, 0.25)]);
    made.comparisons[0].threshold_interval = Some((0.4, 0.6));
    made.impostor_tail = vec![(0.2, 0.01), (0.5, 0.1)];
    made.searches = vec![FpirPoint::new(10, 0.1, 0.3)];
    let text = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<Calibration>(&text).unwrap(), made);

    let refused = |change: &dyn Fn(&mut Calibration)| {
        let mut wrong = made.clone();
        change(&mut wrong);
        let text = serde_json::to_string(&wrong).unwrap();
        assert!(
            serde_json::from_str::<Calibration>(&text).is_err(),
            "{text}"
        );
        assert!(matches!(wrong.checked(), Err(Error::Calibration { .. })));
    };
    refused(&|c| c.comparisons[0].threshold = 0.1);
    refused(&|c| c.comparisons[0].fmr = 1.0);
    refused(&|c| c.comparisons[0].threshold_interval = Some((0.6, 0.4)));
    refused(&|c| c.searches[0].gallery_size = 0);
    refused(&|c| c.impostor_tail.reverse());
    refused(&|c| c.impostor_tail[0].1 = 2.0);
}

#[test]
fn a_score_between_the_bounds_of_the_threshold_is_uncertain() {
    let mut made = calibration(Direction::Distance, &[(0.1, 0.5), (0.01, 0.25)]);
    made.comparisons[1].threshold_interval = Some((0.2, 0.3));
    let outcome = |score, fmr| made.decide(score, fmr).unwrap().outcome;
    assert_eq!(outcome(0.2, 0.01), Outcome::Match);
    assert_eq!(outcome(0.21, 0.01), Outcome::Uncertain);
    assert_eq!(outcome(0.29, 0.01), Outcome::Uncertain);
    assert_eq!(outcome(0.3, 0.01), Outcome::NonMatch);
    // A rate between two measured ones is met by the stricter.
    assert_eq!(outcome(0.4, 0.09), Outcome::NonMatch);
    assert_eq!(outcome(0.4, 0.1), Outcome::Match);
    // As everywhere in this crate, a score equal to the threshold is no match.
    assert_eq!(outcome(0.5, 0.1), Outcome::NonMatch);
    assert_eq!(made.decide(f64::NAN, 0.1), None);
    let beyond = made.decide(0.1, 0.001).unwrap();
    assert_eq!((beyond.target_met, beyond.point.fmr), (false, 0.01));
}

#[test]
fn the_share_of_impostors_at_a_score_is_never_below_what_the_data_show() {
    let mut made = calibration(Direction::Similarity, &[(0.1, 0.5)]);
    made.made.impostor = 300;
    made.impostor_tail = vec![(0.9, 0.002), (0.5, 0.1), (0.1, 1.0)];
    let at = |score| made.fmr_at_score(score).unwrap();
    assert_eq!(at(0.95), 0.01);
    assert_eq!(at(0.9), 0.01);
    assert_eq!(at(0.89), 0.1);
    assert_eq!(at(0.5), 0.1);
    assert_eq!(at(0.0), 1.0);
}

proptest! {
    /// A decision is the same in another unit, and so is the share of impostors.
    #[test]
    fn another_unit_changes_no_decision(
        thresholds in prop::array::uniform3(0.0_f64..2.0),
        score in 0.0_f64..2.0,
        reach in 0.0_f64..0.2,
        target in 0.0005_f64..0.5,
    ) {
        let mut sorted = thresholds;
        sorted.sort_by(f64::total_cmp);
        let mut distances = calibration(
            Direction::Distance,
            &[(0.001, sorted[0]), (0.01, sorted[1]), (0.1, sorted[2])],
        );
        for point in &mut distances.comparisons {
            point.threshold_interval = Some((point.threshold - reach, point.threshold + reach));
        }
        distances.impostor_tail = vec![(sorted[0], 0.1), (sorted[2] + 0.1, 1.0)];
        distances.searches = vec![FpirPoint::new(10, 0.1, sorted[0])];
        let as_cosine = distances.clone().rescaled(Direction::Similarity, |d| -d).unwrap();
        let (one, other) = (distances.decide(score, target).unwrap(), as_cosine.decide(-score, target).unwrap());
        prop_assert_eq!(one.outcome, other.outcome);
        prop_assert_eq!(one.fmr_at_score, other.fmr_at_score);
        prop_assert_eq!(as_cosine.for_fpir(0.1, 5).unwrap().basis, Basis::Measured { gallery_size: 10 });
        // A map that turns the order round is refused.
        if sorted[0] < sorted[2] {
            prop_assert!(distances.rescaled(Direction::Distance, |d| -d).is_err());
        }
    }
}

#[test]
fn templates_are_fused_alike_in_both_directions() {
    for fusion in [
        Fusion::Best,
        Fusion::Mean,
        Fusion::MeanOfBest(2),
        Fusion::Relative,
    ] {
        let distances = [0.5, 0.25, 1.0];
        let similarities = distances.map(|distance| -distance);
        let distance = fusion.fuse(Direction::Distance, &mut distances.clone());
        let similarity = fusion.fuse(Direction::Similarity, &mut similarities.clone());
        assert_eq!(distance, -similarity);
    }
    let fused = |fusion: Fusion| fusion.fuse(Direction::Distance, &mut [0.5, 0.25, 1.0]);
    assert_eq!(fused(Fusion::Best), 0.25);
    assert_eq!(fused(Fusion::MeanOfBest(2)), 0.375);
    assert_eq!(fused(Fusion::MeanOfBest(9)), 1.75 / 3.0);
    assert!(Fusion::MeanOfBest(0).checked().is_err());
}

#[test]
fn only_a_relative_score_is_less_what_the_templates_are_among_each_other() {
    let between =
        |a: usize, b: usize| [[0.0, 0.5, 0.25], [0.5, 0.0, 0.75], [0.25, 0.75, 0.0]][a][b];
    assert_eq!(Fusion::Relative.within(3, between), 0.5);
    assert_eq!(Fusion::Relative.within(2, between), 0.5);
    for templates in [0, 1] {
        assert_eq!(Fusion::Relative.within(templates, between), 0.0);
    }
    for fusion in [Fusion::Best, Fusion::Mean, Fusion::MeanOfBest(2)] {
        assert_eq!(fusion.within(3, between), 0.0);
    }
}
