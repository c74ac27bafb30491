//! Grey or colour.

/// The channels of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Channels {
    /// One: brightness.
    #[default]
    Grey,
    /// Three: red, green and blue.
    Rgb,
}

impl Channels {
    /// How many there are: 1 or 3.
    #[must_use]
    pub fn count(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }

    /// The channels of which there are that many: grey for 1, colour for 3, `None` for any other number.
    ///
    /// ```
    /// use pgm_io::Channels;
    ///
    /// assert_eq!(Channels::from_count(3), Some(Channels::Rgb));
    /// assert_eq!(Channels::from_count(4), None);
    /// ```
    #[must_use]
    pub fn from_count(count: usize) -> Option<Self> {
        match count {
            1 => Some(Self::Grey),
            3 => Some(Self::Rgb),
            _ => None,
        }
    }
}
