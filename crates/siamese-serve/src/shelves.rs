//! The galleries of a server: those that it was started with, and those in its folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use gallery::Place;

use crate::error::Error;
use crate::name::is_name;
use crate::problem::{Code, Problem, Result};
use crate::settings::Settings;
use crate::shelf::{Shared, Shelf};

/// How the file of a gallery in the folder ends.
const ENDING: &str = "db";

/// Galleries of a server: each has a thread.
const MOST: usize = 256;

/// The galleries, by name.
pub(crate) struct Shelves {
    shared: Shared,
    folder: Option<PathBuf>,
    by_name: RwLock<BTreeMap<String, Arc<Shelf>>>,
    /// That of the gallery that was named first.
    first: Option<String>,
    /// Held while galleries are made and deleted.
    changing: Mutex<()>,
}

impl Shelves {
    /// Opens them all.
    ///
    /// # Errors
    /// As [`Shelf::open`]; [`Error::Name`] where two have one name; [`Error::Io`] for a folder that cannot be read.
    pub(crate) fn open(settings: &Settings, shared: Shared) -> Result<Self, Error> {
        let in_folder: Vec<Place> = match &settings.galleries_folder {
            Some(folder) => files(folder)?.into_iter().map(Place::from).collect(),
            None => Vec::new(),
        };
        let mut by_name: BTreeMap<String, (&Place, Arc<Shelf>)> = BTreeMap::new();
        let mut first = None;
        for place in settings.galleries.iter().chain(&in_folder) {
            let shelf = Arc::new(Shelf::open(place, settings.model.as_deref(), &shared)?);
            let name = shelf.name().to_owned();
            first.get_or_insert_with(|| name.clone());
            if let Some((other, _)) = by_name.get(&name) {
                return Err(Error::Name {
                    name,
                    first: other.shown(),
                    second: place.shown(),
                });
            }
            by_name.insert(name, (place, shelf));
        }
        let by_name = by_name.into_iter().map(|(name, (_, shelf))| (name, shelf));
        Ok(Self {
            shared,
            folder: settings.galleries_folder.clone(),
            by_name: RwLock::new(by_name.collect()),
            first,
            changing: Mutex::default(),
        })
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Shelf>> {
        let all = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).cloned()
    }

    /// All of them, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Shelf>> {
        let all = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        all.values().cloned().collect()
    }

    /// The gallery that was named first when the server was started.
    pub(crate) fn first(&self) -> Option<Arc<Shelf>> {
        self.get(self.first.as_ref()?)
    }

    /// Makes an empty gallery of a model in the folder. It takes a while.
    pub(crate) fn make(&self, name: &str, model: &Path) -> Result<Arc<Shelf>> {
        let folder = self.folder()?;
        if !is_name(name) {
            return Err(Problem::new(
                Code::Invalid,
                "name: expected 1 to 64 letters, digits, -, _ and ., not beginning with a dot",
            ));
        }
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = folder.join(format!("{name}.{ENDING}"));
        // One that is there and not served was put there meanwhile, or has this name in other letters.
        if self.get(name).is_some() || path.symlink_metadata().is_ok() {
            let taken = format!("there is a gallery {name:?} already");
            return Err(Problem::new(Code::GalleryExists, taken));
        }
        if self.all().len() >= MOST {
            let full = format!("the server has {MOST} galleries, and can have no more");
            return Err(Problem::new(Code::Invalid, full));
        }
        let shelf = Arc::new(Shelf::open(&path.into(), Some(model), &self.shared)?);
        let mut all = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), shelf.clone());
        Ok(shelf)
    }

    /// Refuses a gallery whose file is not in the folder: it is the operator's.
    pub(crate) fn may_delete(&self, shelf: &Shelf) -> Result<()> {
        let folder = self.folder()?;
        match shelf.place().file().and_then(Path::parent) == Some(folder) {
            true => Ok(()),
            false => Err(Problem::new(
                Code::Forbidden,
                "the gallery was named when the server was started, so its file is the operator's to delete",
            )),
        }
    }

    /// Takes away a gallery that has ended.
    pub(crate) fn remove(&self, name: &str) {
        let mut all = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(name);
    }

    fn folder(&self) -> Result<&Path> {
        self.folder.as_deref().ok_or_else(|| {
            Problem::new(
                Code::Forbidden,
                "galleries can be made and deleted where the server was started with --galleries FOLDER",
            )
        })
    }
}

/// Files of galleries in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let wrong = |source| Error::Io {
        action: "read",
        path: folder.to_owned(),
        source,
    };
    let mut files = Vec::new();
    for entry in folder.read_dir().map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
