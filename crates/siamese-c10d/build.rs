//! Compiles what is called of c10d against the headers of the libtorch that the bindings have found.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rustc-check-cfg=cfg(nccl)");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    for place in ["shim", "build.rs"] {
        println!("cargo::rerun-if-changed={place}");
    }
    // Documentation is built without libtorch.
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    let root = siamese_libtorch::folder()?;
    let include = root.join("include");
    let mut shim = cc::Build::new();
    shim.cpp(true)
        .std("c++20")
        .warnings(false)
        .opt_level(1)
        .define("USE_C10D_GLOO", None)
        .file("shim/c10d.cpp")
        .include("shim/gloo");
    for headers in [include.clone(), include.join("torch/csrc/api/include")] {
        shim.flag("-isystem").flag(headers.display().to_string());
    }
    if let Some(headers) = nccl_headers(&root) {
        println!("cargo::rustc-cfg=nccl");
        println!("cargo::rustc-link-lib=torch_cuda");
        println!("cargo::rustc-link-lib=c10_cuda");
        shim.define("SIAMESE_NCCL", None)
            .define("USE_C10D_NCCL", None);
        for headers in headers {
            shim.flag("-isystem").flag(headers.display().to_string());
        }
    }
    shim.try_compile("siamese_c10d")?;
    Ok(())
}

/// Where the headers of NCCL and of CUDA's runtime lie, if this is a libtorch for GPUs and both are there: among those of
/// NVIDIA's packages beside it, or in a CUDA toolkit.
fn nccl_headers(root: &Path) -> Option<Vec<PathBuf>> {
    for name in ["CUDA_HOME", "NCCL_HOME"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    if !root.join("lib/libtorch_cuda.so").exists() {
        return None;
    }
    let mut places: Vec<PathBuf> = ["CUDA_HOME", "NCCL_HOME"]
        .iter()
        .filter_map(|name| env::var_os(name).map(|place| PathBuf::from(place).join("include")))
        .collect();
    let packages = root.parent().map(|beside| beside.join("nvidia"));
    let packages = packages.and_then(|packages| fs::read_dir(packages).ok());
    let packages = packages.into_iter().flatten().flatten();
    places.extend(packages.map(|package| package.path().join("include")));
    places.extend(["/usr/local/cuda/include", "/usr/include"].map(PathBuf::from));
    let holding = |header: &str| places.iter().find(|place| place.join(header).exists());
    match (holding("nccl.h"), holding("cuda_runtime_api.h")) {
        (Some(nccl), Some(cuda)) => Some(vec![nccl.clone(), cuda.clone()]),
        _ => {
            println!(
                "cargo::warning=this libtorch is for GPUs, but nccl.h and cuda_runtime_api.h are not beside it (in \
                 nvidia/*/include), nor where CUDA_HOME and NCCL_HOME say: several processes then train on CPUs only"
            );
            None
        }
    }
}
