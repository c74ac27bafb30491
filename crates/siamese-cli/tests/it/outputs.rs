//! What commands write: nothing is replaced unasked, special files are written to, and modes follow the umask.

use std::fs;

use crate::faces::{Place, RECIPE};

#[test]
fn the_recipe_of_a_user_is_not_replaced_by_the_run_that_trains_it() {
    let place = Place::new();
    place.write("t/recipe.toml", RECIPE);
    let args = ["train", "t/recipe.toml", "--data", "faces", "--out", "t"];
    for force in [&[][..], &["--force"]] {
        let said = place.siamese(&[&args[..], force].concat());
        said.failed(
            1,
            &["t/recipe.toml would be replaced", "choose another --out"],
        );
    }
    assert_eq!(place.text("t/recipe.toml"), RECIPE);
    assert_eq!(fs::read_dir(place.path("t")).unwrap().count(), 1);
}

#[test]
fn each_kind_of_work_keeps_out_of_the_folders_of_the_others() {
    let place = Place::new();
    place.train("run", &["-q"]).done();
    let folds = |out: &str, more: &[&str]| {
        let args = ["crossval", "tiny.toml", "--data", "faces", "--out", out];
        place.siamese(&[&args[..], more].concat())
    };
    folds("cv", &["-q", "--set", "train.epochs=1"]).done();
    let files = ["run/figures.json", "run/report.html", "cv/crossval.json"];
    let before = files.map(|name| place.bytes(name));
    for force in [&[][..], &["--force"]] {
        folds("run", force).failed(1, &["run holds a training", "choose another --out"]);
        let sweep = ["sweep", "tiny.toml", "--data", "faces", "--out"];
        for (out, found) in [("run", "a training"), ("cv", "a cross-validation")] {
            let said = place.siamese(&[&sweep[..], &[out], force].concat());
            said.failed(1, &[&format!("{out} holds {found}")]);
            let eval = ["eval", "run", "--data", "faces", "--out", out];
            let said = place.siamese(&[&eval[..], force].concat());
            said.failed(1, &[&format!("{out} holds {found}")]);
        }
        place
            .train("cv", force)
            .failed(1, &["cv holds a cross-validation"]);
    }
    assert!(before == files.map(|name| place.bytes(name)));
    // What is not the user's and not in the way does not matter.
    place.write("mine/notes.txt", "mine");
    place.train("mine", &["-q"]).done();
    place.write("other/report.html", "mine");
    folds("other", &["-q"]).failed(1, &["other/report.html would be replaced"]);
}

#[test]
fn a_file_is_replaced_when_asked_and_only_by_its_own_kind() {
    let place = Place::new();
    place.train("run", &["-q"]).done();
    let commands: [&[&str]; 5] = [
        &["pairs", "tiny.toml", "--out", "made.csv"],
        &["embed", "run", "--out", "made.npy"],
        &[
            "embed",
            "run",
            "--out",
            "made.safetensors",
            "--index",
            "index.csv",
        ],
        &["eval", "run", "--no-report", "--scores", "scores.csv"],
        &["augment-preview", "tiny.toml", "--out", "sheet.png"],
    ];
    let data = ["--data", "faces"];
    fs::create_dir(place.path("empty")).unwrap();
    for command in commands {
        let file = command.last().unwrap();
        // `embed` writes a list beside its file.
        let run = |more: &[&str]| place.siamese(&[command, &data, more].concat());
        let _ = fs::remove_file(place.path("made.csv"));
        run(&["-q"]).done();
        let made = place.bytes(file);
        run(&[]).failed(1, &["exists already", "--force"]);
        run(&["--force"]).done();
        assert!(made == place.bytes(file), "{file}");
        place.write(file, "precious");
        run(&["--force"]).failed(1, &[file, "--force does not replace it"]);
        assert_eq!(place.text(file), "precious");
    }
    // A list of images has the form of the list beside embeddings, and is no less the user's.
    let list: String = ["p1", "p2", "p3", "p4"]
        .iter()
        .map(|name| format!("faces/{name}/1.pgm,{name}\n"))
        .collect();
    let list = format!("path,subject\n{list}");
    place.write("people.csv", &list);
    let embed = [
        "embed",
        "run",
        "--data",
        "people.csv",
        "--out",
        "people.npy",
    ];
    place
        .siamese(&embed)
        .failed(1, &["people.csv is what the command reads"]);
    place
        .siamese(&[&embed[..], &["--force"]].concat())
        .failed(1, &["people.csv is what the command reads"]);
    assert!(!place.path("people.npy").exists());
    let beside = ["--index", "people-of-npy.csv"];
    place.siamese(&[&embed[..], &beside].concat()).done();
    assert_eq!(place.text("people.csv"), list);
}

#[test]
fn two_models_that_are_judged_on_one_set_do_not_share_a_folder() {
    let place = Place::new();
    place.train("a", &["-q"]).done();
    place.train("b", &["-q", "--seed", "9"]).done();
    let eval = |run: &str, more: &[&str]| {
        let model = format!("{run}/model.safetensors");
        place.siamese(&[&["eval", &model, "--data", "faces"], more].concat())
    };
    eval("a", &[]).done();
    eval("b", &[]).done();
    eval("b", &["--protocol", "k-fold:4", "--fold", "1"]).done();
    let count = || fs::read_dir(place.path("runs")).unwrap().count();
    assert_eq!(count(), 3);
    eval("a", &["--threshold", "0.3"]).failed(1, &["runs/eval-faces-", "a report", "--force"]);
    eval("a", &["--threshold", "0.3", "--force"]).done();
    assert_eq!(count(), 3);
    // The folder of a run has those of its own model.
    place.siamese(&["eval", "a", "--data", "faces"]).done();
    let of_run = |name: &str| name.starts_with("eval-faces-k-fold-4-");
    let names = fs::read_dir(place.path("a")).unwrap();
    let mut names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.any(|name| of_run(&name)));
}

#[cfg(unix)]
#[test]
fn standard_output_takes_what_is_written_and_nothing_else() {
    let place = Place::new();
    place.train("run", &["-q"]).done();
    let run = |args: &[&str]| {
        let output = place
            .command(&[args, &["--data", "faces"]].concat())
            .output();
        let output = output.unwrap();
        assert!(output.status.success(), "{output:?}");
        (output.stdout, String::from_utf8(output.stderr).unwrap())
    };
    let cases: [(&[&str], &str, &str); 4] = [
        (
            &["pairs", "tiny.toml", "--out"],
            "pairs.csv",
            "pairs written to",
        ),
        (
            &["embed", "run", "--format", "npy", "--out"],
            "a.npy",
            "embeddings of",
        ),
        (&["eval", "run", "--no-report", "--scores"], "b.csv", "EER"),
        (&["augment-preview", "tiny.toml", "--out"], "a.png", "shows"),
    ];
    for (command, file, said) in cases {
        let (text, _) = run(&[command, &[file]].concat());
        assert!(String::from_utf8(text).unwrap().contains(said));
        for stdout in ["-", "/dev/stdout"] {
            let (bytes, text) = run(&[command, &[stdout]].concat());
            assert!(bytes == place.bytes(file), "{file} is not what came");
            assert!(text.contains(said), "{text}");
        }
        let args = [command, &["-", "--data", "faces", "--json"]].concat();
        place
            .siamese(&args)
            .failed(1, &["--json", "standard output"]);
    }
    let embed = ["embed", "run", "--data", "faces", "--out"];
    place
        .siamese(&[&embed[..], &["-"]].concat())
        .failed(1, &["--format"]);
    for (out, more) in [("one.csv", &[][..]), ("-", &["--index", "/dev/stdout"])] {
        let args = [&embed[..], &[out, "--format", "npy"], more].concat();
        place.siamese(&args).failed(1, &["two names", "--index"]);
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_to_and_a_device_never_replaced() {
    let place = Place::new();
    let pairs = ["pairs", "tiny.toml", "--data", "faces", "--out"];
    place.siamese(&[&pairs[..], &["a.csv"]].concat()).done();
    let pipe = place.path("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let read = std::thread::scope(|scope| {
        let reader = scope.spawn(|| fs::read(&pipe).unwrap());
        place.siamese(&[&pairs[..], &["pipe"]].concat()).done();
        reader.join().unwrap()
    });
    assert!(read == place.bytes("a.csv"));
    for _ in 0..2 {
        place.siamese(&[&pairs[..], &["/dev/null"]].concat()).done();
    }
    let recipe = ["new-recipe", "--data", "faces", "--out", "/dev/null"];
    place.siamese(&recipe).done();
}

#[cfg(unix)]
#[test]
fn what_is_written_is_as_private_as_the_umask_says() {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    let place = Place::new();
    let shell = |umask: &str, args: &[&str]| {
        let siamese = place.command(args);
        let status = Command::new("sh")
            .args(["-c", &format!("umask {umask}; exec \"$@\""), "sh"])
            .arg(siamese.get_program())
            .args(siamese.get_args())
            .current_dir(place.path(""))
            .output();
        let output = status.unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let mode = |name: &str| {
        let found = fs::metadata(place.path(name)).unwrap();
        found.permissions().mode() & 0o777
    };
    for (umask, wanted) in [("077", 0o600), ("022", 0o644)] {
        let (run, npy) = (format!("run{umask}"), format!("{umask}.npy"));
        let args = ["train", "tiny.toml", "--data", "faces", "--out", &run];
        shell(umask, &args);
        shell(umask, &["embed", &run, "--data", "faces", "--out", &npy]);
        let files = [
            "model.safetensors",
            "scores.csv",
            "report.html",
            "history.jsonl",
            "run.json",
        ];
        for file in files {
            assert_eq!(mode(&format!("{run}/{file}")), wanted, "{file}");
        }
        assert_eq!(mode(&npy), wanted);
        assert_eq!(mode(&format!("{umask}.csv")), wanted);
    }
    shell(
        "022",
        &[
            "embed", "run022", "--data", "faces", "--out", "077.npy", "--force",
        ],
    );
    assert_eq!(
        mode("077.npy"),
        0o600,
        "a file that is replaced keeps its mode"
    );
}
