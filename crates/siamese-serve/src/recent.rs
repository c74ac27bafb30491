//! Answers that anybody may ask for, however often, and that are worked out only once in a while.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// An answer that is kept for a time.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    keeps: Duration,
    /// When it was found, and what it was.
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Recent<T> {
    pub(crate) fn new(keeps: Duration) -> Self {
        Self {
            keeps,
            last: Mutex::new(None),
        }
    }

    /// The answer to whoever asks now. Those who ask together wait for one; it is kept if `keep` says so.
    pub(crate) async fn get(
        &self,
        now: Instant,
        work: impl Future<Output = T>,
        keep: impl FnOnce(&T) -> bool,
    ) -> T {
        let mut last = self.last.lock().await;
        if let Some((found, answer)) = &*last
            && now.saturating_duration_since(*found) < self.keeps
        {
            return answer.clone();
        }
        let answer = work.await;
        // Working it out may take longer than it is kept.
        let found = Instant::now().max(now);
        *last = keep(&answer).then(|| (found, answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn an_answer_is_worked_out_once_in_its_time() {
        let recent = Recent::new(Duration::from_secs(1));
        let times = AtomicU32::new(0);
        let begun = Instant::now();
        let asked_after = |ms| {
            let work = async { times.fetch_add(1, Ordering::Relaxed) };
            recent.get(begun + Duration::from_millis(ms), work, |&answer| {
                answer != 2
            })
        };
        // The second waits for the first, and a third came before either and was slow to be heard.
        assert_eq!(
            tokio::join!(asked_after(5), asked_after(8), asked_after(0)),
            (0, 0, 0)
        );
        assert_eq!(asked_after(500).await, 0);
        assert_eq!(asked_after(60_000).await, 1);
        assert_eq!(asked_after(60_500).await, 1);
        // One that is not to be kept.
        assert_eq!(asked_after(120_000).await, 2);
        assert_eq!(asked_after(120_000).await, 3);
    }
}
