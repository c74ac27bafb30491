//! Sorting of many finite `f32` in linear time.

/// Below this length the comparison sort of the standard library is faster.
const RADIX_FROM: usize = 4096;
const DIGIT_BITS: u32 = 11;
const BUCKETS: usize = 1 << DIGIT_BITS;
const PASSES: usize = 3;

/// Sorts finite values ascending; -0 must have been turned into +0 before.
pub(crate) fn sort_finite(values: &mut Vec<f32>) {
    if values.len() < RADIX_FROM {
        values.sort_unstable_by(f32::total_cmp);
    } else {
        radix_sort(values);
    }
}

/// Maps the value to an integer of the same order: the order of IEEE 754 bit
/// patterns is that of magnitudes, so negative values are complemented.
pub(crate) fn ordered_bits(value: f32) -> u32 {
    let bits = value.to_bits();
    if bits >> 31 == 0 {
        bits | 0x8000_0000
    } else {
        !bits
    }
}

/// The inverse of [`ordered_bits`].
pub(crate) fn from_ordered_bits(ordered: u32) -> f32 {
    f32::from_bits(if ordered >> 31 == 1 {
        ordered & 0x7fff_ffff
    } else {
        !ordered
    })
}

fn digit(value: f32, pass: usize) -> usize {
    (ordered_bits(value) >> (DIGIT_BITS * pass as u32)) as usize & (BUCKETS - 1)
}

/// Least-significant-digit radix sort with three digits of 11 bits.
fn radix_sort(values: &mut Vec<f32>) {
    let mut counts = vec![[0_usize; BUCKETS]; PASSES];
    for &value in values.iter() {
        for (pass, count) in counts.iter_mut().enumerate() {
            count[digit(value, pass)] += 1;
        }
    }
    let mut scratch = vec![0.0_f32; values.len()];
    for (pass, count) in counts.iter_mut().enumerate() {
        if count.contains(&values.len()) {
            continue;
        }
        let mut start = 0;
        for slot in count.iter_mut() {
            start += std::mem::replace(slot, start);
        }
        for &value in values.iter() {
            let slot = &mut count[digit(value, pass)];
            scratch[*slot] = value;
            *slot += 1;
        }
        std::mem::swap(values, &mut scratch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn finite() -> impl Strategy<Value = f32> {
        any::<f32>().prop_filter_map("finite", |x| x.is_finite().then_some(x + 0.0))
    }

    proptest! {
        #[test]
        fn radix_sort_agrees_with_the_standard_library(
            mut values in prop::collection::vec(finite(), 0..300)
        ) {
            let mut expected = values.clone();
            expected.sort_by(f32::total_cmp);
            radix_sort(&mut values);
            prop_assert_eq!(values, expected);
        }

        #[test]
        fn ordered_bits_keep_the_order_and_can_be_undone(a in finite(), b in finite()) {
            prop_assert_eq!(a < b, ordered_bits(a) < ordered_bits(b));
            prop_assert_eq!(from_ordered_bits(ordered_bits(a)).to_bits(), a.to_bits());
        }
    }
}
