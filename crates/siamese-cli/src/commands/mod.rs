//! One module for each command.

#[cfg(feature = "train")]
mod augment_preview;
mod calibrate;
mod calibrated;
#[cfg(feature = "train")]
mod crossval;
mod doctor;
mod embed;
mod eval;
mod export;
mod found;
mod import;
mod inspect;
mod keys;
mod leak_check;
mod new_recipe;
mod offered;
mod pairs;
mod people;
mod recipes;
#[cfg(feature = "train")]
mod refit;
mod report;
#[cfg(feature = "train")]
mod reproduce;
mod serve;
#[cfg(feature = "train")]
mod shard;
#[cfg(feature = "train")]
mod sweep;
#[cfg(feature = "train")]
mod train;
mod verify;

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
        aside: false,
    };
    #[cfg(feature = "train")]
    if let Command::Crossval(_) | Command::Refit(_) | Command::Sweep(_) | Command::Reproduce(_) =
        cli.command
    {
        crate::launched::expect_one_process()?;
    }
    match cli.command {
        #[cfg(feature = "train")]
        Command::Train(args) => return train::run(&args, output),
        #[cfg(feature = "train")]
        Command::Crossval(args) => return crossval::run(&args, output),
        #[cfg(feature = "train")]
        Command::Refit(args) => return refit::run(&args, output),
        #[cfg(feature = "train")]
        Command::Sweep(args) => return sweep::run(&args, output),
        #[cfg(feature = "train")]
        Command::Reproduce(args) => return reproduce::run(&args, output),
        Command::Eval(args) => eval::run(&args, output)?,
        Command::Report(args) => report::run(&args, output)?,
        Command::Embed(args) => embed::run(&args, output)?,
        #[cfg(feature = "train")]
        Command::AugmentPreview(args) => augment_preview::run(&args, output)?,
        #[cfg(not(feature = "train"))]
        Command::Train(_)
        | Command::Crossval(_)
        | Command::Refit(_)
        | Command::Sweep(_)
        | Command::Reproduce(_)
        | Command::AugmentPreview(_) => anyhow::bail!(crate::args::NeedsTrain::SAID),
        Command::Export(args) => export::run(&args, output)?,
        Command::Import(args) => import::run(&args, output)?,
        Command::LeakCheck(args) => return leak_check::run(&args, output),
        Command::Pairs(args) => pairs::run(&args, output)?,
        Command::Verify(args) => return verify::run(&args, output),
        Command::Enroll(args) => return people::enroll(&args, output),
        Command::Identify(args) => return people::identify(&args, output),
        Command::Gallery(command) => return people::gallery(&command, output),
        Command::Forget(args) => return people::forget(&args, output),
        Command::Reembed(args) => return people::reembed(&args, output),
        Command::Calibrate(args) => calibrate::run(&args, output)?,
        Command::Serve(args) => serve::run(&args, output)?,
        Command::Keys(command) => keys::run(&command, output)?,
        Command::NewRecipe(args) => new_recipe::run(&args, output)?,
        Command::Recipes(args) => recipes::run(&args, output)?,
        Command::Inspect(args) => inspect::run(&args, output)?,
        Command::Doctor(args) => return doctor::run(&args, output),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "siamese", &mut script);
            print(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
