//! The arguments of `siamese import`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use siamese_net::ByChannel;

/// Said below the options.
pub(super) const HELP: &str = "\
The network must take an image as [n, channels, height, width] of f32 or u8, and give one vector for it. What images show, \
and where in the image, is up to you: most networks for faces want a face that was found and turned upright, with the eyes \
at certain places.

The model file names the network by its SHA-256, and a copy of it lies beside the model file: the two belong together. Then:
  siamese verify face.safetensors a.jpg b.jpg
  siamese eval face.safetensors --data faces --protocol all --threshold 0.7

EERs and most other figures depend on no threshold; those that do are for the one that you say.";

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// An ONNX file
    pub(crate) network: PathBuf,

    /// Model file to write, .safetensors
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,

    /// Height and width of its images, such as 112 or 112x96 [default: what the file says]
    #[arg(long, value_name = "N|HxW", value_parser = size)]
    pub(crate) size: Option<Size>,

    /// Taken from levels from 0 to 255: one number, or red,green,blue
    #[arg(long, value_name = "LEVEL", value_parser = by_channel, requires = "sd", allow_hyphen_values = true)]
    pub(crate) mean: Option<ByChannel>,

    /// Divides what is left: one number, or red,green,blue
    #[arg(long, value_name = "LEVELS", value_parser = by_channel, requires = "mean")]
    pub(crate) sd: Option<ByChannel>,

    /// The order in which it takes the channels of a colour image
    #[arg(long, value_enum, default_value = "rgb")]
    pub(crate) channel_order: Order,

    /// Take the mean of the embeddings of an image and its mirror image
    #[arg(long)]
    pub(crate) flip: bool,

    /// Say of two images that they show one subject where their cosine distance is below this [default: say nothing]
    #[arg(long, value_name = "DISTANCE", value_parser = distance, allow_hyphen_values = true)]
    pub(crate) threshold: Option<f64>,

    /// How eval divides subjects where it is not told
    #[arg(long, value_name = "NAME", default_value = "k-fold:8")]
    pub(crate) protocol: String,

    /// Replace the file that --out names
    #[arg(long)]
    pub(crate) force: bool,
}

/// Height and width.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size(pub(crate) [usize; 2]);

/// The order of the channels of a colour image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// Red, green, blue
    Rgb,
    /// Blue, green, red
    Bgr,
}

fn size(text: &str) -> Result<Size, String> {
    let side = |text: &str| match text.trim().parse() {
        Ok(side @ 1..) => Ok(side),
        _ => Err("expected N or HEIGHTxWIDTH in pixels, such as 112 or 112x96".to_owned()),
    };
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    Ok(Size([side(height)?, side(width)?]))
}

fn distance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(distance) if (0.0..=2.0).contains(&distance) => Ok(distance),
        _ => Err("expected a cosine distance, from 0 to 2".to_owned()),
    }
}

fn by_channel(text: &str) -> Result<ByChannel, String> {
    let values: Result<Vec<f64>, _> = text.split(',').map(|value| value.trim().parse()).collect();
    match values.as_deref() {
        Ok(&[value]) => Ok(ByChannel::All(value)),
        Ok(&[red, green, blue]) => Ok(ByChannel::Each([red, green, blue])),
        _ => Err(
            "expected a number or red,green,blue, such as 127.5 or 123.7,116.3,103.5".to_owned(),
        ),
    }
}
