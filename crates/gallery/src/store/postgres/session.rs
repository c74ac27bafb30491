//! The connection: made, set up, and made again when it is lost.

use std::time::{Duration, Instant};

use postgres::{Client, NoTls};

use super::address::PostgresAddress;
use super::failure::Failure;
use super::schema;
use crate::error::Error;
use crate::store::row::Said;

/// How long to wait for another program that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server that could not be reached is left alone.
pub(super) const LEFT_ALONE: Duration = Duration::from_secs(1);

/// What holds for each connection. Nobody who holds the lock for writing and does nothing more keeps the others for long.
const SET_UP: &str = "\
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET default_transaction_isolation = 'read committed';
    SET client_min_messages = 'warning';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
    SELECT set_config('search_path', 'siamese_gallery' || coalesce((
        SELECT ', ' || quote_ident(nspname) FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace
        WHERE extname = 'vector'), ''), false)";

/// Connects, whatever the database holds.
pub(super) fn connected(address: &PostgresAddress) -> Result<Client, Error> {
    let wrong = |source: postgres::Error| source.failed("connect to", &address.shown());
    let mut client = match address.encryption.connector()? {
        Some(encrypted) => address.config().connect(encrypted).map_err(wrong)?,
        None => address.config().connect(NoTls).map_err(wrong)?,
    };
    client.batch_execute(SET_UP).map_err(wrong)?;
    Ok(client)
}

/// A connection to a database that holds galleries.
pub(super) struct Session {
    address: PostgresAddress,
    client: Option<Client>,
    failed: Option<Instant>,
}

impl Session {
    pub(super) fn new(address: PostgresAddress, client: Client) -> Self {
        Self {
            address,
            client: Some(client),
            failed: None,
        }
    }

    /// The connection, made again where it was lost.
    pub(super) fn client(&mut self) -> Result<&mut Client, Error> {
        if self.client.as_ref().is_some_and(Client::is_closed) {
            self.client = None;
        }
        let client = match self.client.take() {
            Some(client) => client,
            None => self.connected_again()?,
        };
        Ok(self.client.insert(client))
    }

    fn connected_again(&mut self) -> Result<Client, Error> {
        if self.failed.is_some_and(|at| at.elapsed() < LEFT_ALONE) {
            return Err(Error::Unreachable {
                path: self.address.shown(),
                source: "it could not be reached less than a second ago".into(),
            });
        }
        self.failed = Some(Instant::now());
        let mut client = connected(&self.address)?;
        self.failed = None;
        schema::bring_up(&mut client, &self.address.shown())?;
        Ok(client)
    }

    /// Ends the connection, so that the next call makes another.
    pub(super) fn end(&mut self) {
        self.client = None;
    }

    /// Reads; once more where the connection turns out to be lost.
    pub(super) fn read<T>(
        &mut self,
        read: impl Fn(&mut Client) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let path = self.address.shown();
        match read(self.client()?) {
            Err(failure) if failure.is_lost() => {
                self.end();
                read(self.client()?).map_err(|failure| failure.at("read", &path))
            }
            read => read.map_err(|failure| failure.at("read", &path)),
        }
    }
}
