//! What goes wrong in training and gives no error is found, named and explained; healthy training is silent.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::Array3;
use pairgen::{Catalog, PairKind, PairSet};
use siamese_model::{
    Checkpoint, Device, EmbeddingHealth, Error, Event, Finding, FindingKind, ImageStack, Learning,
    Observer, Recipe, Severity, TrainOptions, Trained, TrainingSet, findings, train,
};

const RECIPE: &str = r#"
name = "small"
seed = 5
[protocol]
name = "k-fold:4"
[encoder]
input = [1, 16, 12]
layers = [{ conv = 4, kernel = 3 }, "relu", { max_pool = 2 }, "flatten", { dense = 24 }, "relu", { dense = 16 }]
[loss]
kind = "contrastive"
[optimizer]
kind = "adam"
lr = 0.003
[train]
epochs = 4
batch = 16
"#;

fn recipe(overrides: &[&str]) -> Recipe {
    Recipe::parse(RECIPE, "small.toml", overrides).unwrap()
}

/// The recipe with a relu at its end, as the classic recipe has it.
fn relu_recipe(overrides: &[&str]) -> Recipe {
    let text = RECIPE.replace("{ dense = 16 }", "{ dense = 32 }, \"relu\"");
    Recipe::parse(&text, "small.toml", overrides).unwrap()
}

/// Folders of images and pairs of them.
struct Data {
    catalog: Catalog,
    images: ImageStack,
    pairs: PairSet,
    fit: Vec<u32>,
    validation: Vec<u32>,
    /// For batches.
    people: Vec<u32>,
}

impl Data {
    /// Each person is a pattern of their own, each image that pattern with some noise. `person` says who is in which
    /// image of which folder. The pairs of the last four folders validate, those of the others train.
    fn new([folders, images]: [u32; 2], person: impl Fn(u32, u32) -> u32) -> Self {
        let mut state = 1u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state >> 28
        };
        let pixels = Array3::from_shape_fn(((folders * images) as usize, 16, 12), |(i, y, x)| {
            let person = person(i as u32 / images, i as u32 % images) as usize;
            let pattern = (y * (person * 7 % 11 + 1) * 13 + x * (7 * (person * 5 % 13) + 3)) % 190;
            (pattern as u32 + noise()) as u8
        });
        let catalog =
            Catalog::from_counts((0..folders).map(|s| (format!("s{s}"), images))).unwrap();
        let (train, judge): (Vec<u32>, _) = (0..folders).partition(|s| s + 4 < folders);
        let per_kind = (4 * images * (images - 1) / 2) as usize;
        let fit = PairSet::balanced(&catalog, &train, per_kind, per_kind, 9).unwrap();
        let validation = PairSet::balanced(&catalog, &judge, per_kind, per_kind, 9).unwrap();
        let both = fit.iter().chain(validation.iter());
        let pairs = PairSet::from_samples(&catalog, both.map(|pair| (pair.a, pair.b))).unwrap();
        let (fit, end) = (fit.len() as u32, pairs.len() as u32);
        Self {
            images: ImageStack::new(pixels.view()).unwrap(),
            catalog,
            pairs,
            fit: (0..fit).collect(),
            validation: (fit..end).collect(),
            people: train,
        }
    }

    /// A folder for each of ten people.
    fn people() -> Self {
        Self::new([10, 8], |folder, _| folder)
    }

    /// A folder for each of eight sessions, with an image of everybody in it.
    fn sessions() -> Self {
        Self::new([8, 20], |_, image| image)
    }

    /// What this recipe learns from.
    fn set(&self, recipe: &Recipe) -> TrainingSet<'_> {
        TrainingSet {
            images: &self.images,
            pairs: &self.pairs,
            validation: &self.validation,
            learning: match recipe.batches {
                Some(_) => Learning::Subjects {
                    catalog: &self.catalog,
                    subjects: &self.people,
                },
                None => Learning::Pairs {
                    fit: &self.fit,
                    catalog: Some(&self.catalog),
                },
            },
        }
    }
}

/// Keeps the findings, and asks to stop after so many steps.
struct Listener<'a> {
    findings: Vec<Finding>,
    steps: usize,
    stop: &'a AtomicBool,
}

impl Observer for Listener<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Finding(finding) => self.findings.push((*finding).clone()),
            Event::Step { .. } => {
                self.steps -= 1;
                if self.steps == 0 {
                    self.stop.store(true, Ordering::SeqCst);
                }
            }
            _ => {}
        }
    }
}

/// A run, or its rest, up to so many steps: how it ended, and what it told.
fn run_steps(
    recipe: &Recipe,
    data: &Data,
    checkpoint: Option<&Path>,
    steps: usize,
) -> (Result<Trained, Error>, Vec<Finding>) {
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let mut listener = Listener {
        findings: Vec::new(),
        steps,
        stop: &stop,
    };
    let resume = checkpoint.and_then(|path| Checkpoint::load(path).ok());
    let trained = train(recipe, &data.set(recipe), &options, resume, &mut listener);
    (trained, listener.findings)
}

/// A whole run: what it told, and what its last epoch looks like. A report made from the history tells the same.
fn run(recipe: &Recipe, data: &Data) -> (Vec<Finding>, EmbeddingHealth) {
    let (trained, told) = run_steps(recipe, data, None, usize::MAX);
    let history = trained.unwrap().history;
    assert_eq!(told, findings(recipe, &history));
    let health = history.last().unwrap().health.clone().unwrap();
    (told, health)
}

fn kinds(findings: &[Finding]) -> Vec<FindingKind> {
    findings.iter().map(|finding| finding.kind).collect()
}

#[test]
fn healthy_training_is_silent() {
    for recipe in [recipe(&[]), relu_recipe(&[]), recipe(&["loss.margin=0.3"])] {
        let mut data = Data::people();
        let (told, health) = run(&recipe, &data);
        assert_eq!(told, []);
        assert_eq!((health.images, health.trained_on), (32, 0.0));
        assert_eq!((health.genuine_pairs, health.impostor_pairs), (112, 112));
        assert!(health.auc.unwrap() > 0.9, "{health:?}");

        // Without validation pairs, a sample of the training pairs is looked at.
        data.validation.clear();
        let (told, health) = run(&recipe, &data);
        assert_eq!(told, []);
        assert_eq!((health.images, health.trained_on), (48, 1.0));
        assert!(health.auc.unwrap() > 0.9, "{health:?}");
    }
}

#[test]
fn a_catalogue_of_other_images_is_refused() {
    let recipe = recipe(&[]);
    let mut data = Data::people();
    data.catalog = Catalog::from_counts([("a", 7)]).unwrap();
    let (trained, _) = run_steps(&recipe, &data, None, usize::MAX);
    let error = trained.unwrap_err().to_string();
    assert!(
        error.contains("names 7 images, but 80 are given"),
        "{error}"
    );
}

/// Nothing but genuine pairs to learn from: embedding every image alike is then the best there is.
#[test]
fn embeddings_that_collapse_for_want_of_impostors_are_found() {
    let recipe = recipe(&["train.epochs=30", "optimizer.lr=0.01"]);
    let mut data = Data::people();
    data.fit
        .retain(|&n| data.pairs.get(n as usize).kind == PairKind::Genuine);
    let (told, health) = run(&recipe, &data);
    assert_eq!(
        kinds(&told),
        [FindingKind::CollapsedEmbeddings],
        "{health:?}"
    );
    let text = told[0].to_string();
    assert!(text.contains("of the margin 1"), "{text}");
    assert!(text.contains("as many impostor as genuine"), "{text}");
}

/// A rate that drives every relu at the encoder's end below zero.
#[test]
fn embeddings_that_collapse_to_zero_are_found_in_the_first_epoch() {
    let recipe = relu_recipe(&["optimizer.lr=5"]);
    let (told, health) = run(&recipe, &Data::people());
    assert_eq!(health.spread, 0.0);
    assert_eq!(kinds(&told), [FindingKind::CollapsedEmbeddings]);
    assert_eq!(told[0].epoch, 1);
    let rate = "lower optimizer.lr (it is 5)";
    assert!(told[0].remedy.contains(rate), "{}", told[0]);
}

#[test]
fn dimensions_that_die_are_found() {
    let recipe = relu_recipe(&["optimizer.lr=0.05"]);
    let (told, health) = run(&recipe, &Data::people());
    assert!((29..32).contains(&health.dead_dimensions), "{health:?}");
    assert_eq!(kinds(&told), [FindingKind::DeadDimensions]);
    let evidence = "of 32 dimensions are the same for all of 32 images";
    assert!(told[0].evidence.contains(evidence), "{}", told[0]);
}

#[test]
fn folders_that_are_not_people_are_found() {
    let recipe = recipe(&[]);
    let (told, health) = run(&recipe, &Data::sessions());
    assert_eq!(kinds(&told), [FindingKind::ReversedPolarity], "{health:?}");
    assert_eq!(told[0].epoch, 2);
    let meaning = "a session, a camera";
    assert!(told[0].meaning.contains(meaning), "{}", told[0]);
}

/// As the classic recipe pairs: impostors share the image number, so here every one of them shows one person.
#[test]
fn pairs_of_which_every_kind_is_the_other_are_found() {
    let recipe = recipe(&["train.epochs=2", "train.batch=64"]);
    let mut data = Data::sessions();
    let all = data.catalog.all_subjects();
    data.pairs = PairSet::seed_recipe(&data.catalog, &all, 2000, 1).unwrap();
    (data.fit, data.validation) = (0..4000).partition(|n| n % 4 > 0);
    let (told, health) = run(&recipe, &data);
    assert!(health.auc.unwrap() < 0.4, "{health:?}");
    let expected = [FindingKind::LeakyValidation, FindingKind::ReversedPolarity];
    assert_eq!(kinds(&told), expected, "{health:?}");
}

#[test]
fn a_validation_of_people_who_are_trained_on_is_noted_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = recipe(&["train.epochs=5"]);
    let mut data = Data::people();
    (data.fit, data.validation) = (0..224).partition(|n| n % 4 > 0);
    // 168 training pairs, 11 steps an epoch: stopped in the second epoch, at the end of the third, and resumed.
    let mut told = Vec::new();
    for steps in [15, 18, usize::MAX] {
        let (trained, heard) = run_steps(&recipe, &data, Some(&path), steps);
        told.extend(heard);
        if steps == usize::MAX {
            assert_eq!(trained.unwrap().history.len(), 5);
        }
    }
    assert_eq!(kinds(&told), [FindingKind::LeakyValidation]);
    assert_eq!(told[0].kind.severity(), Severity::Note);
    let (whole, _) = run_steps(&recipe, &data, None, usize::MAX);
    assert_eq!(findings(&recipe, &whole.unwrap().history), told);

    let text = told[0].to_string();
    for words in ["100 % of the", "protocol.validation_people"] {
        assert!(text.contains(words), "{text}");
    }
    let (told, _) = run(&self::recipe(&["protocol.name=seed-pairs"]), &data);
    let by_design = "made so, for reproducing";
    assert!(told[0].meaning.contains(by_design), "{}", told[0]);
}

#[test]
fn patience_that_nothing_can_end_is_noted() {
    let recipe = self::recipe(&["train.patience=1"]);
    let mut data = Data::people();
    assert_eq!(run(&recipe, &data).0, []);
    data.validation.clear();
    let (told, _) = run(&recipe, &data);
    assert_eq!(kinds(&told), [FindingKind::UnusedPatience]);
    assert_eq!(told[0].kind.severity(), Severity::Note);
    let text = told[0].to_string();
    assert!(text.contains("protocol.validation_people"), "{text}");
    // Nor can anything be measured where batches of people leave no pairs to train on.
    let set = [
        "train.patience=1",
        "loss={ kind = 'proxy-anchor' }",
        "batches={ people = 4, images = 2 }",
    ];
    data.fit.clear();
    let (trained, told) = run_steps(&self::recipe(&set), &data, None, usize::MAX);
    assert!(trained.unwrap().history[0].health.is_none());
    assert_eq!(kinds(&told), [FindingKind::UnusedPatience]);
}

/// The rate grows beyond all bounds after two epochs.
#[test]
fn a_loss_that_is_no_number_names_its_step_and_leaves_the_last_good_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let text = RECIPE.replace("\"adam\"", "\"sgd\"");
    let schedule = [
        "schedule.kind=step",
        "schedule.every_epochs=2",
        "schedule.factor=1e60",
    ];
    let recipe = Recipe::parse(&text, "small.toml", &schedule).unwrap();
    let data = Data::people();
    let (trained, told) = run_steps(&recipe, &data, Some(&path), usize::MAX);
    let error = trained.unwrap_err();
    // Its first step is taken from good weights.
    let at = matches!(
        error,
        Error::NotFinite {
            epoch: 3,
            step: Some(2),
            ..
        }
    );
    assert!(at, "{error}");
    assert_eq!(told, []);
    let finding = error.finding().unwrap();
    assert_eq!((finding.kind, finding.epoch), (FindingKind::NotFinite, 3));
    assert_eq!(finding.to_string(), error.to_string());
    let parts = [
        "not-finite in epoch 3",
        "in step 2",
        "lower optimizer.lr",
        "last good epoch",
    ];
    for words in parts {
        assert!(finding.to_string().contains(words), "{finding}");
    }
    assert_eq!(Checkpoint::load(&path).unwrap().epochs(), 2);

    // Stopped right after the step that broke the weights, whose own loss was still a number.
    let (trained, _) = run_steps(&recipe, &data, Some(&path), 1);
    let error = trained.unwrap_err();
    let at = matches!(
        error,
        Error::NotFinite {
            which: "a weight",
            epoch: 3,
            step: Some(1),
            ..
        }
    );
    assert!(at, "{error}");
    assert_eq!(Checkpoint::load(&path).unwrap().epochs(), 2);
}
