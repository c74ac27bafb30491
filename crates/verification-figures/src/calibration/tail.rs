//! How many impostors score at least as well as a score, in a few hundred numbers.

use crate::Scores;

/// The growth from one point of the tail to the next. A share read from it may be too large by as much, or by one comparison
/// where that is more; equal scores are one point.
const GROWTH: f64 = 1.05;
/// Fewer impostors show no share: the rule of three.
const FIRST: usize = 3;

/// Scores, the most alike first, each with the share of impostors that are at least as alike; the last has all of them.
pub(super) fn of_impostors(scores: &Scores) -> Vec<(f64, f64)> {
    let keys = scores.impostor_keys();
    let total = keys.len();
    let mut tail: Vec<(f64, f64)> = Vec::new();
    let mut wanted = FIRST.min(total);
    while wanted > 0 {
        let key = keys[wanted - 1];
        // Equal scores are in it together.
        let count = keys.partition_point(|&other| other <= key);
        let score = scores.direction().score_of(f64::from(key));
        tail.push((score, count as f64 / total as f64));
        if count == total {
            break;
        }
        wanted = ((count as f64 * GROWTH) as usize).max(count + 1).min(total);
    }
    tail
}
