//! What the figures come to, sentence by sentence.
use siamese_report::{
    Answer, AtTarget, HealthNote, Measured, Method, Outcome, Rate, Report, Requirement, Role,
    Standing, TrainingCurve, verdict,
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

/// A rate with its interval.
fn rate_within(errors: u64, trials: u64, interval: [f64; 2]) -> Rate {
    let mut rate = rate(errors, trials);
    rate.measured.interval = Some(interval);
    rate
}

fn figures(report: &mut Report) -> &mut siamese_report::MethodFigures {
    match &mut report.methods[0].outcome {
        Outcome::Figures(figures) => figures,
        Outcome::Unavailable(_) => panic!("a method without figures"),
    }
}

/// Of which an FMR of 1 % and an FNMR of 5 % is required, with these rates in use.
fn required(text: &str, fmr: Rate, fnmr: Rate) -> Report {
    let mut report = with_eer(0.02, Some([0.01, 0.03]));
    report.required = Some(text.parse::<Requirement>().unwrap());
    report.decision.fmr = Some(fmr);
    report.decision.fnmr = Some(fnmr);
    report
}

#[test]
fn a_network_of_which_nothing_is_required() {
    let mut report = with_eer(0.151, Some([0.121, 0.19]));
    for (target, interval) in [(0.1, [0.2, 0.28]), (0.01, [0.5, 0.62])] {
        figures(&mut report).fnmr_at_fmr.push(AtTarget {
            target,
            held: None,
            rate: Answer::Known(rate_within(1_000, 4_500, interval)),
        });
    }
    let verdict = verdict(&report);
    assert_eq!(verdict.standing, Standing::Open);
    assert_eq!(verdict.warning, None);
    assert_eq!(
        verdict.quality,
        "Whether seed is good enough depends on what is required, and nobody said: where both errors are equally \
         frequent, it accepts about 1 in 7 strangers and rejects about 1 in 7 genuine subjects (EER 15.1 %, 95 % \
         interval 12.1 to 19.0). What these subjects can promise, by the upper ends of the intervals: at most 28.0 % \
         of the genuine subjects are rejected where 10 % of the strangers are accepted; at most 62.0 % of the genuine \
         subjects are rejected where 1 % of the strangers are accepted. State what is needed, with --require \
         fmr=1%,fnmr=5% for example, and the verdict goes by it."
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
fn standing_follows_the_requirement_and_the_ends_of_the_intervals() {
    let standing = |fmr: [f64; 2], fnmr: [f64; 2]| {
        let of = |ends: [f64; 2]| rate_within((500.0 * (ends[0] + ends[1])) as u64, 1_000, ends);
        verdict(&required("fmr=1%,fnmr=5%", of(fmr), of(fnmr))).standing
    };
    assert_eq!(standing([0.002, 0.008], [0.02, 0.04]), Standing::Good);
    // Praise takes the upper end, blame the lower.
    assert_eq!(standing([0.002, 0.012], [0.02, 0.04]), Standing::Unknown);
    assert_eq!(standing([0.011, 0.03], [0.02, 0.04]), Standing::Unknown);
    // With an FNMR at that FMR the other threshold is known too.
    let with = |errors: u64, interval: Option<[f64; 2]>| {
        let few = rate_within(20, 1_000, [0.012, 0.03]);
        let mut report = required("fmr=1%,fnmr=5%", few, few);
        let mut rate = rate(errors, 1_000);
        rate.measured.interval = interval;
        figures(&mut report).fnmr_at_fmr.push(AtTarget {
            target: 0.01,
            held: None,
            rate: Answer::Known(rate),
        });
        verdict(&report)
    };
    let at = |interval| with(20, interval);
    let above = |interval| with(75, Some(interval));
    let other = at(Some([0.02, 0.045]));
    assert_eq!(other.standing, Standing::Limited);
    assert!(
        other.quality.starts_with(
            "With the threshold in use (FMR 2.0 %, 95 % interval 1.2 to 3.0, FNMR 2.0 %, 95 % interval 1.2 to 3.0) seed \
             does not keep what is required, FMR at most 1 % and FNMR at most 5 %. Another threshold does: at an FMR of 1 \
             % on this test it has an FNMR of 2.0 %, 95 % interval 2.0 to 4.5."
        ),
        "{}",
        other.quality
    );
    assert_eq!(at(Some([0.02, 0.06])).standing, Standing::Unknown);
    assert_eq!(above([0.06, 0.09]).standing, Standing::Poor);
    assert_eq!(at(None).standing, Standing::Unknown);
    // Without an interval nothing is known.
    let report = required("fmr=1%", rate(5, 1_000), rate(400, 1_000));
    assert_eq!(verdict(&report).standing, Standing::Unknown);
    let few = verdict(&with_eer(0.004, None));
    assert_eq!(few.standing, Standing::Unknown);
    assert!(few.quality.contains("too few subjects to tell"));
    // Nobody needs to say that it should be better than a coin.
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
fn a_single_rate_may_be_required() {
    let ends = |errors: u64, ends| rate_within(errors, 1_000, ends);
    let strict = ends(900, [0.85, 0.95]);
    let report = |fmr: Rate| {
        let mut report = required("fmr=1%", fmr, strict);
        figures(&mut report).fnmr_at_fmr.push(AtTarget {
            target: 0.01,
            held: None,
            rate: Answer::Known(ends(100, [0.08, 0.12])),
        });
        verdict(&report)
    };
    assert_eq!(report(ends(5, [0.002, 0.009])).standing, Standing::Good);
    let lenient = report(ends(50, [0.03, 0.07]));
    assert_eq!(lenient.standing, Standing::Limited);
    assert!(
        lenient.quality.contains(
            "A stricter threshold does; the price: at an FMR of 1 % on this test it has an FNMR of 10.0 %"
        ),
        "{}",
        lenient.quality
    );
    let unlike = required("fnmr=5%", ends(5, [0.002, 0.009]), strict);
    assert_eq!(verdict(&unlike).standing, Standing::Poor);
}

/// Regression: a perfect verifier was called "Not known", for its interval is a single value.
#[test]
fn no_error_at_all_is_a_bound_by_comparisons_and_one_by_subjects() {
    let mut report = with_eer(0.0, Some([0.0, 0.0]));
    let found = verdict(&report);
    assert_eq!(found.standing, Standing::Open);
    assert!(
        found.quality.contains(
            "at the best threshold none of 4,500 genuine and 100,000 impostor comparisons was decided wrongly, which \
             shows error rates below 0.067 % if all comparisons were independent, and below 3.0 % as they are of 100 \
             subjects: count on the second"
        ),
        "{}",
        found.quality
    );
    // The verdict rests on the second.
    report.decision.fmr = Some(rate_within(0, 100_000, [0.0, 0.0]));
    report.decision.fnmr = Some(rate_within(0, 4_500, [0.0, 0.0]));
    report.required = Some("fmr=1%,fnmr=5%".parse().unwrap());
    assert_eq!(verdict(&report).standing, Standing::Unknown);
    report.required = Some("fmr=4%,fnmr=5%".parse().unwrap());
    let kept = verdict(&report);
    assert_eq!(kept.standing, Standing::Good);
    assert!(
        kept.quality.starts_with(
            "seed keeps what is required, FMR at most 4 % and FNMR at most 5 %, with the threshold in use: FMR < 0.0030 % \
             by comparisons, < 3.0 % by subjects, FNMR < 0.067 % by comparisons, < 3.0 % by subjects."
        ),
        "{}",
        kept.quality
    );
    report.test.genuine_people = Some(40);
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

/// Of eight methods one is likely to differ by chance: Holm's procedure asks more of each.
#[test]
fn many_comparisons_are_not_taken_for_one() {
    let mut report = with_eer(0.05, Some([0.04, 0.06]));
    for (place, p) in [0.001, 0.006, 0.011, 0.012].into_iter().enumerate() {
        let name = format!("method {place}");
        compare(&mut report, &name, 0.081, Some([0.012, 0.05]));
        let Some(Outcome::Figures(figures)) =
            report.methods.last_mut().map(|method| &mut method.outcome)
        else {
            panic!("a method without figures");
        };
        figures.eer_above_judged_p = Some(p);
    }
    // 0.05 / 4, / 3, / 2 and / 1 are above them.
    assert!(
        verdict(&report)
            .comparison
            .starts_with("It clearly beats all 4")
    );
    let set = |report: &mut Report, place: usize, p| {
        let Outcome::Figures(figures) = &mut report.methods[place].outcome else {
            panic!("a method without figures");
        };
        figures.eer_above_judged_p = Some(p);
    };
    // One that is above 0.05 / 3 takes those that are above it along.
    set(&mut report, 2, 0.02);
    set(&mut report, 3, 0.021);
    set(&mut report, 4, 0.022);
    let found = verdict(&report).comparison;
    assert!(
        found.starts_with(
            "It clearly beats 1 of the 4 methods it was compared with; it is ahead of"
        ),
        "{found}"
    );
    assert!(
        found.contains("by no more than chance may explain"),
        "{found}"
    );
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
        "With the threshold in use (0.500): none of 1,000 strangers accepted (FMR < 0.30 % by comparisons, < 3.0 % by \
         subjects) and about 1 in 25 genuine subjects rejected (FNMR 4.0 %; weak, as it rests on 9 errors)."
    );
    report.decision.thresholds = vec![0.42, 0.55];
    report.decision.fnmr = Some(rate(90, 225));
    assert_eq!(
        verdict(&report).remarks[0],
        "With the thresholds in use (0.420 to 0.550): none of 1,000 strangers accepted (FMR < 0.30 % by comparisons, < \
         3.0 % by subjects) and about 40 in 100 genuine subjects rejected (FNMR 40.0 %)."
    );
    report.decision.fmr = Some(rate(0, 3));
    assert!(
        verdict(&report).remarks[0]
            .contains("none of 3 strangers accepted (too few comparisons to say)")
    );
}

/// Regression: it was called misplaced.
#[test]
fn a_threshold_that_is_strict_on_purpose_is_in_its_place() {
    let mut report = with_eer(0.02, Some([0.01, 0.03]));
    report.decision.fmr = Some(rate(0, 100_000));
    report.decision.fnmr = Some(rate_within(1_500, 4_500, [0.3, 0.36]));
    let found = verdict(&report);
    assert_eq!(found.standing, Standing::Open);
    assert!(!found.quality.contains("choose another"));
    assert!(
        !found
            .remarks
            .iter()
            .any(|remark| remark.contains("choose another"))
    );
}

#[test]
fn a_threshold_that_lets_strangers_in_is_remarked_or_spoils_all() {
    let mut report = with_eer(0.004, Some([0.001, 0.009]));
    report.decision.fmr = Some(rate_within(200, 1_000, [0.15, 0.25]));
    report.decision.fnmr = Some(rate(0, 225));
    let lenient = verdict(&report);
    assert_eq!(lenient.standing, Standing::Open);
    assert_eq!(
        lenient.remarks[0],
        "With the threshold in use strangers are accepted far more often (20.0 %) than where both errors are equally \
         frequent. If that is not meant, choose another."
    );
    // A rate that may be small is not.
    report.decision.fmr = Some(rate_within(60, 1_000, [0.007, 0.1]));
    assert!(!verdict(&report).remarks[0].contains("choose another"));
    // One that lets everybody in does no work.
    report.decision.fmr = Some(rate_within(1_000, 1_000, [1.0, 1.0]));
    let spoilt = verdict(&report);
    assert_eq!(spoilt.standing, Standing::Poor);
    assert!(
        spoilt.quality.starts_with(
            "With the threshold in use seed is hardly better than guessing, as it accepts 100 % of the strangers"
        ),
        "{}",
        spoilt.quality
    );
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
        held: None,
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
