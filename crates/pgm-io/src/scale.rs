//! From a file's own range of samples, 0 to its maxval, to the full range of a type.
//!
//! [`Graymap::to_u8`](crate::Graymap::to_u8) does this for a whole image. These functions are for samples that lie elsewhere.

/// `sample * 255 / maxval`, rounded to the nearest, halves up. A sample above the maxval is white.
///
/// # Panics
/// For a maxval of 0, which no image has.
///
/// ```
/// assert_eq!([0, 5, 9].map(|sample| pgm_io::scale::to_u8(sample, 9)), [0, 142, 255]);
/// ```
#[must_use]
pub fn to_u8(sample: u16, maxval: u16) -> u8 {
    let (sample, maxval) = (u32::from(sample.min(maxval)), u32::from(maxval));
    ((sample * 255 + maxval / 2) / maxval) as u8
}

/// `sample * 65535 / maxval`, rounded to the nearest, halves up. A sample above the maxval is white.
///
/// # Panics
/// For a maxval of 0, which no image has.
#[must_use]
pub fn to_u16(sample: u16, maxval: u16) -> u16 {
    let (sample, maxval) = (u32::from(sample.min(maxval)), u32::from(maxval));
    // The largest numerator, 65535 * 65535 + 32767, still fits 32 bits.
    ((sample * 65_535 + maxval / 2) / maxval) as u16
}

/// [`to_u8`] of every 8-bit sample, to look them up in.
///
/// # Panics
/// For a maxval of 0, which no image has.
#[must_use]
pub fn table(maxval: u16) -> [u8; 256] {
    std::array::from_fn(|sample| to_u8(sample as u16, maxval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scaling_rounds_to_the_nearest_for_every_8_bit_maxval() {
        for maxval in 1..=255_u16 {
            for sample in 0..=maxval {
                let exact = f64::from(sample) / f64::from(maxval);
                assert_eq!(
                    f64::from(to_u8(sample, maxval)),
                    (exact * 255.0 + 1e-9).round()
                );
                assert_eq!(
                    f64::from(to_u16(sample, maxval)),
                    (exact * 65_535.0 + 1e-9).round()
                );
            }
        }
    }

    #[test]
    fn scaling_reaches_both_ends_of_every_16_bit_maxval() {
        for maxval in 256..=u16::MAX {
            assert_eq!((to_u8(0, maxval), to_u8(maxval, maxval)), (0, 255));
            assert_eq!((to_u16(0, maxval), to_u16(maxval, maxval)), (0, u16::MAX));
        }
    }
}
