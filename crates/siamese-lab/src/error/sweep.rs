//! Sweeps that cannot begin or did not end well.

use std::path::PathBuf;

/// A sweep cannot begin or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The recipe fine-tunes, and a sweep gives no model.
    #[error(
        "the recipe has [fine_tune], so its trainings need a model to begin with, and siamese sweep gives them none: \
         remove [fine_tune], or use siamese crossval --init"
    )]
    FineTune,

    /// The test of the protocol is no part of the data.
    #[error(
        "{protocol} judges by runs of its own, which no fold inside the training subjects has: choose by folds of the \
         training set, with --protocol k-fold-groups:N or k-fold:N, and judge the choice by {protocol} once"
    )]
    Runs {
        /// The protocol.
        protocol: String,
    },

    /// Trainings inside folds name the list of their subjects by its path.
    #[error(
        "trainings inside folds cannot be merged from other folders: give all shards the same --out, on a shared disk"
    )]
    MergeInside,

    /// The folder holds another sweep.
    #[error("{} holds {what}: choose another --out, or replace it with --force", folder.display())]
    OtherSweep {
        /// The folder.
        folder: PathBuf,
        /// What it holds.
        what: String,
    },

    /// All folds together have no comparisons of a kind.
    #[error(
        "{name}: there would be {genuine} genuine and {impostor} impostor comparisons in all folds together, and an \
         EER needs both: choose folds with more subjects, or subjects with more images"
    )]
    NothingToCompare {
        /// The cross-validation.
        name: String,
        /// Genuine comparisons.
        genuine: usize,
        /// Impostor comparisons.
        impostor: usize,
    },

    /// There are fewer groups inside a fold than folds are wanted.
    #[error(
        "the training subjects are in {groups} groups, of which {folds} inner folds cannot be made: ask for fewer with \
         --inner-folds"
    )]
    TooFewGroupsInside {
        /// Groups of training subjects.
        groups: usize,
        /// Inner folds.
        folds: usize,
    },

    /// The folder cannot be part of a recipe.
    #[error("{} is not valid UTF-8: choose another --out", folder.display())]
    NotUtf8 {
        /// The folder.
        folder: PathBuf,
    },

    /// A list of subjects that is there names others.
    #[error(
        "{} lists other subjects, so the data have changed since: choose another --out, or train again with --force",
        list.display()
    )]
    OtherSubjects {
        /// The list.
        list: PathBuf,
    },

    /// There are too few subjects for so many folds inside.
    #[error(
        "{subjects} training subjects are too few for {folds} inner folds, which need {needed}: choose fewer with \
         --inner-folds"
    )]
    TooFewInside {
        /// Subjects that are trained on.
        subjects: usize,
        /// Folds inside.
        folds: usize,
        /// Subjects that they need.
        needed: usize,
    },

    /// An EER on which a choice rests is undefined.
    #[error("{name}: its EER is undefined")]
    NoEer {
        /// The cross-validation.
        name: String,
    },

    /// There is nothing to choose among.
    #[error("--inside chooses among points: give at least two with --grid or --variant")]
    NothingToChoose,

    /// Trainings failed.
    #[error(
        "these failed. Everything else is saved. Mend them or leave them out, and run the same command again to go \
         on:\n  {}",
        failures.join("\n  ")
    )]
    Failed {
        /// Which, and why.
        failures: Vec<String>,
    },
}
