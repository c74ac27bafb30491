//! What the folds' networks make of the subjects that they never saw.
//!
//! Distances are taken as they are, whatever fold they come from. Thresholds of distances that were normalised by the
//! training subjects of each network carry over worse to the network of everybody: `examples/carry_over` measures it.

use std::path::Path;

use pairgen::{Catalog, Protocol};
use siamese_net::Threshold;
use verification_figures::{
    Calibration, CalibrationSettings, Comparison, Direction, Fusion, LabelledScores,
};

use super::folds::Folds;
use super::settings::RefitSettings;
use crate::calibrate::skilled;
use crate::embedded::{Embedded, Search, Turns};
use crate::error::{RefitError, Result};
use crate::experiment::list_of;
use crate::judge::Case;

/// The scores of subjects by networks that did not learn from them.
pub(super) struct OutOfFold {
    comparisons: Vec<Comparison>,
    /// With forgeries of them.
    skilled: Vec<Comparison>,
    templates: u32,
    fusion: Fusion,
    turns: Turns,
    /// The searches of each turn, each subject's by the network of its fold.
    searches: Vec<Search>,
}

impl OutOfFold {
    /// The calibration that these scores make, and the threshold at which both error rates are equal.
    pub(super) fn measure(
        folds: &Folds,
        settings: &RefitSettings,
    ) -> Result<(Calibration, Option<Threshold>)> {
        let catalog = &folds.data.catalog;
        let known = |case: &Case| {
            let learnt = case.training.iter().flat_map(|training| &training.people);
            let mut subjects: Vec<u32> = learnt.copied().chain(case.test.people(catalog)).collect();
            subjects.sort_unstable();
            subjects
        };
        // Of a list, subjects that are in no fold are in no gallery.
        let gallery = folds.cases.first().map(known).unwrap_or_default();
        let templates = settings.templates.max(1);
        let turns = Turns::new(catalog, &gallery, templates as usize, catalog.len());
        let mut found = Self {
            comparisons: Vec::new(),
            skilled: Vec::new(),
            templates,
            fusion: settings.fusion,
            searches: (0..turns.count()).map(|_| Search::default()).collect(),
            turns,
        };
        for case in &folds.cases {
            found.add(folds, case, &gallery)?;
        }
        let how = format!(
            "out of fold, {} folds of {}",
            folds.record.folds,
            without_path(&folds.record.protocol)?
        );
        if found.comparisons.is_empty() {
            return Err(RefitError::NoComparisons { templates }.into());
        }
        let scores = LabelledScores::new(Direction::Distance, found.comparisons)?;
        let hard = skilled::against(&scores, &found.skilled)?;
        let impostors = match found.skilled.is_empty() {
            true => "",
            false => ", against skilled forgeries",
        };
        // The threshold of a model is for two images.
        let relative = found.fusion == Fusion::Relative;
        let eer = hard.scores().eer().ok().filter(|_| !relative);
        let threshold = eer.map(|eer| Threshold {
            value: eer.threshold,
            source: format!("equal error rate {how}{impostors}"),
        });
        let how = format!("{how}, searched among training subjects");
        let settings = CalibrationSettings::new(how).with_templates(templates, found.fusion);
        let calibration = skilled::measure(&scores, &found.skilled, &settings)?;
        let searches = found.searches.into_iter();
        let matrices = searches.filter_map(|search| search.matrix().transpose());
        let matrices = matrices.collect::<Result<Vec<_>>>()?;
        let calibration = calibration.with_searches(&matrices, &settings)?;
        Ok((calibration, threshold))
    }

    /// The subjects of one fold's test.
    fn add(&mut self, folds: &Folds, case: &Case, gallery: &[u32]) -> Result<()> {
        let catalog = &folds.data.catalog;
        let tested = case.test.people(catalog);
        let probes: Vec<u32> = images_of(catalog, &tested);
        let turns = &self.turns;
        let enrolled = (0..turns.count()).flat_map(|turn| turns.templates(catalog, gallery, turn));
        let forgeries = tested.iter().flat_map(|&s| catalog.forgeries_of(s));
        let images = enrolled
            .chain(probes.iter().copied())
            .chain(forgeries)
            .collect();
        let embedded = Embedded::of(&*case.model, &folds.images, images)?;
        if self.templates == 1 {
            let pairs = embedded.pairs(catalog, &tested, "out of fold")?;
            self.comparisons.extend(pairs);
            let skilled = embedded.skilled_pairs(catalog, &tested)?;
            self.skilled.extend(skilled);
        }
        for (turn, searches) in self.searches.iter_mut().enumerate() {
            let search = |subjects: &[u32]| {
                let templates = turns.templates(catalog, subjects, turn);
                embedded.search(catalog, &probes, &templates, turns.every(), self.fusion)
            };
            searches.extend(search(gallery));
            if self.templates > 1
                && let Some(among_strangers) = search(&tested).matrix()?
            {
                let fused = among_strangers.fused(self.fusion)?;
                self.comparisons.extend(fused.comparisons());
                let templates = turns.templates(catalog, &tested, turn);
                let skilled = embedded.skilled(catalog, &tested, &templates, self.fusion)?;
                self.skilled.extend(skilled);
            }
        }
        Ok(())
    }
}

/// The protocol, if it is a list by the name of its file: a model holds no paths.
fn without_path(protocol: &str) -> Result<String> {
    let parsed: Protocol = protocol.parse()?;
    let file = list_of(&parsed).and_then(Path::file_name);
    Ok(file.map_or_else(
        || protocol.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    ))
}

fn images_of(catalog: &Catalog, subjects: &[u32]) -> Vec<u32> {
    let images = subjects.iter().map(|&subject| catalog.samples_of(subject));
    images.flatten().collect()
}
