//! What `/metrics` says: counts and times, no names.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfGallery {
    gallery: String,
}

type Times = Family<OfRoute, Histogram, fn() -> Histogram>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: String,
}

/// Counts and times of a server.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Asked, Counter>,
    times: Times,
    pictures: Counter,
    embedding: Counter<f64, AtomicU64>,
    batches: Histogram,
    searches: Family<OfGallery, Counter>,
    people: Family<OfGallery, Gauge>,
    templates: Family<OfGallery, Gauge>,
    connections: Gauge,
}

fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.001, 2.0, 16))
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut all = Self {
            registry: Registry::default(),
            requests: Family::default(),
            times: Family::new_with_constructor(seconds as fn() -> Histogram),
            pictures: Counter::default(),
            embedding: Counter::default(),
            batches: Histogram::new(exponential_buckets(1.0, 2.0, 7)),
            searches: Family::default(),
            people: Family::default(),
            templates: Family::default(),
            connections: Gauge::default(),
        };
        let mut own = Registry::with_prefix("siamese");
        own.register("requests", "Requests answered", all.requests.clone());
        own.register(
            "request_seconds",
            "From the head of a request to its answer",
            all.times.clone(),
        );
        own.register("pictures", "Pictures embedded", all.pictures.clone());
        own.register(
            "embedding_seconds",
            "Time spent embedding",
            all.embedding.clone(),
        );
        own.register(
            "batch_pictures",
            "Pictures embedded together",
            all.batches.clone(),
        );
        own.register("searches", "Searches in a gallery", all.searches.clone());
        own.register("people", "People who can be found", all.people.clone());
        own.register(
            "templates",
            "Templates that are searched",
            all.templates.clone(),
        );
        own.register("connections", "Open connections", all.connections.clone());
        all.registry = own;
        all
    }

    pub(crate) fn answered(&self, method: &str, route: &str, status: u16, time: Duration) {
        self.requests
            .get_or_create(&Asked {
                method: method.to_owned(),
                route: route.to_owned(),
                status,
            })
            .inc();
        self.times
            .get_or_create(&OfRoute {
                route: route.to_owned(),
            })
            .observe(time.as_secs_f64());
    }

    pub(crate) fn embedded(&self, pictures: usize, time: Duration) {
        self.pictures.inc_by(pictures as u64);
        self.embedding.inc_by(time.as_secs_f64());
        self.batches.observe(pictures as f64);
    }

    pub(crate) fn searched(&self, gallery: &str, searches: usize) {
        self.searches
            .get_or_create(&of(gallery))
            .inc_by(searches as u64);
    }

    pub(crate) fn holds(&self, gallery: &str, people: usize, templates: usize) {
        self.people.get_or_create(&of(gallery)).set(people as i64);
        self.templates
            .get_or_create(&of(gallery))
            .set(templates as i64);
    }

    /// Leaves out a gallery that is no more.
    pub(crate) fn gone(&self, gallery: &str) {
        let of = of(gallery);
        self.searches.remove(&of);
        self.people.remove(&of);
        self.templates.remove(&of);
    }

    /// Counts a connection, until what this gives is dropped.
    pub(crate) fn connected(&self) -> Connected {
        self.connections.inc();
        Connected(self.connections.clone())
    }

    /// In the text format of OpenMetrics.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

/// An open connection.
#[derive(Debug)]
pub(crate) struct Connected(Gauge);

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.dec();
    }
}

fn of(gallery: &str) -> OfGallery {
    OfGallery {
        gallery: gallery.to_owned(),
    }
}
