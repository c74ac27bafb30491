//! Makes what is built here find libtorch at run time, tells dependents where it lies, and checks its version.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use siamese_libtorch::{VERSION as NEEDED, hand_on};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    println!("cargo::rustc-env=SIAMESE_LIBTORCH_VERSION={NEEDED}");
    // Documentation is built without libtorch.
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    // Set by torch-sys, which declares `links = "tch"`.
    let lib = hand_on("DEP_TCH_LIBTORCH_LIB")
        .ok_or("torch-sys did not say where libtorch lies: run scripts/setup.sh")?;
    let found = version(Path::new(&lib))?;
    if found != NEEDED {
        return Err(format!(
            "libtorch {NEEDED} is needed, {lib} holds {found}: run scripts/setup.sh, or set LIBTORCH to a folder with \
             the right one"
        )
        .into());
    }
    Ok(())
}

/// Reads the version from libtorch's headers, which every kind of install has.
fn version(lib: &Path) -> Result<String, Box<dyn Error>> {
    let root = lib.parent().ok_or("libtorch's lib folder has no parent")?;
    let header = root.join("include/torch/headeronly/version.h");
    let text = fs::read_to_string(&header).map_err(|error| {
        format!(
            "cannot read {} ({error}): libtorch {NEEDED} has it; run scripts/setup.sh",
            header.display()
        )
    })?;
    let part = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(&format!("#define TORCH_VERSION_{name} ")));
        line.map(str::trim)
            .ok_or_else(|| format!("{} does not define TORCH_VERSION_{name}", header.display()))
    };
    Ok(format!(
        "{}.{}.{}",
        part("MAJOR")?,
        part("MINOR")?,
        part("PATCH")?
    ))
}
