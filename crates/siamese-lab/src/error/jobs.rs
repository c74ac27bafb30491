//! Several trainings that do not go together or did not go well.

use std::path::PathBuf;

/// A cross-validation or one of its trainings cannot begin or did not end well.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A training of several failed.
    #[error("the training in {} failed ({how}): {said}", folder.display())]
    Failed {
        /// The folder of its run.
        folder: PathBuf,
        /// How it ended.
        how: String,
        /// What it said.
        said: String,
    },

    /// A training of several was interrupted by something else.
    #[error(
        "the training in {} was interrupted; the same command goes on with it",
        folder.display()
    )]
    Interrupted {
        /// The folder of its run.
        folder: PathBuf,
    },

    /// The folder of a training holds another.
    #[error(
        "{} holds a training {other}: choose another --out, or replace it with --force",
        folder.display()
    )]
    Other {
        /// The folder of its run.
        folder: PathBuf,
        /// What the other is.
        other: &'static str,
    },

    /// A folder to merge holds another training at the place of one of these.
    #[error(
        "{} holds a training {other}: merge folders of the same recipe, protocol and images only",
        folder.display()
    )]
    NotToMerge {
        /// The folder of its run.
        folder: PathBuf,
        /// What the other is.
        other: &'static str,
    },

    /// No folder to merge holds some trainings.
    #[error(
        "none of the folders to merge holds {}, finished: train the shards that are missing, or give the same command \
         without --merge, which trains them here",
        listed(missing)
    )]
    Missing {
        /// Where they would be in each of the folders.
        missing: Vec<PathBuf>,
    },

    /// A training was replaced while others went on.
    #[error(
        "{} holds a training {other}: it was replaced, or the data were, while the sweep went on",
        folder.display()
    )]
    Replaced {
        /// The folder of its run.
        folder: PathBuf,
        /// What is there now.
        other: &'static str,
    },

    /// The protocol splits pairs.
    #[error(
        "{protocol} does not divide subjects into folds: choose another with --protocol, such as k-fold:5 or \
         subjects-8-fold"
    )]
    NoFolds {
        /// The protocol.
        protocol: String,
    },

    /// No fold has comparisons of a kind.
    #[error(
        "no fold of {protocol} would compare {what}: choose folds with more subjects, or subjects with more images"
    )]
    NothingToCompare {
        /// The protocol.
        protocol: String,
        /// What is missing, in words.
        what: &'static str,
    },

    /// A fold holds another training than the record of the cross-validation says.
    #[error(
        "{} holds fold {fold} of {recipe} on {protocol}, seed {seed}, not what crossval.json says: run the \
         cross-validation again",
        folder.display()
    )]
    OtherFold {
        /// The folder of the fold's run.
        folder: PathBuf,
        /// The fold that it holds.
        fold: usize,
        /// The name of its recipe.
        recipe: String,
        /// Its protocol.
        protocol: String,
        /// Its seed.
        seed: u64,
    },

    /// Two folds were trained by different recipes.
    #[error(
        "{} was trained by another recipe than {}, because the recipe's file has changed since: run the \
         cross-validation again with --force",
        folder.display(), first.display()
    )]
    OtherRecipe {
        /// The folder of a fold's run.
        folder: PathBuf,
        /// That of the first fold.
        first: PathBuf,
    },

    /// There are no folds.
    #[error("the cross-validation has no folds")]
    Empty,
}

/// The first of many.
const SHOWN: usize = 5;

fn listed(paths: &[PathBuf]) -> String {
    let shown = paths
        .iter()
        .take(SHOWN)
        .map(|path| path.display().to_string());
    let mut shown = shown.collect::<Vec<_>>().join(", ");
    if paths.len() > SHOWN {
        shown += &format!(" and {} more", paths.len() - SHOWN);
    }
    shown
}
