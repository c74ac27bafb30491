//! A one-shot test as folders and a list of labels for each run.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::catalog::ScanOptions;
use crate::error::Error;
use crate::list::file;
use crate::natural;

/// The file that says which class each item of a run is.
const LABELS: &str = "class_labels.txt";

/// A one-shot test: runs of trials, as Omniglot's `all_runs` has them (B. Lake, R. Salakhutdinov and J. Tenenbaum,
/// "Human-level concept learning through probabilistic program induction", Science 350, 2015).
///
/// Every folder below the root that holds a file `class_labels.txt` is a run:
///
/// ```text
/// run01/training/class01.png ...   an image of each class, the only one that is known
/// run01/test/item01.png ...        items, each of one of these classes
/// run01/class_labels.txt           a line for each item: its path, a space or tab, the path of its class
/// ```
///
/// Paths count from the root, or else from the run's folder. Paths with spaces need a tab between them. The classes are the
/// images in `training`, whether or not an item shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneShotRuns {
    pub(super) runs: Vec<Run>,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) name: String,
    /// The image of each class, in natural order.
    pub(super) classes: Vec<PathBuf>,
    /// Each with the place of its class, in the order of the list.
    pub(super) items: Vec<(PathBuf, usize)>,
}

impl OneShotRuns {
    /// Reads the runs below a folder, in natural order of their names. No image is opened.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::NoRuns`] where there are none; [`Error::ListLine`] for a label that names no image, an item
    /// twice, or a class that is not in `training`; [`Error::NoRuns`] for a run of one class or without an item.
    pub fn read(root: impl AsRef<Path>) -> Result<Self, Error> {
        let root = root.as_ref();
        let folders = fs::read_dir(root)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|source| Error::io(root, "read the folder of one-shot runs", source))?;
        let mut folders: Vec<PathBuf> = folders.into_iter().map(|entry| entry.path()).collect();
        folders.retain(|folder| folder.join(LABELS).is_file());
        folders.sort_by(|a, b| natural::compare_paths(a, b));
        if folders.is_empty() {
            return Err(Error::NoRuns {
                folder: root.to_owned(),
                found: format!("no folder in it holds a file {LABELS}"),
            });
        }
        let runs = folders.iter().map(|folder| run(root, folder));
        Ok(Self {
            runs: runs.collect::<Result<_, _>>()?,
        })
    }
}

fn run(root: &Path, folder: &Path) -> Result<Run, Error> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let Some(name) = name else {
        return Err(Error::FolderName {
            path: folder.to_owned(),
        });
    };
    let refuse = |found: String| Error::NoRuns {
        folder: folder.to_owned(),
        found,
    };
    let classes = images(&folder.join("training"))?;
    if classes.len() < 2 {
        return Err(refuse(format!(
            "{} in its folder `training`, where an item is to be one of several",
            match classes.len() {
                0 => "no image",
                _ => "one image",
            }
        )));
    }
    let place: HashMap<&Path, usize> = classes.iter().map(PathBuf::as_path).zip(0..).collect();
    let list = folder.join(LABELS);
    let bytes = file::bytes(&list)?;
    let find = |path: &str| {
        let places = [root.join(path), folder.join(path)];
        places.into_iter().find(|path| path.is_file())
    };
    let (mut items, mut seen) = (Vec::new(), HashSet::new());
    for (line, text) in file::text_lines(file::utf8(&list, &bytes)?) {
        let [item, class] = file::columns(text)[..] else {
            let expected =
                "the path of an item and the path of its class, with a space or a tab between";
            return Err(Error::line(&list, line, expected, &format!("`{text}`")));
        };
        let Some(item_path) = find(item) else {
            let expected = "an image, its path from the folder of the runs";
            return Err(Error::line(
                &list,
                line,
                expected,
                &format!("no such file: `{item}`"),
            ));
        };
        let known = find(class).and_then(|path| place.get(path.as_path()).copied());
        let Some(class) = known else {
            let expected = "a class, an image in the run's folder `training`";
            return Err(Error::line(&list, line, expected, &format!("`{class}`")));
        };
        if !seen.insert(item_path.clone()) {
            let expected = "each item once";
            return Err(Error::line(
                &list,
                line,
                expected,
                &format!("`{item}` again"),
            ));
        }
        if place.contains_key(item_path.as_path()) {
            let expected = "an item that is no class's own image";
            return Err(Error::line(&list, line, expected, &format!("`{item}`")));
        }
        items.push((item_path, class));
    }
    if items.is_empty() {
        return Err(refuse(format!("no line in its {LABELS}")));
    }
    Ok(Run {
        name: name.to_owned(),
        classes,
        items,
    })
}

/// The images in a folder, in natural order.
fn images(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let options = ScanOptions::default();
    let held = fs::read_dir(folder)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|source| Error::io(folder, "read the folder of a run's classes", source))?;
    let mut images: Vec<PathBuf> = held.into_iter().map(|entry| entry.path()).collect();
    images.retain(|path| options.accepts(path) && path.is_file());
    images.sort_by(|a, b| natural::compare_paths(a, b));
    Ok(images)
}
