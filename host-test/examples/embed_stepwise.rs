//! An engine that sends the requests itself, in a hundred lines: loads the component that imports nothing, carries one
//! push out with its own HTTP client, and does with each class of error what it asks for. The connection is JSON.
//!
//! `cargo run -p host-test --example embed_stepwise -- "$(cargo xtask stepwise)" CONNECTION.json`

#![allow(missing_docs, reason = "bindgen's own")]
use std::time::{Duration, Instant};
use std::{env, error::Error as StdError, fs, io, iter};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::Request as Outgoing;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy, client::legacy::connect::HttpConnector, rt::TokioExecutor};
use wasmtime::component::{Component, Linker, bindgen};
use wasmtime::{Cache, Config, Engine, Store, StoreLimitsBuilder};

// region: bindings
bindgen!({
    path: "../wit",
    inline: "package my:engine; world caller {
        export wecom:connector/types@0.2.0; export wecom:connector/stepwise@0.2.0; }",
    world: "my:engine/caller",
});
use exports::wecom::connector::stepwise::{Answer, Invocation, Method, Operation, Output, Request, Response, Step};
use exports::wecom::connector::types::Error;
// endregion

type Client = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

// region: send
/// Carries a request out. It is sent once, as it is, and no redirect is followed.
async fn send(client: &Client, request: Request) -> Answer {
    let timeout = Duration::from_millis(request.timeout_ms.into());
    let method = if request.method == Method::Get { "GET" } else { "POST" };
    let outgoing = Outgoing::builder().method(method).uri(request.url);
    let outgoing = request.headers.into_iter().fold(outgoing, |outgoing, (name, value)| outgoing.header(name, value));
    let Ok(outgoing) = outgoing.body(Full::from(request.body.unwrap_or_default())) else {
        return Answer::NotSent("the request cannot be built".to_owned());
    };
    // Connecting, and the first byte. Whoever was not connected by then may be so now: nobody knows what has arrived.
    let incoming = match tokio::time::timeout(timeout * 2, client.request(outgoing)).await {
        Ok(Ok(incoming)) => incoming,
        Ok(Err(error)) => return unanswered(&error),
        Err(_) => return Answer::Lost("no answer in time".to_owned()),
    };
    let header = |name| Some(String::from_utf8_lossy(incoming.headers().get(name)?.as_bytes()).into_owned());
    let [retry_after, content_disposition] = ["retry-after", "content-disposition"].map(header);
    let head = Response { status: incoming.status().into(), retry_after, content_disposition, body: vec![] };
    let body = Limited::new(incoming.into_body(), request.max_body_bytes as usize).collect();
    match tokio::time::timeout(timeout, body).await {
        Ok(Ok(body)) => Answer::Response(Response { body: body.to_bytes().into(), ..head }),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Answer::TooLong,
        Ok(Err(error)) => Answer::Lost(error.to_string()),
        Err(_) => Answer::Lost("the answer did not end in time".to_owned()),
    }
}

/// Where no connection was made, nothing was sent: whether a message may be sent again depends on that.
fn unanswered(error: &legacy::Error) -> Answer {
    let causes = || iter::successors(Some(error as &(dyn StdError + 'static)), |error| cause(*error));
    let words = causes().last().map_or_else(String::new, ToString::to_string);
    match (error.is_connect(), causes().any(<dyn StdError>::is::<rustls::Error>)) {
        (true, true) => Answer::NotTrusted(words),
        (true, false) => Answer::NotSent(words),
        (false, _) => Answer::Lost(words),
    }
}

/// The cause of an error. That of an `io::Error` is what it holds; its `source` would pass that over.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    inside.map(|error| error as _).or_else(|| error.source())
}
// endregion

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let argument = |at| env::args().nth(at).context("usage: embed_stepwise COMPONENT CONNECTION.json");
    let (component, connection) = (argument(1)?, fs::read_to_string(argument(2)?)?);
    // region: load
    // Once for the process: the compiled component, and its one instance, which keeps the access tokens. The linker is
    // empty: the component can do nothing but compute.
    let engine = Engine::new(Config::new().cache(Some(Cache::from_file(None)?)))?;
    let component = Component::from_file(&engine, component)?;
    let mut store = Store::new(&engine, StoreLimitsBuilder::new().memory_size(512 << 20).build());
    store.limiter(|limits| limits);
    let instance = Caller::instantiate(&mut store, &component, &Linker::new(&engine))?;
    let connector = instance.wecom_connector_stepwise();
    let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    let client: Client = legacy::Client::builder(TokioExecutor::new()).build(https);
    let began = Instant::now();
    let now = || began.elapsed().as_millis() as u64;
    // endregion
    // region: call
    let parameters = r#"{"to_user": ["zhangsan", "nobody"], "content": "Build 42 is done."}"#.to_owned();
    let push = Operation::Invoke(Invocation { action: "push-text-message".to_owned(), parameters, files: vec![] });
    let mut step = connector.call_begin(&mut store, &push, &connection, now())?;
    while let Step::Send(request) = step {
        let (call, answer) = (request.call, send(&client, request).await);
        step = connector.call_resume(&mut store, call, &answer, now())??;
    }
    match step {
        Step::Done(Output::Json(output)) => println!("sent: {output}"),
        Step::Failed(error) => match error {
            Error::PermanentInvalidParameters(faults) => println!("mend what was given: {faults:?}"),
            Error::PermanentRejected(why) => println!("stop: {} {}", why.message, why.hint.en),
            Error::PermanentOutcomeUnknown(why) => println!("look before repeating: {} {}", why.message, why.hint.en),
            Error::Retryable(why) => println!("repeat after {:?} s: {}", why.retry_after_seconds, why.message),
            Error::ExecutionFailed => unreachable!("the connector never returns it"),
        },
        // It waits only for another call, and an action has no other output.
        _ => unreachable!("one call, and an action"),
    }
    // endregion
    Ok(())
}
