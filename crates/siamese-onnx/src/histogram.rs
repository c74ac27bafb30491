//! Counting.

use crate::graph::{Graph, Value};
use crate::proto::AttributeProto;

/// How often each of `bins` numbers occurs in each row of `numbers`, `[n, count]` of i64, as `[n, bins]` of f32.
pub(crate) fn histogram(graph: &mut Graph, numbers: Value, count: usize, bins: usize) -> Value {
    let shape = graph.node("Shape", &[numbers], &[]);
    let first = graph.integers(&[0]);
    let rows = graph.node("Gather", &[shape, first], &[]);
    let mut filled = |value: f32, length: usize| {
        let length = graph.integers(&[length as i64]);
        let sides = graph.joined(&[rows, length], 0);
        let value = graph.number(f64::from(value));
        graph.node("Expand", &[value, sides], &[])
    };
    let (zeros, ones) = (filled(0.0, bins), filled(1.0, count));
    let attributes = [
        AttributeProto::int("axis", 1),
        AttributeProto::word("reduction", "add"),
    ];
    graph.node("ScatterElements", &[zeros, numbers, ones], &attributes)
}
