//! Weights in the order in which kernels read them.

/// How many outputs are computed side by side.
pub const BLOCK: usize = 16;

/// Numbers of that many outputs, side by side and on a cache line of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f32; BLOCK]);

impl Block {
    const ZERO: Self = Self([0.0; BLOCK]);
}

/// A matrix from `inputs` to `outputs` numbers, and what is added to each output.
#[derive(Debug)]
pub struct Weights {
    inputs: usize,
    outputs: usize,
    /// `[block of outputs][input]`. In the last block what is beyond the outputs is zero.
    values: Vec<Block>,
    /// `[block of outputs]`.
    bias: Vec<Block>,
}

/// How the inputs of an output lie in a model file: channel by channel.
#[derive(Debug, Clone, Copy)]
pub struct Inputs {
    /// Channels.
    pub channels: usize,
    /// Pixels of a channel.
    pub area: usize,
}

impl Weights {
    /// Packs `rows`, `[output][channel][pixel]`, so that the inputs of each output stand as `[pixel][channel]`. Each row is
    /// multiplied by its scale, where there are scales.
    pub fn pack(
        rows: &[f32],
        outputs: usize,
        order: Inputs,
        scales: Option<&[f64]>,
        bias: &[f32],
    ) -> Self {
        let inputs = order.channels * order.area;
        let blocks = outputs.div_ceil(BLOCK);
        let mut values = vec![Block::ZERO; blocks * inputs];
        let rows: Vec<&[f32]> = rows.chunks_exact(inputs.max(1)).take(outputs).collect();
        let packed = values.chunks_exact_mut(inputs.max(1));
        for (block, (rows, packed)) in rows.chunks(BLOCK).zip(packed).enumerate() {
            for channel in 0..order.channels {
                for pixel in 0..order.area {
                    let Block(lanes) = &mut packed[pixel * order.channels + channel];
                    for (lane, row) in lanes.iter_mut().zip(rows) {
                        *lane = row[channel * order.area + pixel];
                    }
                }
            }
            if let Some(scales) = scales {
                for Block(lanes) in packed {
                    for (lane, scale) in lanes.iter_mut().zip(&scales[block * BLOCK..]) {
                        *lane = (f64::from(*lane) * scale) as f32;
                    }
                }
            }
        }
        Self {
            inputs,
            outputs,
            values,
            bias: blocked(blocks, bias),
        }
    }

    /// Weights that are given one by one, by output and input. An output without a bias has none.
    pub fn from_fn(
        outputs: usize,
        inputs: usize,
        bias: &[f32],
        value: impl Fn(usize, usize) -> f32,
    ) -> Self {
        let blocks = outputs.div_ceil(BLOCK);
        let mut values = Vec::with_capacity(blocks * inputs);
        for first in (0..outputs).step_by(BLOCK) {
            let lanes = BLOCK.min(outputs - first);
            for input in 0..inputs {
                let mut block = Block::ZERO;
                for (lane, weight) in block.0[..lanes].iter_mut().enumerate() {
                    *weight = value(first + lane, input);
                }
                values.push(block);
            }
        }
        Self {
            inputs,
            outputs,
            values,
            bias: blocked(blocks, bias),
        }
    }

    /// Numbers that come in.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers that come out.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Blocks of outputs, the last one maybe not full.
    pub(crate) fn blocks(&self) -> usize {
        self.bias.len()
    }

    /// The weights of a block, one for each input.
    pub(crate) fn of_block(&self, block: usize) -> &[Block] {
        &self.values[block * self.inputs..][..self.inputs]
    }

    /// What is added to the outputs of a block.
    pub(crate) fn bias(&self, block: usize) -> &Block {
        &self.bias[block]
    }
}

/// One number for each output, in blocks.
fn blocked(blocks: usize, bias: &[f32]) -> Vec<Block> {
    let mut packed = vec![Block::ZERO; blocks];
    for (Block(lanes), bias) in packed.iter_mut().zip(bias.chunks(BLOCK)) {
        lanes[..bias.len()].copy_from_slice(bias);
    }
    packed
}
