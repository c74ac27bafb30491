//! Lists from strangers: of images, pairs, subjects and folds, and LFW's `pairs.txt`.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use pairgen::Listing;

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("a temporary file can be written");
    let _ = Listing::read(file.path());
});
