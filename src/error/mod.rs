//! What goes wrong, and what the caller may do about it.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::text::{Localized, Message, localize};

mod codes;

pub use codes::{ErrorCode, Outcome, code};

/// Why an action did not end well. The case says what an engine may do next.
///
/// # The rule
///
/// | what happened | read | create, update, delete, send | push with the duplicate check |
/// |---|---|---|---|
/// | a parameter or the connection breaks a rule | `PermanentInvalidParameters` | `PermanentInvalidParameters` | `PermanentInvalidParameters` |
/// | the host does not let the request out: it allows no calls to this address, or refuses the request | `PermanentRejected` | `PermanentRejected` | `PermanentRejected` |
/// | the request did not leave: name not resolved, connection refused or timed out | `Retryable` | `Retryable` | `Retryable` |
/// | the request did not leave: the host does not trust the certificate, or could not agree on TLS | `PermanentRejected` | `PermanentRejected` | `PermanentRejected` |
/// | the request may have arrived, and no whole answer came back: reset, closed, timeout, cut off | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | an answer came that is not WeCom's: no good HTTP, 1xx, 303, no JSON object, `errcode` no 32-bit whole number, a key twice | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | an answer came that proves nothing: no `errcode`, and no field that the API's success is documented with ([`Proof`](crate::about::Proof)) | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | an answer came that is too long | `PermanentRejected` | `PermanentOutcomeUnknown` | `PermanentOutcomeUnknown` |
/// | a server or gateway failed: 5xx and above | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | a gateway refused the request: 3xx but 303, 4xx but the next two | `PermanentRejected` | `PermanentRejected` | `PermanentRejected` |
/// | a gateway asked for patience: 429 | `Retryable` | `Retryable` | `Retryable` |
/// | a gateway gave up waiting: 408 | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | `errcode` -1 (WeCom is busy) | `Retryable` | `PermanentOutcomeUnknown` | `Retryable` |
/// | `errcode` 45009, 45033 (limits that pass) | `Retryable` | `Retryable` | `Retryable` |
/// | any other `errcode` but 0 | `PermanentRejected` | `PermanentRejected` | `PermanentRejected` |
/// | success, and the rest of the answer is not as documented | `Retryable` | `PermanentOutcomeUnknown` | `PermanentOutcomeUnknown` |
///
/// The status of HTTP goes first: only 2xx is looked into. What may be said in several ways counts by what it means:
/// an `errcode` of `"40058"` or `40058.0` is 40058, a byte order mark and a wrong content type are overlooked, and what
/// follows the announced end of a body is not part of it.
///
/// A push has the duplicate check where its `duplicate_check_interval` is set: for so many seconds WeCom delivers the same
/// request once. What nobody knows may then be repeated, and every hint of a `Retryable` says how long. An answer that
/// says that the message was sent, or that would be too long again, is no reason to send it again.
///
/// Fetching an access token only reads: whatever happens there, the action itself was not carried out, and the column
/// for reads holds whatever the action is. A token that WeCom refuses in a business call is replaced once and the call
/// made once more, since a refused token means that nothing was done; the second answer goes by the table.
///
/// `host-test/tests/it/faults.rs` holds the rule against a server that misbehaves in every one of these ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// The connector never returns it. Durable engines demand it, and report with it a call that they lost: whether
    /// that one was carried out, nobody knows.
    ExecutionFailed,
    /// Nothing was sent. Every fault that was found, each with the place and the rule.
    PermanentInvalidParameters(Vec<InvalidParameter>),
    /// The answer was no, of WeCom, of a server before it or of the host itself. Repeating is useless until someone acts.
    PermanentRejected(Failure),
    /// A write may or may not have happened. Look before repeating.
    PermanentOutcomeUnknown(Failure),
    /// It did not happen, it only read, or WeCom does not do it twice. Repeat after a while.
    Retryable(Failure),
}

impl Error {
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::PermanentRejected(failure) | Self::PermanentOutcomeUnknown(failure) | Self::Retryable(failure) => {
                Some(failure)
            }
            Self::ExecutionFailed | Self::PermanentInvalidParameters(_) => None,
        }
    }

    /// WeCom's code, where WeCom answered.
    pub fn errcode(&self) -> Option<i32> {
        self.failure()?.errcode
    }

    /// What a person does now; empty where the broken rules say so.
    pub fn hint(&self) -> Localized {
        self.failure().map(|failure| failure.hint.clone()).unwrap_or_default()
    }
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InvalidParameter {
    /// The argument of the call that breaks the rule.
    pub argument: Argument,
    /// JSON pointer (RFC 6901) into that argument, in snake_case: `/to_user/3`. Empty for the argument as a whole.
    pub pointer: String,
    /// The rule, as the end of a sentence that starts with the name of the field.
    pub message: Localized,
}

/// The argument of a call that a fault lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Argument {
    /// The name of the action, of `invoke`.
    Action,
    /// The connection, or the environment that stands for it.
    Connection,
    /// The parameters of the action.
    Parameters,
}

/// A refusal or a breakdown, with what is known of it. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What kind of problem this is.
    pub category: Category,
    /// WeCom's `errcode`, where WeCom answered.
    pub errcode: Option<i32>,
    /// WeCom's own words; or in English, what broke on the way.
    pub message: String,
    /// What a person does now. Where the message is not WeCom's, the Chinese text says first what broke.
    pub hint: Localized,
    /// The vendor's page on the code, or on the API where there is no code.
    pub doc_url: String,
    /// How long to wait before repeating, in seconds, where that is known.
    pub retry_after_seconds: Option<u32>,
    /// The address that WeCom saw the call come from, where it named one.
    pub caller_ip: Option<String>,
    /// The API that answered or broke: `message/send`, `gettoken`.
    pub api: String,
    /// The credential that the call was made with.
    pub credential: Credential,
}

/// The kinds of problem that a [`Failure`] can report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Category {
    /// Corp ID, secret, access token or chatbot key is wrong.
    Authentication,
    /// The caller is known and not allowed: scope, trusted IP, wrong kind of secret, disabled application.
    Permission,
    /// An ID is unknown, or what it stood for has expired.
    NotFound,
    /// Taken already, not empty, or in a state that forbids the change.
    Conflict,
    /// WeCom refuses a value or the form of the request.
    InvalidRequest,
    /// A rate, quota, count or size is exceeded.
    Limit,
    /// WeCom refuses what the message says.
    Content,
    /// The request or its answer was lost on the way.
    Network,
    /// The answer is not one that WeCom gives.
    Protocol,
    /// WeCom itself has a problem.
    Service,
    /// A code that the connector does not know.
    Unknown,
}

impl Category {
    /// Every category, in the order of the contract.
    pub const ALL: [Self; 11] = [
        Self::Authentication,
        Self::Permission,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidRequest,
        Self::Limit,
        Self::Content,
        Self::Network,
        Self::Protocol,
        Self::Service,
        Self::Unknown,
    ];

    /// Its name in the contract and in the manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Permission => "permission",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "invalid-request",
            Self::Limit => "limit",
            Self::Content => "content",
            Self::Network => "network",
            Self::Protocol => "protocol",
            Self::Service => "service",
            Self::Unknown => "unknown",
        }
    }

    /// The category of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.name() == name)
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What proves to WeCom who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Credential {
    /// The secret of the self-built application.
    AppSecret,
    /// The secret of contacts synchronisation.
    ContactsSecret,
    /// An access token that the caller supplied.
    AccessToken,
    /// The key of a group chatbot.
    ChatbotKey,
}

/// One broken rule, not yet put into words: an [`InvalidParameter`] to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The argument of the call that breaks the rule.
    pub argument: Argument,
    /// JSON pointer into that argument.
    pub pointer: String,
    /// The rule.
    pub rule: Message,
}

impl Violation {
    /// A fault in the parameters.
    pub fn parameter(pointer: impl Into<String>, rule: impl Into<Message>) -> Self {
        Self { argument: Argument::Parameters, pointer: pointer.into(), rule: rule.into() }
    }

    /// A fault in the connection.
    pub fn connection(pointer: impl Into<String>, rule: impl Into<Message>) -> Self {
        Self { argument: Argument::Connection, pointer: pointer.into(), rule: rule.into() }
    }
}

impl From<Violation> for InvalidParameter {
    fn from(Violation { argument, pointer, rule }: Violation) -> Self {
        Self { argument, pointer, message: localize(&rule) }
    }
}

impl From<Vec<Violation>> for Error {
    fn from(violations: Vec<Violation>) -> Self {
        Self::PermanentInvalidParameters(violations.into_iter().map(InvalidParameter::from).collect())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExecutionFailed => f.write_str("execution failed"),
            Self::PermanentInvalidParameters(faults) => {
                f.write_str("invalid parameters")?;
                faults.iter().try_for_each(|fault| write!(f, "; {} {}", fault.pointer, fault.message.en))
            }
            Self::PermanentRejected(failure) => write!(f, "rejected: {failure}"),
            Self::PermanentOutcomeUnknown(failure) => write!(f, "outcome unknown: {failure}"),
            Self::Retryable(failure) => write!(f, "retryable: {failure}"),
        }
    }
}

/// One line: what happened, and in English, what a person does now.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { category, api, message, hint, doc_url, .. } = self;
        write!(f, "{}: {api}: ", category.name())?;
        if let Some(errcode) = self.errcode {
            write!(f, "errcode {errcode}: ")?;
        }
        write!(f, "{}. {} See {doc_url}", message.trim_end_matches('.'), hint.en)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_the_name_that_it_is_published_with() {
        for category in Category::ALL {
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
            assert_eq!(Category::named(category.name()), Some(category));
        }
        assert_eq!(Category::named("Limit"), None);
    }

    #[test]
    fn an_error_in_one_line_says_what_to_do_and_where_to_read_on() {
        let failure = Failure {
            category: Category::Limit,
            errcode: Some(45009),
            message: "api freq out of limit.".into(),
            hint: Localized::new("Wait a minute.", "请稍候。"),
            doc_url: "https://example.com/45009".into(),
            retry_after_seconds: None,
            caller_ip: None,
            api: "message/send".into(),
            credential: Credential::AppSecret,
        };
        let words = "limit: message/send: errcode 45009: api freq out of limit. Wait a minute. See \
                     https://example.com/45009";
        assert_eq!(Error::Retryable(failure.clone()).to_string(), format!("retryable: {words}"));
        let without_code = Failure { errcode: None, ..failure };
        assert_eq!(without_code.to_string(), words.replace("errcode 45009: ", ""));
        let invalid = Error::from(vec![Violation::parameter("/content", crate::text::phrase!("must not be empty"))]);
        assert_eq!(invalid.to_string(), "invalid parameters; /content must not be empty");
    }
}
