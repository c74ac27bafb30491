//! Names of hosts, and pages of other sites.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::app::App;
use crate::problem::{Code, Problem, Result};

/// Refuses requests under other names, and those that pages of other sites make.
pub(crate) async fn check_host(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response> {
    let headers = request.headers();
    let host = text(headers, header::HOST.as_str()).unwrap_or_default();
    if !app.hosts.knows(host) {
        return Err(Problem::new(
            Code::HostForbidden,
            "give the names under which the server is reached with --host",
        ));
    }
    let foreign = Problem::new(
        Code::OriginForbidden,
        "pages of other sites may not use this server",
    );
    if let Some(origin) = text(headers, header::ORIGIN.as_str()) {
        let place = origin.split_once("://").map(|(_, place)| place);
        if place != Some(host) {
            return Err(foreign);
        }
    }
    // A link from elsewhere to the page is no harm.
    let visit =
        request.method() == Method::GET && text(headers, "sec-fetch-mode") == Some("navigate");
    if text(headers, "sec-fetch-site") == Some("cross-site") && !visit {
        return Err(foreign);
    }
    Ok(next.run(request).await)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
