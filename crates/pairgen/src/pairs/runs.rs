//! Consecutive runs of numbers, and which run a number falls into.

/// Where runs of numbers begin, one run per owner, with a table that makes looking up cheap.
///
/// The numbers are cut into about as many equal buckets as there are runs, and the table says with
/// which run each bucket begins. A look-up is a binary search over the runs of one bucket: a step
/// or two where the runs are of similar lengths, and never more than log2(runs).
#[derive(Debug, Clone)]
pub(crate) struct Runs {
    /// Where each run begins, and the total.
    begins: Vec<u64>,
    /// The run that holds the first number of each bucket, and the last run.
    first_of_bucket: Vec<u32>,
    /// Numbers in a bucket, as a power of two.
    bucket_bits: u32,
}

impl Runs {
    /// Runs of these lengths, one after another from 0.
    pub(crate) fn new(lengths: impl IntoIterator<Item = u64>) -> Self {
        let mut begins = vec![0];
        let mut total = 0;
        for length in lengths {
            total += length;
            begins.push(total);
        }
        let bucket_bits = (total / begins.len() as u64).checked_ilog2().unwrap_or(0);
        let buckets = total >> bucket_bits;
        let mut run = 0;
        let first_of_bucket = (0..=buckets + 1)
            .map(|bucket| {
                let number = (bucket << bucket_bits).min(total.saturating_sub(1));
                while begins.get(run + 1).is_some_and(|&begin| begin <= number) {
                    run += 1;
                }
                run as u32
            })
            .collect();
        Self {
            begins,
            first_of_bucket,
            bucket_bits,
        }
    }

    /// The length of all runs together.
    pub(crate) fn total(&self) -> u64 {
        self.begins.last().copied().unwrap_or(0)
    }

    /// The run that holds `number`, which must be below the total, and its place in that run.
    #[inline]
    pub(crate) fn locate(&self, number: u64) -> (usize, u64) {
        let bucket = (number >> self.bucket_bits) as usize;
        let first = self.first_of_bucket[bucket] as usize;
        let last = self.first_of_bucket[bucket + 1] as usize;
        let later = self.begins[first + 1..=last].partition_point(|&begin| begin <= number);
        let run = first + later;
        (run, number - self.begins[run])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_number_is_found_in_its_run(
            lengths in prop::collection::vec(prop_oneof![Just(0u64), 1u64..5, 50u64..400], 0..30),
        ) {
            let runs = Runs::new(lengths.iter().copied());
            let mut number = 0;
            for (run, &length) in lengths.iter().enumerate() {
                for place in 0..length {
                    prop_assert_eq!(runs.locate(number), (run, place));
                    number += 1;
                }
            }
            prop_assert_eq!(runs.total(), number);
            prop_assert!(runs.first_of_bucket.len() <= 2 * lengths.len() + 5);
        }
    }
}
