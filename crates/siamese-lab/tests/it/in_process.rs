//! Trainings in the process of the program that asks for them.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use siamese_lab::model::Observer;
use siamese_lab::{
    CrossvalSettings, InProcess, Note, TrainSettings, Watch, crossval, read_recipe, train,
};
use tempfile::TempDir;

const RECIPE: &str = r#"name = "tiny"
seed = 3
[protocol]
name = "k-fold:4"
[pairs]
per_kind = 30
[encoder]
input = [1, 16, 12]
layers = [{ conv = 4, kernel = 3 }, "relu", { max_pool = 2 }, "flatten", { dense = 8 }]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
lr = 0.003
[train]
epochs = 2
batch = 16
"#;

/// A recipe, and eight subjects with four images each.
fn place() -> TempDir {
    let place = TempDir::new().unwrap();
    fs::write(place.path().join("tiny.toml"), RECIPE).unwrap();
    for subject in 0..8_usize {
        for image in 0..4_usize {
            let at = |y: usize, x: usize| {
                (y * (subject + 1) * 13 + x * (7 * subject + 3) + 9 * image) % 256
            };
            let pixels = (0..16).flat_map(|y| (0..12).map(move |x| at(y, x) as u8));
            let mut file = b"P5\n12 16\n255\n".to_vec();
            file.extend(pixels);
            let folder = place.path().join(format!("faces/p{subject}"));
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join(format!("{image}.pgm")), file).unwrap();
        }
    }
    place
}

fn recipe(place: &Path) -> String {
    place.join("tiny.toml").display().to_string()
}

#[test]
fn a_cross_validation_leaves_what_a_training_of_each_fold_leaves() {
    let place = place();
    let stop = AtomicBool::new(false);
    let mut notes = Vec::new();
    let mut settings = CrossvalSettings::new(recipe(place.path()), place.path().join("faces"));
    settings.out = Some(place.path().join("folds"));
    let mut hear = |note: &Note| notes.push(note.clone());
    let found = crossval(&settings, &InProcess, &stop, &mut hear)
        .unwrap()
        .unwrap();
    assert_eq!(found.folds.len(), 4);
    assert!(found.folder.join("report.html").exists());
    let done = |note: &&Note| {
        matches!(
            note,
            Note::Done {
                already_there: false,
                ..
            }
        )
    };
    assert_eq!(notes.iter().filter(done).count(), 4);
    // What each training says is heard as well.
    let begun = |note: &&Note| matches!(note, Note::Trains { .. });
    assert_eq!(notes.iter().filter(begun).count(), 4);

    let overrides = ["protocol.name=k-fold:4", "protocol.fold=2"].map(str::to_owned);
    let alone = read_recipe(&recipe(place.path()), &overrides).unwrap();
    let alone = TrainSettings::new(alone, place.path().join("faces"));
    let alone = alone.into_folder(place.path().join("alone"));
    let alone = train(&alone, &stop, &mut |_: &Note| {}).unwrap().unwrap();
    let model = |folder: &Path| fs::read(folder.join("model.safetensors")).unwrap();
    assert!(model(&alone.folder) == model(&found.folder.join("fold-2")));
    assert_eq!(alone.record.figures, found.folds[2].figures);

    // A second time everything is there.
    let mut notes = Vec::new();
    let mut hear = |note: &Note| notes.push(note.clone());
    crossval(&settings, &InProcess, &stop, &mut hear)
        .unwrap()
        .unwrap();
    let there = |note: &&Note| {
        matches!(
            note,
            Note::Done {
                already_there: true,
                ..
            }
        )
    };
    assert_eq!(notes.iter().filter(there).count(), 4);
}

#[test]
fn one_that_is_asked_to_stop_begins_nothing() {
    let place = place();
    let stop = AtomicBool::new(true);
    let mut settings = CrossvalSettings::new(recipe(place.path()), place.path().join("faces"));
    settings.out = Some(place.path().join("folds"));
    let found = crossval(&settings, &InProcess, &stop, &mut |_: &Note| {}).unwrap();
    assert!(found.is_none());
    assert!(!place.path().join("folds/fold-0").exists());
}

/// Hears notes, and observes fewer networks than there are.
struct Deaf;

impl Watch for Deaf {
    fn note(&mut self, _: &Note) {}

    fn networks(&mut self, _: usize) -> Vec<Box<dyn Observer + Send>> {
        Vec::new()
    }
}

#[test]
fn networks_that_nobody_observes_are_trained_all_the_same() {
    let place = place();
    let members = format!("{RECIPE}[[members]]\n[[members]]\noptimizer.lr = 0.002\n");
    fs::write(place.path().join("tiny.toml"), members).unwrap();
    let recipe = read_recipe(&recipe(place.path()), &[]).unwrap();
    let settings = TrainSettings::new(recipe, place.path().join("faces"));
    let settings = settings.into_folder(place.path().join("out"));
    let found = train(&settings, &AtomicBool::new(false), &mut Deaf).unwrap();
    assert_eq!(found.unwrap().record.epochs, 2);
    for file in ["checkpoint-1.safetensors", "checkpoint-2.safetensors"] {
        assert!(place.path().join("out").join(file).exists(), "{file}");
    }
}
