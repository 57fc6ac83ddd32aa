//! Connections, tokens and calls: what lies between an action's parameters and its output.

use std::cell::RefCell;
use std::time::Duration;

use serde_json::Value;

use crate::action::{Action, Effect, Fields, Method, Proof, Request, Secrets};
use crate::actions;
use crate::connection::{self, Application, Chatbot, CheckedApplication, CheckedChatbot, Connection, Endpoint};
use crate::decode::{self, Elsewhere};
use crate::error::{Argument, Credential, Error, Fault, Localized};
use crate::json;
use crate::manifest::Manifest;
use crate::parameters::{Edits, Field, Parameters, Table, Values};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;
use crate::transport::{Bound, Host, HttpRequest};
use crate::url::{BaseUrl, MAX_TEXT_BYTES};
use crate::words::{Phrase, phrase, words};

/// The longest JSON text that `invoke` reads: the longest article, every character escaped, and some more.
pub const MAX_JSON_BYTES: usize = 8 * 1024 * 1024;

/// How long before its end a token is no longer used.
const TOKEN_MARGIN: Duration = Duration::from_secs(300);
/// A token is never kept for longer, whatever WeCom's answer says.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(7200);
/// The error codes that say that a token is no longer good. 40001 says so too, of a call that is not gettoken.
const STALE_TOKEN: [i32; 3] = [40001, 40014, 42001];
/// WeCom's code for an Enterprise ID that it does not know.
const WRONG_CORP_ID: i32 = 40013;

/// The vendor's page on access tokens.
const TOKEN_DOC: &str = "https://developer.work.weixin.qq.com/document/path/91039";

/// The connector: one per instance of the component, so that its tokens live as long as the instance does.
pub struct Connector<H> {
    host: H,
    /// A handful, one for each secret of each connection: a list is searched as fast as anything.
    tokens: RefCell<Vec<(TokenKey, Token)>>,
}

/// What a token belongs to.
#[derive(PartialEq, Eq)]
struct TokenKey {
    base_url: BaseUrl,
    corp_id: String,
    secret: Secret,
}

#[derive(Clone)]
struct Token {
    value: Secret,
    /// When it is no longer used, by the host's clock.
    until: Duration,
}

/// An access token to pass on in connections. The token is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub access_token: String,
    /// How long it may be used, in seconds.
    pub expires_in_seconds: u32,
}

/// What a test of a connection found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionReport {
    /// One entry for each credential of the connection.
    pub checks: Vec<ConnectionCheck>,
}

/// What a test found out of one credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionCheck {
    /// The credential.
    pub credential: Credential,
    /// JSON pointer to the field of the connection that this is about.
    pub pointer: String,
    /// Whether WeCom has accepted it.
    pub proved: bool,
    /// What that means, and what remains open.
    pub detail: Localized,
    /// Why WeCom did not accept it. Where there is none and nothing is proved, nothing could be.
    pub error: Option<Error>,
}

/// What the connector has to know of an action to carry it out: one path serves all that have the same type of
/// connection.
pub struct Operation<C: Connection> {
    fields: &'static [Field],
    elsewhere: &'static [Elsewhere],
    check: fn(&mut Parameters, Option<&C::Checked>),
    request: fn(Fields, &C::Checked) -> Request,
    json: fn(Reply, Edits) -> Result<String, Malformed>,
    effect: Effect,
    secrets: Secrets,
    proof: Proof,
    doc_url: &'static str,
}

impl<C: Connection> Operation<C> {
    fn call<'a>(&self, api: &'a str, credential: Credential, secrets: &'a [&'a Secret]) -> Call<'a> {
        Call {
            api,
            effect: self.effect,
            credential,
            needs: self.secrets,
            proof: self.proof,
            bound: if self.effect == Effect::Read { Bound::LIST } else { Bound::SHORT },
            doc_url: self.doc_url,
            secrets,
            returned: &[],
        }
    }
}

/// Every action as an operation.
pub trait Operate: Action {
    /// The operation.
    const OPERATION: Operation<Self::Connection>;
}

impl<A: Action> Operate for A {
    const OPERATION: Operation<A::Connection> = Operation {
        fields: A::Parameters::FIELDS,
        elsewhere: A::ELSEWHERE,
        check: A::check,
        request: A::request,
        json: |reply, edits| {
            // An output holds texts, numbers and lists only: nothing that JSON could refuse.
            Ok(serde_json::to_string(&A::output(reply, edits)?).unwrap_or_else(|_| "{}".to_owned()))
        },
        effect: A::ABOUT.effect,
        secrets: A::ABOUT.secrets,
        proof: A::ABOUT.proof,
        doc_url: A::ABOUT.doc_url,
    };
}

/// An operation with either type of connection.
#[derive(Clone, Copy)]
pub enum AnyOperation {
    /// One of an application.
    Application(&'static Operation<Application>),
    /// One of a chatbot.
    Chatbot(&'static Operation<Chatbot>),
}

impl From<&'static Operation<Application>> for AnyOperation {
    fn from(operation: &'static Operation<Application>) -> Self {
        Self::Application(operation)
    }
}

impl From<&'static Operation<Chatbot>> for AnyOperation {
    fn from(operation: &'static Operation<Chatbot>) -> Self {
        Self::Chatbot(operation)
    }
}

/// A connection that calls can be made with.
trait Session: Connection {
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
struct Done<C: Session> {
    operation: &'static Operation<C>,
    connection: C::Checked,
    api: &'static str,
    credential: Credential,
    reply: Reply,
    edits: Edits,
}

impl<C: Session> Done<C> {
    /// What `output` reads from the reply.
    fn output<T>(self, output: fn(Reply, Edits) -> Result<T, Malformed>) -> Result<T, Error> {
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

    /// Carries out an action.
    #[expect(private_bounds, reason = "every connection is a session, and only the connector makes calls with it")]
    pub fn run<A: Action<Connection: Session>>(
        &self,
        connection: Option<A::Connection>,
        parameters: A::Parameters,
    ) -> Result<A::Output, Error> {
        self.carry_out_typed(const { &A::OPERATION }, connection, parameters.into_values())?.output(A::output)
    }

    fn carry_out_typed<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<C>,
        values: Values,
    ) -> Result<Done<C>, Error> {
        let connection = C::resolve(connection, &|name| self.host.variable(name));
        self.carry_out(operation, connection, Parameters::new(operation.fields, values))
    }

    /// Carries out the action of that name; connection, parameters and output are JSON.
    pub fn invoke(&self, action: &str, connection: Option<&str>, parameters: &str) -> Result<String, Error> {
        match actions::find(action) {
            Some(AnyOperation::Application(operation)) => self.invoke_operation(operation, connection, parameters),
            Some(AnyOperation::Chatbot(operation)) => self.invoke_operation(operation, connection, parameters),
            None => {
                let rule = match decode::nearest(action, actions::IDS) {
                    Some(name) => words!("is no action; did you mean \"{}\"?", name),
                    None => phrase!("is no action; the manifest lists them all").into(),
                };
                Err(vec![Fault { argument: Argument::Action, pointer: String::new(), rule }].into())
            }
        }
    }

    fn invoke_operation<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<&str>,
        parameters: &str,
    ) -> Result<String, Error> {
        let connection = self.connection::<C>(connection);
        let parameters = parameters_document(parameters)
            .and_then(|document| decode::read(Argument::Parameters, operation.fields, operation.elsewhere, document));
        self.carry_out(operation, connection, parameters)?.output(operation.json)
    }

    /// The connection of a JSON text, or else that of the environment, checked.
    fn connection<C: Connection>(&self, text: Option<&str>) -> Result<C::Checked, Vec<Fault>> {
        let given =
            text.map(|text| limited(Argument::Connection, text).and_then(|()| C::from_json(text))).transpose()?;
        C::resolve(given, &|name| self.host.variable(name))
    }

    /// The one path of every action.
    fn carry_out<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Result<C::Checked, Vec<Fault>>,
        parameters: Result<Parameters, Vec<Fault>>,
    ) -> Result<Done<C>, Error> {
        let parameters = parameters.map(|mut parameters| {
            parameters.check_fields();
            (operation.check)(&mut parameters, connection.as_ref().ok());
            parameters
        });
        let (connection, mut parameters) = match (connection, parameters) {
            (Ok(connection), Ok(parameters)) if parameters.faults.is_empty() => (connection, parameters),
            (connection, parameters) => {
                let mut faults = connection.err().unwrap_or_default();
                faults.extend(parameters.map_or_else(|faults| faults, |parameters| parameters.faults));
                return Err(faults.into());
            }
        };
        let edits = parameters.cut();
        let request = (operation.request)(parameters.into_wire(), &connection);
        let (reply, credential) = C::call(&connection, self, operation, &request)?;
        Ok(Done { operation, connection, api: request.api, credential, reply, edits })
    }

    /// Proves what can be proved of a connection without changing anything or sending a message.
    pub fn test_connection(&self, connection: Option<&str>) -> Result<ConnectionReport, Error> {
        let mut checks = Vec::new();
        let Some(text) = connection else {
            let set = |variable| self.host.variable(variable).is_some();
            let chatbot = set(Chatbot::VARIABLE);
            if chatbot {
                let connection = self.connection::<Chatbot>(None)?;
                checks.extend(test_chatbot(&connection));
            }
            // With nothing set at all, the fault names the variable that is most likely meant.
            if set(Application::VARIABLE) || !chatbot {
                let connection = self.connection::<Application>(None)?;
                checks.extend(self.test_application(&connection)?);
            }
            return Ok(ConnectionReport { checks });
        };
        limited(Argument::Connection, text)?;
        match connection::declared_type(text)?.as_str() {
            Chatbot::TYPE => {
                let connection = self.connection::<Chatbot>(connection)?;
                checks.extend(test_chatbot(&connection));
            }
            _ => {
                let connection = self.connection::<Application>(connection)?;
                checks.extend(self.test_application(&connection)?);
            }
        }
        Ok(ConnectionReport { checks })
    }

    /// One entry for each credential, refused ones too. The error is what prevents the test: WeCom answered nothing yet.
    fn test_application(&self, connection: &CheckedApplication) -> Result<Vec<ConnectionCheck>, Error> {
        let mut checks = Vec::new();
        let secrets = [
            (Credential::AppSecret, &connection.app_secret),
            (Credential::ContactsSecret, &connection.contacts_secret),
        ];
        for (credential, secret) in secrets {
            let Some(secret) = secret else { continue };
            // A cached token proves what was true some time ago, not now.
            let error = match self.fetch_token(connection, credential, secret) {
                Err(error) if error.errcode().is_none() && checks.is_empty() => return Err(error),
                answer => answer.err(),
            };
            let refused = error.as_ref().and_then(Error::errcode);
            checks.push(ConnectionCheck {
                credential,
                pointer: pointer(credential, refused).to_owned(),
                proved: error.is_none(),
                detail: match &error {
                    None => said(phrase!(
                        "WeCom accepts the Enterprise ID and this secret. Whether the calling address is trusted, and what the secret may do, shows only when an action runs."
                    )),
                    Some(error) => error.hint(),
                },
                error,
            });
            // Of an Enterprise ID that WeCom does not know, the next secret would only say the same.
            if refused == Some(WRONG_CORP_ID) {
                break;
            }
        }
        let tokens = [
            (&connection.access_token, "/access_token"),
            (&connection.contacts_access_token, "/contacts_access_token"),
        ];
        checks.extend(tokens.into_iter().filter(|(token, _)| token.is_some()).map(|(_, pointer)| ConnectionCheck {
            credential: Credential::AccessToken,
            pointer: pointer.to_owned(),
            proved: false,
            detail: said(phrase!(
                "The access token is used as it is. Whether WeCom still accepts it shows only when an action runs."
            )),
            error: None,
        }));
        Ok(checks)
    }

    /// An access token for the application's secret, or for that of contacts synchronisation.
    pub fn access_token(&self, connection: Option<&str>, contacts: bool) -> Result<AccessToken, Error> {
        let connection = self.connection::<Application>(connection)?;
        let secrets = if contacts { Secrets::Contacts } else { Secrets::App };
        let (credential, secret) = connection.secret(secrets)?;
        let token = self.token(&connection, credential, secret)?;
        Ok(AccessToken {
            access_token: token.value.expose().to_owned(),
            expires_in_seconds: token.until.saturating_sub(self.host.now()).as_secs().try_into().unwrap_or(u32::MAX),
        })
    }

    /// The cached token, or else a new one.
    fn token(&self, connection: &CheckedApplication, credential: Credential, secret: &Secret) -> Result<Token, Error> {
        let key = TokenKey::new(connection, secret);
        let now = self.host.now();
        let tokens = self.tokens.borrow();
        let cached =
            tokens.iter().find(|(known, token)| *known == key && now < token.until).map(|(_, token)| token.clone());
        drop(tokens);
        cached.map_or_else(|| self.fetch_token(connection, credential, secret), Ok)
    }

    /// A new token, which replaces the cached one.
    fn fetch_token(
        &self,
        connection: &CheckedApplication,
        credential: Credential,
        secret: &Secret,
    ) -> Result<Token, Error> {
        let key = TokenKey::new(connection, secret);
        self.tokens.borrow_mut().retain(|(known, _)| *known != key);
        let query = [("corpid", connection.corp_id.as_str()), ("corpsecret", secret.expose())];
        let target = connection.endpoint.base_url.target("gettoken", query);
        let asked = self.host.now();
        let request = HttpRequest {
            method: Method::Get,
            target: &target,
            body: None,
            timeout: connection.endpoint.timeout,
            bound: Bound::SHORT,
        };
        let secrets: Vec<&Secret> = connection.secrets().collect();
        let returned: Vec<&Secret> = connection.given_tokens().collect();
        let call = Call {
            api: "gettoken",
            effect: Effect::Read,
            credential,
            // The kind of secret matters to business calls only.
            needs: Secrets::App,
            proof: Proof::Text("access_token"),
            bound: Bound::SHORT,
            doc_url: TOKEN_DOC,
            secrets: &secrets,
            // WeCom may return the very token that the connection has.
            returned: &returned,
        };
        let mut reply = call.judge(self.host.send(request))?;
        // Where it is no number of seconds, the token serves this call alone.
        let seconds = reply.seconds("expires_in");
        let value = new_token(&mut reply).map_err(|malformed| call.malformed(&malformed))?;
        let life = Duration::from_secs(seconds).min(MAX_TOKEN_LIFE);
        let token = Token { value, until: asked.saturating_add(life.saturating_sub(TOKEN_MARGIN.min(life / 2))) };
        let mut tokens = self.tokens.borrow_mut();
        tokens.retain(|(_, token)| asked < token.until);
        tokens.push((key, token.clone()));
        Ok(token)
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
        call.judge(self.host.send(HttpRequest {
            method: request.method,
            target: &target,
            body: body.as_deref(),
            timeout: endpoint.timeout,
            bound: call.bound,
        }))
    }
}

impl TokenKey {
    fn new(connection: &CheckedApplication, secret: &Secret) -> Self {
        Self {
            base_url: connection.endpoint.base_url.clone(),
            corp_id: connection.corp_id.clone(),
            secret: secret.clone(),
        }
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

/// The token of gettoken's reply.
fn new_token(reply: &mut Reply) -> Result<Secret, Malformed> {
    let token = reply.required_text("access_token")?;
    if token.len() > MAX_TEXT_BYTES {
        let longer =
            words!("the answer reports success, but its `access_token` is longer than {} bytes", MAX_TEXT_BYTES);
        return Err(Malformed::Words(longer));
    }
    Secret::new(token).ok_or_else(|| reply.missing("access_token"))
}

fn test_chatbot(_: &CheckedChatbot) -> [ConnectionCheck; 1] {
    [ConnectionCheck {
        credential: Credential::ChatbotKey,
        pointer: pointer(Credential::ChatbotKey, None).to_owned(),
        proved: false,
        error: None,
        detail: said(phrase!(
            "The connection is complete, but WeCom offers no way to check a chatbot key without sending a message to its group. The first message will show whether the key is right."
        )),
    }]
}

/// The field of a connection that a refusal with this code, or a success, is about.
fn pointer(credential: Credential, refused: Option<i32>) -> &'static str {
    match credential {
        Credential::AppSecret | Credential::ContactsSecret if refused == Some(WRONG_CORP_ID) => "/corp_id",
        Credential::AppSecret => "/app_secret",
        Credential::ContactsSecret => "/contacts_secret",
        Credential::AccessToken => "/access_token",
        Credential::ChatbotKey => "/chatbot_key",
    }
}

fn said(phrase: Phrase) -> Localized {
    Manifest::open().say(&phrase.into())
}

fn parameters_document(text: &str) -> Result<Value, Vec<Fault>> {
    limited(Argument::Parameters, text)?;
    json::parse_argument(text).map_err(|unreadable| vec![Fault::parameter(unreadable.pointer, unreadable.rule)])
}

fn limited(argument: Argument, text: &str) -> Result<(), Vec<Fault>> {
    if text.len() <= MAX_JSON_BYTES {
        return Ok(());
    }
    let rule = words!("must have at most {} bytes in UTF-8, and has {}", MAX_JSON_BYTES, text.len());
    Err(vec![Fault { argument, pointer: String::new(), rule }])
}
