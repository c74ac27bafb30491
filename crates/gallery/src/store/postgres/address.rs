//! Where in which database a gallery is.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use postgres::Config;
use postgres::config::{Host, SslMode};

use crate::error::Error;

/// How long one waits for a connection, unless the address says otherwise.
const CONNECTED: Duration = Duration::from_secs(3);

/// How long what was sent may stay unacknowledged, unless the address says otherwise.
const ACKNOWLEDGED: Duration = Duration::from_secs(10);

/// A gallery in a PostgreSQL database.
///
/// What is shown of it, by `Display` and by `Debug`, has no password.
#[derive(Clone)]
pub struct PostgresAddress {
    config: Box<Config>,
    gallery: String,
}

impl PostgresAddress {
    /// Reads an address: `postgres://USER@HOST:PORT/DATABASE?gallery=NAME`.
    ///
    /// `gallery` says which of the database's galleries is meant: letters, digits, `-`, `_` and `.`. What else may stand in
    /// such an address (`connect_timeout`, several hosts, a socket's folder as `host`) is said by
    /// [`tokio_postgres::Config`](https://docs.rs/tokio-postgres/latest/tokio_postgres/config/struct.Config.html). The
    /// connection is not encrypted: a host that is not this machine needs `sslmode=disable`, by which one says that the way
    /// there is safe.
    ///
    /// # Errors
    ///
    /// [`Error::Argument`].
    pub fn parse(address: &str) -> Result<Self, Error> {
        let (place, query) = address.split_once('?').unwrap_or((address, ""));
        let (named, others): (Vec<&str>, Vec<&str>) = query
            .split('&')
            .filter(|part| !part.is_empty())
            .partition(|part| part.starts_with("gallery="));
        let gallery = match named[..] {
            [named] => &named["gallery=".len()..],
            _ => {
                return Err(wrong(
                    "one gallery=NAME, such as ?gallery=staff",
                    named.len(),
                ));
            }
        };
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
        if !local && config.get_ssl_mode() != SslMode::Disable {
            return Err(wrong(
                "a host on this machine, since this version does not encrypt the connection; where the way to another host \
                 is safe (a tunnel, a network of its own), say so: sslmode=disable",
                "another host",
            ));
        }
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
        Ok(Self { config, gallery })
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
                "one gallery=NAME",
            ),
            ("postgres://localhost/faces?gallery=", "letters, digits"),
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
                "postgres://ada:secret@example.org/faces?gallery=a",
                "sslmode=disable",
            ),
            (
                "postgres://localhost/faces?gallery=a&hostaddr=192.0.2.1",
                "sslmode=disable",
            ),
        ] {
            let error = PostgresAddress::parse(address).unwrap_err().to_string();
            assert!(error.contains(expected), "{address}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        let safe = "postgres://ada@example.org/faces?gallery=a&sslmode=disable";
        assert!(PostgresAddress::parse(safe).is_ok());
    }
}
