//! Browsers sign in with a key, and get a cookie for it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::access::{Caller, session_cookie};
use crate::app::App;
use crate::hosts::is_loopback;
use crate::keys::{LASTS, SESSION, Scope};
use crate::problem::{Code, Problem, Result};
use crate::rates::{Peer, WRONG_KEY};
use crate::upload::Document;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(show, begin, end))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyIn {
    /// A key that `siamese keys add` made.
    key: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
struct SessionOut {
    /// Whether the server asks for keys at all.
    keys_needed: bool,
    /// What the caller may do, if anything.
    scope: Option<Scope>,
    /// To be sent as the header X-CSRF-Token with each change, where the cookie says who asks.
    csrf_token: Option<String>,
}

impl SessionOut {
    fn new(app: &App, caller: &Caller, csrf_token: Option<String>) -> Self {
        Self {
            keys_needed: !app.access.is_open(),
            scope: match caller {
                Caller::Anybody => Some(Scope::Admin),
                Caller::Key(key) => Some(key.scope),
                Caller::Nobody => None,
            },
            csrf_token,
        }
    }
}

/// Says who is signed in
#[utoipa::path(get, path = "/v1/session", tag = "session",
    responses((status = 200, body = SessionOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn show(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Json<SessionOut> {
    let session = session_cookie(&headers).and_then(|cookie| app.access.sessions.find(cookie));
    Json(SessionOut::new(
        &app,
        &caller,
        session.map(|session| session.csrf),
    ))
}

/// Signs a browser in
#[utoipa::path(post, path = "/v1/session", tag = "session", request_body = KeyIn,
    responses((status = 200, body = SessionOut),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn begin(
    State(app): State<App>,
    peer: Peer,
    headers: HeaderMap,
    Document(KeyIn { key }): Document<KeyIn>,
) -> Result<Response> {
    if app.access.is_open() {
        return Ok(Json(SessionOut::new(&app, &Caller::Anybody, None)).into_response());
    }
    let Some(key) = app.access.find(key.trim()) else {
        app.rates.take(peer.who(), WRONG_KEY)?;
        return Err(Problem::new(Code::Unauthorized, "there is no such key"));
    };
    let (cookie, csrf) = app.access.sessions.begin(&key.id)?;
    let caller = Caller::Key(key);
    let said = SessionOut::new(&app, &caller, Some(csrf));
    let mut response = Json(said).into_response();
    response.extensions_mut().insert(caller);
    set_cookie(&mut response, &headers, &cookie, LASTS.as_secs());
    Ok(response)
}

/// Signs a browser out
#[utoipa::path(delete, path = "/v1/session", tag = "session",
    responses((status = 204, description = "Signed out"),
              (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn end(State(app): State<App>, headers: HeaderMap) -> Response {
    if let Some(cookie) = session_cookie(&headers) {
        app.access.sessions.end(cookie);
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    set_cookie(&mut response, &headers, "", 0);
    response
}

/// No script reads the cookie, no other site's request carries it, and beyond this machine it goes over TLS alone.
fn set_cookie(response: &mut Response, headers: &HeaderMap, value: &str, seconds: u64) {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or_default();
    let secure = if is_loopback(host) { "" } else { "; Secure" };
    let text =
        format!("{SESSION}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        response.headers_mut().insert(header::SET_COOKIE, text);
    }
}
