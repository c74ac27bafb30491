//! From scores to a report: the figures are those of `verification-figures`, and what cannot be is refused.

use siamese_report::{
    Error, FoldScores, Judging, Measured, Report, Role, Setup, html, jackknife, markdown, rank_1,
    text,
};
use verification_figures::{
    Comparison, Direction, Embeddings, Figure, Identification, LabelledScores, Metric,
    SampleScores, smallest_firm_rate, smallest_supported_rate,
};

const SUBJECTS: u32 = 6;
const IMAGES: u32 = 3;

/// Subjects of a fold, by their images; no two folds share one.
fn subjects(fold: u32) -> Vec<u32> {
    let all = 0..SUBJECTS;
    all.flat_map(|subject| [fold * SUBJECTS + subject; IMAGES as usize])
        .collect()
}

/// Points on a line, one for each image: a subject's are near each other, the more so the smaller the noise.
fn points(seed: u32, noise: f32) -> Vec<f32> {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 65_536.0
    };
    let images = (0..SUBJECTS).flat_map(|subject| [subject; IMAGES as usize]);
    images.map(|home| home as f32 + noise * random()).collect()
}

/// Two folds with thresholds of their own, each image compared with every other.
pub(crate) struct Line {
    points: [Vec<f32>; 2],
    subjects: [Vec<u32>; 2],
}

pub(crate) const THRESHOLDS: [f64; 2] = [0.9, 0.6];

impl Line {
    pub(crate) fn new(noise: f32) -> Line {
        Line {
            points: [points(1, noise), points(2, noise)],
            subjects: [subjects(0), subjects(1)],
        }
    }

    pub(crate) fn samples(&self, fold: usize) -> SampleScores<'_> {
        let embeddings = Embeddings::new(&self.points[fold], 1, &self.subjects[fold]).unwrap();
        SampleScores::from_embeddings(Metric::Euclidean, embeddings).unwrap()
    }

    pub(crate) fn folds(&self) -> Vec<FoldScores<'_>> {
        let of = |fold| FoldScores::of_samples(self.samples(fold), THRESHOLDS[fold]).unwrap();
        vec![of(0), of(1)]
    }

    pub(crate) fn scores(&self) -> LabelledScores {
        let each = [0, 1].map(|fold| self.samples(fold).all_pairs().unwrap());
        LabelledScores::pooled(&each).unwrap()
    }

    /// Each fold's by its own FMR.
    fn by_fold(&self) -> LabelledScores {
        let each = [0, 1].map(|fold| self.samples(fold).all_pairs().unwrap().by_fmr().unwrap());
        LabelledScores::pooled(&each).unwrap()
    }
}

pub(crate) fn setup() -> Setup {
    let mut setup = Setup::new("a line on two folds", "a line");
    setup.seed = 7;
    setup
}

pub(crate) fn report(line: &Line) -> Report {
    let judging = Judging::new(setup(), line.folds()).unwrap();
    judging.report(|subject| format!("s{subject}")).unwrap()
}

#[test]
fn figures_and_intervals_are_those_of_the_folds_at_equal_fmr() {
    let line = Line::new(2.5);
    let report = report(&line);
    let figures = report.methods[0].figures().unwrap();
    let scores = line.scores();
    let settings = jackknife(scores.len(), 7);
    assert_eq!(settings.most_groups, 1000);
    let by_fold = line.by_fold();
    for (found, figure, scores) in [
        (figures.eer, Figure::Eer, &by_fold),
        (figures.auc, Figure::Auc, &by_fold),
        (figures.d_prime, Figure::DPrime, &scores),
    ] {
        let interval = scores.interval(figure, &settings).unwrap();
        assert!(interval.low < interval.high, "{figure:?}");
        assert_eq!(
            found,
            Some(Measured {
                value: interval.estimate,
                interval: Some([interval.low, interval.high]),
            })
        );
    }
    let lenient = figures.fnmr_at_fmr[0].rate.known().unwrap();
    let at = by_fold.scores().fnmr_at_fmr(0.1).unwrap();
    assert_eq!(lenient.evidence, at.evidence);
    assert_eq!(figures.fnmr_at_fmr[0].held, Some(at.at.reached));
    assert_eq!(figures.min_cllr, by_fold.scores().min_cllr().ok());
    // 270 impostor comparisons do not show one in a thousand.
    assert!(figures.fnmr_at_fmr[2].rate.known().is_none());

    let test = &report.test;
    assert_eq!((test.people, test.images, test.folds), (12, 36, 2));
    assert_eq!((test.genuine, test.impostor), (36, 270));
    assert_eq!(test.search_omitted, None);
    assert_eq!(
        report.decision.smallest_fmr,
        Some([smallest_supported_rate(270), smallest_firm_rate(270)])
    );
}

#[test]
fn each_fold_is_decided_by_its_own_threshold() {
    let line = Line::new(2.5);
    let report = report(&line);
    let mut errors = [0, 0];
    for (place, fold) in report.folds.iter().enumerate() {
        let scores = line.samples(place).all_pairs().unwrap().scores();
        let at = scores.confusion_at(THRESHOLDS[place]).unwrap();
        assert_eq!(fold.fold, place as u64);
        assert_eq!(fold.threshold, THRESHOLDS[place]);
        assert_eq!(fold.fmr, at.fmr().ok());
        assert_eq!(fold.fnmr, at.fnmr().ok());
        assert_eq!(fold.eer, scores.eer().ok().map(|eer| eer.rate));
        assert_eq!(fold.people[0], format!("s{}", place * SUBJECTS as usize));
        errors[0] += at.fp;
        errors[1] += at.fn_;
    }
    let decision = &report.decision;
    let [fmr, fnmr] = [decision.fmr.unwrap(), decision.fnmr.unwrap()];
    assert_eq!([fmr.evidence.errors, fnmr.evidence.errors], errors);
    assert_eq!(decision.thresholds, THRESHOLDS);
    // Each false non-match is one subject's.
    let of_subjects = report.subjects.iter().map(|subject| {
        let evidence = subject.false_non_matches.unwrap();
        evidence.errors
    });
    assert_eq!(of_subjects.sum::<u64>(), errors[1]);
    assert_eq!(report.subjects[11].name, "s11");
}

#[test]
fn searches_are_those_of_every_turn_of_every_fold_at_equal_fmr() {
    let line = Line::new(2.5);
    let report = report(&line);
    let mut searches = Vec::new();
    for fold in 0..2 {
        let samples = line.samples(fold).by_fmr().unwrap();
        for turn in 0..IMAGES as usize {
            let matrix = samples.rotation(turn).unwrap();
            searches.push(Identification::leaving_one_out(&matrix).unwrap());
        }
    }
    let search = Identification::pooled(&searches).unwrap();
    let figures = report.methods[0].figures().unwrap();
    let rate = search.rank_rate(1).unwrap();
    assert!(rate < 1.0);
    assert_eq!(figures.rank_1.unwrap().value, rate);
    assert_eq!(rank_1(&line.folds()), Some(rate));
    assert_eq!(figures.cmc, search.cmc().unwrap());
    assert_eq!(figures.enrolled, Some(u64::from(SUBJECTS)));
    assert_eq!(figures.few_shot.unwrap().ways, u64::from(SUBJECTS));
    // An image searched in two galleries is one image: 36 of them show no FPIR of 1 %.
    let at = figures.fnir_at_fpir[0].rate.known().unwrap();
    assert_eq!(at.evidence.comparisons, 36);
    let point = search.fnir_at_fpir(0.1, 1).unwrap();
    assert_eq!(at.measured.value, point.fnir.rate());
    assert!(figures.fnir_at_fpir[1].rate.known().is_none());
}

#[test]
fn several_templates_of_each_subject_are_enrolled_if_asked() {
    let line = Line::new(2.5);
    let mut setup = setup();
    setup.templates = 2;
    let judging = Judging::new(setup.clone(), line.folds()).unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    assert_eq!(report.test.templates, Some(2));
    let searches = (0..2).map(|fold| {
        let samples = line.samples(fold).by_fmr().unwrap();
        Identification::leaving_one_out(&samples.rotation_of(0, 2).unwrap()).unwrap()
    });
    let searches: Vec<Identification> = searches.collect();
    let search = Identification::pooled(&searches).unwrap();
    assert_eq!(
        search.mated(),
        2 * SUBJECTS as usize * (IMAGES as usize - 2)
    );
    let figures = report.methods[0].figures().unwrap();
    assert_eq!(figures.rank_1.unwrap().value, search.rank_rate(1).unwrap());
    assert!(html(&report).contains("2 images of each"));

    setup.templates = IMAGES as usize;
    let judging = Judging::new(setup, line.folds()).unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let said = report.test.search_omitted.unwrap();
    assert!(
        said.starts_with("Nobody in a fold has more than 3 images"),
        "{said}"
    );
    assert!(report.methods[0].figures().unwrap().rank_1.is_none());
}

#[test]
fn scores_without_their_images_are_not_searched_and_say_so() {
    let line = Line::new(2.5);
    let folds = vec![FoldScores::new(line.scores(), 0.9).numbered(3)];
    let judging = Judging::new(setup(), folds.clone()).unwrap();
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let figures = report.methods[0].figures().unwrap();
    assert_eq!((figures.rank_1, figures.few_shot), (None, None));
    assert_eq!(rank_1(&folds), None);
    assert!(report.test.search_omitted.is_some());
    assert!(report.folds.is_empty());
    // How many images there were is not known, and is not made up.
    assert!(!html(&report).contains(" images in") && !text(&report).contains("0 images"));
    assert!(text(&report).contains("12 test subjects; 36 genuine comparisons"));
}

#[test]
fn another_method_is_set_beside_over_the_same_subjects() {
    let (ours, theirs) = (Line::new(2.5), Line::new(1.5));
    let mut judging = Judging::new(setup(), ours.folds()).unwrap();
    judging
        .beside("theirs", "", Role::Classical, &theirs.folds())
        .unwrap();
    judging.unavailable("none", "", Role::Classical, "it has no scores");
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let settings = jackknife(ours.scores().len(), 7);
    let found = theirs
        .by_fold()
        .difference(&ours.by_fold(), Figure::Eer, &settings)
        .unwrap();
    let figures = report.methods[1].figures().unwrap();
    assert_eq!(figures.eer_above_judged_p, Some(found.p_value()));
    let rank_1 = figures.rank_1_above_judged.unwrap();
    let judged = report.methods[0].figures().unwrap();
    let apart = figures.rank_1.unwrap().value - judged.rank_1.unwrap().value;
    assert!((rank_1.value - apart).abs() < 1e-12 && rank_1.interval.is_some());
    assert_eq!(figures.fnir_above_judged[0].target, 0.1);
    assert_eq!(judged.rank_1_above_judged, None);
    let above = report.methods[1].figures().unwrap().eer_above_judged;
    assert_eq!(above.unwrap().value, found.interval.estimate);
    assert_eq!(
        above.unwrap().interval,
        Some([found.interval.low, found.interval.high])
    );
    assert_eq!(report.methods[0].figures().unwrap().eer_above_judged, None);
    for form in [html(&report), markdown(&report), text(&report)] {
        assert!(form.contains("theirs") && form.contains("it has no scores"));
    }
}

#[test]
fn thresholds_are_chosen_on_scores_of_others_and_judged_on_the_test() {
    let line = Line::new(2.5);
    let mut judging = Judging::new(setup(), line.folds()).unwrap();
    let validation = [0, 1].map(|fold| line.samples(fold).all_pairs().unwrap().scores());
    judging
        .choose_thresholds(&validation, "the very same subjects")
        .unwrap();
    let error = judging.clone().choose_thresholds(&validation[..1], "one");
    assert!(matches!(
        error,
        Err(Error::FoldCount {
            expected: 2,
            found: 1
        })
    ));
    let report = judging.report(|subject| subject.to_string()).unwrap();
    let aims: Vec<&str> = report.thresholds.iter().map(|at| &at.aim[..]).collect();
    assert_eq!(aims, ["FMR 10 %", "FMR 1 %", "FMR 0.1 %", "FNMR 5 %"]);
    let outcome = report.thresholds[0].outcome.known().unwrap();
    let wanted = validation.map(|scores| scores.threshold_for_fmr(0.1).unwrap().threshold);
    assert_eq!(outcome.thresholds, wanted);
    assert_eq!(outcome.chosen_on, "the very same subjects");
    // On the same scores the promise is kept.
    assert!(outcome.fmr.measured.value <= 0.1 && outcome.fmr.evidence.errors > 0);
    assert!(report.thresholds[2].outcome.known().is_none());
}

#[test]
fn what_cannot_be_judged_is_refused_with_the_reason() {
    assert!(matches!(
        Judging::new(setup(), Vec::new()),
        Err(Error::NoFolds)
    ));
    let line = Line::new(2.5);
    let mut folds = line.folds();
    folds[1] = FoldScores::new(line.scores(), f64::NAN).numbered(5);
    let error = Judging::new(setup(), folds).unwrap_err().to_string();
    assert_eq!(
        error,
        "the threshold of fold 5 is NaN: give a finite number"
    );

    let similar = |subjects| Comparison {
        subjects,
        score: 1.0,
    };
    let similar = vec![similar([0, 0]), similar([0, 1])];
    let similar = LabelledScores::new(Direction::Similarity, similar).unwrap();
    let mut folds = line.folds();
    folds[1] = FoldScores::new(similar.clone(), 0.5);
    assert!(matches!(
        Judging::new(setup(), folds),
        Err(Error::Figures(verification_figures::Error::MixedDirections))
    ));

    let mut judging = Judging::new(setup(), line.folds()).unwrap();
    let others = [FoldScores::new(similar, 0.5)];
    let error = judging.beside("others", "", Role::Classical, &others);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("the same comparisons"), "{error}");
}

/// The same points by similarity: no figure changes, and every way of writing says which side means alike.
#[test]
fn similarities_give_the_figures_of_distances_and_other_words() {
    let line = Line::new(2.5);
    let folds = [0, 1].map(|fold| {
        let scores = line.samples(fold).all_pairs().unwrap();
        let negated = scores.comparisons().map(|comparison| Comparison {
            score: -comparison.score,
            ..comparison
        });
        let scores = LabelledScores::new(Direction::Similarity, negated.collect()).unwrap();
        FoldScores::new(scores, -THRESHOLDS[fold]).of_images(18)
    });
    let judging = Judging::new(setup(), folds.to_vec()).unwrap();
    let similar = judging.report(|subject| format!("s{subject}")).unwrap();
    let distant = report(&line);
    let [a, b] = [&similar, &distant].map(|report| report.methods[0].figures().unwrap());
    assert_eq!((a.eer, a.auc, a.d_prime), (b.eer, b.auc, b.d_prime));
    assert_eq!(a.det, b.det);
    assert_eq!(similar.decision.fmr, distant.decision.fmr);
    assert_eq!(similar.subjects, distant.subjects);
    for (report, side) in [(&similar, "above"), (&distant, "below")] {
        assert!(html(report).contains(&format!("score is {side} <strong>")));
        assert!(markdown(report).contains(&format!("Genuine when the score is {side} ")));
        assert!(text(report).contains(&format!("Called genuine where the score is {side} ")));
    }
    let json = siamese_report::json(&similar).unwrap();
    assert!(json.contains("\"direction\": \"similarity\""));
    assert_eq!(siamese_report::from_json(&json).unwrap(), similar);
    assert!(
        !siamese_report::json(&distant)
            .unwrap()
            .contains("\"direction\"")
    );
}
