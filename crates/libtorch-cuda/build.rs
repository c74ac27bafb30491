//! Compiles the calls against the headers of the libtorch that the bindings have found.

use std::env;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=cuda.cpp");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    // Documentation is built without libtorch.
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    // Set by torch-sys, which declares `links = "tch"`.
    let lib = siamese_libtorch::hand_on("DEP_TCH_LIBTORCH_LIB")
        .ok_or("torch-sys did not say where libtorch lies: run scripts/setup.sh")?;
    let root = Path::new(&lib)
        .parent()
        .ok_or("libtorch's lib folder has no parent")?;
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .warnings(false)
        .opt_level(0)
        .include(root.join("include"))
        .file("cuda.cpp")
        .try_compile("libtorch_cuda")?;
    Ok(())
}
