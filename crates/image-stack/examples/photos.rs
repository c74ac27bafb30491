//! Reads every `.jpg` file in a folder to one array `[n, 112, 112]`, in full or at a part of its size:
//! `cargo run --release -p image-stack --example photos -- FOLDER exact|fast`. `benches/pillow_photos.py` times it beside
//! Pillow.
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::{env, fs};

use image_stack::{Decoding, Reading, Resize, decode_stack};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let (folder, decoding) = match &arguments[..] {
        [folder, decoding] if decoding == "exact" => (folder, Decoding::Exact),
        [folder, decoding] if decoding == "fast" => (folder, Decoding::Fast),
        _ => return Err("usage: photos FOLDER exact|fast".into()),
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jpg") {
            paths.push(path);
        }
    }
    paths.sort();
    let size = Resize::Area {
        height: 112,
        width: 112,
    };
    let stack = decode_stack(&paths, size, &Reading::default().with_decoding(decoding))?;
    println!("{:?}", stack.shape());
    Ok(())
}
