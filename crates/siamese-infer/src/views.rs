//! An image and the same zoomed, shifted and mirrored.

use siamese_net::{EmbeddingSpec, ZOOM_PARTS, zoom_taps};

/// An image `[channel][row][column]`, and how it is seen.
pub(crate) type Seen<'a> = (&'a [u8], View);

/// How the pixels of an image are seen once more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct View {
    /// The share by which the image is zoomed in, before the rest.
    zoom: f64,
    /// Rows down and columns right that the image is moved by.
    shift: [isize; 2],
    mirrored: bool,
}

impl View {
    pub(crate) const AS_IT_IS: Self = Self {
        zoom: 0.0,
        shift: [0, 0],
        mirrored: false,
    };

    /// The image as it is and zoomed, then these shifted, then all of these mirrored, as far as `spec` asks for them.
    pub(crate) fn all(spec: EmbeddingSpec) -> Vec<Self> {
        let mut views = vec![Self::AS_IT_IS];
        if spec.zoom > 0.0 {
            views.push(Self {
                zoom: spec.zoom,
                ..Self::AS_IT_IS
            });
        }
        if spec.shift > 0 {
            let by = isize::try_from(spec.shift).unwrap_or(isize::MAX);
            let shifts = [[by, 0], [-by, 0], [0, by], [0, -by]].into_iter();
            let shifted =
                shifts.flat_map(|shift| views.iter().map(move |view| Self { shift, ..*view }));
            views = views.iter().copied().chain(shifted).collect();
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
        sides: [usize; 3],
        room: &'a mut Vec<u8>,
    ) -> &'a [u8] {
        if self == Self::AS_IT_IS {
            return image;
        }
        room.clear();
        match self.zoom > 0.0 {
            true => self.moved(&zoomed(image, sides, self.zoom), sides, room),
            false => self.moved(image, sides, room),
        }
        room
    }

    /// Appends an image shifted and mirrored.
    fn moved(self, image: &[u8], [_, height, width]: [usize; 3], room: &mut Vec<u8>) {
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
    }
}

/// An image zoomed in by a share, see [`zoom_taps`].
fn zoomed(image: &[u8], [_, height, width]: [usize; 3], zoom: f64) -> Vec<u8> {
    let parts = u32::from(ZOOM_PARTS);
    let [down, across] = [height, width].map(|side| zoom_taps(side, zoom));
    let mut zoomed = Vec::with_capacity(image.len());
    for plane in image.chunks_exact(height * width) {
        for &(y, of_next) in &down {
            let rows = [y, (y + 1).min(height - 1)].map(|y| &plane[y * width..][..width]);
            let of_next_row = u32::from(of_next);
            zoomed.extend(across.iter().map(|&(x, of_next)| {
                let of_next = u32::from(of_next);
                let next = (x + 1).min(width - 1);
                let [upper, lower] = rows.map(|row| {
                    u32::from(row[x]) * (parts - of_next) + u32::from(row[next]) * of_next
                });
                let sum = upper * (parts - of_next_row) + lower * of_next_row;
                ((sum + parts * parts / 2) / (parts * parts)) as u8
            }));
        }
    }
    zoomed
}
