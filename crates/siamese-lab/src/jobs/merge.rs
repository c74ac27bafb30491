//! Finished trainings of other folders, taken over as if they had been trained here.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use siamese_net::{is_kept_program, write_atomically};

use super::conflict::other_training;
use super::job::{Job, Progress};
use crate::data::{Checksums, Data};
use crate::error::{FileError, JobError, Result, make_folder, read_bytes};
use crate::experiment::Experiment;
use crate::run::{BegunRun, FolderLock, RunDir, run_files};

/// What a run is known by, in the order in which it is written.
const KNOWN_BY: [&str; 2] = ["recipe.toml", "figures.json"];

/// Copies each finished training that is not in `out` from the first of the folders `from` that holds it, at the same place in
/// it. Each is checked as one that was found in `out` is: by its recipe, its division of subjects and its images.
///
/// # Errors
/// Where one of the folders is not there or holds another training at the place of one of these: then nothing is copied. Where
/// none of them holds one, finished: the others are copied first, so that only the missing are left to train. Where one cannot
/// be copied.
pub(crate) fn merge<'a>(
    jobs: impl IntoIterator<Item = &'a Job>,
    out: &Path,
    from: &[PathBuf],
    data: &Data,
) -> Result<()> {
    for folder in from {
        fs::read_dir(folder).map_err(|source| FileError::List {
            path: folder.clone(),
            source,
        })?;
    }
    let mut checksums = Checksums::new(data);
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for job in jobs {
        if job.progress()? == Progress::Finished {
            continue;
        }
        let place = job.folder.strip_prefix(out).unwrap_or(&job.folder);
        match finished_in(job, place, from, data, &mut checksums)? {
            Some(folder) => found.push((folder, job)),
            None => missing.push(place.to_owned()),
        }
    }
    for (folder, job) in found {
        take_over(&folder, job, data)?;
    }
    match missing.is_empty() {
        true => Ok(()),
        false => Err(JobError::Missing { missing }.into()),
    }
}

/// The folder that holds a training, finished.
fn finished_in(
    job: &Job,
    place: &Path,
    from: &[PathBuf],
    data: &Data,
    checksums: &mut Checksums<'_>,
) -> Result<Option<PathBuf>> {
    let experiment = Experiment::new(job.recipe(), &data.catalog)?;
    for other in from {
        let there = job.in_folder(other.join(place));
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

/// Copies what a run has written, and says where its images are here.
fn take_over(from: &Path, job: &Job, data: &Data) -> Result<()> {
    let into = &job.folder;
    let _from = RunDir::finished(from)?;
    make_folder(into)?;
    let _into = FolderLock::to_write(into)?;
    BegunRun::new(&data.source)?.write(into)?;
    for file in files_of(from)? {
        let name = file.file_name().unwrap_or_default();
        write_atomically(&into.join(name), &read_bytes(&file)?)?;
    }
    job.clear_up();
    Ok(())
}

/// The files of a run that are there, and the programs that it keeps, but for what says where its images were; in the order in
/// which they are to be written.
fn files_of(run: &Path) -> Result<Vec<PathBuf>> {
    let begun = BegunRun::path(run);
    let known = run_files(run);
    let unreadable = |source| FileError::List {
        path: run.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(run).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path();
        let keeps = file
            .file_name()
            .and_then(OsStr::to_str)
            .is_some_and(is_kept_program);
        if file != begun && (keeps || known.contains(&file)) {
            files.push(file);
        }
    }
    files.sort_by_key(|file| {
        let name = file.file_name();
        KNOWN_BY
            .iter()
            .position(|known| name == Some(OsStr::new(known)))
    });
    Ok(files)
}
