//! Where a command writes its one file: a file, a special one, or standard output.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use siamese_lab::OutFile;
use siamese_net::{is_special, write_atomically};

use crate::output::Output;

/// A file that is written, or standard output in its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a>(pub(crate) &'a Path);

impl Target<'_> {
    /// Fails where something is there that may not be replaced, see [`OutFile::expect_place`], or where standard output
    /// is wanted for two things.
    pub(crate) fn expect_place(
        self,
        what: OutFile,
        force: bool,
        read: &[&Path],
        output: Output,
    ) -> Result<()> {
        if !self.is_standard_output() {
            return Ok(what.expect_place(self.0, force, read)?);
        }
        if output.json {
            bail!(
                "{} and --json both take standard output: leave one of them out",
                self.0.display()
            );
        }
        Ok(())
    }

    /// Fails where the name of an ordinary file does not end like this.
    pub(crate) fn expect_ending(self, ending: &str) -> Result<()> {
        if !self.is_no_file() && self.0.extension().is_none_or(|found| found != ending) {
            bail!("{}: the name must end in .{ending}", self.0.display());
        }
        Ok(())
    }

    /// Whether it is no ordinary file, so that its name says nothing and nothing lies beside it.
    pub(crate) fn is_no_file(self) -> bool {
        self.is_standard_output() || is_special(self.0)
    }

    /// Whether it is standard output, which nothing else is then written to.
    pub(crate) fn is_standard_output(self) -> bool {
        [Path::new("-"), Path::new("/dev/stdout")].contains(&self.0)
    }

    pub(crate) fn write(self, bytes: &[u8]) -> Result<()> {
        if !self.is_standard_output() {
            return Ok(write_atomically(self.0, bytes)?);
        }
        let mut out = io::stdout().lock();
        let written = out.write_all(bytes).and_then(|()| out.flush());
        written.context("cannot write to standard output")
    }

    /// For people.
    pub(crate) fn name(self) -> String {
        match self.is_standard_output() {
            true => "standard output".to_owned(),
            false => self.0.display().to_string(),
        }
    }
}
