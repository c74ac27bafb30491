//! Whether a model that a training begins with knows people of the test.

use std::collections::BTreeSet;
use std::path::Path;

use pairgen::Catalog;
use siamese_net::Origin;

use super::known::trained_people;
use crate::data::{Checksums, Data};
use crate::error::{BeginError, Error};
use crate::experiment::{Experiment, people};
use crate::note::Note;

/// Fails if the model, or one that its own training began with, is known to have been trained on people of the
/// test. Returns a note if that cannot be known, or if it was trained on people of the validation.
///
/// # Errors
/// Where it was trained on subjects of the test, or the images cannot be read as it read them.
pub fn expect_strangers(
    model: &Path,
    origin: &Origin,
    data: &Data,
    experiment: &Experiment,
    sums: &mut Checksums<'_>,
) -> Result<Vec<Note>, Error> {
    if experiment.test.leaks_people {
        // Every figure of such a test says so itself.
        return Ok(Vec::new());
    }
    let catalog = &data.catalog;
    let judged = people(catalog, &experiment.test.pairs);
    let validation = people(catalog, &experiment.pairs.select(&experiment.validation));
    let learnt: BTreeSet<u32> = experiment.people.iter().copied().collect();
    let mut notes = Vec::new();
    for of in origin.line() {
        let Some(known) = trained_people(of, data, sums)? else {
            notes.push(Note::OtherImages {
                model: model.to_owned(),
                sha256: of.data_sha256.clone(),
            });
            continue;
        };
        let both: Vec<u32> = judged.intersection(&known).copied().collect();
        if !both.is_empty() {
            return Err(BeginError::KnowsTest {
                path: model.to_owned(),
                known: both.len(),
                judged: judged.len(),
                names: names(catalog, &both),
            }
            .into());
        }
        let watched: Vec<u32> = validation.difference(&learnt).copied().collect();
        let both: Vec<u32> = watched
            .into_iter()
            .filter(|person| known.contains(person))
            .collect();
        if !both.is_empty() {
            notes.push(Note::KnowsValidation {
                model: model.to_owned(),
                names: names(catalog, &both),
            });
        }
    }
    Ok(notes)
}

/// A few of these people by name.
fn names(catalog: &Catalog, people: &[u32]) -> String {
    const MOST: usize = 5;
    let mut names: Vec<&str> = people
        .iter()
        .take(MOST)
        .map(|&person| catalog.subject_name(person))
        .collect();
    if people.len() > MOST {
        names.push("...");
    }
    names.join(", ")
}
