//! Batch normalisation by its running figures, where no product before it takes it in.

/// `scale x + shift` by channel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scale {
    /// For each channel its scale and shift.
    each: Vec<[f32; 2]>,
}

impl Scale {
    /// Of scales and shifts, one of each for a channel.
    pub(crate) fn new(scales: &[f64], shifts: &[f64]) -> Self {
        let each = scales.iter().zip(shifts);
        Self {
            each: each
                .map(|(&scale, &shift)| [scale as f32, shift as f32])
                .collect(),
        }
    }

    /// Numbers whose channels stand side by side.
    pub(crate) fn apply(&self, values: &mut [f32]) {
        for values in values.chunks_exact_mut(self.each.len().max(1)) {
            for (x, [scale, shift]) in values.iter_mut().zip(&self.each) {
                *x = *x * scale + shift;
            }
        }
    }
}
