//! What can be wrong with the structure of a file.

/// What is wrong with the structure of a file, and where. Places are counted in bytes from its start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// The file ends before its image does.
    #[error(
        "expected {part} up to byte {end}, found the end of the file at byte {length}; the file has been cut"
    )]
    Cut {
        part: String,
        end: u64,
        length: usize,
    },
    /// Something else than the format allows.
    #[error("expected {expected} at byte {at}, found {found}")]
    Unexpected {
        at: usize,
        expected: &'static str,
        found: String,
    },
}

impl Fault {
    pub(super) fn unexpected(at: usize, expected: &'static str, found: impl ToString) -> Self {
        Self::Unexpected {
            at,
            expected,
            found: found.to_string(),
        }
    }
}
