//! The images that a command works on.

use anyhow::Result;
use siamese_lab::{Data, DataSource};

use crate::output::Output;

/// The images of a set, after saying what of it is left out and which names are doubtful.
pub(super) fn find(source: DataSource, output: Output) -> Result<Data> {
    let data = Data::find(source)?;
    for said in data.said() {
        output.note(said);
    }
    Ok(data)
}
