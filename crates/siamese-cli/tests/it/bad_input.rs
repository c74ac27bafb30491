//! Folders, images and model files that are not what they should be: each gets one clear sentence, before any work.

use crate::faces::{Place, pgm};

#[test]
fn a_missing_or_empty_data_folder_is_named_with_what_to_do() {
    let place = Place::new();
    let train = |data: &str| place.siamese(&["train", "tiny.toml", "--data", data, "--out", "out"]);
    train("nowhere").failed(1, &["nowhere does not exist", "--data DIR"]);
    std::fs::create_dir(place.path("empty")).unwrap();
    train("empty").failed(1, &["empty"]);
    place.write("flat/1.pgm", crate::faces::face(0, 0));
    train("flat").failed(1, &["flat"]);
    place.write("nobody/p1/notes.txt", "no image");
    train("nobody").failed(1, &["nobody"]);
    assert!(!place.path("out").exists());
}

#[test]
fn every_bad_image_among_good_ones_is_named() {
    let place = Place::new();
    let mut short = crate::faces::face(1, 1);
    short.truncate(100);
    place.write("faces/p2/2.pgm", short);
    place.write("faces/p3/1.pgm", "");
    place.write("faces/p5/4.pgm", "hello, this is text");
    place
        .train("out", &[])
        .failed(1, &["3 of 32 files", "p2/2.pgm", "p3/1.pgm", "p5/4.pgm"]);
    assert!(!place.path("out").exists());
}

#[test]
fn bad_images_are_left_out_where_asked_for_and_the_report_says_whose() {
    let place = Place::new();
    place.write("faces/p2/2.pgm", "");
    for image in 1..=4 {
        place.write(&format!("faces/p5/{image}.pgm"), "no image");
    }
    let refused = place.train("out", &["--json"]);
    assert_eq!(refused.json()["bad_images"].as_array().unwrap().len(), 5);
    refused.failed(1, &["5 of 32 files", "--skip-bad"]);

    // Fewer subjects make fewer pairs.
    let left = ["--skip-bad", "--set", "pairs.per_kind=8"];
    let said = place.train("out", &left).done();
    for words in ["note: 5 of 32 images cannot be read", "p5/4.pgm"] {
        assert!(said.stderr.contains(words), "{}", said.stderr);
    }
    let exclusions = place.json("out/report.json")["test"]["exclusions"].to_string();
    let whose = "5 unreadable images (1 of p2, 4 of p5, which has no other)";
    assert!(exclusions.contains(whose), "{exclusions}");
    let unread = &place.json("out/report.json")["test"]["unread"];
    assert_eq!(*unread, serde_json::json!({"images": 5, "tried": 32}));
    assert!(
        said.stdout
            .contains("Failures to read: 5 of 32 images (15.6 %)")
    );

    // Each training of a cross-validation is a process of its own.
    let words = ["crossval", "tiny.toml", "--data", "faces", "--out", "folds"];
    let words = [&words[..], &left].concat();
    place.siamese(&words).done();
}

#[test]
fn images_of_different_sizes_are_listed() {
    let place = Place::new();
    place.write("faces/p4/3.pgm", pgm(10, 14, vec![7; 140]));
    place
        .train("out", &[])
        .failed(1, &["2 sizes", "p4/3.pgm", "data.resize"]);
}

#[test]
fn images_that_do_not_fit_the_recipe_are_refused_before_the_run_folder_is_made() {
    let place = Place::new();
    place
        .siamese(&[
            "train",
            "seed",
            "--data",
            "faces",
            "--out",
            "out",
            "--set",
            "pairs.per_kind=50",
        ])
        .failed(
            1,
            &["56x46", "8x6", "data.resize, encoder.input or data.pool"],
        );
    assert!(!place.path("out").exists());
}

#[test]
fn too_few_people_or_images_are_refused_with_a_reason() {
    let place = Place::new();
    for image in 1..6 {
        place.write(
            &format!("alone/p1/{image}.pgm"),
            crate::faces::face(0, image),
        );
    }
    for person in 1..9 {
        place.write(
            &format!("once/p{person}/1.pgm"),
            crate::faces::face(person, 0),
        );
    }
    for protocol in ["k-fold:4", "seed-pairs", "subjects-8-fold"] {
        let set = format!("protocol.name={protocol}");
        for data in ["alone", "once"] {
            place
                .siamese(&[
                    "train",
                    "tiny.toml",
                    "--data",
                    data,
                    "--out",
                    "out",
                    "--set",
                    &set,
                ])
                .failed(1, &[]);
        }
    }
    place
        .siamese(&["train", "tiny.toml", "--data", "once", "--out", "out"])
        .failed(1, &["two images", "genuine pairs"]);
    assert!(!place.path("out").exists());
}

#[test]
fn subjects_with_one_image_among_others_are_trained_on_as_impostors() {
    let place = Place::new();
    place.write("faces/p9/1.pgm", crate::faces::face(8, 0));
    place.train("out", &[]).done();
}

#[test]
fn a_device_that_is_not_there_is_refused_with_a_reason() {
    let place = Place::new();
    place
        .train("out", &["--device", "cuda:99"])
        .failed(1, &["--device", "cpu"]);
    assert!(!place.path("out").exists());
}

#[test]
fn damaged_model_files_are_named_and_nothing_is_made_of_them() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    let model = place.bytes("out/model.safetensors");
    let half = model[..model.len() / 2].to_vec();
    let long = [&model[..], b"more"].concat();
    let mut header = model.clone();
    header[20] ^= 0x55;
    let text = b"this is not a model".to_vec();
    let huge = [&u64::MAX.to_le_bytes()[..], b"{}"].concat();
    let foreign = {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![1], &[0; 4])
            .unwrap();
        safetensors::serialize([("x", view)], None).unwrap()
    };
    for (what, bytes) in [
        ("half", half),
        ("long", long),
        ("header", header),
        ("text", text),
        ("huge", huge),
        ("foreign", foreign),
        ("empty", Vec::new()),
    ] {
        let name = format!("{what}.safetensors");
        place.write(&name, bytes);
        for args in [
            ["eval", &name, "--data", "faces"].as_slice(),
            &["embed", &name, "--data", "faces", "--out", "e.npy"],
            &["inspect", &name],
        ] {
            place.siamese(args).failed(1, &[&name, "model"]);
        }
    }
    place
        .siamese(&["eval", "missing.safetensors", "--data", "faces"])
        .failed(1, &["missing.safetensors"]);
    // A checkpoint is no model, and says so.
    place
        .siamese(&["eval", "out/checkpoint.safetensors", "--data", "faces"])
        .failed(1, &["checkpoint.safetensors", "not a model"]);
    assert!(!place.path("e.npy").exists());
}

#[test]
fn a_folder_that_is_no_run_or_an_unfinished_one_is_named() {
    let place = Place::new();
    place
        .siamese(&["eval", "faces", "--data", "faces"])
        .failed(1, &["faces", "no model.safetensors"]);
    place
        .siamese(&["inspect", "faces"])
        .failed(1, &["faces", "no model.safetensors"]);
}

#[test]
fn a_file_in_place_of_the_run_folder_is_refused_before_the_training() {
    let place = Place::new();
    place.write("out", "I was here first");
    place.train("out", &[]).failed(1, &["out", "--out"]);
    place.train("out/run", &[]).failed(1, &["out/run", "--out"]);
    assert_eq!(place.text("out"), "I was here first");
}

#[test]
#[cfg(unix)]
fn a_run_folder_that_may_not_be_written_is_refused_before_the_training() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    std::fs::create_dir(place.path("locked")).unwrap();
    let set = |mode| {
        std::fs::set_permissions(place.path("locked"), std::fs::Permissions::from_mode(mode))
            .unwrap();
    };
    set(0o555);
    if std::fs::write(place.path("locked/probe"), "").is_ok() {
        println!("NOT RUN: a_run_folder_that_may_not_be_written: this user may write everywhere");
        return;
    }
    let said = place.train("locked/out", &[]);
    set(0o755);
    said.failed(1, &["locked/out", "Permission denied", "--out"]);
}

#[test]
fn output_files_that_cannot_be_written_are_named() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    for args in [
        ["embed", "out", "--data", "faces", "--out", "no/such/e.npy"].as_slice(),
        &[
            "eval",
            "out",
            "--data",
            "faces",
            "--scores",
            "no/such/s.csv",
        ],
        &[
            "pairs",
            "tiny.toml",
            "--data",
            "faces",
            "--out",
            "no/such/p.csv",
        ],
    ] {
        let file = args[args.len() - 1];
        place.siamese(args).failed(1, &[file]);
    }
}

/// A file name that is not UTF-8 cannot be spelt in a list: it must not be listed as something else.
#[test]
#[cfg(target_os = "linux")]
fn file_names_that_no_list_can_spell_are_refused_not_changed() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let place = Place::new();
    let name = place
        .path("faces/p1")
        .join(OsStr::from_bytes(b"caf\xe9.pgm"));
    std::fs::write(name, crate::faces::face(0, 9)).unwrap();
    place.train("out", &[]).failed(1, &["UTF-8", "rename"]);
    assert!(!place.path("out").exists());
}

#[test]
fn csv_lists_that_are_wrong_are_named_with_the_line() {
    let place = Place::new();
    let train = |list: &str| {
        place.write("faces/list.csv", list);
        place.siamese(&[
            "train",
            "tiny.toml",
            "--data",
            "faces/list.csv",
            "--out",
            "out",
        ])
    };
    train("file,person\np1/1.pgm,p1\n").failed(1, &["list.csv", "path,subject"]);
    train("path,subject\np1/1.pgm,p1\np1/9.pgm,p1\n").failed(1, &["list.csv, line 3", "p1/9.pgm"]);
    train("path,subject\np1/1.pgm\n").failed(1, &["list.csv, line 2", "2 columns"]);
    train("path,subject\n").failed(1, &["list.csv"]);
    train("").failed(1, &["list.csv"]);
}

#[test]
fn images_of_more_pixels_than_asked_for_are_refused_by_all_who_read_them() {
    let place = Place::new();
    for command in ["new-recipe", "train tiny.toml"] {
        let mut words: Vec<&str> = command.split(' ').collect();
        words.extend(["--data", "faces", "--max-pixels", "191"]);
        place
            .siamese(&words)
            .failed(1, &["number of pixels of at most 191, found 192"]);
    }
    place
        .siamese(&["new-recipe", "--data", "faces", "--max-pixels", "192"])
        .done();
}
