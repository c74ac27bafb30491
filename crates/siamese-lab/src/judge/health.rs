//! What training health found in the histories of the judged networks.

use crate::error::Result;
use siamese_net::{Finding, Severity, findings};
use siamese_report::HealthNote;

use super::case::Case;

/// More places than these are counted, not listed.
const LISTED: usize = 8;

/// A note for each finding, with the trainings it was found in: those that have the same remedy are one.
///
/// # Errors
/// Where a recipe's networks cannot be told.
pub fn health_notes(cases: &[Case]) -> Result<Vec<HealthNote>> {
    let mut found: Vec<(Finding, Vec<String>)> = Vec::new();
    for case in cases {
        let networks = case.model.recipe().members()?;
        for history in &case.histories {
            let number = history.network.unwrap_or(1);
            let recipe = networks.get(number.saturating_sub(1));
            let recipe = recipe.unwrap_or(case.model.recipe());
            let name = case.name_of(history, cases.len());
            for finding in findings(recipe, &history.epochs) {
                let place = match name.as_str() {
                    "" => format!("epoch {}", finding.epoch),
                    name => format!("{name} (epoch {})", finding.epoch),
                };
                let same = |(other, _): &&mut (Finding, _)| {
                    other.kind == finding.kind && other.remedy == finding.remedy
                };
                match found.iter_mut().find(same) {
                    Some((_, places)) => places.push(place),
                    None => found.push((finding, vec![place])),
                }
            }
        }
    }
    let histories = || cases.iter().flat_map(|case| &case.histories);
    let trainings = histories().count();
    let several = histories().any(|history| history.network.is_some());
    let kind = if several { "networks" } else { "folds" };
    let note = |(finding, places): (Finding, Vec<String>)| {
        let first = places.first().map_or("", String::as_str);
        HealthNote {
            name: finding.kind.name().to_owned(),
            note: finding.kind.severity() == Severity::Note,
            evidence: match places.len() {
                1 => format!("{}.", finding.evidence),
                _ => format!("{first}: {}.", finding.evidence),
            },
            place: match places.len() {
                1 => first.to_owned(),
                count if count == trainings => format!("all {trainings} {kind}"),
                count if count > LISTED => format!("{count} of {trainings} {kind}"),
                _ => places.join("; "),
            },
            meaning: finding.meaning,
            remedy: finding.remedy,
        }
    };
    Ok(found.into_iter().map(note).collect())
}
