//! What embeddings look like at the end of an epoch, whatever the loss says.

use std::borrow::Cow;

use pairgen::Catalog;
use serde::{Deserialize, Serialize};
use siamese_net::{Distance, EmbeddingHealth, Recipe};
use tch::{Kind, Tensor};

use super::pair_batch::{Batch, Batcher};
use super::ranking::Ranking;
use super::set::TrainingSet;
use crate::distance::TensorDistance;
use crate::embedder::{embed, unit_embeddings};
use crate::encoder::Encoder;
use crate::error::Error;
use crate::loss::pair_loss;

/// Training pairs that are measured where there are no validation pairs.
const FIT_SAMPLE: usize = 256;

/// A dimension is dead where its values differ by no more than this share of the largest value of any dimension:
/// a few roundings of f32.
const DEAD_RANGE: f64 = 1e-6;

/// The pairs that are looked at after each epoch.
pub(super) struct Judged<'a> {
    numbers: Cow<'a, [u32]>,
    trained_on: f64,
    /// Whether they show nobody who is trained on, for certain.
    strangers: bool,
}

/// What an epoch's last weights make of the pairs looked at.
#[derive(Serialize, Deserialize)]
pub(super) struct Measured {
    /// Mean loss of the pairs, where the loss is one of pairs.
    pub(super) loss: Option<f64>,
    /// Equal error rate of the pairs, where they show strangers and both kinds.
    pub(super) eer: Option<f64>,
    /// Absent without pairs.
    pub(super) health: Option<EmbeddingHealth>,
}

impl<'a> Judged<'a> {
    /// The validation pairs, or a sample of the training pairs.
    pub(super) fn new(recipe: &Recipe, set: &TrainingSet<'a>) -> Self {
        if !set.validation.is_empty() {
            let trained_on = trained_on(set);
            return Self {
                numbers: Cow::Borrowed(set.validation),
                trained_on,
                strangers: trained_on == 0.0 && set.catalog().is_some(),
            };
        }
        let numbers = if set.fit().len() <= FIT_SAMPLE {
            Cow::Borrowed(set.fit())
        } else {
            let mut rng = pairgen::stream(recipe.seed, "health/fit-sample", 0);
            let bound = u32::try_from(set.fit().len()).unwrap_or(u32::MAX);
            (0..FIT_SAMPLE)
                .map(|_| set.fit()[rng.below(bound) as usize])
                .collect()
        };
        Self {
            numbers,
            trained_on: 1.0,
            strangers: false,
        }
    }

    /// Embeds each distinct image, without dropout, and looks at all pairs of them; `epoch`, counted from 1, is for the
    /// error.
    pub(super) fn measure(
        &self,
        recipe: &Recipe,
        encoder: &Encoder,
        set: &TrainingSet<'_>,
        batcher: &mut Batcher<'_>,
        epoch: u32,
    ) -> Result<Measured, Error> {
        expect_finite_weights(encoder, epoch, None)?;
        if self.numbers.is_empty() {
            return Ok(Measured {
                loss: None,
                eer: None,
                health: None,
            });
        }
        // Losses over more than a pair, and those with a head, say nothing of single pairs.
        let terms = recipe.loss.terms();
        let of_pairs = terms.iter().all(|(_, loss)| loss.is_of_pairs());
        let batch = batcher.batch(&self.numbers);
        let (loss, distances, embeddings) = tch::no_grad(|| {
            let embeddings = embed(encoder, set.images, &batch.images)?;
            let distances = pair_distances(recipe.loss.distance(), &embeddings, &batch)?;
            let loss = if of_pairs {
                let device = encoder.device();
                let genuine = batch.genuine(device)?;
                let distances = Tensor::f_from_slice(&distances)?.f_to_device(device)?;
                let losses = pair_loss(&recipe.loss, &distances, &genuine)?;
                Some(losses.f_mean(Kind::Double)?.f_double_value(&[])?)
            } else {
                None
            };
            let embeddings = Vec::<f32>::try_from(&embeddings.f_flatten(0, -1)?)?;
            Ok::<_, Error>((loss, distances, embeddings))
        })?;
        let not_finite = |which, value| Error::NotFinite {
            which,
            value,
            epoch,
            step: None,
        };
        if let Some(loss) = loss.filter(|loss| !loss.is_finite() && !set.validation.is_empty()) {
            return Err(not_finite("the validation loss", loss));
        }
        if let Some(bad) = embeddings.iter().chain(&distances).find(|x| !x.is_finite()) {
            return Err(not_finite("an embedding", f64::from(*bad)));
        }
        let ranking = Ranking::of(&distances, |i| batch.is_genuine(i));
        let eer = match recipe.embedding {
            _ if !self.strangers => None,
            None => ranking.eer,
            Some(spec) => {
                let used = unit_embeddings(encoder, set.images, &batch.images, spec)?;
                let distances = pair_distances(Distance::Cosine, &used, &batch)?;
                Ranking::of(&distances, |i| batch.is_genuine(i)).eer
            }
        };
        let health = self.health(&batch, ranking, &embeddings);
        Ok(Measured {
            loss,
            eer,
            health: Some(health),
        })
    }

    /// On the host and in f64, one after the other, so that the figures are the same on any number of threads.
    fn health(&self, batch: &Batch, ranking: Ranking, embeddings: &[f32]) -> EmbeddingHealth {
        let images = batch.images.len();
        let spread = Spread::of(embeddings, embeddings.len() / images.max(1));
        EmbeddingHealth {
            images,
            trained_on: self.trained_on,
            genuine_pairs: ranking.genuine.0,
            impostor_pairs: ranking.impostor.0,
            genuine_distance: mean(ranking.genuine),
            impostor_distance: mean(ranking.impostor),
            auc: ranking.auc,
            reversal: ranking.reversal,
            spread: spread.share,
            dead_dimensions: spread.dead,
            dimensions: spread.dimensions,
        }
    }
}

/// The distance of each pair of a batch, given the embeddings of its images.
fn pair_distances(
    distance: Distance,
    embeddings: &Tensor,
    batch: &Batch,
) -> Result<Vec<f32>, Error> {
    let (a, b) = batch.occurrences.split_at(batch.occurrences.len() / 2);
    distance.of_pairs(embeddings, a, b)
}

/// Fails where a weight, or a running figure of normalisation, is no number. A finite loss proves nothing, because
/// maximum and relu can hide it.
pub(super) fn expect_finite_weights(
    encoder: &Encoder,
    epoch: u32,
    step: Option<u64>,
) -> Result<(), Error> {
    for tensor in encoder.memory() {
        // No sum of finite f32 overflows f64, and no sum hides what is not finite.
        let value = tensor
            .f_detach()?
            .f_sum(Kind::Double)?
            .f_double_value(&[])?;
        if !value.is_finite() {
            return Err(Error::NotFinite {
                which: "a weight",
                value,
                epoch,
                step,
            });
        }
    }
    Ok(())
}

/// Share of the validation images whose people, or which themselves, are trained on.
fn trained_on(set: &TrainingSet<'_>) -> f64 {
    let who = |image: u32| {
        set.catalog()
            .map_or(image, |catalog: &Catalog| catalog.subject_of(image))
    };
    let images = |numbers: &'_ [u32]| -> Vec<u32> {
        let mut images: Vec<u32> = numbers
            .iter()
            .map(|&number| set.pairs.get(number as usize))
            .flat_map(|pair| [pair.a, pair.b])
            .collect();
        images.sort_unstable();
        images.dedup();
        images
    };
    let mut known: Vec<u32> = if set.fit().is_empty() {
        // Batches of people.
        set.subjects().to_vec()
    } else {
        images(set.fit()).into_iter().map(who).collect()
    };
    known.sort_unstable();
    let judged = images(set.validation);
    let seen = judged
        .iter()
        .filter(|&&image| known.binary_search(&who(image)).is_ok());
    seen.count() as f64 / judged.len().max(1) as f64
}

/// How far embeddings lie apart.
struct Spread {
    share: f64,
    dead: usize,
    dimensions: usize,
}

impl Spread {
    /// Of rows of so many dimensions, one after the other.
    fn of(embeddings: &[f32], dimensions: usize) -> Self {
        let rows = || embeddings.chunks_exact(dimensions.max(1));
        let count = rows().len().max(1) as f64;
        let mut means = vec![0.0; dimensions];
        let mut ranges = vec![(f32::INFINITY, f32::NEG_INFINITY); dimensions];
        let mut largest = 0.0f32;
        let mut squared_length = 0.0;
        for row in rows() {
            for ((&x, mean), (low, high)) in row.iter().zip(&mut means).zip(&mut ranges) {
                *mean += f64::from(x) / count;
                (*low, *high) = (low.min(x), high.max(x));
                largest = largest.max(x.abs());
                squared_length += f64::from(x) * f64::from(x);
            }
        }
        let mut squared_deviation = 0.0;
        for row in rows() {
            for (&x, mean) in row.iter().zip(&means) {
                squared_deviation += (f64::from(x) - mean).powi(2);
            }
        }
        let dead = |(low, high): &&(f32, f32)| {
            f64::from(*high) - f64::from(*low) <= DEAD_RANGE * f64::from(largest)
        };
        Self {
            share: if squared_length > 0.0 {
                (squared_deviation / squared_length).sqrt()
            } else {
                0.0
            },
            dead: ranges.iter().filter(dead).count(),
            dimensions,
        }
    }
}

fn mean((count, sum): (usize, f64)) -> Option<f64> {
    (count > 0).then(|| sum / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Learning;
    use pairgen::PairSet;

    /// ```python
    /// x = np.array([[1, 0, 2, 5], [3, 0, 2, 4], [2, 0, 2, 9]], float)
    /// np.sqrt(x.var(0).sum() / (x ** 2).sum(1).mean())
    /// ```
    #[test]
    fn spread_is_numpys_and_dimensions_without_variance_are_dead() {
        let spread = Spread::of(
            &[1.0, 0.0, 2.0, 5.0, 3.0, 0.0, 2.0, 4.0, 2.0, 0.0, 2.0, 9.0],
            4,
        );
        assert!(
            (spread.share - 0.328_797_974_610_714_6).abs() < 1e-12,
            "{}",
            spread.share
        );
        assert_eq!((spread.dead, spread.dimensions), (2, 4));
        let zero = Spread::of(&[0.0; 6], 3);
        assert_eq!((zero.share, zero.dead), (0.0, 3));
    }

    #[test]
    fn people_are_found_in_training_through_other_images_of_theirs_where_there_is_a_catalogue() {
        let catalog = Catalog::from_counts([("a", 4), ("b", 4), ("c", 2)]).unwrap();
        // Trained on: the first two images of a and b. Judged: the last two, and the stranger c.
        let pairs = [(0, 1), (4, 5), (0, 5), (2, 3), (6, 7), (8, 9)];
        let pairs = PairSet::from_samples(&catalog, pairs).unwrap();
        let images = ndarray::Array3::<u8>::zeros((10, 4, 4));
        let images = siamese_net::ImageStack::new(images.view()).unwrap();
        let fit = &[0, 1, 2];
        let mut set = TrainingSet {
            images: &images,
            pairs: &pairs,
            validation: &[3, 4, 5],
            learning: Learning::Pairs { fit, catalog: None },
        };
        assert_eq!(trained_on(&set), 0.0);
        set.learning = Learning::Pairs {
            fit,
            catalog: Some(&catalog),
        };
        assert!((trained_on(&set) - 4.0 / 6.0).abs() < 1e-12);
        set.validation = &[2, 5];
        set.learning = Learning::Pairs { fit, catalog: None };
        assert!((trained_on(&set) - 0.5).abs() < 1e-12);
    }
}
