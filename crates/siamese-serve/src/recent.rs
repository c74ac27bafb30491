//! Answers that anybody may ask for, however often, and that are worked out only once in a while.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

/// An answer that is kept for a time.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    keeps: Duration,
    /// When it was asked for, and what it was.
    last: Mutex<Option<(Instant, T)>>,
}

impl<T: Clone> Recent<T> {
    pub(crate) fn new(keeps: Duration) -> Self {
        Self {
            keeps,
            last: Mutex::new(None),
        }
    }

    /// The answer to whoever asks now. Those who ask together wait for one.
    pub(crate) async fn get(&self, now: Instant, work: impl Future<Output = T>) -> T {
        let mut last = self.last.lock().await;
        if let Some((asked, answer)) = &*last
            && now.saturating_duration_since(*asked) < self.keeps
        {
            return answer.clone();
        }
        let answer = work.await;
        *last = Some((now, answer.clone()));
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
            recent.get(begun + Duration::from_millis(ms), async {
                times.fetch_add(1, Ordering::Relaxed)
            })
        };
        // The second waits for the first, and a third came before either and was slow to be heard.
        assert_eq!(
            tokio::join!(asked_after(5), asked_after(8), asked_after(0)),
            (0, 0, 0)
        );
        assert_eq!(asked_after(1004).await, 0);
        assert_eq!(asked_after(1005).await, 1);
        assert_eq!(asked_after(1500).await, 1);
    }
}
