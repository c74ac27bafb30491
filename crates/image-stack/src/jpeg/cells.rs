//! From coefficients to cells: squares of 1, 2, 4 or 8 pixels, each as its mean.
//!
//! The mean of a cosine over a cell is a number, so the means of all cells of a block come from its coefficients by two
//! small products of matrices, as pixels do. For the mean of a whole block this is the DC coefficient alone. Cells at the
//! border are the mean of the pixels that are inside the image.

use super::frame::{BLOCK, Component, Frame};

/// Row and column of the coefficients of a block, in the order of the file (T.81, figure A.6).
const ZIGZAG: [(u8, u8); 64] = zigzag();

const fn zigzag() -> [(u8, u8); 64] {
    let mut order = [(0, 0); 64];
    let (mut row, mut column) = (0_u8, 0_u8);
    let mut k = 0;
    while k < 64 {
        order[k] = (row, column);
        let up = (row + column) % 2 == 0;
        match (up, row, column) {
            (true, _, 7) => row += 1,
            (true, 0, _) => column += 1,
            (true, ..) => (row, column) = (row - 1, column + 1),
            (false, 7, _) => column += 1,
            (false, _, 0) => row += 1,
            (false, ..) => (row, column) = (row + 1, column - 1),
        }
        k += 1;
    }
    order
}

/// One component, as cells.
pub(super) struct Plane {
    across: Axis,
    down: Axis,
    /// Coefficients that a block inside the image needs.
    kept: usize,
    /// Steps of quantization, in the order of the file.
    steps: [f32; 64],
    /// Cells in a row of `cells`.
    stride: usize,
    cells: Vec<u8>,
}

/// How blocks become cells along one side.
struct Axis {
    /// Blocks along the side.
    blocks: usize,
    /// Cells of a block.
    cells: usize,
    /// What each frequency adds to each cell.
    inner: Weights,
    /// The same for the last block, whose last cell may be partly outside of the image.
    last: Weights,
    /// Whether it is.
    partial: bool,
}

/// By frequency: what it adds to each cell of a block.
type Weights = [[f32; BLOCK]; BLOCK];

impl Plane {
    /// For cells of `step` pixels of the image: 1, 2, 4 or 8. `None` for a component so coarse that a cell is less than
    /// one of its samples, or with samples that do not make whole cells.
    pub(super) fn new(frame: &Frame, component: &Component, step: usize) -> Option<Self> {
        let axis = |side, factor, most, blocks| Axis::new(side, factor, most, step, blocks);
        let across = axis(
            frame.width,
            component.sampling.0,
            frame.most.0,
            component.blocks.0,
        )?;
        let down = axis(
            frame.height,
            component.sampling.1,
            frame.most.1,
            component.blocks.1,
        )?;
        let stride = across.blocks * across.cells;
        Some(Self {
            kept: kept(across.cells.max(down.cells)),
            steps: [0.0; 64],
            cells: vec![0; stride * down.blocks * down.cells],
            stride,
            across,
            down,
        })
    }

    pub(super) fn set_steps(&mut self, steps: &[u16; 64]) {
        self.steps = steps.map(f32::from);
    }

    /// How many coefficients of a block are needed, the first ones in the order of the file.
    #[inline]
    pub(super) fn kept(&self, column: usize, row: usize) -> usize {
        let partial = self.across.is_partial(column) || self.down.is_partial(row);
        if partial { 64 } else { self.kept }
    }

    /// The most that a block of it needs.
    pub(super) fn most_kept(&self) -> usize {
        self.kept(self.across.blocks - 1, self.down.blocks - 1)
    }

    /// Fills the cells of a block.
    #[inline]
    pub(super) fn write(&mut self, column: usize, row: usize, coefficients: &[i16]) {
        let place = row * self.down.cells * self.stride + column * self.across.cells;
        if let [dc, others @ ..] = coefficients
            && others.iter().all(|&coefficient| coefficient == 0)
        {
            let flat = level(f32::from(*dc) * self.steps[0] / 8.0);
            for line in self.cells[place..]
                .chunks_mut(self.stride)
                .take(self.down.cells)
            {
                line[..self.across.cells].fill(flat);
            }
            return;
        }
        match self.across.cells {
            1 => self.write_cells::<1>(column, row, coefficients, place),
            2 => self.write_cells::<2>(column, row, coefficients, place),
            4 => self.write_cells::<4>(column, row, coefficients, place),
            _ => self.write_cells::<8>(column, row, coefficients, place),
        }
    }

    /// Fills the cells of a block that has `N` in a row, and whose first one is at `place`.
    fn write_cells<const N: usize>(
        &mut self,
        column: usize,
        row: usize,
        coefficients: &[i16],
        place: usize,
    ) {
        let (across, down) = (self.across.weights(column), self.down.weights(row));
        let mut rows = [[0.0_f32; N]; BLOCK];
        let mut used = 0;
        for ((&coefficient, step), &(v, u)) in coefficients.iter().zip(&self.steps).zip(&ZIGZAG) {
            if coefficient != 0 {
                let (v, u) = (usize::from(v & 7), usize::from(u & 7));
                let value = f32::from(coefficient) * step;
                for (cell, weight) in rows[v].iter_mut().zip(&across[u]) {
                    *cell += value * weight;
                }
                used = used.max(v + 1);
            }
        }
        let lines = self.cells[place..].chunks_mut(self.stride);
        for (y, line) in lines.take(self.down.cells).enumerate() {
            let mut sums = [0.0_f32; N];
            for (row, weights) in rows[..used].iter().zip(down) {
                for (sum, cell) in sums.iter_mut().zip(row) {
                    *sum += weights[y] * cell;
                }
            }
            for (cell, sum) in line.iter_mut().zip(sums) {
                *cell = level(sum);
            }
        }
    }

    /// The first `width` cells of the first `height` rows.
    pub(super) fn rows(&self, (width, height): (usize, usize)) -> impl Iterator<Item = &[u8]> {
        let rows = self.cells.chunks_exact(self.stride).take(height);
        rows.map(move |row| &row[..width])
    }
}

/// A sample from what the coefficients give, which is around 0.
fn level(value: f32) -> u8 {
    (value + 128.5) as u8
}

/// How many coefficients, in the order of the file, hold all of the frequencies below that number across and down.
fn kept(frequencies: usize) -> usize {
    match frequencies {
        1 => 1,
        2 => 5,
        4 => 25,
        _ => 64,
    }
}

impl Axis {
    fn new(side: usize, factor: usize, most: usize, step: usize, blocks: usize) -> Option<Self> {
        if !most.is_multiple_of(factor) || !step.is_multiple_of(most / factor) {
            return None;
        }
        // In samples of the component.
        let cell = step / (most / factor);
        let inside = (side * factor).div_ceil(most) - (blocks - 1) * BLOCK;
        Some(Self {
            blocks,
            cells: BLOCK / cell,
            inner: weights(cell, BLOCK),
            last: weights(cell, inside),
            partial: !inside.is_multiple_of(cell),
        })
    }

    fn is_partial(&self, block: usize) -> bool {
        self.partial && block == self.blocks - 1
    }

    fn weights(&self, block: usize) -> &Weights {
        if self.is_partial(block) {
            &self.last
        } else {
            &self.inner
        }
    }
}

/// The means of the cosines (T.81, A.3.3) over cells of `cell` samples, of which the first `inside` of the block count.
fn weights(cell: usize, inside: usize) -> Weights {
    let mut weights = Weights::default();
    for (frequency, weights) in weights.iter_mut().enumerate() {
        let scale = if frequency == 0 {
            0.125_f64.sqrt()
        } else {
            0.5
        };
        for (i, weight) in weights.iter_mut().enumerate().take(BLOCK / cell) {
            let samples = i * cell..inside.min((i + 1) * cell);
            let count = samples.len().max(1) as f64;
            let sum: f64 = samples.map(|x| cosine((2 * x + 1) * frequency)).sum();
            *weight = (scale * sum / count) as f32;
        }
    }
    weights
}

/// `cos(n * pi / 16)`, the same on every machine.
fn cosine(n: usize) -> f64 {
    const QUARTER: [f64; 9] = [
        1.0,
        0.980_785_280_403_230_4,
        0.923_879_532_511_286_7,
        0.831_469_612_302_545_2,
        std::f64::consts::FRAC_1_SQRT_2,
        0.555_570_233_019_602_2,
        0.382_683_432_365_089_8,
        0.195_090_322_016_128_27,
        0.0,
    ];
    match n % 32 {
        n @ 0..=8 => QUARTER[n],
        n @ 9..=16 => -QUARTER[16 - n],
        n @ 17..=24 => -QUARTER[n - 16],
        n => QUARTER[32 - n],
    }
}
