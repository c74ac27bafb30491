//! How a server is set up.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gallery::Place;
use siamese_use::Compute;

/// What a server takes from whoever starts it.
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// Where it listens. Any address but a loopback one needs [`keys`](Self::keys).
    pub listen: SocketAddr,
    /// Names under which it may be addressed, beside loopback names and the address itself: those of a proxy.
    pub hosts: Vec<String>,
    /// Where its galleries are.
    pub galleries: Vec<Place>,
    /// A folder of galleries: all files in it that end in `.db`. Galleries can be made in it and deleted from it.
    pub galleries_folder: Option<PathBuf>,
    /// Models by name, which galleries can be made with or moved to.
    pub models: BTreeMap<String, PathBuf>,
    /// A model, for galleries that do not keep theirs and for `/v1/compare` and `/v1/embeddings`.
    pub model: Option<PathBuf>,
    /// The file of keys. Without it everybody who reaches the server may do everything.
    pub keys: Option<PathBuf>,
    /// The file that the audit log is written to.
    pub audit: Option<PathBuf>,
    /// Whether pictures are kept in the galleries, for a later model.
    pub keep_pictures: bool,
    /// What it refuses for its size.
    pub limits: Limits,
    /// Threads that embed, as many that search, and as many for jobs.
    pub threads: usize,
    /// What computes models, such as a GPU; `siamese-infer` on those threads unless said.
    pub compute: Option<Arc<Compute>>,
}

/// What is refused for its size.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a picture: 10 MiB.
    pub picture_bytes: usize,
    /// Bytes of a request: 64 MiB.
    pub request_bytes: usize,
    /// Bytes of a request without pictures: 256 KiB.
    pub document_bytes: usize,
    /// Pixels of a picture: 33,554,432.
    pub pixels: usize,
    /// Pictures of a request: 64.
    pub pictures: usize,
    /// Bytes of all requests that are being read or answered: 512 MiB.
    pub memory: usize,
    /// Pictures that wait to be read or embedded: 256.
    pub queue: usize,
    /// Tasks that wait for a gallery: 1,024.
    pub tasks: usize,
    /// Connections at a time: 1,024.
    pub connections: usize,
    /// Jobs that wait or run: 16.
    pub jobs: usize,
    /// Bytes of the pictures of all of them: 256 MiB.
    pub job_bytes: usize,
    /// Requests a second of one key, or of one address where no key is known: 1,000. 0 for no limit.
    pub rate: u32,
    /// Requests that one may make at once, beyond what the rate allows: 2,000.
    pub burst: u32,
    /// How long the head of a request may take to arrive: 10 s.
    pub head_time: Duration,
    /// How long its body may take: 30 s.
    pub body_time: Duration,
    /// How long an answer may take: 60 s.
    pub answer_time: Duration,
    /// How long accepted requests may take once the server is told to stop: 30 s.
    pub stop_time: Duration,
    /// Bytes of vectors that each gallery may hold in memory: 4 GiB. A larger one is searched by its database, if it is in one.
    pub gallery_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            picture_bytes: 10 << 20,
            request_bytes: 64 << 20,
            document_bytes: 256 << 10,
            pixels: 1 << 25,
            pictures: 64,
            memory: 512 << 20,
            queue: 256,
            tasks: 1024,
            connections: 1024,
            jobs: 16,
            job_bytes: 256 << 20,
            rate: 1000,
            burst: 2000,
            head_time: Duration::from_secs(10),
            body_time: Duration::from_secs(30),
            answer_time: Duration::from_secs(60),
            stop_time: Duration::from_secs(30),
            gallery_bytes: 4 << 30,
        }
    }
}

impl Settings {
    /// A server on this address with these galleries; no keys, no audit log, the usual limits, a thread for each core.
    #[must_use]
    pub fn new(listen: SocketAddr, galleries: Vec<Place>) -> Self {
        Self {
            listen,
            hosts: Vec::new(),
            galleries,
            galleries_folder: None,
            models: BTreeMap::new(),
            model: None,
            keys: None,
            audit: None,
            keep_pictures: false,
            limits: Limits::default(),
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            compute: None,
        }
    }
}
