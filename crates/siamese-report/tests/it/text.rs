//! The figures for a terminal.

use siamese_report::{Measured, Outcome, Report, RunOutcome, Test, html, markdown, one_shot, text};
use verification_figures::Jackknife;

use crate::made_up::{Size, alone, hostile, report, usual};

/// The line that begins with this name.
fn line(text: &str, name: &str) -> String {
    let found = text
        .lines()
        .find(|line| line.trim_start().starts_with(name));
    found
        .unwrap_or_else(|| panic!("no line {name} in\n{text}"))
        .to_owned()
}

/// The first figures of a report as they were printed when this was written.
#[test]
fn figures_stand_in_aligned_columns() {
    let text = text(&usual());
    let expected = "\
Judged on: Every image of a test subject against every other of the same fold; no test subject was trained on
40 test subjects and 400 images in 8 folds; 1,800 genuine comparisons and 8,000 impostor comparisons

  EER                    14.2 %  (11.1 to 17.3)
  FNMR at FMR 10 %       19.5 %  (9.3 to 29.7)     351 of 1,800
";
    assert!(text.starts_with(expected), "{text}");
    let names = ["  FMR", "  FNMR ", "  Accuracy", "  Balanced accuracy"];
    let places = names.map(|name| {
        let line = text.lines().rfind(|line| line.starts_with(name)).unwrap();
        line.find('(').unwrap()
    });
    assert!(places.iter().all(|place| *place == places[0]), "{text}");
    assert!(text.lines().all(|line| line == line.trim_end()));
    assert!(!text.ends_with('\n'));
}

/// Every figure is written as the page and the tables of Markdown write it.
#[test]
fn figures_are_those_of_the_page() {
    for size in [
        Size::usual(),
        Size {
            people: 2,
            folds: 1,
            ..Size::usual()
        },
    ] {
        let report = report(&size);
        let text = text(&report);
        let markdown = markdown(&report);
        let page = html(&report).replace('\u{a0}', " ").replace("&lt;", "<");
        for name in ["EER", "AUC", "Rank-1", "Accuracy", "Precision"] {
            let line = line(&text, name);
            let value =
                line.trim_start_matches(|c: char| c == ' ' || !c.is_ascii_digit() && c != '<');
            let value = match name {
                "Rank-1" => line.trim_start().trim_start_matches("Rank-1").trim_start(),
                _ => value,
            };
            let value = value.split("  ").next().unwrap();
            assert!(markdown.contains(value), "{value}");
            assert!(
                page.contains(&format!("<span class=\"value\">{value}</span>")),
                "{value}"
            );
        }
        let mean = report.folds.len() > 1;
        assert_eq!(text.contains("mean ± sd of the folds"), mean);
    }
}

/// Regression: the terminal had a renderer of its own, which printed "EER 0.00 %".
#[test]
fn no_error_is_a_bound() {
    let mut report = usual();
    if let Outcome::Figures(figures) = &mut report.methods[0].outcome {
        figures.eer = Some(Measured {
            value: 0.0,
            interval: Some([0.0, 0.0]),
        });
    }
    for fold in &mut report.folds {
        fold.eer = Some(0.0);
    }
    if let Some(fmr) = &mut report.decision.fmr {
        fmr.evidence.errors = 0;
        fmr.measured.value = 0.0;
    }
    let text = self::text(&report);
    let bounds = "  EER                    < 0.17 %  (< 7.5 % by subjects)  bound only";
    assert_eq!(line(&text, "EER"), bounds);
    let called = text.split("Called genuine").nth(1).unwrap();
    assert!(line(called, "FMR ").contains("< 0.037 %"), "{text}");
    assert!(line(&text, "fold 0").contains("< 1.3 %"));
    assert!(text.contains("bound only: no error was seen"));
    // A mark that no line bears is not explained.
    assert!(!text.contains("weak:") && !self::text(&usual()).contains("bound only"));
    assert!(!text.contains(" 0.0 %") && !text.contains("0.00 %") && !text.contains(" 0 %"));
}

/// Regression: the star of an error rate of one-shot trials was explained nowhere.
#[test]
fn the_stars_of_one_shot_trials_are_explained() {
    let mut report = alone();
    assert!(!text(&report).contains('*'));
    let run = |number| RunOutcome {
        name: format!("run{number}"),
        group: None,
        ways: 20,
        right: (0..20).map(|trial| trial > 0).collect(),
    };
    let runs: Vec<RunOutcome> = (0..20).map(run).collect();
    if let Outcome::Figures(figures) = &mut report.methods[0].outcome {
        figures.one_shot = one_shot(&runs, &Jackknife::default());
    }
    let text = text(&report);
    assert!(line(&text, "seed").contains("20 of 400"), "{text}");
    assert!(line(&text, "seed").contains("5.0 %*"), "{text}");
    assert!(text.contains("\n*: weak.\n"), "{text}");
    assert!(
        text.contains("weak: it rests on fewer than 30 errors"),
        "{text}"
    );
}

#[test]
fn what_is_missing_is_said() {
    let mut report = alone();
    report.test.genuine = 0;
    let missing = text(&report);
    assert!(
        missing.contains("EER  not defined, because no two images of one subject were compared")
    );
    assert!(!missing.contains("Method") && !missing.contains("Fold "));

    let small = Size {
        people: 2,
        folds: 1,
        ..Size::usual()
    };
    let refused = text(&crate::made_up::report(&small));
    assert!(refused.contains("FNMR at FMR 1 %        not shown: 100 impostor comparisons"));
    assert!(refused.contains("weak: it rests on fewer than 30 errors"));

    let failed = text(&hostile());
    assert!(line(&failed, "eigenfaces").contains("not judged: 35 training images"));
    assert!(failed.contains("34 of the 40 people of the test were trained on."));
}

/// A name cannot move the cursor or change colours.
#[test]
fn names_do_not_speak_to_the_terminal() {
    let mut report = hostile();
    report.methods[1].name = "\u{1b}[2Jgone".to_owned();
    report.test.what = "a\u{7}b".to_owned();
    let text = text(&report);
    assert!(!text.contains(|c: char| c.is_control() && c != '\n'));
    assert!(text.contains("[2Jgone"));
}

#[test]
fn a_report_of_nothing_has_a_text() {
    let mut report: Report = alone();
    report.test = Test::default();
    report.methods.clear();
    assert!(text(&report).starts_with("Judged on: seed on subjects-8-fold\n0 test subjects; "));
}
