//! One-shot runs among a catalogue's subjects.

/// A run by the numbers of its samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunSamples {
    pub(crate) name: String,
    /// The image of each class.
    pub(crate) classes: Vec<u32>,
    /// Each of one of the classes.
    pub(crate) items: Vec<u32>,
}
