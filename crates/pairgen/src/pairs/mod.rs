//! Sets of pairs: drawn, listed, or all there are.

mod balanced;
mod by_subject;
mod exhaustive;
mod from_list;
mod permutation;
mod runs;
mod seed_recipe;
mod set;
mod skilled;

pub use exhaustive::ExhaustivePairs;
pub use set::PairSet;
