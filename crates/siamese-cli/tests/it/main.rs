//! The tests of `siamese-cli`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[cfg(feature = "train")]
mod augment_preview;
#[cfg(feature = "train")]
mod bad_input;
#[cfg(feature = "train")]
mod bad_recipe;
mod calibrate;
#[cfg(feature = "train")]
mod colour;
#[cfg(feature = "train")]
mod crossval;
mod demo;
#[cfg(feature = "train")]
mod ensemble;
#[cfg(feature = "train")]
mod export;
#[cfg_attr(
    not(feature = "train"),
    allow(dead_code, reason = "trainings are not tested without what they need")
)]
mod faces;
#[cfg(feature = "train")]
mod forgeries;
#[cfg(feature = "onnx")]
mod import;
#[cfg(feature = "train")]
mod init;
#[cfg(feature = "train")]
mod judge;
#[cfg(feature = "train")]
mod keep;
mod leak_check;
#[cfg(feature = "train")]
mod new_recipe;
#[cfg(feature = "train")]
mod one_shot;
#[cfg(feature = "train")]
mod orl;
#[cfg(feature = "train")]
mod outputs;
mod people;
mod people_killed;
mod people_moved;
#[cfg(feature = "onnx")]
mod people_ready;
#[cfg(feature = "train")]
mod pinned;
#[cfg(feature = "distributed")]
mod processes;
#[cfg(feature = "train")]
mod refit;
#[cfg(feature = "train")]
mod remembered;
#[cfg(feature = "train")]
mod report;
#[cfg(feature = "train")]
mod resume;
#[cfg(feature = "train")]
mod same_person_twice;
mod serve;
#[cfg(feature = "train")]
mod shards;
#[cfg(feature = "train")]
mod show;
#[cfg(feature = "train")]
mod stopping;
#[cfg(feature = "train")]
mod streaming;
#[cfg(feature = "train")]
mod sweep;
#[cfg(feature = "train")]
mod sweep_folder;
#[cfg(feature = "train")]
mod sweep_inside;
#[cfg(feature = "train")]
mod torchscript;
#[cfg(feature = "train")]
mod train;
#[cfg(feature = "train")]
mod trained;
mod used;
mod verify;
#[cfg(not(feature = "train"))]
mod without_train;
