//! Two people mixed as a new one.

use std::collections::HashSet;
use std::ops::Range;

use pairgen::{Catalog, stream, stream_at};
use siamese_net::{BatchesSpec, Recipe, TooFew};
use tch::{Kind, Tensor};

use crate::error::Error;

/// People who do not exist: each an even mix of two training people, the same two throughout the training.
///
/// Each image is half of an image of the one and half of an image of the other, pixel by pixel (H. Zhang et al., "mixup",
/// ICLR 2018), and counts as an image of a person of its own, as in G. Gu, B. Ko and H.-G. Kim, "Proxy synthesis:
/// learning with synthetic classes for deep metric learning" (AAAI 2021), who mix embeddings and proxies instead.
pub(crate) struct MixedPeople {
    /// The samples of the two behind each.
    parents: Vec<[Range<u32>; 2]>,
    /// Mixed people in a batch, and images of each.
    shape: [usize; 2],
    seed: u64,
}

/// The images of the mixed people of a batch: those of one person follow each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MixedBatch {
    /// Which mixed person each image shows, counted from 0.
    pub(crate) people: Vec<i64>,
    /// The two samples that each image is mixed of.
    pub(crate) samples: [Vec<i64>; 2],
}

impl MixedPeople {
    /// Those of the recipe, their parents drawn from the stream `mix/people` of its seed: no two of the same parents.
    /// `None` where it asks for none. Parents have as many images as people in batches must.
    ///
    /// # Errors
    /// [`Error::Data`] where there are fewer pairs of people than people to mix.
    pub(crate) fn new(
        recipe: &Recipe,
        spec: BatchesSpec,
        catalog: &Catalog,
        people: &[u32],
    ) -> Result<Option<Self>, Error> {
        let wanted = recipe.mixed_people();
        if wanted == 0 {
            return Ok(None);
        }
        let samples: Vec<Range<u32>> = people
            .iter()
            .map(|&subject| catalog.samples_of(subject))
            .filter(|samples| spec.too_few == TooFew::Repeat || samples.len() >= spec.images)
            .collect();
        let count = samples.len() as u64;
        let pairs = count * count.saturating_sub(1) / 2;
        if pairs < wanted as u64 {
            return Err(Error::Data(format!(
                "augment.mix = {wanted} people cannot be mixed, because {count} training people make only {pairs} \
                 pairs: make it smaller, or leave out augment.mix and batches.mixed"
            )));
        }
        let mut rng = stream(recipe.seed, "mix/people", 0);
        let mut known = HashSet::with_capacity(wanted);
        let mut parents = Vec::with_capacity(wanted);
        while parents.len() < wanted {
            let a = rng.below(count as u32);
            let b = rng.below(count as u32);
            if a != b && known.insert((a.min(b), a.max(b))) {
                parents.push([a, b].map(|parent| samples[parent as usize].clone()));
            }
        }
        Ok(Some(Self {
            parents,
            shape: [spec.mixed, spec.images],
            seed: recipe.seed,
        }))
    }

    /// The mixed people of a batch of an epoch, both counted from 0, and their images: all different as far as there
    /// are enough. Follows from (seed, epoch, batch) alone.
    pub(crate) fn batch(&self, epoch: u32, batch: u64) -> MixedBatch {
        let [people, images] = self.shape;
        let mut rng = stream_at(self.seed, "mix/batch", u64::from(epoch), batch);
        let mut order: Vec<usize> = (0..self.parents.len()).collect();
        rng.shuffle(&mut order);
        order.truncate(people);
        let mut mixed = MixedBatch {
            people: Vec::with_capacity(people * images),
            samples: [Vec::new(), Vec::new()],
        };
        for person in order {
            mixed
                .people
                .extend(std::iter::repeat_n(person as i64, images));
            for (parent, samples) in self.parents[person].iter().zip(&mut mixed.samples) {
                let mut own: Vec<i64> = parent.clone().map(i64::from).collect();
                rng.shuffle(&mut own);
                samples.extend(own.into_iter().cycle().take(images));
            }
        }
        mixed
    }
}

/// The even mix of images of u8 of one shape, rounded down.
pub(crate) fn blend(a: &Tensor, b: &Tensor) -> Result<Tensor, Error> {
    let sum = a.f_to_kind(Kind::Int16)?.f_add(b)?;
    Ok(sum.f_div_scalar_mode(2, "floor")?.f_to_kind(Kind::Uint8)?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Six people with 2 to 7 images, the first of them left out.
    fn mixed(overrides: &[&str]) -> Result<MixedPeople, Error> {
        let text = r#"
name = "mixed"
seed = 5
[batches]
people = 2
images = 3
mixed = 2
too_few = "skip"
[augment]
mix = 6
[encoder]
input = [1, 6, 5]
layers = ["flatten", { dense = 4 }]
[loss]
kind = "triplet"
[optimizer]
kind = "adam"
[train]
epochs = 1
"#;
        let recipe = Recipe::parse(text, "mixed.toml", overrides).unwrap();
        let catalog = Catalog::from_counts((2..8).map(|n| (format!("p{n}"), n))).unwrap();
        let spec = recipe.batches.unwrap();
        MixedPeople::new(&recipe, spec, &catalog, &[1, 2, 3, 5]).map(Option::unwrap)
    }

    /// Of the people 1, 2, 3 and 5 with 3, 4, 5 and 7 images.
    #[test]
    fn everybody_is_mixed_of_two_people_and_no_two_of_the_same() {
        let mixed = mixed(&[]).unwrap();
        let parents: BTreeSet<_> = mixed
            .parents
            .iter()
            .map(|parents| {
                let mut starts = [parents[0].start, parents[1].start];
                starts.sort_unstable();
                starts
            })
            .collect();
        let all = [2, 5, 9, 20];
        let pairs = (0..4).flat_map(|i| (i + 1..4).map(move |j| [all[i], all[j]]));
        assert_eq!(parents, pairs.collect());
    }

    #[test]
    fn images_of_a_batch_are_of_the_parents_and_all_different() {
        let mixed = mixed(&[]).unwrap();
        let mut met = BTreeSet::new();
        for batch in 0..40 {
            let of = mixed.batch(1, batch);
            assert_eq!(of.people.len(), 6);
            assert!(of.people[0..3].iter().all(|&person| person == of.people[0]));
            assert_ne!(of.people[0], of.people[3]);
            for (i, &person) in of.people.iter().enumerate() {
                for (samples, parent) in of.samples.iter().zip(&mixed.parents[person as usize]) {
                    assert!(parent.contains(&(samples[i] as u32)));
                }
            }
            for samples in &of.samples {
                assert_eq!(BTreeSet::from_iter(&samples[..3]).len(), 3);
            }
            met.extend(of.people);
        }
        assert_eq!(met.len(), 6);
    }

    #[test]
    fn a_batch_follows_from_seed_epoch_and_number() {
        let [a, b] = [&[][..], &["seed=6"]].map(|overrides| mixed(overrides).unwrap());
        assert_eq!(a.batch(2, 3), mixed(&[]).unwrap().batch(2, 3));
        assert_ne!(a.batch(2, 3), a.batch(2, 4));
        assert_ne!(a.batch(2, 3), a.batch(3, 3));
        assert_ne!(a.batch(2, 3), b.batch(2, 3));
        assert_ne!(a.parents, b.parents);
    }

    #[test]
    fn more_people_than_pairs_are_refused_with_the_numbers() {
        let shown = mixed(&["augment.mix=7"]).err().unwrap().to_string();
        for word in ["augment.mix = 7", "4 training people", "6 pairs"] {
            assert!(shown.contains(word), "{shown}");
        }
        // Somebody with two images counts where images may be repeated, and is met three times with those.
        let short = mixed(&["batches.too_few=repeat", "batches.images=5"]).unwrap();
        let of = short.batch(0, 0);
        assert_eq!(of.samples[0].len(), 10);
    }

    #[test]
    fn a_blend_is_half_of_each() {
        let bytes = |values: &[u8]| Tensor::from_slice(values).reshape([1, 1, 2, 3]);
        let blended = blend(
            &bytes(&[0, 255, 255, 10, 200, 7]),
            &bytes(&[0, 255, 0, 20, 201, 8]),
        )
        .unwrap();
        assert_eq!(blended.kind(), Kind::Uint8);
        let values = Vec::<u8>::try_from(&blended.flatten(0, -1)).unwrap();
        assert_eq!(values, [0, 255, 127, 15, 200, 7]);
    }
}
