//! Biometric figures as one page that can be trusted and handed on.
//!
//! A [`Report`] is data: what was judged, on whom, with which figures, intervals and pictures. From it come
//!
//! | to have | use |
//! |---|---|
//! | a self-contained page for people, to read on a phone, on a desktop or on paper | [`html`] |
//! | the same figures as tables for a pull request or a wiki | [`markdown`] |
//! | the same figures for programs | [`json`] |
//! | the charts as stand-alone files | [`plots`] |
//! | what the figures come to, in sentences | [`verdict`] |
//!
//! Nothing is printed barer than it is known: a rate without errors is written as a bound, one with few errors is marked
//! as weak, one that the data cannot support is refused with the reason, and sections without data are left out. What is
//! judged badly is said in words, at the top.
//!
//! ```
//! use siamese_report::{Report, html, json};
//!
//! # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smallest.json");
//! let text = std::fs::read_to_string(path)?;
//! let report: Report = serde_json::from_str(&text)?;
//! let page = html(&report);
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! assert!(page.contains("nothing shows that the training was worth its while"));
//! assert_eq!(serde_json::from_str::<Report>(&json(&report)?)?, report);
//! # Ok::<(), Box<dyn std::error::Error>>(())
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
    Answer, AtTarget, Decision, EmbeddingMap, Fact, FewShot, FoldFigures, HealthNote, ImagePair,
    MapPoint, Measured, Method, MethodFigures, Outcome, Picture, REPORT_FORMAT, Rate, Report, Role,
    Shares, SubjectErrors, Test, ThresholdChoice, ThresholdOutcome, TrainingCurve,
};
pub use error::Error;
pub use html::html;
pub use json::{from_json, json};
pub use judging::{FoldScores, Judging, Pooled, Setup, bootstrap, rank_1};
pub use markdown::markdown;
pub use text::text;
pub use verdict::{Standing, Verdict, verdict};
