//! Decisions at one threshold, counted.

use crate::{Error, Evidence, PairKind};

/// How the comparisons were decided at one threshold.
///
/// "Positive" is the decision *genuine*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Confusion {
    /// Genuine comparisons that were accepted.
    pub tp: u64,
    /// Impostor comparisons that were accepted: false matches.
    pub fp: u64,
    /// Impostor comparisons that were rejected.
    pub tn: u64,
    /// Genuine comparisons that were rejected: false non-matches.
    #[cfg_attr(feature = "serde", serde(rename = "fn"))]
    pub fn_: u64,
}

impl Confusion {
    /// Number of genuine comparisons.
    #[must_use]
    pub fn genuine(&self) -> u64 {
        self.tp + self.fn_
    }

    /// Number of impostor comparisons.
    #[must_use]
    pub fn impostor(&self) -> u64 {
        self.fp + self.tn
    }

    /// What the false match rate rests on.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor comparisons.
    pub fn false_matches(&self) -> Result<Evidence, Error> {
        need("FMR", PairKind::Impostor, self.impostor())?;
        Ok(Evidence {
            errors: self.fp,
            comparisons: self.impostor(),
        })
    }

    /// What the false non-match rate rests on.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine comparisons.
    pub fn false_non_matches(&self) -> Result<Evidence, Error> {
        need("FNMR", PairKind::Genuine, self.genuine())?;
        Ok(Evidence {
            errors: self.fn_,
            comparisons: self.genuine(),
        })
    }

    /// False match rate, `fp / (fp + tn)`.
    ///
    /// # Errors
    /// [`Error::Missing`] without impostor comparisons.
    pub fn fmr(&self) -> Result<f64, Error> {
        let impostor = need("FMR", PairKind::Impostor, self.impostor())?;
        Ok(self.fp as f64 / impostor)
    }

    /// False non-match rate, `fn / (tp + fn)`.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine comparisons.
    pub fn fnmr(&self) -> Result<f64, Error> {
        let genuine = need("FNMR", PairKind::Genuine, self.genuine())?;
        Ok(self.fn_ as f64 / genuine)
    }

    /// Share of right decisions, `(tp + tn) / all`. It depends on the mix of
    /// genuine and impostor comparisons; see [`Self::balanced_accuracy`].
    ///
    /// # Errors
    /// [`Error::Empty`] without any comparison.
    pub fn accuracy(&self) -> Result<f64, Error> {
        match self.genuine() + self.impostor() {
            0 => Err(Error::Empty),
            all => Ok((self.tp + self.tn) as f64 / all as f64),
        }
    }

    /// Mean of the shares of right decisions in the two classes,
    /// `1 - (FMR + FNMR) / 2`.
    ///
    /// # Errors
    /// [`Error::Missing`] if a class has no comparisons.
    pub fn balanced_accuracy(&self) -> Result<f64, Error> {
        let genuine = need("balanced accuracy", PairKind::Genuine, self.genuine())?;
        let impostor = need("balanced accuracy", PairKind::Impostor, self.impostor())?;
        Ok((self.tp as f64 / genuine + self.tn as f64 / impostor) / 2.0)
    }

    /// Share of the accepted comparisons that are genuine, `tp / (tp + fp)`.
    /// It depends on the mix of genuine and impostor comparisons.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing was accepted.
    pub fn precision(&self) -> Result<f64, Error> {
        match self.tp + self.fp {
            0 => Err(Error::Undefined {
                figure: "precision",
                reason: "no comparison is accepted at this threshold",
            }),
            accepted => Ok(self.tp as f64 / accepted as f64),
        }
    }

    /// Share of the genuine comparisons that are accepted, `1 - FNMR`.
    ///
    /// # Errors
    /// [`Error::Missing`] without genuine comparisons.
    pub fn recall(&self) -> Result<f64, Error> {
        let genuine = need("recall", PairKind::Genuine, self.genuine())?;
        Ok(self.tp as f64 / genuine)
    }

    /// Harmonic mean of precision and recall, `2 tp / (2 tp + fp + fn)`.
    ///
    /// # Errors
    /// [`Error::Undefined`] if nothing is genuine and nothing was accepted.
    pub fn f1(&self) -> Result<f64, Error> {
        match 2 * self.tp + self.fp + self.fn_ {
            0 => Err(Error::Undefined {
                figure: "F1",
                reason: "no comparison is genuine and none is accepted",
            }),
            denominator => Ok((2 * self.tp) as f64 / denominator as f64),
        }
    }
}

fn need(figure: &'static str, kind: PairKind, count: u64) -> Result<f64, Error> {
    match count {
        0 => Err(Error::Missing { figure, kind }),
        count => Ok(count as f64),
    }
}
