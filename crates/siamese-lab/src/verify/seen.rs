//! Pictures as a model sees them.

use std::path::{Path, PathBuf};

use ndarray::{Array1, Array3, ArrayView1, Axis};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use siamese_net::{EmbeddingModel, ImageStack, Picture, Recipe};

use crate::error::{Error, JudgeError, Result, VerifyError};

/// A picture that something can be said of.
#[derive(Debug, Clone)]
pub struct Seen {
    path: PathBuf,
    /// SHA-256 of the pixels as the model sees them.
    pixels: [u8; 32],
    embedding: Array1<f32>,
}

impl Seen {
    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its embedding, `[d]`.
    #[must_use]
    pub fn embedding(&self) -> ArrayView1<'_, f32> {
        self.embedding.view()
    }

    pub(super) fn expect_other_than(&self, other: &Self) -> Result<(), VerifyError> {
        let (a, b) = (self.path.clone(), other.path.clone());
        match (
            self.pixels == other.pixels,
            self.embedding == other.embedding,
        ) {
            (true, _) => Err(VerifyError::SamePicture { a, b }),
            (false, true) => Err(VerifyError::SameEmbedding { a, b }),
            (false, false) => Ok(()),
        }
    }
}

/// Pictures that are decoded together.
const AT_ONCE: usize = 256;

/// Reads and embeds pictures, in parallel, some at a time.
pub(super) fn see(
    model: &dyn EmbeddingModel,
    paths: &[PathBuf],
) -> Result<Vec<Result<Seen, VerifyError>>, Error> {
    let mut seen = Vec::with_capacity(paths.len());
    for paths in paths.chunks(AT_ONCE) {
        seen.extend(see_together(model, paths)?);
    }
    Ok(seen)
}

fn see_together(
    model: &dyn EmbeddingModel,
    paths: &[PathBuf],
) -> Result<Vec<Result<Seen, VerifyError>>, Error> {
    let recipe = model.recipe();
    let read: Vec<Result<Array3<u8>, VerifyError>> =
        paths.par_iter().map(|path| read(recipe, path)).collect();
    let views: Vec<_> = read.iter().flatten().map(|planes| planes.view()).collect();
    if views.is_empty() {
        let failed = read.into_iter().filter_map(Result::err);
        return Ok(failed.map(Err).collect());
    }
    let stack = ndarray::stack(Axis(0), &views).map_err(|error| Error::build("stack", error))?;
    let numbers: Vec<i64> = (0..views.len() as i64).collect();
    let embeddings = model.embeddings(&ImageStack::of_planes(stack)?, &numbers)?;
    if embeddings.nrows() != numbers.len() {
        let (asked, found) = (numbers.len(), embeddings.nrows());
        let of = "images";
        return Err(JudgeError::Results { of, asked, found }.into());
    }
    let mut rows = embeddings.rows().into_iter();
    let seen = paths.iter().zip(read).map(|(path, planes)| {
        let planes = planes?;
        let embedding = rows
            .next()
            .map_or_else(|| Array1::zeros(0), |row| row.to_owned());
        expect_direction(path, &embedding)?;
        Ok(Seen {
            path: path.clone(),
            pixels: Sha256::digest(planes.as_standard_layout().as_slice().unwrap_or_default())
                .into(),
            embedding,
        })
    });
    Ok(seen.collect())
}

fn read(recipe: &Recipe, path: &Path) -> Result<Array3<u8>, VerifyError> {
    let planes = Picture::from(path).planes(recipe);
    let planes = planes.map_err(|source| VerifyError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let flat = |plane: ndarray::ArrayView2<'_, u8>| {
        let mut pixels = plane.iter();
        let first = pixels.next();
        pixels.all(|pixel| Some(pixel) == first)
    };
    match planes.outer_iter().all(flat) {
        true => Err(VerifyError::Flat {
            path: path.to_owned(),
        }),
        false => Ok(planes),
    }
}

fn expect_direction(path: &Path, embedding: &Array1<f32>) -> Result<(), VerifyError> {
    let what = if !embedding.iter().all(|value| value.is_finite()) {
        "holds what is no number"
    } else if embedding.iter().all(|&value| value == 0.0) {
        "is all zeros"
    } else {
        return Ok(());
    };
    Err(VerifyError::Degenerate {
        path: path.to_owned(),
        what,
    })
}
