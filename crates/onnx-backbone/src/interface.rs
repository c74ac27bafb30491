//! What goes into a network and what comes out.

use crate::error::Error;
use crate::outline::{Element, Outline, Side};
use crate::shapes::Sizes;

/// What goes into a network and what comes out, for images of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interface {
    /// `[channels, height, width]` of an image.
    pub image: [usize; 3],
    /// What its numbers are: `f32`, or `u8`.
    pub element: Element,
    /// Numbers in a vector.
    pub dimension: usize,
    /// What is computed for one image.
    pub sizes: Sizes,
}

impl Interface {
    /// That of a network for images `[channels, height, width]`.
    ///
    /// # Errors
    /// [`Error::Interface`], where it takes other images, or does not give one vector for each; otherwise as
    /// [`Outline::sizes`].
    pub fn of(outline: &Outline, image: [usize; 3]) -> Result<Self, Error> {
        let input = outline.image()?;
        let element = match input.element {
            Some(element @ (Element::F32 | Element::U8)) => element,
            _ => {
                return Err(Error::Interface(format!(
                    "its input is {input}, expected numbers of f32 or u8: export it in f32"
                )));
            }
        };
        let [channels, height, width] = image;
        if let Some(sides) = &input.sides {
            let wanted = [1, channels, height, width];
            let fits = |(side, &wanted): (&Side, &usize)| match side {
                Side::Fixed(length) => *length == wanted,
                Side::Any(_) => true,
            };
            if sides.len() != 4 || !sides.iter().zip(&wanted).all(fits) {
                return Err(Error::Interface(format!(
                    "its input is {input}, and images are [1, {channels}, {height}, {width}], one at a time{}",
                    remedy(sides)
                )));
            }
        }
        let sizes = outline.sizes(&[1, channels, height, width])?;
        let (dimension, output) = (sizes.output.iter().product(), &sizes.output);
        if output.first() != Some(&1) || output.iter().filter(|&&side| side != 1).count() > 1 {
            return Err(Error::Interface(format!(
                "its output {} has the shape {output:?} for one image, expected [1, d], a vector: export it with pooling or \
                 flattening at its end",
                outline.embedding()?.name
            )));
        }
        Ok(Self {
            image,
            element,
            dimension,
            sizes,
        })
    }
}

/// What to do about images that do not fit.
fn remedy(sides: &[Side]) -> String {
    use Side::Fixed;
    match sides {
        [_, _, _, Fixed(1 | 3)] => {
            ": it takes channels last; export it with channels first, [n, channels, height, width]"
                .to_owned()
        }
        [
            Side::Any(_) | Fixed(1),
            Fixed(channels),
            Fixed(height),
            Fixed(width),
        ] => {
            format!(": make the images {channels} x {height} x {width} (channels x height x width)")
        }
        [Fixed(2..), ..] => ": export it for one image, or for any number of them".to_owned(),
        _ => String::new(),
    }
}
