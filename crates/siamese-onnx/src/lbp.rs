//! Histograms of local binary patterns.

use std::f64::consts::FRAC_PI_4;

use siamese_net::{LBP_PATTERNS, lbp_patterns};

use crate::graph::{Graph, Value};
use crate::histogram::histogram;
use crate::proto::{AttributeProto, FLOAT, INT64};

/// A neighbour this much darker than the middle still counts as bright.
const TOLERANCE: f64 = 1e-5;

/// The codes of images `[n, c, h, w]` without a border of `radius` pixels, `[n, c, h - 2 radius, w - 2 radius]` of f32: bit
/// k of a code says whether the neighbour at 45 k degrees is at least as bright as the pixel in the middle.
pub(crate) fn codes(graph: &mut Graph, images: Value, [h, w]: [usize; 2], radius: usize) -> Value {
    let reach = radius as i64;
    let inside = [h, w].map(|side| side as i64 - 2 * reach);
    let at = |graph: &mut Graph, x: Value, down: i64, right: i64| {
        let from = [reach + down, reach + right];
        graph.cut(x, from, [from[0] + inside[0], from[1] + inside[1]])
    };
    let middle = at(graph, images, 0, 0);
    let tolerance = graph.number(TOLERANCE);
    let darkest = graph.node("Sub", &[middle, tolerance], &[]);
    let [first, others @ ..] = [0, 1, 2, 3, 4, 5, 6, 7].map(|bit| {
        let angle = f64::from(bit) * FRAC_PI_4;
        let (down, right) = (-(reach as f64) * angle.sin(), reach as f64 * angle.cos());
        let neighbour = if bit % 2 == 0 {
            at(graph, images, down.round() as i64, right.round() as i64)
        } else {
            // Interpolated between the four pixels around, in the order in which training adds them up.
            let (y, x) = (down.floor(), right.floor());
            let (low, far) = (down - y, right - x);
            let mut part = |down: i64, right: i64, share: f64| {
                let share = graph.number(share);
                let weighed = graph.node("Mul", &[images, share], &[]);
                at(graph, weighed, y as i64 + down, x as i64 + right)
            };
            let first = part(0, 0, (1.0 - low) * (1.0 - far));
            let others = [
                part(0, 1, (1.0 - low) * far),
                part(1, 0, low * (1.0 - far)),
                part(1, 1, low * far),
            ];
            graph.sum(first, &others)
        };
        let bright = graph.node("GreaterOrEqual", &[neighbour, darkest], &[]);
        let bright = graph.cast(bright, FLOAT);
        let worth = graph.number(f64::from(1 << bit));
        graph.node("Mul", &[bright, worth], &[])
    });
    graph.sum(first, &others)
}

/// How often each pattern is seen in each of `cells`, rows and columns, of codes `[n, c, h, w]`: the root of its share of the
/// cell's pixels, `[n, c * 59, rows, columns]`.
pub(crate) fn histograms(
    graph: &mut Graph,
    codes: Value,
    [c, h, w]: [usize; 3],
    cells: [usize; 2],
) -> Value {
    let pixels = h * w;
    let all_cells = cells[0] * cells[1];
    let codes = graph.reshape(codes, &[-1, pixels as i64]);
    let codes = graph.cast(codes, INT64);
    let table = graph.integers(&lbp_patterns().map(i64::from));
    let patterns = graph.node("Gather", &[table, codes], &[]);

    let [rows, columns] = [cell_of_each(h, cells[0]), cell_of_each(w, cells[1])];
    let cell_of_pixel: Vec<usize> = rows
        .iter()
        .flat_map(|row| columns.iter().map(move |column| row * cells[1] + column))
        .collect();
    let first_bin = |&cell: &usize| (cell * LBP_PATTERNS) as i64;
    let first_bins: Vec<i64> = cell_of_pixel.iter().map(first_bin).collect();
    let first_bins = graph.integers(&first_bins);
    let bins = graph.node("Add", &[patterns, first_bins], &[]);
    let counts = histogram(graph, bins, pixels, all_cells * LBP_PATTERNS);

    let mut sizes = vec![0.0; all_cells];
    for cell in cell_of_pixel {
        sizes[cell] += 1.0;
    }
    let sizes = graph.floats("pixels_of_cells", &[all_cells, 1], &sizes);
    let counts = graph.reshape(counts, &[-1, all_cells as i64, LBP_PATTERNS as i64]);
    let shares = graph.node("Div", &[counts, sizes], &[]);
    let roots = graph.node("Sqrt", &[shares], &[]);
    let by_pattern = AttributeProto::ints("perm", &[0, 2, 1]);
    let roots = graph.node("Transpose", &[roots], &[by_pattern]);
    let sides = [c * LBP_PATTERNS, cells[0], cells[1]].map(|side| side as i64);
    graph.reshape(roots, &[&[-1], &sides[..]].concat())
}

/// In which of `cells` parts, as equal as whole pixels allow, each of `length` pixels in a line lies.
fn cell_of_each(length: usize, cells: usize) -> Vec<usize> {
    let edge = |cell: usize| cell * length / cells;
    let cells = (0..cells).flat_map(|cell| std::iter::repeat_n(cell, edge(cell + 1) - edge(cell)));
    cells.collect()
}
