//! The arguments of the commands on a gallery: who is in it, and who is in a picture.

use std::ffi::OsStr;
use std::path::PathBuf;

use bytesize::ByteSize;
use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Args, Subcommand, ValueEnum};
use siamese_lab::default_threads;
use siamese_use::gallery::Place;
use siamese_use::{OnDuplicate, QualityLimits, Region, expiry};

use super::rate::{Rate, Share};

/// Said below the options of `enroll`.
pub(super) const ENROLL_HELP: &str = "\
Pictures: crops that show one face each (or whatever the model was trained on). There is no face detector: put any detector in \
front, and give its boxes. There is no liveness check either: a printed photo passes.

A folder holds one folder for each person. A list is a CSV file with the header id,path and, as wanted, name, expires, \
x,y,width,height (a box); other columns are kept as metadata. Relative paths are beside the list.

The same picture again changes nothing, so an enrolment that was interrupted is repeated as it was.

Exit codes: 0 all enrolled, 1 failed or some pictures rejected (listed at the end), 2 wrong usage.";

/// Said below the options of `identify`.
pub(super) const IDENTIFY_HELP: &str = "\
The decision is made at a measured false positive identification rate (FPIR): the share of searches for strangers that find \
somebody. It grows with the gallery, so the threshold goes by its size. Without a calibration there are scores and no \
decision. There is no face detector and no liveness check: a picture is a crop of one face, and a printed photo passes.

Exit codes: 0 match, 3 unknown, 4 uncertain or no decision, 1 failed, 2 wrong usage. Of several pictures the worst counts: 1 \
before 4, 4 before 3, 3 before 0.";

/// Said below the commands of `gallery`.
#[cfg(feature = "postgres")]
pub(super) const GALLERY_HELP: &str = "\
A gallery is a file, or one of the galleries in a PostgreSQL database with pgvector, of this name:

  postgres://USER@HOST:PORT/DATABASE?gallery=NAME

The password is taken from the variable PGPASSWORD. docs/serve.md tells more.";
#[cfg(not(feature = "postgres"))]
pub(super) const GALLERY_HELP: &str = "\
A gallery is a file. A build with the feature postgres also takes galleries in PostgreSQL: docs/serve.md tells how.";

/// What a gallery is given by.
#[cfg(feature = "postgres")]
const GALLERY: &str = "The gallery: a file, or an address of PostgreSQL";
#[cfg(not(feature = "postgres"))]
const GALLERY: &str = "The gallery's file";

/// Reads where a gallery is; the password of a database that needs one is in the environment, where it is not listed with the
/// programs that run.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaceParser;

impl TypedValueParser for PlaceParser {
    type Value = Place;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        named: &OsStr,
    ) -> Result<Place, clap::Error> {
        // Clap's own error would repeat the address, and with it a password.
        let place = Place::parse(named).map_err(|error| {
            let argument = argument.map_or_else(String::new, |argument| format!("{argument}: "));
            clap::Error::raw(ErrorKind::ValueValidation, format!("{argument}{error}\n"))
                .with_cmd(command)
        })?;
        Ok(match std::env::var("PGPASSWORD") {
            Ok(password) => place.with_password(&password),
            Err(_) => place,
        })
    }
}

// How much of the machine a command on a gallery may take.
#[derive(Debug, Args)]
pub(crate) struct EffortArgs {
    /// Threads [default: the number of cores, at most 4]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,

    /// Memory for the gallery's vectors, for instance 2GiB [default: half of what is free]
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
}

impl EffortArgs {
    /// Sets the threads of this process; gives the bytes that vectors may take.
    pub(crate) fn begin(&self) -> u64 {
        let threads = self.threads.map_or_else(default_threads, usize::from);
        // A pool that is there already stays.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global();
        let said = self.memory.map(|size| size.as_u64());
        said.unwrap_or_else(siamese_lab::half_of_what_is_free)
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Duplicates {
    /// The picture is not enrolled
    Refuse,
    /// It is enrolled, and said
    Warn,
    /// It is enrolled
    Allow,
}

impl From<Duplicates> for OnDuplicate {
    fn from(said: Duplicates) -> Self {
        match said {
            Duplicates::Refuse => Self::Refuse,
            Duplicates::Warn => Self::Warn,
            Duplicates::Allow => Self::Allow,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct EnrollArgs {
    #[arg(help = format!("{GALLERY}. It is made if it is not there"), long, value_name = "GALLERY", value_parser = PlaceParser)]
    pub(crate) gallery: Place,

    /// The model, for a gallery that is made; it keeps a copy, so that no other command needs it
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,

    /// A folder with one folder of pictures for each person, or a CSV list; with --person, pictures
    #[arg(required = true, value_name = "DIR|CSV|IMAGE")]
    pub(crate) sources: Vec<PathBuf>,

    /// The id of the one person whom the pictures show
    #[arg(long, value_name = "ID")]
    pub(crate) person: Option<String>,

    /// Their name; others may be called the same
    #[arg(long, requires = "person")]
    pub(crate) name: Option<String>,

    /// When they are to be forgotten: a day such as 2027-01-31, or a time such as 2027-01-31T12:00:00Z
    #[arg(long, value_name = "TIME", requires = "person", value_parser = expiry)]
    pub(crate) expires: Option<i64>,

    #[command(flatten)]
    pub(crate) boxes: BoxArgs,

    /// What becomes of a face that somebody else has: the same picture, or, where the calibration shows an FPIR of 1 %, a
    /// match at it
    #[arg(long, value_enum, default_value = "refuse")]
    pub(crate) on_duplicate: Duplicates,

    /// Keep the pictures in the gallery, for reembed; without it no picture is kept
    #[arg(long)]
    pub(crate) keep_pictures: bool,

    #[command(flatten)]
    pub(crate) quality: QualityArgs,

    #[command(flatten)]
    pub(crate) effort: EffortArgs,
}

// Which part of an image shows somebody.
#[derive(Debug, Args)]
pub(crate) struct BoxArgs {
    /// The part of the one picture that shows the face, in pixels of the upright image
    #[arg(
        long = "box",
        value_name = "X,Y,WIDTH,HEIGHT",
        conflicts_with = "boxes"
    )]
    pub(crate) region: Option<Region>,

    /// The same for many pictures: a CSV list with the header path,x,y,width,height
    #[arg(long, value_name = "CSV")]
    pub(crate) boxes: Option<PathBuf>,
}

// Which pictures are too poor.
#[derive(Debug, Args)]
pub(crate) struct QualityArgs {
    /// Pixels that both sides have at least [default: half of what the model takes]
    #[arg(long, value_name = "N")]
    min_size: Option<usize>,

    /// Contrast at least: standard deviation of the brightness, 0 to 0.5 [default: 0.04]
    #[arg(long, value_name = "X")]
    min_contrast: Option<f64>,

    /// Sharpness at least: variance of the Laplacian, in levels of a byte, squared [default: 20]
    #[arg(long, value_name = "X")]
    min_sharpness: Option<f64>,

    /// Share of black and white pixels at most [default: 50%, and any for a model that was trained on pictures in black and
    /// white]
    #[arg(long, value_name = "SHARE")]
    max_clipped: Option<Share>,
}

impl QualityArgs {
    /// The usual limits, with what was said.
    pub(crate) fn said(&self, mut limits: QualityLimits) -> QualityLimits {
        if let Some(size) = self.min_size {
            limits.least_size = [size, size];
        }
        limits.least_contrast = self.min_contrast.unwrap_or(limits.least_contrast);
        limits.least_sharpness = self.min_sharpness.unwrap_or(limits.least_sharpness);
        limits.most_clipped = self
            .max_clipped
            .map_or(limits.most_clipped, |share| share.0);
        limits
    }
}

#[derive(Debug, Args)]
pub(crate) struct IdentifyArgs {
    #[arg(help = GALLERY, long, value_name = "GALLERY", value_parser = PlaceParser)]
    pub(crate) gallery: Place,

    /// Pictures
    #[arg(required = true, value_name = "IMAGE")]
    pub(crate) images: Vec<PathBuf>,

    /// How many candidates are shown
    #[arg(long, value_name = "K", default_value_t = 5)]
    pub(crate) top: usize,

    /// The false positive identification rate to decide at, such as 1% or 0.01
    #[arg(long, value_name = "RATE", default_value = "1%")]
    pub(crate) fpir: Rate,

    /// Search only people of whose metadata this holds, for instance department=Engines; given
    /// more than once, all must hold
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_and_value)]
    pub(crate) among: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) boxes: BoxArgs,

    #[command(flatten)]
    pub(crate) effort: EffortArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    #[arg(help = GALLERY, long, value_name = "GALLERY", value_parser = PlaceParser)]
    pub(crate) gallery: Place,

    /// Ids of people
    #[arg(value_name = "PERSON", required_unless_present_any = ["expired", "rejections"])]
    pub(crate) people: Vec<String>,

    /// Forget everybody whose time has come
    #[arg(long)]
    pub(crate) expired: bool,

    /// Delete what is noted of rejected pictures of people who are not in the gallery
    #[arg(long)]
    pub(crate) rejections: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReembedArgs {
    #[arg(help = GALLERY, long, value_name = "GALLERY", value_parser = PlaceParser)]
    pub(crate) gallery: Place,

    /// The new model
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: PathBuf,

    /// A folder, searched at any depth, with the pictures that the gallery did not keep; their names do not matter
    #[arg(long, value_name = "DIR")]
    pub(crate) pictures: Option<PathBuf>,

    /// The boxes that the pictures were enrolled with: a CSV list with the header path,x,y,width,height
    #[arg(long, value_name = "CSV", requires = "pictures")]
    pub(crate) boxes: Option<PathBuf>,

    /// Swap even if pictures are missing; their templates stay behind
    #[arg(long)]
    pub(crate) leave_out: bool,

    /// Delete the templates of all models but the new one; without it one can go back
    #[arg(long)]
    pub(crate) prune: bool,

    #[command(flatten)]
    pub(crate) effort: EffortArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GalleryCommand {
    /// Show what a gallery holds: people, templates, model, calibration
    Info {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
    },
    /// List the people with the number of their templates, or with --rejected the pictures that could not be enrolled
    List {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
        /// List pictures that could not be enrolled, and why
        #[arg(long)]
        rejected: bool,
    },
    /// Look for damage; exit code 1 if there is any
    Check {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
    },
    /// Write everything into a new folder of JSON lines and .npy files
    Export {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
        /// The folder to make
        folder: PathBuf,
    },
    /// Make a gallery of what export wrote
    Import {
        /// The folder
        folder: PathBuf,
        /// The gallery to make
        #[arg(value_parser = PlaceParser)]
        gallery: Place,
    },
    /// Copy a gallery to a place where there is none: from a file into a database, or back
    Copy {
        /// The gallery
        #[arg(value_parser = PlaceParser)]
        from: Place,
        /// The gallery to make
        #[arg(value_parser = PlaceParser)]
        to: Place,
    },
    /// Give unused space back, and rewrite what is kept
    Compact {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
    },
    /// Take over the calibration of a model file, or of a JSON file
    Calibrate {
        #[arg(help = GALLERY, value_parser = PlaceParser)]
        gallery: Place,
        #[command(flatten)]
        from: CalibrationArgs,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct CalibrationArgs {
    /// The gallery's model, in whose file there is a calibration by now
    #[arg(long, value_name = "MODEL")]
    pub(crate) model: Option<PathBuf>,

    /// A calibration of the model's distances, as JSON
    #[arg(long, value_name = "JSON")]
    pub(crate) calibration: Option<PathBuf>,

    /// Take the calibration away, so that no decision is made
    #[arg(long)]
    pub(crate) remove: bool,
}

fn key_and_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or("expected KEY=VALUE, such as department=Engines")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
