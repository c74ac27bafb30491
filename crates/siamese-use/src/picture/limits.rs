//! Which pictures are too poor to be enrolled.

use image_stack::PictureQuality;
use siamese_net::{Domain, Recipe};

use super::fault::Fault;

/// Which pictures are too poor. Pictures of one colour are refused whatever the limits say.
///
/// The defaults refuse what hardly shows anything. The 400 pictures of the AT&T faces, which are sharp and evenly lit, have a
/// contrast of at least 0.12 and a sharpness of at least 200.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct QualityLimits {
    /// Rows and columns that a picture has at least.
    pub least_size: [usize; 2],
    /// [`PictureQuality::contrast`] at least.
    pub least_contrast: f64,
    /// [`PictureQuality::sharpness`] at least.
    pub least_sharpness: f64,
    /// [`PictureQuality::clipped`] at most.
    pub most_clipped: f64,
}

impl QualityLimits {
    /// The usual ones for a model: a picture has at least half the rows and half the columns that the network takes, a
    /// contrast of 0.04, a sharpness of 20, and at most half of its pixels are black or white, unless those of its training
    /// images were so (`domain`).
    #[must_use]
    pub fn usual(recipe: &Recipe, domain: Option<&Domain>) -> Self {
        let [_, height, width] = recipe.images();
        Self {
            least_size: [height.div_ceil(2), width.div_ceil(2)],
            least_contrast: 0.04,
            least_sharpness: 20.0,
            most_clipped: match domain.is_some_and(Domain::is_black_and_white) {
                true => 1.0,
                false => 0.5,
            },
        }
    }

    /// None but for pictures of one colour.
    #[must_use]
    pub fn none() -> Self {
        Self {
            least_size: [1, 1],
            least_contrast: 0.0,
            least_sharpness: 0.0,
            most_clipped: 1.0,
        }
    }

    /// Refuses a picture that is beyond them.
    ///
    /// # Errors
    /// The first [`Fault`] of flatness, size, contrast, exposure and sharpness.
    pub fn check(&self, quality: &PictureQuality) -> Result<(), Fault> {
        let [height, width] = self.least_size;
        if quality.flat {
            return Err(Fault::Flat);
        }
        if quality.height < height || quality.width < width {
            return Err(Fault::Small {
                found: [quality.height, quality.width],
                least: self.least_size,
            });
        }
        if quality.contrast < self.least_contrast {
            return Err(Fault::Contrast {
                found: quality.contrast,
                least: self.least_contrast,
            });
        }
        if quality.clipped > self.most_clipped {
            return Err(Fault::Clipped {
                found: quality.clipped,
                most: self.most_clipped,
            });
        }
        if quality.sharpness < self.least_sharpness {
            return Err(Fault::Blurred {
                found: quality.sharpness,
                least: self.least_sharpness,
            });
        }
        Ok(())
    }
}
