//! The one line of libtorch's messages about a program that says what went wrong.

/// Longest reason that is shown whole; of longer ones the first sentence says what is the matter.
const LONG: usize = 240;

/// Why running or reading a program failed, without where in libtorch and where in the program.
pub(super) fn reason(error: &tch::TchError) -> String {
    let full = error.to_string();
    let told = full
        .trim_start_matches("Internal torch error: ")
        .split("\nException raised from")
        .next()
        .unwrap_or_default();
    // The interpreter shows the way through the program first; what happened comes last, after the name of its kind.
    let lines = || told.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines()
        .rev()
        .find_map(after_kind)
        .or_else(|| lines().next())
        .unwrap_or("libtorch does not say why");
    let sentence = match line.len() > LONG {
        true => line.split_once(". ").map_or(line, |(first, _)| first),
        false => line,
    };
    sentence.trim_end_matches('.').to_owned()
}

/// What follows `RuntimeError: `, `builtins.ValueError: ` and the like.
fn after_kind(line: &str) -> Option<&str> {
    let (kind, said) = line.split_once(": ")?;
    let named = kind.ends_with("Error") || kind.ends_with("Exception");
    let one_word = kind
        .chars()
        .all(|c| c.is_alphanumeric() || "._".contains(c));
    (named && one_word && !said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        reason(&tch::TchError::Torch(text.to_owned()))
    }

    /// As PyTorch 2.15 words a program that fails.
    #[test]
    fn the_reason_is_what_happened_and_not_where() {
        let text = "The following operation failed in the TorchScript interpreter.\nTraceback of TorchScript (most \
                    recent call last):\n  File \"code/__torch__.py\", line 9, in forward\n    if torch.ne(x, 5):\n      \
                    ops.prim.RaiseException(\"five channels are needed\", \"builtins.ValueError\")\n      ~~~~ <--- \
                    HERE\nbuiltins.ValueError: five channels are needed\n";
        assert_eq!(of(text), "five channels are needed");
        let text = "PytorchStreamReader failed reading zip archive: failed finding central directory\nException raised \
                    from valid at ../caffe2/serialize/inline_container.cc:186 (most recent call first):\nframe #0: c10";
        assert_eq!(
            of(text),
            "PytorchStreamReader failed reading zip archive: failed finding central directory"
        );
        let text = format!(
            "RuntimeError: Could not run it. {}",
            "This could be because of much. ".repeat(20)
        );
        assert_eq!(of(&text), "Could not run it");
        assert_eq!(of("\n\n"), "libtorch does not say why");
    }
}
