//! Many small images in rows, with captions, as one PNG.

use ndarray::{Array5, ArrayView3, Axis};
use plotters::coord::Shift;
use plotters::prelude::*;

use super::canvas::{DrawError, FONT, png, register_font};
use crate::error::Error;

/// Pixels that the longer side of an image is brought to, as far as a whole factor can.
const SIDE: usize = 112;
/// Largest sheet, in pixels: about what an image viewer still opens easily.
const MOST_PIXELS: usize = 1 << 24;

const MARGIN: usize = 16;
const GAP: usize = 4;
/// Between the image as it is and its versions, and between two blocks.
const APART: usize = 16;
/// The captions at the left.
const CAPTION: usize = 112;
const TITLE: usize = 30;
const HEAD: usize = 22;
/// Below this a title is not readable.
const LEAST_WIDTH: usize = 520;

const PAPER: RGBColor = RGBColor(250, 250, 250);
const INK: RGBColor = RGBColor(17, 17, 17);
const PALE_INK: RGBColor = RGBColor(85, 85, 85);

/// Images of several people under one title.
pub struct Block {
    /// What is written above them.
    pub title: String,
    /// `[rows, columns, channels, height, width]` in any range; the first column stands apart.
    pub tiles: Array5<f32>,
}

/// Where everything lies; all lengths in pixels.
pub struct Layout {
    rows: usize,
    /// Height and width of an image on the sheet.
    tile: [usize; 2],
    /// Of the sheet.
    pub width: usize,
    /// Of the sheet.
    pub height: usize,
    block: usize,
}

impl Layout {
    /// The sheet of blocks with so many `columns` each, all with `rows` of images of this `[height, width]`, or of
    /// coarser ones that are a whole factor smaller.
    ///
    /// # Errors
    /// If it would be too large to look at.
    pub fn new(rows: usize, columns: &[usize], [height, width]: [usize; 2]) -> Result<Self, Error> {
        let factor = (SIDE as f64 / height.max(width) as f64).round().max(1.0) as usize;
        let tile = [height, width].map(|side| side.saturating_mul(factor));
        let most = columns.iter().copied().max().unwrap_or(1);
        let across = tile[1].saturating_add(GAP).saturating_mul(most);
        let down = tile[0].saturating_add(GAP).saturating_mul(rows);
        let block = down.saturating_add(TITLE + HEAD + APART);
        let width = across
            .saturating_add(CAPTION + APART + 2 * MARGIN)
            .max(LEAST_WIDTH);
        let height = block.saturating_mul(columns.len()).saturating_add(MARGIN);
        if width.saturating_mul(height) > MOST_PIXELS {
            return Err(Error::Sheet {
                width,
                height,
                most: MOST_PIXELS,
            });
        }
        Ok(Self {
            rows,
            tile,
            width,
            height,
            block,
        })
    }

    /// Top and left of an image.
    fn place(&self, block: usize, row: usize, column: usize) -> [usize; 2] {
        let top = MARGIN + block * self.block + TITLE + HEAD + row * (self.tile[0] + GAP);
        let apart = if column == 0 { 0 } else { APART - GAP };
        let left = MARGIN + CAPTION + column * (self.tile[1] + GAP) + apart;
        [top, left]
    }

    /// The sheet as a PNG file; `captions` are two lines for each row.
    ///
    /// # Errors
    /// Where it cannot be drawn.
    pub fn png(&self, captions: &[[String; 2]], blocks: &[Block]) -> Result<Vec<u8>, Error> {
        self.draw(captions, blocks)
            .map_err(|error| Error::build("sheet", error))
    }

    fn draw(&self, captions: &[[String; 2]], blocks: &[Block]) -> Result<Vec<u8>, DrawError> {
        let (width, height) = (self.width as u32, self.height as u32);
        let mut pixels = vec![0; 3 * self.width * self.height];
        {
            let sheet =
                BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
            self.write(&sheet, captions, blocks)?;
            sheet.present()?;
        }
        for (number, block) in blocks.iter().enumerate() {
            let range = range(&block.tiles);
            for (row, images) in block.tiles.axis_iter(Axis(0)).enumerate() {
                for (column, image) in images.axis_iter(Axis(0)).enumerate() {
                    self.paint(&mut pixels, self.place(number, row, column), image, range);
                }
            }
        }
        png(&pixels, width, height)
    }

    /// Paper and words.
    fn write<B: DrawingBackend>(
        &self,
        sheet: &DrawingArea<B, Shift>,
        captions: &[[String; 2]],
        blocks: &[Block],
    ) -> Result<(), DrawError>
    where
        B::ErrorType: 'static,
    {
        register_font()?;
        sheet.fill(&PAPER)?;
        let text = |text: &str, size: u32, color: &RGBColor, room: usize, at: (usize, usize)| {
            let style = (FONT, size).into_font().color(color);
            let text = fitting(text, room, |text| {
                Ok(sheet.estimate_text_size(text, &style)?.0 as usize)
            })?;
            Ok::<_, DrawError>(sheet.draw_text(&text, &style, (at.0 as i32, at.1 as i32))?)
        };
        for (number, block) in blocks.iter().enumerate() {
            let top = MARGIN + number * self.block;
            let room = self.width - 2 * MARGIN;
            text(&block.title, 20, &INK, room, (MARGIN, top))?;
            for (column, head) in ["as in use", "as changed in training"].iter().enumerate() {
                if column < block.tiles.len_of(Axis(1)) {
                    let [first, left] = self.place(number, 0, column);
                    let room = match column {
                        0 if block.tiles.len_of(Axis(1)) > 1 => self.tile[1] + APART - GAP,
                        _ => self.width - MARGIN - left,
                    };
                    text(head, 15, &PALE_INK, room, (left, first - HEAD + 2))?;
                }
            }
            for (row, [first, second]) in captions.iter().enumerate().take(self.rows) {
                let [top, _] = self.place(number, row, 0);
                // Two lines in the middle of their row.
                let top = top + self.tile[0].saturating_sub(36) / 2;
                let room = CAPTION - 2 * GAP;
                text(first, 16, &INK, room, (MARGIN, top))?;
                text(second, 14, &PALE_INK, room, (MARGIN, top + 19))?;
            }
        }
        Ok(())
    }

    /// Each pixel as a square; three channels are colours, of others the first is shown.
    fn paint(
        &self,
        pixels: &mut [u8],
        [top, left]: [usize; 2],
        image: ArrayView3<'_, f32>,
        [low, high]: [f32; 2],
    ) {
        let (channels, height, _) = image.dim();
        let factor = self.tile[0] / height.max(1);
        let byte = |value: f32| {
            if high > low {
                ((value - low) / (high - low) * 255.0).round() as u8
            } else {
                128
            }
        };
        for y in 0..self.tile[0] {
            for x in 0..self.tile[1] {
                let at = 3 * ((top + y) * self.width + left + x);
                for (channel, out) in pixels[at..at + 3].iter_mut().enumerate() {
                    let channel = if channels == 3 { channel } else { 0 };
                    *out = byte(image[[channel, y / factor, x / factor]]);
                }
            }
        }
    }
}

/// The values shown as black and white: almost the least and the largest, so that a few extreme ones do not make all
/// others grey.
fn range(tiles: &Array5<f32>) -> [f32; 2] {
    let mut values: Vec<f32> = tiles.iter().copied().collect();
    let Some(last) = values.len().checked_sub(1) else {
        return [0.0, 0.0];
    };
    let beyond = last / 500;
    [beyond, last - beyond].map(|rank| *values.select_nth_unstable_by(rank, f32::total_cmp).1)
}

/// The text, its end cut off where it is wider than `room`.
fn fitting(
    text: &str,
    room: usize,
    width: impl Fn(&str) -> Result<usize, DrawError>,
) -> Result<String, DrawError> {
    let mut shown = text.to_owned();
    let mut kept = text.chars().count();
    while kept > 0 && width(&shown)? > room {
        kept -= 1;
        shown = text.chars().take(kept).chain(['…']).collect();
    }
    Ok(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_images_are_enlarged_by_whole_factors_and_large_ones_stay() {
        let factor = |size: [usize; 2]| Layout::new(2, &[3], size).unwrap().tile[0] / size[0];
        assert_eq!(factor([56, 46]), 2);
        assert_eq!(factor([16, 12]), 7);
        assert_eq!(factor([112, 92]), 1);
        assert_eq!(factor([400, 300]), 1);
        assert_eq!(factor([1, 1]), 112);
    }

    #[test]
    fn a_sheet_beyond_all_bounds_is_refused_before_it_is_made() {
        for (rows, columns, size) in [
            (10_000, 9, [56, 46]),
            (6, usize::MAX, [56, 46]),
            (1, 1, [usize::MAX, 2]),
        ] {
            let error = Layout::new(rows, &[columns], size).err().unwrap();
            assert!(error.to_string().contains("--per-image"), "{error}");
        }
    }

    #[test]
    fn a_few_odd_values_do_not_set_the_range() {
        let mut tiles = Array5::from_shape_fn((1, 1, 1, 100, 100), |(.., y, x)| {
            (y * 100 + x) as f32 / 10_000.0
        });
        tiles[[0, 0, 0, 50, 50]] = 1e6;
        let [low, high] = range(&tiles);
        assert!(low < 0.01 && high > 0.98 && high < 1.0, "{low} {high}");
    }

    #[test]
    fn a_text_that_is_too_long_loses_its_end() {
        let width = |text: &str| Ok(text.chars().count());
        assert_eq!(fitting("s1/1.pgm", 8, width).unwrap(), "s1/1.pgm");
        assert_eq!(fitting("s1/12.pgm", 8, width).unwrap(), "s1/12.p…");
        assert_eq!(fitting("åäö", 2, width).unwrap(), "å…");
    }
}
