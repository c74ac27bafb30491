//! Who asked what and when, without pictures, names or ids of people.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use crate::alarm::{Alarm, Log};
use crate::clock::now_ms;
use crate::error::Error;

/// A file with a line of JSON for each request under `/v1/` and `/api/`.
#[derive(Debug)]
pub(crate) struct Audit(Option<(Mutex<File>, Alarm)>);

#[derive(Serialize)]
struct Line<'a> {
    at_ms: i64,
    request: &'a str,
    /// Id of the key.
    key: &'a str,
    method: &'a str,
    /// With names of parameters in place of their values.
    route: &'a str,
    gallery: Option<&'a str>,
    status: u16,
}

impl Audit {
    /// Adds to a file; nothing is written where there is none.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub(crate) fn open(path: Option<&Path>, log: &Log) -> Result<Self, Error> {
        let open = |path: &Path| {
            let mut options = OpenOptions::new();
            options.append(true).create(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options
                .open(path)
                .map(|file| {
                    let what = format!("write the audit log {}", path.display());
                    (Mutex::new(file), Alarm::new(what, log.clone()))
                })
                .map_err(|source| Error::Io {
                    action: "write",
                    path: path.to_owned(),
                    source,
                })
        };
        Ok(Self(path.map(open).transpose()?))
    }

    pub(crate) fn write(
        &self,
        request: &str,
        key: &str,
        method: &str,
        route: &str,
        gallery: Option<&str>,
        status: u16,
    ) {
        let Some((file, alarm)) = &self.0 else { return };
        let line = Line {
            at_ms: now_ms(),
            request,
            key,
            method,
            route,
            gallery,
            status,
        };
        let Ok(mut text) = serde_json::to_vec(&line) else {
            return;
        };
        text.push(b'\n');
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        // The request is done by now, and its answer is given all the same.
        alarm.hear(file.write_all(&text));
    }
}
