//! Under which names the server answers.

use std::net::{IpAddr, SocketAddr};

/// Names of this machine.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether a host, with its port or without, is this machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    LOOPBACK.contains(&without_port(host).to_ascii_lowercase().as_str())
}

/// The names that a server answers under.
///
/// They are checked even on loopback: else a page of any site could make its own name point at 127.0.0.1 and use the
/// visitor's server (DNS rebinding).
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

impl Hosts {
    /// Loopback names, the address itself unless it stands for all, and those given.
    pub(crate) fn new(listen: SocketAddr, given: &[String]) -> Self {
        let loopback = LOOPBACK.map(str::to_owned);
        let own = match listen.ip() {
            ip if ip.is_unspecified() => None,
            IpAddr::V4(ip) => Some(ip.to_string()),
            IpAddr::V6(ip) => Some(format!("[{ip}]")),
        };
        let given = given.iter().map(|name| name.to_ascii_lowercase());
        Self(loopback.into_iter().chain(own).chain(given).collect())
    }

    pub(crate) fn knows(&self, host: &str) -> bool {
        let name = without_port(host).to_ascii_lowercase();
        self.0.contains(&name)
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // The colons of `[::1]` are no port's.
        Some((name, port)) if port.bytes().all(|digit| digit.is_ascii_digit()) => name,
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_known_with_any_port_and_in_any_case() {
        let hosts = Hosts::new(
            "192.0.2.7:80".parse().unwrap(),
            &["Faces.Example".to_owned()],
        );
        for known in [
            "localhost:8080",
            "127.0.0.1",
            "[::1]:9",
            "[::1]",
            "192.0.2.7:80",
            "faces.example",
        ] {
            assert!(hosts.knows(known), "{known}");
        }
        for other in [
            "",
            "evil.example",
            "localhost.evil.example:80",
            "localhost.example.org",
            "127.0.0.1.nip.io",
            "0.0.0.0",
        ] {
            assert!(!hosts.knows(other) && !is_loopback(other), "{other}");
        }
    }
}
