//! An image as a program has it, on its way to a network.

use ndarray::{Array3, ArrayView3};
#[cfg(feature = "images")]
use std::path::Path;

use crate::error::Error;
use crate::recipe::Recipe;

/// An image as a program has it: a file, the bytes of one, or pixels.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Picture<'a> {
    /// Pixels `[c, h, w]`, already of the size and channels that the recipe says: see [`Recipe::images`].
    Planes(ArrayView3<'a, u8>),
    /// A file in any format that `image-stack` reads.
    #[cfg(feature = "images")]
    File(&'a Path),
    /// The bytes of such a file.
    #[cfg(feature = "images")]
    Bytes(&'a [u8]),
}

impl<'a> From<ArrayView3<'a, u8>> for Picture<'a> {
    fn from(planes: ArrayView3<'a, u8>) -> Self {
        Self::Planes(planes)
    }
}

impl<'a> From<&'a Array3<u8>> for Picture<'a> {
    fn from(planes: &'a Array3<u8>) -> Self {
        Self::Planes(planes.view())
    }
}

/// The path of a file.
#[cfg(feature = "images")]
impl<'a> From<&'a str> for Picture<'a> {
    fn from(path: &'a str) -> Self {
        Self::File(Path::new(path))
    }
}

#[cfg(feature = "images")]
impl<'a> From<&'a std::path::PathBuf> for Picture<'a> {
    fn from(path: &'a std::path::PathBuf) -> Self {
        Self::File(path)
    }
}

#[cfg(feature = "images")]
impl<'a> From<&'a Vec<u8>> for Picture<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

#[cfg(feature = "images")]
impl<'a, const N: usize> From<&'a [u8; N]> for Picture<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

#[cfg(feature = "images")]
impl<'a> From<&'a Path> for Picture<'a> {
    fn from(path: &'a Path) -> Self {
        Self::File(path)
    }
}

#[cfg(feature = "images")]
impl<'a> From<&'a [u8]> for Picture<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl Picture<'_> {
    /// Its pixels `[c, h, w]` as a recipe reads them: upright, in grey or in colour, and resized.
    ///
    /// # Errors
    /// [`Error::Picture`] for a file that cannot be read; [`Error::Geometry`] and [`Error::Data`] where the pixels are
    /// not those that the recipe's encoder takes.
    pub fn planes(self, recipe: &Recipe) -> Result<Array3<u8>, Error> {
        #[cfg(feature = "images")]
        let (channels, resize, reading) = (
            recipe.channels(),
            recipe.data.resize.into(),
            recipe.reading(),
        );
        let planes = match self {
            Self::Planes(planes) => planes.to_owned(),
            #[cfg(feature = "images")]
            Self::File(path) => {
                let name = path.display();
                let planes = image_stack::open_planes(path, channels, resize, &reading);
                // The file's error names its path, and so does ours.
                planes.map_err(|error| picture(&name)(error.source))?.pixels
            }
            #[cfg(feature = "images")]
            Self::Bytes(bytes) => {
                let name = "an image in memory";
                let planes = image_stack::read_planes(bytes, channels, resize, &reading);
                planes.map_err(picture(name))?.pixels
            }
        };
        let (channels, height, width) = planes.dim();
        crate::pixels::expect([channels, height, width], recipe.images())?;
        Ok(planes)
    }
}

#[cfg(feature = "images")]
fn picture<E: std::error::Error + Send + Sync + 'static>(
    name: impl ToString,
) -> impl FnOnce(E) -> Error {
    let name = name.to_string();
    move |source| Error::Picture {
        name,
        source: Box::new(source),
    }
}
