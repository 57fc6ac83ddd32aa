//! HTTP without WeCom: answers in process, a server on loopback that does next to nothing, and a client that makes the
//! component's requests by hand.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use host_test::client::{Http, Sending};
use host_test::stepwise::bindings::exports::wecom::connector::stepwise as steps;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wasmtime_wasi_http::{RequestOptions, WasiBody};

use super::{ACCESS_TOKEN, AGENT_ID};

/// What WeCom answers when all is well.
pub(crate) fn reply(path: &str) -> Bytes {
    Bytes::from_static(match path {
        "/cgi-bin/gettoken" => br#"{"errcode":0,"errmsg":"ok","access_token":"TOKEN-OF-BENCHMARK","expires_in":7200}"#,
        "/cgi-bin/webhook/send" => br#"{"errcode":0,"errmsg":"ok"}"#,
        _ => br#"{"errcode":0,"errmsg":"ok","msgid":"vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk"}"#,
    })
}

/// Answers every request as soon as its body is there, without a socket.
pub(crate) struct InProcess;

impl Http for InProcess {
    fn send(&self, request: Request<WasiBody>, _: Option<RequestOptions>) -> Sending {
        Box::pin(async move {
            let (head, body) = request.into_parts();
            body.collect().await?;
            Ok(Response::new(
                Full::new(reply(head.uri.path())).map_err(|never: Infallible| match never {}).boxed_unsync(),
            ))
        })
    }
}

/// A request as it arrived.
#[derive(Clone)]
pub(crate) struct Arrived {
    path_and_query: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Arrived {
    /// In a form that can be compared: JSON has no order.
    pub(crate) fn comparable(&self) -> Result<(&str, Vec<(String, String)>, Value)> {
        let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let mut headers: Vec<_> = self.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        headers.sort();
        Ok((&self.path_and_query, headers, serde_json::from_slice(&self.body)?))
    }
}

/// A server on loopback, for as long as the runtime runs.
pub(crate) struct Server {
    address: SocketAddr,
    last: Arc<Mutex<Option<Arrived>>>,
}

impl Server {
    /// Starts on the current runtime; every answer comes after `delay`.
    pub(crate) async fn start(delay: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let last = Arc::default();
        let shared = Arc::clone(&last);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let last = Arc::clone(&shared);
                let service = service_fn(move |request| answer(request, delay, Arc::clone(&last)));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(Self { address, last })
    }

    /// Where the server is.
    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The request that arrived last.
    pub(crate) fn last(&self) -> Result<Arrived> {
        self.last.lock().unwrap().clone().context("no request arrived")
    }
}

async fn answer(
    request: Request<Incoming>,
    delay: Duration,
    last: Arc<Mutex<Option<Arrived>>>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let reply = reply(head.uri.path());
    let path_and_query = head.uri.to_string();
    *last.lock().unwrap() = Some(Arrived { path_and_query, headers: head.headers, body });
    Ok(Response::new(Full::new(reply)))
}

/// What somebody writes who has no connector: one request, with keep-alive and a timeout.
#[derive(Clone)]
pub(crate) struct Native {
    client: legacy::Client<HttpConnector, Full<Bytes>>,
    base_url: String,
}

impl Native {
    /// A client of that server.
    pub(crate) fn new(base_url: String) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = legacy::Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Self { client, base_url }
    }

    /// Pushes a text message, and returns its ID.
    pub(crate) async fn push_text(&self, receiver: &str, content: &str) -> Result<String> {
        let body = json!({
            "touser": receiver,
            "agentid": AGENT_ID,
            "msgtype": "text",
            "text": { "content": content },
        });
        let request = Request::post(format!("{}/cgi-bin/message/send?access_token={ACCESS_TOKEN}", self.base_url))
            .header("accept", "application/json")
            .header("user-agent", concat!("wecom-connector/", env!("CARGO_PKG_VERSION")))
            .header("content-type", "application/json; charset=utf-8")
            .body(Full::from(serde_json::to_vec(&body)?))?;
        let reply: Value = serde_json::from_slice(&self.exchange(request).await?.1)?;
        ensure!(reply["errcode"] == 0, "{reply}");
        Ok(reply["msgid"].as_str().context("no msgid")?.to_owned())
    }

    /// Sends what the component hands out.
    pub(crate) async fn send(&self, request: steps::Request) -> Result<steps::Answer> {
        let outgoing = Request::builder().method(if request.method == steps::Method::Get { "GET" } else { "POST" });
        let outgoing = request.headers.iter().fold(outgoing, |outgoing, (name, value)| outgoing.header(name, value));
        let outgoing = outgoing.uri(request.url).body(Full::from(request.body.unwrap_or_default()))?;
        let (status, body) = self.exchange(outgoing).await?;
        Ok(steps::Answer::Response(steps::Response {
            status,
            retry_after: None,
            content_disposition: None,
            body: body.into(),
        }))
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(u16, Bytes)> {
        let exchange = async {
            let answer = self.client.request(request).await?;
            let status = answer.status().as_u16();
            anyhow::Ok((status, answer.into_body().collect().await?.to_bytes()))
        };
        tokio::time::timeout(Duration::from_secs(30), exchange).await?
    }
}
