//! What cannot be calibrated.

use std::path::PathBuf;

use crate::percent::percent;

/// A model cannot be calibrated on these images or scores.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// The model has learnt from some of the images.
    #[error(
        "the model has learnt from {images} of these images, of {} of {all} subjects ({}): its distances between people it \
         knows say nothing of strangers; leave these subjects out, or take others",
        subjects.len(), names(subjects)
    )]
    Known {
        /// Names of the subjects.
        subjects: Vec<String>,
        /// How many images.
        images: usize,
        /// How many subjects there are.
        all: usize,
    },

    /// Nothing could be compared with the pictures that the model has learnt from.
    #[error(
        "{}: no picture was found there to compare with, so nobody knows whether the model has learnt from some of these; name \
         the folder or the list path,subject of the images that it was trained on",
        training.display()
    )]
    NoTrainingPictures {
        /// Where they were looked for.
        training: PathBuf,
    },

    /// A relative fusion of one template.
    #[error(
        "the relative fusion takes from a distance how far the templates of a subject are apart, and of one template there is no such \
         thing: give --templates 2 or more"
    )]
    OneTemplate,

    /// The training images hold some of the pictures.
    #[error(
        "{} hold pictures of these images too, {pictures} in all, for instance {example}: take other subjects, or if these \
         were not learnt from, give --training-data without them",
        training.display()
    )]
    SharedPictures {
        /// Where the training images are.
        training: PathBuf,
        /// How many are shared.
        pictures: usize,
        /// The first of them.
        example: String,
    },

    /// The comparisons do not show the rate asked for.
    #[error(
        "--fmr {}: {impostor} impostor comparisons of {subjects} subjects show no rate below {} (3 / comparisons); that \
         takes about {needed} subjects with as many images each, and {firm} (3 / rate) for a rate that is not weak",
        percent(*asked), percent(*smallest)
    )]
    TooFew {
        /// The rate asked for.
        asked: f64,
        /// The smallest that they show.
        smallest: f64,
        /// How many impostor comparisons there are.
        impostor: u64,
        /// How many subjects there are.
        subjects: u64,
        /// How many subjects it would take by comparisons.
        needed: u64,
        /// How many it would take by subjects.
        firm: u64,
    },

    /// There is nothing to compare in one of the two ways.
    #[error(
        "there is no {kind} comparison in {place}: a calibration needs several subjects, with several images each"
    )]
    NoComparisons {
        /// `genuine` or `impostor`.
        kind: &'static str,
        /// Where.
        place: String,
    },

    /// A list has no such column, or not what is expected in it.
    #[error("{}, line {line}: {what}", path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong, and what is expected.
        what: String,
    },

    /// A list is no CSV.
    #[error("{} cannot be read as CSV", path.display())]
    Csv {
        /// The list.
        path: PathBuf,
        /// Why not.
        source: csv::Error,
    },

    /// Groups are in a column of a list, and there is no list.
    #[error("--group {column}: {} is no list; give --data a CSV file with the columns path, subject and {column}", data.display())]
    GroupNeedsList {
        /// The column.
        column: String,
        /// What was given.
        data: PathBuf,
    },
}

/// The first names, and how many more there are.
fn names(all: &[String]) -> String {
    const NAMED: usize = 10;
    let mut text = all[..all.len().min(NAMED)].join(", ");
    if all.len() > NAMED {
        text.push_str(&format!(" and {} more", all.len() - NAMED));
    }
    text
}
