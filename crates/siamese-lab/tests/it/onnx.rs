//! Ready ONNX networks: what is said of one, and what becomes of it.

use std::fs;
use std::path::{Path, PathBuf};

use siamese_lab::{ImportSettings, InspectedOnnx};
use siamese_net::ByChannel;
use tempfile::TempDir;

/// `faces-18` with other lengths, all below 128, in what it says of its input, `[1, 3, 24, 24]`; 0 stands for any.
fn network(folder: &TempDir, sides: [u8; 4]) -> PathBuf {
    let networks = Path::new(env!("CARGO_MANIFEST_DIR")).join("../onnx-backbone/tests/networks");
    let mut bytes = fs::read(networks.join("faces-18.onnx")).unwrap();
    // A number, or else a name, which is empty.
    let said = |sides: [u8; 4]| {
        let side = |side| match side {
            0 => [0x0a, 2, 0x12, 0],
            _ => [0x0a, 2, 0x08, side],
        };
        sides.map(side).concat()
    };
    let known = said([1, 3, 24, 24]);
    let at = bytes.windows(16).position(|part| part == known).unwrap();
    bytes[at..at + 16].copy_from_slice(&said(sides));
    let path = folder.path().join("network.onnx");
    fs::write(&path, bytes).unwrap();
    path
}

fn import(network: &Path, size: Option<[usize; 2]>) -> Result<[usize; 3], String> {
    let mut settings = ImportSettings::new(network);
    settings.scale = Some((ByChannel::All(127.5), ByChannel::All(127.5)));
    settings.size = size;
    let imported = settings.import(&network.with_extension("safetensors"));
    let imported = imported.map_err(|error| error.to_string())?;
    Ok(imported.recipe.images())
}

#[test]
fn inspect_takes_the_images_that_import_takes() {
    let folder = TempDir::new().unwrap();
    for sides in [[1, 3, 24, 24], [0, 0, 24, 24]] {
        let network = network(&folder, sides);
        let inspected = InspectedOnnx::of(&network).unwrap();
        assert_eq!(inspected.refused, None);
        assert_eq!(inspected.image, Some([3, 24, 24]));
        assert_eq!(inspected.dimension, Some(10));
        assert_eq!(import(&network, None).unwrap(), [3, 24, 24]);
    }
    let network = network(&folder, [0, 3, 24, 0]);
    let inspected = InspectedOnnx::of(&network).unwrap();
    let said = inspected.refused.unwrap();
    assert!(said.contains("takes it with --size"), "{said}");
    assert_eq!(inspected.image, None);
    let said = import(&network, None).unwrap_err();
    assert!(
        said.contains("input: f32 [?, 3, 24, ?]") && said.contains("--size"),
        "{said}"
    );
    assert_eq!(import(&network, Some([24, 24])).unwrap(), [3, 24, 24]);
}
