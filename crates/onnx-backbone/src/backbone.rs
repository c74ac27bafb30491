//! A network in use.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::prelude::*;
use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool};
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use crate::error::Error;
use crate::interface::Interface;
use crate::outline::{Element, Outline};

/// A network that turns images into vectors, on a CPU.
///
/// Images are computed one by one, so an image's vector does not depend on what else is computed, and as many at a time as
/// there are threads. Memory is bounded: the weights, and for each thread what [`Outline::sizes`] says of one image.
pub struct Backbone {
    model: Model,
    pool: Arc<ThreadPool>,
    threads: usize,
    input: NodeId,
    output: NodeId,
    interface: Interface,
}

impl Backbone {
    /// The network in an ONNX file, for images `[channels, height, width]`, on the number of threads that the current rayon
    /// pool has.
    ///
    /// # Errors
    /// [`Error`], where the file is no network of this kind, as [`Outline::read`], [`Outline::sizes`] and [`Interface::of`]
    /// find, or where rten does not take it.
    pub fn load(bytes: Vec<u8>, image: [usize; 3]) -> Result<Self, Error> {
        let outline = Outline::read(&bytes)?;
        let interface = Interface::of(&outline, image)?;
        let names = [outline.image()?, outline.embedding()?].map(|value| value.name.clone());
        drop(outline);
        let model = guarded(|| ModelOptions::with_all_ops().load(bytes))?;
        let model = model.map_err(|error| Error::Run(error.to_string()))?;
        let node = |name: &str| {
            let node = model.node_id(name);
            node.map_err(|error| Error::Run(error.to_string()))
        };
        let threads = rayon::current_num_threads().max(1);
        Ok(Self {
            input: node(&names[0])?,
            output: node(&names[1])?,
            pool: Arc::new(ThreadPool::with_num_threads(threads)),
            threads,
            model,
            interface,
        })
    }

    /// What goes in and what comes out.
    #[must_use]
    pub fn interface(&self) -> &Interface {
        &self.interface
    }

    /// The vectors of so many images, one after the other. `see` writes image number i, counted from 0, as
    /// `[channel][row][column]`; a network that takes bytes gets the numbers rounded to 0..255.
    ///
    /// # Errors
    /// [`Error::Run`], where the network fails or gives something else than [`Self::interface`] says.
    pub fn run(
        &self,
        images: usize,
        see: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Result<Vec<f32>, Error> {
        let mut vectors = Vec::with_capacity(images * self.interface.dimension);
        let mut begin = 0;
        // No more at a time than there are threads: a thread that waits for another begins whatever there is to begin.
        while begin < images {
            let end = images.min(begin + self.threads);
            let part: Result<Vec<Vec<f32>>, Error> = guarded(|| {
                let one = |image: usize| {
                    let mut planes = vec![0.0; self.interface.image.iter().product()];
                    see(image, &mut planes);
                    self.vector(planes)
                };
                self.pool
                    .run(|| (begin..end).into_par_iter().map(one).collect())
            })?;
            vectors.extend(part?.into_iter().flatten());
            begin = end;
        }
        Ok(vectors)
    }

    /// Runs the network on two images of noise, of which one has more contrast.
    ///
    /// # Errors
    /// As [`Self::run`], and where a vector holds something that is no number.
    pub fn probe(&self, levels: impl Fn(&[u8], &mut [f32]) + Sync) -> Result<(), Error> {
        let pixels: usize = self.interface.image.iter().product();
        let vectors = self.run(2, |image, planes| {
            let mut state = 1_u32;
            let noise = (0..pixels).map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8 >> (2 * image)
            });
            levels(&noise.collect::<Vec<u8>>(), planes);
        })?;
        match vectors.iter().all(|value| value.is_finite()) {
            true => Ok(()),
            false => Err(Error::Run(
                "ordinary images give vectors that are not numbers: check mean and standard deviation, or export it again"
                    .to_owned(),
            )),
        }
    }

    /// The vector of one image.
    fn vector(&self, planes: Vec<f32>) -> Result<Vec<f32>, Error> {
        let [channels, height, width] = self.interface.image;
        let shape = [1, channels, height, width];
        let input = match self.interface.element {
            Element::U8 => {
                let bytes = planes
                    .into_iter()
                    .map(|x| x.round() as u8)
                    .collect::<Vec<u8>>();
                NdTensor::from_data(shape, bytes).into()
            }
            _ => NdTensor::from_data(shape, planes).into(),
        };
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(&self.pool)));
        let found = self
            .model
            .run(vec![(self.input, input)], &[self.output], Some(options));
        let found = found.map_err(|error| Error::Run(error.to_string()))?;
        let vector = found.into_iter().next().map(Tensor::<f32>::try_from);
        let Some(Ok(vector)) = vector else {
            return Err(Error::Run(
                "its result does not consist of numbers of f32".to_owned(),
            ));
        };
        let vector = vector.to_vec();
        match vector.len() == self.interface.dimension {
            true => Ok(vector),
            false => Err(Error::Run(format!(
                "its result has {} numbers, expected {}",
                vector.len(),
                self.interface.dimension
            ))),
        }
    }
}

/// Runs what may panic on an input that nobody thought of.
fn guarded<T>(compute: impl FnOnce() -> T) -> Result<T, Error> {
    // What is left behind by a panic is dropped, or is only read.
    catch_unwind(AssertUnwindSafe(compute)).map_err(|panic| {
        let said = said(panic.as_ref());
        Error::Run(format!(
            "the runtime gave up ({said}); export it again, or with another operator set"
        ))
    })
}

fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a reason")
}

impl fmt::Debug for Backbone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backbone")
            .field("interface", &self.interface)
            .finish_non_exhaustive()
    }
}
