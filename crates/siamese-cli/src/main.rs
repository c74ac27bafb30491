//! The command `siamese`.

mod args;
mod commands;
#[cfg(feature = "train")]
mod interrupt;
#[cfg(feature = "train")]
mod launched;
mod output;
#[cfg(feature = "train")]
mod processes;
#[cfg(feature = "train")]
mod program;
#[cfg(feature = "train")]
mod progress;
mod target;
mod terminal;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use siamese_lab::explain;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let json = cli.json;
    match commands::run(cli) {
        Ok(code) => code,
        Err(error) => {
            if let Some(usage) = error.downcast_ref::<clap::Error>() {
                usage.exit();
            }
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(std::io::stderr(), "siamese: {}", explain(error.as_ref()));
            if json {
                output::bad_images(&error);
            }
            ExitCode::FAILURE
        }
    }
}
