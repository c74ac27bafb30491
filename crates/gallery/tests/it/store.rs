//! The stores: what they keep, what they refuse, and what is said of files that are no galleries.

use std::fs;

use gallery::{
    Calibration, ChangeKind, Direction, Error, Exclusion, FmrPoint, Fusion, Made, Metric,
    NewGeneration, NewPerson, NewTemplate, Rejection, SqliteStore, Store,
};
use rusqlite::Connection;

use crate::made::{Home, NOW, generation, on_each_store, person, store, template, vector};

on_each_store!(
    requests_are_noted_for_a_time_and_the_oldest_go,
    what_was_put_in_is_there_after_it_was_opened_again,
    the_same_picture_of_the_same_person_is_one_template,
    numbers_are_never_used_again,
    what_cannot_be_is_refused_and_changes_nothing,
    people_come_with_their_templates_or_not_at_all,
    a_generation_is_built_beside_the_old_one_and_swapped_in,
    a_calibration_of_other_scores_or_one_that_contradicts_itself_is_refused,
    two_programs_may_write_in_turn,
);

fn what_was_put_in_is_there_after_it_was_opened_again(home: &Home) {
    let mut first = home.store("a");
    let given = NewPerson {
        external_id: "7".to_owned(),
        name: Some("Ada".to_owned()),
        metadata: serde_json::from_str(r#"{"room": 12, "groups": ["a", "b"]}"#).unwrap(),
        expires_ms: Some(NOW + 5),
    };
    let ada = first.add_person(&given, NOW).unwrap();
    assert_eq!(ada.uuid.get_version_num(), 7);
    let new = template(&first, ada.number, 3);
    let enrolled = first.enrol(std::slice::from_ref(&new), NOW + 1).unwrap()[0];
    let rejection = Rejection {
        person: Some(ada.number),
        picture: new.picture,
        reason: "too dark".to_owned(),
        at_ms: NOW + 2,
    };
    first.reject(&rejection).unwrap();
    let exclusion = Exclusion {
        person: ada.number,
        picture: new.picture,
        at_ms: NOW + 3,
    };
    first.exclude(&exclusion).unwrap();
    first.put_model("test model", b"weights").unwrap();
    drop(first);

    let second = home.open("a");
    assert_eq!(second.people().unwrap(), std::slice::from_ref(&ada));
    assert_eq!(
        second.person_by_external_id("7").unwrap(),
        Some(ada.clone())
    );
    assert_eq!(second.person_by_external_id("8").unwrap(), None);
    let kept = second.template(enrolled.id).unwrap().unwrap();
    assert_eq!((kept.given, kept.created_ms), (new, NOW + 1));
    assert_eq!(second.rejections().unwrap(), [rejection]);
    assert_eq!(second.exclusions().unwrap(), [exclusion]);
    assert_eq!(
        second.model("test model").unwrap().as_deref(),
        Some(&b"weights"[..])
    );
    assert_eq!(second.model("another").unwrap(), None);
    let kinds: Vec<ChangeKind> = second
        .changes_after(0)
        .unwrap()
        .iter()
        .map(|change| change.kind)
        .collect();
    use ChangeKind::{GenerationAdded, Noted, PersonAdded, TemplateAdded};
    assert_eq!(
        kinds,
        [GenerationAdded, PersonAdded, TemplateAdded, Noted, Noted]
    );
    assert_eq!(second.check().unwrap(), []);
}

fn the_same_picture_of_the_same_person_is_one_template(home: &Home) {
    let mut store = home.store("a");
    let ada = store.add_person(&person("ada"), NOW).unwrap().number;
    let grace = store.add_person(&person("grace"), NOW).unwrap().number;
    let new = template(&store, ada, 1);
    let first = store.enrol(&[new.clone(), new.clone()], NOW).unwrap();
    assert_eq!((first[0].new, first[1].new), (true, false));
    assert_eq!(first[0].id, first[1].id);
    assert!(!store.enrol(std::slice::from_ref(&new), NOW).unwrap()[0].new);
    assert!(
        store
            .enrol(
                &[NewTemplate {
                    person: grace,
                    ..new
                }],
                NOW
            )
            .unwrap()[0]
            .new
    );
    assert_eq!(store.count_templates(1).unwrap(), 2);
}

fn numbers_are_never_used_again(home: &Home) {
    let mut store = home.store("a");
    let ada = store.add_person(&person("ada"), NOW).unwrap().number;
    let new = template(&store, ada, 1);
    let first = store.enrol(&[new], NOW).unwrap()[0].id;
    store.forget_person(ada, NOW).unwrap();
    let again = store.add_person(&person("ada"), NOW).unwrap().number;
    assert!(again > ada);
    let new = template(&store, again, 1);
    assert!(store.enrol(&[new], NOW).unwrap()[0].id > first);
}

fn what_cannot_be_is_refused_and_changes_nothing(home: &Home) {
    let mut store = home.store("a");
    let ada = store.add_person(&person("ada"), NOW).unwrap().number;
    let good = template(&store, ada, 1);
    let changes = store.last_change().unwrap();

    assert!(matches!(
        store.add_person(&person("ada"), NOW),
        Err(Error::TakenExternalId { .. })
    ));
    assert!(matches!(
        store.add_person(&person(""), NOW),
        Err(Error::Argument { .. })
    ));
    assert!(matches!(
        store.change_person(9, &person("x"), NOW),
        Err(Error::Unknown { what: "person", .. })
    ));
    let mut enrol = |new: NewTemplate| store.enrol(&[good.clone(), new], NOW).unwrap_err();
    assert!(matches!(
        enrol(NewTemplate {
            person: 9,
            ..good.clone()
        }),
        Error::Unknown { what: "person", .. }
    ));
    assert!(matches!(
        enrol(NewTemplate {
            generation: 9,
            ..good.clone()
        }),
        Error::Unknown {
            what: "generation",
            ..
        }
    ));
    assert!(matches!(
        enrol(NewTemplate {
            vector: vec![1.0],
            ..good.clone()
        }),
        Error::Dimension {
            expected: 8,
            found: 1
        }
    ));
    assert!(matches!(
        enrol(NewTemplate {
            vector: vec![f32::NAN; 8],
            ..good.clone()
        }),
        Error::NotFinite { .. }
    ));
    assert!(matches!(
        enrol(NewTemplate {
            vector: vec![0.0; 8],
            ..good.clone()
        }),
        Error::Degenerate { .. }
    ));
    let relative = gallery::NewGeneration {
        fusion: gallery::Fusion::Relative,
        ..store.generations().unwrap()[0].made_for.clone()
    };
    assert!(matches!(
        store.add_generation(&relative, NOW),
        Err(Error::Argument { .. })
    ));
    assert!(matches!(
        store.delete_template(5, NOW),
        Err(Error::Unknown {
            what: "template",
            ..
        })
    ));
    assert!(matches!(
        store.forget_person(5, NOW),
        Err(Error::Unknown { what: "person", .. })
    ));
    let picture = good.picture;
    assert!(matches!(
        store.exclude(&Exclusion {
            person: 9,
            picture,
            at_ms: NOW
        }),
        Err(Error::Unknown { .. })
    ));
    assert!(matches!(
        home.place("a").create(&generation(), NOW),
        Err(Error::Exists { .. })
    ));

    assert_eq!(store.count_templates(1).unwrap(), 0);
    assert_eq!(store.last_change().unwrap(), changes);
    let names: Vec<_> = fs::read_dir(home.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert!(
        names
            .iter()
            .all(|name| name.to_str().unwrap().starts_with("a.db")),
        "{names:?}"
    );
    assert!(
        names
            .iter()
            .all(|name| !name.to_str().unwrap().ends_with(".new")),
        "{names:?}"
    );
}

fn a_generation_is_built_beside_the_old_one_and_swapped_in(home: &Home) {
    let mut store = home.store("a");
    let ada = store.add_person(&person("ada"), NOW).unwrap().number;
    let old = template(&store, ada, 1);
    let picture = old.picture;
    store.enrol(&[old], NOW).unwrap();
    store.put_model("test model", b"old").unwrap();
    let made_for = NewGeneration {
        contract: "new model".to_owned(),
        dimension: 2,
        metric: Metric::Euclidean,
        fusion: Fusion::Mean,
    };
    let number = store.add_generation(&made_for, NOW).unwrap();
    store.put_model("new model", b"new").unwrap();
    let new = NewTemplate {
        person: ada,
        generation: number,
        vector: vec![1.0, 2.0],
        picture,
        quality: Default::default(),
    };
    store.enrol(&[new], NOW).unwrap();
    assert_eq!(store.active_generation().unwrap().number, 1);
    assert!(matches!(
        store.prune_generation(1, NOW),
        Err(Error::ActiveGeneration { number: 1 })
    ));
    store.activate_generation(number, NOW).unwrap();
    assert_eq!(store.active_generation().unwrap().made_for, made_for);
    assert_eq!(
        store.model("test model").unwrap().as_deref(),
        Some(&b"old"[..])
    );
    store.prune_generation(1, NOW).unwrap();
    assert_eq!(store.generations().unwrap().len(), 1);
    assert_eq!(
        (
            store.count_templates(1).unwrap(),
            store.count_templates(number).unwrap()
        ),
        (0, 1)
    );
    assert_eq!(store.model("test model").unwrap(), None);
    assert_eq!(store.check().unwrap(), []);
}

fn a_calibration_of_other_scores_or_one_that_contradicts_itself_is_refused(home: &Home) {
    let mut store = home.store("a");
    let made = Made::new("by hand", 100);
    let mut good = Calibration::new(Direction::Similarity, Fusion::Best, 1, made);
    good.comparisons = vec![FmrPoint::new(0.1, 0.3), FmrPoint::new(0.01, 0.5)];
    store.set_calibration(1, Some(&good), NOW).unwrap();
    assert_eq!(
        store.active_generation().unwrap().calibration.as_ref(),
        Some(&good)
    );
    for (direction, fusion) in [
        (Direction::Similarity, Fusion::Mean),
        (Direction::Distance, Fusion::Best),
    ] {
        let made = Made::new("by hand", 100);
        let other = Calibration::new(direction, fusion, 1, made);
        assert!(matches!(
            store.set_calibration(1, Some(&other), NOW),
            Err(Error::OtherCalibration { .. })
        ));
    }
    for points in [
        vec![FmrPoint::new(0.1, 0.5), FmrPoint::new(0.01, 0.3)],
        vec![FmrPoint::new(0.0, 0.5)],
        vec![FmrPoint::new(0.1, f64::NAN)],
    ] {
        let mut wrong = good.clone();
        wrong.comparisons = points;
        assert!(matches!(
            store.set_calibration(1, Some(&wrong), NOW),
            Err(Error::Calibration { .. })
        ));
    }
    assert_eq!(store.active_generation().unwrap().calibration, Some(good));
    store.set_calibration(1, None, NOW).unwrap();
    assert_eq!(store.active_generation().unwrap().calibration, None);
}

#[test]
fn files_that_are_no_galleries_are_told_from_those_that_are_damaged_or_too_new() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    assert!(matches!(
        SqliteStore::open(&path("none.db")),
        Err(Error::NoSuchGallery { .. })
    ));

    fs::write(path("empty.db"), b"").unwrap();
    fs::write(
        path("text.db"),
        b"these are just some words, and more of them",
    )
    .unwrap();
    for name in ["empty.db", "text.db"] {
        let before = fs::read(path(name)).unwrap();
        assert!(
            matches!(SqliteStore::open(&path(name)), Err(Error::Foreign { .. })),
            "{name}"
        );
        assert_eq!(fs::read(path(name)).unwrap(), before);
    }

    Connection::open(path("other.db"))
        .unwrap()
        .execute_batch("CREATE TABLE x (y)")
        .unwrap();
    let before = fs::read(path("other.db")).unwrap();
    let error = SqliteStore::open(&path("other.db"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("another program"), "{error}");
    assert_eq!(
        fs::read(path("other.db")).unwrap(),
        before,
        "a foreign database is left as it is"
    );

    drop(store(&path("new.db")));
    Connection::open(path("new.db"))
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let error = SqliteStore::open(&path("new.db")).unwrap_err();
    assert!(
        matches!(
            error,
            Error::FutureFormat {
                found: 99,
                known: 3,
                ..
            }
        ),
        "{error}"
    );

    let mut whole = store(&path("cut.db"));
    for number in 0..200 {
        let added = whole
            .add_person(&person(&format!("person {number}")), NOW)
            .unwrap()
            .number;
        let new = template(&whole, added, number);
        whole.enrol(&[new], NOW).unwrap();
    }
    drop(whole);
    let bytes = fs::read(path("cut.db")).unwrap();
    fs::write(path("cut.db"), &bytes[..bytes.len() / 2]).unwrap();
    let damaged = SqliteStore::open(&path("cut.db")).and_then(|store| store.people().map(drop));
    let found = SqliteStore::open(&path("cut.db")).and_then(|store| store.check());
    assert!(
        matches!(damaged, Err(Error::Damaged { .. }))
            || found.as_ref().is_ok_and(|found| !found.is_empty()),
        "{damaged:?}, {found:?}"
    );
}

#[test]
fn a_check_finds_rows_that_cannot_be() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut whole = store(&path);
    let ada = whole.add_person(&person("ada"), NOW).unwrap().number;
    let news: Vec<NewTemplate> = (0..3).map(|number| template(&whole, ada, number)).collect();
    whole.enrol(&news, NOW).unwrap();
    assert_eq!(whole.check().unwrap(), []);
    let other = Connection::open(&path).unwrap();
    other.pragma_update(None, "foreign_keys", "OFF").unwrap();
    other
        .execute_batch(
            "UPDATE template SET vector = x'00000000' WHERE id = 1;
             UPDATE template SET person = 77 WHERE id = 2;
             UPDATE person SET metadata = 'no json';",
        )
        .unwrap();
    let found: Vec<String> = whole
        .check()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found
            .iter()
            .any(|what| what.contains("template 1, vector: 1 values, expected 8")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|what| what.contains("template 2: names a person")),
        "{found:?}"
    );
    assert!(
        found.iter().any(|what| what.contains("person 1, metadata")),
        "{found:?}"
    );
}

fn two_programs_may_write_in_turn(home: &Home) {
    drop(home.store("a"));
    let threads: Vec<_> = (0..2u64)
        .map(|thread| {
            let place = home.place("a");
            std::thread::spawn(move || {
                let mut store = place.open().unwrap();
                for number in 0..20 {
                    let added = store
                        .add_person(&person(&format!("{thread}/{number}")), NOW)
                        .unwrap()
                        .number;
                    let new = template(&store, added, number);
                    store.enrol(&[new], NOW).unwrap();
                }
            })
        })
        .collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    let store = home.open("a");
    assert_eq!(
        (
            store.people().unwrap().len(),
            store.count_templates(1).unwrap()
        ),
        (40, 40)
    );
    assert_eq!(store.template(1).unwrap().unwrap().given.vector, vector(0));
}

#[test]
fn of_more_than_ten_thousand_requests_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut store = store(&path);
    let first = store.digest_key().request(&[1; 32]);
    store.note_request(&first, NOW, 0).unwrap();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(&format!(
            "WITH RECURSIVE counted (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM counted WHERE number < 9999)
             INSERT INTO done_request SELECT CAST(printf('%032d', number) AS BLOB), {NOW} + number FROM counted"
        ))
        .unwrap();
    let last = store.digest_key().request(&[2; 32]);
    // As one of the ten thousand it takes nobody's place.
    store.note_request(&first, NOW, 0).unwrap();
    assert_eq!(store.request_time(&first).unwrap(), Some(NOW));
    store.note_request(&last, NOW + 10_000, 0).unwrap();
    assert_eq!(store.request_time(&first).unwrap(), None);
    assert_eq!(store.request_time(&last).unwrap(), Some(NOW + 10_000));
    let count = other.query_row("SELECT count(*) FROM done_request", [], |row| row.get(0));
    assert_eq!(count, Ok(10_000));
}

fn requests_are_noted_for_a_time_and_the_oldest_go(home: &Home) {
    let mut store = home.store("a");
    let key = store.digest_key().clone();
    let request = |number: u64| {
        let mut name = [0; 32];
        name[..8].copy_from_slice(&number.to_le_bytes());
        key.request(&name)
    };
    let before = store.last_change().unwrap();
    assert_eq!(store.request_time(&request(1)).unwrap(), None);
    store.note_request(&request(1), NOW, NOW - 1).unwrap();
    store.note_request(&request(2), NOW + 5, NOW - 1).unwrap();
    assert_eq!(store.request_time(&request(1)).unwrap(), Some(NOW));
    store.note_request(&request(1), NOW + 1, NOW - 1).unwrap();
    assert_eq!(store.request_time(&request(1)).unwrap(), Some(NOW + 1));
    // It changes nothing that a search would have to take in.
    assert_eq!(store.last_change().unwrap(), before);
    store.note_request(&request(3), NOW + 9, NOW + 1).unwrap();
    assert_eq!(store.request_time(&request(1)).unwrap(), None);
    assert_eq!(store.request_time(&request(2)).unwrap(), Some(NOW + 5));
    drop(store);
    let store = home.open("a");
    assert_eq!(store.request_time(&request(3)).unwrap(), Some(NOW + 9));
    assert_ne!(key.request(&[1; 32]).0, key.digest(&[1; 32]).0);
}

fn people_come_with_their_templates_or_not_at_all(home: &Home) {
    let mut store = home.store("a");
    let ada = store.add_person(&person("ada"), NOW).unwrap().number;
    let of = |store: &gallery::AnyStore, person, picture| NewTemplate {
        person,
        ..template(store, ada, picture)
    };
    let both = [person("bob"), person("cid")];
    let templates = [
        of(&store, gallery::NEW_PERSON + 1, 1),
        of(&store, ada, 2),
        of(&store, gallery::NEW_PERSON, 3),
    ];
    let changes = store.last_change().unwrap();
    // Somebody who is there already, and a template of somebody who is not.
    for (people, person) in [
        ([person("dan"), person("ada")], ada),
        ([person("dan"), person("eve")], 99),
    ] {
        let wrong = [of(&store, person, 1)];
        assert!(store.enrol_with(&people, &wrong, NOW).is_err());
        assert!(store.person_by_external_id("dan").unwrap().is_none());
        assert_eq!(store.last_change().unwrap(), changes);
    }
    let (added, enrolled) = store.enrol_with(&both, &templates, NOW).unwrap();
    assert_eq!(enrolled.len(), 3);
    let names: Vec<&str> = added
        .iter()
        .map(|one| one.given.external_id.as_str())
        .collect();
    assert_eq!(names, ["bob", "cid"]);
    for (number, id) in [(added[1].number, 0), (ada, 1), (added[0].number, 2)] {
        let found = store.template(enrolled[id].id).unwrap().unwrap();
        assert_eq!(found.given.person, number);
    }
}
