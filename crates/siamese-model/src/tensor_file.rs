//! Tensors and one JSON document in a `.safetensors` file that appears whole or not at all.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::{Device, Kind, Tensor};

use crate::error::Error;

/// The one key of the file's metadata. More than one would be written in no fixed order, and the same content must give
/// the same bytes.
const KEY: &str = "siamese";

/// Writes `bytes` to `path` through a file beside it, synced and renamed, so that no reader and no crash sees a part.
///
/// # Errors
/// [`Error::Io`] with the path.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let fail = |source| Error::io("write", path, bare(source));
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".siamese-")
        .tempfile_in(folder)
        .map_err(fail)?;
    file.as_file_mut().write_all(bytes).map_err(fail)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private; what is left behind is an ordinary file.
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))
            .map_err(fail)?;
    }
    file.as_file().sync_all().map_err(fail)?;
    file.persist(path).map_err(|error| fail(error.error))?;
    // The rename itself is only safe once the folder is.
    #[cfg(unix)]
    fs::File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(fail)?;
    Ok(())
}

/// The system's reason alone: tempfile adds the name of the file beside, which no user knows.
fn bare(error: io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|inner| inner.source());
    let code = inner
        .and_then(|inner| inner.downcast_ref::<io::Error>())
        .and_then(io::Error::raw_os_error);
    code.map_or(error, io::Error::from_raw_os_error)
}

/// Writes f32 tensors under their names, and `document`.
pub(crate) fn write<'a>(
    path: &Path,
    tensors: impl Iterator<Item = (String, &'a Tensor)>,
    document: &impl Serialize,
) -> Result<(), Error> {
    let tensors = tensors
        .map(|(name, tensor)| {
            let tensor = tensor
                .f_detach()?
                .f_to_device(Device::Cpu)?
                .f_to_kind(Kind::Float)?
                .f_contiguous()?;
            let shape = tensor
                .size()
                .iter()
                .map(|n| *n as usize)
                .collect::<Vec<_>>();
            let mut bytes = vec![0; 4 * tensor.numel()];
            tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
            Ok((name, shape, bytes))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| {
            Ok((
                name.as_str(),
                TensorView::new(Dtype::F32, shape.clone(), bytes)?,
            ))
        })
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
        .map_err(|error| Error::file(path, error.to_string()))?;
    let document =
        serde_json::to_string(document).map_err(|error| Error::file(path, error.to_string()))?;
    let metadata = HashMap::from([(KEY.to_owned(), document)]);
    let bytes = safetensors::serialize(views, Some(metadata))
        .map_err(|e| Error::file(path, e.to_string()))?;
    write_atomically(path, &bytes)
}

/// A file read whole: its document and its tensors' bytes.
pub(crate) struct TensorFile<T> {
    pub(crate) document: T,
    bytes: Vec<u8>,
}

impl<T: DeserializeOwned> TensorFile<T> {
    /// Reads a file that [`write`] made; `what` names it in errors.
    pub(crate) fn read(path: &Path, what: &str) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::io("read", path, source))?;
        let metadata = SafeTensors::read_metadata(&bytes).map(|(_, metadata)| metadata).map_err(|error| {
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
        Ok(Self { document, bytes })
    }

    /// Names and shapes of all tensors, by name.
    pub(crate) fn shapes(&self, path: &Path) -> Result<Vec<(String, Vec<usize>)>, Error> {
        let file = SafeTensors::deserialize(&self.bytes)
            .map_err(|error| Error::file(path, error.to_string()))?;
        let mut shapes: Vec<_> = file
            .iter()
            .map(|(name, view)| (name.to_owned(), view.shape().to_vec()))
            .collect();
        shapes.sort();
        Ok(shapes)
    }

    /// The tensor of that name, on the CPU; the message names what is missing.
    pub(crate) fn tensor(&self, name: &str) -> Result<Tensor, String> {
        let file = SafeTensors::deserialize(&self.bytes).map_err(|error| error.to_string())?;
        let view = file
            .tensor(name)
            .map_err(|_| format!("it has no tensor {name}"))?;
        if view.dtype() != Dtype::F32 {
            return Err(format!(
                "tensor {name} holds {:?}, expected F32",
                view.dtype()
            ));
        }
        let shape: Vec<i64> = view.shape().iter().map(|n| *n as i64).collect();
        Tensor::f_from_data_size(view.data(), &shape, Kind::Float)
            .map_err(|error| error.to_string())
    }
}
