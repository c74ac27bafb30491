//! What an ONNX file says of itself.

use serde::Serialize;
use siamese_net::{
    BackgroundSpec, Calibration, Contract, DecodingSpec, InkSpec, ModelCard, Provenance, Recipe,
    ResizeSpec, Threshold,
};

/// Version of the document.
const FORMAT: u32 = 1;

/// The document under the key `siamese` of the file's metadata, as JSON.
#[derive(Serialize)]
pub(crate) struct Document<'a> {
    format: u32,
    /// As TOML.
    recipe: String,
    images: Images,
    contract: &'a Contract,
    threshold: Option<&'a Threshold>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<&'a Calibration>,
    provenance: &'a Provenance,
}

/// The images that the graph takes, and how a file becomes one: the part that is not in the graph.
#[derive(Serialize)]
struct Images {
    channels: usize,
    height: usize,
    width: usize,
    resize: ResizeSpec,
    background: BackgroundSpec,
    decoding: DecodingSpec,
    #[serde(skip_serializing_if = "Option::is_none")]
    ink: Option<InkSpec>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    invert: bool,
}

impl<'a> Document<'a> {
    /// Of a model of this contract.
    ///
    /// # Errors
    /// [`siamese_net::Error::Recipe`] for a recipe that cannot be written.
    pub(crate) fn new(
        card: &'a ModelCard,
        contract: &'a Contract,
    ) -> Result<Self, siamese_net::Error> {
        let recipe = &card.recipe;
        let [channels, height, width] = recipe.images();
        Ok(Self {
            format: FORMAT,
            recipe: recipe.to_toml()?,
            images: Images {
                channels,
                height,
                width,
                resize: recipe.data.resize,
                background: recipe.data.background,
                decoding: recipe.data.decoding,
                ink: recipe.data.ink,
                invert: recipe.data.invert,
            },
            contract,
            threshold: card.threshold.as_ref(),
            calibration: card.calibration.as_ref(),
            provenance: &card.provenance,
        })
    }
}

/// How an image becomes what the graph takes, in a sentence.
pub(crate) fn what_comes_in(recipe: &Recipe) -> String {
    let [channels, height, width] = recipe.images();
    let colours = match channels {
        1 => "greys (of colours their luma, 0.299 R + 0.587 G + 0.114 B)",
        _ => "red, green and blue",
    };
    let resized = match recipe.data.resize {
        ResizeSpec::None => "as they are".to_owned(),
        ResizeSpec::Stride(step) => format!("of every {step}th row and column"),
        ResizeSpec::Area(_) => "as the mean of the area that each pixel covers".to_owned(),
        ResizeSpec::Fit { margin, .. } => {
            let off = match margin {
                0 => String::new(),
                margin => format!(", {margin} pixels off its edge"),
            };
            format!(
                "as the mean of the area that each pixel covers, not stretched, in the middle of a ground{off}"
            )
        }
    };
    let ink = match recipe.data.ink {
        Some(InkSpec { crop: true, .. }) => ", cropped to the ink",
        _ => "",
    };
    let inverted = match recipe.data.invert {
        true => ", inverted",
        false => "",
    };
    format!("bytes of {colours}, {height} rows of {width} pixels, {resized}{ink}{inverted}")
}
