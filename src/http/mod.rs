//! HTTP: the seam to the host, and URLs.

pub mod multipart;
pub mod transport;
pub mod url;
#[cfg(target_os = "wasi")]
pub(crate) mod wasi;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET, without a body.
    Get,
    /// POST, with a JSON body.
    Post,
}
