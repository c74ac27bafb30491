//! Maps in a frame of zeros.

/// A map of one image in a larger one of zeros.
pub(super) struct Frame {
    /// Height, width and channels of the larger one.
    pub(super) sides: [usize; 3],
    /// Where the first pixel lies: row and column.
    first: [usize; 2],
    /// From one pixel of the map to the next, in rows and in columns.
    pub(super) step: [usize; 2],
    pub(super) values: Vec<f32>,
}

impl Frame {
    /// Of zeros alone, with `slack` numbers more at its end.
    pub(super) fn new(
        sides: [usize; 3],
        first: [usize; 2],
        step: [usize; 2],
        slack: usize,
    ) -> Self {
        Self {
            sides,
            first,
            step,
            values: vec![0.0; sides.iter().product::<usize>() + slack],
        }
    }

    /// Numbers of a row.
    pub(super) fn line(&self) -> usize {
        self.sides[1] * self.sides[2]
    }

    /// Replaces the map, of rows of `width` pixels.
    pub(super) fn put(&mut self, map: &[f32], width: usize) {
        let (line, channels) = (self.line(), self.sides[2]);
        let start = self.first[1] * channels;
        let rows = self.values.chunks_exact_mut(line).skip(self.first[0]);
        let rows = rows.step_by(self.step[0]);
        for (row, from) in rows.zip(map.chunks_exact(width * channels)) {
            let row = &mut row[start..];
            if self.step[1] == 1 {
                row[..from.len()].copy_from_slice(from);
                continue;
            }
            let pixels = row.chunks_mut(self.step[1] * channels);
            for (to, from) in pixels.zip(from.chunks_exact(channels)) {
                to[..channels].copy_from_slice(from);
            }
        }
    }

    /// From the map's first number on.
    pub(super) fn map(&self) -> &[f32] {
        &self.values[self.first[0] * self.line() + self.first[1] * self.sides[2]..]
    }
}
