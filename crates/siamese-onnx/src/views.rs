//! The views of an image whose embeddings are averaged.

use siamese_net::{EmbeddingSpec, ZOOM_PARTS, zoom_taps};

use crate::graph::{Graph, Value};
use crate::proto::AttributeProto;

/// The views of a batch of images, to be embedded as one larger batch.
///
/// All images are zoomed once, then mirrored once and padded once. The shifted ones are then cut out of the padded ones.
pub(crate) struct Views {
    /// How many there are of each image.
    pub(crate) count: usize,
    /// The images, then these zoomed, and after them the mirror images of both, as far as they are wanted, `[k n, c, h + 2 shift, w + 2 shift]`.
    pub(crate) padded: Value,
    shift: i64,
}

impl Views {
    /// Of images `[n, c, h, w]` of these sides, whole numbers in f32.
    pub(crate) fn new(
        graph: &mut Graph,
        images: Value,
        sides: [usize; 2],
        spec: EmbeddingSpec,
    ) -> Self {
        let shift = i64::from(spec.shift);
        let mut images = images;
        if spec.zoom > 0.0 {
            let zoomed = zoomed(graph, images, sides, spec.zoom);
            images = graph.joined(&[images, zoomed], 0);
        }
        let mut padded = images;
        if spec.flip {
            let [_, width] = sides;
            let from_the_right: Vec<i64> = (0..width as i64).rev().collect();
            let from_the_right = graph.integers(&from_the_right);
            let axis = AttributeProto::int("axis", 3);
            let mirrored = graph.node("Gather", &[images, from_the_right], &[axis]);
            padded = graph.joined(&[images, mirrored], 0);
        }
        if shift > 0 {
            let pads = graph.integers(&[0, 0, shift, shift, 0, 0, shift, shift]);
            let edge = AttributeProto::word("mode", "edge");
            padded = graph.node("Pad", &[padded, pads], &[edge]);
        }
        let shifts = if shift > 0 { 5 } else { 1 };
        Self {
            count: shifts * (1 + usize::from(spec.flip)) * (1 + usize::from(spec.zoom > 0.0)),
            padded,
            shift,
        }
    }

    /// A side of the padded images, given that of an image.
    pub(crate) fn padded_side(&self, side: usize) -> usize {
        side + 2 * self.shift as usize
    }

    /// All views, `[count n, c, h, w]`, of what was made of the padded images pixel by pixel and is larger than these
    /// sides by the shift on each edge.
    pub(crate) fn cut(&self, graph: &mut Graph, padded: Value, sides: [usize; 2]) -> Value {
        let by = self.shift;
        if by == 0 {
            return padded;
        }
        let starts = [[by, by], [0, by], [2 * by, by], [by, 0], [by, 2 * by]];
        let views = starts.map(|start| {
            let end = [0, 1].map(|axis| start[axis] + sides[axis] as i64);
            graph.cut(padded, start, end)
        });
        graph.joined(&views, 0)
    }
}

/// Images zoomed in by a share, see [`zoom_taps`]. All sums are whole numbers that f32 holds.
fn zoomed(graph: &mut Graph, images: Value, sides: [usize; 2], zoom: f64) -> Value {
    let parts = f64::from(ZOOM_PARTS);
    let mut sums = images;
    for (axis, side) in sides.into_iter().enumerate() {
        let taps = zoom_taps(side, zoom);
        let weights: Vec<f32> = taps.iter().map(|&(_, weight)| weight.into()).collect();
        let across = [[side, 1], [1, side]][axis];
        let weights = graph.floats("zoom", &across, &weights);
        let mut at = |next: usize| {
            let pixels = taps
                .iter()
                .map(|&(pixel, _)| (pixel + next).min(side - 1) as i64);
            let pixels = graph.integers(&pixels.collect::<Vec<_>>());
            let along = AttributeProto::int("axis", axis as i64 + 2);
            graph.node("Gather", &[sums, pixels], &[along])
        };
        let (first, second) = (at(0), at(1));
        let parts = graph.number(parts);
        let further = graph.node("Sub", &[second, first], &[]);
        let further = graph.node("Mul", &[further, weights], &[]);
        let first = graph.node("Mul", &[first, parts], &[]);
        sums = graph.sum(first, &[further]);
    }
    let share = graph.number(1.0 / (parts * parts));
    let half = graph.number(0.5);
    let means = graph.node("Mul", &[sums, share], &[]);
    let means = graph.sum(means, &[half]);
    graph.node("Floor", &[means], &[])
}
