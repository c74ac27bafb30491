//! One-to-many search: rank-k and CMC.

use crate::jackknife::clustered_mean;
use crate::{Direction, Error, Interval, Jackknife, ScoreMatrix};

/// The outcome of searching every probe in a gallery.
///
/// A subject's score is that of its most alike template. A probe is *mated* if
/// its subject is in the gallery. The rank of a mated probe is one more than
/// the number of other subjects whose score is at least as good as its mate's:
/// ties count against the search, so a network that gives every pair the same
/// score finds nobody.
///
/// ```
/// use verification_figures::{Direction, Identification, ScoreMatrix};
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
/// # Ok::<(), verification_figures::Error>(())
/// ```
///
/// Several searches are [pooled](Self::pooled): those of the folds of a cross-validation, and those
/// with each image of a subject enrolled in turn, which a small set needs:
///
/// ```
/// use verification_figures::{Embeddings, Identification, Metric, SampleScores};
///
/// let values = [0.0, 0.2, 0.4, 1.0, 1.3, 1.1, 2.0, 2.1, 1.2];
/// let subjects = [1, 1, 1, 2, 2, 2, 3, 3, 3];
/// let embeddings = Embeddings::new(&values, 1, &subjects)?;
/// let scores = SampleScores::from_embeddings(Metric::Euclidean, embeddings)?;
/// let searches = (0..3)
///     .map(|turn| Identification::leaving_one_out(&scores.rotation(turn)?))
///     .collect::<Result<Vec<_>, _>>()?;
/// let found = Identification::pooled(&searches)?;
/// assert_eq!((found.mated(), found.unmated()), (18, 18));
/// # Ok::<(), verification_figures::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Identification {
    pub(crate) direction: Direction,
    enrolled: usize,
    pub(crate) mated: Vec<Mated>,
    /// The unmated probes, by ascending keys.
    pub(crate) strangers: Vec<Stranger>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mated {
    pub(crate) subject: u32,
    pub(crate) rank: usize,
    /// The score of the mate, as a distance.
    pub(crate) key: f32,
}

/// An unmated probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stranger {
    pub(crate) subject: u32,
    /// The score of the best candidate, as a distance.
    pub(crate) key: f32,
}

impl Identification {
    /// Searches every probe.
    #[must_use]
    pub fn new(matrix: &ScoreMatrix) -> Self {
        Self::search(matrix, false)
    }

    /// Searches every probe, and every mated one a second time, as a stranger to the gallery without
    /// its own subject. So a set with no subject to spare gives open-set rates: each subject is enrolled
    /// for the one search and left out for the other.
    ///
    /// It is the open-set use of the "jackknife" that A. J. Mansfield and J. L. Wayman describe for
    /// impostors who are enrolled themselves, "Best practices in testing and reporting performance
    /// of biometric devices", NPL Report CMSC 14/02, 2002. The strangers meet one subject fewer than
    /// the mated probes do, so for `n` enrolled subjects FPIR comes out too low by a share of about
    /// `1 / n`. It assumes that a score does not depend on who else is enrolled: scores that were
    /// normalised over the gallery do.
    ///
    /// # Errors
    /// [`Error::Undefined`] if the gallery holds a single subject.
    pub fn leaving_one_out(matrix: &ScoreMatrix) -> Result<Self, Error> {
        let gallery = matrix.gallery();
        if gallery.iter().all(|&subject| subject == gallery[0]) {
            return Err(Error::Undefined {
                figure: "a search that leaves one out",
                reason: "the gallery holds a single subject, so leaving it out leaves none",
            });
        }
        Ok(Self::search(matrix, true))
    }

    /// The probes of several searches taken together, mated and unmated ones, each with the rank
    /// and the score that it has in its own gallery.
    ///
    /// A subject must have the same number in all of them: intervals draw a subject with its probes
    /// in all searches, and with those of any other subject that has the same number. Thresholds are
    /// applied to all scores alike, so the searches should be of one scale.
    ///
    /// Galleries may differ in size. A large rank is easier to reach in a small gallery, so
    /// [`cmc`](Self::cmc) ends with the smallest one, which is also what
    /// [`enrolled`](Self::enrolled) says.
    ///
    /// # Errors
    /// [`Error::Empty`] without a search, [`Error::MixedDirections`] if they differ in direction.
    pub fn pooled<'a>(searches: impl IntoIterator<Item = &'a Self>) -> Result<Self, Error> {
        let mut searches = searches.into_iter();
        let mut pooled = searches.next().ok_or(Error::Empty)?.clone();
        for search in searches {
            if search.direction != pooled.direction {
                return Err(Error::MixedDirections);
            }
            pooled.enrolled = pooled.enrolled.min(search.enrolled);
            pooled.mated.extend_from_slice(&search.mated);
            pooled.strangers.extend_from_slice(&search.strangers);
        }
        pooled.sort_strangers();
        Ok(pooled)
    }

    fn search(matrix: &ScoreMatrix, leave_one_out: bool) -> Self {
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
            let mate = place_of(subject);
            if let Some(mate) = mate {
                let key = best[mate];
                // The mate itself is among those counted.
                let rank = best.iter().filter(|&&other| other <= key).count();
                mated.push(Mated { subject, rank, key });
                best[mate] = f32::INFINITY;
            }
            if mate.is_none() || leave_one_out {
                let key = best.iter().copied().fold(f32::INFINITY, f32::min);
                strangers.push(Stranger { subject, key });
            }
        }
        let mut found = Self {
            direction: matrix.direction(),
            enrolled: enrolled.len(),
            mated,
            strangers,
        };
        found.sort_strangers();
        found
    }

    fn sort_strangers(&mut self) {
        self.strangers
            .sort_unstable_by(|a, b| a.key.total_cmp(&b.key).then(a.subject.cmp(&b.subject)));
    }

    /// Number of subjects in the gallery, the smallest one where searches were pooled.
    #[must_use]
    pub fn enrolled(&self) -> usize {
        self.enrolled
    }

    /// Number of probes whose subject is in the gallery.
    #[must_use]
    pub fn mated(&self) -> usize {
        self.mated.len()
    }

    /// Number of probes whose subject is not in the gallery, or was left out of it.
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
    pub fn rank_interval(&self, k: usize, jackknife: &Jackknife) -> Result<Interval, Error> {
        self.rank_rate(k)?;
        let found = |probe: &Mated| (probe.subject, f64::from(u8::from(probe.rank <= k)));
        clustered_mean("rank-k rate", self.mated.iter().map(found), jackknife)
    }

    /// Cumulative match characteristic: [`Self::rank_rate`] of 1, 2, ... up to
    /// the number of subjects in the gallery, where it is 1 unless searches of larger galleries were
    /// pooled with it.
    ///
    /// # Errors
    /// [`Error::Undefined`] without mated probes.
    pub fn cmc(&self) -> Result<Vec<f64>, Error> {
        self.need_mated("CMC")?;
        let mut at_rank = vec![0_usize; self.enrolled];
        for probe in &self.mated {
            if let Some(count) = at_rank.get_mut(probe.rank - 1) {
                *count += 1;
            }
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
