//! Models and checkpoints from strangers.

#![no_main]

use std::fs;

use libfuzzer_sys::fuzz_target;
use siamese_net::{CheckpointCard, ModelFile};

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    fs::write(file.path(), bytes).expect("a temporary file can be written");
    let _ = ModelFile::read(file.path());
    let _ = CheckpointCard::read(file.path());
});
