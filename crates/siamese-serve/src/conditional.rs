//! ETags: a document's digest, so that nobody overwrites what they have not seen.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::hex::hex;
use crate::problem::{Code, Problem, Result};

/// The tag of a document.
pub(crate) fn tag(document: &impl Serialize) -> String {
    let bytes = serde_json::to_vec(document).unwrap_or_default();
    format!("\"{}\"", hex(&Sha256::digest(&bytes)[..12]))
}

/// A document with its tag; nothing but the tag for whoever has it already.
pub(crate) fn tagged(status: StatusCode, document: &impl Serialize, asked: &HeaderMap) -> Response {
    let tag = tag(document);
    let known = asked
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    let mut response = match known {
        Some(known) if status == StatusCode::OK && has(known, &tag) => {
            StatusCode::NOT_MODIFIED.into_response()
        }
        _ => (status, Json(document)).into_response(),
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// What a request says of the state that it changes.
#[derive(Debug)]
pub(crate) struct IfMatch(Option<String>);

impl IfMatch {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let said = headers
            .get(header::IF_MATCH)
            .and_then(|value| value.to_str().ok());
        Self(said.map(str::to_owned))
    }

    /// Refuses a request that says nothing of it.
    pub(crate) fn required(self) -> Result<Self> {
        match self.0 {
            Some(_) => Ok(self),
            None => Err(Problem::new(
                Code::PreconditionRequired,
                "get it, and say with its ETag in If-Match what is to go",
            )),
        }
    }

    /// Refuses a change of what is another document by now.
    pub(crate) fn check(&self, document: &impl Serialize) -> Result<()> {
        match &self.0 {
            Some(said) if !has(said, &tag(document)) => Err(Problem::new(
                Code::PreconditionFailed,
                "it is not what If-Match says: get it anew, and decide again",
            )),
            _ => Ok(()),
        }
    }
}

fn has(list: &str, tag: &str) -> bool {
    let strong = |one: &str| one.trim().trim_start_matches("W/").to_owned();
    list.split(',')
        .any(|one| one.trim() == "*" || strong(one) == tag)
}
