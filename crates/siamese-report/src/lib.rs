//! Biometric figures as one page that can be trusted and handed on.
//!
//! A [`Report`] is data: what was judged, on whom, with which figures, intervals and pictures.

mod document;

pub use document::{
    AtTarget, Decision, EmbeddingMap, Fact, FewShot, FoldFigures, HealthNote, Histogram, ImagePair,
    MapPoint, Measured, Method, MethodFigures, Outcome, Picture, REPORT_FORMAT, Rate, Report, Role,
    SubjectErrors, Support, Test, ThresholdChoice, ThresholdOutcome, TrainingCurve,
};
