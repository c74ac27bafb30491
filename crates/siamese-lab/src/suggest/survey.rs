//! What is in a folder of images, as far as a recipe depends on it.

use std::path::PathBuf;

use image_stack::{Channels, Findings, Image, Ink, Resize, StackError, map_files, to_grey};
use ndarray::Axis;
use serde::Serialize;

use crate::data::{Data, HowRead, Remarks};
use crate::error::{DataError, Error};
use crate::note::Note;

/// Images that are opened, spread evenly over all of them.
const LOOKED_AT: usize = 300;
/// A difference between two channels of a pixel, out of 255, that compression alone does not cause.
const COLOUR: u8 = 24;

/// The least, the middle and the largest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range<T> {
    /// The least.
    pub least: T,
    /// The middle one; of two the lower.
    pub median: T,
    /// The largest.
    pub most: T,
}

impl<T: Copy + PartialOrd + Default> Range<T> {
    fn of(mut values: Vec<T>) -> Self {
        values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        let at = |i: usize| values.get(i).copied().unwrap_or_default();
        let last = values.len().saturating_sub(1);
        Self {
            least: at(0),
            median: at(last / 2),
            most: at(last),
        }
    }
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Survey {
    /// Subjects.
    pub people: usize,
    /// Genuine images of all of them.
    pub images: usize,
    /// Images of a subject.
    pub images_per_person: Range<usize>,
    /// Subjects with a single image.
    pub people_with_one_image: usize,
    /// How many images the rest is about.
    pub looked_at: usize,
    /// In pixels, as the image is meant to be seen.
    pub height: Range<usize>,
    /// In pixels.
    pub width: Range<usize>,
    /// Height over width.
    pub aspect: Range<f64>,
    /// How many of those looked at show colours.
    pub in_colour: usize,
    /// How many of those looked at are ink on paper: writing, signatures, line drawings.
    pub ink: usize,
    /// Height over width of the ink in those, the middle one; 1 where there is none.
    pub ink_aspect: f64,
    /// Forgeries of them.
    pub forgeries: usize,
    /// How many of those looked at have transparent pixels; they are seen on white.
    pub transparent: usize,
    /// Of the pixels in 0..1 as they are best read, in grey or in colour; each image counting alike.
    pub mean: f64,
    /// Their standard deviation.
    pub sd: f64,
    /// What a user would not expect of those looked at.
    #[serde(skip)]
    pub notes: Vec<Note>,
}

impl Survey {
    /// Counts the people's images and opens some.
    ///
    /// # Errors
    /// All images among those opened that cannot be read.
    pub fn new(data: &Data) -> Result<Self, Error> {
        let catalog = &data.catalog;
        let counts: Vec<usize> = catalog
            .all_subjects()
            .into_iter()
            .map(|subject| catalog.samples_of(subject).len())
            .collect();
        let all = catalog.paths();
        let opened = all.len().min(LOOKED_AT);
        let paths: Vec<&PathBuf> = (0..opened).map(|i| &all[i * all.len() / opened]).collect();
        let how = HowRead {
            channels: Channels::Rgb,
            resize: Resize::None,
            reading: data.source.limits().into(),
        };
        let looks = map_files(&paths, &how.reading, Look::at).map_err(DataError::from)?;
        let looks = looks.into_iter().collect::<Result<Vec<_>, _>>();
        let looks = looks.map_err(DataError::from)?;
        let mut remarks = Remarks::default();
        for (number, look) in looks.iter().enumerate() {
            remarks.add(number, look.findings, false);
        }
        let in_colour = looks.iter().filter(|look| look.in_colour).count();
        let read = if mostly(in_colour, looks.len()) {
            |look: &Look| look.colours
        } else {
            |look: &Look| look.greys
        };
        let mean_of = |value: fn(Moments) -> f64| {
            let values = looks.iter().map(|look| value(read(look)));
            values.sum::<f64>() / looks.len().max(1) as f64
        };
        let mean = mean_of(|moments| moments.mean);
        let inked: Vec<f64> = looks.iter().filter_map(|look| look.ink_aspect).collect();
        Ok(Self {
            ink: inked.len(),
            ink_aspect: match inked.is_empty() {
                true => 1.0,
                false => Range::of(inked).median,
            },
            forgeries: catalog.forgeries(),
            people: counts.len(),
            images: catalog.genuine(),
            people_with_one_image: catalog.singletons().len(),
            images_per_person: Range::of(counts),
            looked_at: looks.len(),
            height: Range::of(looks.iter().map(|look| look.height).collect()),
            width: Range::of(looks.iter().map(|look| look.width).collect()),
            aspect: Range::of(looks.iter().map(Look::aspect).collect()),
            in_colour,
            transparent: looks
                .iter()
                .filter(|look| look.findings.transparent)
                .count(),
            mean,
            sd: (mean_of(|moments| moments.mean_square) - mean * mean)
                .max(0.0)
                .sqrt(),
            notes: remarks.notes(&paths, &how),
        })
    }

    /// Whether the images are ink on paper.
    pub fn is_ink(&self) -> bool {
        10 * self.ink >= 9 * self.looked_at && self.looked_at > 0
    }

    /// Whether the images are best read in colour.
    pub fn is_colour(&self) -> bool {
        mostly(self.in_colour, self.looked_at)
    }
}

/// Whether so many of so many images in colour are a reason to read all in colour.
fn mostly(in_colour: usize, of: usize) -> bool {
    2 * in_colour > of
}

/// The share of an image that ink covers at most. What is on white behind a photographed thing is no paper, since the thing
/// covers more.
const MOST_INK: f64 = 0.25;

/// Height over width of the ink, where the image is ink on paper.
fn ink_aspect(image: &Image<'_>) -> Option<f64> {
    let clean = image.with_ink(Ink::new().cleaned());
    let planes = clean.planes(Channels::Grey, Resize::None).ok()?;
    let of = |level: u8| planes.iter().filter(|&&pixel| pixel == level).count();
    let (black, white) = (of(0), of(u8::MAX));
    let paper = black.max(white) as f64 / planes.len().max(1) as f64;
    // A scan of pure black and white has nothing to clean.
    let parted = clean != *image || black.min(white) > 0;
    if !parted || !(1.0 - MOST_INK..1.0).contains(&paper) {
        return None;
    }
    let cropped = image.with_ink(Ink::new().cropped());
    Some(cropped.height() as f64 / cropped.width() as f64)
}

/// One image.
struct Look {
    ink_aspect: Option<f64>,
    height: usize,
    width: usize,
    in_colour: bool,
    greys: Moments,
    /// Of red, green and blue together.
    colours: Moments,
    findings: Findings,
}

/// Means of the pixels in 0..1, and of their squares.
#[derive(Clone, Copy)]
struct Moments {
    mean: f64,
    mean_square: f64,
}

impl Moments {
    fn of<'a>(pixels: impl Iterator<Item = &'a u8> + Clone) -> Self {
        let count = pixels.clone().count().max(1) as f64;
        let values = pixels.map(|&byte| f64::from(byte) / 255.0);
        Self {
            mean: values.clone().sum::<f64>() / count,
            mean_square: values.map(|value| value.powi(2)).sum::<f64>() / count,
        }
    }
}

impl Look {
    fn at(image: &Image<'_>) -> Result<Self, StackError> {
        let pixels = image.planes(Channels::Rgb, Resize::None)?;
        let plane = |channel| pixels.index_axis(Axis(0), channel);
        let (red, green, blue) = (plane(0), plane(1), plane(2));
        // A file may hold three channels and show greys all the same.
        let far = |((&r, &g), &b): ((&u8, &u8), &u8)| r.max(g).max(b) - r.min(g).min(b) > COLOUR;
        let (_, height, width) = pixels.dim();
        let greys = to_grey(pixels.clone().insert_axis(Axis(0)));
        Ok(Self {
            ink_aspect: ink_aspect(image),
            height,
            width,
            in_colour: red.iter().zip(&green).zip(&blue).any(far),
            greys: Moments::of(greys.iter().flatten()),
            colours: Moments::of(pixels.iter()),
            findings: image.findings(),
        })
    }

    fn aspect(&self) -> f64 {
        self.height as f64 / self.width as f64
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use image_stack::{Reading, open};

    use super::*;

    #[test]
    fn the_middle_of_an_even_number_is_the_lower_one() {
        let range = Range::of(vec![9, 1, 4, 7]);
        assert_eq!((range.least, range.median, range.most), (1, 4, 9));
    }

    fn look(path: &Path) -> Look {
        Look::at(&open(path, &Reading::default()).unwrap()).unwrap()
    }

    #[test]
    fn three_equal_channels_are_grey_and_one_red_pixel_is_colour() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("1.png");
        let mut image = image::RgbImage::from_pixel(5, 4, image::Rgb([90, 90, 90]));
        image.save(&path).unwrap();
        assert!(!look(&path).in_colour);
        image.put_pixel(2, 2, image::Rgb([200, 20, 20]));
        image.save(&path).unwrap();
        let found = look(&path);
        assert!(found.in_colour);
        assert_eq!((found.height, found.width), (4, 5));
    }
}
