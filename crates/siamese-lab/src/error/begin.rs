//! Models that a training cannot begin with.

use std::path::PathBuf;

/// A training cannot begin with the model that was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeginError {
    /// The copy in the folder of a run is not the model that the run began with.
    #[error(
        "{} is not the model that the run began with (SHA-256 {sha256}): restore it, or train anew",
        copy.display()
    )]
    OtherCopy {
        /// The copy.
        copy: PathBuf,
        /// Of the file that the run began with.
        sha256: String,
    },

    /// The model has fewer networks than the recipe.
    #[error("{} has no network {network}", path.display())]
    NoNetwork {
        /// The model.
        path: PathBuf,
        /// The network asked for, counted from 1.
        network: usize,
    },

    /// The model and the recipe differ in the number of networks.
    #[error(
        "{} holds {}, and the recipe trains {}: each begins with one of its own, so give a model of as many, or change \
         [[members]]",
        path.display(), counted(*found), counted(*expected)
    )]
    Networks {
        /// The model.
        path: PathBuf,
        /// Networks of the model.
        found: usize,
        /// Networks of the recipe.
        expected: usize,
    },

    /// The model was trained on what another program returns.
    #[error(
        "{} was trained on what another program returns, of SHA-256 {found}, and that of the recipe has {expected}: give \
         encoder.torchscript that program, or train without --init",
        path.display()
    )]
    OtherProgram {
        /// The model.
        path: PathBuf,
        /// SHA-256 of the model's program.
        found: String,
        /// SHA-256 of the recipe's program.
        expected: String,
    },

    /// The model was trained on subjects of the test.
    #[error(
        "{} was trained on {known} of the {judged} subjects of this test ({names}). The figures would say how well they \
         are remembered, not how well strangers are told apart. Begin with a model of the same protocol, fold and seed, or \
         with one that was trained on other subjects",
        path.display()
    )]
    KnowsTest {
        /// The model.
        path: PathBuf,
        /// Subjects of the test that it was trained on.
        known: usize,
        /// Subjects of the test.
        judged: usize,
        /// Some of them by name.
        names: String,
    },
}

fn counted(networks: usize) -> String {
    match networks {
        1 => "one network".to_owned(),
        n => format!("{n} networks"),
    }
}
