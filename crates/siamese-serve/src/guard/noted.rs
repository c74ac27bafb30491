//! Requests that were done before the server was started, or by another server on the same gallery.

use std::sync::Arc;

use axum::http::StatusCode;
use gallery::{RequestDigest, Store};

use crate::alarm::Log;
use crate::app::App;
use crate::clock::now_ms;
use crate::idempotency::{KEPT, Ticket};
use crate::problem::{Code, Problem, Result};
use crate::shelf::Shelf;

/// A request with an `Idempotency-Key` that changes a gallery, which keeps in mind that it was done.
pub(super) struct Noted {
    shelf: Arc<Shelf>,
    request: RequestDigest,
    log: Log,
}

impl Noted {
    /// Nothing where the request changes no gallery.
    pub(super) fn of(app: &App, ticket: &Ticket, path: &str) -> Option<Self> {
        let what = path.rsplit('/').next()?;
        if !matches!(what, "enrollments" | "persons" | "exclusions") {
            return None;
        }
        let shelf = app.shelves.get(ticket.gallery()?)?;
        let request = shelf.key().request(ticket.name());
        let log = app.log.clone();
        Some(Self {
            shelf,
            request,
            log,
        })
    }

    /// Refuses one that was done.
    pub(super) async fn expect_new(&self) -> Result<()> {
        let request = self.request;
        let find = self
            .shelf
            .work(move |gallery| Ok(gallery.store().request_time(&request)?));
        match find.await? {
            Some(at_ms) if at_ms > forgotten_ms() => Err(Problem::new(
                Code::IdempotencyConflict,
                "the request was done, and its answer is not known to this server, which was started since or is another: look \
                 what is there",
            )),
            _ => Ok(()),
        }
    }

    /// Keeps in mind that it was done. A job may have been broken off since, so it is none that was.
    pub(super) async fn note(&self, status: StatusCode) {
        if !status.is_success() || status == StatusCode::ACCEPTED {
            return;
        }
        let request = self.request;
        let note = self.shelf.work_when_free(move |gallery| {
            let store = gallery.store_mut();
            Ok(store.note_request(&request, now_ms(), forgotten_ms())?)
        });
        // It is done in any case, and this server knows.
        if let Err(problem) = note.await {
            let name = self.shelf.name();
            let why = problem.detail();
            (self.log)(&format!(
                "{name}: a request was done, and the gallery could not keep that in mind: {why}"
            ));
        }
    }
}

/// What was done until then is not kept in mind.
fn forgotten_ms() -> i64 {
    now_ms() - KEPT.as_millis() as i64
}
