//! The outermost layer: the request's id, headers of every answer, problems, metrics and the audit log.

use std::any::Any;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::drained::drained;
use crate::access::Caller;
use crate::app::App;
use crate::idempotency::gallery_of;
use crate::problem::{Code, Problem, Shape, written};

/// Headers of every answer: nothing is kept, framed, sniffed or fetched from elsewhere.
const HEADERS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(self), microphone=(), geolocation=()",
    ),
    ("cache-control", "no-store"),
];

/// The gallery that a request means without naming it, once a handler has found it out.
#[derive(Debug, Clone, Default)]
pub(crate) struct MeantGallery(Arc<OnceLock<String>>);

impl MeantGallery {
    pub(crate) fn is(&self, name: &str) {
        self.0.get_or_init(|| name.to_owned());
    }
}

/// Wraps every request.
pub(crate) async fn outer(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = Uuid::now_v7().to_string();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("-", MatchedPath::as_str).to_owned();
    let path = request.uri().path();
    let shape = match path.starts_with("/api/") {
        true => Shape::CompreFace,
        false => Shape::Problem,
    };
    let audited = path.starts_with("/v1/") || path.starts_with("/api/");
    let gallery = MeantGallery::default();
    if let Some(name) = gallery_of(path).filter(|name| app.shelves.get(name).is_some()) {
        gallery.is(name);
    }
    request.extensions_mut().insert(gallery.clone());
    let limits = &app.settings.limits;
    let request = drained(request, 2 * limits.request_bytes, limits.body_time);
    let response = next.run(request).await;
    let mut response = written(response, &id, shape, &|line| (app.log)(line));
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(HeaderName::from_static(name))
            .or_insert(HeaderValue::from_static(value));
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert("x-request-id", value);
    }
    let status = response.status().as_u16();
    // A method that nobody knows is no label of its own.
    let name = match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "OTHER",
    };
    app.metrics
        .answered(name, &route, status, started.elapsed());
    if audited {
        let caller = response
            .extensions()
            .get::<Caller>()
            .map_or("-", Caller::id);
        let gallery = gallery.0.get().map(String::as_str);
        app.audit.write(&id, caller, name, &route, gallery, status);
    }
    response
}

/// The answer where a handler panicked.
pub(crate) fn panicked(_: Box<dyn Any + Send>) -> Response<Body> {
    let mut response =
        Problem::new(Code::Internal, "the server has a fault; please report it").into_response();
    response
        .headers_mut()
        .insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
