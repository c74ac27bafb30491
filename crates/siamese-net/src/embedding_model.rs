//! A model that embeds images, whatever computes it.

use ndarray::Array2;
use verification_figures::Calibration;

use crate::error::Error;
use crate::model_file::{Provenance, Threshold};
use crate::pixels::ImageStack;
use crate::recipe::Recipe;

/// A model that embeds images, whatever computes it: what judging one needs.
///
/// `siamese_model::Model` is one, on libtorch. Of your own it takes what the model says of itself and [`Self::embeddings`].
pub trait EmbeddingModel: Send {
    /// The whole experiment: how images are read, what they are compared by, and what divides the subjects.
    fn recipe(&self) -> &Recipe;

    /// Where the decision lies, if the model holds a threshold.
    fn threshold(&self) -> Option<&Threshold>;

    /// Thresholds with the error rates they have on subjects that it did not learn from, in units of
    /// [`Recipe::distance`], if the model holds any.
    fn calibration(&self) -> Option<&Calibration> {
        None
    }

    /// Where the weights come from. Epoch 0 says that nothing was trained.
    fn provenance(&self) -> &Provenance;

    /// What computes it.
    fn engine(&self) -> Engine;

    /// The vectors of the images of these numbers, `[k, d]`, to be compared by [`Recipe::distance`].
    ///
    /// # Errors
    /// [`Error::Geometry`], [`Error::Data`] or [`Error::Image`] where the images do not fit or cannot be read;
    /// [`Error::Engine`] where the computation fails.
    fn embeddings(&self, images: &ImageStack, numbers: &[i64]) -> Result<Array2<f32>, Error>;

    /// The distance of image `a[i]` from image `b[i]`, for each `i`. Each distinct image is embedded once.
    ///
    /// # Errors
    /// As [`Self::embeddings`], and [`Error::Data`] where `a` and `b` differ in length.
    fn distances(&self, images: &ImageStack, a: &[u32], b: &[u32]) -> Result<Vec<f32>, Error> {
        let pairs = PairedRows::of(a, b)?;
        let embeddings = self.embeddings(images, &pairs.numbers)?;
        if embeddings.nrows() != pairs.numbers.len() {
            return Err(Error::Data(format!(
                "{} images were to be embedded, and there are {} embeddings",
                pairs.numbers.len(),
                embeddings.nrows()
            )));
        }
        let distance = self.recipe().distance();
        let row = |row: i64| embeddings.row(row as usize);
        let both = pairs.a.iter().zip(&pairs.b);
        Ok(both
            .map(|(&a, &b)| distance.of_vectors(row(a), row(b)))
            .collect())
    }

    /// The same network as its training began, with weights drawn at random; `None` where this engine cannot draw them.
    ///
    /// # Errors
    /// [`Error::Engine`] where the computation fails, and what the recipe is at fault for.
    fn untrained(&self) -> Result<Option<Box<dyn EmbeddingModel>>, Error> {
        Ok(None)
    }
}

/// What computes a model.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Engine {
    /// Its name, such as `libtorch`.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where it computes: `cpu` or `cuda:N`.
    pub device: String,
    /// Whether that is a device with memory of its own, which the images are moved to.
    pub on_gpu: bool,
}

impl Engine {
    /// One that computes on the CPU.
    #[must_use]
    pub fn on_cpu(name: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            device: "cpu".to_owned(),
            on_gpu: false,
        }
    }

    /// The same, on another device.
    #[must_use]
    pub fn on_gpu(self, device: impl Into<String>) -> Self {
        Self {
            device: device.into(),
            on_gpu: true,
            ..self
        }
    }
}

/// Pairs of images as rows of an array in which each distinct image stands once.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PairedRows {
    /// The distinct images, ascending: the image of each row.
    pub numbers: Vec<i64>,
    /// The row of each pair's first image.
    pub a: Vec<i64>,
    /// The row of each pair's second image.
    pub b: Vec<i64>,
}

impl PairedRows {
    /// Of the pairs of image `a[i]` and image `b[i]`.
    ///
    /// # Errors
    /// [`Error::Data`] where `a` and `b` differ in length.
    pub fn of(a: &[u32], b: &[u32]) -> Result<Self, Error> {
        if a.len() != b.len() {
            return Err(Error::Data(format!(
                "pairs take as many first images as second ones, and there are {} and {}",
                a.len(),
                b.len()
            )));
        }
        let mut distinct: Vec<u32> = a.iter().chain(b).copied().collect();
        distinct.sort_unstable();
        distinct.dedup();
        let rows = |side: &[u32]| {
            let row = |&image: &u32| distinct.partition_point(|&other| other < image) as i64;
            side.iter().map(row).collect()
        };
        Ok(Self {
            a: rows(a),
            b: rows(b),
            numbers: distinct.iter().map(|&number| i64::from(number)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_image_of_pairs_has_one_row() {
        let pairs = PairedRows::of(&[7, 3, 9], &[3, 3, 7]).unwrap();
        assert_eq!(pairs.numbers, [3, 7, 9]);
        assert_eq!(
            (&pairs.a[..], &pairs.b[..]),
            (&[1, 0, 2][..], &[0, 0, 1][..])
        );
        let error = PairedRows::of(&[1], &[]).unwrap_err();
        assert!(error.to_string().ends_with("there are 1 and 0"), "{error}");
    }
}
