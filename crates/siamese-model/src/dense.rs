//! Maps as the vectors that a dense layer takes, and back.

use std::mem::MaybeUninit;

use crate::batch_norm::Sides;

/// Pixels whose channels are read at a time.
const PIXELS: usize = 16;

/// Maps `[n, h, w, c]` as vectors `[n, c · h · w]`, channel by channel, as a model file's dense weights have them.
///
/// # Panics
/// Where a slice has another length.
pub(crate) fn flatten(sides: Sides, maps: &[f32], vectors: &mut [MaybeUninit<f32>]) {
    turn(sides.height * sides.width, sides.channels, maps, vectors);
}

/// The way back.
///
/// # Panics
/// Where a slice has another length.
pub(crate) fn unflatten(sides: Sides, vectors: &[f32], maps: &mut [MaybeUninit<f32>]) {
    turn(sides.channels, sides.height * sides.width, vectors, maps);
}

/// Each matrix of `rows` rows and `columns` columns turned into one of columns and rows.
fn turn(rows: usize, columns: usize, from: &[f32], to: &mut [MaybeUninit<f32>]) {
    let size = rows * columns;
    assert_eq!(from.len(), to.len());
    assert_eq!(from.len() % size.max(1), 0);
    for (from, to) in from.chunks_exact(size).zip(to.chunks_exact_mut(size)) {
        for (block, from) in from.chunks(PIXELS * columns).enumerate() {
            let first = block * PIXELS;
            for (column, to) in to.chunks_exact_mut(rows).enumerate() {
                let values = from[column..].iter().step_by(columns);
                for (to, value) in to[first..].iter_mut().zip(values) {
                    to.write(*value);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slices::{filled, floats};
    use tch::Tensor;

    #[test]
    fn vectors_are_libtorchs_and_the_way_back_leads_to_the_maps() {
        for [n, h, w, c] in [[2, 13, 13, 64], [3, 5, 4, 3], [1, 1, 1, 7], [2, 7, 5, 1]] {
            let maps = Tensor::rand([n, h, w, c], tch::kind::FLOAT_CPU);
            let sides = Sides {
                images: n as usize,
                height: h as usize,
                width: w as usize,
                channels: c as usize,
            };
            let expected = maps.permute([0, 3, 1, 2]).flatten(1, -1).contiguous();
            let vectors = filled(&expected.size(), |out| {
                flatten(sides, floats(&maps).unwrap(), out);
            });
            let vectors = vectors.unwrap();
            assert_eq!(vectors, expected);
            let back = filled(&maps.size(), |out| {
                unflatten(sides, floats(&vectors).unwrap(), out);
            });
            assert_eq!(back.unwrap(), maps);
        }
    }
}
