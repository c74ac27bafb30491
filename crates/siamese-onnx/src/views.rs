//! The views of an image whose embeddings are averaged.

use siamese_net::EmbeddingSpec;

use crate::graph::{Graph, Value};
use crate::proto::AttributeProto;

/// The views of a batch of images, to be embedded as one larger batch.
///
/// All images are mirrored once and padded once. The shifted ones are then cut out of the padded ones.
pub(crate) struct Views {
    /// How many there are of each image.
    pub(crate) count: usize,
    /// The images, and after them their mirror images if those are wanted, `[k n, c, h + 2 shift, w + 2 shift]`.
    pub(crate) padded: Value,
    shift: i64,
}

impl Views {
    /// Of images `[n, c, h, w]` of this width.
    pub(crate) fn new(graph: &mut Graph, images: Value, width: usize, spec: EmbeddingSpec) -> Self {
        let shift = i64::from(spec.shift);
        let mut padded = images;
        if spec.flip {
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
            count: shifts * (1 + usize::from(spec.flip)),
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
