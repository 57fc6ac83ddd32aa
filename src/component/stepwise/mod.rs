//! The world that imports nothing.

use std::cell::RefCell;
use std::time::Duration;

use self::bindings::exports::wecom::connector::stepwise as exported;
use crate::connector::AccessToken;
use crate::http::Method;
use crate::manifest;
use crate::stepwise::{Answer, Misuse, Operation, Output, Request, Step, Stepwise};

mod callback;
#[allow(unsafe_code, unsafe_op_in_unsafe_fn, reason = "memory passes between host and component")]
#[allow(clippy::all, missing_docs, unreachable_pub, unused_qualifications, reason = "generated")]
#[rustfmt::skip]
mod bindings;

struct Component;

thread_local! {
    /// The calls of the instance.
    static CALLS: RefCell<Stepwise> = RefCell::default();
}

impl exported::Guest for Component {
    fn manifest() -> String {
        manifest::manifest()
    }

    fn begin(operation: exported::Operation, connection: String, now: u64) -> exported::Step {
        let step =
            CALLS.with_borrow_mut(|calls| calls.begin(operation.into(), &connection, Duration::from_millis(now)));
        step.into()
    }

    fn resume(call: u64, answer: exported::Answer, now: u64) -> Result<exported::Step, exported::Misuse> {
        let step = CALLS.with_borrow_mut(|calls| calls.resume(call, answer.into(), Duration::from_millis(now)));
        step.map(Into::into).map_err(Into::into)
    }

    fn proceed(call: u64, now: u64) -> Result<exported::Step, exported::Misuse> {
        let step = CALLS.with_borrow_mut(|calls| calls.proceed(call, Duration::from_millis(now)));
        step.map(Into::into).map_err(Into::into)
    }

    fn woken() -> Vec<u64> {
        CALLS.with_borrow_mut(Stepwise::woken)
    }

    fn cancel(call: u64) {
        CALLS.with_borrow_mut(|calls| calls.cancel(call));
    }
}

impl From<exported::Operation> for Operation {
    fn from(operation: exported::Operation) -> Self {
        match operation {
            exported::Operation::Invoke(exported::Invocation { action, parameters, files }) => {
                let files = files.into_iter().map(|file| (file.parameter, file.content)).collect();
                Self::Invoke { action, parameters, files }
            }
            exported::Operation::TestConnection => Self::TestConnection,
            exported::Operation::GetAccessToken(scope) => {
                Self::AccessToken { contacts: scope == exported::TokenScope::Contacts }
            }
        }
    }
}

impl From<exported::Answer> for Answer {
    fn from(answer: exported::Answer) -> Self {
        match answer {
            exported::Answer::Response(exported::Response { status, retry_after, content_disposition, body }) => {
                Self::Response { status, retry_after, content_disposition, body }
            }
            exported::Answer::NotSent(words) => Self::NotSent(words),
            exported::Answer::NotTrusted(words) => Self::NotTrusted(words),
            exported::Answer::NotAllowed(words) => Self::NotAllowed(words),
            exported::Answer::Lost(words) => Self::Lost(words),
            exported::Answer::TooLong => Self::TooLong,
        }
    }
}

impl From<Step> for exported::Step {
    fn from(step: Step) -> Self {
        match step {
            Step::Send(request) => Self::Send(request.into()),
            Step::Wait { call, deadline } => Self::Wait(exported::Waiting { call, deadline: milliseconds(deadline) }),
            Step::Done(Output::Json(output)) => Self::Done(exported::Output::Json(output)),
            Step::Done(Output::Report(report)) => Self::Done(exported::Output::ConnectionReport(report)),
            Step::Done(Output::Token(AccessToken { access_token, expires_in_seconds })) => {
                Self::Done(exported::Output::AccessToken(exported::AccessToken { access_token, expires_in_seconds }))
            }
            Step::Failed(error) => Self::Failed(error),
        }
    }
}

impl From<Request> for exported::Request {
    fn from(request: Request) -> Self {
        Self {
            call: request.call,
            method: match request.method {
                Method::Get => exported::Method::Get,
                Method::Post => exported::Method::Post,
            },
            url: request.url,
            headers: request.headers,
            body: request.body,
            timeout_ms: milliseconds(request.timeout).try_into().unwrap_or(u32::MAX),
            max_body_bytes: request.max_body_bytes.try_into().unwrap_or(u32::MAX),
            deadline: milliseconds(request.deadline),
        }
    }
}

impl From<Misuse> for exported::Misuse {
    fn from(misuse: Misuse) -> Self {
        match misuse {
            Misuse::UnknownCall => Self::UnknownCall,
            Misuse::NothingSent => Self::NothingSent,
            Misuse::AnswerMissing => Self::AnswerMissing,
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}
