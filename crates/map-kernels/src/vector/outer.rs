//! Tiles of sums of outer products, whatever the instructions.

use std::ops::Range;

use super::tile::Registers;
use crate::outer::Outer;
use crate::weights::BLOCK;

/// The sums of these numbers of a run, in tiles of `NUMBERS`, with the `BLOCKS` blocks of lanes from `block` on.
///
/// # Safety
/// The processor has the instructions, `Outer::check` has passed, the run is one of the windows', the numbers are of the run
/// and a multiple of `NUMBERS`, and there are as many blocks of lanes from `block` on, the last one maybe not full.
#[inline(always)]
pub(super) unsafe fn sweep<R: Registers, const NUMBERS: usize, const BLOCKS: usize>(
    outer: &mut Outer<'_>,
    run: usize,
    numbers: Range<usize>,
    block: usize,
) {
    for number in numbers.step_by(NUMBERS) {
        // SAFETY: the tile's numbers are of the run.
        unsafe {
            let sums = multiply::<R, NUMBERS, BLOCKS>(outer, run, number, block);
            add(sums, outer, run * outer.run + number, block);
        }
    }
}

/// The sums of one tile.
///
/// # Safety
/// As [`sweep`], and so many numbers from `number` on are in the run.
#[inline(always)]
unsafe fn multiply<R: Registers, const NUMBERS: usize, const BLOCKS: usize>(
    outer: &Outer<'_>,
    run: usize,
    number: usize,
    block: usize,
) -> [[R; BLOCKS]; NUMBERS] {
    // SAFETY: `Outer::check` has seen to it that every number of every window, and whole blocks of its lanes, lie in their
    // slices.
    unsafe {
        let mut sums = [[R::repeat(&0.0); BLOCKS]; NUMBERS];
        let left = outer.left.as_ptr().add(run * outer.run_step + number);
        let right = outer.right.as_ptr().add(block * BLOCK);
        for row in 0..outer.height {
            let mut x = left.add(row * outer.left_line);
            let mut lanes = right.add(row * outer.right_line);
            for column in 0..outer.width {
                let mut loaded = [R::load(lanes); BLOCKS];
                for (b, loaded) in loaded.iter_mut().enumerate() {
                    *loaded = R::load(lanes.add(b * BLOCK));
                }
                for (i, sums) in sums.iter_mut().enumerate() {
                    let x = R::repeat(x.add(i));
                    for (sum, loaded) in sums.iter_mut().zip(loaded) {
                        *sum = sum.add_product(x, loaded);
                    }
                }
                // Not beyond the last one, where there may be nothing.
                if column + 1 < outer.width {
                    x = x.add(outer.left_step);
                    lanes = lanes.add(outer.right_step);
                }
            }
        }
        sums
    }
}

/// Adds a tile to the sums.
///
/// # Safety
/// As [`multiply`], `number` counted over all runs.
#[inline(always)]
unsafe fn add<R: Registers, const NUMBERS: usize, const BLOCKS: usize>(
    tile: [[R; BLOCKS]; NUMBERS],
    outer: &mut Outer<'_>,
    number: usize,
    block: usize,
) {
    // SAFETY: `Outer::check` has seen to it that the sums of every number lie in their slice. Of a block that is not full
    // only the lanes that there are are touched.
    unsafe {
        for (i, tile) in tile.into_iter().enumerate() {
            let sums = outer.sums.as_mut_ptr().add((number + i) * outer.sums_step);
            for (b, tile) in tile.into_iter().enumerate() {
                let first = (block + b) * BLOCK;
                let lanes = outer.lanes - first;
                let sums = sums.add(first);
                if lanes >= BLOCK {
                    R::load(sums).add(tile).store(sums);
                } else {
                    let mut part = [0.0; BLOCK];
                    part.as_mut_ptr().copy_from_nonoverlapping(sums, lanes);
                    R::load(part.as_ptr()).add(tile).store(part.as_mut_ptr());
                    sums.copy_from_nonoverlapping(part.as_ptr(), lanes);
                }
            }
        }
    }
}
