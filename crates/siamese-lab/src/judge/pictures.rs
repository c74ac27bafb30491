//! The pairs that went wrong, as pictures, and the map of the embeddings.

use crate::error::{Error, Result};
use image::ImageEncoder;
use image::codecs::png::PngEncoder;
use pairgen::PairKind;
use siamese_report::{ImagePair, Picture};

use super::case::Images;
use super::comparisons::Scored;

/// Pairs shown of each kind.
const SHOWN: usize = 12;
/// Pairs shown of one subject, or of the same two subjects, so that one of them does not fill the page.
const OF_THE_SAME: usize = 2;

/// The comparisons of a kind that are furthest on the wrong side of their threshold, or nearest to it, the worst first.
pub(super) fn worst(
    images: Images<'_>,
    folds: &[Scored<'_>],
    kind: PairKind,
) -> Result<Vec<ImagePair>> {
    let mut found: Vec<(f64, usize, usize)> = Vec::new();
    for (place, fold) in folds.iter().enumerate() {
        let per_template = fold.test.images_per_template;
        for (comparison, &distance) in fold.distances.iter().enumerate() {
            if fold.test.pairs.kinds()[comparison * per_template] == kind {
                let above = f64::from(distance) - fold.threshold;
                let wrong = if kind.is_genuine() { above } else { -above };
                found.push((wrong, place, comparison));
            }
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut shown: Vec<([u32; 2], ImagePair)> = Vec::new();
    for (_, place, comparison) in found {
        if shown.len() == SHOWN {
            break;
        }
        let fold = &folds[place];
        let pair = fold
            .test
            .pairs
            .get(comparison * fold.test.images_per_template);
        let mut people = [pair.a, pair.b].map(|image| images.catalog.subject_of(image));
        people.sort_unstable();
        if shown.iter().filter(|(of, _)| *of == people).count() < OF_THE_SAME {
            let mut pair = ImagePair::new(
                picture(images, pair.a)?,
                picture(images, pair.b)?,
                f64::from(fold.distances[comparison]),
                fold.threshold,
            );
            pair.note = fold.test.fusion().map(|fusion| {
                format!(
                    "the first of {} enrolled images; judged by the {fusion}",
                    fold.test.images_per_template
                )
            });
            shown.push((people, pair));
        }
    }
    Ok(shown.into_iter().map(|(_, pair)| pair).collect())
}

fn picture(images: Images<'_>, sample: u32) -> Result<Picture> {
    let pixels = images.stack.to_array(&[i64::from(sample)])?;
    let (_, channels, height, width) = pixels.dim();
    let size = [width as u32, height as u32];
    let colour = match channels {
        1 => image::ExtendedColorType::L8,
        _ => image::ExtendedColorType::Rgb8,
    };
    // The channels of a pixel beside each other.
    let bytes: Vec<u8> = pixels.permuted_axes([0, 2, 3, 1]).iter().copied().collect();
    let mut png = Vec::new();
    PngEncoder::new(&mut png)
        .write_image(&bytes, size[0], size[1], colour)
        .map_err(|error| Error::build("picture", error))?;
    Ok(Picture {
        file: name(images, sample),
        subject: images
            .catalog
            .subject_name(images.catalog.subject_of(sample))
            .to_owned(),
        png,
        size,
    })
}

/// How a sample is called in reports.
pub(super) fn name(images: Images<'_>, sample: u32) -> String {
    images.catalog.relative_path(sample).display().to_string()
}
