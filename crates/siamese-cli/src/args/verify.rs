//! The arguments of `siamese verify`.

use std::path::PathBuf;

use clap::Args;

use super::compute::ComputeArgs;

/// Said below the options.
pub(super) const HELP: &str = "\
Exit codes: 0 all match, 3 some do not, 4 no decision since the model holds no threshold, 1 failed, 2 wrong usage.

The threshold is the model's own. It is not calibrated: nobody measured how often it accepts strangers or rejects the right \
subject.";

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    /// An image
    pub(crate) probe: PathBuf,

    /// Images that it is compared with
    #[arg(required = true)]
    pub(crate) others: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}
