//! The page, from the binary.

use axum::Router;
use axum::http::header;
use axum::routing::get;

use crate::app::App;

const HTML: &str = "text/html; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Addresses of the page's files, their media types, and what is in them.
const FILES: [(&str, &str, &str); 13] = [
    ("/", HTML, include_str!("../page/index.html")),
    ("/page/style.css", STYLE, include_str!("../page/style.css")),
    ("/page/main.js", SCRIPT, include_str!("../page/main.js")),
    ("/page/ask.js", SCRIPT, include_str!("../page/ask.js")),
    ("/page/camera.js", SCRIPT, include_str!("../page/camera.js")),
    ("/page/decide.js", SCRIPT, include_str!("../page/decide.js")),
    (
        "/page/elements.js",
        SCRIPT,
        include_str!("../page/elements.js"),
    ),
    ("/page/enrol.js", SCRIPT, include_str!("../page/enrol.js")),
    (
        "/page/galleries.js",
        SCRIPT,
        include_str!("../page/galleries.js"),
    ),
    (
        "/page/gallery.js",
        SCRIPT,
        include_str!("../page/gallery.js"),
    ),
    ("/page/jobs.js", SCRIPT, include_str!("../page/jobs.js")),
    ("/page/people.js", SCRIPT, include_str!("../page/people.js")),
    (
        "/page/pictures.js",
        SCRIPT,
        include_str!("../page/pictures.js"),
    ),
];

pub(super) fn routes() -> Router<App> {
    let mut routes = Router::new();
    for (address, kind, text) in FILES {
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        routes = routes.route(address, get(async move || (headers, text)));
    }
    routes
}
