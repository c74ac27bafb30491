//! What training health found in the histories of the judged networks.

use anyhow::Result;
use siamese_model::{Finding, Severity, findings};
use siamese_report::HealthNote;

use super::Case;

/// A note for each kind of finding, with the trainings it was found in.
pub(crate) fn health_notes(cases: &[Case]) -> Result<Vec<HealthNote>> {
    let mut kinds: Vec<(Finding, Vec<String>)> = Vec::new();
    for case in cases {
        let networks = case.model.recipe.members()?;
        for history in &case.histories {
            let number = history.network.unwrap_or(1);
            let recipe = networks.get(number.saturating_sub(1));
            let recipe = recipe.unwrap_or(&case.model.recipe);
            let name = case.name_of(history, cases.len());
            for finding in findings(recipe, &history.epochs) {
                let place = match name.as_str() {
                    "" => format!("epoch {}", finding.epoch),
                    name => format!("{name} (epoch {})", finding.epoch),
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
    }
    let trainings: usize = cases.iter().map(|case| case.histories.len()).sum();
    let all = if trainings == cases.len() {
        format!("all {trainings} folds")
    } else {
        format!("all {trainings} networks")
    };
    let notes = kinds.into_iter();
    Ok(notes
        .map(|(finding, places)| HealthNote {
            name: finding.kind.name().to_owned(),
            note: finding.kind.severity() == Severity::Note,
            place: match places.len() {
                found if found == trainings && found > 1 => all.clone(),
                _ => places.join(", "),
            },
            evidence: format!("{}.", finding.evidence),
            meaning: finding.meaning,
            remedy: finding.remedy,
        })
        .collect())
}
