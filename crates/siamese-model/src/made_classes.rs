//! Images turned or mirrored, which show classes of their own.

use siamese_net::{AugmentSpec, MadeClasses};
use tch::Tensor;

use crate::error::Error;
use crate::upload::to_device;

/// The images `[n, c, h, w]`, each as the class that is made of its own by this number: 0 as it is, then as
/// [`AugmentSpec::classes`] says, the first of the list changing fastest. Of the same shape, where it is square.
///
/// # Errors
/// [`Error::Libtorch`] where memory runs out, or there is not one number for each image.
pub(crate) fn as_classes(
    images: &Tensor,
    spec: Option<&AugmentSpec>,
    numbers: &[usize],
) -> Result<Tensor, Error> {
    let Some(spec) = spec.filter(|spec| spec.classes_of_one() > 1) else {
        return Ok(images.shallow_clone());
    };
    let mut order = Vec::with_capacity(numbers.len());
    let mut parts = Vec::new();
    for class in 0..spec.classes_of_one() {
        let places = (0..numbers.len()).filter(|&place| numbers[place] == class);
        let places: Vec<i64> = places.map(|place| place as i64).collect();
        if places.is_empty() {
            continue;
        }
        let chosen = to_device(&places, images.device())?;
        parts.push(turned(&images.f_index_select(0, &chosen)?, spec, class)?);
        order.extend(places);
    }
    let mut back = vec![0; order.len()];
    for (place, &image) in order.iter().enumerate() {
        back[image as usize] = place as i64;
    }
    let back = to_device(&back, images.device())?;
    Ok(Tensor::f_cat(&parts, 0)?.f_index_select(0, &back)?)
}

/// All images as one class.
fn turned(images: &Tensor, spec: &AugmentSpec, mut class: usize) -> Result<Tensor, Error> {
    let mut x = images.shallow_clone();
    for made in &spec.classes {
        let number = class % made.factor();
        class /= made.factor();
        x = match made {
            MadeClasses::Rotate90 => x.f_rot90(number as i64, [2, 3])?,
            MadeClasses::Flip if number == 1 => x.f_flip([3])?,
            MadeClasses::Flip => x,
        };
    }
    Ok(x.f_contiguous()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(classes: &[MadeClasses]) -> AugmentSpec {
        AugmentSpec {
            classes: classes.to_vec(),
            ..AugmentSpec::default()
        }
    }

    /// `n` times the image `[[1, 2], [3, 4]]`.
    fn images(n: i64) -> Tensor {
        Tensor::from_slice(&[1u8, 2, 3, 4])
            .reshape([1, 1, 2, 2])
            .repeat([n, 1, 1, 1])
    }

    fn seen(spec: &AugmentSpec, numbers: &[usize]) -> Vec<Vec<u8>> {
        let of = as_classes(&images(numbers.len() as i64), Some(spec), numbers).unwrap();
        let values = Vec::<u8>::try_from(&of.flatten(0, -1)).unwrap();
        values.chunks(4).map(<[u8]>::to_vec).collect()
    }

    /// `numpy.rot90` of the same image turns counter-clockwise, too.
    #[test]
    fn quarter_turns_are_counter_clockwise_and_keep_their_places() {
        let turns = seen(&spec(&[MadeClasses::Rotate90]), &[2, 0, 1, 3, 1]);
        let expected = [
            [4, 3, 2, 1],
            [1, 2, 3, 4],
            [2, 4, 1, 3],
            [3, 1, 4, 2],
            [2, 4, 1, 3],
        ];
        assert_eq!(turns, expected);
    }

    #[test]
    fn all_turns_of_both_sides_differ() {
        let both = spec(&[MadeClasses::Rotate90, MadeClasses::Flip]);
        let mut all = seen(&both, &(0..8).collect::<Vec<_>>());
        assert_eq!(all[0], [1, 2, 3, 4]);
        assert_eq!(all[4], [2, 1, 4, 3]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 8);
    }

    #[test]
    fn without_classes_nothing_changes() {
        assert_eq!(seen(&spec(&[]), &[0, 0]), [[1, 2, 3, 4]; 2]);
        let plain = as_classes(&images(1), None, &[0]).unwrap();
        assert_eq!(plain, images(1));
    }
}
