//! AVX-512 with VNNI, and AVX2.

use std::arch::x86_64::*;

use super::super::codes::{CodedQuery, GROUP};
use super::WIDTH;
use super::driver::bounds_by;

bounds_by!(
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    bounds_avx512,
    products_avx512
);
bounds_by!(
    #[target_feature(enable = "avx2")]
    bounds_avx2,
    products_avx2
);

/// VNNI multiplies unsigned by signed bytes. The codes of the rows are moved up by 128, and 128 times the sum of the
/// query's codes is taken off at the end.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn products_avx512<const GROUPS: usize, const QUERIES: usize>(
    codes: &[[i8; WIDTH]],
    queries: [&CodedQuery; QUERIES],
) -> [[[i32; GROUP]; GROUPS]; QUERIES] {
    let quads = codes.len() / GROUPS;
    let wanted: [&[[i8; 4]]; QUERIES] = std::array::from_fn(|query| &queries[query].quads[..quads]);
    let groups: [&[[i8; WIDTH]]; GROUPS] =
        std::array::from_fn(|group| &codes[group * quads..][..quads]);
    let upwards = _mm512_set1_epi8(-128);
    let mut sums = [[_mm512_setzero_si512(); GROUPS]; QUERIES];
    for quad in 0..quads {
        let mut rows = [_mm512_setzero_si512(); GROUPS];
        for group in 0..GROUPS {
            // SAFETY: reads the 64 bytes of an array of 64 bytes; the load needs no alignment.
            let loaded = unsafe { _mm512_loadu_si512(groups[group][quad].as_ptr().cast()) };
            rows[group] = _mm512_xor_si512(loaded, upwards);
        }
        for query in 0..QUERIES {
            let codes = _mm512_set1_epi32(word(wanted[query][quad]));
            for group in 0..GROUPS {
                sums[query][group] = _mm512_dpbusd_epi32(sums[query][group], rows[group], codes);
            }
        }
    }
    let mut products = [[[0; GROUP]; GROUPS]; QUERIES];
    for query in 0..QUERIES {
        let moved = _mm512_set1_epi32(128 * queries[query].sum);
        for group in 0..GROUPS {
            let sums = _mm512_sub_epi32(sums[query][group], moved);
            // SAFETY: writes the 64 bytes of an array of sixteen `i32`; the store needs no alignment.
            unsafe { _mm512_storeu_si512(products[query][group].as_mut_ptr().cast(), sums) };
        }
    }
    products
}

/// AVX2 multiplies unsigned by signed bytes, too: the query's sign is moved to the row's code. No code is -128, so two
/// products of at most 127 * 127 fit into 16 bits.
#[inline]
#[target_feature(enable = "avx2")]
fn products_avx2<const GROUPS: usize, const QUERIES: usize>(
    codes: &[[i8; WIDTH]],
    queries: [&CodedQuery; QUERIES],
) -> [[[i32; GROUP]; GROUPS]; QUERIES] {
    let quads = codes.len() / GROUPS;
    let ones = _mm256_set1_epi16(1);
    let mut products = [[[0; GROUP]; GROUPS]; QUERIES];
    for group in 0..GROUPS {
        let codes = &codes[group * quads..][..quads];
        let mut sums = [[_mm256_setzero_si256(); 2]; QUERIES];
        for (quad, codes) in codes.iter().enumerate() {
            let (halves, _) = codes.as_chunks::<32>();
            for half in 0..2 {
                // SAFETY: reads the 32 bytes of an array of 32 bytes; the load needs no alignment.
                let rows = unsafe { _mm256_loadu_si256(halves[half].as_ptr().cast()) };
                for query in 0..QUERIES {
                    let wanted = _mm256_set1_epi32(word(queries[query].quads[quad]));
                    let pairs = _mm256_maddubs_epi16(
                        _mm256_abs_epi8(wanted),
                        _mm256_sign_epi8(rows, wanted),
                    );
                    sums[query][half] =
                        _mm256_add_epi32(sums[query][half], _mm256_madd_epi16(pairs, ones));
                }
            }
        }
        for query in 0..QUERIES {
            let (halves, _) = products[query][group].as_chunks_mut::<8>();
            for half in 0..2 {
                // SAFETY: writes the 32 bytes of an array of eight `i32`; the store needs no alignment.
                unsafe { _mm256_storeu_si256(halves[half].as_mut_ptr().cast(), sums[query][half]) };
            }
        }
    }
    products
}

/// Four codes as one word.
#[inline(always)]
fn word(codes: [i8; 4]) -> i32 {
    i32::from_ne_bytes(codes.map(i8::cast_unsigned))
}
