//! This program, to be started again as it is now.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// This very program. What it starts is the same, even if a new version is installed meanwhile.
pub(crate) struct Program {
    path: PathBuf,
    /// Of its file, where that is all there is to start it by.
    state: Option<State>,
}

/// What changes with a file: its length in bytes, and when it was written.
type State = (u64, SystemTime);

impl Program {
    pub(crate) fn this() -> io::Result<Self> {
        // On Linux this is what runs, whatever has become of the file.
        let running = Path::new("/proc/self/exe");
        if running.exists() {
            let path = running.to_owned();
            return Ok(Self { path, state: None });
        }
        Self::of_file(std::env::current_exe()?)
    }

    fn of_file(path: PathBuf) -> io::Result<Self> {
        let state = Some(state(&path)?);
        Ok(Self { path, state })
    }

    /// Starts it; fails where its file is another by now.
    pub(crate) fn command(&self) -> io::Result<Command> {
        if let Some(was) = self.state
            && state(&self.path).ok() != Some(was)
        {
            return Err(io::Error::other(format!(
                "{} was replaced while it ran; give the same command again, which goes on",
                self.path.display()
            )));
        }
        Ok(Command::new(&self.path))
    }
}

fn state(path: &Path) -> io::Result<State> {
    let found = fs::metadata(path)?;
    Ok((found.len(), found.modified()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_was_replaced_is_not_started() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("siamese");
        fs::write(&path, "one").unwrap();
        let program = Program::of_file(path.clone()).unwrap();
        assert!(program.command().is_ok());
        fs::write(&path, "another").unwrap();
        let error = program.command().unwrap_err().to_string();
        assert!(error.contains("was replaced"), "{error}");
    }
}
