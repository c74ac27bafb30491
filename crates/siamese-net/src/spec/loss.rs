//! What is minimised.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

/// Distance between two embeddings; small means alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Distance {
    /// Square root of the sum of squared differences.
    #[default]
    Euclidean,
    /// Sum of squared differences.
    SquaredEuclidean,
    /// Sum of absolute differences.
    L1,
    /// One minus the cosine of the angle, in 0..2.
    Cosine,
}

impl Distance {
    /// Its name in recipes: `euclidean`, `squared-euclidean`, `l1` or `cosine`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Euclidean => "euclidean",
            Self::SquaredEuclidean => "squared-euclidean",
            Self::L1 => "l1",
            Self::Cosine => "cosine",
        }
    }

    /// The distance of two embeddings of one length, computed in f64.
    ///
    /// ```
    /// use ndarray::array;
    /// use siamese_net::Distance;
    ///
    /// let (a, b) = (array![3.0f32, 0.0], array![0.0f32, 4.0]);
    /// assert_eq!(Distance::Euclidean.of_vectors(a.view(), b.view()), 5.0);
    /// ```
    #[must_use]
    pub fn of_vectors(self, a: ArrayView1<'_, f32>, b: ArrayView1<'_, f32>) -> f32 {
        /// As when training: the floor of a squared length.
        const FLOOR: f64 = 1e-12;
        let sum = |term: fn(f64, f64) -> f64| -> f64 {
            let both = a.iter().zip(b.iter());
            both.map(|(&a, &b)| term(f64::from(a), f64::from(b))).sum()
        };
        let squares = || sum(|a, b| (a - b) * (a - b));
        let distance = match self {
            // `clamp` keeps what is no number.
            Self::Euclidean => squares().clamp(FLOOR, f64::INFINITY).sqrt(),
            Self::SquaredEuclidean => squares(),
            Self::L1 => sum(|a, b| (a - b).abs()),
            Self::Cosine => {
                let length = |square: f64| square.clamp(FLOOR, f64::INFINITY).sqrt();
                let lengths = length(sum(|a, _| a * a)) * length(sum(|_, b| b * b));
                1.0 - sum(|a, b| a * b) / lengths
            }
        };
        distance as f32
    }

    /// The similarity, large for alike, of two embeddings at this distance: their cosine for [`Distance::Cosine`], so
    /// -1..1; for the others `1 / (1 + distance)`, so 0..1.
    #[must_use]
    pub fn similarity(self, distance: f64) -> f64 {
        match self {
            Self::Cosine => 1.0 - distance,
            _ => 1.0 / (1.0 + distance),
        }
    }
}

/// What is minimised: over batches of pairs `contrastive`, `chopra2005` and `logistic`, over batches of people all of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LossSpec {
    /// Contrastive loss (Hadsell, Chopra and LeCun 2006), see `siamese_model::contrastive`, and
    /// `siamese_model::contrastive_batch` over all pairs of a batch of people.
    Contrastive {
        /// Impostor pairs further apart than this cost nothing.
        #[serde(default = "one")]
        margin: f64,
        /// Genuine pairs nearer than this cost nothing; batches of people only.
        #[serde(default, skip_serializing_if = "is_zero")]
        positive_margin: f64,
        /// Of the two embeddings.
        #[serde(default)]
        distance: Distance,
    },
    /// The exponential loss of Chopra, Hadsell and LeCun (2005), see `siamese_model::chopra2005`.
    Chopra2005 {
        /// Upper bound Q of the distance.
        bound: f64,
        /// Of the two embeddings.
        #[serde(default = "l1")]
        distance: Distance,
    },
    /// Cross-entropy of the probability that a pair is genuine (Koch, Zemel and Salakhutdinov 2015), see
    /// `siamese_model::logistic`.
    Logistic {
        /// The log-odds of being genuine at distance 0.
        #[serde(default = "four")]
        bias: f64,
        /// Of the two embeddings.
        #[serde(default = "l1")]
        distance: Distance,
    },
    /// Triplets of anchor, positive and negative, see `siamese_model::triplet`.
    Triplet {
        /// How much nearer than the negative the positive should be.
        #[serde(default = "fifth")]
        margin: f64,
        /// Whether the cost is the soft margin's `log(1 + exp(d(a, p) - d(a, n)))`; `margin` has no meaning then.
        #[serde(default)]
        soft: bool,
        /// Which triplets count.
        #[serde(default)]
        triplets: Triplets,
        /// Of two embeddings.
        #[serde(default)]
        distance: Distance,
    },
    /// See `siamese_model::supervised_contrastive`.
    SupervisedContrastive {
        /// Divides the cosines.
        #[serde(default = "tenth")]
        temperature: f64,
    },
    /// See `siamese_model::nt_xent`.
    NtXent {
        /// Divides the cosines.
        #[serde(default = "tenth")]
        temperature: f64,
    },
    /// See `siamese_model::multi_similarity`.
    MultiSimilarity {
        /// How sharply genuine pairs are weighed against each other.
        #[serde(default = "two")]
        alpha: f64,
        /// How sharply impostor pairs are weighed against each other.
        #[serde(default = "fifty")]
        beta: f64,
        /// The cosine that genuine pairs should be above and impostor pairs below.
        #[serde(default = "half")]
        base: f64,
        /// How close a pair must come to being harder than the hardest of the other kind to count.
        #[serde(default = "tenth")]
        mining: f64,
        /// Whether only such pairs count.
        #[serde(default = "yes")]
        mine: bool,
    },
    /// See `siamese_model::proxy_anchor`.
    ProxyAnchor {
        /// How sharply images are weighed against each other.
        #[serde(default = "thirty_two")]
        alpha: f64,
        /// Margin of the cosine.
        #[serde(default = "tenth")]
        delta: f64,
        /// Learning rate of the proxies; absent: the optimizer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head_lr: Option<f64>,
    },
    /// Softmax of cosines, the subject's own angle enlarged, see `siamese_model::margin_softmax`.
    Arcface {
        /// Added to the own angle, in radians.
        #[serde(default = "half")]
        margin: f64,
        /// Multiplies the cosines.
        #[serde(default = "sixty_four")]
        scale: f64,
        /// Learning rate of the head; absent: the optimizer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head_lr: Option<f64>,
    },
    /// Softmax of cosines, the subject's own lowered, see `siamese_model::margin_softmax`.
    Cosface {
        /// Subtracted from the own cosine.
        #[serde(default = "cosface_margin")]
        margin: f64,
        /// Multiplies the cosines.
        #[serde(default = "sixty_four")]
        scale: f64,
        /// Learning rate of the head; absent: the optimizer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head_lr: Option<f64>,
    },
    /// Softmax of cosines, see `siamese_model::margin_softmax`.
    NormalisedSoftmax {
        /// Multiplies the cosines.
        #[serde(default = "sixteen")]
        scale: f64,
        /// Learning rate of the head; absent: the optimizer's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        head_lr: Option<f64>,
    },
    /// A weighted sum of others.
    Sum {
        /// What is summed.
        terms: Vec<LossTerm>,
    },
}

/// Which triplets of a batch count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Triplets {
    /// All that cost anything; with a soft margin all.
    All,
    /// For each anchor its furthest positive with its nearest negative.
    #[default]
    Hard,
    /// For each anchor and positive the nearest negative that is further than the positive, or where there is none the
    /// furthest negative.
    SemiHard,
}

/// A term of a weighted sum of losses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossTerm {
    /// Multiplies the loss.
    #[serde(default = "one")]
    pub weight: f64,
    /// The loss, no sum itself.
    pub loss: LossSpec,
}

impl LossSpec {
    /// The distance that the loss is made of, and by which pairs are later compared. A sum has that of its first term,
    /// which is that of all.
    #[must_use]
    pub fn distance(&self) -> Distance {
        match self {
            Self::Contrastive { distance, .. }
            | Self::Chopra2005 { distance, .. }
            | Self::Logistic { distance, .. }
            | Self::Triplet { distance, .. } => *distance,
            Self::Sum { terms } => terms
                .first()
                .map_or(Distance::Cosine, |term| term.loss.distance()),
            _ => Distance::Cosine,
        }
    }

    /// The losses that this is the sum of, with their weights; a loss that is no sum is its own only term.
    #[must_use]
    pub fn terms(&self) -> Vec<(f64, &LossSpec)> {
        match self {
            Self::Sum { terms } => terms.iter().map(|term| (term.weight, &term.loss)).collect(),
            other => vec![(1.0, other)],
        }
    }

    /// Its kind as a recipe writes it, such as `proxy-anchor`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Contrastive { .. } => "contrastive",
            Self::Chopra2005 { .. } => "chopra2005",
            Self::Logistic { .. } => "logistic",
            Self::Triplet { .. } => "triplet",
            Self::SupervisedContrastive { .. } => "supervised-contrastive",
            Self::NtXent { .. } => "nt-xent",
            Self::MultiSimilarity { .. } => "multi-similarity",
            Self::ProxyAnchor { .. } => "proxy-anchor",
            Self::Arcface { .. } => "arcface",
            Self::Cosface { .. } => "cosface",
            Self::NormalisedSoftmax { .. } => "normalised-softmax",
            Self::Sum { .. } => "sum",
        }
    }

    /// Whether the loss can be computed from one pair alone.
    #[must_use]
    pub fn is_of_pairs(&self) -> bool {
        matches!(
            self,
            Self::Contrastive { .. } | Self::Chopra2005 { .. } | Self::Logistic { .. }
        )
    }

    /// Whether it is a softmax over the training subjects, to which a forgery belongs to none.
    #[must_use]
    pub fn is_softmax(&self) -> bool {
        matches!(
            self,
            Self::Arcface { .. } | Self::Cosface { .. } | Self::NormalisedSoftmax { .. }
        )
    }

    /// Whether it needs one learnt vector for each training subject; then with their learning rate, where it has one of
    /// its own.
    #[must_use]
    pub fn head(&self) -> Option<Option<f64>> {
        match *self {
            Self::ProxyAnchor { head_lr, .. }
            | Self::Arcface { head_lr, .. }
            | Self::Cosface { head_lr, .. }
            | Self::NormalisedSoftmax { head_lr, .. } => Some(head_lr),
            _ => None,
        }
    }
}

fn one() -> f64 {
    1.0
}
fn two() -> f64 {
    2.0
}
fn four() -> f64 {
    4.0
}
fn half() -> f64 {
    0.5
}
fn tenth() -> f64 {
    0.1
}
fn fifth() -> f64 {
    0.2
}
fn sixteen() -> f64 {
    16.0
}
fn thirty_two() -> f64 {
    32.0
}
fn fifty() -> f64 {
    50.0
}
fn sixty_four() -> f64 {
    64.0
}
fn cosface_margin() -> f64 {
    0.35
}
fn yes() -> bool {
    true
}
fn l1() -> Distance {
    Distance::L1
}
fn is_zero(value: &f64) -> bool {
    *value == 0.0
}
