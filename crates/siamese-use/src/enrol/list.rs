//! Which pictures are to be enrolled for whom.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gallery::{Metadata, NewPerson};
use image_stack::{Region, is_image};

use super::{Entry, name_of};
use crate::error::{Error, Result};

/// Boxes of images, by their paths.
#[derive(Debug, Clone, Default)]
pub struct Boxes(HashMap<PathBuf, Region>);

impl Boxes {
    /// Reads a CSV list with the header `path,x,y,width,height`, in pixels of the upright image. Relative paths are beside the
    /// list.
    ///
    /// # Errors
    /// [`Error::List`] with the line.
    pub fn read(path: &Path) -> Result<Self> {
        let mut boxes = HashMap::new();
        for row in Table::read(path, &["path", "x", "y", "width", "height"])?.rows {
            let text = ["x", "y", "width", "height"]
                .map(|name| row.text(name))
                .join(",");
            let region = text.parse().map_err(|what| row.wrong(path, what))?;
            boxes.insert(row.path(path), region);
        }
        Ok(Self(boxes))
    }

    /// The box of an image, if it has one.
    #[must_use]
    pub fn of(&self, path: &Path) -> Option<Region> {
        self.0.get(path).copied()
    }

    /// Gives entries the boxes of their images.
    ///
    /// # Errors
    /// [`Error::List`] naming an image of the list that no entry has.
    pub fn give(&self, list: &Path, entries: &mut [Entry]) -> Result<()> {
        let paths: Vec<&Path> = entries.iter().map(|entry| entry.path.as_path()).collect();
        self.check_used(list, &paths)?;
        for entry in entries {
            entry.region = self.of(&entry.path).or(entry.region);
        }
        Ok(())
    }

    /// Refuses a list with boxes of other images than these.
    ///
    /// # Errors
    /// [`Error::List`] naming an image of the list that is not among them.
    pub fn check_used(&self, list: &Path, images: &[&Path]) -> Result<()> {
        let images: HashSet<&Path> = images.iter().copied().collect();
        let unused = self
            .0
            .keys()
            .filter(|path| !images.contains(path.as_path()));
        let mut unused: Vec<_> = unused.collect();
        unused.sort();
        match unused.first() {
            Some(path) => Err(Error::List {
                path: list.to_owned(),
                line: None,
                what: format!(
                    "{} images of it are not among those to be read, such as {}; paths must be written alike",
                    unused.len(),
                    path.display()
                ),
            }),
            None => Ok(()),
        }
    }
}

/// Pictures of one person.
#[must_use]
pub fn entries_of_images(person: &NewPerson, images: &[PathBuf]) -> Vec<Entry> {
    let entry = |path: &PathBuf| Entry {
        person: person.clone(),
        path: path.clone(),
        region: None,
    };
    images.iter().map(entry).collect()
}

/// The pictures in a folder of folders, one for each person, who is named by it. Files that do not begin as images do are
/// left out; hidden ones too.
///
/// # Errors
/// [`Error::Io`]; [`Error::List`] for a folder without folders of images, and for a name that is not UTF-8.
pub fn entries_of_folder(folder: &Path) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for person in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let external_id = name_of(&person).ok_or_else(|| Error::List {
            path: person.clone(),
            line: None,
            what: "the name is not UTF-8, and an external id must be: rename the folder".to_owned(),
        })?;
        let images: Vec<PathBuf> = sorted(&person)?
            .into_iter()
            .filter(|path| begins_as_image(path))
            .collect();
        let given = NewPerson {
            external_id,
            ..NewPerson::default()
        };
        entries.extend(entries_of_images(&given, &images));
    }
    if entries.is_empty() {
        return Err(Error::List {
            path: folder.to_owned(),
            line: None,
            what: "no folder in it holds an image; expected one folder for each person. For images of one person, name them \
                   and say --person ID"
                .to_owned(),
        });
    }
    Ok(entries)
}

/// What is in a folder but for hidden things, by name.
pub(crate) fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let wrong = |source| Error::Io {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

/// Whether a file begins as an image does.
pub(crate) fn begins_as_image(path: &Path) -> bool {
    use std::io::Read;
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(64).read_to_end(&mut head));
    path.is_file() && read.is_ok() && is_image(&head).is_some()
}

/// The pictures of a CSV list with the header `id,path` and, as wanted, `name`, `expires` (a day such as 2027-01-31, from
/// whose beginning, UTC, the person is not found any more, or a time such as 2027-01-31T12:00:00Z) and `x,y,width,height` (a
/// box). Other columns are kept as metadata. Relative paths are beside the list.
///
/// # Errors
/// [`Error::List`] with the line.
pub fn entries_of_list(path: &Path) -> Result<Vec<Entry>> {
    let table = Table::read(path, &["id", "path"])?;
    let boxed = ["x", "y", "width", "height"];
    let known = ["id", "path", "name", "expires"];
    let more: Vec<&String> = table
        .header
        .iter()
        .filter(|name| !known.contains(&name.as_str()) && !boxed.contains(&name.as_str()))
        .collect();
    let entry = |row: &Row| {
        let said = |name: &str| Some(row.text(name).to_owned()).filter(|text| !text.is_empty());
        let external_id =
            said("id").ok_or_else(|| row.wrong(path, "the id is empty".to_owned()))?;
        if row.text("kind") == "forgery" {
            return Err(row.wrong(
                path,
                "a forgery shows nobody who could be found by it: leave the line out".to_owned(),
            ));
        }
        let metadata: Metadata = more
            .iter()
            .filter_map(|name| Some(((*name).clone(), said(name)?.into())))
            .collect();
        let expires = said("expires").map(|text| expiry(&text)).transpose();
        let numbers = boxed.map(|name| row.text(name));
        let region = match numbers.iter().all(|text| text.is_empty()) {
            true => None,
            false => Some(
                numbers
                    .join(",")
                    .parse()
                    .map_err(|what| row.wrong(path, what))?,
            ),
        };
        Ok(Entry {
            person: NewPerson {
                external_id,
                name: said("name"),
                metadata,
                expires_ms: expires.map_err(|what| row.wrong(path, what))?,
            },
            path: row.path(path),
            region,
        })
    };
    table.rows.iter().map(entry).collect()
}

/// Milliseconds since 1970 of a day or a time in UTC.
///
/// # Errors
/// What was expected.
pub fn expiry(text: &str) -> Result<i64, String> {
    let wrong = |_| {
        format!(
            "expected a day such as 2027-01-31 or a time such as 2027-01-31T12:00:00Z, found {text:?}"
        )
    };
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Ok(time.as_millisecond());
    }
    let day: jiff::civil::Date = text.parse().map_err(wrong)?;
    let begin = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(wrong)?;
    Ok(begin.timestamp().as_millisecond())
}

/// A time in milliseconds since 1970 as [`expiry`] reads it.
#[must_use]
pub fn time_text(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| format!("{ms} ms"), |time| time.to_string())
}

/// A CSV file with its header.
struct Table {
    header: Arc<Vec<String>>,
    rows: Vec<Row>,
}

/// A line of it.
struct Row {
    header: Arc<Vec<String>>,
    line: u64,
    cells: csv::StringRecord,
}

impl Table {
    fn read(path: &Path, needed: &[&str]) -> Result<Self> {
        let wrong = |error: csv::Error| Error::List {
            path: path.to_owned(),
            line: error.position().map(csv::Position::line),
            what: error.to_string(),
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(wrong)?;
        let header: Vec<String> = reader
            .headers()
            .map_err(wrong)?
            .iter()
            .map(str::to_owned)
            .collect();
        if let Some(missing) = needed
            .iter()
            .find(|name| !header.iter().any(|found| found == *name))
        {
            return Err(Error::List {
                path: path.to_owned(),
                line: Some(1),
                what: format!(
                    "expected a header with {}, found {}: there is no column {missing}",
                    needed.join(","),
                    header.join(",")
                ),
            });
        }
        let header = Arc::new(header);
        let rows = reader.records().map(|record| {
            let record = record.map_err(wrong)?;
            Ok(Row {
                header: header.clone(),
                line: record.position().map_or(0, csv::Position::line),
                cells: record,
            })
        });
        Ok(Self {
            rows: rows.collect::<Result<_>>()?,
            header,
        })
    }
}

impl Row {
    /// The text of a column; empty where there is none.
    fn text(&self, name: &str) -> &str {
        let place = self.header.iter().position(|found| found == name);
        place.and_then(|place| self.cells.get(place)).unwrap_or("")
    }

    fn path(&self, list: &Path) -> PathBuf {
        list.parent()
            .unwrap_or(Path::new(""))
            .join(self.text("path"))
    }

    fn wrong(&self, list: &Path, what: String) -> Error {
        Error::List {
            path: list.to_owned(),
            line: Some(self.line),
            what,
        }
    }
}
