//! What can go wrong with images, one or many.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use pgm_io::{Content, DecodeError, Exceeded, Format};

use crate::format::needs_formats;
use crate::region::Region;
use crate::resize::Resize;

/// How many lines of a long list [`StackError`] prints.
const SHOWN: usize = 10;

/// A file that could not be read as an image.
#[derive(Debug, thiserror::Error)]
#[error("{}: {source}", path.display())]
#[non_exhaustive]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub source: ReadError,
}

impl FileError {
    /// Gives a name to an error. For an image that came from memory this is whatever a person knows it by, such as the
    /// name of an upload.
    ///
    /// ```
    /// use image_stack::{FileError, Reading, read};
    ///
    /// let error = read(b"", &Reading::default()).map_err(|error| FileError::new("photo.jpg", error));
    /// assert!(error.unwrap_err().to_string().starts_with("photo.jpg: expected a P"));
    /// ```
    pub fn new(path: impl Into<PathBuf>, source: ReadError) -> Self {
        Self {
            path: path.into(),
            source,
        }
    }
}

/// What is wrong with an image.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The operating system refused to read it.
    #[error("cannot be read: {source}; {}", io_advice(source))]
    Io {
        /// The system's reason.
        source: io::Error,
    },
    /// It is longer than [`Limits::max_file_bytes`](crate::Limits::max_file_bytes).
    #[error(
        "expected a file of at most {limit} bytes, found more; make the image smaller or, if it is meant to be that \
         large, raise `Limits::max_file_bytes`"
    )]
    TooLong {
        /// The limit set.
        limit: usize,
    },
    /// It is not as large as the others, see [`PlaneReader`](crate::PlaneReader).
    #[error(
        "expected an image of {}x{} (width x height), the size of the first one of the set, found {}x{}; use \
         `Resize::Area` to bring them to one size, or leave it out",
        expected.0, expected.1, found.0, found.1
    )]
    Size {
        /// Columns and rows of the first image.
        expected: (usize, usize),
        /// Columns and rows of this one.
        found: (usize, usize),
    },
    /// Its bytes are no image that this build can read.
    #[error("expected a {READABLE} image, found {found}; {}", advice(*found))]
    NotReadable {
        /// What they are instead.
        found: Content,
    },
    /// It is a damaged PGM or PPM, or larger than the [`Limits`](crate::Limits) allow.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is another format, larger than the [`Limits`](crate::Limits) allow.
    #[error("{format} image: {exceeded}")]
    Limit {
        /// What the file is.
        format: Format,
        /// What is too large.
        exceeded: Exceeded,
    },
    /// It is another format, and that format's decoder refused it.
    #[error(
        "damaged or unsupported {format} image: {source}; copy the file again, or convert it to PNG"
    )]
    Foreign {
        /// What the file is.
        format: Format,
        /// The decoder's reason.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A part of it was asked for that it does not have, see [`Image::part`](crate::Image::part).
    #[error(
        "the box {region} (x,y,width,height) does not lie within the image of {width}x{height} pixels; cut it off at the \
         border, or check that it was found in this image, turned upright"
    )]
    Region {
        /// The part.
        region: Region,
        /// Columns of the image.
        width: usize,
        /// Rows of the image.
        height: usize,
    },
    /// The planes that are asked for cannot be made of it: [`StackError::ZeroResize`] or [`StackError::Memory`].
    #[error(transparent)]
    Planes(Box<StackError>),
    /// It is another format, with samples that have no value for white, such as floats.
    #[error(
        "expected 8- or 16-bit samples in this {format} image, found {found}; convert it to one of them"
    )]
    Samples {
        /// What the file is.
        format: Format,
        /// Its kind of samples, such as `Rgb32F`.
        found: String,
    },
}

/// What [`read`](crate::read()) takes.
const READABLE: &str = if cfg!(feature = "formats") {
    "PNG, JPEG, WebP, TIFF, BMP, PGM or PPM"
} else {
    "PGM or PPM"
};

fn advice(found: Content) -> &'static str {
    match found {
        Content::Image(format) if needs_formats(format) => {
            "convert it to PGM, or build with the feature `formats`"
        }
        Content::Image(Format::Heic) => {
            "convert it to PNG, as `heif-convert` does, or have the phone take pictures in JPEG"
        }
        Content::Image(Format::Avif) => "convert it to PNG, as `avifdec` does",
        Content::Image(Format::JpegXl) => "convert it to PNG, as `djxl` does",
        Content::Image(Format::Gif) => "save the frame that is wanted as PNG",
        Content::Image(_) if cfg!(feature = "formats") => "convert it to PNG",
        Content::Image(_) => "convert it to PGM",
        other => other.advice(),
    }
}

fn io_advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "check the path",
        io::ErrorKind::PermissionDenied => "allow reading it",
        io::ErrorKind::IsADirectory => "give the files in the folder",
        _ => "check the disk",
    }
}

/// Why many files do not make one stack.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StackError {
    /// Some files could not be read; here are all of them.
    #[error("{} of {files} files cannot be used:{}", errors.len(), List(errors))]
    Files {
        /// One error for each bad file, in the order of the paths.
        errors: Vec<FileError>,
        /// How many files there were.
        files: usize,
    },
    /// The images are not all of one size.
    #[error("expected images of one size, found {} sizes:{}\nuse `Resize::Area` to bring them to one size, or leave the odd ones out", groups.len(), List(groups))]
    Sizes {
        /// The sizes, the most frequent first.
        groups: Vec<SizeGroup>,
    },
    /// The resize asks for a step or a side of zero, or its margin leaves no room.
    #[error(
        "expected a step and sides of at least 1, and a margin that leaves room for the image, found {resize:?}; `Resize::None` keeps the size"
    )]
    ZeroResize {
        /// The resize given.
        resize: Resize,
    },
    /// The stack does not fit in memory.
    #[error(
        "no memory for {images} images of {channels}x{height}x{width} (channels x height x width) bytes; read fewer at once, or smaller ones with `Resize`"
    )]
    Memory {
        /// How many images.
        images: usize,
        /// Channels of each.
        channels: usize,
        /// Rows of each.
        height: usize,
        /// Columns of each.
        width: usize,
    },
}

/// The images of one size among many, see [`StackError::Sizes`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SizeGroup {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// How many images have this size.
    pub count: usize,
    /// The first few of them.
    pub examples: Vec<PathBuf>,
}

impl fmt::Display for SizeGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            width,
            height,
            count,
            examples,
        } = self;
        let files = if *count == 1 { "file" } else { "files" };
        write!(f, "{width}x{height} (width x height): {count} {files}, ")?;
        for (i, path) in examples.iter().enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { ", " }, path.display())?;
        }
        f.write_str(if *count > examples.len() { ", ..." } else { "" })
    }
}

/// A list, one item on each line, cut when long.
struct List<'a, T>(&'a [T]);

impl<T: fmt::Display> fmt::Display for List<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for item in self.0.iter().take(SHOWN) {
            write!(f, "\n  {item}")?;
        }
        match self.0.len().saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n  ... and {more} more"),
        }
    }
}
