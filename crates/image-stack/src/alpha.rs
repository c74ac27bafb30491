//! From pixels with an opacity to opaque ones.

use pgm_io::Channels;

use crate::reading::Background;

/// The samples of an opaque image.
pub(crate) struct Opaque<T> {
    pub(crate) channels: Channels,
    pub(crate) samples: Vec<T>,
    /// Whether some pixel was not opaque.
    pub(crate) transparent: bool,
}

/// What stands before a pixel's opacity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    /// The colours as they are.
    Straight,
    /// The colours times the opacity, which TIFF calls associated.
    Multiplied,
}

/// Byte samples.
pub(crate) fn bytes<const N: usize>(
    samples: &[u8],
    colours: Colours,
    background: Background,
) -> Opaque<u8> {
    opaque::<u8, N>(samples, u8::MAX, colours, background, |value| value as u8)
}

/// 16-bit samples.
pub(crate) fn words<const N: usize>(
    samples: &[u16],
    colours: Colours,
    background: Background,
) -> Opaque<u16> {
    opaque::<u16, N>(samples, u16::MAX, colours, background, |value| value as u16)
}

/// Lays pixels of `N` samples, the last of which is the opacity, over a background.
fn opaque<T: Copy + Ord + Into<u32>, const N: usize>(
    samples: &[T],
    white: T,
    colours: Colours,
    background: Background,
    narrow: impl Fn(u32) -> T,
) -> Opaque<T> {
    let pixels = samples.as_chunks::<N>().0;
    let transparent = pixels.iter().any(|pixel| pixel[N - 1] < white);
    let behind = match background {
        Background::Colour(colour) if transparent => colour,
        _ => {
            let samples = pixels.iter().flat_map(|pixel| &pixel[..N - 1]).copied();
            return Opaque {
                channels: channels(N),
                samples: samples.collect(),
                transparent,
            };
        }
    };
    let white: u32 = white.into();
    let over = |pixel: &[T; N], channel: usize, behind: u8| {
        let (front, opacity): (u32, u32) = (pixel[channel].into(), pixel[N - 1].into());
        // A byte over the full range of the samples: 65,535 is 257 times 255.
        let behind = u32::from(behind) * (white / 255) * (white - opacity);
        narrow(match colours {
            // The largest numerator, 65,535 * 65,535 + 32,767, still fits 32 bits.
            Colours::Straight => (front * opacity + behind + white / 2) / white,
            Colours::Multiplied => front
                .saturating_add((behind + white / 2) / white)
                .min(white),
        })
    };
    let [red, green, blue] = behind;
    if N == 2 && red == green && green == blue {
        return Opaque {
            channels: Channels::Grey,
            samples: pixels.iter().map(|pixel| over(pixel, 0, red)).collect(),
            transparent,
        };
    }
    let of_three = |channel: usize| if N == 2 { 0 } else { channel };
    let colours = pixels
        .iter()
        .flat_map(|pixel| [0, 1, 2].map(|channel| over(pixel, of_three(channel), behind[channel])));
    Opaque {
        channels: Channels::Rgb,
        samples: colours.collect(),
        transparent,
    }
}

/// Of pixels of so many samples, opacity included.
fn channels(samples: usize) -> Channels {
    match samples {
        2 => Channels::Grey,
        _ => Channels::Rgb,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Background = Background::Colour([255, 0, 0]);

    #[test]
    fn an_opacity_weighs_the_pixel_against_the_background() {
        let over = bytes::<4>(&[10, 20, 30, 128], Colours::Straight, Background::WHITE);
        // 10 * 128 / 255 + 255 * 127 / 255 = 132.02
        assert_eq!(over.samples, [132, 137, 142]);
        assert!(over.transparent);
        let over = words::<2>(
            &[1000, 0, 1000, 65_535],
            Colours::Straight,
            Background::WHITE,
        );
        assert_eq!(over.samples, [65_535, 1000]);
    }

    #[test]
    fn colours_that_are_multiplied_already_are_not_multiplied_again() {
        let over = bytes::<4>(&[5, 10, 15, 128], Colours::Multiplied, Background::WHITE);
        assert_eq!(over.samples, [132, 137, 142]);
        let over = words::<4>(&[65_535; 4], Colours::Multiplied, Background::WHITE);
        assert_eq!(over.samples, [65_535; 3]);
        // A colour brighter than its opacity allows is white at most.
        let over = bytes::<2>(&[200, 0], Colours::Multiplied, Background::WHITE);
        assert_eq!(over.samples, [255]);
    }

    #[test]
    fn a_grey_image_on_a_coloured_background_is_in_colour() {
        let over = bytes::<2>(&[7, 255, 7, 0], Colours::Straight, RED);
        assert_eq!(
            (over.channels, over.samples),
            (Channels::Rgb, vec![7, 7, 7, 255, 0, 0])
        );
        let over = bytes::<2>(&[7, 255, 7, 255], Colours::Straight, RED);
        assert_eq!((over.channels, over.samples), (Channels::Grey, vec![7, 7]));
    }

    #[test]
    fn an_opacity_that_is_ignored_changes_nothing_and_is_told() {
        let over = bytes::<4>(&[1, 2, 3, 0], Colours::Straight, Background::Ignored);
        assert_eq!((over.samples, over.transparent), (vec![1, 2, 3], true));
    }
}
