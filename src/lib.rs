//! WeCom (企业微信) as a WASI component: actions for workflow and low-code engines.
//!
//! The contract is the WIT package `wecom:connector`, in `wit/`. This crate is its only implementation; natively it is
//! a library, so that everything but the wiring is tested without a host.
//!
//! | module | what it holds |
//! |---|---|
//! | [`actions`] | the actions: parameter tables, requests, outputs; a file for each WIT interface |
//! | [`action`] | what an action is |
//! | [`connector`] | connections, tokens and calls: what lies between parameters and output |
//! | [`connection`] | the two types of connection |
//! | [`parameters`], [`rules`], [`decode`] | parameter tables, their rules, and from JSON to parameters |
//! | [`tidy`], [`cut`], [`image`] | what is done to texts before and after the rules; pictures that are whole |
//! | [`manifest`] | everything a palette needs, and the table of WeCom's error codes |
//! | [`reply`], [`error`], [`words`] | from an answer to an output or an error, in words |
//! | [`transport`] | the seam to the host's HTTP |
//! | `component` | the WIT exports over the host's HTTP; on WebAssembly only |
//! | `leak` | the one assertion of all tests on secrets; not on WebAssembly |
//! | `schema` | the JSON Schemas and the manifest, generated; not on WebAssembly |

pub mod about;
pub mod action;
pub mod actions;
#[cfg(target_family = "wasm")]
mod component;
pub mod connection;
pub mod connector;
pub mod cut;
pub mod error;
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
#[cfg(not(target_family = "wasm"))]
pub mod schema;
#[cfg(not(target_family = "wasm"))]
pub mod secrecy;
pub mod secret;
pub mod text;
pub mod tidy;
#[cfg(test)]
mod wire;
