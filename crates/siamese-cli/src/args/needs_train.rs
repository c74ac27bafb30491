//! The arguments of commands that a build without libtorch does not have.

use std::ffi::OsString;

use clap::Args;

/// Whatever was typed: it is told that the command is not there.
#[derive(Debug, Args)]
#[command(after_help = NeedsTrain::SAID)]
pub(crate) struct NeedsTrain {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _typed: Vec<OsString>,
}

impl NeedsTrain {
    /// What is told.
    pub(crate) const SAID: &str = "\
this siamese was built without libtorch (--no-default-features), and training needs it: build with the default \
features, after scripts/setup.sh or with LIBTORCH set to its folder";
}

pub(crate) type AugmentPreviewArgs = NeedsTrain;
pub(crate) type CrossvalArgs = NeedsTrain;
pub(crate) type RefitArgs = NeedsTrain;
pub(crate) type ReproduceArgs = NeedsTrain;
pub(crate) type SweepArgs = NeedsTrain;
pub(crate) type TrainArgs = NeedsTrain;
