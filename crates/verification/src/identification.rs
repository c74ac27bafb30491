//! One-to-many search: rank-k and CMC.

use crate::bootstrap::clustered_mean;
use crate::{Bootstrap, Direction, Error, Interval, ScoreMatrix};

/// The outcome of searching every probe in a gallery.
///
/// A subject's score is that of its most alike template. A probe is *mated*
/// if its subject is in the gallery. The rank of a mated probe is one more
/// than the number of other subjects whose score is at least as good as its
/// mate's: ties count against the search, so that a network which gives every
/// pair the same score finds nobody.
///
/// ```
/// use verification::{Direction, Identification, ScoreMatrix};
///
/// let distances = vec![
///     0.1, 0.9, 0.8, // a probe of subject 7
///     0.6, 0.5, 0.4, // one of subject 8, which is closer to 9
///     0.7, 0.9, 0.8, // one of subject 3, a stranger to this gallery
/// ];
/// let matrix = ScoreMatrix::new(Direction::Distance, vec![7, 8, 3], vec![7, 8, 9], distances)?;
/// let found = Identification::new(&matrix);
/// assert_eq!(found.cmc()?, [0.5, 1.0, 1.0]);
/// assert_eq!(found.open_set_at(0.65, 1)?.fpir.rate(), 0.0);
/// # Ok::<(), verification::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Identification {
    pub(crate) direction: Direction,
    enrolled: usize,
    pub(crate) mated: Vec<Mated>,
    /// Keys of the best candidate of each unmated probe, ascending.
    pub(crate) strangers: Vec<f32>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mated {
    pub(crate) subject: u32,
    pub(crate) rank: usize,
    /// The score of the mate, as a distance.
    pub(crate) key: f32,
}

impl Identification {
    /// Searches every probe.
    #[must_use]
    pub fn new(matrix: &ScoreMatrix) -> Self {
        let mut enrolled = matrix.gallery().to_vec();
        enrolled.sort_unstable();
        enrolled.dedup();
        let place_of = |subject: u32| enrolled.binary_search(&subject).ok();
        let columns: Vec<usize> = matrix
            .gallery()
            .iter()
            .filter_map(|&s| place_of(s))
            .collect();
        let mut best = vec![f32::INFINITY; enrolled.len()];
        let (mut mated, mut strangers) = (Vec::new(), Vec::new());
        for (&subject, row) in matrix.probes().iter().zip(matrix.key_rows()) {
            best.fill(f32::INFINITY);
            for (&place, &key) in columns.iter().zip(row) {
                best[place] = best[place].min(key);
            }
            if let Some(mate) = place_of(subject) {
                let key = best[mate];
                // The mate itself is among those counted.
                let rank = best.iter().filter(|&&other| other <= key).count();
                mated.push(Mated { subject, rank, key });
            } else {
                strangers.push(best.iter().copied().fold(f32::INFINITY, f32::min));
            }
        }
        strangers.sort_unstable_by(f32::total_cmp);
        Self {
            direction: matrix.direction(),
            enrolled: enrolled.len(),
            mated,
            strangers,
        }
    }

    /// Number of subjects in the gallery.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.enrolled
    }

    /// Number of probes whose subject is in the gallery.
    #[must_use]
    pub fn mated(&self) -> usize {
        self.mated.len()
    }

    /// Number of probes whose subject is not in the gallery.
    #[must_use]
    pub fn unmated(&self) -> usize {
        self.strangers.len()
    }

    /// Share of the mated probes whose mate is among the `k` most alike
    /// subjects. Unmated probes do not count.
    ///
    /// # Errors
    /// [`Error::Undefined`] without mated probes, [`Error::Argument`] if `k`
    /// is 0.
    pub fn rank_rate(&self, k: usize) -> Result<f64, Error> {
        self.need_mated("rank-k rate")?;
        check_rank(k)?;
        let found = self.mated.iter().filter(|probe| probe.rank <= k).count();
        Ok(found as f64 / self.mated.len() as f64)
    }

    /// [`Self::rank_rate`] with an interval over the probes' subjects; the
    /// gallery stays as it is.
    ///
    /// # Errors
    /// Those of [`Self::rank_rate`] and of
    /// [`LabelledScores::interval`](crate::LabelledScores::interval).
    pub fn rank_interval(&self, k: usize, bootstrap: &Bootstrap) -> Result<Interval, Error> {
        self.rank_rate(k)?;
        let found = |probe: &Mated| (probe.subject, f64::from(u8::from(probe.rank <= k)));
        clustered_mean("rank-k rate", self.mated.iter().map(found), bootstrap)
    }

    /// Cumulative match characteristic: [`Self::rank_rate`] of 1, 2, ... up to
    /// the number of subjects in the gallery, where it is 1.
    ///
    /// # Errors
    /// [`Error::Undefined`] without mated probes.
    pub fn cmc(&self) -> Result<Vec<f64>, Error> {
        self.need_mated("CMC")?;
        let mut at_rank = vec![0_usize; self.enrolled];
        for probe in &self.mated {
            at_rank[probe.rank - 1] += 1;
        }
        let mut found = 0;
        let cumulative = at_rank.into_iter().map(|count| {
            found += count;
            found as f64 / self.mated.len() as f64
        });
        Ok(cumulative.collect())
    }

    pub(crate) fn need_mated(&self, figure: &'static str) -> Result<(), Error> {
        let reason = "no probe's subject is in the gallery";
        if self.mated.is_empty() {
            Err(Error::Undefined { figure, reason })
        } else {
            Ok(())
        }
    }
}

pub(crate) fn check_rank(k: usize) -> Result<(), Error> {
    if k == 0 {
        return Err(Error::Argument {
            argument: "rank",
            expected: "at least 1",
            found: 0.0,
        });
    }
    Ok(())
}
