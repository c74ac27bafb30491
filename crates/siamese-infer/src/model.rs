//! A model on a CPU.

use std::path::Path;

use ndarray::Array2;
use rayon::prelude::*;
use siamese_net::{
    Calibration, Comparison, EmbeddingModel, EmbeddingSpec, Engine, Error, ImageStack, ModelFile,
    Picture, Provenance, Recipe, Threshold, USUAL_FMR, network_prefix,
};

use crate::layer::to_unit;
use crate::member::Member;
use crate::views::{Seen, View};
use map_kernels::Instructions;

/// A trained model on a CPU: networks from a model file with the recipe that they were trained by and their threshold.
///
/// Embeddings are computed on the threads of the current rayon pool, and have the same bytes whatever their number and
/// whatever other images are embedded together.
#[derive(Debug)]
pub struct Model {
    recipe: Recipe,
    threshold: Option<Threshold>,
    calibration: Option<Calibration>,
    provenance: Provenance,
    members: Vec<Member>,
    instructions: Instructions,
}

impl Model {
    /// Reads a model file. Nothing in it is executed. An ONNX network that it names is run: the one in it or in a file beside
    /// it that has the SHA-256 which the model says, and no other.
    ///
    /// # Errors
    /// [`Error::Io`], [`Error::File`] or [`Error::Recipe`] where it cannot be read, or is no whole model file of a known
    /// version; [`Error::File`] where it runs a TorchScript program, which takes libtorch, or its ONNX
    /// network is missing, another, or cannot be used.
    pub fn load(path: &Path) -> Result<Self, Error> {
        Self::of_file(&ModelFile::read(path)?, path)
    }

    /// Of a model file that was read from `path`.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn of_file(file: &ModelFile, path: &Path) -> Result<Self, Error> {
        let recipe = &file.card.recipe;
        if let Some(program) = recipe.script() {
            let message = format!(
                "the model runs a TorchScript program ({program}), and only libtorch can: use a build of siamese with the \
                 feature train"
            );
            return Err(Error::file(path, message));
        }
        if cfg!(not(feature = "onnx")) && recipe.has_programs() {
            let message = "the model begins with an ONNX network, and this build runs none: use a build of siamese with the \
                           feature onnx";
            return Err(Error::file(path, message));
        }
        #[cfg(feature = "onnx")]
        let _held = onnx_backbone::HeldNetworks::of(file, path)?;
        let recipe = file.recipe_in_place(path)?;
        file.expect_whole(path)?;
        let recipes = recipe.members()?;
        let members = recipes.par_iter().enumerate().map(|(i, own)| {
            let prefix = network_prefix(i, recipes.len());
            Member::of_file(file, path, own, &prefix)
        });
        Ok(Self {
            members: members.collect::<Result<_, Error>>()?,
            recipe,
            threshold: file.card.threshold.clone(),
            calibration: file.card.calibration.clone(),
            provenance: file.card.provenance.clone(),
            instructions: Instructions::best(),
        })
    }

    /// The same model, computed by other instructions of this processor.
    #[must_use]
    pub fn with_instructions(self, instructions: Instructions) -> Self {
        Self {
            instructions,
            ..self
        }
    }

    /// What it is computed by.
    #[must_use]
    pub fn instructions(&self) -> Instructions {
        self.instructions
    }

    /// Numbers in an embedding.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.members.iter().map(Member::dimension).sum()
    }

    /// Embeds every image, already of the encoder's size and channels, into `[n, d]`, to be compared by
    /// [`Recipe::distance`].
    ///
    /// # Errors
    /// As [`EmbeddingModel::embeddings`].
    pub fn embed_stack(&self, images: &ImageStack) -> Result<Array2<f32>, Error> {
        let numbers: Vec<i64> = (0..images.len() as i64).collect();
        self.embeddings(images, &numbers)
    }

    /// Embeds one image, pixels `[c, h, w]`, or with the feature `images` a file or the bytes of one, into `[d]`.
    ///
    /// # Errors
    /// [`Error::Picture`] for an image that cannot be read; [`Error::Geometry`] or [`Error::Data`] for one that is not of the
    /// size and channels that the recipe says.
    pub fn embed<'a>(&self, picture: impl Into<Picture<'a>>) -> Result<Vec<f32>, Error> {
        let planes = picture.into().planes(&self.recipe)?;
        let [channels, height, width] = self.recipe.images();
        let bytes: Vec<u8> = planes.iter().copied().collect();
        self.embed_bytes(&bytes, [channels, height, width])
    }

    /// Compares two images, see [`Self::embed`]. If the model holds a calibration it decides at an FMR of 1 %;
    /// [`Comparison::decided_by`] decides at another.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn compare<'a>(
        &self,
        a: impl Into<Picture<'a>>,
        b: impl Into<Picture<'a>>,
    ) -> Result<Comparison, Error> {
        let [a, b] = [self.embed(a)?, self.embed(b)?].map(ndarray::Array1::from);
        let metric = self.recipe.distance();
        let distance = metric.of_vectors(a.view(), b.view());
        let found = Comparison::new(metric, f64::from(distance), self.threshold.clone());
        Ok(found.decided_by(self.calibration.as_ref(), USUAL_FMR))
    }

    /// Embeds images `[channel][row][column]`, one after the other, whose bytes and shape fit each other and the networks.
    fn embed_bytes(&self, bytes: &[u8], shape: [usize; 3]) -> Result<Vec<f32>, Error> {
        let images: Vec<&[u8]> = bytes.chunks_exact(shape.iter().product()).collect();
        let spec = match (&self.members[..], self.recipe.embedding) {
            ([only], None) if !only.is_whitened() => None,
            (_, spec) => Some(spec.unwrap_or_default()),
        };
        let views = spec.map_or_else(|| vec![View::AS_IT_IS], View::all);
        let rows: Vec<Seen<'_>> = images
            .iter()
            .flat_map(|&image| views.iter().map(move |&view| (image, view)))
            .collect();
        // What is computed at a time is no matter of the bytes that come out: enough for all threads, and enough at a time
        // that weights are read for many.
        let all = rows.len() * self.members.len();
        let part = all
            .div_ceil(rayon::current_num_threads())
            .clamp(1, MOST_AT_ONCE);
        let tasks: Vec<(&Member, &[Seen<'_>])> = self
            .members
            .iter()
            .filter(|member| !member.takes_all_at_once())
            .flat_map(|member| rows.chunks(part).map(move |rows| (member, rows)))
            .collect();
        let embedded: Vec<Vec<f32>> = tasks
            .into_par_iter()
            .map(|(member, rows)| member.embed(rows, shape, self.instructions))
            .collect::<Result<_, Error>>()?;
        let parts = rows.len().div_ceil(part).max(1);
        let mut embedded = embedded.chunks(parts).map(<[_]>::concat);
        let of_members = self
            .members
            .iter()
            .map(|member| match member.takes_all_at_once() {
                true => member.embed(&rows, shape, self.instructions),
                false => Ok(embedded.next().unwrap_or_default()),
            });
        let of_members = of_members.collect::<Result<Vec<_>, Error>>()?;
        Ok(match spec {
            None => of_members.into_iter().next().unwrap_or_default(),
            Some(_) => self.side_by_side(of_members, images.len(), views.len()),
        })
    }

    /// Of each image the parts of all members, given their embeddings of all its views.
    fn side_by_side(&self, mut of_members: Vec<Vec<f32>>, images: usize, views: usize) -> Vec<f32> {
        let dimension = self.dimension();
        let mut out = vec![0.0; images * dimension];
        let mut begin = 0;
        for (member, vectors) in self.members.iter().zip(&mut of_members) {
            let length = member.embedding();
            vectors
                .chunks_exact_mut(length)
                .for_each(|vector| to_unit(vector, 1.0));
            let of_images = vectors.chunks_exact(length * views);
            for (vectors, out) in of_images.zip(out.chunks_exact_mut(dimension)) {
                let mut mean = vec![0.0; length];
                for vector in vectors.chunks_exact(length) {
                    mean.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
                }
                mean.iter_mut().for_each(|sum| *sum /= views as f32);
                let part = &mut out[begin..begin + member.dimension()];
                member.part(&mean, self.members.len(), self.instructions, part);
            }
            begin += member.dimension();
        }
        out
    }
}

/// Views of images that are computed at a time by one thread.
const MOST_AT_ONCE: usize = 64;

/// Images that are read at a time for each thread.
const IMAGES_AT_ONCE: usize = 64;

impl EmbeddingModel for Model {
    fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    fn threshold(&self) -> Option<&Threshold> {
        self.threshold.as_ref()
    }

    fn calibration(&self) -> Option<&Calibration> {
        self.calibration.as_ref()
    }

    fn provenance(&self) -> &Provenance {
        &self.provenance
    }

    fn engine(&self) -> Engine {
        Engine::on_cpu("siamese-infer", env!("CARGO_PKG_VERSION"))
    }

    fn untrained(&self) -> Result<Option<Box<dyn EmbeddingModel>>, Error> {
        // A whitening is fitted where training has ended, so there is none at its beginning.
        let without = |recipe: &Recipe| Recipe {
            embedding: recipe.embedding.map(|spec| EmbeddingSpec {
                whiten: None,
                ..spec
            }),
            ..recipe.clone()
        };
        let members = self.recipe.members()?;
        let members = members.iter().map(|own| Member::drawn(&without(own)));
        Ok(Some(Box::new(Self {
            members: members.collect::<Result<_, Error>>()?,
            recipe: without(&self.recipe),
            threshold: None,
            calibration: None,
            provenance: Provenance {
                epoch: 0,
                ..self.provenance.clone()
            },
            instructions: self.instructions,
        })))
    }

    fn embeddings(&self, images: &ImageStack, numbers: &[i64]) -> Result<Array2<f32>, Error> {
        images.expect(self.recipe.images())?;
        let images = images.ahead(|| numbers.iter().filter_map(|&number| number.try_into().ok()));
        let mut values = Vec::with_capacity(numbers.len() * self.dimension());
        for numbers in numbers.chunks(IMAGES_AT_ONCE * rayon::current_num_threads()) {
            let bytes = images.bytes(numbers)?;
            values.extend(self.embed_bytes(&bytes, images.shape())?);
        }
        Array2::from_shape_vec((numbers.len(), self.dimension()), values)
            .map_err(|error| Error::Data(error.to_string()))
    }
}
