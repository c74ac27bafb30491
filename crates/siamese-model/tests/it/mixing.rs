//! Training on people who are mixed of two.

use std::sync::atomic::AtomicBool;

use crate::small::{Data, RECIPE, SUBJECTS, model_bytes, pixels, run};
use ndarray::{Array5, Axis};
use safetensors::SafeTensors;
use siamese_model::{
    Checkpoint, Device, Event, ImageStack, Keep, Observer, Recipe, TrainOptions, preview,
    preview_mixed, train,
};

/// The small recipe on batches of 3 of 6 people and 2 of 7 mixed ones, with 4 images each.
fn recipe(overrides: &[&str]) -> Recipe {
    let text = RECIPE.replace("\"contrastive\"", "\"proxy-anchor\"\nhead_lr = 0.02")
        + "[batches]\npeople = 3\nimages = 4\nper_epoch = 5\n[augment]\nnoise = 0.02\n";
    let mut all = vec!["augment.mix=7", "batches.mixed=2"];
    all.extend(overrides);
    Recipe::parse(&text, "mixed.toml", &all).unwrap()
}

const NONE: [&str; 2] = ["augment.mix=0", "batches.mixed=0"];

struct Images(Vec<usize>);

impl Observer for Images {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Step { images, .. } = event {
            self.0.push(*images);
        }
    }
}

#[test]
fn mixed_people_fill_batches_up_and_have_rows_of_the_head() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: Some(&path),
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    for (recipe, images, rows) in [
        (recipe(&[]), 5 * 4, SUBJECTS + 7),
        (recipe(&NONE), 3 * 4, SUBJECTS),
    ] {
        let mut heard = Images(Vec::new());
        train(
            &recipe,
            &Data::new().set(&recipe),
            &options,
            None,
            &mut heard,
        )
        .unwrap();
        assert_eq!(heard.0, vec![images; 20]);
        let bytes = std::fs::read(&path).unwrap();
        let head = SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(head.tensor("head.1").unwrap().shape(), [rows, 8]);
    }
}

/// On one thread, on three with the batch in shards or, with batch normalisation, as a whole; and resumed.
#[test]
fn runs_give_the_same_bytes_and_mixing_others() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let sharded = Recipe::parse(
        &recipe(&["batches.people=6", "batches.mixed=4"])
            .to_toml()
            .unwrap()
            .replace("\"batch_norm\", ", ""),
        "sharded.toml",
        &[] as &[&str],
    )
    .unwrap();
    for recipe in [recipe(&[]), sharded] {
        let on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let trained = pool
                .unwrap()
                .install(|| run(&recipe, None, None, usize::MAX));
            model_bytes(&recipe, &trained.unwrap(), Keep::Last)
        };
        let whole = on(1);
        assert!(on(3) == whole);
        run(&recipe, Some(&path), None, 7).unwrap();
        let checkpoint = Checkpoint::load(&path).unwrap();
        let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
        assert!(model_bytes(&recipe, &rest, Keep::Last) == whole);
    }
    let [with, without] = [&[][..], &NONE].map(|overrides| {
        let recipe = recipe(overrides);
        let trained = run(&recipe, None, None, usize::MAX).unwrap();
        trained.history.last().unwrap().loss
    });
    assert_ne!(with, without);
}

/// Every mixed person is told apart in the end: the loss falls as it does without them.
#[test]
fn the_loss_falls() {
    let history = run(&recipe(&["train.epochs=12"]), None, None, usize::MAX);
    let history = history.unwrap().history;
    assert!(history[11].loss < 0.7 * history[0].loss);
}

#[test]
fn the_preview_shows_each_image_mixed_with_the_next() {
    let recipe = recipe(&[]);
    let pixels = pixels();
    let images = ImageStack::new(pixels.view()).unwrap();
    let mixed = preview_mixed(&recipe, &images, 2).unwrap();
    assert_eq!(mixed.shape(), preview(&recipe, &images, 2).unwrap().shape());
    let count = images.len();
    for i in [0, 3, count - 1] {
        for (y, x) in [(0, 0), (9, 7)] {
            let sum = u32::from(pixels[[i, y, x]]) + u32::from(pixels[[(i + 1) % count, y, x]]);
            let expected = (sum / 2) as f32 / 255.0;
            assert!((mixed[[i, 0, 0, y, x]] - expected).abs() < 1e-6);
            assert!((mixed[[i, 1, 0, y, x]] - expected).abs() < 0.2);
            assert_ne!(mixed[[i, 1, 0, y, x]], mixed[[i, 2, 0, y, x]]);
        }
    }
}

/// Regression: the second version was mirrored, and no training sees that.
#[test]
fn no_classes_are_made_of_mixed_people() {
    let recipe = recipe(&["augment.noise=0", "augment.classes=['flip']"]);
    let pixels = pixels();
    let images = ImageStack::new(pixels.view()).unwrap();
    let mixed = preview_mixed(&recipe, &images, 2).unwrap();
    let version = |seen: &Array5<f32>, of| seen.index_axis(Axis(1), of).to_owned();
    assert_eq!(version(&mixed, 1), version(&mixed, 2));
    let plain = preview(&recipe, &images, 2).unwrap();
    assert_ne!(version(&plain, 1), version(&plain, 2));
}

#[test]
fn settings_that_do_not_go_together_are_refused_with_their_numbers() {
    let refused = |overrides: &[&str], words: &[&str]| {
        let text = recipe(&[]).to_toml().unwrap();
        let error = Recipe::parse(&text, "mixed.toml", overrides).unwrap_err();
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    };
    refused(
        &["batches.mixed=0"],
        &["augment.mix = 7", "batches.mixed = 0", "both"],
    );
    refused(
        &["augment.mix=0"],
        &["augment.mix = 0", "batches.mixed = 2"],
    );
    refused(
        &["batches.mixed=8"],
        &["batches.mixed = 8", "at most augment.mix = 7"],
    );
    refused(
        &["augment.mix=65537"],
        &["augment.mix = 65537", "at most 65536"],
    );
    let error = run(&recipe(&["augment.mix=16"]), None, None, usize::MAX).unwrap_err();
    for word in ["augment.mix = 16", "6 people", "15 pairs"] {
        assert!(error.to_string().contains(word), "{error}");
    }
}
