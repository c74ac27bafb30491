//! Milliseconds that a network takes: `time NETWORK.onnx CHANNELS HEIGHT WIDTH THREADS`, with its load, an image alone and each
//! of 16. Takes the least of several runs, as other processes only make them longer.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::error::Error;
use std::time::Instant;

use onnx_backbone::Backbone;

const RUNS: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, network, sides @ .., threads] = &args[..] else {
        return Err("usage: time NETWORK.onnx CHANNELS HEIGHT WIDTH THREADS".into());
    };
    let sides: Vec<usize> = sides
        .iter()
        .map(|side| side.parse())
        .collect::<Result<_, _>>()?;
    let image = <[usize; 3]>::try_from(sides).map_err(|_| "an image has three sides")?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads.parse()?)
        .build()?;
    let bytes = std::fs::read(network)?;
    let begin = Instant::now();
    let backbone = pool.install(|| Backbone::load(bytes, image))?;
    println!("load {:.0} ms", 1e3 * begin.elapsed().as_secs_f64());
    for images in [1, 16] {
        let mut least = f64::INFINITY;
        for _ in 0..RUNS {
            let begin = Instant::now();
            let vectors = backbone.run(images, |image, planes| planes.fill(image as f32 / 16.0))?;
            least = least.min(begin.elapsed().as_secs_f64());
            assert!(!vectors.is_empty());
        }
        println!(
            "{images} at a time: {:.1} ms an image",
            1e3 * least / images as f64
        );
    }
    Ok(())
}
