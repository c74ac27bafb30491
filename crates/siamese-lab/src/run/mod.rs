//! The folder of a run, and what it holds.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pairgen::{Catalog, PairKind, PairSet};
use serde::{Deserialize, Serialize};
use siamese_model::{EpochRecord, Recipe, write_atomically};

/// A folder with `recipe.toml`, `checkpoint.safetensors`, `history.jsonl`, and at the end the models, figures, scores
/// and plots.
#[derive(Debug)]
pub struct RunDir {
    path: PathBuf,
    /// Held as long as the run is written, so that no second training writes over it.
    _lock: fs::File,
}

/// A line of `history.jsonl`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HistoryLine {
    /// Which of several networks it speaks of, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<usize>,
    #[serde(flatten)]
    pub record: EpochRecord,
    /// Wall time of the epoch, validation included; absent where a crash lost it.
    pub seconds: Option<f64>,
    /// Images embedded for training in each second of it.
    pub images_per_second: Option<f64>,
}

impl RunDir {
    /// A folder to fill. One that holds a run is refused, unless it is to be replaced.
    pub fn create(path: &Path, replace: bool) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| {
            format!(
                "cannot make the folder {}: choose another with --out",
                path.display()
            )
        })?;
        let run = Self::lock(path, fs::File::try_lock)?;
        if run.figures().exists() && !replace {
            bail!(
                "{} holds a finished run: choose another --out, or replace it with --force",
                path.display()
            );
        }
        if first_checkpoint(path).is_some() && !replace {
            bail!(
                "{0} holds an unfinished run: go on with --resume {0}, or replace it with --force",
                path.display()
            );
        }
        // Only what a run writes is removed; anything else in the folder is somebody's.
        for file in run.files() {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error)
                        .with_context(|| format!("cannot replace {}", file.display()));
                }
                _ => {}
            }
        }
        Ok(run)
    }

    /// The folder of a run that is there.
    pub fn open(path: &Path) -> Result<Self> {
        if !path.is_dir() {
            bail!(
                "{} is no folder of a run: there is nothing to resume",
                path.display()
            );
        }
        let run = Self::lock(path, fs::File::try_lock)?;
        if run.figures().exists() {
            bail!(
                "the run in {} is finished: there is nothing to resume",
                path.display()
            );
        }
        if first_checkpoint(path).is_none() {
            bail!(
                "{} has no checkpoint.safetensors: there is nothing to resume; train into it anew",
                path.display()
            );
        }
        Ok(run)
    }

    /// The folder of a run that is finished, to be read by any number of processes.
    pub fn finished(path: &Path) -> Result<Self> {
        if !path.join("figures.json").exists() {
            bail!(
                "{0} holds no finished run: train into it first, or go on with siamese train --resume {0}",
                path.display()
            );
        }
        Self::lock(path, fs::File::try_lock_shared)
    }

    /// Takes the folder for this process; the system gives it free when the process ends, however it ends.
    fn lock(path: &Path, take: fn(&fs::File) -> Result<(), fs::TryLockError>) -> Result<Self> {
        let folder = fs::File::open(path).with_context(|| {
            format!(
                "cannot open the folder {}: choose another with --out",
                path.display()
            )
        })?;
        match take(&folder) {
            Err(fs::TryLockError::WouldBlock) => bail!(
                "another training is writing into {}: wait for its end, or choose another folder with --out",
                path.display()
            ),
            // Not every file system can lock; those that cannot are as they were.
            Err(fs::TryLockError::Error(_)) | Ok(()) => {}
        }
        Ok(Self {
            path: path.to_path_buf(),
            _lock: folder,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn recipe(&self) -> PathBuf {
        self.path.join("recipe.toml")
    }

    /// The state of the only network, or of that of several.
    pub fn checkpoint(&self, network: Option<usize>) -> PathBuf {
        checkpoint(&self.path, network)
    }

    pub fn model(&self) -> PathBuf {
        self.path.join("model.safetensors")
    }

    /// A copy of the model that the training began with.
    pub fn init(&self) -> PathBuf {
        self.path.join("init.safetensors")
    }

    pub fn history(&self) -> PathBuf {
        self.path.join("history.jsonl")
    }

    /// Written last: where it is, the run is complete.
    pub fn figures(&self) -> PathBuf {
        self.path.join("figures.json")
    }

    pub fn scores(&self) -> PathBuf {
        self.path.join("scores.csv")
    }

    /// Weights that the recipe did not choose, by the name of the choice.
    pub fn other_model(&self, which: &str) -> PathBuf {
        self.path.join(format!("model-{which}.safetensors"))
    }

    pub fn loss_plot(&self, network: Option<usize>, ending: &str) -> PathBuf {
        self.path.join(format!("loss{}.{ending}", suffix(network)))
    }

    fn files(&self) -> Vec<PathBuf> {
        let mut files = ReportFiles::of(&self.path).all();
        files.extend([
            self.figures(),
            self.recipe(),
            self.model(),
            self.init(),
            self.other_model("best"),
            self.other_model("last"),
            self.history(),
            self.scores(),
        ]);
        for network in std::iter::once(None).chain((1..=MOST_NETWORKS).map(Some)) {
            files.push(self.checkpoint(network));
            files.extend(["svg", "png"].map(|ending| self.loss_plot(network, ending)));
        }
        files
    }

    /// Copies the recipe's TorchScript programs into the folder, removes those that a run which was replaced here has
    /// left, and gives the recipe that names the copies.
    pub fn keep_scripts(&self, recipe: &Recipe) -> Result<Recipe> {
        let recipe = recipe.keep_scripts(&self.path)?;
        // One that goes on has left nothing, and may begin networks with a model whose program is another.
        if first_checkpoint(&self.path).is_none() {
            self.forget_scripts_but(&recipe)?;
        }
        Ok(recipe)
    }

    fn forget_scripts_but(&self, recipe: &Recipe) -> Result<()> {
        let place = self.path.display();
        let entries = fs::read_dir(&self.path).with_context(|| format!("cannot list {place}"))?;
        for entry in entries {
            let path = entry
                .with_context(|| format!("cannot list {place}"))?
                .path();
            let name = path.file_name().and_then(|name| name.to_str());
            let kept = name
                .and_then(|name| name.strip_prefix("script-")?.strip_suffix(".pt"))
                .is_some_and(|digits| {
                    digits.len() == 16 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
                });
            if kept && !recipe.scripts().any(|script| Path::new(script) == path) {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot replace {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// The lines of `history.jsonl` that can be read: a crash may have left half of one.
    pub fn read_history(&self) -> Vec<HistoryLine> {
        let text = fs::read_to_string(self.history()).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    /// Brings `history.jsonl` to the epochs that the checkpoints know: a crash may have lost the last line, or left
    /// half of it.
    pub fn mend_history(&self, records: &[(Option<usize>, EpochRecord)]) -> Result<()> {
        let known = self.read_history();
        let mut text = String::new();
        for (network, record) in records {
            let line = known
                .iter()
                .find(|line| line.network == *network && line.record == *record)
                .cloned()
                .unwrap_or(HistoryLine {
                    network: *network,
                    record: record.clone(),
                    seconds: None,
                    images_per_second: None,
                });
            text.push_str(&serde_json::to_string(&line)?);
            text.push('\n');
        }
        Ok(write_atomically(&self.history(), text.as_bytes())?)
    }

    /// Adds a line to `history.jsonl`.
    pub fn append_history(&self, line: &HistoryLine) -> Result<()> {
        let path = self.history();
        let write = || -> std::io::Result<()> {
            let mut file = fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(&path)?;
            let text = serde_json::to_string(line)?;
            file.write_all(format!("{text}\n").as_bytes())
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }
}

/// Where the forms of a report lie in a folder.
pub struct ReportFiles {
    pub page: PathBuf,
    pub markdown: PathBuf,
    pub json: PathBuf,
    /// The folder of the plots.
    pub plots: PathBuf,
}

impl ReportFiles {
    pub fn of(folder: &Path) -> Self {
        Self {
            page: folder.join("report.html"),
            markdown: folder.join("report.md"),
            json: folder.join("report.json"),
            plots: folder.join("plots"),
        }
    }

    pub fn plot(&self, name: &str) -> PathBuf {
        self.plots.join(format!("{name}.svg"))
    }

    fn all(self) -> Vec<PathBuf> {
        let plots = siamese_report::PLOT_NAMES.map(|name| self.plot(name));
        let mut files = vec![self.page, self.markdown, self.json];
        files.extend(plots);
        files
    }
}

/// The lines of a run's `history.jsonl`; `None` where there is no such file, or one that is damaged.
pub fn read_history(folder: &Path) -> Option<Vec<HistoryLine>> {
    let text = fs::read_to_string(folder.join("history.jsonl")).ok()?;
    text.lines()
        .map(|line| serde_json::from_str(line).ok())
        .collect()
}

fn checkpoint(folder: &Path, network: Option<usize>) -> PathBuf {
    folder.join(format!("checkpoint{}.safetensors", suffix(network)))
}

/// The only network's checkpoint, or the first of several that is there: of networks trained side by side any may be the
/// first to have one. `None` where no training has begun in the folder.
pub fn first_checkpoint(folder: &Path) -> Option<PathBuf> {
    let networks = std::iter::once(None).chain((1..=MOST_NETWORKS).map(Some));
    let mut paths = networks.map(|network| checkpoint(folder, network));
    paths.find(|path| path.exists())
}

/// The model file that a user means by the path of a run or of a file.
pub fn model_file(path: &Path) -> Result<PathBuf> {
    if !path.is_dir() {
        return Ok(path.to_path_buf());
    }
    let model = path.join("model.safetensors");
    if !model.exists() {
        let place = path.display();
        if first_checkpoint(path).is_some() {
            bail!(
                "{place} holds an unfinished run and no model.safetensors yet: finish it with siamese train --resume {place}"
            );
        }
        bail!("{place} holds no model.safetensors: give a model file, or the folder of a run");
    }
    Ok(model)
}

/// As many networks as a recipe may have.
const MOST_NETWORKS: usize = 64;

/// What the names of files of one of several networks end with, before the dot.
fn suffix(network: Option<usize>) -> String {
    network.map_or_else(String::new, |network| format!("-{network}"))
}

/// Writes pairs with their kinds, and distances where there are any, as CSV with paths as the catalogue has them.
pub fn write_pairs(
    path: &Path,
    catalog: &Catalog,
    pairs: &PairSet,
    distances: Option<&[f32]>,
) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = vec!["a", "b", "kind"];
    header.extend(distances.map(|_| "distance"));
    writer.write_record(&header)?;
    for (i, pair) in pairs.iter().enumerate() {
        let kind = match pair.kind {
            PairKind::Genuine => "genuine",
            PairKind::Impostor => "impostor",
        };
        let name = |sample| catalog.relative_path(sample).to_string_lossy();
        let mut record = vec![name(pair.a), name(pair.b), kind.into()];
        record.extend(distances.map(|distances| distances[i].to_string().into()));
        writer.write_record(
            record
                .iter()
                .map(|field: &std::borrow::Cow<'_, str>| field.as_bytes()),
        )?;
    }
    let bytes = writer.into_inner().context("cannot build the list")?;
    Ok(write_atomically(path, &bytes)?)
}

/// The distances in a list that [`write_pairs`] wrote of these pairs.
pub fn read_distances(path: &Path, catalog: &Catalog, pairs: &PairSet) -> Result<Vec<f32>> {
    let place = path.display();
    let remedy = "the file was changed since the training; train again into that folder";
    let mut reader =
        csv::Reader::from_path(path).with_context(|| format!("cannot read {place}"))?;
    let mut rows = reader.records();
    let mut distances = Vec::with_capacity(pairs.len());
    for (i, pair) in pairs.iter().enumerate() {
        let [a, b] = [pair.a, pair.b].map(|image| catalog.relative_path(image).to_string_lossy());
        let Some(row) = rows.next() else {
            bail!("{place} ends after {i} of {} pairs: {remedy}", pairs.len());
        };
        let row = row.with_context(|| format!("cannot read {place}"))?;
        let distance = row.get(3).and_then(|distance| distance.parse().ok());
        match distance {
            Some(distance) if row.get(0) == Some(&a) && row.get(1) == Some(&b) => {
                distances.push(distance);
            }
            _ => bail!(
                "{place}, line {}: expected the distance of {a} and {b}, found `{}`: {remedy}",
                i + 2,
                row.iter().collect::<Vec<_>>().join(",")
            ),
        }
    }
    if rows.next().is_some() {
        bail!("{place} goes on after {} pairs: {remedy}", pairs.len());
    }
    Ok(distances)
}
