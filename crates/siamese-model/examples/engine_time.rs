//! Milliseconds an image on one thread: `engine_time MODEL ENGINE BATCH SECONDS`, where ENGINE is `libtorch` or one of the
//! instructions that `siamese-infer` knows. Prints the median of the runs. `benches/engines.py` sets other engines beside.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::error::Error;
use std::path::Path;
use std::time::Instant;

use ndarray::Array4;
use siamese_infer::{Instructions, Model as Engine};
use siamese_model::{Device, EmbeddingModel, ImageStack, Model};

const LEAST_RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().collect();
    let [_, path, engine, batch, seconds] = &args[..] else {
        return Err("usage: engine_time MODEL ENGINE BATCH SECONDS".into());
    };
    siamese_model::set_threads(Some(1));
    let model = load(Path::new(path), engine)?;
    let (batch, seconds) = (batch.parse()?, seconds.parse()?);
    let [channels, height, width] = model.recipe().images();
    let pixels = Array4::from_shape_fn((batch, channels, height, width), |(i, c, y, x)| {
        ((i * 71 + c * 19 + y * y * 7 + x * 31) % 251) as u8
    });
    let stack = ImageStack::of_planes(pixels)?;
    let numbers: Vec<i64> = (0..batch as i64).collect();
    model.embeddings(&stack, &numbers)?;

    let (mut times, begin) = (Vec::new(), Instant::now());
    while times.len() < LEAST_RUNS || begin.elapsed().as_secs_f64() < seconds {
        let run = Instant::now();
        model.embeddings(&stack, &numbers)?;
        times.push(1e3 * run.elapsed().as_secs_f64() / batch as f64);
    }
    times.sort_by(f64::total_cmp);
    println!("{}", times[times.len() / 2]);
    Ok(())
}

fn load(path: &Path, engine: &str) -> Result<Box<dyn EmbeddingModel>, Box<dyn Error>> {
    if engine == "libtorch" {
        return Ok(Box::new(Model::load(path, Device::Cpu)?));
    }
    let known = Instructions::available();
    let names: Vec<String> = known.iter().map(ToString::to_string).collect();
    let Some(place) = names.iter().position(|name| name == engine) else {
        return Err(format!(
            "no engine {engine}; there are libtorch, {}",
            names.join(", ")
        )
        .into());
    };
    Ok(Box::new(
        Engine::load(path)?.with_instructions(known[place]),
    ))
}
