//! The arguments of `siamese calibrate`.

use std::path::PathBuf;

use clap::Args;
use siamese_lab::DataSource;

use super::compute::ComputeArgs;
use super::groups::ReadingArgs;
use super::rate::Rate;
use super::templates::TemplatesArgs;

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
    #[arg(long, value_name = "CSV", conflicts_with_all = ["data", "training_data", "templates", "fusion", "layout", "depth", "max_pixels", "skip_bad", "allow_duplicates"])]
    pub(crate) scores: Option<PathBuf>,

    /// Column of the list, of --data or of --scores, whose values are groups of subjects: error rates are told for each
    #[arg(long, value_name = "COLUMN")]
    pub(crate) group: Option<String>,

    /// A false match rate to be measured besides 10 %, 1 %, 0.1 % and so on; may be repeated
    #[arg(long, value_name = "RATE")]
    pub(crate) fmr: Vec<Rate>,

    /// The images that the model has learnt from: pictures that are nearly equal to some of them are refused, too
    #[arg(long, value_name = "DIR|CSV", conflicts_with = "group")]
    pub(crate) training_data: Option<PathBuf>,

    /// Go on though one picture is under two subjects. A line says so
    #[arg(long)]
    allow_duplicates: bool,

    #[command(flatten)]
    pub(crate) templates: TemplatesArgs,

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
        let data = self.data.as_deref()?;
        let mut source = self.reading.at(data);
        source.allow_duplicates = self.allow_duplicates;
        Some(source)
    }
}
