//! What there is to be said on the way.

use std::path::PathBuf;

use crate::error::BadImage;

/// Something that a user would not expect, or the next step of the work; it stops nothing.
///
/// It is data: a program may act on it, and [`Display`](std::fmt::Display) gives it in words.
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

    /// Transparent images are read as if they were opaque.
    OpacityIgnored {
        /// Which.
        which: Named,
        /// Of how many.
        images: usize,
    },

    /// Files with a colour profile that is not sRGB's.
    ForeignProfile {
        /// Which.
        which: Named,
    },

    /// Files that note how their image is turned upright, in a way that cannot be read.
    UnreadOrientation {
        /// Which.
        which: Named,
    },

    /// Images that are left out because they cannot be read.
    Unreadable {
        /// All of them.
        bad: Vec<BadImage>,
        /// Of how many.
        images: usize,
    },

    /// Images whose pixels all have the same colour.
    Flat {
        /// Which.
        which: Named,
        /// Of how many.
        images: usize,
    },

    /// Files that hold more images than the one that is read.
    MoreImages {
        /// Which.
        which: Named,
        /// How many more all of them hold.
        more: usize,
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

    /// What was left out of the images, or what their names or the same picture twice may mean, in words.
    OfData(String),

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

/// Some files of a set.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Named {
    /// How many.
    pub count: usize,
    /// The first few.
    pub examples: Vec<PathBuf>,
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
        /// Subjects that are not trained on, because they have too few images.
        left_out: usize,
        /// Classes that are learnt for each subject: more than 1 where some are made of it.
        classes: usize,
        /// Images of each subject in a batch.
        images: usize,
        /// How many are mixed, of how many; `None` where none are.
        mixed: Option<[usize; 2]>,
    },
}
