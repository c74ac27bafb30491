//! Arguments that several commands take.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Result;
#[cfg(feature = "train")]
use anyhow::bail;
use clap::error::ErrorKind;
use clap::{Args, CommandFactory};
use pairgen::Layout;
use siamese_lab::DataSource;

use super::Cli;

/// What is told who does not say where the images are.
const NO_DATA: &str = "\
say where the images are with --data DIR, or in the environment variable SIAMESE_DATA: a folder with one folder of images
for each subject, or a CSV list with the header path,subject. To try it on the AT&T faces, let scripts/fetch_orl.py fetch
them, and give --data datasets/orl_faces";

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder with one folder of images per subject, or a CSV list with the header path,subject, and perhaps group (what a
    /// subject belongs to) and kind (genuine or forgery) after it [default: what the environment variable SIAMESE_DATA says]
    #[arg(long, value_name = "DIR|CSV")]
    pub(crate) data: Option<PathBuf>,

    #[command(flatten)]
    reading: ReadingArgs,
}

// How the files of a set are read.
#[derive(Debug, Args)]
pub(crate) struct ReadingArgs {
    #[command(flatten)]
    layout: LayoutArgs,

    /// Refuse images of more pixels than this [default: 134217728]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_pixels: Option<u32>,

    /// Leave out images that cannot be read, and say which; without it they stop the command
    #[arg(long)]
    skip_bad: bool,
}

impl ReadingArgs {
    /// The images of this place, read so.
    pub(crate) fn at(&self, place: &Path) -> DataSource {
        let mut source = DataSource::new(place);
        source.layout = self.layout.layout();
        source.max_pixels = self.max_pixels.map(|most| most as usize);
        source.skip_bad = self.skip_bad;
        source
    }
}

// Which folders are subjects.
#[derive(Debug, Args)]
struct LayoutArgs {
    /// Which folders below the set's are subjects, for instance '{alphabet}/{subject}/*', '{subject}/{session}/*', or
    /// '{subject}/**' for images at any depth. A subject is named by its path up to {subject}, without levels that are
    /// a bare *, and those before its last name are its group. {kind} is where genuine samples are told from forgeries:
    /// '{subject}/{kind}/*', or in names of files '*/{kind}_{subject}_*' [default: {subject}/*, or where the names say that
    /// there are forgeries, what they say]
    #[arg(long, value_name = "PATTERN")]
    layout: Option<Layout>,

    /// How deep the subjects' folders lie, which are named by their path: --depth 2 is --layout '{group}/{subject}/*'
    #[arg(long, value_name = "N", value_parser = depth, conflicts_with = "layout")]
    depth: Option<Layout>,
}

impl LayoutArgs {
    fn layout(&self) -> Layout {
        let said = self.layout.as_ref().or(self.depth.as_ref());
        said.cloned().unwrap_or_default()
    }
}

fn depth(text: &str) -> std::result::Result<Layout, String> {
    match text.parse() {
        Ok(depth @ 1..=100) => Layout::of_depth(depth).map_err(|error| error.to_string()),
        _ => Err("expected a number from 1 to 100".to_owned()),
    }
}

// The data of a training.
#[cfg(feature = "train")]
#[derive(Debug, Args)]
pub(crate) struct TrainDataArgs {
    #[command(flatten)]
    pub(crate) data: DataArgs,

    /// Go on though one picture is under two subjects. The report says so
    #[arg(long)]
    pub(crate) allow_duplicates: bool,
}

#[cfg(feature = "train")]
impl TrainDataArgs {
    /// Where the images are, and how they are read.
    pub(crate) fn source(&self) -> Result<DataSource> {
        Ok(self.with_duplicates(self.data.source()?))
    }

    /// The same, in this place where no other is said.
    pub(crate) fn source_or(&self, place: &str) -> DataSource {
        self.with_duplicates(self.data.source_or(place))
    }

    /// The same for a run that remembers its images: nothing, unless the command line itself says where they are.
    pub(crate) fn said(&self) -> Result<Option<DataSource>> {
        let said = self.data.said()?;
        if said.is_none() && self.allow_duplicates {
            bail!(
                "--allow-duplicates is said together with where the images are: give --data, too"
            );
        }
        Ok(said.map(|source| self.with_duplicates(source)))
    }

    fn with_duplicates(&self, mut source: DataSource) -> DataSource {
        source.allow_duplicates = self.allow_duplicates;
        source
    }
}

impl DataArgs {
    /// Where the images are, and how they are read.
    pub(crate) fn source(&self) -> Result<DataSource> {
        let data = self.data.clone();
        match data.or_else(|| std::env::var_os("SIAMESE_DATA").map(PathBuf::from)) {
            Some(data) => Ok(self.reading.at(&data)),
            None => Err(Cli::command()
                .error(ErrorKind::MissingRequiredArgument, NO_DATA)
                .into()),
        }
    }

    /// The same, in this place where no other is said.
    #[cfg(feature = "train")]
    pub(crate) fn source_or(&self, place: &str) -> DataSource {
        self.source()
            .unwrap_or_else(|_| self.reading.at(Path::new(place)))
    }

    /// The same for a run that remembers its images: nothing, unless the command line itself says where they are.
    #[cfg(feature = "train")]
    pub(crate) fn said(&self) -> Result<Option<DataSource>> {
        let nowhere = Path::new("");
        if self.data.is_none() && self.reading.at(nowhere) != DataSource::new(nowhere) {
            bail!("how images are read is said together with where they are: give --data, too");
        }
        Ok(self.data.as_deref().map(|data| self.reading.at(data)))
    }

    /// The images of this place, read so.
    pub(crate) fn at(&self, place: &Path) -> DataSource {
        self.reading.at(place)
    }
}

/// A data set as the commands that train take it.
pub(crate) fn data_arguments(source: &DataSource) -> Vec<OsString> {
    let mut arguments = vec!["--data".into(), source.path.clone().into()];
    if source.layout != Layout::default() {
        arguments.extend(["--layout".into(), source.layout.to_string().into()]);
    }
    if source.allow_duplicates {
        arguments.push("--allow-duplicates".into());
    }
    if let Some(most) = source.max_pixels {
        arguments.extend(["--max-pixels".into(), most.to_string().into()]);
    }
    if source.skip_bad {
        arguments.push("--skip-bad".into());
    }
    arguments
}

#[cfg(all(test, feature = "train"))]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        data: TrainDataArgs,
    }

    #[test]
    fn a_depth_is_a_layout() {
        let layout = |words: &[&str]| {
            Line::try_parse_from([&["siamese"], words].concat())
                .map(|line| line.data.data.reading.layout.layout())
        };
        assert_eq!(
            layout(&["--depth", "2"]).unwrap().to_string(),
            "{group}/{subject}/*"
        );
        assert_eq!(layout(&[]).unwrap(), Layout::default());
        for words in [
            &["--depth", "0"][..],
            &["--layout", "x"],
            &["--depth", "1", "--layout", "{subject}/*"],
        ] {
            assert!(layout(words).is_err(), "{words:?}");
        }
    }

    #[test]
    fn a_child_reads_the_images_as_its_parent_does() {
        let mut source = DataSource::new("some faces");
        source.max_pixels = Some(123);
        source.skip_bad = true;
        source.layout = "{subject}/**".parse().unwrap();
        source.allow_duplicates = true;
        for source in [DataSource::new("faces.csv"), source] {
            let line = [vec!["siamese".into()], data_arguments(&source)].concat();
            assert_eq!(Line::parse_from(line).data.source().unwrap(), source);
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct RecipeArgs {
    /// A built-in recipe's name or a TOML file
    pub(crate) recipe: String,

    /// Replace one value of the recipe, for instance train.epochs=5; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) overrides: Vec<String>,
}
