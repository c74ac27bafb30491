//! Networks from strangers: read, checked, loaded and run.

#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use onnx_backbone::{Backbone, Outline};

/// Images of the networks in `crates/onnx-backbone/tests/networks`, which the corpus begins with.
const IMAGES: [[usize; 3]; 2] = [[3, 24, 24], [1, 30, 26]];

fuzz_target!(|bytes: &[u8]| {
    // A panic in the runtime becomes an error. The fuzzer's own hook would end the process before that.
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        let aborts = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map_or("", |place| place.file());
            if place.contains("onnx-backbone") {
                aborts(panic);
            }
        }));
    });
    let Ok(outline) = Outline::read(bytes) else {
        return;
    };
    for image in IMAGES {
        let Ok(sizes) = outline.sizes(&[1, image[0], image[1], image[2]]) else {
            continue;
        };
        // What would only be slow is not run.
        if sizes.work > 1 << 24 || sizes.values > 1 << 22 {
            continue;
        }
        if let Ok(backbone) = Backbone::load(bytes.to_vec(), image) {
            let _ = backbone.run(1, |_, planes| planes.fill(0.5));
        }
    }
});
