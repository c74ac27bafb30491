//! Which epoch is the best: on people who are not trained on by the equal error rate, on others by the loss.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use crate::small::{Data, IMAGES, RECIPE, SUBJECTS, StopAfter, model_bytes, recipe};
use ndarray::Array3;
use pairgen::{PairKind, PairSet};
use siamese_model::{
    Checkpoint, Device, Distance, Embedder, EmbeddingSpec, EpochRecord, ImageStack, Keep, Learning,
    Member, Outcome, Recipe, TensorDistance, TrainOptions, Trained, train,
};

/// Everyone but the last two is learnt from; all pairs of these two validate. Their patterns are weak in strong noise, so
/// that some pairs are always mistaken.
fn strangers() -> Data {
    let mut data = Data::new();
    let mut state = 1u32;
    let pixels = Array3::from_shape_fn((SUBJECTS * IMAGES, 16, 12), |(i, y, x)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let person = i / IMAGES;
        let pattern = (y * (person + 1) * 13 + x * (7 * person + 3)) % 64;
        (pattern + (state >> 24) as usize * 3 / 4) as u8
    });
    data.images = ImageStack::new(pixels.view()).unwrap();
    let (train, judge) = data.people.split_at(SUBJECTS - 2);
    let fit = PairSet::balanced(&data.catalog, train, 30, 30, 9).unwrap();
    let images: Vec<u32> = judge
        .iter()
        .flat_map(|&s| data.catalog.samples_of(s))
        .collect();
    let every = images.iter().enumerate();
    let every = every.flat_map(|(i, &a)| images[..i].iter().map(move |&b| (a, b)));
    let both = fit.iter().map(|pair| (pair.a, pair.b)).chain(every);
    data.pairs = PairSet::from_samples(&data.catalog, both).unwrap();
    data.fit = (0..60).collect();
    data.validation = (60..data.pairs.len() as u32).collect();
    assert_eq!(data.validation.len(), 2 * IMAGES * (2 * IMAGES - 1) / 2);
    data.people.truncate(SUBJECTS - 2);
    data
}

/// The small recipe on batches of people, with a loss that says nothing of pairs and the mean of the weights.
fn people(overrides: &[&str]) -> Recipe {
    let text = RECIPE.replace("batch = 16\n", "average = 0.8\n").replace(
        "[loss]\nkind = \"contrastive\"\n",
        "[batches]\npeople = 3\nimages = 4\nper_epoch = 3\n[loss]\nkind = \"proxy-anchor\"\n",
    );
    Recipe::parse(&text, "people.toml", overrides).unwrap()
}

fn run(recipe: &Recipe, data: &Data, checkpoint: Option<&Path>, steps: usize) -> Trained {
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let resume = checkpoint.and_then(|path| Checkpoint::load(path).ok());
    let mut observer = StopAfter { steps, stop: &stop };
    train(recipe, &data.set(recipe), &options, resume, &mut observer).unwrap()
}

/// Every threshold tried, and the straight line between the two that the rates cross between.
fn equal_error(distances: &[f32], pairs: &PairSet) -> f64 {
    let of = |wanted| -> Vec<f32> {
        let both = distances.iter().zip(pairs.kinds());
        both.filter(|(_, kind)| **kind == wanted)
            .map(|(d, _)| *d)
            .collect()
    };
    let (genuine, impostor) = (of(PairKind::Genuine), of(PairKind::Impostor));
    let mut thresholds = distances.to_vec();
    thresholds.push(f32::NEG_INFINITY);
    thresholds.sort_by(f32::total_cmp);
    let share = |of: &[f32], wrong: &dyn Fn(f32) -> bool| {
        of.iter().filter(|d| wrong(**d)).count() as f64 / of.len() as f64
    };
    let at = |t: f32| [share(&impostor, &|d| d <= t), share(&genuine, &|d| d > t)];
    let points: Vec<_> = thresholds.into_iter().map(at).collect();
    let ends = points
        .windows(2)
        .find(|ends| ends[1][0] >= ends[1][1])
        .unwrap();
    let [[fmr, fnmr], [fmr_after, fnmr_after]] = [ends[0], ends[1]];
    let share = (fnmr - fmr) / (fnmr - fmr + fmr_after - fnmr_after);
    fmr + share * (fmr_after - fmr)
}

/// The error rate of the validation pairs under weights, as they are used.
fn judge(
    trained: &Trained,
    keep: Keep,
    data: &Data,
    spec: Option<EmbeddingSpec>,
    distance: Distance,
) -> (f64, u32) {
    let (encoder, epoch) = trained.encoder(keep).unwrap();
    let member = Member {
        encoder,
        whitening: Vec::new(),
    };
    let embedder = Embedder::new(vec![member], spec).unwrap();
    let every: Vec<i64> = (0..data.images.len() as i64).collect();
    let embeddings = embedder.embed(&data.images, &every).unwrap();
    let pairs = data.pairs.select(&data.validation);
    let index = |side: &[u32]| side.iter().map(|&i| i64::from(i)).collect::<Vec<_>>();
    let distances = distance
        .of_pairs(&embeddings, &index(pairs.a()), &index(pairs.b()))
        .unwrap();
    (equal_error(&distances, &pairs), epoch)
}

/// The epoch that the rule chooses, found by looking at all of them.
fn chosen(history: &[EpochRecord]) -> u32 {
    let of = |record: &EpochRecord| {
        let loss = record.validation_loss.unwrap_or(record.loss);
        (record.validation_eer.unwrap(), loss)
    };
    let best = history
        .iter()
        .min_by(|a, b| of(a).partial_cmp(&of(b)).unwrap())
        .unwrap();
    best.epoch
}

#[test]
fn the_best_epoch_is_the_one_of_the_lowest_error_rate_on_strangers() {
    let data = strangers();
    let flip = Some(EmbeddingSpec {
        flip: true,
        ..EmbeddingSpec::default()
    });
    let mut by_rate_alone = 0;
    for (recipe, spec, distance) in [
        (recipe(&["train.epochs=8"]), None, Distance::Euclidean),
        (
            recipe(&["train.epochs=8", "embedding.flip=true"]),
            flip,
            Distance::Cosine,
        ),
        (people(&["train.epochs=8"]), None, Distance::Cosine),
        (
            people(&["train.epochs=8", "embedding.flip=true"]),
            flip,
            Distance::Cosine,
        ),
    ] {
        let trained = run(&recipe, &data, None, usize::MAX);
        let history = &trained.history;
        let (eer, epoch) = judge(&trained, Keep::Best, &data, spec, distance);
        assert_eq!(epoch, chosen(history), "{history:?}");
        let record = &history[epoch as usize - 1];
        assert!((record.validation_eer.unwrap() - eer).abs() < 1e-12);
        let (eer, last) = judge(&trained, Keep::Last, &data, spec, distance);
        assert_eq!(last, 8);
        assert!((history[7].validation_eer.unwrap() - eer).abs() < 1e-12);
        assert!(history.iter().any(|record| !record.best), "{history:?}");
        let loss = |record: &&EpochRecord| record.validation_loss.map(f64::to_bits);
        let lowest = history.iter().min_by_key(loss).unwrap().epoch;
        by_rate_alone += u32::from(record.validation_loss.is_some() && lowest != epoch);
    }
    assert!(by_rate_alone > 0, "the loss would have chosen the same");
}

#[test]
fn where_people_are_trained_on_the_loss_rules_and_there_is_no_rate() {
    let trained = run(&recipe(&["train.epochs=8"]), &Data::new(), None, usize::MAX);
    let history = &trained.history;
    assert!(history.iter().all(|record| record.validation_eer.is_none()));
    let loss = |record: &&EpochRecord| record.validation_loss.unwrap().to_bits();
    let lowest = history.iter().min_by_key(loss).unwrap().epoch;
    assert_eq!(trained.encoder(Keep::Best).unwrap().1, lowest);

    // One person of many is enough to spoil it; and who is in the images must be known.
    let mut data = strangers();
    data.fit.push(data.validation[0]);
    let spoilt = run(&recipe(&[]), &data, None, usize::MAX);
    assert_eq!(spoilt.history[0].validation_eer, None);
    let data = strangers();
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let mut set = data.set(&recipe(&[]));
    set.learning = Learning::Pairs {
        fit: &data.fit,
        catalog: None,
    };
    let unknown = train(&recipe(&[]), &set, &options, None, &mut ()).unwrap();
    assert_eq!(unknown.history[0].validation_eer, None);
}

/// A learning rate of almost nothing, and a loss that no pair tells: the error rate is all that can end it.
#[test]
fn patience_follows_the_error_rate() {
    let recipe = people(&["train.epochs=60", "train.patience=3", "optimizer.lr=1e-12"]);
    let trained = run(&recipe, &strangers(), None, usize::MAX);
    let history = &trained.history;
    assert!(history.len() < 60, "{history:?}");
    assert!(
        history
            .iter()
            .all(|record| record.validation_loss.is_none())
    );
    let end = history.len() - 3;
    assert!(history[end..].iter().all(|record| !record.best));
    assert!(history[end - 1].best);
}

#[test]
fn an_interrupted_run_keeps_the_same_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("checkpoint.safetensors");
    let recipe = people(&["train.epochs=6", "embedding.flip=true"]);
    let data = strangers();
    let whole = run(&recipe, &data, None, usize::MAX);
    let part = run(&recipe, &data, Some(&path), 13);
    assert_eq!(part.outcome, Outcome::Interrupted);
    let rest = run(&recipe, &data, Some(&path), usize::MAX);
    assert_eq!(rest.history, whole.history);
    for keep in [Keep::Best, Keep::Last] {
        assert!(model_bytes(&recipe, &rest, keep) == model_bytes(&recipe, &whole, keep));
    }
}
