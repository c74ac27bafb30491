//! The arguments of `siamese leak-check`.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct LeakCheckArgs {
    /// A folder of people, a list of images (path,subject), pairs (a,b,kind) or people (subject,part or subject,fold;
    /// or a name on each line), or LFW's pairs.txt
    pub(crate) a: PathBuf,

    /// The other set, in any of these forms
    pub(crate) b: PathBuf,

    /// Folder below which the images of the lists lie; given twice, the first is for A and the second for B
    #[arg(long, value_name = "DIR", num_args = 1)]
    pub(crate) images: Vec<PathBuf>,

    /// Compare names and open no image
    #[arg(long, conflicts_with = "images")]
    pub(crate) names_only: bool,
}
