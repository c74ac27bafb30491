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
use crate::watch::Watch;

/// A sweep whose trainings are known to be possible, and whose folder is its own.
pub struct Sweep {
    plan: plan::Plan,
    way: Way,
}

/// How a sweep ended.
#[derive(Debug)]
pub enum SweepEnd {
    /// It was asked to stop. The same sweep goes on with what was done.
    Stopped,
    /// A shard is trained, and nothing judged.
    Shard {
        /// Whether other shards have not trained yet what a choice rests on, so that the chosen points are not trained. The same
        /// sweep then goes on with its share of them.
        waits: bool,
    },
    /// All is trained and judged.
    Judged(Box<SweepOutcome>),
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
        Ok(Self { plan, way })
    }

    /// To choose a point inside the training subjects of each fold, and to judge that choice on its test subjects.
    ///
    /// # Errors
    /// Where the recipe, a point, the images or the folder do not allow it.
    pub fn choose_inside(settings: &SweepSettings) -> Result<Self, Error> {
        let plan = plan::Plan::new(settings)?;
        let way = Way::Inside(inside::Inside::new(&plan)?);
        Ok(Self { plan, way })
    }

    /// The folder of all trainings and of the table.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.plan.out
    }

    /// Trains what is not trained yet, and judges, unless only a shard was asked for. Where single points fail, the outcome says
    /// so.
    ///
    /// # Errors
    /// Where no choice can be made, or something cannot be written.
    pub fn run(
        &self,
        runner: &dyn Runner,
        stop: &AtomicBool,
        watch: &mut dyn Watch,
    ) -> Result<SweepEnd, Error> {
        match &self.way {
            Way::Compare(comparison) => comparison.run(&self.plan, runner, stop, watch),
            Way::Inside(inside) => inside.run(&self.plan, runner, stop, watch),
        }
    }
}
