//! Being told of what other servers change in a database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;

use gallery::{Store, Watch};

use super::worker::Task;

/// Makes a task of what others change, where the store can tell.
pub(super) struct Told {
    watch: Option<Watch>,
    /// Whether there is such a task that waits.
    waits: Arc<AtomicBool>,
}

impl Told {
    /// # Errors
    /// As [`Store::watch`].
    pub(super) fn begin(
        store: &impl Store,
        tasks: &Arc<Sender<Task>>,
    ) -> Result<Self, gallery::Error> {
        let waits = Arc::<AtomicBool>::default();
        // The thread of the gallery ends with the last that can give it tasks, and this is none of them.
        let (tasks, told) = (Arc::downgrade(tasks), waits.clone());
        let changed = move || {
            if let Some(tasks) = tasks.upgrade()
                && !told.swap(true, Ordering::AcqRel)
            {
                let _ = tasks.send(Task::Refresh);
            }
        };
        let watch = store.watch(Box::new(changed))?;
        Ok(Self { watch, waits })
    }

    /// Whether every change is told. If not, somebody has to ask now and then.
    pub(super) fn listens(&self) -> bool {
        self.watch.as_ref().is_some_and(Watch::is_listening)
    }

    /// What is told from now on is another task.
    pub(super) fn heard(&self) {
        self.waits.store(false, Ordering::Release);
    }
}
