//! Access tokens: fetched, kept as long as they are good, and handed out.

use std::time::Duration;

use super::Connector;
use crate::about::{Effect, Proof, Secrets};
use crate::connection::{Application, CheckedApplication};
use crate::error::{Credential, Error};
use crate::http::Method;
use crate::http::transport::{Bound, Host, HttpRequest};
use crate::http::url::{BaseUrl, MAX_TEXT_BYTES};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;
use crate::text::message;

/// How long before its end a token is no longer used.
const TOKEN_MARGIN: Duration = Duration::from_secs(300);
/// A token is never kept for longer, whatever WeCom's answer says.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(7200);
/// The vendor's page on access tokens.
const TOKEN_DOC: &str = "https://developer.work.weixin.qq.com/document/path/91039";

/// What a token belongs to.
#[derive(PartialEq, Eq)]
pub(super) struct TokenKey {
    base_url: BaseUrl,
    corp_id: String,
    secret: Secret,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) value: Secret,
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

impl<H: Host> Connector<H> {
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
    pub(super) fn token(
        &self,
        connection: &CheckedApplication,
        credential: Credential,
        secret: &Secret,
    ) -> Result<Token, Error> {
        let key = TokenKey::new(connection, secret);
        let now = self.host.now();
        let tokens = self.tokens.borrow();
        let cached =
            tokens.iter().find(|(known, token)| *known == key && now < token.until).map(|(_, token)| token.clone());
        drop(tokens);
        cached.map_or_else(|| self.fetch_token(connection, credential, secret), Ok)
    }

    /// A new token, which replaces the cached one.
    pub(super) fn fetch_token(
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
        let mut reply = call.classify(self.host.send(request))?;
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

/// The token of gettoken's reply.
fn new_token(reply: &mut Reply) -> Result<Secret, Malformed> {
    let token = reply.required_text("access_token")?;
    if token.len() > MAX_TEXT_BYTES {
        let longer =
            message!("the answer reports success, but its `access_token` is longer than {} bytes", MAX_TEXT_BYTES);
        return Err(Malformed::Message(longer));
    }
    Secret::new(token).ok_or_else(|| reply.missing("access_token"))
}
