//! Biometric figures as one page that can be trusted and handed on.
//!
//! A [`Report`] is data: what was judged, on which subjects, with which figures, intervals and pictures. [`Judging`] makes
//! one from scores, whoever made them. From it come
//!
//! | to have | use |
//! |---|---|
//! | a self-contained page to read on a phone, on a desktop or on paper | [`html()`] |
//! | the same figures as tables for a pull request or a wiki | [`markdown()`] |
//! | the same figures for a terminal | [`text()`] |
//! | the same figures for programs, and back | [`json()`], [`from_json`] |
//! | the charts as stand-alone files | [`plots`] |
//! | what the figures come to, in sentences | [`verdict()`] |
//!
//! No figure is shown as more certain than it is. A rate without errors is written as a bound, and one with few errors
//! is marked as weak. One that the data cannot support is refused, with the reason. Sections without data are left out.
//! If something is judged badly, the top of the page says so in words. Figures are rounded in one place, so every form
//! says the same.
//!
//! ```
//! use siamese_report::{FoldScores, Judging, Setup, from_json, html, json};
//! use verification_figures::{Comparison, Direction, LabelledScores};
//!
//! // Scores of all pairs of twelve samples: two of each of six subjects.
//! let pairs = (0..12_u32).flat_map(|a| (0..a).map(move |b| [a, b]));
//! let comparisons = pairs.map(|[a, b]| Comparison {
//!     subjects: [a / 2, b / 2],
//!     score: 0.1 * (a / 2 - b / 2) as f32 + 0.03 * (a * b % 5) as f32,
//! });
//! let scores = LabelledScores::new(Direction::Distance, comparisons.collect())?;
//! let fold = FoldScores::new(scores, 0.1);
//! let report = Judging::new(Setup::new("a matcher on made-up scores", "a matcher"), vec![fold])?
//!     .report(|subject| format!("subject {subject}"))?;
//! assert!(html(&report).starts_with("<!DOCTYPE html>"));
//! assert_eq!(from_json(&json(&report)?)?, report);
//! # Ok::<(), siamese_report::Error>(())
//! ```

mod chart;
mod document;
mod error;
mod glossary;
mod html;
mod json;
mod judging;
mod markdown;
mod number;
mod phrases;
mod table;
mod text;
mod verdict;

pub use chart::{PLOT_NAMES, plots};
pub use document::{
    AboveAtTarget, Answer, AtTarget, Decision, EmbeddingMap, Fact, FewShot, FoldFigures,
    GroupFigures, HealthNote, ImagePair, ImpostorFigures, ImpostorKind, Impostors, IntervalStatus,
    MapPoint, Measured, Method, MethodFigures, OneShot, OneShotRun, Outcome, Picture,
    REPORT_FORMAT, Rate, Report, Requirement, Role, Shares, SubjectErrors, SubjectsAlike, Test,
    ThresholdChoice, ThresholdOutcome, TrainingCurve, Unread,
};
pub use error::Error;
pub use html::html;
pub use json::{from_json, json};
pub use judging::{
    EpisodePlan, FoldScores, Groups, Judging, Pooled, ReferenceScores, RunOutcome, Setup,
    impostors, is_uneven, jackknife, one_shot, rank_1,
};
pub use markdown::markdown;
pub use text::text;
pub use verdict::{Standing, Verdict, verdict};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
