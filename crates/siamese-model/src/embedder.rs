//! From images to what is compared: the embeddings of one network, or of several side by side.

use rayon::prelude::*;
use siamese_net::{Distance, EmbeddingSpec, ImageStack, PairedRows, ZOOM_PARTS, zoom_taps};
use tch::{Device, Kind, Tensor};

use crate::cosine::unit_rows;
use crate::distance::TensorDistance;
use crate::encoder::Encoder;
use crate::error::Error;
use crate::pixels::image_tensor;
use crate::whitening::Whitening;

/// One network, with the map of its embeddings that was fitted on the training people.
#[derive(Debug)]
pub struct Member {
    /// The network.
    pub encoder: Encoder,
    /// Applied to its embeddings, each to stand beside the others; none: they stay as they are.
    pub whitening: Vec<Whitening>,
}

impl Member {
    /// An encoder, with the whitening that `spec` asks for fitted on images of training people: those of `numbers`,
    /// which show `subjects`.
    ///
    /// # Errors
    /// As [`Whitening::fit`] and [`embed`].
    pub fn fit(
        encoder: Encoder,
        spec: Option<&EmbeddingSpec>,
        images: &ImageStack,
        numbers: &[i64],
        subjects: &[i64],
    ) -> Result<Self, Error> {
        let spec = spec.copied().unwrap_or_default();
        let whitening = match spec.whiten {
            Some(whiten) => {
                let embeddings = unit_embeddings(&encoder, images, numbers, spec)?;
                Whitening::fit(whiten, &embeddings, subjects)?
            }
            None => Vec::new(),
        };
        Ok(Self { encoder, whitening })
    }
}

/// What turns images into the vectors that a model compares.
///
/// Of one member without an [`EmbeddingSpec`] these are the encoder's own. Otherwise each member's are scaled to length
/// 1, averaged over the image's views as the specification says, whitened and scaled to length 1 again, and those of all
/// members, and of each member's maps, stand side by side, scaled so that the whole has length 1: the cosine of two such
/// vectors is the mean of the members' cosines, and a member's that of its maps'.
#[derive(Debug)]
pub struct Embedder {
    members: Vec<Member>,
    spec: Option<EmbeddingSpec>,
}

impl Embedder {
    /// The members, at least one, and what is made of their embeddings.
    ///
    /// # Errors
    /// [`Error::Data`] without members.
    pub fn new(members: Vec<Member>, spec: Option<EmbeddingSpec>) -> Result<Self, Error> {
        if members.is_empty() {
            return Err(Error::Data("a model needs at least one encoder".into()));
        }
        Ok(Self { members, spec })
    }

    /// A single encoder whose embeddings are compared as they are.
    #[must_use]
    pub fn of(encoder: Encoder) -> Self {
        Self {
            members: vec![Member {
                encoder,
                whitening: Vec::new(),
            }],
            spec: None,
        }
    }

    /// The networks, at least one.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Where it computes.
    #[must_use]
    pub fn device(&self) -> Device {
        self.members
            .first()
            .map_or(Device::Cpu, |member| member.encoder.device())
    }

    /// The vectors of the images of these numbers, `[k, d]`.
    ///
    /// # Errors
    /// [`Error::Net`] where the images are not the encoders' size, [`Error::Libtorch`] where memory runs out.
    pub fn embed(&self, images: &ImageStack, numbers: &[i64]) -> Result<Tensor, Error> {
        if let ([Member { encoder, whitening }], None) = (self.members.as_slice(), &self.spec)
            && whitening.is_empty()
        {
            return embed(encoder, images, numbers);
        }
        let spec = self.spec.unwrap_or_default();
        let mut parts = Vec::new();
        for Member { encoder, whitening } in &self.members {
            let embeddings = unit_embeddings(encoder, images, numbers, spec)?;
            let mut part = |vectors: &Tensor, share: f64| -> Result<(), Error> {
                let length = (share / self.members.len() as f64).sqrt();
                parts.push(unit_rows(vectors)?.f_mul_scalar(length)?);
                Ok(())
            };
            if whitening.is_empty() {
                part(&embeddings, 1.0)?;
            }
            for map in whitening {
                part(&map.apply(&embeddings)?, map.share)?;
            }
        }
        Ok(Tensor::f_cat(&parts, 1)?)
    }

    /// The distance of image `a[i]` from image `b[i]`, for each `i`. Each distinct image is embedded once.
    ///
    /// # Errors
    /// As [`Self::embed`], and [`Error::Net`] where `a` and `b` differ in length.
    pub fn distances(
        &self,
        images: &ImageStack,
        a: &[u32],
        b: &[u32],
        distance: Distance,
    ) -> Result<Vec<f32>, Error> {
        let pairs = PairedRows::of(a, b)?;
        let embeddings = self.embed(images, &pairs.numbers)?;
        distance.of_pairs(&embeddings, &pairs.a, &pairs.b)
    }
}

/// Images embedded at a time on a CPU, each part on a thread, and on a GPU.
const EMBED_BATCH: (usize, usize) = (64, 1024);

/// Embeds the images of these numbers into `[k, d]`, in parts; on a CPU on as many threads as the current rayon pool has.
///
/// # Errors
/// [`Error::Net`] where the images are not the encoder's size, [`Error::Libtorch`] where memory runs out.
pub fn embed(encoder: &Encoder, images: &ImageStack, numbers: &[i64]) -> Result<Tensor, Error> {
    in_parts(encoder, images, numbers, |encoder, bytes| {
        encoder.embed(&encoder.see(bytes)?)
    })
}

/// Embeddings of length 1, the mean of those of each image's views.
pub(crate) fn unit_embeddings(
    encoder: &Encoder,
    images: &ImageStack,
    numbers: &[i64],
    spec: EmbeddingSpec,
) -> Result<Tensor, Error> {
    in_parts(encoder, images, numbers, |encoder, bytes| {
        let views = views(bytes, spec)?;
        let embeddings = views
            .iter()
            .map(|bytes| unit_rows(&encoder.embed(&encoder.see(bytes)?)?))
            .collect::<Result<Vec<_>, Error>>()?;
        Ok(Tensor::f_stack(&embeddings, 0)?.f_mean_dim([0i64].as_slice(), false, Kind::Float)?)
    })
}

/// The images `[n, c, h, w]` as they are and zoomed, then these shifted, then all of these mirrored, as far as `spec` asks for
/// them.
fn views(bytes: &Tensor, spec: EmbeddingSpec) -> Result<Vec<Tensor>, Error> {
    let mut views = vec![bytes.shallow_clone()];
    if spec.zoom > 0.0 {
        views.push(zoomed(bytes, spec.zoom)?);
    }
    if spec.shift > 0 {
        let by = i64::from(spec.shift);
        let whole = views.len();
        for (axis, by) in [(2, by), (2, -by), (3, by), (3, -by)] {
            for view in 0..whole {
                views.push(shifted(&views[view], axis, by)?);
            }
        }
    }
    if spec.flip {
        let mirrored = views.iter().map(|view| view.f_flip([3]));
        let mirrored = mirrored.collect::<Result<Vec<_>, _>>()?;
        views.extend(mirrored);
    }
    Ok(views)
}

/// Images zoomed in by a share, see [`zoom_taps`].
fn zoomed(bytes: &Tensor, zoom: f64) -> Result<Tensor, Error> {
    let parts = i64::from(ZOOM_PARTS);
    let mut sums = bytes.f_to_kind(Kind::Int)?;
    for axis in [2, 3] {
        let side = bytes.size()[axis];
        let taps = zoom_taps(side as usize, zoom);
        let first: Vec<i64> = taps.iter().map(|&(pixel, _)| pixel as i64).collect();
        let second: Vec<i64> = first
            .iter()
            .map(|pixel| (pixel + 1).min(side - 1))
            .collect();
        let weights: Vec<i32> = taps.iter().map(|&(_, weight)| weight.into()).collect();
        let along = if axis == 2 { [-1, 1] } else { [1, -1] };
        let weights = Tensor::f_from_slice(&weights)?
            .f_view(along)?
            .f_to_device(bytes.device())?;
        let at = |pixels: &[i64]| -> Result<Tensor, Error> {
            let pixels = Tensor::f_from_slice(pixels)?.f_to_device(bytes.device())?;
            Ok(sums.f_index_select(axis as i64, &pixels)?)
        };
        let (first, second) = (at(&first)?, at(&second)?);
        // Weighted by what is left of the whole, and by the weight.
        sums = first
            .f_mul_scalar(parts)?
            .f_add(&second.f_sub(&first)?.f_mul(&weights)?)?;
    }
    let whole = parts * parts;
    let rounded = sums
        .f_add_scalar(whole / 2)?
        .f_divide_scalar_mode(whole, "floor")?;
    Ok(rounded.f_to_kind(Kind::Uint8)?)
}

/// Images moved along an axis. Their edge pixels are repeated.
fn shifted(bytes: &Tensor, axis: i64, by: i64) -> Result<Tensor, Error> {
    let last = bytes.size()[axis as usize] - 1;
    let from = Tensor::f_arange(last + 1, (Kind::Int64, bytes.device()))?;
    let from = from.f_sub_scalar(by)?.f_clamp(0, last)?;
    Ok(bytes.f_index_select(axis, &from)?)
}

fn in_parts(
    encoder: &Encoder,
    images: &ImageStack,
    numbers: &[i64],
    one: impl Fn(&Encoder, &Tensor) -> Result<Tensor, Error> + Sync,
) -> Result<Tensor, Error> {
    images.expect(encoder.images())?;
    let images = &images.ahead(|| numbers.iter().filter_map(|&number| number.try_into().ok()));
    let parts = if encoder.device() == Device::Cpu {
        let parts: Vec<_> = numbers
            .chunks(EMBED_BATCH.0)
            .map(|part| (encoder.share(), part))
            .collect();
        let single = |(encoder, part): (Encoder, &[i64])| {
            tch::set_num_threads(1);
            tch::no_grad(|| one(&encoder, &image_tensor(images, part, Device::Cpu)?))
        };
        parts
            .into_par_iter()
            .map(single)
            .collect::<Result<Vec<_>, Error>>()?
    } else {
        backing_off(numbers, EMBED_BATCH.1, |part| {
            tch::no_grad(|| one(encoder, &image_tensor(images, part, encoder.device())?))
        })?
    };
    Ok(Tensor::f_cat(&parts, 0)?)
}

/// What `one` gives for these numbers, in parts of so many at most. Where memory runs out, parts become half as large, down to a
/// single number.
fn backing_off<T>(
    numbers: &[i64],
    most: usize,
    one: impl Fn(&[i64]) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let (mut done, mut rest, mut size) = (Vec::new(), numbers, most);
    while !rest.is_empty() {
        let (part, after) = rest.split_at(size.min(rest.len()));
        match one(part) {
            Ok(found) => {
                done.push(found);
                rest = after;
            }
            Err(error) if error.is_out_of_memory() && part.len() > 1 => {
                size = part.len().div_ceil(2);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_become_smaller_where_memory_runs_out() {
        let numbers: Vec<i64> = (0..100).collect();
        let room_for = |room: usize| {
            backing_off(&numbers, 64, |part| match part.len() {
                found if found > room => Err(out_of_memory()),
                _ => Ok(part.to_vec()),
            })
        };
        let parts = room_for(20).unwrap();
        assert_eq!(parts.concat(), numbers);
        assert_eq!(parts[0].len(), 16);
        assert_eq!(room_for(64).unwrap().len(), 2);
        assert_eq!(room_for(1).unwrap().len(), 100);
        assert!(room_for(0).unwrap_err().is_out_of_memory());
        let other = backing_off(&numbers, 64, |_| -> Result<(), _> {
            Err(Error::Data("no image".into()))
        });
        assert!(matches!(other, Err(Error::Data(_))));
    }

    fn out_of_memory() -> Error {
        tch::TchError::Torch("CUDA out of memory. Tried to allocate 2 GiB".into()).into()
    }
}
