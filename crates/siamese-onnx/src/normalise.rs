//! From pixels to what a network sees.

use siamese_net::{ByChannel, DataSpec, NormaliseSpec, gaussian_rows};

use crate::graph::{Graph, Value};
use crate::histogram::histogram;
use crate::proto::{AttributeProto, INT64};

/// Whether each pixel becomes what it becomes whatever is around it.
pub(crate) fn is_pointwise(data: &DataSpec) -> bool {
    data.normalise.is_none() && data.pool == 1
}

/// What a network of the input `[c, h, w]` sees of images `[n, c, h * pool, w * pool]` of f32 from 0 to 255.
pub(crate) fn normalise(
    graph: &mut Graph,
    data: &DataSpec,
    images: Value,
    input: [usize; 3],
) -> Value {
    if let (true, ByChannel::All(mean), ByChannel::All(sd)) =
        (is_pointwise(data), data.mean, data.sd)
    {
        return affine(graph, images, 1.0 / (255.0 * sd), -mean / sd);
    }
    let mut x = affine(graph, images, 1.0 / 255.0, 0.0);
    if data.pool != 1 {
        let side = [i64::from(data.pool); 2];
        let attributes = [
            AttributeProto::ints("kernel_shape", &side),
            AttributeProto::ints("strides", &side),
        ];
        x = graph.node("AveragePool", &[x], &attributes);
    }
    x = match data.normalise {
        None => x,
        Some(NormaliseSpec::Standardise { floor }) => standardise(graph, x, floor),
        Some(NormaliseSpec::LocalContrast { sigma, floor }) => {
            local_contrast(graph, x, input, sigma, floor)
        }
        Some(NormaliseSpec::Equalise {}) => equalise(graph, x, input),
    };
    match (data.mean, data.sd) {
        (ByChannel::All(mean), ByChannel::All(sd)) => affine(graph, x, 1.0 / sd, -mean / sd),
        _ => {
            let mut by_channel = |name: &str, of: ByChannel| {
                graph.floats(name, &[3, 1, 1], &of.each().map(|value| value as f32))
            };
            let (mean, sd) = (by_channel("mean", data.mean), by_channel("sd", data.sd));
            let x = graph.node("Sub", &[x, mean], &[]);
            graph.node("Div", &[x, sd], &[])
        }
    }
}

/// `x factor + shift`.
fn affine(graph: &mut Graph, mut x: Value, factor: f64, shift: f64) -> Value {
    if factor != 1.0 {
        let factor = graph.number(factor);
        x = graph.node("Mul", &[x, factor], &[]);
    }
    if shift != 0.0 {
        let shift = graph.number(shift);
        x = graph.node("Add", &[x, shift], &[]);
    }
    x
}

/// `x`, or `least` where it is smaller.
fn at_least(graph: &mut Graph, x: Value, least: f64) -> Value {
    let least = graph.number(least);
    graph.node("Max", &[x, least], &[])
}

fn standardise(graph: &mut Graph, x: Value, floor: f64) -> Value {
    const IMAGE: [i64; 3] = [1, 2, 3];
    let mean = graph.mean(x, &IMAGE, true);
    let centred = graph.node("Sub", &[x, mean], &[]);
    let squares = graph.node("Mul", &[centred, centred], &[]);
    let variance = graph.mean(squares, &IMAGE, true);
    let deviation = graph.node("Sqrt", &[variance], &[]);
    let deviation = at_least(graph, deviation, floor);
    graph.node("Div", &[centred, deviation], &[])
}

/// `d / (sqrt(blur(d^2)) + floor)` of the difference `d` from the blurred image. Both blurs are products with constant
/// matrices.
fn local_contrast(
    graph: &mut Graph,
    x: Value,
    [c, h, w]: [usize; 3],
    sigma: f64,
    floor: f64,
) -> Value {
    let down = graph.floats("blur.down", &[h, h], &gaussian_rows(sigma, h));
    let across = graph.floats(
        "blur.across",
        &[w, w],
        &transposed(&gaussian_rows(sigma, w), w),
    );
    let blur = |graph: &mut Graph, x: Value| {
        let x = graph.node("MatMul", &[x, across], &[]);
        graph.node("MatMul", &[down, x], &[])
    };
    let mean = blur(graph, x);
    let difference = graph.node("Sub", &[x, mean], &[]);
    let mut squares = graph.node("Mul", &[difference, difference], &[]);
    if c > 1 {
        squares = graph.mean(squares, &[1], true);
    }
    let variance = blur(graph, squares);
    let variance = at_least(graph, variance, 0.0);
    let deviation = graph.node("Sqrt", &[variance], &[]);
    let floor = graph.number(floor);
    let deviation = graph.node("Add", &[deviation, floor], &[]);
    graph.node("Div", &[difference, deviation], &[])
}

fn transposed(matrix: &[f32], side: usize) -> Vec<f32> {
    let places = (0..side).flat_map(|row| (0..side).map(move |column| column * side + row));
    places.map(|place| matrix[place]).collect()
}

/// The share of the image's values, in all its channels, that are darker, of 256 levels.
fn equalise(graph: &mut Graph, x: Value, [c, h, w]: [usize; 3]) -> Value {
    const LEVELS: usize = 256;
    let values = c * h * w;
    let greys = affine(graph, x, 255.0, 0.0);
    let greys = graph.node("Round", &[greys], &[]);
    let (black, white) = (graph.number(0.0), graph.number(255.0));
    let greys = graph.node("Clip", &[greys, black, white], &[]);
    let greys = graph.reshape(greys, &[-1, values as i64]);
    let greys = graph.cast(greys, INT64);
    let counts = histogram(graph, greys, values, LEVELS);
    let places = (0..LEVELS).flat_map(|row| (0..LEVELS).map(move |column| (row, column)));
    let sums: Vec<f32> = places
        .map(|(row, column)| f32::from(row <= column))
        .collect();
    let sums = graph.floats("running_sums", &[LEVELS, LEVELS], &sums);
    let darker_or_equal = graph.node("MatMul", &[counts, sums], &[]);
    let axis = AttributeProto::int("axis", 1);
    let ranks = graph.node("GatherElements", &[darker_or_equal, greys], &[axis]);
    let first = [
        AttributeProto::ints("axes", &[1]),
        AttributeProto::int("keepdims", 1),
    ];
    // That of the darkest grey.
    let least = graph.node("ReduceMin", &[ranks], &first);
    let all = graph.number(values as f64);
    let range = graph.node("Sub", &[all, least], &[]);
    let range = at_least(graph, range, 1.0);
    let shares = graph.node("Sub", &[ranks, least], &[]);
    let shares = graph.node("Div", &[shares, range], &[]);
    graph.reshape(shares, &[-1, c as i64, h as i64, w as i64])
}
