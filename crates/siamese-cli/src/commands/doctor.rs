//! `siamese doctor`.

use anyhow::Result;
use serde::Serialize;
use siamese_lab::default_threads;
use siamese_model::{cuda_devices, libtorch_path, libtorch_version, set_threads};

use crate::output::Output;

#[derive(Serialize)]
struct Report {
    siamese: &'static str,
    libtorch: &'static str,
    libtorch_path: Option<String>,
    cores: usize,
    threads: usize,
    cuda_devices: usize,
    why_no_cuda: Option<String>,
}

pub(crate) fn run(output: Output) -> Result<()> {
    let cuda = cuda_devices();
    let report = Report {
        siamese: env!("CARGO_PKG_VERSION"),
        libtorch: libtorch_version(),
        libtorch_path: libtorch_path().map(|path| path.display().to_string()),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        threads: set_threads(Some(default_threads())),
        cuda_devices: *cuda.as_ref().unwrap_or(&0),
        why_no_cuda: cuda.clone().err(),
    };
    let mut text = format!(
        "siamese   {}\nlibtorch  {} in {}\nthreads   {} of {} cores\n",
        report.siamese,
        report.libtorch,
        report
            .libtorch_path
            .as_deref()
            .unwrap_or("an unknown place"),
        report.threads,
        report.cores
    );
    match cuda {
        Ok(count) => {
            for n in 0..count {
                text.push_str(&format!("device    cuda:{n}\n"));
            }
        }
        Err(reason) => text.push_str(&format!("CUDA      none: {reason}\n")),
    }
    output.result(&report, &text)
}
