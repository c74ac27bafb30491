//! An image as cells of some of its pixels.

use pgm_io::{Channels, RasterSamples};

use super::cells::Plane;
use super::colour::Colour;
use super::fault::Fault;
use super::frame::Frame;
use super::scan;
use super::segments::{Scan, Segments};
use crate::findings::Findings;
use crate::image::Image;

/// How many cells there are at least to a pixel of the wanted size, along each side.
const CELLS_PER_PIXEL: usize = 2;

/// The pixels along each side of a cell, 2, 4 or 8, where cells are small enough for that size; `None` where only pixels
/// are.
pub(super) fn step(frame: &Frame, (width, height): (usize, usize)) -> Option<usize> {
    let enough = |side: usize, wanted: usize, step: usize| {
        wanted
            .checked_mul(CELLS_PER_PIXEL * step)
            .is_some_and(|wanted| wanted <= side)
    };
    let fits =
        |&step: &usize| enough(frame.width, width, step) && enough(frame.height, height, step);
    [8, 4, 2].into_iter().find(fits)
}

/// Empty planes for the components; `None` for those that cannot be decoded to cells of that step.
pub(super) fn planes(frame: &Frame, colour: Colour, step: usize) -> Option<Vec<Plane>> {
    if !matches!(colour, Colour::Grey | Colour::YCbCr | Colour::Rgb) {
        return None;
    }
    let planes = frame
        .components
        .iter()
        .map(|component| Plane::new(frame, component, step));
    planes.collect()
}

/// Reads all scans to `planes`, and makes an image of them.
pub(super) fn decode(
    segments: &mut Segments<'_>,
    frame: &Frame,
    scan: Scan,
    colour: Colour,
    step: usize,
    mut planes: Vec<Plane>,
) -> Result<Image<'static>, Fault> {
    scan::read_scans(segments, frame, scan, Some(&mut planes))?;
    let (width, height) = (frame.width.div_ceil(step), frame.height.div_ceil(step));
    let size = (width, height);
    let samples = match (&planes[..], colour) {
        ([one, ..], Colour::Grey) => one.rows(size).flatten().copied().collect(),
        (three, Colour::YCbCr) => interleaved(three, size, rgb),
        (three, _) => interleaved(three, size, |pixel| pixel),
    };
    Ok(Image {
        width: frame.width,
        height: frame.height,
        step,
        maxval: u8::MAX.into(),
        channels: if colour == Colour::Grey {
            Channels::Grey
        } else {
            Channels::Rgb
        },
        samples: RasterSamples::U8(samples.into()),
        findings: Findings::default(),
    })
}

/// The cells of three planes next to each other, each three as `pixel` makes them.
fn interleaved(
    planes: &[Plane],
    (width, height): (usize, usize),
    pixel: impl Fn([u8; 3]) -> [u8; 3],
) -> Vec<u8> {
    let mut samples = vec![0; 3 * width * height];
    let rows = |plane: usize| planes[plane].rows((width, height));
    let lines = samples.chunks_exact_mut(3 * width);
    for (((to, first), second), third) in lines.zip(rows(0)).zip(rows(1)).zip(rows(2)) {
        let (to, _) = to.as_chunks_mut();
        for (((to, &first), &second), &third) in to.iter_mut().zip(first).zip(second).zip(third) {
            *to = pixel([first, second, third]);
        }
    }
    samples
}

/// Red, green and blue of a brightness and two differences (ITU-T T.871, 7), in units of `2^-16`, rounded.
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let y = (i32::from(y) << 16) + (1 << 15);
    let (cb, cr) = (i32::from(cb) - 128, i32::from(cr) - 128);
    let colours = [
        y + 91_881 * cr,
        y - 22_554 * cb - 46_802 * cr,
        y + 116_130 * cb,
    ];
    colours.map(|colour| (colour >> 16).clamp(0, 255) as u8)
}
