//! Where a recipe's ready networks lie, and which they are.

use std::path::Path;

use toml::Value;

use super::document::Recipe;
use crate::error::Error;
use crate::program::{keep_beside, kept_name, program_sha256};
use crate::spec::ProgramKind;

const KINDS: [ProgramKind; 2] = [ProgramKind::TorchScript, ProgramKind::Onnx];

/// The file of a program, and its SHA-256 where it is known.
struct Named {
    kind: ProgramKind,
    file: String,
    sha256: Option<String>,
}

impl Named {
    /// As [`kept_name`].
    fn kept_name(&self) -> Option<String> {
        kept_name(self.kind, self.sha256.as_ref()?)
    }
}

impl Recipe {
    /// The recipe with its programs' relative paths taken as relative to `folder`, that of the file that it was read from.
    ///
    /// # Errors
    /// [`Error::File`] where the folder's name is not valid UTF-8, so that no recipe can name it.
    pub fn relative_to(mut self, folder: &Path) -> Result<Self, Error> {
        self.each_program(|program| {
            let path = folder.join(&program.file);
            let Some(file) = path.to_str() else {
                return Err(Error::file(
                    &path,
                    "the name of this folder is not valid UTF-8, so that no recipe can name a program in it; rename it",
                ));
            };
            file.clone_into(&mut program.file);
            Ok::<_, Error>(())
        })?;
        Ok(self)
    }

    /// The recipe with the SHA-256 of each of its programs, which pins them: another file of the same name is refused.
    /// Reads the files, and runs nothing.
    ///
    /// # Errors
    /// [`Error::File`] where one is missing, is no program of its kind, or is not the one that the recipe says.
    pub fn pin(mut self) -> Result<Self, Error> {
        self.each_program(|program| {
            let found = program_sha256(
                program.kind,
                Path::new(&program.file),
                program.sha256.as_deref(),
            )?;
            program.sha256 = Some(found);
            Ok::<_, Error>(())
        })?;
        Ok(self)
    }

    /// Copies the programs into `folder`, where models, checkpoints and recipes that are saved there look for them, and
    /// gives the recipe that names these copies. Those that are already there stay.
    ///
    /// # Errors
    /// As [`Recipe::pin`]; [`Error::Io`] where a copy cannot be written.
    pub fn keep_programs(&self, folder: &Path) -> Result<Self, Error> {
        let mut kept = self.clone().pin()?;
        kept.each_program(|program| {
            if let (Some(name), Some(sha256)) = (program.kept_name(), &program.sha256) {
                keep_beside(
                    program.kind,
                    Path::new(&program.file),
                    sha256,
                    &folder.join(&name),
                )?;
                program.file = name;
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
        let named = saved.each_program(|program| {
            if let Some(name) = program.kept_name() {
                program.file = name;
            }
            Ok::<_, std::convert::Infallible>(())
        });
        match named {
            Ok(()) => saved,
            Err(never) => match never {},
        }
    }

    /// Whether any of its networks begins with a ready one.
    #[must_use]
    pub fn has_programs(&self) -> bool {
        self.programs().next().is_some()
    }

    /// The first of its TorchScript programs, which libtorch alone runs.
    #[must_use]
    pub fn script(&self) -> Option<&str> {
        let is_script = |&(kind, _): &(ProgramKind, &str)| kind == ProgramKind::TorchScript;
        self.programs().find(is_script).map(|(_, file)| file)
    }

    /// Its ready networks: what each is written in, and its file, as the recipe names it.
    pub fn programs(&self) -> impl Iterator<Item = (ProgramKind, &str)> {
        let of_members = self.members.iter().flat_map(|member| {
            KINDS.into_iter().filter_map(move |kind| {
                Some((kind, member.get("encoder")?.get(kind.key())?.as_str()?))
            })
        });
        self.encoder.program().into_iter().chain(of_members)
    }

    /// Whether all its programs go by the names under which those of their SHA-256 are kept.
    #[must_use]
    pub fn names_kept_programs(&self) -> bool {
        let kept = |program: &mut Named| match program.kept_name() == Some(program.file.clone()) {
            true => Ok(()),
            false => Err(()),
        };
        self.clone().each_program(kept).is_ok()
    }

    /// Changes what the recipe and its members say of programs.
    fn each_program<E>(
        &mut self,
        mut change: impl FnMut(&mut Named) -> Result<(), E>,
    ) -> Result<(), E> {
        let encoder = &mut self.encoder;
        for (kind, place) in [
            (ProgramKind::TorchScript, &mut encoder.torchscript),
            (ProgramKind::Onnx, &mut encoder.onnx),
        ] {
            let Some(file) = place.take() else {
                continue;
            };
            let sha256 = encoder.sha256.take();
            let mut program = Named { kind, file, sha256 };
            change(&mut program)?;
            *place = Some(program.file);
            encoder.sha256 = program.sha256;
        }
        for member in &mut self.members {
            let Some(Value::Table(encoder)) = member.get_mut("encoder") else {
                continue;
            };
            for kind in KINDS {
                let text = |key| encoder.get(key).and_then(Value::as_str).map(str::to_owned);
                let Some(file) = text(kind.key()) else {
                    continue;
                };
                let sha256 = text("sha256");
                let mut program = Named { kind, file, sha256 };
                change(&mut program)?;
                encoder.insert(kind.key().to_owned(), program.file.into());
                if let Some(sha256) = program.sha256 {
                    encoder.insert("sha256".to_owned(), sha256.into());
                }
            }
        }
        Ok(())
    }
}
