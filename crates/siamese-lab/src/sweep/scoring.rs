//! The comparisons of a point with all its seeds.

use pairgen::Catalog;
use verification_figures::{Error, LabelledScores};

use super::crossvals::JudgedRun;
use crate::error::Result;
use crate::judge::{Scored, pooled};
use crate::spread::Spread;

/// The comparisons of all folds with each seed, and of all seeds in one set.
///
/// Networks of different seeds need not agree in the scale of their distances: pooled as they are, under one threshold,
/// they look worse than any of them. So in the one set a distance is replaced by the FMR of its own seed at that
/// distance. No figure of one seed changes by it, and at each threshold every seed has the same FMR: the curve of the
/// set is the mean of the seeds' FNMR at equal FMR ([`LabelledScores::by_fmr`]). A person who is left out for an interval is left out with every seed.
pub(super) struct Scoring {
    /// With each seed, the folds pooled at equal FMR.
    pub(super) seeds: Vec<LabelledScores>,
    /// Of all seeds, each comparison by its seed's FMR.
    pub(super) all: LabelledScores,
}

impl Scoring {
    pub(super) fn new(catalog: &Catalog, seeds: &[Vec<JudgedRun>]) -> Result<Self> {
        let of_seed = |folds: &Vec<JudgedRun>| {
            let folds: Vec<Scored<'_>> = folds.iter().map(JudgedRun::scored).collect();
            Ok(pooled(catalog, &folds)?.by_fold().clone())
        };
        Ok(Self::of(seeds.iter().map(of_seed).collect::<Result<_>>()?)?)
    }

    fn of(seeds: Vec<LabelledScores>) -> Result<Self, Error> {
        // Without impostor comparisons there are neither levels nor figures that need them.
        let level = |seed: &LabelledScores| seed.by_fmr().unwrap_or_else(|_| seed.clone());
        let levelled: Vec<LabelledScores> = seeds.iter().map(level).collect();
        let all = LabelledScores::pooled(&levelled)?;
        Ok(Self { seeds, all })
    }

    /// The EER of all folds with each seed, their mean and standard deviation; absent where it is undefined.
    pub(super) fn eer(&self) -> Option<Spread> {
        let eers: Result<Vec<f64>, _> = self
            .seeds
            .iter()
            .map(|seed| seed.scores().eer().map(|eer| eer.rate))
            .collect();
        eers.ok().and_then(|eers| Spread::of(&eers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use verification_figures::{Comparison, Direction, Figure, Jackknife};

    /// Twelve people, three comparisons of each two; coarse, so that there are ties.
    fn scores(seed: u32, scale: f32) -> LabelledScores {
        let mut state = seed;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 28) as f32
        };
        let pairs = (0..12).flat_map(|a| (a..12).map(move |b| [a, b]));
        let comparisons = pairs.flat_map(|subjects| [subjects; 3]).map(|subjects| {
            let apart = if subjects[0] == subjects[1] { 0.0 } else { 6.0 };
            let score = scale * (noise() + apart);
            Comparison { subjects, score }
        });
        LabelledScores::new(Direction::Distance, comparisons.collect()).unwrap()
    }

    #[test]
    fn no_figure_of_one_seed_changes_nor_its_interval() {
        for seed in 0..20 {
            let scores = scores(seed, 0.3);
            let all = Scoring::of(vec![scores.clone()]).unwrap().all;
            let figures = [
                Figure::Eer,
                Figure::Auc,
                Figure::FnmrAtFmr(0.1),
                Figure::FnmrAtFmr(0.02),
            ];
            let settings = Jackknife::default();
            let ends = |scores: &LabelledScores| scores.intervals(&figures, &settings);
            for (figure, (own, levelled)) in figures
                .iter()
                .zip(ends(&scores).into_iter().zip(ends(&all)))
            {
                assert_eq!(own, levelled, "{figure:?}");
            }
        }
    }

    #[test]
    fn seeds_of_different_scale_give_the_mean_of_their_curves() {
        let seeds = vec![scores(1, 1.0), scores(2, 10.0), scores(3, 0.01)];
        let scoring = Scoring::of(seeds.clone()).unwrap();
        let fnmr = |scores: &LabelledScores, fmr| scores.scores().fnmr_at_fmr(fmr).unwrap().rate;
        let mean = scoring.eer().unwrap().mean;
        let pooled = scoring.all.scores().eer().unwrap().rate;
        assert!((pooled - mean).abs() < 0.03, "{pooled} and {mean}");
        let plain = LabelledScores::pooled(&seeds).unwrap();
        let under_one_threshold = plain.scores().eer().unwrap().rate;
        assert!(under_one_threshold > mean + 0.1, "{under_one_threshold}");
        for fmr in [0.05, 0.1, 0.3] {
            let rates: Vec<f64> = seeds.iter().map(|seed| fnmr(seed, fmr)).collect();
            let [low, high] =
                [f64::min, f64::max].map(|end| rates.iter().copied().reduce(end).unwrap());
            let found = fnmr(&scoring.all, fmr);
            assert!(
                low <= found + 0.06 && found <= high + 0.06,
                "{found} {rates:?}"
            );
        }
    }
}
