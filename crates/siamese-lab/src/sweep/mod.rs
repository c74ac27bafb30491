//! A recipe with values changed: each point cross-validated with several seeds, and the points set beside each other.
//!
//! [`Sweep::compare`] compares the points on the test subjects, so that the figure of the best is optimistic.
//! [`Sweep::choose_inside`] chooses inside the training subjects of each fold, and its figure is the one to state.

mod compare;
mod crossvals;
mod documents;
mod figures;
mod inner;
mod inside;
mod outcome;
mod plan;
mod points;
mod record;
mod scoring;
mod settings;
mod split;
mod table;

pub use documents::{Choice, InsideRecord, SweepRecord};
pub use figures::{FnmrAtFmr, PointFigures};
pub use inner::InnerEer;
pub use outcome::{SweepDocument, SweepOutcome};
pub use points::Point;
pub use record::Base as SweepBase;
pub use settings::SweepSettings;
pub use table::{Above, Line as SweepLine};

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::error::Error;
use crate::jobs::Runner;
use crate::run::FolderLock;
use crate::watch::Watch;

/// A sweep whose trainings are known to be possible, and whose folder is its own.
pub struct Sweep {
    plan: plan::Plan,
    way: Way,
    /// Nobody else writes there meanwhile, but for other shards.
    _lock: FolderLock,
}

/// How points are set beside each other.
enum Way {
    Compare(compare::Comparison),
    Inside(inside::Inside),
}

impl Sweep {
    /// To compare the points on the test subjects.
    ///
    /// # Errors
    /// Where the recipe, a point, the images or the folder do not allow it.
    pub fn compare(settings: &SweepSettings) -> Result<Self, Error> {
        let plan = plan::Plan::new(settings)?;
        let way = Way::Compare(compare::Comparison::new(&plan)?);
        Self::locked(plan, way)
    }

    /// To choose a point inside the training subjects of each fold, and to judge that choice on its test subjects.
    ///
    /// # Errors
    /// Where the recipe, a point, the images or the folder do not allow it.
    pub fn choose_inside(settings: &SweepSettings) -> Result<Self, Error> {
        let plan = plan::Plan::new(settings)?;
        let way = Way::Inside(inside::Inside::new(&plan)?);
        Self::locked(plan, way)
    }

    fn locked(plan: plan::Plan, way: Way) -> Result<Self, Error> {
        let lock = match plan.settings.shard {
            Some(_) => FolderLock::to_share(&plan.out)?,
            None => FolderLock::to_write(&plan.out)?,
        };
        Ok(Self {
            _lock: lock,
            plan,
            way,
        })
    }

    /// The folder of all trainings and of the table.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.plan.out
    }

    /// Trains what is not trained yet, and judges; `None` where `stop` was set meanwhile (the same sweep goes on with what was
    /// done), and where only a shard was asked for. Where single points fail, the outcome says so.
    ///
    /// # Errors
    /// Where no choice can be made, or something cannot be written.
    pub fn run(
        &self,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<Option<SweepOutcome>, Error> {
        match &self.way {
            Way::Compare(comparison) => comparison.run(&self.plan, runner, stop, watch),
            Way::Inside(inside) => inside.run(&self.plan, runner, stop, watch),
        }
    }
}
