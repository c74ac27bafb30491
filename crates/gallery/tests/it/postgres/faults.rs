//! Faults: a connection that ends, a server that is killed or started again, two that write, a program that is killed.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use gallery::{Error, Gallery, PostgresStore, Store};

use super::Server;
use crate::made::{NOW, generation, person, template, vector};

/// Far beyond what anything here takes: that nothing waits for ever.
const NEVER: Duration = Duration::from_secs(120);

fn made(server: &Server, name: &str) -> PostgresStore {
    PostgresStore::create(&server.address(name), &generation(), NOW).unwrap()
}

/// Adds a person with one template.
fn enrol(store: &mut PostgresStore, number: u64) -> Result<u64, Error> {
    let added = store.add_person(&person(&format!("person {number}")), NOW)?;
    let new = template(store, added.number, number);
    Ok(store.enrol(&[new], NOW)?[0].id)
}

/// What was acknowledged is there, and nothing is there by half.
fn assert_whole(store: &PostgresStore, enrolled: &[(u64, u64)]) {
    assert_eq!(store.check().unwrap(), []);
    for &(number, id) in enrolled {
        let kept = store.template(id).unwrap();
        assert_eq!(
            kept.unwrap().given.vector,
            vector(number),
            "person {number}"
        );
    }
    let changes = store.changes_after(0).unwrap();
    let numbers: Vec<u64> = changes.iter().map(|change| change.sequence).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_connection_that_ends_is_made_again() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut store = made(&server, "ends");
    let mut enrolled = vec![(0, enrol(&mut store, 0).unwrap())];
    for number in 1..5 {
        end_all(&server, "siamese gallery");
        assert_eq!(store.people().unwrap().len(), number as usize);
        end_all(&server, "siamese gallery");
        enrolled.push((number, enrol(&mut store, number).unwrap()));
    }
    assert_whole(&store, &enrolled);
}

#[test]
fn a_database_that_is_as_it_was_earlier_is_read_anew() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut store = made(&server, "earlier");
    enrol(&mut store, 0).unwrap();
    let then = store.last_change().unwrap();
    enrol(&mut store, 1).unwrap();
    let mut gallery = Gallery::open(store, u64::MAX).unwrap();
    assert_eq!((gallery.count_people(), gallery.index().len()), (2, 2));
    // As a backup that was made between the two has it.
    let earlier = format!(
        "DELETE FROM template WHERE person = 2; DELETE FROM person WHERE number = 2;
         DELETE FROM change_log WHERE sequence > {then};
         UPDATE gallery SET last_change = {then}, last_person = 1, last_template = 1"
    );
    server.client().batch_execute(&earlier).unwrap();
    gallery.refresh().unwrap();
    assert_eq!((gallery.count_people(), gallery.index().len()), (1, 1));
}

/// Ends the connections of this name.
fn end_all(server: &Server, application: &str) {
    server
        .client()
        .execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = $1",
            &[&application],
        )
        .unwrap();
}

#[test]
fn a_commit_of_which_nobody_heard_is_neither_lost_nor_made_twice() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut store = made(&server, "unheard");
    let mut other = server.client();
    // Each commit that notes a person waits here, and its connection is ended before the commit is done. What is ended after it is
    // in `cut`.
    other
        .batch_execute(
            "CREATE FUNCTION wait_for_the_test() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON person DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION wait_for_the_test()",
        )
        .unwrap();
    for round in 0..3 {
        other.execute("SELECT pg_advisory_lock(7)", &[]).unwrap();
        let writer = std::thread::spawn(move || {
            let added = store.add_person(&person(&format!("person {round}")), NOW);
            (store, added)
        });
        let waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'";
        let pid: i32 = loop {
            if let Some(row) = other.query_opt(waiting, &[]).unwrap() {
                break row.get(0);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        other
            .execute("SELECT pg_terminate_backend($1, 10000)", &[&pid])
            .unwrap();
        other.execute("SELECT pg_advisory_unlock(7)", &[]).unwrap();
        let (kept, added) = writer.join().unwrap();
        store = kept;
        assert_eq!(added.unwrap().number, round + 1);
        assert_eq!(store.people().unwrap().len() as u64, round + 1);
    }
    assert_whole(&store, &[]);
}

#[test]
fn a_server_that_is_killed_or_started_again_loses_nothing_that_was_acknowledged() {
    let Some(server) = Server::start() else {
        return;
    };
    let address = server.address("killed");
    drop(PostgresStore::create(&address, &generation(), NOW).unwrap());
    let (acknowledged, said) = channel();
    let (end, ended) = channel::<()>();
    let writers: Vec<_> = (0..2u64)
        .map(|writer| {
            let address = address.clone();
            let acknowledged = acknowledged.clone();
            std::thread::spawn(move || {
                let mut store = PostgresStore::open(&address).unwrap();
                for number in 0.. {
                    let number = writer * 1_000_000 + number;
                    match enrol(&mut store, number) {
                        Ok(id) => {
                            if acknowledged.send((number, id)).is_err() {
                                return;
                            }
                        }
                        // Nobody was told that this one is kept; or it was added, and its template was not.
                        Err(Error::Unreachable { .. } | Error::Unsure { .. }) => {
                            std::thread::sleep(Duration::from_millis(20));
                        }
                        Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
                    }
                }
            })
        })
        .collect();
    drop((acknowledged, ended, end));
    let mut enrolled: Vec<(u64, u64)> = Vec::new();
    for what in ["crash", "stop", "crash", "backend", "stop", "crash"] {
        // Both are at work.
        enrolled.extend((0..40).map(|_| said.recv_timeout(NEVER).unwrap()));
        if what == "backend" {
            let writing = "SELECT pid FROM pg_stat_activity WHERE application_name = 'siamese gallery' AND pid <> pg_backend_pid()";
            let mut client = server.client();
            let pid: i32 = loop {
                if let Some(row) = client.query(writing, &[]).unwrap().first() {
                    break row.get(0);
                }
                // Neither has come back yet.
                std::thread::sleep(Duration::from_millis(5));
            };
            // The server then ends all others too, and recovers.
            server.tell(&format!("kill {pid}"));
        } else {
            server.tell(what);
            server.tell("start");
        }
    }
    enrolled.extend((0..40).map(|_| said.recv_timeout(NEVER).unwrap()));
    drop(said);
    writers
        .into_iter()
        .for_each(|writer| writer.join().unwrap());
    let store = PostgresStore::open(&address).unwrap();
    assert_whole(&store, &enrolled);
    let names = store.people().unwrap();
    assert!(names.len() >= enrolled.len());
    println!(
        "{} enrolled while the server ended six times",
        enrolled.len()
    );
}

#[test]
fn a_server_that_is_gone_is_named_and_one_that_is_back_is_used_again() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut store = made(&server, "gone");
    enrol(&mut store, 1).unwrap();
    let mut gallery = Gallery::open(store, 1 << 20).unwrap();
    server.tell("stop");
    for _ in 0..2 {
        let error = gallery.refresh().unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{error}");
        assert!(error.to_string().contains("gallery=gone"), "{error}");
    }
    let added = gallery.add_person(&person("ada"), NOW);
    assert!(matches!(added, Err(Error::Unreachable { .. })), "{added:?}");
    // Who is known is found all the same.
    let found = gallery.index().nearest(&[&vector(1)], 1, None).unwrap();
    assert_eq!(found[0].len(), 1);
    server.tell("start");
    // It is not asked more than once a second.
    while let Err(Error::Unreachable { .. }) = gallery.refresh() {
        std::thread::sleep(Duration::from_millis(50));
    }
    gallery.add_person(&person("ada"), NOW).unwrap();
}

#[test]
fn whoever_listens_is_told_of_changes_and_of_a_server_that_was_away() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut here = made(&server, "told");
    let there = PostgresStore::open(&server.address("told")).unwrap();
    let mut other = made(&server, "other");
    let mut gallery = Gallery::open(there, 1 << 20).unwrap();
    let (changed, told) = channel();
    let tell = Box::new(move || {
        let _ = changed.send(());
    });
    let watch = gallery.store().watch(tell).unwrap().unwrap();
    told.recv_timeout(NEVER).unwrap();
    assert!(watch.is_listening());

    // Changes of another gallery are not told.
    enrol(&mut other, 5).unwrap();
    let id = enrol(&mut here, 1).unwrap();
    while !gallery.index().contains(id) {
        told.recv_timeout(NEVER).unwrap();
        gallery.refresh().unwrap();
    }
    here.delete_template(id, NOW).unwrap();
    while gallery.index().contains(id) {
        told.recv_timeout(NEVER).unwrap();
        gallery.refresh().unwrap();
    }

    server.tell("crash");
    while watch.is_listening() {
        told.recv_timeout(NEVER).unwrap();
    }
    server.tell("start");
    let id = loop {
        match enrol(&mut here, 2) {
            Ok(id) => break id,
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    };
    while !watch.is_listening() {
        told.recv_timeout(NEVER).unwrap();
    }
    while !gallery.index().contains(id) {
        gallery.refresh().unwrap();
    }
    drop(watch);
    // The thread ends, and with it what it would have told by.
    let last = loop {
        if let Err(last) = told.recv_timeout(NEVER) {
            break last;
        }
    };
    assert_eq!(last, RecvTimeoutError::Disconnected);
}
