//! Where a recipe's TorchScript programs lie, and which they are.

use std::path::Path;

use toml::Value;

use super::document::Recipe;
use crate::error::Error;
use crate::program::{keep_beside, program_sha256};

/// The file of a program, and its SHA-256 where it is known.
struct Named {
    file: String,
    sha256: Option<String>,
}

impl Named {
    /// The file's name where a run or a model keeps it. It depends on the content, not on where it came from.
    fn kept_name(&self) -> Option<String> {
        let sha256 = self.sha256.as_ref()?;
        Some(format!("script-{}.pt", sha256.get(..16)?))
    }
}

impl Recipe {
    /// The recipe with its programs' relative paths taken as relative to `folder`, that of the file that it was read from.
    ///
    /// # Errors
    /// [`Error::File`] where the folder's name is not valid UTF-8, so that no recipe can name it.
    pub fn relative_to(mut self, folder: &Path) -> Result<Self, Error> {
        self.each_script(|script| {
            let path = folder.join(&script.file);
            let Some(file) = path.to_str() else {
                return Err(Error::file(
                    &path,
                    "the name of this folder is not valid UTF-8, so that no recipe can name a program in it; rename it",
                ));
            };
            file.clone_into(&mut script.file);
            Ok::<_, Error>(())
        })?;
        Ok(self)
    }

    /// The recipe with the SHA-256 of each of its programs, which pins them: another file of the same name is refused.
    /// Reads the files, and runs nothing.
    ///
    /// # Errors
    /// [`Error::File`] where one is missing, is no TorchScript program, or is not the one that the recipe says.
    pub fn pin(mut self) -> Result<Self, Error> {
        self.each_script(|script| {
            let found = program_sha256(Path::new(&script.file), script.sha256.as_deref())?;
            script.sha256 = Some(found);
            Ok::<_, Error>(())
        })?;
        Ok(self)
    }

    /// Copies the programs into `folder`, where models, checkpoints and recipes that are saved there look for them, and
    /// gives the recipe that names these copies. Those that are already there stay.
    ///
    /// # Errors
    /// As [`Recipe::pin`]; [`Error::Io`] where a copy cannot be written.
    pub fn keep_scripts(&self, folder: &Path) -> Result<Self, Error> {
        let mut kept = self.clone().pin()?;
        kept.each_script(|script| {
            if let (Some(name), Some(sha256)) = (script.kept_name(), &script.sha256) {
                keep_beside(Path::new(&script.file), sha256, &folder.join(&name))?;
                script.file = name;
            }
            Ok::<_, Error>(())
        })?;
        kept.relative_to(folder)
    }

    /// The recipe as it is saved: its programs by the names under which they are kept, if their SHA-256 is known. Two
    /// recipes describe the same experiment if these are equal.
    #[must_use]
    pub fn portable(&self) -> Self {
        let mut saved = self.clone();
        let named = saved.each_script(|script| {
            if let Some(name) = script.kept_name() {
                script.file = name;
            }
            Ok::<_, std::convert::Infallible>(())
        });
        match named {
            Ok(()) => saved,
            Err(never) => match never {},
        }
    }

    /// Whether any of its networks runs a TorchScript program.
    #[must_use]
    pub fn has_scripts(&self) -> bool {
        self.scripts().next().is_some()
    }

    /// The files of its TorchScript programs, as the recipe names them.
    pub fn scripts(&self) -> impl Iterator<Item = &str> {
        let of_members = self
            .members
            .iter()
            .filter_map(|member| member.get("encoder")?.get("torchscript")?.as_str());
        self.encoder
            .torchscript
            .as_deref()
            .into_iter()
            .chain(of_members)
    }

    /// Whether all its programs go by the names under which those of their SHA-256 are kept.
    #[must_use]
    pub fn names_kept_scripts(&self) -> bool {
        let kept = |script: &mut Named| match script.kept_name() == Some(script.file.clone()) {
            true => Ok(()),
            false => Err(()),
        };
        self.clone().each_script(kept).is_ok()
    }

    /// Changes what the recipe and its members say of programs.
    fn each_script<E>(
        &mut self,
        mut change: impl FnMut(&mut Named) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(file) = self.encoder.torchscript.take() {
            let sha256 = self.encoder.sha256.take();
            let mut script = Named { file, sha256 };
            change(&mut script)?;
            self.encoder.torchscript = Some(script.file);
            self.encoder.sha256 = script.sha256;
        }
        for member in &mut self.members {
            let Some(Value::Table(encoder)) = member.get_mut("encoder") else {
                continue;
            };
            let text = |key| encoder.get(key).and_then(Value::as_str).map(str::to_owned);
            let Some(file) = text("torchscript") else {
                continue;
            };
            let mut script = Named {
                file,
                sha256: text("sha256"),
            };
            change(&mut script)?;
            encoder.insert("torchscript".to_owned(), script.file.into());
            if let Some(sha256) = script.sha256 {
                encoder.insert("sha256".to_owned(), sha256.into());
            }
        }
        Ok(())
    }
}
