//! Windows, and what is made of each.

use siamese_net::{PoolAxes, window_count};

use crate::flow::{Flow, Shape};
use crate::graph::Graph;
use crate::proto::AttributeProto;

/// The largest value of each window. Windows that stick out are filled up at the end, by as much as there are: runtimes differ in how they round up.
pub(crate) fn max_pool(
    graph: &mut Graph,
    kernel: [i64; 2],
    stride: [i64; 2],
    ceil: bool,
    axes: PoolAxes,
    x: Flow,
) -> Flow {
    let [c, h, w] = x.shape.map();
    let over_channels = axes == PoolAxes::ChannelsHeight;
    let sides = if over_channels { [c, h] } else { [h, w] };
    let counts = [0, 1].map(|axis| {
        window_count(
            sides[axis],
            kernel[axis] as usize,
            stride[axis] as usize,
            ceil,
        )
    });
    let missing = [0, 1].map(|axis| {
        let reach = (counts[axis] as i64 - 1) * stride[axis] + kernel[axis];
        (reach - sides[axis] as i64).max(0)
    });
    let attributes = [
        AttributeProto::ints("kernel_shape", &kernel),
        AttributeProto::ints("strides", &stride),
        AttributeProto::ints("pads", &[0, 0, missing[0], missing[1]]),
    ];
    let pool = |graph: &mut Graph, x| graph.node("MaxPool", &[x], &attributes);
    if !over_channels {
        return Flow {
            value: pool(graph, x.value),
            shape: Shape::Map([c, counts[0], counts[1]]),
        };
    }
    // Columns stand in for channels, so that the windows run over channels and rows.
    let turn = |graph: &mut Graph, x, order: [i64; 4]| {
        graph.node("Transpose", &[x], &[AttributeProto::ints("perm", &order)])
    };
    let turned = turn(graph, x.value, [0, 3, 1, 2]);
    let pooled = pool(graph, turned);
    Flow {
        value: turn(graph, pooled, [0, 2, 3, 1]),
        shape: Shape::Map([counts[0], counts[1], w]),
    }
}

/// The mean of each window.
pub(crate) fn avg_pool(graph: &mut Graph, kernel: [i64; 2], stride: [i64; 2], x: Flow) -> Flow {
    let [c, h, w] = x.shape.map();
    let attributes = [
        AttributeProto::ints("kernel_shape", &kernel),
        AttributeProto::ints("strides", &stride),
    ];
    let side =
        |axis: usize, side| window_count(side, kernel[axis] as usize, stride[axis] as usize, false);
    Flow {
        value: graph.node("AveragePool", &[x.value], &attributes),
        shape: Shape::Map([c, side(0, h), side(1, w)]),
    }
}
