//! Puts the folder of libtorch into the binary, so that it runs from anywhere with nothing exported.

fn main() {
    // Set by the build script of siamese-lab.
    println!("cargo::rerun-if-env-changed=DEP_SIAMESE_LAB_LIBTORCH_LIB");
    if let Some(lib) = std::env::var_os("DEP_SIAMESE_LAB_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{}", lib.display());
    }
}
