//! Random and skilled impostors, each on its own.

use siamese_report::{
    FoldScores, ImpostorKind, Judging, ReferenceScores, Setup, html, impostors, json, markdown,
    text,
};
use verification_figures::{Comparison, Direction, LabelledScores};

/// Twelve subjects: own samples at 0.1, others at 1, forgeries at 0.3 but for one in four, which is as near as the own.
fn scores(shift: f32) -> LabelledScores {
    let mut all = Vec::new();
    for a in 0..12_u32 {
        for i in 0..4 {
            let near = 0.01 * i as f32 + shift;
            all.push(Comparison {
                subjects: [a, a],
                score: 0.1 + near,
            });
            all.push(Comparison::skilled(
                a,
                if i == 0 { 0.05 + shift } else { 0.3 + near },
            ));
        }
        for b in 0..a {
            all.push(Comparison {
                subjects: [a, b],
                score: 1.0 + shift,
            });
        }
    }
    LabelledScores::new(Direction::Distance, all).unwrap()
}

fn fold(shift: f32) -> ReferenceScores {
    ReferenceScores {
        scores: scores(shift),
        threshold: Some(0.2 + f64::from(shift)),
    }
}

#[test]
fn each_kind_has_its_own_figures() {
    let found = impostors(&[fold(0.0)], 3, Some("mean distance".to_owned()), 0)
        .unwrap()
        .unwrap();
    assert_eq!(
        (found.subjects, found.genuine, found.fnmr),
        (12, 48, Some(0.0))
    );
    let random = found.of(ImpostorKind::Random).unwrap();
    assert_eq!((random.comparisons, random.fmr), (66, Some(0.0)));
    assert_eq!(random.eer.unwrap().value, 0.0);
    let skilled = found.of(ImpostorKind::Skilled).unwrap();
    assert_eq!((skilled.comparisons, skilled.fmr), (48, Some(0.25)));
    let eer = skilled.eer.unwrap();
    assert!(eer.value > 0.1, "{eer:?}");
}

#[test]
fn folds_are_taken_at_their_own_thresholds_and_levels() {
    let one = impostors(&[fold(0.0)], 1, None, 0).unwrap().unwrap();
    let two = impostors(&[fold(0.0), fold(5.0)], 1, None, 0)
        .unwrap()
        .unwrap();
    let of = |found: &siamese_report::Impostors| {
        let skilled = found.of(ImpostorKind::Skilled).unwrap();
        (skilled.fmr, skilled.eer.unwrap().value)
    };
    assert_eq!(of(&one), of(&two));
}

#[test]
fn where_there_is_no_threshold_nothing_is_said_of_it() {
    let fold = ReferenceScores {
        threshold: None,
        ..fold(0.0)
    };
    let found = impostors(&[fold], 3, None, 0).unwrap().unwrap();
    let skilled = found.of(ImpostorKind::Skilled).unwrap();
    assert_eq!((found.fnmr, skilled.fmr), (None, None));
    assert!(skilled.eer.unwrap().value > 0.1);
}

#[test]
fn without_forgeries_there_is_nothing_to_tell() {
    let genuine = scores(0.0);
    let own = genuine.comparisons().filter(|c| c.subjects[1] < 12);
    let scores = LabelledScores::new(Direction::Distance, own.collect()).unwrap();
    let fold = ReferenceScores {
        scores,
        threshold: Some(0.2),
    };
    assert!(impostors(&[fold], 1, None, 0).unwrap().is_none());
}

#[test]
fn every_form_of_the_report_keeps_the_two_apart() {
    let own = scores(0.0);
    let usual = own.comparisons().filter(|c| c.subjects[1] < 12).collect();
    let usual = LabelledScores::new(Direction::Distance, usual).unwrap();
    let judging = Judging::new(
        Setup::new("signatures", "ours"),
        vec![FoldScores::new(usual, 0.2)],
    );
    let mut report = judging
        .unwrap()
        .report(|subject| subject.to_string())
        .unwrap();
    let before = json(&report).unwrap();
    assert!(!before.contains("impostors\""), "{before}");
    report.impostors = impostors(&[fold(0.0)], 3, Some("mean distance".to_owned()), 0).unwrap();
    for form in [text(&report), markdown(&report), html(&report)] {
        for words in [
            "3 genuine samples of each subject",
            "mean distance",
            "skilled",
            "random",
        ] {
            assert!(form.contains(words), "{words}: {form}");
        }
    }
    let read = siamese_report::from_json(&json(&report).unwrap()).unwrap();
    assert_eq!(read.impostors, report.impostors);
}
