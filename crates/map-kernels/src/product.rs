//! What a kernel computes: runs of pixels times weights.

use super::instructions::Instructions;
use super::weights::Weights;
use super::{safe, vector};

/// Windows of a map with its channels last, each multiplied by the same weights: a convolution without copying windows, or,
/// of windows of one pixel, a product of matrices.
///
/// All steps count numbers. A window is `runs` runs, one for each row of the convolution's kernel. A run is as long as the
/// weights have inputs for each of them.
#[derive(Debug)]
pub struct Product<'a> {
    /// From the first number of the first window.
    pub input: &'a [f32],
    /// Windows in a row, one beside the other, rows of windows, and maps of rows.
    pub width: usize,
    /// See `width`.
    pub height: usize,
    /// See `width`.
    pub maps: usize,
    /// From one window to the next, in its row and in its column, and from one map to the next.
    pub step: usize,
    /// See `step`.
    pub line: usize,
    /// See `step`.
    pub map: usize,
    /// Runs of a window.
    pub runs: usize,
    /// From one run of a window to the next.
    pub run_step: usize,
    /// Where the outputs of the first window go; those of the next follow them.
    pub output: &'a mut [f32],
    /// From one row of outputs to the next, and from one map of them to the next.
    pub output_line: usize,
    /// See `output_line`.
    pub output_map: usize,
    /// What is added to the outputs, laid out as they are.
    pub add: Option<Added<'a>>,
    /// Whether negative outputs become 0.
    pub relu: bool,
}

/// Numbers to be added to outputs.
#[derive(Debug, Clone, Copy)]
pub struct Added<'a> {
    /// From the first number on.
    pub values: &'a [f32],
    /// From one row to the next, and from one map to the next.
    pub line: usize,
    /// See `line`.
    pub map: usize,
}

impl Product<'_> {
    /// Computes it. Every output is the bias, plus its products from the first input to the last, plus what is added: in
    /// this order whatever the instructions, so that with all that multiply and add at once the bytes are the same.
    ///
    /// # Panics
    /// Where a window or its outputs would lie beyond the slices.
    pub fn compute(mut self, weights: &Weights, instructions: Instructions) {
        if self.maps == 0 || self.height == 0 || self.width == 0 || weights.outputs() == 0 {
            return;
        }
        self.merge_rows(weights.outputs());
        self.check(weights);
        match instructions.fused() {
            Some(vectors) => vector::compute(vectors, weights, &mut self),
            None => safe::compute::<false>(weights, &mut self),
        }
    }

    /// Rows that follow each other without a gap are one row: fewer tiles are cut short by its end.
    fn merge_rows(&mut self, outputs: usize) {
        let [row, line, width] =
            [outputs, self.step, self.height].map(|by| self.width.checked_mul(by));
        let added = self.add.is_none_or(|add| Some(add.line) == row);
        if Some(self.line) == line
            && Some(self.output_line) == row
            && added
            && let Some(width) = width
        {
            self.width = width;
            self.height = 1;
        }
    }

    /// What the kernels rely on. Ends that no number holds lie beyond every slice.
    fn check(&self, weights: &Weights) {
        let run = weights.inputs() / self.runs.max(1);
        assert!(
            run > 0 && run * self.runs == weights.inputs(),
            "runs of a window"
        );
        let (maps, rows, columns) = (self.maps - 1, self.height - 1, self.width - 1);
        let steps = [
            (maps, self.map),
            (rows, self.line),
            (columns, self.step),
            (self.runs - 1, self.run_step),
        ];
        let end = end_of(&steps, run);
        assert!(end <= self.input.len(), "windows lie in the input");
        let row = self.width.saturating_mul(weights.outputs());
        let end = end_of(&[(maps, self.output_map), (rows, self.output_line)], row);
        assert!(end <= self.output.len(), "outputs have their place");
        if let Some(add) = self.add {
            let end = end_of(&[(maps, add.map), (rows, add.line)], row);
            assert!(end <= add.values.len(), "each output has a number to add");
        }
    }
}
/// Where so many numbers end that begin after these steps, each taken so often.
pub(crate) fn end_of(steps: &[(usize, usize)], numbers: usize) -> usize {
    let taken = steps
        .iter()
        .map(|(times, step)| times.saturating_mul(*step));
    taken.fold(numbers, usize::saturating_add)
}
