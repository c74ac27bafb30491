//! The report for programs.

use crate::{Error, Report};

/// The report as indented JSON, without its pictures. Figures are finite; they read back to the bit.
///
/// # Errors
///
/// If the report has no JSON form, which its data model does not allow for.
pub fn json(report: &Report) -> Result<String, Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}
