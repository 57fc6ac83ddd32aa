//! The WIT exports. Wiring only. The target decides which world it is: one with WASI calls the host's HTTP, one without
//! anything hands each request out.

#[cfg(target_os = "wasi")]
mod outgoing;
#[cfg(not(target_os = "wasi"))]
mod stepwise;
mod types;
