//! The pairs of a training: drawn as its recipe says, or read from a list.

use pairgen::{Catalog, PairKind, PairSet};
use siamese_net::{PairBuild, PairDraw, Recipe};

use super::test_pairs::TestPairs;
use crate::error::{DataError, Error};

/// The pairs that these subjects are learnt from by.
///
/// # Errors
/// Where there are not as many as the recipe asks for, or its list cannot be read or names none of these subjects.
pub(super) fn training_pairs(
    recipe: &Recipe,
    catalog: &Catalog,
    subjects: &[u32],
) -> Result<PairSet, Error> {
    if recipe.pairs.list.is_some() {
        return listed(recipe, catalog, subjects);
    }
    let (per_kind, seed) = (recipe.pairs.per_kind, recipe.seed);
    let build = match recipe.pairs.build {
        PairBuild::Seed => {
            return Ok(PairSet::seed_recipe(catalog, subjects, per_kind, seed)?);
        }
        PairBuild::Balanced => match recipe.pairs.draw {
            PairDraw::Pairs => PairSet::balanced,
            PairDraw::Subjects => PairSet::by_subject,
        },
    };
    check_genuine(catalog, subjects)?;
    let asked = (recipe.pairs.skilled * per_kind as f64).round() as usize;
    let drawn = build(
        catalog,
        subjects,
        per_kind,
        per_kind - asked.min(per_kind),
        seed,
    )?;
    if asked == 0 {
        return Ok(drawn);
    }
    let exist = PairSet::every_skilled(catalog, subjects)?.len();
    if asked > exist {
        return Err(DataError::TooFewSkilled { asked, exist }.into());
    }
    together(
        catalog,
        &[drawn, PairSet::skilled(catalog, subjects, asked, seed)?],
    )
}

/// The pairs that watch a training, of subjects who are not learnt from: every pair, or where there are forgeries of them every genuine pair
/// and every genuine sample with every forgery of its subject. Those are the impostors to be set against.
pub(super) fn validation_pairs(
    catalog: &Catalog,
    subjects: &[u32],
    seed: u64,
) -> Result<PairSet, Error> {
    let every = TestPairs::every(catalog, subjects, seed, "validation")?.pairs;
    let skilled = PairSet::every_skilled(catalog, subjects)?;
    if skilled.is_empty() {
        return Ok(every);
    }
    let genuine = |&number: &u32| every.kinds()[number as usize] == PairKind::Genuine;
    let numbers: Vec<u32> = (0..every.len() as u32).filter(genuine).collect();
    together(catalog, &[every.select(&numbers), skilled])
}

/// The pairs of the recipe's list of which both subjects are among these.
fn listed(recipe: &Recipe, catalog: &Catalog, subjects: &[u32]) -> Result<PairSet, Error> {
    let Some(list) = &recipe.pairs.list else {
        return Ok(PairSet::default());
    };
    let all = PairSet::from_list(catalog, list)?;
    let mut learnt = vec![false; catalog.subjects() as usize];
    for &subject in subjects {
        learnt[subject as usize] = true;
    }
    let is_learnt = |image: u32| learnt[catalog.subject_of(image) as usize];
    let numbers = (0..all.len() as u32).filter(|&number| {
        let pair = all.get(number as usize);
        is_learnt(pair.a) && is_learnt(pair.b)
    });
    let pairs = all.select(&numbers.collect::<Vec<_>>());
    for kind in [PairKind::Genuine, PairKind::Impostor] {
        if pairs.count(kind) == 0 {
            return Err(DataError::NoListedPairs {
                list: list.clone(),
                kind,
                pairs: all.len(),
                subjects: subjects.len(),
            }
            .into());
        }
    }
    Ok(pairs)
}

/// Several sets one after the other.
fn together(catalog: &Catalog, sets: &[PairSet]) -> Result<PairSet, Error> {
    let pairs = sets.iter().flat_map(PairSet::iter);
    Ok(PairSet::from_samples(
        catalog,
        pairs.map(|pair| (pair.a, pair.b)),
    )?)
}

/// If nobody has two images, says so, rather than that there are too few pairs.
fn check_genuine(catalog: &Catalog, subjects: &[u32]) -> Result<(), pairgen::Error> {
    let alone = |subject: &u32| catalog.samples_of(*subject).len() < 2;
    if subjects.iter().all(alone) {
        return Err(pairgen::Error::NoGenuinePairs {
            subjects: subjects.len(),
        });
    }
    Ok(())
}
