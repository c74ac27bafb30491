//! The tests of `pairgen`, one module a subject, in one program.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod catalog;
mod forgeries;
mod groups;
mod lfw;
mod listings;
mod names;
mod nested;
mod one_shot;
mod overlaps;
mod pair_sets;
mod people_lists;
mod random_streams;
mod samplers;
mod splits;
mod tree;
