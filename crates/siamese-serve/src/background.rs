//! What goes on though whoever asked has gone; the end of the server waits for it.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// More tasks than there can be.
const MOST: u32 = 1 << 24;

/// Tasks that nobody has to wait for.
#[derive(Debug, Clone)]
pub(crate) struct Background(Arc<Semaphore>);

impl Default for Background {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST as usize)))
    }
}

impl Background {
    /// Starts a task that goes on whether or not its end is waited for.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let place = self.0.clone().try_acquire_owned();
        tokio::spawn(async move {
            let _place = place;
            task.await
        })
    }

    /// Waits until no task is left.
    pub(crate) async fn ended(&self) {
        let _all = self.0.acquire_many(MOST).await;
    }
}
