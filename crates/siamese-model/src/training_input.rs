//! What the network sees of an image in training, and a look at it.

use ndarray::Array5;
use rayon::prelude::*;
use siamese_net::{ImageStack, Recipe};
use tch::{Device, Tensor};

use crate::augment::Changes;
use crate::error::Error;
use crate::made_classes::as_classes;
use crate::mixing::blend;
use crate::normalise::{normalise, normalise_bytes, pixels};
use crate::pixels::image_tensor;

/// What the network sees of images `[n, c, h, w]` of u8 in this step of this epoch, both counted from 0: changed as
/// the recipe says, then normalised. On a CPU a few images at a time, on all threads.
pub(crate) fn training_input(
    recipe: &Recipe,
    bytes: &Tensor,
    epoch: u32,
    step: u64,
) -> Result<Tensor, Error> {
    let (n, channels, height, width) = bytes.size4()?;
    let sides = [channels, height, width];
    Drawn::new(recipe, n, sides, bytes.device(), [u64::from(epoch), step])?.see(bytes)
}

/// What happens to the images of a batch, before they are looked at.
pub(crate) struct Drawn<'a> {
    recipe: &'a Recipe,
    changes: Option<Changes<'a>>,
    /// Height over width.
    ratio: f64,
}

impl<'a> Drawn<'a> {
    /// To so many images of `[channels, height, width]` pixels on this device, in this epoch and step.
    pub(crate) fn new(
        recipe: &'a Recipe,
        images: i64,
        [channels, height, width]: [i64; 3],
        device: Device,
        [epoch, step]: [u64; 2],
    ) -> Result<Self, Error> {
        let pool = i64::from(recipe.data.pool);
        let [height, width] = [height / pool, width / pool];
        let changes = recipe.augment.as_ref().map(|spec| {
            let mut rng = pairgen::stream_at(recipe.seed, "augment", epoch, step);
            Changes::draw(spec, images, [channels, height, width], device, &mut rng)
        });
        Ok(Self {
            recipe,
            changes: changes.transpose()?,
            ratio: height as f64 / width as f64,
        })
    }

    /// The numbers of all images, see [`Changes::numbers`].
    pub(crate) fn numbers(&self) -> Vec<f32> {
        let changes = self.changes.as_ref();
        changes.map_or_else(Vec::new, |changes| changes.numbers(self.ratio))
    }

    /// The images as the network sees them, all at once; `numbers` are on their device.
    pub(crate) fn see_with(&self, bytes: &Tensor, numbers: &Tensor) -> Result<Tensor, Error> {
        let data = &self.recipe.data;
        match &self.changes {
            None => normalise_bytes(data, bytes),
            Some(changes) => tch::no_grad(|| {
                normalise(data, &changes.make_with(&pixels(data, bytes)?, numbers)?)
            }),
        }
    }

    /// The images as the network sees them; on a CPU a few at a time, on all threads.
    pub(crate) fn see(self, bytes: &Tensor) -> Result<Tensor, Error> {
        let data = &self.recipe.data;
        let Some(changes) = self.changes else {
            return normalise_bytes(data, bytes);
        };
        let see = |(changes, bytes): (Changes<'_>, Tensor)| {
            tch::no_grad(|| normalise(data, &changes.make(&pixels(data, &bytes)?)?))
        };
        let parts = match bytes.device() {
            Device::Cpu => changes.split(PART),
            _ => vec![changes],
        };
        let parts = match <[Changes<'_>; 1]>::try_from(parts) {
            Ok([whole]) => return see((whole, bytes.shallow_clone())),
            Err(parts) => parts,
        };
        let work = parts.into_iter().zip(bytes.f_split(PART as i64, 0)?);
        let work: Vec<_> = work.collect();
        let single = |work| {
            tch::set_num_threads(1);
            see(work)
        };
        let seen = work.into_par_iter().map(single);
        Ok(Tensor::f_cat(&seen.collect::<Result<Vec<_>, _>>()?, 0)?)
    }
}

/// Images that a thread changes at a time.
const PART: usize = 16;

/// What the network sees of each image, to look at: `[n, 1 + versions, c, h, w]` of f32, first as in use, then as the
/// first step of training changes it, `versions` times, with that step's numbers. Where further classes are made of each
/// subject, the versions show them by turns.
///
/// `recipe` is of one network, see [`Recipe::members`]. Where it changes nothing, all versions are equal.
///
/// # Errors
/// [`Error::Net`] where images and encoder disagree; [`Error::Libtorch`], for instance out of
/// memory.
pub fn preview(
    recipe: &Recipe,
    images: &ImageStack,
    versions: usize,
) -> Result<Array5<f32>, Error> {
    let classes = recipe.classes_of_one();
    preview_of(recipe, images, versions, classes, |numbers| {
        image_tensor(images, numbers, Device::Cpu)
    })
}

/// The same of each image mixed with the one after it, the last with the first, as [`AugmentSpec::mix`] mixes images of
/// two people. No further classes are made of mixed people.
///
/// # Errors
/// As [`preview`].
///
/// [`AugmentSpec::mix`]: siamese_net::AugmentSpec::mix
pub fn preview_mixed(
    recipe: &Recipe,
    images: &ImageStack,
    versions: usize,
) -> Result<Array5<f32>, Error> {
    let count = images.len() as i64;
    preview_of(recipe, images, versions, 1, |numbers| {
        let next: Vec<i64> = numbers.iter().map(|image| (image + 1) % count).collect();
        let of = |numbers: &[i64]| image_tensor(images, numbers, Device::Cpu);
        blend(&of(numbers)?, &of(&next)?)
    })
}

/// `classes` of each subject are shown by turns.
fn preview_of(
    recipe: &Recipe,
    images: &ImageStack,
    versions: usize,
    classes: usize,
    of: impl Fn(&[i64]) -> Result<Tensor, Error>,
) -> Result<Array5<f32>, Error> {
    images.expect(recipe.images())?;
    let count = images.len();
    let each: Vec<i64> = (0..count as i64).collect();
    let repeated: Vec<i64> = each
        .iter()
        .flat_map(|&image| std::iter::repeat_n(image, versions))
        .collect();
    let [channels, height, width] = recipe.encoder.input;
    let rows = |seen: &Tensor, per_image: usize| {
        let sides = [count, per_image, channels, height, width].map(|side| side as i64);
        seen.f_reshape(sides)
    };
    let plain = normalise_bytes(&recipe.data, &of(&each)?)?;
    let mut parts = vec![rows(&plain, 1)?];
    if versions > 0 {
        let spec = recipe.augment.as_ref();
        let made: Vec<usize> = (0..repeated.len())
            .map(|place| place % versions % classes)
            .collect();
        let changed = training_input(recipe, &as_classes(&of(&repeated)?, spec, &made)?, 0, 0)?;
        parts.push(rows(&changed, versions)?);
    }
    let values = Vec::<f32>::try_from(&Tensor::f_cat(&parts, 1)?.f_flatten(0, -1)?)?;
    Array5::from_shape_vec((count, 1 + versions, channels, height, width), values)
        .map_err(|error| Error::Data(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array3, Axis};

    fn recipe(augment: &str) -> Recipe {
        let text = format!(
            r#"
name = "look"
seed = 5
[data]
mean = 0.5
sd = 0.25
[batches]
people = 2
images = 2
{augment}
[encoder]
input = [1, 6, 5]
layers = ["flatten", {{ dense = 4 }}]
[loss]
kind = "triplet"
[optimizer]
kind = "adam"
[train]
epochs = 1
"#
        );
        Recipe::parse::<&str>(&text, "look.toml", &[]).unwrap()
    }

    fn images() -> ImageStack {
        let pixels = Array3::from_shape_fn((3, 6, 5), |(n, y, x)| (40 * n + 9 * y + 11 * x) as u8);
        ImageStack::new(pixels.view()).unwrap()
    }

    #[test]
    fn the_first_version_is_the_one_in_use_and_the_others_differ_from_each_other() {
        let recipe = recipe("[augment]\nrotation = 20.0\nnoise = 0.1");
        let seen = preview(&recipe, &images(), 3).unwrap();
        assert_eq!(seen.shape(), [3, 4, 1, 6, 5]);
        let pixels = images().to_array(&[0, 1, 2]).unwrap();
        for ((n, _, y, x), &byte) in pixels.indexed_iter() {
            let expected = (f32::from(byte) / 255.0 - 0.5) / 0.25;
            assert!((seen[[n, 0, 0, y, x]] - expected).abs() < 1e-5);
        }
        for image in seen.axis_iter(Axis(0)) {
            for (a, b) in [(0, 1), (0, 3), (1, 2), (2, 3)] {
                assert_ne!(image.index_axis(Axis(0), a), image.index_axis(Axis(0), b));
            }
        }
        assert_eq!(seen, preview(&recipe, &images(), 3).unwrap());
    }

    /// One version each is a batch of those images.
    #[test]
    fn a_version_is_what_the_first_step_of_training_makes_of_that_batch() {
        let recipe = recipe("[augment]\nshift = 0.2\nnoise = 0.1\nerase = 1.0");
        let seen = preview(&recipe, &images(), 1).unwrap();
        let batch = image_tensor(&images(), &[0, 1, 2], Device::Cpu).unwrap();
        let step = training_input(&recipe, &batch, 0, 0).unwrap();
        let values = Vec::<f32>::try_from(&step.flatten(0, -1)).unwrap();
        let shown = seen.index_axis(Axis(1), 1);
        assert!(shown.iter().eq(values.iter()));
        let later = training_input(&recipe, &batch, 0, 1).unwrap();
        assert_ne!(step, later);
    }

    #[test]
    fn without_augmentation_or_versions_the_image_stays_as_it_is() {
        let seen = preview(&recipe(""), &images(), 2).unwrap();
        assert_eq!(seen.index_axis(Axis(1), 0), seen.index_axis(Axis(1), 2));
        assert_eq!(
            preview(&recipe(""), &images(), 0).unwrap().shape(),
            [3, 1, 1, 6, 5]
        );
    }
}
