//! `siamese embed`.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ndarray::Array2;
use ndarray_npy::WriteNpyExt;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;
use siamese_lab::{Compute, Data, OutFile, model_file};

use super::found::find;
use crate::args::{EmbedArgs, EmbeddingFormat};
use crate::output::{Output, thousands};
use crate::target::Target;
use crate::terminal::Terminal;

#[derive(Serialize)]
struct Report {
    images: usize,
    dimensions: usize,
    embeddings: String,
    /// Absent where nobody asked for it, and there is no place beside the embeddings.
    index: Option<String>,
}

pub(crate) fn run(args: &EmbedArgs, output: Output) -> Result<()> {
    let out = Target(&args.out);
    let format = format(args)?;
    let source = match args.images.is_empty() {
        true => args.data.source()?,
        false => args.data.at(Path::new("")),
    };
    let beside = args.out.with_extension("csv");
    let index = match &args.index {
        Some(index) => Some(Target(index)),
        None => (!out.is_no_file()).then_some(Target(&beside)),
    };
    let mut read = vec![&*args.model, &*source.path];
    read.extend(args.images.iter().map(|image| &**image));
    out.expect_place(format.file(), args.force, &read, output)?;
    if let Some(index) = index {
        if index.name() == out.name() {
            bail!(
                "{}: the embeddings and the list of their images take two names; give the list another with --index",
                out.name()
            );
        }
        index.expect_place(OutFile::Images, args.force, &read, output)?;
    }
    let model = Compute::from(&args.compute).open_fastest(&model_file(&args.model)?)?;
    let data = match args.images.is_empty() {
        true => find(source, output)?,
        false => Data::of_images(&args.images, source)?,
    };
    let data = data.within(args.compute.memory.said());
    let images = data
        .load(model.recipe())?
        .after_saying(&mut Terminal::new(output));
    let numbers: Vec<i64> = (0..images.len() as i64).collect();
    let embeddings = model.embeddings(&images, &numbers)?;
    out.write(&format.encode(&embeddings)?)?;
    if let Some(index) = index {
        index.write(&rows(&data, args.images.is_empty())?)?;
    }
    let report = Report {
        images: embeddings.nrows(),
        dimensions: embeddings.ncols(),
        embeddings: out.name(),
        index: index.map(Target::name),
    };
    let mut text = format!(
        "{} embeddings of {} numbers are in {}",
        thousands(report.images as u64),
        report.dimensions,
        report.embeddings,
    );
    if let Some(index) = &report.index {
        text.push_str(&format!(", and the list of their images is in {index}"));
    }
    let output = Output {
        aside: [Some(out), index]
            .into_iter()
            .flatten()
            .any(Target::is_standard_output),
        ..output
    };
    output.result(&report, &text)
}

/// The format that is asked for, or that the name tells.
fn format(args: &EmbedArgs) -> Result<EmbeddingFormat> {
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    match (args.format, ending) {
        (Some(format), _) => Ok(format),
        (None, Some("npy")) => Ok(EmbeddingFormat::Npy),
        (None, Some("safetensors")) => Ok(EmbeddingFormat::Safetensors),
        _ => bail!(
            "{}: the name must end in .npy or .safetensors, or say --format",
            args.out.display()
        ),
    }
}

impl EmbeddingFormat {
    fn file(self) -> OutFile {
        match self {
            Self::Npy => OutFile::Npy,
            Self::Safetensors => OutFile::Safetensors,
        }
    }

    fn encode(self, embeddings: &Array2<f32>) -> Result<Vec<u8>> {
        match self {
            Self::Npy => npy(embeddings),
            Self::Safetensors => safetensors(embeddings),
        }
    }
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

/// Which image each row shows, and with `subjects` which subject, and where there are forgeries whether it is one.
fn rows(data: &Data, subjects: bool) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let columns = match (subjects, data.catalog.forgeries()) {
        (false, _) => 1,
        (true, 0) => 2,
        (true, _) => 3,
    };
    writer.write_record(&["path", "subject", "kind"][..columns])?;
    for sample in 0..data.catalog.len() as u32 {
        let path: &Path = data.catalog.relative_path(sample);
        let subject = data.catalog.subject_name(data.catalog.subject_of(sample));
        let kind = data.catalog.kind_of(sample).to_string();
        writer.write_record(&[path.to_string_lossy().as_ref(), subject, &kind][..columns])?;
    }
    writer.into_inner().context("cannot build the index")
}
