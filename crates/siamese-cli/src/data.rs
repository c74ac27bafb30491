//! A data set: who is in which image, and the pixels.

use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow, bail};
use ndarray::{ArrayView4, Axis};
use pairgen::{Catalog, ScanOptions, ScanReport};
use pgm_io::{Channels, Limits, Resize, StackError, decode_planes};
use siamese_model::{Device, ImageStack, Recipe, ResizeSpec};

use crate::output::{Output, thousands};

/// A data set, with what was left out of it.
pub(crate) struct Data {
    pub(crate) catalog: Catalog,
    /// Absent for a list.
    pub(crate) report: Option<ScanReport>,
}

impl Data {
    /// Reads the names of a folder of folders or of a list; opens no image.
    pub(crate) fn find(path: &Path) -> Result<Self> {
        if path.is_file() {
            return Self {
                catalog: Catalog::from_csv(path)?,
                report: None,
            }
            .spellable();
        }
        if !path.exists() {
            bail!(
                "{} is not there: give the data's folder with --data DIR; scripts/fetch_orl.py fetches the AT&T faces \
                 into datasets/orl_faces",
                path.display()
            );
        }
        let (catalog, report) = Catalog::scan(path, &ScanOptions::default())?;
        Self {
            catalog,
            report: Some(report),
        }
        .spellable()
    }

    /// Refuses names that no list of pairs and no table of scores could hold unchanged.
    fn spellable(self) -> Result<Self> {
        let odd: Vec<String> = self
            .catalog
            .paths()
            .iter()
            .filter(|path| path.to_str().is_none())
            .map(|path| format!("\n  {}", path.display()))
            .collect();
        if !odd.is_empty() {
            bail!(
                "{} file names are not valid UTF-8, so that no list can name them; rename them:{}",
                odd.len(),
                odd.concat()
            );
        }
        Ok(self)
    }

    /// Reads every image as the recipe says; notes what a user would not expect.
    pub(crate) fn load(
        &self,
        recipe: &Recipe,
        device: Device,
        output: Output,
    ) -> Result<ImageStack> {
        let channels = recipe.encoder.input[0];
        let images = load(self.catalog.paths(), channels, recipe.data.resize, device)?;
        if let Some(note) = images.grey_note() {
            output.note(&note);
        }
        Ok(images.stack)
    }

    /// One line on what was skipped, or nothing.
    pub(crate) fn skipped(&self) -> Option<String> {
        let report = self.report.as_ref()?;
        let counts = [
            (report.hidden, "hidden"),
            (report.other_files, "not images"),
            (report.root_files, "outside a subject's folder"),
            (report.nested_folders.len(), "nested folders"),
            (report.empty_folders.len(), "empty folders"),
            (report.repeated_links.len(), "repeated links"),
            (report.broken_links.len(), "broken links"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{n} {what}"))
            .collect();
        (!parts.is_empty()).then(|| format!("skipped: {}", parts.join(", ")))
    }
}

/// Images as a recipe reads them.
pub(crate) struct Images {
    pub(crate) stack: ImageStack,
    /// How many are grey among images that are read in colour.
    grey: usize,
}

impl Images {
    fn grey_note(&self) -> Option<String> {
        (self.grey > 0).then(|| {
            format!(
                "{} of {} images are grey: red, green and blue are equal in them",
                thousands(self.grey as u64),
                thousands(self.stack.len() as u64)
            )
        })
    }
}

/// Decodes these images, in parallel, in grey where there is one channel, in colour where there are three.
pub(crate) fn load(
    paths: &[PathBuf],
    channels: usize,
    resize: ResizeSpec,
    device: Device,
) -> Result<Images> {
    let resize = match resize {
        ResizeSpec::None => Resize::None,
        ResizeSpec::Stride(step) => Resize::Stride(step),
        ResizeSpec::Area([height, width]) => Resize::Area { height, width },
    };
    let channels = match channels {
        1 => Channels::Grey,
        _ => Channels::Rgb,
    };
    let pixels =
        decode_planes(paths, channels, resize, &Limits::default()).map_err(|error| match error {
            StackError::Sizes { .. } => {
                let text = error.to_string();
                let (list, _) = text.rsplit_once('\n').unwrap_or((&text, ""));
                anyhow!(
                    "{list}\nbring them to one size with data.resize = {{ area = [HEIGHT, WIDTH] }}, or leave the odd \
                     ones out"
                )
            }
            StackError::Memory { .. } => {
                anyhow!(error.to_string().replace("`Resize`", "data.resize"))
            }
            error => error.into(),
        })?;
    Ok(Images {
        grey: grey(pixels.view()),
        stack: ImageStack::of_planes(pixels.view(), device)?,
    })
}

/// How many images have three equal channels.
fn grey(images: ArrayView4<'_, u8>) -> usize {
    let grey = |image: &ndarray::ArrayView3<'_, u8>| {
        let plane = |channel| image.index_axis(Axis(0), channel);
        image.len_of(Axis(0)) == 3 && plane(0) == plane(1) && plane(1) == plane(2)
    };
    images.outer_iter().filter(grey).count()
}
