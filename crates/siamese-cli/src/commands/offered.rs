//! Commands that are offered to the user, as a shell takes them.

use std::ffi::OsStr;
#[cfg(feature = "train")]
use std::path::Path;

use siamese_lab::DataSource;

use crate::args::data_arguments;

/// The arguments that read these images in the same way.
pub(super) fn data_words(source: &DataSource) -> String {
    let words: Vec<String> = data_arguments(source).iter().map(quoted).collect();
    words.join(" ")
}

/// The command that goes on with the run in this folder.
#[cfg(feature = "train")]
pub(super) fn resume_command(run: &Path) -> String {
    format!("siamese train --resume {}", quoted(run))
}

/// A word as a shell takes it.
pub(super) fn quoted(word: impl AsRef<OsStr>) -> String {
    let text = word.as_ref().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:,@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_reads_the_images_as_they_were_read() {
        let mut source = DataSource::new("my faces");
        source.layout = "{group}/{subject}/*".parse().unwrap();
        let words = data_words(&source);
        assert_eq!(words, "--data 'my faces' --layout '{group}/{subject}/*'");
    }

    #[test]
    fn paths_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted("runs/seed-s1"), "runs/seed-s1");
        assert_eq!(quoted("my faces"), "'my faces'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
