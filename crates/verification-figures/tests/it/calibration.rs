//! Score to probability, against scikit-learn and SciPy.
//!
//! The expected numbers come from these lines:
//!
//! ```python
//! k = np.arange(400); m = np.arange(900)
//! g = ((k * k * 7 + k * 3) % 97) / 64; i = ((m * m * 5 + m * 11) % 113 + 40) / 64
//! s = np.r_[g, i]; y = np.r_[np.ones(400), np.zeros(900)]
//! iso = IsotonicRegression(increasing=False, out_of_bounds="clip").fit(s, y)
//! iso.X_thresholds_, iso.y_thresholds_, iso.predict(q)
//! sklearn.calibration._sigmoid_calibration(s, y)       # -2.92187826, 2.39436562
//! t = np.where(y == 1, 401 / 402, 1 / 902)              # the same, to full precision:
//! def gradient(p):
//!     e = 1 / (1 + np.exp(-(p[0] * s + p[1]))) - t
//!     return [np.sum(e * s), np.sum(e)]
//! scipy.optimize.root(gradient, [-2.9, 2.4], tol=1e-14).x
//! def cllr(g, i):                                      # 1 - g, 1 - i; the isotonic map's; the logistic map's
//!     return (np.mean(np.logaddexp(0, -g)) + np.mean(np.logaddexp(0, i))) / 2 / np.log(2)
//! ```

use proptest::prelude::*;
use verification_figures::{Direction, Error, IsotonicMap, LogisticMap, Scores};

fn genuine() -> Vec<f32> {
    (0..400_u32)
        .map(|k| ((k * k * 7 + k * 3) % 97) as f32 / 64.0)
        .collect()
}

fn impostor() -> Vec<f32> {
    (0..900_u32)
        .map(|m| ((m * m * 5 + m * 11) % 113 + 40) as f32 / 64.0)
        .collect()
}

fn scores() -> Scores {
    Scores::new(Direction::Distance, genuine(), impostor()).unwrap()
}

fn negated() -> Scores {
    let negate = |scores: Vec<f32>| scores.into_iter().map(|s| -s).collect();
    Scores::new(Direction::Similarity, negate(genuine()), negate(impostor())).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!(
        (found - expected).abs() < tolerance,
        "found {found}, expected {expected}"
    );
}

#[test]
fn isotonic_map_equals_scikit_learn() {
    let map = IsotonicMap::fit(&scores()).unwrap();
    let places: Vec<f64> = map.knots().map(|(score, _)| score).collect();
    let expected = [
        0.0, 0.59375, 0.625, 0.734375, 0.78125, 1.25, 1.28125, 1.34375, 1.359375, 1.484375, 1.5,
        2.359375,
    ];
    assert_eq!(places, expected);
    for (score, probability) in [
        (-1.0, 1.0),
        (0.3, 1.0),
        (0.7, 0.384_615_384_615_384_64),
        (1.0, 0.354_066_985_645_933_03),
        (1.5, 0.0),
        (3.0, 0.0),
        (f64::INFINITY, 0.0),
    ] {
        close(map.probability(score).unwrap(), probability, 1e-12);
    }
    // Halfway between two pools.
    close(
        map.probability(0.609_375).unwrap(),
        (1.0 + 0.384_615_384_615_384_64) / 2.0,
        1e-12,
    );
}

#[test]
fn logistic_map_equals_scipy() {
    let map = LogisticMap::fit(&scores()).unwrap();
    close(map.slope, -2.921_878_264_874_55, 1e-9);
    close(map.intercept, 2.394_365_620_703_006_4, 1e-9);
    close(map.probability(0.5).unwrap(), 0.717_769_928_318_206_5, 1e-9);
}

#[test]
fn similarities_are_mapped_like_distances() {
    let (isotonic, mirrored) = (
        IsotonicMap::fit(&scores()).unwrap(),
        IsotonicMap::fit(&negated()).unwrap(),
    );
    let (logistic, mirrored_logistic) = (
        LogisticMap::fit(&scores()).unwrap(),
        LogisticMap::fit(&negated()).unwrap(),
    );
    assert_eq!(logistic.slope, -mirrored_logistic.slope);
    assert_eq!(logistic.intercept, mirrored_logistic.intercept);
    for score in [-1.0, 0.0, 0.3, 0.61, 1.0, 1.27, 2.0] {
        assert_eq!(isotonic.probability(score), mirrored.probability(-score));
        assert_eq!(
            logistic.probability(score),
            mirrored_logistic.probability(-score)
        );
    }
}

#[test]
fn separable_classes_give_a_finite_logistic_map() {
    let scores = Scores::new(Direction::Distance, vec![0.1, 0.2], vec![0.8, 0.9, 0.7]).unwrap();
    let map = LogisticMap::fit(&scores).unwrap();
    assert!(map.slope.is_finite() && map.slope < 0.0);
    // Three quarters and one fifth are the targets of two and three.
    close(map.probability(0.15).unwrap(), 0.75, 0.05);
    close(map.probability(0.8).unwrap(), 0.2, 0.05);
}

#[test]
fn badly_scaled_scores_do_not_disturb_the_fit() {
    let plain = LogisticMap::fit(&scores()).unwrap();
    let stretch = |scores: Vec<f32>| scores.into_iter().map(|s| s * 65_536.0 + 1e6).collect();
    let stretched = Scores::new(Direction::Distance, stretch(genuine()), stretch(impostor()));
    let stretched = LogisticMap::fit(&stretched.unwrap()).unwrap();
    let expected = plain.probability(0.75).unwrap();
    close(
        stretched.probability(0.75 * 65_536.0 + 1e6).unwrap(),
        expected,
        1e-9,
    );
}

#[test]
fn another_share_of_genuine_comparisons_changes_the_odds() {
    let share: f64 = 400.0 / 1300.0;
    let logistic = LogisticMap::fit(&scores()).unwrap();
    close(logistic.genuine_share, share, 1e-12);
    let rare = logistic.with_genuine_share(0.01).unwrap();
    let odds = |p: f64| p / (1.0 - p);
    let ratio = odds(0.01) / odds(share);
    let (before, after) = (
        logistic.probability(0.7).unwrap(),
        rare.probability(0.7).unwrap(),
    );
    close(odds(after) / odds(before), ratio, 1e-9);

    let isotonic = IsotonicMap::fit(&scores()).unwrap();
    let before = isotonic.probability(0.7).unwrap();
    let rare = isotonic.clone().with_genuine_share(0.01).unwrap();
    close(
        odds(rare.probability(0.7).unwrap()) / odds(before),
        ratio,
        1e-9,
    );
    assert_eq!(rare.probability(0.3), Ok(1.0));
    assert!(isotonic.with_genuine_share(1.0).is_err());
    assert!(logistic.with_genuine_share(f64::NAN).is_err());
}

#[test]
fn a_stored_isotonic_map_comes_back_and_a_broken_one_is_refused() {
    for map in [
        IsotonicMap::fit(&scores()).unwrap(),
        IsotonicMap::fit(&negated()).unwrap(),
    ] {
        let falling = map.knots().next().unwrap().0 < map.knots().last().unwrap().0;
        let direction = if falling {
            Direction::Distance
        } else {
            Direction::Similarity
        };
        let again = IsotonicMap::from_knots(direction, map.genuine_share(), map.knots());
        assert_eq!(again.unwrap(), map);
    }
    for broken in [
        vec![],
        vec![(0.0, 0.5), (0.0, 0.4)],
        vec![(0.0, 0.5), (1.0, 0.6)],
        vec![(0.0, 1.5)],
        vec![(f64::NAN, 0.5)],
        vec![(0.0, f64::NAN)],
    ] {
        assert!(IsotonicMap::from_knots(Direction::Distance, 0.5, broken).is_err());
    }
}

#[test]
fn maps_need_both_classes_and_some_spread() {
    let one = Scores::new(Direction::Distance, vec![0.1], vec![]).unwrap();
    assert!(matches!(IsotonicMap::fit(&one), Err(Error::Missing { .. })));
    assert!(matches!(LogisticMap::fit(&one), Err(Error::Missing { .. })));
    let flat = Scores::new(Direction::Distance, vec![0.1, 0.1], vec![0.1]).unwrap();
    assert!(matches!(
        LogisticMap::fit(&flat),
        Err(Error::Undefined { .. })
    ));
    let map = IsotonicMap::fit(&flat).unwrap();
    close(map.probability(0.7).unwrap(), 2.0 / 3.0, 1e-12);
    assert!(map.probability(f64::NAN).is_err());
}

/// The best monotone fit by the min-max formula for isotonic regression.
fn naive_isotonic(groups: &[(f64, f64)], place: usize) -> f64 {
    let mean = |a: usize, b: usize| {
        let (genuine, all) = groups[a..=b]
            .iter()
            .fold((0.0, 0.0), |sum, g| (sum.0 + g.0, sum.1 + g.1));
        genuine / all
    };
    (0..=place)
        .map(|a| {
            (place..groups.len())
                .map(|b| mean(a, b))
                .fold(f64::NEG_INFINITY, f64::max)
        })
        .fold(f64::INFINITY, f64::min)
}

proptest! {
    #[test]
    fn isotonic_map_equals_the_min_max_formula(
        genuine in prop::collection::vec(0..12_u8, 1..40),
        impostor in prop::collection::vec(0..12_u8, 1..40),
    ) {
        let floats = |v: &[u8]| v.iter().map(|&k| f32::from(k)).collect::<Vec<f32>>();
        let scores = Scores::new(Direction::Distance, floats(&genuine), floats(&impostor)).unwrap();
        let map = IsotonicMap::fit(&scores).unwrap();
        let count = |v: &[u8], k: u8| v.iter().filter(|&&x| x == k).count() as f64;
        let present: Vec<u8> =
            (0..12).filter(|&k| count(&genuine, k) + count(&impostor, k) > 0.0).collect();
        let groups: Vec<(f64, f64)> = present
            .iter()
            .map(|&k| (count(&genuine, k), count(&genuine, k) + count(&impostor, k)))
            .collect();
        for (place, &k) in present.iter().enumerate() {
            let found = map.probability(f64::from(k)).unwrap();
            prop_assert!((found - naive_isotonic(&groups, place)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_logistic_fit_is_stationary(
        genuine in prop::collection::vec(-3.0_f32..3.0, 2..40),
        impostor in prop::collection::vec(-2.0_f32..5.0, 2..40),
    ) {
        let scores = Scores::new(Direction::Similarity, genuine.clone(), impostor.clone()).unwrap();
        let map = LogisticMap::fit(&scores).unwrap();
        let (n, m) = (genuine.len() as f64, impostor.len() as f64);
        let with_target = |v: &[f32], t: f64| v.iter().map(|&s| (f64::from(s), t)).collect::<Vec<_>>();
        let mut all = with_target(&genuine, (n + 1.0) / (n + 2.0));
        all.extend(with_target(&impostor, 1.0 / (m + 2.0)));
        let error = |&(s, t): &(f64, f64)| map.probability(s).unwrap() - t;
        let intercept: f64 = all.iter().map(error).sum();
        let slope: f64 = all.iter().map(|x| error(x) * x.0).sum();
        prop_assert!(intercept.abs() < 1e-6 * (n + m) && slope.abs() < 1e-6 * (n + m));
    }
}

#[test]
fn the_cost_of_likelihood_ratios_equals_numpy() {
    let scores = scores();
    close(
        scores.cllr(|score| Ok(1.0 - score)).unwrap(),
        0.826_691_010_795_485_7,
        1e-12,
    );
    close(scores.min_cllr().unwrap(), 0.595_456_342_156_257, 1e-12);
    let map = LogisticMap::fit(&scores).unwrap();
    let cllr = scores
        .cllr(|score| map.log_likelihood_ratio(score))
        .unwrap();
    close(cllr, 0.724_874_520_055_139_6, 1e-9);
}

#[test]
fn the_ratios_of_the_isotonic_map_cost_the_least() {
    let scores = scores();
    let map = IsotonicMap::fit(&scores).unwrap();
    let at_other_share = map.clone().with_genuine_share(0.01).unwrap();
    for map in [map, at_other_share] {
        let cllr = scores.cllr(|score| map.log_likelihood_ratio(score));
        close(cllr.unwrap(), scores.min_cllr().unwrap(), 1e-12);
    }
}

#[test]
fn ratios_that_are_no_numbers_and_classes_without_scores_have_no_cost() {
    let scores = scores();
    assert!(matches!(
        scores.cllr(|_| Ok(f64::NAN)),
        Err(Error::Argument { .. })
    ));
    let genuine = Scores::new(Direction::Distance, vec![0.1], vec![]).unwrap();
    assert!(matches!(genuine.min_cllr(), Err(Error::Missing { .. })));
    assert!(matches!(genuine.cllr(Ok), Err(Error::Missing { .. })));
    // Ratios that are always right, and as strong as can be.
    let apart = Scores::new(Direction::Similarity, vec![f32::MAX], vec![f32::MIN]).unwrap();
    assert_eq!(apart.cllr(Ok), Ok(0.0));
    assert_eq!(apart.min_cllr(), Ok(0.0));
}

#[test]
fn another_share_changes_the_odds_of_every_score_by_one_factor() {
    let map = IsotonicMap::fit(&scores()).unwrap();
    let other = map.clone().with_genuine_share(0.02).unwrap();
    let odds = |p: f64| p / (1.0 - p);
    let factor = odds(0.02) / odds(map.genuine_share());
    // Between the pools, too: 0.6 and 1.49 lie there.
    for score in [0.6, 0.609_375, 0.7, 0.75, 1.0, 1.26, 1.49] {
        let before = map.probability(score).unwrap();
        let after = other.probability(score).unwrap();
        close(odds(after), odds(before) * factor, 1e-12);
    }
}
