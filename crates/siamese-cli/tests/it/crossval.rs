//! `crossval`: every fold trained and judged together, and going on where it stopped.

use std::collections::BTreeSet;
use std::fs;

use crate::faces::{IMAGES, PEOPLE, Place};

const FOLDS: usize = 4;

fn crossval(place: &Place, more: &[&str]) -> crate::faces::Said {
    let args = ["crossval", "tiny.toml", "--data", "faces", "--out", "cv"];
    place.siamese(&[&args[..], more].concat())
}

/// Rows of a run's scores.csv without the header: people of both images, kind, distance.
fn scores(place: &Place, fold: usize) -> Vec<(String, String, String, f32)> {
    let person = |path: &str| path.split('/').next().unwrap().to_owned();
    let text = place.text(&format!("cv/fold-{fold}/scores.csv"));
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let kind = cells[2].to_owned();
            (
                person(cells[0]),
                person(cells[1]),
                kind,
                cells[3].parse().unwrap(),
            )
        })
        .collect()
}

#[test]
fn every_person_is_judged_in_one_fold_and_the_folds_are_pooled() {
    let place = Place::new();
    let document = crossval(&place, &["--json"]).done().json();
    let pooled = &document["figures"]["pooled"];
    let mut judged = BTreeSet::new();
    let (mut genuine, mut impostor) = (Vec::new(), Vec::new());
    for fold in 0..FOLDS {
        let rows = scores(&place, fold);
        let people: BTreeSet<String> = rows
            .iter()
            .flat_map(|row| [row.0.clone(), row.1.clone()])
            .collect();
        assert_eq!(people.len(), PEOPLE / FOLDS);
        assert!(judged.is_disjoint(&people), "{people:?} are judged twice");
        judged.extend(people);
        for (_, _, kind, distance) in rows {
            match kind.as_str() {
                "genuine" => genuine.push(distance),
                _ => impostor.push(distance),
            }
        }
    }
    assert_eq!(judged.len(), PEOPLE);
    assert_eq!(genuine.len(), PEOPLE * IMAGES * (IMAGES - 1) / 2);
    assert_eq!(pooled["genuine"], genuine.len());
    assert_eq!(pooled["impostor"], impostor.len());
    assert_eq!(pooled["people"], PEOPLE);
    assert_eq!(pooled["leaks_people"], false);
    assert!(pooled["threshold"].is_null(), "each fold has its own");

    // The AUC of the pooled distances, by its definition.
    let mut won = 0.0;
    for g in &genuine {
        for i in &impostor {
            won += match g.total_cmp(i) {
                std::cmp::Ordering::Less => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Greater => 0.0,
            };
        }
    }
    let auc = won / (genuine.len() * impostor.len()) as f64;
    assert!((pooled["auc"].as_f64().unwrap() - auc).abs() < 1e-12);

    let folds = (0..FOLDS).map(|fold| {
        let text = place.bytes(&format!("cv/fold-{fold}/figures.json"));
        let record: serde_json::Value = serde_json::from_slice(&text).unwrap();
        record["figures"]["auc"].as_f64().unwrap()
    });
    let mean = folds.sum::<f64>() / FOLDS as f64;
    let found = &document["figures"]["auc"];
    assert!((found["mean"].as_f64().unwrap() - mean).abs() < 1e-12);
    assert_eq!(found["n"], FOLDS);
}

#[test]
fn a_second_time_nothing_is_trained_and_the_report_is_the_same() {
    let place = Place::new();
    let first = crossval(&place, &[]).done();
    for word in [
        "fold 3",
        "mean ± sd of the folds",
        "EER",
        "report: cv/report.html",
    ] {
        assert!(first.stdout.contains(word), "{first:?}");
    }
    let pages = ["report.html", "report.md", "report.json", "crossval.json"];
    let before = pages.map(|name| place.bytes(&format!("cv/{name}")));
    let again = crossval(&place, &[]).done();
    assert_eq!(again.stderr.matches("already there").count(), FOLDS);
    assert_eq!(again.stdout, first.stdout);
    let after = pages.map(|name| place.bytes(&format!("cv/{name}")));
    assert!(before == after, "a report differs");

    // One fold lost, and one left half way, are trained; the others stay.
    fs::remove_dir_all(place.path("cv/fold-1")).unwrap();
    fs::remove_file(place.path("cv/fold-2/figures.json")).unwrap();
    let mended = crossval(&place, &[]).done();
    assert_eq!(mended.stderr.matches("already there").count(), FOLDS - 2);
    assert!(
        place.bytes("cv/crossval.json") == after[3],
        "a figure differs"
    );
}

#[test]
fn the_report_of_a_cross_validation_can_be_made_again() {
    let place = Place::new();
    crossval(&place, &["-q"]).done();
    let page = place.bytes("cv/report.html");
    fs::remove_file(place.path("cv/report.html")).unwrap();
    place.siamese(&["report", "cv"]).done();
    assert!(page == place.bytes("cv/report.html"), "the page differs");

    fs::rename(place.path("faces"), place.path("elsewhere")).unwrap();
    place.siamese(&["report", "cv"]).failed(1, &["--data"]);
    place
        .siamese(&["report", "cv", "--data", "elsewhere"])
        .done();

    fs::remove_file(place.path("cv/fold-3/figures.json")).unwrap();
    place
        .siamese(&["report", "cv", "--data", "elsewhere"])
        .failed(1, &["fold 3 is not trained yet", "siamese crossval"]);
}

#[test]
fn a_folder_of_another_recipe_is_not_written_over() {
    let place = Place::new();
    crossval(&place, &["-q"]).done();
    let model = place.bytes("cv/fold-0/model.safetensors");
    let other = ["--set", "train.epochs=1"];
    crossval(&place, &other).failed(1, &["cv/fold-0", "another recipe", "--force"]);
    assert!(model == place.bytes("cv/fold-0/model.safetensors"));
    crossval(&place, &[&other[..], &["--force"]].concat()).done();
    assert!(model != place.bytes("cv/fold-0/model.safetensors"));
}

#[test]
fn images_that_changed_since_are_noticed() {
    let place = Place::new();
    crossval(&place, &["-q"]).done();
    place.write("faces/p1/1.pgm", crate::faces::face(20, 3));
    crossval(&place, &[]).failed(1, &["cv/fold-0", "on other images", "--force"]);
    place
        .siamese(&["report", "cv"])
        .failed(1, &["not those that cv/fold-0 was trained on"]);
}

#[test]
fn people_and_their_folds_can_come_from_a_list() {
    let place = Place::new();
    let mut list = String::from("subject,fold\n");
    for person in 1..=6 {
        list.push_str(&format!("p{person},{}\n", (person - 1) / 3));
    }
    place.write("people.csv", &list);
    let args = [
        "--protocol",
        "people.csv",
        "--json",
        "--set",
        "pairs.per_kind=18",
    ];
    let document = crossval(&place, &args).done().json();
    assert_eq!(document["folds"], 2);
    assert_eq!(document["figures"]["pooled"]["people"], 6);
    let report: serde_json::Value = serde_json::from_slice(&place.bytes("cv/report.json")).unwrap();
    let exclusions = report["test"]["exclusions"].to_string();
    assert!(exclusions.contains("2 people"), "{exclusions}");

    place.write("people.csv", "subject,fold\np1,0\nnobody,1\n");
    crossval(&place, &args).failed(1, &["people.csv, line 3", "nobody"]);
    place.write("people.csv", "subject,fold\np1,0\np2,0\n");
    crossval(&place, &args).failed(1, &["people.csv"]);
}

#[test]
fn lfws_layout_and_pairs_are_judged_set_by_set() {
    let place = Place::new();
    for person in 0..PEOPLE {
        for image in 0..IMAGES {
            let name = format!("Person_{person}");
            let file = format!("lfw/{name}/{name}_{:04}.pgm", image + 1);
            place.write(&file, crate::faces::face(person, image));
        }
    }
    // Two sets of four people each: three genuine and three impostor pairs.
    let mut list = String::from("2\t3\n");
    for set in 0..2 {
        let of = |person: usize| format!("Person_{}", 4 * set + person);
        for person in 0..3 {
            list.push_str(&format!("{}\t1\t{}\n", of(person), person + 2));
        }
        for person in 0..3 {
            list.push_str(&format!("{}\t2\t{}\t3\n", of(person), of(person + 1)));
        }
    }
    place.write("pairs.txt", &list);
    let args = [
        "crossval",
        "tiny.toml",
        "--data",
        "lfw",
        "--out",
        "cv",
        "--protocol",
        "pairs.txt",
        "--json",
        "--set",
        "pairs.per_kind=20",
    ];
    let document = place.siamese(&args).done().json();
    assert_eq!(document["folds"], 2);
    assert_eq!(document["figures"]["pooled"]["genuine"], 6);
    assert_eq!(document["figures"]["pooled"]["impostor"], 6);
    let scores = place.text("cv/fold-1/scores.csv");
    assert_eq!(scores.lines().count(), 1 + 6);
    assert!(scores.contains("Person_4/Person_4_0001.pgm,Person_4/Person_4_0002.pgm,genuine"));

    place.write("pairs.txt", list.replace("Person_7", "Person_9"));
    place
        .siamese(&args)
        .failed(1, &["pairs.txt, line", "Person_9"]);
    place.write("pairs.txt", &list[..list.len() - 30]);
    place.siamese(&args).failed(1, &["pairs.txt"]);
}

#[test]
fn what_has_no_folds_of_people_is_refused_before_anything_is_trained() {
    let place = Place::new();
    for (protocol, words) in [
        (
            "seed-pairs",
            &["does not divide subjects into folds", "k-fold:5"][..],
        ),
        ("k-fold:9", &["8 subjects"]),
        ("k-fold:1", &["k-fold:1"]),
        ("subjects-8-fold", &["40 subjects"]),
        ("missing.csv", &["missing.csv"]),
    ] {
        crossval(&place, &["--protocol", protocol]).failed(1, words);
    }
    // Folds that leave too few people with two images to learn from.
    for person in 1..=7 {
        for image in 2..=IMAGES {
            fs::remove_file(place.path(&format!("faces/p{person}/{image}.pgm"))).unwrap();
        }
    }
    crossval(&place, &[]).failed(1, &["fold", "genuine pairs", "ask for at most"]);
    assert!(!place.path("cv").exists());
}

#[test]
fn folds_that_compare_one_kind_only_are_refused_before_anything_is_trained() {
    let place = Place::new();
    crossval(&place, &["--protocol", "k-fold:8"])
        .failed(1, &["images of two subjects", "more subjects"]);
    assert!(!place.path("cv").exists());
}

#[test]
fn a_changed_list_is_noticed_and_force_trains_anew() {
    let place = Place::new();
    let list = |folds: [usize; 8]| {
        let lines = (1..)
            .zip(folds)
            .map(|(person, fold)| format!("p{person},{fold}\n"));
        format!("subject,fold\n{}", lines.collect::<String>())
    };
    place.write("people.csv", list([0, 0, 0, 0, 1, 1, 1, 1]));
    let args = ["--protocol", "people.csv", "--set", "pairs.per_kind=20"];
    crossval(&place, &args).done();
    let before = place.bytes("cv/crossval.json");
    place.write("people.csv", list([0, 1, 0, 1, 0, 1, 0, 1]));
    crossval(&place, &args).failed(1, &["cv/fold-0", "divided in another way", "--force"]);
    assert!(
        before == place.bytes("cv/crossval.json"),
        "the figures are lost"
    );
    let forced = crossval(&place, &[&args[..], &["--force"]].concat()).done();
    assert_eq!(forced.stderr.matches("already there").count(), 0);
    assert!(before != place.bytes("cv/crossval.json"));
}

#[test]
fn a_fold_in_the_place_of_another_is_not_counted_twice() {
    let place = Place::new();
    crossval(&place, &["-q"]).done();
    fs::remove_dir_all(place.path("cv/fold-1")).unwrap();
    fs::create_dir(place.path("cv/fold-1")).unwrap();
    for file in fs::read_dir(place.path("cv/fold-0")).unwrap() {
        let file = file.unwrap();
        if file.path().is_file() {
            fs::copy(file.path(), place.path("cv/fold-1").join(file.file_name())).unwrap();
        }
    }
    place.siamese(&["report", "cv"]).failed(
        1,
        &["cv/fold-1 holds fold 0", "run the cross-validation again"],
    );
}

#[test]
fn folds_of_two_recipes_are_not_pooled() {
    let place = Place::new();
    crossval(&place, &["-q"]).done();
    let edited = ["--set", "protocol.fold=1", "--set", "train.epochs=1"];
    let edited = [&edited[..], &["--force", "--set", "protocol.name=k-fold:4"]].concat();
    place.train("cv/fold-1", &edited).done();
    place
        .siamese(&["report", "cv"])
        .failed(1, &["cv/fold-1", "another recipe", "--force"]);
}

#[test]
fn several_images_of_each_subject_are_enrolled_if_asked() {
    let place = Place::hard();
    crossval(&place, &["--enrol", "2"]).done();
    assert!(
        place
            .text("cv/report.md")
            .contains("2 enrolled subjects, 2 images of each")
    );
    let searched = |place: &Place| {
        let report = place.json("cv/report.json");
        assert_eq!(report["test"]["templates"], 2);
        let figures = &report["methods"][0]["outcome"]["figures"];
        assert_eq!(figures["fnir_at_fpir"][0]["target"], 0.1);
        figures["rank_1"]["value"].as_f64().unwrap()
    };
    let rank_1 = searched(&place);
    // What it was judged by is remembered.
    place.siamese(&["report", "cv"]).done();
    assert_eq!(searched(&place), rank_1);
    place.siamese(&["report", "cv", "--enrol", "4"]).done();
    let said = "Nobody in a fold has more than 4 images";
    assert!(place.text("cv/report.md").contains(said));
}
