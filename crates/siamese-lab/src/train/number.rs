//! How the networks of one training are numbered.

/// The number of a network where there are several, counted from 1.
pub(super) fn number(i: usize, networks: usize) -> Option<usize> {
    (networks > 1).then_some(i + 1)
}
