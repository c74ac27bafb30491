//! Bodies: measured, read within a time, and never more of them than memory allows.

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::noted::Noted;
use crate::app::App;
use crate::idempotency::Outcome;
use crate::problem::{Code, Problem, Result};

/// Reads the body before the handler runs, and keeps its share of memory until the answer is made.
pub(crate) async fn measure(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let route = parts.extensions.get::<MatchedPath>();
    let limits = &app.settings.limits;
    let limit = match route.is_some_and(|route| takes_pictures(route.as_str())) {
        true => limits.request_bytes,
        false => limits.document_bytes,
    };
    let said = parts.headers.get(header::CONTENT_LENGTH);
    let length = said.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let too_large = || {
        Problem::new(
            Code::TooLarge,
            format!("a request here has at most {limit} bytes"),
        )
    };
    if length.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let known_empty =
        length == Some(0) || length.is_none() && hyper::body::Body::is_end_stream(&body);
    // What is decoded from it lies in memory beside it.
    let share = app.memory.take(match known_empty {
        true => 0,
        false => 2 * length.unwrap_or(limit),
    });
    let full = || Problem::busy("the requests that are being read take all memory allowed");
    let share = share.ok_or_else(full)?;
    let reading = tokio::time::timeout(limits.body_time, Limited::new(body, limit).collect());
    let bytes = match reading.await {
        Err(_) => {
            let allowed = limits.body_time.as_secs();
            return Err(Problem::new(
                Code::RequestTimeout,
                format!("the body did not arrive within {allowed} s"),
            ));
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => return Err(too_large()),
        Ok(Err(_)) => return Err(Problem::new(Code::BadRequest, "the body is cut")),
        Ok(Ok(read)) => read.to_bytes(),
    };
    let ticket = match app.idempotency.begin(&parts, &bytes)? {
        Outcome::Known(answer) => return Ok(*answer),
        Outcome::New(ticket) => ticket,
    };
    let noted = ticket
        .as_ref()
        .and_then(|ticket| Noted::of(&app, ticket, parts.uri.path()));
    if let Some(noted) = &noted {
        noted.expect_new().await?;
    }
    let kept = ticket.is_some();
    let request = Request::from_parts(parts, Body::from(bytes));
    let allowed = limits.answer_time;
    let answering = async move {
        let _share = share;
        let answering = tokio::time::timeout(allowed, next.run(request));
        let response = answering.await.map_err(|_| {
            let allowed = allowed.as_secs();
            Problem::new(
                Code::Unavailable,
                format!("there was no answer within {allowed} s"),
            )
        })?;
        if let Some(noted) = noted {
            noted.note(response.status()).await;
        }
        match ticket {
            Some(ticket) => ticket.end(response).await,
            None => Ok(response),
        }
    };
    if !kept {
        return answering.await;
    }
    // Whoever asked may be gone before there is an answer. It is made and kept all the same, for when they ask again.
    match app.background.spawn(answering).await {
        Ok(answer) => answer,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

fn takes_pictures(route: &str) -> bool {
    [
        "/compare",
        "/embeddings",
        "/enrollments",
        "/verify",
        "/identify",
        "/reembed",
        // CompreFace's.
        "/recognize",
        "/faces",
    ]
    .iter()
    .any(|end| route.ends_with(end))
}
