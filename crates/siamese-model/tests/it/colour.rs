//! Images of three channels, from the recipe to the model file.

use std::sync::atomic::AtomicBool;

use ndarray::{Array3, Array4};
use pairgen::{Catalog, PairSet};
use siamese_model::{
    AugmentSpec, Embedder, Encoder, Error, ImageStack, Keep, Learning, Model, Provenance, Recipe,
    TrainOptions, TrainingSet, augment, train,
};
use tch::{Device, Kind, Tensor};

/// Both ways through the first layers: as one block, and by libtorch, which batch normalisation forces.
const RECIPE: &str = r#"
name = "colours"
seed = 2
[batches]
people = 3
images = 3
per_epoch = 8
[augment]
shift = 0.1
gamma = 0.2
noise = 0.02
[encoder]
input = [3, 12, 10]
layers = [
  { conv = 4, kernel = 3 }, "relu", { max_pool = 2 },
  { conv = 8, kernel = 3, bias = false }, "batch_norm", "relu",
  "flatten", { dense = 8 }, "l2_normalise",
]
[loss]
kind = "triplet"
[optimizer]
kind = "adam"
lr = 0.003
[train]
epochs = 8
"#;

/// Four people whose images differ in hue alone: every pixel has the same luma, but for noise.
fn pixels() -> Array4<u8> {
    let hues = [[60, 0, 0], [0, 31, 0], [0, 0, 157], [0, 0, 0]];
    Array4::from_shape_fn((20, 3, 12, 10), |(i, c, y, x)| {
        let [r, g, b]: [usize; 3] = hues[i / 5];
        let grey = 90 - (299 * r + 587 * g + 114 * b) / 1000;
        let noise = (i * 7 + y * 5 + x * 3) % 6;
        (grey + hues[i / 5][c] + noise) as u8
    })
}

/// The AUC of the distances of all pairs of images.
fn auc(model: &Model, stack: &ImageStack) -> f64 {
    let embeddings = model.embed_stack(stack).unwrap();
    let mut distances = [Vec::new(), Vec::new()];
    for a in 0..20 {
        for b in a + 1..20 {
            let d = &embeddings.row(a) - &embeddings.row(b);
            distances[usize::from(a / 5 == b / 5)].push(d.dot(&d));
        }
    }
    let [impostor, genuine] = &distances;
    let closer = genuine
        .iter()
        .map(|g| impostor.iter().filter(|i| g < i).count())
        .sum::<usize>();
    closer as f64 / (genuine.len() * impostor.len()) as f64
}

#[test]
fn a_network_learns_what_only_colours_tell_and_its_file_holds_it() {
    let recipe = Recipe::parse::<&str>(RECIPE, "colours.toml", &[]).unwrap();
    let catalog = Catalog::from_counts((0..4).map(|s| (format!("s{s}"), 5))).unwrap();
    let images = ImageStack::of_planes(pixels().view()).unwrap();
    let people = catalog.all_subjects();
    let set = TrainingSet {
        images: &images,
        pairs: &PairSet::from_samples(&catalog, []).unwrap(),
        validation: &[],
        learning: Learning::Subjects {
            catalog: &catalog,
            subjects: &people,
        },
    };
    let stop = AtomicBool::new(false);
    let options = TrainOptions {
        device: Device::Cpu,
        checkpoint: None,
        stop: &stop,
        processes: &siamese_model::Alone,
    };
    let trained = train(&recipe, &set, &options, None, &mut ()).unwrap();
    let (encoder, epoch) = trained.encoder(Keep::Last).unwrap();
    let model = Model {
        recipe,
        embedder: Embedder::of(encoder),
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance: Provenance {
            siamese: "0".into(),
            libtorch: "0".into(),
            device: "cpu".into(),
            epoch,
            data_sha256: images.sha256().to_owned(),
            people_sha256: None,
            origin: None,
        },
    };
    let found = auc(&model, &images);
    assert!(found > 0.98, "{found}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model.save(&path).unwrap();
    let loaded = Model::load(&path, Device::Cpu).unwrap();
    assert_eq!(
        loaded.embed_stack(&images).unwrap(),
        model.embed_stack(&images).unwrap()
    );

    let grey = Array3::<u8>::zeros((2, 12, 10));
    let error = loaded.embed(grey.view()).unwrap_err();
    assert!(
        matches!(error, Error::Net(siamese_net::Error::Data(_))),
        "{error}"
    );
    assert!(error.to_string().contains("encoder.input"), "{error}");
}

#[test]
fn other_numbers_of_channels_are_refused() {
    for channels in [2, 4, 99] {
        let input = format!("encoder.input=[{channels}, 12, 10]");
        let error = Recipe::parse(RECIPE, "colours.toml", &[input]).unwrap_err();
        let text = error.to_string();
        for word in ["encoder.input", &channels.to_string(), "1 (grey) or 3"] {
            assert!(text.contains(word), "{text}");
        }
    }
}

/// Also where pixels are made coarser, or normalised, before: by other code than the bytes alone.
#[test]
fn each_channel_may_have_a_mean_and_a_deviation_of_its_own() {
    let (mean, sd) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let stack = ImageStack::of_planes(pixels().view()).unwrap();
    let see = |input: [usize; 3], more: &[String]| {
        let mut set = vec![
            format!("encoder.input={input:?}"),
            "encoder.layers=['flatten']".to_owned(),
        ];
        set.extend_from_slice(more);
        let recipe = Recipe::parse(RECIPE, "colours.toml", &set).unwrap();
        let text = recipe.to_toml().unwrap();
        assert_eq!(Recipe::parse::<&str>(&text, "again", &[]).unwrap(), recipe);
        let encoder = Encoder::new(&recipe.encoder, &recipe.data, 0, Device::Cpu).unwrap();
        encoder
            .see(&siamese_model::image_tensor(&stack, &[0, 6, 19], Device::Cpu).unwrap())
            .unwrap()
    };
    let scale = [format!("data.mean={mean:?}"), format!("data.sd={sd:?}")];
    for (input, before) in [
        ([3, 12, 10], None),
        ([3, 6, 5], Some("data.pool=2")),
        ([3, 12, 10], Some("data.normalise={ kind = 'standardise' }")),
    ] {
        let before: Vec<String> = before.into_iter().map(str::to_owned).collect();
        let plain = see(input, &before);
        let scaled = see(input, &[&before[..], &scale].concat());
        for ((channel, mean), sd) in (0..).zip(mean).zip(sd) {
            let expected = (plain.select(1, channel) - mean) / sd;
            let difference = (scaled.select(1, channel) - expected).abs().max();
            assert!(
                difference.double_value(&[]) < 1e-5,
                "{before:?}: {difference}"
            );
        }
    }
    // One of both may be the same for all.
    let both = see([3, 12, 10], &[scale[0].clone(), "data.sd=0.5".to_owned()]);
    let plain = see([3, 12, 10], &[]);
    let difference = (both.select(1, 2) - (plain.select(1, 2) - 0.406) / 0.5).abs();
    assert!(difference.max().double_value(&[]) < 1e-5);
}

#[test]
fn deviations_of_zero_are_refused_for_each_channel() {
    let set = ["data.sd=[0.2, 0.0, 0.2]"];
    let error = Recipe::parse(RECIPE, "colours.toml", &set).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("data.sd = 0 must be above 0"), "{text}");
}

#[test]
fn the_checksum_knows_channels_and_that_of_grey_images_is_what_it_was() {
    let bytes = pixels();
    let stack = |shape: (usize, usize, usize, usize)| {
        let all = bytes.to_shape(shape).unwrap();
        ImageStack::of_planes(all.view()).unwrap()
    };
    let sums =
        [(20, 3, 12, 10), (60, 1, 12, 10), (20, 1, 36, 10)].map(|s| stack(s).sha256().to_owned());
    assert!(sums[0] != sums[1] && sums[1] != sums[2] && sums[0] != sums[2]);
    let grey = bytes.to_shape((60, 12, 10)).unwrap();
    let grey = ImageStack::new(grey.view()).unwrap();
    assert_eq!(grey.sha256(), sums[1]);
}

/// All but noise changes the channels alike: three equal ones stay equal, and as the single one.
#[test]
fn augmentation_changes_all_channels_alike_and_noise_each_for_itself() {
    let spec = AugmentSpec {
        rotation: 20.0,
        shift: 0.2,
        flip: 0.5,
        gamma: 0.3,
        contrast: 0.3,
        brightness: 0.1,
        light: 0.1,
        erase: 0.7,
        ..AugmentSpec::default()
    };
    let grey = Tensor::rand([6, 1, 12, 10], (Kind::Float, Device::Cpu));
    let colour = grey.repeat([1, 3, 1, 1]);
    let changed = |pixels: &Tensor, spec: &AugmentSpec| {
        augment(pixels, spec, &mut pairgen::stream(4, "test", 0)).unwrap()
    };
    let largest = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
    let one = changed(&grey, &spec);
    let three = changed(&colour, &spec);
    assert!(largest(&one, &grey) > 0.1);
    assert!(largest(&three, &one) < 1e-6);
    let noisy = AugmentSpec { noise: 0.1, ..spec };
    let three = changed(&colour, &noisy);
    assert!(largest(&three.narrow(1, 0, 1), &three.narrow(1, 1, 1)) > 0.01);
}
