//! Arguments that several commands take.

#[cfg(feature = "train")]
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use pairgen::Layout;
use siamese_lab::DataSource;

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// Folder with one folder of images per subject, or a CSV list with the header path,subject
    #[arg(
        long,
        value_name = "DIR|CSV",
        env = "SIAMESE_DATA",
        default_value = "datasets/orl_faces"
    )]
    pub(crate) data: PathBuf,

    #[command(flatten)]
    pub(crate) layout: LayoutArgs,

    /// Refuse images of more pixels than this [default: 134217728]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_pixels: Option<u32>,
}

// Which folders are subjects.
#[derive(Debug, Args)]
pub(crate) struct LayoutArgs {
    /// Which folders below the set's are subjects, for instance '{alphabet}/{subject}/*', '{subject}/{session}/*', or
    /// '{subject}/**' for images at any depth. A subject is named by its path up to {subject}, without levels that are
    /// a bare * [default: {subject}/*]
    #[arg(long, value_name = "PATTERN")]
    layout: Option<Layout>,

    /// How deep the subjects' folders lie, which are named by their path: --depth 2 is --layout '{group}/{subject}/*'
    #[arg(long, value_name = "N", value_parser = depth, conflicts_with = "layout")]
    depth: Option<Layout>,
}

impl LayoutArgs {
    pub(crate) fn layout(&self) -> Layout {
        let said = self.layout.as_ref().or(self.depth.as_ref());
        said.cloned().unwrap_or_default()
    }
}

fn depth(text: &str) -> Result<Layout, String> {
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
    pub(crate) fn source(&self) -> DataSource {
        let mut source = self.data.source();
        source.allow_duplicates = self.allow_duplicates;
        source
    }
}

impl DataArgs {
    /// Where the images are, and how they are read.
    pub(crate) fn source(&self) -> DataSource {
        let mut source = DataSource::new(&self.data);
        source.layout = self.layout.layout();
        source.max_pixels = self.max_pixels.map(|most| most as usize);
        source
    }
}

/// A data set as [`TrainDataArgs`] take it.
#[cfg(feature = "train")]
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
    arguments
}

#[cfg(all(test, feature = "train"))]
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
                .map(|line| line.data.source().layout)
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
        source.layout = "{subject}/**".parse().unwrap();
        source.allow_duplicates = true;
        for source in [DataSource::new("faces.csv"), source] {
            let line = [vec!["siamese".into()], data_arguments(&source)].concat();
            assert_eq!(Line::parse_from(line).data.source(), source);
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
