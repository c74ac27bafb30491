//! Rates in which every subject counts alike, and how many subjects a set is worth.

use verification_figures::{Comparison, Direction, Error, LabelledScores};

/// The images of each subject.
const IMAGES: [u32; 12] = [2, 3, 5, 9, 2, 4, 3, 2, 6, 2, 3, 12];

/// Every genuine pair of these images, the fourth and the ninth subject hard, and 200 impostor pairs.
fn unequal() -> LabelledScores {
    let mut state = 1_u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 16) / 65_536.0
    };
    let mut comparisons = Vec::new();
    for (subject, images) in (0..).zip(IMAGES) {
        for _ in 0..images * (images - 1) / 2 {
            let hard = if subject % 5 == 3 { 0.8 } else { 0.0 };
            let score = (random() + hard) as f32;
            let subjects = [subject; 2];
            comparisons.push(Comparison { subjects, score });
        }
    }
    for k in 0..200 {
        let score = (0.5 + random()) as f32;
        let subjects = [k % 12, (k + 1 + k % 11) % 12];
        comparisons.push(Comparison { subjects, score });
    }
    LabelledScores::new(Direction::Distance, comparisons).unwrap()
}

/// With scikit-learn 1.9.1, `w` being 1 over the number of the subject's genuine pairs, or 1 for impostor pairs:
/// `fpr, tpr, _ = roc_curve(y, -d, sample_weight=w, drop_intermediate=False); fnr = 1 - tpr`, the EER on the straight
/// line where they cross, `fnr[fpr <= target].min()`, `(w * y * (d >= 0.7)).sum() / (w * y).sum()`.
#[test]
fn rates_equal_those_of_weighted_samples_in_scikit_learn() {
    let scores = unequal();
    let plain = scores.scores();
    let alike = scores.subjects_alike().unwrap();
    for (found, expected) in [
        (plain.eer().unwrap().rate, 0.395),
        (
            plain.fnmr_at_fmr(0.1).unwrap().rate,
            0.568_493_150_684_931_5,
        ),
        (plain.fnmr_at(0.7).unwrap(), 0.520_547_945_205_479_4),
        (alike.eer(), 0.27),
        (alike.fnmr_at_fmr(0.1).unwrap(), 0.415_151_515_151_515_2),
        (alike.fnmr_at_fmr(0.02).unwrap(), 0.444_444_444_444_444_4),
        (alike.fnmr_at(0.7).unwrap(), 0.399_242_424_242_424_2),
    ] {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    assert!(matches!(
        alike.fnmr_at_fmr(0.01),
        Err(Error::Unsupported { .. })
    ));
    assert!(alike.fnmr_at(f64::NAN).is_err());
}

#[test]
fn few_subjects_with_most_images_are_worth_few() {
    let scores = unequal();
    // `c = n * (n - 1) / 2; c.sum() ** 2 / (c ** 2).sum()` in NumPy.
    let effective = scores.effective_subjects().unwrap();
    assert!((effective - 3.526_803_441_429_517).abs() < 1e-12);
    assert_eq!(
        (scores.genuine_subjects(), scores.subjects().len()),
        (12, 12)
    );
}

#[test]
fn subjects_of_equally_many_images_change_nothing() {
    let comparisons = (0..12_u32).flat_map(|a| {
        (a..12).flat_map(move |b| {
            (0..3).map(move |k| Comparison {
                subjects: [a, b],
                score: (a * b * 7 % 11 + 4 * k + 5 * a.abs_diff(b)) as f32,
            })
        })
    });
    let scores = LabelledScores::new(Direction::Similarity, comparisons.collect()).unwrap();
    let alike = scores.subjects_alike().unwrap();
    let plain = scores.scores();
    assert!((scores.effective_subjects().unwrap() - 12.0).abs() < 1e-12);
    assert!((alike.eer() - plain.eer().unwrap().rate).abs() < 1e-9);
    let at = plain.fnmr_at_fmr(0.2).unwrap().rate;
    assert!((alike.fnmr_at_fmr(0.2).unwrap() - at).abs() < 1e-9);
    assert!((alike.fnmr_at(9.0).unwrap() - plain.fnmr_at(9.0).unwrap()).abs() < 1e-9);
}

#[test]
fn without_a_class_there_is_no_rate() {
    let alone = |subjects| {
        let comparison = Comparison {
            subjects,
            score: 0.5,
        };
        LabelledScores::new(Direction::Distance, vec![comparison]).unwrap()
    };
    for one in [alone([1, 1]), alone([1, 2])] {
        assert!(matches!(one.subjects_alike(), Err(Error::Missing { .. })));
    }
    assert!(alone([1, 2]).effective_subjects().is_err());
    assert_eq!(alone([1, 1]).effective_subjects(), Ok(1.0));
}
