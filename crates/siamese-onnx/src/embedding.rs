//! From images to what is compared: one network, or several side by side.

use std::path::Path;

use siamese_net::{
    Error, ModelFile, Op, Plan, Recipe, WhitenSpec, network_prefix, whitening_prefix,
};

use crate::flow::{Flow, Shape};
use crate::graph::{Graph, Value};
use crate::layers::Layers;
use crate::lbp;
use crate::normalise::{is_pointwise, normalise};
use crate::proto::AttributeProto;
use crate::tensors::Tensors;
use crate::unit::unit;
use crate::views::Views;

/// The embeddings of images `[n, c, h, w]` of f32 from 0 to 255, and how many numbers each has.
///
/// Of one network without a section `embedding` they are its own. Otherwise they are what the documentation of
/// `siamese_net::EmbeddingSpec` says, and those of all networks and maps stand side by side, scaled so that the whole has
/// length 1.
///
/// # Errors
/// [`Error::Recipe`] or [`Error::Layer`] where the recipe is none, [`Error::File`] for a missing tensor.
pub(crate) fn embeddings(
    graph: &mut Graph,
    images: Value,
    file: &ModelFile,
    path: &Path,
) -> Result<(Value, usize), Error> {
    let recipe = &file.card.recipe;
    let spec = recipe.embedding.unwrap_or_default();
    let bare = recipe.embedding.is_none() && recipe.members.is_empty();
    let [_, height, width] = recipe.images();
    let views = Views::new(graph, images, [height, width], spec);
    let networks = recipe.members()?;
    let (mut parts, mut dimension) = (Vec::new(), 0);
    for (i, network) in networks.iter().enumerate() {
        let tensors = Tensors {
            file,
            path,
            prefix: network_prefix(i, networks.len()),
        };
        let plan = Plan::new(&network.encoder)?;
        let vectors = encoded(graph, &views, network, &plan, &tensors)?;
        if bare {
            return Ok((vectors, plan.embedding()));
        }
        let mut vectors = unit(graph, vectors);
        if views.count > 1 {
            let by_view = [views.count as i64, -1, plan.embedding() as i64];
            vectors = graph.reshape(vectors, &by_view);
            vectors = graph.mean(vectors, &[0], false);
        }
        let whiten = network.embedding.and_then(|embedding| embedding.whiten);
        let shares = whiten.map_or_else(Vec::new, WhitenSpec::shares);
        let mut part = |graph: &mut Graph, vectors: Value, share: f64| {
            let vectors = unit(graph, vectors);
            parts.push(scaled(
                graph,
                vectors,
                (share / networks.len() as f64).sqrt(),
            ));
        };
        if shares.is_empty() {
            dimension += plan.embedding();
            part(graph, vectors, 1.0);
        }
        for (map, &share) in shares.iter().enumerate() {
            let prefix = whitening_prefix(map, shares.len());
            let mean = tensors.named(&format!("{prefix}mean"))?;
            let weight = tensors.named(&format!("{prefix}weight"))?;
            dimension += weight.sides.first().copied().unwrap_or(0);
            let [mean, weight] = [mean, weight].map(|t| graph.floats(&t.name, &t.sides, &t.values));
            let centred = graph.node("Sub", &[vectors, mean], &[]);
            let by_rows = AttributeProto::int("transB", 1);
            let mapped = graph.node("Gemm", &[centred, weight], &[by_rows]);
            part(graph, mapped, share);
        }
    }
    Ok((graph.joined(&parts, 1), dimension))
}

/// What one network makes of all views, `[views n, d]`.
fn encoded(
    graph: &mut Graph,
    views: &Views,
    network: &Recipe,
    plan: &Plan,
    tensors: &Tensors<'_>,
) -> Result<Value, Error> {
    let layers = Layers { plan, tensors };
    let (data, input) = (&network.data, plan.input());
    let [_, height, width] = network.images();
    let [c, h, w] = input;
    let (begin, ops) = match plan.ops() {
        // Shifted images have the same patterns at other places, so all are found once.
        [Op::Lbp { radius, cells }, after @ ..] if is_pointwise(data) => {
            let radius = *radius as usize;
            let padded = [h, w].map(|side| views.padded_side(side));
            let seen = normalise(graph, data, views.padded, [c, padded[0], padded[1]]);
            let codes = lbp::codes(graph, seen, padded, radius);
            let [h, w] = [h, w].map(|side| side - 2 * radius);
            let codes = views.cut(graph, codes, [h, w]);
            (layers.histograms(graph, codes, [c, h, w], *cells), after)
        }
        ops => {
            // A pixel on its own is the same in every view, and so is its value.
            let seen = if is_pointwise(data) {
                let seen = normalise(graph, data, views.padded, input);
                views.cut(graph, seen, [h, w])
            } else {
                let all = views.cut(graph, views.padded, [height, width]);
                normalise(graph, data, all, input)
            };
            let begin = Flow {
                value: seen,
                shape: Shape::Map(input),
            };
            (begin, ops)
        }
    };
    Ok(layers.write(graph, ops, begin)?.value)
}

fn scaled(graph: &mut Graph, x: Value, length: f64) -> Value {
    if length == 1.0 {
        return x;
    }
    let length = graph.number(length);
    graph.node("Mul", &[x, length], &[])
}
