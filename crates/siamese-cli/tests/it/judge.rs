//! `eval`, `pairs` and `embed`: what a trained model is asked afterwards.

use crate::faces::{IMAGES, PEOPLE, Place};

const EVERY_PAIR: usize = PEOPLE * IMAGES * (PEOPLE * IMAGES - 1) / 2;

fn trained() -> Place {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    place
}

#[test]
fn eval_of_a_run_and_of_its_model_file_repeat_the_figures_of_the_training() {
    let place = trained();
    let figures: serde_json::Value =
        serde_json::from_slice(&place.bytes("out/figures.json")).unwrap();
    for model in ["out", "out/model.safetensors"] {
        let said = place
            .siamese(&[
                "eval", model, "--data", "faces", "--json", "--scores", "s.csv", "--force",
            ])
            .done();
        assert_eq!(said.json(), figures["figures"]);
        assert_eq!(place.text("s.csv"), place.text("out/scores.csv"));
    }
}

#[test]
fn eval_on_a_list_of_pairs_judges_those_and_no_others() {
    let place = trained();
    place.write(
        "pairs.csv",
        "a,b,kind\np1/1.pgm,p1/2.pgm,genuine\np2/1.pgm,p2/3.pgm,genuine\np1/1.pgm,p2/1.pgm,impostor\n",
    );
    let args = ["eval", "out", "--data", "faces", "--pairs", "pairs.csv"];
    let said = place.siamese(&[&args[..], &["--json"]].concat()).done();
    let figures = said.json();
    assert_eq!(
        (&figures["genuine"], &figures["impostor"]),
        (&2.into(), &1.into())
    );
    assert!(figures["test"].as_str().unwrap().contains("pairs.csv"));

    let strict = place
        .siamese(&[&args[..], &["--json", "--force", "--threshold", "0"]].concat())
        .done()
        .json();
    assert_eq!(strict["fnmr"], 1.0);
    assert_eq!(strict["fmr"], 0.0);
    assert_eq!(strict["threshold_source"], "--threshold");

    place.write("pairs.csv", "a,b,kind\np1/1.pgm,p9/1.pgm,impostor\n");
    place
        .siamese(&args)
        .failed(1, &["pairs.csv, line 2", "p9/1.pgm"]);
}

#[test]
fn a_threshold_that_is_no_distance_is_refused_by_the_name_of_its_option() {
    let place = trained();
    for threshold in ["nan", "inf", "-0.5", "-inf"] {
        let args = ["eval", "out", "--data", "faces", "--threshold", threshold];
        place
            .siamese(&args)
            .failed(1, &["--threshold", "is no distance", "0 or larger"]);
    }
}

#[test]
fn pairs_written_by_pairs_are_read_by_eval() {
    let place = trained();
    let out = ["--out", "test.csv", "--data", "faces"];
    let said = place
        .siamese(&[&["pairs", "tiny.toml"], &out[..]].concat())
        .done();
    for word in [
        "12 genuine, 16 impostor",
        "no subject is in both",
        "28 pairs written to test.csv",
    ] {
        assert!(said.stdout.contains(word), "{said:?}");
    }
    let list = place.text("test.csv");
    assert!(list.starts_with("a,b,kind\n"), "{list}");
    let by_list = place
        .siamese(&[
            "eval", "out", "--data", "faces", "--pairs", "test.csv", "--json",
        ])
        .done()
        .json();
    let by_protocol = place
        .siamese(&["eval", "out", "--data", "faces", "--json"])
        .done()
        .json();
    assert_eq!(by_list["eer"], by_protocol["eer"]);
    assert_eq!(by_list["auc"], by_protocol["auc"]);
}

#[test]
fn each_part_of_the_pairs_can_be_listed_and_they_share_nobody_with_the_test() {
    let place = Place::new();
    let people = |list: &str| -> std::collections::BTreeSet<String> {
        list.lines()
            .skip(1)
            .flat_map(|line| {
                line.split(',')
                    .take(2)
                    .map(|path| path[..2].to_owned())
                    .collect::<Vec<_>>()
            })
            .collect()
    };
    for fold in 0..4 {
        let fold = format!("protocol.fold={fold}");
        let part = |part: &str| {
            let said = place
                .siamese(&[
                    "pairs",
                    "tiny.toml",
                    "--data",
                    "faces",
                    "--part",
                    part,
                    "--out",
                    "p.csv",
                    "--force",
                    "--set",
                    &fold,
                    "--set",
                    "protocol.validation_people=2",
                    "--set",
                    "pairs.per_kind=20",
                    "--json",
                ])
                .done();
            let list = place.text("p.csv");
            let counts = &said.json()[part];
            let count = counts["genuine"].as_u64().unwrap() + counts["impostor"].as_u64().unwrap();
            assert_eq!(list.lines().count() as u64, 1 + count);
            people(&list)
        };
        let (fit, validation, test) = (part("fit"), part("validation"), part("test"));
        assert_eq!((fit.len(), validation.len(), test.len()), (4, 2, 2));
        assert!(
            fit.is_disjoint(&validation) && fit.is_disjoint(&test) && validation.is_disjoint(&test)
        );
    }
}

#[test]
fn a_split_of_pairs_says_that_it_leaks() {
    let place = Place::new();
    let seed_pairs = ["--set", "protocol.name=seed-pairs"];
    let said = place
        .siamese(&[&["pairs", "tiny.toml", "--data", "faces"], &seed_pairs[..]].concat())
        .done();
    assert!(said.stdout.contains("leaks:"), "{said:?}");
    let said = place.train("out", &seed_pairs).done();
    for words in [
        "Subjects of this test were trained on",
        "--set protocol.name=subjects-8-fold",
    ] {
        assert!(said.stdout.contains(words), "{said:?}");
    }
}

/// Regression: only the split of pairs said so, and a model judged on its own training people did not.
#[test]
fn eval_on_people_that_were_trained_on_says_that_it_leaks() {
    let place = trained();
    let eval = |more: &[&str]| {
        let said = place.siamese(&[&["eval", "out", "--data", "faces", "--json"], more].concat());
        said.done().json()
    };
    let all = eval(&["--protocol", "all"]);
    assert_eq!(
        all["genuine"].as_u64().unwrap() + all["impostor"].as_u64().unwrap(),
        EVERY_PAIR as u64
    );
    assert_eq!(all["leaks_people"], true);
    assert_eq!(
        eval(&["--protocol", "k-fold:4", "--fold", "0"])["leaks_people"],
        false
    );
    assert_eq!(
        eval(&["--protocol", "k-fold:4", "--fold", "1"])["leaks_people"],
        true
    );
    // Other images of other people: whoever they are, the model has not seen these.
    place.write("others/a/1.pgm", crate::faces::face(20, 0));
    place.write("others/a/2.pgm", crate::faces::face(20, 1));
    place.write("others/b/1.pgm", crate::faces::face(21, 0));
    let said = place
        .siamese(&[
            "eval",
            "out",
            "--data",
            "others",
            "--protocol",
            "all",
            "--json",
        ])
        .done();
    assert_eq!(said.json()["leaks_people"], false);
}

#[test]
fn embeddings_as_npy_have_numpys_header_and_the_values_of_the_safetensors_file() {
    let place = trained();
    let said = place
        .siamese(&["embed", "out", "--data", "faces", "--out", "e.npy"])
        .done();
    assert!(
        said.stdout
            .contains("32 embeddings of 8 numbers are in e.npy"),
        "{said:?}"
    );
    place
        .siamese(&[
            "embed",
            "out/model.safetensors",
            "--data",
            "faces",
            "--out",
            "f.safetensors",
        ])
        .done();

    let npy = place.bytes("e.npy");
    assert_eq!(&npy[..8], b"\x93NUMPY\x01\x00");
    let header_len = usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let header = std::str::from_utf8(&npy[10..10 + header_len]).unwrap();
    for word in [
        "'descr': '<f4'",
        "'fortran_order': False",
        "'shape': (32, 8)",
    ] {
        assert!(header.contains(word), "{header}");
    }
    let values = &npy[10 + header_len..];
    assert_eq!(values.len(), 32 * 8 * 4);

    let file = place.bytes("f.safetensors");
    let tensors = safetensors::SafeTensors::deserialize(&file).unwrap();
    let tensor = tensors.tensor("embeddings").unwrap();
    assert_eq!(tensor.shape(), [32, 8]);
    assert_eq!(tensor.data(), values);

    let index = place.text("e.csv");
    assert_eq!(index, place.text("f.csv"));
    let lines: Vec<&str> = index.lines().collect();
    assert_eq!(
        (lines[0], lines[1], lines[32]),
        ("path,subject", "p1/1.pgm,p1", "p8/4.pgm,p8")
    );

    // The distances that eval finds are those between the rows.
    let rows: Vec<Vec<f32>> = values
        .chunks(32)
        .map(|row| {
            row.chunks(4)
                .map(|v| f32::from_le_bytes(v.try_into().unwrap()))
                .collect()
        })
        .collect();
    let row = |path: &str| {
        &rows[lines
            .iter()
            .position(|line| line.starts_with(path))
            .unwrap()
            - 1]
    };
    for line in place.text("out/scores.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let squares = row(cells[0])
            .iter()
            .zip(row(cells[1]))
            .map(|(a, b)| (a - b).powi(2));
        let (found, expected) = (
            cells[3].parse::<f32>().unwrap(),
            squares.sum::<f32>().sqrt(),
        );
        assert!((found - expected).abs() < 1e-4, "{line}: {expected}");
    }
}

#[test]
fn embed_refuses_an_ending_it_does_not_know_before_it_works() {
    let place = Place::new();
    for out in ["e.txt", "e", "e.npy/"] {
        place
            .siamese(&["embed", "missing", "--data", "faces", "--out", out])
            .failed(1, &[]);
    }
    place
        .siamese(&["embed", "missing", "--data", "faces", "--out", "e.txt"])
        .failed(1, &["e.txt", ".npy or .safetensors"]);
}

#[test]
fn a_model_refuses_images_of_another_size_with_both_sizes() {
    let place = trained();
    for person in ["a", "b"] {
        for image in 1..3 {
            place.write(
                &format!("small/{person}/{image}.pgm"),
                crate::faces::pgm(4, 5, vec![9; 20]),
            );
        }
    }
    for args in [
        ["eval", "out", "--data", "small", "--protocol", "all"].as_slice(),
        &["embed", "out", "--data", "small", "--out", "e.npy"],
    ] {
        place.siamese(args).failed(1, &["16x12", "5x4"]);
    }
    assert!(!place.path("e.npy").exists());
}

#[test]
fn folds_and_protocols_that_do_not_exist_are_named() {
    let place = trained();
    let eval = |more: &[&str]| place.siamese(&[&["eval", "out", "--data", "faces"], more].concat());
    eval(&["--protocol", "k-fold:4", "--fold", "4"])
        .failed(1, &["4 folds, numbered from 0", "no fold 4"]);
    eval(&["--protocol", "leave-all-out"]).failed(1, &["leave-all-out", "k-fold"]);
    eval(&["--protocol", "all", "--fold", "3"]).failed(1, &["--fold", "all"]);
    eval(&["--protocol", "subjects-8-fold"]).failed(1, &["subjects-8-fold"]);
    eval(&["--fold", "1"]).failed(2, &["--protocol"]);
    eval(&["--pairs", "x.csv", "--protocol", "all"]).failed(2, &["cannot be used with"]);
}
