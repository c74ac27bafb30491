//! The arguments of `siamese calibrate`.

use std::path::PathBuf;

use clap::Args;
use siamese_lab::DataSource;
use verification_figures::Fusion;

use super::compute::ComputeArgs;
use super::groups::ReadingArgs;
use super::rate::Rate;

/// Said below the options.
pub(super) const HELP: &str = "\
The calibration is written into the model file itself, whole or not at all, unless --out names another file. Its weights and \
its contract stay what they are.

Take subjects that the model has not learnt from: their distances alone say what happens with strangers. A model file holds \
fingerprints of the images that were learnt from, and these are refused.

The rates are 10 %, 1 %, 0.1 % and so on, as far as the impostor comparisons show them (3 / comparisons), and those of \
--fmr. Rates below 3 / subjects are marked weak: comparisons share subjects, so they show less than their number says.";

#[derive(Debug, Args)]
pub(crate) struct CalibrateArgs {
    /// A model file, or the folder of a run
    pub(crate) model: PathBuf,

    /// Images of subjects that the model has not learnt from: a folder with one folder of images per subject, or a CSV list
    /// with the header path,subject
    #[arg(long, value_name = "DIR|CSV", required_unless_present = "scores")]
    data: Option<PathBuf>,

    #[command(flatten)]
    reading: ReadingArgs,

    /// In place of images, a CSV list of comparisons with the column distance, and with the columns subject_a and subject_b
    /// or, as `siamese eval --scores` writes them, a,b,kind, where the folder of an image is its subject. Who was learnt from
    /// cannot be checked then
    #[arg(long, value_name = "CSV", conflicts_with_all = ["data", "training_data", "templates", "fusion", "layout", "depth", "max_pixels", "skip_bad"])]
    pub(crate) scores: Option<PathBuf>,

    /// Column of the list, of --data or of --scores, whose values are groups of subjects: error rates are told for each
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group: Option<String>,

    /// A false match rate to be measured besides 10 %, 1 %, 0.1 % and so on; may be repeated
    #[arg(long, value_name = "RATE")]
    pub(crate) fmr: Vec<Rate>,

    /// The images that the model has learnt from: pictures that are nearly equal to some of them are refused, too
    #[arg(long, value_name = "DIR|CSV")]
    pub(crate) training_data: Option<PathBuf>,

    /// How many images of each subject are its templates, which an image is compared with; the calibration holds for about
    /// so many
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) templates: u32,

    /// How the distances to the templates of a subject become one: best, mean, or mean-of-best:N
    #[arg(long, value_name = "HOW", default_value = "best", value_parser = fusion)]
    pub(crate) fusion: Fusion,

    /// Write the calibrated model here, and leave MODEL as it is
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,

    /// Replace the file that --out names
    #[arg(long, requires = "out")]
    pub(crate) force: bool,

    #[command(flatten)]
    pub(crate) compute: ComputeArgs,
}

impl CalibrateArgs {
    /// Where the images are, and how they are read.
    pub(crate) fn source(&self) -> Option<DataSource> {
        self.data.as_deref().map(|data| self.reading.at(data))
    }
}

fn fusion(text: &str) -> Result<Fusion, String> {
    match text {
        "best" => Ok(Fusion::Best),
        "mean" => Ok(Fusion::Mean),
        _ => text
            .strip_prefix("mean-of-best:")
            .and_then(|best| best.parse().ok())
            .filter(|&best| best > 0)
            .map(Fusion::MeanOfBest)
            .ok_or_else(|| "expected best, mean, or mean-of-best:N".to_owned()),
    }
}
