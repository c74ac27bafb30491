//! Portable graymaps and pixmaps from strangers.

#![no_main]

use libfuzzer_sys::fuzz_target;
use pgm_io::{Limits, Raster};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default().with_max_pixels(1 << 20);
    let _ = Raster::decode(bytes, &limits);
});
