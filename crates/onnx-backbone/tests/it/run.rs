//! Networks give what onnxruntime gives.

use onnx_backbone::{Backbone, Error};

use crate::networks::NETWORKS;
use crate::written::{self, Graph};

#[test]
fn networks_exported_from_pytorch_give_what_onnxruntime_gives() {
    for network in NETWORKS {
        let backbone = Backbone::load(network.bytes(), network.image).unwrap();
        assert_eq!(backbone.interface().dimension, network.dimension);
        let (images, expected) = network.expected();
        let pixels = images.len() / 3;
        let found = backbone.run(3, |i, planes| {
            planes.copy_from_slice(&images[i * pixels..][..pixels])
        });
        let found = found.unwrap();
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            let off = (found - expected).abs() / expected.abs().max(1.0);
            assert!(off < 1e-5, "{}: {found} for {expected}", network.name);
        }
        backbone.probe(|_, planes| planes.fill(0.25)).unwrap();
    }
}

#[test]
fn an_image_gives_the_same_bytes_beside_others_and_on_any_number_of_threads() {
    let network = &NETWORKS[0];
    let (images, _) = network.expected();
    let pixels = images.len() / 3;
    let image = |i: usize| &images[i % 3 * pixels..][..pixels];
    let on = |threads: usize, count: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let backbone = Backbone::load(network.bytes(), network.image).unwrap();
            backbone
                .run(count, |i, planes| planes.copy_from_slice(image(i)))
                .unwrap()
        })
    };
    let many = on(3, 10);
    assert_eq!(many[..network.dimension], on(1, 1));
    assert_eq!(many, on(1, 10));
}

#[test]
fn bytes_are_rounded_and_a_result_without_a_number_is_refused() {
    let graph = Graph::new(written::U8).node("Cast", &["image"], &[("to", 1)]);
    let backbone = Backbone::load(graph.node("Flatten", &["1"], &[]).bytes(), [1, 2, 2]).unwrap();
    let found = backbone.run(1, |_, planes| {
        planes.copy_from_slice(&[0.4, 1.6, 254.9, 300.0])
    });
    assert_eq!(found.unwrap(), [0.0, 2.0, 255.0, 255.0]);

    let graph = Graph::new(written::F32)
        .node("Log", &["image"], &[])
        .node("Flatten", &["1"], &[]);
    let backbone = Backbone::load(graph.bytes(), [1, 2, 2]).unwrap();
    let error = backbone.probe(|_, planes| planes.fill(-1.0)).unwrap_err();
    assert!(
        matches!(error, Error::Run(_)) && error.to_string().contains("not numbers"),
        "{error}"
    );
}

/// The deepest graph that is taken: its runtime plans by recursion.
#[test]
fn a_graph_as_deep_as_it_may_be_runs() {
    let mut graph = Graph::new(written::F32);
    for i in 0..4095 {
        let input = if i == 0 {
            "image".to_owned()
        } else {
            i.to_string()
        };
        graph = graph.node("Abs", &[&input], &[]);
    }
    let bytes = graph.node("Flatten", &["4095"], &[]).bytes();
    let backbone = Backbone::load(bytes, [1, 2, 2]).unwrap();
    let found = backbone.run(1, |_, planes| {
        planes.copy_from_slice(&[-1.0, 2.0, -3.0, 4.0])
    });
    assert_eq!(found.unwrap(), [1.0, 2.0, 3.0, 4.0]);
}
