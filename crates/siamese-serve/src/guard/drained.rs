//! What is refused before it has arrived.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::header::EXPECT;
use http_body_util::BodyExt;
use hyper::body::{Frame, SizeHint};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// Reads what nobody wanted of the request's body and throws it away, up to so many bytes of it and within a time. If the
/// connection closed at once instead, whoever is still sending, such as a proxy, might never see the answer.
pub(super) fn drained(request: Request, most: usize, time: Duration) -> Request {
    // Whoever asks first whether to send it does not send it once it is refused.
    if request.body().is_end_stream() || request.headers().contains_key(EXPECT) {
        return request;
    }
    let until = Instant::now() + time;
    request.map(|body| {
        Body::new(Drained {
            body: Some(body),
            most,
            until,
        })
    })
}

struct Drained {
    /// There until this is dropped.
    body: Option<Body>,
    most: usize,
    until: Instant,
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        let most = self.most as u64;
        if body.is_end_stream() || body.size_hint().lower() > most || self.until <= Instant::now() {
            return;
        }
        let until = self.until;
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                // What is left after that goes with the connection.
                let _ = timeout_at(until, thrown_away(body, most)).await;
            });
        }
    }
}

async fn thrown_away(mut body: Body, most: u64) {
    let mut read = 0;
    while let Some(Ok(frame)) = body.frame().await {
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > most {
            return;
        }
    }
}
