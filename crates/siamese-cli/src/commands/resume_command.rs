//! How to go on with an interrupted training, as a shell takes it.

use std::path::Path;

/// The command that goes on with the run in this folder.
pub(super) fn resume_command(run: &Path) -> String {
    format!("siamese train --resume {}", quoted(run))
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
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
    fn paths_are_quoted_where_a_shell_would_take_them_apart() {
        assert_eq!(quoted(Path::new("runs/seed-s1")), "runs/seed-s1");
        assert_eq!(quoted(Path::new("my faces")), "'my faces'");
        assert_eq!(quoted(Path::new("it's")), r"'it'\''s'");
    }
}
