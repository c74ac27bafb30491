//! Failures that last: the operator is told when one begins and when it is over, not each time.

use std::sync::{Arc, Mutex, PoisonError};

/// Told what the operator should know, a line at a time.
pub(crate) type Log = Arc<dyn Fn(&str) + Send + Sync>;

/// Something that is done again and again, and may fail.
pub(crate) struct Alarm {
    what: String,
    log: Log,
    /// Why it failed the last time.
    failure: Mutex<Option<String>>,
}

impl Alarm {
    /// For what is named so: `cannot {what}: ...`.
    pub(crate) fn new(what: impl Into<String>, log: Log) -> Self {
        Self {
            what: what.into(),
            log,
            failure: Mutex::default(),
        }
    }

    /// Hears how it went, and gives what came of it.
    pub(crate) fn hear<T, E: std::error::Error>(&self, result: Result<T, E>) -> Option<T> {
        let why = result.as_ref().err().map(|error| {
            let causes = std::iter::successors(error.source(), |error| error.source());
            // Some say their cause themselves.
            causes
                .map(ToString::to_string)
                .fold(error.to_string(), |all, cause| match all.contains(&cause) {
                    true => all,
                    false => format!("{all}: {cause}"),
                })
        });
        let mut before = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match (&why, &*before) {
            (Some(now), before) if before.as_ref() != Some(now) => {
                (self.log)(&format!("cannot {}: {now}", self.what));
            }
            (None, Some(_)) => (self.log)(&format!("can {} again", self.what)),
            _ => {}
        }
        *before = why;
        result.ok()
    }
}

impl std::fmt::Debug for Alarm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Alarm")
            .field("what", &self.what)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_when_it_begins_changes_and_ends() {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let told = lines.clone();
        let log = Arc::new(move |line: &str| told.lock().unwrap().push(line.to_owned()));
        let alarm = Alarm::new("read x", log);
        let failed = |why: &str| Err::<(), _>(std::io::Error::other(why.to_owned()));
        assert_eq!(alarm.hear(Ok::<_, std::io::Error>(7)), Some(7));
        for result in [failed("a"), failed("a"), failed("b"), Ok(()), Ok(())] {
            alarm.hear(result);
        }
        let expected = ["cannot read x: a", "cannot read x: b", "can read x again"];
        assert_eq!(*lines.lock().unwrap(), expected);
    }
}
