//! What a sweep leaves as JSON.

use serde::Serialize;

use super::figures::PointFigures;
use super::inner::InnerEer;
use super::points::Point;
use super::record::Base;
use super::table::Line;
use crate::spread::Spread;

/// `sweep.json`.
#[derive(Debug, Serialize)]
pub struct SweepRecord {
    /// What all points share.
    pub base: Base,
    /// Where the images were, as the user wrote it.
    pub data: String,
    /// Of the cross-validations of each point.
    pub seeds: Vec<u64>,
    /// Of each cross-validation.
    pub folds: usize,
    /// What the figures are worth.
    pub note: &'static str,
    /// The best first.
    pub points: Vec<Line>,
}

/// `inside.json`.
#[derive(Debug, Serialize)]
pub struct InsideRecord {
    /// What all points share.
    pub base: Base,
    /// Where the images were, as the user wrote it.
    pub data: String,
    /// Of the cross-validations of each point.
    pub seeds: Vec<u64>,
    /// Folds that the training subjects of a fold are dealt into.
    pub inner_folds: u16,
    /// What the figures are worth.
    pub note: String,
    /// What was chosen among.
    pub points: Vec<Point>,
    /// Of the chosen points on the test people of all folds.
    pub figures: PointFigures,
    /// Over folds and seeds, of the EER on a fold's test people.
    pub eer_of_folds: Option<Spread>,
    /// One for each fold and seed.
    pub choices: Vec<Choice>,
}

/// What was chosen inside one fold's training people.
#[derive(Debug, Serialize)]
pub struct Choice {
    /// The seed.
    pub seed: u64,
    /// The fold, counted from 0.
    pub fold: usize,
    /// The point's name.
    pub chosen: String,
    /// On the fold's test people.
    pub eer: Option<f64>,
    /// Every point's.
    pub inner: Vec<InnerEer>,
}
