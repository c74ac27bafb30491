//! A gallery together with its model.

use std::path::Path;

use gallery::{AnyStore, Gallery, Place, Store};

use crate::embedder::Embedder;
use crate::error::{Error, Result};

/// A gallery with the model that it was made by.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The gallery.
    pub gallery: Gallery<AnyStore>,
    /// Its model.
    pub embedder: Embedder,
    /// Whether it was made just now.
    pub new: bool,
}

impl Opened {
    /// Opens a gallery with the model that it keeps. `model` is another way to that model, and must be of the same contract.
    /// Its vectors may take `budget_bytes` of memory.
    ///
    /// # Errors
    /// [`Error::OtherModel`] naming both contracts; [`Error::ModelNotKept`]; those of [`Gallery::open`] and
    /// [`Embedder::of_bytes`].
    pub fn open(place: &Place, model: Option<&Path>, budget_bytes: u64) -> Result<Self> {
        let store = place.open()?;
        let embedder = match model {
            Some(model) => Embedder::load(model)?,
            None => own_model(&store)?,
        };
        let gallery = Gallery::open(store, budget_bytes)?;
        let expected = &gallery.generation().made_for.contract;
        if *expected != embedder.contract().digest {
            return Err(Error::OtherModel {
                path: place.shown(),
                expected: shortened(expected),
                model: model.map_or_else(String::new, |model| model.display().to_string()),
                found: embedder.contract().to_string(),
            });
        }
        Ok(Self {
            gallery,
            embedder,
            new: false,
        })
    }

    /// As [`Self::open`]; where there is no gallery yet, one is made by `model`, with the model's bytes and calibration.
    ///
    /// # Errors
    /// As [`Self::open`]; [`Error::NoModel`].
    pub fn open_or_create(
        place: &Place,
        model: Option<&Path>,
        budget_bytes: u64,
        now_ms: i64,
    ) -> Result<Self> {
        let new = !place.exists()?;
        if new {
            let model = model.ok_or_else(|| Error::NoModel {
                path: place.shown(),
            })?;
            let embedder = Embedder::load(model)?;
            drop(place.create(&embedder.generation(), now_ms)?);
        }
        let mut opened = Self::open(place, model, budget_bytes)?;
        // Also where an earlier call made the gallery and was killed.
        let contract = &opened.embedder.contract().digest;
        if opened.gallery.store().model(contract)?.is_none() {
            let calibration = opened.embedder.calibration();
            opened.gallery.set_calibration(calibration, now_ms)?;
            let store = opened.gallery.store_mut();
            store.put_model(contract, opened.embedder.bytes())?;
        }
        Ok(Self { new, ..opened })
    }
}

/// The model that a gallery keeps for its active generation.
///
/// # Errors
/// [`Error::ModelNotKept`]; as [`Embedder::of_bytes`].
pub fn own_model(store: &impl Store) -> Result<Embedder> {
    let contract = store.active_generation()?.made_for.contract;
    let bytes = store.model(&contract)?.ok_or_else(|| Error::ModelNotKept {
        path: store.path().to_owned(),
        contract: shortened(&contract),
    })?;
    Embedder::of_bytes(bytes, store.path())
}

/// The first sixteen digits of a contract, as it is shown.
#[must_use]
pub fn shortened(contract: &str) -> String {
    contract.get(..16).unwrap_or(contract).to_owned()
}
