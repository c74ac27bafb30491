//! Export and import.

use std::fs;

use gallery::{
    AnyStore, Calibration, Contents, Direction, Error, Exclusion, FmrPoint, Fusion, Made, Metric,
    NewGeneration, NewPerson, NewTemplate, Rejection, Store,
};

use crate::made::{Home, NOW, on_each_store, person, template};

on_each_store!(
    what_is_exported_and_imported_is_what_it_was,
    an_exported_folder_that_was_changed_is_refused_with_file_and_line,
);

fn full(home: &Home) -> AnyStore {
    let mut store = home.store("a");
    let given = NewPerson {
        name: Some("Ada \u{201c}L\u{201d}\n".to_owned()),
        metadata: serde_json::from_str(r#"{"x": [1.5, null]}"#).unwrap(),
        expires_ms: Some(NOW + 1),
        ..person("ada")
    };
    let ada = store.add_person(&given, NOW).unwrap().number;
    let gone = store.add_person(&person("gone"), NOW).unwrap().number;
    let grace = store.add_person(&person("grace"), NOW).unwrap().number;
    let second = NewGeneration {
        contract: "two".to_owned(),
        dimension: 2,
        metric: Metric::Euclidean,
        fusion: Fusion::MeanOfBest(3),
    };
    let second = store.add_generation(&second, NOW).unwrap();
    let picture = store.digest_key().digest(b"x");
    let mut news: Vec<NewTemplate> = (0..3).map(|number| template(&store, ada, number)).collect();
    news.push(NewTemplate {
        person: grace,
        generation: second,
        vector: vec![0.1, -2.0],
        picture,
        quality: Default::default(),
    });
    news.push(template(&store, grace, 9));
    store.enrol(&news, NOW + 2).unwrap();
    store.put_model("two", b"model bytes").unwrap();
    store.forget_person(gone, NOW).unwrap();
    store
        .reject(&Rejection {
            person: None,
            picture,
            reason: "flat".to_owned(),
            at_ms: NOW,
        })
        .unwrap();
    store
        .exclude(&Exclusion {
            person: grace,
            picture,
            at_ms: NOW,
        })
        .unwrap();
    let made = Made::new("by hand", 9);
    let mut calibration = Calibration::new(Direction::Similarity, Fusion::Best, 1, made);
    calibration.comparisons = vec![FmrPoint::new(0.1, 0.123_456_789_012_345_67)];
    calibration.comparisons[0].fnmr = Some(0.2);
    store.set_calibration(1, Some(&calibration), NOW).unwrap();
    store.activate_generation(second, NOW).unwrap();
    store
}

fn what_is_exported_and_imported_is_what_it_was(home: &Home) {
    let folder = &home.folder;
    let contents = full(home).contents().unwrap();
    assert_eq!(
        (
            contents.people.len(),
            contents.templates.len(),
            contents.active
        ),
        (2, 5, 2)
    );
    let out = folder.path().join("out");
    contents.write_to(&out).unwrap();
    assert!(matches!(contents.write_to(&out), Err(Error::Exists { .. })));

    let read = Contents::read_from(&out).unwrap();
    assert_eq!(read, contents);
    let other = home.place("b").create_from(&read).unwrap();
    assert_eq!(other.contents().unwrap(), contents);
    assert_eq!(other.check().unwrap(), []);
    assert_eq!(
        fs::read_dir(folder.path())
            .unwrap()
            .filter(|entry| {
                entry
                    .as_ref()
                    .unwrap()
                    .file_name()
                    .to_str()
                    .unwrap()
                    .ends_with(".new")
            })
            .count(),
        0
    );
}

fn an_exported_folder_that_was_changed_is_refused_with_file_and_line(home: &Home) {
    let folder = &home.folder;
    let contents = full(home).contents().unwrap();
    let mut count = 0;
    let mut error = |file: &str, change: &dyn Fn(String) -> Vec<u8>| {
        count += 1;
        let out = folder.path().join(format!("out{count}"));
        contents.write_to(&out).unwrap();
        let before = fs::read(out.join(file)).unwrap();
        fs::write(
            out.join(file),
            change(String::from_utf8_lossy(&before).into_owned()),
        )
        .unwrap();
        let place = home.place(&count.to_string());
        let made = Contents::read_from(&out).and_then(|read| place.create_from(&read).map(drop));
        assert!(!place.exists().unwrap());
        made.unwrap_err().to_string()
    };
    let says = |error: String, what: &[&str]| {
        assert!(what.iter().all(|what| error.contains(what)), "{error}")
    };
    says(
        error("people.jsonl", &|text| {
            text.replacen("grace", "gr\"ace", 1).into()
        }),
        &["people.jsonl, line 2"],
    );
    says(
        error("people.jsonl", &|text| text.replace("grace", "ada").into()),
        &["\"ada\" already"],
    );
    says(
        error("people.jsonl", &|text| text.lines().next().unwrap().into()),
        &["no person 3"],
    );
    says(
        error("templates-1.jsonl", &|text| {
            text.lines().next().unwrap().into()
        }),
        &["vectors-1.npy", "(4, 8)", "(1, 8)"],
    );
    says(
        error("templates-1.jsonl", &|text| {
            text.replace("\"id\":2", "\"id\":1").into()
        }),
        &["line 2", "second template 1"],
    );
    says(
        error("vectors-2.npy", &|_| b"nothing".to_vec()),
        &["vectors-2.npy"],
    );
    says(
        error("gallery.json", &|text| {
            text.replace("\"format\": 2", "\"format\": 3").into()
        }),
        &["format 3"],
    );
    says(
        error("gallery.json", &|text| {
            text.replace("model-1.bin", "../a.db").into()
        }),
        &["without folders"],
    );
    says(
        error("gallery.json", &|text| {
            text.replace("\"active\": 2", "\"active\": 5").into()
        }),
        &["fill"],
    );
    fs::remove_file(folder.path().join("out1/people.jsonl")).unwrap();
    says(
        Contents::read_from(&folder.path().join("out1"))
            .unwrap_err()
            .to_string(),
        &["cannot read", "people.jsonl"],
    );
}
