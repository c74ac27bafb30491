//! The arguments of `siamese serve` and `siamese keys`.

use std::net::SocketAddr;
use std::path::PathBuf;

use bytesize::ByteSize;
use clap::{Args, Subcommand, ValueEnum};
use siamese_use::gallery::Place;

use super::compute::DeviceChoice;
use super::people::PlaceParser;

/// Said below the options.
pub(super) const HELP: &str = "\
A program asks under /v1/, and /docs says what there is (for programs: /openapi.json). A person opens the address in a browser.

Without keys it answers this machine alone (127.0.0.1), and everybody who can use this machine. For others make a key (siamese \
keys add), give the file with --keys, and put a proxy with TLS in front.

Ctrl-C and SIGTERM end it: what was accepted is finished.";

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// A gallery: a file, served under its name without the ending, or in a build with the feature postgres an address of
    /// PostgreSQL. Several may be given
    #[arg(long, value_name = "GALLERY", value_parser = PlaceParser, required_unless_present_any = ["galleries", "model", "demo"])]
    pub(crate) gallery: Vec<Place>,

    /// A folder of galleries: each FILE.db in it is served, and galleries can be made in it and deleted from it over HTTP
    #[arg(long, value_name = "FOLDER")]
    pub(crate) galleries: Option<PathBuf>,

    /// A model file, or the folder of a run: makes galleries that are not there yet, and answers /v1/compare and
    /// /v1/embeddings. Galleries keep their own model, so they need none. Several may be given: the first is the one meant where
    /// none is named, and a gallery can be made with any or moved to any, by the name without the ending
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Vec<PathBuf>,

    /// Serve a gallery of the faces in this folder, with the model for demonstrations (from the folder `assets` of the
    /// repository, unless --model says another). It is gone at the end
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "datasets/orl_faces")]
    pub(crate) demo: Option<PathBuf>,

    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub(crate) listen: SocketAddr,

    /// A name under which the server is reached, beside localhost and the address: that of a proxy. Several may be given
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,

    /// The file of keys, which siamese keys makes
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,

    /// Write a line for each request here: who, what and when, without pictures and names
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Option<PathBuf>,

    /// Keep the pictures that are enrolled, so that a new model can be given them
    #[arg(long)]
    pub(crate) keep_pictures: bool,

    /// Requests a second of one key, or of one address where no key is known; 0 for no limit. Twice as many may come at once,
    /// and a wrong key counts as a hundred
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub(crate) rate: u32,

    /// Memory that the vectors of each gallery may take, for instance 8GiB. What is larger is searched by its database, if it is in
    /// one, and else refused
    #[arg(long, value_name = "SIZE", default_value = "4GiB")]
    pub(crate) gallery_memory: ByteSize,

    /// Where pictures are embedded: cpu, or in a build with libtorch cuda, cuda:N, or auto for a GPU where there is one
    #[arg(long, default_value = "cpu")]
    pub(crate) device: DeviceChoice,

    /// Threads that compute [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Make a key and show it, once
    Add {
        /// The file of keys; made unless it is there
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,

        /// What the key is for, such as `front door`
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,

        /// What it allows; each allows what those before it do
        #[arg(long, value_enum, default_value_t = KeyScope::Read)]
        scope: KeyScope,

        /// A gallery that it is for, by name; for all unless said. Several may be given
        #[arg(long, value_name = "NAME")]
        gallery: Vec<String>,
    },
    /// List the keys; none can be shown again
    List {
        /// The file of keys
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
    },
    /// Take keys away; a server that runs takes it in within a second or two
    Revoke {
        /// The file of keys
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,

        /// Ids of keys, as siamese keys list shows them
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyScope {
    /// Compare, verify, identify, look at people
    Read,
    /// Also enrol, change and delete people
    Enrol,
    /// Also set calibrations, make and delete galleries, and move them to other models
    Admin,
}
