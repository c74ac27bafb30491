//! The report for programs.

use crate::{Error, Report};

/// The report as indented JSON, without its pictures. Figures are finite; they read back to the bit.
///
/// # Errors
///
/// If the report has no JSON form, which its data model does not allow for.
pub fn json(report: &Report) -> Result<String, Error> {
    let mut text =
        serde_json::to_string_pretty(report).map_err(|source| Error::Write { source })?;
    text.push('\n');
    Ok(text)
}

/// Reads what [`json`] wrote, of this format or an older one.
///
/// # Errors
///
/// [`Error::Read`] if the text is no report, or one of a newer format than
/// [`REPORT_FORMAT`](crate::REPORT_FORMAT).
pub fn from_json(text: &str) -> Result<Report, Error> {
    serde_json::from_str(text).map_err(|source| Error::Read { source })
}
