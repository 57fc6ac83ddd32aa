//! WeCom (企业微信) as a WASI component: actions for workflow and low-code engines.
//!
//! The contract is the WIT package `wecom:connector`, in `wit/`. This crate is its only implementation; natively it is
//! a library, so that everything but the wiring is tested without a host.
//!
//! From the ground up; a module uses only those above it and those before it in its row, which `cargo xtask ci layers`
//! reads here and checks:
//!
//! | module | what it holds |
//! |---|---|
//! | `packed`, [`text`], [`tidy`], [`json`], [`secret`], [`cut`], [`image`], [`file`](mod@file) | what the component has packed; what is said, in two languages; what is done to texts; one reader of JSON; secrets, which nobody sees; the content of files |
//! | [`error`], [`http`], [`about`] | what goes wrong; the seam to the host and URLs; what is known of an action without calling it |
//! | [`parameter`] | tables: a [`Spec`](parameter::Spec) for each field, its rules, and from JSON to the parameters of a call |
//! | [`connection`], [`reply`] | the types of connection, tables too; what an answer means |
//! | [`action`], [`operation`] | what an action is; the same as a value |
//! | [`actions`] | the actions: tables, requests, outputs, tests of their wire; a file for each WIT interface |
//! | [`connector`] | connections, tokens and calls: what lies between parameters and output; the test of a connection, which calls actions |
//! | [`callback`] | the other direction: what WeCom tells, and the answer to it |
//! | [`invoke`], [`manifest`] | actions by name, with JSON; everything a palette needs, assembled from the tables |
//! | [`stepwise`] | the same calls for engines that do HTTP themselves, a request at a time |
//! | [`canonical`] | the canonical ABI of the component model, along the tables |
//! | `component` | the WIT exports, over the host's HTTP or a step at a time; on WebAssembly only, its bindings generated |
//! | `secrecy` | the one assertion of all tests on secrets; with the feature `testing` |
//!
//! An engine that embeds the connector natively needs [`Connector`](connector::Connector), a
//! [`Host`](http::transport::Host) of its own, and [`Error`](error::Error).

pub mod about;
pub mod action;
pub mod actions;
pub mod callback;
#[allow(unsafe_code, reason = "memory passes between host and component")]
pub mod canonical;
#[cfg(target_family = "wasm")]
mod component;
pub mod connection;
pub mod connector;
pub mod cut;
pub mod error;
pub mod file;
pub mod http;
pub mod image;
pub mod invoke;
pub mod json;
pub mod manifest;
pub mod operation;
#[cfg(target_family = "wasm")]
mod packed;
pub mod parameter;
pub mod reply;
#[cfg(any(test, feature = "testing"))]
pub mod secrecy;
pub mod secret;
#[cfg(not(target_os = "wasi"))]
pub mod stepwise;
pub mod text;
pub mod tidy;
#[cfg(test)]
mod wire;
