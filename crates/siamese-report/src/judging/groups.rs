//! Groups of subjects, and figures within each.

use std::collections::BTreeMap;

use verification_figures::{Comparison, FORGER, LabelledScores, PairKind};

use crate::{Error, GroupFigures};

/// Which group each subject is in: its alphabet, family or site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// The name of each group.
    pub names: Vec<String>,
    /// The place of each subject's group among the names.
    pub of: BTreeMap<u32, u32>,
}

impl Groups {
    /// The number of a subject's group; one that no group has for a subject without.
    pub(super) fn number(&self, subject: u32) -> u32 {
        self.of.get(&subject).copied().unwrap_or(u32::MAX)
    }

    /// The comparisons within each group that has some, by the groups' places.
    fn within(&self, scores: &LabelledScores) -> Result<BTreeMap<u32, LabelledScores>, Error> {
        let mut groups: BTreeMap<u32, Vec<Comparison>> = BTreeMap::new();
        for comparison in scores.comparisons() {
            let [a, b] = comparison
                .subjects
                .map(|subject| self.number(subject & !FORGER));
            if a == b && (a as usize) < self.names.len() {
                groups.entry(a).or_default().push(comparison);
            }
        }
        let labelled = |(group, comparisons)| {
            let scores = LabelledScores::new(scores.direction(), comparisons)?;
            Ok((group, scores))
        };
        groups.into_iter().map(labelled).collect()
    }
}

/// Figures within each group, where several have comparisons. `by_fold` are the comparisons by the FMR of their folds,
/// `decided` less their thresholds.
pub(super) fn group_figures(
    groups: &Groups,
    by_fold: &LabelledScores,
    decided: &LabelledScores,
) -> Result<Vec<GroupFigures>, Error> {
    let (by_fold, decided) = (groups.within(by_fold)?, groups.within(decided)?);
    if decided.len() < 2 {
        return Ok(Vec::new());
    }
    let of = |(group, decided): (u32, LabelledScores)| {
        let at = decided.scores().confusion_at(0.0)?;
        let count = |kind| decided.scores().count(kind) as u64;
        Ok(GroupFigures {
            name: groups.names[group as usize].clone(),
            people: decided.subjects().len() as u64,
            genuine: count(PairKind::Genuine),
            impostor: count(PairKind::Impostor),
            eer: by_fold
                .get(&group)
                .and_then(|scores| scores.scores().eer().ok())
                .map(|eer| eer.rate),
            fmr: at.fmr().ok(),
            fnmr: at.fnmr().ok(),
        })
    };
    decided.into_iter().map(of).collect()
}
