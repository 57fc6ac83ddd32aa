//! Connections, tokens and calls: what lies between an action's parameters and its output.

use std::cell::RefCell;

use crate::action::{Action, Request};
use crate::connection::{Application, Chatbot, CheckedApplication, CheckedChatbot, Connection, Endpoint};
use crate::error::{Argument, Credential, Error, Violation};
use crate::http::transport::{Host, HttpRequest};
use crate::operation::{Operate as _, Operation};
use crate::parameter::{Edits, Parameters, Table as _, Values};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;
use crate::text::message;

mod check;
mod token;

pub use check::{ConnectionCheck, ConnectionReport};
pub use token::AccessToken;
use token::{Token, TokenKey};

/// The longest JSON text that `invoke` reads: the longest article, every character escaped, and some more.
pub const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;

/// The error codes that say that a token is no longer good. 40001 says so too, of a call that is not gettoken.
const STALE_TOKEN: [i32; 3] = [40001, 40014, 42001];

/// The connector: one per instance of the component, so that its tokens live as long as the instance does.
pub struct Connector<H> {
    host: H,
    /// A handful, one for each secret of each connection: a list is searched as fast as anything.
    tokens: RefCell<Vec<(TokenKey, Token)>>,
}

/// A connection that calls can be made with.
pub(crate) trait Session: Connection {
    /// The reply to a request that reports success, with the credential it was made with.
    fn call<H: Host>(
        connection: &Self::Checked,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &Request,
    ) -> Result<(Reply, Credential), Error>;

    /// What must not stand in an error.
    fn secrets(connection: &Self::Checked) -> Vec<&Secret>;
}

/// A call that WeCom reports success of.
pub(crate) struct Completed<C: Session> {
    operation: &'static Operation<C>,
    connection: C::Checked,
    api: &'static str,
    credential: Credential,
    reply: Reply,
    edits: Edits,
}

impl<C: Session> Completed<C> {
    /// What `output` reads from the reply.
    pub(crate) fn output<T>(self, output: fn(Reply, Edits) -> Result<T, Malformed>) -> Result<T, Error> {
        let Self { operation, connection, api, credential, reply, edits } = self;
        output(reply, edits).map_err(|malformed| {
            let secrets = C::secrets(&connection);
            operation.call(api, credential, &secrets).malformed(&malformed)
        })
    }
}

impl<H: Host> Connector<H> {
    /// A connector with no tokens.
    pub fn new(host: H) -> Self {
        Self { host, tokens: RefCell::default() }
    }

    /// The host that it was made with.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Executes an action.
    #[expect(private_bounds, reason = "every connection is a session, and only the connector makes calls with it")]
    pub fn run<A: Action<Connection: Session>>(
        &self,
        connection: Option<A::Connection>,
        parameters: A::Parameters,
    ) -> Result<A::Output, Error> {
        self.execute_typed(const { &A::OPERATION }, connection, parameters.into_values())?.output(A::output)
    }

    fn execute_typed<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<C>,
        values: Values,
    ) -> Result<Completed<C>, Error> {
        let connection = connection.map_or_else(|| self.connection::<C>(None), C::checked);
        self.execute(operation, connection, Parameters::new(Argument::Parameters, operation.fields, values))
    }

    /// The connection of a JSON text, or else that of the environment, checked.
    pub(crate) fn connection<C: Connection>(&self, text: Option<&str>) -> Result<C::Checked, Vec<Violation>> {
        match text {
            Some(text) => limited(Argument::Connection, text).and_then(|()| C::from_json(text)),
            None => C::from_environment(&|name| self.host.variable(name)),
        }
    }

    /// The one path of every action.
    pub(crate) fn execute<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Result<C::Checked, Vec<Violation>>,
        parameters: Result<Parameters, Vec<Violation>>,
    ) -> Result<Completed<C>, Error> {
        let parameters = parameters.map(|mut parameters| {
            parameters.check_fields();
            (operation.check)(&mut parameters, connection.as_ref().ok());
            parameters
        });
        let (connection, mut parameters) = match (connection, parameters) {
            (Ok(connection), Ok(parameters)) if parameters.violations.is_empty() => (connection, parameters),
            (connection, parameters) => {
                let mut violations = connection.err().unwrap_or_default();
                violations.extend(parameters.map_or_else(|violations| violations, |parameters| parameters.violations));
                return Err(violations.into());
            }
        };
        let edits = parameters.cut();
        let request = (operation.request)(parameters, &connection);
        let (reply, credential) = C::call(&connection, self, operation, &request)?;
        Ok(Completed { operation, connection, api: request.api, credential, reply, edits })
    }

    fn send(
        &self,
        endpoint: &Endpoint,
        credential: (&'static str, &Secret),
        request: &Request,
        call: &Call<'_>,
    ) -> Result<Reply, Error> {
        let (name, secret) = credential;
        let query = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let target = endpoint.base_url.target(request.api, [(name, secret.expose())].into_iter().chain(query));
        // A value is nothing that JSON could refuse.
        let body = request.body.as_ref().map(|body| serde_json::to_vec(body).unwrap_or_default());
        call.classify(self.host.send(HttpRequest {
            method: request.method,
            target: &target,
            body: body.as_deref(),
            timeout: endpoint.timeout,
            bound: call.bound,
        }))
    }
}

impl Session for Application {
    fn call<H: Host>(
        connection: &CheckedApplication,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &Request,
    ) -> Result<(Reply, Credential), Error> {
        let attempt = |credential, token: &Secret| {
            let secrets: Vec<&Secret> = connection.secrets().chain([token]).collect();
            let call = operation.call(request.api, credential, &secrets);
            connector.send(&connection.endpoint, ("access_token", token), request, &call)
        };
        if let Some(token) = connection.given_token(operation.secrets) {
            let credential = Credential::AccessToken;
            return Ok((attempt(credential, token)?, credential));
        }
        let (credential, secret) = connection.secret(operation.secrets)?;
        let reply = match attempt(credential, &connector.token(connection, credential, secret)?.value) {
            Err(Error::PermanentRejected(failure))
                if failure.errcode.is_some_and(|errcode| STALE_TOKEN.contains(&errcode)) =>
            {
                // WeCom refused the token before it looked at the request, so that this repeats nothing.
                attempt(credential, &connector.fetch_token(connection, credential, secret)?.value)?
            }
            other => other?,
        };
        Ok((reply, credential))
    }

    fn secrets(connection: &CheckedApplication) -> Vec<&Secret> {
        connection.secrets().collect()
    }
}

impl Session for Chatbot {
    fn call<H: Host>(
        connection: &CheckedChatbot,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &Request,
    ) -> Result<(Reply, Credential), Error> {
        let credential = Credential::ChatbotKey;
        let secrets = Self::secrets(connection);
        let call = operation.call(request.api, credential, &secrets);
        Ok((connector.send(&connection.endpoint, ("key", &connection.key), request, &call)?, credential))
    }

    fn secrets(connection: &CheckedChatbot) -> Vec<&Secret> {
        vec![&connection.key]
    }
}

pub(crate) fn limited(argument: Argument, text: &str) -> Result<(), Vec<Violation>> {
    if text.len() <= MAX_JSON_BYTES {
        return Ok(());
    }
    let rule = message!("must have at most {} bytes in UTF-8, and has {}", MAX_JSON_BYTES, text.len());
    Err(vec![Violation { argument, pointer: String::new(), rule }])
}
