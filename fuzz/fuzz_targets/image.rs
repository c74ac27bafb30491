//! Images of every format from strangers, exactly and at a part of their size.

#![no_main]

use image_stack::{Channels, Decoding, Limits, Reading, Resize, read_planes};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let reading = Reading::from(Limits::default().with_max_pixels(1 << 20));
    let size = Resize::Area {
        height: 5,
        width: 7,
    };
    for decoding in [Decoding::Exact, Decoding::Fast] {
        let _ = read_planes(bytes, Channels::Rgb, size, &reading.with_decoding(decoding));
    }
});
