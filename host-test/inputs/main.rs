//! What must hold of every input, tried with the connector as a library and hundreds of thousands of inputs.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

#[allow(dead_code, reason = "the tests through the component need more of it")]
#[path = "../tests/harness/actions.rs"]
mod actions;
mod differential;
mod properties;
#[allow(dead_code, reason = "the tests through the component need more of it")]
#[path = "../tests/harness/schemas.rs"]
mod schemas;
