//! Linear discriminants of subjects.

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};

use crate::eigen::eigen;
use crate::error::Error;
use crate::method::Method;
use crate::shrinkage::ledoit_wolf;

/// A direction along which the means of subjects vary by less than this share of the first is rounding.
const SMALLEST_SHARE: f64 = 1e-10;

/// A linear map in which the images of one subject scatter alike in all directions, and that keeps
/// only the directions in which subjects differ.
///
/// These are the directions w that maximise `w^T B w / w^T S w`, where B is the scatter of the
/// subjects' means and S the scatter of images about the mean of their subject, shrunk by
/// [`ledoit_wolf`] since the images are few for as many components (R. A. Fisher, "The use of
/// multiple measurements in taxonomic problems", Annals of Eugenics 7, 1936; for faces,
/// P. N. Belhumeur, J. P. Hespanha and D. J. Kriegman, "Eigenfaces vs. Fisherfaces", IEEE
/// Transactions on Pattern Analysis and Machine Intelligence 19, 1997).
///
/// All of the at most `subjects - 1` directions are kept, so which orthogonal basis of them is used
/// changes no distance.
#[derive(Debug, Clone)]
pub(crate) struct Lda {
    mean: DVector<f64>,
    /// `[directions, components]`.
    map: DMatrix<f64>,
}

impl Lda {
    /// Learns from coordinates `[components, images]` and the subjects of the images.
    pub(crate) fn fit(
        coordinates: &DMatrix<f64>,
        subjects: &[u32],
        method: Method,
    ) -> Result<Self, Error> {
        let mut members = BTreeMap::<u32, Vec<usize>>::new();
        for (image, &subject) in subjects.iter().enumerate() {
            members.entry(subject).or_default().push(image);
        }
        let (images, classes) = (subjects.len(), members.len());
        if classes < 2 {
            return Err(Error::TooFewSubjects {
                method,
                found: classes,
            });
        }
        let no_variation = Error::NoVariation {
            method,
            images,
            subjects: classes,
        };
        let mean = coordinates.column_mean();
        let mut deviations = coordinates.clone();
        let mut means = DMatrix::zeros(coordinates.nrows(), classes);
        for (class, own) in members.values().enumerate() {
            let own_mean = coordinates.select_columns(own).column_mean();
            for &image in own {
                let mut deviation = deviations.column_mut(image);
                deviation -= &own_mean;
            }
            means.set_column(class, &((own_mean - &mean) * (own.len() as f64).sqrt()));
        }
        // Copies of one image differ by rounding alone, and so do equal means.
        let rounding = SMALLEST_SHARE * coordinates.norm_squared();
        if deviations.norm_squared() <= rounding {
            return Err(no_variation);
        }
        if means.norm_squared() <= rounding {
            return Err(Error::SameMeans {
                method,
                subjects: classes,
            });
        }
        let Some(cholesky) = ledoit_wolf(&deviations).cholesky() else {
            return Err(no_variation);
        };
        let lower = cholesky.unpack();

        // Rows of the inverse of `lower` make S the identity; there, the scatter of the means is
        // `whitened * whitened^T`, whose eigenvectors follow from the smaller `whitened^T * whitened`.
        let basis = if classes > coordinates.nrows() {
            DMatrix::identity(coordinates.nrows(), coordinates.nrows())
        } else {
            let Some(whitened) = lower.solve_lower_triangular(&means) else {
                return Err(no_variation);
            };
            let found = eigen(whitened.tr_mul(&whitened), method)?;
            let directions = found
                .values
                .iter()
                .take(classes - 1)
                .take_while(|&&value| value > SMALLEST_SHARE * found.values[0])
                .count();
            let mut basis = whitened * found.vectors.columns(0, directions);
            for (mut direction, value) in basis.column_iter_mut().zip(found.values.iter()) {
                direction /= value.sqrt();
            }
            basis
        };
        let Some(map) = lower.tr_solve_lower_triangular(&basis) else {
            return Err(no_variation);
        };
        Ok(Self {
            mean,
            map: map.transpose(),
        })
    }

    /// Takes coordinates `[components, images]` to discriminants `[directions, images]`.
    pub(crate) fn apply(&self, mut coordinates: DMatrix<f64>) -> DMatrix<f64> {
        for mut column in coordinates.column_iter_mut() {
            column -= &self.mean;
        }
        &self.map * coordinates
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three images each of so many people, with `components` coordinates.
    fn made_up(people: usize, components: usize) -> (DMatrix<f64>, Vec<u32>) {
        let coordinates = DMatrix::from_fn(components, 3 * people, |component, image| {
            let person = image / 3;
            let noise =
                (image * image * 31 + component * component * 17 + image * component * 7) % 29;
            ((person * (component + 3) * 37) % 61 + noise) as f64
        });
        let subjects = (0..3 * people).map(|image| (image / 3) as u32).collect();
        (coordinates, subjects)
    }

    /// Checks both ways of finding the directions against what defines them.
    #[test]
    fn images_of_a_person_scatter_alike_and_no_difference_of_means_is_lost() {
        for (people, components, directions) in [(3, 5, 2), (5, 5, 4), (6, 5, 5), (9, 4, 4)] {
            let (coordinates, subjects) = made_up(people, components);
            let lda = Lda::fit(&coordinates, &subjects, Method::Fisherfaces).unwrap();
            assert_eq!(lda.map.shape(), (directions, components));

            let means = DMatrix::from_fn(components, people, |component, person| {
                coordinates.view((component, 3 * person), (1, 3)).mean()
            });
            let deviations = DMatrix::from_fn(components, 3 * people, |component, image| {
                coordinates[(component, image)] - means[(component, image / 3)]
            });
            let scatter = ledoit_wolf(&deviations);
            let mapped = &lda.map * &scatter * lda.map.transpose();
            let unit = DMatrix::<f64>::identity(directions, directions);
            assert!((mapped - unit).amax() < 1e-10);

            let inverse = scatter.try_inverse().unwrap();
            for (a, b) in (0..people).flat_map(|a| (0..a).map(move |b| (a, b))) {
                let difference = means.column(a) - means.column(b);
                let mahalanobis = difference.dot(&(&inverse * &difference));
                let found = (&lda.map * &difference).norm_squared();
                assert!((found / mahalanobis - 1.0).abs() < 1e-10);
            }
            assert!(lda.apply(coordinates).column_mean().amax() < 1e-10);
        }
    }
}
