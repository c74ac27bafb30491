//! Weights in the order in which kernels read them.

/// How many outputs are computed side by side.
pub(crate) const BLOCK: usize = 16;

/// Numbers of that many outputs, side by side and on a cache line of their own.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f32; BLOCK]);

impl Block {
    const ZERO: Self = Self([0.0; BLOCK]);
}

/// A matrix from `inputs` to `outputs` numbers, and what is added to each output.
#[derive(Debug)]
pub(crate) struct Weights {
    inputs: usize,
    outputs: usize,
    /// `[block of outputs][input]`. In the last block what is beyond the outputs is zero.
    values: Vec<Block>,
    /// `[block of outputs]`.
    bias: Vec<Block>,
}

/// How the inputs of an output lie in a model file: channel by channel.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Inputs {
    pub(crate) channels: usize,
    /// Pixels of a channel.
    pub(crate) area: usize,
}

impl Weights {
    /// Packs `rows`, `[output][channel][pixel]`, so that the inputs of each output stand as `[pixel][channel]`. Each row is
    /// multiplied by its scale, where there are scales.
    pub(crate) fn pack(
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
        let mut blocks = vec![Block::ZERO; blocks];
        for (Block(lanes), bias) in blocks.iter_mut().zip(bias.chunks(BLOCK)) {
            lanes[..bias.len()].copy_from_slice(bias);
        }
        Self {
            inputs,
            outputs,
            values,
            bias: blocks,
        }
    }

    /// Numbers that come in.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Numbers that come out.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    /// Blocks of outputs, the last one maybe not full.
    pub(super) fn blocks(&self) -> usize {
        self.bias.len()
    }

    /// The weights of a block, one for each input.
    pub(super) fn of_block(&self, block: usize) -> &[Block] {
        &self.values[block * self.inputs..][..self.inputs]
    }

    /// What is added to the outputs of a block.
    pub(super) fn bias(&self, block: usize) -> &Block {
        &self.bias[block]
    }
}
