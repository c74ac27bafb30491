//! The command `siamese`.
fn main() {}
