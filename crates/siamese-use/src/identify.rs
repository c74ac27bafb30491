//! Who is in a picture.

use gallery::{Gallery, Identification, Person, Probe, Store};

use crate::embedder::Embedder;
use crate::error::Result;
use crate::picture::{Fault, Prepared, Remark};

/// What is known of a picture.
#[derive(Debug)]
#[non_exhaustive]
pub struct Identified {
    /// The answer of the gallery.
    pub answer: Identification,
    /// What is odd about the picture.
    pub remarks: Vec<Remark>,
}

/// Who is in each picture, all searched in one pass: see [`Gallery::identify_all`] for `most`, `fpir` and `wanted`.
///
/// # Errors
/// [`Error::Gallery`](crate::Error::Gallery) for a rate outside 0 to 1, and for a gallery of another model. What is wrong with one picture is its [`Fault`].
pub fn identify<S: Store>(
    gallery: &Gallery<S>,
    embedder: &Embedder,
    pictures: Vec<Result<Prepared, Fault>>,
    most: usize,
    fpir: f64,
    now_ms: i64,
    wanted: Option<&dyn Fn(&Person) -> bool>,
) -> Result<Vec<Result<Identified, Fault>>> {
    gallery.check_contract(&embedder.contract().digest)?;
    let metric = gallery.generation().made_for.metric;
    let planes = pictures.iter().flatten().map(|picture| &picture.planes);
    let mut vectors = embedder.embed(&planes.collect::<Vec<_>>())?.into_iter();
    let usable = |picture: Result<Prepared, Fault>| {
        let picture = picture?;
        let vector = vectors.next().unwrap_or_default();
        match metric.score(&vector, &vector) {
            Ok(_) => Ok((picture, vector)),
            Err(error) => Err(Fault::Embedding(error)),
        }
    };
    let pictures: Vec<Result<(Prepared, Vec<f32>), Fault>> =
        pictures.into_iter().map(usable).collect();
    let probes: Vec<Probe<'_>> = pictures
        .iter()
        .flatten()
        .map(|(picture, vector)| Probe {
            vector,
            picture: Some(picture.digest),
        })
        .collect();
    let mut answers = gallery
        .identify_all(&probes, most, fpir, now_ms, wanted)?
        .into_iter();
    let mut found = Vec::new();
    for picture in pictures {
        match picture {
            Ok((picture, _)) => found.extend(answers.next().map(|answer| {
                Ok(Identified {
                    answer,
                    remarks: picture.remarks,
                })
            })),
            Err(fault) => found.push(Err(fault)),
        }
    }
    Ok(found)
}
