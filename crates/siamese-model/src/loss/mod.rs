//! Losses: of single pairs, over all pairs and triplets of a batch, and against a head of learnt vectors.

mod all_pairs;
mod batch;
mod heads;
mod objective;
mod pairs;
mod triplet;

pub use all_pairs::{
    MultiSimilarity, chopra2005_batch, contrastive_batch, logistic_batch, multi_similarity,
    nt_xent, supervised_contrastive,
};
pub use batch::FORGERY;
pub use heads::{SoftmaxMargin, margin_softmax, proxy_anchor};
pub(crate) use objective::{Heads, batch_loss, pair_loss};
pub use pairs::{chopra2005, contrastive, logistic};
pub use triplet::{TripletMargin, triplet};
