//! That the settings of a loss make sense.

use super::bounds::{expect, not_negative, positive};
use crate::spec::LossSpec;

/// Checks a loss that the recipe writes under `key`.
pub(super) fn check_loss(loss: &LossSpec, key: &str, people: bool) -> Result<(), String> {
    let at = |name: &str| format!("{key}.{name}");
    if !people && !matches!(loss, LossSpec::Sum { .. }) && !loss.is_of_pairs() {
        return Err(format!(
            "{key}.kind needs batches of people, because it looks at more than one pair: add [batches] with people and \
             images, or use contrastive, chopra2005 or logistic"
        ));
    }
    if let Some(Some(lr)) = loss.head() {
        positive(&at("head_lr"), lr)?;
    }
    match *loss {
        LossSpec::Contrastive {
            margin,
            positive_margin,
            ..
        } => {
            positive(&at("margin"), margin)?;
            not_negative(&at("positive_margin"), positive_margin)?;
            if positive_margin > 0.0 && !people {
                return Err(format!(
                    "{key}.positive_margin needs batches of people: add [batches]"
                ));
            }
            Ok(())
        }
        LossSpec::Chopra2005 { bound, .. } => positive(&at("bound"), bound),
        LossSpec::Logistic { bias, .. } => positive(&at("bias"), bias),
        LossSpec::Triplet { margin, .. } => not_negative(&at("margin"), margin),
        LossSpec::SupervisedContrastive { temperature } | LossSpec::NtXent { temperature } => {
            positive(&at("temperature"), temperature)
        }
        LossSpec::MultiSimilarity {
            alpha,
            beta,
            base,
            mining,
            ..
        } => {
            positive(&at("alpha"), alpha)?;
            positive(&at("beta"), beta)?;
            expect(
                (-1.0..=1.0).contains(&base),
                &at("base"),
                base,
                "a cosine, from -1 to 1",
            )?;
            not_negative(&at("mining"), mining)
        }
        LossSpec::ProxyAnchor { alpha, delta, .. } => {
            positive(&at("alpha"), alpha)?;
            not_negative(&at("delta"), delta)
        }
        LossSpec::Arcface { margin, scale, .. } => {
            let holds = (0.0..std::f64::consts::PI).contains(&margin);
            expect(
                holds,
                &at("margin"),
                margin,
                "an angle in radians, at least 0 and below pi",
            )?;
            positive(&at("scale"), scale)
        }
        LossSpec::Cosface { margin, scale, .. } => {
            not_negative(&at("margin"), margin)?;
            positive(&at("scale"), scale)
        }
        LossSpec::NormalisedSoftmax { scale, .. } => positive(&at("scale"), scale),
        LossSpec::Sum { ref terms } => {
            let Some(first) = terms.first() else {
                return Err(format!(
                    "{key}.terms is empty: a sum needs at least one loss"
                ));
            };
            for (i, term) in terms.iter().enumerate() {
                let key = format!("{key}.terms[{i}]");
                if let LossSpec::Sum { .. } = term.loss {
                    return Err(format!(
                        "{key}.loss is a sum inside a sum: write its terms out"
                    ));
                }
                positive(&format!("{key}.weight"), term.weight)?;
                check_loss(&term.loss, &format!("{key}.loss"), people)?;
                if term.loss.distance() != first.loss.distance() {
                    return Err(format!(
                        "{key}.loss is made of {:?} distances and the first term of {:?}: all terms must agree, \
                         because pairs are compared by one distance",
                        term.loss.distance(),
                        first.loss.distance()
                    ));
                }
            }
            Ok(())
        }
    }
}
