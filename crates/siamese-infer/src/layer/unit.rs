//! Vectors of length 1.

/// The least square of a length that is divided by, as in training.
const FLOOR: f32 = 1e-12;

/// Scales a vector to this length. One of zeros stays one.
pub(crate) fn to_unit(vector: &mut [f32], length: f32) {
    let divisor = sum_of_squares(vector).max(FLOOR).sqrt();
    for x in vector {
        *x = *x / divisor * length;
    }
}

/// In 16 sums side by side, which are then added from the first to the last.
pub(crate) fn sum_of_squares(values: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 16];
    for values in values.chunks(16) {
        for (sum, x) in sums.iter_mut().zip(values) {
            *sum += x * x;
        }
    }
    sums.iter().sum()
}
