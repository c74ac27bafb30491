//! Folders that are named after the parts of a split.

/// A part of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Train,
    Validation,
    Test,
}

/// The part that a folder of this name holds, by the names in common use.
pub(crate) fn part_of(folder: &str) -> Option<Part> {
    match folder.to_ascii_lowercase().as_str() {
        "train" | "training" => Some(Part::Train),
        "val" | "valid" | "validation" | "dev" => Some(Part::Validation),
        "test" | "testing" => Some(Part::Test),
        _ => None,
    }
}
