//! The page, from the binary.

use axum::Router;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(
            "/",
            get(|| {
                file(
                    "text/html; charset=utf-8",
                    include_str!("../page/index.html"),
                )
            }),
        )
        .route(
            "/style.css",
            get(|| file("text/css; charset=utf-8", include_str!("../page/style.css"))),
        )
        .route(
            "/script.js",
            get(|| {
                file(
                    "text/javascript; charset=utf-8",
                    include_str!("../page/script.js"),
                )
            }),
        )
}

async fn file(kind: &'static str, text: &'static str) -> Response {
    (
        [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        text,
    )
        .into_response()
}
