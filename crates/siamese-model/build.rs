//! Makes what is built here find libtorch at run time, and tells dependents where it lies.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // Set by torch-sys, which declares `links = "tch"`.
    println!("cargo::rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    if env::var_os("DOCS_RS").is_some() {
        return Ok(());
    }
    let lib = env::var("DEP_TCH_LIBTORCH_LIB")
        .map_err(|_| "torch-sys did not say where libtorch lies: run scripts/setup.sh")?;
    println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
    println!("cargo::metadata=libtorch_lib={lib}");
    Ok(())
}
