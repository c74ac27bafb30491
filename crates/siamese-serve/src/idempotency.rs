//! `Idempotency-Key`: the same request twice is done once, and answered alike.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::access::Caller;
use crate::problem::{Code, Problem, Result};

/// How long an answer is kept.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Answers that are kept; beyond it the oldest goes.
const MOST: usize = 10_000;

/// Bytes of an answer that is kept.
const LONGEST: usize = 64 << 10;

type Name = [u8; 32];

/// Answers of requests with an `Idempotency-Key`, in memory: a restart forgets them.
#[derive(Debug, Default)]
pub(crate) struct Idempotency(Arc<Mutex<HashMap<Name, Kept>>>);

#[derive(Debug)]
struct Kept {
    body: Name,
    since: Instant,
    /// Nothing while the request is answered.
    answer: Option<Answer>,
}

#[derive(Debug, Clone)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// What becomes of a request.
pub(crate) enum Outcome {
    /// It was answered before.
    Known(Box<Response>),
    /// It is to be done; with a ticket, its answer is kept.
    New(Option<Ticket>),
}

/// A place for the answer of a request. Dropped without one, the request may be tried again.
pub(crate) struct Ticket {
    all: Arc<Mutex<HashMap<Name, Kept>>>,
    name: Name,
}

impl Idempotency {
    /// Looks a request up.
    pub(crate) fn begin(&self, parts: &Parts, body: &Bytes) -> Result<Outcome> {
        let key = parts.headers.get("idempotency-key");
        let (true, Some(key)) = (parts.method == Method::POST, key) else {
            return Ok(Outcome::New(None));
        };
        if key.is_empty() || key.len() > 255 {
            let what = "an Idempotency-Key has 1 to 255 characters";
            return Err(Problem::new(Code::BadRequest, what));
        }
        let caller = parts.extensions.get::<Caller>().map_or("-", Caller::id);
        let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
        let name = digest(&[caller.as_bytes(), path.as_bytes(), key.as_bytes()]);
        let body = digest(&[body]);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, kept| kept.since.elapsed() < KEPT);
        let conflict = |what| Problem::new(Code::IdempotencyConflict, what);
        match all.get(&name) {
            Some(kept) if kept.body != body => {
                return Err(conflict("the Idempotency-Key was used with another body"));
            }
            Some(Kept { answer: None, .. }) => {
                return Err(conflict(
                    "the same request is being answered; ask again later",
                ));
            }
            Some(Kept {
                answer: Some(answer),
                ..
            }) => {
                return Ok(Outcome::Known(Box::new(answer.response())));
            }
            None => {}
        }
        if all.len() >= MOST {
            let oldest = all
                .iter()
                .min_by_key(|(_, kept)| kept.since)
                .map(|(name, _)| *name);
            oldest.map(|oldest| all.remove(&oldest));
        }
        let since = Instant::now();
        all.insert(
            name,
            Kept {
                body,
                since,
                answer: None,
            },
        );
        let all = self.0.clone();
        Ok(Outcome::New(Some(Ticket { all, name })))
    }
}

impl Ticket {
    /// Keeps an answer, unless it is one that another try may better.
    pub(crate) async fn end(self, response: Response) -> Result<Response> {
        if !response.status().is_success() {
            return Ok(response);
        }
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX)
            .await
            .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
        if body.len() <= LONGEST {
            let answer = Answer {
                status: parts.status,
                headers: parts.headers.clone(),
                body: body.clone(),
            };
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(kept) = all.get_mut(&self.name) {
                kept.answer = Some(answer);
            }
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all
            .get(&self.name)
            .is_some_and(|kept| kept.answer.is_none())
        {
            all.remove(&self.name);
        }
    }
}

impl Answer {
    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// Of parts, each with its length.
fn digest(parts: &[&[u8]]) -> Name {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
