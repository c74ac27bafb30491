//! Biometric figures from comparison scores.
//!
//! Scores go in, figures come out. There is no network, no file and no
//! printing in this crate.
//!
//! | to know | use |
//! |---|---|
//! | error rates, DET, EER, AUC, d-prime, decisions at a threshold | [`Scores`] |
//! | the axes of a DET plot | [`normal_deviate`], [`normal_probability`] |
//! | the cost of likelihood ratios | [`Scores::cllr`], [`Scores::min_cllr`] |
//! | the threshold for a wanted FMR or FNMR | [`Scores::threshold_for_fmr`], [`Scores::threshold_for_fnmr`] |
//! | how sure a figure is | [`LabelledScores::interval`], [`Scores::interval_if_independent`], [`Evidence`], [`smallest_supported_rate`], [`smallest_firm_rate`] |
//! | whether one method is better than another | [`LabelledScores::difference`], [`Identification::rank_difference`], [`Difference::p_value`] |
//! | which subjects are hard to verify | [`LabelledScores::errors_by_subject`] |
//! | who of many it is: rank-k, CMC, open set | [`Identification`] |
//! | figures in which every subject counts alike | [`LabelledScores::subjects_alike`], [`LabelledScores::effective_subjects`] |
//! | figures of a whole cross-validation | [`LabelledScores::pooled`], [`LabelledScores::by_fmr`], [`Identification::pooled`] |
//! | N-way K-shot accuracy | [`Episodes`] |
//! | precision@1, R-precision, MAP@R | [`Retrieval`] |
//! | thresholds to keep beside a model, and decisions by them | [`Calibration`] |
//! | one score from several templates of a subject | [`Fusion`] |
//! | the probability that a comparison is genuine | [`LogisticMap`], [`IsotonicMap`] |
//! | error rates of billions of comparisons | [`Accumulator`] |
//!
//! Four rules hold throughout:
//!
//! - Every set of scores has a [`Direction`]: small distances and large
//!   similarities mean alike.
//! - Ties are exact: equal scores get the same decision at any threshold, and
//!   where they must be ranked they never flatter.
//! - An undefined figure is an [`Error`], never an invented value, and a
//!   target rate that the number of comparisons cannot support is refused.
//! - Random draws are seeded, and no result depends on the number of threads.
//!
//! On one core of a small machine, sorting 10 million scores and computing their
//! DET curve, EER and AUC takes about half a second; comparing all pairs of
//! 20,000 embeddings of 128 dimensions through an [`Accumulator`] takes about
//! 4 seconds on two cores and 50 MB (`cargo bench -p verification-figures`).
//!
//! Terms are those of ISO/IEC 19795-1: FMR and FNMR are rates of comparisons.
//! FAR and FRR are rates of transactions and are not computed here.
//!
//! With the feature `serde` outcomes, settings and calibrations can be stored:
//! fields by their names, kinds in kebab-case. A stored [`IsotonicMap`] or
//! [`DetCurve`] is checked when it is read.
//!
//! ```
//! use verification_figures::{Direction, Scores};
//!
//! let genuine = vec![0.1, 0.2, 0.3, 0.6];
//! let impostor = vec![0.4, 0.7, 0.8, 0.9];
//! let scores = Scores::new(Direction::Distance, genuine, impostor)?;
//!
//! assert_eq!(scores.eer()?.rate, 0.25);
//! assert_eq!(scores.auc()?, 15.0 / 16.0);
//! assert_eq!(scores.fnmr_at(0.35)?, 0.25);
//! // Four impostor comparisons cannot show an FMR of one in a thousand.
//! assert!(scores.fnmr_at_fmr(0.001).is_err());
//! # Ok::<(), verification_figures::Error>(())
//! ```

mod accumulator;
mod accumulator_figures;
mod accumulator_targets;
mod all_pairs;
mod bootstrap;
mod by_fmr;
mod calibration;
mod cllr;
mod confusion;
mod det;
mod deviate;
mod difference;
mod direction;
mod draws;
mod embeddings;
mod episodes;
mod error;
mod figure;
mod fusion;
mod histogram;
mod identification;
mod independent;
mod interval;
mod isotonic;
mod jackknife;
mod labelled;
mod labelled_intervals;
mod logistic;
mod metric;
mod open_set;
mod prior;
mod resample;
mod retrieval;
mod sample_scores;
mod score_matrix;
mod scores;
mod search_difference;
mod sort;
mod steps;
mod student;
mod subject_errors;
mod subjects_alike;
mod support;
mod target;
mod threshold_free;

pub use accumulator::{Accumulator, Bucket};
pub use accumulator_figures::{Bounded, BoundedEer};
pub use bootstrap::Bootstrap;
pub use calibration::{
    Basis, Calibration, CalibrationSettings, Decided, FmrPoint, FpirPoint, GroupPoint, GroupRates,
    Made, Outcome, SearchPoint,
};
pub use confusion::Confusion;
pub use det::{DetCurve, OperatingPoint};
pub use deviate::{normal_deviate, normal_probability};
pub use difference::Difference;
pub use direction::{Direction, PairKind};
pub use embeddings::Embeddings;
pub use episodes::{EpisodeOutcome, Episodes, ShotRule};
pub use error::Error;
pub use figure::Figure;
pub use fusion::Fusion;
pub use histogram::Histogram;
pub use identification::Identification;
pub use independent::IfIndependent;
pub use interval::Interval;
pub use isotonic::IsotonicMap;
pub use jackknife::Jackknife;
pub use labelled::{Comparison, FORGER, LabelledScores};
pub use logistic::LogisticMap;
pub use metric::Metric;
pub use open_set::OpenSetPoint;
pub use retrieval::{Retrieval, RetrievalFigure};
pub use sample_scores::SampleScores;
pub use score_matrix::ScoreMatrix;
pub use scores::Scores;
pub use subject_errors::SubjectErrors;
pub use subjects_alike::SubjectsAlike;
pub use support::{Evidence, Support, smallest_firm_rate, smallest_supported_rate};
pub use target::{RateAtTarget, TargetThreshold};
pub use threshold_free::{BestAccuracy, Eer};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
