//! Batches in parts against libtorch's pass through the whole.

use siamese_net::{DataSpec, EncoderSpec};
use tch::Kind;

use super::*;
use crate::collective::Alone;

const IMAGES: i64 = 15;

/// A network of these layers for images of 12x10 with two channels.
fn encoder(layers: &str) -> Encoder {
    let text = format!("input = [2, 12, 10]\nlayers = [{layers}]");
    let spec: EncoderSpec = toml::from_str(&text).unwrap();
    let encoder = Encoder::new(&spec, &DataSpec::default(), 5, Device::Cpu).unwrap();
    // Scales and shifts that are not the ones that change nothing.
    for (name, tensor) in encoder.named_tensors() {
        if tensor.dim() == 1 && !name.contains("running") {
            let by = Tensor::linspace(-0.2, 0.3, tensor.size()[0], tch::kind::FLOAT_CPU);
            let _ = tch::no_grad(|| tensor.shallow_clone().f_add_(&by)).unwrap();
        }
    }
    encoder
}

/// Embeddings, the gradients of their products with `wanted`, and the running figures after it.
fn step(
    encoder: &Encoder,
    size: usize,
    images: &Tensor,
    occurrences: Option<&Tensor>,
    wanted: &Tensor,
) -> Vec<Tensor> {
    let encoder = encoder.copy().unwrap();
    found(&encoder, size, images, occurrences, wanted)
}

fn found(
    encoder: &Encoder,
    size: usize,
    images: &Tensor,
    occurrences: Option<&Tensor>,
    wanted: &Tensor,
) -> Vec<Tensor> {
    let rows = wanted.size()[0] as usize;
    let shards = Shards::new(encoder, &Alone, rows, rows, size);
    // Where rows show other images, each part has all images and its own rows.
    let parts: Vec<(Tensor, Option<Tensor>)> = match occurrences {
        Some(rows) => rows
            .split(size as i64, 0)
            .into_iter()
            .map(|rows| (images.shallow_clone(), Some(rows)))
            .collect(),
        None => images
            .split(size as i64, 0)
            .into_iter()
            .map(|part| (part, None))
            .collect(),
    };
    let together = shards.together(rows);
    let (embedded, normalised_by) = shards
        .forward(
            together,
            parts,
            |encoder, (images, rows)| {
                let masks = Masks::new(0, 0, 0, Device::Cpu);
                Ok(((), encoder.begin(&images, rows, Kind::Float, masks)?))
            },
            |_, (), embedded| Ok(embedded),
        )
        .unwrap();
    let embeddings: Vec<Tensor> = embedded.iter().map(|(part, _)| part.detach()).collect();
    let work = embedded.into_iter().zip(wanted.split(size as i64, 0));
    let turned = shards
        .each(work, |encoder, ((embeddings, tape), wanted)| {
            let loss = (embeddings * wanted).sum(Kind::Float);
            Shards::turn(encoder, loss, tape)
        })
        .unwrap();
    let mut found = vec![Tensor::cat(&embeddings, 0)];
    found.extend(shards.backward(together, turned).unwrap());
    encoder.follow(&normalised_by).unwrap();
    let running = encoder
        .named_tensors()
        .filter(|(name, _)| name.contains("running"));
    found.extend(running.map(|(_, tensor)| tensor.copy()));
    found
}

/// Numbers from -1 to 1.
fn random(shape: &[i64], number: u64) -> Tensor {
    let mut stream = pairgen::stream(2, "test", number);
    let count = shape.iter().product::<i64>();
    let values: Vec<f32> = (0..count)
        .map(|_| 2.0 * stream.unit() as f32 - 1.0)
        .collect();
    Tensor::from_slice(&values).reshape(shape)
}

#[track_caller]
fn check(layers: &str, repeated: bool) {
    let own = encoder(layers);
    let images = random(&[IMAGES, 2, 12, 10], 1);
    let rows = repeated.then(|| Tensor::from_slice(&[0i64, 3, 3, 1, 14, 7, 7, 7, 2, 9, 0]));
    let count = rows.as_ref().map_or(IMAGES, |rows| rows.size()[0]);
    let wanted = random(&[count, own.plan().embedding() as i64], 2);
    let whole = {
        let copy = own.copy().unwrap();
        found(
            &copy.by_libtorch(),
            count as usize,
            &images,
            rows.as_ref(),
            &wanted,
        )
    };
    for size in [15, 8, 5, 3, 4, 1] {
        let parts = step(&own, size, &images, rows.as_ref(), &wanted);
        assert_eq!(parts.len(), whole.len());
        let pairs = parts.iter().zip(&whole).enumerate();
        for (i, (part, whole)) in pairs {
            let largest = whole.abs().max().double_value(&[]).max(0.1);
            let off = (part - whole).abs().max().double_value(&[]) / largest;
            // Both round; where one normalisation follows another, small deviations divide.
            assert!(
                off < 1e-3,
                "{layers}: tensor {i} of parts of {size} is off by {off:.1e} of the largest"
            );
        }
    }
}

const CONV: &str = "{ conv = 6, kernel = 3, bias = false }";
const END: &str = "'flatten', { dense = 8 }";

#[test]
fn parts_of_a_batch_learn_what_the_whole_does_wherever_it_is_normalised() {
    let same = "{ conv = 6, kernel = 3, padding = 'same' }";
    for layers in [
        format!("{CONV}, 'batch_norm', 'relu', {END}"),
        format!("{CONV}, 'relu', 'batch_norm', {END}"),
        format!("{CONV}, 'batch_norm', 'relu', {{ max_pool = 2, ceil = true }}, {END}"),
        format!("{CONV}, 'batch_norm', {{ max_pool = 3 }}, {END}"),
        format!("{CONV}, 'batch_norm', {{ max_pool = 3, stride = 2 }}, 'relu', {END}"),
        format!("{CONV}, 'relu', {{ max_pool = 2 }}, 'batch_norm', 'prelu', {END}"),
        format!("'batch_norm', {CONV}, 'batch_norm', 'gelu', {END}, 'batch_norm'"),
        "'flatten', { dense = 9 }, 'batch_norm', 'relu', { dense = 5 }, 'l2_normalise'".to_owned(),
        // Convolution and normalisation by turns, pooled or not, and a large dense layer.
        format!(
            "{CONV}, 'batch_norm', 'relu', {{ max_pool = 2, ceil = true }}, {same}, 'batch_norm', 'relu', {same}, 'batch_norm', {{ max_pool = 2 }}, 'flatten', {{ dense = 1500 }}, 'relu', {{ dense = 30 }}"
        ),
        format!(
            "{CONV}, 'batch_norm', 'relu', {{ residual = [{same}, 'batch_norm', 'relu', {same}, 'batch_norm'] }}, 'relu', {END}"
        ),
        format!(
            "{CONV}, {{ residual = ['batch_norm', 'relu', {same}] }}, 'batch_norm', 'global_avg_pool'"
        ),
        format!(
            "{{ residual = ['batch_norm', {{ conv = 6, kernel = 3, stride = 2, padding = 'same' }}, 'batch_norm'], projection = true }}, {END}"
        ),
        format!(
            "{CONV}, {{ residual = [{{ conv = 9, kernel = 3, padding = 'same' }}, 'batch_norm', 'relu', {{ conv = 9, kernel = 3, padding = 'same' }}], projection = true }}, {END}"
        ),
        format!(
            "{CONV}, 'flatten', {{ dense = 7 }}, {{ residual = [{{ dense = 7 }}, 'batch_norm', 'tanh', {{ dense = 7 }}] }}"
        ),
    ] {
        check(&layers, false);
        check(&layers, true);
    }
}

/// What is not trained keeps its running figures, and those alone normalise.
#[test]
fn a_frozen_normalisation_takes_no_part() {
    let layers = format!("{CONV}, 'batch_norm', 'relu', {CONV}, 'batch_norm', {END}");
    let own = encoder(&layers).frozen(2).unwrap();
    let images = random(&[IMAGES, 2, 12, 10], 1);
    let wanted = random(&[IMAGES, 8], 2);
    let running = |encoder: &Encoder, layer: &str| -> Vec<f32> {
        let mut all = encoder.named_tensors();
        let found = all.find(|(name, _)| name.contains(layer) && name.ends_with("running_mean"));
        Vec::try_from(found.unwrap().1).unwrap()
    };
    let names: Vec<String> = own
        .named_tensors()
        .filter(|(name, _)| name.ends_with("running_mean"))
        .map(|(name, _)| name.to_owned())
        .collect();
    let before: Vec<_> = names.iter().map(|name| running(&own, name)).collect();
    let gradients = found(&own, 4, &images, None, &wanted);
    let after: Vec<_> = names.iter().map(|name| running(&own, name)).collect();
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1], after[1]);
    // Embeddings; weights of the second convolution and normalisation, of the dense layer; four running figures.
    assert_eq!(gradients.len(), 1 + 5 + 4);
}
