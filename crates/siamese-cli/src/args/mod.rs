//! The command line as typed.

#[cfg(feature = "train")]
mod augment_preview;
mod calibrate;
mod compute;
mod embed;
mod export;
mod groups;
mod import;
mod inspect;
mod judge;
mod leak_check;
mod memory;
#[cfg(not(feature = "train"))]
mod needs_train;
mod people;
mod rate;
mod recipes;
#[cfg(feature = "train")]
mod refit;
mod serve;
#[cfg(feature = "train")]
mod sweep;
mod templates;
#[cfg(feature = "train")]
mod train;
mod verify;

use clap::{Parser, Subcommand};

#[cfg(feature = "train")]
pub(crate) use augment_preview::AugmentPreviewArgs;
pub(crate) use calibrate::CalibrateArgs;
#[cfg(not(feature = "train"))]
pub(crate) use compute::DeviceChoice;
pub(crate) use compute::DoctorArgs;
pub(crate) use embed::{EmbedArgs, EmbeddingFormat};
pub(crate) use export::ExportArgs;
pub(crate) use groups::data_arguments;
pub(crate) use import::{ImportArgs, Order};
pub(crate) use inspect::InspectArgs;
pub(crate) use judge::{EvalArgs, ReportArgs};
pub(crate) use leak_check::LeakCheckArgs;
#[cfg(not(feature = "train"))]
pub(crate) use needs_train::{
    AugmentPreviewArgs, CrossvalArgs, NeedsTrain, RefitArgs, ReproduceArgs, SweepArgs, TrainArgs,
};
pub(crate) use people::{
    CalibrationArgs, EnrollArgs, ForgetArgs, GalleryCommand, IdentifyArgs, ReembedArgs,
};
pub(crate) use recipes::{NewRecipeArgs, PairsArgs, Part, RecipesArgs};
#[cfg(feature = "train")]
pub(crate) use refit::RefitArgs;
pub(crate) use serve::{KeyScope, KeysCommand, ServeArgs};
#[cfg(feature = "train")]
pub(crate) use sweep::SweepArgs;
#[cfg(feature = "train")]
pub(crate) use train::{CrossvalArgs, ReproduceArgs, TrainArgs};
pub(crate) use verify::VerifyArgs;

/// Train, judge and use networks that tell whether two images show the same person, signature, product or animal.
#[derive(Debug, Parser)]
#[command(
    name = "siamese",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 leak-check found a leak, verify no match or identify nobody, \
                  4 verify or identify could not decide, 130 interrupted (what was done is saved)."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Print one JSON document instead of text, and no progress
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// No progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a recipe and judge it by its protocol
    #[cfg_attr(feature = "train", command(after_help = train::HELP))]
    Train(TrainArgs),
    /// Judge a model on pairs of images
    Eval(EvalArgs),
    /// Train a recipe on every fold of a people-disjoint protocol and judge all folds together
    Crossval(CrossvalArgs),
    /// Train the recipe of a finished cross-validation on all subjects: one model with the error rates that the folds
    /// measured on strangers
    #[cfg_attr(feature = "train", command(after_help = refit::HELP))]
    Refit(RefitArgs),
    /// Cross-validate many settings of a recipe, with several seeds, and compare them in one table
    #[cfg_attr(feature = "train", command(after_help = sweep::HELP))]
    Sweep(SweepArgs),
    /// Judge a finished run again and write its report
    Report(ReportArgs),
    /// Find subjects and images that two sets share, or pictures that one set has under two subjects; exit code 3 if
    /// there are any
    LeakCheck(LeakCheckArgs),
    /// List the pairs that a recipe trains on or is judged by
    Pairs(PairsArgs),
    /// Turn images into embeddings, as .npy or .safetensors
    Embed(EmbedArgs),
    /// Write a model as one ONNX file, from pixels to embeddings, for other runtimes
    #[command(after_help = export::HELP)]
    Export(ExportArgs),
    /// Make a model file of a ready ONNX network, without training
    #[command(after_help = import::HELP)]
    Import(ImportArgs),
    /// Tell whether an image shows the same person as others, at a measured error rate
    #[command(after_help = verify::HELP)]
    Verify(VerifyArgs),
    /// Put people and their pictures into a gallery
    #[command(after_help = people::ENROLL_HELP)]
    Enroll(EnrollArgs),
    /// Say who of a gallery is in a picture, if anybody is
    #[command(after_help = people::IDENTIFY_HELP)]
    Identify(IdentifyArgs),
    /// Look at a gallery, copy it, check it, calibrate it
    #[command(subcommand, after_help = people::GALLERY_HELP)]
    Gallery(GalleryCommand),
    /// Delete people from a gallery, so that no byte of them is left in it
    Forget(ForgetArgs),
    /// Move a gallery to a new model, from the pictures that it kept or a folder of them
    Reembed(ReembedArgs),
    /// Measure which thresholds a model has on people that it does not know, and write them into its file
    #[command(after_help = calibrate::HELP)]
    Calibrate(CalibrateArgs),
    /// Answer over HTTP: enrol, verify and identify, from a program or from a page in the browser
    #[command(after_help = serve::HELP)]
    Serve(ServeArgs),
    /// Make, list and revoke the keys of a server
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look at a folder of images and write a commented recipe that fits it
    NewRecipe(NewRecipeArgs),
    /// Draw a sheet of training images as the network sees them, before and after augmentation
    AugmentPreview(AugmentPreviewArgs),
    /// List the built-in recipes, or print one
    Recipes(RecipesArgs),
    /// Show what a model, a checkpoint, a recipe or an ONNX file holds
    Inspect(InspectArgs),
    /// Train the classic recipe both ways and say what its published figure means
    Reproduce(ReproduceArgs),
    /// Show the versions, threads and devices in use
    Doctor(DoctorArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}
