//! Images that are not there or not as they must be.

use std::path::PathBuf;

use image_stack::{FileError, StackError};

use super::bad_image::{BadImage, Listed};

/// The images are not there, or not as they must be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Forgeries are to be learnt from, and there are none.
    #[error(
        "batches.forgeries = {asked}, and there are no forgeries of the subjects that are learnt from: read the set so that \
         they are told (--layout with {{kind}}, or a column kind of a list), or set batches.forgeries to 0"
    )]
    NoForgeries {
        /// Forgeries of each subject of a batch.
        asked: usize,
    },
    /// Fewer pairs with forgeries than asked for.
    #[error(
        "pairs.skilled and pairs.per_kind ask for {asked} pairs of a genuine sample and a forgery of it, and the subjects that \
         are learnt from make {exist}: lower one of the two"
    )]
    TooFewSkilled {
        /// How many are asked for.
        asked: usize,
        /// How many there are.
        exist: usize,
    },
    /// A list of pairs to learn from that holds none of a kind.
    #[error(
        "{}: none of its {pairs} pairs is {kind} and of the {subjects} subjects that are learnt from; list some, or take \
         another protocol",
        list.display()
    )]
    NoListedPairs {
        /// The list.
        list: PathBuf,
        /// The kind.
        kind: pairgen::PairKind,
        /// Pairs in the list.
        pairs: usize,
        /// Subjects that are learnt from.
        subjects: usize,
    },
    /// There is nothing at the path.
    #[error(
        "{} does not exist: give the folder of the images with --data DIR. scripts/fetch_orl.py fetches the AT&T faces \
         into datasets/orl_faces",
        path.display()
    )]
    Missing {
        /// Where the images were said to be.
        path: PathBuf,
    },

    /// The runs of a one-shot test cannot be read.
    #[error(
        "the one-shot runs that judge cannot be read: {source}. The protocol one-shot:DIR names their folder; omniglot-runs \
         wants them at {}, beside the images that train, where scripts/fetch_omniglot.py puts them",
        folder.display()
    )]
    Runs {
        /// Their folder.
        folder: PathBuf,
        /// Why.
        source: Box<pairgen::Error>,
    },

    /// There is no such image.
    #[error("{} does not exist: name an image, or a folder of images", path.display())]
    NoFile {
        /// What was named.
        path: PathBuf,
    },

    /// A folder holds no image itself.
    #[error(
        "the folder {} holds no images: name one that does, or give a folder of folders of subjects with --data",
        path.display()
    )]
    NoImages {
        /// The folder.
        path: PathBuf,
    },

    /// Names that no list of pairs and no table of scores could hold unchanged.
    #[error(
        "{} file names are not valid UTF-8, so no list can name them; rename them:{}",
        paths.len(),
        paths.iter().map(|path| format!("\n  {}", path.display())).collect::<String>()
    )]
    Names {
        /// The files.
        paths: Vec<PathBuf>,
    },

    /// One picture is under two subjects.
    #[error(
        "{shared} pairs of images are one picture under two subjects, so a person would be compared with himself as an \
         impostor, or be trained on and judged:{}\nput each picture under one subject (siamese leak-check DATA lists all \
         pairs), or go on all the same with --allow-duplicates",
        named.iter().map(|pair| format!("\n  {pair}")).collect::<String>()
    )]
    SharedPictures {
        /// How many pairs there are.
        shared: usize,
        /// The first of them, each as the two files and how alike they are.
        named: Vec<String>,
    },

    /// Images are of several sizes, and the recipe brings them to none.
    #[error(
        "{sizes}\nbring them to one size with data.resize = {{ area = [HEIGHT, WIDTH] }}, or leave the odd ones out"
    )]
    SeveralSizes {
        /// The sizes, with how many images have each.
        sizes: String,
    },

    /// The images take more memory than there can be.
    #[error("{message}")]
    Memory {
        /// How much they take, and what to do.
        message: String,
    },

    /// Images that cannot be read.
    #[error(
        "{} of {images} files cannot be used:{}\nmend or remove them; --skip-bad leaves out those that cannot be read",
        bad.len(), Listed(bad)
    )]
    BadImages {
        /// All of them.
        bad: Vec<BadImage>,
        /// Of how many.
        images: usize,
    },

    /// Images cannot be decoded.
    #[error(transparent)]
    Stack(StackError),

    /// An image cannot be decoded.
    #[error(transparent)]
    Image(#[from] FileError),

    /// More subjects are to be shown than there are.
    #[error("--people {wanted}: there are only {found} subjects in the data")]
    FewerSubjects {
        /// How many were asked for.
        wanted: usize,
        /// How many there are.
        found: usize,
    },

    /// The protocol has fewer folds.
    #[error("{protocol} has {folds} folds, numbered from 0: there is no fold {fold}")]
    NoFold {
        /// The name of the protocol.
        protocol: String,
        /// How many folds it has.
        folds: usize,
        /// The fold asked for.
        fold: usize,
    },

    /// Subjects cannot be kept for validation where nobody is kept out of training.
    #[error(
        "protocol.validation_people and protocol.validation_groups need a people-disjoint protocol, and {protocol} trains on \
         everybody: set them to 0, or choose another protocol"
    )]
    NoValidation {
        /// The protocol.
        protocol: String,
    },
}

impl From<StackError> for DataError {
    /// The error, with the key of a recipe in place of the library's name for it.
    fn from(error: StackError) -> Self {
        match error {
            StackError::Sizes { .. } => {
                let text = error.to_string();
                let (sizes, _) = text.rsplit_once('\n').unwrap_or((&text, ""));
                let sizes = sizes.to_owned();
                Self::SeveralSizes { sizes }
            }
            StackError::Memory { .. } => Self::Memory {
                message: error.to_string().replace("`Resize`", "data.resize"),
            },
            StackError::Files { errors, files } => Self::BadImages {
                bad: errors.iter().map(BadImage::from).collect(),
                images: files,
            },
            error => Self::Stack(error),
        }
    }
}
