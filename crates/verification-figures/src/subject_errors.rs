//! Which subjects are hard to recognise, and which are mistaken for others.

use crate::confusion::Confusion;
use crate::labelled::LabelledScores;
use crate::{Error, Evidence};

/// The errors at one threshold that one subject takes part in.
///
/// Subjects with many false non-matches are the "goats" and those with many
/// false matches the "lambs" and "wolves" of G. Doddington et al., "Sheep,
/// goats, lambs and wolves", ICSLP 1998. A few of them often cause most
/// errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SubjectErrors {
    /// The subject, by the numbering of the comparisons.
    pub subject: u32,
    /// Of its genuine comparisons; `None` if there are none.
    pub false_non_matches: Option<Evidence>,
    /// Of its impostor comparisons; `None` if there are none. A comparison
    /// counts for both of its subjects, so these do not add up to the total.
    pub false_matches: Option<Evidence>,
}

impl LabelledScores {
    /// Counts the errors at a threshold for each subject, in ascending order
    /// of subjects.
    ///
    /// # Errors
    /// [`Error::Argument`] if the threshold is NaN.
    pub fn errors_by_subject(&self, threshold: f64) -> Result<Vec<SubjectErrors>, Error> {
        if threshold.is_nan() {
            return Err(Error::Argument {
                argument: "threshold",
                expected: "a number",
                found: threshold,
            });
        }
        let limit = self.direction().score_of(threshold);
        let mut decisions = vec![Confusion::default(); self.subjects().len()];
        for entry in self.entries() {
            let accepted = f64::from(entry.key) < limit;
            let [a, b] = entry.places();
            if entry.is_genuine() {
                let own = &mut decisions[a];
                *(if accepted { &mut own.tp } else { &mut own.fn_ }) += 1;
            } else {
                let other = (a != b).then_some(b);
                for subject in std::iter::once(a).chain(other) {
                    let own = &mut decisions[subject];
                    *(if accepted { &mut own.fp } else { &mut own.tn }) += 1;
                }
            }
        }
        let summed = self.subjects().iter().zip(&decisions);
        Ok(summed
            .map(|(&subject, own)| SubjectErrors {
                subject,
                false_non_matches: own.false_non_matches().ok(),
                false_matches: own.false_matches().ok(),
            })
            .collect())
    }
}
