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
    /// Whether the same command is to be given again once the other shards are through.
    waits_for_others: bool,
}

/// What is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// All shards are judged together, where they are or merged.
    Judge,
    /// They are judged together where they are.
    JudgeThere,
    /// The other shards, and then this one again.
    Again,
}

/// Says that a share is trained, and what is next.
pub(super) fn trained(shard: Shard, folder: &Path, next: Next, output: Output) -> Result<()> {
    let is_trained = format!("shard {shard} is trained in {}.", folder.display());
    let text = match next {
        Next::Judge => format!(
            "{is_trained} Once all shards are, the same command without --shard judges them; with --merge DIR it takes in one \
             that was trained in another folder."
        ),
        Next::JudgeThere => format!(
            "{is_trained} Once all shards are, the same command without --shard judges them."
        ),
        Next::Again => format!(
            "{is_trained} Other shards still train inside the folds: once they are through, give this command again, for its \
             share of the chosen points."
        ),
    };
    let document = Trained {
        shard: shard.to_string(),
        folder,
        waits_for_others: next == Next::Again,
    };
    output.result(&document, &text)
}
