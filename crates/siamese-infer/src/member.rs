//! One of a model's networks, with what comes before and after it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use siamese_net::{Error, ModelFile, Plan, ProgramKind, Recipe, WhitenSpec, whitening_prefix};

use crate::layer::to_unit;
use crate::network::{Network, Scratch, Tensors, multiply};
#[cfg(feature = "onnx")]
use crate::ready::Ready;
use crate::see::Eye;
use crate::views::Seen;
use map_kernels::{Inputs, Instructions, Weights};

/// A network, from bytes of pixels to its part of an embedding.
#[derive(Debug)]
pub(crate) struct Member {
    eye: Eye,
    body: Body,
    whitening: Vec<Whitening>,
}

/// From what is seen of an image to its embedding.
#[derive(Debug)]
enum Body {
    /// Layers.
    Layers {
        network: Network,
        /// Room for images on their way, from threads that no longer need it.
        rooms: Mutex<Vec<Scratch>>,
    },
    /// A ready network, and layers after it.
    #[cfg(feature = "onnx")]
    Ready(Ready),
}

impl Body {
    fn new(own: &Recipe, plan: &Plan, tensors: &Tensors<'_>) -> Result<Self, Error> {
        #[cfg(feature = "onnx")]
        if let Some(ready) = Ready::load(own, plan, tensors)? {
            return Ok(Self::Ready(ready));
        }
        if let Some((kind, file)) = own.encoder.program() {
            let message = match kind {
                ProgramKind::TorchScript => {
                    "only libtorch runs a TorchScript program: use a build of siamese with the feature train"
                }
                ProgramKind::Onnx => {
                    "this build does not run ONNX networks: use a build of siamese with the feature onnx"
                }
            };
            return Err(Error::file(Path::new(file), message));
        }
        Ok(Self::Layers {
            network: Network::new(plan, tensors)?,
            rooms: Mutex::new(Vec::new()),
        })
    }

    /// Numbers of an embedding.
    fn embedding(&self) -> usize {
        match self {
            Self::Layers { network, .. } => network.embedding(),
            #[cfg(feature = "onnx")]
            Self::Ready(ready) => ready.embedding(),
        }
    }
}

/// `weights (x - mean)`, scaled to a length.
#[derive(Debug)]
struct Whitening {
    mean: Vec<f32>,
    weights: Weights,
    /// How much of the member's cosine is that of embeddings so mapped.
    share: f64,
}

impl Member {
    /// The network of `own` in a model file, whose tensors' names begin with `prefix`.
    pub(crate) fn of_file(
        file: &ModelFile,
        path: &Path,
        own: &Recipe,
        prefix: &str,
    ) -> Result<Self, Error> {
        let plan = Plan::new(&own.encoder)?;
        Self::new(own, &plan, &Tensors::of_file(&plan, file, path, prefix))
    }

    /// The network of `own` as its training begins.
    pub(crate) fn drawn(own: &Recipe) -> Result<Self, Error> {
        let plan = Plan::new(&own.encoder)?;
        Self::new(own, &plan, &Tensors::drawn(&plan, own))
    }

    fn new(own: &Recipe, plan: &Plan, tensors: &Tensors<'_>) -> Result<Self, Error> {
        let whiten = own.embedding.and_then(|embedding| embedding.whiten);
        let shares = whiten.map_or_else(Vec::new, WhitenSpec::shares);
        let whitening = shares.iter().enumerate().map(|(map, &share)| {
            let name = whitening_prefix(map, shares.len());
            let mean = tensors.named(&format!("{name}mean"))?;
            let weight = tensors.named(&format!("{name}weight"))?;
            let outputs = weight.len() / mean.len().max(1);
            let order = Inputs {
                channels: mean.len(),
                area: 1,
            };
            Ok(Whitening {
                weights: Weights::pack(&weight, outputs, order, None, &vec![0.0; outputs]),
                mean,
                share,
            })
        });
        Ok(Self {
            eye: Eye::new(&own.data),
            body: Body::new(own, plan, tensors)?,
            whitening: whitening.collect::<Result<_, Error>>()?,
        })
    }

    /// Numbers of the network's own embedding.
    pub(crate) fn embedding(&self) -> usize {
        self.body.embedding()
    }

    /// Whether its embeddings are mapped.
    pub(crate) fn is_whitened(&self) -> bool {
        !self.whitening.is_empty()
    }

    /// Numbers of its part of a model's embedding.
    pub(crate) fn dimension(&self) -> usize {
        let maps = self.whitening.iter().map(|map| map.weights.outputs());
        match self.whitening.is_empty() {
            true => self.embedding(),
            false => maps.sum(),
        }
    }

    /// Whether all views of a batch are best given to it at once, since it shares them out among threads of its own.
    pub(crate) fn takes_all_at_once(&self) -> bool {
        !matches!(self.body, Body::Layers { .. })
    }

    /// The network's embeddings of these views of images `[channel][row][column]`, one after the other.
    pub(crate) fn embed(
        &self,
        views: &[Seen<'_>],
        shape: [usize; 3],
        by: Instructions,
    ) -> Result<Vec<f32>, Error> {
        let (network, rooms) = match &self.body {
            Body::Layers { network, rooms } => (network, rooms),
            #[cfg(feature = "onnx")]
            Body::Ready(ready) => return ready.embed(&self.eye, views, shape, by),
        };
        let rooms = || rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = rooms().pop();
        let mut room = kept.unwrap_or_else(|| network.scratch());
        let (flat, together) = (network.flat(), network.together());
        let input = network.input();
        let mut vectors = vec![0.0; views.len() * flat];
        let mut seen = Vec::new();
        let parts = vectors.chunks_mut(together * flat);
        for (views, vectors) in views.chunks(together).zip(parts) {
            let places = room.input().chunks_exact_mut(input.len());
            for (&(image, view), place) in views.iter().zip(places) {
                self.eye.see(view.of(image, shape, &mut seen), input, place);
            }
            network.flatten(&mut room, by, vectors);
        }
        rooms().push(room);
        Ok(network.finish(vectors, by))
    }

    /// Its part of a model's embedding, of `dimension` numbers, given the mean of an image's embeddings of length 1.
    /// `members` such parts have length 1 together.
    pub(crate) fn part(&self, mean: &[f32], members: usize, by: Instructions, out: &mut [f32]) {
        let length = |share: f64| (share / members as f64).sqrt() as f32;
        if self.whitening.is_empty() {
            out.copy_from_slice(mean);
            to_unit(out, length(1.0));
        }
        let mut rest = out;
        for map in &self.whitening {
            let centred: Vec<f32> = mean
                .iter()
                .zip(&map.mean)
                .map(|(x, mean)| x - mean)
                .collect();
            let mapped = multiply(&centred, &map.weights, false, by);
            let (out, after) = rest.split_at_mut(mapped.len());
            out.copy_from_slice(&mapped);
            to_unit(out, length(map.share));
            rest = after;
        }
    }
}
