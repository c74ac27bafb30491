//! What names the scores that a calibration was measured on.

use sha2::{Digest, Sha256};

use crate::LabelledScores;

/// SHA-256 of the comparisons in order of score and subjects, each as the two subjects, the smaller first, and the score:
/// four bytes each, least first. In hexadecimal digits.
pub(super) fn of_comparisons(scores: &LabelledScores) -> String {
    let mut rows: Vec<(f32, [u32; 2])> = scores
        .comparisons()
        .map(|comparison| {
            let [a, b] = comparison.subjects;
            (comparison.score, [a.min(b), a.max(b)])
        })
        .collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut hash = Sha256::new();
    for (score, subjects) in rows {
        hash.update(subjects[0].to_le_bytes());
        hash.update(subjects[1].to_le_bytes());
        hash.update(score.to_le_bytes());
    }
    let bytes = hash.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
