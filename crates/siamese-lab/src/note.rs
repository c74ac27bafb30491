//! What is said on the way of what a user would not expect.

use std::fmt;
use std::path::PathBuf;

use crate::thousands::thousands;

/// Something that a user would not expect, or the next step of the work; it stops nothing.
///
/// It is data: a program may act on it, and [`fmt::Display`] gives it in words.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Images that are read in colour hold none.
    Grey {
        /// How many.
        grey: usize,
        /// Of how many.
        images: usize,
    },

    /// All images just fit in memory, though they are read as those that do not.
    JustFit {
        /// How many there are.
        images: usize,
        /// What one takes in memory, such as `2.5 KiB`.
        each: String,
    },

    /// Some images are decoded whenever they are used.
    Streamed {
        /// How many images there are.
        images: usize,
        /// What one takes in memory, such as `2.5 KiB`.
        each: String,
        /// How many stay decoded.
        kept: usize,
        /// How many are decoded before they are wanted.
        ahead: usize,
        /// How many threads decode them.
        threads: usize,
    },

    /// What was left out of the images, in words.
    Skipped(String),

    /// The images are read.
    Read {
        /// The recipe's name.
        recipe: String,
        /// How many images there are.
        images: usize,
        /// Of how many subjects.
        subjects: usize,
        /// Where they are, as it was given.
        data: PathBuf,
        /// How long it took.
        milliseconds: f64,
    },

    /// A training begins.
    Trains {
        /// What is learnt from.
        lesson: Lesson,
        /// Pairs that watch.
        validation: usize,
        /// Pairs that judge.
        test: usize,
        /// The protocol's name.
        protocol: String,
        /// The GPU that computes; `None` for the CPU.
        gpu: Option<String>,
        /// Threads of the CPU.
        threads: usize,
    },

    /// A resumed run will round differently from the run that it goes on with.
    OtherDevice {
        /// The device that it began on.
        began: String,
        /// The device that it goes on on.
        goes_on: String,
    },

    /// The trainings of a cross-validation begin.
    Folds {
        /// The recipe's name.
        recipe: String,
        /// The protocol.
        protocol: String,
        /// How many trainings there are.
        folds: usize,
        /// The folder of all of them.
        out: PathBuf,
        /// How many run at a time.
        side_by_side: usize,
        /// Threads of each.
        threads: usize,
    },

    /// The trainings of a sweep begin.
    Points {
        /// The recipe's name.
        recipe: String,
        /// The protocol.
        protocol: String,
        /// What is trained, in words.
        what: String,
        /// How many trainings there are.
        trainings: usize,
        /// How many more take over the networks of one of these.
        twins: usize,
        /// The folder of all of them.
        out: PathBuf,
        /// How many run at a time.
        side_by_side: usize,
        /// Threads of each.
        threads: usize,
    },

    /// One of several trainings is done.
    Done {
        /// How many are, this one included.
        done: usize,
        /// Of how many.
        of: usize,
        /// The folder of its run.
        folder: PathBuf,
        /// Whether it was done before.
        already_there: bool,
    },

    /// One of several trainings failed, and others go on.
    Failed(String),

    /// Other methods are judged beside the network, which takes a while on large sets.
    Judging,

    /// Which of these subjects a model was trained on cannot be told any more.
    DivisionForgotten {
        /// The protocol that divided them.
        protocol: String,
    },

    /// The model to begin with saw images otherwise than the recipe shows them.
    SeenOtherwise {
        /// The model.
        model: PathBuf,
    },

    /// Whether the model to begin with knows subjects of the test cannot be told.
    OtherImages {
        /// The model.
        model: PathBuf,
        /// SHA-256 of the images that it was trained on.
        sha256: String,
    },

    /// The model to begin with was trained on subjects of the validation.
    KnowsValidation {
        /// The model.
        model: PathBuf,
        /// Some of them by name.
        names: String,
    },
}

/// What a training learns from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Lesson {
    /// A ready program is not trained.
    Nothing,
    /// So many pairs.
    Pairs(usize),
    /// Batches of subjects with several images each.
    Batches {
        /// Subjects of a batch.
        subjects: usize,
        /// Subjects of the training.
        of: usize,
        /// Images of each subject in a batch.
        images: usize,
        /// How many are mixed, of how many; `None` where none are.
        mixed: Option<[usize; 2]>,
    },
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("a ready program, no training"),
            Self::Pairs(pairs) => write!(f, "{} training", thousands(*pairs as u64)),
            Self::Batches {
                subjects,
                of,
                images,
                mixed,
            } => {
                write!(
                    f,
                    "batches of {subjects} of {} people with {images} images each",
                    thousands(*of as u64)
                )?;
                match mixed {
                    Some([mixed, of]) => write!(f, " and {mixed} of {of} mixed"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |images: usize| thousands(images as u64);
        match self {
            Self::Grey { grey, images } => write!(
                f,
                "{} of {} images are grey: red, green and blue are equal in them",
                count(*grey),
                count(*images)
            ),
            Self::JustFit { images, each } => write!(
                f,
                "{} images of {each} just fit in memory as --memory allows: all stay decoded",
                count(*images)
            ),
            Self::Streamed {
                images,
                each,
                kept,
                ahead,
                threads,
            } => write!(
                f,
                "{} images of {each} do not fit in memory as --memory allows: {} stay decoded, the others are decoded when \
                 they are used, up to {} ahead, by {threads} thread{}",
                count(*images),
                count(*kept),
                count(*ahead),
                if *threads == 1 { "" } else { "s" }
            ),
            Self::Skipped(what) => f.write_str(what),
            Self::Read {
                recipe,
                images,
                subjects,
                data,
                milliseconds,
            } => write!(
                f,
                "{recipe}: {} images of {} people from {}, read in {milliseconds:.0} ms",
                count(*images),
                count(*subjects),
                data.display()
            ),
            Self::Trains {
                lesson,
                validation,
                test,
                protocol,
                gpu,
                threads,
            } => {
                write!(
                    f,
                    "{lesson}, {} validation, {} test pairs ({protocol}); on ",
                    count(*validation),
                    count(*test)
                )?;
                match gpu {
                    Some(gpu) => f.write_str(gpu),
                    None => write!(f, "the CPU with {}", counted(*threads, "thread")),
                }
            }
            Self::OtherDevice { began, goes_on } => write!(
                f,
                "note: the run began on {began}; on {goes_on} it goes on, but not to the same bytes"
            ),
            Self::Folds {
                recipe,
                protocol,
                folds,
                out,
                side_by_side,
                threads,
            } => write!(
                f,
                "{recipe}, {protocol}: {folds} trainings into {}, {side_by_side} at a time with {} each; an interrupted \
                 cross-validation goes on where it stopped",
                out.display(),
                counted(*threads, "thread")
            ),
            Self::Points {
                recipe,
                protocol,
                what,
                trainings,
                twins,
                out,
                side_by_side,
                threads,
            } => {
                let without = match twins {
                    0 => String::new(),
                    n => format!(", and {n} that take over the networks of another"),
                };
                write!(
                    f,
                    "{recipe}, {protocol}: {what}, {}{without} into {}, {side_by_side} at a time with {} each; an \
                     interrupted sweep goes on where it stopped",
                    counted(*trainings, "training"),
                    out.display(),
                    counted(*threads, "thread")
                )
            }
            Self::Done {
                done,
                of,
                folder,
                already_there,
            } => write!(
                f,
                "{done:>3}/{of} {}{}",
                folder.display(),
                if *already_there { " (already there)" } else { "" }
            ),
            Self::Failed(what) => f.write_str(what),
            Self::Judging => f.write_str(
                "judging the network, itself untrained and classical methods on the same comparisons",
            ),
            Self::DivisionForgotten { protocol } => write!(
                f,
                "note: the model was trained on these images, but which people of them {protocol} does not say any more: \
                 should they be among those judged, every figure flatters"
            ),
            Self::SeenOtherwise { model } => write!(
                f,
                "note: {} saw images otherwise than the recipe shows them: data.pool, data.mean, data.sd or data.normalise \
                 differ",
                model.display()
            ),
            Self::OtherImages { model, sha256 } => write!(
                f,
                "note: {} was trained on other images (SHA-256 {sha256}), or on these divided otherwise than can be told: \
                 should they show people of this test, every figure flatters; see siamese leak-check",
                model.display()
            ),
            Self::KnowsValidation { model, names } => write!(
                f,
                "note: {} was trained on people of the validation ({names}): the epoch and the threshold chosen on them \
                 flatter",
                model.display()
            ),
        }
    }
}

/// `1 point`, `2 points`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
