//! Lists from strangers: of images, pairs, subjects and folds, and LFW's `pairs.txt`.

#![no_main]

use std::fs;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pairgen::{Catalog, Listing, PairSet, Protocol, SubjectSplit};

/// `s1/1.pgm` to `s6/4.pgm`, which a list may name.
static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    Catalog::from_counts((1..=6).map(|s| (format!("s{s}"), 4))).expect("six subjects of four images")
});

fuzz_target!(|bytes: &[u8]| {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = file.path();
    fs::write(path, bytes).expect("a temporary file can be written");
    let _ = Listing::read(path);
    let _ = Catalog::from_csv(path);
    let _ = PairSet::from_list(&CATALOG, path);
    let _ = SubjectSplit::from_csv(&CATALOG, path);
    for protocol in [Protocol::List(path.into()), Protocol::Lfw(path.into())] {
        let _ = protocol.check(&CATALOG, 1);
    }
});
