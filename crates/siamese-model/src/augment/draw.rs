//! The numbers that are drawn for each image.

use pairgen::Stream;
use siamese_net::AugmentSpec;

/// What happens to one image.
pub(super) struct Draw {
    /// In radians.
    pub(super) angle: f64,
    pub(super) shear: f64,
    /// Factors of width and height.
    pub(super) stretch: [f64; 2],
    /// Shares of width and height.
    pub(super) shift: [f64; 2],
    pub(super) mirrored: bool,
    pub(super) gamma: f64,
    pub(super) contrast: f64,
    pub(super) brightness: f64,
    /// At the right and at the bottom edge.
    pub(super) light: [f64; 2],
    pub(super) noise: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) grey: f64,
}

impl Draw {
    pub(super) fn new(spec: &AugmentSpec, rng: &mut Stream) -> Self {
        let mut within = |limit: f64| limit * (2.0 * rng.unit() - 1.0);
        let angle = within(spec.rotation).to_radians();
        let shear = within(spec.shear).to_radians();
        let (scale, aspect) = (within(spec.scale), within(spec.aspect));
        let shift = [within(spec.shift), within(spec.shift)];
        let (gamma, contrast) = (within(spec.gamma).exp(), within(spec.contrast).exp());
        let brightness = within(spec.brightness);
        let light = within(spec.light);
        let direction = within(std::f64::consts::PI);
        let mirrored = rng.unit() < spec.flip;
        let noise = spec.noise * rng.unit();
        let erased = rng.unit() < spec.erase;
        let [least, most] = spec.erase_sides;
        let mut side = || least + (most - least) * rng.unit();
        let (high, wide) = (side(), side());
        let (top, left) = ((1.0 - high) * rng.unit(), (1.0 - wide) * rng.unit());
        Self {
            angle,
            shear,
            stretch: [(scale + aspect / 2.0).exp(), (scale - aspect / 2.0).exp()],
            shift,
            mirrored,
            gamma,
            contrast,
            brightness,
            light: [light * direction.cos(), light * direction.sin()],
            noise,
            top,
            bottom: if erased { top + high } else { top },
            left,
            right: left + wide,
            grey: rng.unit(),
        }
    }

    /// Those of [`Column`], then the six of [`Draw::matrix`].
    pub(super) fn numbers(&self, ratio: f64) -> [f32; NUMBERS] {
        let values = [
            self.gamma,
            self.contrast,
            self.brightness,
            self.light[0],
            self.light[1],
            self.noise,
            self.top,
            self.bottom,
            self.left,
            self.right,
            self.grey,
        ];
        let mut numbers = [0.0; NUMBERS];
        let (columns, matrix) = numbers.split_at_mut(MATRIX);
        for (number, value) in columns.iter_mut().zip(values) {
            *number = value as f32;
        }
        matrix.copy_from_slice(&self.matrix(ratio));
        numbers
    }

    /// Two rows of three: from a place in the new image to its place in the old one, both in -1..1 from edge to edge.
    /// `ratio` is height over width.
    pub(super) fn matrix(&self, ratio: f64) -> [f32; 6] {
        // The new image is the old one mirrored, stretched, sheared and turned; the way back undoes it in reverse.
        let (sin, cos) = self.angle.sin_cos();
        let turned = [[cos, sin], [-sin, cos]];
        let sheared = [[1.0, -self.shear.tan()], [0.0, 1.0]];
        let mirror = if self.mirrored { -1.0 } else { 1.0 };
        let stretched = [
            [mirror / self.stretch[0], 0.0],
            [0.0, 1.0 / self.stretch[1]],
        ];
        let [[a, b], [c, d]] = product(stretched, product(sheared, turned));
        // In units of half the width across and half the height down.
        let (b, c) = (b * ratio, c / ratio);
        // A shift of the new image by one side is two units.
        let [across, down] = self.shift.map(|share| -2.0 * share);
        let (x, y) = (a * across + b * down, c * across + d * down);
        [a, b, x, c, d, y].map(|value| value as f32)
    }
}

/// The numbers of a draw that images are changed by, in the order in which a device gets them.
#[derive(Clone, Copy)]
pub(super) enum Column {
    Gamma,
    Contrast,
    Brightness,
    Across,
    Down,
    Noise,
    Top,
    Bottom,
    Left,
    Right,
    Grey,
}

/// Where the matrix begins, and how many numbers an image has.
pub(super) const MATRIX: usize = Column::Grey as usize + 1;
pub(crate) const NUMBERS: usize = MATRIX + 6;

fn product(a: [[f64; 2]; 2], b: [[f64; 2]; 2]) -> [[f64; 2]; 2] {
    let entry = |i: usize, j: usize| a[i][0] * b[0][j] + a[i][1] * b[1][j];
    [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]]
}
