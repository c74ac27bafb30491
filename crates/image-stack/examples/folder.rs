//! Reads every `.pgm` file under a folder to one array, again and again, and prints the median
//! time: `cargo run --release -p image-stack --example folder -- FOLDER [REPEATS]`. The same measure
//! of Pillow comes from `benches/pillow_folder.py`.
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;
use std::{env, fs, io};

use image_stack::{Reading, Resize, decode_stack};

/// Adds the `.pgm` files under `folder` to `paths`, subfolders included.
fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "pgm") {
            paths.push(path);
        }
    }
    Ok(())
}

/// The median time of `repeats` runs after one that fills the caches, in milliseconds.
fn median_ms(paths: &[PathBuf], resize: Resize, repeats: usize) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::with_capacity(repeats);
    decode_stack(paths, resize, &Reading::default())?;
    for _ in 0..repeats {
        let start = Instant::now();
        decode_stack(paths, resize, &Reading::default())?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let folder = arguments.next().ok_or("usage: folder FOLDER [REPEATS]")?;
    let repeats = match arguments.next() {
        Some(count) => count.to_string_lossy().parse::<usize>()?.max(1),
        None => 30,
    };
    let mut paths = Vec::new();
    collect(Path::new(&folder), &mut paths)?;
    paths.sort();

    let whole = median_ms(&paths, Resize::None, repeats)?;
    let stride = median_ms(&paths, Resize::Stride(2), repeats)?;
    println!(
        "image-stack, {} files, median of {repeats}: {whole:.2} ms",
        paths.len()
    );
    println!("image-stack with stride 2: {stride:.2} ms");
    Ok(())
}
