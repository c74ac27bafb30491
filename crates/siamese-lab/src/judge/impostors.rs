//! Random and skilled impostors, each on its own.

use pairgen::Catalog;
use siamese_report::{Impostors, ReferenceScores};
use verification_figures::{Comparison, Direction, Fusion, LabelledScores};

use super::case::{Case, Images};
use crate::embedded::{Embedded, Turns};
use crate::error::Result;

/// The figures against both kinds of impostors with so many references of each subject, or as many as the recipe says. Nothing
/// where there are no forgeries of test subjects, or the tests compare something else than every image with every other.
pub(crate) fn impostors(
    images: Images<'_>,
    cases: &[Case],
    references: Option<usize>,
) -> Result<Option<Impostors>> {
    let Some(first) = cases.first() else {
        return Ok(None);
    };
    let recipe = first.model.recipe();
    let references = references
        .or(recipe.decision.references)
        .unwrap_or(1)
        .max(1);
    let fusion = recipe.decision.fusion;
    let mut folds = Vec::new();
    for case in cases {
        let people = case.test.people(images.catalog);
        let forged = |&subject: &u32| !images.catalog.forgeries_of(subject).is_empty();
        if !case.test.every || !people.iter().any(forged) {
            continue;
        }
        let scores = against_references(images, case, &people, references, fusion.into())?;
        folds.extend(scores.map(|scores| {
            ReferenceScores {
                scores,
                // That of the model is for distances between two images.
                threshold: (references == 1 || fusion != siamese_net::Fusion::Relative)
                    .then_some(case.threshold),
            }
        }));
    }
    if folds.is_empty() {
        return Ok(None);
    }
    let words = (references > 1).then(|| fusion.in_words().to_owned());
    Ok(siamese_report::impostors(
        &folds,
        references,
        words,
        recipe.seed,
    )?)
}

/// Samples of these subjects, genuine and forged, compared with so many references of each, in turn.
fn against_references(
    images: Images<'_>,
    case: &Case,
    people: &[u32],
    references: usize,
    fusion: Fusion,
) -> Result<Option<LabelledScores>> {
    let catalog = images.catalog;
    let genuine = genuine(catalog, people);
    let forgeries = people
        .iter()
        .flat_map(|&subject| catalog.forgeries_of(subject));
    let all = genuine.iter().copied().chain(forgeries).collect();
    let embedded = Embedded::of(&*case.model, images.stack, all)?;
    let turns = Turns::new(catalog, people, references, genuine.len());
    let mut comparisons: Vec<Comparison> = Vec::new();
    for turn in 0..turns.count() {
        let templates = turns.templates(catalog, people, turn);
        let search = embedded.search(catalog, &genuine, &templates, turns.every(), fusion);
        let Some(search) = search.matrix()? else {
            continue;
        };
        comparisons.extend(search.fused(fusion)?.comparisons());
        comparisons.extend(embedded.skilled(catalog, people, &templates, fusion)?);
    }
    match comparisons.is_empty() {
        true => Ok(None),
        false => Ok(Some(LabelledScores::new(Direction::Distance, comparisons)?)),
    }
}

fn genuine(catalog: &Catalog, people: &[u32]) -> Vec<u32> {
    let images = people
        .iter()
        .flat_map(|&subject| catalog.samples_of(subject));
    images.collect()
}
