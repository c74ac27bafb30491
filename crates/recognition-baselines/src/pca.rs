//! Principal components, by way of the inner products of images.

use nalgebra::{DMatrix, DVector};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use crate::eigen::{Eigen, eigen};
use crate::error::Error;
use crate::method::Method;
use crate::rows::{Rows, TILE};

/// How many training images PCA learns from at the most.
///
/// Of more than that it takes a fixed draw, the same for the same number of training images. The
/// time of PCA grows with the third power of this number.
pub const MOST_PCA_IMAGES: usize = 1000;

/// Components kept at the most, so that a template of an image has a bounded size.
const MOST_COMPONENTS: usize = 512;

/// A component with less than this share of the first one's variance is rounding.
const SMALLEST_SHARE: f64 = 1e-10;

/// Principal components of a sample of images.
///
/// With fewer images than pixels, the eigenvectors of the small matrix of inner products of the
/// centred images serve in place of those of the large covariance matrix (M. Turk and
/// A. Pentland, "Eigenfaces for recognition", Journal of Cognitive Neuroscience 3, 1991). The
/// coordinates of a new image follow from its inner products with the sample, so components are
/// never held as images.
#[derive(Debug, Clone)]
pub(crate) struct Pca {
    sample: Vec<usize>,
    /// The mean inner product of each image of the sample with the sample.
    means: DVector<f64>,
    /// What takes centred inner products to coordinates, `[components, sample]`.
    loadings: DMatrix<f64>,
    /// The variance of each component in the sample, largest first.
    variances: DVector<f64>,
    /// The variance of all components, also of those not kept.
    total: f64,
}

impl Pca {
    /// Learns from `training`, or from [`MOST_PCA_IMAGES`] of it, for the method that asks.
    pub(crate) fn fit<T: Copy + Into<f64> + Sync>(
        rows: Rows<'_, T>,
        training: &[usize],
        method: Method,
    ) -> Result<Self, Error> {
        let found = training.len();
        if found < 2 {
            return Err(Error::TooFewImages { method, found });
        }
        let sample = draw(training);
        let mut gram = rows.gram(&sample);
        // Centring leaves this much of equal images.
        let rounding = 8.0 * f64::EPSILON * gram.trace();
        let means = gram.column_mean();
        centre(&mut gram, &means);
        let total = gram.trace() / sample.len() as f64;

        let Eigen { values, vectors } = eigen(gram, method)?;
        let components = values
            .iter()
            .take_while(|&&value| value > rounding && value > SMALLEST_SHARE * values[0])
            .count()
            .min(MOST_COMPONENTS);
        if components == 0 {
            let found = sample.len();
            return Err(Error::AllAlike { method, found });
        }
        let values = values.rows(0, components);
        let mut loadings = vectors.columns(0, components).transpose();
        for (mut row, value) in loadings.row_iter_mut().zip(values.iter()) {
            row /= value.sqrt();
        }
        Ok(Self {
            means,
            loadings,
            variances: values / sample.len() as f64,
            total,
            sample,
        })
    }

    /// The variance of each component among the images learnt from, largest first.
    pub(crate) fn variances(&self) -> &DVector<f64> {
        &self.variances
    }

    /// How many components hold this share of the variance, or as many as are kept.
    pub(crate) fn components_holding(&self, share: f64) -> usize {
        let mut held = 0.0;
        let short = self.variances.iter().take_while(|&&variance| {
            held += variance;
            held < share * self.total
        });
        (short.count() + 1).min(self.variances.len())
    }

    /// Coordinates of the images learnt from, `[components, training]`, where `training` is what
    /// [`fit`](Self::fit) was given.
    pub(crate) fn training_coordinates<T: Copy + Into<f64> + Sync>(
        &self,
        rows: Rows<'_, T>,
        training: &[usize],
    ) -> DMatrix<f64> {
        if self.sample != training {
            return self.coordinates(rows, training);
        }
        // The eigenvectors themselves, which need no more inner products.
        let mut coordinates = self.loadings.clone();
        for (mut row, variance) in coordinates.row_iter_mut().zip(self.variances.iter()) {
            row *= variance * self.sample.len() as f64;
        }
        coordinates
    }

    /// Coordinates of these images, `[components, images]`.
    pub(crate) fn coordinates<T: Copy + Into<f64> + Sync>(
        &self,
        rows: Rows<'_, T>,
        images: &[usize],
    ) -> DMatrix<f64> {
        let blocks: Vec<DMatrix<f64>> = images
            .par_chunks(TILE)
            .map(|block| {
                let mut products = rows.products(&self.sample, block);
                centre(&mut products, &self.means);
                &self.loadings * products
            })
            .collect();
        let mut coordinates = DMatrix::zeros(self.loadings.nrows(), images.len());
        for (at, block) in blocks.iter().enumerate() {
            coordinates
                .columns_mut(at * TILE, block.ncols())
                .copy_from(block);
        }
        coordinates
    }
}

/// Makes inner products of a sample (rows) and images (columns) those of the same with the
/// sample's mean image taken off. `means` are those of the sample with itself.
fn centre(products: &mut DMatrix<f64>, means: &DVector<f64>) {
    let grand_mean = means.mean();
    for mut column in products.column_iter_mut() {
        let shift = column.mean() - grand_mean;
        column -= means;
        column.add_scalar_mut(-shift);
    }
}

/// At most [`MOST_PCA_IMAGES`] of these images, in their order.
fn draw(training: &[usize]) -> Vec<usize> {
    let mut stream = ChaCha8Rng::from_seed(*b"baselines: images PCA learns of.");
    let mut keyed: Vec<(u64, usize)> = training
        .iter()
        .map(|&image| (stream.next_u64(), image))
        .collect();
    if keyed.len() > MOST_PCA_IMAGES {
        keyed.select_nth_unstable(MOST_PCA_IMAGES);
        keyed.truncate(MOST_PCA_IMAGES);
    }
    let mut sample: Vec<usize> = keyed.into_iter().map(|(_, image)| image).collect();
    sample.sort_unstable();
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_keeps_order_and_takes_all_of_few() {
        let few: Vec<usize> = (5..5 + MOST_PCA_IMAGES).collect();
        assert_eq!(draw(&few), few);
        let many: Vec<usize> = (0..3 * MOST_PCA_IMAGES).collect();
        let drawn = draw(&many);
        assert_eq!(drawn.len(), MOST_PCA_IMAGES);
        assert!(drawn.is_sorted_by(|a, b| a < b));
        // A fair draw takes about a third from each third.
        for third in many.chunks(MOST_PCA_IMAGES) {
            let taken = drawn.iter().filter(|image| third.contains(image)).count();
            assert!((270..400).contains(&taken), "{taken}");
        }
        assert_eq!(draw(&many), drawn);
    }

    #[test]
    fn images_learnt_from_have_the_coordinates_of_any_image() {
        let values: Vec<u8> = (0..9 * 40_u32).map(|k| (k * k % 241) as u8).collect();
        let rows = Rows::new(&values, 40);
        let training = [0, 2, 3, 4, 6, 7, 8];
        let pca = Pca::fit(rows, &training, Method::Eigenfaces).unwrap();
        let [short, long] = [
            pca.training_coordinates(rows, &training),
            pca.coordinates(rows, &training),
        ];
        assert_eq!(short.nrows(), 6);
        assert!((short - &long).amax() < 1e-9 * long.amax());
        // They differ as the images do.
        let pixels = |image| rows.row(image).iter().map(|&value| f64::from(value));
        let squares = pixels(2).zip(pixels(8)).map(|(a, b)| (a - b) * (a - b));
        let distance = (long.column(1) - long.column(6)).norm();
        assert!((distance / squares.sum::<f64>().sqrt() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn images_that_are_alike_have_no_components_and_one_pixel_makes_one() {
        for count in (2..60).step_by(7) {
            for grey in [1, 7, 100, 255] {
                let mut values = vec![grey; count * 1000];
                let training: Vec<usize> = (0..count).collect();
                let method = Method::Eigenfaces;
                let alike = Pca::fit(Rows::new(&values, 1000), &training, method);
                let found = count;
                assert_eq!(alike.unwrap_err(), Error::AllAlike { method, found });
                values[500] -= 1;
                let differ = Pca::fit(Rows::new(&values, 1000), &training, method);
                assert_eq!(differ.unwrap().variances().len(), 1);
            }
        }
    }
}
