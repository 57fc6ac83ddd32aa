//! The tests that measure: bytes, memory, time. They have a process of their own, so that nobody else's memory and work
//! is in what they find.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

mod bounds;
#[path = "../harness/mod.rs"]
mod harness;
mod load;
