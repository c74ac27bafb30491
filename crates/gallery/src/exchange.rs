//! A gallery as a folder of plain files.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use ndarray::{Array2, ArrayView2};
use ndarray_npy::{ReadNpyExt, WriteNpyExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::records::{
    DigestKey, Generation, KeptPicture, LastNumbers, NewTemplate, PictureDigest, Quality, Template,
    bytes_of_hex,
};
use crate::store::Contents;
use crate::unfinished::Unfinished;

/// The format of the folders that this version writes. It reads those of format 1 too, which hold no pictures and no last
/// numbers.
const FORMAT: u32 = 2;

/// `gallery.json`.
#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
    digest_key: String,
    active: u64,
    generations: Vec<Generation>,
    models: Vec<Model>,
    #[serde(default)]
    last_numbers: LastNumbers,
}

#[derive(Serialize, Deserialize)]
struct Model {
    contract: String,
    file: String,
}

/// A line of `pictures.jsonl`.
#[derive(Serialize, Deserialize)]
struct PictureLine {
    person: u64,
    picture: PictureDigest,
    file: String,
}

/// A line of `templates-N.jsonl`; its vector is the row of the same place in `vectors-N.npy`.
#[derive(Serialize, Deserialize)]
struct TemplateLine {
    id: u64,
    person: u64,
    picture: PictureDigest,
    quality: Quality,
    created_ms: i64,
}

impl Contents {
    /// Writes everything into a new folder, which appears whole or not at all.
    ///
    /// | file | holds |
    /// |---|---|
    /// | `gallery.json` | the format, the key of the digests, the generations with their calibrations, the models, the last numbers given out |
    /// | `people.jsonl` | a person a line |
    /// | `templates-N.jsonl` | a template of generation N a line: number, person, digest of the picture, quality, time |
    /// | `vectors-N.npy` | their vectors in the same order, `f32`, `[templates, dimension]` |
    /// | `rejections.jsonl`, `exclusions.jsonl` | one a line |
    /// | `model-K.bin` | the bytes of a model |
    /// | `pictures.jsonl`, `picture-K.bin` | pictures that were kept: person, digest and file a line |
    ///
    /// The folder holds personal data and the key of the digests: keep it as you keep the gallery.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if there is anything at `folder`, [`Error::Io`].
    pub fn write_to(&self, folder: &Path) -> Result<(), Error> {
        if folder.symlink_metadata().is_ok() {
            return Err(Error::Exists {
                path: folder.to_owned(),
            });
        }
        let wrong = |source| Error::Io {
            action: "create",
            path: folder.to_owned(),
            source,
        };
        let unfinished = Unfinished::make(folder, |path| fs::create_dir(path)).map_err(wrong)?;
        let written = self
            .write_files(&unfinished.path)
            .and_then(|()| fs::rename(&unfinished.path, folder).map_err(wrong));
        if written.is_err() {
            // One that stays is cleared by the next export to this place.
            let _ = fs::remove_dir_all(&unfinished.path);
        }
        written
    }

    fn write_files(&self, folder: &Path) -> Result<(), Error> {
        let mut models = Vec::new();
        for (at, (contract, bytes)) in (1..).zip(&self.models) {
            let file = format!("model-{at}.bin");
            write(&folder.join(&file), |out| out.write_all(bytes))?;
            models.push(Model {
                contract: contract.clone(),
                file,
            });
        }
        for generation in &self.generations {
            self.write_templates(folder, generation)?;
        }
        write_lines(&folder.join("people.jsonl"), &self.people)?;
        self.write_pictures(folder)?;
        write_lines(&folder.join("rejections.jsonl"), &self.rejections)?;
        write_lines(&folder.join("exclusions.jsonl"), &self.exclusions)?;
        let head = Head {
            format: FORMAT,
            digest_key: PictureDigest(self.digest_key.0).to_string(),
            active: self.active,
            generations: self.generations.clone(),
            models,
            last_numbers: self.last_numbers,
        };
        write(&folder.join("gallery.json"), |out| {
            Ok(serde_json::to_writer_pretty(out, &head)?)
        })
    }

    fn write_pictures(&self, folder: &Path) -> Result<(), Error> {
        let mut lines = Vec::new();
        for (at, kept) in (1..).zip(&self.pictures) {
            let file = format!("picture-{at}.bin");
            write(&folder.join(&file), |out| out.write_all(&kept.bytes))?;
            lines.push(PictureLine {
                person: kept.person,
                picture: kept.picture,
                file,
            });
        }
        write_lines(&folder.join("pictures.jsonl"), lines)
    }

    fn write_templates(&self, folder: &Path, generation: &Generation) -> Result<(), Error> {
        let (number, dimension) = (generation.number, generation.made_for.dimension);
        let of_it = || {
            self.templates
                .iter()
                .filter(|template| template.given.generation == number)
        };
        let lines = of_it().map(|template| TemplateLine {
            id: template.id,
            person: template.given.person,
            picture: template.given.picture,
            quality: template.given.quality.clone(),
            created_ms: template.created_ms,
        });
        write_lines(&folder.join(format!("templates-{number}.jsonl")), lines)?;
        let values: Vec<f32> = of_it()
            .flat_map(|template| &template.given.vector)
            .copied()
            .collect();
        write(&folder.join(format!("vectors-{number}.npy")), |out| {
            let array = ArrayView2::from_shape((values.len() / dimension, dimension), &values)
                .map_err(io::Error::other)?;
            array.write_npy(out).map_err(io::Error::other)
        })
    }

    /// Reads what [`Contents::write_to`] wrote.
    ///
    /// # Errors
    ///
    /// [`Error::Import`] with the file and its line, [`Error::Io`].
    pub fn read_from(folder: &Path) -> Result<Self, Error> {
        let path = folder.join("gallery.json");
        let head: Head = serde_json::from_slice(&read(&path)?)
            .map_err(|error| wrong(&path, Some(error.line()), error))?;
        if !(1..=FORMAT).contains(&head.format) {
            return Err(wrong(
                &path,
                None,
                format!("format {}, expected 1 to {FORMAT}", head.format),
            ));
        }
        let key = bytes_of_hex(&head.digest_key)
            .ok_or_else(|| wrong(&path, None, "digest_key: expected 64 hexadecimal digits"))?;
        let mut models = Vec::new();
        for Model { contract, file } in head.models {
            models.push((contract, read_named(&path, None, &file)?));
        }
        let mut templates = BTreeMap::new();
        for generation in &head.generations {
            read_templates(folder, generation, &mut templates)?;
        }
        Ok(Self {
            digest_key: DigestKey(key),
            active: head.active,
            generations: head.generations,
            models,
            last_numbers: head.last_numbers,
            people: read_lines(&folder.join("people.jsonl"))?,
            pictures: match head.format {
                1 => Vec::new(),
                _ => read_pictures(&folder.join("pictures.jsonl"))?,
            },
            templates: templates.into_values().collect(),
            rejections: read_lines(&folder.join("rejections.jsonl"))?,
            exclusions: read_lines(&folder.join("exclusions.jsonl"))?,
        })
    }
}

fn read_pictures(list: &Path) -> Result<Vec<KeptPicture>, Error> {
    let lines: Vec<PictureLine> = read_lines(list)?;
    let read = |(at, line): (usize, PictureLine)| {
        Ok(KeptPicture {
            person: line.person,
            picture: line.picture,
            bytes: read_named(list, Some(at + 1), &line.file)?,
        })
    };
    lines.into_iter().enumerate().map(read).collect()
}

/// The bytes of a file that `list` names, which lies beside it.
fn read_named(list: &Path, line: Option<usize>, file: &str) -> Result<Vec<u8>, Error> {
    // A name, and no path that leads elsewhere.
    if Path::new(file).file_name() != Some(file.as_ref()) {
        let what = format!("file {file:?}, expected a name without folders");
        return Err(wrong(list, line, what));
    }
    read(&list.with_file_name(file))
}

fn read_templates(
    folder: &Path,
    generation: &Generation,
    into: &mut BTreeMap<u64, Template>,
) -> Result<(), Error> {
    let (number, made_for) = (generation.number, &generation.made_for);
    let (list, vectors) = (
        format!("templates-{number}.jsonl"),
        format!("vectors-{number}.npy"),
    );
    let lines: Vec<TemplateLine> = read_lines(&folder.join(&list))?;
    let path = folder.join(&vectors);
    let array =
        Array2::<f32>::read_npy(&read(&path)?[..]).map_err(|error| wrong(&path, None, error))?;
    if array.dim() != (lines.len(), made_for.dimension) {
        let what = format!(
            "shape {:?}, expected {:?}, by {list} and gallery.json",
            array.dim(),
            (lines.len(), made_for.dimension)
        );
        return Err(wrong(&path, None, what));
    }
    for (at, (line, row)) in lines.into_iter().zip(array.rows()).enumerate() {
        let vector = row.to_vec();
        made_for
            .metric
            .prepared(&vector)
            .map_err(|error| wrong(&path, Some(at + 1), error))?;
        let given = NewTemplate {
            person: line.person,
            generation: number,
            vector,
            picture: line.picture,
            quality: line.quality,
        };
        let template = Template {
            id: line.id,
            given,
            created_ms: line.created_ms,
        };
        if into.insert(line.id, template).is_some() {
            return Err(wrong(
                &folder.join(&list),
                Some(at + 1),
                format!("a second template {}", line.id),
            ));
        }
    }
    Ok(())
}

fn wrong(path: &Path, line: Option<usize>, what: impl ToString) -> Error {
    Error::Import {
        path: path.to_owned(),
        line,
        what: what.to_string(),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, Error> {
    let bytes = read(path)?;
    let lines = bytes
        .split(|&byte| byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty());
    lines
        .map(|(at, line)| {
            serde_json::from_slice(line).map_err(|error| wrong(path, Some(at + 1), error))
        })
        .collect()
}

fn write_lines<T: Serialize>(path: &Path, lines: impl IntoIterator<Item = T>) -> Result<(), Error> {
    write(path, |out| {
        for line in lines {
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
}

/// Writes a new file and waits until the disk has it.
fn write(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Error> {
    let write = || {
        let mut out = BufWriter::new(File::create_new(path)?);
        fill(&mut out)?;
        out.into_inner()
            .map_err(io::IntoInnerError::into_error)?
            .sync_all()
    };
    write().map_err(|source| Error::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
