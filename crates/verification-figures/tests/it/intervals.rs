//! Intervals over subjects: reproducible, wide enough, refused where hollow.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use verification_figures::{
    Comparison, Direction, Error, Figure, Jackknife, LabelledScores, PairKind,
};

/// Pairs of `samples` samples of each subject, on a line. Where a subject's
/// samples lie and how far they scatter are traits of the subject, so the
/// comparisons of one subject err together.
fn simulated(subjects: u32, samples: u32, seed: u64, impostors: bool) -> Vec<Comparison> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut points: Vec<(u32, f32)> = Vec::new();
    for subject in 0..subjects {
        let centre: f32 = rng.random_range(0.0_f32..6.0).powi(2);
        let scatter: f32 = rng.random_range(0.0..3.0);
        for _ in 0..samples {
            points.push((subject, centre + scatter * rng.random_range(-1.0..1.0)));
        }
    }
    let mut comparisons = Vec::new();
    for (k, &(a, x)) in points.iter().enumerate() {
        let first = if impostors {
            0
        } else {
            k - k % samples as usize
        };
        for &(b, y) in &points[first..k] {
            comparisons.push(Comparison {
                subjects: [a, b],
                score: (x - y).abs(),
            });
        }
    }
    comparisons
}

fn labelled(comparisons: Vec<Comparison>) -> LabelledScores {
    LabelledScores::new(Direction::Distance, comparisons).unwrap()
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let scores = labelled(simulated(12, 4, 3, true));
    let figures = [
        Figure::Eer,
        Figure::Auc,
        Figure::FnmrAtFmr(0.05),
        Figure::FnmrAt(1.0),
    ];
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| scores.intervals(&figures, &Jackknife::default()))
    };
    let alone = with_threads(1);
    assert!(alone.iter().all(Result::is_ok));
    assert_eq!(alone, with_threads(3));
    // With a group for each subject nothing is drawn.
    let other_seed = Jackknife::default().with_seed(1);
    assert_eq!(alone, scores.intervals(&figures, &other_seed));
    let grouped = Jackknife::default().with_most_groups(10);
    let found = scores.intervals(&figures, &grouped);
    assert_ne!(found, alone);
    assert_ne!(found, scores.intervals(&figures, &grouped.with_seed(1)));
}

/// In how many of 200 samples from one population the 90 % interval over
/// subjects holds the population's value, and in how many the binomial one
/// does, which takes comparisons for independent.
fn coverage(figure: Figure, truth: f64, sample: impl Fn(u64) -> Vec<Comparison>) -> (u32, u32) {
    let jackknife = Jackknife::default().with_confidence(0.9);
    let (mut covered, mut covered_binomial) = (0, 0);
    for seed in 0..200 {
        let comparisons = sample(seed);
        let wanted = |c: &&Comparison| {
            (c.kind() == PairKind::Genuine) == matches!(figure, Figure::FnmrAt(_))
        };
        let comparisons_of_kind = comparisons.iter().filter(wanted).count() as f64;
        let found = labelled(comparisons).interval(figure, &jackknife).unwrap();
        covered += u32::from(found.low <= truth && truth <= found.high);
        let variance = found.estimate * (1.0 - found.estimate) / comparisons_of_kind;
        let error = (found.estimate - truth).abs();
        covered_binomial += u32::from(error <= 1.645 * variance.sqrt());
    }
    (covered, covered_binomial)
}

#[test]
fn fnmr_intervals_cover_the_true_value_and_binomial_ones_do_not() {
    let figure = Figure::FnmrAt(1.5);
    let population = labelled(simulated(20_000, 6, 99_999, false));
    let truth = figure.of(&population.scores()).unwrap();
    let (covered, binomial) = coverage(figure, truth, |seed| simulated(30, 6, seed, false));
    assert!((165..=195).contains(&covered), "covered {covered} of 200");
    assert!(binomial < 120, "binomial covered {binomial} of 200");
}

#[test]
fn fmr_intervals_cover_the_true_value_and_binomial_ones_do_not() {
    let figure = Figure::FmrAt(1.5);
    let population = labelled(simulated(1500, 1, 99_999, true));
    let truth = figure.of(&population.scores()).unwrap();
    let (covered, binomial) = coverage(figure, truth, |seed| simulated(25, 2, seed, true));
    assert!((165..=199).contains(&covered), "covered {covered} of 200");
    assert!(binomial < 150, "binomial covered {binomial} of 200");
}

/// A cross-validation: folds of other people each, whose networks differ in scale.
fn folds(people: u32, samples: u32, seed: u64, impostors: bool) -> LabelledScores {
    let fold = |number: u32| {
        let mut comparisons = simulated(people, samples, seed * 8 + u64::from(number), impostors);
        for comparison in &mut comparisons {
            comparison.subjects = comparison.subjects.map(|subject| subject + number * people);
            comparison.score *= 0.75 + 0.07 * number as f32;
        }
        labelled(comparisons)
    };
    let folds: Vec<LabelledScores> = (0..8).map(fold).collect();
    LabelledScores::pooled(&folds).unwrap()
}

#[test]
fn intervals_of_pooled_folds_cover_the_true_value() {
    for (figure, people, impostors) in [
        (Figure::FnmrAt(1.5), 3000, false),
        (Figure::FmrAt(1.5), 200, true),
    ] {
        let truth = figure
            .of(&folds(people, 4, 99_999, impostors).scores())
            .unwrap();
        let sample = |seed| folds(5, 4, seed, impostors).comparisons().collect();
        let (covered, _) = coverage(figure, truth, sample);
        assert!(
            (165..=199).contains(&covered),
            "{figure:?}: covered {covered} of 200"
        );
    }
}

#[test]
fn pooling_keeps_every_comparison_and_refuses_another_direction() {
    let parts = [
        labelled(simulated(6, 3, 1, true)),
        labelled(simulated(6, 2, 2, true)),
    ];
    let pooled = LabelledScores::pooled(&parts).unwrap();
    assert_eq!(pooled.len(), parts[0].len() + parts[1].len());
    assert_eq!(pooled.subjects(), [0, 1, 2, 3, 4, 5]);
    let all = parts.iter().flat_map(LabelledScores::comparisons).collect();
    assert_eq!(pooled.scores(), labelled(all).scores());
    let similar = LabelledScores::new(Direction::Similarity, simulated(6, 2, 2, true)).unwrap();
    let refused = LabelledScores::pooled([&parts[0], &similar]);
    assert_eq!(refused, Err(Error::MixedDirections));
    assert_eq!(LabelledScores::pooled([]), Err(Error::Empty));
}

#[test]
fn too_few_subjects_and_hollow_settings_are_refused() {
    let few = labelled(simulated(9, 3, 1, true)).interval(Figure::Auc, &Jackknife::default());
    assert_eq!(
        few,
        Err(Error::TooFewSubjects {
            found: 9,
            needed: 10
        })
    );
    let scores = labelled(simulated(10, 3, 1, true));
    assert!(scores.interval(Figure::Auc, &Jackknife::default()).is_ok());
    for bad in [
        Jackknife::default().with_most_groups(9),
        Jackknife::default().with_confidence(1.0),
        Jackknife::default().with_confidence(f64::NAN),
    ] {
        assert!(matches!(
            scores.interval(Figure::Auc, &bad),
            Err(Error::Argument { .. })
        ));
    }
    let tiny_target = scores.interval(Figure::FnmrAtFmr(1e-4), &Jackknife::default());
    assert!(matches!(tiny_target, Err(Error::Unsupported { .. })));
}

#[test]
fn a_figure_resting_on_one_subject_is_refused() {
    let mut comparisons: Vec<Comparison> = (1..12)
        .map(|s| Comparison {
            subjects: [0, s],
            score: 1.0,
        })
        .collect();
    comparisons.extend((0..12).map(|s| Comparison {
        subjects: [s, s],
        score: 0.5,
    }));
    // Of the impostor comparisons all are of subject 0.
    let scores = labelled(comparisons.clone());
    let found = scores.interval(Figure::Auc, &Jackknife::default());
    assert!(matches!(
        found,
        Err(Error::UnstableInterval { figure: "AUC", .. })
    ));
    // Twelve subjects are compared with others, nine with themselves.
    comparisons.truncate(11 + 9);
    let scores = labelled(comparisons);
    let of = |figure| scores.interval(figure, &Jackknife::default());
    let few = Error::TooFewSubjects {
        found: 9,
        needed: 10,
    };
    assert_eq!(of(Figure::FnmrAt(0.6)), Err(few));
}

#[test]
fn no_errors_give_a_degenerate_interval() {
    let comparisons = (0..12_u32).flat_map(|a| {
        (a..12).map(move |b| Comparison {
            subjects: [a, b],
            score: if a == b { 0.1 } else { 0.9 },
        })
    });
    let scores = LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap();
    let interval = scores
        .interval(Figure::FmrAt(0.5), &Jackknife::default())
        .unwrap();
    assert!(interval.is_degenerate());
    // So is that of a perfect AUC, and that of shares that are alike for every subject.
    for figure in [Figure::Auc, Figure::Eer, Figure::FnmrAt(0.05)] {
        let interval = scores.interval(figure, &Jackknife::default()).unwrap();
        assert!(interval.is_degenerate(), "{figure:?}: {interval:?}");
        assert_eq!(interval.low, interval.estimate);
    }
}

#[test]
fn a_bad_score_is_named_by_its_place_among_all_comparisons() {
    let comparisons = vec![
        Comparison {
            subjects: [1, 1],
            score: 0.5,
        },
        Comparison {
            subjects: [1, 2],
            score: f32::NAN,
        },
    ];
    let refused = LabelledScores::new(Direction::Distance, comparisons);
    assert!(matches!(refused, Err(Error::NotFinite { index: 1, .. })));
}

/// In NumPy, with one wrong comparison of four for each of the first three of twelve subjects:
/// `p = 3 / 48; j = np.r_[np.full(3, 2 / 44), np.full(9, 3 / 44)]`,
/// `se = np.sqrt(11 / 12 * ((j - j.mean()) ** 2).sum())`, `t = scipy.stats.t.ppf(.975, 11)`,
/// `expit(logit(p) + np.array([-1, 1]) * t * se / (p * (1 - p)))`.
#[test]
fn the_interval_of_a_share_is_symmetrical_on_the_logit() {
    let comparisons = (0..12_u32).flat_map(|subject| {
        (0..4_u32).map(move |k| Comparison {
            subjects: [subject, subject],
            score: if subject < 3 && k == 0 { 1.0 } else { 0.0 },
        })
    });
    let scores = labelled(comparisons.collect());
    let found = scores.interval(Figure::FnmrAt(0.5), &Jackknife::default());
    let found = found.unwrap();
    assert_eq!((found.estimate, found.subjects), (0.0625, 12));
    for (found, expected) in [
        (found.low, 0.019_187_812_468_854_464),
        (found.high, 0.185_126_317_474_608_28),
    ] {
        assert!((found - expected).abs() < 1e-12, "{found}");
    }
}

/// One subject has all errors: without it there are none, and the interval is still one.
#[test]
fn errors_of_one_subject_alone_have_an_interval() {
    let comparisons = (0..40_u32).flat_map(|subject| {
        (0..4_u32).map(move |_| Comparison {
            subjects: [subject, subject],
            score: if subject == 7 { 1.0 } else { 0.0 },
        })
    });
    let scores = labelled(comparisons.collect());
    let found = scores.interval(Figure::FnmrAt(0.5), &Jackknife::default());
    let found = found.unwrap();
    assert_eq!(found.estimate, 0.025);
    assert!(0.0 < found.low && found.low < 0.005, "{found:?}");
    assert!(0.15 < found.high && found.high < 0.2, "{found:?}");
}

#[test]
fn forgeries_are_left_out_with_the_subject_whom_they_forge() {
    let score = |subject: u32, i: u32| 0.1 * subject as f32 + 0.05 * i as f32;
    let genuine = |s: u32| {
        (0..3).map(move |i| Comparison {
            subjects: [s, s],
            score: score(s, i),
        })
    };
    let skilled = |s: u32| (0..3).map(move |i| Comparison::skilled(s, 0.3 + score(s, i)));
    let all: Vec<Comparison> = (0..12).flat_map(|s| genuine(s).chain(skilled(s))).collect();
    let scores = LabelledScores::new(Direction::Distance, all.clone()).unwrap();
    assert_eq!(scores.subjects().len(), 12);
    assert_eq!(scores.scores().count(PairKind::Impostor), 36);
    let interval = scores.interval(Figure::Eer, &Jackknife::default()).unwrap();
    assert_eq!(interval.subjects, 12);
    // By hand: the figure without each subject.
    let without = |left_out: u32| {
        let stays = all.iter().filter(|c| c.subjects[0] != left_out).copied();
        let rest = LabelledScores::new(Direction::Distance, stays.collect()).unwrap();
        rest.scores().eer().unwrap().rate
    };
    let values: Vec<f64> = (0..12).map(without).collect();
    let mean = values.iter().sum::<f64>() / 12.0;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let error = (11.0 / 12.0 * squares).sqrt();
    assert!((interval.standard_error - error).abs() < 1e-12);
    let errors = scores.errors_by_subject(0.5).unwrap();
    assert_eq!(errors.len(), 12);
    assert_eq!(errors[0].false_matches.unwrap().comparisons, 3);
}
