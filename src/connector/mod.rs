//! Connections, tokens and calls: what lies between an action's parameters and its output.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;

use crate::about::Secrets;
use crate::action::{self, Request};
use crate::connection::{Application, Chatbot, CheckedApplication, CheckedChatbot, Connection, Endpoint};
use crate::error::{Argument, Credential, Error, Violation};
use crate::http::Method;
use crate::http::multipart::Multipart;
use crate::http::transport::{Body, Host, HttpRequest, run_blocking};
use crate::json::{self, Unreadable};
use crate::operation::{CallTarget, Operation};
use crate::parameter::{Edits, Parameters, Values, encode};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;
use crate::text::{localize, message, phrase};

mod check;
mod token;

pub use check::{ConnectionCheck, ConnectionReport};
pub use token::AccessToken;
use token::Tokens;

/// The longest JSON text that `invoke` reads: the longest article, every character escaped, and some more.
pub const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;

/// The error codes that say that a token is no longer good. 40001 says so too, of a call that is not gettoken.
const STALE_TOKEN: [i32; 3] = [40001, 40014, 42001];

/// The connector: one per instance of the component, so that its tokens live as long as the instance does.
pub struct Connector<H> {
    host: H,
    tokens: RefCell<Tokens>,
    application: Latest<Application>,
    chatbot: Latest<Chatbot>,
}

/// The connection that came last as JSON, with its text. Most calls come with that of the call before: then nothing of it
/// has to be read and checked again.
type Latest<C> = RefCell<Option<(String, Rc<<C as Connection>::Checked>)>>;

/// A connection that calls can be made with.
pub(crate) trait Session: Connection {
    /// The reply to a request that reports success, with the credential it was made with.
    async fn call<H: Host>(
        connection: &Self::Checked,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &ReadyRequest,
    ) -> Result<(Reply, Credential), Error>;

    /// What must not stand in an error.
    fn secrets(connection: &Self::Checked) -> Vec<&Secret>;

    /// Where the connector keeps the latest one.
    fn latest<H>(connector: &Connector<H>) -> &Latest<Self>;
}

/// A call that breaks no rule, as it is kept while it is under way: its parameters are the bytes of a body by now.
pub(crate) struct CheckedCall<C: Session> {
    operation: &'static Operation<C>,
    connection: Rc<C::Checked>,
    request: ReadyRequest,
    edits: Edits,
}

#[cfg(not(target_os = "wasi"))]
impl<C: Session> CheckedCall<C> {
    /// How many bytes are kept of its arguments until it has its answer.
    pub(crate) fn kept_bytes(&self) -> usize {
        self.request.kept_bytes()
    }
}

/// A [`Request`] whose body is what is sent.
pub(crate) struct ReadyRequest {
    method: Method,
    target: CallTarget,
    query: Vec<(String, String)>,
    body: ReadyBody,
}

enum ReadyBody {
    Nothing,
    /// Without room to spare: it is kept until the answer is there.
    Json(Box<[u8]>),
    File(Multipart),
}

impl From<Request> for ReadyRequest {
    fn from(Request { method, api, query, body, effect, secrets, duplicate_check }: Request) -> Self {
        let body = match body {
            action::Body::Nothing => ReadyBody::Nothing,
            // A value is nothing that JSON could refuse.
            action::Body::Json(body) => ReadyBody::Json(serde_json::to_vec(&body).unwrap_or_default().into()),
            action::Body::File { name, content } => ReadyBody::File(Multipart::new(&name, content)),
        };
        Self { method, target: CallTarget { api, effect, secrets, duplicate_check }, query, body }
    }
}

impl ReadyRequest {
    #[cfg(not(target_os = "wasi"))]
    fn kept_bytes(&self) -> usize {
        let query: usize = self.query.iter().map(|(name, value)| name.len() + value.len()).sum();
        let body = match &self.body {
            ReadyBody::Nothing => 0,
            ReadyBody::Json(json) => json.len(),
            ReadyBody::File(form) => form.kept_bytes(),
        };
        // The query is kept twice: as it is, and in the address, in which a byte takes three at most, and which has as much
        // room to spare as it has bytes.
        body + 7 * query
    }

    fn body(&self) -> Option<Body<'_>> {
        match &self.body {
            ReadyBody::Nothing => None,
            ReadyBody::Json(json) => Some(Body::Json(json)),
            ReadyBody::File(form) => Some(Body::File(form)),
        }
    }

    /// Which secret a call of the operation with it asks for.
    fn secrets<C: Session>(&self, operation: &Operation<C>) -> Secrets {
        self.target.secrets.unwrap_or(operation.secrets)
    }
}

/// A call that WeCom reports success of.
pub(crate) struct Completed<C: Session> {
    operation: &'static Operation<C>,
    connection: Rc<C::Checked>,
    target: CallTarget,
    credential: Credential,
    reply: Reply,
    edits: Edits,
}

impl<C: Session> Completed<C> {
    /// The output as JSON.
    pub(crate) fn json(self) -> Result<String, Error> {
        let fields = self.operation.output_fields;
        Ok(encode::json(fields, &self.values()?))
    }

    /// The output.
    fn values(self) -> Result<Values, Error> {
        let output = self.operation.output;
        self.output(output)
    }

    /// What `output` reads from the reply.
    fn output<T>(self, output: fn(Reply, Edits) -> Result<T, Malformed>) -> Result<T, Error> {
        let Self { operation, connection, target, credential, reply, edits } = self;
        output(reply, edits).map_err(|malformed| {
            let secrets = C::secrets(&connection);
            // What WeCom reports success of has happened: to repeat it is no way to learn more.
            let call = Call { duplicate_check: false, ..operation.call(&target, credential, &secrets) };
            call.malformed(&malformed)
        })
    }
}

impl<H: Host> Connector<H> {
    /// A connector with no tokens.
    pub fn new(host: H) -> Self {
        Self { host, tokens: RefCell::default(), application: RefCell::default(), chatbot: RefCell::default() }
    }

    /// The host that it was made with.
    pub fn host(&self) -> &H {
        &self.host
    }

    /// Executes an action with typed values: those of its connection, of its parameter table and of its output. The host
    /// waits for each answer itself.
    #[expect(private_bounds, reason = "every connection is a session, and only the connector makes calls with it")]
    pub fn run<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<Values>,
        parameters: Values,
    ) -> Result<Values, Error> {
        let connection =
            connection.map_or_else(|| self.connection::<C>(None), |values| C::from_values(values).map(Rc::new));
        let parameters = Parameters::new(Argument::Parameters, operation.fields, parameters);
        run_blocking(self.execute(checked(operation, connection, parameters)?))?.values()
    }

    /// The connection of a JSON text, or else that of the environment, checked.
    pub(crate) fn connection<C: Session>(&self, text: Option<&str>) -> Result<Rc<C::Checked>, Vec<Violation>> {
        let Some(text) = text else {
            return C::from_environment(&|name| self.host.variable(name)).map(Rc::new);
        };
        let latest = C::latest(self);
        if let Some((known, connection)) = &*latest.borrow()
            && known == text
        {
            return Ok(Rc::clone(connection));
        }
        limited(Argument::Connection, text.len())?;
        let connection = Rc::new(C::from_json(text)?);
        latest.replace(Some((text.to_owned(), Rc::clone(&connection))));
        Ok(connection)
    }

    /// The one path of every action, from here on.
    pub(crate) async fn execute<C: Session>(&self, call: CheckedCall<C>) -> Result<Completed<C>, Error> {
        let CheckedCall { operation, connection, request, edits } = call;
        let answer = C::call(&connection, self, operation, &request).await;
        let (reply, credential) = answer.map_err(|error| until_when(error, request.target.duplicate_check))?;
        Ok(Completed { operation, connection, target: request.target, credential, reply, edits })
    }

    async fn send(
        &self,
        endpoint: &Endpoint,
        credential: (&'static str, &Secret),
        request: &ReadyRequest,
        call: &Call<'_>,
    ) -> Result<Reply, Error> {
        let (name, secret) = credential;
        let query = request.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let target = endpoint.base_url.target(&request.target.api, [(name, secret.expose())].into_iter().chain(query));
        let body = request.body();
        let request = HttpRequest {
            method: request.method,
            target: &target,
            body,
            timeout: endpoint
                .timeout
                .saturating_add(file_time(body.map_or(0, Body::of_file).max(call.bound.of_file()))),
            bound: call.bound,
        };
        call.classify(self.host.send(request).await)
    }
}

impl Session for Application {
    async fn call<H: Host>(
        connection: &CheckedApplication,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &ReadyRequest,
    ) -> Result<(Reply, Credential), Error> {
        let mut refused = None;
        loop {
            let (needs, api) = (request.secrets(operation), &*request.target.api);
            let (credential, token) = match connection.given_token(needs, api) {
                Some(token) => (Credential::AccessToken, token.clone()),
                None => {
                    let source = connection.source(needs, connection.lower_for(api))?;
                    let token = connector.token(connection, source, refused.as_ref()).await?;
                    (source.credential, token.value)
                }
            };
            let secrets: Vec<&Secret> = connection.secrets().chain([&token]).collect();
            let call = operation.call(&request.target, credential, &secrets);
            match connector.send(&connection.endpoint, ("access_token", &token), request, &call).await {
                // WeCom refused the token before it looked at the request, so that once more repeats nothing. Of a token
                // that the caller keeps there is no other.
                Err(Error::PermanentRejected(failure))
                    if refused.is_none()
                        && credential != Credential::AccessToken
                        && failure.errcode.is_some_and(|errcode| STALE_TOKEN.contains(&errcode)) =>
                {
                    refused = Some(token);
                }
                answer => {
                    let is_lower = connection.lower_for(api).is_some();
                    return Ok((answer.map_err(|error| if is_lower { in_lower(error) } else { error })?, credential));
                }
            }
        }
    }

    fn secrets(connection: &CheckedApplication) -> Vec<&Secret> {
        connection.secrets().collect()
    }

    fn latest<H>(connector: &Connector<H>) -> &Latest<Self> {
        &connector.application
    }
}

impl Session for Chatbot {
    async fn call<H: Host>(
        connection: &CheckedChatbot,
        connector: &Connector<H>,
        operation: &Operation<Self>,
        request: &ReadyRequest,
    ) -> Result<(Reply, Credential), Error> {
        let credential = Credential::ChatbotKey;
        let secrets = Self::secrets(connection);
        let call = operation.call(&request.target, credential, &secrets);
        Ok((connector.send(&connection.endpoint, ("key", &connection.key), request, &call).await?, credential))
    }

    fn secrets(connection: &CheckedChatbot) -> Vec<&Secret> {
        vec![&connection.key]
    }

    fn latest<H>(connector: &Connector<H>) -> &Latest<Self> {
        &connector.chatbot
    }
}

/// The error of a call, with how long it may be repeated where WeCom looks for duplicates: whatever failed this time, a
/// call before it may have been carried out.
fn until_when(error: Error, duplicate_check: Option<u32>) -> Error {
    match (error, duplicate_check) {
        (Error::Retryable(mut failure), Some(seconds)) => {
            let until = message!(
                "The same call may be repeated within {} seconds of the first one; later, look in WeCom first.",
                seconds
            );
            failure.hint = failure.hint.before(&localize(&until));
            Error::Retryable(failure)
        }
        (error, _) => error,
    }
}

/// The refusal of a call to a lower enterprise: what its hint says of IDs and secrets is meant there.
fn in_lower(error: Error) -> Error {
    match error {
        Error::PermanentRejected(mut failure) if failure.errcode.is_some() => {
            let there = phrase!(
                "This call went to the lower enterprise: IDs, files and permissions are those there, the application is that of Lower Enterprise App ID, and Contacts Secret is not used."
            );
            failure.hint = failure.hint.before(&localize(&there.into()));
            Error::PermanentRejected(failure)
        }
        error => error,
    }
}

/// A call whose connection and parameters are held against every rule.
pub(crate) fn checked<C: Session>(
    operation: &'static Operation<C>,
    connection: Result<Rc<C::Checked>, Vec<Violation>>,
    parameters: Result<Parameters, Vec<Violation>>,
) -> Result<CheckedCall<C>, Error> {
    let parameters = parameters.map(|mut parameters| {
        parameters.check_fields();
        (operation.check)(&mut parameters, connection.as_deref().ok());
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
    let request = (operation.request)(parameters, &connection).into();
    Ok(CheckedCall { operation, connection, request, edits })
}

/// How much longer than anything else a file of so many bytes may take: a second for each 128 KiB beyond the first.
fn file_time(bytes: usize) -> Duration {
    Duration::from_secs((bytes / (128 * 1024)) as u64)
}

/// The document of an argument that is a JSON text.
pub(crate) fn document(argument: Argument, text: &str) -> Result<Value, Vec<Violation>> {
    limited(argument, text.len())?;
    json::parse_argument(text).map_err(|Unreadable { pointer, rule }| vec![Violation { argument, pointer, rule }])
}

pub(crate) fn limited(argument: Argument, bytes: usize) -> Result<(), Vec<Violation>> {
    if bytes <= MAX_JSON_BYTES {
        return Ok(());
    }
    let rule = message!("must have at most {} bytes in UTF-8, and has {}", MAX_JSON_BYTES, bytes);
    Err(vec![Violation { argument, pointer: String::new(), rule }])
}
