//! `siamese doctor`.

use anyhow::Result;
use serde::Serialize;

use crate::output::Output;

#[derive(Serialize)]
struct Report {
    siamese: &'static str,
    /// What computes where libtorch does not.
    engine: String,
    /// Absent in a build without it.
    libtorch: Option<&'static str>,
    libtorch_path: Option<String>,
    cores: usize,
    threads: usize,
    cuda_devices: usize,
    why_no_cuda: Option<String>,
}

/// What a build without libtorch lacks.
#[cfg(not(feature = "train"))]
const WITHOUT: &str = "this build does not train, and computes on the CPU";

pub(crate) fn run(output: Output) -> Result<()> {
    let report = found();
    let mut text = format!(
        "siamese   {}\nengine    {}\n",
        report.siamese, report.engine
    );
    text.push_str(&match report.libtorch {
        Some(version) => format!(
            "libtorch  {version} in {}\n",
            report
                .libtorch_path
                .as_deref()
                .unwrap_or("an unknown place")
        ),
        None => {
            let why = report.why_no_cuda.as_deref().unwrap_or_default();
            format!("libtorch  none: {why}\n")
        }
    });
    text.push_str(&format!(
        "threads   {} of {} cores\n",
        report.threads, report.cores
    ));
    if report.libtorch.is_some() {
        match &report.why_no_cuda {
            Some(reason) => text.push_str(&format!("CUDA      none: {reason}\n")),
            None => {
                for n in 0..report.cuda_devices {
                    text.push_str(&format!("device    cuda:{n}\n"));
                }
            }
        }
    }
    output.result(&report, &text)
}

/// The engine that needs no libtorch, and its instructions on this processor.
fn engine() -> String {
    format!("siamese-infer with {}", siamese_lab::instructions())
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(feature = "train")]
fn found() -> Report {
    use siamese_lab::default_threads;
    use siamese_lab::model::{cuda_devices, libtorch_path, libtorch_version, set_threads};

    let cuda = cuda_devices();
    Report {
        siamese: env!("CARGO_PKG_VERSION"),
        engine: engine(),
        libtorch: Some(libtorch_version()),
        libtorch_path: libtorch_path().map(|path| path.display().to_string()),
        cores: cores(),
        threads: set_threads(Some(default_threads())),
        cuda_devices: *cuda.as_ref().unwrap_or(&0),
        why_no_cuda: cuda.err(),
    }
}

#[cfg(not(feature = "train"))]
fn found() -> Report {
    Report {
        siamese: env!("CARGO_PKG_VERSION"),
        engine: engine(),
        libtorch: None,
        libtorch_path: None,
        cores: cores(),
        threads: siamese_lab::default_threads(),
        cuda_devices: 0,
        why_no_cuda: Some(WITHOUT.to_owned()),
    }
}
