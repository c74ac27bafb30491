//! The one thing of a camera's metadata that is needed: how its picture is turned upright.

use crate::orientation::Orientation;

/// The tag of the orientation (CIPA DC-008, 4.6.5).
const ORIENTATION: u16 = 0x0112;
/// The type of its value: numbers of 16 bits.
const SHORT: u16 = 3;

/// The orientation that a TIFF block of EXIF metadata notes, upright where it notes none. `None` where it cannot be read.
pub(crate) fn orientation(block: &[u8]) -> Option<Orientation> {
    let block = match block {
        [b'I', b'I', 42, 0, ..] => Block {
            bytes: block,
            little_endian: true,
        },
        [b'M', b'M', 0, 42, ..] => Block {
            bytes: block,
            little_endian: false,
        },
        _ => return None,
    };
    let directory = block.u32(4)? as usize;
    let count = usize::from(block.u16(directory)?);
    for entry in (0..count).map(|i| directory.saturating_add(2 + 12 * i)) {
        if block.u16(entry)? == ORIENTATION {
            if block.u16(entry + 2)? != SHORT || block.u32(entry + 4)? != 1 {
                return None;
            }
            return Orientation::from_exif(block.u16(entry + 8)?.into());
        }
    }
    Some(Orientation::default())
}

struct Block<'a> {
    bytes: &'a [u8],
    little_endian: bool,
}

impl Block<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian {
            u16::from_le_bytes(bytes)
        } else {
            u16::from_be_bytes(bytes)
        })
    }

    fn u32(&self, at: usize) -> Option<u32> {
        let bytes = *self.bytes.get(at..)?.first_chunk()?;
        Some(if self.little_endian {
            u32::from_le_bytes(bytes)
        } else {
            u32::from_be_bytes(bytes)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTED: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";

    #[test]
    fn both_orders_of_bytes_are_read() {
        let quarter = Orientation::from_exif(6);
        assert_eq!(orientation(NOTED), quarter);
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        assert_eq!(orientation(big), quarter);
    }

    #[test]
    fn what_notes_none_is_upright() {
        let upright = Some(Orientation::default());
        assert_eq!(orientation(b"II*\0\x08\0\0\0\0\0\0\0\0\0"), upright);
        let mut other_tag = NOTED.to_vec();
        other_tag[10] = 0x13;
        assert_eq!(orientation(&other_tag), upright);
    }

    #[test]
    fn what_cannot_be_read_is_not_upright() {
        for (place, byte) in [
            (0, b'X'),
            (3, 1),
            (7, 0x7f),
            (9, 1),
            (12, 4),
            (14, 2),
            (18, 0),
            (18, 9),
        ] {
            let mut damaged = NOTED.to_vec();
            damaged[place] = byte;
            if place == 9 {
                // 257 entries, none of them the orientation.
                damaged[10] = 0x13;
            }
            assert_eq!(orientation(&damaged), None, "byte {place}");
        }
        for length in [0, 3, 6, 9, 12, 19] {
            assert_eq!(orientation(&NOTED[..length]), None, "{length} bytes");
        }
    }
}
