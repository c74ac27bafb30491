//! The networks that `networks/make.py` exported from PyTorch.

use std::fs;
use std::path::Path;

/// A network and what it gives.
pub(crate) struct Network {
    pub(crate) name: &'static str,
    /// Channels, height, width.
    pub(crate) image: [usize; 3],
    pub(crate) dimension: usize,
}

pub(crate) const NETWORKS: [Network; 6] = [
    network("faces-11", [3, 24, 24], 10),
    network("faces-18", [3, 24, 24], 10),
    network("mobile-13", [1, 30, 26], 6),
    network("mobile-20", [1, 30, 26], 6),
    network("attention-17", [3, 24, 24], 8),
    network("attention-18", [3, 24, 24], 8),
];

const fn network(name: &'static str, image: [usize; 3], dimension: usize) -> Network {
    Network {
        name,
        image,
        dimension,
    }
}

impl Network {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        read(&format!("{}.onnx", self.name))
    }

    /// Three images, and their vectors.
    #[cfg(feature = "run")]
    pub(crate) fn expected(&self) -> (Vec<f32>, Vec<f32>) {
        let bytes = read(&format!("{}.f32", self.name));
        let (values, _) = bytes.as_chunks::<4>();
        let mut images: Vec<f32> = values.iter().copied().map(f32::from_le_bytes).collect();
        let vectors = images.split_off(3 * self.image.iter().product::<usize>());
        (images, vectors)
    }
}

fn read(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/networks");
    fs::read(folder.join(name)).unwrap()
}
