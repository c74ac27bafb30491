//! Room for pixels.

use crate::error::StackError;

/// Zeroed memory for images, or an error where there is not enough.
pub(crate) fn zeros(shape: [usize; 4]) -> Result<Vec<u8>, StackError> {
    let length = shape
        .iter()
        .try_fold(1_usize, |product, &side| product.checked_mul(side))
        .ok_or_else(|| no_memory(shape))?;
    let mut pixels = Vec::new();
    pixels
        .try_reserve_exact(length)
        .map_err(|_| no_memory(shape))?;
    pixels.resize(length, 0);
    Ok(pixels)
}

pub(crate) fn no_memory([images, channels, height, width]: [usize; 4]) -> StackError {
    StackError::Memory {
        images,
        channels,
        height,
        width,
    }
}
