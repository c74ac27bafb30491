//! Differences between methods: paired, reproducible, and only of the same comparisons.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use verification_figures::{Comparison, Direction, Error, Figure, Jackknife, LabelledScores};

/// The same samples as two methods see them, the second with more noise, and all pairs of them or
/// only the genuine ones.
fn two_methods(subjects: u32, seed: u64, impostors: bool) -> [LabelledScores; 2] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut samples: Vec<(u32, [f32; 2])> = Vec::new();
    for subject in 0..subjects {
        let centre: f32 = rng.random_range(0.0_f32..6.0).powi(2);
        let scatter: f32 = rng.random_range(0.0..3.0);
        for _ in 0..4 {
            let seen = centre + scatter * rng.random_range(-1.0_f32..1.0);
            samples.push((subject, [seen, seen + rng.random_range(-0.8..0.8)]));
        }
    }
    [0, 1].map(|method| {
        let mut comparisons = Vec::new();
        for (k, (a, x)) in samples.iter().enumerate() {
            let first = if impostors { 0 } else { k - k % 4 };
            for (b, y) in &samples[first..k] {
                comparisons.push(Comparison {
                    subjects: [*a, *b],
                    score: (x[method] - y[method]).abs(),
                });
            }
        }
        LabelledScores::new(Direction::Distance, comparisons).unwrap()
    })
}

#[test]
fn paired_intervals_cover_the_true_difference_and_are_narrow() {
    let figures = [Figure::FnmrAt(1.5), Figure::FnmrAt(1.7)];
    let truth = {
        let [good, noisy] = two_methods(20_000, 99_999, false);
        figures[0].of(&good.scores()).unwrap() - figures[1].of(&noisy.scores()).unwrap()
    };
    let jackknife = Jackknife::default().with_confidence(0.9);
    let (mut covered, mut narrower) = (0, 0);
    for seed in 0..200 {
        let [good, noisy] = two_methods(30, seed, false);
        let found = good
            .differences(&noisy, &[figures], &jackknife)
            .pop()
            .unwrap()
            .unwrap();
        let interval = found.interval;
        assert_eq!(interval.estimate, found.first - found.second);
        covered += u32::from(interval.low <= truth && truth <= interval.high);
        // Of independent samples the variances would add up.
        let width = |scores: &LabelledScores, figure| {
            let own = scores.interval(figure, &jackknife).unwrap();
            own.high - own.low
        };
        let unpaired = width(&good, figures[0]).hypot(width(&noisy, figures[1]));
        narrower += u32::from(interval.high - interval.low < 0.8 * unpaired);
    }
    assert!((165..=195).contains(&covered), "covered {covered} of 200");
    assert!(narrower > 190, "narrower {narrower} times of 200");
}

#[test]
fn a_method_does_not_differ_from_itself_and_the_order_turns_the_sign() {
    let [good, noisy] = two_methods(12, 3, true);
    let jackknife = Jackknife::default();
    let none = good.difference(&good, Figure::Eer, &jackknife).unwrap();
    let ends = (
        none.interval.low,
        none.interval.estimate,
        none.interval.high,
    );
    assert_eq!(ends, (0.0, 0.0, 0.0));
    assert!(!none.is_clear());
    for figure in [Figure::Eer, Figure::Auc, Figure::FnmrAtFmr(0.05)] {
        let there = good.difference(&noisy, figure, &jackknife).unwrap();
        let back = noisy.difference(&good, figure, &jackknife).unwrap();
        assert_eq!((there.first, there.second), (back.second, back.first));
        assert!((there.interval.low + back.interval.high).abs() < 1e-12);
        assert!((there.interval.high + back.interval.low).abs() < 1e-12);
        assert_eq!(there.is_clear(), back.is_clear());
    }
}

#[test]
fn scale_and_direction_do_not_count_and_neither_do_threads() {
    let [good, noisy] = two_methods(12, 3, true);
    let similarities = noisy.comparisons().map(|comparison| Comparison {
        subjects: [comparison.subjects[1], comparison.subjects[0]],
        score: -comparison.score * 16.0,
    });
    let other = LabelledScores::new(Direction::Similarity, similarities.collect()).unwrap();
    let with_threads = |threads, other: &LabelledScores| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let compare = || {
            good.difference(other, Figure::Eer, &Jackknife::default())
                .unwrap()
        };
        pool.build().unwrap().install(compare)
    };
    assert_eq!(with_threads(1, &noisy), with_threads(3, &other));
}

#[test]
fn other_comparisons_are_refused() {
    let [good, noisy] = two_methods(12, 3, true);
    let mut fewer: Vec<Comparison> = noisy.comparisons().collect();
    let dropped = fewer.iter().position(|c| c.subjects == [4, 2]).unwrap();
    fewer.remove(dropped);
    let fewer = LabelledScores::new(Direction::Distance, fewer).unwrap();
    let expected = Error::DifferentComparisons {
        subjects: [2, 4],
        first: 16,
        second: 15,
    };
    let refused = good.difference(&fewer, Figure::Eer, &Jackknife::default());
    assert_eq!(refused, Err(expected));
    // A figure that one of the two does not have is that one's error, and the others stay.
    let figures = [
        [Figure::FnmrAtFmr(1e-5), Figure::Eer],
        [Figure::Eer, Figure::Eer],
    ];
    let found = good.differences(&noisy, &figures, &Jackknife::default());
    assert!(matches!(found[0], Err(Error::Unsupported { .. })));
    assert!(found[1].is_ok());
}

/// `2 * scipy.stats.t.sf(abs(estimate) / standard_error, freedom)`, and the same as the interval says.
#[test]
fn p_values_go_with_the_intervals() {
    let [good, noisy] = two_methods(12, 3, true);
    let mut found = good
        .difference(&noisy, Figure::Eer, &Jackknife::default())
        .unwrap();
    assert_eq!(found.interval.freedom, 11);
    assert_eq!(found.is_clear(), found.p_value() < 0.05);
    // scipy.stats.t.sf(2.5, 11) * 2
    found.interval.estimate = 2.5 * found.interval.standard_error;
    assert!(
        (found.p_value() - 0.029_506_374_087_364_16).abs() < 1e-9,
        "{}",
        found.p_value()
    );
    let none = good.difference(&good, Figure::Eer, &Jackknife::default());
    assert_eq!(none.unwrap().p_value(), 1.0);
}
