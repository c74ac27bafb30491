//! Puts the folder of libtorch into the binary, so that it runs from anywhere with nothing exported.

fn main() {
    // Set by the build script of siamese-lab.
    #[cfg(feature = "train")]
    siamese_libtorch::hand_on("DEP_SIAMESE_LAB_LIBTORCH_LIB");
}
