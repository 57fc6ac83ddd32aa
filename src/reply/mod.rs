//! Replies: what an answer means, and what stands in it.

mod classify;
mod reading;

pub use classify::Call;
pub use reading::{Malformed, Reply};
