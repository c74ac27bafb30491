//! What training health found in the histories of the judged networks.

use siamese_model::{EpochRecord, Finding, Severity, findings};
use siamese_report::HealthNote;

use super::Case;

/// A note for each kind of finding, with the folds it was found in.
pub(crate) fn health_notes(cases: &[Case]) -> Vec<HealthNote> {
    let mut kinds: Vec<(Finding, Vec<String>)> = Vec::new();
    for case in cases {
        let history: Vec<EpochRecord> = case
            .history
            .iter()
            .map(|line| line.record.clone())
            .collect();
        for finding in findings(&case.model.recipe, &history) {
            let place = match cases.len() {
                1 => format!("epoch {}", finding.epoch),
                _ => format!("fold {} (epoch {})", case.fold, finding.epoch),
            };
            match kinds
                .iter_mut()
                .find(|(known, _)| known.kind == finding.kind)
            {
                Some((_, places)) => places.push(place),
                None => kinds.push((finding, vec![place])),
            }
        }
    }
    kinds
        .into_iter()
        .map(|(finding, places)| HealthNote {
            name: finding.kind.name().to_owned(),
            note: finding.kind.severity() == Severity::Note,
            place: match places.len() {
                found if found == cases.len() && found > 1 => format!("all {found} folds"),
                _ => places.join(", "),
            },
            evidence: finding.evidence,
            meaning: finding.meaning,
            remedy: finding.remedy,
        })
        .collect()
}
