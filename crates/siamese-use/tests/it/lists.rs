//! Which pictures are for whom.

use std::fs;
use std::path::Path;

use siamese_use::{entries_of_folder, entries_of_list, expiry, images_below, time_text};

const IMAGE: &[u8] = b"P5 1 1 255 a";

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_folder_of_folders_names_people_and_leaves_out_what_is_no_image() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in [
        "b/2.pgm",
        "b/1.pgm",
        "a/x",
        "c/deep/1.pgm",
        ".hidden/1.pgm",
        "top.pgm",
    ] {
        write(&at(name), IMAGE);
    }
    write(&at("a/notes.txt"), b"nothing to see");
    write(&at("a/.1.pgm"), IMAGE);
    let entries = entries_of_folder(folder.path()).unwrap();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| (&*entry.person.external_id, entry.path.clone()))
        .collect();
    assert_eq!(
        found,
        [("a", at("a/x")), ("b", at("b/1.pgm")), ("b", at("b/2.pgm"))]
    );

    let error = entries_of_folder(&at("a")).unwrap_err().to_string();
    assert!(error.contains("--person"), "{error}");
    let mut below = images_below(folder.path()).unwrap();
    below.sort();
    assert_eq!(
        below,
        ["a/x", "b/1.pgm", "b/2.pgm", "c/deep/1.pgm", "top.pgm"].map(at)
    );
}

#[test]
fn columns_of_a_list_are_what_their_header_says() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("list.csv");
    write(
        &list,
        b"room, id, path, name\n4, ada, 1.png,\"L., Ada\"\n, grace, sub/2.png,\n",
    );
    let entries = entries_of_list(&list).unwrap();
    assert_eq!(entries[0].person.name.as_deref(), Some("L., Ada"));
    assert_eq!(entries[0].person.metadata["room"], "4");
    assert_eq!(entries[1].path, folder.path().join("sub/2.png"));
    assert_eq!(entries[1].person.name, None);
    assert!(entries[1].person.metadata.is_empty());

    for (text, words) in [
        (
            "id,path,x,y,width,height\na,1.png,1,2,3,\n",
            "line 2: expected x,y,width,height",
        ),
        ("id,path\na,1.png,more\n", "line 2"),
        (
            "id,path,kind\na,1.png,genuine\na,2.png,forgery\n",
            "line 3: a forgery",
        ),
        ("", "line 1: expected a header with id,path"),
    ] {
        write(&list, text.as_bytes());
        let error = entries_of_list(&list).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn an_expiry_is_a_day_or_a_time() {
    // date -u -d 2027-01-31 +%s
    assert_eq!(expiry("2027-01-31"), Ok(1_801_353_600_000));
    assert_eq!(expiry("2027-01-31T01:00:00+01:00"), Ok(1_801_353_600_000));
    assert_eq!(time_text(1_801_353_600_000), "2027-01-31T00:00:00Z");
    for text in ["", "31.1.2027", "2027-02-30", "soon"] {
        assert!(expiry(text).unwrap_err().contains("2027-01-31"), "{text}");
    }
}
