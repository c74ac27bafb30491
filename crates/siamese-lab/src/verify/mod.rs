//! Whether pictures show one subject.

mod seen;

pub use seen::Seen;

use std::path::{Path, PathBuf};

use serde::Serialize;
use siamese_net::{Calibration, Distance, EmbeddingModel, Threshold};
use verification_figures::{Decided, Direction, Fusion};

use crate::compute::Compute;
use crate::error::{Error, VerifyError};
use crate::run::model_file;

/// A model that says whether pictures show one subject.
pub struct Verifier {
    model: Box<dyn EmbeddingModel>,
}

/// A picture compared with one or several of a subject.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Verified {
    /// The picture.
    pub probe: PathBuf,
    /// Each picture that it was compared with.
    pub compared: Vec<ComparedPicture>,
    /// The distances in one, by the fusion of the calibration, or the smallest without one. Small means alike; in units of
    /// the model's metric. A relative one may be negative, and its similarity larger than that of an image with itself.
    pub distance: f64,
    /// Large means alike: see [`siamese_net::Distance::similarity`].
    pub similarity: f64,
    /// The decision on `distance`, and what it was made by; absent where the model holds no calibration, or one that says nothing of
    /// so many images: see [`is_comparable`].
    pub decided: Option<Decided>,
    /// Whether the distance is below the threshold in the model's file, of which nobody measured what it does to strangers;
    /// absent where there is none.
    pub below_bare_threshold: Option<bool>,
}

/// One of the pictures that a picture was compared with.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComparedPicture {
    /// Its file.
    pub image: PathBuf,
    /// Small means alike.
    pub distance: f64,
    /// Large means alike.
    pub similarity: f64,
}

/// Whether a calibration says anything of a comparison with so many images. A relative one was measured with several images, of whose
/// distances how far they are apart was taken away; of a single one nothing can be.
#[must_use]
pub fn is_comparable(calibration: &Calibration, images: usize) -> bool {
    calibration.fusion != Fusion::Relative || images > 1
}

impl Verifier {
    /// A model file, or that of the run at this path.
    ///
    /// # Errors
    /// As [`Compute::open_fastest`].
    pub fn open(model: &Path, compute: &Compute) -> Result<Self, Error> {
        let model = compute.open_fastest(&model_file(model)?)?;
        Ok(Self { model })
    }

    /// Looks at pictures: each is read and embedded, or the reason is given why nothing can be said of it.
    ///
    /// # Errors
    /// Where the computation fails.
    pub fn see(&self, paths: &[PathBuf]) -> Result<Vec<Result<Seen, VerifyError>>, Error> {
        seen::see(&*self.model, paths)
    }

    /// Whether a picture shows the subject that one or several others show, decided at a false match rate of at most `fmr`.
    ///
    /// # Errors
    /// [`VerifyError::SamePicture`] and [`VerifyError::SameEmbedding`], of which no distance tells anything.
    pub fn compare(
        &self,
        probe: &Seen,
        others: &[&Seen],
        fmr: f64,
    ) -> Result<Verified, VerifyError> {
        let metric = self.model.recipe().distance();
        let mut compared = Vec::with_capacity(others.len());
        for other in others {
            probe.expect_other_than(other)?;
            let distance = f64::from(metric.of_vectors(probe.embedding(), other.embedding()));
            compared.push(ComparedPicture {
                image: other.path().to_owned(),
                distance,
                similarity: metric.similarity(distance),
            });
        }
        let calibration = self.calibration();
        let fusion = calibration.map_or(Fusion::Best, |calibration| calibration.fusion);
        let mut distances: Vec<f64> = compared.iter().map(|one| one.distance).collect();
        let between = |a: usize, b: usize| {
            let [a, b] = [a, b].map(|at| others[at].embedding());
            f64::from(metric.of_vectors(a, b))
        };
        let distance =
            fusion.fuse(Direction::Distance, &mut distances) - fusion.within(others.len(), between);
        Ok(Verified {
            probe: probe.path().to_owned(),
            compared,
            distance,
            similarity: metric.similarity(match metric {
                Distance::Cosine => distance,
                _ => distance.max(0.0),
            }),
            decided: calibration
                .filter(|calibration| is_comparable(calibration, others.len()))
                .and_then(|calibration| calibration.decide(distance, fmr)),
            below_bare_threshold: self
                .bare_threshold()
                // It is for distances between two images.
                .filter(|_| fusion != Fusion::Relative)
                .map(|threshold| distance < threshold.value),
        })
    }

    /// The calibration of the model.
    #[must_use]
    pub fn calibration(&self) -> Option<&Calibration> {
        self.model.calibration()
    }

    /// The threshold in the model's file.
    #[must_use]
    pub fn bare_threshold(&self) -> Option<&Threshold> {
        self.model.threshold()
    }

    /// What distances are of, such as `euclidean`.
    #[must_use]
    pub fn metric(&self) -> &'static str {
        self.model.recipe().distance().name()
    }
}
