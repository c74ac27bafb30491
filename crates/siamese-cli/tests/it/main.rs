//! The tests of `siamese-cli`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod augment_preview;
mod bad_input;
mod bad_recipe;
mod colour;
mod crossval;
mod ensemble;
mod faces;
mod init;
mod judge;
mod keep;
mod leak_check;
mod new_recipe;
mod orl;
mod report;
mod resume;
mod show;
mod streaming;
mod sweep;
mod sweep_folder;
mod sweep_inside;
mod torchscript;
mod train;
mod trained;
