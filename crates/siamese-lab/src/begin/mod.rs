//! The model that a training begins with, and whether it knows people of the test.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pairgen::{Catalog, Protocol};
use siamese_model::{Device, Init, Model, Origin, Recipe};

use crate::data::{Checksums, Data, SeveralSizes};
use crate::experiment::{Experiment, known_by, people, people_sha256};
use crate::run::{RunDir, model_file};

/// A model file to begin with.
pub struct Base {
    path: PathBuf,
    model: Model,
    origin: Origin,
    file: Vec<u8>,
}

impl Base {
    /// The model at this path, or that of the run at it.
    pub fn read(path: &Path, device: Device) -> Result<Self> {
        let path = model_file(path)?;
        let file = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let model = Model::load(&path, device)?;
        Ok(Self {
            origin: Origin::new(&model, &file),
            path,
            model,
            file,
        })
    }

    /// The copy that a run holds of what it began with, for its networks that are not begun yet.
    pub fn of_run(copy: &Path, origin: &Origin, device: Device) -> Result<Self> {
        let base = Self::read(copy, device)?;
        if base.origin != *origin {
            bail!(
                "{} is not the model that the run began with (SHA-256 {}): restore it, or train anew",
                copy.display(),
                origin.sha256
            );
        }
        Ok(base)
    }

    /// Keeps a copy in the run's folder, with the TorchScript programs that it runs.
    pub fn keep(&self, run: &RunDir) -> Result<()> {
        self.model.recipe.keep_scripts(run.path())?;
        Ok(siamese_model::write_atomically(&run.init(), &self.file)?)
    }

    /// What the network of this number, counted from 0, begins with.
    pub fn init(&self, network: usize) -> Result<Init<'_>> {
        let members = self.model.embedder.members();
        let member = members
            .get(network)
            .with_context(|| format!("{} has no network {}", self.path.display(), network + 1))?;
        Ok(Init::new(&member.encoder, &self.origin))
    }

    /// Fails where the networks to be trained cannot begin with it; gives what is to be said of it.
    pub fn expect_fit(&self, networks: &[Recipe]) -> Result<Option<String>> {
        let place = self.path.display();
        let members = self.model.recipe.members()?;
        if members.len() != networks.len() {
            bail!(
                "{place} holds {}, and the recipe trains {}: each begins with one of its own, so give a model of as \
                 many, or change [[members]]",
                counted(members.len()),
                counted(networks.len())
            );
        }
        for (i, (own, network)) in members.iter().zip(networks).enumerate() {
            if let (Some(own), Some(other)) = (&own.encoder.sha256, &network.encoder.sha256)
                && own != other
            {
                bail!(
                    "{place} was trained on what another program returns, of SHA-256 {own}, and that of the recipe has \
                     {other}: give encoder.torchscript that program, or train without --init"
                );
            }
            let fits = self.init(i)?.check(network);
            fits.with_context(|| match networks.len() {
                1 => place.to_string(),
                _ => format!("{place}, network {}", i + 1),
            })?;
        }
        let seen = |recipe: &Recipe| {
            let data = &recipe.data;
            (data.pool, data.mean.each(), data.sd.each(), data.normalise)
        };
        let mut both = members.iter().zip(networks);
        let differ = both.any(|(own, network)| seen(own) != seen(network));
        Ok(differ.then(|| {
            format!(
                "note: {place} saw images otherwise than the recipe shows them: data.pool, data.mean, data.sd or data.normalise \
                 differ"
            )
        }))
    }

    /// Fails where the model, or one that its own training began with, was trained on people of the test, as far as that
    /// can be known; gives what is to be said where it cannot, or where people of the validation were.
    pub fn expect_strangers(
        &self,
        data: &Data,
        experiment: &Experiment,
        sums: &mut Checksums<'_>,
    ) -> Result<Option<String>> {
        let place = self.path.display();
        if experiment.test.leaks_people {
            // Every figure of such a test says so itself.
            return Ok(None);
        }
        let catalog = &data.catalog;
        let judged = people(catalog, &experiment.test.pairs);
        let validation = people(catalog, &experiment.pairs.select(&experiment.validation));
        let learnt: BTreeSet<u32> = experiment.people.iter().copied().collect();
        let mut notes = Vec::new();
        for origin in self.origin.line() {
            let Some(known) = trained_people(origin, data, sums)? else {
                notes.push(format!(
                    "note: {place} was trained on other images (SHA-256 {}), or on these divided otherwise than can be \
                     told: should they show people of this test, every figure flatters; see siamese leak-check",
                    origin.data_sha256
                ));
                continue;
            };
            let both: Vec<u32> = judged.intersection(&known).copied().collect();
            if !both.is_empty() {
                bail!(
                    "{place} was trained on {} of the {} people of this test ({}): the figures would say how well they are \
                     remembered, not how well strangers are told apart. Begin with a model of the same protocol, fold and \
                     seed, or one of other people",
                    both.len(),
                    judged.len(),
                    names(catalog, &both)
                );
            }
            let watched: Vec<u32> = validation.difference(&learnt).copied().collect();
            let both: Vec<u32> = watched
                .into_iter()
                .filter(|person| known.contains(person))
                .collect();
            if !both.is_empty() {
                notes.push(format!(
                    "note: {place} was trained on people of the validation ({}): the epoch and the threshold chosen on them \
                     flatter",
                    names(catalog, &both)
                ));
            }
        }
        Ok((!notes.is_empty()).then(|| notes.join("\n")))
    }
}

/// The people of these images that a model was trained on or watched by; `None` where it was trained on other images, or
/// how they were divided cannot be told any more.
pub fn trained_people(
    origin: &Origin,
    data: &Data,
    sums: &mut Checksums<'_>,
) -> Result<Option<BTreeSet<u32>>> {
    let found = match sums.of(origin.channels, origin.resize) {
        // It saw images of one size.
        Err(error) if error.is::<SeveralSizes>() => return Ok(None),
        found => found.context(
            "cannot tell whether the model was trained on these images, read as it read them",
        )?,
    };
    if found != origin.data_sha256 {
        return Ok(None);
    }
    let Ok(protocol) = origin.protocol.parse::<Protocol>() else {
        return Ok(None);
    };
    if protocol.leaks_people() {
        return Ok(Some(data.catalog.all_subjects().into_iter().collect()));
    }
    // The same images called by other people's names need not fit the protocol.
    let Ok(folds) = protocol.folds(&data.catalog, origin.seed) else {
        return Ok(None);
    };
    let known = folds.get(origin.fold).map(known_by);
    // A list of people may say something else now.
    Ok(known.filter(|known| match &origin.people_sha256 {
        Some(sha256) => *sha256 == people_sha256(known),
        None => true,
    }))
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

fn counted(networks: usize) -> String {
    match networks {
        1 => "one network".to_owned(),
        n => format!("{n} networks"),
    }
}
