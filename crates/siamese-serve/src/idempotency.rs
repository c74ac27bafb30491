//! `Idempotency-Key`: the same request twice is done once, and answered alike.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use sha2::{Digest, Sha256};

use crate::access::Caller;
use crate::name::is_name;
use crate::problem::{Code, Problem, Result};

/// How long an answer is kept, and that a request was done.
pub(crate) const KEPT: Duration = Duration::from_secs(24 * 3600);

/// Requests that are remembered; beyond it the oldest goes.
const MOST: usize = 10_000;

/// Bytes of an answer that is kept.
const LONGEST: usize = 64 << 10;

/// Bytes of all of them; beyond it the oldest goes.
const MOST_BYTES: usize = 64 << 20;

pub(crate) type Name = [u8; 32];

/// Answers of requests with an `Idempotency-Key`, in memory. After a restart the galleries know which requests were done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Idempotency(Arc<Mutex<All>>);

#[derive(Debug, Default)]
struct All {
    kept: HashMap<Name, Kept>,
    /// Of the answers among them.
    bytes: usize,
}

#[derive(Debug)]
struct Kept {
    /// That the request names, if any.
    gallery: Option<String>,
    body: Name,
    since: Instant,
    state: State,
}

#[derive(Debug)]
enum State {
    Answering,
    Answered(Answer),
    /// It was done, and its answer may tell of somebody who has been deleted since.
    Forgotten,
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
    all: Idempotency,
    name: Name,
    gallery: Option<String>,
    ended: bool,
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
        let mut all = self.all();
        all.leave_out(|kept| kept.since.elapsed() >= KEPT);
        let conflict = |what| Err(Problem::new(Code::IdempotencyConflict, what));
        if let Some(kept) = all.kept.get(&name) {
            return match &kept.state {
                State::Forgotten => conflict(
                    "the request was done, and its answer is kept no longer, as something was deleted from the gallery since: \
                     look what is there",
                ),
                _ if kept.body != body => {
                    conflict("the Idempotency-Key was used with another body")
                }
                State::Answering => conflict("the same request is being answered; ask again later"),
                State::Answered(answer) => Ok(Outcome::Known(Box::new(answer.response()))),
            };
        }
        if all.kept.len() >= MOST {
            all.leave_out_oldest();
        }
        let gallery = gallery_of(parts.uri.path()).map(str::to_owned);
        let kept = Kept {
            gallery: gallery.clone(),
            body,
            since: Instant::now(),
            state: State::Answering,
        };
        all.kept.insert(name, kept);
        drop(all);
        Ok(Outcome::New(Some(Ticket {
            all: self.clone(),
            name,
            gallery,
            ended: false,
        })))
    }

    /// Drops all answers that may tell of people of this gallery, as somebody was deleted from it. That the requests were done
    /// stays known, so that none of them brings anybody back.
    pub(crate) fn forget(&self, gallery: &str) {
        let mut all = self.all();
        let All { kept, bytes } = &mut *all;
        for kept in kept.values_mut() {
            if kept.gallery.as_deref().is_none_or(|of| of == gallery) {
                *bytes -= kept.bytes();
                kept.body = Name::default();
                kept.state = State::Forgotten;
            }
        }
    }

    /// Drops what has been kept long enough.
    pub(crate) fn sweep(&self) {
        self.all().leave_out(|kept| kept.since.elapsed() >= KEPT);
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl All {
    fn leave_out(&mut self, which: impl Fn(&Kept) -> bool) {
        let Self { kept, bytes } = self;
        kept.retain(|_, kept| {
            let out = which(kept);
            *bytes -= if out { kept.bytes() } else { 0 };
            !out
        });
    }

    fn leave_out_oldest(&mut self) {
        let oldest = self.kept.iter().min_by_key(|(_, kept)| kept.since);
        if let Some(name) = oldest.map(|(name, _)| *name) {
            let gone = self.kept.remove(&name);
            self.bytes -= gone.map_or(0, |gone| gone.bytes());
        }
    }

    /// Takes in the answer of a request that is still remembered.
    fn answered(&mut self, name: &Name, answer: Answer) {
        let Some(kept) = self.kept.get_mut(name) else {
            return;
        };
        if matches!(kept.state, State::Answering) {
            self.bytes += answer.bytes();
            kept.state = State::Answered(answer);
        }
        while self.bytes > MOST_BYTES {
            self.leave_out_oldest();
        }
    }
}

impl Kept {
    fn bytes(&self) -> usize {
        match &self.state {
            State::Answered(answer) => answer.bytes(),
            State::Answering | State::Forgotten => 0,
        }
    }
}

impl Ticket {
    /// What tells the request from others: a digest of who asked, where, and under which key.
    pub(crate) fn name(&self) -> &Name {
        &self.name
    }

    /// The gallery that the request names, if any.
    pub(crate) fn gallery(&self) -> Option<&str> {
        self.gallery.as_deref()
    }

    /// Keeps an answer, unless it is one that another try may better.
    pub(crate) async fn end(mut self, response: Response) -> Result<Response> {
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
            self.all.all().answered(&self.name, answer);
            self.ended = true;
        }
        Ok(Response::from_parts(parts, Body::from(body)))
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.ended {
            self.all.all().kept.remove(&self.name);
        }
    }
}

impl Answer {
    fn bytes(&self) -> usize {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| name.as_str().len() + value.len());
        self.body.len() + headers.sum::<usize>()
    }

    fn response(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
        response
    }
}

/// The gallery that a path names, where it is written as it is called: in other letters (`%61`) it is nobody's, and what belongs
/// to no gallery is forgotten with any.
pub(crate) fn gallery_of(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/v1/galleries/")?;
    rest.split('/').next().filter(|name| is_name(name))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn answers_take_so_many_bytes_at_most_and_the_oldest_goes() {
        let all = Idempotency::default();
        let body = Bytes::from(vec![b'x'; LONGEST]);
        let most = MOST_BYTES / LONGEST;
        let asked = |number: usize| {
            let request = axum::http::Request::post("/v1/galleries/staff/enrollments")
                .header("idempotency-key", number.to_string());
            request.body(()).unwrap().into_parts().0
        };
        for number in 0..=most {
            let Ok(Outcome::New(Some(ticket))) = all.begin(&asked(number), &body) else {
                panic!("{number} is new");
            };
            ticket
                .end(Response::new(Body::from(body.clone())))
                .await
                .unwrap();
        }
        let counts = || {
            let all = all.all();
            (all.kept.len(), all.bytes)
        };
        assert_eq!(counts(), (most, MOST_BYTES));
        assert!(matches!(
            all.begin(&asked(most), &body),
            Ok(Outcome::Known(_))
        ));
        assert!(matches!(
            all.begin(&asked(0), &body),
            Ok(Outcome::New(Some(_)))
        ));
        all.forget("other");
        assert_eq!(counts().1, MOST_BYTES);
        all.forget("staff");
        assert_eq!(counts(), (most, 0));
    }
}
