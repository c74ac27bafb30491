//! Figures at the edges: folds of different scale, perfect methods, few subjects, few errors, unequal numbers of images.

use siamese_report::{FoldScores, IntervalStatus, Judging, Unread, html, markdown, text, verdict};
use verification_figures::{Comparison, Direction, LabelledScores};

use crate::judging::{Line, THRESHOLDS, report, setup};

/// Regression: drift of scale between folds was taken for a lack of skill, and the point of the thresholds in use lay off
/// the curve.
#[test]
fn a_fold_on_another_scale_changes_no_figure_and_points_lie_on_their_curves() {
    let line = Line::new(2.5);
    let scaled = |factor: f32| {
        let mut folds = line.folds();
        let comparisons = line.samples(1).all_pairs().unwrap();
        let comparisons = comparisons.comparisons().map(|comparison| Comparison {
            score: factor * comparison.score,
            ..comparison
        });
        let scores = LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap();
        folds[1] = FoldScores::new(scores, f64::from(factor) * THRESHOLDS[1]);
        let judging = Judging::new(setup(), folds).unwrap();
        judging.report(|subject| subject.to_string()).unwrap()
    };
    let (one, eight) = (scaled(1.0), scaled(8.0));
    let [a, b] = [&one, &eight].map(|report| report.methods[0].figures().unwrap());
    assert_eq!((a.eer, a.auc, &a.det), (b.eer, b.auc, &b.det));
    assert_eq!(a.fnmr_at_fmr, b.fnmr_at_fmr);
    for report in [&one, &eight] {
        let point =
            [report.decision.fmr, report.decision.fnmr].map(|rate| rate.unwrap().measured.value);
        assert!(report.decision.det.contains(&point), "{point:?}");
        // The EER lies between two corners of the judged curve.
        let figures = report.methods[0].figures().unwrap();
        let eer = figures.eer.unwrap().value;
        let place = figures
            .det
            .iter()
            .position(|[fmr, fnmr]| fmr >= fnmr)
            .unwrap();
        let [before, after] = [figures.det[place - 1], figures.det[place]];
        assert!(before[0] <= eer && eer <= after[0] && after[1] <= eer && eer <= before[1]);
    }
}

/// Regression: 100 % had "no interval: too few subjects", and a perfect verifier was "Not known".
#[test]
fn a_perfect_method_has_enough_subjects() {
    let report = report(&Line::new(0.0));
    let figures = report.methods[0].figures().unwrap();
    for perfect in [figures.eer, figures.auc, figures.rank_1] {
        assert_eq!(perfect.unwrap().status(), IntervalStatus::Degenerate);
    }
    let page = html(&report).replace('\u{a0}', " ");
    assert!(!page.contains("too few subjects"), "{page}");
    assert!(page.contains("no interval: the same whichever subject is left out"));
    assert!(text(&report).contains("no spread: the same whichever subject is left out"));
    // Twelve subjects, none of whom is wrong, still leave much open: both bounds are there.
    assert!(page.contains("&lt; 25.0 % by subjects"), "{page}");
    assert!(text(&report).contains("(< 25.0 % by subjects)"));
    assert_ne!(verdict(&report).standing.headline(), "Not known");
    // And it comes back from its JSON.
    let json = siamese_report::json(&report).unwrap();
    assert_eq!(siamese_report::from_json(&json).unwrap(), report);
    // Nine subjects are too few.
    let nine = Line::new(2.5).scores();
    let nine = nine
        .comparisons()
        .filter(|c| c.subjects.iter().all(|&s| s < 9));
    let nine = LabelledScores::new(Direction::Distance, nine.collect()).unwrap();
    let judging = Judging::new(setup(), vec![FoldScores::new(nine, 0.9)]).unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let figures = report.methods[0].figures().unwrap();
    assert_eq!(
        figures.auc.unwrap().status(),
        IntervalStatus::TooFewSubjects
    );
    assert!(html(&report).contains("no interval: too few subjects"));
    assert!(
        text(&report).contains("No intervals: they take 10 subjects with genuine comparisons.")
    );
    assert_eq!(verdict(&report).standing.headline(), "Not known");
    // What stands in brackets then is a bound, and no interval.
    assert!(!text(&report).contains("In brackets"), "{}", text(&report));
}

/// Twelve subjects, the last with twenty times as many genuine comparisons, and hard.
#[test]
fn where_one_subject_has_most_images_every_subject_counts_alike_too() {
    let mut comparisons = Vec::new();
    for subject in 0..12_u32 {
        for k in 0..if subject == 11 { 60 } else { 3 } {
            let score = if subject == 11 { 1.0 } else { 0.1 } + 0.01 * k as f32;
            let subjects = [subject; 2];
            comparisons.push(Comparison { subjects, score });
        }
        for k in 0..40 {
            let subjects = [subject, (subject + 1 + k % 11) % 12];
            let score = 0.5 + 0.02 * k as f32;
            comparisons.push(Comparison { subjects, score });
        }
    }
    let scores = LabelledScores::new(Direction::Distance, comparisons).unwrap();
    let alike = scores.subjects_alike().unwrap();
    let mut setup = setup();
    setup.unread = Some(Unread {
        images: 3,
        tried: 400,
    });
    let judging = Judging::new(setup, vec![FoldScores::new(scores, 0.6)]).unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    assert_eq!(report.test.genuine_people, Some(12));
    let effective = 93.0_f64.powi(2) / (11.0 * 9.0 + 3600.0);
    assert!((report.test.effective_people.unwrap() - effective).abs() < 1e-9);
    let found = report.methods[0].figures().unwrap();
    let found = found.subjects_alike.clone().unwrap();
    assert_eq!(found.eer, alike.eer());
    assert_eq!(found.fnmr_at_fmr[0], [0.1, alike.fnmr_at_fmr(0.1).unwrap()]);
    let in_use = report.decision.fnmr_subjects_alike.unwrap();
    assert!((in_use - 1.0 / 12.0).abs() < 1e-9, "{in_use}");
    for form in [html(&report), markdown(&report), text(&report)] {
        let form = form.replace('\u{a0}', " ");
        assert!(
            form.contains("worth those of 2.3 subjects, not of 12"),
            "{form}"
        );
        assert!(form.contains("very subject count"));
        assert!(form.contains("8.3 %"));
        assert!(
            form.contains("Failures to read: 3 of 400 images (0.75 %)"),
            "{form}"
        );
    }
    // Subjects of equally many images say nothing of it.
    let even = crate::judging::report(&Line::new(2.5));
    assert_eq!(even.methods[0].figures().unwrap().subjects_alike, None);
    assert!(!text(&even).contains("very subject count"));
}

#[test]
fn likelihood_ratios_are_calibrated_on_others() {
    let line = Line::new(2.5);
    let mut judging = Judging::new(setup(), line.folds()).unwrap();
    let validation = [0, 1].map(|fold| line.samples(fold).all_pairs().unwrap().scores());
    judging
        .choose_thresholds(&validation, "the very same")
        .unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let figures = report.methods[0].figures().unwrap();
    let (cllr, least) = (figures.cllr.unwrap(), figures.min_cllr.unwrap());
    assert!(least < cllr && cllr < 1.0, "{least} {cllr}");
    for form in [html(&report), markdown(&report), text(&report)] {
        assert!(
            form.contains("min Cllr") && form.contains(&format!("{cllr:.3}")),
            "{form}"
        );
    }
}

#[test]
fn what_is_required_has_its_own_threshold_and_figure() {
    let line = Line::new(2.5);
    let mut setup = setup();
    setup.required = Some("fmr=3%,fnmr=40%".parse().unwrap());
    let mut judging = Judging::new(setup, line.folds()).unwrap();
    let validation = [0, 1].map(|fold| line.samples(fold).all_pairs().unwrap().scores());
    judging
        .choose_thresholds(&validation, "the very same")
        .unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let aims: Vec<&str> = report.thresholds.iter().map(|at| &at.aim[..]).collect();
    assert_eq!(
        aims,
        [
            "FMR 10 %",
            "FMR 3 %",
            "FMR 1 %",
            "FMR 0.1 %",
            "FNMR 40 %",
            "FNMR 5 %"
        ]
    );
    let figures = report.methods[0].figures().unwrap();
    assert!(figures.fnmr_at_fmr.iter().any(|at| at.target == 0.03));
    assert!(text(&report).contains("FNMR at FMR 3 %"));
    assert!(html(&report).contains("FMR at most 3"));
    let json = siamese_report::json(&report).unwrap();
    assert_eq!(siamese_report::from_json(&json).unwrap(), report);
}

/// Regression: EER and FNMR at FMR were bare figures when the errors behind one of the two rates were few, and fold tables
/// had no marks at all.
#[test]
fn few_errors_behind_either_rate_are_weak() {
    let report = report(&Line::new(2.5));
    // FNMR at FMR 10 % rests on at most 27 of 270 impostor comparisons.
    let at = &report.methods[0].figures().unwrap().fnmr_at_fmr[0];
    assert!(at.held.unwrap().errors < 30);
    let text = text(&report);
    for name in ["  EER", "  FNMR at FMR 10 %"] {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.ends_with("weak"), "{line}");
    }
    let fold = text
        .lines()
        .find(|line| line.starts_with("fold 0"))
        .unwrap();
    assert!(fold.contains(" %*"), "{text}");
    assert!(text.contains("*: weak."));
}
