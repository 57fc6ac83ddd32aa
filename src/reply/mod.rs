//! Replies: what an answer means, and what stands in it.

mod classify;
mod reading;

pub use classify::{Call, TOKEN};
pub use reading::{Malformed, Reply};
