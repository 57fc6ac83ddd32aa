//! Access tokens: fetched, kept as long as they are good, and handed out.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::json;

use super::{Connector, STALE_TOKEN};
use crate::about::{Effect, Secrets};
use crate::connection::{Application, CheckedApplication, LowerCorp, TokenSource};
use crate::error::Error;
use crate::http::Method;
use crate::http::transport::{Body, Bound, Host, HttpRequest};
use crate::http::url::{BaseUrl, MAX_TEXT_BYTES};
use crate::reply::{Call, Malformed, Reply, TOKEN};
use crate::secret::Secret;
use crate::text::phrase;

/// How long before its end a token is no longer used.
const TOKEN_MARGIN: Duration = Duration::from_secs(300);
/// A token is never kept for longer, whatever WeCom's answer says.
const MAX_TOKEN_LIFE: Duration = Duration::from_secs(7200);

/// What returns the token of a lower enterprise.
pub(super) const LOWER_TOKEN_API: &str = "corpgroup/corp/gettoken";

/// What a token belongs to.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct TokenKey {
    base_url: BaseUrl,
    corp_id: String,
    secret: Secret,
    lower: Option<LowerCorp>,
}

#[derive(Clone)]
pub(super) struct Token {
    pub(super) value: Secret,
    /// When it is no longer used, by the host's clock.
    until: Duration,
}

/// The tokens of an instance: a handful, one for each secret of each connection, so that a list is searched as fast as
/// anything.
#[derive(Default)]
pub(super) struct Tokens(Vec<Slot>);

/// What there is for a secret.
struct Slot {
    key: TokenKey,
    /// What WeCom has not refused yet, also while the secret is tested.
    kept: Option<Token>,
    /// A call is fetching one, for all that ask meanwhile.
    fetch: Option<Rc<Fetch>>,
}

/// A token on its way. It ends with an outcome for all that wait, or without one, where the call that fetches is dropped.
#[derive(Default)]
struct Fetch {
    ended: RefCell<Option<Option<Result<Token, Error>>>>,
    waiting: RefCell<Vec<Waker>>,
}

impl Tokens {
    fn slot(&mut self, key: &TokenKey) -> Option<&mut Slot> {
        self.0.iter_mut().find(|slot| slot.key == *key)
    }

    /// The slot that this fetch is to fill.
    fn slot_of(&mut self, key: &TokenKey, fetch: &Rc<Fetch>) -> Option<&mut Slot> {
        self.slot(key).filter(|slot| slot.fetch.as_ref().is_some_and(|known| Rc::ptr_eq(known, fetch)))
    }

    /// Has calls wait for this fetch that find no token kept, and throws away what is no longer used.
    fn begin(&mut self, key: TokenKey, fetch: Rc<Fetch>, now: Duration) {
        self.0.retain(|slot| {
            slot.key == key || slot.fetch.is_some() || slot.kept.as_ref().is_some_and(|token| now < token.until)
        });
        match self.slot(&key) {
            Some(slot) => slot.fetch = Some(fetch),
            None => self.0.push(Slot { key, kept: None, fetch: Some(fetch) }),
        }
    }
}

impl Fetch {
    fn end(&self, outcome: Option<Result<Token, Error>>) {
        self.ended.replace(Some(outcome));
        self.waiting.take().into_iter().for_each(Waker::wake);
    }

    /// What the other call got; `None` where it was dropped.
    fn poll(&self, context: &Context<'_>) -> Poll<Option<Result<Token, Error>>> {
        if let Some(outcome) = &*self.ended.borrow() {
            return Poll::Ready(outcome.clone());
        }
        let mut waiting = self.waiting.borrow_mut();
        if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            waiting.push(context.waker().clone());
        }
        Poll::Pending
    }
}

/// The duty of the call that fetches: nobody waits for it in vain.
struct Fetching<'a> {
    tokens: &'a RefCell<Tokens>,
    key: TokenKey,
    fetch: Rc<Fetch>,
}

impl<'a> Fetching<'a> {
    fn begin(tokens: &'a RefCell<Tokens>, key: TokenKey, now: Duration) -> Self {
        let fetch = Rc::<Fetch>::default();
        tokens.borrow_mut().begin(key.clone(), fetch.clone(), now);
        Self { tokens, key, fetch }
    }

    /// Keeps the token, unless another call has begun to fetch one, and gives the outcome to all that wait.
    fn end(self, outcome: &Result<Token, Error>) {
        if let Ok(token) = outcome
            && let Some(slot) = self.tokens.borrow_mut().slot_of(&self.key, &self.fetch)
        {
            slot.kept = Some(token.clone());
        }
        self.fetch.end(Some(outcome.clone()));
    }
}

impl Drop for Fetching<'_> {
    fn drop(&mut self) {
        let mut tokens = self.tokens.borrow_mut();
        if let Some(slot) = tokens.slot_of(&self.key, &self.fetch) {
            slot.fetch = None;
        }
        drop(tokens);
        if self.fetch.ended.borrow().is_none() {
            self.fetch.end(None);
        }
    }
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
    pub async fn access_token(&self, connection: Option<&str>, contacts: bool) -> Result<AccessToken, Error> {
        let connection = self.connection::<Application>(connection)?;
        let secrets = if contacts { Secrets::Contacts } else { Secrets::App };
        let source = connection.source(secrets, connection.lower.as_ref())?;
        let token = self.token(&connection, source, None).await?;
        Ok(AccessToken {
            access_token: token.value.expose().to_owned(),
            expires_in_seconds: token.until.saturating_sub(self.host.now()).as_secs().try_into().unwrap_or(u32::MAX),
        })
    }

    /// The token that is kept, or else a new one. One that WeCom has refused is `stale`.
    pub(super) async fn token(
        &self,
        connection: &CheckedApplication,
        source: TokenSource<'_>,
        stale: Option<&Secret>,
    ) -> Result<Token, Error> {
        let key = TokenKey::new(connection, source);
        if let Some(slot) = self.tokens.borrow_mut().slot(&key)
            && let Some(token) = &slot.kept
        {
            if self.host.now() < token.until && stale != Some(&token.value) {
                return Ok(token.clone());
            }
            // What is on its way may be the same one: WeCom was asked for it before this was known.
            slot.kept = None;
            slot.fetch = None;
        }
        self.fetch_token(connection, source, stale.is_some()).await
    }

    /// A new token, which takes the place of the one that is kept as soon as it is there. Calls that ask for it at the same
    /// time get the same. Where it is one for a lower enterprise, it can be got with a new token of the own enterprise, too:
    /// what made WeCom refuse the one may have hit the other.
    pub(super) async fn fetch_token(
        &self,
        connection: &CheckedApplication,
        source: TokenSource<'_>,
        is_afresh: bool,
    ) -> Result<Token, Error> {
        let key = TokenKey::new(connection, source);
        // For a lower enterprise it takes two requests.
        let patience = connection.endpoint.timeout * if source.lower.is_some() { 2 } else { 1 };
        loop {
            let fetch = self.tokens.borrow_mut().slot(&key).and_then(|slot| slot.fetch.clone());
            let Some(fetch) = fetch else { break };
            if !self.host.has_room() {
                return self.request_token(connection, source, is_afresh).await;
            }
            match self.host.wait(patience, |context| fetch.poll(context)).await {
                Some(Some(outcome)) => return outcome,
                // Who fetches it takes too long. The first to notice asks instead, and the others wait for that one.
                None if self.tokens.borrow_mut().slot_of(&key, &fetch).is_some() => break,
                Some(None) | None => {}
            }
        }
        let fetching = Fetching::begin(&self.tokens, key, self.host.now());
        let outcome = self.request_token(connection, source, is_afresh).await;
        fetching.end(&outcome);
        outcome
    }

    async fn request_token(
        &self,
        connection: &CheckedApplication,
        source: TokenSource<'_>,
        is_afresh: bool,
    ) -> Result<Token, Error> {
        match source.lower {
            None => {
                let query = [("corpid", connection.corp_id.as_str()), ("corpsecret", source.secret.expose())];
                self.ask_for_token(connection, source, &query, None).await
            }
            // A future that holds another of its own kind has to be on the heap.
            Some(lower) => Box::pin(self.request_lower_token(connection, source, lower, is_afresh)).await,
        }
    }

    /// The token that WeCom issues for a lower enterprise, for one of the own enterprise. Where that is refused, it is
    /// replaced once.
    async fn request_lower_token(
        &self,
        connection: &CheckedApplication,
        source: TokenSource<'_>,
        lower: &LowerCorp,
        is_afresh: bool,
    ) -> Result<Token, Error> {
        let own = TokenSource { lower: None, ..source };
        let body = json!({"corpid": lower.corp_id, "agentid": lower.agent_id, "business_type": lower.business_type});
        let body = body.to_string();
        let mut token = match is_afresh {
            true => self.fetch_token(connection, own, false).await?,
            false => self.token(connection, own, None).await?,
        };
        let mut may_replace = !is_afresh;
        loop {
            let query = [("access_token", token.value.expose())];
            match self.ask_for_token(connection, source, &query, Some((&body, &token.value))).await {
                Err(error) if may_replace && error.errcode().is_some_and(|code| STALE_TOKEN.contains(&code)) => {
                    may_replace = false;
                    token = self.token(connection, own, Some(&token.value)).await?;
                }
                answer => return answer,
            }
        }
    }

    /// Asks one of the two APIs that return tokens: the one for a lower enterprise takes a body, and the token beside it.
    async fn ask_for_token(
        &self,
        connection: &CheckedApplication,
        source: TokenSource<'_>,
        query: &[(&str, &str)],
        lower: Option<(&str, &Secret)>,
    ) -> Result<Token, Error> {
        let (method, api, doc_url) = match lower {
            None => (Method::Get, "gettoken", "https://developer.work.weixin.qq.com/document/path/91039"),
            Some(_) => (Method::Post, LOWER_TOKEN_API, "https://developer.work.weixin.qq.com/document/path/93359"),
        };
        let target = connection.endpoint.base_url.target(api, query.iter().copied());
        let asked = self.host.now();
        let request = HttpRequest {
            method,
            target: &target,
            body: lower.map(|(body, _)| Body::Json(body.as_bytes())),
            timeout: connection.endpoint.timeout,
            bound: Bound::SHORT,
        };
        let secrets: Vec<&Secret> = connection.secrets().chain(lower.map(|(_, token)| token)).collect();
        let returned: Vec<&Secret> = connection.given_tokens().chain(lower.map(|(_, token)| token)).collect();
        let call = Call {
            api,
            effect: Effect::Read,
            credential: source.credential,
            // The kind of secret matters to business calls only.
            needs: Secrets::App,
            proof: TOKEN,
            nothing_found: None,
            duplicate_check: false,
            bound: Bound::SHORT,
            doc_url,
            secrets: &secrets,
            // WeCom may return the very token that the connection has, or that it was asked with.
            returned: &returned,
        };
        let mut reply = call.classify(self.host.send(request).await)?;
        // Where it is no number of seconds, the token serves this call alone.
        let seconds = reply.seconds("expires_in");
        let value = new_token(&mut reply).map_err(|malformed| call.malformed(&malformed))?;
        let life = Duration::from_secs(seconds).min(MAX_TOKEN_LIFE);
        Ok(Token { value, until: asked.saturating_add(life.saturating_sub(TOKEN_MARGIN.min(life / 2))) })
    }
}

impl TokenKey {
    fn new(connection: &CheckedApplication, source: TokenSource<'_>) -> Self {
        Self {
            base_url: connection.endpoint.base_url.clone(),
            corp_id: connection.corp_id.clone(),
            secret: source.secret.clone(),
            lower: source.lower.cloned(),
        }
    }
}

/// The token of gettoken's reply.
fn new_token(reply: &mut Reply) -> Result<Secret, Malformed> {
    let token = reply.required_text("access_token")?;
    if token.len() > MAX_TEXT_BYTES {
        return Err(Malformed::Message(phrase!("the answer is too long").into()));
    }
    Secret::new(token).ok_or_else(|| reply.missing("access_token"))
}
