//! One module for each command.

mod augment_preview;
mod crossval;
mod doctor;
mod embed;
mod eval;
mod go_on;
mod inspect;
mod leak_check;
mod new_recipe;
mod pairs;
mod recipes;
mod report;
mod reproduce;
mod sweep;
mod train;

use std::process::ExitCode;

use anyhow::Result;
use clap::CommandFactory;

use crate::args::{Cli, Command};
use crate::output::{Output, print};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<ExitCode> {
    let output = Output {
        json: cli.json,
        quiet: cli.quiet || cli.json,
    };
    match cli.command {
        Command::Train(args) => return train::run(&args, output),
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
