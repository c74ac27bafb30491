//! Who is in which image: catalogues, splits that share no subject, pair sets and batch samplers, as indices.
//!
//! A network that tells whether two images show the same subject (a person, a signature, a character,
//! a product) takes a good deal of bookkeeping to train and to judge. Mistakes in it do not crash:
//! they make figures look better than they are. This crate does that bookkeeping and nothing else.
//! It never opens an image: a sample is a number, and a pair is two numbers and a [`PairKind`],
//! 9 bytes, however large the images are.
//!
//! - [`Catalog`] numbers subjects and samples, from a folder per subject or from a list.
//! - [`SampleKind`] tells forgeries from genuine samples: impostors of the subject whom they imitate, on that subject's side of
//!   every split.
//! - [`SubjectSplit`] puts every subject into one part only, by construction; [`Protocol`] names the
//!   published ones, reads others from lists, and gives their [`Fold`]s. [`PairSplit`] is the classic
//!   recipe's leaky split, as another type.
//! - [`OneShotRuns`] is a test of one-shot trials, [`Catalog::with_runs`] brings it into a catalogue, and [`Trials`] says which
//!   comparisons are one trial.
//! - [`PairSet`] draws pairs, [`ExhaustivePairs`] numbers all of them without storing any.
//! - [`PairBatches`] and [`SubjectBatches`] deal out an epoch, each batch readable by its number.
//! - [`Overlap`] says which subjects, images and pairs two [`Listing`]s share, whether of data sets or
//!   of lists alone.
//! - [`stream`] and [`stream_at`] are the only sources of random numbers, as a [`Stream`]: every draw
//!   follows from a seed, a purpose and an epoch, whatever the number of threads.
//!
//! ```
//! use pairgen::{Catalog, Error, PairBatches, PairKind, PairSet, Protocol};
//!
//! # fn main() -> Result<(), Error> {
//! // On disk: Catalog::scan("faces", &ScanOptions::default())?
//! let catalog = Catalog::from_counts((1..=40).map(|s| (format!("s{s}"), 10)))?;
//!
//! // Eight folds of five subjects that training never sees.
//! for fold in Protocol::Subjects8Fold.folds(&catalog, 42)? {
//!     let split = fold.split();
//!     let pairs = PairSet::balanced(&catalog, split.train(), 1_000, 1_000, 42)?;
//!     assert_eq!(pairs.count(PairKind::Genuine), 1_000);
//!     let numbers: Vec<u32> = (0..pairs.len() as u32).collect();
//!     for batch in PairBatches::new(&numbers, 128, 42, 0)?.iter() {
//!         let pair = pairs.get(batch[0] as usize);
//!         assert!(!split.test().contains(&catalog.subject_of(pair.a)));
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod catalog;
mod error;
mod lfw;
mod list;
mod listing;
mod natural;
mod one_shot;
mod pair;
mod pairs;
mod random;
mod sampler;
mod spelling;
mod split;

pub use catalog::{
    AlikeNames, Catalog, Layout, LinkAcross, ParseSampleKindError, SampleKind, ScanOptions,
    ScanReport,
};
pub use error::Error;
pub use listing::{ListedFile, ListedFiles, Listing, ListingCounts, ListingForm, Overlap};
pub use natural::compare_paths;
pub use one_shot::OneShotRuns;
pub use pair::{Pair, PairKind, ParsePairKindError};
pub use pairs::{ExhaustivePairs, PairSet};
pub use random::{Stream, stream, stream_at};
pub use sampler::{PairBatches, SubjectBatchShape, SubjectBatches, TooFewImages};
pub use split::{
    EnrolProbe, Fold, FoldOrder, Leakage, PairSplit, Protocol, SubjectSplit, TrialRun, Trials,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
