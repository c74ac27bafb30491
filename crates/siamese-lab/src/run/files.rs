//! How the files of a run are called.

use std::path::{Path, PathBuf};

use super::begun::BegunRun;
use super::report_files::ReportFiles;
use crate::error::{Error, RunError};

pub(super) fn checkpoint(folder: &Path, network: Option<usize>) -> PathBuf {
    folder.join(format!("checkpoint{}.safetensors", suffix(network)))
}

/// The only network's checkpoint, or the first of several that is there: of networks trained side by side any may be the
/// first to have one. `None` where no training has begun in the folder.
pub fn first_checkpoint(folder: &Path) -> Option<PathBuf> {
    let networks = std::iter::once(None).chain((1..=MOST_NETWORKS).map(Some));
    let mut paths = networks.map(|network| checkpoint(folder, network));
    paths.find(|path| path.exists())
}

/// The model file that a path means: the file itself, or that of a run's folder.
///
/// # Errors
/// Where a folder holds no model.
pub fn model_file(path: &Path) -> Result<PathBuf, Error> {
    if !path.is_dir() {
        return Ok(path.to_path_buf());
    }
    let model = path.join("model.safetensors");
    if !model.exists() {
        let path = path.to_owned();
        return Err(match first_checkpoint(&path) {
            Some(_) => RunError::NoModelYet { path },
            None => RunError::NoModel { path },
        }
        .into());
    }
    Ok(model)
}

/// Everything that a run may write, the file by which it is known last.
pub(crate) fn run_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = ReportFiles::of(folder).all();
    let names = [
        "recipe.toml",
        "model.safetensors",
        "model-best.safetensors",
        "model-last.safetensors",
        "init.safetensors",
        "history.jsonl",
        "scores.csv",
    ];
    files.extend(names.map(|name| folder.join(name)));
    files.push(protocol_list(folder));
    for network in std::iter::once(None).chain((1..=MOST_NETWORKS).map(Some)) {
        files.extend(["svg", "png"].map(|ending| loss_plot(folder, network, ending)));
        files.push(checkpoint(folder, network));
    }
    files.extend([folder.join("figures.json"), BegunRun::path(folder)]);
    files
}

pub(super) fn loss_plot(folder: &Path, network: Option<usize>, ending: &str) -> PathBuf {
    folder.join(format!("loss{}.{ending}", suffix(network)))
}

/// Where a run keeps the list that divided its subjects.
pub(super) fn protocol_list(folder: &Path) -> PathBuf {
    folder.join("protocol.list")
}

/// The copy of the list that divided the subjects of a run; `None` where its protocol is no list, or an older version
/// trained it.
#[must_use]
pub fn kept_list(run: &Path) -> Option<PathBuf> {
    Some(protocol_list(run)).filter(|list| list.exists())
}

/// As many networks as a recipe may have.
const MOST_NETWORKS: usize = 64;

/// What the names of files of one of several networks end with, before the dot.
fn suffix(network: Option<usize>) -> String {
    network.map_or_else(String::new, |network| format!("-{network}"))
}

/// A protocol's name, or the path of its list, as a part of a file's name.
#[must_use]
pub fn in_a_file_name(protocol: &str) -> String {
    let list = Path::new(protocol)
        .file_stem()
        .filter(|_| protocol.contains(['/', '.']));
    list.map_or(protocol, |stem| stem.to_str().unwrap_or(protocol))
        .replace(':', "-")
}
