//! A host for the component: what an engine does to load it and to call it.
//!
//! One [`Host`] holds the compiled component; an [`Instance`] is made for each call, or kept so that access tokens are
//! cached. It is small so that it can be copied.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use hyper::{Request, Response};
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{
    Component, ComponentExportIndex, ComponentNamedList, Func, InstancePre, Lift, Linker, Lower, ResourceTable, Val,
};
use wasmtime::{
    Cache, CacheConfig, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, ResourceLimiter, Store,
};
use wasmtime_wasi::cli::{WasiCli, WasiCliView as _};
use wasmtime_wasi::p2::bindings::cli;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::client::{Allow, Client, Http};

/// The contract, as wasmtime binds it. The world does not name `types`: what it only uses has one module, which
/// [`stepwise`](crate::stepwise) shares.
#[allow(missing_docs, reason = "generated; the contract's own documentation is in the WIT files")]
pub mod bindings {
    wasmtime::component::bindgen!({
        inline: "
            package wecom:host@0.1.0;

            world embedder {
                export wecom:connector/department@0.2.0;
                export wecom:connector/member@0.2.0;
                export wecom:connector/group-chat@0.2.0;
                export wecom:connector/app-message@0.2.0;
                export wecom:connector/group-chat-message@0.2.0;
                export wecom:connector/chatbot-message@0.2.0;
                export wecom:connector/connector@0.2.0;
            }
        ",
        path: "../wit",
        world: "wecom:host/embedder",
        exports: { default: async },
        additional_derives: [PartialEq, serde::Serialize],
    });
}

use bindings::EmbedderIndices;
use bindings::exports::wecom::connector::connector::{AccessToken, ConnectionReport, TokenScope};
use bindings::wecom::connector::types::Error as ConnectorError;

/// The interface for engines that hold JSON.
const CONNECTOR: &str = "wecom:connector/connector@0.2.0";

/// How often the clock ticks that ends calls which compute for too long.
const TICK: Duration = Duration::from_millis(10);
/// How much memory stays mapped where an instance was, for the next one.
const KEEP_RESIDENT: usize = 256 * 1024;
/// How much a guest may print before it is a fault.
const MAX_OUTPUT_BYTES: usize = 64 * 1024;

/// What a component may do and use.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The hosts it may call.
    pub allow: Allow,
    /// The environment it sees: nothing of the host's own.
    pub environment: Vec<(String, String)>,
    /// How long one call may take in all.
    pub deadline: Duration,
    /// How much memory one instance may have, in bytes.
    pub memory: usize,
    /// How many instances may live at once.
    pub instances: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            allow: Allow::Any,
            environment: Vec::new(),
            deadline: Duration::from_secs(120),
            memory: 64 * 1024 * 1024,
            instances: 1000,
        }
    }
}

/// A loaded component.
pub struct Host {
    engine: Engine,
    pre: InstancePre<State>,
    exports: Exports,
    http: Arc<dyn Http>,
    limits: Limits,
    /// The clock runs for as long as this lives.
    _clock: Arc<()>,
}

/// A component with a memory of its own.
pub struct Instance {
    store: Store<State>,
    raw: wasmtime::component::Instance,
    exports: Exports,
    output: MemoryOutputPipe,
    deadline: Duration,
}

/// A function of the contract: found once, then called in any instance without looking for its name.
#[derive(Clone, Copy)]
pub struct Function(ComponentExportIndex);

/// The functions that an [`Instance`] calls with Rust's types.
#[derive(Clone, Copy)]
struct Exports {
    manifest: Function,
    invoke: Function,
    test_connection: Function,
    get_access_token: Function,
}

/// Why a call gave no answer at all.
#[derive(Debug)]
pub enum CallFault {
    /// It took longer than [`Limits::deadline`].
    Deadline,
    /// The component trapped, or the host could not call it.
    Trap(anyhow::Error),
}

impl fmt::Display for CallFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deadline => {
                f.write_str("the call took longer than the host allows; whether it was carried out is unknown")
            }
            Self::Trap(error) => write!(f, "the component trapped: {error:#}"),
        }
    }
}

impl std::error::Error for CallFault {}

impl From<wasmtime::Error> for CallFault {
    fn from(error: wasmtime::Error) -> Self {
        match error.downcast_ref() {
            // The epoch's deadline is for components that compute and never wait.
            Some(wasmtime::Trap::Interrupt) => Self::Deadline,
            _ => Self::Trap(error.into()),
        }
    }
}

/// What an instance needs of its host.
struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
    table: ResourceTable,
    memory: Memory,
}

/// The linear memory of an instance, in bytes.
pub(crate) struct Memory {
    size: usize,
    limit: usize,
}

impl Memory {
    pub(crate) fn new(limit: usize) -> Self {
        Self { size: 0, limit }
    }

    pub(crate) fn size(&self) -> usize {
        self.size
    }
}

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let permitted = desired <= self.limit;
        if permitted {
            self.size = desired;
        }
        Ok(permitted)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

struct Hooks(Arc<dyn Http>);

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.hooks, table: &mut self.table, ctx: &mut self.http }
    }
}

type Transfer = Box<dyn Future<Output = Result<(), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Transfer,
    ) -> Box<dyn Future<Output = Result<(Response<WasiBody>, Transfer), Error>> + Send> {
        let sending = self.0.send(request, options);
        Box::new(async move {
            let response = sending.await?;
            Ok((response, Box::new(async { Ok(()) }) as Transfer))
        })
    }
}

/// What the component may import. Files and sockets are not there: it has no use for them.
fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    cli::environment::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::exit::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)
}

impl Host {
    /// Compiles the component, or takes what an earlier run compiled from `cache`.
    pub fn load(component: &Path, cache: Option<&Path>, limits: Limits) -> Result<Self> {
        let host = Self::load_version(component, cache, limits)?;
        // Every function has to be there. Their types are checked when they are called.
        EmbedderIndices::new(&host.pre).map_err(anyhow::Error::from).context("the component has another contract")?;
        Ok(host)
    }

    /// The same of another version of the component, which may lack actions.
    pub fn load_version(component: &Path, cache: Option<&Path>, limits: Limits) -> Result<Self> {
        let engine = Engine::new(&config(cache, &limits)?).map_err(anyhow::Error::from)?;
        let component = Component::from_file(&engine, component)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("{} is no component that this host can load", component.display()))?;
        let mut linker = Linker::new(&engine);
        link(&mut linker).map_err(anyhow::Error::from)?;
        let pre = linker.instantiate_pre(&component).map_err(anyhow::Error::from)?;
        let exports = Exports {
            manifest: function(pre.component(), CONNECTOR, "manifest")?,
            invoke: function(pre.component(), CONNECTOR, "invoke")?,
            test_connection: function(pre.component(), CONNECTOR, "test-connection")?,
            get_access_token: function(pre.component(), CONNECTOR, "get-access-token")?,
        };
        let http = Arc::new(Client::new(limits.allow.clone()));
        let clock = start_clock(&engine);
        Ok(Self { engine, pre, exports, http, limits, _clock: clock })
    }

    /// The same host with something else than [`Client`] for its requests, which then has to see to
    /// [`Limits::allow`] itself.
    #[must_use]
    pub fn with_http(self, http: impl Http) -> Self {
        Self { http: Arc::new(http), ..self }
    }

    /// A function of the contract, for [`Instance::call_typed`].
    pub fn function(&self, interface: &str, name: &str) -> Result<Function> {
        function(self.pre.component(), interface, name)
    }

    /// A new instance, with no tokens.
    pub async fn instance(&self) -> Result<Instance> {
        let output = MemoryOutputPipe::new(MAX_OUTPUT_BYTES);
        let mut wasi = WasiCtx::builder();
        wasi.envs(&self.limits.environment).stdout(output.clone()).stderr(output.clone());
        let state = State {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: Hooks(Arc::clone(&self.http)),
            table: ResourceTable::new(),
            memory: Memory::new(self.limits.memory),
        };
        let mut store = Store::new(&self.engine, state);
        store.limiter(|state| &mut state.memory);
        store.set_epoch_deadline(ticks(self.limits.deadline));
        let raw = self.pre.instantiate_async(&mut store).await.map_err(anyhow::Error::from)?;
        Ok(Instance { store, raw, exports: self.exports, output, deadline: self.limits.deadline })
    }
}

fn function(component: &Component, interface: &str, name: &str) -> Result<Function> {
    let index = component.get_export_index(None, interface);
    let index = index.and_then(|interface| component.get_export_index(Some(&interface), name));
    Ok(Function(index.with_context(|| format!("there is no {name} in {interface}"))?))
}

impl Instance {
    /// The manifest.
    pub async fn manifest(&mut self) -> Result<String, CallFault> {
        self.call_typed(self.exports.manifest, ()).await
    }

    /// Carries out an action; connection, parameters and output are JSON.
    pub async fn invoke(
        &mut self,
        action: &str,
        connection: Option<&str>,
        parameters: &str,
    ) -> Result<Result<String, ConnectorError>, CallFault> {
        self.call_typed(self.exports.invoke, (action, connection, parameters)).await
    }

    /// Tests a connection.
    pub async fn test_connection(
        &mut self,
        connection: Option<&str>,
    ) -> Result<Result<ConnectionReport, ConnectorError>, CallFault> {
        self.call_typed(self.exports.test_connection, (connection,)).await
    }

    /// Fetches an access token.
    pub async fn access_token(
        &mut self,
        connection: Option<&str>,
        scope: TokenScope,
    ) -> Result<Result<AccessToken, ConnectorError>, CallFault> {
        self.call_typed(self.exports.get_access_token, (connection, scope)).await
    }

    /// Calls a function with the types that [`bindings`] has for its parameters, as a tuple, and for its result.
    ///
    /// The types are checked for this one function. Loading all [`bindings`] of an instance checks those of all
    /// functions, which takes longer than to make the instance.
    pub async fn call_typed<P, R: 'static>(&mut self, function: Function, parameters: P) -> Result<R, CallFault>
    where
        P: ComponentNamedList + Lower,
        (R,): ComponentNamedList + Lift,
    {
        let function = self.raw.get_typed_func::<P, (R,)>(&mut self.store, function.0)?;
        self.store.set_epoch_deadline(ticks(self.deadline));
        let call = function.call_async(&mut self.store, parameters);
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok((result,))) => Ok(result),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(CallFault::Deadline),
        }
    }

    /// The parameters and the result of any function of the contract.
    pub fn signature(&mut self, interface: &str, function: &str) -> Result<ComponentFunc, CallFault> {
        Ok(self.function(interface, function)?.ty(&self.store))
    }

    /// Calls any function of the contract by its names, with values as the component model has them.
    pub async fn call(&mut self, interface: &str, function: &str, arguments: &[Val]) -> Result<Val, CallFault> {
        let function = self.function(interface, function)?;
        let mut results = [Val::Bool(false)];
        self.store.set_epoch_deadline(ticks(self.deadline));
        let call = function.call_async(&mut self.store, arguments, &mut results);
        match tokio::time::timeout(self.deadline, call).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Err(CallFault::Deadline),
        }
        let [result] = results;
        Ok(result)
    }

    fn function(&mut self, interface: &str, function: &str) -> Result<Func, CallFault> {
        let missing = || CallFault::Trap(anyhow!("there is no {function} in {interface}"));
        let instance = self.raw;
        let interface = instance.get_export_index(&mut self.store, None, interface).ok_or_else(missing)?;
        let function = instance.get_export_index(&mut self.store, Some(&interface), function).ok_or_else(missing)?;
        instance.get_func(&mut self.store, function).ok_or_else(missing)
    }

    /// How much memory it has, in bytes. WebAssembly never gives memory back, so this is also the most it ever had.
    pub fn memory(&self) -> usize {
        self.store.data().memory.size
    }

    /// What the component printed. It should print nothing.
    pub fn output(&self) -> String {
        String::from_utf8_lossy(&self.output.contents()).into_owned()
    }
}

pub(crate) fn config(cache: Option<&Path>, limits: &Limits) -> Result<Config> {
    let mut config = Config::new();
    config.epoch_interruption(true);
    // Compiling is most of what a host without optimisations does, and this way it takes half as long.
    if cfg!(debug_assertions) {
        config.cranelift_opt_level(OptLevel::None).cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass);
    }
    if let Some(folder) = cache {
        let mut settings = CacheConfig::new();
        settings.with_directory(folder);
        config.cache(Some(Cache::new(settings).map_err(anyhow::Error::from)?));
    }
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(limits.instances)
        .total_core_instances(limits.instances.saturating_mul(4))
        .total_memories(limits.instances)
        .total_tables(limits.instances.saturating_mul(2))
        .total_stacks(limits.instances)
        .max_memory_size(limits.memory)
        // A call writes to some 100 KiB of its memory. Those pages are written back when it ends, and stay mapped for
        // the next instance: unmapping them, and faulting them in again, takes longer. Linux knows which they are since
        // 6.7; elsewhere the pages are unmapped.
        .pagemap_scan(Enabled::Auto);
    if PoolingAllocationConfig::is_pagemap_scan_available() {
        pool.linear_memory_keep_resident(KEEP_RESIDENT).table_keep_resident(KEEP_RESIDENT);
    }
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    Ok(config)
}

pub(crate) fn ticks(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX / 2) + 1
}

/// Lets the engine's epoch tick for as long as the returned handle lives.
pub(crate) fn start_clock(engine: &Engine) -> Arc<()> {
    let running = Arc::new(());
    let watched = Arc::downgrade(&running);
    let engine = engine.clone();
    std::thread::spawn(move || {
        while watched.strong_count() > 0 {
            std::thread::sleep(TICK);
            engine.increment_epoch();
        }
    });
    running
}
