//! The interface `types`, for the bindings of both worlds: its records are the connector's own.

#[cfg(target_os = "wasi")]
pub(super) use crate::connector::AccessToken;
pub(super) use crate::connector::{ConnectionCheck, ConnectionReport};
pub(super) use crate::error::{Error, Failure, InvalidParameter};
pub(super) use crate::text::Localized;

/// An access token on its way out of the world that imports nothing, where it is a part of what the bindings give a
/// `Debug`. The connector's own has none.
#[cfg(not(target_os = "wasi"))]
#[derive(Clone)]
pub(super) struct AccessToken {
    pub(super) access_token: String,
    pub(super) expires_in_seconds: u32,
}

/// Without the token.
#[cfg(not(target_os = "wasi"))]
impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AccessToken").field("expires_in_seconds", &self.expires_in_seconds).finish_non_exhaustive()
    }
}

/// Which of a connection's tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum TokenScope {
    App,
    Contacts,
}

impl TokenScope {
    /// What the bindings make of the number of a case.
    #[allow(unsafe_code, reason = "the bindings call it as they call their own")]
    pub(super) unsafe fn _lift(number: u8) -> Self {
        if number == Self::App as u8 { Self::App } else { Self::Contacts }
    }
}

/// The interfaces of the actions name the connections; the functions that take them are not the bindings'.
#[cfg(target_os = "wasi")]
pub(super) type Application = ();
#[cfg(target_os = "wasi")]
pub(super) type Chatbot = ();
