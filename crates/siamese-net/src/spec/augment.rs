//! What is done to training images, and to them only.

use serde::{Deserialize, Serialize};

use super::made_classes::MadeClasses;

/// How each training image is changed before every step, see `siamese_model::augment`. All is off where it is 0.
///
/// Of an image in colour all channels are changed alike, but for the noise and the light of another image, which each has
/// for itself.
///
/// `+-x` is uniform from -x to x, a factor `e^+-x` is e to the power of such a number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentSpec {
    /// Turned by +- this many degrees.
    pub rotation: f64,
    /// Scaled by e^+- this.
    pub scale: f64,
    /// Made wider than high by e^+- this, the area kept.
    pub aspect: f64,
    /// Sheared by +- this many degrees.
    pub shear: f64,
    /// Shifted by +- this share of the height and of the width.
    pub shift: f64,
    /// Warped as by rubber: every pixel shifted by a smooth random field whose root mean square is drawn from 0 to this share
    /// of the side.
    #[serde(skip_serializing_if = "is_zero")]
    pub elastic: f64,
    /// The standard deviation of the Gaussian that smooths the field, in pixels of the network's input.
    #[serde(skip_serializing_if = "is_usual_sigma")]
    pub elastic_sigma: f64,
    /// Probability of being mirrored left to right.
    pub flip: f64,
    /// Pixels of 0..1 raised to the power e^+- this.
    pub gamma: f64,
    /// The difference from the image's mean multiplied by e^+- this.
    pub contrast: f64,
    /// +- this added to pixels of 0..1.
    pub brightness: f64,
    /// A plane added that is zero in the middle and reaches +- this at the edges, in a random direction.
    pub light: f64,
    /// Its coarse light and shade (the image, blurred) is replaced by that of another image of the step, in a share
    /// from 0 to this. Images taken in one sitting share their light, and light must not tell people apart.
    pub relight: f64,
    /// The standard deviation of the Gaussian that blurs for it, in pixels of the network's input.
    pub relight_sigma: f64,
    /// Normal noise added to every pixel, its standard deviation uniform from 0 to this.
    pub noise: f64,
    /// Probability that a rectangle is painted over with one grey.
    pub erase: f64,
    /// This many people who do not exist are learnt as people of their own. Each is an even mix of two training people,
    /// whose images are laid over each other. [`BatchesSpec::mixed`](super::BatchesSpec::mixed) of them are in each
    /// batch.
    pub mix: usize,
    /// What makes further classes of each subject, which are learnt as subjects of their own; in training alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<MadeClasses>,
    /// Least and largest side of the rectangle, as a share of the image's.
    pub erase_sides: [f64; 2],
}

/// As smooth as a trembling hand on an image of some 30 pixels.
const ELASTIC_SIGMA: f64 = 4.0;

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

fn is_usual_sigma(value: &f64) -> bool {
    *value == ELASTIC_SIGMA
}

impl Default for AugmentSpec {
    fn default() -> Self {
        Self {
            rotation: 0.0,
            scale: 0.0,
            aspect: 0.0,
            shear: 0.0,
            shift: 0.0,
            elastic: 0.0,
            elastic_sigma: ELASTIC_SIGMA,
            flip: 0.0,
            gamma: 0.0,
            contrast: 0.0,
            brightness: 0.0,
            light: 0.0,
            relight: 0.0,
            relight_sigma: 8.0,
            noise: 0.0,
            erase: 0.0,
            mix: 0,
            classes: Vec::new(),
            erase_sides: [0.1, 0.35],
        }
    }
}

impl AugmentSpec {
    /// Whether any setting changes an image of a person who exists.
    #[must_use]
    pub fn changes(&self) -> bool {
        let off = Self {
            erase_sides: self.erase_sides,
            relight_sigma: self.relight_sigma,
            mix: self.mix,
            classes: self.classes.clone(),
            elastic_sigma: self.elastic_sigma,
            ..Self::default()
        };
        *self != off
    }

    /// Classes that are learnt for each subject: 1 where none are made.
    #[must_use]
    pub fn classes_of_one(&self) -> usize {
        self.classes.iter().map(|made| made.factor()).product()
    }
}
