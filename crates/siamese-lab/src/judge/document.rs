//! From judged networks to the report.

use crate::error::{JudgeError, Result};
use pairgen::PairKind;
use siamese_net::{EpisodesSpec, EpochRecord};
use siamese_report::{
    Fact, FoldScores, HealthNote, Judging, Report, Requirement, Setup, TrainingCurve, Unread,
};

use super::case::{Case, Images, distances};
use super::comparisons::scores;
use super::comparisons::{Compared, Scored};
use super::episodes::{groups, plan, unplayed};
use super::impostors::impostors;
use super::map::map;
use super::methods::{classical, judged, untrained};
use super::pictures::worst;

/// What a report is called and what stands behind it.
pub struct Subject {
    /// What it is called.
    pub title: String,
    /// What divides the subjects, or the list of pairs.
    pub protocol: String,
    /// What was compared, in words.
    pub what: String,
    /// What is wrong with the trainings.
    pub health: Vec<HealthNote>,
    /// What stands behind the figures.
    pub facts: Vec<Fact>,
    /// What neither the networks nor the tests say.
    pub context: ReportContext,
}

/// What a report is told besides.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReportContext {
    /// What is to be said of the data: sentences.
    pub said: Vec<String>,
    /// Images that could not be read, where that is known.
    pub unread: Option<Unread>,
    /// What is required of what is judged: the verdict goes by it.
    pub required: Option<Requirement>,
    /// Images of each subject that are enrolled for searches; `None` for one.
    pub enrol: Option<usize>,
    /// The few-shot episodes; `None` for those of the recipe, or the usual ones.
    pub episodes: Option<EpisodesSpec>,
}

/// What the networks are set beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Beside {
    /// Themselves untrained and methods without a network; with thresholds for wanted error rates, pictures and a map.
    Everything,
    /// Nothing: their figures alone, for the terminal.
    Nothing,
}

/// Judges the networks and what they are set beside.
///
/// # Errors
/// Where there are no networks, or one of them cannot be judged.
pub fn document(
    images: Images<'_>,
    cases: &[Case],
    subject: Subject,
    beside: Beside,
) -> Result<Report> {
    let first = cases.first().ok_or(JudgeError::Nothing)?;
    let network = judged(images, cases)?;
    let own: Vec<Vec<f32>> = network.distances.clone().unwrap_or_default();
    let compared: Vec<Compared> = cases
        .iter()
        .map(|case| Compared::of(images.catalog, &case.test))
        .collect();
    let of_folds = |distances: &[Vec<f32>]| -> Result<Vec<FoldScores<'_>>> {
        let folds = scored(cases, distances);
        let each = cases.iter().zip(&folds).zip(&compared);
        each.map(|((case, fold), compared)| {
            let scores = fold.fold(images.catalog, compared)?;
            Ok(scores.numbered(case.fold as u64))
        })
        .collect()
    };

    let mut setup = Setup::new(subject.title, network.name);
    setup.about = network.about;
    setup.protocol = subject.protocol;
    setup.what = subject.what;
    setup.unit = format!("{} distance", serde_plain(first.model.recipe().distance()));
    setup.threshold_source = first.threshold_source.clone();
    setup.leak = leak(cases);
    setup.exclusions = exclusions(cases, subject.context.said);
    setup.unread = subject.context.unread;
    setup.required = subject.context.required;
    setup.templates = subject.context.enrol.unwrap_or(1);
    let episodes = subject.context.episodes.or(first.model.recipe().episodes);
    if let Some(episodes) = episodes {
        let reason = unplayed(episodes, cases, images.catalog);
        setup.exclusions.extend(reason);
        setup.episodes = Some(plan(episodes, first.model.recipe().decision.fusion));
    }
    // Of one-shot trials the errors of each run are told.
    let has_trials = cases.iter().any(|case| case.test.trials.is_some());
    setup.groups = groups(images.catalog).filter(|_| !has_trials);
    setup.seed = first.model.recipe().seed;
    let impostors = impostors(images, cases, subject.context.enrol)?;
    let mut judging = Judging::new(setup, of_folds(&own)?)?;

    let name = |subject| images.catalog.subject_name(subject).to_owned();
    if beside == Beside::Nothing {
        let mut report = judging.report(name)?;
        report.impostors = impostors;
        return Ok(report);
    }
    let mut others = Vec::new();
    if cases.iter().any(Case::is_trained) {
        others.push(untrained(images, cases)?);
    }
    others.extend(classical(images, cases)?);
    for other in others {
        match other.distances {
            Err(reason) => judging.unavailable(other.name, other.about, other.role, reason),
            Ok(distances) => {
                judging.beside(other.name, other.about, other.role, &of_folds(&distances)?)?;
            }
        }
    }
    choose_thresholds(&mut judging, images, cases)?;
    let mut report = judging.report(name)?;
    report.impostors = impostors;

    let folds = scored(cases, &own);
    report.training = cases
        .iter()
        .flat_map(|case| curves(case, cases.len()))
        .collect();
    report.health = subject.health;
    report.hardest_genuine = worst(images, &folds, PairKind::Genuine)?;
    report.closest_impostor = worst(images, &folds, PairKind::Impostor)?;
    report.map = map(images, cases, &folds)?;
    report.recipe = Some(first.model.recipe().to_toml()?);
    report.facts.splice(0..0, subject.facts);
    Ok(report)
}

/// What the tests leave out besides, by their folds.
fn exclusions(cases: &[Case], mut exclusions: Vec<String>) -> Vec<String> {
    for case in cases {
        for exclusion in &case.test.exclusions {
            exclusions.push(match cases.len() {
                1 => exclusion.clone(),
                _ => format!("Fold {}: {exclusion}", case.fold),
            });
        }
    }
    exclusions
}

fn scored<'a>(cases: &'a [Case], distances: &'a [Vec<f32>]) -> Vec<Scored<'a>> {
    let both = cases.iter().zip(distances);
    both.map(|(case, distances)| Scored {
        test: &case.test,
        distances,
        threshold: case.threshold,
    })
    .collect()
}

/// Why the figures flatter, if they do.
fn leak(cases: &[Case]) -> Option<String> {
    let leaky = cases.iter().find(|case| case.test.leaks_people)?;
    let share = leaky
        .test
        .leakage
        .and_then(|leakage| leakage.genuine_share())
        .map_or_else(String::new, |share| {
            format!(
                ", and {:.0} % of the genuine test pairs are themselves training pairs",
                100.0 * share
            )
        });
    Some(format!(
        "Subjects of this test were trained on{share}: the figures say how well they are remembered, not how well \
         strangers are told apart."
    ))
}

/// The name of a unit-like value as recipes spell it.
fn serde_plain(distance: siamese_net::Distance) -> String {
    serde_json::to_value(distance)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Chooses thresholds for wanted error rates on each fold's validation pairs, where every fold has some.
fn choose_thresholds(judging: &mut Judging<'_>, images: Images<'_>, cases: &[Case]) -> Result<()> {
    let mut validation = Vec::new();
    for case in cases {
        match &case.training {
            Some(training) if !training.validation.is_empty() => {
                let found = distances(&*case.model, images, &training.validation)?;
                validation.push(scores(&training.validation, &found)?);
            }
            _ => return Ok(()),
        }
    }
    let seen = cases.iter().any(|case| {
        case.training
            .as_ref()
            .is_some_and(|training| training.validation_seen)
    });
    let chosen_on = if seen {
        "validation pairs of subjects that were trained on: expect more errors of strangers"
    } else {
        "validation subjects kept out of training"
    };
    let skilled = |case: &Case| {
        let mut watched = case
            .training
            .iter()
            .flat_map(|training| training.validation.iter());
        watched.any(|pair| images.catalog.is_skilled(pair.a, pair.b))
    };
    let impostors = match cases.iter().any(skilled) {
        true => ", against their forgeries",
        false => "",
    };
    let single = match cases.iter().any(|case| case.test.images_per_template > 1) {
        true => "; on single images, not on several enrolled ones",
        false => "",
    };
    Ok(judging.choose_thresholds(&validation, &format!("{chosen_on}{impostors}{single}"))?)
}

/// The losses of each network of a fold.
fn curves(case: &Case, folds: usize) -> impl Iterator<Item = TrainingCurve> {
    case.histories.iter().map(move |history| {
        let points = |figure: fn(&EpochRecord) -> Option<f64>| {
            let point = |record: &EpochRecord| Some([f64::from(record.epoch), figure(record)?]);
            history.epochs.iter().filter_map(point).collect()
        };
        let mut curve = TrainingCurve::default();
        curve.name = case.name_of(history, folds);
        curve.training = points(|record| Some(record.loss));
        curve.validation = points(|record| record.validation_loss);
        curve.validation_eer = points(|record| record.validation_eer);
        curve.chosen = history.chosen(case.model.recipe().train.keep);
        curve
    })
}
