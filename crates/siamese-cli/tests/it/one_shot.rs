//! One-shot tests, few-shot episodes and groups of subjects, from the command line.

use crate::faces::{HEIGHT, Place, WIDTH, pgm};

const GROUPS: usize = 3;
const RUNS: usize = 10;
const CLASSES: usize = 3;

/// A pattern of the subject's own in noise of the image's own.
fn picture(subject: usize, image: usize) -> Vec<u8> {
    let mut state = (subject * 1009 + image * 9176 + 1) as u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 26) as usize
    };
    let at = |y: usize, x: usize| (y * (subject % 7 + 1) * 13 + x * (5 * subject + 3)) % 160;
    let places = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (y, x)));
    let samples = places.map(|(y, x)| (at(y, x) + noise()) as u8).collect();
    pgm(WIDTH, HEIGHT, samples)
}

/// `set`, with three groups of three subjects, and `runs`, ten of three classes and three items each.
fn place() -> Place {
    let place = Place::new();
    for subject in 0..3 * GROUPS {
        for image in 0..4 {
            let name = format!("set/g{}/s{}/{image}.pgm", subject / 3, subject % 3);
            place.write(&name, picture(subject, image));
        }
    }
    for run in 0..RUNS {
        let mut labels = String::new();
        for class in 0..CLASSES {
            let subject = 20 + run * CLASSES + class;
            let folder = format!("runs/run{run:02}");
            place.write(
                &format!("{folder}/training/c{class}.pgm"),
                picture(subject, 0),
            );
            place.write(&format!("{folder}/test/i{class}.pgm"), picture(subject, 1));
            labels += &format!("run{run:02}/test/i{class}.pgm run{run:02}/training/c{class}.pgm\n");
        }
        place.write(&format!("runs/run{run:02}/class_labels.txt"), labels);
    }
    place
}

const DATA: [&str; 4] = ["--data", "set", "--layout", "{alphabet}/{subject}/*"];

fn train(place: &Place, more: &[&str]) -> crate::faces::Said {
    let args = [
        "train",
        "tiny.toml",
        "--out",
        "run",
        "--set",
        "protocol.name=one-shot:runs",
    ];
    place.siamese(&[&args[..], &DATA, more].concat())
}

#[test]
fn runs_judge_a_training_and_are_never_trained_on() {
    let place = place();
    let document = train(&place, &["--json"]).done().json();
    let figures = &document["figures"];
    assert_eq!(figures["leaks_people"], false);
    assert_eq!([&figures["genuine"], &figures["impostor"]], [30, 60]);
    let trials = &figures["one_shot"];
    assert_eq!([&trials["trials"], &trials["ways"]], [30, 3]);
    let errors = trials["errors"].as_u64().unwrap();
    assert!(errors < 30);

    // By the distances of the run.
    let text = place.text("run/scores.csv");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    assert_eq!(rows.len(), 90);
    let wrong = rows.chunks(CLASSES).filter(|trial| {
        let distance = |row: &Vec<&str>| row[3].parse::<f32>().unwrap();
        let own = trial.iter().find(|row| row[2] == "genuine").unwrap();
        let others = trial.iter().filter(|row| row[2] == "impostor");
        others.map(distance).any(|other| other <= distance(own))
    });
    assert_eq!(wrong.count() as u64, errors);

    // Everything that judges it again says the same, also from elsewhere.
    let report = place.siamese(&["report", "run", "--json"]).done().json();
    let of_report = &report["methods"][0]["outcome"]["figures"]["one_shot"];
    assert_eq!(of_report["errors"].as_u64(), Some(errors));
    assert_eq!(of_report["runs"].as_array().unwrap().len(), RUNS);
    let classical = report["methods"].as_array().unwrap().iter();
    let judged =
        classical.filter(|method| method["outcome"]["figures"]["one_shot"]["trials"] == 30);
    assert!(judged.count() >= 4, "pixels and others have trials, too");
    for page in ["run/report.html", "run/report.md"] {
        let page = place.text(page);
        assert!(page.contains("One-shot trials") && page.contains("30 trials in 10 runs"));
    }
    let eval = ["eval", "run", "--no-report", "--json"];
    let own = place.siamese(&[&eval[..], &DATA].concat()).done().json();
    assert_eq!(own["one_shot"], *trials);
    assert_eq!(own["leaks_people"], false);
    let again = [
        "train",
        "--resume",
        "run",
        "--set",
        "train.epochs=4",
        "--json",
    ];
    let longer = place.siamese(&again).done().json();
    assert_eq!(longer["figures"]["one_shot"]["trials"], 30);
}

#[test]
fn a_model_that_runs_judged_is_still_known_to_know_its_set() {
    let place = place();
    train(&place, &["--no-report"]).done();
    let eval = ["eval", "run", "--no-report", "--json", "--protocol", "all"];
    let figures = place.siamese(&[&eval[..], &DATA].concat()).done().json();
    assert_eq!(figures["leaks_people"], true);
    assert!(figures["one_shot"].is_null());

    // So it is where another training would begin with it.
    let args = [
        "crossval",
        "tiny.toml",
        "--out",
        "cv",
        "--init",
        "run/model.safetensors",
    ];
    let folds = ["--protocol", "k-fold-groups:3"];
    place.siamese(&[&args[..], &folds, &DATA].concat()).failed(
        1,
        &["run/model.safetensors", "was trained on", "3 of the 3"],
    );

    // Runs that changed since judge nothing here, so they are in nobody's way.
    place.write(
        "runs/run00/training/c0.pgm",
        pgm(WIDTH + 1, HEIGHT, vec![0; (WIDTH + 1) * HEIGHT]),
    );
    let figures = place.siamese(&[&eval[..], &DATA].concat()).done().json();
    assert_eq!(figures["leaks_people"], false);
    place.write("runs/run00/class_labels.txt", "nothing of the kind");
    place.siamese(&[&eval[..], &DATA].concat()).done();
}

#[test]
fn folds_of_groups_and_episodes_within_them() {
    let place = place();
    let args = [
        "crossval",
        "tiny.toml",
        "--out",
        "cv",
        "--protocol",
        "k-fold-groups:3",
    ];
    let episodes = [
        "--set",
        "episodes={way=3, shot=2, count=50, within=\"group\"}",
    ];
    let said = place
        .siamese(&[&args[..], &DATA, &episodes].concat())
        .done();
    assert!(
        said.stdout.contains("3-way 2-shot accuracy within a group"),
        "{said:?}"
    );
    for group in ["g0", "g1", "g2"] {
        assert!(said.stdout.contains(&format!("\n{group} ")), "{said:?}");
    }
    let report: serde_json::Value = serde_json::from_str(&place.text("cv/report.json")).unwrap();
    let groups = report["groups"].as_array().unwrap();
    assert_eq!(groups.len(), GROUPS);
    // Of 12 images of three subjects: 18 genuine pairs.
    assert!(
        groups
            .iter()
            .all(|group| group["genuine"] == 18 && group["impostor"] == 48)
    );
    let played = &report["methods"][0]["outcome"]["figures"]["few_shot"];
    assert_eq!([&played["ways"], &played["shots"]], [3, 2]);
    assert_eq!(played["within_group"], true);

    // Asked for otherwise, it is judged anew, and what was asked for is remembered.
    let other = ["--episodes", "way=2,shot=1,count=50,within=group"];
    place
        .siamese(&[&args[..], &DATA, &episodes, &other].concat())
        .done();
    assert_eq!(place.json("cv/crossval.json")["episodes"]["way"], 2);
    let report = place.siamese(&["report", "cv", "--json"]).done().json();
    let played = &report["methods"][0]["outcome"]["figures"]["few_shot"];
    assert_eq!([&played["ways"], &played["shots"]], [2, 1]);
    assert_eq!(played["within_group"], true);

    let eval = [
        "eval",
        "cv/fold-0",
        "--no-report",
        "--protocol",
        "all",
        "--episodes",
    ];
    let said = place
        .siamese(&[&eval[..], &["way=4,shot=1,within=group"], &DATA].concat())
        .done();
    assert!(
        said.stdout.contains(
            "The 4-way 1-shot episodes of [episodes] were not played: no group has more than 3"
        ),
        "{said:?}"
    );
    place
        .siamese(&[&eval[..], &["ways=4"], &DATA].concat())
        .failed(2, &["unknown field `ways`"]);
}

#[test]
fn classes_are_made_of_subjects_in_training_alone() {
    let place = place();
    let more = [
        "--set",
        "batches={people=6, images=2, per_epoch=2}",
        "--set",
        "augment={classes=[\"flip\"], elastic=0.05}",
        "--set",
        "loss={kind=\"proxy-anchor\"}",
    ];
    let said = train(&place, &more).done();
    assert!(
        said.stderr
            .contains("batches of 6 of 18 classes, 2 made of each of 9 subjects"),
        "{said:?}"
    );
    let square = ["--set", "augment.classes=[\"rotate90\"]", "--force"];
    train(&place, &[&more[..], &square].concat()).failed(1, &["as high as wide", "16 x 12"]);
}

#[test]
fn what_is_no_test_says_what_is_missing() {
    let place = place();
    let args = ["train", "tiny.toml", "--out", "run", "--set"];
    let with = |protocol: &str| place.siamese(&[&args[..], &[protocol], &DATA].concat());
    with("protocol.name=one-shot:faces")
        .failed(1, &["faces is no one-shot test", "class_labels.txt"]);
    with("protocol.name=omniglot-runs").failed(1, &["all_runs", "scripts/fetch_omniglot.py"]);
    let flat = [
        "train",
        "tiny.toml",
        "--out",
        "run",
        "--data",
        "faces",
        "--set",
        "protocol.name=k-fold-groups:2",
    ];
    place
        .siamese(&flat)
        .failed(1, &["{group}/{subject}/*", "path,subject,group"]);
    let inside = [
        "sweep",
        "tiny.toml",
        "--grid",
        "optimizer.lr=1e-3,2e-3",
        "--inside",
        "--out",
        "sweep",
        "--protocol",
        "one-shot:runs",
    ];
    place
        .siamese(&[&inside[..], &DATA].concat())
        .failed(1, &["k-fold-groups:N"]);
}
