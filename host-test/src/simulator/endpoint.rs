//! What a call is: its path and query, the secret that it asks for, and what answers it.

use super::codes::Outcome;
use super::fields::Fields;
use super::http::Query;
use super::session::Session;

/// Which secret's token a call takes; another one answers 48002.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Access {
    Contacts,
    App,
    /// As `App`. WeCom has closed to the other secret what tells names: that answers 48009.
    Details,
    Either,
    /// That of an app, which may be switched off: it asks about itself.
    Own,
    /// That of an app that is ticked for customers.
    Customers,
}

#[derive(Clone, Copy)]
pub(super) enum Call {
    /// `gettoken` itself.
    GetToken,
    /// `corpgroup/corp/gettoken`.
    LowerToken,
    /// A GET with a token.
    Read(Access, fn(&mut Session, &Query) -> Outcome),
    /// A POST of JSON with a token.
    Write(Access, fn(&mut Session, Fields) -> Outcome),
    /// A POST with a token that takes no parameters: `{}`, or nothing.
    Ask(Access, fn(&mut Session, Fields) -> Outcome),
    /// A POST of a file with an app's token.
    Upload,
    /// A POST of an image with an app's token, for the text of articles.
    UploadPicture,
    /// A GET that answers a file.
    Download,
    /// A POST of JSON with a robot's key.
    RobotSend,
    /// A POST of a file with a robot's key.
    RobotUpload,
}

impl Call {
    pub(super) fn method(self) -> &'static str {
        match self {
            Self::GetToken | Self::Read(..) | Self::Download => "GET",
            Self::LowerToken
            | Self::Write(..)
            | Self::Ask(..)
            | Self::Upload
            | Self::UploadPicture
            | Self::RobotSend
            | Self::RobotUpload => "POST",
        }
    }
}

pub(super) struct Endpoint {
    /// Below `/cgi-bin/`.
    pub(super) path: &'static str,
    /// Every key the query may have.
    pub(super) keys: &'static [&'static str],
    pub(super) call: Call,
    /// The lists that WeCom's failures have like a success, but empty.
    pub(super) empty_on_failure: &'static [&'static str],
}

/// The query of a call that has nothing else in it.
pub(super) const TOKEN: &[&str] = &["access_token"];

impl Endpoint {
    pub(super) const fn new(path: &'static str, keys: &'static [&'static str], call: Call) -> Self {
        Self { path, keys, call, empty_on_failure: &[] }
    }

    /// See [`Call::Read`].
    pub(super) const fn read(
        path: &'static str,
        keys: &'static [&'static str],
        access: Access,
        run: fn(&mut Session, &Query) -> Outcome,
    ) -> Self {
        Self::new(path, keys, Call::Read(access, run))
    }

    /// See [`Call::Write`].
    pub(super) const fn write(path: &'static str, access: Access, run: fn(&mut Session, Fields) -> Outcome) -> Self {
        Self::new(path, TOKEN, Call::Write(access, run))
    }

    /// See [`Call::Ask`].
    pub(super) const fn ask(path: &'static str, access: Access, run: fn(&mut Session, Fields) -> Outcome) -> Self {
        Self::new(path, TOKEN, Call::Ask(access, run))
    }

    pub(super) const fn empty_on_failure(self, lists: &'static [&'static str]) -> Self {
        Self { empty_on_failure: lists, ..self }
    }
}
