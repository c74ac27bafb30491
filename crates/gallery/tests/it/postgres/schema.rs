//! What a database may hold, and what is left in its files.

use std::fs;
use std::path::Path;

use gallery::{Error, NewPerson, NewTemplate, Place, PostgresStore, SqliteStore, Store};

use super::{Server, shared};
use crate::made::{NOW, generation, person, store, template};

#[test]
fn a_database_without_galleries_is_told_from_one_without_this_gallery() {
    let Some(server) = Server::start() else {
        return;
    };
    let address = server.address("a");
    let missing = || PostgresStore::open(&address).unwrap_err();
    assert!(matches!(missing(), Error::NoSuchGallery { .. }));
    // Looking makes nothing.
    let there = "SELECT to_regnamespace('siamese_gallery') IS NOT NULL";
    assert!(
        !server
            .client()
            .query_one(there, &[])
            .unwrap()
            .get::<_, bool>(0)
    );
    drop(PostgresStore::create(&server.address("b"), &generation(), NOW).unwrap());
    let error = missing().to_string();
    assert!(
        error.contains("postgres://siamese@/") && error.contains("gallery=a"),
        "{error}"
    );

    server
        .client()
        .execute("UPDATE format SET number = 99", &[])
        .unwrap();
    for error in [
        PostgresStore::open(&server.address("b")).unwrap_err(),
        PostgresStore::create(&address, &generation(), NOW).unwrap_err(),
    ] {
        let known = matches!(
            error,
            Error::FutureFormat {
                found: 99,
                known: 2,
                ..
            }
        );
        assert!(known, "{error}");
    }
}

#[test]
fn a_schema_that_somebody_began_is_brought_to_the_current_format() {
    let Some(server) = Server::start() else {
        return;
    };
    // Of format 0: begun, and cut off.
    server
        .client()
        .batch_execute(
            "CREATE EXTENSION vector; CREATE SCHEMA siamese_gallery;
             CREATE TABLE siamese_gallery.format (one boolean PRIMARY KEY DEFAULT true CHECK (one), number bigint NOT NULL);
             INSERT INTO siamese_gallery.format (number) VALUES (0)",
        )
        .unwrap();
    let address = server.address("a");
    let begun = PostgresStore::open(&address).unwrap_err();
    assert!(matches!(begun, Error::NoSuchGallery { .. }), "{begun}");
    let mut store = PostgresStore::create(&address, &generation(), NOW).unwrap();
    store.add_person(&person("ada"), NOW).unwrap();
    let number = "SELECT number FROM format";
    let number: i64 = server.client().query_one(number, &[]).unwrap().get(0);
    assert_eq!(number, 2);
    // A step that fails leaves the database as it was.
    let set = |number: i64| {
        let set = format!("UPDATE format SET number = {number}");
        server.client().batch_execute(&set).unwrap();
    };
    set(0);
    let error = PostgresStore::create(&server.address("b"), &generation(), NOW).unwrap_err();
    assert!(matches!(error, Error::Database { .. }), "{error}");
    set(2);
    let people = PostgresStore::open(&address).unwrap().people().unwrap();
    assert_eq!(people.len(), 1);
}

#[test]
fn a_schema_of_format_1_is_brought_to_the_current_one() {
    let Some(server) = Server::start() else {
        return;
    };
    let address = server.address("a");
    let mut store = PostgresStore::create(&address, &generation(), NOW).unwrap();
    let ada = store.add_person(&person("ada"), NOW).unwrap();
    drop(store);
    server
        .client()
        .batch_execute("DROP TABLE done_request; UPDATE format SET number = 1")
        .unwrap();
    // Several servers that are started at once.
    let openers: Vec<_> = (0..4)
        .map(|_| {
            let address = address.clone();
            std::thread::spawn(move || PostgresStore::open(&address))
        })
        .collect();
    for opener in openers {
        let mut store = opener.join().unwrap().unwrap();
        assert_eq!(store.people().unwrap(), std::slice::from_ref(&ada));
        let request = store.digest_key().request(&[7; 32]);
        store.note_request(&request, NOW, 0).unwrap();
        assert_eq!(store.request_time(&request).unwrap(), Some(NOW));
        assert_eq!(store.check().unwrap(), []);
    }
}

#[test]
fn of_more_than_ten_thousand_requests_of_a_gallery_the_oldest_go() {
    let Some(server) = Server::start() else {
        return;
    };
    let [mut store, mut beside] = ["a", "b"]
        .map(|name| PostgresStore::create(&server.address(name), &generation(), NOW).unwrap());
    let [first, last] = [1, 2].map(|number| store.digest_key().request(&[number; 32]));
    let untouched = beside.digest_key().request(&[1; 32]);
    beside.note_request(&untouched, NOW, 0).unwrap();
    store.note_request(&first, NOW, 0).unwrap();
    let filled = "INSERT INTO done_request SELECT id, lpad(number::text, 32, '0')::bytea, $1::bigint + number \
                  FROM gallery, generate_series(1, 9999) AS number WHERE name = 'a'";
    assert_eq!(server.client().execute(filled, &[&NOW]).unwrap(), 9999);
    // As one of the ten thousand it takes nobody's place.
    store.note_request(&first, NOW, 0).unwrap();
    assert_eq!(store.request_time(&first).unwrap(), Some(NOW));
    store.note_request(&last, NOW + 10_000, 0).unwrap();
    assert_eq!(store.request_time(&first).unwrap(), None);
    assert_eq!(store.request_time(&last).unwrap(), Some(NOW + 10_000));
    assert_eq!(beside.request_time(&untouched).unwrap(), Some(NOW));
}

#[test]
fn several_make_galleries_in_an_empty_database_at_once() {
    let Some(server) = Server::start() else {
        return;
    };
    let makers: Vec<_> = (0..8)
        .map(|number| {
            let address = server.address(&format!("gallery-{}", number / 2));
            std::thread::spawn(move || PostgresStore::create(&address, &generation(), NOW))
        })
        .collect();
    let made: Vec<_> = makers
        .into_iter()
        .map(|maker| maker.join().unwrap())
        .collect();
    for pair in made.chunks(2) {
        assert_eq!(pair.iter().filter(|made| made.is_ok()).count(), 1);
        let exists = |made: &Result<_, Error>| matches!(made, Err(Error::Exists { .. }));
        assert_eq!(
            pair.iter().filter(|made| exists(made)).count(),
            1,
            "{pair:?}"
        );
    }
}

#[test]
fn galleries_of_a_database_know_nothing_of_each_other() {
    let Some(server) = shared() else { return };
    let mut stores = ["one", "two"]
        .map(|name| PostgresStore::create(&server.address(name), &generation(), NOW).unwrap());
    for store in &mut stores {
        let added = store.add_person(&person("ada"), NOW).unwrap().number;
        let new = template(store, added, 1);
        let id = store.enrol(&[new], NOW).unwrap()[0].id;
        assert_eq!((added, id), (1, 1));
    }
    let [one, two] = &mut stores;
    assert_ne!(one.digest_key(), two.digest_key());
    one.forget_person(1, NOW).unwrap();
    assert_eq!(two.people().unwrap().len(), 1);
    assert_eq!(two.count_templates(1).unwrap(), 1);
    assert_eq!(two.last_change().unwrap(), 3);

    // As docs/serve.md says that a gallery is dropped.
    one.add_person(&person("grace"), NOW).unwrap();
    let dropped = "DELETE FROM siamese_gallery.gallery WHERE name = 'one'";
    assert_eq!(server.client().execute(dropped, &[]).unwrap(), 1);
    assert!(matches!(
        one.active_generation(),
        Err(Error::Unknown { .. })
    ));
    let added = one.add_person(&person("ada"), NOW);
    assert!(matches!(added, Err(Error::Unknown { .. })), "{added:?}");
    assert_eq!(two.people().unwrap().len(), 1);
}

#[test]
fn a_check_finds_rows_that_cannot_be() {
    let Some(server) = shared() else { return };
    let mut whole = PostgresStore::create(&server.address("check"), &generation(), NOW).unwrap();
    let ada = whole.add_person(&person("ada"), NOW).unwrap().number;
    let news: Vec<NewTemplate> = (0..3).map(|number| template(&whole, ada, number)).collect();
    whole.enrol(&news, NOW).unwrap();
    assert_eq!(whole.check().unwrap(), []);
    server
        .client()
        .batch_execute(
            "BEGIN; SET LOCAL session_replication_role = replica;    -- nothing is checked
             UPDATE template SET vector = '[1]' WHERE id = 1 AND gallery = (SELECT id FROM gallery WHERE name = 'check');
             UPDATE template SET person = 77 WHERE id = 2 AND gallery = (SELECT id FROM gallery WHERE name = 'check');
             UPDATE person SET metadata = 'no json' WHERE gallery = (SELECT id FROM gallery WHERE name = 'check');
             COMMIT",
        )
        .unwrap();
    let found = whole.check().unwrap();
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    for expected in [
        "template 1, vector: 1 values, expected 8",
        "template 2 of person 77: names a person",
        "person 1, metadata",
    ] {
        assert!(
            found.iter().any(|what| what.contains(expected)),
            "{found:?}"
        );
    }
}

#[test]
fn text_that_a_database_cannot_keep_is_refused() {
    let Some(server) = shared() else { return };
    let mut store = PostgresStore::create(&server.address("text"), &generation(), NOW).unwrap();
    for name in ["a\0b", "\0"] {
        let named = NewPerson {
            name: Some(name.to_owned()),
            ..person("ada")
        };
        for new in [person(name), named] {
            let error = store.add_person(&new, NOW).unwrap_err();
            assert!(matches!(error, Error::Argument { .. }), "{error}");
        }
    }
    let odd = NewPerson {
        name: Some("\u{1F600} \u{202E}'; DROP TABLE person; --".to_owned()),
        metadata: serde_json::from_str(r#"{"z": 1e300, "a": "\u0000", "n": 0.1}"#).unwrap(),
        ..person("O'Neil \"$1\"")
    };
    let added = store.add_person(&odd, NOW).unwrap();
    assert_eq!(store.person(added.number).unwrap(), Some(added));
}

#[test]
fn a_gallery_moves_into_a_database_and_back() {
    let Some(server) = shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut file = store(&folder.path().join("a.db"));
    let ada = file.add_person(&person("ada"), NOW).unwrap().number;
    // More than are read at a time.
    let news: Vec<NewTemplate> = (0..5000)
        .map(|number| template(&file, ada, number))
        .collect();
    file.enrol(&news, NOW).unwrap();
    file.put_model("test model", b"weights").unwrap();
    let contents = file.contents().unwrap();
    let database = server.place("moved").create_from(&contents).unwrap();
    assert_eq!(database.contents().unwrap(), contents);
    let mut visited = 0;
    database
        .each_template(1, &mut |template| {
            visited += 1;
            assert_eq!(template.id, visited);
            Ok(())
        })
        .unwrap();
    assert_eq!(visited, 5000);
    let back = SqliteStore::create_from(&folder.path().join("b.db"), &database.contents().unwrap());
    assert_eq!(back.unwrap().contents().unwrap(), contents);
    let again = server.place("moved").create_from(&contents).unwrap_err();
    assert!(matches!(again, Error::Exists { .. }), "{again}");
}

#[test]
fn what_the_server_says_of_a_row_is_not_repeated() {
    let Some(server) = Server::start() else {
        return;
    };
    let mut store = PostgresStore::create(&server.address("a"), &generation(), NOW).unwrap();
    let refuse = "ALTER TABLE person ADD CONSTRAINT nobody CHECK (number < 0)";
    server.client().batch_execute(refuse).unwrap();
    let error = store.add_person(&person("ada-the-first"), NOW).unwrap_err();
    let said = format!("{error}: {}", std::error::Error::source(&error).unwrap());
    assert!(said.contains("nobody") && said.contains("23514"), "{said}");
    assert!(
        !said.contains("ada") && !format!("{error:?}").contains("ada"),
        "{error:?}"
    );
}

/// Whether any file below the folder holds these bytes.
fn somewhere(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return somewhere(&path, wanted);
        }
        // What is gone by now held nothing.
        let bytes = fs::read(path).unwrap_or_default();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn what_was_deleted_is_in_no_table_once_it_is_compacted() {
    let Some(server) = Server::start() else {
        return;
    };
    let place: Place = server.place("deleted");
    let mut store = place.create(&generation(), NOW).unwrap();
    for number in 0..200 {
        let added = store
            .add_person(&person(&format!("external-{number:04}-id")), NOW)
            .unwrap();
        let new = template(&store, added.number, number);
        store.enrol(&[new], NOW).unwrap();
    }
    let checkpoint = || {
        server
            .client()
            .execute("CHECKPOINT", &[])
            .map(drop)
            .unwrap()
    };
    let traces = |number: u64| {
        // pgvector keeps values as the processor does.
        let vector: Vec<u8> = crate::made::vector(number)
            .iter()
            .flat_map(|value| value.to_ne_bytes())
            .collect();
        [vector, format!("external-{number:04}-id").into_bytes()]
    };
    let tables = server.folder().join("data/base");
    checkpoint();
    for number in [7, 100, 150] {
        let found = traces(number).iter().all(|trace| somewhere(&tables, trace));
        assert!(found, "the test looks where they were");
    }
    for number in [7, 100] {
        let found = store.person_by_external_id(&format!("external-{number:04}-id"));
        store
            .forget_person(found.unwrap().unwrap().number, NOW)
            .unwrap();
    }
    // What is left of their rows was given back each time.
    let vacuumed: i64 = server
        .client()
        .query_one("SELECT min(vacuum_count)::bigint FROM pg_stat_user_tables WHERE relname IN ('person', 'template')", &[])
        .unwrap()
        .get(0);
    assert!(vacuumed >= 2, "{vacuumed}");
    store.compact().unwrap();
    checkpoint();
    for number in [7, 100] {
        for trace in traces(number) {
            assert!(
                !somewhere(&tables, &trace),
                "{number}: {:?}",
                String::from_utf8_lossy(&trace)
            );
        }
    }
    assert!(traces(150).iter().all(|trace| somewhere(&tables, trace)));
    assert_eq!(store.check().unwrap(), []);
}
