//! Vectors of length 1.

use crate::graph::{Graph, Value};
use crate::proto::AttributeProto;

/// Rows `[n, d]` scaled to length 1; one of zeros stays one.
pub(crate) fn unit(graph: &mut Graph, x: Value) -> Value {
    let attributes = [
        AttributeProto::ints("axes", &[1]),
        AttributeProto::int("keepdims", 1),
    ];
    let length = graph.node("ReduceL2", &[x], &attributes);
    let least = graph.number(1e-6);
    let length = graph.node("Max", &[length, least], &[]);
    graph.node("Div", &[x, length], &[])
}
