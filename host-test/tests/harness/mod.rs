//! What the tests have in common: a server with an instance of the component that calls it, calls as an engine makes
//! them, the customer's tables, the published schemas, and parameters that are good.

#![allow(dead_code, unused_imports, unused_macros, reason = "each executable has its own part of it")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{LazyLock, OnceLock};

use host_test::artifact::{self, Artifact};
use host_test::faults::FaultServer;
use host_test::host::{Host, Limits};
use host_test::simulator::seed;
use host_test::simulator::{Chat, Department, Member, Message, Options, Recorded, Simulator};
use host_test::stepwise;
use serde_json::Value;
use tokio::runtime::Runtime;
use wecom_connector::about::{About, Secrets};
use wecom_connector::secrecy::SecretFinder;

mod actions;
mod caller;
mod samples;
mod schemas;
mod tables;

pub(crate) use self::actions::{Action, about, actions};
pub(crate) use self::caller::{Answer, Caller, Error, Failure, InvalidParameter, Localized, Way, by_each_component};
pub(crate) use self::samples::{ROOM, least, sample};
pub(crate) use self::schemas::{input_schema, output_schema, properties, required, schema, schema_text};
pub(crate) use self::tables::{CLEARED, LIMITS, TABLES, Table};

/// A secret with everything in it that has to be encoded in a URL, for applications that a test adds.
pub(crate) const AWKWARD_SECRET: &str = "AWKWARD secret+/=&?#%41\"\\中";

/// How many instances the tests have at once, however many threads run them: the matrix of the faults alone has 28.
const INSTANCES: u32 = 64;

/// The command line, in the environment of [`quiet`].
pub(crate) fn host_test(arguments: &[&str]) -> Command {
    let mut command = quiet(Command::new(env!("CARGO_BIN_EXE_host-test")));
    command.args(arguments);
    command
}

/// The command with nothing in its environment that the command line would read but where the components are. It speaks
/// English, and has no input.
pub(crate) fn quiet(mut command: Command) -> Command {
    command.stdin(Stdio::null()).env("LC_ALL", "C");
    for (name, _) in std::env::vars() {
        let small = name.to_lowercase();
        if ["wecom_", "ssl_cert_"].iter().any(|prefix| small.starts_with(prefix)) || small.ends_with("_proxy") {
            command.env_remove(name);
        }
    }
    // By the last one a command that cargo runs knows what a person typed.
    for name in ["NODE_EXTRA_CA_CERTS", "NO_COLOR", "CARGO_PKG_NAME"] {
        command.env_remove(name);
    }
    command.envs(prepared());
    command
}

/// The variables by which a command finds the components, built and compiled. A command that ran cargo itself would take
/// twice as long, and would say so where another test's cargo holds the lock.
pub(crate) fn prepared() -> [(&'static str, PathBuf); 2] {
    host_test::cli::patience::prepare();
    let [component, stepwise] = artifact::files(Artifact::ALL).expect("the components build");
    [(Artifact::Component.variable(), component), (Artifact::Stepwise.variable(), stepwise)]
}

/// A host with those limits. Only the first one ever compiles the component.
pub(crate) fn host_with(limits: Limits) -> Host {
    let component = artifact::component().expect("the component builds");
    let limits = Limits { instances: INSTANCES, ..limits };
    Host::load(&component, Some(&artifact::cache()), limits).expect("the host loads the component")
}

/// The host of all tests that need no limits of their own.
pub(crate) fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| host_with(Limits::default()))
}

/// The same of the component that imports nothing.
pub(crate) fn stepwise_host() -> &'static stepwise::Host {
    static HOST: OnceLock<stepwise::Host> = OnceLock::new();
    HOST.get_or_init(|| stepwise_host_with(stepwise::limits()))
}

/// A host of the component that imports nothing, with those limits.
pub(crate) fn stepwise_host_with(limits: Limits) -> stepwise::Host {
    let component = artifact::stepwise().expect("the component builds");
    let limits = Limits { instances: INSTANCES, ..limits };
    stepwise::Host::load(&component, Some(&artifact::cache()), limits).expect("the host loads the component")
}

/// The runtime of tests that are not asynchronous themselves.
pub(crate) fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

// --------------------------------------------------------------------------------------------------------- the bench

/// What stands in for WeCom.
pub(crate) trait Server {
    /// Where clients find it.
    fn base_url(&self) -> String;
}

impl Server for Simulator {
    fn base_url(&self) -> String {
        Self::base_url(self)
    }
}

impl Server for FaultServer {
    fn base_url(&self) -> String {
        Self::base_url(self)
    }
}

/// A simulator with the world of the seed, and a group chat that samples can name.
pub(crate) async fn simulator(options: Options) -> Simulator {
    let simulator = Simulator::start(options).await.unwrap();
    simulator.with_world(|world| {
        let room = Chat {
            chatid: ROOM.into(),
            name: "会议室".into(),
            owner: seed::ZHANGSAN.into(),
            userlist: vec![seed::ZHANGSAN.into(), seed::LISI.into()],
            agent_id: seed::AGENT_ID,
        };
        world.corp_mut(seed::CORP_ID).chats.insert(ROOM.into(), room);
    });
    simulator
}

/// A server of its own, an instance that calls it, and the connections of the seed.
pub(crate) struct Bench<S = Simulator> {
    /// What the connector calls.
    pub server: S,
    /// The instance.
    pub caller: Caller,
    /// How it is called.
    pub way: Way,
    /// The connection of application actions.
    pub application: Value,
    /// The connection of chatbot actions.
    pub chatbot: Value,
}

impl<S: Server> Bench<S> {
    /// That server, and an instance in that host.
    pub(crate) async fn of(server: S, host: &Host) -> Self {
        let (application, chatbot) = (seed::application(&server.base_url()), seed::chatbot(&server.base_url()));
        Self { server, caller: Caller::of(host).await, way: Way::Invoke, application, chatbot }
    }

    /// That server, and an instance that has this way in.
    pub(crate) async fn calling(server: S, way: Way) -> Self {
        let (application, chatbot) = (seed::application(&server.base_url()), seed::chatbot(&server.base_url()));
        Self { server, caller: Caller::by(way).await, way, application, chatbot }
    }

    /// The connection of the type that the action needs.
    pub(crate) fn connection(&self, action: &str) -> Value {
        if is_chatbot(about(action)) { self.chatbot.clone() } else { self.application.clone() }
    }

    /// Carries out an action.
    pub(crate) async fn call(&mut self, action: &str, parameters: &Value) -> Answer {
        let connection = self.connection(action);
        self.caller.run(self.way, action, Some(&connection), parameters).await
    }
}

impl Bench<FaultServer> {
    /// A server that misbehaves as it is told to, and an instance that has this way in.
    pub(crate) async fn misbehaving(way: Way) -> Self {
        Self::calling(FaultServer::start().await.unwrap(), way).await
    }
}

impl Bench {
    /// A fresh world, and an instance in the host of all tests.
    pub(crate) async fn start() -> Self {
        Self::with(Options::strict()).await
    }

    /// The same with an instance that has this way in.
    pub(crate) async fn by(way: Way) -> Self {
        Self::calling(simulator(Options::strict()).await, way).await
    }

    /// The same with a world of another kind.
    pub(crate) async fn with(options: Options) -> Self {
        Self::of(simulator(options).await, host()).await
    }

    /// So much later that a chatbot may send again: 20 messages a minute are its limit.
    pub(crate) fn pass_time(&self) {
        self.server.with_world(|world| world.advance(std::time::Duration::from_secs(3)));
    }
}

/// Whether an action takes the connection of a chatbot.
pub(crate) fn is_chatbot(about: &About) -> bool {
    about.secrets == Secrets::ChatbotKey
}

/// A connection as the application of the seed, with both secrets.
pub(crate) fn application(server: &impl Server) -> Value {
    seed::application(&server.base_url())
}

/// A connection as the chatbot of the seed.
pub(crate) fn chatbot(server: &impl Server) -> Value {
    seed::chatbot(&server.base_url())
}

/// `base` with other values for some keys; null takes a key away.
pub(crate) fn with(mut base: Value, changes: Value) -> Value {
    let fields = base.as_object_mut().unwrap();
    let Value::Object(changes) = changes else { panic!("{changes} is no object") };
    fields.extend(changes);
    fields.retain(|_, value| !value.is_null());
    base
}

/// Everything of the simulator's world that a refused call must leave alone.
pub(crate) type Snapshot = (BTreeMap<i64, Department>, BTreeMap<String, Member>, BTreeMap<String, Chat>, Vec<Message>);

/// The world as it is now.
pub(crate) fn snapshot(simulator: &Simulator) -> Snapshot {
    simulator.with_world(|world| {
        (world.departments().clone(), world.members().clone(), world.chats().clone(), world.messages().to_vec())
    })
}

/// The APIs that were called so far: `gettoken`, `message/send` …
pub(crate) fn apis(simulator: &Simulator) -> Vec<String> {
    simulator.requests().iter().map(api).collect()
}

/// The API of a request.
pub(crate) fn api(request: &Recorded) -> String {
    let path = request.path.rsplit_once("/cgi-bin/").expect("every API is below /cgi-bin/");
    path.1.to_owned()
}

/// No secret stands in the text, in whatever form.
#[track_caller]
pub(crate) fn assert_no_secret(text: &str) {
    static SECRETS: LazyLock<SecretFinder<'_>> =
        LazyLock::new(|| SecretFinder::new(seed::SECRETS.into_iter().chain(["AWKWARD", AWKWARD_SECRET])));
    SECRETS.assert_none_in(text);
}
