//! What a user should be told of a file that was read.

/// What a user should be told of a file that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Findings {
    /// Whether some pixel is not opaque, so that a [`Background`](crate::Background) shines through or was left out.
    pub transparent: bool,
    /// Whether there are several pixels and all have the same colour.
    pub flat: bool,
    /// How many more images the file holds, which were not read: pages, frames, further graymaps.
    pub more_images: usize,
    /// Whether the file has a colour profile that does not say that it is sRGB's. The profile was left out: the numbers
    /// were read as if they were sRGB.
    pub foreign_profile: bool,
    /// Whether the file notes in a way that cannot be read how its image is turned upright. It was left as it is stored.
    pub unread_orientation: bool,
}
