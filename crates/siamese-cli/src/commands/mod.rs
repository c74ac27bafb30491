//! One module for each command.

mod augment_preview;
mod crossval;
mod doctor;
mod embed;
mod eval;
mod held;
mod inspect;
mod jobs;
mod leak_check;
mod new_recipe;
mod pairs;
mod recipes;
mod report;
mod reproduce;
mod sweep;
mod train;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;
use siamese_model::{Device, set_threads};

use crate::args::{Cli, Command, ComputeArgs};
use crate::output::{Output, print};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let output = Output {
        json: cli.json,
        quiet: cli.quiet || cli.json,
    };
    match cli.command {
        Command::Train(args) => return train::run(args, output),
        Command::Crossval(args) => return crossval::run(&args, output),
        Command::Sweep(args) => return sweep::run(&args, output),
        Command::LeakCheck(args) => return leak_check::run(&args, output),
        Command::Reproduce(args) => return reproduce::run(&args, output),
        Command::Eval(args) => eval::run(&args, output)?,
        Command::Report(args) => report::run(&args, output)?,
        Command::Pairs(args) => pairs::run(&args, output)?,
        Command::Embed(args) => embed::run(&args, output)?,
        Command::AugmentPreview(args) => augment_preview::run(&args, output)?,
        Command::NewRecipe(args) => new_recipe::run(&args, output)?,
        Command::Recipes(args) => recipes::run(&args, output)?,
        Command::Inspect(args) => inspect::run(&args, output)?,
        Command::Doctor => doctor::run(output)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "siamese", &mut script);
            print(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// More threads than this do not help a network of the size that a few images a person can feed.
const MOST_THREADS: usize = 4;

/// The threads to compute with where nothing else is said.
fn default_threads() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(MOST_THREADS)
}

/// The threads to train so many networks with, side by side, where nothing else is said.
fn threads_for(networks: usize) -> u16 {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = cores.min(networks.saturating_mul(MOST_THREADS));
    u16::try_from(threads).unwrap_or(u16::MAX)
}

/// Finds the device and sets the threads.
fn compute(args: &ComputeArgs) -> Result<(Device, usize)> {
    let device = args.device.resolve()?;
    let threads = set_threads(Some(args.threads.map_or_else(default_threads, usize::from)));
    Ok((device, threads))
}

/// A protocol's name, or the path of its list, as a part of a file's name.
fn in_a_file_name(protocol: &str) -> String {
    let list = Path::new(protocol)
        .file_stem()
        .filter(|_| protocol.contains(['/', '.']));
    list.map_or(protocol, |stem| stem.to_str().unwrap_or(protocol))
        .replace(':', "-")
}
