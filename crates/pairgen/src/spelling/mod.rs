//! Names in one spelling. Unicode writes some letters in several ways, and file systems differ in which they keep.

mod form;
mod on_disk;

pub(crate) use form::{loose, nfc, nfc_path};
pub(crate) use on_disk::OnDisk;
