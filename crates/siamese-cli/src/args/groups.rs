//! Arguments that several commands take.

#[cfg(feature = "train")]
use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
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

    /// Refuse images of more pixels than this [default: 134217728]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_pixels: Option<u32>,

    /// Leave out images that cannot be read, and say which; without it they stop the command
    #[arg(long)]
    pub(crate) skip_bad: bool,
}

impl DataArgs {
    /// Where the images are, and how they are read.
    pub(crate) fn source(&self) -> DataSource {
        let mut source = DataSource::new(&self.data);
        source.max_pixels = self.max_pixels.map(|most| most as usize);
        source.skip_bad = self.skip_bad;
        source
    }
}

/// A data set as [`DataArgs`] take it.
#[cfg(feature = "train")]
pub(crate) fn data_arguments(source: &DataSource) -> Vec<OsString> {
    let mut arguments = vec!["--data".into(), source.path.clone().into()];
    if let Some(most) = source.max_pixels {
        arguments.extend(["--max-pixels".into(), most.to_string().into()]);
    }
    if source.skip_bad {
        arguments.push("--skip-bad".into());
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
        data: DataArgs,
    }

    #[test]
    fn a_child_reads_the_images_as_its_parent_does() {
        let mut source = DataSource::new("some faces");
        source.max_pixels = Some(123);
        source.skip_bad = true;
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
