//! What goes wrong in training without an error, found in the records of its epochs.

use super::epoch::EpochRecord;
use super::finding::{Finding, FindingKind, Text};
use super::health::EmbeddingHealth;
use super::number::{percent, short};
use crate::recipe::Recipe;
use crate::spec::LossSpec;

/// Impostor pairs closer than this share of the margin are as good as equal.
const VANISHING: f64 = 0.05;

/// Distances that grow by this factor in an epoch are on their way.
const GROWING: f64 = 1.25;

/// Embeddings whose spread is below this share of their length are equal.
const EQUAL: f64 = 1e-4;

/// More dead dimensions than this share are too many. The classic recipe, which ends in a relu, has two thirds to four
/// fifths of them and is none the worse.
const DEAD: f64 = 0.9;

/// Images that it takes to call a dimension dead.
const DEAD_IMAGES: usize = 10;

/// What the records of a run tell, each kind once: where it was first found. A pure function, so that a resumed run and
/// a report find the same.
///
/// | name | found where |
/// |---|---|
/// | `collapsed-embeddings` | the embeddings' spread is below 1/10,000 of their length; or impostor pairs were on average closer than 5 % of the loss's margin (or bound) for two epochs, and not on their way apart (growth below a quarter) |
/// | `dead-dimensions` | more than nine tenths of the dimensions are the same for every image (of at least ten) |
/// | `reversed-polarity` | for two epochs genuine pairs were rarer among the closest pairs than chance makes them, see [`Reversal`](crate::Reversal); healthy training never comes near, a network that tells nobody apart may |
/// | `zero-loss` | the loss of the first epoch is exactly 0, so no step moved a weight |
/// | `leaky-validation` | validation images show people who are trained on; a note |
/// | `unused-patience` | the recipe has `train.patience`, and epochs have neither a loss nor an error rate of validation pairs; a note |
/// | `not-finite` | never here: it ends the run, see `siamese_model::Error::finding` |
///
/// Records without [`EpochRecord::health`] tell of nothing but patience and a loss of 0.
#[must_use]
pub fn findings(recipe: &Recipe, history: &[EpochRecord]) -> Vec<Finding> {
    let rules: [(FindingKind, Rule); 6] = [
        (FindingKind::LeakyValidation, leaky_validation),
        (FindingKind::UnusedPatience, unused_patience),
        (FindingKind::ZeroLoss, zero_loss),
        (FindingKind::CollapsedEmbeddings, collapsed_embeddings),
        (FindingKind::DeadDimensions, dead_dimensions),
        (FindingKind::ReversedPolarity, reversed_polarity),
    ];
    let mut found: Vec<Finding> = Vec::new();
    for (i, record) in history.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| history[i].health.as_ref());
        let epoch = Epoch {
            recipe,
            record,
            health: record.health.as_ref(),
            before,
        };
        for (kind, rule) in rules {
            if found.iter().any(|finding| finding.kind == kind) {
                continue;
            }
            found.extend(rule(&epoch).map(|text| text.finding(kind, record.epoch)));
        }
    }
    found
}

/// What a rule looks at, at the end of an epoch.
struct Epoch<'a> {
    recipe: &'a Recipe,
    record: &'a EpochRecord,
    /// Absent where no pair was there to be measured, and in records of older versions.
    health: Option<&'a EmbeddingHealth>,
    /// Of the epoch before.
    before: Option<&'a EmbeddingHealth>,
}

type Rule = fn(&Epoch<'_>) -> Option<Text>;

/// The distance at which impostor pairs are far enough apart, where the loss has one: what it is called, and its value.
fn goal(loss: &LossSpec) -> Option<(&'static str, f64)> {
    match *loss {
        LossSpec::Contrastive { margin, .. } => Some(("margin", margin)),
        LossSpec::Chopra2005 { bound, .. } => Some(("bound", bound)),
        _ => None,
    }
}

fn zero_loss(epoch: &Epoch<'_>) -> Option<Text> {
    let record = epoch.record;
    if record.epoch > 1 || record.loss != 0.0 {
        return None;
    }
    let kind = epoch.recipe.loss.name();
    Some(Text {
        evidence: format!("the mean loss is exactly 0 ({kind})"),
        meaning: "Nothing in any batch cost anything, so no step moved a weight: the network is as it began.".to_owned(),
        remedy: "Raise the loss's margin; see that batches hold genuine and impostor pairs; or choose a loss that is \
                 never 0, such as supervised-contrastive."
            .to_owned(),
    })
}

fn collapsed_embeddings(epoch: &Epoch<'_>) -> Option<Text> {
    let goal = goal(&epoch.recipe.loss);
    let health = epoch.health?;
    let evidence = if health.spread < EQUAL {
        format!(
            "the embeddings of {} images differ by {} of their length",
            health.images,
            percent(health.spread)
        )
    } else {
        let (name, goal) = goal?;
        let now = health.impostor_distance?;
        let before = epoch.before?.impostor_distance?;
        let vanishing = now.max(before) < VANISHING * goal;
        if !vanishing || now > GROWING * before {
            return None;
        }
        format!(
            "impostor pairs are {} apart on average, {} of the {name} {goal}, and were {} in the epoch before",
            short(now),
            percent(now / goal),
            short(before)
        )
    };
    let lr = epoch.recipe.optimizer.lr();
    Some(Text {
        evidence,
        meaning: "Every image is embedded almost alike. So no distance tells people apart, and the gradient is too \
                  small to lead away from there."
            .to_owned(),
        remedy: format!(
            "Train again with a lower optimizer.lr (it is {lr}) or schedule.warmup_steps, with batch_norm in the \
             encoder or without a relu at its end, and with as many impostor as genuine training pairs{}.",
            goal.map_or_else(String::new, |(name, _)| {
                format!("; if distances only began too small, lower loss.{name}")
            })
        ),
    })
}

fn dead_dimensions(epoch: &Epoch<'_>) -> Option<Text> {
    let health = epoch.health?;
    let share = health.dead_dimensions as f64 / health.dimensions.max(1) as f64;
    // Where every dimension is dead, the embeddings are equal, which is another finding.
    if share <= DEAD || health.images < DEAD_IMAGES || health.spread < EQUAL {
        return None;
    }
    Some(Text {
        evidence: format!(
            "{} of {} dimensions are the same for all of {} images",
            health.dead_dimensions, health.dimensions, health.images
        ),
        meaning: "The embedding is smaller than the recipe says; a relu that is zero for every image has no gradient and \
                  does not come back."
            .to_owned(),
        remedy: format!(
            "Lower optimizer.lr (it is {}), leave out the relu at the encoder's end or use prelu, or begin with \
             encoder.init = \"he-uniform\"; if the figures are good, a smaller last layer will do.",
            epoch.recipe.optimizer.lr()
        ),
    })
}

fn reversed_polarity(epoch: &Epoch<'_>) -> Option<Text> {
    let health = epoch.health?;
    let reversal = health.reversal?;
    epoch.before?.reversal?;
    let evidence = format!(
        "of the {} closest pairs {} are genuine, of all pairs {}; genuine pairs are {} apart on average, impostor pairs {}",
        reversal.closest,
        reversal.genuine,
        percent(
            health.genuine_pairs as f64 / (health.genuine_pairs + health.impostor_pairs) as f64
        ),
        short(health.genuine_distance?),
        short(health.impostor_distance?),
    );
    Some(Text {
        evidence,
        meaning: "The images that look most alike are called impostors: most likely a folder is not a person but a \
                  session, a camera or a pose with everybody's image in it, or people have several folders each. Where \
                  folders are people, the network does not look past pose or light so far."
            .to_owned(),
        remedy: "Look at some genuine pairs (`siamese pairs` lists them), and sort the images so that each folder holds \
                 all images of one person and of nobody else."
            .to_owned(),
    })
}

fn leaky_validation(epoch: &Epoch<'_>) -> Option<Text> {
    epoch.record.validation_loss?;
    let health = epoch.health?;
    if health.trained_on == 0.0 {
        return None;
    }
    let (by_design, remedy) = if epoch.recipe.protocol.name == "seed-pairs" {
        (
            "The protocol seed-pairs is made so, for reproducing published figures. ",
            "To see how strangers are told apart, choose protocol.name = \"k-fold:8\" or another people-disjoint one, and \
             set protocol.validation_people.",
        )
    } else {
        (
            "",
            "Set protocol.validation_people, 5 for instance, to validate on people who are not trained on.",
        )
    };
    Some(Text {
        evidence: format!(
            "{} of the {} validation images show people who are trained on",
            percent(health.trained_on),
            health.images
        ),
        meaning: format!(
            "{by_design}A validation loss as low as the training loss, or lower, is no evidence here that the network \
             tells strangers apart."
        ),
        remedy: remedy.to_owned(),
    })
}

fn unused_patience(epoch: &Epoch<'_>) -> Option<Text> {
    let patience = epoch.recipe.train.patience?;
    if epoch.record.is_judged() {
        return None;
    }
    Some(Text {
        evidence: format!(
            "train.patience is {patience}, and there is neither a loss nor an error rate of validation pairs"
        ),
        meaning: "Nothing says which epoch is better than another: all are trained, and the last weights are the model."
            .to_owned(),
        remedy: "Set protocol.validation_people, 5 for instance, with a people-disjoint protocol; where the loss is one \
                 of pairs, protocol.validation will do, too. Or leave out train.patience."
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::health::Reversal;

    fn healthy(epoch: u32) -> EpochRecord {
        EpochRecord {
            epoch,
            loss: 0.1,
            validation_loss: Some(0.1),
            validation_eer: None,
            learning_rate: 0.01,
            best: false,
            health: Some(EmbeddingHealth {
                images: 50,
                trained_on: 0.0,
                genuine_pairs: 225,
                impostor_pairs: 1000,
                genuine_distance: Some(0.2),
                impostor_distance: Some(0.8),
                auc: Some(0.95),
                reversal: None,
                spread: 0.4,
                dead_dimensions: 39,
                dimensions: 50,
            }),
        }
    }

    type Change = fn(&mut EmbeddingHealth);

    /// The kinds found, with their epochs, in a history of healthy epochs that are each changed.
    fn found(changes: &[Change]) -> Vec<(FindingKind, u32)> {
        let recipe = Recipe::builtin::<&str>("seed", &[]).unwrap();
        let history: Vec<EpochRecord> = (1..)
            .zip(changes)
            .map(|(epoch, change)| {
                let mut record = healthy(epoch);
                record.health.iter_mut().for_each(change);
                record
            })
            .collect();
        let found = findings(&recipe, &history);
        found.iter().map(|f| (f.kind, f.epoch)).collect()
    }

    #[test]
    fn distances_that_begin_small_and_grow_are_no_collapse() {
        let small: Change = |health| health.impostor_distance = Some(0.02);
        let larger: Change = |health| health.impostor_distance = Some(0.04);
        assert_eq!(found(&[small, larger]), []);
        assert_eq!(found(&[small]), []);
        let collapsed = FindingKind::CollapsedEmbeddings;
        assert_eq!(found(&[larger, small, small]), [(collapsed, 2)]);
        assert_eq!(found(&[|health| health.spread = 0.0]), [(collapsed, 1)]);
    }

    #[test]
    fn one_epoch_of_reversal_is_not_enough_and_a_kind_is_told_once() {
        let fine: Change = |_| {};
        let reversed: Change = |health| {
            health.reversal = Some(Reversal {
                closest: 90,
                genuine: 2,
                deviations: 4.0,
            });
        };
        assert_eq!(found(&[reversed, fine, reversed, fine]), []);
        let kind = FindingKind::ReversedPolarity;
        assert_eq!(found(&[fine, reversed, reversed, reversed]), [(kind, 3)]);
    }

    #[test]
    fn dead_dimensions_take_enough_images_and_differences_between_them() {
        let dead: Change = |health| health.dead_dimensions = 46;
        assert_eq!(found(&[dead]), [(FindingKind::DeadDimensions, 1)]);
        assert_eq!(
            found(&[|health| (health.dead_dimensions, health.images) = (46, 9)]),
            []
        );
        assert_eq!(found(&[|health| health.dead_dimensions = 45]), []);
    }

    #[test]
    fn a_first_epoch_that_costs_nothing_is_told_and_a_later_one_is_not() {
        let recipe = Recipe::builtin::<&str>("seed", &[]).unwrap();
        let kinds = |losses: &[f64]| -> Vec<FindingKind> {
            let records = (1..).zip(losses).map(|(epoch, &loss)| EpochRecord {
                loss,
                ..healthy(epoch)
            });
            let found = findings(&recipe, &records.collect::<Vec<_>>());
            found.iter().map(|finding| finding.kind).collect()
        };
        assert_eq!(kinds(&[0.0, 0.0]), [FindingKind::ZeroLoss]);
        assert_eq!(kinds(&[0.1, 0.0, 0.0]), []);
    }

    #[test]
    fn records_of_older_versions_tell_nothing() {
        let line =
            r#"{"epoch":1,"loss":0.1,"validation_loss":0.05,"learning_rate":0.01,"best":true}"#;
        let record: EpochRecord = serde_json::from_str(line).unwrap();
        let recipe = Recipe::builtin::<&str>("seed", &[]).unwrap();
        assert_eq!(findings(&recipe, &[record]), []);
    }

    #[test]
    fn names_are_the_same_in_words_and_in_json() {
        for kind in [
            FindingKind::CollapsedEmbeddings,
            FindingKind::DeadDimensions,
            FindingKind::ReversedPolarity,
            FindingKind::ZeroLoss,
            FindingKind::LeakyValidation,
            FindingKind::UnusedPatience,
            FindingKind::NotFinite,
        ] {
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.to_string());
        }
    }
}
