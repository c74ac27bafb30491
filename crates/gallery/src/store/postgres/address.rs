//! Where in which database a gallery is.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};

use super::search::Searching;
use super::tls::Encryption;
use crate::error::Error;

/// How long one waits for a connection, unless the address says otherwise.
const CONNECTED: Duration = Duration::from_secs(3);

/// How far HNSW looks, unless the address says otherwise.
const LOOKED: u16 = 100;

/// How long what was sent may stay unacknowledged, unless the address says otherwise.
const ACKNOWLEDGED: Duration = Duration::from_secs(10);

/// A gallery in a PostgreSQL database.
///
/// What is shown of it, by `Display` and by `Debug`, has no password.
#[derive(Clone)]
pub struct PostgresAddress {
    config: Box<Config>,
    gallery: String,
    pub(super) encryption: Encryption,
    pub(super) searching: Searching,
}

impl PostgresAddress {
    /// Reads an address: `postgres://USER@HOST:PORT/DATABASE?gallery=NAME`.
    ///
    /// `gallery` says which of the database's galleries is meant: letters, digits, `-`, `_` and `.`.
    ///
    /// `sslmode` is `verify-full` (encrypted, and the server's certificate must be good and bear the host's name), `require`
    /// (encrypted, to whoever answers) or `disable`. Unless said it is `verify-full`, or `disable` where all hosts are this
    /// machine. `sslrootcert` is a PEM file of certificates to trust in place of the system's.
    ///
    /// `search` says how the database searches a gallery that does not fit into memory: `exact`, unless said, or `hnsw`, which
    /// is faster and may miss somebody; `ef_search`, 1 to 1,000 and 100 unless said, is how far it looks then.
    ///
    /// What else may stand in such an address (`connect_timeout`, several hosts, a socket's folder as `host`) is said by
    /// [`tokio_postgres::Config`](https://docs.rs/tokio-postgres/latest/tokio_postgres/config/struct.Config.html).
    ///
    /// # Errors
    ///
    /// [`Error::Argument`].
    pub fn parse(address: &str) -> Result<Self, Error> {
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let mut own = Own::default();
        let mut others = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match own.place(name) {
                Some(place) if place.is_some() => {
                    return Err(wrong("each part of the address once", name));
                }
                Some(place) => *place = Some(decoded(value)?),
                None => others.push(part),
            }
        }
        let gallery = own.gallery.take().unwrap_or_default();
        if gallery.is_empty() {
            return Err(wrong("one gallery=NAME, such as ?gallery=staff", "none"));
        }
        let gallery = gallery.as_str();
        if !is_name(gallery) {
            let expected = "gallery=NAME with a name of letters, digits, `-`, `_` and `.`";
            return Err(wrong(expected, gallery));
        }
        let mut config: Config =
            format!("{place}?{}", others.join("&"))
                .parse()
                .map_err(|error: postgres::Error| {
                    // This names the part that is wrong, and no value.
                    let cause = std::error::Error::source(&error).map(ToString::to_string);
                    let expected = "postgres://USER@HOST:PORT/DATABASE?gallery=NAME";
                    wrong(expected, cause.unwrap_or_default())
                })?;
        if config.get_hosts().is_empty() {
            return Err(wrong("a host", "none"));
        }
        let addresses = config.get_hostaddrs();
        let local =
            config.get_hosts().iter().all(is_here) && addresses.iter().all(IpAddr::is_loopback);
        let encryption = own.encryption(local)?;
        config.ssl_mode(match encryption {
            Encryption::None => SslMode::Disable,
            Encryption::Unchecked | Encryption::Checked { .. } => SslMode::Require,
        });
        let searching = own.searching()?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTED);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(ACKNOWLEDGED);
        }
        // Whoever only listens notices only so that the other side has gone.
        config.keepalives_idle(Duration::from_secs(30));
        config.keepalives_interval(Duration::from_secs(5));
        config.keepalives_retries(3);
        if config.get_application_name().is_none() {
            config.application_name("siamese gallery");
        }
        let gallery = gallery.to_owned();
        let config = Box::new(config);
        Ok(Self {
            config,
            gallery,
            encryption,
            searching,
        })
    }

    /// Whether it has a password.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// The same with a password, so that none has to stand in the address.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// The name of the gallery.
    #[must_use]
    pub fn gallery(&self) -> &str {
        &self.gallery
    }

    pub(in crate::store) fn config(&self) -> &Config {
        &self.config
    }

    /// As errors show it.
    pub(crate) fn shown(&self) -> PathBuf {
        self.to_string().into()
    }
}

impl fmt::Display for PostgresAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(formatter, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (at, host) in self.config.get_hosts().iter().enumerate() {
            if at > 0 {
                formatter.write_str(",")?;
            }
            match host {
                Host::Tcp(host) => formatter.write_str(host)?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(formatter, "{}", folder.display())?,
            }
            // One port is for all hosts.
            match ports.get(at).or(ports.first()) {
                None | Some(5432) => {}
                Some(port) => write!(formatter, ":{port}")?,
            }
        }
        let database = self.config.get_dbname().or(self.config.get_user());
        write!(
            formatter,
            "/{}?gallery={}",
            database.unwrap_or_default(),
            self.gallery
        )
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "PostgresAddress({self})")
    }
}

/// Parts of an address that `tokio_postgres` does not know, or not as they are meant here.
#[derive(Default)]
struct Own {
    gallery: Option<String>,
    sslmode: Option<String>,
    sslrootcert: Option<String>,
    search: Option<String>,
    ef_search: Option<String>,
}

impl Own {
    fn place(&mut self, name: &str) -> Option<&mut Option<String>> {
        Some(match name {
            "gallery" => &mut self.gallery,
            "sslmode" => &mut self.sslmode,
            "sslrootcert" => &mut self.sslrootcert,
            "search" => &mut self.search,
            "ef_search" => &mut self.ef_search,
            _ => return None,
        })
    }

    fn encryption(&self, local: bool) -> Result<Encryption, Error> {
        let roots = self.sslrootcert.as_ref().map(PathBuf::from);
        let checked = || {
            Ok(Encryption::Checked {
                roots: roots.clone(),
            })
        };
        match (self.sslmode.as_deref(), &roots) {
            (Some("verify-full"), _) | (None, Some(_)) => checked(),
            (None, None) if !local => checked(),
            (None | Some("disable"), None) => Ok(Encryption::None),
            (Some("require"), None) => Ok(Encryption::Unchecked),
            (Some("require" | "disable"), Some(_)) => Err(wrong(
                "sslmode=verify-full, by which the certificates in sslrootcert are used",
                "another sslmode",
            )),
            (Some(other), _) => Err(wrong("sslmode=verify-full, require or disable", other)),
        }
    }

    fn searching(&self) -> Result<Searching, Error> {
        let expected = "ef_search=N, 1 to 1000, beside search=hnsw";
        match (self.search.as_deref(), self.ef_search.as_deref()) {
            (None | Some("exact"), None) => Ok(Searching::Exact),
            (Some("hnsw"), None) => Ok(Searching::Hnsw { looked: LOOKED }),
            (Some("hnsw"), Some(looked)) => match looked.parse() {
                Ok(looked @ 1..=1000) => Ok(Searching::Hnsw { looked }),
                _ => Err(wrong(expected, looked)),
            },
            (None | Some("exact"), Some(looked)) => Err(wrong(expected, looked)),
            (Some(other), _) => Err(wrong("search=exact or search=hnsw", other)),
        }
    }
}

/// A value of an address, in which `%2F` stands for `/`, and so on.
fn decoded(value: &str) -> Result<String, Error> {
    let decoded = percent_encoding::percent_decode_str(value).decode_utf8();
    Ok(decoded
        .map_err(|_| wrong("values in UTF-8", "others"))?
        .into_owned())
}

fn wrong(expected: &'static str, found: impl ToString) -> Error {
    Error::Argument {
        argument: "the address of a gallery in PostgreSQL",
        expected,
        found: found.to_string(),
    }
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.chars().all(plain) && !name.starts_with('.')
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Tcp(host) => {
            let address = host.parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_its_password() {
        let said = "postgres://ada:secret@localhost:5433/faces?connect_timeout=1&gallery=staff";
        let address = PostgresAddress::parse(said).unwrap();
        let shown = "postgres://ada@localhost:5433/faces?gallery=staff";
        assert_eq!(address.to_string(), shown);
        assert_eq!(format!("{address:?}"), format!("PostgresAddress({shown})"));
        assert!(address.has_password());
        let socket = PostgresAddress::parse("postgresql://ada@%2Frun%2Fpg/faces?gallery=a.b-c_1");
        assert_eq!(
            socket.unwrap().to_string(),
            "postgres://ada@/run/pg/faces?gallery=a.b-c_1"
        );
    }

    #[test]
    fn an_address_that_cannot_be_is_refused_with_what_is_expected() {
        for (address, expected) in [
            ("postgres://localhost/faces", "one gallery=NAME"),
            (
                "postgres://localhost/faces?gallery=a&gallery=b",
                "each part of the address once",
            ),
            ("postgres://localhost/faces?gallery=", "one gallery=NAME"),
            (
                "postgres://localhost/faces?gallery=a%20b",
                "letters, digits",
            ),
            ("postgres://localhost/faces?galery=a", "one gallery=NAME"),
            (
                "postgres://localhost/faces?gallery=a&nonsense=1",
                "nonsense",
            ),
            ("postgres:///faces?gallery=a", "a host"),
            (
                "postgres://ada:secret@example.org/faces?gallery=a&sslmode=prefer",
                "sslmode=verify-full, require or disable",
            ),
            (
                "postgres://localhost/faces?gallery=a&sslmode=require&sslrootcert=x",
                "sslmode=verify-full",
            ),
            ("postgres://localhost/faces?gallery=a&search=fast", "hnsw"),
            (
                "postgres://localhost/faces?gallery=a&search=hnsw&ef_search=0",
                "1 to 1000",
            ),
            (
                "postgres://localhost/faces?gallery=a&ef_search=7",
                "beside search=hnsw",
            ),
        ] {
            let error = PostgresAddress::parse(address).unwrap_err().to_string();
            assert!(error.contains(expected), "{address}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn what_leaves_the_machine_is_encrypted_unless_somebody_says_otherwise() {
        let of = |rest: &str| {
            let address = PostgresAddress::parse(&format!("postgres://{rest}")).unwrap();
            (address.encryption.clone(), address.config().get_ssl_mode())
        };
        let checked = |roots: Option<&str>| Encryption::Checked {
            roots: roots.map(PathBuf::from),
        };
        for (rest, expected) in [
            ("localhost/x?gallery=a", Encryption::None),
            ("%2Frun/x?gallery=a", Encryption::None),
            ("example.org/x?gallery=a", checked(None)),
            ("localhost,example.org/x?gallery=a", checked(None)),
            ("localhost/x?gallery=a&hostaddr=192.0.2.1", checked(None)),
            ("localhost/x?gallery=a&sslmode=verify-full", checked(None)),
            (
                "localhost/x?sslrootcert=%2Fetc%2Fa%20b.pem&gallery=a",
                checked(Some("/etc/a b.pem")),
            ),
            ("example.org/x?gallery=a&sslmode=disable", Encryption::None),
            (
                "example.org/x?gallery=a&sslmode=require",
                Encryption::Unchecked,
            ),
        ] {
            let mode = match expected {
                Encryption::None => SslMode::Disable,
                _ => SslMode::Require,
            };
            assert_eq!(of(rest), (expected, mode), "{rest}");
        }
    }
}
