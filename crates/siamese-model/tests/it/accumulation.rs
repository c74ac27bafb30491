//! Several batches to a step.

use std::sync::atomic::AtomicBool;

use crate::small::{Data, RECIPE, model_bytes, run};
use siamese_model::{
    Checkpoint, Device, Event, Keep, Observer, Recipe, TrainOptions, Trained, train,
};

/// The small recipe without what looks at a batch as a whole or draws for each batch.
fn plain(overrides: &[&str]) -> Recipe {
    let text = RECIPE
        .replace("{ dropout = 0.25 },", "")
        .replace("\"batch_norm\", ", "");
    Recipe::parse(&text, "plain.toml", overrides).unwrap()
}

/// The same with batch normalisation, dropout, a head, augmentation and a mean of the weights, on batches of people.
fn people(overrides: &[&str]) -> Recipe {
    let text = RECIPE.replace("\"contrastive\"", "\"proxy-anchor\"")
        + "[batches]\npeople = 3\nimages = 4\nper_epoch = 5\n[augment]\nshift = 0.1\nnoise = 0.05\n";
    let mut all = vec!["train.average=0.9", "train.accumulate=2"];
    all.extend(overrides);
    Recipe::parse(&text, "people.toml", &all).unwrap()
}

/// 80 pairs: two steps of 48 and 32, as one batch or as 3 and 2 of 16.
#[test]
fn three_batches_of_pairs_to_a_step_are_one_batch_three_times_as_large() {
    let [large, parts] = [
        &["train.batch=48"][..],
        &["train.batch=16", "train.accumulate=3"],
    ]
    .map(|overrides| {
        run(&plain(overrides), None, None, usize::MAX)
            .unwrap()
            .history
    });
    assert_eq!(large.len(), 4);
    for (large, parts) in large.iter().zip(&parts) {
        assert_eq!(large.learning_rate, parts.learning_rate);
        for (a, b) in [
            (large.loss, parts.loss),
            (
                large.validation_loss.unwrap(),
                parts.validation_loss.unwrap(),
            ),
        ] {
            assert!((a / b - 1.0).abs() < 1e-3, "{a} and {b}");
        }
    }
    assert!(large[3].loss < 0.9 * large[0].loss);
}

#[derive(Default)]
struct Heard {
    /// Of each epoch, as told at the beginning.
    steps: u64,
    /// Images of each step.
    images: Vec<usize>,
}

impl Observer for Heard {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Started { steps, .. } => self.steps = *steps,
            Event::Step { images, .. } => self.images.push(*images),
            _ => {}
        }
    }
}

/// Five batches of 12 images, two to a step: steps of 24, 24 and 12 images.
#[test]
fn an_epoch_has_as_many_steps_as_updates_and_the_last_takes_what_is_left() {
    let data = Data::new();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let mut heard = Heard::default();
    let recipe = people(&["train.epochs=2", "schedule.warmup_steps=4"]);
    let trained = train(&recipe, &data.set(&recipe), &options, None, &mut heard).unwrap();
    assert_eq!(heard.steps, 3);
    assert_eq!(heard.images, [24, 24, 12, 24, 24, 12]);
    // The rate counts in steps too: of a warm-up over four of them, three are over after an epoch.
    let rates = trained.history.iter().map(|record| record.learning_rate);
    let rates: Vec<f64> = rates.collect();
    assert!((rates[0] / 0.003 - 0.75).abs() < 1e-12, "{rates:?}");
    // Losses are means over batches, so one to a step tells nearly the same of the first epoch, before much has moved.
    let one = run(&people(&["train.accumulate=1"]), None, None, usize::MAX).unwrap();
    let ratio = trained.history[0].loss / one.history[0].loss;
    assert!((0.8..1.25).contains(&ratio), "{ratio}");
}

/// Stopped after the first, the third (an epoch's last) and the fourth step of three an epoch.
#[test]
fn an_interrupted_run_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = people(&[]);
    let whole = run(&recipe, None, None, usize::MAX).unwrap();
    let bytes = |trained: &Trained| model_bytes(&recipe, trained, Keep::Last);
    for steps in [1, 3, 4] {
        run(&recipe, Some(&path), None, steps).unwrap();
        let checkpoint = Checkpoint::load(&path).unwrap();
        let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
        assert_eq!(rest.history, whole.history, "{steps} steps");
        assert!(bytes(&rest) == bytes(&whole), "{steps} steps");
    }
}

#[test]
fn no_batch_to_a_step_is_refused_and_one_is_not_written_down() {
    let error = Recipe::parse(RECIPE, "small.toml", &["train.accumulate=0"]).unwrap_err();
    let shown = error.to_string();
    assert!(
        shown.contains("train.accumulate = 0 must be at least 1"),
        "{shown}"
    );
    assert!(
        !plain(&["train.accumulate=1"])
            .to_toml()
            .unwrap()
            .contains("accumulate")
    );
    assert!(
        plain(&["train.accumulate=2"])
            .to_toml()
            .unwrap()
            .contains("accumulate = 2")
    );
}
