//! The tests of the whole, in one executable. Each executable has wasmtime in it, a hundred megabytes and more: one is
//! linked once and not sixteen times, and its tests share one loaded component and all threads.
//!
//! So no test may change what the process has one of: its folder, its environment, its limits. What needs another one
//! starts a process of its own.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod actions;
mod callbacks;
mod cli;
mod client;
mod clock;
mod connections;
mod contract;
mod embed;
mod faults;
#[path = "../harness/mod.rs"]
mod harness;
mod receiver;
mod reports;
mod rules;
mod schemas;
mod simulator;
mod stepwise;
mod tokens;
