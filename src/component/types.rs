//! The interface `types`, for the bindings of both worlds: its records are our own, so that nothing is converted.

pub(super) use crate::connector::{AccessToken, ConnectionCheck, ConnectionReport};
pub(super) use crate::error::{Error, Failure, InvalidParameter};
pub(super) use crate::text::Localized;

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
