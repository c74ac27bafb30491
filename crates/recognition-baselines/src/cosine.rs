//! Vectors of which only the direction counts.

use nalgebra::DMatrix;

use crate::lanes::sum;

/// Below this length a vector is rounding. Its unit is a standard deviation.
const SHORTEST: f64 = 1e-6;

/// Unit vectors as columns, or zeros where a vector had no direction.
#[derive(Debug, Clone)]
pub(crate) struct Directions {
    units: DMatrix<f32>,
    has_direction: Vec<bool>,
}

impl Directions {
    /// The directions of the columns.
    pub(crate) fn of(vectors: &DMatrix<f64>) -> Self {
        let mut units = DMatrix::zeros(vectors.nrows(), vectors.ncols());
        let mut has_direction = Vec::with_capacity(vectors.ncols());
        for (vector, mut unit) in vectors.column_iter().zip(units.column_iter_mut()) {
            let length = vector.norm();
            has_direction.push(length >= SHORTEST);
            if length >= SHORTEST {
                unit.zip_apply(&vector, |unit, value| *unit = (value / length) as f32);
            }
        }
        Self {
            units,
            has_direction,
        }
    }

    /// One minus the cosine, from 0 to 2.
    ///
    /// Computed as half the squared length of the difference, which is the same and exactly 0 for
    /// equal vectors. A vector without a direction is at 1 from any that has one, as if at a right
    /// angle, and at 0 from another without.
    pub(crate) fn distance(&self, i: usize, j: usize) -> f32 {
        if self.has_direction[i] != self.has_direction[j] {
            return 1.0;
        }
        let column = |place: usize| {
            let rows = self.units.nrows();
            &self.units.as_slice()[place * rows..][..rows]
        };
        let squares = sum(column(i), column(j), |a, b| (a - b) * (a - b));
        (squares / 2.0).min(2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_without_a_direction_is_at_a_right_angle_to_all() {
        let columns = [3.0, 0.0, 0.0, 0.0, 0.0, -2.0, 1e-9, 0.0, -6.0, 0.0];
        let vectors = DMatrix::from_column_slice(2, 5, &columns);
        let directions = Directions::of(&vectors);
        let from_first: Vec<f32> = (0..5).map(|j| directions.distance(0, j)).collect();
        assert_eq!(from_first, [0.0, 1.0, 1.0, 1.0, 2.0]);
        assert_eq!(directions.distance(1, 3), 0.0);
        assert_eq!(directions.distance(3, 4), 1.0);
    }
}
