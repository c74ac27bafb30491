//! Browsers that have signed in with a key.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use subtle::ConstantTimeEq;

use super::file::random;
use crate::error::Error;
use crate::hex::hex;

/// The name of the cookie.
pub(crate) const SESSION: &str = "siamese_session";

/// How long a browser stays signed in.
pub(crate) const LASTS: Duration = Duration::from_secs(12 * 3600);

/// Browsers at a time; the oldest goes first.
const MOST: usize = 1024;

/// Who has signed in. A restart signs everybody out.
#[derive(Debug, Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

#[derive(Debug, Clone)]
pub(crate) struct Session {
    /// The key, so that one that is revoked serves no longer.
    pub(crate) key: String,
    /// What a page must send back with each change, which no other site can read.
    pub(crate) csrf: String,
    since: Instant,
}

impl Session {
    pub(crate) fn has_csrf(&self, given: &[u8]) -> bool {
        bool::from(given.ct_eq(self.csrf.as_bytes()))
    }
}

impl Sessions {
    /// A new session: what its cookie holds, and its token.
    pub(crate) fn begin(&self, key: &str) -> Result<(String, String), Error> {
        let (cookie, csrf) = (hex(&random::<32>()?), hex(&random::<32>()?));
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.since.elapsed() < LASTS);
        let oldest = all.iter().min_by_key(|(_, session)| session.since);
        if let (true, Some(oldest)) = (all.len() >= MOST, oldest.map(|(cookie, _)| cookie.clone()))
        {
            all.remove(&oldest);
        }
        let session = Session {
            key: key.to_owned(),
            csrf: csrf.clone(),
            since: Instant::now(),
        };
        all.insert(cookie.clone(), session);
        Ok((cookie, csrf))
    }

    pub(crate) fn find(&self, cookie: &str) -> Option<Session> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get(cookie)?;
        (session.since.elapsed() < LASTS).then(|| session.clone())
    }

    pub(crate) fn end(&self, cookie: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(cookie);
    }
}
