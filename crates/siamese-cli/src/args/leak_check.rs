//! The arguments of `siamese leak-check`.

use std::path::PathBuf;

use clap::Args;

use super::groups::ReadingArgs;

#[derive(Debug, Args)]
pub(crate) struct LeakCheckArgs {
    /// A folder with one folder per subject; a list of images (path,subject), of pairs (a,b,kind) or of subjects
    /// (subject,part or subject,fold, or one name per line); or LFW's pairs.txt
    pub(crate) a: PathBuf,

    /// The other set, in any of these forms. Without it, A is searched for pictures that it holds twice
    pub(crate) b: Option<PathBuf>,

    /// Folder that holds the images of the lists. Given twice, the first is for A and the second for B
    #[arg(long, value_name = "DIR", num_args = 1)]
    pub(crate) images: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    /// Compare names only, and open no image
    #[arg(long, conflicts_with = "images")]
    pub(crate) names_only: bool,
}
