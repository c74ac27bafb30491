//! The time and the memory of the part of a step that grows with the number of subjects: proxy-anchor's loss, its gradients, and
//! the optimizer's step of the proxies.
//!
//!     cargo run --release -p siamese-model --example large_head -- SUBJECTS [DIMENSION] [IMAGES]
//!
//! Random embeddings of 128 images (32 subjects) with 128 values each, unless said. Threads are libtorch's own.

#![allow(clippy::print_stdout, reason = "this is what it is for")]

use std::error::Error;
use std::time::Instant;

use siamese_model::{Device, Optimizer, Tensor, proxy_anchor};

fn main() -> Result<(), Box<dyn Error>> {
    let mut numbers = std::env::args().skip(1).map(|word| word.parse::<i64>());
    let subjects = numbers.next().ok_or("usage: large_head SUBJECTS")??;
    let dimension = numbers.next().unwrap_or(Ok(128))?;
    let images = numbers.next().unwrap_or(Ok(128))?;
    let random = |rows| Tensor::randn([rows, dimension], (tch::Kind::Float, Device::Cpu));
    let proxies = random(subjects).set_requires_grad(true);
    let spec = toml::from_str("kind = 'adamw'\nlr = 0.01")?;
    let weights = [proxies.shallow_clone()];
    let mut optimizer = Optimizer::new(spec, &weights)?;
    let labels: Vec<i64> = (0..images)
        .map(|image| image % 32 * (subjects / 32))
        .collect();
    let labels = Tensor::from_slice(&labels);
    let mut seconds = Vec::new();
    for _ in 0..6 {
        let embeddings = random(images).set_requires_grad(true);
        let start = Instant::now();
        let loss = proxy_anchor(&embeddings, &labels, &proxies, 32.0, 0.1)?;
        let gradients = Tensor::run_backward(&[loss], &[&proxies, &embeddings], false, false);
        optimizer.step(&weights, &gradients[..1], &[false], 0.01)?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.remove(0);
    seconds.sort_by(f64::total_cmp);
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM"));
    println!(
        "{subjects} subjects x {dimension}, {images} images: {:.3} s a step (median of 5), {}",
        seconds[2],
        peak.unwrap_or("peak unknown")
    );
    Ok(())
}
