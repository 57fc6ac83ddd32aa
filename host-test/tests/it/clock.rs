//! Access tokens against a clock that stands still, jumps, or goes back, and against two secrets at once: the connector
//! as a library, with a host that is nothing but a clock and a WeCom of its own.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use wecom_connector::connector::Connector;
use wecom_connector::error::{Category, Error};
use wecom_connector::http::transport::{Host, HttpReply, HttpRequest, SendError, run_blocking};

const HOUR: Duration = Duration::from_secs(3600);

/// A clock, and a server that issues tokens and refuses those it was told to.
#[derive(Default)]
struct World {
    now: Cell<Duration>,
    /// How far the clock jumps while a token is asked for.
    jump: Cell<Duration>,
    issued: Cell<u32>,
    /// How much longer a token is than it need be.
    padding: Cell<usize>,
    expires_in: RefCell<Option<Value>>,
    refused: RefCell<BTreeSet<String>>,
    /// The requests: `gettoken` with the secret, or the token that a business call was made with.
    requests: RefCell<Vec<String>>,
}

impl Host for &World {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let query = &request.target.path_and_query;
        let value = |name: &str| {
            let (_, rest) = query.split_once(&format!("{name}="))?;
            rest.split('&').next().map(str::to_owned)
        };
        let reply = if let Some(secret) = value("corpsecret") {
            self.requests.borrow_mut().push(format!("gettoken {secret}"));
            self.issued.set(self.issued.get() + 1);
            self.now.set(self.now.get().saturating_add(self.jump.get()));
            let expires_in = self.expires_in.borrow().clone().unwrap_or(json!(7200));
            let token = format!("token-{}{}", self.issued.get(), "x".repeat(self.padding.get()));
            json!({"errcode": 0, "access_token": token, "expires_in": expires_in})
        } else {
            let token = value("access_token").unwrap();
            self.requests.borrow_mut().push(token.clone());
            let refused = self.refused.borrow().contains(&token);
            json!({"errcode": if refused { 42001 } else { 0 }, "msgid": "m"})
        };
        Ok(HttpReply::new(200, None, None, reply.to_string().into_bytes()))
    }

    fn now(&self) -> Duration {
        self.now.get()
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

impl World {
    fn requests(&self) -> Vec<String> {
        self.requests.take()
    }

    fn refuse(&self, token: &str) {
        self.refused.borrow_mut().insert(token.to_owned());
    }
}

const CONNECTION: &str = r#"{"type": "application", "corp_id": "ww0", "app_secret": "app-secret", "contacts_secret": "contacts-secret", "agent_id": 1}"#;

/// A call with the application's secret.
fn send(connector: &Connector<&World>) -> Result<String, Error> {
    run_blocking(connector.invoke("push-text-message", Some(CONNECTION), r#"{"to_user": ["a"], "content": "c"}"#))
}

/// A call with the contacts secret.
fn read(connector: &Connector<&World>) -> Result<String, Error> {
    run_blocking(connector.invoke("list-department-ids", Some(CONNECTION), "{}"))
}

#[test]
fn where_the_clock_stands_still_wecom_says_when_a_token_has_expired() {
    for at in [Duration::ZERO, HOUR, Duration::from_nanos(u64::MAX), Duration::MAX] {
        let world = World::default();
        world.now.set(at);
        let connector = Connector::new(&world);
        send(&connector).unwrap();
        assert_eq!(world.requests(), ["gettoken app-secret", "token-1"]);
        if at == Duration::MAX {
            // No time is left for a token to live, which costs requests and nothing else.
            continue;
        }
        for _ in 0..5 {
            send(&connector).unwrap();
            assert_eq!(world.requests(), ["token-1"]);
        }
        world.refuse("token-1");
        send(&connector).unwrap();
        assert_eq!(world.requests(), ["token-1", "gettoken app-secret", "token-2"]);
        send(&connector).unwrap();
        assert_eq!(world.requests(), ["token-2"]);
    }
}

#[test]
fn a_clock_that_jumps_ahead_costs_a_token_and_no_error() {
    let world = World::default();
    let connector = Connector::new(&world);
    send(&connector).unwrap();
    for at in [2 * HOUR, 1000 * HOUR, Duration::from_nanos(u64::MAX), Duration::MAX] {
        world.now.set(at);
        world.requests();
        send(&connector).unwrap();
        let token = format!("token-{}", world.issued.get());
        assert_eq!(world.requests(), ["gettoken app-secret", &token], "{at:?}");
    }
}

#[test]
fn a_clock_that_goes_back_makes_no_token_live_for_ever() {
    let world = World::default();
    world.now.set(10 * HOUR);
    let connector = Connector::new(&world);
    send(&connector).unwrap();
    world.now.set(Duration::ZERO);
    world.requests();
    send(&connector).unwrap();
    assert_eq!(world.requests(), ["token-1"]);
    // By the connector's clock it has hours to live; WeCom knows better.
    world.refuse("token-1");
    send(&connector).unwrap();
    assert_eq!(world.requests(), ["token-1", "gettoken app-secret", "token-2"]);
    let answer = run_blocking(connector.access_token(Some(CONNECTION), false)).unwrap();
    assert_eq!((answer.access_token.as_str(), answer.expires_in_seconds), ("token-2", 6900));
}

#[test]
fn a_life_counts_from_when_the_token_was_asked_for() {
    let world = World::default();
    world.jump.set(Duration::from_secs(6901));
    let connector = Connector::new(&world);
    send(&connector).unwrap();
    send(&connector).unwrap();
    assert_eq!(world.issued.get(), 2, "the answer came when the token was at its end");
    let answer = run_blocking(connector.access_token(Some(CONNECTION), false)).unwrap();
    assert_eq!(answer.expires_in_seconds, 0, "and is not said to live");
}

#[test]
fn no_life_is_longer_than_two_hours_whatever_wecom_says() {
    for expires_in in [json!(7200), json!(u64::MAX), json!(i64::MAX), json!("99999999"), json!(1e18)] {
        let world = World::default();
        world.expires_in.replace(Some(expires_in.clone()));
        let connector = Connector::new(&world);
        send(&connector).unwrap();
        world.now.set(Duration::from_secs(6899));
        send(&connector).unwrap();
        assert_eq!(world.issued.get(), 1, "{expires_in}");
        world.now.set(Duration::from_secs(6900));
        send(&connector).unwrap();
        assert_eq!(world.issued.get(), 2, "{expires_in}");
    }
}

#[test]
fn a_life_that_is_none_serves_one_call() {
    for expires_in in
        [json!(0), json!(-1), json!(i64::MIN), json!("soon"), json!(0.5), json!({"in": 7200}), Value::Null]
    {
        let world = World::default();
        world.expires_in.replace(Some(expires_in.clone()));
        let connector = Connector::new(&world);
        for _ in 0..2 {
            send(&connector).unwrap();
        }
        assert_eq!(world.requests().len(), 4, "{expires_in}: a token for each call");
    }
}

#[test]
fn the_tokens_of_two_secrets_end_apart() {
    let world = World::default();
    let connector = Connector::new(&world);
    for _ in 0..2 {
        send(&connector).unwrap();
        read(&connector).unwrap();
    }
    let first = ["gettoken app-secret", "token-1", "gettoken contacts-secret", "token-2"];
    assert_eq!(world.requests(), [&first[..], &["token-1", "token-2"]].concat());
    // One is revoked between two actions: the other is kept.
    world.refuse("token-1");
    read(&connector).unwrap();
    send(&connector).unwrap();
    read(&connector).unwrap();
    let expected = ["token-2", "token-1", "gettoken app-secret", "token-3", "token-2"];
    assert_eq!(world.requests(), expected);
}

#[test]
fn a_token_that_is_refused_at_once_is_replaced_once() {
    let world = World::default();
    let connector = Connector::new(&world);
    for number in 1..=20 {
        world.refuse(&format!("token-{number}"));
    }
    for call in 0..3 {
        world.requests();
        let error = send(&connector).unwrap_err();
        assert!(matches!(&error, Error::PermanentRejected(failure) if failure.errcode == Some(42001)), "{error}");
        assert!(!error.to_string().contains("token-"), "{error}");
        // One refresh, one repeat, and never a loop. The first call has no token yet; the others have the one before.
        let expected = if call == 0 { 4 } else { 3 };
        let requests = world.requests();
        assert_eq!(requests.len(), expected, "{requests:?}");
    }
}

#[test]
fn a_token_that_no_url_has_room_for_is_no_token() {
    let world = World::default();
    let connector = Connector::new(&world);
    world.padding.set(4096 - "token-1".len());
    send(&connector).unwrap();
    assert_eq!(world.requests().len(), 2);
    for padding in [4090, 500_000] {
        let connector = Connector::new(&world);
        world.padding.set(padding);
        let error = send(&connector).unwrap_err();
        let Error::Retryable(failure) = error else { panic!("{error}") };
        assert_eq!((failure.api.as_str(), failure.category), ("gettoken", Category::Protocol));
        assert!(failure.message == "the answer is too long", "{}", failure.message);
        assert_eq!(world.requests(), ["gettoken app-secret"]);
    }
}
