//! Features of many images as rows, and their inner products.

use std::ops::Range;

use nalgebra::DMatrix;
use ndarray::Array2;
use ndarray::linalg::general_mat_mul;
use rayon::prelude::*;

/// Images on a side of a tile of inner products.
pub(crate) const TILE: usize = 128;

/// Components multiplied at a time, so that the memory does not grow with the images.
const CHUNK: usize = 1024;

/// A row-major array `[n, dimensions]` of whole numbers: grey values or counts.
///
/// Sums of products of whole numbers are exact in `f64` up to 2^53, which is out of reach for any
/// image that fits into memory. So inner products are the same in any order and on any machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a, T> {
    values: &'a [T],
    dimensions: usize,
}

impl<'a, T: Copy + Into<f64> + Sync> Rows<'a, T> {
    pub(crate) fn new(values: &'a [T], dimensions: usize) -> Self {
        Self { values, dimensions }
    }

    pub(crate) fn row(&self, image: usize) -> &'a [T] {
        &self.values[image * self.dimensions..][..self.dimensions]
    }

    /// Inner products of two lists of images, `[left, right]`.
    pub(crate) fn products(&self, left: &[usize], right: &[usize]) -> DMatrix<f64> {
        // nalgebra would first have to copy one side to another order.
        let mut sums = Array2::zeros((left.len(), right.len()));
        for start in (0..self.dimensions).step_by(CHUNK) {
            let part = start..self.dimensions.min(start + CHUNK);
            let [left, right] = [left, right].map(|images| self.part(images, &part));
            general_mat_mul(1.0, &left, &right.t(), 1.0, &mut sums);
        }
        DMatrix::from_row_iterator(left.len(), right.len(), sums)
    }

    /// Inner products of a list of images with itself.
    pub(crate) fn gram(&self, images: &[usize]) -> DMatrix<f64> {
        let blocks: Vec<&[usize]> = images.chunks(TILE).collect();
        let tiles: Vec<[usize; 2]> = (0..blocks.len())
            .flat_map(|row| (0..=row).map(move |column| [row, column]))
            .collect();
        let products: Vec<DMatrix<f64>> = tiles
            .par_iter()
            .map(|&[row, column]| self.products(blocks[row], blocks[column]))
            .collect();
        let mut gram = DMatrix::zeros(images.len(), images.len());
        for ([row, column], tile) in tiles.iter().zip(&products) {
            let (row, column) = (row * TILE, column * TILE);
            gram.view_mut((row, column), tile.shape()).copy_from(tile);
            gram.view_mut((column, row), (tile.ncols(), tile.nrows()))
                .copy_from(&tile.transpose());
        }
        gram
    }

    /// Some components of these images, `[images, components]`.
    fn part(&self, images: &[usize], components: &Range<usize>) -> Array2<f64> {
        let mut part = Array2::zeros((images.len(), components.len()));
        for (mut row, &image) in part.outer_iter_mut().zip(images) {
            let values = &self.row(image)[components.clone()];
            row.iter_mut()
                .zip(values)
                .for_each(|(number, &value)| *number = value.into());
        }
        part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_exact_across_tiles_and_chunks() {
        let (images, dimensions) = (TILE + 9, CHUNK + 77);
        let values: Vec<u8> = (0..images * dimensions)
            .map(|k| (k * k % 251 + k / dimensions) as u8)
            .collect();
        let rows = Rows::new(&values, dimensions);
        let order: Vec<usize> = (0..images).rev().collect();
        let gram = rows.gram(&order);
        for (i, &a) in order.iter().enumerate() {
            for (j, &b) in order.iter().enumerate() {
                let pairs = rows.row(a).iter().zip(rows.row(b));
                let naive: u64 = pairs.map(|(&x, &y)| u64::from(x) * u64::from(y)).sum();
                assert_eq!(gram[(i, j)], naive as f64);
            }
        }
        assert_eq!(rows.products(&order[..3], &order), gram.rows(0, 3));
    }
}
