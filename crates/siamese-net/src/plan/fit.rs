//! Whether a layer fits what comes into it, and what to say where it does not.

use std::fmt;

use super::shape::Shape;
use crate::alike;
use crate::error::Error;

/// Largest tensor of an encoder, a guard against mistyped sizes: 4 GiB of f32.
pub(super) const MAX_ELEMENTS: usize = 1 << 30;

/// Why a layer does not fit: in itself, or a layer inside it that has already been named.
pub(super) enum Fault {
    Here(String),
    Inside(Error),
}

impl Fault {
    pub(super) fn into_error(self, index: &str, layer: impl fmt::Display, input: Shape) -> Error {
        match self {
            Self::Here(reason) => layer_error(index, layer, input, reason),
            Self::Inside(error) => error,
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Inside(error)
    }
}

pub(super) fn fault<T>(reason: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Here(reason.into()))
}

pub(super) fn map(shape: Shape) -> Result<[usize; 3], Fault> {
    match shape {
        Shape::Map(axes) => Ok(axes),
        Shape::Vector(_) => {
            fault("it needs a map of channels, rows and columns; move it before flatten")
        }
    }
}

/// Refuses what no memory holds, so that every product of axes after this is exact.
pub(super) fn check_size(shape: Shape) -> Result<(), Fault> {
    let values = match shape {
        Shape::Map([c, h, w]) => c.checked_mul(h).and_then(|n| n.checked_mul(w)),
        Shape::Vector(n) => Some(n),
    };
    if values.is_none_or(|n| n > MAX_ELEMENTS) {
        return fault(format!(
            "{shape} would be over {MAX_ELEMENTS} values for one image"
        ));
    }
    Ok(())
}

/// An axis with zeros on both sides.
pub(super) fn padded(size: usize, padding: usize) -> usize {
    size.saturating_add(padding.saturating_mul(2))
}

/// How many windows of `kernel` fit into `size` at `stride`.
pub(super) fn windows(
    size: usize,
    kernel: usize,
    stride: usize,
    ceil: bool,
    axis: &str,
) -> Result<usize, Fault> {
    if kernel == 0 || stride == 0 {
        return fault(format!(
            "kernel {kernel} and stride {stride} must be at least 1"
        ));
    }
    if kernel > size {
        return fault(format!(
            "its window of {kernel} {axis} is larger than the {size} there are"
        ));
    }
    Ok(alike::window_count(size, kernel, stride, ceil))
}

pub(super) fn layer_error(
    index: &str,
    layer: impl fmt::Display,
    input: Shape,
    reason: impl Into<String>,
) -> Error {
    Error::Layer {
        index: index.to_owned(),
        layer: layer.to_string(),
        input: input.to_string(),
        reason: reason.into(),
    }
}
