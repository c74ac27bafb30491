//! The frame of an image: its size, its components and how they are coded.

use super::fault::Fault;

/// What is found where the height is not in the frame header.
pub(super) const LATE_HEIGHT: &str = "a number of lines behind the first scan";

/// Pixels of a block, along each side.
pub(super) const BLOCK: usize = 8;

/// What a frame header (T.81, B.2.2) says.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Whether coefficients come in several scans, otherwise each block is whole.
    pub(super) progressive: bool,
    pub(super) components: Vec<Component>,
    /// The largest sampling factors, across and down.
    pub(super) most: (usize, usize),
}

/// One component of a frame: a plane of blocks, perhaps coarser than the image.
#[derive(Debug, Clone)]
pub(super) struct Component {
    pub(super) id: u8,
    /// Sampling factors across and down: blocks in a unit where components are interleaved. 1 to 4.
    pub(super) sampling: (usize, usize),
    /// Which quantization table, 0 to 3.
    pub(super) quantization: usize,
    /// Columns and rows of blocks with pixels of the image.
    pub(super) blocks: (usize, usize),
}

impl Frame {
    /// Reads the header with that marker, which begins at `at`.
    pub(super) fn parse(marker: u8, payload: &[u8], at: usize) -> Result<Self, Fault> {
        let progressive = match marker {
            0xc0 | 0xc1 => false,
            0xc2 => true,
            _ => return Err(unsupported(variant(marker))),
        };
        let &[bits, h1, h0, w1, w0, count, ref components @ ..] = payload else {
            return Err(Fault::unexpected(
                at,
                "a whole frame header",
                "a shorter one",
            ));
        };
        if bits != 8 {
            return Err(unsupported(&format!("{bits} bits")));
        }
        let width = usize::from(u16::from_be_bytes([w1, w0]));
        let height = usize::from(u16::from_be_bytes([h1, h0]));
        if height == 0 {
            return Err(unsupported(LATE_HEIGHT));
        }
        if width == 0 {
            return Err(Fault::unexpected(at, "a width of at least 1", "0"));
        }
        let (components, _) = components.as_chunks::<3>();
        if components.len() != usize::from(count) {
            return Err(Fault::unexpected(
                at,
                "three bytes for each component",
                format!("{} for {count} components", payload.len() - 6),
            ));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(unsupported(&format!("{count} components")));
        }
        let components = components.iter().map(|&bytes| Component::parse(bytes, at));
        let mut components = components.collect::<Result<Vec<_>, _>>()?;
        let most = components.iter().fold((1, 1), |(across, down), c| {
            (across.max(c.sampling.0), down.max(c.sampling.1))
        });
        for component in &mut components {
            let of = |side: usize, factor: usize, most: usize| {
                (side * factor).div_ceil(most).div_ceil(BLOCK)
            };
            component.blocks = (
                of(width, component.sampling.0, most.0),
                of(height, component.sampling.1, most.1),
            );
        }
        Ok(Self {
            width,
            height,
            progressive,
            components,
            most,
        })
    }

    /// Columns and rows of units, each of which has blocks of all components.
    pub(super) fn units(&self) -> (usize, usize) {
        (
            self.width.div_ceil(BLOCK * self.most.0),
            self.height.div_ceil(BLOCK * self.most.1),
        )
    }
}

impl Component {
    fn parse([id, sampling, quantization]: [u8; 3], at: usize) -> Result<Self, Fault> {
        let (across, down) = (sampling >> 4, sampling & 15);
        if !(1..=4).contains(&across) || !(1..=4).contains(&down) {
            return Err(Fault::unexpected(
                at,
                "sampling factors from 1 to 4",
                format!("{across}x{down}"),
            ));
        }
        if quantization > 3 {
            return Err(Fault::unexpected(
                at,
                "a quantization table from 0 to 3",
                quantization.to_string(),
            ));
        }
        Ok(Self {
            id,
            sampling: (across.into(), down.into()),
            quantization: quantization.into(),
            blocks: (0, 0),
        })
    }
}

/// What a frame that is not read is called.
fn variant(marker: u8) -> &'static str {
    match marker {
        0xc3 => "lossless JPEG",
        0xc9..=0xcb => "arithmetic codes",
        0xf7 => "JPEG-LS",
        _ => "hierarchical JPEG",
    }
}

pub(super) fn unsupported(found: &str) -> Fault {
    Fault::Unsupported {
        found: found.to_owned(),
    }
}
