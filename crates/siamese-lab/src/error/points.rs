//! Points of a sweep that cannot be understood.

use std::path::PathBuf;

/// A point of a sweep, or the list of them, cannot be understood.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PointError {
    /// Values of a grid are no values.
    #[error("a grid is KEY=VALUE,VALUE, for instance train.epochs=5,10")]
    NoGrid,

    /// A value is missing.
    #[error("value {place} is empty: an empty text is written \"\"")]
    EmptyValue {
        /// Which of the values, counted from 1.
        place: usize,
    },

    /// Two lists of values are for one key.
    #[error("--grid {key} is given twice: put all its values into one")]
    Twice {
        /// The key.
        key: String,
    },

    /// The values make too many points.
    #[error("the grid has more than {most} points: sweep fewer keys or values at once")]
    TooMany {
        /// As many as there may be.
        most: usize,
    },

    /// A variant has not the form of one.
    #[error("a variant is 'NAME: KEY=VALUE KEY=VALUE', for instance 'no dropout: train.epochs=5'")]
    NoVariant,

    /// A variant has no name.
    #[error("the variant has no name")]
    NoName,

    /// A variant changes nothing.
    #[error("the variant changes nothing; the unchanged recipe comes first anyway")]
    NoChange,

    /// A change has not the form of one.
    #[error("`{change}` is not a change: write KEY=VALUE, without spaces around `=`")]
    BadChange {
        /// The change.
        change: String,
    },

    /// A bracket is closed that was not opened.
    #[error("`{bracket}` in `{text}` closes nothing")]
    Unopened {
        /// The bracket.
        bracket: char,
        /// Where it is.
        text: String,
    },

    /// A bracket or a quote is not closed.
    #[error("`{missing}` is missing in `{text}`")]
    Unclosed {
        /// What would close it.
        missing: char,
        /// Where it is missing.
        text: String,
    },

    /// A file of variants is no TOML.
    #[error("{} is not TOML", path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        source: toml::de::Error,
    },

    /// A file of variants is empty.
    #[error(
        "{} names no variants: a line of it is NAME = [\"KEY=VALUE\", \"KEY=VALUE\"]",
        path.display()
    )]
    NoVariants {
        /// The file.
        path: PathBuf,
    },

    /// A line of a file of variants is not one.
    #[error(
        "{}: `{name}` must be a list of changes, as in {name} = [\"train.epochs=5\"]",
        path.display()
    )]
    NoList {
        /// The file.
        path: PathBuf,
        /// The name of the variant.
        name: String,
    },

    /// A point changes what all points must share.
    #[error(
        "point {name} changes the seed or the protocol, but all points of a sweep are judged on the same subjects: use \
         --seeds and --protocol, and change only single keys of [protocol], such as protocol.validation_people"
    )]
    ChangesProtocol {
        /// The point.
        name: String,
    },

    /// Two points are one recipe.
    #[error("points {first} and {second} are the same recipe: leave one of them out")]
    Same {
        /// One point.
        first: String,
        /// The other.
        second: String,
    },

    /// Two points would have one folder.
    #[error("two points would have the same folder, {first} and {second}: rename one")]
    SameName {
        /// One point.
        first: String,
        /// The other.
        second: String,
    },
}
