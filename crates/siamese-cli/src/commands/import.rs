//! `siamese import`.

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{ImportSettings, OutFile};
use siamese_net::{ChannelOrder, Contract};

use super::offered::quoted;
use crate::args::{ImportArgs, Order};
use crate::output::Output;
use crate::target::Target;

#[derive(Serialize)]
struct Report {
    model: String,
    /// The copy beside the model.
    network: String,
    /// Channels, height, width.
    images: [usize; 3],
    contract: Contract,
}

pub(crate) fn run(args: &ImportArgs, output: Output) -> Result<()> {
    let out = Target(&args.out);
    out.expect_ending("safetensors")?;
    if out.is_no_file() {
        anyhow::bail!(
            "{}: the network lies beside the model, so --out must be a file",
            out.name()
        );
    }
    out.expect_place(OutFile::Safetensors, args.force, &[&args.network], output)?;
    let mut settings = ImportSettings::new(&args.network);
    settings.size = args.size.map(|size| size.0);
    settings.scale = args.mean.zip(args.sd);
    settings.channel_order = match args.channel_order {
        Order::Rgb => ChannelOrder::Rgb,
        Order::Bgr => ChannelOrder::Bgr,
    };
    settings.flip = args.flip;
    settings.threshold = args.threshold;
    settings.protocol.clone_from(&args.protocol);
    let imported = settings.import(&args.out)?;
    let report = Report {
        model: out.name(),
        network: imported.network.display().to_string(),
        images: imported.recipe.images(),
        contract: imported.contract,
    };
    let [channels, height, width] = report.images;
    let model = quoted(&args.out);
    let text = format!(
        "{} embeds images of {channels}x{height}x{width} (channels x height x width) into {} numbers, by the network in {}. \
         Next:\n  siamese verify {model} A B\n  siamese eval {model} --data DIR --protocol all{}",
        report.model,
        report.contract.dimension,
        report.network,
        match args.threshold {
            Some(_) => "",
            None => " --threshold 0.7",
        }
    );
    output.result(&report, &text)
}
