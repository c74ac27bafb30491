//! Pictures that are kept, numbers that are never given twice, and what killed processes leave.

use std::fs;

use gallery::{AnyStore, Contents, Error, Gallery, KeptPicture, SqliteStore, Store};

use crate::made::{Home, NOW, generation, on_each_store, person, store, template, vector};

on_each_store!(
    kept_pictures_go_with_their_person_and_with_their_last_template,
    a_copy_gives_no_number_again_whose_row_was_deleted,
    an_export_of_format_1_is_read,
    several_templates_are_enrolled_at_once_or_none,
);

fn kept_pictures_go_with_their_person_and_with_their_last_template(home: &Home) {
    let mut store = home.store("a");
    let mut enrolled = Vec::new();
    for (number, name) in [(1, "ada"), (2, "grace")] {
        let owner = store.add_person(&person(name), NOW).unwrap().number;
        let new = template(&store, owner, number);
        let kept = KeptPicture {
            person: owner,
            picture: new.picture,
            bytes: format!("picture of {name}").into_bytes(),
        };
        assert!(
            !format!("{kept:?}").contains("112, 105, 99, 116"),
            "bytes in Debug"
        );
        let id = store.enrol(&[new], NOW).unwrap()[0].id;
        store.keep_pictures(&[kept.clone(), kept.clone()]).unwrap();
        enrolled.push((id, kept));
    }
    assert_eq!(store.count_pictures().unwrap(), 2);
    let (ada, grace) = (&enrolled[0], &enrolled[1]);
    let bytes = |store: &AnyStore, kept: &KeptPicture| {
        store.kept_picture(kept.person, &kept.picture).unwrap()
    };
    assert_eq!(
        bytes(&store, &ada.1).as_deref(),
        Some(&b"picture of ada"[..])
    );
    assert_eq!(
        store.people_with_picture(1, &ada.1.picture).unwrap(),
        [ada.1.person]
    );
    assert!(
        store
            .people_with_picture(2, &ada.1.picture)
            .unwrap()
            .is_empty()
    );

    let exported = home.folder.path().join("out");
    store.contents().unwrap().write_to(&exported).unwrap();
    let read = Contents::read_from(&exported).unwrap();
    assert_eq!(read, store.contents().unwrap());

    store.delete_template(ada.0, NOW).unwrap();
    assert_eq!(bytes(&store, &ada.1), None);
    store.forget_person(grace.1.person, NOW).unwrap();
    assert_eq!(store.count_pictures().unwrap(), 0);
    drop(store);
    if let Some(path) = home.place("a").file() {
        let left = fs::read(path).unwrap();
        for name in ["picture of ada", "picture of grace"] {
            assert!(
                !left
                    .windows(name.len())
                    .any(|window| window == name.as_bytes()),
                "{name}"
            );
        }
    }
    let missing = KeptPicture {
        person: 99,
        ..ada.1.clone()
    };
    let error = home.open("a").keep_pictures(&[missing]).unwrap_err();
    assert!(matches!(error, Error::Unknown { .. }), "{error}");
}

fn a_copy_gives_no_number_again_whose_row_was_deleted(home: &Home) {
    let mut first = home.store("a");
    let numbers: Vec<u64> = ["a", "b"]
        .map(|name| first.add_person(&person(name), NOW).unwrap().number)
        .into();
    let new = template(&first, numbers[1], 7);
    let id = first.enrol(&[new], NOW).unwrap()[0].id;
    first.forget_person(numbers[1], NOW).unwrap();
    let added = first.add_generation(&generation(), NOW).unwrap();
    first.prune_generation(added, NOW).unwrap();

    let exported = home.folder.path().join("out");
    first.contents().unwrap().write_to(&exported).unwrap();
    let read = Contents::read_from(&exported).unwrap();
    let mut copy = home.place("b").create_from(&read).unwrap();
    let person = copy.add_person(&person("c"), NOW).unwrap().number;
    assert_eq!(person, numbers[1] + 1);
    let new = template(&copy, person, 8);
    assert_eq!(copy.enrol(&[new], NOW).unwrap()[0].id, id + 1);
    assert_eq!(copy.add_generation(&generation(), NOW).unwrap(), added + 1);
}

#[test]
fn a_gallery_of_format_1_is_brought_to_the_current_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = store(&path);
    let owner = first.add_person(&person("ada"), NOW).unwrap().number;
    let new = template(&first, owner, 1);
    first.enrol(std::slice::from_ref(&new), NOW).unwrap();
    drop(first);
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(
        "DROP TABLE done_request; DROP TABLE picture; DROP INDEX template_by_picture; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(old);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.check().unwrap(), []);
    assert_eq!(store.count_pictures().unwrap(), 0);
    assert_eq!(store.people_with_picture(1, &new.picture).unwrap(), [owner]);
}

fn an_export_of_format_1_is_read(home: &Home) {
    let mut first = home.store("a");
    first.add_person(&person("ada"), NOW).unwrap();
    let out = home.folder.path().join("out");
    first.contents().unwrap().write_to(&out).unwrap();
    fs::remove_file(out.join("pictures.jsonl")).unwrap();
    let head = fs::read_to_string(out.join("gallery.json")).unwrap();
    let mut head: serde_json::Value = serde_json::from_str(&head).unwrap();
    head["format"] = 1.into();
    head.as_object_mut().unwrap().remove("last_numbers");
    fs::write(out.join("gallery.json"), head.to_string()).unwrap();
    let read = Contents::read_from(&out).unwrap();
    let mut copy = home.place("b").create_from(&read).unwrap();
    assert_eq!(copy.people().unwrap().len(), 1);
    assert_eq!(copy.add_person(&person("grace"), NOW).unwrap().number, 2);
}

#[test]
fn what_a_killed_process_left_beside_a_gallery_is_cleared() {
    let folder = tempfile::tempdir().unwrap();
    let id = uuid::Uuid::now_v7();
    let (gallery, out) = (folder.path().join("a.db"), folder.path().join("out"));
    let left = |name: &str| folder.path().join(format!("{name}.{id}.new"));
    fs::write(left("a.db"), "half").unwrap();
    fs::write(format!("{}-wal", left("a.db").display()), "half").unwrap();
    fs::create_dir(left("out")).unwrap();
    fs::write(left("out").join("people.jsonl"), "half").unwrap();
    let others = ["a.db.new", "a.db.backup.new", "b.db.new"];
    others
        .iter()
        .for_each(|name| fs::write(folder.path().join(name), "mine").unwrap());

    let made = store(&gallery);
    assert!(left("out").exists());
    made.contents().unwrap().write_to(&out).unwrap();
    // Killed between the link and the end: a second name of the gallery itself, while it is open.
    fs::hard_link(&gallery, left("a.db")).unwrap();
    let mut opened = Gallery::open(SqliteStore::open(&gallery).unwrap(), 1 << 20).unwrap();
    opened.add_person(&person("ada"), NOW).unwrap();
    drop((made, opened));

    let mut names: Vec<String> = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["a.db", "a.db.backup.new", "a.db.new", "b.db.new", "out"]
    );
    assert_eq!(
        SqliteStore::open(&gallery).unwrap().people().unwrap().len(),
        1
    );
}

fn several_templates_are_enrolled_at_once_or_none(home: &Home) {
    let mut gallery = Gallery::open(home.store("a"), 1 << 20).unwrap();
    let owner = gallery.add_person(&person("ada"), NOW).unwrap().number;
    let new: Vec<_> = (0..3)
        .map(|number| template(gallery.store(), owner, number))
        .collect();
    let mut wrong = new.clone();
    wrong[2].vector.pop();
    assert!(gallery.enrol_all(wrong, NOW).is_err());
    assert_eq!(gallery.index().len(), 0);
    let enrolled = gallery.enrol_all(new.clone(), NOW).unwrap();
    assert!(enrolled.iter().all(|one| one.new));
    assert_eq!(gallery.index().len(), 3);
    assert!(
        gallery
            .enrol_all(new, NOW)
            .unwrap()
            .iter()
            .all(|one| !one.new)
    );
    let found = gallery.index().nearest(&[&vector(1)], 1, None).unwrap();
    assert_eq!(found[0][0].id, enrolled[1].id);
}

/// Closing a file drops all locks that the process holds on it, whoever took them.
#[cfg(target_os = "linux")]
#[test]
fn opening_a_gallery_again_leaves_the_locks_of_the_first() {
    use std::os::unix::fs::MetadataExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let mut first = store(&path);
    first.add_person(&person("ada"), NOW).unwrap();
    let file = format!(":{} ", fs::metadata(&path).unwrap().ino());
    let locks = || {
        let all = fs::read_to_string("/proc/locks").unwrap();
        all.lines().filter(|line| line.contains(&file)).count()
    };
    let held = locks();
    assert!(held > 0, "the first holds a shared lock");
    let second = SqliteStore::open(&path).unwrap();
    assert!(locks() >= held);
    drop(second);
    assert!(locks() >= held);
}
