//! Between a store and its server, somebody who cuts the connection at the worst moment: the server has committed, and its answer
//! never arrives.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gallery::{PictureDigest, PostgresAddress, PostgresStore, Rejection, Store};
use tempfile::TempDir;

use super::{Server, shared};
use crate::made::{NOW, generation, person, template};

/// Passes on what it hears, but for the answers to the next so many commits.
struct Between {
    folder: TempDir,
    to_cut: Arc<AtomicU64>,
}

impl Between {
    fn new(server: &Server) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let name = ".s.PGSQL.5432";
        let listener = UnixListener::bind(folder.path().join(name)).unwrap();
        let (server, to_cut) = (server.folder().join(name), Arc::<AtomicU64>::default());
        let cuts = to_cut.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server, cuts) = (client.unwrap(), server.clone(), cuts.clone());
                std::thread::spawn(move || pass_on(client, &server, &cuts));
            }
        });
        Self { folder, to_cut }
    }

    fn address(&self, gallery: &str) -> PostgresAddress {
        let folder = self.folder.path().to_str().unwrap().replace('/', "%2F");
        let address = format!("postgres://siamese@{folder}/postgres?gallery={gallery}");
        PostgresAddress::parse(&address).unwrap()
    }
}

fn pass_on(client: UnixStream, server: &PathBuf, to_cut: &AtomicU64) {
    let server = UnixStream::connect(server).unwrap();
    let (mut from_server, mut to_client) =
        (server.try_clone().unwrap(), client.try_clone().unwrap());
    std::thread::spawn(move || {
        // Ends with either of them.
        let _ = std::io::copy(&mut from_server, &mut to_client);
    });
    let (mut client, mut to_server) = (client, server);
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length) = client.read(&mut bytes) {
        let heard = &bytes[..length];
        // Behind messages that close statements, as the case may be.
        let is_commit = heard.windows(7).any(|part| part == b"COMMIT\0");
        let cut = is_commit
            && to_cut
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                    left.checked_sub(1)
                })
                .is_ok();
        if cut {
            // Nothing of the answer gets through, and the server commits.
            client.shutdown(std::net::Shutdown::Both).unwrap();
        }
        if length == 0 || to_server.write_all(heard).is_err() || cut {
            return;
        }
    }
}

#[test]
fn a_commit_whose_answer_is_lost_is_made_once() {
    let Some(server) = shared() else { return };
    let between = Between::new(server);
    let address = between.address("cut");
    let mut store = PostgresStore::create(&address, &generation(), NOW).unwrap();
    let cut = |times| between.to_cut.store(times, Ordering::SeqCst);

    for round in 0..3 {
        cut(1);
        let added = store.add_person(&person(&format!("person {round}")), NOW);
        let added = added.unwrap().number;
        assert_eq!(between.to_cut.load(Ordering::SeqCst), 0, "round {round}");
        cut(1);
        let new = template(&store, added, round as u64);
        let enrolled = store.enrol(&[new], NOW).unwrap();
        assert!(enrolled[0].new, "it would not be, had it been done twice");
    }
    cut(1);
    assert_eq!(store.add_generation(&generation(), NOW).unwrap(), 2);
    cut(1);
    store.forget_person(2, NOW).unwrap();
    // What notes nothing in the log is done again, which changes nothing.
    cut(1);
    store.put_model("test model", b"weights").unwrap();
    cut(1);
    let rejection = Rejection {
        person: None,
        picture: PictureDigest([7; 32]),
        reason: "dark".to_owned(),
        at_ms: NOW,
    };
    store.reject(&rejection).unwrap();
    assert_eq!(between.to_cut.load(Ordering::SeqCst), 0);

    let numbers: Vec<u64> = store
        .people()
        .unwrap()
        .iter()
        .map(|one| one.number)
        .collect();
    assert_eq!(numbers, [1, 3]);
    assert_eq!(store.count_templates(1).unwrap(), 2);
    assert_eq!(store.last_change().unwrap(), 1 + 3 + 3 + 1 + 1 + 1);
    assert_eq!(store.check().unwrap(), []);
}
