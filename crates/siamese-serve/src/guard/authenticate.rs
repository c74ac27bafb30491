//! Who asks.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::keys::Scope;
use crate::problem::Result;

/// Finds out who asks. Everything under `/v1/` but signing in needs a known caller, before its body is read.
pub(crate) async fn authenticate(
    State(app): State<App>,
    mut request: Request,
    next: Next,
) -> Result<Response> {
    let path = request.uri().path();
    let known_only = path.starts_with("/v1/") && path != "/v1/session" || path == "/metrics";
    let caller = app.access.caller(request.method(), request.headers())?;
    if known_only {
        caller.may(Scope::Read, None)?;
    }
    request.extensions_mut().insert(caller.clone());
    let mut response = next.run(request).await;
    response.extensions_mut().insert(caller);
    Ok(response)
}
