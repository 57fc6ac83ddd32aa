//! The harness of the WeCom connector: everything that runs it on one machine, with no account and no network.

pub mod artifact;
pub mod client;
pub mod host;
pub mod simulator;
