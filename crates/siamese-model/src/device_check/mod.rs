//! Whether a device computes what the CPU computes: every layer, loss, augmentation, normalisation and optimizer, on a
//! small network each.

mod cases;
mod data;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use serde::Serialize;
use siamese_net::{Keep, LayerSpec, Precision, Recipe};
use tch::{Device, Kind, Tensor};

use crate::embedder::embed;
use crate::error::Error;
use crate::train::{Checkpoint, TrainOptions, Trained, train};
use cases::{Case, cases};
use data::Data;

/// Epochs of one step each, the first of which is computed from the same weights on both.
const STEPS: u32 = 6;

/// How far a device may be from the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DeviceBounds {
    /// Of the loss of the first step, as a share of it.
    pub first_loss: f64,
    /// Of a component of an embedding of length 1, by the same weights.
    pub embedding: f64,
    /// Of the loss of a step after some, as a share of the first step's: what differs at first has grown by then.
    pub later_loss: f64,
}

/// For what is computed in f32. Sums of another order differ by less; convolutions in TF32 by more, so it has to be off
/// (`NVIDIA_TF32_OVERRIDE=0`).
const OF_F32: DeviceBounds = DeviceBounds {
    first_loss: 2e-4,
    embedding: 1e-4,
    later_loss: 1e-2,
};

/// For what is trained in bf16, of 8 bits, and used in f32.
const OF_BF16: DeviceBounds = DeviceBounds {
    first_loss: 2e-2,
    embedding: 1e-4,
    later_loss: 1e-1,
};

/// For what chance has a part in on a GPU, where libtorch draws dropout masks and noise, and not the CPU's numbers.
const OF_CHANCE: DeviceBounds = DeviceBounds {
    first_loss: 1e-1,
    embedding: 1e-4,
    later_loss: 3e-1,
};

/// What a recipe's losses and embeddings may differ by.
fn bounds(recipe: &Recipe, device: Device) -> DeviceBounds {
    let noise = recipe
        .augment
        .as_ref()
        .is_some_and(|augment| augment.noise > 0.0);
    let chance = noise || drops_out(&recipe.encoder.layers);
    match recipe.train.precision {
        _ if chance && device.is_cuda() => OF_CHANCE,
        Precision::Bf16 => OF_BF16,
        Precision::F32 => OF_F32,
    }
}

fn drops_out(layers: &[LayerSpec]) -> bool {
    layers.iter().any(|layer| match layer {
        LayerSpec::Dropout(_) => true,
        LayerSpec::Residual(residual) => drops_out(&residual.residual),
        _ => false,
    })
}

/// What was found of one case. Differences are absolute; those of losses as shares of the loss of the first step.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DeviceCase {
    /// What it is about: a layer, a loss, and so on.
    pub kind: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Of the loss of the first step.
    pub first_loss: f64,
    /// Of the loss of the sixth step.
    pub later_loss: f64,
    /// Of the step that follows the sixth, where the device goes on from a checkpoint of the CPU.
    pub resumed_loss: f64,
    /// The largest of any component of the embeddings by the weights that the CPU has learnt, each scaled to length 1.
    pub embedding: f64,
    /// What each may be.
    pub bounds: DeviceBounds,
}

impl DeviceCase {
    /// Whether all differences keep to the bounds. What is no number does not.
    #[must_use]
    pub fn holds(&self) -> bool {
        let Self {
            first_loss,
            later_loss,
            resumed_loss,
            embedding,
            bounds,
            ..
        } = self;
        *first_loss <= bounds.first_loss
            && *later_loss <= bounds.later_loss
            && *resumed_loss <= bounds.later_loss
            && *embedding <= bounds.embedding
    }
}

/// Computes every case on the CPU and on a device, from the same seed, and gives each as soon as it is found. Checkpoints are
/// written into `folder`.
///
/// # Errors
/// [`Error::Libtorch`] where the device fails, [`Error::Net`] where the folder cannot be written.
pub fn check_device(
    device: Device,
    folder: &Path,
    mut found: impl FnMut(&DeviceCase),
) -> Result<Vec<DeviceCase>, Error> {
    let data = Data::new()?;
    cases()
        .iter()
        .map(|case| {
            let case = check(case, device, folder, &data)?;
            found(&case);
            Ok(case)
        })
        .collect()
}

fn check(case: &Case, device: Device, folder: &Path, data: &Data) -> Result<DeviceCase, Error> {
    let recipe = case.recipe()?;
    let set = data.of(&recipe);
    let stop = AtomicBool::new(false);
    let checkpoint = folder.join("cpu.safetensors");
    let run = |recipe: &Recipe, device, resume, kept: Option<&Path>| {
        let options = TrainOptions {
            device,
            checkpoint: kept,
            stop: &stop,
            processes: &crate::Alone,
        };
        train(recipe, &set, &options, resume, &mut ())
    };
    let on_cpu = run(&recipe, Device::Cpu, None, Some(&checkpoint))?;
    let on_device = run(&recipe, device, None, None)?;
    // One step more, from the same checkpoint on both.
    let mut longer = recipe.clone();
    longer.train.epochs = STEPS + 1;
    let go_on = |device| -> Result<Trained, Error> {
        let saved = Checkpoint::load(&checkpoint)?.of_epochs(STEPS + 1);
        run(&longer, device, Some(saved), None)
    };
    let resumed = [go_on(Device::Cpu)?, go_on(device)?];
    let first = loss(&on_cpu, 0);
    let apart = |one: &Trained, other: &Trained, step| {
        apart([one, other].map(|trained| loss(trained, step)), first)
    };
    let last = STEPS as usize - 1;
    let embeddings = |device| embedded(&checkpoint, device, data, &recipe);
    let difference = embeddings(Device::Cpu)?.f_sub(&embeddings(device)?)?;
    let difference = difference.f_abs()?.f_max()?;
    Ok(DeviceCase {
        kind: case.kind,
        name: case.name,
        first_loss: apart(&on_cpu, &on_device, 0),
        later_loss: apart(&on_cpu, &on_device, last),
        resumed_loss: apart(&resumed[0], &resumed[1], last + 1),
        embedding: difference.f_double_value(&[])?,
        bounds: bounds(&recipe, device),
    })
}

/// How far losses are apart, as a share of the first; no number where one of the three is none.
fn apart([one, other]: [f64; 2], first: f64) -> f64 {
    match (one - other).abs() {
        0.0 if first == 0.0 => 0.0,
        difference => difference / first.abs(),
    }
}

fn loss(trained: &Trained, step: usize) -> f64 {
    trained
        .history
        .get(step)
        .map_or(f64::NAN, |epoch| epoch.loss)
}

/// The images by the weights of a checkpoint, computed on a device, on the CPU.
fn embedded(
    checkpoint: &Path,
    device: Device,
    data: &Data,
    recipe: &Recipe,
) -> Result<Tensor, Error> {
    let trained = Checkpoint::load(checkpoint)?.trained(device)?;
    let (encoder, _) = trained.encoder(Keep::Last)?;
    let images = data.images(recipe);
    let numbers: Vec<i64> = (0..images.len() as i64).collect();
    let vectors = embed(&encoder, images, &numbers)?
        .f_to_device(Device::Cpu)?
        .f_to_kind(Kind::Float)?;
    crate::cosine::unit_rows(&vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_by_more_than_its_bounds_or_is_no_number_does_not_hold() {
        let case = DeviceCase {
            kind: "layer",
            name: "conv",
            first_loss: 1e-5,
            later_loss: 1e-4,
            resumed_loss: 1e-4,
            embedding: 1e-6,
            bounds: OF_F32,
        };
        assert!(case.holds());
        let off = |change: fn(&mut DeviceCase)| {
            let mut case = case.clone();
            change(&mut case);
            !case.holds()
        };
        assert!(off(|case| case.first_loss = 1e-3));
        assert!(off(|case| case.later_loss = 0.1));
        assert!(off(|case| case.resumed_loss = f64::NAN));
        assert!(off(|case| case.embedding = 1e-3));
    }

    #[test]
    fn losses_are_apart_as_shares_of_the_first() {
        assert_eq!(apart([3.0, 2.0], 4.0), 0.25);
        assert_eq!(apart([2.0, 3.0], -4.0), 0.25);
        assert_eq!(apart([0.0, 0.0], 0.0), 0.0);
        assert_eq!(apart([0.0, 1e-9], 0.0), f64::INFINITY);
        for [one, other, first] in [
            [f64::NAN, 1.0, 1.0],
            [1.0, f64::NAN, 1.0],
            [1.0, 1.0, f64::NAN],
        ] {
            assert!(apart([one, other], first).is_nan());
        }
    }

    #[test]
    fn where_a_gpu_draws_other_numbers_losses_may_differ_by_more() {
        let of = |device| {
            let cases = cases()
                .into_iter()
                .map(|case| (case.name, bounds(&case.recipe().unwrap(), device)));
            cases.collect::<Vec<_>>()
        };
        let by_chance = |found: &[(&'static str, DeviceBounds)]| -> Vec<&'static str> {
            let all = found.iter().filter(|(_, bounds)| *bounds == OF_CHANCE);
            all.map(|(name, _)| *name).collect()
        };
        assert_eq!(by_chance(&of(Device::Cuda(0))), ["dropout", "noise"]);
        assert!(by_chance(&of(Device::Cpu)).is_empty());
        // Also of dropout within a residual layer.
        let of = |name| {
            let case = cases().into_iter().find(|case| case.name == name);
            case.unwrap().recipe().unwrap()
        };
        let mut recipe = of("residual");
        assert_ne!(bounds(&recipe, Device::Cuda(0)), OF_CHANCE);
        for layer in &mut recipe.encoder.layers {
            if let LayerSpec::Residual(residual) = layer {
                residual.residual.extend(of("dropout").encoder.layers);
            }
        }
        assert_eq!(bounds(&recipe, Device::Cuda(0)), OF_CHANCE);
    }
}
