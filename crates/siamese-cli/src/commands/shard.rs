//! The end of a command that trained only a share of what there is to train.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use siamese_lab::Shard;

use crate::output::Output;

/// The document of a share, for `--json`.
#[derive(Serialize)]
struct Trained<'a> {
    shard: String,
    folder: &'a Path,
}

/// Says that a share is trained, and what is next.
pub(super) fn trained(shard: Shard, folder: &Path, output: Output) -> Result<()> {
    let text = format!(
        "shard {shard} is trained in {}. Once all shards are, the same command without --shard judges them; with \
         --merge DIR it takes in one that was trained in another folder.",
        folder.display()
    );
    let shard = shard.to_string();
    output.result(&Trained { shard, folder }, &text)
}
