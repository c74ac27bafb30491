//! Deleting deletes: not a byte is left in the files.

use std::fs;
use std::path::Path;

use gallery::{NewPerson, NewTemplate, Rejection, Store};

use crate::made::{NOW, person, store, template};

/// Whether any file of the folder holds these bytes.
fn somewhere(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(wanted.len()).any(|window| window == wanted)
    })
}

/// Some bytes of a template that no other template has.
fn bytes(new: &NewTemplate) -> Vec<u8> {
    new.vector
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect()
}

#[test]
fn not_a_byte_of_a_person_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut store = store(&path);
    let mut people = Vec::new();
    // Enough for several pages, so that pages are split, merged and freed.
    for number in 0..300u64 {
        let new = NewPerson {
            external_id: format!("external-{number:04}-id"),
            name: Some(format!("name-{number:04}-of-somebody")),
            metadata: serde_json::from_str(&format!(r#"{{"room": "metadata-{number:04}-x"}}"#))
                .unwrap(),
            expires_ms: (number % 3 == 0).then_some(NOW + 10),
        };
        let added = store.add_person(&new, NOW).unwrap();
        let news: Vec<NewTemplate> = (0..3)
            .map(|k| template(&store, added.number, number * 10 + k))
            .collect();
        let ids = store.enrol(&news, NOW).unwrap();
        let reason = format!("reason-{number:04}-given");
        let picture = store
            .digest_key()
            .digest(format!("rejected {number}").as_bytes());
        store
            .reject(&Rejection {
                person: Some(added.number),
                picture,
                reason: reason.clone(),
                at_ms: NOW,
            })
            .unwrap();
        people.push((added, news, ids, reason));
    }
    let traces = |at: usize| {
        let (added, news, _, reason) = &people[at];
        let mut traces: Vec<Vec<u8>> = news.iter().map(bytes).collect();
        traces.extend(news.iter().map(|new| new.picture.0.to_vec()));
        traces.push(added.given.external_id.clone().into_bytes());
        traces.push(added.given.name.clone().unwrap().into_bytes());
        traces.push(format!("metadata-{at:04}-x").into_bytes());
        traces.push(added.uuid.as_bytes().to_vec());
        traces.push(reason.clone().into_bytes());
        traces
    };
    let gone = |at: usize, store: &dyn Store| {
        for trace in traces(at) {
            assert!(
                !somewhere(folder.path(), &trace),
                "{at}: {:?} is left",
                String::from_utf8_lossy(&trace)
            );
        }
        assert_eq!(store.person(people[at].0.number).unwrap(), None);
    };
    assert!(
        traces(7)
            .iter()
            .all(|trace| somewhere(folder.path(), trace)),
        "the test looks where they were"
    );

    for at in [7, 8, 100, 299] {
        store.forget_person(people[at].0.number, NOW).unwrap();
        gone(at, &store);
    }
    // A single template, and a name that is changed.
    store.delete_template(people[10].2[1].id, NOW).unwrap();
    assert!(!somewhere(folder.path(), &bytes(&people[10].1[1])));
    assert!(somewhere(folder.path(), &bytes(&people[10].1[2])));
    store
        .change_person(people[11].0.number, &person("another"), NOW)
        .unwrap();
    assert!(
        !somewhere(folder.path(), b"name-0011-of-somebody")
            && !somewhere(folder.path(), b"external-0011-id")
    );

    let forgotten = store.forget_expired(NOW + 10).unwrap();
    assert_eq!(forgotten.len(), 100);
    for at in (0..300).step_by(30) {
        gone(at, &store);
    }
    assert!(store.forget_expired(NOW + 10).unwrap().is_empty());
    store.compact().unwrap();
    assert_eq!(store.check().unwrap(), []);
    gone(0, &store);
    assert!(
        traces(1)
            .iter()
            .all(|trace| somewhere(folder.path(), trace)),
        "who was not deleted is there"
    );
}

#[test]
fn a_reader_that_keeps_old_bytes_alive_is_named() {
    use gallery::Error;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut store = store(&path);
    let ada = store
        .add_person(&person("ada-the-first"), NOW)
        .unwrap()
        .number;
    let reader = rusqlite::Connection::open(&path).unwrap();
    let reading = reader.unchecked_transaction().unwrap();
    let _: i64 = reading
        .query_row("SELECT count(*) FROM person", [], |row| row.get(0))
        .unwrap();
    assert!(matches!(
        store.forget_person(ada, NOW),
        Err(Error::StillInJournal { .. })
    ));
    assert_eq!(store.person(ada).unwrap(), None);
    drop(reading);
    store.compact().unwrap();
    assert!(!somewhere(folder.path(), b"ada-the-first"));
}
