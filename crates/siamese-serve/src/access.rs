//! Who asks, and what they may.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};

use crate::alarm::{Alarm, Log};
use crate::error::Error;
use crate::keys::{Key, KeyFile, SESSION, Scope, Sessions};
use crate::problem::{Code, Problem, Result};

/// How long a change of the file of keys may stay unnoticed.
const LOOKED: Duration = Duration::from_secs(1);

/// Who may ask.
#[derive(Debug)]
pub(crate) struct Access {
    keys: Option<(PathBuf, Mutex<Known>, Alarm)>,
    pub(crate) sessions: Sessions,
}

#[derive(Debug)]
struct Known {
    keys: KeyFile,
    written: Option<SystemTime>,
    looked: Instant,
}

impl Access {
    /// By the keys of a file; everybody, where there is none.
    ///
    /// # Errors
    /// As [`KeyFile::read`].
    pub(crate) fn new(keys: Option<PathBuf>, log: &Log) -> Result<Self, Error> {
        let known = |path: PathBuf| -> Result<_, Error> {
            let alarm = Alarm::new("read the keys anew, so those read before hold", log.clone());
            let known = Known {
                written: written(&path),
                keys: KeyFile::read(&path)?,
                looked: Instant::now(),
            };
            Ok((path, Mutex::new(known), alarm))
        };
        Ok(Self {
            keys: keys.map(known).transpose()?,
            sessions: Sessions::default(),
        })
    }

    pub(crate) fn is_open(&self) -> bool {
        self.keys.is_none()
    }

    /// What is known of the keys now. A file that cannot be read any more leaves the keys as they were.
    fn with_keys<T>(&self, look: impl FnOnce(&KeyFile) -> T) -> Option<T> {
        let (path, known, alarm) = self.keys.as_ref()?;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.looked.elapsed() > LOOKED {
            known.looked = Instant::now();
            let now = written(path);
            if now != known.written
                && let Some(keys) = alarm.hear(KeyFile::read(path))
            {
                known.keys = keys;
                known.written = now;
            }
        }
        Some(look(&known.keys))
    }

    /// The key that somebody gives.
    pub(crate) fn find(&self, given: &str) -> Option<Key> {
        self.with_keys(|keys| keys.find(given).cloned()).flatten()
    }

    fn by_id(&self, id: &str) -> Option<Key> {
        let of = |keys: &KeyFile| keys.keys().iter().find(|key| key.id == id).cloned();
        self.with_keys(of).flatten()
    }

    /// Whose request this is.
    pub(crate) fn caller(&self, method: &Method, headers: &HeaderMap) -> Result<Caller> {
        if self.is_open() {
            return Ok(Caller::Anybody);
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let said = text("authorization");
        let bearer = said
            .and_then(|said| said.strip_prefix("Bearer "))
            .map(str::trim);
        // The second as CompreFace's clients give it, behind a proxy that may have a scheme of its own. What is of another scheme
        // is no key.
        if let Some(given) = bearer.or_else(|| text("x-api-key")).or(said.map(|_| "")) {
            let refused = || Problem::new(Code::Unauthorized, "there is no such key");
            return self.find(given).map(Caller::Key).ok_or_else(refused);
        }
        let session = session_cookie(headers).and_then(|cookie| self.sessions.find(cookie));
        let Some(session) = session else {
            return Ok(Caller::Nobody);
        };
        let token = headers
            .get("x-csrf-token")
            .map_or(&b""[..], |value| value.as_bytes());
        if !method.is_safe() && !session.has_csrf(token) {
            return Err(Problem::new(
                Code::Forbidden,
                "a change under a cookie needs the header X-CSRF-Token; sign in again",
            ));
        }
        Ok(self.by_id(&session.key).map_or(Caller::Nobody, Caller::Key))
    }
}

fn written(path: &std::path::Path) -> Option<SystemTime> {
    std::fs::metadata(path)
        .and_then(|found| found.modified())
        .ok()
}

/// The session that a browser's cookie names.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let pairs = cookies
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .into_iter()
        .find(|(name, _)| *name == SESSION)
        .map(|(_, value)| value)
}

/// Who asks.
#[derive(Debug, Clone)]
pub(crate) enum Caller {
    /// There are no keys.
    Anybody,
    /// Nobody known.
    Nobody,
    /// Whoever holds this key.
    Key(Key),
}

impl Caller {
    /// Refuses whoever may not do so much with a gallery.
    pub(crate) fn may(&self, scope: Scope, gallery: Option<&str>) -> Result<()> {
        match self {
            Self::Anybody => Ok(()),
            Self::Nobody => Err(Problem::new(
                Code::Unauthorized,
                "give a key: Authorization: Bearer KEY",
            )),
            Self::Key(key) if key.allows(scope, gallery) => Ok(()),
            Self::Key(_) => Err(Problem::new(
                Code::Forbidden,
                "the key's scope or its galleries do not allow this",
            )),
        }
    }

    /// Refuses whoever may not look at all galleries.
    pub(crate) fn may_look_at_all(&self) -> Result<()> {
        self.may(Scope::Read, None)?;
        match self {
            Self::Key(key) if key.galleries.is_some() => Err(Problem::new(
                Code::Forbidden,
                "this tells of all galleries, and the key is for some",
            )),
            _ => Ok(()),
        }
    }

    /// Stands for the caller in the audit log.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Anybody | Self::Nobody => "-",
            Self::Key(key) => &key.id,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self::Nobody))
    }
}
