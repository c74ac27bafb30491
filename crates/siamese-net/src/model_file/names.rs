//! What the tensors in a model file are called.

/// What the names of a network's tensors begin with: nothing where it is the only one. `network` counts from 0.
#[must_use]
pub fn network_prefix(network: usize, networks: usize) -> String {
    match networks {
        1 => String::new(),
        _ => format!("members.{}.", network + 1),
    }
}

/// What the names of a whitening's tensors, `mean` and `weight`, begin with after the network's prefix; numbered where
/// there are several. `map` counts from 0.
#[must_use]
pub fn whitening_prefix(map: usize, maps: usize) -> String {
    match maps {
        1 => "whitening.".to_owned(),
        _ => format!("whitening.{}.", map + 1),
    }
}
