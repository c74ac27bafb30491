//! LFW's lists of pairs, and which image of a catalogue a line of them means.

mod images;
mod pairs;

pub(crate) use images::LfwImages;
pub(crate) use pairs::{is_form, parse, read, set_count};
