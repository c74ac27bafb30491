//! The trials of a one-shot test, as consecutive comparisons.

use super::fold::Fold;
use super::subjects::SubjectSplit;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::pairs::PairSet;

/// What the comparisons of a one-shot test belong to: trials of runs.
///
/// A trial compares one item with each class of its run. It is right where the item is nearer to its own class than to every
/// other: a tie is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trials {
    runs: Vec<TrialRun>,
}

/// One run: `trials` trials of `ways` consecutive comparisons each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrialRun {
    /// Its folder's name.
    pub name: String,
    /// What it has in common with other runs, such as their alphabet; `None` where nobody says.
    pub group: Option<String>,
    /// Classes, and so comparisons in a trial.
    pub ways: usize,
    /// Trials.
    pub trials: usize,
}

impl Trials {
    /// The runs, in the order of the comparisons.
    #[must_use]
    pub fn runs(&self) -> &[TrialRun] {
        &self.runs
    }

    /// How many trials there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.trials).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How the runs of a test are told to belong together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum RunGroups {
    /// Nobody says.
    Unknown,
    /// Runs 1 and 2, 3 and 4 and so on show the same characters of one alphabet, by other hands: Omniglot's.
    Pairs,
}

/// The fold in which the catalogue's own subjects train and its runs test.
pub(super) fn fold(catalog: &Catalog, groups: RunGroups) -> Result<Fold, Error> {
    let runs = &catalog.runs;
    if runs.is_empty() {
        return Err(Error::ProtocolMismatch {
            protocol: "one-shot",
            expected: "a catalogue with one-shot runs".to_owned(),
            found: "none".to_owned(),
            instead: "add them with `Catalog::with_runs`",
        });
    }
    let is_omniglot = runs.len() == 20
        && runs
            .iter()
            .all(|run| [run.classes.len(), run.items.len()] == [20, 20]);
    if groups == RunGroups::Pairs && !is_omniglot {
        let items: usize = runs.iter().map(|run| run.items.len()).sum();
        return Err(Error::ProtocolMismatch {
            protocol: "omniglot-runs",
            expected: "20 runs of 20 classes and 20 items".to_owned(),
            found: format!("{} runs with {items} items together", runs.len()),
            instead: "use `one-shot:DIR` for other runs",
        });
    }
    let mut is_run = vec![false; catalog.subjects() as usize];
    for &class in runs.iter().flat_map(|run| &run.classes) {
        is_run[catalog.subject_of(class) as usize] = true;
    }
    let subjects = catalog.all_subjects().into_iter();
    let (test, train) = subjects.partition(|&subject| is_run[subject as usize]);
    let split = SubjectSplit::from_subjects(catalog, train, Vec::new(), test)?;
    let pairs = runs.iter().flat_map(|run| {
        let of = |&item: &u32| run.classes.iter().map(move |&class| (item, class));
        run.items.iter().flat_map(of)
    });
    let pairs = PairSet::from_samples(catalog, pairs)?;
    let runs = runs.iter().enumerate().map(|(place, run)| TrialRun {
        name: run.name.clone(),
        group: (groups == RunGroups::Pairs)
            .then(|| format!("runs {} and {}", place / 2 * 2 + 1, place / 2 * 2 + 2)),
        ways: run.classes.len(),
        trials: run.items.len(),
    });
    let trials = Trials {
        runs: runs.collect(),
    };
    Ok(Fold::new(catalog, split)
        .with_test_pairs(pairs)
        .with_trials(trials))
}
