//! The harness of the WeCom connector: everything that runs it on one machine, with no account and no network.

pub mod callback;
pub mod cli;
pub mod client;
pub mod faults;
pub mod host;
pub mod language;
pub mod load;
pub mod plain;
pub mod report;
pub mod simulator;
pub mod stepwise;
pub mod values;

pub use artifact;
