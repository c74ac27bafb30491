//! The arguments of `siamese verify`.

use std::path::PathBuf;

use clap::Args;

use super::compute::ComputeArgs;
use super::rate::Rate;

/// Said below the options.
pub(super) const HELP: &str = "\
A decision is made at a false match rate that was measured on subjects whom the model does not know: `siamese calibrate` \
measures it and writes it into the model file. Where it supports no rate as small as --fmr, the decision is made at the \
smallest that it supports, and says both. `uncertain` is a distance between the bounds of the threshold's 95 % interval. \
Without a calibration there are distances and no decision.

Exit codes: 0 match, 3 no match, 4 uncertain or no decision, 1 failed, 2 wrong usage. Of several pairs the first of 1, 3, 4 \
that occurs.

A printed photo of somebody passes for that person: nothing here looks for life.";

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    /// An image
    #[arg(required_unless_present = "pairs")]
    pub(crate) probe: Option<PathBuf>,

    /// Images of one subject, which it is compared with: one decision is made on all of them together. For several subjects
    /// take --pairs
    #[arg(value_name = "IMAGE", required_unless_present = "pairs")]
    pub(crate) others: Vec<PathBuf>,

    /// In place of images, a CSV list with the header a,b: two images in each line, relative to the list's folder
    #[arg(long, value_name = "CSV", conflicts_with_all = ["probe", "others"])]
    pub(crate) pairs: Option<PathBuf>,

    /// The largest false match rate that a decision may be made at: the share of strangers that pass for each other
    #[arg(long, value_name = "RATE", default_value = "1%")]
    pub(crate) fmr: Rate,

    /// Write the pairs with distance, similarity and decision as CSV into this file [default: standard output]
    #[arg(long, value_name = "CSV", requires = "pairs")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}
