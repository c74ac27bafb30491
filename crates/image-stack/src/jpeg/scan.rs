//! All scans of an image, one after another: every code is read, so that a file that lacks some is known.

use super::bits::Bits;
use super::cells::Plane;
use super::fault::Fault;
use super::frame::Frame;
use super::progressive::{Coefficients, Pass};
use super::segments::{Scan, Segments};
use super::sequential::Sequential;

/// What reads the units of a scan: blocks, or groups of them where components are interleaved.
pub(super) trait Units {
    /// Forgets what was carried from unit to unit.
    fn restart(&mut self);

    /// Reads the unit in that column and row. `None` for bits that mean nothing.
    fn read(&mut self, bits: &mut Bits<'_>, column: usize, row: usize) -> Option<()>;
}

/// Reads all scans from the first one on, up to the end of the image, and fills `planes`; without planes everything is read
/// and nothing is kept.
pub(super) fn read_scans(
    segments: &mut Segments<'_>,
    frame: &Frame,
    first: Scan,
    mut planes: Option<&mut [Plane]>,
) -> Result<(), Fault> {
    let mut begun = vec![false; frame.components.len()];
    let mut coefficients: Vec<_> = if frame.progressive {
        let kept = |i: usize| planes.as_ref().map_or(1, |planes| planes[i].most_kept());
        let components = frame.components.iter().enumerate();
        components
            .map(|(i, component)| Coefficients::new(component, kept(i)))
            .collect()
    } else {
        Vec::new()
    };
    let mut next = Some(first);
    while let Some(scan) = next {
        for part in &scan.parts {
            let component = part.component;
            if let Some(planes) = planes.as_deref_mut().filter(|_| !begun[component]) {
                let number = frame.components[component].quantization;
                let steps = segments.quantization[number].as_ref();
                planes[component].set_steps(steps.ok_or_else(|| no_table(&scan))?);
            }
            begun[component] |= scan.band.0 == 0;
        }
        let end = if frame.progressive {
            let mut pass = Pass::new(frame, &scan, segments, &mut coefficients);
            read_units(
                segments,
                frame,
                &scan,
                pass.as_mut().ok_or_else(|| no_table(&scan))?,
            )?
        } else {
            let mut blocks = Sequential::new(frame, &scan, segments, planes.as_deref_mut());
            read_units(
                segments,
                frame,
                &scan,
                blocks.as_mut().ok_or_else(|| no_table(&scan))?,
            )?
        };
        segments.go_on(end);
        next = segments.next_scan()?;
    }
    if begun.contains(&false) {
        return Err(Fault::Unexpected {
            at: segments.at(),
            expected: "a scan of each component before the end of the image",
            found: format!("{begun:?}"),
        });
    }
    if let Some(planes) = planes {
        for (plane, coefficients) in planes.iter_mut().zip(&coefficients) {
            coefficients.write(plane);
        }
    }
    Ok(())
}

/// Reads the units of one scan; gives where the next segment begins.
fn read_units(
    segments: &Segments<'_>,
    frame: &Frame,
    scan: &Scan,
    units: &mut impl Units,
) -> Result<usize, Fault> {
    let (columns, rows) = match &scan.parts[..] {
        [part] => frame.components[part.component].blocks,
        _ => frame.units(),
    };
    let mut bits = Bits::new(segments.bytes, scan.at);
    let mut restarts = (0..8).cycle();
    let mut left = segments.restart_interval;
    for row in 0..rows {
        for column in 0..columns {
            if segments.restart_interval > 0 {
                if left == 0 {
                    bits.restart(restarts.next().unwrap_or_default())?;
                    units.restart();
                    left = segments.restart_interval;
                }
                left -= 1;
            }
            let read = units.read(&mut bits, column, row);
            if bits.is_short() {
                bits.marker()?;
                return Err(Fault::Short {
                    scan: scan.at,
                    expected: columns * rows,
                    found: row * columns + column,
                });
            }
            if read.is_none() {
                return Err(Fault::unexpected(
                    bits.at(),
                    "a code of the scan's tables",
                    "none",
                ));
            }
        }
    }
    bits.marker()
}

fn no_table(scan: &Scan) -> Fault {
    Fault::unexpected(scan.at, "the tables of the scan before it", "fewer")
}
