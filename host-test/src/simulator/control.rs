//! What a test orders, and asks, from another process: JSON over HTTP, below `/simulator/`.
//!
//! Those requests are no calls of WeCom's API: they meet no fault, and are not recorded.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::callback::{Delivery, Setting, Source};
use super::http::{Request, Response};
use super::world::World;

/// Something that goes wrong between client and server: [`Simulator::disturb_next`](super::Simulator::disturb_next).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disturbance {
    /// The gateway answers a page with this HTTP status; the call is not done.
    Page(u16),
    /// The connection closes before the call is done.
    LoseRequest,
    /// The call is done, and the connection closes instead of an answer.
    LoseReply,
    /// The call is done, and answered after this time on the real clock.
    Delay(Duration),
    /// The call is done, and answered with HTTP 200 and this body.
    Replace(Bytes),
}

/// A fault as it is ordered.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Order {
    Refuse { errcode: i64, errmsg: Option<String> },
    Page { status: u16 },
    Lose { lose: Lost },
    Delay { delay_ms: u64 },
    Replace { reply: String },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Lost {
    Request,
    Reply,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Clock {
    advance: u32,
}

/// A URL as it is set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Url {
    agent_id: Source,
    url: String,
    token: String,
    encoding_aes_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    user_id: String,
    agent_id: i64,
    content: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    user_id: String,
    agent_id: i64,
}

/// Something to be told as it is.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    agent_id: Source,
    fields: Map<String, Value>,
}

/// Reads the order to set a callback URL; none if the request is another one. It is verified before it is set.
pub(super) fn callback_url(world: &World, request: &Request) -> Option<Result<Setting, String>> {
    if (request.method.as_str(), request.path.as_str()) != ("POST", "/simulator/callback") {
        return None;
    }
    const FORM: &str = "{\"agent_id\": 1000002, \"contacts\" or \"customers\", \"url\": …, \"token\": …, \
        \"encoding_aes_key\": …} is expected";
    let url = serde_json::from_slice(&request.body).map_err(|_| FORM.to_owned());
    Some(url.and_then(|url: Url| world.proposed(url.agent_id, &url.url, &url.token, &url.encoding_aes_key)))
}

/// The answer to an order: `errcode` 0, or what was wrong.
pub(super) fn answered(outcome: Result<Value, String>) -> Response {
    match outcome {
        Ok(value) => Response::json(&value),
        Err(wrong) => Response { status: 400, ..Response::json(&json!({"error": wrong})) },
    }
}

/// What is answered where a member did something: the number of the callback that tells it.
fn told(callback: usize) -> Value {
    json!({"errcode": 0, "errmsg": "ok", "callback": callback})
}

/// Answers a request for the simulator itself; none if it is one for WeCom.
pub(super) fn answer(
    world: &mut World,
    disturbances: &mut VecDeque<Disturbance>,
    request: &Request,
) -> Option<Response> {
    let what = request.path.strip_prefix("/simulator/")?;
    let answer = match (request.method.as_str(), what) {
        ("GET", "messages") => Ok(json!(world.messages())),
        ("POST", "faults") => order(world, disturbances, &request.body),
        ("POST", "clock") => advance(world, &request.body),
        ("GET", "callbacks") => Ok(world.callbacks().iter().map(Delivery::json).collect()),
        ("POST", "press") => {
            let form = "{\"user_id\": …, \"key\": …} is expected, with \"task_id\" or \"msgid\", and \
                {\"selected\": {question: [options]}}";
            read(&request.body, form).and_then(|press| world.press(&press)).map(told)
        }
        ("POST", "write") => read(&request.body, "{\"user_id\": …, \"agent_id\": …, \"content\": …} is expected")
            .and_then(|Text { user_id, agent_id, content }| world.write(&user_id, agent_id, &content))
            .map(told),
        ("POST", "enter") => read(&request.body, "{\"user_id\": …, \"agent_id\": …} is expected")
            .and_then(|Entry { user_id, agent_id }| world.enter(&user_id, agent_id))
            .map(told),
        ("POST", "tell") => read(&request.body, "{\"agent_id\": …, \"fields\": {\"MsgType\": …}} is expected")
            .and_then(|Told { agent_id, fields }| world.tell(agent_id, fields))
            .map(told),
        ("GET", what) => {
            let id = what.strip_prefix("callbacks/").and_then(|id| id.parse().ok());
            let callback = id.and_then(|id: usize| world.callbacks().get(id.checked_sub(1)?));
            let Some(callback) = callback else { return Some(Response::nowhere()) };
            Ok(callback.json())
        }
        _ => return Some(Response::nowhere()),
    };
    Some(answered(answer))
}

fn read<T: DeserializeOwned>(body: &[u8], form: &str) -> Result<T, String> {
    serde_json::from_slice(body).map_err(|_| form.to_owned())
}

fn order(world: &mut World, disturbances: &mut VecDeque<Disturbance>, body: &[u8]) -> Result<Value, String> {
    const FORMS: &str = "a list is expected of {\"errcode\": …, \"errmsg\": …}, {\"status\": 400 to 599}, \
        {\"lose\": \"request\" or \"reply\"}, {\"delay_ms\": …} and {\"reply\": …}";
    let orders: Vec<Order> = serde_json::from_slice(body).map_err(|_| FORMS)?;
    if orders.iter().any(|order| matches!(order, Order::Page { status } if !(400..600).contains(status))) {
        return Err(FORMS.into());
    }
    let count = orders.len();
    for order in orders {
        disturbances.push_back(match order {
            Order::Refuse { errcode, errmsg } => {
                world.fail_next(errcode, errmsg.unwrap_or_else(|| "ordered".into()));
                continue;
            }
            Order::Page { status } => Disturbance::Page(status),
            Order::Lose { lose: Lost::Request } => Disturbance::LoseRequest,
            Order::Lose { lose: Lost::Reply } => Disturbance::LoseReply,
            Order::Delay { delay_ms } => Disturbance::Delay(Duration::from_millis(delay_ms)),
            Order::Replace { reply } => Disturbance::Replace(reply.into()),
        });
    }
    Ok(json!({"ordered": count}))
}

fn advance(world: &mut World, body: &[u8]) -> Result<Value, String> {
    let clock: Clock = serde_json::from_slice(body).map_err(|_| "{\"advance\": seconds} is expected")?;
    world.advance(Duration::from_secs(clock.advance.into()));
    Ok(json!({"now": world.now().as_secs()}))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulator::Options;

    #[test]
    fn orders_are_read_and_wrong_ones_are_named() {
        let mut world = World::new(Options::default());
        let mut disturbances = VecDeque::new();
        let mut ask = |method: &str, path: &str, body: &str| {
            let (method, path) = (method.into(), path.into());
            let request =
                Request { method, path, query: String::new(), headers: Vec::new(), body: body.to_owned().into() };
            answer(&mut world, &mut disturbances, &request).map(|response| response.status)
        };
        let all = r#"[{"errcode": 45009}, {"errcode": -1, "errmsg": "busy"}, {"status": 502}, {"lose": "request"},
            {"lose": "reply"}, {"delay_ms": 5}, {"reply": "{}"}]"#;
        assert_eq!(ask("POST", "/simulator/faults", all), Some(200));
        for wrong in
            ["", "{}", r#"[{}]"#, r#"[{"lose": "all"}]"#, r#"[{"status": 200}]"#, r#"[{"status": 502, "lose": 1}]"#]
        {
            assert_eq!(ask("POST", "/simulator/faults", wrong), Some(400), "{wrong}");
        }
        assert_eq!(ask("POST", "/simulator/clock", r#"{"advance": 7200}"#), Some(200));
        assert_eq!(ask("POST", "/simulator/clock", r#"{"advance": -1}"#), Some(400));
        assert_eq!(ask("GET", "/simulator/faults", ""), Some(404));
        assert_eq!(ask("GET", "/simulator/messages", ""), Some(200));
        assert_eq!(ask("GET", "/cgi-bin/messages", ""), None);
        assert_eq!(world.now(), Duration::from_secs(7200));
        let expected = [
            Disturbance::Page(502),
            Disturbance::LoseRequest,
            Disturbance::LoseReply,
            Disturbance::Delay(Duration::from_millis(5)),
            Disturbance::Replace("{}".into()),
        ];
        assert_eq!(disturbances, expected);
        assert_eq!(world.failures.len(), 2);
    }
}
