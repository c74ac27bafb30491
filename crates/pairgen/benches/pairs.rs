//! Pairs per second of the builders.
fn main() {}
