//! The reports that `train`, `eval` and `report` write.

use std::fs;

use crate::faces::{IMAGES, Place};

fn document(place: &Place, folder: &str) -> serde_json::Value {
    serde_json::from_slice(&place.bytes(&format!("{folder}/report.json"))).unwrap()
}

#[test]
fn a_training_ends_with_a_report_that_sets_the_network_beside_other_methods() {
    let place = Place::new();
    let said = place.train("out", &[]).done();
    assert!(said.stdout.contains("report: out/report.html"), "{said:?}");
    let report = document(&place, "out");
    let methods = report["methods"].as_array().unwrap();
    let names: Vec<&str> = methods
        .iter()
        .map(|method| method["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..3], ["tiny", "untrained", "raw-pixels"]);
    assert!(names.contains(&"fisherfaces") && names.contains(&"lbp"));
    let figures: serde_json::Value =
        serde_json::from_slice(&place.bytes("out/figures.json")).unwrap();
    assert_eq!(
        methods[0]["outcome"]["figures"]["eer"]["value"],
        figures["figures"]["eer"]
    );
    // Two test people are too few for an interval, and that is no reason to make one up.
    assert!(methods[0]["outcome"]["figures"]["eer"]["interval"].is_null());

    let page = place.text("out/report.html");
    for word in [
        "<!DOCTYPE html>",
        "data:image/png;base64",
        "raw-pixels",
        "fold 0",
        "/1.pgm",
    ] {
        assert!(page.contains(word), "{word}");
    }
    for word in ["http://", "https://", "<script", "src=\"/"] {
        let word_in_namespace = page.replace("http://www.w3.org/", "");
        assert!(!word_in_namespace.contains(word), "{word}");
    }
    assert_eq!(
        report["training"][0]["training"].as_array().unwrap().len(),
        3
    );
    assert_eq!(
        report["hardest_genuine"][0]["a"]["subject"],
        report["hardest_genuine"][0]["b"]["subject"]
    );
    assert_ne!(
        report["closest_impostor"][0]["a"]["subject"],
        report["closest_impostor"][0]["b"]["subject"]
    );
}

/// The distances of raw pixels, computed here from the images, give the report's AUC.
#[test]
fn the_raw_pixels_beside_the_network_are_those_of_the_same_comparisons() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    let pixels = |path: &str| -> Vec<f64> {
        let bytes = place.bytes(&format!("faces/{path}"));
        let samples = &bytes[bytes.len() - crate::faces::HEIGHT * crate::faces::WIDTH..];
        samples.iter().map(|&sample| f64::from(sample)).collect()
    };
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for line in place.text("out/scores.csv").lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (a, b) = (pixels(cells[0]), pixels(cells[1]));
        let distance: f64 = a.iter().zip(&b).map(|(a, b)| (a - b).powi(2)).sum();
        match cells[2] {
            "genuine" => genuine.push(distance),
            _ => impostor.push(distance),
        }
    }
    let mut won = 0.0;
    for g in &genuine {
        won += impostor.iter().filter(|i| g < i).count() as f64;
        won += 0.5 * impostor.iter().filter(|i| g == *i).count() as f64;
    }
    let auc = won / (genuine.len() * impostor.len()) as f64;
    let report = document(&place, "out");
    let found = &report["methods"][2]["outcome"]["figures"]["auc"]["value"];
    assert!(
        (found.as_f64().unwrap() - auc).abs() < 1e-12,
        "{found} {auc}"
    );
}

#[test]
fn a_report_is_made_again_to_the_same_bytes_and_not_from_other_images() {
    let place = Place::new();
    place.train("out", &["-q"]).done();
    let page = place.bytes("out/report.html");
    fs::remove_file(place.path("out/report.html")).unwrap();
    place.siamese(&["report", "out"]).done();
    assert!(page == place.bytes("out/report.html"), "the page differs");

    place
        .siamese(&["report", "faces"])
        .failed(1, &["faces", "no finished training"]);
    place
        .siamese(&["report", "nowhere"])
        .failed(1, &["nowhere", "not a folder"]);
    place.write("faces/p1/1.pgm", crate::faces::face(5, 1));
    place
        .siamese(&["report", "out"])
        .failed(1, &["images are not those", "siamese eval"]);
}

#[test]
fn a_report_can_be_left_out() {
    let place = Place::new();
    place.train("out", &["-q", "--no-report"]).done();
    assert!(!place.path("out/report.html").exists());
    let args = ["eval", "out", "--data", "faces"];
    place
        .siamese(&[&args[..], &["--no-report"]].concat())
        .done();
    let folder = || {
        let names = fs::read_dir(place.path("out")).unwrap();
        let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.find(|name| name.starts_with("eval-faces-k-fold-4-"))
    };
    assert_eq!(folder(), None);
    let said = place.siamese(&args).done();
    let page = format!("out/{}/report.html", folder().unwrap());
    assert!(said.stdout.contains(&page), "{said:?}");
    assert!(place.path(&page).exists());
}

#[test]
fn a_model_judged_on_other_people_says_what_cannot_be_compared() {
    let place = Place::new();
    place.train("out", &["-q", "--no-report"]).done();
    for person in 20..32 {
        for image in 0..IMAGES {
            let file = format!("others/q{person}/{image}.pgm");
            place.write(&file, crate::faces::face(person, image));
        }
    }
    place.write("others/q40/0.pgm", crate::faces::face(40, 0));
    let args = [
        "eval",
        "out",
        "--data",
        "others",
        "--protocol",
        "all",
        "--out",
        "seen",
    ];
    let said = place.siamese(&args).done();
    assert!(
        said.stdout.contains("In brackets: 95 % intervals"),
        "{said:?}"
    );
    let report = document(&place, "seen");
    let of = |name: &str| {
        let methods = report["methods"].as_array().unwrap();
        let found = methods.iter().find(|method| method["name"] == name);
        found.unwrap()["outcome"].clone()
    };
    assert!(of("raw-pixels")["figures"]["d_prime"]["interval"].is_array());
    let why = of("fisherfaces")["unavailable"].to_string();
    assert!(why.contains("training subjects"), "{why}");
    let exclusions = report["test"]["exclusions"].to_string();
    assert!(
        exclusions.contains("1 of the 13 people have a single image"),
        "{exclusions}"
    );
}

#[test]
fn a_network_whose_weights_are_no_numbers_is_refused_by_the_images_it_fails_on() {
    let place = Place::new();
    place.train("out", &["-q", "--no-report"]).done();
    let mut model = place.bytes("out/model.safetensors");
    let end = model.len();
    // The last tensor's numbers.
    for byte in &mut model[end - 4..] {
        *byte = 0xff;
    }
    place.write("out/model.safetensors", model);
    place
        .siamese(&["eval", "out", "--data", "faces"])
        .failed(1, &["NaN", "/1.pgm and p", "damaged"]);
}

#[test]
fn the_verdict_goes_by_what_is_required_and_a_run_remembers_it() {
    let place = Place::new();
    let said = place
        .train("out", &["--require", "fmr=20%,fnmr=0.5"])
        .done();
    let words = "what is required, FMR at most 20 % and FNMR at most 50 %";
    assert!(said.stdout.contains(words), "{said:?}");
    let required = serde_json::json!({"fmr": 0.2, "fnmr": 0.5});
    assert_eq!(document(&place, "out")["required"], required);
    assert!(
        place
            .siamese(&["report", "out"])
            .done()
            .stdout
            .contains(words)
    );
    let other = ["report", "out", "--require", "fnmr=1%"];
    let said = place.siamese(&other).done();
    assert!(
        said.stdout.contains("what is required, FNMR at most 1 %"),
        "{said:?}"
    );
    let args = ["eval", "out", "--data", "faces", "--require", "fmr=5%"];
    let said = place.siamese(&args).done();
    assert!(
        said.stdout.contains("what is required, FMR at most 5 %"),
        "{said:?}"
    );
    for (wrong, part) in [("far=1%", "far=1%"), ("fmr=200%", "fmr=200%"), ("1%", "1%")] {
        place
            .siamese(&["report", "out", "--require", wrong])
            .failed(2, &[part, "fmr=0.1%,fnmr=5%"]);
    }
    // Where nothing is required, it is asked for.
    let said = place.train("asked", &[]).done();
    assert!(!said.stdout.contains("what is required, "), "{said:?}");
    assert!(document(&place, "asked")["required"].is_null());
}

#[test]
fn a_recipe_says_what_is_required_of_its_networks() {
    let place = Place::new();
    let said = place
        .train("out", &["--set", "decision.max_fmr=0.2"])
        .done();
    let words = "what is required, FMR at most 20 %";
    assert!(said.stdout.contains(words), "{said:?}");
    let eval = ["eval", "out", "--data", "faces"];
    let said = place.siamese(&eval).done();
    assert!(said.stdout.contains(words), "{said:?}");
    let other = [&eval[..], &["--require", "fnmr=5%", "--force"]].concat();
    let said = place.siamese(&other).done();
    assert!(
        said.stdout.contains("what is required, FNMR at most 5 %"),
        "{said:?}"
    );
}

#[test]
fn a_cross_validation_remembers_what_is_required() {
    let place = Place::new();
    let args = ["crossval", "tiny.toml", "--data", "faces", "--out", "cv"];
    let required = ["--require", "fmr=30%,fnmr=30%", "--jobs", "1"];
    let said = place.siamese(&[&args[..], &required].concat()).done();
    let words = "what is required, FMR at most 30 % and FNMR at most 30 %";
    assert!(said.stdout.contains(words), "{said:?}");
    assert!(
        place
            .siamese(&["report", "cv"])
            .done()
            .stdout
            .contains(words)
    );
    // The figures in brief are those of the page.
    let record: serde_json::Value =
        serde_json::from_slice(&place.bytes("cv/crossval.json")).unwrap();
    let report = document(&place, "cv");
    let of_report = &report["methods"][0]["outcome"]["figures"];
    let pooled = &record["figures"]["pooled"];
    assert_eq!(of_report["eer"]["value"], pooled["eer"]);
    assert_eq!(of_report["min_cllr"], pooled["min_cllr"]);
    assert!(pooled["eer_threshold"].is_null());
    assert_eq!(pooled["smallest_rate_by_people"], 3.0 / 8.0);
}
