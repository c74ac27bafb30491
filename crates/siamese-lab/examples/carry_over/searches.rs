//! Thresholds for searches, and what strangers to the refit got at them: strangers are searched for among the subjects that
//! the network learnt from, one image of whom is enrolled.

use crate::networks::Distances;

/// Turns in which another image of each subject is enrolled.
const TURNS: u32 = 10;

/// Strangers to a network, searched for among those it learnt from.
pub(crate) struct Searches {
    each: Vec<Search>,
}

struct Search {
    /// From the probe to every subject's enrolled image, ascending.
    others: Vec<f32>,
    /// From the probe to its own subject's enrolled image, were it enrolled as well; absent where the probe is that image.
    own: Option<f32>,
}

/// Rates at a threshold in galleries of one size.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rates {
    /// Share of the searches for a stranger that find somebody, over all galleries of this size that can be drawn.
    pub(crate) fpir: f64,
    /// What it would be if comparisons were independent: `1 - (1 - FMR)^N`.
    pub(crate) if_independent: f64,
    /// Share of the searches for an enrolled subject that do not find it first, or not below the threshold.
    pub(crate) fnir: f64,
}

impl Searches {
    pub(crate) fn of(distances: &Distances<'_>) -> Self {
        let catalog = distances.catalog;
        let enrolled = |subject: u32, turn: u32| {
            let images = catalog.samples_of(subject);
            images.start + turn % images.len() as u32
        };
        let network = distances.network;
        let mut each = Vec::new();
        for turn in 0..TURNS {
            for probe in distances.images_of(&network.strangers) {
                let own = enrolled(catalog.subject_of(probe), turn);
                let others = network
                    .cohort
                    .iter()
                    .map(|&subject| enrolled(subject, turn));
                let mut others: Vec<f32> = others
                    .map(|image| distances.between(probe, image))
                    .collect();
                others.sort_by(f32::total_cmp);
                let own = (own != probe).then(|| distances.between(probe, own));
                each.push(Search { others, own });
            }
        }
        Self { each }
    }

    pub(crate) fn pooled(all: Vec<Self>) -> Self {
        let each = all.into_iter().flat_map(|searches| searches.each).collect();
        Self { each }
    }

    /// The most lenient distance with this FPIR at most, in galleries of so many subjects.
    pub(crate) fn threshold(&self, fpir: f64, gallery: usize) -> f64 {
        let distances = self.each.iter().flat_map(|search| &search.others);
        let mut distances: Vec<f32> = distances.copied().collect();
        distances.sort_by(f32::total_cmp);
        let within = |distance: &f32| self.fpir(f64::from(*distance), gallery) <= fpir;
        let first_beyond = distances.partition_point(within);
        f64::from(distances[first_beyond.saturating_sub(1)])
    }

    pub(crate) fn at(&self, threshold: f64, gallery: usize) -> Rates {
        let comparisons: usize = self.each.iter().map(|search| search.others.len()).sum();
        let accepted: usize = self.each.iter().map(|search| search.below(threshold)).sum();
        let fmr = accepted as f64 / comparisons as f64;
        let mated = self
            .each
            .iter()
            .filter_map(|search| Some((search, search.own?)));
        let missed = mated.map(|(search, own)| match f64::from(own) < threshold {
            true => 1.0 - search.none_of(gallery, search.others.partition_point(|&d| d <= own)),
            false => 1.0,
        });
        let missed: Vec<f64> = missed.collect();
        Rates {
            fpir: self.fpir(threshold, gallery),
            if_independent: 1.0 - (1.0 - fmr).powi(gallery as i32),
            fnir: missed.iter().sum::<f64>() / missed.len() as f64,
        }
    }

    fn fpir(&self, threshold: f64, gallery: usize) -> f64 {
        let found = |search: &Search| 1.0 - search.none_of(gallery, search.below(threshold));
        self.each.iter().map(found).sum::<f64>() / self.each.len() as f64
    }
}

impl Search {
    fn below(&self, threshold: f64) -> usize {
        self.others
            .partition_point(|&distance| f64::from(distance) < threshold)
    }

    /// The probability that so many drawn from the others hold none of the nearest `k`.
    fn none_of(&self, drawn: usize, k: usize) -> f64 {
        let all = self.others.len();
        let share = |i: usize| (all - k).saturating_sub(i) as f64 / (all - i) as f64;
        (0..drawn).map(share).product()
    }
}
