//! From a picture as it is stored to the picture as it is meant to be seen.

/// What turns a stored picture upright: rows and columns are swapped first, then left and right, then top and bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Orientation {
    pub(crate) transpose: bool,
    pub(crate) mirror: bool,
    pub(crate) flip: bool,
}

impl Orientation {
    /// The orientation that EXIF and TIFF mean by a number (CIPA DC-008, tag 0x0112); `None` for a number that they do
    /// not know.
    #[cfg_attr(
        not(feature = "formats"),
        expect(dead_code, reason = "no other format notes one")
    )]
    pub(crate) fn from_exif(number: u32) -> Option<Self> {
        let (transpose, mirror, flip) = match number {
            1 => (false, false, false),
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => return None,
        };
        Some(Self {
            transpose,
            mirror,
            flip,
        })
    }

    pub(crate) fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Two sides of the stored picture, as those of the upright one.
    pub(crate) fn turned<T>(self, (a, b): (T, T)) -> (T, T) {
        if self.transpose { (b, a) } else { (a, b) }
    }

    /// Writes the upright picture to `out`, from a stored one of `(width, height)` pixels of `channels` samples each.
    pub(crate) fn turn<T: Copy>(
        self,
        samples: &[T],
        (width, height): (usize, usize),
        channels: usize,
        out: &mut [T],
    ) {
        let (columns, rows) = self.turned((width, height));
        let pixels = out.chunks_exact_mut(channels);
        let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (x, y)));
        for (to, (x, y)) in pixels.zip(places) {
            let x = if self.mirror { columns - 1 - x } else { x };
            let y = if self.flip { rows - 1 - y } else { y };
            let (x, y) = self.turned((x, y));
            to.copy_from_slice(&samples[(y * width + x) * channels..][..channels]);
        }
    }
}
