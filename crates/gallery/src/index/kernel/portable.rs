//! Plain Rust.

use super::super::codes::{CodedQuery, GROUP};
use super::WIDTH;
use super::driver::bounds_by;

bounds_by!(bounds, products);

#[inline(always)]
fn products<const GROUPS: usize, const QUERIES: usize>(
    codes: &[[i8; WIDTH]],
    queries: [&CodedQuery; QUERIES],
) -> [[[i32; GROUP]; GROUPS]; QUERIES] {
    let quads = codes.len() / GROUPS;
    queries.map(|query| {
        std::array::from_fn(|group| {
            let mut sums = [0i32; GROUP];
            for (codes, wanted) in codes[group * quads..][..quads].iter().zip(&query.quads) {
                let (rows, _) = codes.as_chunks::<4>();
                for (sum, row) in sums.iter_mut().zip(rows) {
                    for place in 0..4 {
                        *sum += i32::from(row[place]) * i32::from(wanted[place]);
                    }
                }
            }
            sums
        })
    })
}
