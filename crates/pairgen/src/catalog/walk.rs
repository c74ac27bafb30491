//! The folders below a root, level by level.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::folder::{Entry, Target, canonical, entries};
use super::kind::SampleKind;
use super::report::{LinkAcross, ScanReport};
use super::scan::ScanOptions;
use crate::error::Error;
use crate::natural;

/// What a walk has seen so far.
pub(super) struct Walk<'a> {
    root: &'a Path,
    options: &'a ScanOptions,
    /// Every folder that was entered, in the order of the walk.
    entered: Vec<PathBuf>,
    pub(super) report: ScanReport,
    pub(super) subjects: Vec<SubjectFolder>,
    /// The places of subjects that images' names tell.
    by_name: HashMap<String, usize>,
}

/// One subject's folder and the images that are the subject's.
pub(super) struct SubjectFolder {
    pub(super) name: String,
    pub(super) path: PathBuf,
    pub(super) images: Vec<FoundImage>,
}

pub(super) struct FoundImage {
    pub(super) path: PathBuf,
    pub(super) kind: SampleKind,
    /// Whether it, or a folder on the way to it, is a symbolic link.
    linked: bool,
}

/// A folder to enter.
struct Folder {
    path: PathBuf,
    /// Whose it is, from the subjects' level down.
    subject: Option<usize>,
    /// What it says of the samples in it, where folders say that.
    kind: Option<SampleKind>,
    linked: bool,
}

impl<'a> Walk<'a> {
    /// Walks as deep as the layout says.
    pub(super) fn new(root: &'a Path, options: &'a ScanOptions) -> Result<Self, Error> {
        let mut walk = Self {
            root,
            options,
            entered: Vec::new(),
            report: ScanReport::default(),
            subjects: Vec::new(),
            by_name: HashMap::new(),
        };
        let mut level = vec![Folder {
            path: root.to_owned(),
            subject: None,
            kind: None,
            linked: false,
        }];
        let mut depth = 0;
        while !level.is_empty() {
            level = walk.enter(level, depth)?;
            depth += 1;
            if options.layout.kind_at(depth) {
                level.iter_mut().for_each(Folder::read_kind);
            }
            if depth == options.layout.depth() && !options.layout.subject_in_file() {
                walk.take_for_subjects(&mut level)?;
            }
        }
        walk.drop_repeated_images()?;
        walk.count_nested_images()?;
        Ok(walk)
    }

    /// Looks at what these folders hold; returns the folders in them.
    fn enter(&mut self, level: Vec<Folder>, depth: usize) -> Result<Vec<Folder>, Error> {
        let held = level
            .par_iter()
            .map(|folder| entries(&folder.path))
            .collect::<Result<Vec<_>, _>>()?;
        let (mut inside, mut links) = (Vec::new(), Vec::new());
        for (folder, held) in level.iter().zip(held) {
            for entry in held {
                match entry {
                    Entry::Hidden => self.report.hidden += 1,
                    Entry::Link(path, Target::Broken) => self.report.broken_links.push(path),
                    Entry::Folder(path) => inside.push(folder.holding(path, false)),
                    Entry::Link(path, Target::Folder) => links.push(folder.holding(path, true)),
                    Entry::File(path) => self.file(Some(path), false, folder, depth),
                    Entry::Link(path, Target::File) => self.file(Some(path), true, folder, depth),
                    Entry::Link(_, Target::Other) | Entry::Other => {
                        self.file(None, false, folder, depth);
                    }
                }
            }
        }
        self.entered
            .extend(level.into_iter().map(|folder| folder.path));
        if !self.options.layout.goes_below(depth) {
            let nested = inside.into_iter().chain(links).map(|folder| folder.path);
            self.report.nested_folders.extend(nested);
            return Ok(Vec::new());
        }
        self.follow(links, &mut inside)?;
        Ok(inside)
    }

    /// A file, or with no path something that is neither file nor folder.
    fn file(&mut self, path: Option<PathBuf>, linked: bool, folder: &Folder, depth: usize) {
        let ending = path.as_deref().and_then(Path::extension);
        let ending = ending.map(|ending| ending.to_string_lossy().to_lowercase());
        let image = path.filter(|path| self.options.accepts(path));
        let takes = self.options.layout.takes_images(depth);
        match image {
            _ if depth == 0 && !takes => self.report.root_files += 1,
            None => {
                self.report.other_files += 1;
                if let Some(ending) = ending {
                    *self.report.other_endings.entry(ending).or_default() += 1;
                }
            }
            Some(path) if takes => self.image(path, linked, folder),
            Some(_) => self.report.shallow_images += 1,
        }
    }

    /// An image as deep as the layout has them: whose it is and of what kind, its folders and its name say.
    fn image(&mut self, path: PathBuf, linked: bool, folder: &Folder) {
        let layout = &self.options.layout;
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let named = stem.and_then(|stem| layout.file_name(stem));
        let kind = named.and_then(|named| folder.kind.or(named.kind));
        let whose = match named.and_then(|named| named.subject) {
            Some(subject) => {
                let subject = subject.to_owned();
                self.subject_called(&subject, &path)
            }
            None => folder.subject,
        };
        let kind = match self.options.layout.tells_kinds() {
            true => kind,
            false => Some(SampleKind::Genuine),
        };
        let (Some(subject), Some(kind)) = (whose, kind) else {
            self.report.unplaced.push(path);
            return;
        };
        let linked = linked || folder.linked;
        self.subjects[subject]
            .images
            .push(FoundImage { path, kind, linked });
    }

    /// The place of the subject that an image's name tells.
    fn subject_called(&mut self, name: &str, image: &Path) -> Option<usize> {
        let above = self.name_at(image)?;
        let whole = match above.is_empty() {
            true => name.to_owned(),
            false => format!("{above}/{name}"),
        };
        if let Some(&known) = self.by_name.get(&whole) {
            return Some(known);
        }
        let place = self.subjects.len();
        self.by_name.insert(whole.clone(), place);
        self.subjects.push(SubjectFolder {
            name: whole,
            path: image.parent()?.to_owned(),
            images: Vec::new(),
        });
        Some(place)
    }

    /// Adds the folders that these links lead to, unless the walk has them already.
    fn follow(&mut self, links: Vec<Folder>, inside: &mut Vec<Folder>) -> Result<(), Error> {
        if links.is_empty() {
            return Ok(());
        }
        let mut known = HashMap::new();
        for path in self
            .entered
            .iter()
            .chain(inside.iter().map(|folder| &folder.path))
        {
            known
                .entry(canonical(path)?)
                .or_insert_with(|| path.clone());
        }
        for link in links {
            let target = canonical(&link.path)?;
            match known.get(&target) {
                Some(kept) => {
                    let kept = kept.clone();
                    self.repeated(link.path, kept);
                }
                None => {
                    known.insert(target, link.path.clone());
                    inside.push(link);
                }
            }
        }
        Ok(())
    }

    /// Makes a subject of each of these folders.
    fn take_for_subjects(&mut self, level: &mut [Folder]) -> Result<(), Error> {
        for (number, folder) in level.iter_mut().enumerate() {
            folder.subject = Some(number);
            let name = self
                .name_at(&folder.path)
                .ok_or_else(|| Error::FolderName {
                    path: folder.path.clone(),
                })?;
            self.subjects.push(SubjectFolder {
                name,
                path: folder.path.clone(),
                images: Vec::new(),
            });
        }
        Ok(())
    }

    /// The name of the subject to whom `path` below the root belongs; `None` where it is not UTF-8.
    fn name_at(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(self.root).ok()?.iter();
        let names: Option<Vec<&str>> = below
            .take(self.options.layout.depth())
            .map(|name| name.to_str())
            .collect();
        Some(self.options.layout.name(&names?))
    }

    /// Takes note of a link to what the walk has under another name.
    fn repeated(&mut self, link: PathBuf, kept: PathBuf) {
        let in_a_circle = link.starts_with(&kept);
        let by_folder = !self.options.layout.subject_in_file();
        if by_folder && !in_a_circle && self.name_at(&link) != self.name_at(&kept) {
            let link = link.clone();
            self.report.links_across.push(LinkAcross { link, kept });
        }
        self.report.repeated_links.push(link);
    }

    /// Drops linked images whose targets the walk has, links in natural order.
    fn drop_repeated_images(&mut self) -> Result<(), Error> {
        let of = |subject: &SubjectFolder| subject.images.iter().any(|image| image.linked);
        if !self.subjects.iter().any(of) {
            return Ok(());
        }
        let mut known = HashMap::new();
        let mut links = Vec::new();
        for (number, subject) in self.subjects.iter_mut().enumerate() {
            for image in std::mem::take(&mut subject.images) {
                if image.linked {
                    links.push((number, image));
                } else {
                    known.insert(canonical(&image.path)?, image.path.clone());
                    subject.images.push(image);
                }
            }
        }
        links.sort_by(|(_, a), (_, b)| natural::compare_paths(&a.path, &b.path));
        for (subject, link) in links {
            match known.get(&canonical(&link.path)?) {
                Some(kept) => {
                    let kept = kept.clone();
                    self.repeated(link.path, kept);
                }
                None => {
                    known.insert(canonical(&link.path)?, link.path.clone());
                    self.subjects[subject].images.push(link);
                }
            }
        }
        Ok(())
    }

    /// Counts what is lost with the folders that are not entered.
    fn count_nested_images(&mut self) -> Result<(), Error> {
        let images = self.report.nested_folders.par_iter();
        let images = images.map(|folder| images_below(folder, self.options));
        self.report.nested_images = images.sum::<Result<usize, Error>>()?;
        Ok(())
    }
}

impl Folder {
    /// Takes from its name which kind of sample is in it.
    fn read_kind(&mut self) {
        let name = self.path.file_name().and_then(|name| name.to_str());
        self.kind = name.and_then(SampleKind::of_name);
    }

    /// A folder inside this one.
    fn holding(&self, path: PathBuf, is_link: bool) -> Self {
        Self {
            path,
            subject: self.subject,
            kind: self.kind,
            linked: self.linked || is_link,
        }
    }
}

/// How many images a folder and those in it hold; links are not followed.
fn images_below(folder: &Path, options: &ScanOptions) -> Result<usize, Error> {
    let mut images = 0;
    for entry in entries(folder)? {
        match entry {
            Entry::File(path) | Entry::Link(path, Target::File) if options.accepts(&path) => {
                images += 1;
            }
            Entry::Folder(inside) => images += images_below(&inside, options)?,
            _ => {}
        }
    }
    Ok(images)
}
