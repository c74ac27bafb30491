//! Fails, with one sentence, where there is no libtorch of the version that is needed.

use std::path::{Path, PathBuf};
use std::{env, fs};

const NEEDED: &str = include_str!("src/version.txt");

fn main() {
    println!("cargo::rerun-if-changed=src/version.txt");
    for name in [
        "DOCS_RS",
        "LIBTORCH",
        "LIBTORCH_INCLUDE",
        "LIBTORCH_USE_PYTORCH",
    ] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    // Documentation is built without libtorch, and where PyTorch's own lies only Python knows.
    if ["DOCS_RS", "LIBTORCH_USE_PYTORCH"]
        .iter()
        .any(|name| env::var_os(name).is_some())
    {
        return;
    }
    if let Err(reason) = check() {
        println!(
            "cargo::error=training needs libtorch {NEEDED}, and {reason}: run scripts/setup.sh in a checkout, or set LIBTORCH \
             to the folder of one that you have, or build without training by --no-default-features"
        );
    }
}

/// Looks where `torch-sys` will look; the reason where there is none.
fn check() -> Result<(), String> {
    let header = Path::new("include/torch/headeronly/version.h");
    let root = env::var_os("LIBTORCH_INCLUDE").or_else(|| env::var_os("LIBTORCH"));
    let Some(root) = root.map(PathBuf::from) else {
        return match Path::new("/usr/lib/libtorch.so").exists() {
            true => Ok(()),
            false => Err("LIBTORCH is not set".to_owned()),
        };
    };
    println!("cargo::rerun-if-changed={}", root.join(header).display());
    let text = fs::read_to_string(root.join(header))
        .map_err(|_| format!("there is none in {}", root.display()))?;
    let part = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("#define TORCH_VERSION_{name} ")));
        line.map_or("?", str::trim)
    };
    let found = ["MAJOR", "MINOR", "PATCH"].map(part).join(".");
    match found == NEEDED {
        true => Ok(()),
        false => Err(format!("{} holds {found}", root.display())),
    }
}
