//! Devices: which there are, and why there is no GPU where there is none.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::OnceLock;

use tch::Device;

use crate::autograd::expect_none_begun;
use crate::error::Error;

/// A device as a user asks for it: `auto`, `cpu`, `cuda` or `cuda:N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The first GPU where one can be used, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The GPU of that number.
    Cuda(usize),
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |digits: &str| digits.parse().ok();
        match text {
            "auto" => Some(Self::Auto),
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            _ => text.strip_prefix("cuda:").and_then(number).map(Self::Cuda),
        }
        .ok_or_else(|| format!("`{text}` is not a device: choose auto, cpu, cuda or cuda:N"))
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
        }
    }
}

impl DeviceChoice {
    /// The device to use.
    ///
    /// # Errors
    /// [`Error::Device`] where a GPU was asked for that is not there, with the reason.
    pub fn resolve(self) -> Result<Device, Error> {
        match (self, cuda_devices()) {
            (Self::Cpu, _) | (Self::Auto, Err(_) | Ok(0)) => Ok(Device::Cpu),
            (Self::Auto, Ok(_)) => Ok(Device::Cuda(0)),
            (Self::Cuda(n), Ok(count)) if n < count => Ok(Device::Cuda(n)),
            (Self::Cuda(n), Ok(count)) => Err(Error::Device(format!(
                "there is no cuda:{n}, only {count} CUDA devices numbered from 0; use --device cuda:0 or cpu"
            ))),
            (Self::Cuda(_), Err(reason)) => Err(Error::Device(format!(
                "CUDA cannot be used: {reason}; or use --device cpu"
            ))),
        }
    }
}

/// `cpu` or `cuda:N`.
#[must_use]
pub fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(n) => format!("cuda:{n}"),
        _ => "cpu".to_owned(),
    }
}

/// The libtorch version this crate was built with, for instance `2.13.0`.
#[must_use]
pub fn libtorch_version() -> &'static str {
    env!("SIAMESE_LIBTORCH_VERSION")
}

/// Where the running process has loaded libtorch from; `None` where the system does not tell.
#[must_use]
pub fn libtorch_path() -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let line = maps
        .lines()
        .find(|line| line.ends_with("/libtorch_cpu.so"))?;
    line.find('/').map(|start| PathBuf::from(&line[start..]))
}

/// Sets the threads to compute with on the CPU, once for the process, and returns how many there are. `None` leaves what
/// is set: one for each core.
///
/// Batches, and networks that are trained side by side, are shared out among the threads of rayon's global pool, with
/// libtorch computing on one thread in each: its own threads wait for each other busily at the end of every operation,
/// and how its sums round depends on how many there are.
pub fn set_threads(threads: Option<usize>) -> usize {
    if let Some(threads) = threads {
        // A pool that is there already stays; its size is what is returned.
        let _ = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.max(1))
            .build_global();
    }
    tch::set_num_threads(1);
    rayon::current_num_threads()
}

/// How many CUDA devices there are, or why CUDA cannot be used.
///
/// The first call loads libtorch's CUDA library: nothing in this process refers to it, so the linker leaves it out,
/// and libtorch finds its GPUs only once it is there. That has to be before the first backward pass.
///
/// # Errors
/// The reason, and what to do, in words.
pub fn cuda_devices() -> Result<usize, String> {
    static DEVICES: OnceLock<Result<usize, String>> = OnceLock::new();
    DEVICES.get_or_init(find_cuda).clone()
}

fn find_cuda() -> Result<usize, String> {
    load("libcuda.so.1")
        .map_err(|_| "this machine has no NVIDIA driver (libcuda.so.1 is not there)".to_owned())?;
    expect_none_begun()?;
    load("libtorch_cuda.so").map_err(|reason| {
        format!(
            "libtorch's CUDA library does not load ({reason}): install the CUDA set with scripts/setup.sh --cuda and \
             build again"
        )
    })?;
    match usize::try_from(tch::Cuda::device_count()) {
        Ok(0) => Err(
            "the driver is there but shows no device; check nvidia-smi and CUDA_VISIBLE_DEVICES"
                .to_owned(),
        ),
        Ok(count) => Ok(count),
        Err(_) => Err("libtorch cannot count the CUDA devices".to_owned()),
    }
}

/// Loads a shared library for good, with its symbols visible to what is loaded later.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn load(name: &str) -> Result<(), String> {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the libraries are the driver's and libtorch's own, whose initialisers only register themselves; they are
    // never unloaded, since the handle is forgotten.
    let library =
        unsafe { Library::open(Some(name), RTLD_NOW | RTLD_GLOBAL) }.map_err(|e| e.to_string())?;
    std::mem::forget(library);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn load(_name: &str) -> Result<(), String> {
    Err("only Linux is supported".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_parse_and_print_alike() {
        for text in ["auto", "cpu", "cuda:3"] {
            assert_eq!(text.parse::<DeviceChoice>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        assert!(
            "gpu"
                .parse::<DeviceChoice>()
                .unwrap_err()
                .contains("auto, cpu, cuda or cuda:N")
        );
    }

    #[test]
    fn a_missing_gpu_is_an_error_with_a_reason() {
        let shown = DeviceChoice::Cuda(99).resolve().unwrap_err().to_string();
        assert!(shown.contains("--device"), "{shown}");
    }
}
