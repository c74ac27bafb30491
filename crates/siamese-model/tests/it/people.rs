//! Training on batches of people: every loss learns, and runs repeat and resume to the byte.

use crate::small::{RECIPE, model_bytes, run};
use siamese_model::{Checkpoint, Keep, Outcome, Recipe};

/// The small recipe on batches of 3 people x 4 images, five an epoch, with this loss.
fn recipe(loss: &str, overrides: &[&str]) -> Recipe {
    recipe_of(RECIPE, loss, overrides)
}

fn recipe_of(base: &str, loss: &str, overrides: &[&str]) -> Recipe {
    let text = base
        .replace("batch = 16\n", "")
        .replace("[loss]\nkind = \"contrastive\"\n", "")
        + &format!("[batches]\npeople = 3\nimages = 4\nper_epoch = 5\n[loss]\n{loss}\n");
    Recipe::parse(&text, "people.toml", overrides).unwrap()
}

const SUM: &str = r#"kind = "sum"
terms = [
  { loss = { kind = "proxy-anchor", head_lr = 0.02 } },
  { weight = 0.5, loss = { kind = "supervised-contrastive" } },
  { weight = 0.1, loss = { kind = "normalised-softmax" } },
]"#;

/// A mean of the weights, every kind of augmentation and a normalisation: all that a run must find again.
const EVERYTHING: [&str; 3] = [
    "train.average=0.9",
    "augment={ rotation = 5.0, scale = 0.1, aspect = 0.1, shear = 3.0, shift = 0.05, flip = 0.5, gamma = 0.2, \
     contrast = 0.2, brightness = 0.05, light = 0.1, noise = 0.02, erase = 0.3 }",
    "data.normalise={ kind = \"local-contrast\", sigma = 2.0 }",
];

#[test]
fn every_loss_falls_while_it_is_trained_on() {
    for (loss, share) in [
        ("kind = 'contrastive'", 0.5),
        ("kind = 'triplet'\ntriplets = 'all'\nsoft = true", 0.8),
        ("kind = 'triplet'", 0.9),
        ("kind = 'triplet'\ntriplets = 'semi-hard'", 0.9),
        ("kind = 'supervised-contrastive'", 0.7),
        ("kind = 'nt-xent'", 0.7),
        ("kind = 'multi-similarity'", 0.9),
        ("kind = 'proxy-anchor'\nhead_lr = 0.02", 0.7),
        ("kind = 'arcface'\nscale = 16.0\nhead_lr = 0.02", 0.9),
        ("kind = 'cosface'\nscale = 16.0\nhead_lr = 0.02", 0.9),
        ("kind = 'normalised-softmax'\nhead_lr = 0.02", 0.7),
        (SUM, 0.7),
    ] {
        let recipe = recipe(loss, &["train.epochs=12"]);
        let history = run(&recipe, None, None, usize::MAX).unwrap().history;
        let (first, last) = (history[0].loss, history[11].loss);
        assert!(last < share * first, "{loss}: {first} to {last}");
    }
}

#[test]
fn the_same_run_gives_the_same_bytes_and_another_seed_others() {
    let recipe = recipe(SUM, &[]);
    let bytes = |recipe: &Recipe| {
        let trained = run(recipe, None, None, usize::MAX).unwrap();
        model_bytes(recipe, &trained, Keep::Last)
    };
    assert!(bytes(&recipe) == bytes(&recipe));
    let other = Recipe {
        seed: 6,
        ..recipe.clone()
    };
    assert!(bytes(&recipe) != bytes(&other));
}

/// A batch of 6 people x 15 images, with repetition, is shared out in parts, the last of them smaller; who computes which
/// must not matter, whether or not they meet at a batch normalisation.
#[test]
fn the_number_of_threads_changes_no_byte() {
    let mut overrides = EVERYTHING.to_vec();
    overrides.extend([
        "batches.people=6",
        "batches.images=15",
        "batches.too_few=repeat",
    ]);
    let on = |recipe: &Recipe, threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let trained = pool
            .install(|| run(recipe, None, None, usize::MAX))
            .unwrap();
        (model_bytes(recipe, &trained, Keep::Last), trained.history)
    };
    for base in [RECIPE, &RECIPE.replace("\"batch_norm\", ", "")] {
        let recipe = recipe_of(base, SUM, &overrides);
        let one = on(&recipe, 1);
        for threads in [2, 3, 4] {
            let (bytes, history) = on(&recipe, threads);
            assert_eq!(history, one.1, "{threads} threads");
            assert!(bytes == one.0, "{threads} threads");
        }
    }
}

/// Stopped in the middle of the first and third epoch, and right at the end of one.
#[test]
fn an_interrupted_run_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = recipe(SUM, &EVERYTHING);
    let whole = run(&recipe, None, None, usize::MAX).unwrap();
    for steps in [2, 5, 13] {
        let part = run(&recipe, Some(&path), None, steps).unwrap();
        assert_eq!(part.outcome, Outcome::Interrupted);
        let checkpoint = Checkpoint::load(&path).unwrap();
        let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
        assert_eq!(rest.history, whole.history, "{steps} steps");
        let bytes = |trained| model_bytes(&recipe, trained, Keep::Last);
        assert!(bytes(&rest) == bytes(&whole), "{steps} steps");
    }
}

#[test]
fn batches_that_cannot_be_filled_are_refused_with_the_numbers() {
    let refused = |overrides: &[&str], words: &[&str]| {
        let error = run(&recipe(SUM, overrides), None, None, usize::MAX).unwrap_err();
        for word in words {
            assert!(
                error.to_string().contains(word),
                "`{word}` is not in {error}"
            );
        }
    };
    refused(&["batches.people=7"], &["7", "6", "batches"]);
    refused(&["batches.images=6"], &["6", "s0", "batches"]);
    refused(
        &["batches.images=6", "batches.too_few=skip"],
        &["found 0", "batches"],
    );
}

#[test]
fn a_loss_that_needs_people_is_refused_without_them() {
    let text = RECIPE.replace("\"contrastive\"", "\"triplet\"");
    let error = Recipe::parse::<&str>(&text, "small.toml", &[]).unwrap_err();
    assert!(error.to_string().contains("add [batches]"), "{error}");
    let terms = r#"kind = "sum"
terms = [{ loss = { kind = "contrastive" } }, { loss = { kind = "nt-xent" } }]"#;
    let text =
        RECIPE.replace("kind = \"contrastive\"", terms) + "[batches]\npeople = 2\nimages = 2\n";
    let error = Recipe::parse::<&str>(&text, "small.toml", &[]).unwrap_err();
    assert!(
        error.to_string().contains("all terms must agree"),
        "{error}"
    );
}

/// A head of other people, or none: the checkpoint is of another experiment, or damaged.
#[test]
fn a_head_that_does_not_match_is_refused_when_resuming() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = recipe("kind = 'proxy-anchor'", &[]);
    run(&recipe, Some(&path), None, 2).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let refused = |from: &str, to: &str, words: &[&str]| {
        let at = whole.windows(from.len()).position(|w| w == from.as_bytes());
        let mut bytes = whole.clone();
        bytes[at.unwrap()..][..from.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, bytes).unwrap();
        let checkpoint = Checkpoint::load(&path).unwrap();
        let error = run(&recipe, None, Some(checkpoint), usize::MAX).unwrap_err();
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    };
    let head = "\"head.1\":{\"dtype\":\"F32\",\"shape\":[6,8]";
    let other = head.replace("[6,8]", "[8,6]");
    refused(
        head,
        &other,
        &["cannot be resumed", "head was learnt for other people"],
    );
    refused("\"head.1\"", "\"hEad.1\"", &["it has no tensor head.1"]);

    // Somebody is no longer learnt from.
    let mut data = crate::small::Data::new();
    data.people.pop();
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = siamese_model::TrainOptions {
        device: siamese_model::Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    std::fs::write(&path, &whole).unwrap();
    let checkpoint = Checkpoint::load(&path).unwrap();
    let resumed = siamese_model::train(
        &recipe,
        &data.set(&recipe),
        &options,
        Some(checkpoint),
        &mut (),
    );
    let error = resumed.unwrap_err();
    assert!(error.to_string().contains("cannot be resumed"), "{error}");
}

/// Two of seven people have fewer than four images: a vector of theirs would only push the others away.
#[test]
fn a_head_holds_those_alone_who_are_in_batches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = recipe("kind = 'proxy-anchor'", &["batches.too_few=skip"]);
    let data = crate::small::Data::new();
    let counts = [5, 3, 5, 5, 2, 5, 5];
    let catalog =
        pairgen::Catalog::from_counts((0..7).map(|s| (format!("s{s}"), counts[s]))).unwrap();
    let set = siamese_model::TrainingSet {
        learning: siamese_model::Learning::Subjects {
            catalog: &catalog,
            subjects: &catalog.all_subjects(),
        },
        ..data.set(&recipe)
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    let options = siamese_model::TrainOptions {
        device: siamese_model::Device::Cpu,
        checkpoint: Some(&path),
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    siamese_model::train(&recipe, &set, &options, None, &mut ()).unwrap();
    let saved = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
    assert!(saved.contains("\"head.1\":{\"dtype\":\"F32\",\"shape\":[5,8]"));
}
