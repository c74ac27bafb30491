//! What is made of embeddings: mirror images, whitening against NumPy, several networks in one file.
//!
//! ```python
//! import numpy as np
//! i = np.arange(24.).reshape(8, 3); x = np.sin(i * i + i); y = np.array([0, 0, 0, 1, 1, 2, 2, 3])
//! m = x.mean(0); q = np.array([.3, -.2, .5]); w, v = np.linalg.eigh(np.cov(x.T))
//! for k, p in ((3, .5), (2, 1.)):
//!     def f(q): return ((q - m) @ v[:, 3 - k:]) / w[3 - k:] ** (p / 2)
//!     print(f(q) @ f(x[0]), f(q) @ f(q))
//! d = x - np.array([x[y == c].mean(0) for c in y]); s = d.T @ d / (8 - 4)
//! f = np.linalg.inv(.8 * s + .2 * np.trace(s) / 3 * np.eye(3))
//! print((q - m) @ f @ (x[0] - m), (q - m) @ f @ (q - m))
//! ```

use std::fs;

use ndarray::{Array2, Array3, Axis, s};
use siamese_model::{
    Device, Embedder, Encoder, ImageStack, Member, Model, Provenance, Recipe, Tensor, WhitenSpec,
    Whitening,
};
use tch::Kind;

fn embeddings() -> Tensor {
    let i = Tensor::arange(24, (Kind::Double, Device::Cpu)).reshape([8, 3]);
    (&i * &i + &i).sin()
}

const SUBJECTS: [i64; 8] = [0, 0, 0, 1, 1, 2, 2, 3];

/// Products of mapped vectors, which no sign or order of components changes.
#[track_caller]
fn check(spec: WhitenSpec, expected: [f64; 2]) {
    let x = embeddings().to_kind(Kind::Float);
    let whitening = Whitening::fit(spec, &x, &SUBJECTS).unwrap().remove(0);
    let q = Tensor::from_slice(&[0.3f32, -0.2, 0.5]).reshape([1, 3]);
    let (a, b) = (
        whitening.apply(&q).unwrap(),
        whitening.apply(&x).unwrap().narrow(0, 0, 1),
    );
    for (product, expected) in [(&a * b, expected[0]), (&a * &a, expected[1])] {
        let found = product.sum(Kind::Double).double_value(&[]);
        assert!((found - expected).abs() < 1e-4, "{found} for {expected}");
    }
}

#[test]
fn whitening_gives_numpys_numbers() {
    let pca = |power, components| WhitenSpec::Pca { power, components };
    check(pca(0.5, None), [-0.070512, 1.955072]);
    check(pca(1.0, Some(2)), [-0.978823, 2.72384]);
    check(WhitenSpec::Wccn { shrinkage: 0.2 }, [0.583, 4.330122]);
}

#[test]
fn the_cosine_of_both_maps_is_the_weighted_mean_of_those_of_each() {
    let cosines = |whiten: &str| {
        let set = format!("embedding.whiten={whiten}");
        let own = ["members=[]", "embedding.flip=true", &set];
        cosines(&model(recipe(&own)).embed(images().view()).unwrap())
    };
    let pca = cosines("{ kind = \"pca\", power = 0.7 }");
    let wccn = cosines("{ kind = \"wccn\", shrinkage = 0.3 }");
    for (share, weight) in [("", 0.5), (", wccn_share = 0.7", 0.7)] {
        let both = format!("{{ kind = \"both\", power = 0.7, shrinkage = 0.3{share} }}");
        let mean = (1.0 - weight) * &pca + weight * &wccn;
        assert!((cosines(&both) - mean).iter().all(|d| d.abs() < 1e-5));
    }
}

#[test]
fn full_whitening_leaves_a_covariance_of_one() {
    tch::manual_seed(1);
    let mixed = Tensor::randn([300, 6], tch::kind::FLOAT_CPU)
        .matmul(&Tensor::randn([6, 6], tch::kind::FLOAT_CPU));
    let spec = WhitenSpec::Pca {
        power: 1.0,
        components: None,
    };
    let white = Whitening::fit(spec, &mixed, &[0; 300])
        .unwrap()
        .remove(0)
        .apply(&mixed)
        .unwrap();
    let covariance = white.transpose(0, 1).matmul(&white) / 299.0;
    let difference = covariance - Tensor::eye(6, tch::kind::FLOAT_CPU);
    assert!(difference.abs().max().double_value(&[]) < 1e-3);
}

#[test]
fn what_cannot_be_fitted_is_refused_with_what_to_do() {
    let same = Tensor::ones([8, 3], tch::kind::FLOAT_CPU);
    for spec in [
        WhitenSpec::Pca {
            power: 0.5,
            components: None,
        },
        WhitenSpec::Wccn { shrinkage: 0.1 },
    ] {
        let shown = Whitening::fit(spec, &same, &SUBJECTS)
            .unwrap_err()
            .to_string();
        assert!(
            shown.contains("do not vary") && shown.contains("leave it out"),
            "{shown}"
        );
    }
    let alone = [0, 1, 2, 3, 4, 5, 6, 7];
    let spec = WhitenSpec::Wccn { shrinkage: 0.1 };
    let shown = Whitening::fit(spec, &embeddings(), &alone)
        .unwrap_err()
        .to_string();
    assert!(
        shown.contains("no training person has two images"),
        "{shown}"
    );
}

const RECIPE: &str = r#"
name = "two"
[protocol]
name = "k-fold:2"
[batches]
people = 2
images = 2
[encoder]
input = [1, 12, 10]
layers = [{ conv = 4, kernel = 3 }, "relu", "flatten", { dense = 8 }]
[loss]
kind = "supervised-contrastive"
[optimizer]
kind = "adam"
[train]
epochs = 1
[embedding]
flip = true
whiten = { kind = "pca", power = 0.5 }
[[members]]
[[members]]
data.normalise = { kind = "standardise" }
embedding.whiten = { kind = "wccn" }
"#;

fn images() -> Array3<u8> {
    Array3::from_shape_fn((20, 12, 10), |(i, y, x)| {
        ((i * 71 + y * y * 7 + x * 31) % 251) as u8
    })
}

fn recipe(overrides: &[&str]) -> Recipe {
    Recipe::parse(RECIPE, "two.toml", overrides).unwrap()
}

fn model(recipe: Recipe) -> Model {
    let stack = ImageStack::new(images().view()).unwrap();
    let numbers: Vec<i64> = (0..20).collect();
    let subjects: Vec<i64> = (0..20).map(|i| i / 4).collect();
    let members = recipe.members().unwrap();
    let members = members.iter().map(|own| {
        let encoder = Encoder::new(&own.encoder, &own.data, own.seed, Device::Cpu).unwrap();
        let spec = own.embedding.as_ref();
        Member::fit(encoder, spec, &stack, &numbers, &subjects).unwrap()
    });
    let embedder = Embedder::new(members.collect(), recipe.embedding).unwrap();
    let provenance = Provenance::default();
    Model {
        recipe,
        embedder,
        threshold: None,
        calibration: None,
        fingerprints: None,
        domain: None,
        provenance,
    }
}

/// The cosine of every row with every row.
fn cosines(embeddings: &Array2<f32>) -> Array2<f32> {
    let lengths = embeddings.map_axis(Axis(1), |row| row.dot(&row).sqrt());
    let unit = embeddings / &lengths.insert_axis(Axis(1));
    unit.dot(&unit.t())
}

#[test]
fn several_networks_in_one_file_embed_the_same_after_a_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        folder.path().join("one.safetensors"),
        folder.path().join("two.safetensors"),
    );
    let both = "members=[{}, { embedding = { whiten = { kind = \"both\", wccn_share = 0.7 } } }]";
    let model = model(recipe(&[both]));
    model.save(&one).unwrap();
    let loaded = Model::load(&one, Device::Cpu).unwrap();
    loaded.save(&two).unwrap();
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    let embeddings = model.embed(images().view()).unwrap();
    assert_eq!(embeddings, loaded.embed(images().view()).unwrap());
    for row in embeddings.rows() {
        assert!((row.dot(&row) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn one_member_is_whitened_as_it_says() {
    let (common, _) = RECIPE.split_once("[embedding]").unwrap();
    let text = format!("{common}[[members]]\nembedding.whiten = {{ kind = 'pca' }}\n");
    let model = model(Recipe::parse::<&str>(&text, "one.toml", &[]).unwrap());
    let embeddings = model.embed(images().view()).unwrap();
    let raw = embed_raw(&model);
    let difference = &cosines(&embeddings) - &cosines(&raw);
    assert!(difference.iter().any(|d| d.abs() > 0.1));
    for row in embeddings.rows() {
        assert!((row.dot(&row) - 1.0).abs() < 1e-5);
    }
}

/// What the first network makes of the images, not processed.
fn embed_raw(model: &Model) -> Array2<f32> {
    let stack = ImageStack::new(images().view()).unwrap();
    let numbers: Vec<i64> = (0..20).collect();
    let encoder = &model.embedder.members()[0].encoder;
    let rows = siamese_model::embed(encoder, &stack, &numbers).unwrap();
    let width = rows.size()[1] as usize;
    let values = Vec::<f32>::try_from(&rows.flatten(0, -1)).unwrap();
    Array2::from_shape_vec((20, width), values).unwrap()
}

#[test]
fn the_cosine_of_all_is_the_mean_of_the_networks_cosines() {
    let both = model(recipe(&[]));
    let whole = cosines(&both.embed(images().view()).unwrap());
    let mut mean = Array2::<f32>::zeros((20, 20));
    let embeddings = both.embed(images().view()).unwrap();
    let half = embeddings.ncols() / 2;
    for part in [
        embeddings.slice(s![.., ..half]),
        embeddings.slice(s![.., half..]),
    ] {
        mean = mean + cosines(&part.to_owned()) / 2.0;
    }
    assert!((&whole - &mean).iter().all(|d| d.abs() < 1e-5));
}

#[test]
fn members_differ_in_what_they_change_and_in_their_seeds() {
    let members = recipe(&["seed=4"]).members().unwrap();
    assert_eq!(members[0].seed, 4);
    assert_ne!(members[1].seed, 4);
    assert!(members[0].data.normalise.is_none() && members[1].data.normalise.is_some());
    assert!(members.iter().all(|member| member.members.is_empty()));
    assert_ne!(
        members[1].seed,
        recipe(&["seed=5"]).members().unwrap()[1].seed
    );
}

#[test]
fn a_mirror_image_is_embedded_as_the_image_is() {
    let model = model(recipe(&["embedding.whiten={ kind = \"wccn\" }"]));
    let straight = model.embed(images().view()).unwrap();
    let mirrored = images().slice(s![.., .., ..;-1]).to_owned();
    let mirrored = model.embed(mirrored.view()).unwrap();
    assert!((straight - mirrored).iter().all(|d| d.abs() < 1e-5));
}

#[test]
fn a_shifted_image_is_embedded_with_its_neighbours() {
    // One network without whitening, so that the mean over views can be written out.
    let own = ["members=[]", "embedding={ shift = 2 }"];
    let shifting = model(recipe(&own)).embed(images().view()).unwrap();
    let still = model(recipe(&["members=[]", "embedding={}"]));
    let at = |dy: i64, dx: i64| {
        let from = |i: usize, by: i64, size: i64| (i as i64 - by).clamp(0, size - 1) as usize;
        let moved = Array3::from_shape_fn((20, 12, 10), |(i, y, x)| {
            images()[[i, from(y, dy, 12), from(x, dx, 10)]]
        });
        still.embed(moved.view()).unwrap()
    };
    let sum = at(0, 0) + at(2, 0) + at(-2, 0) + at(0, 2) + at(0, -2);
    let lengths = sum.map_axis(Axis(1), |row| row.dot(&row).sqrt());
    let expected = sum / &lengths.insert_axis(Axis(1));
    assert!((&shifting - &expected).iter().all(|d| d.abs() < 1e-5));
    assert!((&shifting - &at(0, 0)).iter().any(|d| d.abs() > 1e-3));
}

#[test]
fn a_zoomed_image_is_embedded_beside_the_image() {
    let own = ["members=[]", "embedding={ zoom = 0.5 }"];
    let zooming = model(recipe(&own)).embed(images().view()).unwrap();
    let still = model(recipe(&["members=[]", "embedding={}"]));
    // A pixel of the result lies between four of the image, at 64ths of a pixel.
    let from = |i: usize, side: usize| {
        let middle = (side - 1) as f64 / 2.0;
        ((middle + (i as f64 - middle) / 1.5) * 64.0).round() / 64.0
    };
    let tighter = Array3::from_shape_fn((20, 12, 10), |(i, y, x)| {
        let (y, x) = (from(y, 12), from(x, 10));
        let at = |dy: usize, dx: usize| {
            let pixel = images()[[i, y as usize + dy, x as usize + dx]];
            let share = |at: f64, next: usize| [1.0 - at.fract(), at.fract()][next];
            f64::from(pixel) * share(y, dy) * share(x, dx)
        };
        let sum = at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1);
        (sum + 0.5).floor() as u8
    });
    let sum = still.embed(images().view()).unwrap() + still.embed(tighter.view()).unwrap();
    let lengths = sum.map_axis(Axis(1), |row| row.dot(&row).sqrt());
    let expected = sum / &lengths.insert_axis(Axis(1));
    assert!((&zooming - &expected).iter().all(|d| d.abs() < 1e-5));
}

/// A member that sees means of 2x2 pixels beside one that sees each pixel.
const COARSE: [&str; 1] =
    ["members=[{}, { data = { pool = 2 }, encoder = { input = [1, 6, 5] } }]"];

#[test]
fn a_coarser_member_sees_means_of_the_same_images() {
    let both = model(recipe(&COARSE)).embed(images().view()).unwrap();
    let coarse = Array3::from_shape_fn((20, 6, 5), |(i, y, x)| {
        let four = images()
            .slice(s![i, 2 * y..2 * y + 2, 2 * x..2 * x + 2])
            .map(|&x| f32::from(x));
        four.sum() / 4.0 / 255.0
    });
    // What the encoder is given is what `embed` of the same encoder alone makes of it.
    let members = recipe(&COARSE).members().unwrap();
    let own = &members[1];
    assert_eq!(own.images(), [1, 12, 10]);
    let encoder = Encoder::new(&own.encoder, &own.data, own.seed, Device::Cpu).unwrap();
    let stack = ImageStack::new(images().view()).unwrap();
    let numbers: Vec<i64> = (0..20).collect();
    let seen = encoder
        .see(&siamese_model::image_tensor(&stack, &numbers, Device::Cpu).unwrap())
        .unwrap();
    let seen = Vec::<f32>::try_from(&seen.flatten(0, -1)).unwrap();
    assert!(coarse.iter().zip(&seen).all(|(a, b)| (a - b).abs() < 1e-6));
    assert_eq!(
        both.dim().1,
        model(recipe(&[])).embed(images().view()).unwrap().dim().1
    );
}

#[test]
fn members_of_other_images_are_refused_with_both_sizes() {
    let change = "members=[{}, { data = { pool = 3 }, encoder = { input = [1, 6, 5] } }]";
    let error = Recipe::parse(RECIPE, "two.toml", &[change])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("1x18x15") && error.contains("1x12x10"),
        "{error}"
    );
}

#[test]
fn a_shift_out_of_the_image_is_refused() {
    let shown = Recipe::parse(RECIPE, "two.toml", &["embedding.shift=10"]);
    let shown = shown.unwrap_err().to_string();
    assert!(
        shown.contains(
            "embedding.shift = 10 must be less than the sides of an image, 12 x 10 pixels"
        ),
        "{shown}"
    );
}

#[test]
fn a_member_that_cannot_be_is_named() {
    for (member, word) in [
        ("train.epochs = 3", "`train` is not a section of a member"),
        ("encodr.input = [1, 2, 3]", "Did you mean `encoder`?"),
        (
            "data.resize = { stride = 2 }",
            "must be the same for all members",
        ),
        ("embedding.flip = false", "must be the same for all members"),
        ("data.sd = 0.0", "data.sd"),
        (
            "data.normalise = { kind = \"standardize\" }",
            "Did you mean `standardise`?",
        ),
        ("loss.kind = \"triplett\"", "Did you mean `triplet`?"),
    ] {
        let text = format!("{RECIPE}[[members]]\n{member}\n");
        let error = Recipe::parse::<&str>(&text, "two.toml", &[])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(word) && error.contains("members[2]"),
            "{member}: {error}"
        );
    }
}

#[test]
fn a_file_says_the_oldest_format_that_can_hold_its_model() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model(recipe(&[])).save(&path).unwrap();
    let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
    assert!(text.contains(r#"format\":2"#));
    assert!(text.contains("members.2.whitening.weight"));
}

#[test]
fn a_file_without_its_whitening_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    model(recipe(&[])).save(&path).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let name = b"members.1.whitening.mean";
    let at = bytes.windows(name.len()).position(|w| w == name).unwrap();
    bytes[at..at + name.len()].copy_from_slice(b"members.1.whitening.lean");
    fs::write(&path, bytes).unwrap();
    let shown = Model::load(&path, Device::Cpu).unwrap_err().to_string();
    assert!(
        shown.contains("it has no tensor members.1.whitening.mean"),
        "{shown}"
    );
}
