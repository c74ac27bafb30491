//! Why a server cannot be started.

use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a server cannot be started, or its keys not be changed. What is wrong with a request is answered to whoever asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A gallery or its model cannot be used.
    #[error(transparent)]
    Use(#[from] siamese_use::Error),

    /// There is nothing to serve.
    #[error("nothing to serve: name at least one gallery, or a model")]
    Nothing,

    /// Two galleries have one name.
    #[error(
        "{} and {} would both be the gallery {name:?}, which is the name of the file without its ending: rename one of them",
        first.display(), second.display()
    )]
    Name {
        /// The name.
        name: String,
        /// A file.
        first: PathBuf,
        /// Another file.
        second: PathBuf,
    },

    /// A gallery's file has a name that no address can hold.
    #[error("{}: the name of the file without its ending must be of letters, digits, `-`, `_` and `.`", path.display())]
    BadName {
        /// The file.
        path: PathBuf,
    },

    /// An address that others can reach, without keys.
    #[error(
        "{listen} can be reached by others, and there are no keys: make a key (siamese keys add --keys FILE) and give the file \
         with --keys, or listen on 127.0.0.1"
    )]
    Open {
        /// The address.
        listen: SocketAddr,
    },

    /// The address cannot be listened on.
    #[error("cannot listen on {listen}: {source}; is another server running there?")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },

    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },

    /// The file of keys is none.
    #[error("{}, line {line}: {what}; restore the file, or make a new one with siamese keys add", path.display())]
    Keys {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },

    /// There is no such key.
    #[error("{} has no key {id}: siamese keys list shows them", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
        /// The id asked for.
        id: String,
    },

    /// Threads or randomness are not to be had.
    #[error("the system refused {what}: {why}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it says.
        why: String,
    },
}
