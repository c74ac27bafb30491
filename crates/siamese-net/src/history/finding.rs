//! What can go wrong in training and be named.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A finding about training that ran to the end of an epoch, or to a loss that is no number.
///
/// ```
/// use siamese_net::{EpochRecord, FindingKind, Recipe, findings};
///
/// // A line of history.jsonl.
/// let line = r#"{"epoch":1,"loss":0.09,"validation_loss":0.05,"learning_rate":0.001,"best":true,"health":{
///     "images":400,"trained_on":1.0,"genuine_pairs":1875,"impostor_pairs":1875,"genuine_distance":0.2,
///     "impostor_distance":0.9,"auc":0.98,"spread":0.4,"dead_dimensions":8,"dimensions":50}}"#;
/// let history: Vec<EpochRecord> = vec![serde_json::from_str(line)?];
/// let found = findings(&Recipe::builtin("seed", &[] as &[&str])?, &history);
/// assert_eq!(found.len(), 1);
/// assert_eq!(found[0].kind, FindingKind::LeakyValidation);
/// assert!(found[0].to_string().starts_with("leaky-validation in epoch 1: 100 % of the 400 validation images"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What was found.
    pub kind: FindingKind,
    /// The epoch it was found in, counted from 1.
    pub epoch: u32,
    /// The numbers, in words.
    pub evidence: String,
    /// What they mean.
    pub meaning: String,
    /// What usually helps.
    pub remedy: String,
}

/// What can be found. Written and serialised as its name in the table of [`findings`](crate::findings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Every image is embedded alike.
    CollapsedEmbeddings,
    /// Most dimensions of the embedding are the same for every image.
    DeadDimensions,
    /// Genuine pairs look less alike than impostor pairs.
    ReversedPolarity,
    /// Nothing cost anything in the first epoch.
    ZeroLoss,
    /// The validation loss is of people who are trained on.
    LeakyValidation,
    /// The recipe says when to stop early, and nothing tells when that is.
    UnusedPatience,
    /// The loss or an embedding is no number. Not in any history: see `siamese_model::Error::finding`.
    NotFinite,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// To be kept in mind when reading the figures.
    Note,
    /// The model will be of little use.
    Warning,
}

impl FindingKind {
    /// Its name, as in `collapsed-embeddings`; stays the same from version to version.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CollapsedEmbeddings => "collapsed-embeddings",
            Self::DeadDimensions => "dead-dimensions",
            Self::ReversedPolarity => "reversed-polarity",
            Self::ZeroLoss => "zero-loss",
            Self::LeakyValidation => "leaky-validation",
            Self::UnusedPatience => "unused-patience",
            Self::NotFinite => "not-finite",
        }
    }

    /// How bad it is.
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Self::LeakyValidation | Self::UnusedPatience => Severity::Note,
            _ => Severity::Warning,
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Note => "note",
            Self::Warning => "warning",
        })
    }
}

impl fmt::Display for Finding {
    /// One paragraph: name, epoch, evidence, meaning, remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            epoch,
            evidence,
            meaning,
            remedy,
        } = self;
        write!(f, "{kind} in epoch {epoch}: {evidence}. {meaning} {remedy}")
    }
}

/// The finding that `which`, a loss, weight or embedding, became `value`, which is no number: in a step of an epoch, both
/// counted from 1, or where there is no step under the epoch's last weights.
#[must_use]
pub fn not_finite(which: &str, value: f64, epoch: u32, step: Option<u64>) -> Finding {
    let place = match step {
        Some(step) => format!("in step {step}"),
        None => "under the epoch's last weights".to_owned(),
    };
    Text {
        evidence: format!("{which} became {value} {place}"),
        meaning: "The weights have run away, usually because the steps are too long, and nothing can be learnt after \
                  that."
            .to_owned(),
        remedy: "To mend it, lower optimizer.lr, set train.clip_norm or schedule.warmup_steps, and see that data.mean and \
                 data.sd bring pixels to about -1..1; a checkpoint holds the last good epoch, if there was one."
            .to_owned(),
    }
    .finding(FindingKind::NotFinite, epoch)
}

/// A finding's words.
pub(super) struct Text {
    pub(super) evidence: String,
    pub(super) meaning: String,
    pub(super) remedy: String,
}

impl Text {
    pub(super) fn finding(self, kind: FindingKind, epoch: u32) -> Finding {
        let Self {
            evidence,
            meaning,
            remedy,
        } = self;
        Finding {
            kind,
            epoch,
            evidence,
            meaning,
            remedy,
        }
    }
}
