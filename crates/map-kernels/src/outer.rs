//! What a kernel computes on the way back: sums of outer products.

use super::instructions::Instructions;
use super::weights::BLOCK;
use super::{safe, vector};

/// Sums over the windows of a map of the products of each number of a window with each lane of another map: the gradient of
/// a convolution's weights, or, of windows of one run, a product of a transposed matrix with another.
///
/// ```text
/// sums[run, i, lane] += Σ over y, x of  left[y·left_line + x·left_step + run·run_step + i] · right[y·right_line + x·right_step + lane]
/// ```
///
/// All steps count numbers.
#[derive(Debug)]
pub struct Outer<'a> {
    /// From the first number of the first window.
    pub left: &'a [f32],
    /// From one window to the next, in its row and in its column.
    pub left_step: usize,
    /// See `left_step`.
    pub left_line: usize,
    /// Runs of a window, the numbers of each, and from one to the next.
    pub runs: usize,
    /// See `runs`.
    pub run: usize,
    /// See `runs`.
    pub run_step: usize,
    /// From the lanes of the first window on. Lanes are read by whole blocks of [`BLOCK`], the last window's too.
    pub right: &'a [f32],
    /// From the lanes of one window to those of the next, in its row and in its column.
    pub right_step: usize,
    /// See `right_step`.
    pub right_line: usize,
    /// Lanes of each window.
    pub lanes: usize,
    /// Windows in a row, and rows.
    pub width: usize,
    /// See `width`.
    pub height: usize,
    /// `[run][number][lane]`.
    pub sums: &'a mut [f32],
    /// From the lanes of one number to those of the next.
    pub sums_step: usize,
}

impl Outer<'_> {
    /// Adds the sums to what is there. Each is added up from the first window to the last, beginning with zero, whatever the
    /// instructions: with all that multiply and add at once the bytes are the same.
    ///
    /// # Panics
    /// Where a window, its lanes or the sums would lie beyond the slices.
    pub fn add(mut self, instructions: Instructions) {
        let sizes = [self.width, self.height, self.runs, self.run, self.lanes];
        if sizes.contains(&0) {
            return;
        }
        self.check();
        match instructions.fused() {
            Some(vectors) => vector::add_outer(vectors, &mut self),
            None => safe::add_outer::<false>(&mut self),
        }
    }

    /// What the kernels rely on.
    fn check(&self) {
        let (rows, columns) = (self.height - 1, self.width - 1);
        let last = rows * self.left_line + columns * self.left_step;
        let end = last + (self.runs - 1) * self.run_step + self.run;
        assert!(end <= self.left.len(), "windows lie in their map");
        let last = rows * self.right_line + columns * self.right_step;
        let end = last + self.lanes.next_multiple_of(BLOCK);
        assert!(end <= self.right.len(), "lanes lie in their map");
        assert!(
            self.lanes <= self.sums_step,
            "sums do not lie in each other"
        );
        let end = (self.runs * self.run - 1) * self.sums_step + self.lanes;
        assert!(end <= self.sums.len(), "sums have their place");
    }
}
