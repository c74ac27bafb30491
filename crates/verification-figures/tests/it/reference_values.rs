//! Figures against scikit-learn 1.9 and SciPy.
//!
//! The expected numbers come from these lines (`d` are the true kinds, `p`
//! the decisions at 1.0):
//!
//! ```python
//! k = np.arange(400); m = np.arange(900)
//! genuine = (((k * k * 7 + k * 3) % 97) / 64).astype(np.float32)
//! impostor = (((m * m * 5 + m * 11) % 113 + 40) / 64).astype(np.float32)
//! y = np.r_[np.ones(400), np.zeros(900)]; s = -np.r_[genuine, impostor]
//! fpr, tpr, thr = roc_curve(y, s, drop_intermediate=False)
//! roc_auc_score(y, s), mannwhitneyu(impostor, genuine).statistic / (400 * 900)
//! brentq(lambda x: 1 - x - interp1d(fpr, tpr)(x), 0, 1, xtol=1e-15)   # EER
//! len(fpr), fpr.sum(), (1 - tpr).sum()
//! confusion_matrix(d, p); precision_score(d, p)    # and the others
//! acc = (tpr * 400 + (1 - fpr) * 900) / 1300; acc.max(), -thr[acc.argmax():][:2]
//! bal = (tpr + 1 - fpr) / 2; bal.max(), -thr[bal.argmax():][:2]
//! (1 - tpr)[fpr <= 0.1].min(), fpr[1 - tpr <= 0.1].min()
//! (impostor.mean() - genuine.mean()) / np.sqrt((genuine.var(ddof=1) + impostor.var(ddof=1)) / 2)
//! np.histogram(genuine, np.histogram_bin_edges(np.r_[genuine, impostor], 7))
//! ```

use verification_figures::{Confusion, Direction, Scores};

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

fn close(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 1e-12,
        "found {found}, expected {expected}"
    );
}

#[test]
fn auc_equals_scikit_learn_and_mann_whitney() {
    close(scores().auc().unwrap(), 0.818_343_055_555_555_5);
}

#[test]
fn eer_equals_the_root_on_the_interpolated_roc() {
    close(scores().eer().unwrap().rate, 0.3125);
}

#[test]
fn det_has_the_points_of_roc_curve() {
    let det = scores().det().unwrap();
    assert_eq!(det.points().len(), 88);
    close(
        det.points().iter().map(|p| p.fmr).sum(),
        32.557_777_777_777_78,
    );
    close(det.points().iter().map(|p| p.fnmr).sum(), 29.335);
}

#[test]
fn decisions_at_a_threshold_equal_scikit_learn() {
    let at_one = scores().confusion_at(1.0).unwrap();
    assert_eq!(
        at_one,
        Confusion {
            tp: 259,
            fp: 239,
            tn: 661,
            fn_: 141
        }
    );
    close(at_one.accuracy().unwrap(), 0.707_692_307_692_307_7);
    close(at_one.balanced_accuracy().unwrap(), 0.690_972_222_222_222_2);
    close(at_one.precision().unwrap(), 0.520_080_321_285_140_6);
    close(at_one.recall().unwrap(), 0.6475);
    close(at_one.f1().unwrap(), 0.576_837_416_481_069);
}

#[test]
fn best_thresholds_lie_between_the_scores_that_scikit_learn_names() {
    let best = scores().best_accuracy().unwrap();
    close(best.accuracy, 0.804_615_384_615_384_6);
    close(best.threshold, f64::midpoint(0.59375, 0.625));
    let best = scores().best_balanced_accuracy().unwrap();
    close(best.accuracy, 0.731_944_444_444_444_4);
    close(best.threshold, f64::midpoint(1.25, 1.28125));
}

#[test]
fn rates_at_a_target_equal_the_best_roc_point_within_it() {
    let scores = scores();
    let found = scores.fnmr_at_fmr(0.01).unwrap();
    close(found.rate, 0.635);
    close(found.at.reached.rate(), 0.0);
    let found = scores.fnmr_at_fmr(0.1).unwrap();
    close(found.rate, 0.535);
    close(found.at.reached.rate(), 0.088_888_888_888_888_89);
    let found = scores.fmr_at_fnmr(0.05).unwrap();
    close(found.rate, 0.548_888_888_888_888_9);
    close(found.at.reached.rate(), 0.04);
    let found = scores.fmr_at_fnmr(0.1).unwrap();
    close(found.rate, 0.477_777_777_777_777_8);
    close(found.at.reached.rate(), 0.0825);
}

#[test]
fn d_prime_equals_numpy() {
    close(scores().d_prime().unwrap(), 1.370_609_058_025_178_2);
}

#[test]
fn histogram_equals_numpy() {
    let histogram = scores().histogram(7).unwrap();
    assert_eq!(histogram.genuine, [64, 98, 97, 100, 41, 0, 0]);
    assert_eq!(histogram.impostor, [0, 32, 223, 143, 208, 144, 150]);
    close(histogram.edges[0], 0.0);
    close(histogram.edges[3], 1.011_160_714_285_714_4);
    close(histogram.edges[7], 2.359_375);
}
