//! What lists and folders name: every form, told by its content, with or without images.
use std::fs;
use std::path::Path;

use pairgen::{Catalog, Error, Listing, ListingForm};
use proptest::prelude::*;

use crate::tree::tree;

fn read(text: impl AsRef<[u8]>) -> Result<Listing, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list");
    fs::write(&path, text).unwrap();
    Listing::read(path)
}

/// Form, people, images and number of pairs of a list.
fn named(listing: &Listing) -> (ListingForm, String, Option<String>, Option<usize>) {
    let images = listing
        .images()
        .map(|images| images.collect::<Vec<_>>().join(" "));
    let counts = listing.counts();
    assert_eq!(counts.subjects, listing.subjects().len());
    assert_eq!(counts.images, listing.images().map(|images| images.len()));
    (
        listing.form(),
        listing.subjects().join(" "),
        images,
        counts.pairs,
    )
}

#[test]
fn the_content_tells_the_form() {
    use ListingForm::{Images, LfwPairs, Names, Pairs, Subjects};
    for (text, form, people, images, pairs) in [
        (
            "path,subject\nfaces/s10/1.pgm,s10\nx/y.png,s2\ns2\\2.pgm,s2\n",
            Images,
            "s2 s10",
            Some("s2/2 s2/y s10/1"),
            None,
        ),
        (
            "a,b,kind\ns1/2.pgm,s1/10.pgm,genuine\ns1/10.pgm,s1/2.pgm,genuine\ns1/2.pgm,s2/1.pgm,impostor\n",
            Pairs,
            "s1 s2",
            Some("s1/2 s1/10 s2/1"),
            Some(2),
        ),
        // Full paths: the first folder is nobody.
        (
            "a,b,kind\n/d/s1/1.pgm,/d/s2/1.pgm,impostor\n",
            Pairs,
            "s1 s2",
            Some("s1/1 s2/1"),
            Some(1),
        ),
        // Folders inside a person's folder: the one that holds the image is nobody.
        (
            "a,b,kind\ns1/mon/1.pgm,s1/tue/1.pgm,genuine\ns1/mon/1.pgm,s2/mon/1.pgm,impostor\n",
            Pairs,
            "s1 s2",
            Some("s1/mon/1 s1/tue/1 s2/mon/1"),
            Some(2),
        ),
        (
            "1\nAnn_Lee\t1\t2\nAnn_Lee\t2\tBo\t12345\n",
            LfwPairs,
            "Ann_Lee Bo",
            Some("Ann_Lee/Ann_Lee_0001 Ann_Lee/Ann_Lee_0002 Bo/Bo_12345"),
            Some(2),
        ),
        ("subject,fold\ns2,1\ns1,1\n", Subjects, "s1 s2", None, None),
        (
            "\u{feff}subject, part\r\ns2,test\r\n",
            Subjects,
            "s2",
            None,
            None,
        ),
        ("Ann Lee\n\n  Bo  \n", Names, "Ann Lee Bo", None, None),
        // As LFW's people.txt, peopleDevTrain.txt and lfw-names.txt.
        (
            "2\n2\nAnn_Lee\t3\nBo\t1\n1\nCy\t4\n",
            Names,
            "Ann_Lee Bo Cy",
            None,
            None,
        ),
        (
            "2\r\nAnn_Lee\t3\r\nBo\t1\r\n",
            Names,
            "Ann_Lee Bo",
            None,
            None,
        ),
        ("Ann_Lee\t3\nBo\t1\n", Names, "Ann_Lee Bo", None, None),
        // Subjects called by numbers are not taken for counts.
        ("10\n601\n7\n", Names, "7 10 601", None, None),
        ("10\t300\n11\t2\n", Names, "10 11", None, None),
        ("2\n1\n7\t1\n1\n3\t2\n", Names, "3 7", None, None),
    ] {
        let found = named(&read(text).unwrap());
        let expected = (form, people.to_owned(), images.map(str::to_owned), pairs);
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn a_folder_is_named_as_its_lists_name_it() {
    let root = tree(&[
        "Ann_Lee/Ann_Lee_0001.jpg",
        "Ann_Lee/Ann_Lee_0002.PNG",
        "Ann_Lee/notes.txt",
        "Bo/1.a.pgm",
    ]);
    let listing = Listing::read(root.path()).unwrap();
    let images = "Ann_Lee/Ann_Lee_0001 Ann_Lee/Ann_Lee_0002 Bo/1.a".to_owned();
    let expected = (
        ListingForm::Catalog,
        "Ann_Lee Bo".to_owned(),
        Some(images),
        None,
    );
    assert_eq!(named(&listing), expected);
    assert_eq!(listing.report().unwrap().other_files, 1);
    assert_eq!(listing.path(), root.path());

    let list = root.path().join("list.csv");
    fs::write(
        &list,
        "path,subject\nAnn_Lee/Ann_Lee_0001.jpg,Ann_Lee\nBo/1.a.pgm,Bo\n",
    )
    .unwrap();
    let catalog = Catalog::from_csv(&list).unwrap();
    let (kept, read) = (
        Listing::from_catalog(&catalog),
        Listing::read(&list).unwrap(),
    );
    assert_eq!(named(&kept).2, named(&read).2);
    assert!(kept.report().is_none() && read.report().is_none());
}

#[test]
fn images_that_share_a_name_count_as_one() {
    let root = tree(&["s1/1.jpg", "s1/1.png", "s1/2.jpg"]);
    let listing = Listing::read(root.path()).unwrap();
    assert_eq!(listing.counts().images, Some(2));
    let files = listing.files(None).unwrap();
    assert_eq!((files.found.len(), files.missing.len()), (3, 0));
}

/// The files found, relative to the root, and what is missing.
fn files(listing: &Listing, root: &Path, given: Option<&Path>) -> (String, String) {
    let files = listing.files(given).unwrap();
    let found = files.found.iter().map(|file| {
        let path = file.path.strip_prefix(root).unwrap();
        format!("{}={}", file.image, path.display())
    });
    (found.collect::<Vec<_>>().join(" "), files.missing.join(" "))
}

#[test]
fn files_are_found_where_a_list_or_a_root_says() {
    let root = tree(&[
        "faces/s1/1.jpg",
        "faces/s1/s1_0002.png",
        "faces/s2/img-07.jpg",
    ]);
    let (root, faces) = (root.path(), root.path().join("faces"));
    let list = |text: &str| {
        let path = root.join("list");
        fs::write(&path, text).unwrap();
        Listing::read(path).unwrap()
    };
    let own = |text: &str| files(&list(text), root, None);
    let under = |text: &str| files(&list(text), root, Some(&faces));
    let text = |found: &str, missing: &str| (found.to_owned(), missing.to_owned());

    let images = "path,subject\nfaces/s1/1.jpg,s1\nfaces/s9/1.jpg,s9\n";
    assert_eq!(own(images), text("s1/1=faces/s1/1.jpg", "s9/1"));
    assert_eq!(under(images), text("", "s1/1 s9/1"));
    let pairs = "a,b,kind\ns1/1.jpg,s2/img-07.jpg,impostor\n";
    assert_eq!(own(pairs), text("", "s1/1 s2/img-07"));
    assert_eq!(
        under(pairs),
        text("s1/1=faces/s1/1.jpg s2/img-07=faces/s2/img-07.jpg", "")
    );
    let lfw = "1\ns1\t1\t2\ns1\t3\ts2\t7\n";
    assert_eq!(
        own(lfw),
        text("", "s1/s1_0001 s1/s1_0002 s1/s1_0003 s2/s2_0007")
    );
    assert_eq!(
        under(lfw),
        text(
            "s1/s1_0001=faces/s1/1.jpg s1/s1_0002=faces/s1/s1_0002.png s2/s2_0007=faces/s2/img-07.jpg",
            "s1/s1_0003"
        )
    );
    let people = "s2\ns9\n";
    assert_eq!(own(people), text("", "s2 s9"));
    assert_eq!(under(people), text("s2/img-07=faces/s2/img-07.jpg", "s9"));

    let folder = Listing::read(&faces).unwrap();
    fs::remove_file(faces.join("s1/1.jpg")).unwrap();
    assert_eq!(
        files(&folder, root, None),
        text(
            "s1/s1_0002=faces/s1/s1_0002.png s2/img-07=faces/s2/img-07.jpg",
            "s1/1"
        )
    );
    assert!(matches!(
        list(people).files(Some(&root.join("none"))),
        Err(Error::Io { .. })
    ));
}

#[test]
fn faults_are_named_with_their_line() {
    for (text, expected) in [
        ("", "it names no subject"),
        ("\n \n", "it names no subject"),
        ("subject,fold\n", "it names no subject"),
        ("a,b,kind\n", "it names no subject"),
        (
            "name,fold\ns1,1\n",
            "expected the header line `path,subject` or `path,subject,group` or `path,subject,kind` or `path,subject,group,kind` or `a,b,kind` or `subject,fold` or `subject,part`, found `name,fold`",
        ),
        ("subject;fold\ns1;1\n", "expected the header line"),
        (
            "subject,fold\ns1,1\ns1,2\n",
            "line 3: expected each subject once",
        ),
        (
            "path,subject\ns1/1.pgm,s1\ns1/1.pgm,s2\n",
            "line 3: expected each image once, found `s1/1.pgm` again, first listed on line 2",
        ),
        (
            "a,b,kind\ns1/1,s1/1,genuine\n",
            "line 2: expected two different images",
        ),
        (
            "a,b,kind\ns1/1,s1/2,same\n",
            "line 2: expected `genuine` or `impostor`, found `same`",
        ),
        (
            "a,b,kind\ns1/1,2,impostor\n",
            "line 2: expected an image in its subject's folder, such as `name/1.jpg`, found `2`",
        ),
        (
            "a,b,kind\nx/s1/1,x/s2/1,impostor\nx/s1/1,x/s2/1,genuine\n",
            "line 3: expected paths with a folder for each subject",
        ),
        (
            "2\t1\nA\t1\t2\nA\t1\tB\t1\n",
            "line 4: expected genuine pair 1 of 1 in set 2 of 2",
        ),
        (
            "10\t300\n",
            "line 2: expected genuine pair 1 of 300 in set 1 of 10",
        ),
        (
            "ann\nbo\nann\n",
            "line 3: expected each subject once, found `ann` again, first listed on line 1",
        ),
        ("s1/1.pgm\n", "line 1: expected a subject's name"),
        (
            "ann\t3\nbo\n",
            "line 2: expected `name<TAB>number of images`, found `bo`",
        ),
        (
            "ann\t3\nbo\tx\n",
            "line 2: expected `name<TAB>number of images`",
        ),
        (
            "ann\t3\t4\t5\n",
            "line 1: expected `name<TAB>number of images`",
        ),
        (
            "3\nann\t3\nbo\t1\n",
            "line 4: expected subject 3 of 3 in set 1 of 1, found the end of the list; is it cut short?",
        ),
        ("1\nann\t3\nbo\t1\n", "line 3: expected the end of the list"),
        (
            "2\n1\nann\t3\n",
            "line 4: expected the number of subjects in set 2 of 2, found the end",
        ),
        (
            "2\n1\nann\t3\nbo\t1\n",
            "line 4: expected the number of subjects in set 2 of 2, found `bo\t1`",
        ),
        (
            "4294967295\n4294967295\nann\t3\n",
            "line 4: expected subject 2 of 4294967295",
        ),
    ] {
        let message = read(text).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}\nfor {text:?}");
        assert!(message.contains("list"), "{message}");
    }
    let message = read(b"ann\nb\xff\n").unwrap_err().to_string();
    assert!(
        message.contains("line 2: expected text, saved as UTF-8"),
        "{message}"
    );
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Listing::read(folder.path()),
        Err(Error::NoSubjects { .. })
    ));
    assert!(matches!(
        Listing::read(folder.path().join("x")),
        Err(Error::Io { .. })
    ));
}

proptest! {
    /// Bytes of any kind are a listing of somebody or an error.
    #[test]
    fn any_content_is_read_or_refused(
        text in "(10\t3|2|1\n1|a,b,kind|path,subject|subject,fold|)[\n\r][ab1-3,;/\t\n\r.é\u{0}]{0,30}",
        tail in prop::collection::vec(any::<u8>(), 0..3),
    ) {
        if let Ok(listing) = read([text.as_bytes(), &tail].concat()) {
            prop_assert!(!listing.subjects().is_empty());
            prop_assert!(listing.files(None).unwrap().found.is_empty());
        }
    }
}
