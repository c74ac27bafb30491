//! Tensors and one JSON document in a `.safetensors` file.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::ops::Range;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::atomic::write_atomically;
use crate::error::Error;

/// The one key of the file's metadata. More than one would be written in no fixed order, and the same content must give
/// the same bytes.
const KEY: &str = "siamese";

/// A tensor of f32 as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorBytes<'a> {
    /// Its axes; empty for a single number.
    pub shape: Vec<usize>,
    /// Its values in row-major order, each as four bytes, least first.
    pub bytes: Cow<'a, [u8]>,
}

impl TensorBytes<'_> {
    /// Its values.
    #[must_use]
    pub fn to_f32(&self) -> Vec<f32> {
        let (values, _) = self.bytes.as_chunks::<4>();
        values.iter().copied().map(f32::from_le_bytes).collect()
    }
}

/// Writes tensors under their names, and `document`: whole or not at all, the same content to the same bytes.
///
/// # Errors
/// [`Error::Io`] with the path; [`Error::File`] where a shape does not fit its bytes, or the document is none.
pub fn write_tensors(
    path: &Path,
    tensors: &[(String, TensorBytes<'_>)],
    document: &impl Serialize,
) -> Result<(), Error> {
    let tensors = tensors.iter().map(|(name, tensor)| (name.as_str(), tensor));
    let bytes = to_bytes(tensors, &[], document);
    let bytes = bytes.map_err(|message| Error::file(path, message))?;
    write_atomically(path, &bytes)
}

/// The bytes of such a file, which may also hold `files`: bytes of something else, each under a name.
pub(super) fn to_bytes<'a>(
    tensors: impl IntoIterator<Item = (&'a str, &'a TensorBytes<'a>)>,
    files: &[(String, Cow<'_, [u8]>)],
    document: &impl Serialize,
) -> Result<Vec<u8>, String> {
    let tensors = tensors.into_iter().map(|(name, tensor)| {
        let view = TensorView::new(Dtype::F32, tensor.shape.clone(), &tensor.bytes)?;
        Ok((name, view))
    });
    let files = files.iter().map(|(name, bytes)| {
        let view = TensorView::new(Dtype::U8, vec![bytes.len()], bytes)?;
        Ok((name.as_str(), view))
    });
    let views = tensors
        .chain(files)
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| error.to_string())?;
    let document = serde_json::to_string(document).map_err(|error| error.to_string())?;
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    safetensors::serialize(views, Some(metadata)).map_err(|error| error.to_string())
}

/// A file read whole: its document, and its tensors by name.
#[derive(Debug)]
pub struct TensorFile<T> {
    /// The document beside the tensors.
    pub document: T,
    bytes: Vec<u8>,
    places: BTreeMap<String, Place>,
}

/// Where a tensor stands in the file.
#[derive(Debug)]
struct Place {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Range<usize>,
}

impl<T: DeserializeOwned> TensorFile<T> {
    /// Reads a file that [`write_tensors`] made; `what`, `model` for instance, names it in errors. Nothing in it is
    /// executed.
    ///
    /// # Errors
    /// [`Error::Io`] where it cannot be read; [`Error::File`] where it is cut, damaged, or not such a file.
    pub fn read(path: &Path, what: &str) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::io("read", path, source))?;
        Self::of_bytes(bytes, path, what)
    }

    /// The same of the bytes of such a file; errors name it `path`.
    ///
    /// # Errors
    /// [`Error::File`] as for [`Self::read`].
    pub fn of_bytes(bytes: Vec<u8>, path: &Path, what: &str) -> Result<Self, Error> {
        let (header, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
            Error::file(
                path,
                format!("not a whole .safetensors file ({error}); expected a {what}: write it again or restore a copy"),
            )
        })?;
        SafeTensors::deserialize(&bytes).map_err(|error| {
            Error::file(
                path,
                format!("the file is damaged ({error}); restore a copy of it"),
            )
        })?;
        let Some(document) = metadata.metadata().as_ref().and_then(|map| map.get(KEY)) else {
            return Err(Error::file(
                path,
                format!(
                    "a .safetensors file without the metadata `{KEY}`, so not a {what} written by siamese"
                ),
            ));
        };
        let document = serde_json::from_str(document).map_err(|error| {
            Error::file(
                path,
                format!("not a {what} that this version reads: {error}"),
            )
        })?;
        // The length of the header stands before it, in eight bytes.
        let begin = 8 + header;
        let places = metadata.tensors().into_iter().map(|(name, info)| {
            let (from, to) = info.data_offsets;
            let place = Place {
                dtype: info.dtype,
                shape: info.shape.clone(),
                bytes: begin + from..begin + to,
            };
            (name, place)
        });
        Ok(Self {
            document,
            places: places.collect(),
            bytes,
        })
    }

    /// Names and shapes of all tensors, by name.
    #[must_use]
    pub fn shapes(&self) -> Vec<(String, Vec<usize>)> {
        let places = self.places.iter();
        places
            .map(|(name, place)| (name.clone(), place.shape.clone()))
            .collect()
    }

    /// The names of all tensors, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.places.keys().map(String::as_str)
    }

    /// All bytes of the file.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The file within it that has this name.
    pub(super) fn file(&self, name: &str) -> Option<&[u8]> {
        let place = self
            .places
            .get(name)
            .filter(|place| place.dtype == Dtype::U8)?;
        self.bytes.get(place.bytes.clone())
    }

    /// The tensor of that name.
    ///
    /// # Errors
    /// A message that names what is missing, or is no f32.
    pub fn tensor(&self, name: &str) -> Result<TensorBytes<'_>, String> {
        let place = self
            .places
            .get(name)
            .ok_or_else(|| format!("it has no tensor {name}"))?;
        if place.dtype != Dtype::F32 {
            return Err(format!(
                "tensor {name} holds {:?}, expected F32",
                place.dtype
            ));
        }
        let bytes = self.bytes.get(place.bytes.clone()).unwrap_or_default();
        Ok(TensorBytes {
            shape: place.shape.clone(),
            bytes: Cow::Borrowed(bytes),
        })
    }
}
