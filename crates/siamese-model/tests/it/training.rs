//! Training as a whole: it learns, the same run gives the same bytes, and an interrupted one ends where it would have.

use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::small::{Data, RECIPE, model_bytes, pixels, recipe, run};
use siamese_model::{
    Checkpoint, Device, Error, Event, ImageStack, Keep, Observer, Outcome, Recipe, TrainOptions,
    train,
};

#[test]
fn training_learns_and_is_the_same_twice() {
    let recipe = recipe(&["train.epochs=12"]);
    let first = run(&recipe, None, None, usize::MAX).unwrap();
    let second = run(&recipe, None, None, usize::MAX).unwrap();
    let history = &first.history;
    assert_eq!(history.len(), 12);
    assert!(history[11].loss < 0.3 * history[0].loss, "{history:?}");
    assert!(
        history[11].validation_loss.unwrap() < 0.5 * history[0].validation_loss.unwrap(),
        "{history:?}"
    );
    assert_eq!(first.history, second.history);
    for keep in [Keep::Last, Keep::Best] {
        assert_eq!(
            model_bytes(&recipe, &first, keep),
            model_bytes(&recipe, &second, keep)
        );
    }
    let other = Recipe {
        seed: 6,
        ..recipe.clone()
    };
    assert_ne!(
        first.history,
        run(&other, None, None, usize::MAX).unwrap().history
    );
}

/// Batches of 80 pairs are shared out in two parts; who computes which must not matter.
#[test]
fn the_number_of_threads_changes_no_byte() {
    let without = RECIPE.replace("\"batch_norm\", ", "");
    for text in [RECIPE, &without] {
        same_on_any_number_of_threads(text);
    }
}

fn same_on_any_number_of_threads(text: &str) {
    let recipe = Recipe::parse(text, "small.toml", &["train.batch=80"]).unwrap();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let trained = pool
            .install(|| run(&recipe, None, None, usize::MAX))
            .unwrap();
        (model_bytes(&recipe, &trained, Keep::Last), trained.history)
    };
    let one = on(1);
    for threads in [2, 3, 4] {
        let (bytes, history) = on(threads);
        assert_eq!(history, one.1, "{threads} threads");
        assert!(bytes == one.0, "{threads} threads");
    }
}

/// Five steps an epoch: stopped in the middle of the first and third epoch, and right at the end of one.
#[test]
fn an_interrupted_run_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    for kind in ["adamw", "adam", "rmsprop", "sgd"] {
        let recipe = if kind == "adamw" {
            recipe(&[])
        } else {
            let text = RECIPE.replace("\"adamw\"", &format!("\"{kind}\""));
            Recipe::parse::<&str>(&text, "small.toml", &[]).unwrap()
        };
        let whole = run(&recipe, None, None, usize::MAX).unwrap();
        for steps in [2, 5, 13] {
            let part = run(&recipe, Some(&path), None, steps).unwrap();
            assert_eq!(part.outcome, Outcome::Interrupted);
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_eq!(checkpoint.recipe(), &recipe);
            let rest = run(&recipe, Some(&path), Some(checkpoint), usize::MAX).unwrap();
            assert_eq!(rest.outcome, Outcome::Finished);
            assert_eq!(rest.history, whole.history, "{kind}, {steps} steps");
            for keep in [Keep::Last, Keep::Best] {
                let same = model_bytes(&recipe, &rest, keep) == model_bytes(&recipe, &whole, keep);
                assert!(same, "{kind}, {steps} steps, {keep:?}");
            }
        }
    }
}

/// What `kill -9` leaves: the checkpoint of the last whole epoch, and nothing of the steps after it.
#[test]
fn a_killed_run_ends_with_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let kept = folder.path().join("kept.safetensors");
    struct Keeper<'a>(&'a Path, &'a Path);
    impl Observer for Keeper<'_> {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Step {
                epoch: 3, step: 3, ..
            } = event
            {
                fs::copy(self.0, self.1).unwrap();
            }
        }
    }
    let recipe = recipe(&[]);
    let data = Data::new();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: Some(&path),
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let whole = train(
        &recipe,
        &data.set(&recipe),
        &options,
        None,
        &mut Keeper(&path, &kept),
    )
    .unwrap();
    let checkpoint = Checkpoint::load(&kept).unwrap();
    assert_eq!(checkpoint.epochs(), 2);
    let rest = run(&recipe, None, Some(checkpoint), usize::MAX).unwrap();
    assert_eq!(
        model_bytes(&recipe, &rest, Keep::Last),
        model_bytes(&recipe, &whole, Keep::Last)
    );
    assert_eq!(rest.history, whole.history);
}

#[test]
fn a_checkpoint_of_another_experiment_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = recipe(&[]);
    run(&recipe, Some(&path), None, 3).unwrap();
    let other = Recipe {
        seed: 77,
        ..recipe.clone()
    };
    let error = run(
        &other,
        None,
        Some(Checkpoint::load(&path).unwrap()),
        usize::MAX,
    )
    .unwrap_err();
    assert!(
        error.to_string().contains("it was made by another recipe"),
        "{error}"
    );

    let mut data = Data::new();
    data.fit.pop();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let resume = Some(Checkpoint::load(&path).unwrap());
    let error = train(&recipe, &data.set(&recipe), &options, resume, &mut ()).unwrap_err();
    assert!(
        error.to_string().contains("it was made with other pairs"),
        "{error}"
    );

    let mut brighter = pixels();
    brighter[[0, 0, 0]] ^= 1;
    let data = Data {
        images: ImageStack::new(brighter.view()).unwrap(),
        ..Data::new()
    };
    let resume = Some(Checkpoint::load(&path).unwrap());
    let error = train(&recipe, &data.set(&recipe), &options, resume, &mut ()).unwrap_err();
    assert!(
        error.to_string().contains("the images are not those"),
        "{error}"
    );
}

#[test]
fn patience_ends_a_run_that_no_longer_improves() {
    // A learning rate of almost nothing: the first epoch stays the best, or improves by noise only.
    let recipe = recipe(&["train.epochs=50", "train.patience=2", "optimizer.lr=1e-12"]);
    let trained = run(&recipe, None, None, usize::MAX).unwrap();
    assert!(trained.history.len() < 50);
    assert_eq!(trained.outcome, Outcome::Finished);
    assert!(
        trained
            .history
            .iter()
            .rev()
            .take(2)
            .all(|record| !record.best)
    );
}

#[test]
fn a_loss_that_is_no_number_is_an_error_and_the_last_good_state_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let text = RECIPE
        .replace("kind = \"adamw\"", "kind = \"sgd\"")
        .replace("clip_norm = 5.0", "");
    let recipe = Recipe::parse(
        &text,
        "small.toml",
        &["optimizer.lr=1e30", "schedule.warmup_steps=0"],
    )
    .unwrap();
    let error = run(&recipe, Some(&path), None, usize::MAX).unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    assert!(error.to_string().contains("lower optimizer.lr"), "{error}");
    assert!(!path.exists());
}

#[test]
fn images_of_another_size_are_refused_with_both_sizes() {
    let recipe = recipe(&["encoder.input=[1, 20, 12]"]);
    let error = run(&recipe, None, None, usize::MAX).unwrap_err();
    assert!(
        error.to_string().contains(
            "20x12 (height x width), which is encoder.input times data.pool; they are 16x12"
        ),
        "{error}"
    );
}

#[test]
fn a_full_or_missing_folder_for_the_checkpoint_is_an_error_that_names_it() {
    let recipe = recipe(&[]);
    let error = run(
        &recipe,
        Some(Path::new("/nonexistent/checkpoint.safetensors")),
        None,
        usize::MAX,
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("cannot write /nonexistent/checkpoint.safetensors"),
        "{error}"
    );
}
