//! `siamese doctor`.

#[cfg(feature = "train")]
use std::io::IsTerminal;
use std::process::ExitCode;

#[cfg(feature = "train")]
use anyhow::Context;
use anyhow::Result;
use serde::Serialize;
#[cfg(feature = "train")]
use siamese_lab::default_threads;
#[cfg(feature = "train")]
use siamese_lab::model::{
    DeviceCase, DeviceChoice, check_device, cuda_devices, device_name, libtorch_path,
    libtorch_version, set_threads,
};

use crate::args::DoctorArgs;
use crate::output::Output;
#[cfg(feature = "train")]
use crate::output::table;

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

pub(crate) fn run(args: &DoctorArgs, output: Output) -> Result<ExitCode> {
    #[cfg(feature = "train")]
    if let Some(device) = args.compare {
        return compare(device, output);
    }
    #[cfg(not(feature = "train"))]
    let DoctorArgs {} = args;
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
    output.result(&report, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// How a device computes, for `--json`.
#[cfg(feature = "train")]
#[derive(Serialize)]
struct Comparison {
    device: String,
    libtorch: &'static str,
    holds: bool,
    cases: Vec<DeviceCase>,
}

/// Compares a device with the CPU; a failure where anything is further off than its bounds.
#[cfg(feature = "train")]
fn compare(device: DeviceChoice, output: Output) -> Result<ExitCode> {
    let device = device.resolve()?;
    set_threads(Some(default_threads()));
    let folder = tempfile::tempdir().context("cannot make a folder for checkpoints")?;
    let watched = std::io::stderr().is_terminal();
    let cases = check_device(device, folder.path(), |case| {
        if watched {
            output.note_in_place(&format!("{}: {}", case.kind, case.name));
        }
    })?;
    if watched {
        output.note_in_place("");
    }
    let comparison = Comparison {
        device: device_name(device),
        libtorch: libtorch_version(),
        holds: cases.iter().all(DeviceCase::holds),
        cases,
    };
    output.result(&comparison, &comparison_text(&comparison))?;
    Ok(match comparison.holds {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}

#[cfg(feature = "train")]
fn comparison_text(comparison: &Comparison) -> String {
    let head = [
        "",
        "",
        "first loss",
        "sixth loss",
        "resumed loss",
        "embedding",
        "",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for case in &comparison.cases {
        let differences = [
            case.first_loss,
            case.later_loss,
            case.resumed_loss,
            case.embedding,
        ];
        let mut row = vec![case.kind.to_owned(), case.name.to_owned()];
        row.extend(differences.map(|difference| format!("{difference:.1e}")));
        row.push(if case.holds() { "" } else { "TOO FAR" }.to_owned());
        rows.push(row);
    }
    let end = match comparison.holds {
        true => "keeps to all bounds",
        false => "is further off than it may be where it says so",
    };
    format!(
        "{} beside the CPU, libtorch {}: differences, of losses as shares of the first\n\n{}\n{} {end}",
        comparison.device,
        comparison.libtorch,
        table(&rows),
        comparison.device,
    )
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
