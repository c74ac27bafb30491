//! What the figures come to, sentence by sentence.
use siamese_report::{
    Answer, AtTarget, HealthNote, Measured, Method, Outcome, Rate, Report, Role, Standing,
    TrainingCurve, verdict,
};
use verification_figures::Evidence;

/// One method with an EER of 7.6 % (3.1 to 12.4) on one split of 5 people, and nothing else.
fn smallest() -> Report {
    serde_json::from_str(include_str!("../smallest.json")).unwrap()
}

fn with_eer(value: f64, interval: Option<[f64; 2]>) -> Report {
    let mut report = smallest();
    report.test.genuine = 4_500;
    report.test.impostor = 100_000;
    report.test.people = 100;
    set_eer(&mut report.methods[0], Some(Measured { value, interval }));
    report
}

fn set_eer(method: &mut Method, eer: Option<Measured>) {
    let Outcome::Figures(figures) = &mut method.outcome else {
        panic!("a method without figures");
    };
    figures.eer = eer;
}

/// Adds a method of this EER; the interval is that of its EER less the judged one's.
fn compare(report: &mut Report, name: &str, eer: f64, interval: Option<[f64; 2]>) {
    let judged = match &report.methods[0].outcome {
        Outcome::Figures(figures) => figures.eer.unwrap().value,
        Outcome::Unavailable(_) => panic!("the judged method has no figures"),
    };
    let mut method = smallest().methods.remove(0);
    method.name = name.to_owned();
    method.role = Role::Classical;
    let Outcome::Figures(figures) = &mut method.outcome else {
        panic!("a method without figures");
    };
    figures.eer = Some(Measured {
        value: eer,
        interval: None,
    });
    figures.eer_above_judged = Some(Measured {
        value: eer - judged,
        interval,
    });
    report.methods.push(method);
}

fn rate(errors: u64, trials: u64) -> Rate {
    let evidence = Evidence {
        errors,
        comparisons: trials,
    };
    Rate::new(evidence, None)
}

#[test]
fn a_poor_network_alone() {
    let verdict = verdict(&with_eer(0.151, Some([0.121, 0.19])));
    assert_eq!(verdict.standing, Standing::Poor);
    assert_eq!(verdict.warning, None);
    assert_eq!(
        verdict.quality,
        "seed is not good enough to decide on its own which is which: where both errors are equally frequent, it accepts \
         about 1 in 7 strangers and rejects about 1 in 7 genuine subjects (EER 15.1 %, 95 % interval 12.1 to 19.0)."
    );
    assert_eq!(
        verdict.comparison,
        "It was compared with no other method, so nothing shows that the training was worthwhile."
    );
    assert_eq!(
        verdict.remarks,
        ["The figures rest on one choice of 100 subjects: others may fare better or worse."]
    );
}

#[test]
fn standing_follows_the_upper_end_of_the_interval() {
    let standing = |value, interval| verdict(&with_eer(value, interval)).standing;
    assert_eq!(standing(0.004, Some([0.001, 0.009])), Standing::Good);
    assert_eq!(standing(0.004, Some([0.001, 0.012])), Standing::Limited);
    assert_eq!(standing(0.03, Some([0.02, 0.049])), Standing::Limited);
    assert_eq!(standing(0.03, Some([0.02, 0.06])), Standing::Unknown);
    // Blame takes the lower end.
    assert_eq!(standing(0.051, Some([0.02, 0.06])), Standing::Unknown);
    assert_eq!(standing(0.3, Some([0.05, 0.6])), Standing::Unknown);
    assert_eq!(standing(0.055, Some([0.051, 0.06])), Standing::Poor);
    // Without an interval nothing is known.
    assert_eq!(standing(0.004, None), Standing::Unknown);
    assert_eq!(standing(0.3, None), Standing::Unknown);
    let few = verdict(&with_eer(0.3, Some([0.02, 0.6])));
    assert!(few.quality.contains("too few subjects to tell"));
    let few = verdict(&with_eer(0.004, None));
    assert!(few.quality.contains("too few subjects to tell"));
    let guessing = verdict(&with_eer(0.46, Some([0.41, 0.52])));
    assert_eq!(guessing.standing, Standing::Poor);
    assert!(
        guessing
            .quality
            .starts_with("seed is hardly better than guessing: where both errors are equally frequent, it accepts about 46 in 100 strangers"),
        "{}",
        guessing.quality
    );
}

#[test]
fn no_error_at_all_is_a_bound() {
    let mut report = with_eer(0.0, Some([0.0, 0.0]));
    let few = |report: &mut Report, genuine| report.test.genuine = genuine;
    few(&mut report, 4_500);
    let many = verdict(&report);
    assert_eq!(many.standing, Standing::Good);
    assert_eq!(
        many.quality,
        "seed is good enough for everyday decisions about subjects like those of this test: at the best threshold none \
         of 4,500 genuine and 100,000 impostor comparisons was decided wrongly, which shows error rates below 0.067 % \
         at best."
    );
    few(&mut report, 90);
    assert_eq!(verdict(&report).standing, Standing::Limited);
    few(&mut report, 20);
    assert_eq!(verdict(&report).standing, Standing::Unknown);
}

#[test]
fn a_loss_is_told_by_name_with_figures_and_interval() {
    let mut report = with_eer(0.151, Some([0.121, 0.19]));
    compare(&mut report, "raw pixels", 0.132, Some([-0.035, -0.004]));
    assert_eq!(
        verdict(&report).comparison,
        "It clearly loses to raw pixels (EER 13.2 %, difference 1.9 points, 95 % interval 0.4 to 3.5)."
    );
    compare(&mut report, "LDA", 0.081, Some([-0.099, -0.041]));
    compare(&mut report, "eigenfaces", 0.148, Some([-0.02, 0.014]));
    compare(&mut report, "LBP", 0.183, Some([0.01, 0.05]));
    assert_eq!(
        verdict(&report).comparison,
        "It clearly loses to LDA (EER 8.1 %, difference 7.0 points, 95 % interval 4.1 to 9.9) and raw pixels (EER 13.2 \
         %); it is also behind eigenfaces (EER 14.8 %, difference 0.3 points, 95 % interval −1.4 to 2.0), but by no \
         more than chance may explain."
    );
}

#[test]
fn what_may_be_chance_is_no_loss() {
    let mut report = with_eer(0.151, Some([0.121, 0.19]));
    compare(&mut report, "raw pixels", 0.132, Some([-0.041, 0.003]));
    compare(&mut report, "LBP", 0.14, Some([-0.03, 0.01]));
    assert_eq!(
        verdict(&report).comparison,
        "It is behind raw pixels (EER 13.2 %, difference 1.9 points, 95 % interval −0.3 to 4.1) and LBP (EER 14.0 %), \
         but by no more than chance may explain."
    );
    report.methods.truncate(1);
    compare(&mut report, "raw pixels", 0.132, None);
    assert_eq!(
        verdict(&report).comparison,
        "It is behind raw pixels (EER 13.2 %, difference 1.9 points), but these subjects are too few to tell whether by \
         more than chance."
    );
}

#[test]
fn wins_and_ties() {
    let mut report = with_eer(0.05, Some([0.04, 0.06]));
    compare(&mut report, "LDA", 0.081, Some([0.012, 0.05]));
    assert_eq!(
        verdict(&report).comparison,
        "It clearly beats LDA, the only method it was compared with (EER 8.1 %, difference 3.1 points, 95 % interval \
         1.2 to 5.0)."
    );
    compare(&mut report, "pixels", 0.09, Some([0.02, 0.06]));
    assert_eq!(
        verdict(&report).comparison,
        "It clearly beats all 2 methods it was compared with; the closest is LDA (EER 8.1 %, difference 3.1 points, \
         95 % interval 1.2 to 5.0)."
    );
    compare(&mut report, "LBP + LDA", 0.055, Some([-0.01, 0.02]));
    assert_eq!(
        verdict(&report).comparison,
        "It clearly beats 2 of the 3 methods it was compared with; it is ahead of LBP + LDA (EER 5.5 %, difference 0.5 \
         points, 95 % interval −1.0 to 2.0), but by no more than chance may explain."
    );
    compare(&mut report, "LBP", 0.05, Some([-0.01, 0.01]));
    assert_eq!(
        verdict(&report).comparison,
        "No other method beats it, but LBP is level with it (EER 5.0 %)."
    );
    report.methods.truncate(1);
    compare(&mut report, "LBP", 0.0, None);
    report.methods.swap(0, 1);
    assert!(
        verdict(&report)
            .comparison
            .starts_with("It is ahead of seed (EER 5.0 %, difference 5.0 points), but these subjects are too few to tell"),
        "{}",
        verdict(&report).comparison
    );
}

#[test]
fn whoever_loses_for_sure_is_not_good() {
    let mut report = with_eer(0.004, Some([0.001, 0.009]));
    compare(&mut report, "LDA", 0.001, Some([-0.005, -0.001]));
    assert_eq!(verdict(&report).standing, Standing::Limited);
    report.methods.pop();
    compare(&mut report, "LDA", 0.003, Some([-0.005, 0.001]));
    assert_eq!(verdict(&report).standing, Standing::Good);
}

#[test]
fn what_training_brought_is_said_with_its_certainty() {
    let remark = |eer: f64, interval: Option<[f64; 2]>| {
        let mut report = with_eer(0.151, Some([0.121, 0.19]));
        compare(&mut report, "seed, untrained", eer, interval);
        report.methods[1].role = Role::Untrained;
        verdict(&report).remarks.swap_remove(0)
    };
    assert_eq!(
        remark(0.112, Some([-0.06, -0.01])),
        "Training made it worse: compare seed, untrained (EER 11.2 %, difference 3.9 points, 95 % interval 1.0 to 6.0)."
    );
    for (eer, interval) in [
        (0.112, Some([-0.09, 0.01])),
        (0.112, None),
        (0.16, Some([-0.02, 0.03])),
    ] {
        let remark = remark(eer, interval);
        assert!(
            remark.starts_with("Training brought no gain that these subjects show: "),
            "{remark}"
        );
    }
    assert!(remark(0.3, None).starts_with("These subjects are too few to tell"));
    assert!(remark(0.3, Some([0.1, 0.2])).starts_with("The figures rest on"));
}

#[test]
fn methods_that_could_not_be_judged_are_no_victories() {
    let mut report = with_eer(0.151, Some([0.121, 0.19]));
    for name in ["LDA", "LBP"] {
        compare(&mut report, name, 0.2, None);
    }
    for method in &mut report.methods[1..] {
        method.outcome = Outcome::Unavailable("too few training images".to_owned());
    }
    assert_eq!(
        verdict(&report).comparison,
        "None of the 2 methods it should be compared with could be judged, so nothing shows that the training was \
         worthwhile."
    );
}

#[test]
fn people_that_were_trained_on_come_first_and_forbid_praise() {
    let mut report = with_eer(0.004, Some([0.001, 0.009]));
    report.test.leak = Some("all 40 people of the test were trained on".to_owned());
    let verdict = verdict(&report);
    assert_eq!(verdict.standing, Standing::Unknown);
    assert_eq!(
        verdict.warning.as_deref(),
        Some("These figures flatter: all 40 people of the test were trained on.")
    );
    assert_eq!(
        verdict.quality,
        "How well seed does with subjects it never saw is not known; on this test, where both errors are equally \
         frequent, it accepts about 1 in 250 strangers and rejects about 1 in 250 genuine subjects (EER 0.40 %, 95 % \
         interval 0.10 to 0.90)."
    );
}

#[test]
fn no_figure_no_verdict() {
    let mut report = smallest();
    set_eer(&mut report.methods[0], None);
    report.test.genuine = 0;
    let undefined = verdict(&report);
    assert_eq!(undefined.standing, Standing::Unknown);
    assert_eq!(
        undefined.quality,
        "There is no verdict: the equal error rate of seed is not defined, because no two images of one subject were \
         compared."
    );
    report.methods[0].outcome = Outcome::Unavailable("every distance is NaN".to_owned());
    assert_eq!(
        verdict(&report).quality,
        "There is no verdict: seed could not be judged. every distance is NaN."
    );
    report.methods.clear();
    assert_eq!(
        verdict(&report).quality,
        "There is no verdict: nothing was judged."
    );
}

#[test]
fn what_the_threshold_in_use_does() {
    let mut report = with_eer(0.02, Some([0.01, 0.03]));
    report.decision.fmr = Some(rate(0, 1_000));
    report.decision.fnmr = Some(rate(9, 225));
    assert_eq!(
        verdict(&report).remarks[0],
        "With the threshold in use (0.500): none of 1,000 strangers accepted (FMR < 0.30 %) and about 1 in 25 genuine \
         subjects rejected (FNMR 4.0 %; weak, as it rests on 9 errors)."
    );
    report.decision.thresholds = vec![0.42, 0.55];
    report.decision.fnmr = Some(rate(90, 225));
    assert_eq!(
        verdict(&report).remarks[0],
        "With the thresholds in use (0.420 to 0.550): none of 1,000 strangers accepted (FMR < 0.30 %) and about 40 in \
         100 genuine subjects rejected (FNMR 40.0 %)."
    );
    report.decision.fmr = Some(rate(0, 3));
    assert!(
        verdict(&report).remarks[0]
            .contains("none of 3 strangers accepted (too few comparisons to say)")
    );
}

#[test]
fn a_misplaced_threshold_spoils_a_good_network() {
    for (eer, says) in [
        (
            Measured {
                value: 0.004,
                interval: Some([0.001, 0.009]),
            },
            "seed is good enough for everyday decisions",
        ),
        (
            Measured {
                value: 0.02,
                interval: Some([0.01, 0.03]),
            },
            "seed is good enough where a wrong decision costs little",
        ),
    ] {
        let mut report = with_eer(eer.value, eer.interval);
        report.decision.fmr = Some(rate(1_000, 1_000));
        report.decision.fnmr = Some(rate(0, 225));
        let spoilt = verdict(&report);
        assert_eq!(spoilt.standing, Standing::Poor);
        let start = format!(
            "With the threshold in use it accepts strangers far more often (100 %) than its equal error rate asks for \
             ({:.*} %): choose another. With a better one, {says}",
            if eer.value < 0.01 { 2 } else { 1 },
            100.0 * eer.value
        );
        assert!(spoilt.quality.starts_with(&start), "{}", spoilt.quality);
        assert!(
            !spoilt
                .remarks
                .iter()
                .any(|remark| remark.contains("choose another"))
        );
        // A rate that may be small does not.
        if let Some(fmr) = &mut report.decision.fmr {
            fmr.measured = Measured {
                value: 0.06,
                interval: Some([0.03, 0.1]),
            };
        }
        assert_ne!(verdict(&report).standing, Standing::Poor);
    }
    // Where little is known of the network, it is a remark.
    let mut report = with_eer(0.03, Some([0.02, 0.06]));
    report.decision.fmr = Some(rate(1_000, 1_000));
    report.decision.fnmr = Some(rate(0, 225));
    assert_eq!(verdict(&report).standing, Standing::Unknown);
    assert!(verdict(&report).remarks[0].contains("choose another"));
}

#[test]
fn too_few_comparisons_for_a_strict_fmr() {
    let mut report = with_eer(0.02, Some([0.01, 0.03]));
    report.test.impostor = 1_000;
    report.decision.smallest_fmr = Some([0.003, 0.03]);
    assert_eq!(
        verdict(&report).remarks[0],
        "What happens at an FMR of 0.1 %, which access control asks for, is not known: 1,000 impostor comparisons \
         show none below 0.30 %."
    );
    report.test.impostor = 8_000;
    report.decision.smallest_fmr = Some([0.000375, 0.00375]);
    assert_eq!(
        verdict(&report).remarks[0],
        "At an FMR of 0.1 %, which access control asks for, figures are only an indication: 8,000 impostor \
         comparisons measure firmly from 0.38 % up."
    );
    let Outcome::Figures(figures) = &mut report.methods[0].outcome else {
        panic!("a method without figures");
    };
    figures.fnmr_at_fmr.push(AtTarget {
        target: 0.001,
        rate: Answer::Unavailable("the folds are too small".to_owned()),
    });
    assert!(verdict(&report).remarks[0].contains("is not known"));
    report.test.impostor = 100_000;
    report.decision.smallest_fmr = Some([0.00003, 0.0003]);
    let Outcome::Figures(figures) = &mut report.methods[0].outcome else {
        panic!("a method without figures");
    };
    figures.fnmr_at_fmr.clear();
    assert_eq!(verdict(&report).remarks.len(), 1);
}

#[test]
fn pooled_folds_and_ill_health() {
    let mut report = with_eer(0.02, Some([0.01, 0.03]));
    report.test.folds = 8;
    assert_eq!(
        verdict(&report).remarks,
        ["The figures pool 8 folds and 100 subjects. The intervals cover other subjects."]
    );
    let mut curve = TrainingCurve::default();
    curve.training = vec![[1.0, 0.2]];
    report.training.push(curve);
    for note in [true, false] {
        report.health.push(HealthNote {
            name: "dead-dimensions".to_owned(),
            note,
            place: "fold 1".to_owned(),
            evidence: "17 of 50.".to_owned(),
            meaning: "Less is learnt.".to_owned(),
            remedy: "Leave out the last ReLU.".to_owned(),
        });
    }
    assert_eq!(
        verdict(&report).remarks,
        [
            "The figures pool 8 folds and 100 subjects: they judge the way of training, not one finished network. \
             The intervals cover other subjects, not other trainings.",
            "Training was not healthy: 1 warning, explained below.",
        ]
    );
}
