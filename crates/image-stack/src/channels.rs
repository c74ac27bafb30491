//! From colour to grey.

use ndarray::{Array3, Array4, Axis};

/// ITU-R BT.601 luma `0.299 R + 0.587 G + 0.114 B`, rounded to the nearest, in the samples' own range.
pub(crate) fn luma<T: Into<u32>>([r, g, b]: [T; 3]) -> u32 {
    (299 * r.into() + 587 * g.into() + 114 * b.into() + 500) / 1000
}

/// Images `[n, c, h, w]` of one or three channels as grey ones `[n, h, w]`: the channel itself, or the luma of the three
/// as [`Image::grey`](crate::Image::grey) computes it. `None` for another number of channels.
///
/// Of images that were resized this is the luma of the resized colours. It may be rounded otherwise than the resized
/// luma that [`Channels::Grey`](crate::Channels::Grey) gives.
///
/// ```
/// let red_and_white = ndarray::Array4::from_shape_fn((1, 3, 1, 2), |(_, channel, _, x)| {
///     if channel == 0 || x == 1 { 255_u8 } else { 0 }
/// });
/// assert_eq!(image_stack::to_grey(red_and_white).unwrap().into_raw_vec_and_offset().0, [76, 255]);
/// ```
#[must_use]
pub fn to_grey(images: Array4<u8>) -> Option<Array3<u8>> {
    let (n, channels, height, width) = images.dim();
    match channels {
        1 => Some(images.index_axis_move(Axis(1), 0)),
        3 => Some(Array3::from_shape_fn((n, height, width), |(n, y, x)| {
            luma([0, 1, 2].map(|channel| images[[n, channel, y, x]])) as u8
        })),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_keeps_greys_and_never_leaves_the_range() {
        for grey in 0..=u16::MAX {
            assert_eq!(luma([grey; 3]), u32::from(grey));
        }
        assert_eq!(luma([255_u8, 0, 0]), 76);
        assert_eq!(luma([0, 255_u8, 0]), 150);
        assert_eq!(luma([0, 0, 255_u8]), 29);
    }
}
