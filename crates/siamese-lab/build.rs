//! Tells dependents where libtorch lies.

fn main() {
    // Set by the build script of siamese-model.
    #[cfg(feature = "train")]
    siamese_libtorch::hand_on("DEP_SIAMESE_MODEL_LIBTORCH_LIB");
}
