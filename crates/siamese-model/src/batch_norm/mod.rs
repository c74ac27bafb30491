//! Batch normalisation of a batch that lies in parts, on the CPU.

mod apply;
mod gradient;
mod moments;

#[cfg(test)]
mod tests;

pub(crate) use gradient::{GradientSums, Returning};
pub(crate) use moments::Moments;

/// Sums of a part, by which those of the whole batch are found.
pub(crate) trait Sums: Sized {
    /// Those of both together.
    fn join(self, other: &Self) -> Self;

    /// As numbers one after the other, for other processes.
    fn to_numbers(&self) -> Vec<f64>;

    /// From what [`Sums::to_numbers`] gives.
    fn from_numbers(numbers: &[f64]) -> Self;
}

/// `y = relu(max_pool((x - mean) / sqrt(var + epsilon) · weight + bias))` by channel, with mean and variance of the whole
/// batch (S. Ioffe and C. Szegedy, "Batch normalization", ICML 2015); pooling and relu may be left out.
///
/// The batch lies in parts, each on a thread of its own. A part finds its [`Moments`], these are joined for the whole
/// batch, and each part is normalised by them. On the way back a part finds its [`GradientSums`], these are joined, and
/// each part's gradient follows from them:
///
/// ```text
/// bias = Σ g        weight = Σ g · n        x = weight / sqrt(var + epsilon) · (g - mean(g) - n · mean(g · n))
/// ```
///
/// where `n` is the normalised `x`, `g` the gradient of `n · weight + bias`, and means are over all values of a channel.
///
/// Numbers lie with their channels last, `[images, height, width, channels]`; a vector is an image of one pixel. Pooling
/// has its window as stride. Of equal values in a window the first wins.
///
/// The bytes are the same on any processor: a sum has one order, and products are rounded before they are added.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BatchNorm {
    pub(crate) epsilon: f64,
    pub(crate) pool: Option<Pool>,
    pub(crate) relu: bool,
}

/// Maximum pooling over height and width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Pool {
    /// Height and width, of at most 255 pixels.
    pub(crate) window: [usize; 2],
    /// Whether windows that stick out count.
    pub(crate) ceil: bool,
}

/// Sizes of a part: images, height, width, channels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sides {
    pub(crate) images: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
}

/// For each channel what a part is normalised by: `n = (x - mean) · inverse_deviation`, and the layer's own scale and shift.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    mean: Vec<f32>,
    inverse_deviation: Vec<f32>,
    /// `y = x · scale + shift`.
    scale: Vec<f32>,
    shift: Vec<f32>,
}

impl BatchNorm {
    /// What a batch with these moments is normalised by.
    pub(crate) fn figures(&self, moments: &Moments, weight: &[f32], bias: &[f32]) -> Figures {
        let inverse: Vec<f64> = moments
            .variances()
            .map(|variance| 1.0 / (variance + self.epsilon).sqrt())
            .collect();
        let scales = inverse.iter().zip(weight);
        let scales: Vec<f64> = scales.map(|(inverse, w)| inverse * f64::from(*w)).collect();
        let shifts = scales.iter().zip(moments.means()).zip(bias);
        Figures {
            shift: shifts
                .map(|((scale, mean), bias)| (f64::from(*bias) - mean * scale) as f32)
                .collect(),
            mean: moments.means().iter().map(|&mean| mean as f32).collect(),
            inverse_deviation: inverse.iter().map(|&inverse| inverse as f32).collect(),
            scale: scales.iter().map(|&scale| scale as f32).collect(),
        }
    }

    /// Height and width of the result.
    pub(crate) fn output(&self, sides: Sides) -> [usize; 2] {
        let whole = [sides.height, sides.width];
        match self.pool {
            None => whole,
            Some(Pool { window, ceil }) => [0, 1].map(|axis| match ceil {
                true => whole[axis].div_ceil(window[axis]),
                false => whole[axis] / window[axis],
            }),
        }
    }

    /// Numbers of the result.
    pub(crate) fn output_len(&self, sides: Sides) -> usize {
        let [height, width] = self.output(sides);
        sides.images * height * width * sides.channels
    }
}

impl Sides {
    pub(crate) fn len(self) -> usize {
        self.images * self.image()
    }

    /// Numbers of an image.
    pub(crate) fn image(self) -> usize {
        self.height * self.width * self.channels
    }

    /// Those of one image.
    pub(crate) fn one(self) -> Self {
        Self { images: 1, ..self }
    }
}

/// Stands for the winner of a window where relu gave zero: nothing in the window has a gradient.
const NO_WINNER: u8 = u8::MAX;

/// Calls a generic function with as many channels side by side as divide all of them.
macro_rules! by_lanes {
    ($channels:expr, $function:ident($($argument:expr),* $(,)?)) => {
        match $channels {
            n if n % 16 == 0 => $function::<16>($($argument),*),
            n if n % 8 == 0 => $function::<8>($($argument),*),
            n if n % 4 == 0 => $function::<4>($($argument),*),
            _ => $function::<1>($($argument),*),
        }
    };
}
pub(crate) use by_lanes;
