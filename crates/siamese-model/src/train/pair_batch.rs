//! A batch of pairs as the network meets it: each distinct image once.

use pairgen::PairSet;
use tch::{Device, Tensor};

use crate::error::Error;
use crate::upload;

/// Pairs, and the distinct images they show.
pub(crate) struct Batch {
    /// Numbers of the distinct images, in order of first occurrence.
    pub(crate) images: Vec<i64>,
    /// For each pair the position in `images` of its first, then for each of its second image.
    pub(crate) occurrences: Vec<i64>,
    /// 1.0 for each genuine pair, 0.0 for each impostor pair.
    genuine: Vec<f32>,
}

/// Finds the distinct images of batches; keeps its memory between them.
pub(crate) struct Batcher<'a> {
    pairs: &'a PairSet,
    /// Where an image stands in the batch under way.
    position: Vec<i64>,
}

const ABSENT: i64 = -1;

impl<'a> Batcher<'a> {
    pub(crate) fn new(pairs: &'a PairSet, images: usize) -> Self {
        Self {
            pairs,
            position: vec![ABSENT; images],
        }
    }

    /// The batch of these pair numbers.
    pub(crate) fn batch(&mut self, numbers: &[u32]) -> Batch {
        let mut images = Vec::new();
        let mut occurrences = Vec::with_capacity(2 * numbers.len());
        for side in [self.pairs.a(), self.pairs.b()] {
            for &number in numbers {
                let image = side[number as usize];
                let position = &mut self.position[image as usize];
                if *position == ABSENT {
                    *position = images.len() as i64;
                    images.push(i64::from(image));
                }
                occurrences.push(*position);
            }
        }
        for &image in &images {
            self.position[image as usize] = ABSENT;
        }
        let kinds = self.pairs.kinds();
        let genuine = numbers
            .iter()
            .map(|&n| f32::from(u8::from(kinds[n as usize].is_genuine())))
            .collect();
        Batch {
            images,
            occurrences,
            genuine,
        }
    }
}

impl Batch {
    /// Which distinct image each row shows: both sides one after the other, `[2 n]`.
    pub(crate) fn occurrences(&self, device: Device) -> Result<Tensor, Error> {
        upload::to_device(&self.occurrences, device)
    }

    /// Whether the pair at this place of the batch is genuine.
    pub(crate) fn is_genuine(&self, pair: usize) -> bool {
        self.genuine[pair] == 1.0
    }

    /// 1.0 for genuine, 0.0 for impostor, `[n]`.
    pub(crate) fn genuine(&self, device: Device) -> Result<Tensor, Error> {
        upload::to_device(&self.genuine, device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pairgen::{Catalog, PairKind};

    #[test]
    fn a_batch_names_each_image_once_and_leads_back_to_its_pairs() {
        let catalog = Catalog::from_counts([("a", 10), ("b", 10), ("c", 10)]).unwrap();
        let pairs = PairSet::balanced(&catalog, &[0, 1, 2], 60, 60, 1).unwrap();
        let mut batcher = Batcher::new(&pairs, catalog.len());
        for numbers in [[3u32, 70, 3, 119], [0, 1, 2, 3]] {
            let batch = batcher.batch(&numbers);
            let mut distinct = batch.images.clone();
            distinct.sort_unstable();
            distinct.dedup();
            assert_eq!(distinct.len(), batch.images.len());
            for (i, &number) in numbers.iter().enumerate() {
                let pair = pairs.get(number as usize);
                assert_eq!(
                    batch.images[batch.occurrences[i] as usize],
                    i64::from(pair.a)
                );
                assert_eq!(
                    batch.images[batch.occurrences[i + numbers.len()] as usize],
                    i64::from(pair.b)
                );
                assert_eq!(batch.genuine[i] == 1.0, pair.kind == PairKind::Genuine);
            }
        }
    }
}
