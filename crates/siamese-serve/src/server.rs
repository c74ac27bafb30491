//! Connections: accepted, limited, and ended gracefully.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::DefaultBodyLimit;
use axum::http::Method;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::from_fn_with_state;
use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;

use crate::alarm::Log;
use crate::api;
use crate::app::App;
use crate::docs;
use crate::error::Error;
use crate::guard::{authenticate, check_host, measure, outer, panicked};
use crate::problem::{Code, Problem};
use crate::rates::Peer;
use crate::settings::Settings;

/// Headers of a request, and bytes of them.
const MOST_HEADERS: usize = 64;
const MOST_HEADER_BYTES: usize = 32 << 10;

/// A server that listens, and answers nothing yet.
pub struct Server {
    app: App,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Opens galleries and models, and listens. `log` is told what an operator should know, a line at a time.
    ///
    /// # Errors
    /// [`Error`]: what cannot be opened, an address that others can reach without keys, or one that is taken.
    pub async fn bind(
        settings: Settings,
        log: impl Fn(&str) + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let listen = settings.listen;
        if settings.keys.is_none() && !listen.ip().is_loopback() {
            return Err(Error::Open { listen });
        }
        let log: Log = Arc::new(log);
        let opening = tokio::task::spawn_blocking(move || App::new(settings, log));
        let app = opening.await.map_err(|error| Error::System {
            what: "a thread",
            why: error.to_string(),
        })??;
        let wrong = |source| Error::Listen { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        Ok(Self {
            app,
            listener,
            address,
        })
    }

    /// Where it listens; the port is a real one, where 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is done. Then it accepts nothing more, and finishes what it accepted, within a time.
    pub async fn run(self, stop: impl Future<Output = ()>) {
        let limits = self.app.settings.limits;
        let router = router(self.app.clone());
        let places = Arc::new(Semaphore::new(limits.connections));
        let graceful = GracefulShutdown::new();
        let mut http = hyper::server::conn::http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_headers(MOST_HEADERS)
            .max_buf_size(MOST_HEADER_BYTES);
        let mut stop = std::pin::pin!(stop);
        loop {
            // Beyond so many connections, others wait with the system.
            let accepted = async {
                let place = places.clone().acquire_owned().await;
                (self.listener.accept().await, place)
            };
            let (accepted, place) = tokio::select! {
                () = &mut stop => break,
                accepted = accepted => accepted,
            };
            let Ok((stream, peer)) = accepted else {
                // No file descriptors left, mostly: others have to go first.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            };
            // Small answers go at once.
            let _ = stream.set_nodelay(true);
            let counted = self.app.metrics.connected();
            let routed = TowerToHyperService::new(router.clone());
            let service = service_fn(move |mut request: hyper::Request<Incoming>| {
                request.extensions_mut().insert(Peer(peer.ip()));
                routed.call(request)
            });
            let connection = http.serve_connection(TokioIo::new(stream), service);
            let watched = graceful.watch(connection);
            tokio::spawn(async move {
                let _kept = (place, counted);
                // The client has gone, or sent what is no HTTP.
                let _ = watched.await;
            });
        }
        drop(self.listener);
        let ended = async {
            graceful.shutdown().await;
            self.app.background.ended().await;
        };
        let _ = tokio::time::timeout(limits.stop_time, ended).await;
        self.app.jobs.break_off(&|line| (self.app.log)(line));
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Server")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// All routes, with what stands before them; the first layer is the innermost.
fn router(app: App) -> Router {
    let (routes, api) = api::routes();
    let in_words = docs::page(&serde_json::to_value(&api).unwrap_or_default());
    let in_words = move || {
        let page = in_words.clone();
        async move { Html(page) }
    };
    let described = move || {
        let api = api.clone();
        async move { Json(api) }
    };
    routes
        .route("/openapi.json", get(described))
        .route("/docs", get(in_words))
        .route(
            "/docs.css",
            get(async || ([(CONTENT_TYPE, "text/css; charset=utf-8")], docs::STYLE)),
        )
        .fallback(async || Problem::not_found("such address; /openapi.json lists them"))
        .method_not_allowed_fallback(async |method: Method| {
            Problem::new(
                Code::MethodNotAllowed,
                format!("{method} cannot be used here"),
            )
        })
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(app.clone(), measure))
        .layer(from_fn_with_state(app.clone(), authenticate))
        .layer(from_fn_with_state(app.clone(), check_host))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(app.clone(), outer))
        .with_state(app)
}

/// What `/openapi.json` says.
#[must_use]
pub fn openapi() -> serde_json::Value {
    serde_json::to_value(api::routes().1).unwrap_or_default()
}
