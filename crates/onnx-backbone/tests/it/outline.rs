//! What is read of a network, and what its shapes are.

use onnx_backbone::{Error, Interface, Outline};

use crate::networks::NETWORKS;
use crate::written::{F32, Graph, I64, ints, number, part};

#[test]
fn networks_exported_from_pytorch_are_known_before_they_run() {
    for network in NETWORKS {
        let outline = Outline::read(&network.bytes()).unwrap();
        assert!(outline.producer.starts_with("pytorch 2.13"), "{outline:?}");
        assert_eq!(
            outline.unsupported(),
            Vec::<&str>::new(),
            "{}",
            network.name
        );
        let interface = Interface::of(&outline, network.image).unwrap();
        assert_eq!(interface.dimension, network.dimension, "{}", network.name);
        assert!(interface.sizes.largest <= interface.sizes.values);
        assert!(interface.sizes.work > 10_000, "{interface:?}");
    }
    let faces = Outline::read(&NETWORKS[0].bytes()).unwrap();
    assert_eq!(faces.operators()["Conv"], 7);
    assert_eq!(faces.opset, 11);
    assert_eq!(
        faces.image().unwrap().to_string(),
        "input: f32 [n, 3, 24, 24]"
    );
    assert!(faces.weights() > 8_000);
}

#[test]
fn images_of_another_kind_are_refused_with_what_to_do() {
    let outline = Outline::read(&NETWORKS[0].bytes()).unwrap();
    for (image, words) in [
        ([1, 24, 24], "make the images 3 x 24 x 24"),
        ([3, 112, 112], "make the images 3 x 24 x 24"),
    ] {
        let error = Interface::of(&outline, image).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let map = Graph::new(F32).node("Abs", &["image"], &[]);
    let outline = Outline::read(&map.bytes()).unwrap();
    let error = Interface::of(&outline, [3, 5, 4]).unwrap_err().to_string();
    assert!(
        error.contains("[1, 3, 5, 4]") && error.contains("pooling or flattening"),
        "{error}"
    );
}

/// The shape of what a graph gives for an image `[1, 3, 6, 4]`, or why there is none.
fn shape(graph: &Graph) -> Result<Vec<usize>, String> {
    let outline = Outline::read(&graph.bytes()).map_err(|error| error.to_string())?;
    let sizes = outline
        .sizes(&[1, 3, 6, 4])
        .map_err(|error| error.to_string())?;
    Ok(sizes.output)
}

#[test]
fn shapes_are_those_of_onnx() {
    let graph = || Graph::new(F32);
    let list = |name: &str, values: &[i64]| {
        let packed: Vec<u8> = values
            .iter()
            .flat_map(|&value| number(8, value.cast_unsigned()))
            .collect();
        part(5, [part(1, name), packed, number(20, 7)].concat())
    };
    let pool = |fields: &[Vec<u8>]| graph().node_with("MaxPool", &["image"], fields.concat());
    assert_eq!(
        shape(&pool(&[list("kernel_shape", &[3, 2])])).unwrap(),
        [1, 3, 4, 3]
    );
    let stride = list("strides", &[2, 3]);
    assert_eq!(
        shape(&pool(&[list("kernel_shape", &[3, 2]), stride.clone()])).unwrap(),
        [1, 3, 2, 1]
    );
    let ceil = part(
        5,
        [part(1, "ceil_mode"), number(3, 1), number(20, 2)].concat(),
    );
    assert_eq!(
        shape(&pool(&[list("kernel_shape", &[3, 2]), stride, ceil])).unwrap(),
        [1, 3, 3, 2]
    );
    let pads = list("pads", &[1, 0, 2, 1]);
    assert_eq!(
        shape(&pool(&[list("kernel_shape", &[3, 2]), pads])).unwrap(),
        [1, 3, 7, 4]
    );

    let order = graph().node_with("Transpose", &["image"], list("perm", &[0, 2, 3, 1]));
    assert_eq!(shape(&order).unwrap(), [1, 6, 4, 3]);
    let sliced = |start: i64, end: i64, step: i64| {
        let mut graph = graph();
        for (name, value) in [("start", start), ("end", end), ("axes", 2), ("steps", step)] {
            graph = graph.constant(name, I64, &[1], &ints(&[value]));
        }
        shape(&graph.node("Slice", &["image", "start", "end", "axes", "steps"], &[]))
    };
    assert_eq!(sliced(1, -1, 1).unwrap(), [1, 3, 4, 4]);
    assert_eq!(sliced(-1, i64::MIN, -1).unwrap(), [1, 3, 6, 4]);
    assert_eq!(sliced(5, 0, -2).unwrap(), [1, 3, 3, 4]);
    assert!(sliced(4, 2, 1).unwrap_err().contains("empty"));
    // A shape that is computed from the image's own.
    let computed = graph()
        .constant("first", I64, &[], &ints(&[0]))
        .constant("open", I64, &[1], &ints(&[-1]))
        .constant("axis", I64, &[1], &ints(&[0]))
        .node("Shape", &["image"], &[])
        .node("Gather", &["1", "first"], &[])
        .node("Unsqueeze", &["2", "axis"], &[])
        .node("Concat", &["3", "open"], &[("axis", 0)])
        .node("Reshape", &["image", "4"], &[]);
    assert_eq!(shape(&computed).unwrap(), [1, 72]);
}

#[test]
fn what_cannot_be_known_or_is_wrong_is_said_with_its_operation() {
    let graph = || Graph::new(F32);
    for (graph, words) in [
        (graph().node("Conv", &["image"], &[]), "it has no input 2"),
        (
            graph()
                .constant("w", F32, &[1, 3, 1, 1], &[0; 12])
                .node("Conv", &["image", "w"], &[]),
            "its kernel_shape is left out",
        ),
        (
            graph().node("NonZero", &["image"], &[]),
            "operation 1 (NonZero): this operator is not supported",
        ),
        (
            graph().node_with("FusedConv", &["image"], part(7, "com.microsoft")),
            "com.microsoft.FusedConv",
        ),
        (
            graph().node("Reshape", &["image", "image"], &[]),
            "depend on what the image shows",
        ),
        (
            graph().node("Add", &["image", "later"], &[]),
            "nothing before it makes its input later",
        ),
        (
            graph()
                .constant("1", F32, &[], &[0; 4])
                .node("Abs", &["image"], &[]),
            "a value 1 already",
        ),
        (
            graph().constant("w", F32, &[2, 2], &[0; 12]),
            "does not fit the numbers",
        ),
        (graph().constant("w", 8, &[1], &[0; 4]), "kind 8"),
        (
            graph().with(5, [number(1, 1), number(2, 1), number(14, 1)].concat()),
            "weights in a second file",
        ),
        (graph().with(15, []), "sparse tensors"),
        (
            graph().node_with("If", &["image"], part(5, part(6, []))),
            "parts of a graph",
        ),
    ] {
        let error = shape(&graph).unwrap_err();
        assert!(error.contains(words), "{words}: {error}");
    }
    let second = Graph::new(F32)
        .with(11, part(1, "mask"))
        .node("Abs", &["image"], &[]);
    let error = shape(&second).unwrap_err();
    assert!(error.contains("2 inputs (mask, image)"), "{error}");
    let old = [number(1, 3), part(7, part(12, [])), part(8, number(2, 6))].concat();
    assert!(matches!(
        Outline::read(&old),
        Err(Error::Unsupported { .. })
    ));
}
