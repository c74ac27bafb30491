//! The methods, and where each comes from.

use std::fmt;

/// A classical way to tell whether two images show the same subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Euclidean distance of the grey values.
    RawPixels,
    /// Principal components that hold 95 % of the training images' variance, Euclidean distance.
    Eigenfaces,
    /// The first 100 principal components, each scaled to unit variance, cosine distance.
    WhitenedPca,
    /// Principal components, then linear discriminants of the training subjects, cosine distance.
    Fisherfaces,
    /// Histograms of uniform local binary patterns in 7x7 cells, chi-square distance.
    Lbp,
    /// Those histograms, their principal components, then linear discriminants, cosine distance.
    LbpLda,
    /// The sum of the distances of [`Fisherfaces`](Self::Fisherfaces) and [`LbpLda`](Self::LbpLda).
    FisherfacesAndLbpLda,
}

impl Method {
    /// Every method, the simplest first.
    pub const ALL: [Self; 7] = [
        Self::RawPixels,
        Self::Eigenfaces,
        Self::WhitenedPca,
        Self::Fisherfaces,
        Self::Lbp,
        Self::LbpLda,
        Self::FisherfacesAndLbpLda,
    ];

    /// A short name for tables and files, in lower case without blanks.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::RawPixels => "raw-pixels",
            Self::Eigenfaces => "eigenfaces",
            Self::WhitenedPca => "whitened-pca",
            Self::Fisherfaces => "fisherfaces",
            Self::Lbp => "lbp",
            Self::LbpLda => "lbp-lda",
            Self::FisherfacesAndLbpLda => "fisherfaces+lbp-lda",
        }
    }

    /// One sentence that says what is computed and who proposed it, for a reader of a report.
    #[must_use]
    pub fn about(self) -> &'static str {
        match self {
            Self::RawPixels => "Euclidean distance of the grey values, without any learning.",
            Self::Eigenfaces => {
                "Euclidean distance in the principal components that hold 95 % of the variance of at most 1,000 \
                 training images (Turk and Pentland, 1991)."
            }
            Self::WhitenedPca => {
                "Cosine distance of the first 100 principal components of at most 1,000 training images, each \
                 scaled to unit variance (Beveridge, Bolme, Draper and Teixeira, 2005)."
            }
            Self::Fisherfaces => {
                "Cosine distance of linear discriminants of the training subjects, after PCA (Belhumeur, Hespanha and \
                 Kriegman, 1997), with the within-subject scatter shrunk (Ledoit and Wolf, 2004)."
            }
            Self::Lbp => {
                "Chi-square distance of histograms of uniform local binary patterns (8 neighbours, radius 2) in 7x7 \
                 cells, without any learning (Ahonen, Hadid and Pietikainen, 2006)."
            }
            Self::LbpLda => {
                "As fisherfaces, on histograms of local binary patterns (Ahonen, Hadid and Pietikainen, 2006) in \
                 place of grey values."
            }
            Self::FisherfacesAndLbpLda => {
                "Sum of the distances of fisherfaces and lbp-lda (the sum rule of Kittler, Hatef, Duin and Matas, \
                 1998)."
            }
        }
    }

    /// Whether the method learns from training images; the others make the same of an image in any fold.
    #[must_use]
    pub fn needs_training(self) -> bool {
        !matches!(self, Self::RawPixels | Self::Lbp)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
