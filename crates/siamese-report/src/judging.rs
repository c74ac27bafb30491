//! From scores to a report.

mod decisions;
mod folds;
mod groups;
mod impostors;
mod method;
mod one_shot;
mod search;

pub use folds::{FoldScores, Pooled};
pub use groups::Groups;
pub use impostors::{ReferenceScores, impostors};
pub use method::{is_uneven, jackknife};
pub use one_shot::{RunOutcome, one_shot};
pub use search::{EpisodePlan, rank_1};

use verification_figures::{PairKind, Scores};

use crate::number::count;
use crate::{
    Decision, Error, Fact, Method, Outcome, Report, Requirement, Role, Test, ThresholdChoice,
    Unread,
};
use decisions::{calibrated_cost, decision, fold_figures, subject_errors, thresholds};
use folds::{levelled, pooled};
use groups::group_figures;
use method::{FMR_TARGETS, Judged, method_figures, thinned};
use search::Search;

/// What the scores do not say of themselves.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Setup {
    /// What the report is called: `seed on subjects-8-fold`.
    pub title: String,
    /// The name of the method that is judged.
    pub method: String,
    /// The method in one sentence; may be empty.
    pub about: String,
    /// The name of the protocol; may be empty.
    pub protocol: String,
    /// What was compared, in words; may be empty.
    pub what: String,
    /// What the scores are: `euclidean distance`.
    pub unit: String,
    /// How the thresholds were found, in words.
    pub threshold_source: String,
    /// Why the figures flatter, where subjects of the test were trained on: a sentence.
    pub leak: Option<String>,
    /// What was left out, with counts; each a sentence.
    pub exclusions: Vec<String>,
    /// Images that could not be read, where that is known.
    pub unread: Option<Unread>,
    /// What is required of what is judged: the verdict goes by it.
    pub required: Option<Requirement>,
    /// Images of each subject that are enrolled for searches; a subject's score is that of the most alike of them.
    pub templates: usize,
    /// The few-shot episodes; `None` for 2,000 of one image each of up to 20 subjects.
    pub episodes: Option<EpisodePlan>,
    /// Which group each subject is in; `None` where there are no groups.
    pub groups: Option<Groups>,
    /// Seed of all random draws. The same scores and the same seed give the same report.
    pub seed: u64,
}

impl Setup {
    /// A title and the name of what is judged. The scores are called `score`, the thresholds `given`, the seed is 0, and
    /// nothing else is said.
    pub fn new(title: impl Into<String>, method: impl Into<String>) -> Setup {
        Setup {
            title: title.into(),
            method: method.into(),
            about: String::new(),
            protocol: String::new(),
            what: String::new(),
            unit: "score".to_owned(),
            threshold_source: "given".to_owned(),
            leak: None,
            exclusions: Vec::new(),
            unread: None,
            required: None,
            templates: 1,
            episodes: None,
            groups: None,
            seed: 0,
        }
    }
}

/// A report in the making: first what is judged, then what it is compared with.
///
/// ```
/// use siamese_report::{FoldScores, Judging, Role, Setup, html};
/// use verification_figures::{Embeddings, Metric, SampleScores};
///
/// // Two templates of each of six subjects, and the same by a method to compare with.
/// let ours = [0.0, 0.1, 1.0, 1.2, 2.1, 2.0, 3.0, 3.2, 4.1, 4.0, 5.0, 5.1];
/// let theirs = [0.0, 0.6, 1.0, 1.7, 2.8, 2.0, 3.0, 3.4, 4.6, 4.0, 5.0, 5.9];
/// let subjects = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6];
/// let fold = |values| {
///     let embeddings = Embeddings::new(values, 1, &subjects)?;
///     let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings)?;
///     FoldScores::of_samples(scores, 0.5)
/// };
/// let mut judging = Judging::new(Setup::new("ours against theirs", "ours"), vec![fold(&ours)?])?;
/// judging.beside("theirs", "", Role::Classical, &[fold(&theirs)?])?;
/// let report = judging.report(|subject| format!("subject {subject}"))?;
/// assert!(html(&report).contains("ours against theirs"));
/// # Ok::<(), siamese_report::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Judging<'a> {
    setup: Setup,
    folds: Vec<FoldScores<'a>>,
    pooled: Pooled,
    search: Option<Search>,
    /// FMRs at which the FNMR is given, the most lenient first.
    fmrs: Vec<f64>,
    methods: Vec<Method>,
    thresholds: Vec<ThresholdChoice>,
}

impl<'a> Judging<'a> {
    /// Judges one method by its scores on each fold.
    ///
    /// A subject has the same number in all folds, and different subjects have different ones.
    ///
    /// # Errors
    ///
    /// [`Error::NoFolds`] without a fold, [`Error::Threshold`] for a threshold that is no number, and
    /// [`Error::Figures`] where some folds hold distances and others similarities.
    pub fn new(setup: Setup, folds: Vec<FoldScores<'a>>) -> Result<Judging<'a>, Error> {
        let pooled = Pooled::new(&folds)?;
        let search = Search::new(&folds, &setup);
        let mut fmrs = FMR_TARGETS.to_vec();
        fmrs.extend(setup.required.and_then(|required| required.fmr));
        fmrs.sort_by(|a, b| b.total_cmp(a));
        fmrs.dedup();
        let settings = jackknife(pooled.scores.len(), setup.seed);
        let mut figures = method_figures(
            &pooled.scores,
            pooled.by_fold(),
            search.as_ref(),
            None,
            &fmrs,
            &settings,
        )?;
        figures.one_shot = trials(&folds, setup.seed);
        let judged = Method::new(
            &setup.method,
            &setup.about,
            Role::Judged,
            Outcome::Figures(Box::new(figures)),
        );
        Ok(Judging {
            setup,
            folds,
            pooled,
            search,
            fmrs,
            methods: vec![judged],
            thresholds: Vec::new(),
        })
    }

    /// Sets another method beside it, by its scores on the same comparisons. Its thresholds do not matter.
    ///
    /// # Errors
    ///
    /// [`Error::Figures`] if these are other comparisons than those of the method that is judged, else those of
    /// [`Judging::new`].
    pub fn beside(
        &mut self,
        name: impl Into<String>,
        about: impl Into<String>,
        role: Role,
        folds: &[FoldScores<'_>],
    ) -> Result<(), Error> {
        let scores = pooled(folds)?;
        let levelled = levelled(folds)?;
        let search = Search::new(folds, &self.setup);
        let judged = Judged {
            by_fold: self.pooled.by_fold(),
            search: self.search.as_ref().map(|search| &search.pooled),
        };
        let mut figures = method_figures(
            &scores,
            levelled.as_ref().unwrap_or(&scores),
            search.as_ref(),
            Some(&judged),
            &self.fmrs,
            &jackknife(scores.len(), self.setup.seed),
        )?;
        figures.one_shot = trials(folds, self.setup.seed);
        let outcome = Outcome::Figures(Box::new(figures));
        self.methods.push(Method::new(name, about, role, outcome));
        Ok(())
    }

    /// Says why a method that belongs beside it could not be judged.
    pub fn unavailable(
        &mut self,
        name: impl Into<String>,
        about: impl Into<String>,
        role: Role,
        reason: impl Into<String>,
    ) {
        let outcome = Outcome::Unavailable(reason.into());
        self.methods.push(Method::new(name, about, role, outcome));
    }

    /// Chooses thresholds for wanted error rates (FMR 10 %, 1 % and 0.1 %, FNMR 5 %, and what is required) on scores of
    /// other subjects, one set for each fold, and shows what they do on the test. Likelihood ratios are calibrated on
    /// them too, and their cost on the test is Cllr. `chosen_on` says in words who those subjects are.
    ///
    /// # Errors
    ///
    /// [`Error::FoldCount`] where there is not one set for each fold.
    pub fn choose_thresholds(
        &mut self,
        validation: &[Scores],
        chosen_on: &str,
    ) -> Result<(), Error> {
        if validation.len() != self.folds.len() {
            return Err(Error::FoldCount {
                expected: self.folds.len(),
                found: validation.len(),
            });
        }
        self.thresholds = thresholds(
            &self.folds,
            validation,
            chosen_on,
            self.setup.required,
            self.setup.seed,
        )?;
        if let Some(Outcome::Figures(figures)) =
            self.methods.first_mut().map(|method| &mut method.outcome)
        {
            figures.cllr = calibrated_cost(&self.folds, validation);
        }
        Ok(())
    }

    /// The report. `name` gives the name of each subject by its number.
    ///
    /// What scores do not hold can be added to it: pictures, a map, losses, facts.
    ///
    /// # Errors
    ///
    /// [`Error::Figures`] where a fold's own figures cannot be had.
    pub fn report(self, name: impl Fn(u32) -> String) -> Result<Report, Error> {
        let Judging {
            setup,
            folds,
            pooled,
            methods,
            thresholds,
            ..
        } = self;
        let Pooled {
            scores, decided, ..
        } = &pooled;
        let count = |kind| folds.iter().map(|fold| fold.count(kind)).sum::<u64>();
        let test = Test {
            protocol: setup.protocol,
            what: setup.what,
            leak: setup.leak,
            people: scores.subjects().len() as u64,
            genuine_people: Some(scores.genuine_subjects() as u64),
            effective_people: scores.effective_subjects().ok(),
            images: folds.iter().map(|fold| fold.images).sum(),
            genuine: count(PairKind::Genuine),
            impostor: count(PairKind::Impostor),
            folds: folds.len() as u64,
            exclusions: setup.exclusions,
            unread: setup.unread,
            templates: (setup.templates > 1).then_some(setup.templates as u64),
            search_omitted: search::omitted(&folds, setup.templates),
        };
        let blank = Decision::new(
            setup.unit,
            scores.direction(),
            folds.iter().map(|fold| fold.threshold).collect(),
            setup.threshold_source,
        );
        let mut decision = decision(blank, decided, setup.seed)?;
        if is_uneven(decided) {
            let alike = decided.subjects_alike().ok();
            decision.fnmr_subjects_alike = alike.and_then(|alike| alike.fnmr_at(0.0).ok());
        }
        if folds.len() > 1 {
            decision.det = decided
                .scores()
                .det()
                .map(|det| thinned(&det.corners()))
                .unwrap_or_default();
        }
        let mut report = Report::new(setup.title, test, methods, decision);
        report.required = setup.required;
        report.thresholds = thresholds;
        if folds.len() > 1 {
            let each = folds.iter().enumerate();
            report.folds = each
                .map(|(place, fold)| fold_figures(place, fold, &name))
                .collect::<Result<_, _>>()?;
        }
        if let Some(groups) = &setup.groups {
            report.groups = group_figures(groups, pooled.by_fold(), decided)?;
        }
        report.subjects = subject_errors(decided, &name)?;
        report.facts.push(Fact {
            name: "intervals".to_owned(),
            value: intervals_of(
                scores.subjects().len(),
                jackknife(scores.len(), setup.seed).most_groups,
            ),
        });
        Ok(report)
    }
}

/// What came of the folds' one-shot trials.
fn trials(folds: &[FoldScores<'_>], seed: u64) -> Option<crate::OneShot> {
    let runs = folds.iter().flat_map(|fold| &fold.trials).cloned();
    let runs: Vec<RunOutcome> = runs.collect();
    one_shot(&runs, &jackknife(runs.len(), seed))
}

/// How the intervals come about.
fn intervals_of(subjects: usize, most_groups: usize) -> String {
    let number = count(subjects.min(most_groups) as u64);
    let of = if subjects > most_groups {
        format!("of {number} groups of subjects")
    } else {
        format!("of {number} subjects")
    };
    format!("95 %, by the jackknife: each {of} left out in turn")
}
