//! Folds whose networks differ in scale, levelled by the FMR.

use verification_figures::{Comparison, Error, Figure, Jackknife, LabelledScores};

use crate::population::draw;

/// Eight folds of five other subjects each; the scale of the distances drifts from fold to fold by so much.
fn folds(seed: u64, subjects: usize, drift: f32) -> Vec<LabelledScores> {
    let of = |fold: u32| {
        let scores = draw(subjects, 0.4, 8 * seed + u64::from(fold));
        let comparisons = scores.comparisons().map(|comparison| Comparison {
            subjects: comparison
                .subjects
                .map(|subject| subject + fold * subjects as u32),
            score: comparison.score * (1.0 + drift * fold as f32),
        });
        LabelledScores::new(scores.direction(), comparisons.collect()).unwrap()
    };
    (0..8).map(of).collect()
}

fn levelled(folds: &[LabelledScores]) -> LabelledScores {
    let each: Vec<LabelledScores> = folds.iter().map(|fold| fold.by_fmr().unwrap()).collect();
    LabelledScores::pooled(&each).unwrap()
}

fn eer(scores: &LabelledScores) -> f64 {
    scores.scores().eer().unwrap().rate
}

#[test]
fn drift_of_scale_between_folds_costs_nothing() {
    let plain = folds(3, 5, 0.0);
    let drifting = folds(3, 5, 0.2);
    let mean = plain.iter().map(eer).sum::<f64>() / 8.0;
    // Levelled, the drift is gone, to the bit.
    assert_eq!(levelled(&plain), levelled(&drifting));
    let apart = (eer(&levelled(&drifting)) - mean).abs();
    assert!(apart < 0.02, "{apart}");
    // Pooled as they are it is taken for a lack of skill.
    let pooled = eer(&LabelledScores::pooled(&drifting).unwrap());
    assert!(pooled > mean + 0.02, "{pooled} {mean}");
}

#[test]
fn a_single_set_keeps_its_figures() {
    let scores = draw(12, 0.4, 5);
    let figures = [
        Figure::Eer,
        Figure::Auc,
        Figure::FnmrAtFmr(0.1),
        Figure::FnmrAtFmr(0.01),
    ];
    let of = |scores: &LabelledScores| scores.intervals(&figures, &Jackknife::default());
    assert_eq!(of(&scores), of(&scores.by_fmr().unwrap()));
}

#[test]
fn intervals_of_levelled_folds_hold_the_truth() {
    let truth = {
        let large: Vec<f64> = (0..4)
            .map(|seed| eer(&levelled(&folds(900 + seed, 60, 0.0))))
            .collect();
        large.iter().sum::<f64>() / 4.0
    };
    // Five subjects a fold choose a threshold of their own, which flatters a little: what such folds give on average.
    let mut found = Vec::new();
    for seed in 0..150 {
        let scores = levelled(&folds(seed, 5, 0.2));
        found.push(scores.interval(Figure::Eer, &Jackknife::default()).unwrap());
    }
    let mean = found.iter().map(|found| found.estimate).sum::<f64>() / 150.0;
    assert!((mean - truth).abs() < 0.015, "{mean} {truth}");
    let below = found.iter().filter(|found| mean < found.low).count();
    let above = found.iter().filter(|found| mean > found.high).count();
    assert!(below <= 9 && above <= 9, "{below} {above} of 150");
}

#[test]
fn without_impostors_there_is_no_level() {
    let genuine = Comparison {
        subjects: [1, 1],
        score: 0.5,
    };
    let scores = LabelledScores::new(verification_figures::Direction::Distance, vec![genuine]);
    assert!(matches!(
        scores.unwrap().by_fmr(),
        Err(Error::Missing { .. })
    ));
}
