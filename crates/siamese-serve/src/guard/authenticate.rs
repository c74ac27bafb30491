//! Who asks.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::Caller;
use crate::app::App;
use crate::keys::Scope;
use crate::problem::Result;
use crate::rates::{Peer, REQUEST, WRONG_KEY, Who};

/// Finds out who asks, and whether they may ask so often. Everything under `/v1/` but signing in, and under `/api/`, needs a known
/// caller, before its body is read.
pub(crate) async fn authenticate(
    State(app): State<App>,
    peer: Peer,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let path = request.uri().path();
    let known_only = path.starts_with("/v1/") && path != "/v1/session"
        || path.starts_with("/api/")
        || path == "/metrics";
    let caller = app.access.caller(request.method(), request.headers());
    // Whether it runs, and is ready, may be asked at any time.
    if !matches!(path, "/healthz" | "/readyz") {
        let (who, tokens) = match &caller {
            Ok(Caller::Key(key)) => (Who::Key(key.id.clone()), REQUEST),
            Ok(Caller::Anybody | Caller::Nobody) => (peer.who(), REQUEST),
            Err(_) => (peer.who(), WRONG_KEY),
        };
        app.rates.take(who, tokens)?;
    }
    let caller = caller?;
    if known_only {
        caller.may(Scope::Read, None)?;
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    // Whoever has just signed in is known by now.
    response.extensions_mut().get_or_insert(caller);
    Ok(response)
}
