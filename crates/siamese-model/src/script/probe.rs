//! Trying a program before anything depends on it.

use siamese_net::DataSpec;
use tch::{Device, Kind, Tensor};

use super::program::Script;
use crate::error::Error;
use crate::normalise::normalise_bytes;

/// Images of the trial.
const IMAGES: usize = 3;

/// The share of the largest value by which two embeddings of one image may differ. Dropout or other images in
/// the batch change far more than this. Rounding in another batch, TF32 included, changes far less.
const SAME: f64 = 1e-2;

impl Script {
    /// Runs the program on images that differ in brightness, contrast and pattern, and refuses one whose results are no
    /// embeddings, or depend on chance or on what else is in the batch.
    pub(super) fn probe(&self, input: [usize; 3], data: &DataSpec) -> Result<(), Error> {
        let [channels, height, width] = data.images(input);
        let bytes = Tensor::f_from_slice(&pixels([channels, height, width]))?
            .f_reshape([IMAGES, channels, height, width].map(|side| side as i64))?
            .f_to_device(self.device())?;
        let images = normalise_bytes(data, &bytes)?;
        let [first, again, alone] = tch::no_grad(|| -> Result<_, Error> {
            Ok([
                self.embeddings(&images, input)?,
                self.embeddings(&images, input)?,
                self.embeddings(&images.f_narrow(0, 0, 1)?, input)?,
            ])
        })?;
        if differ(&first, &again)? {
            return Err(self.fault(
                "the program returns different embeddings for the same images when it runs again, as with dropout: \
                 export it after model.eval()",
            ));
        }
        if differ(&first.f_narrow(0, 0, 1)?, &alone)? {
            return Err(self.fault(
                "the program gives an image a different embedding alone than beside others, as with batch \
                 normalisation in training mode: export it after model.eval()",
            ));
        }
        if self.is_trainable() {
            self.expect_trainable(&images)?;
        }
        Ok(())
    }

    /// What it returns for these images, where that is what it should be.
    fn embeddings(&self, images: &Tensor, [c, h, w]: [usize; 3]) -> Result<Tensor, Error> {
        let vectors = self.run(images)?.map_err(|reason| {
            let foreign = ["CUDA", "NVIDIA", "cuda:"]
                .iter()
                .any(|word| reason.contains(word));
            let remedy = if self.device() == Device::Cpu && foreign {
                "it was exported with a GPU built in: export it from the CPU, or use --device cuda"
            } else {
                "set encoder.input, and data.resize with it, to the images that it was exported for"
            };
            self.fault(format!(
                "the program cannot be used on images of {c}x{h}x{w} (channels x height x width): {reason}; {remedy}"
            ))
        })?;
        let expected = [images.size()[0], self.embedding()];
        let found = vectors.size();
        if found != expected {
            let remedy = match found[..] {
                [n, d] if n == expected[0] => format!("set encoder.embedding = {d}"),
                [n, ..] if n == expected[0] => {
                    "export it with pooling or flattening at its end".to_owned()
                }
                _ => "export it so that it takes any number of images".to_owned(),
            };
            return Err(self.fault(format!(
                "the program returns {found:?} for {} images, expected {expected:?} as encoder.embedding says: {remedy}",
                expected[0]
            )));
        }
        if vectors.kind() != Kind::Float || vectors.device() != self.device() {
            return Err(self.fault(format!(
                "the program returns {:?} on {:?}, expected {:?} on {:?}: export it after model.float(), without a \
                 device of its own",
                vectors.kind(),
                vectors.device(),
                Kind::Float,
                self.device()
            )));
        }
        if !vectors.f_isfinite()?.f_all()?.f_double_value(&[])?.eq(&1.0) {
            return Err(self.fault(
                "the program returns embeddings that are not numbers, for ordinary images: check data.mean, data.sd \
                 and data.normalise, or export it again",
            ));
        }
        Ok(vectors)
    }

    /// Refuses to fine-tune what gives no gradients.
    fn expect_trainable(&self, images: &Tensor) -> Result<(), Error> {
        if self.parameters().is_empty() {
            return Err(self.fault(
                "encoder.trainable = true, but the program has no parameters that can be trained: export it without \
                 torch.jit.freeze, with parameters of f32 that require gradients, or leave trainable out",
            ));
        }
        let vectors = tch::with_grad(|| self.forward(images))?;
        if !vectors.requires_grad() {
            return Err(self.fault(
                "encoder.trainable = true, but there are no gradients: what the program returns does not depend on its \
                 parameters, as under torch.no_grad. Export it without torch.no_grad, or leave trainable out",
            ));
        }
        Ok(())
    }
}

/// Whether two results are more than rounding apart.
fn differ(a: &Tensor, b: &Tensor) -> Result<bool, Error> {
    let most = |x: Tensor| -> Result<f64, Error> { Ok(x.f_abs()?.f_max()?.f_double_value(&[])?) };
    let apart = most(a.f_sub(b)?)?;
    Ok(apart > SAME * most(a.shallow_clone())?)
}

/// Images `[3, c, h, w]`: a dark one, one of noise over all greys, and a bright one of wide stripes.
fn pixels([channels, height, width]: [usize; 3]) -> Vec<u8> {
    let mut state = 1u32;
    let mut pixels = Vec::with_capacity(IMAGES * channels * height * width);
    for image in 0..IMAGES {
        for _ in 0..channels * height {
            for x in 0..width {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = (state >> 24) as u8;
                pixels.push(match image {
                    0 => noise / 4,
                    1 => noise,
                    _ if 4 * x / width.max(1) % 2 == 0 => 255,
                    _ => 160,
                });
            }
        }
    }
    pixels
}
