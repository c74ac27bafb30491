//! Files that ask for too much, or are damaged: refused in no time, and without making room for what they ask.

use onnx_backbone::{Error, Interface, Outline};
use proptest::prelude::*;

use crate::networks::NETWORKS;
use crate::written::{F32, Graph, I64, ints, number, part};

/// Reads a file and finds its shapes, as everything does before it runs one.
fn taken(bytes: &[u8], image: [usize; 3]) -> Result<Interface, Error> {
    Interface::of(&Outline::read(bytes)?, image)
}

fn too_large(graph: &Graph) -> String {
    match taken(&graph.bytes(), [1, 100, 100]) {
        Err(error @ Error::TooLarge { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn terabytes_are_refused_before_room_is_made() {
    let graph = || Graph::new(F32);
    let many = [1 << 40, 1 << 40];
    for asked in [
        graph()
            .constant("n", I64, &[2], &ints(&many))
            .node("ConstantOfShape", &["n"], &[]),
        graph()
            .constant("n", I64, &[1], &ints(&[i64::MAX]))
            .node("ConstantOfShape", &["n"], &[]),
        graph()
            .constant("one", F32, &[1, 1], &[0; 4])
            .constant("n", I64, &[2], &ints(&many))
            .node("Expand", &["one", "n"], &[]),
        graph()
            .constant("a", F32, &[10_000, 1], &[0; 40_000])
            .constant("b", F32, &[1, 10_000], &[0; 40_000])
            .node("MatMul", &["a", "b"], &[]),
        graph()
            .constant("n", I64, &[8], &ints(&[0, 0, 1 << 30, 0, 0, 0, 0, 0]))
            .node("Pad", &["image", "n"], &[]),
    ] {
        let said = too_large(&asked);
        assert!(said.contains("numbers in the value 1"), "{said}");
    }
    // Each value is taken, and all of them are too many.
    let mut grown = graph();
    for i in 0..60 {
        let last = if i == 0 {
            "image".to_owned()
        } else {
            i.to_string()
        };
        grown = grown.node(
            "Concat",
            &[&last, &last],
            &[("axis", u64::from(i % 2 == 0))],
        );
    }
    assert!(too_large(&grown).contains("numbers in"));
    // Small values, and years of work.
    let wide = vec![0; 4 << 20];
    let mut slow =
        graph()
            .constant("w", F32, &[1 << 10, 1 << 10], &wide)
            .node("Flatten", &["image"], &[]);
    slow = slow
        .constant("n", I64, &[2], &ints(&[1 << 16, 1 << 10]))
        .constant("one", F32, &[], &[0; 4])
        .node("Expand", &["one", "n"], &[]);
    for i in 2..100 {
        slow = slow.node("MatMul", &[&i.to_string(), "w"], &[]);
    }
    assert!(too_large(&slow).contains("for one image"));
}

#[test]
fn what_the_runtime_makes_room_for_is_counted() {
    let graph = || Graph::new(F32);
    let mut nodes = graph();
    for _ in 0..4097 {
        nodes = nodes.with(1, []);
    }
    let mut values = graph();
    for _ in 0..16_385 {
        values = values.with(13, []);
    }
    let inputs: Vec<u8> = (0..257).flat_map(|_| part(1, "image")).collect();
    let zeros = vec![0; 5000];
    let setting = [part(1, "axes"), part(8, &zeros), number(20, 7)].concat();
    for (graph, words) in [
        (nodes, "operations"),
        (values, "declared values"),
        (graph().node_with("Sum", &[], inputs), "inputs"),
        (
            graph().node_with("Squeeze", &["image"], part(5, setting)),
            "numbers in a setting",
        ),
        (
            graph().constant(&"x".repeat(1025), F32, &[], &[0; 4]),
            "bytes in a name",
        ),
        (graph().constant("x", F32, &[1; 9], &[0; 4]), "sides"),
    ] {
        let said = too_large(&graph);
        assert!(said.contains(words), "{words}: {said}");
    }
}

/// The shapes of a graph could be found by one of two values, and the runtime take the other.
#[test]
fn a_setting_that_can_be_read_in_two_ways_is_refused() {
    let setting =
        |name: &str, fields: &[Vec<u8>]| part(5, [part(1, name), fields.concat()].concat());
    let list = |name: &str, values: &[u64]| {
        let values: Vec<Vec<u8>> = values.iter().map(|&value| number(8, value)).collect();
        setting(name, &[values.concat(), number(20, 7)])
    };
    let huge = || [1 << 30; 4].map(|pad| number(8, pad)).concat();
    let pool = |pads: Vec<u8>| {
        let fields = [list("kernel_shape", &[1, 1]), pads].concat();
        Graph::new(F32).node_with("MaxPool", &["image"], fields)
    };
    let constant = |name: &str, fields: &[Vec<u8>]| {
        let graph = Graph::new(F32).node_with("Constant", &[], setting(name, fields));
        graph.node("Expand", &["image", "1"], &[])
    };
    for (graph, words) in [
        (
            pool(setting("pads", &[number(3, 0), huge(), number(20, 2)])),
            "value of two kinds",
        ),
        (
            pool(setting("pads", &[number(3, 0), huge()])),
            "value of two kinds",
        ),
        (
            pool(setting("pads", &[huge(), number(20, 6)])),
            "another kind than it says",
        ),
        (
            pool(setting("pads", &[huge(), number(20, 2)])),
            "another kind than it says",
        ),
        (
            pool(setting("pads", &[huge(), part(4, "0"), number(20, 3)])),
            "value of two kinds",
        ),
        (
            pool([list("pads", &[0; 4]), list("pads", &[1 << 30; 4])].concat()),
            "two settings pads",
        ),
        (
            constant(
                "value_ints",
                &[number(3, 1), number(8, 1 << 30), number(20, 2)],
            ),
            "value of two kinds",
        ),
        (
            constant("value_ints", &[number(3, 1), number(20, 2)]),
            "no constant is written as a setting value_ints",
        ),
        (
            constant("value_int", &[number(8, 1), number(20, 7)]),
            "no constant is written as a setting value_int ",
        ),
    ] {
        let error = taken(&graph.bytes(), [1, 8, 8]).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
}

/// Where numbers are a setting in one set of operators and an input in another, the runtime may take either.
#[test]
fn numbers_that_are_a_setting_and_an_input_are_refused() {
    let list =
        |name: &str, value: u64| part(5, [part(1, name), number(8, value), number(20, 7)].concat());
    let word = |name: &str| part(5, [part(1, name), part(4, "1"), number(20, 3)].concat());
    let graph = || Graph::new(F32).constant("n", I64, &[1], &ints(&[3]));
    for (graph, words) in [
        (
            graph().node_with("ReduceMean", &["image", "n"], list("axes", 2)),
            "its axes are a setting and an input",
        ),
        (
            graph().node_with("ReduceMean", &["image"], word("axes")),
            "its axes are no list of whole numbers",
        ),
        (
            graph().node_with("ReduceMean", &["image", "n"], list("keepdims", 0)),
            "its keepdims is no whole number",
        ),
        (
            graph().node_with("Expand", &["image"], list("shape", 1)),
            "it has no shape",
        ),
    ] {
        let error = taken(&graph.bytes(), [1, 8, 8]).unwrap_err().to_string();
        assert!(error.contains(words), "{words}: {error}");
    }
    // Steps are an input in each set of operators.
    let sliced = graph().constant("end", I64, &[1], &ints(&[8]));
    let sliced = sliced.node_with("Slice", &["image", "n", "end", "n"], list("steps", 5));
    let sizes = Outline::read(&sliced.bytes()).unwrap();
    assert_eq!(sizes.sizes(&[1, 1, 8, 8]).unwrap().output, [1, 1, 8, 5]);
}

/// The runtime computes shapes in 32 bits: numbers that differ in 64 may be equal there.
#[test]
fn shapes_are_computed_as_the_runtime_does() {
    let number_of =
        |graph: Graph, name: &str, value: i64| graph.constant(name, I64, &[1], &ints(&[value]));
    let mut equal = Graph::new(F32);
    for (name, value) in [("a", 1 << 40), ("b", 1 << 41), ("n", 1 << 30), ("one", 1)] {
        equal = number_of(equal, name, value);
    }
    let equal = equal
        .node("Equal", &["a", "b"], &[])
        .node("Where", &["1", "n", "one"], &[])
        .constant("x", F32, &[1], &[0; 4])
        .node("Expand", &["x", "2"], &[]);
    let said = too_large(&equal);
    assert!(said.contains("1073741824"), "{said}");

    // A half, times a thousand million: what whole numbers would make nothing of.
    let mut half = Graph::new(F32);
    for (name, value) in [("one", 1), ("two", 2), ("n", 1 << 30)] {
        half = number_of(half, name, value);
        half = half.node("Cast", &[name], &[("to", 1)]);
    }
    let half = half
        .node("Div", &["1", "2"], &[])
        .node("Mul", &["4", "3"], &[])
        .node("Cast", &["5"], &[("to", 7)])
        .node("Add", &["6", "one"], &[])
        .constant("x", F32, &[1], &[0; 4])
        .node("Expand", &["x", "7"], &[]);
    let mut wrapped = Graph::new(F32);
    for (name, value) in [("a", 1 << 16), ("b", (1 << 15) + 1)] {
        wrapped = number_of(wrapped, name, value);
    }
    let wrapped = wrapped
        .node("Mul", &["a", "b"], &[])
        .node("Expand", &["image", "1"], &[]);
    for graph in [half, wrapped] {
        let error = taken(&graph.bytes(), [1, 8, 8]).unwrap_err().to_string();
        assert!(error.contains("depend on what the image shows"), "{error}");
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let whole = NETWORKS[2].bytes();
    for length in 0..whole.len() {
        // A cut between two fields may leave a smaller file that is whole, but no graph of use.
        assert!(
            taken(&whole[..length], NETWORKS[2].image).is_err(),
            "{length}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = taken(&bytes, [3, 24, 24]);
    }

    #[test]
    fn a_changed_network_is_read_or_refused(
        which in 0..NETWORKS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let network = &NETWORKS[which];
        let mut bytes = network.bytes();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = taken(&bytes, network.image);
        #[cfg(feature = "run")]
        if let Ok(backbone) = onnx_backbone::Backbone::load(bytes, network.image) {
            let _ = backbone.run(1, |_, planes| planes.fill(0.5));
        }
    }
}
