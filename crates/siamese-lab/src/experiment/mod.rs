//! A recipe and a data set brought together: splits and pairs.

mod drawn;
mod test_pairs;

use std::collections::BTreeSet;
use std::path::Path;

use pairgen::{Catalog, Fold, PairSet, PairSplit, Protocol};
use sha2::{Digest, Sha256};
use siamese_net::{Recipe, TooFew};

pub use test_pairs::{TestPairs, people};

use crate::error::{DataError, Error};

/// The file of a protocol that is a list.
#[cfg(feature = "train")]
pub(crate) fn list_of(protocol: &Protocol) -> Option<&Path> {
    match protocol {
        Protocol::List(path) | Protocol::Lfw(path) => Some(path),
        _ => None,
    }
}

/// The protocol, if it is a list that of its copy.
fn read_from(copy: Option<&Path>, protocol: &Protocol) -> Protocol {
    match (protocol, copy) {
        (Protocol::List(_), Some(copy)) => Protocol::List(copy.to_owned()),
        (Protocol::Lfw(_), Some(copy)) => Protocol::Lfw(copy.to_owned()),
        _ => protocol.clone(),
    }
}

/// Who is trained on and who is judged.
pub struct Experiment {
    /// Fit and validation pairs.
    pub pairs: PairSet,
    /// Numbers of the pairs that are learnt from.
    pub fit: Vec<u32>,
    /// Numbers of the pairs that are watched after every epoch.
    pub validation: Vec<u32>,
    /// The subjects that are learnt from.
    pub people: Vec<u32>,
    /// These, and the subjects that are watched by.
    pub known: BTreeSet<u32>,
    /// The pairs that judge at the end.
    pub test: TestPairs,
}

impl Experiment {
    /// Draws all that the recipe asks for from this data.
    ///
    /// # Errors
    /// Where there is no such protocol or fold, or the subjects and their images do not allow it.
    pub fn new(recipe: &Recipe, catalog: &Catalog) -> Result<Self, Error> {
        Self::with_list(recipe, catalog, None)
    }

    /// The same, where the protocol is a list by a copy of it, `list`: a run keeps one, because the file that the recipe
    /// names may have changed since.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_list(
        recipe: &Recipe,
        catalog: &Catalog,
        list: Option<&Path>,
    ) -> Result<Self, Error> {
        let mut experiment = Self::drawn(recipe, catalog, list)?;
        experiment.expect_forgeries(recipe, catalog)?;
        let left_out = experiment.left_out_of_batches(recipe, catalog);
        if let Some(sentence) = said_of_left_out(&left_out, catalog) {
            experiment.test.exclusions.push(sentence);
        }
        Ok(experiment)
    }

    fn drawn(recipe: &Recipe, catalog: &Catalog, list: Option<&Path>) -> Result<Self, Error> {
        let spec = &recipe.protocol;
        let protocol: Protocol = spec.name.parse()?;
        let draw = |subjects: &[u32]| drawn::training_pairs(recipe, catalog, subjects);
        if protocol.leaks_people() {
            if spec.validation_people + spec.validation_groups > 0 {
                return Err(DataError::NoValidation {
                    protocol: spec.name.clone(),
                }
                .into());
            }
            let people = catalog.all_subjects();
            let pairs = draw(&people)?;
            let split = PairSplit::seed_pairs(&pairs, spec.test, spec.validation, recipe.seed)?;
            let mut leakage = split.leakage(&pairs)?;
            let mut fit = split.fit;
            if recipe.batches.is_some() {
                // Of everybody, all images in all pairs.
                leakage.test_genuine_in_fit = leakage.test_genuine;
                leakage.test_images_unseen = 0;
                fit.clear();
            }
            let test = TestPairs::leaky(pairs.select(&split.test), leakage);
            return Ok(Self {
                pairs,
                fit,
                validation: split.validation,
                known: people.iter().copied().collect(),
                people,
                test,
            });
        }

        if protocol == Protocol::Everybody {
            if spec.validation_people + spec.validation_groups > 0 {
                return Err(DataError::NoValidation {
                    protocol: spec.name.clone(),
                }
                .into());
            }
            let people = catalog.all_subjects();
            let pairs = draw(&people)?;
            let (fit, validation) = parted(recipe, pairs.len());
            return Ok(Self {
                pairs,
                fit,
                validation,
                known: people.iter().copied().collect(),
                people,
                test: TestPairs::none(),
            });
        }

        let protocol = read_from(list, &protocol);
        let Some(mut fold) = protocol.fold(catalog, recipe.seed, spec.fold)? else {
            return Err(DataError::NoFold {
                protocol: protocol.to_string(),
                folds: protocol.fold_count()?,
                fold: spec.fold,
            }
            .into());
        };
        let known = known_by(&fold);
        let name = match fold.label() {
            Some(label) => format!("{protocol}, fold {} (`{label}`)", spec.fold),
            None => format!("{protocol}, fold {}", spec.fold),
        };
        let test = TestPairs::of_fold(catalog, &protocol, &fold, recipe, &name)?;
        if spec.validation_people > 0 {
            fold = fold.with_validation(spec.validation_people, recipe.seed)?;
        }
        if spec.validation_groups > 0 {
            fold = fold.with_validation_groups(catalog, spec.validation_groups, recipe.seed)?;
        }
        let split = fold.split();
        if !split.validation().is_empty() {
            let fit = match recipe.batches {
                Some(_) => PairSet::from_samples(catalog, [])?,
                None => draw(split.train())?,
            };
            let judged = drawn::validation_pairs(catalog, split.validation(), recipe.seed)?;
            let boundary = fit.len() as u32;
            let both = fit.iter().chain(judged.iter()).map(|pair| (pair.a, pair.b));
            let pairs = PairSet::from_samples(catalog, both)?;
            let end = pairs.len() as u32;
            return Ok(Self {
                pairs,
                fit: (0..boundary).collect(),
                validation: (boundary..end).collect(),
                people: split.train().to_vec(),
                known,
                test,
            });
        }
        let pairs = draw(split.train())?;
        let (fit, validation) = parted(recipe, pairs.len());
        Ok(Self {
            pairs,
            fit,
            validation,
            people: split.train().to_vec(),
            known,
            test,
        })
    }
}

/// How many forgeries of each writer the batches of a network are to hold, of that with most of them.
pub(crate) fn forgeries_in_batches(recipe: &Recipe) -> Result<usize, Error> {
    let members = recipe.members()?;
    let asked = members.iter().filter_map(|member| member.batches);
    Ok(asked.map(|batches| batches.forgeries).max().unwrap_or(0))
}

impl Experiment {
    /// Fails where batches are to hold forgeries, and there are none of those who are learnt from.
    fn expect_forgeries(&self, recipe: &Recipe, catalog: &Catalog) -> Result<(), Error> {
        let asked = forgeries_in_batches(recipe)?;
        let forged = |subject: &u32| !catalog.forgeries_of(*subject).is_empty();
        match asked > 0 && !self.people.iter().any(forged) {
            true => Err(DataError::NoForgeries { asked }.into()),
            false => Ok(()),
        }
    }

    /// The subjects of the training that batches leave out, because they have fewer images than a batch takes of each.
    #[must_use]
    pub fn left_out_of_batches(&self, recipe: &Recipe, catalog: &Catalog) -> Vec<u32> {
        let skipping = recipe
            .batches
            .filter(|batches| batches.too_few == TooFew::Skip);
        let Some(batches) = skipping else {
            return Vec::new();
        };
        let too_few = |subject: &u32| catalog.samples_of(*subject).len() < batches.images;
        self.people.iter().copied().filter(too_few).collect()
    }

    /// A fingerprint of which images are paired to learn from, to watch with and to judge by.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let parts = [
            self.pairs.select(&self.fit),
            self.pairs.select(&self.validation),
            self.test.pairs.clone(),
        ];
        for pairs in parts {
            hash.update((pairs.len() as u64).to_le_bytes());
            for pair in pairs.iter() {
                hash.update(pair.a.to_le_bytes());
                hash.update(pair.b.to_le_bytes());
                hash.update([u8::from(pair.kind.is_genuine())]);
            }
        }
        if self.fit.is_empty() {
            // Batches of people.
            for subject in &self.people {
                hash.update(subject.to_le_bytes());
            }
        }
        hex(hash)
    }
}

/// The numbers of pairs that are learnt from, and of those that validate. They show the same people: good for watching
/// the loss, not for judging.
fn parted(recipe: &Recipe, pairs: usize) -> (Vec<u32>, Vec<u32>) {
    let mut fit: Vec<u32> = (0..pairs as u32).collect();
    pairgen::stream(recipe.seed, "split/validation-pairs", 0).shuffle(&mut fit);
    let fitted = (pairs as f64 * (1.0 - recipe.protocol.validation)).floor() as usize;
    let validation = fit.split_off(fitted);
    if recipe.batches.is_some() {
        fit.clear();
    }
    (fit, validation)
}

/// Who was left out of the batches, by name.
fn said_of_left_out(left_out: &[u32], catalog: &Catalog) -> Option<String> {
    const NAMED: usize = 100;
    let names: Vec<&str> = left_out
        .iter()
        .take(NAMED)
        .map(|&subject| catalog.subject_name(subject))
        .collect();
    let more = match left_out.len() - names.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!names.is_empty()).then(|| {
        format!(
            "{} training people have fewer images than a batch takes of each, and were not trained on: {}{more}.",
            left_out.len(),
            names.join(", ")
        )
    })
}

/// The people whom a training of this fold learns from or is watched by.
pub fn known_by(fold: &Fold) -> BTreeSet<u32> {
    let split = fold.split();
    let both = split.train().iter().chain(split.validation());
    both.copied().collect()
}

/// A fingerprint of these people by their numbers in the catalogue.
pub fn people_sha256(people: &BTreeSet<u32>) -> String {
    let mut hash = Sha256::new();
    for subject in people {
        hash.update(subject.to_le_bytes());
    }
    hex(hash)
}

fn hex(hash: Sha256) -> String {
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
