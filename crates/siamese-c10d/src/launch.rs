//! Which process this is, and where all of them meet.

use std::time::Duration;

use crate::error::Error;

/// Which of several processes this is, and where they meet: what `torchrun` and others say by environment variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Counted from 0, `RANK`.
    pub rank: usize,
    /// How many there are, `WORLD_SIZE`.
    pub size: usize,
    /// Counted from 0 on each machine, `LOCAL_RANK`; it says which GPU is this process's.
    pub local_rank: Option<usize>,
    /// How many there are on this machine, `LOCAL_WORLD_SIZE`.
    pub local_size: Option<usize>,
    /// The machine of process 0, `MASTER_ADDR`.
    pub host: String,
    /// The port that is listened at there, `MASTER_PORT`.
    pub port: u16,
    /// Whether somebody else listens there, and not process 0: `TORCHELASTIC_USE_AGENT_STORE`.
    pub hosted: bool,
    /// Which attempt at the same work it is, `TORCHELASTIC_RESTART_COUNT`.
    pub attempt: u32,
    /// The network interface to exchange tensors by on CPUs, `GLOO_SOCKET_IFNAME`; else that of the machine's name.
    pub interface: Option<String>,
    /// For how long processes wait for each other to come.
    pub within: Duration,
}

impl Launch {
    /// What the environment says, where `variable` reads one. `None` where it launches nothing: neither `RANK` nor `WORLD_SIZE`
    /// is set.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Invalid`].
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, Error> {
        let set = ["RANK", "WORLD_SIZE"];
        let Some(set) = set.into_iter().find(|name| variable(name).is_some()) else {
            return Ok(None);
        };
        let needed = |missing| variable(missing).ok_or(Error::Missing { missing, set });
        let size = whole("WORLD_SIZE", &needed("WORLD_SIZE")?)?;
        let rank = whole("RANK", &needed("RANK")?)?;
        if size == 0 {
            return Err(invalid("WORLD_SIZE", "0", "the number of processes"));
        }
        if rank >= size {
            let expected = format!("0 to {}, since WORLD_SIZE is {size}", size - 1);
            return Err(invalid("RANK", &rank.to_string(), &expected));
        }
        let host = needed("MASTER_ADDR")?;
        if host.is_empty() {
            return Err(invalid(
                "MASTER_ADDR",
                "",
                "the address of the machine of process 0",
            ));
        }
        let text = needed("MASTER_PORT")?;
        let port = text.trim().parse().ok().filter(|&port| port > 0);
        let port = port.ok_or_else(|| invalid("MASTER_PORT", &text, "a port, 1 to 65535"))?;
        let optional = |name| variable(name).map(|text| whole(name, &text)).transpose();
        Ok(Some(Self {
            rank,
            size,
            local_rank: optional("LOCAL_RANK")?,
            local_size: optional("LOCAL_WORLD_SIZE")?.filter(|&size| size > 0),
            host,
            port,
            hosted: variable("TORCHELASTIC_USE_AGENT_STORE").as_deref() == Some("True"),
            attempt: optional("TORCHELASTIC_RESTART_COUNT")?.unwrap_or(0) as u32,
            interface: variable("GLOO_SOCKET_IFNAME").filter(|name| !name.is_empty()),
            within: Duration::from_secs(300),
        }))
    }
}

fn whole(name: &'static str, text: &str) -> Result<usize, Error> {
    let number = text.trim().parse();
    number.map_err(|_| invalid(name, text, "a whole number"))
}

fn invalid(name: &'static str, found: &str, expected: &str) -> Error {
    Error::Invalid {
        name,
        found: found.to_owned(),
        expected: expected.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(variables: &[(&str, &str)]) -> Result<Option<Launch>, String> {
        let of = |name: &str| {
            let found = variables.iter().rev().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Launch::from_environment(of).map_err(|error| error.to_string())
    }

    const WHOLE: [(&str, &str); 4] = [
        ("RANK", "1"),
        ("WORLD_SIZE", "2"),
        ("MASTER_ADDR", "localhost"),
        ("MASTER_PORT", "29500"),
    ];

    #[test]
    fn torchruns_variables_are_understood_and_without_any_there_is_nothing_to_meet() {
        assert_eq!(launch(&[("MASTER_ADDR", "localhost")]), Ok(None));
        let found = launch(&WHOLE).unwrap().unwrap();
        assert_eq!((found.rank, found.size, found.port), (1, 2, 29500));
        assert!(!found.hosted);
        let more = [
            ("LOCAL_RANK", "1"),
            ("LOCAL_WORLD_SIZE", "2"),
            ("TORCHELASTIC_USE_AGENT_STORE", "True"),
            ("TORCHELASTIC_RESTART_COUNT", "3"),
            ("GLOO_SOCKET_IFNAME", "eth1"),
        ];
        let found = launch(&[&WHOLE[..], &more].concat()).unwrap().unwrap();
        assert_eq!((found.local_rank, found.local_size), (Some(1), Some(2)));
        assert!(found.hosted);
        assert_eq!(
            (found.attempt, found.interface.as_deref()),
            (3, Some("eth1"))
        );
    }

    #[test]
    fn whatever_is_wrong_is_named() {
        for missing in 0..4 {
            let mut variables = WHOLE.to_vec();
            let (name, _) = variables.remove(missing);
            let words = launch(&variables).unwrap_err();
            assert!(
                words.starts_with(&format!("{name} is not set, but ")),
                "{words}"
            );
        }
        for (name, value, expected) in [
            ("RANK", "2", "0 to 1, since WORLD_SIZE is 2"),
            ("RANK", "-1", "a whole number"),
            ("WORLD_SIZE", "0", "the number of processes"),
            ("WORLD_SIZE", "two", "a whole number"),
            ("MASTER_PORT", "70000", "a port, 1 to 65535"),
            ("MASTER_PORT", "0", "a port, 1 to 65535"),
            ("MASTER_ADDR", "", "the address of the machine of process 0"),
            ("LOCAL_RANK", "x", "a whole number"),
        ] {
            let words = launch(&[&WHOLE[..], &[(name, value)]].concat()).unwrap_err();
            assert_eq!(words, format!("{name} is {value:?}: expected {expected}"));
        }
    }
}
