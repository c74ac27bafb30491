//! Finished trainings of other folders, taken over as if they had been trained here.

use std::fs;
use std::path::{Path, PathBuf};

use super::conflict::other_training;
use super::job::{Job, Progress};
use crate::data::{Checksums, Data};
use crate::error::{FileError, JobError, Result, make_folder};
use crate::experiment::Experiment;

/// Copies each finished training that is not in `out` from the first of the folders `from` that holds it, at the same place in
/// it. Each is checked as one that was found in `out` is: by its recipe, its division of subjects and its images.
///
/// # Errors
/// Where one of the folders holds another training at the place of one of these, where none of them holds it finished, or where
/// it cannot be copied. Nothing is copied where one is refused or missing.
pub(crate) fn merge<'a>(
    jobs: impl IntoIterator<Item = &'a Job>,
    out: &Path,
    from: &[PathBuf],
    data: &Data,
) -> Result<()> {
    let mut checksums = Checksums::new(data);
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for job in jobs {
        if job.progress()? == Progress::Finished {
            continue;
        }
        let place = job.folder.strip_prefix(out).unwrap_or(&job.folder);
        match finished_in(job, place, from, data, &mut checksums)? {
            Some(folder) => found.push((folder, &job.folder)),
            None => missing.push(place.to_owned()),
        }
    }
    if !missing.is_empty() {
        return Err(JobError::Missing { missing }.into());
    }
    found
        .into_iter()
        .try_for_each(|(folder, into)| copy_folder(&folder, into))
}

/// The folder that holds a training, finished.
fn finished_in(
    job: &Job,
    place: &Path,
    from: &[PathBuf],
    data: &Data,
    checksums: &mut Checksums<'_>,
) -> Result<Option<PathBuf>> {
    for other in from {
        let there = job.in_folder(other.join(place));
        let experiment = Experiment::new(job.recipe(), &data.catalog)?;
        if let Some(other) = other_training(&there, &experiment, checksums)? {
            return Err(JobError::NotToMerge {
                folder: there.folder,
                other,
            }
            .into());
        }
        if there.progress()? == Progress::Finished {
            return Ok(Some(there.folder));
        }
    }
    Ok(None)
}

/// Copies a folder, which is there whole or not at all.
fn copy_folder(from: &Path, into: &Path) -> Result<()> {
    let unfinished = into.with_extension("merging");
    remove_folder(&unfinished)?;
    copy_files(from, &unfinished)?;
    // What was begun of the same training.
    remove_folder(into)?;
    fs::rename(&unfinished, into).map_err(|source| failed(into, source))
}

fn copy_files(from: &Path, into: &Path) -> Result<()> {
    make_folder(into)?;
    for entry in fs::read_dir(from).map_err(|source| failed(from, source))? {
        let entry = entry.map_err(|source| failed(from, source))?;
        let (here, there) = (entry.path(), into.join(entry.file_name()));
        if here.is_dir() {
            copy_files(&here, &there)?;
        } else {
            fs::copy(&here, &there).map_err(|source| failed(&here, source))?;
        }
    }
    Ok(())
}

fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(failed(folder, source)),
        _ => Ok(()),
    }
}

fn failed(path: &Path, source: std::io::Error) -> crate::Error {
    FileError::Copy {
        path: path.into(),
        source,
    }
    .into()
}
