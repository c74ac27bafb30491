//! How many operations a step would have a GPU launch: that path forced on the CPU, and counted.

use std::collections::BTreeMap;

use ndarray::Array3;
use pairgen::{Catalog, PairSet};
use siamese_net::{ImageStack, Recipe};
use tch::Device;

use super::people_steps::{People, PeopleSteps};
use super::set::{Learning, TrainingSet};
use super::state::State;
use super::step::Step;
use crate::collective::Alone;
use crate::encoder::Encoder;
use crate::pixels::Pixels;
use crate::slices::without_slices;
use crate::upload::transfers_of;

/// Operations that only look at memory in another way: nothing is launched.
const VIEWS: [&str; 20] = [
    "alias",
    "as_strided",
    "chunk",
    "detach",
    "detach_",
    "expand",
    "expand_as",
    "narrow",
    "permute",
    "reshape",
    "select",
    "slice",
    "split",
    "split_with_sizes",
    "squeeze",
    "t",
    "transpose",
    "unsqueeze",
    "view",
    "_unsafe_view",
];

/// Images of noise of some subjects.
pub(super) struct Noise {
    catalog: Catalog,
    images: ImageStack,
    subjects: Vec<u32>,
    pairs: PairSet,
}

impl Noise {
    /// As this recipe takes them.
    pub(super) fn new(recipe: &Recipe) -> Self {
        const SUBJECTS: usize = 20;
        const IMAGES: usize = 6;
        let counts = (0..SUBJECTS).map(|i| (format!("s{i}"), IMAGES as u32));
        let catalog = Catalog::from_counts(counts).unwrap();
        let [_, height, width] = recipe.images();
        let mut noise = pairgen::stream(1, "pixels", 0);
        let pixels = Array3::from_shape_fn((SUBJECTS * IMAGES, height, width), |_| {
            noise.below(256) as u8
        });
        let subjects = catalog.all_subjects();
        Self {
            images: ImageStack::new(pixels.view()).unwrap(),
            pairs: PairSet::balanced(&catalog, &subjects, 10, 10, 1).unwrap(),
            catalog,
            subjects,
        }
    }

    pub(super) fn set(&self) -> TrainingSet<'_> {
        TrainingSet {
            images: &self.images,
            pairs: &self.pairs,
            validation: &[],
            learning: Learning::Subjects {
                catalog: &self.catalog,
                subjects: &self.subjects,
            },
        }
    }

    /// What steps of this encoder learn from.
    pub(super) fn steps<'a>(
        &'a self,
        recipe: &Recipe,
        encoder: &Encoder,
        set: &TrainingSet<'a>,
    ) -> PeopleSteps<'a> {
        let people = People {
            catalog: &self.catalog,
            subjects: &self.subjects,
        };
        let spec = recipe.batches.unwrap();
        let mut steps = PeopleSteps::new(recipe, spec, encoder, set, people, &Alone).unwrap();
        steps.images_are(Pixels::resident(&self.images));
        steps
    }
}

/// Transfers of the second step of a training, and the operations that it asks libtorch for, by their names.
fn step(recipe: &Recipe) -> (usize, BTreeMap<String, u64>) {
    let noise = Noise::new(recipe);
    let set = noise.set();
    let encoder = Encoder::new(&recipe.encoder, &recipe.data, 1, Device::Cpu).unwrap();
    let mut state = State::of(recipe, &set, encoder.into_whole().unwrap()).unwrap();
    let mut steps = noise.steps(recipe, &state.encoder, &set);
    let mut learn = |step| {
        let step = Step { epoch: 0, step };
        let learnt = steps.gradients(recipe, &state.heads, step).unwrap();
        state
            .learn(recipe, learnt.gradients, learnt.of_heads, 1.0)
            .unwrap();
        state.running_loss.add(learnt.loss).unwrap();
    };
    // The first makes what stays.
    without_slices(|| learn(0));
    let (counts, (transfers, ())) =
        op_count::counted(|| transfers_of(|| without_slices(|| learn(1))));
    (transfers, counts)
}

#[test]
fn a_step_of_orl_best_is_few_operations_and_one_transfer() {
    let best = Recipe::builtin("orl-best", &["batches.people=4"]).unwrap();
    for (number, member) in best.members().unwrap().iter().enumerate() {
        let (transfers, counts) = step(member);
        assert_eq!(transfers, 1);
        let launched = counts
            .iter()
            .filter(|(name, _)| !VIEWS.contains(&name.as_str()));
        let launched: u64 = launched.map(|(_, count)| count).sum();
        // Local binary patterns are many small operations.
        let most = if number == 5 { 225 } else { 200 };
        assert!(launched <= most, "network {number}: {launched}, {counts:?}");
    }
}
