//! Folds whose networks differ in scale, levelled by the FMR.

use verification_figures::{
    Comparison, Direction, Error, Figure, Identification, Jackknife, LabelledScores, SampleScores,
};

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
    let scores = LabelledScores::new(Direction::Distance, vec![genuine]);
    assert!(matches!(
        scores.unwrap().by_fmr(),
        Err(Error::Missing { .. })
    ));
}

#[test]
fn searches_keep_their_ranks_and_comparisons_their_levels() {
    let subjects: Vec<u32> = (0..20).map(|sample| sample / 4).collect();
    // Coarse, so that there are ties of both kinds.
    let score =
        |i: usize, j: usize| ((i * j * 7 + 3 * (i + j)) % 11 + 4 * (i / 4).abs_diff(j / 4)) as f32;
    let square = (0..400).map(|at| score(at / 20, at % 20)).collect();
    let samples = SampleScores::from_matrix(Direction::Distance, &subjects, square).unwrap();
    let levelled = samples.by_fmr().unwrap();
    let pairs = samples.all_pairs().unwrap().by_fmr().unwrap();
    assert_eq!(levelled.all_pairs().unwrap().scores(), pairs.scores());
    let search = |samples: &SampleScores<'_>| {
        Identification::leaving_one_out(&samples.rotation(0).unwrap()).unwrap()
    };
    let [before, after] = [&samples, &levelled].map(search);
    assert_eq!(before.cmc(), after.cmc());
    let fnir = |search: &Identification| search.fnir_at_fpir(0.3, 1).unwrap();
    assert_eq!(fnir(&before).fnir, fnir(&after).fnir);
    let alone = SampleScores::from_matrix(Direction::Distance, &[1, 1], vec![0.0; 4]).unwrap();
    assert!(matches!(alone.by_fmr(), Err(Error::Missing { .. })));
}
