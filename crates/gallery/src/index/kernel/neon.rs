//! NEON.

use std::arch::aarch64::*;

use super::super::codes::{CodedQuery, GROUP};
use super::WIDTH;
use super::driver::bounds_by;

bounds_by!(
    #[target_feature(enable = "neon")]
    bounds,
    products
);

#[inline]
#[target_feature(enable = "neon")]
fn products<const GROUPS: usize, const QUERIES: usize>(
    codes: &[[i8; WIDTH]],
    queries: [&CodedQuery; QUERIES],
) -> [[[i32; GROUP]; GROUPS]; QUERIES] {
    let quads = codes.len() / GROUPS;
    let mut products = [[[0; GROUP]; GROUPS]; QUERIES];
    for group in 0..GROUPS {
        let codes = &codes[group * quads..][..quads];
        let mut sums = [[vdupq_n_s32(0); 4]; QUERIES];
        for (quad, codes) in codes.iter().enumerate() {
            let (quarters, _) = codes.as_chunks::<16>();
            for quarter in 0..4 {
                // SAFETY: reads the 16 bytes of an array of 16 bytes.
                let rows = unsafe { vld1q_s8(quarters[quarter].as_ptr()) };
                for query in 0..QUERIES {
                    let word =
                        i32::from_ne_bytes(queries[query].quads[quad].map(i8::cast_unsigned));
                    let wanted = vreinterpretq_s8_s32(vdupq_n_s32(word));
                    // Two products of at most 127 * 127 fit into 16 bits; they are added as 32 bits all the same.
                    let low = vpaddlq_s16(vmull_s8(vget_low_s8(rows), vget_low_s8(wanted)));
                    let high = vpaddlq_s16(vmull_high_s8(rows, wanted));
                    sums[query][quarter] = vaddq_s32(sums[query][quarter], vpaddq_s32(low, high));
                }
            }
        }
        for query in 0..QUERIES {
            let (quarters, _) = products[query][group].as_chunks_mut::<4>();
            for quarter in 0..4 {
                // SAFETY: writes the 16 bytes of an array of four `i32`.
                unsafe { vst1q_s32(quarters[quarter].as_mut_ptr(), sums[query][quarter]) };
            }
        }
    }
    products
}
