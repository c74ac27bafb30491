//! Listening for what others change.

use std::time::Duration;

use postgres::fallible_iterator::FallibleIterator;
use postgres::{Client, Error as Sql};

use super::address::PostgresAddress;
use super::session::{LEFT_ALONE, connected};
use crate::error::Error;
use crate::store::{Teller, Watch};

/// How often one looks whether the server is still there, and whether anybody still wants to know.
const LOOKED: Duration = Duration::from_secs(5);

/// What changes of a gallery are told under.
pub(super) fn channel(gallery: i64) -> String {
    format!("siamese_gallery_{gallery}")
}

/// Listens, on a thread and a connection of its own.
pub(super) fn begin(
    address: PostgresAddress,
    gallery: i64,
    changed: Box<dyn Fn() + Send>,
) -> Result<Watch, Error> {
    let (watch, teller) = Watch::new();
    let path = address.shown();
    let listens = move || {
        while teller.is_wanted() {
            // What is wrong is said by the calls that need the server.
            if let Ok(mut client) = connected(&address) {
                let _ = listen(&mut client, gallery, &*changed, &teller);
                if teller.set_listening(false) {
                    changed();
                }
            }
            std::thread::sleep(LEFT_ALONE);
        }
    };
    std::thread::Builder::new()
        .name("gallery changes".to_owned())
        .spawn(listens)
        .map_err(|source| Error::Io {
            action: "start a thread that listens to",
            path,
            source,
        })?;
    Ok(watch)
}

/// Until the connection is lost, or nobody wants to know any more.
fn listen(
    client: &mut Client,
    gallery: i64,
    changed: &dyn Fn(),
    teller: &Teller,
) -> Result<(), Sql> {
    client.batch_execute(&format!("LISTEN {}", channel(gallery)))?;
    teller.set_listening(true);
    // What was told before nobody has heard.
    changed();
    while teller.is_wanted() {
        let heard = client.notifications().timeout_iter(LOOKED).next()?;
        if heard.is_some() {
            // Those that wait are told with it.
            client.notifications().iter().count()?;
            changed();
        } else {
            client.is_valid(LOOKED)?;
        }
    }
    Ok(())
}
