//! From judged networks to the report.

use crate::error::{JudgeError, Result};
use pairgen::PairKind;
use siamese_net::EpochRecord;
use siamese_report::{
    Decision, Fact, FoldFigures, HealthNote, Method, Outcome, REPORT_FORMAT, Report, SubjectErrors,
    Test, ThresholdChoice, ThresholdOutcome, TrainingCurve,
};
use verification_figures::{Evidence, Figure, smallest_firm_rate, smallest_supported_rate};

use super::comparisons::{Pooled, Scored, bootstrap, count};
use super::map::map;
use super::method_figures::{measured, method_figures, rate};
use super::methods::{Compared, classical, judged, untrained};
use super::pictures::worst;
use super::search::omitted;
use super::{Case, Images, distances, scores};

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
    /// Besides what the tests themselves leave out.
    pub exclusions: Vec<String>,
}

/// Judges the networks and whatever they are set beside.
pub fn document(images: Images<'_>, cases: &[Case], subject: Subject) -> Result<Report> {
    let first = cases.first().ok_or(JudgeError::Nothing)?;
    let seed = first.model.recipe.seed;
    let network = judged(images, cases)?;
    let own: Vec<Vec<f32>> = network.distances.clone().unwrap_or_default();
    let folds = scored(cases, &own);
    let pooled = Pooled::new(images.catalog, &folds)?;

    let mut others = Vec::new();
    if cases.iter().any(Case::is_trained) {
        others.push(untrained(images, cases)?);
    }
    others.extend(classical(images, cases)?);
    let mut methods = vec![Method {
        name: network.name,
        about: network.about,
        role: network.role,
        outcome: Outcome::Figures(Box::new(method_figures(
            images.catalog,
            &folds,
            &pooled,
            None,
            seed,
        ))),
    }];
    for other in others {
        methods.push(beside(images, cases, other, &pooled, seed)?);
    }

    let tests: Vec<_> = cases.iter().map(|case| &case.test).collect();
    let mut exclusions = subject.exclusions;
    for (case, test) in cases.iter().zip(&tests) {
        for exclusion in &test.exclusions {
            exclusions.push(match cases.len() {
                1 => exclusion.clone(),
                _ => format!("Fold {}: {exclusion}", case.fold),
            });
        }
    }
    let compared_images = cases
        .iter()
        .map(|case| super::distinct(&case.test.pairs).len())
        .sum::<usize>();
    let mut facts = subject.facts;
    facts.push(Fact {
        name: "intervals".to_owned(),
        value: format!(
            "95 %, by resampling {} people {} times",
            pooled.scores.subjects().len(),
            bootstrap(pooled.scores.len(), seed).replicates
        ),
    });
    Ok(Report {
        format: REPORT_FORMAT,
        title: subject.title,
        test: Test {
            protocol: subject.protocol,
            what: subject.what,
            leak: leak(cases),
            people: pooled.scores.subjects().len() as u64,
            images: compared_images as u64,
            genuine: count(&folds, PairKind::Genuine) as u64,
            impostor: count(&folds, PairKind::Impostor) as u64,
            folds: cases.len() as u64,
            exclusions,
            search_omitted: omitted(&folds),
        },
        methods,
        decision: decision(cases, &folds, &pooled, seed)?,
        thresholds: thresholds(images, cases, &own)?,
        folds: match cases.len() {
            1 => Vec::new(),
            _ => cases
                .iter()
                .zip(&folds)
                .map(|(case, fold)| fold_figures(images, case, fold))
                .collect::<Result<_>>()?,
        },
        training: cases
            .iter()
            .flat_map(|case| curves(case, cases.len()))
            .collect(),
        health: subject.health,
        hardest_genuine: worst(images, &folds, PairKind::Genuine)?,
        closest_impostor: worst(images, &folds, PairKind::Impostor)?,
        subjects: subject_errors(images, &pooled)?,
        map: map(images, cases, &folds)?,
        recipe: Some(first.model.recipe.to_toml()?),
        facts,
    })
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

/// Another method's figures on the same comparisons.
fn beside(
    images: Images<'_>,
    cases: &[Case],
    other: Compared,
    judged: &Pooled,
    seed: u64,
) -> Result<Method> {
    let outcome = match other.distances {
        Err(reason) => Outcome::Unavailable(reason),
        Ok(distances) => {
            let folds = scored(cases, &distances);
            let pooled = Pooled::new(images.catalog, &folds)?;
            Outcome::Figures(Box::new(method_figures(
                images.catalog,
                &folds,
                &pooled,
                Some(judged),
                seed,
            )))
        }
    };
    Ok(Method {
        name: other.name,
        about: other.about,
        role: other.role,
        outcome,
    })
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
        "People of this test were trained on{share}: the figures say how well they are remembered, not how well \
         strangers are told apart."
    ))
}

/// What the thresholds in use do.
fn decision(cases: &[Case], folds: &[Scored<'_>], pooled: &Pooled, seed: u64) -> Result<Decision> {
    let scores = pooled.decided.scores();
    let at = scores.confusion_at(0.0)?;
    let settings = bootstrap(pooled.decided.len(), seed);
    let wanted = [
        Figure::FmrAt(0.0),
        Figure::FnmrAt(0.0),
        Figure::AccuracyAt(0.0),
        Figure::BalancedAccuracyAt(0.0),
        Figure::PrecisionAt(0.0),
        Figure::RecallAt(0.0),
        Figure::F1At(0.0),
    ];
    let found: Vec<_> = pooled
        .decided
        .intervals(&wanted, &settings)
        .into_iter()
        .map(Result::ok)
        .collect();
    let value = |value: Result<f64, verification_figures::Error>, place: usize| {
        value.ok().map(|value| measured(value, found[place]))
    };
    let error = |evidence: Result<Evidence, verification_figures::Error>, place: usize| {
        evidence.ok().map(|evidence| rate(evidence, found[place]))
    };
    let impostor = count(folds, PairKind::Impostor) as u64;
    let recipe = &cases[0].model.recipe;
    Ok(Decision {
        unit: format!("{} distance", serde_plain(recipe.distance())),
        thresholds: cases.iter().map(|case| case.threshold).collect(),
        source: cases[0].threshold_source.clone(),
        fmr: error(at.false_matches(), 0),
        fnmr: error(at.false_non_matches(), 1),
        accuracy: value(at.accuracy(), 2),
        balanced_accuracy: value(at.balanced_accuracy(), 3),
        precision: value(at.precision(), 4),
        recall: value(at.recall(), 5),
        f1: value(at.f1(), 6),
        smallest_fmr: (impostor > 0).then(|| {
            [
                smallest_supported_rate(impostor),
                smallest_firm_rate(impostor),
            ]
        }),
    })
}

/// The name of a unit-like value as recipes spell it.
fn serde_plain(distance: siamese_net::Distance) -> String {
    serde_json::to_value(distance)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Wanted error rates, by which threshold each reaches on the validation pairs.
const AIMS: [(&str, f64, bool); 4] = [
    ("FMR 10 %", 0.1, true),
    ("FMR 1 %", 0.01, true),
    ("FMR 0.1 %", 0.001, true),
    ("FNMR 5 %", 0.05, false),
];

/// Thresholds for wanted error rates, chosen on each fold's validation pairs and judged on its test.
fn thresholds(
    images: Images<'_>,
    cases: &[Case],
    own: &[Vec<f32>],
) -> Result<Vec<ThresholdChoice>> {
    let mut validation = Vec::new();
    for case in cases {
        match &case.training {
            Some(training) if !training.validation.is_empty() => {
                let distance = case.model.recipe.distance();
                let found = distances(
                    &case.model.embedder,
                    images.stack,
                    &training.validation,
                    distance,
                )?;
                validation.push(scores(&training.validation, &found)?);
            }
            _ => return Ok(Vec::new()),
        }
    }
    let seen = cases.iter().any(|case| {
        case.training
            .as_ref()
            .is_some_and(|training| training.validation_seen)
    });
    let chosen_on = if seen {
        "validation pairs of people who were trained on: expect more errors of strangers"
    } else {
        "validation people kept out of training"
    };
    let single = match cases.iter().any(|case| case.test.images_per_template > 1) {
        true => "; on single images, not on several enrolled ones",
        false => "",
    };
    let choose = |&(aim, target, of_impostors): &(&str, f64, bool)| {
        let chosen: Result<Vec<f64>, verification_figures::Error> = validation
            .iter()
            .map(|scores| {
                let at = if of_impostors {
                    scores.threshold_for_fmr(target)
                } else {
                    scores.threshold_for_fnmr(target)
                };
                at.map(|at| at.threshold)
            })
            .collect();
        let outcome = match chosen {
            Err(error) => Err(format!("on the validation pairs: {error}")),
            Ok(thresholds) => {
                let folds: Vec<Scored<'_>> = scored(cases, own)
                    .into_iter()
                    .zip(&thresholds)
                    .map(|(fold, &threshold)| Scored { threshold, ..fold })
                    .collect();
                let pooled = Pooled::new(images.catalog, &folds)?;
                let settings = bootstrap(pooled.decided.len(), cases[0].model.recipe.seed);
                let wanted = [Figure::FmrAt(0.0), Figure::FnmrAt(0.0)];
                let found: Vec<_> = pooled
                    .decided
                    .intervals(&wanted, &settings)
                    .into_iter()
                    .map(Result::ok)
                    .collect();
                let at = pooled.decided.scores().confusion_at(0.0)?;
                match (at.false_matches(), at.false_non_matches()) {
                    (Ok(fmr), Ok(fnmr)) => Ok(ThresholdOutcome {
                        thresholds,
                        chosen_on: format!("{chosen_on}{single}"),
                        fmr: rate(fmr, found[0]),
                        fnmr: rate(fnmr, found[1]),
                    }),
                    (Err(error), _) | (_, Err(error)) => Err(error.to_string()),
                }
            }
        };
        Ok(ThresholdChoice {
            aim: aim.to_owned(),
            outcome,
        })
    };
    AIMS.iter().map(choose).collect()
}

fn fold_figures(images: Images<'_>, case: &Case, fold: &Scored<'_>) -> Result<FoldFigures> {
    let pooled = Pooled::new(images.catalog, &[*fold])?;
    let scores = pooled.scores.scores();
    let at = pooled.decided.scores().confusion_at(0.0)?;
    let people = case.test.people(images.catalog);
    Ok(FoldFigures {
        fold: case.fold as u64,
        people: people
            .iter()
            .map(|&person| images.catalog.subject_name(person).to_owned())
            .collect(),
        genuine: case.test.count(PairKind::Genuine) as u64,
        impostor: case.test.count(PairKind::Impostor) as u64,
        eer: scores.eer().ok().map(|eer| eer.rate),
        auc: scores.auc().ok(),
        threshold: case.threshold,
        fmr: at.fmr().ok(),
        fnmr: at.fnmr().ok(),
        accuracy: at.accuracy().ok(),
    })
}

/// The losses of each network of a fold.
fn curves(case: &Case, folds: usize) -> impl Iterator<Item = TrainingCurve> {
    case.histories.iter().map(move |history| {
        let points = |figure: fn(&EpochRecord) -> Option<f64>| {
            let point = |record: &EpochRecord| Some([f64::from(record.epoch), figure(record)?]);
            history.epochs.iter().filter_map(point).collect()
        };
        TrainingCurve {
            name: case.name_of(history, folds),
            training: points(|record| Some(record.loss)),
            validation: points(|record| record.validation_loss),
            validation_eer: points(|record| record.validation_eer),
            chosen: history.chosen(case.model.recipe.train.keep),
        }
    })
}

/// Errors at the thresholds in use, by person.
fn subject_errors(images: Images<'_>, pooled: &Pooled) -> Result<Vec<SubjectErrors>> {
    let counts = |evidence: Option<Evidence>| {
        evidence.map(|evidence| [evidence.errors, evidence.comparisons])
    };
    let found = pooled.decided.errors_by_subject(0.0)?.into_iter();
    Ok(found
        .map(|errors| SubjectErrors {
            name: images.catalog.subject_name(errors.subject).to_owned(),
            false_non_matches: counts(errors.false_non_matches),
            false_matches: counts(errors.false_matches),
        })
        .collect())
}
