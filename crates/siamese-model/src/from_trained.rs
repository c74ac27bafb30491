//! From trainings to a model.

use pairgen::Catalog;
use siamese_net::{ImageStack, Keep, Provenance, Recipe, Threshold};

use crate::device::{device_name, libtorch_version};
use crate::embedder::{Embedder, Member};
use crate::error::Error;
use crate::model::Model;
use crate::train::Trained;

impl Model {
    /// The model of what a recipe has trained: `trained` has one training for each of [`Recipe::members`], in order.
    ///
    /// `images` are those it was trained on, `catalog` says who is in them, and `subjects` are the ones learnt from:
    /// their images fit the recipe's whitening. `keep` chooses the weights; [`Recipe::train`] says which the recipe means.
    /// The threshold is the recipe's, where it has one; there is no calibration, and no fingerprint.
    /// Whoever divided the subjects can note it in
    /// [`Provenance::people_sha256`].
    ///
    /// # Errors
    /// [`Error::Data`] where there are not as many trainings as networks, or a whitening cannot be fitted;
    /// [`Error::Libtorch`] where memory runs out.
    pub fn from_trained(
        recipe: &Recipe,
        trained: &[Trained],
        keep: Keep,
        images: &ImageStack,
        catalog: &Catalog,
        subjects: &[u32],
    ) -> Result<Self, Error> {
        let networks = recipe.members()?;
        if networks.len() != trained.len() {
            return Err(Error::Data(format!(
                "the recipe has {} networks, and {} trainings are given: give one for each",
                networks.len(),
                trained.len()
            )));
        }
        let samples = subjects
            .iter()
            .flat_map(|&subject| catalog.samples_of(subject));
        let (numbers, of): (Vec<i64>, Vec<i64>) = samples
            .map(|sample| (i64::from(sample), i64::from(catalog.subject_of(sample))))
            .unzip();
        let mut members = Vec::with_capacity(trained.len());
        let mut epoch = 0;
        for (trained, network) in trained.iter().zip(&networks) {
            let (encoder, epochs) = trained.encoder(keep)?;
            epoch = epoch.max(epochs);
            let spec = network.embedding.as_ref();
            members.push(Member::fit(encoder, spec, images, &numbers, &of)?);
        }
        let embedder = Embedder::new(members, recipe.embedding)?;
        Ok(Self {
            recipe: recipe.clone(),
            threshold: recipe.decision.threshold.map(|value| Threshold {
                value,
                source: "the recipe's".to_owned(),
            }),
            calibration: None,
            fingerprints: None,
            provenance: Provenance {
                siamese: env!("CARGO_PKG_VERSION").to_owned(),
                libtorch: libtorch_version().to_owned(),
                device: device_name(embedder.device()),
                epoch,
                data_sha256: images.sha256().to_owned(),
                people_sha256: None,
                origin: trained.first().and_then(Trained::origin).cloned(),
            },
            embedder,
        })
    }
}
