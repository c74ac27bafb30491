//! What an ONNX file holds.

use std::collections::BTreeMap;
use std::path::Path;

use onnx_backbone::{Interface, Outline, Side, ValueInfo};
use serde::Serialize;
use siamese_net::{ProgramKind, read_program};

use crate::error::Error;

/// What an ONNX file holds, and whether it can be the beginning of an encoder, `encoder.onnx`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InspectedOnnx {
    /// `onnx`.
    pub kind: &'static str,
    /// SHA-256 of the file, as 64 hexadecimal digits.
    pub sha256: String,
    /// Bytes of the file.
    pub bytes: usize,
    /// The program that wrote it.
    pub producer: String,
    /// Version of the file format.
    pub ir_version: i64,
    /// Version of the set of operators.
    pub opset: i64,
    /// What goes in, such as `data: f32 [n, 3, 112, 112]`.
    pub inputs: Vec<String>,
    /// What comes out.
    pub outputs: Vec<String>,
    /// Numbers in all weights.
    pub weights: usize,
    /// The operators with how often each is used.
    pub operators: BTreeMap<String, usize>,
    /// Those of them that are not supported.
    pub unsupported: Vec<String>,
    /// `[channels, height, width]` of the images that it says it takes, where it says their size; 3 channels where it does
    /// not say how many.
    pub image: Option<[usize; 3]>,
    /// Numbers in its vectors, where it can be used.
    pub dimension: Option<usize>,
    /// Multiplications for one image, where it can be used.
    pub multiplications: Option<u64>,
    /// Why it cannot be used, or what is to be said of it first.
    pub refused: Option<String>,
}

impl InspectedOnnx {
    /// Reads an ONNX file. Nothing in it is run.
    ///
    /// # Errors
    /// Where it cannot be read, or is no ONNX file of use.
    pub fn of(path: &Path) -> Result<Self, Error> {
        let (bytes, sha256) = read_program(ProgramKind::Onnx, path, None)?;
        let outline = read_outline(path, &bytes)?;
        let words = |values: &[ValueInfo]| values.iter().map(ToString::to_string).collect();
        let image = image_of(&outline, None);
        let interface = match &image {
            Ok(Some(image)) => Interface::of(&outline, *image).map_err(|error| error.to_string()),
            Ok(None) => Err(
                "it does not say the size of its images: siamese import takes it with --size"
                    .to_owned(),
            ),
            Err(error) => Err(error.to_string()),
        };
        let unsupported = outline.unsupported();
        Ok(Self {
            kind: "onnx",
            sha256,
            bytes: bytes.len(),
            ir_version: outline.ir_version,
            opset: outline.opset,
            inputs: words(&outline.inputs),
            outputs: words(&outline.outputs),
            weights: outline.weights(),
            operators: (outline.operators().into_iter())
                .map(|(name, count)| (name.to_owned(), count))
                .collect(),
            unsupported: unsupported.into_iter().map(str::to_owned).collect(),
            image: image.ok().flatten(),
            dimension: interface.as_ref().ok().map(|found| found.dimension),
            multiplications: interface.as_ref().ok().map(|found| found.sizes.work),
            refused: interface.err(),
            producer: outline.producer,
        })
    }
}

/// What a file says of its network, but the weights.
pub(crate) fn read_outline(path: &Path, bytes: &[u8]) -> Result<Outline, Error> {
    Outline::read(bytes).map_err(|error| siamese_net::Error::file(path, error.to_string()).into())
}

/// The channels, height and width of a network's images: of this size, or of what the file says, and with 3 channels where it
/// does not say how many. `None` where the size is said nowhere.
pub(crate) fn image_of(
    outline: &Outline,
    size: Option<[usize; 2]>,
) -> Result<Option<[usize; 3]>, onnx_backbone::Error> {
    let sides = outline.image()?.sides.as_deref();
    let side = |place: usize| match sides.and_then(|sides| sides.get(place)) {
        Some(Side::Fixed(length)) => Some(*length),
        _ => None,
    };
    let size = size.or_else(|| Some([side(2)?, side(3)?]));
    Ok(size.map(|[height, width]| [side(1).unwrap_or(3), height, width]))
}
