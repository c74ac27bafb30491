//! Streamed scores against exact ones: the stated bounds must hold.

use proptest::prelude::*;
use verification_figures::{
    Accumulator, Bounded, Direction, Embeddings, Error, Metric, PairKind, SampleScores, Scores,
};

fn streamed(direction: Direction, bits: u32, genuine: &[f32], impostor: &[f32]) -> Accumulator {
    let mut accumulator = Accumulator::with_bits(direction, bits).unwrap();
    for &score in genuine {
        accumulator.push(PairKind::Genuine, score).unwrap();
    }
    for &score in impostor {
        accumulator.push(PairKind::Impostor, score).unwrap();
    }
    accumulator
}

fn holds(bounded: Bounded, exact: f64) -> bool {
    let slack = 1e-12;
    bounded.low - slack <= exact
        && exact <= bounded.high + slack
        && bounded.low <= bounded.estimate
        && bounded.estimate <= bounded.high
}

/// Finite values of all magnitudes, many of them in a common range.
fn any_scores() -> impl Strategy<Value = Vec<f32>> {
    let finite = any::<f32>().prop_filter("finite", |x| x.is_finite());
    prop::collection::vec(prop_oneof![4 => -1.0_f32..1.0, 1 => finite], 1..120)
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Distance), Just(Direction::Similarity)]
}

/// The width of a bucket at a score, as stated.
fn width(score: f64, bits: i32) -> f64 {
    score.abs().max(2.0_f64.powi(-126)) * 2.0_f64.powi(-bits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn exact_figures_lie_within_the_bounds(
        genuine in any_scores(),
        impostor in any_scores(),
        direction in directions(),
        bits in 4..=7_u32,
        threshold in -1.0..1.0_f64,
    ) {
        let exact = Scores::new(direction, genuine.clone(), impostor.clone()).unwrap();
        let streamed = streamed(direction, bits, &genuine, &impostor);
        prop_assert!(holds(streamed.auc().unwrap(), exact.auc().unwrap()));
        prop_assert!(holds(streamed.eer().unwrap().rate, exact.eer().unwrap().rate));
        prop_assert!(holds(streamed.fmr_at(threshold).unwrap(), exact.fmr_at(threshold).unwrap()));
        prop_assert!(holds(streamed.fnmr_at(threshold).unwrap(), exact.fnmr_at(threshold).unwrap()));
        for point in streamed.det().unwrap().points() {
            prop_assert_eq!(exact.fmr_at(point.threshold), Ok(point.fmr));
            prop_assert_eq!(exact.fnmr_at(point.threshold), Ok(point.fnmr));
            let at_edge = streamed.fmr_at(point.threshold).unwrap();
            prop_assert_eq!((at_edge.low, at_edge.high), (point.fmr, point.fmr));
        }
    }

    #[test]
    fn thresholds_are_a_bucket_away_at_most_and_their_rates_exact(
        genuine in any_scores(),
        impostor in any_scores(),
        direction in directions(),
        bits in 4..=7_u32,
        target in 0.1..1.0_f64,
    ) {
        let exact = Scores::new(direction, genuine.clone(), impostor.clone()).unwrap();
        let streamed = streamed(direction, bits, &genuine, &impostor);
        let near = |found: f64, wanted: f64| {
            (found - wanted).abs() <= width(wanted, bits as i32) * 1.000_001
        };
        if let Ok(wanted) = exact.threshold_for_fmr(target) {
            let found = streamed.fnmr_at_fmr(target).unwrap();
            prop_assert!(near(found.at.threshold, wanted.threshold), "{found:?} {wanted:?}");
            prop_assert!(found.at.reached.rate() <= target);
            prop_assert_eq!(exact.fmr_at(found.at.threshold), Ok(found.at.reached.rate()));
            prop_assert_eq!(exact.fnmr_at(found.at.threshold), Ok(found.rate));
        }
        if let Ok(wanted) = exact.threshold_for_fnmr(target) {
            let found = streamed.fmr_at_fnmr(target).unwrap();
            prop_assert!(near(found.at.threshold, wanted.threshold), "{found:?} {wanted:?}");
            prop_assert!(found.at.reached.rate() <= target);
            prop_assert_eq!(exact.fnmr_at(found.at.threshold), Ok(found.at.reached.rate()));
            prop_assert_eq!(exact.fmr_at(found.at.threshold), Ok(found.rate));
        }
    }

    #[test]
    fn merging_parts_equals_counting_the_whole(
        genuine in any_scores(), impostor in any_scores(), direction in directions()
    ) {
        let whole = streamed(direction, 8, &genuine, &impostor);
        let mut merged = streamed(direction, 8, &[], &impostor);
        let (first, second) = genuine.split_at(genuine.len() / 2);
        merged.merge(&streamed(direction, 8, second, &[])).unwrap();
        merged.merge(&streamed(direction, 8, first, &[])).unwrap();
        prop_assert_eq!(&merged, &whole);
        let counted: u64 = whole.buckets().map(|b| b.genuine + b.impostor).sum();
        prop_assert_eq!(counted as usize, genuine.len() + impostor.len());
        for bucket in whole.buckets() {
            let inside = |scores: &[f32]| {
                scores.iter().filter(|&&s| bucket.low <= f64::from(s) && f64::from(s) <= bucket.high).count()
            };
            prop_assert!(inside(&genuine) as u64 >= bucket.genuine);
            prop_assert!(inside(&impostor) as u64 >= bucket.impostor);
        }
    }
}

/// On smooth distributions the bounds are as tight as the buckets promise.
#[test]
fn bounds_are_tight_on_many_scores() {
    let genuine: Vec<f32> = (0..200_000)
        .map(|k| (k as f32 / 200_000.0).sqrt())
        .collect();
    let impostor: Vec<f32> = (0..300_000).map(|k| 0.5 + k as f32 / 300_000.0).collect();
    let exact = Scores::new(Direction::Distance, genuine.clone(), impostor.clone()).unwrap();
    let streamed = streamed(Direction::Distance, 11, &genuine, &impostor);
    let (eer, auc) = (streamed.eer().unwrap(), streamed.auc().unwrap());
    assert!(holds(eer.rate, exact.eer().unwrap().rate) && eer.rate.high - eer.rate.low < 1e-3);
    assert!(holds(auc, exact.auc().unwrap()) && auc.high - auc.low < 1e-3);
    assert!((auc.estimate - exact.auc().unwrap()).abs() < 1e-6);
    assert!((eer.threshold - exact.eer().unwrap().threshold).abs() < 1e-3);
}

#[test]
fn equal_rates_on_an_edge_are_exact_with_a_threshold_in_the_gap() {
    let streamed = streamed(Direction::Distance, 11, &[0.1, 0.2], &[0.8, 0.9]);
    let eer = streamed.eer().unwrap();
    assert_eq!((eer.rate.low, eer.rate.high), (0.0, 0.0));
    assert!((eer.threshold - 0.5).abs() < 1e-3);
}

#[test]
fn misuse_is_refused() {
    let mut distances = Accumulator::new(Direction::Distance);
    let refused = distances.push(PairKind::Genuine, f32::NAN);
    assert!(matches!(refused, Err(Error::NotFinite { index: 0, .. })));
    assert_eq!(distances.count(PairKind::Genuine), 0);
    assert!(matches!(distances.eer(), Err(Error::Missing { .. })));
    assert!(matches!(distances.fmr_at(0.5), Err(Error::Missing { .. })));
    let similarities = Accumulator::new(Direction::Similarity);
    assert_eq!(distances.merge(&similarities), Err(Error::Unmergeable));
    assert!(Accumulator::with_bits(Direction::Distance, 17).is_err());
    for k in 0..100_u8 {
        distances.push(PairKind::Impostor, f32::from(k)).unwrap();
    }
    assert!(matches!(
        distances.threshold_for_fmr(0.001),
        Err(Error::Unsupported { .. })
    ));
}

#[test]
fn all_pairs_equal_the_exact_pairs_for_any_number_of_threads() {
    const SAMPLES: usize = 300;
    const DIMENSIONS: usize = 19;
    let mut state = 1_u32;
    let values: Vec<f32> = (0..SAMPLES * DIMENSIONS)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state as f32 / 4_294_967_296.0 - 0.5
        })
        .collect();
    let subjects: Vec<u32> = (0..SAMPLES as u32).map(|k| k % 37).collect();
    let embeddings = Embeddings::new(&values, DIMENSIONS, &subjects).unwrap();
    for metric in [Metric::Euclidean, Metric::Manhattan, Metric::Cosine] {
        let exact = SampleScores::from_embeddings(metric, embeddings).unwrap();
        let exact = exact.all_pairs().unwrap().scores();
        let of = |kind| exact.of_kind(kind).collect::<Vec<f32>>();
        let expected = streamed(
            metric.direction(),
            11,
            &of(PairKind::Genuine),
            &of(PairKind::Impostor),
        );
        for threads in [1, 3] {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            let found = pool
                .install(|| Accumulator::all_pairs(metric, embeddings))
                .unwrap();
            assert_eq!(found, expected);
        }
    }
}
