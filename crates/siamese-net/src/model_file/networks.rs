//! ONNX networks in a model file.

use std::borrow::Cow;
use std::path::Path;

use super::card::ModelFile;
use crate::digest::sha256;
use crate::error::Error;
use crate::program::read_program;
use crate::spec::ProgramKind;

/// What the name of a network in a file begins with; its SHA-256 follows.
const PREFIX: &str = "network.";

/// Whether what has this name in a file is a network, and no tensor.
pub(super) fn is_network(name: &str) -> bool {
    name.starts_with(PREFIX)
}

/// ONNX networks usually lie beside the model files that name them, and may also be in them. A TorchScript program never is:
/// it is code.
impl ModelFile {
    /// The same model with its ONNX networks in its file, so that it is one file. Those that are not in it yet are read where
    /// they lie, beside `path`.
    ///
    /// # Errors
    /// [`Error::File`] where one is missing, or is not the one that the model was made with.
    pub fn with_networks(self, path: &Path) -> Result<Self, Error> {
        let wanted = self.wanted()?;
        if wanted.iter().all(|(_, sha256)| self.held(sha256).is_some()) {
            return Ok(self);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut networks = Vec::new();
        for (file, sha256) in &wanted {
            let bytes = match self.held(sha256) {
                Some(bytes) => Cow::Borrowed(bytes),
                None => read_program(ProgramKind::Onnx, &folder.join(file), Some(sha256))?
                    .0
                    .into(),
            };
            networks.push((name(sha256), bytes));
        }
        let bytes = self.written(self.file.document.clone(), &networks, path)?;
        drop(networks);
        Self::of_bytes(bytes, path)
    }

    /// The bytes of its file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.file.bytes()
    }

    /// The ONNX network of this SHA-256, where it is in the file.
    ///
    /// # Errors
    /// [`Error::File`] where it has another SHA-256 in truth.
    pub fn network(&self, expected: &str, path: &Path) -> Result<Option<&[u8]>, Error> {
        let Some(bytes) = self.held(expected) else {
            return Ok(None);
        };
        let found = sha256(bytes);
        if found != expected {
            let message = format!(
                "the ONNX network in the model has the SHA-256 {found}, expected {expected}: the file is damaged or was \
                 changed; restore a copy of it"
            );
            return Err(Error::file(path, message));
        }
        Ok(Some(bytes))
    }

    /// Whether all ready networks that it begins with are in the file, so that none lies beside it.
    #[must_use]
    pub fn holds_networks(&self) -> bool {
        let wanted = self.wanted();
        self.card.recipe.script().is_none()
            && wanted
                .is_ok_and(|wanted| wanted.iter().all(|(_, sha256)| self.held(sha256).is_some()))
    }

    /// Names and bytes of the networks in the file.
    pub(super) fn networks(&self) -> impl Iterator<Item = (String, Cow<'_, [u8]>)> {
        let names = self.file.names().filter(|name| is_network(name));
        names.filter_map(|name| Some((name.to_owned(), Cow::Borrowed(self.file.file(name)?))))
    }

    fn held(&self, sha256: &str) -> Option<&[u8]> {
        self.file.file(&name(sha256))
    }

    /// File and SHA-256 of each ONNX network that the model begins with, once each.
    fn wanted(&self) -> Result<Vec<(String, String)>, Error> {
        let mut wanted = Vec::new();
        for member in self.card.recipe.members()? {
            if let (Some((ProgramKind::Onnx, file)), Some(sha256)) =
                (member.encoder.program(), &member.encoder.sha256)
            {
                wanted.push((file.to_owned(), sha256.clone()));
            }
        }
        wanted.sort();
        wanted.dedup();
        Ok(wanted)
    }
}

fn name(sha256: &str) -> String {
    format!("{PREFIX}{sha256}")
}
