//! What a method makes of images, and how far apart they are.

use nalgebra::DMatrix;
use rayon::prelude::*;

use crate::cosine::Directions;
use crate::error::Error;
use crate::lanes::sum;
use crate::rows::Rows;

/// Pairs that one thread compares before it asks for more.
const PAIRS_AT_A_TIME: usize = 256;

/// Templates of the judged images of a [`Fold`](crate::Fold) by one [`Method`](crate::Method).
///
/// A distance is finite and at least 0, the same for both orders of a pair, 0 for an image and
/// itself or a copy of it, and small for images that are alike.
#[derive(Debug, Clone)]
pub struct Templates<'a> {
    /// The numbers of the judged images, ascending.
    judged: Vec<usize>,
    /// Distances are summed over these.
    spaces: Vec<Space<'a>>,
}

/// Vectors and how they are compared. Rows are by image number, columns by place among the judged.
#[derive(Debug, Clone)]
pub(crate) enum Space<'a> {
    Pixels(Rows<'a, u8>),
    Patterns(Rows<'a, f32>),
    Euclidean(DMatrix<f32>),
    Cosine(Directions),
}

impl<'a> Templates<'a> {
    pub(crate) fn new(judged: Vec<usize>, spaces: Vec<Space<'a>>) -> Self {
        Self { judged, spaces }
    }

    /// The numbers of the images that can be compared, ascending.
    #[must_use]
    pub fn images(&self) -> &[usize] {
        &self.judged
    }

    /// The distance of two judged images, by their numbers among all images.
    ///
    /// # Errors
    /// [`Error::NotJudged`].
    pub fn distance(&self, i: usize, j: usize) -> Result<f32, Error> {
        let places = [self.place(i)?, self.place(j)?];
        let distances = self.spaces.iter().map(|space| match space {
            Space::Pixels(rows) => grey_distance(rows.row(i), rows.row(j)),
            Space::Patterns(rows) => chi_square(rows.row(i), rows.row(j)),
            Space::Euclidean(vectors) => {
                let [a, b] = places
                    .map(|place| &vectors.as_slice()[place * vectors.nrows()..][..vectors.nrows()]);
                sum(a, b, |a, b| (a - b) * (a - b)).sqrt()
            }
            Space::Cosine(directions) => directions.distance(places[0], places[1]),
        });
        Ok(distances.sum())
    }

    /// The distances of pairs of judged images, computed in parallel, in the order of the pairs.
    ///
    /// # Errors
    /// [`Error::NotJudged`].
    pub fn distances(&self, pairs: &[[usize; 2]]) -> Result<Vec<f32>, Error> {
        pairs
            .par_iter()
            .with_min_len(PAIRS_AT_A_TIME)
            .map(|&[i, j]| self.distance(i, j))
            .collect()
    }

    fn place(&self, image: usize) -> Result<usize, Error> {
        self.judged
            .binary_search(&image)
            .map_err(|_| Error::NotJudged {
                image,
                judged: self.judged.len(),
            })
    }
}

/// Euclidean distance of grey values, summed in whole numbers.
fn grey_distance(a: &[u8], b: &[u8]) -> f32 {
    // 2^16 squares of at most 255 fit into 32 bits.
    let blocks = a.chunks(1 << 16).zip(b.chunks(1 << 16));
    let squares: u64 = blocks
        .map(|(a, b)| {
            let squares = a.iter().zip(b).map(|(&a, &b)| {
                let difference = i32::from(a) - i32::from(b);
                (difference * difference) as u32
            });
            u64::from(squares.sum::<u32>())
        })
        .sum();
    (squares as f64).sqrt() as f32
}

/// `sum_k (a_k - b_k)^2 / (a_k + b_k)` over the bins that are not empty in both.
fn chi_square(a: &[f32], b: &[f32]) -> f32 {
    // Counts are whole, so where the sum is below 1 the difference is 0.
    sum(a, b, |a, b| (a - b) * (a - b) / (a + b).max(1.0))
}
