//! What a test orders, and asks, from another process: JSON over HTTP, below `/simulator/`.
//!
//! Those requests are no calls of WeCom's API: they meet no fault, and are not recorded.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

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
        _ => return Some(Response::nowhere()),
    };
    Some(match answer {
        Ok(value) => Response::json(&value),
        Err(wrong) => Response { status: 400, ..Response::json(&json!({"error": wrong})) },
    })
}

fn order(world: &mut World, disturbances: &mut VecDeque<Disturbance>, body: &[u8]) -> Result<Value, &'static str> {
    const FORMS: &str = "a list is expected of {\"errcode\": …, \"errmsg\": …}, {\"status\": 400 to 599}, \
        {\"lose\": \"request\" or \"reply\"}, {\"delay_ms\": …} and {\"reply\": …}";
    let orders: Vec<Order> = serde_json::from_slice(body).map_err(|_| FORMS)?;
    if orders.iter().any(|order| matches!(order, Order::Page { status } if !(400..600).contains(status))) {
        return Err(FORMS);
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

fn advance(world: &mut World, body: &[u8]) -> Result<Value, &'static str> {
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
