//! Errors of single subjects.

use verification_figures::{Comparison, Direction, Evidence, LabelledScores, SubjectErrors};

#[test]
fn errors_are_counted_for_both_subjects_of_an_impostor_comparison() {
    let comparison = |a, b, score| Comparison {
        subjects: [a, b],
        score,
    };
    let comparisons = vec![
        comparison(3, 3, 0.9),
        comparison(3, 3, 0.4),
        comparison(3, 8, 0.7),
        comparison(8, 20, 0.1),
        comparison(8, 8, 0.5),
    ];
    let scores = LabelledScores::new(Direction::Similarity, comparisons.clone()).unwrap();
    let evidence = |errors, comparisons| {
        Some(Evidence {
            errors,
            comparisons,
        })
    };
    let expected = [
        SubjectErrors {
            subject: 3,
            false_non_matches: evidence(1, 2),
            false_matches: evidence(1, 1),
        },
        SubjectErrors {
            subject: 8,
            false_non_matches: evidence(1, 1),
            false_matches: evidence(1, 2),
        },
        SubjectErrors {
            subject: 20,
            false_non_matches: None,
            false_matches: evidence(0, 1),
        },
    ];
    // The score of 0.5 lies on the threshold and is rejected.
    assert_eq!(scores.errors_by_subject(0.5).unwrap(), expected);
    assert!(scores.errors_by_subject(f64::NAN).is_err());

    let mut sorted = comparisons;
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    assert_eq!(scores.comparisons().collect::<Vec<_>>(), sorted);
}
