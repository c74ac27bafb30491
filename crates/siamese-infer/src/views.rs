//! An image and the same shifted and mirrored.

use siamese_net::EmbeddingSpec;

/// An image `[channel][row][column]`, and how it is seen.
pub(crate) type Seen<'a> = (&'a [u8], View);

/// How the pixels of an image are seen once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct View {
    /// Rows down and columns right that the image is moved by.
    shift: [isize; 2],
    mirrored: bool,
}

impl View {
    pub(crate) const AS_IT_IS: Self = Self {
        shift: [0, 0],
        mirrored: false,
    };

    /// The image as it is, then shifted, then all of these mirrored, as far as `spec` asks for them.
    pub(crate) fn all(spec: EmbeddingSpec) -> Vec<Self> {
        let mut views = vec![Self::AS_IT_IS];
        if spec.shift > 0 {
            let by = isize::try_from(spec.shift).unwrap_or(isize::MAX);
            for shift in [[by, 0], [-by, 0], [0, by], [0, -by]] {
                views.push(Self {
                    shift,
                    mirrored: false,
                });
            }
        }
        if spec.flip {
            let mirrored = views.iter().map(|view| Self {
                mirrored: true,
                ..*view
            });
            views.extend(mirrored.collect::<Vec<_>>());
        }
        views
    }

    /// The bytes of an image `[channel][row][column]` as this shows it, in `room` where they are not the image's own. Edge
    /// pixels are repeated.
    pub(crate) fn of<'a>(
        self,
        image: &'a [u8],
        [_, height, width]: [usize; 3],
        room: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        if self == Self::AS_IT_IS {
            return image;
        }
        room.clear();
        let [down, right] = self.shift;
        let beyond = right.unsigned_abs().min(width);
        for plane in image.chunks_exact(height * width) {
            for y in 0..height {
                let from = y
                    .saturating_add_signed(down.saturating_neg())
                    .min(height - 1);
                let row = &plane[from * width..][..width];
                let begin = room.len();
                if right >= 0 {
                    room.extend(std::iter::repeat_n(row[0], beyond));
                    room.extend_from_slice(&row[..width - beyond]);
                } else {
                    room.extend_from_slice(&row[beyond..]);
                    room.extend(std::iter::repeat_n(row[width - 1], beyond));
                }
                if self.mirrored {
                    room[begin..].reverse();
                }
            }
        }
        room
    }
}
