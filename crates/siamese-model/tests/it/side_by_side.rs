//! Networks trained side by side become what each becomes alone, and stop together.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::small::{Data, model_bytes, recipe, run};
use siamese_model::{
    Checkpoint, Device, Error, Event, Keep, Network, Observer, Outcome, Recipe, TrainOptions,
    Trained, train_all,
};

/// Steps of an epoch of [`crate::small::RECIPE`]: 80 pairs in batches of 16.
const STEPS: usize = 5;

/// Counts steps, and asks to stop after so many.
struct Counter<'a> {
    steps: usize,
    limit: usize,
    stop: &'a AtomicBool,
}

impl Observer for Counter<'_> {
    fn event(&mut self, event: &Event<'_>) {
        if let Event::Step { .. } = event {
            self.steps += 1;
            if self.steps == self.limit {
                self.stop.store(true, Ordering::SeqCst);
            }
        }
    }
}

/// Trains all of them on so many threads. All are asked to stop after so many steps of one of them as `limits` says.
/// Gives how many steps each took.
fn all(
    recipes: &[Recipe],
    threads: usize,
    limits: &[usize],
    checkpoints: &[PathBuf],
) -> (Result<Vec<Trained>, Error>, Vec<usize>) {
    let work = || {
        let data = Data::new();
        let stop = AtomicBool::new(false);
        let counter = |i: usize| Counter {
            steps: 0,
            limit: limits.get(i).copied().unwrap_or(usize::MAX),
            stop: &stop,
        };
        let mut observers: Vec<_> = (0..recipes.len()).map(counter).collect();
        let networks = recipes.iter().zip(&mut observers).enumerate();
        let networks = networks.map(|(i, (recipe, observer))| {
            let checkpoint = checkpoints.get(i);
            let begun = checkpoint.filter(|path| path.exists());
            Network {
                recipe,
                set: data.set(recipe),
                options: TrainOptions {
                    device: Device::Cpu,
                    checkpoint: checkpoint.map(PathBuf::as_path),
                    stop: &stop,
                    processes: &siamese_model::Alone,
                },
                resume: begun.map(|path| Checkpoint::load(path).unwrap()),
                init: None,
                observer,
            }
        });
        let trained = train_all(networks.collect());
        let steps = observers.iter().map(|observer| observer.steps).collect();
        (trained, steps)
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

/// Three networks that differ in seed and length, with batch normalisation, whose sums are over whole batches.
fn three() -> [Recipe; 3] {
    [("seed=1", 3), ("seed=2", 5), ("seed=3", 4)]
        .map(|(seed, epochs)| recipe(&[seed, &format!("train.epochs={epochs}")]))
}

fn alone(recipe: &Recipe) -> Vec<u8> {
    let trained = run(recipe, None, None, usize::MAX).unwrap();
    model_bytes(recipe, &trained, Keep::Last)
}

fn assert_as_alone(recipes: &[Recipe], trained: &[Trained]) {
    assert_eq!(trained.len(), recipes.len());
    for (recipe, trained) in recipes.iter().zip(trained) {
        assert_eq!(trained.outcome, Outcome::Finished);
        let same = model_bytes(recipe, trained, Keep::Last) == alone(recipe);
        assert!(same, "seed {}", recipe.seed);
    }
}

#[test]
fn each_becomes_what_it_becomes_alone_on_any_number_of_threads() {
    let recipes = three();
    for threads in [1, 2, 3, 7] {
        let (trained, steps) = all(&recipes, threads, &[], &[]);
        assert_eq!(steps, [3, 5, 4].map(|epochs| epochs * STEPS));
        assert_as_alone(&recipes, &trained.unwrap());
    }
}

/// How far the others have come by then is a matter of luck, but on one thread they have not begun.
#[test]
fn a_request_to_stop_stops_all_and_all_go_on_to_the_same_bytes() {
    let recipes = three();
    for threads in [1, 2, 3] {
        let folder = tempfile::tempdir().unwrap();
        let checkpoints =
            [1, 2, 3].map(|i| folder.path().join(format!("checkpoint-{i}.safetensors")));
        let (trained, steps) = all(&recipes, threads, &[7], &checkpoints);
        let trained = trained.unwrap();
        assert_eq!(steps[0], 7);
        assert_eq!(trained[0].outcome, Outcome::Interrupted);
        for (i, path) in checkpoints.iter().enumerate() {
            assert_eq!(path.exists(), steps[i] > 0, "network {}", i + 1);
            assert_eq!(steps[i] > 0, i < trained.len());
        }
        if threads == 1 {
            assert_eq!(steps, [7, 0, 0]);
        }
        let (trained, more) = all(&recipes, threads, &[], &checkpoints);
        for (i, epochs) in [3, 5, 4].into_iter().enumerate() {
            assert_eq!(steps[i] + more[i], epochs * STEPS, "network {}", i + 1);
        }
        assert_as_alone(&recipes, &trained.unwrap());
    }
}

/// The second network's rate explodes in its first epoch, so the first never gets to the end of its own 10,000.
#[test]
fn a_failure_is_told_and_stops_the_others_with_their_state_saved() {
    let recipes = [
        recipe(&["train.epochs=10000"]),
        recipe(&[
            "optimizer={ kind = \"sgd\", lr = 1e30 }",
            "train={ epochs = 3, batch = 16 }",
        ]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let checkpoints = [1, 2].map(|i| folder.path().join(format!("checkpoint-{i}.safetensors")));
    let (trained, steps) = all(&recipes, 2, &[], &checkpoints);
    let error = trained.unwrap_err();
    assert!(matches!(error, Error::NotFinite { .. }), "{error}");
    assert!(steps[0] < 10_000 * STEPS, "{steps:?}");
    let checkpoint = Checkpoint::load(&checkpoints[0]).unwrap();
    assert_eq!(checkpoint.recipe(), &recipes[0]);
    assert!(checkpoint.epochs() < 10_000);
}
