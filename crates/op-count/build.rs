//! Compiles the hook against the headers of the libtorch that the bindings have found.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=count.cpp");
    cc::Build::new()
        .cpp(true)
        .std("c++20")
        .warnings(false)
        .opt_level(0)
        .include(siamese_libtorch::folder()?.join("include"))
        .file("count.cpp")
        .try_compile("op_count")?;
    Ok(())
}
