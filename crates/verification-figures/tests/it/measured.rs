//! Calibrations measured from scores, against naive counts.

use proptest::prelude::*;
use verification_figures::{
    Calibration, CalibrationSettings, Comparison, Direction, Error, Fusion, LabelledScores,
    ScoreMatrix, smallest_supported_rate,
};

use crate::population::draw;

fn settings() -> CalibrationSettings {
    CalibrationSettings::new("a test")
}

/// All pairs of five samples of each subject.
fn labelled(seed: u64, subjects: u32, direction: Direction) -> LabelledScores {
    let drawn = draw(subjects as usize, 0.4, seed);
    let comparisons = drawn.comparisons().map(|comparison| Comparison {
        score: both_directions(direction, comparison.score),
        ..comparison
    });
    LabelledScores::new(direction, comparisons.collect()).unwrap()
}

fn both_directions(direction: Direction, distance: f32) -> f32 {
    match direction {
        Direction::Distance => distance,
        Direction::Similarity => 1.0 - distance,
    }
}

proptest! {
    #[test]
    fn thresholds_keep_to_their_rates_and_intervals_hold_them(
        seed in 0_u64..1000,
        subjects in 12_u32..20,
        similar in any::<bool>(),
    ) {
        let direction = if similar { Direction::Similarity } else { Direction::Distance };
        let scores = labelled(seed, subjects, direction);
        let asked = settings().with_more_fmr(vec![0.03]);
        let made = Calibration::measure(&scores, &asked).unwrap();
        let impostors: Vec<f64> = of_kind(&scores, false);
        let genuine: Vec<f64> = of_kind(&scores, true);
        prop_assert_eq!(made.made.impostor, impostors.len() as u64);
        prop_assert_eq!(made.made.genuine, genuine.len() as u64);
        prop_assert_eq!(made.comparisons.len(), if subjects < 16 { 3 } else { 4 });
        let accepts = |score: f64, threshold: f64| match direction {
            Direction::Distance => score < threshold,
            Direction::Similarity => score > threshold,
        };
        let share = |scores: &[f64], threshold: f64| {
            scores.iter().filter(|&&score| accepts(score, threshold)).count() as f64 / scores.len() as f64
        };
        for point in &made.comparisons {
            prop_assert!(share(&impostors, point.threshold) <= point.fmr);
            let fnmr = 1.0 - share(&genuine, point.threshold);
            prop_assert!((point.fnmr.unwrap() - fnmr).abs() < 1e-12);
            prop_assert_eq!(point.weak, point.fmr < 3.0 / f64::from(subjects));
            let (low, high) = point.threshold_interval.unwrap();
            prop_assert!(low <= point.threshold && point.threshold <= high);
        }
        let smallest = smallest_supported_rate(made.made.impostor);
        for &score in impostors.iter().chain(&genuine) {
            let at_least = impostors.iter().filter(|&&other| !accepts(score, other));
            let naive = (at_least.count() as f64 / impostors.len() as f64).max(smallest);
            let found = made.fmr_at_score(score).unwrap();
            // Never too small, and too large by 5 % or one comparison at most.
            prop_assert!(found >= naive);
            prop_assert!(found <= naive * 1.05 + 1.0 / impostors.len() as f64 + 1e-12);
        }
        prop_assert!(made.impostor_tail.len() < 250);
    }
}

/// Each size and rate against searches in all galleries of that size.
#[test]
fn rates_of_searches_are_means_over_all_galleries() {
    const SUBJECTS: u32 = 7;
    const PROBES: usize = 6;
    for (direction, fusion, seed) in [
        (Direction::Distance, Fusion::Best, 1),
        (Direction::Similarity, Fusion::Mean, 2),
    ] {
        let templates = 2;
        let gallery: Vec<u32> = (0..SUBJECTS).flat_map(|s| [s; 2]).collect();
        let probes: Vec<u32> = (0..SUBJECTS).flat_map(|s| [s; PROBES]).collect();
        let mut state = seed;
        let mut random = || {
            state = (state * 48_271_u64) % 2_147_483_647;
            state as f32 / 2_147_483_647.0
        };
        let mut scores = Vec::new();
        for probe in &probes {
            for column in &gallery {
                let near = if probe == column { 0.35 } else { 1.0 };
                scores.push(both_directions(direction, near * random()));
            }
        }
        let matrix = ScoreMatrix::new(direction, probes.clone(), gallery, scores.clone()).unwrap();
        let mut start = empty(direction);
        start.fusion = fusion;
        let made = start
            .with_searches(std::slice::from_ref(&matrix), &settings())
            .unwrap();
        let sizes: Vec<u64> = made.searches.iter().map(|p| p.gallery_size).collect();
        assert_eq!(sizes, [2, 5, 6]);

        let fused = |row: usize, subject: u32| {
            let at = (row * SUBJECTS as usize + subject as usize) * templates;
            let mut of: Vec<f64> = scores[at..at + templates]
                .iter()
                .map(|&s| s.into())
                .collect();
            fusion.fuse(direction, &mut of) as f32
        };
        let alike = |score: f32, threshold: f64| direction.accepts(score, threshold);
        let sets = |of: u32| (0..1_u32 << SUBJECTS).filter(move |set| set.count_ones() == of);
        for point in &made.searches {
            let size = point.gallery_size as u32;
            let members = |set: u32| (0..SUBJECTS).filter(move |s| set >> s & 1 == 1);
            let fpir_at = |threshold: f64| {
                let (mut found, mut all) = (0, 0);
                for (row, &probe) in probes.iter().enumerate() {
                    for set in sets(size).filter(|set| set >> probe & 1 == 0) {
                        all += 1;
                        found += u32::from(members(set).any(|s| alike(fused(row, s), threshold)));
                    }
                }
                f64::from(found) / f64::from(all)
            };
            assert!(fpir_at(point.threshold) <= point.fpir + 1e-9);
            let laxer = match direction {
                Direction::Distance => point.threshold.next_up(),
                Direction::Similarity => point.threshold.next_down(),
            };
            assert!(fpir_at(laxer) > point.fpir);
            let (mut missed, mut all) = (0, 0);
            for (row, &probe) in probes.iter().enumerate() {
                let mate = fused(row, probe);
                for set in sets(size).filter(|set| set >> probe & 1 == 1) {
                    all += 1;
                    let beaten =
                        members(set).any(|s| s != probe && !alike(mate, f64::from(fused(row, s))));
                    missed += u32::from(beaten || !alike(mate, point.threshold));
                }
            }
            let fnir = f64::from(missed) / f64::from(all);
            assert!(
                (point.fnir.unwrap() - fnir).abs() < 1e-9,
                "{point:?} {fnir}"
            );
            assert!(point.weak, "7 strangers show no 10 %");
            assert_eq!(
                point.threshold_interval, None,
                "7 subjects have no interval"
            );
        }
    }
}

#[test]
fn groups_have_rates_at_the_thresholds_of_all() {
    let scores = labelled(3, 20, Direction::Distance);
    let of_group = |even: bool| {
        let comparisons = scores.comparisons();
        let within = comparisons.filter(|c| c.subjects.iter().all(|s| (s % 2 == 0) == even));
        LabelledScores::new(Direction::Distance, within.collect()).unwrap()
    };
    let made = Calibration::measure(&scores, &settings()).unwrap();
    let made = made.with_group("even", &of_group(true)).unwrap();
    let made = made.with_group("odd", &of_group(false)).unwrap();
    let even = &made.groups[0];
    assert_eq!(
        (even.name.as_str(), even.subjects, even.at.len()),
        ("even", 10, 3)
    );
    let naive = of_group(true)
        .scores()
        .fmr_at(made.comparisons[0].threshold)
        .unwrap();
    assert_eq!(even.at[0].fmr.unwrap().rate(), naive);
    let other = labelled(3, 20, Direction::Similarity);
    assert_eq!(
        made.with_group("other", &other),
        Err(Error::MixedDirections)
    );
}

#[test]
fn what_the_comparisons_cannot_show_is_refused_or_left_out() {
    let few: Vec<Comparison> = (0..20)
        .map(|i| Comparison {
            subjects: [i, i + 1],
            score: i as f32,
        })
        .collect();
    let few = LabelledScores::new(Direction::Distance, few).unwrap();
    let found = Calibration::measure(&few, &settings());
    assert!(matches!(found, Err(Error::Unsupported { .. })), "{found:?}");
    let asked = settings().with_more_fmr(vec![0.2]);
    let made = Calibration::measure(&few, &asked).unwrap();
    assert_eq!(made.comparisons.len(), 1);
    assert_eq!(
        (made.comparisons[0].fmr, made.comparisons[0].fnmr),
        (0.2, None)
    );

    let scores = labelled(1, 15, Direction::Distance);
    let asked = settings().with_more_fmr(vec![0.000_01]);
    let found = Calibration::measure(&scores, &asked);
    assert!(matches!(found, Err(Error::Unsupported { .. })), "{found:?}");
}

#[test]
fn the_digest_depends_on_scores_and_subjects_alone() {
    let scores = labelled(1, 15, Direction::Distance);
    let digest = |scores: &LabelledScores| {
        let made = Calibration::measure(scores, &settings()).unwrap();
        made.made.scores_sha256.unwrap()
    };
    let mut comparisons: Vec<Comparison> = scores.comparisons().collect();
    comparisons.reverse();
    for comparison in &mut comparisons {
        comparison.subjects.reverse();
    }
    let again = LabelledScores::new(Direction::Distance, comparisons.clone()).unwrap();
    assert_eq!(digest(&scores), digest(&again));
    comparisons[0].score += 0.5;
    let other = LabelledScores::new(Direction::Distance, comparisons).unwrap();
    assert_ne!(digest(&scores), digest(&other));
}

fn of_kind(scores: &LabelledScores, genuine: bool) -> Vec<f64> {
    let comparisons = scores.comparisons();
    let wanted = comparisons.filter(|c| (c.subjects[0] == c.subjects[1]) == genuine);
    wanted.map(|c| c.score.into()).collect()
}

fn empty(direction: Direction) -> Calibration {
    Calibration::new(
        direction,
        Fusion::Best,
        1,
        verification_figures::Made::new("a test", 7),
    )
}
