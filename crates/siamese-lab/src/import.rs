//! A model file of a ready network, without training.

use std::path::{Path, PathBuf};

use onnx_backbone::{Element, Interface};
use siamese_net::{
    ByChannel, ChannelOrder, Contract, ModelFile, ProgramKind, Provenance, Recipe, Threshold,
    read_program,
};

use crate::error::{Error, ImportError};
use crate::inspect::{image_of, read_outline};

/// How a ready network is to be used, as far as its file does not say it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ImportSettings {
    /// The ONNX file.
    pub network: PathBuf,
    /// Height and width of its images; `None` for what the file says.
    pub size: Option<[usize; 2]>,
    /// What is taken from a level from 0 to 255, and divides what is left: it sees `(level - mean) / sd`. `None` for a
    /// network that takes bytes.
    pub scale: Option<(ByChannel, ByChannel)>,
    /// The order of its channels.
    pub channel_order: ChannelOrder,
    /// Whether the embedding of an image is the mean of those of the image and its mirror image.
    pub flip: bool,
    /// The distance below which two images are said to show one subject; `None` for no decision.
    pub threshold: Option<f64>,
    /// How `eval` divides subjects where nothing else is said.
    pub protocol: String,
}

/// A model file that was made of a ready network.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Imported {
    /// How it is used.
    pub recipe: Recipe,
    /// Under what its embeddings may be compared.
    pub contract: Contract,
    /// The copy of the network beside the model file.
    pub network: PathBuf,
}

impl ImportSettings {
    /// For an ONNX file that takes bytes in the order red, green, blue, and says the size of its images.
    #[must_use]
    pub fn new(network: impl Into<PathBuf>) -> Self {
        Self {
            network: network.into(),
            size: None,
            scale: None,
            channel_order: ChannelOrder::Rgb,
            flip: false,
            threshold: None,
            protocol: "k-fold:8".to_owned(),
        }
    }

    /// Writes a model file that uses the network as it is, and a copy of the network beside it. With the feature `onnx` the
    /// network is tried first.
    ///
    /// # Errors
    /// Where the network cannot be used, something of it is not said, or a file cannot be written.
    pub fn import(&self, out: &Path) -> Result<Imported, Error> {
        let path = &self.network;
        let fault = |error: onnx_backbone::Error| -> Error {
            siamese_net::Error::file(path, error.to_string()).into()
        };
        let (bytes, sha256) = read_program(ProgramKind::Onnx, path, None)?;
        let outline = read_outline(path, &bytes)?;
        let image = image_of(&outline, self.size).map_err(fault)?;
        let image = image.ok_or_else(|| ImportError::NoSize {
            path: path.clone(),
            input: outline.inputs.iter().map(ToString::to_string).collect(),
        })?;
        let interface = Interface::of(&outline, image).map_err(fault)?;
        let recipe = self.recipe(&interface, &sha256)?;
        #[cfg(feature = "onnx")]
        if let Some(network) = onnx_backbone::ReadyNetwork::load(&recipe.encoder)? {
            network.probe(&recipe.data)?;
        }
        let folder = out.parent().unwrap_or(Path::new(""));
        let kept = recipe.keep_programs(folder)?;
        let provenance = Provenance {
            siamese: env!("CARGO_PKG_VERSION").to_owned(),
            libtorch: "none".to_owned(),
            device: "cpu".to_owned(),
            epoch: 0,
            data_sha256: String::new(),
            people_sha256: None,
            origin: None,
        };
        let threshold = self.threshold.map(|value| Threshold {
            value,
            source: "said when the network was imported".to_owned(),
        });
        ModelFile::write(out, &kept, threshold.as_ref(), &provenance, &[])?;
        let network = kept.programs().next().map(|(_, file)| PathBuf::from(file));
        Ok(Imported {
            contract: Contract::new(&kept.portable(), [])?,
            network: network.unwrap_or_default(),
            recipe: kept,
        })
    }

    /// The recipe that uses the network as it is.
    fn recipe(&self, interface: &Interface, sha256: &str) -> Result<Recipe, Error> {
        let level = |of: ByChannel| match of {
            ByChannel::All(value) => ByChannel::All(value / 255.0),
            ByChannel::Each(values) => ByChannel::Each(values.map(|value| value / 255.0)),
        };
        let path = self.network.clone();
        let (mean, sd) = match (interface.element, self.scale) {
            (Element::U8, None) => (ByChannel::All(0.0), ByChannel::All(1.0 / 255.0)),
            (Element::U8, Some(_)) => return Err(ImportError::TakesBytes { path }.into()),
            (_, Some((mean, sd))) => (level(mean), level(sd)),
            (_, None) => return Err(ImportError::NoScale { path }.into()),
        };
        let quoted =
            |text: &std::ffi::OsStr| toml::Value::from(&*text.to_string_lossy()).to_string();
        let order = match self.channel_order {
            ChannelOrder::Rgb => "",
            ChannelOrder::Bgr => "channel_order = \"bgr\"\n",
        };
        let [_, height, width] = interface.image;
        let text = format!(
            "name = {}\nabout = \"a ready network, used as it is\"\n[data]\nresize = {{ area = [{height}, {width}] }}\n\
             background = \"white\"\nmean = {mean}\nsd = {sd}\n[protocol]\nname = {}\n[encoder]\ninput = {:?}\n\
             onnx = {}\nsha256 = \"{sha256}\"\nembedding = {}\n{order}[loss]\nkind = \"contrastive\"\n\
             distance = \"cosine\"\n[optimizer]\nkind = \"adam\"\n[train]\nepochs = 0\n[embedding]\nflip = {}\n",
            quoted(self.network.file_stem().unwrap_or_default()),
            quoted(self.protocol.as_ref()),
            interface.image,
            quoted(self.network.as_os_str()),
            interface.dimension,
            self.flip
        );
        Ok(Recipe::parse::<&str>(&text, "siamese import", &[])?)
    }
}
