//! How well a picture can be recognised, as far as its pixels alone tell.

use pgm_io::Channels;

use crate::error::StackError;
use crate::image::Image;
use crate::resize::Resize;

/// A larger picture is measured at this longer side, so that photos and thumbnails have comparable figures.
const LONGER_SIDE: usize = 128;

/// How well a picture can be recognised, as far as its pixels alone tell: cheap figures to refuse the worst by.
///
/// All but the size are of the picture in grey. If its longer side has more than 128 pixels, it is first shrunk to that, by
/// means over areas. So what no network sees does not count, such as the noise of a large photo.
///
/// ```
/// use image_stack::{PictureQuality, Reading, read};
///
/// let stripes = PictureQuality::of(&read(b"P5 4 4 255 az_zaz_zaz_zaz_z", &Reading::default())?)?;
/// let grey = PictureQuality::of(&read(b"P5 4 4 255 aaaaaaaaaaaaaaaa", &Reading::default())?)?;
/// assert!(grey.flat && grey.contrast == 0.0 && grey.sharpness == 0.0);
/// assert!(!stripes.flat && stripes.contrast > 0.0 && stripes.sharpness > 0.0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct PictureQuality {
    /// Columns of the picture, at least 1.
    pub width: usize,
    /// Rows of the picture, at least 1.
    pub height: usize,
    /// Whether all pixels have the same colour.
    pub flat: bool,
    /// Mean brightness, 0 (black) to 1 (white).
    pub brightness: f64,
    /// Root-mean-square contrast: the standard deviation of the brightness, 0 to 0.5. E. Peli, "Contrast in complex
    /// images", JOSA A 7 (1990).
    pub contrast: f64,
    /// Share of the pixels that are black or white to within two of a byte's 256 levels, 0 to 1: under- or overexposed.
    pub clipped: f64,
    /// Variance of the Laplacian `4 p - left - right - above - below`, in levels of a byte, squared; from 0, and 0 where the
    /// picture has fewer than three rows or columns. Blur lowers it, and so does a lack of contrast. J. L. Pech-Pacheco,
    /// G. Cristobal, J. Chamorro-Martinez and J. Fernandez-Valdivia, "Diatom autofocusing in brightfield microscopy: a
    /// comparative study", ICPR 2000.
    pub sharpness: f64,
}

impl PictureQuality {
    /// Measures an image.
    ///
    /// # Errors
    /// [`StackError::Memory`] where there is no room for a picture of 128 by 128 pixels.
    pub fn of(image: &Image<'_>) -> Result<Self, StackError> {
        let (width, height) = image.size();
        let longer = width.max(height);
        let resize = match longer <= LONGER_SIDE {
            true => Resize::None,
            false => {
                let shrunk = |side: usize| (side * LONGER_SIDE).div_ceil(longer);
                Resize::Area {
                    height: shrunk(height),
                    width: shrunk(width),
                }
            }
        };
        let grey = image.planes(Channels::Grey, resize)?;
        let (_, rows, columns) = grey.dim();
        let grey: Vec<u8> = grey.into_iter().collect();
        let (mean, variance) = moments(grey.iter().map(|&pixel| i32::from(pixel)));
        let clipped = grey.iter().filter(|&&pixel| !(2..=253).contains(&pixel));
        Ok(Self {
            width,
            height,
            flat: image.is_flat() || longer == 1,
            brightness: mean / 255.0,
            contrast: variance.sqrt() / 255.0,
            clipped: clipped.count() as f64 / grey.len() as f64,
            sharpness: moments(laplacian(&grey, [rows, columns])).1,
        })
    }
}

/// The Laplacian of every pixel that has four neighbours.
fn laplacian(grey: &[u8], [rows, columns]: [usize; 2]) -> impl Iterator<Item = i32> {
    let inner = |side: usize| 1..side.saturating_sub(1).max(1);
    inner(rows).flat_map(move |y| {
        inner(columns).map(move |x| {
            let at = |y: usize, x: usize| i32::from(grey[y * columns + x]);
            4 * at(y, x) - at(y, x - 1) - at(y, x + 1) - at(y - 1, x) - at(y + 1, x)
        })
    })
}

/// Mean and variance, from exact sums; 0 for both where there is nothing.
fn moments(values: impl Iterator<Item = i32>) -> (f64, f64) {
    let (mut count, mut sum, mut squares) = (0_i64, 0_i64, 0_i64);
    for value in values.map(i64::from) {
        count += 1;
        sum += value;
        squares += value * value;
    }
    let n = count.max(1) as f64;
    let mean = sum as f64 / n;
    (mean, (squares as f64 / n - mean * mean).max(0.0))
}
