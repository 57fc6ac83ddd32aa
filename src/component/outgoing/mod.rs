//! The world that calls the host's `wasi:http/outgoing-handler`.

use std::time::{Duration, Instant};

use self::bindings::exports::wecom::connector::connector as exported;
use crate::connector::{AccessToken, ConnectionReport, Connector};
use crate::error::Error;
use crate::http::transport::{Host, HttpReply, HttpRequest, SendError, run_blocking};
use crate::http::wasi;
use crate::manifest;

#[allow(unsafe_code, unsafe_op_in_unsafe_fn, reason = "memory passes between host and component")]
#[allow(clippy::all, missing_docs, unreachable_pub, unused_qualifications, reason = "generated")]
#[rustfmt::skip]
mod bindings;
#[allow(unsafe_code, reason = "memory passes between host and component")]
mod exports;

struct Component;

struct Wasi {
    start: Instant,
}

impl Host for Wasi {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        wasi::send(request)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn variable(&self, name: &str) -> Option<String> {
        // A variable that is no UTF-8 cannot be a value of ours.
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// The one connector of the instance.
fn connector() -> &'static Connector<Wasi> {
    thread_local! {
        static CONNECTOR: &'static Connector<Wasi> =
            Box::leak(Box::new(Connector::new(Wasi { start: Instant::now() })));
    }
    CONNECTOR.with(|connector| *connector)
}

impl exported::Guest for Component {
    fn manifest() -> String {
        manifest::manifest()
    }

    fn invoke(action: String, connection: Option<String>, parameters: String) -> Result<String, Error> {
        run_blocking(connector().invoke(&action, connection.as_deref(), parameters))
    }

    fn test_connection(connection: Option<String>) -> Result<ConnectionReport, Error> {
        run_blocking(connector().test_connection(connection.as_deref()))
    }

    fn get_access_token(connection: Option<String>, scope: exported::TokenScope) -> Result<AccessToken, Error> {
        let contacts = scope == exported::TokenScope::Contacts;
        run_blocking(connector().access_token(connection.as_deref(), contacts))
    }
}
