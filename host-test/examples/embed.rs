//! An engine in a hundred lines: loads the component, calls a typed action, and does with each class of error what it
//! asks for. The connection comes from the environment: `WECOM_CORP_ID`, `WECOM_APP_SECRET`, `WECOM_AGENT_ID`, ….
//!
//! `cargo run -p host-test --example embed -- target/wasm32-wasip2/release/wecom_connector.wasm [SECONDS [MIB]]`

#![allow(missing_docs, reason = "bindgen's own")]
use std::{env, time::Duration};

use http_body_util::BodyExt as _;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{client::legacy::Client, client::legacy::connect::HttpConnector, rt::TokioExecutor};
use wasmtime::component::{Component, Linker, ResourceTable, bindgen};
use wasmtime::{Cache, Config, Engine, Store, StoreLimits, StoreLimitsBuilder};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error as HttpError, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView};
use wasmtime_wasi_http::{WasiHttpHooks, WasiHttpView};

// region: bindings
bindgen!({
    path: "../wit",
    inline: "package my:engine; world caller {
        export wecom:connector/types@0.2.0; export wecom:connector/app-message@0.2.0; }",
    world: "my:engine/caller",
    exports: { default: async },
});
use exports::wecom::connector::{app_message::PushTextMessageParameters, types::Error};
// endregion

struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    limits: StoreLimits,
    hooks: Pooled,
}
impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}
impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.hooks }
    }
}
type Transfer = Box<dyn Future<Output = Result<(), HttpError>> + Send>;
type Sending = Box<dyn Future<Output = Result<(Response<WasiBody>, Transfer), HttpError>> + Send>;

/// One pool of connections for all instances: wasmtime's own hook opens a connection for each request.
struct Pooled(Client<HttpsConnector<HttpConnector>, WasiBody>);
impl WasiHttpHooks for Pooled {
    fn send_request(&mut self, request: Request<WasiBody>, _: Option<RequestOptions>, _: Transfer) -> Sending {
        let sending = self.0.request(request); // The component watches the clock itself.
        Box::new(async move {
            let response = sending.await.map_err(|error| {
                // Where no connection was made, nothing was sent: the connector counts on the difference.
                if error.is_connect() { HttpError::ConnectionRefused } else { HttpError::ConnectionTerminated }
            })?;
            let response = response.map(|body| body.map_err(|_| HttpError::ConnectionTerminated).boxed_unsync());
            Ok((response, Box::new(async { Ok(()) }) as Transfer))
        })
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Once for the process: the compiled component, the linker, the HTTP client.
    let file = env::args().nth(1).ok_or(anyhow::anyhow!("usage: embed COMPONENT [SECONDS [MIB]]"))?;
    let limit = |at, usual| env::args().nth(at).map_or(Ok(usual), |text| text.parse::<u32>());
    // region: load
    // Compiling takes seconds: the next process finds it in wasmtime's cache.
    let engine = Engine::new(Config::new().consume_fuel(true).cache(Some(Cache::from_file(None)?)))?;
    let mut linker = Linker::<State>::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    let connector = CallerPre::new(linker.instantiate_pre(&Component::from_file(&engine, file)?)?)?;
    let https = HttpsConnectorBuilder::new().with_webpki_roots().https_or_http().enable_http1().build();
    let hooks = Pooled(Client::builder(TokioExecutor::new()).set_host(false).build(https));
    // endregion
    // region: call
    // For each call, or kept for several so that access tokens are: an instance, its memory and its computing bounded.
    let environment: Vec<_> = env::vars().filter(|(name, _)| name.starts_with("WECOM_")).collect();
    let wasi = WasiCtx::builder().envs(&environment).build();
    let limits = StoreLimitsBuilder::new().memory_size((limit(3, 64)? as usize) << 20).build();
    let state = State { wasi, http: WasiHttpCtx::new(), table: ResourceTable::new(), limits, hooks };
    let mut store = Store::new(&engine, state);
    store.limiter(|state| &mut state.limits);
    // It lets go every million instructions, so that the deadline below ends what computes as well as what waits.
    store.set_fuel(u64::MAX)?;
    store.fuel_async_yield_interval(Some(1_000_000))?;
    let instance = connector.instantiate_async(&mut store).await?;
    let (to_user, content) = (Some(vec!["zhangsan".to_owned(), "nobody".to_owned()]), "Build 42 is done.".to_owned());
    let push = PushTextMessageParameters {
        to_user,
        to_party: None,
        agent_id: None,
        content,
        safe: None,
        to_tag: None,
        duplicate_check_interval: None,
    };
    let call = instance.wecom_connector_app_message().call_push_text_message(&mut store, None, &push);
    match tokio::time::timeout(Duration::from_secs(limit(2, 120)?.into()), call).await?? {
        Ok(delivery) => println!("sent; not reached: {:?}", delivery.invalid_user),
        Err(Error::PermanentInvalidParameters(faults)) => println!("mend what was given: {faults:?}"),
        Err(Error::PermanentRejected(why)) => println!("stop: {} {}", why.message, why.hint.en),
        Err(Error::PermanentOutcomeUnknown(why)) => println!("look before repeating: {} {}", why.message, why.hint.en),
        Err(Error::Retryable(why)) => println!("repeat after {:?} s: {}", why.retry_after_seconds, why.message),
        Err(Error::ExecutionFailed) => unreachable!("the connector never returns it"),
    }
    // endregion
    Ok(())
}
