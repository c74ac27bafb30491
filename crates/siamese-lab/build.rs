//! Makes what is built here find libtorch at run time, and tells dependents where it lies.

fn main() {
    // Set by the build script of siamese-model, where it is built.
    println!("cargo::rerun-if-env-changed=DEP_SIAMESE_MODEL_LIBTORCH_LIB");
    if let Ok(lib) = std::env::var("DEP_SIAMESE_MODEL_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{lib}");
        println!("cargo::metadata=libtorch_lib={lib}");
    }
}
