//! The command `siamese`.

mod args;
mod commands;
mod interrupt;
mod judge;
mod output;
mod progress;
mod run_record;

// The paths by which `judge` knows what is in the library.
mod experiment {
    pub(crate) use siamese_lab::Experiment;
}
mod run_dir {
    pub(crate) use siamese_lab::HistoryLine;
}
mod test_pairs {
    pub(crate) use siamese_lab::{TestPairs, people};
}

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(std::io::stderr(), "siamese: {}", explain(&error));
            ExitCode::FAILURE
        }
    }
}

/// The error and its causes, leaving out a cause that the message before it already tells.
fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}
