//! Ink on paper: where it is, and the paper taken away.

use std::borrow::Cow;

use pgm_io::{RasterSamples, scale};

use crate::image::Image;
use crate::reading::Ink;
use crate::region::Region;

/// The two levels must lie so far apart in their means, of 255, to be ink and paper and no noise of one of them.
const LEAST_CONTRAST: f64 = 24.0;
/// One in so many pixels of ink may lie outside the box on each side: specks of dust are no part of a signature.
const SPECKS: usize = 500;

impl Image<'_> {
    /// The image with its ink treated as `ink` says; as it is, where nothing is asked for.
    ///
    /// Ink and paper are the pixels on the two sides of the level that parts the greys best (N. Otsu, "A threshold selection
    /// method from gray-level histograms", IEEE Transactions on Systems, Man, and Cybernetics 9(1), 1979). Paper is the side
    /// with more pixels, so both dark ink on light paper and light ink on dark paper are found. An image whose sides hardly
    /// differ has no ink, and is neither cropped nor cleaned.
    ///
    /// ```
    /// use image_stack::{Ink, Reading, read};
    ///
    /// let word = read(b"P2 5 3 9  9 9 9 9 9  9 9 1 2 9  9 9 9 9 9", &Reading::default())?;
    /// let cropped = word.with_ink(Ink::default().cropped());
    /// assert_eq!((cropped.width(), cropped.height()), (2, 1));
    /// # Ok::<(), image_stack::ReadError>(())
    /// ```
    #[must_use]
    pub fn with_ink(&self, ink: Ink) -> Image<'_> {
        // Cells of a smaller decoding have no pixels to find ink in; nothing asks for both.
        if ink == Ink::default() || self.step != 1 {
            return self.borrowed();
        }
        let greys = match ink.crop || ink.clean {
            true => self.levels(),
            false => Vec::new(),
        };
        let sides = Sides::of(&greys);
        let whole = Region {
            x: 0,
            y: 0,
            width: self.width,
            height: self.height,
        };
        let region = match (ink.crop, &sides) {
            (true, Some(sides)) => sides.region(&greys, self.width).unwrap_or(whole),
            _ => whole,
        };
        let paper = sides.filter(|_| ink.clean);
        let work = Work {
            image: self,
            greys: &greys,
            region,
            paper,
            invert: ink.invert,
        };
        let samples = match &self.samples {
            RasterSamples::U8(samples) => {
                let white = self.maxval as u8;
                RasterSamples::U8(work.samples(samples, [0, white], |s| white.saturating_sub(s)))
            }
            RasterSamples::U16(samples) => {
                let white = self.maxval;
                RasterSamples::U16(work.samples(samples, [0, white], |s| white.saturating_sub(s)))
            }
        };
        Image {
            width: region.width,
            height: region.height,
            samples,
            ..self.borrowed()
        }
    }

    fn borrowed(&self) -> Image<'_> {
        let samples = match &self.samples {
            RasterSamples::U8(samples) => RasterSamples::U8(Cow::Borrowed(samples)),
            RasterSamples::U16(samples) => RasterSamples::U16(Cow::Borrowed(samples)),
        };
        Image { samples, ..*self }
    }

    /// The grey of each pixel, over the full range.
    fn levels(&self) -> Vec<u8> {
        let maxval = self.maxval;
        match &self.grey().samples {
            RasterSamples::U8(samples) => {
                let table = scale::table(maxval);
                samples.iter().map(|&s| table[usize::from(s)]).collect()
            }
            RasterSamples::U16(samples) => {
                samples.iter().map(|&s| scale::to_u8(s, maxval)).collect()
            }
        }
    }
}

/// Greys parted into ink and paper.
struct Sides {
    /// The lightest of the dark side.
    dark: u8,
    ink_is_dark: bool,
}

impl Sides {
    /// `None` where there is no ink.
    fn of(greys: &[u8]) -> Option<Self> {
        let mut counts = [0_u64; 256];
        greys
            .iter()
            .for_each(|&grey| counts[usize::from(grey)] += 1);
        let all = greys.len() as f64;
        let total: f64 = (0..256)
            .map(|level| level as f64 * counts[level] as f64)
            .sum();
        let (mut count, mut sum) = (0.0, 0.0);
        // The variance between the sides, where it is largest: with it go the level, the share of dark, and the contrast.
        let mut best = (0.0, 0, 0.0, 0.0);
        for (level, &of_level) in counts.iter().enumerate().take(255) {
            count += of_level as f64;
            sum += level as f64 * of_level as f64;
            if count == 0.0 || count == all {
                continue;
            }
            let contrast = (total - sum) / (all - count) - sum / count;
            let between = count * (all - count) * contrast * contrast;
            if between > best.0 {
                best = (between, level, count / all, contrast);
            }
        }
        let (_, level, share, contrast) = best;
        (contrast >= LEAST_CONTRAST).then_some(Self {
            dark: level as u8,
            ink_is_dark: share <= 0.5,
        })
    }

    fn is_ink(&self, grey: u8) -> bool {
        (grey <= self.dark) == self.ink_is_dark
    }

    /// The box around the ink.
    fn region(&self, greys: &[u8], width: usize) -> Option<Region> {
        let height = greys.len() / width;
        let (mut rows, mut columns) = (vec![0; height], vec![0; width]);
        for (line, row) in greys.chunks_exact(width).zip(&mut rows) {
            for (&grey, column) in line.iter().zip(&mut columns) {
                let ink = usize::from(self.is_ink(grey));
                *row += ink;
                *column += ink;
            }
        }
        let [y, x] = [rows, columns].map(|counts| {
            let most = counts.iter().sum::<usize>() / SPECKS;
            let first = past(counts.iter(), most)?;
            let last = counts.len() - past(counts.iter().rev(), most)?;
            (last > first).then_some((first, last - first))
        });
        let ((y, height), (x, width)) = (y?, x?);
        Some(Region {
            x,
            y,
            width,
            height,
        })
    }
}

/// Where the sum of the counts exceeds this.
fn past<'a>(mut counts: impl Iterator<Item = &'a usize>, most: usize) -> Option<usize> {
    let mut seen = 0;
    counts.position(|&count| {
        seen += count;
        seen > most
    })
}

/// What becomes of an image's samples.
struct Work<'a> {
    image: &'a Image<'a>,
    greys: &'a [u8],
    region: Region,
    /// If the paper is made white, or black.
    paper: Option<Sides>,
    invert: bool,
}

impl Work<'_> {
    fn samples<T: Copy>(
        &self,
        samples: &[T],
        [black, white]: [T; 2],
        inverted: impl Fn(T) -> T,
    ) -> Cow<'static, [T]> {
        let channels = self.image.channels.count();
        let width = self.image.width;
        let Region { x, y, .. } = self.region;
        let mut out = Vec::with_capacity(self.region.width * self.region.height * channels);
        for row in y..y + self.region.height {
            for column in x..x + self.region.width {
                let pixel = row * width + column;
                let is_paper = |sides: &&Sides| !sides.is_ink(self.greys[pixel]);
                let paper = self.paper.as_ref().filter(is_paper);
                for &sample in &samples[pixel * channels..][..channels] {
                    let sample = match paper {
                        Some(sides) if sides.ink_is_dark => white,
                        Some(_) => black,
                        None => sample,
                    };
                    out.push(if self.invert {
                        inverted(sample)
                    } else {
                        sample
                    });
                }
            }
        }
        out.into()
    }
}
