//! Maps with their channels last, which may have a border.

/// Where a map lies: `[row][column][channel]`, with rows and columns of zeros around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Channels, height and width, without the border.
    pub(crate) shape: [usize; 3],
    /// Rows above and below, and columns left and right.
    pub(crate) border: [usize; 2],
}

impl Geometry {
    /// Numbers of it all.
    pub(crate) fn len(&self) -> usize {
        let [_, height, _] = self.shape;
        (height + 2 * self.border[0]) * self.pitch()
    }

    /// Numbers from one row to the next.
    pub(crate) fn pitch(&self) -> usize {
        let [channels, _, width] = self.shape;
        (width + 2 * self.border[1]) * channels
    }

    /// Where a row begins of the map as it is with so much of its border.
    pub(crate) fn start(&self, row: usize, with: [usize; 2]) -> usize {
        let [channels, _, _] = self.shape;
        (row + self.border[0] - with[0]) * self.pitch() + (self.border[1] - with[1]) * channels
    }
}

/// A map to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Map<'a> {
    /// Channels, height and width.
    pub(crate) shape: [usize; 3],
    /// From its first number, without a border.
    values: &'a [f32],
    pitch: usize,
}

impl<'a> Map<'a> {
    pub(crate) fn new(geometry: Geometry, values: &'a [f32]) -> Self {
        Self {
            shape: geometry.shape,
            values: &values[geometry.start(0, [0, 0])..],
            pitch: geometry.pitch(),
        }
    }

    /// A row, `[column][channel]`.
    pub(crate) fn row(&self, y: usize) -> &'a [f32] {
        let [channels, _, width] = self.shape;
        &self.values[y * self.pitch..][..width * channels]
    }

    /// The channels of a pixel.
    pub(crate) fn pixel(&self, y: usize, x: usize) -> &'a [f32] {
        let [channels, _, _] = self.shape;
        &self.values[y * self.pitch + x * channels..][..channels]
    }

    /// All numbers without the border, into `[row][column][channel]`, or, where `by_channel`, into `[channel][row][column]`.
    pub(crate) fn flatten(&self, by_channel: bool, out: &mut [f32]) {
        let [channels, height, width] = self.shape;
        let row = width * channels;
        if !by_channel {
            for (y, out) in out.chunks_exact_mut(row).enumerate() {
                out.copy_from_slice(self.row(y));
            }
            return;
        }
        for (c, out) in out.chunks_exact_mut(height * width).enumerate() {
            for (y, out) in out.chunks_exact_mut(width).enumerate() {
                for (x, out) in out.iter_mut().enumerate() {
                    *out = self.row(y)[x * channels + c];
                }
            }
        }
    }
}

/// A map to be written.
#[derive(Debug)]
pub(crate) struct MapMut<'a> {
    /// Channels, height and width.
    pub(crate) shape: [usize; 3],
    /// From its first number, without a border.
    values: &'a mut [f32],
    pitch: usize,
}

impl<'a> MapMut<'a> {
    pub(crate) fn new(geometry: Geometry, values: &'a mut [f32]) -> Self {
        Self {
            shape: geometry.shape,
            values: &mut values[geometry.start(0, [0, 0])..],
            pitch: geometry.pitch(),
        }
    }

    /// A row, `[column][channel]`.
    pub(crate) fn row(&mut self, y: usize) -> &mut [f32] {
        let [channels, _, width] = self.shape;
        &mut self.values[y * self.pitch..][..width * channels]
    }

    /// The channels of a pixel.
    pub(crate) fn pixel(&mut self, y: usize, x: usize) -> &mut [f32] {
        let [channels, _, _] = self.shape;
        &mut self.values[y * self.pitch + x * channels..][..channels]
    }
}
