//! Compiles the calls against the headers of the libtorch that the bindings have found.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=cuda.cpp");
    println!("cargo::rerun-if-env-changed=DOCS_RS");
    // Documentation is built without libtorch.
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .warnings(false)
        .opt_level(0)
        .include(siamese_libtorch::folder()?.join("include"))
        .file("cuda.cpp")
        .try_compile("libtorch_cuda")?;
    Ok(())
}
