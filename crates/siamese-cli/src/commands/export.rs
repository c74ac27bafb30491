//! `siamese export`.

use anyhow::Result;
use serde::Serialize;
use siamese_lab::{OutFile, model_file};
use siamese_net::Contract;
use siamese_onnx::OnnxModel;

use crate::args::ExportArgs;
use crate::output::{Output, thousands};
use crate::target::Target;

#[derive(Serialize)]
struct Report {
    onnx: String,
    bytes: usize,
    nodes: usize,
    /// Channels, height, width.
    images: [usize; 3],
    contract: Contract,
}

pub(crate) fn run(args: &ExportArgs, output: Output) -> Result<()> {
    let out = Target(&args.onnx);
    out.expect_ending("onnx")?;
    let model = model_file(&args.model)?;
    out.expect_place(OutFile::Onnx, args.force, &[&model], output)?;
    let exported = OnnxModel::export(&model)?;
    out.write(&exported.bytes)?;
    let report = Report {
        onnx: out.name(),
        bytes: exported.bytes.len(),
        nodes: exported.nodes,
        images: exported.images,
        contract: exported.contract,
    };
    let [channels, height, width] = report.images;
    let text = format!(
        "{} nodes, {} bytes, are in {}\n\
         in:  {} u8 [n, {channels}, {height}, {width}]\n\
         out: {} f32 [n, {}], compared by {} distance\n\
         contract {}\n",
        thousands(report.nodes as u64),
        thousands(report.bytes as u64),
        report.onnx,
        OnnxModel::INPUT,
        OnnxModel::OUTPUT,
        exported.dimension,
        report.contract.metric.name(),
        report.contract
    );
    let output = Output {
        aside: out.is_standard_output(),
        ..output
    };
    output.result(&report, &text)
}
