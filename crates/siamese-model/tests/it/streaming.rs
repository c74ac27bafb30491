//! Images that are not all held: the same bytes come of them, and what goes wrong with them is named.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, ThreadId};
use std::time::Duration;

use crate::small::{Data, RECIPE, model_bytes, pixels};
use siamese_model::{
    Checkpoint, Device, Embedder, Error, Event, ImageSource, ImageStack, Keep, Observer, Outcome,
    Recipe, TrainOptions, Trained, train,
};

const BYTES: u64 = 16 * 12;

/// The small data set, of which some images may go bad after so many were decoded.
struct Source {
    pixels: ndarray::Array3<u8>,
    decoded: Arc<AtomicUsize>,
    good: usize,
    bad: fn(usize, &mut [u8]) -> Result<(), String>,
}

impl Source {
    fn good() -> Self {
        Self::failing(usize::MAX, |_, _| Ok(()))
    }

    fn failing(good: usize, bad: fn(usize, &mut [u8]) -> Result<(), String>) -> Self {
        Self {
            pixels: pixels(),
            decoded: Arc::default(),
            good,
            bad,
        }
    }

    fn stack(self, images: u64, threads: usize) -> Result<ImageStack, Error> {
        Ok(ImageStack::streamed(
            Box::new(self),
            images * BYTES,
            threads,
        )?)
    }
}

impl ImageSource for Source {
    fn len(&self) -> usize {
        self.pixels.len_of(ndarray::Axis(0))
    }

    fn shape(&self) -> [usize; 3] {
        [1, 16, 12]
    }

    fn name(&self, number: usize) -> String {
        format!("people/{number}.pgm")
    }

    fn decode(&self, number: usize, out: &mut [u8]) -> Result<(), String> {
        let image = self.pixels.index_axis(ndarray::Axis(0), number);
        for (to, &from) in out.iter_mut().zip(image) {
            *to = from;
        }
        if self.decoded.fetch_add(1, Ordering::SeqCst) >= self.good {
            return (self.bad)(number, out);
        }
        Ok(())
    }
}

/// Trains, and stops after so many steps.
fn run(
    recipe: &Recipe,
    images: Option<ImageStack>,
    checkpoint: Option<&Path>,
    resume: Option<Checkpoint>,
    steps: usize,
) -> Result<Trained, Error> {
    struct Stop<'a>(usize, &'a AtomicBool);
    impl Observer for Stop<'_> {
        fn event(&mut self, event: &Event<'_>) {
            if let Event::Step { .. } = event {
                self.0 -= 1;
                self.1.store(self.0 == 0, Ordering::SeqCst);
            }
        }
    }
    let mut data = Data::new();
    if let Some(images) = images {
        assert_eq!(images.sha256(), data.images.sha256());
        data.images = images;
    }
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    train(
        recipe,
        &data.set(recipe),
        &options,
        resume,
        &mut Stop(steps, &stop),
    )
}

/// Pairs in shards, pairs in whole batches, people, and people mixed of two in steps of two batches.
fn recipes() -> Vec<Recipe> {
    let parse = |text: &str, more: &[&str]| Recipe::parse(text, "small.toml", more).unwrap();
    let shards = RECIPE.replace("\"batch_norm\", ", "");
    let people = RECIPE.replace(
        "kind = \"contrastive\"",
        "kind = \"triplet\"\n[batches]\npeople = 4\nimages = 3\n[augment]\nshift = 0.1",
    );
    vec![
        parse(&shards, &["train.batch=80"]),
        parse(RECIPE, &[]),
        parse(&people, &[]),
        parse(
            &people,
            &[
                "augment.mix=3",
                "batches.mixed=2",
                "train.accumulate=2",
                "batches.per_epoch=3",
            ],
        ),
    ]
}

#[test]
fn a_training_on_streamed_images_gives_the_same_bytes() {
    for recipe in recipes() {
        let held = run(&recipe, None, None, None, usize::MAX).unwrap();
        for (images, threads) in [(0, 1), (6, 3), (20, 1), (1000, 2)] {
            let stack = Source::good().stack(images, threads).unwrap();
            let how = stack.streaming().unwrap();
            assert_eq!(how.threads, threads);
            assert!(how.ahead >= 1 && how.kept as u64 <= images);
            let streamed = run(&recipe, Some(stack), None, None, usize::MAX).unwrap();
            assert_eq!(streamed.history, held.history);
            for keep in [Keep::Last, Keep::Best] {
                assert!(
                    model_bytes(&recipe, &streamed, keep) == model_bytes(&recipe, &held, keep),
                    "{images} images in memory"
                );
            }
        }
    }
}

/// The training's own thread waits with the first image that it has to decode itself until another has decoded one.
#[test]
fn images_are_decoded_ahead_by_other_threads() {
    static TRAINER: OnceLock<ThreadId> = OnceLock::new();
    static OTHERS: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
    fn seen(_: usize, _: &mut [u8]) -> Result<(), String> {
        let (seen, told) = &OTHERS;
        let mut begun = seen.lock().unwrap();
        if TRAINER.get() != Some(&thread::current().id()) {
            *begun = true;
            told.notify_all();
            return Ok(());
        }
        let minute = Duration::from_secs(60);
        let (begun, _) = told
            .wait_timeout_while(begun, minute, |begun| !*begun)
            .unwrap();
        begun.then_some(()).ok_or("nobody reads ahead".into())
    }
    TRAINER.set(thread::current().id()).unwrap();
    for recipe in recipes() {
        *OTHERS.0.lock().unwrap() = false;
        // All thirty are decoded to begin with.
        let stack = Source::failing(30, seen).stack(6, 2).unwrap();
        run(&recipe, Some(stack), None, None, usize::MAX).unwrap();
        assert!(*OTHERS.0.lock().unwrap());
    }
}

#[test]
fn an_interrupted_training_goes_on_streamed_or_held() {
    let folder = tempfile::tempdir().unwrap();
    for recipe in recipes() {
        let whole = run(&recipe, None, None, None, usize::MAX).unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        let stack = |images| Source::good().stack(images, 2).unwrap();
        let begun = run(&recipe, Some(stack(5)), Some(&path), None, 3).unwrap();
        assert_eq!(begun.outcome, Outcome::Interrupted);
        let resume = || Some(Checkpoint::load(&path).unwrap());
        for images in [Some(stack(9)), None] {
            let ended = run(&recipe, images, None, resume(), usize::MAX).unwrap();
            assert_eq!(ended.history, whole.history);
            assert!(
                model_bytes(&recipe, &ended, Keep::Last)
                    == model_bytes(&recipe, &whole, Keep::Last)
            );
        }
    }
}

#[test]
fn embeddings_of_streamed_images_are_the_same() {
    let recipe = &recipes()[0];
    let trained = run(recipe, None, None, None, 2).unwrap();
    let embedder = Embedder::of(trained.encoder(Keep::Last).unwrap().0);
    let held = ImageStack::new(pixels().view()).unwrap();
    let stack = Source::good().stack(7, 2).unwrap();
    let numbers: Vec<i64> = (0..300).map(|i| i * 7 % 30).collect();
    let embed = |stack: &ImageStack| embedder.embed(stack, &numbers).unwrap();
    assert_eq!(embed(&held), embed(&stack));
    assert_eq!(
        held.to_array(&[3, 29, 3]).unwrap(),
        stack.to_array(&[3, 29, 3]).unwrap()
    );
}

/// Thirty images are decoded to begin with, then some in every epoch.
#[test]
fn an_image_that_goes_bad_is_named_and_the_last_good_epoch_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = &recipes()[1];
    for (bad, words) in [
        (
            (|number, _| Err(format!("people/{number}.pgm: cannot be read: gone")))
                as fn(usize, &mut [u8]) -> Result<(), String>,
            "cannot be read: gone",
        ),
        (
            |_, out| {
                out[5] ^= 1;
                Ok(())
            },
            "no longer what they were at first",
        ),
    ] {
        // How many images an epoch decodes depends on who is faster; two epochs are surely over by the end of the
        // third, and four epochs take more.
        let decoded = {
            let source = Source::good();
            let decoded = Arc::clone(&source.decoded);
            let stack = source.stack(4, 1).unwrap();
            run(recipe, Some(stack), None, None, 13).unwrap();
            decoded.load(Ordering::SeqCst)
        };
        let stack = Source::failing(decoded, bad).stack(4, 1).unwrap();
        let error = run(recipe, Some(stack), Some(&path), None, usize::MAX).unwrap_err();
        assert!(
            matches!(error, Error::Net(siamese_net::Error::Image(_))),
            "{error}"
        );
        let text = error.to_string();
        assert!(text.contains("people/") && text.contains(words), "{text}");
        let epochs = Checkpoint::load(&path).unwrap().epochs();
        assert!((1..4).contains(&epochs), "{epochs}");
        // Once the file is back it goes on.
        let resume = Some(Checkpoint::load(&path).unwrap());
        let stack = Source::good().stack(4, 1).unwrap();
        let ended = run(recipe, Some(stack), None, resume, usize::MAX).unwrap();
        let whole = run(recipe, None, None, None, usize::MAX).unwrap();
        assert_eq!(ended.history, whole.history);
    }
}

#[test]
fn all_images_that_cannot_be_used_are_named_before_anything_begins() {
    let bad = |number: usize, _: &mut [u8]| match number {
        n if n % 2 == 0 => Err(format!("people/{n}.pgm: no image")),
        _ => Ok(()),
    };
    let error = Source::failing(0, bad).stack(3, 2).unwrap_err();
    let text = error.to_string();
    for words in [
        "15 of 30 files",
        "people/0.pgm: no image",
        "people/18.pgm",
        "and 5 more",
    ] {
        assert!(text.contains(words), "{text}");
    }
    struct Nothing;
    impl ImageSource for Nothing {
        fn len(&self) -> usize {
            0
        }
        fn shape(&self) -> [usize; 3] {
            [1, 2, 2]
        }
        fn name(&self, _: usize) -> String {
            String::new()
        }
        fn decode(&self, _: usize, _: &mut [u8]) -> Result<(), String> {
            Ok(())
        }
    }
    let error = ImageStack::streamed(Box::new(Nothing), 100, 1).unwrap_err();
    assert!(matches!(error, siamese_net::Error::Data(_)), "{error}");
}
