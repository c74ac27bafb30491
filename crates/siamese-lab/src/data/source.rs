//! Where the images of a data set are, and how they are read.

use std::path::{Path, PathBuf};

use image_stack::Limits;
use pairgen::{Layout, Protocol, ScanOptions};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Where the images of a data set are, and how they are read.
///
/// A path alone reads them in the usual way; every `Into<PathBuf>` is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataSource {
    /// A folder with one folder of images for each subject, or a list of images as CSV.
    pub path: PathBuf,
    /// Which folders below the path are subjects.
    #[serde(default, with = "layout", skip_serializing_if = "is_default")]
    pub layout: Layout,
    /// Whether one picture may be under two subjects.
    #[serde(default, skip_serializing_if = "is_default")]
    pub allow_duplicates: bool,
    /// Pixels that one image may have at most; `None` for those of [`Limits`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_pixels: Option<usize>,
    /// Whether images that cannot be read are left out, and said to be. Each image is then decoded once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub skip_bad: bool,
    /// The folder of the one-shot runs that judge, whose images are read as well: see [`Self::with_runs_of`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<PathBuf>,
}

impl DataSource {
    /// Images in a folder or of a list, read in the usual way.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            layout: Layout::default(),
            allow_duplicates: false,
            max_pixels: None,
            skip_bad: false,
            runs: None,
        }
    }

    /// The same images in another place. One-shot runs that lie beside them move with them.
    #[must_use]
    pub fn moved_to(&self, path: &Path) -> Self {
        let moved = |runs: &PathBuf| match runs.strip_prefix(beside(&self.path)) {
            Ok(name) if name.components().count() == 1 => beside(path).join(name),
            _ => runs.clone(),
        };
        Self {
            path: path.to_owned(),
            runs: self.runs.as_ref().map(moved),
            ..self.clone()
        }
    }

    /// The same with the one-shot runs of this protocol, if it is such a test, and with none otherwise. Runs that are
    /// remembered stay, as the protocol may name them by a path from elsewhere.
    ///
    /// # Errors
    /// Where there is no such protocol.
    pub fn with_runs_of(mut self, protocol: &str) -> Result<Self, Error> {
        let protocol: Protocol = protocol.parse()?;
        self.runs = protocol
            .runs(&self.path)
            .map(|found| self.runs.take().unwrap_or(found));
        Ok(self)
    }

    /// The images that are said, or else those that are remembered. Where a place is said and nothing more, images are
    /// read there as those that are remembered.
    #[must_use]
    pub fn said_or_remembered(said: Option<&Self>, remembered: Option<Self>) -> Option<Self> {
        match (said, remembered) {
            (Some(said), Some(was)) if *said == Self::new(&said.path) => {
                Some(was.moved_to(&said.path))
            }
            (Some(said), _) => Some(said.clone()),
            (None, was) => was,
        }
    }

    /// The same, read as a set with forgeries where nothing else is said and the names in the folder leave no doubt that it
    /// is one.
    pub(super) fn with_likely_layout(mut self) -> Self {
        if is_default(&self.layout)
            && let Some(layout) = Layout::with_forgeries(&self.path, &self.scan_options())
        {
            self.layout = layout;
        }
        self
    }

    /// How a folder is scanned.
    #[must_use]
    pub fn scan_options(&self) -> ScanOptions {
        ScanOptions::default().with_layout(self.layout.clone())
    }

    /// What an image may claim to be. Where the pixels are said, a side may have as many.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let limits = Limits::default();
        match self.max_pixels {
            Some(most) => limits
                .with_max_pixels(most)
                .with_max_width(most)
                .with_max_height(most),
            None => limits,
        }
    }
}

impl<P: Into<PathBuf>> From<P> for DataSource {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

/// The folder that a set lies in. Of `.` and what ends in `..` the path does not say it.
fn beside(data: &Path) -> PathBuf {
    match data.file_name() {
        Some(_) => data.parent().unwrap_or(data).to_owned(),
        None => data.join(".."),
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A layout as its pattern.
mod layout {
    use pairgen::Layout;
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(layout: &Layout, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(layout)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Layout, D::Error> {
        let pattern = String::deserialize(from)?;
        pattern.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_usual_is_not_written() {
        let usual = DataSource::new("faces");
        assert_eq!(
            serde_json::to_string(&usual).unwrap(),
            r#"{"path":"faces"}"#
        );
        let mut nested = usual.clone();
        nested.layout = "{alphabet}/{subject}/*".parse().unwrap();
        nested.allow_duplicates = true;
        for source in [usual, nested] {
            let text = serde_json::to_string(&source).unwrap();
            assert_eq!(serde_json::from_str::<DataSource>(&text).unwrap(), source);
        }
        assert!(serde_json::from_str::<DataSource>(r#"{"path":"x","layout":"y"}"#).is_err());
    }

    #[test]
    fn one_shot_runs_are_the_protocols_and_move_with_what_they_lie_beside() {
        let set = || DataSource::new("omniglot/small1");
        let beside = set().with_runs_of("omniglot-runs").unwrap();
        assert_eq!(beside.runs.as_deref(), Some(Path::new("omniglot/all_runs")));
        let moved = beside.moved_to(Path::new("/data/small1"));
        assert_eq!(moved.runs.as_deref(), Some(Path::new("/data/all_runs")));
        let within = moved.moved_to(Path::new("."));
        assert_eq!(within.runs.as_deref(), Some(Path::new("./../all_runs")));
        assert_eq!(within.moved_to(Path::new("/data/small1")), moved);
        let named = set().with_runs_of("one-shot:tests/mine").unwrap();
        let moved = named.moved_to(Path::new("/data/small1"));
        assert_eq!(moved.runs, named.runs);
        assert_eq!(named.with_runs_of("k-fold:2").unwrap().runs, None);
        let mut remembered = set();
        remembered.runs = Some("/home/tests/mine".into());
        let runs = remembered
            .clone()
            .with_runs_of("one-shot:tests/mine")
            .unwrap()
            .runs;
        assert_eq!(runs, remembered.runs);
        assert!(set().with_runs_of("no-such").is_err());
    }
}
