//! `siamese embed`.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use siamese_lab::model::{Device, Model, write_atomically};
use siamese_lab::{Compute, Data, model_file};

use crate::args::EmbedArgs;
use crate::output::{Output, thousands};
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Report {
    images: usize,
    dimensions: usize,
    embeddings: String,
    index: String,
}

pub(crate) fn run(args: &EmbedArgs, output: Output) -> Result<()> {
    let ending = args
        .out
        .extension()
        .and_then(|ending| ending.to_str())
        .unwrap_or_default();
    let encode = match ending {
        "npy" => npy,
        "safetensors" => safetensors,
        _ => bail!(
            "{}: the name must end in .npy or .safetensors",
            args.out.display()
        ),
    };
    let (device, _) = Compute::from(&args.compute).resolve()?;
    let model = Model::load(&model_file(&args.model)?, device)?;
    let data = Data::find(args.data.source())?.within(args.compute.memory.said());
    let images = data
        .load(&model.recipe, device != Device::Cpu)?
        .after_saying(&mut Terminal::new(output));
    let embeddings = model.embed_stack(&images)?;
    write_atomically(&args.out, &encode(&embeddings)?)?;
    let index = args.out.with_extension("csv");
    write_atomically(&index, &rows(&data)?)?;
    let report = Report {
        images: embeddings.nrows(),
        dimensions: embeddings.ncols(),
        embeddings: args.out.display().to_string(),
        index: index.display().to_string(),
    };
    let text = format!(
        "{} embeddings of {} numbers are in {}, and the list of their images is in {}",
        thousands(report.images as u64),
        report.dimensions,
        report.embeddings,
        report.index
    );
    output.result(&report, &text)
}

/// `f32 [n, d]` as NumPy reads it.
fn npy(embeddings: &Array2<f32>) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    embeddings
        .write_npy(&mut bytes)
        .context("cannot build the .npy file")?;
    Ok(bytes.into_inner())
}

/// One tensor, `embeddings`.
fn safetensors(embeddings: &Array2<f32>) -> Result<Vec<u8>> {
    let bytes: Vec<u8> = embeddings
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let view = TensorView::new(
        Dtype::F32,
        vec![embeddings.nrows(), embeddings.ncols()],
        &bytes,
    )?;
    Ok(safetensors::serialize(
        [("embeddings", view)],
        None::<HashMap<String, String>>,
    )?)
}

/// Which image and subject each row shows.
fn rows(data: &Data) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["path", "subject"])?;
    for sample in 0..data.catalog.len() as u32 {
        let path: &Path = data.catalog.relative_path(sample);
        let subject = data.catalog.subject_name(data.catalog.subject_of(sample));
        writer.write_record([path.to_string_lossy().as_ref(), subject])?;
    }
    writer.into_inner().context("cannot build the index")
}
