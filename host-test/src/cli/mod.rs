//! The commands. Exit status 0: done; 1: an action failed, or the machine stands in the way; 2: the call is wrong.

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use serde_json::{Value, json};
use wecom_connector::connection::{Application, Chatbot, Connection, Endpoint};

use crate::client::Allow;
use crate::host::{Host, Limits};
use crate::simulator::{Options, Simulator, seed};
use crate::{artifact, report};

mod demo;
mod dist;
mod load;

/// The variables of the environment that stand for a connection.
const VARIABLES: [&str; 9] = [
    "WECOM_CORP_ID",
    "WECOM_APP_SECRET",
    "WECOM_CONTACTS_SECRET",
    "WECOM_AGENT_ID",
    "WECOM_ACCESS_TOKEN",
    "WECOM_CONTACTS_ACCESS_TOKEN",
    "WECOM_CHATBOT_KEY",
    "WECOM_BASE_URL",
    "WECOM_TIMEOUT_SECONDS",
];

/// Runs the WeCom connector on this machine.
#[derive(Parser)]
#[command(name = "host-test", version, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Carry out all 29 actions against a simulator of WeCom, as one story
    Demo {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
    },
    /// Make many calls through a server that misbehaves, and compare what callers were told with what was done
    Load(load::Arguments),
    /// List the actions
    Actions {
        /// Print JSON instead of a table
        #[arg(long)]
        json: bool,
        /// Print titles in Chinese
        #[arg(long)]
        zh: bool,
    },
    /// Print the JSON Schema of an action's parameters
    Schema {
        /// The action, or a type of connection: application, chatbot
        action: String,
        /// Print the schema of the action's output instead
        #[arg(long)]
        output: bool,
    },
    /// Carry out one action, against a simulator or the real WeCom
    Invoke {
        /// The action: `host-test actions` lists them
        action: String,
        /// A JSON file with the connection; `env` for the WECOM_… variables; `simulator` for a simulator of its own
        #[arg(long, value_name = "FILE|env|simulator")]
        connection: String,
        /// The parameters as JSON, as @FILE, or as - for standard input
        #[arg(long, value_name = "JSON|@FILE|-", default_value = "{}")]
        parameters: String,
        /// Print {"ok": …} or {"error": …} in one line
        #[arg(long)]
        json: bool,
    },
    /// Prove what can be proved of a connection without changing anything
    TestConnection {
        /// A JSON file with the connection; `env` for the WECOM_… variables; `simulator` for a simulator of its own
        #[arg(long, value_name = "FILE|env|simulator")]
        connection: String,
        /// Print {"ok": …} or {"error": …} in one line
        #[arg(long)]
        json: bool,
    },
    /// Run a simulator of WeCom until it is interrupted
    Simulator {
        /// The port on 127.0.0.1; 0 for any
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Print JSON, a line for each event
        #[arg(long)]
        json: bool,
    },
    /// Write the files of schemas/ from the parameter tables
    Generate,
    /// Make a release: the component, its contract, schemas, licences, what is linked in, and the sums of all these
    Dist(dist::Arguments),
}

/// Why a command did not end well.
enum Fault {
    /// The call is wrong: status 2.
    Usage(String),
    /// The work failed: status 1.
    Failed(String),
}

impl<E: Into<anyhow::Error>> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Failed(format!("{:#}", error.into()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Usage(message) | Self::Failed(message)) = self;
        f.write_str(&message.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

type Outcome = Result<(), Fault>;

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(help) if matches!(help.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            // A closed pipe is no reason to complain.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
        Err(wrong) => return fail(&Fault::Usage(in_one_line(&wrong))),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(execute(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => fail(&fault),
    }
}

fn fail(fault: &Fault) -> ExitCode {
    eprintln!("host-test: {fault}");
    ExitCode::from(match fault {
        Fault::Usage(_) => 2,
        Fault::Failed(_) => 1,
    })
}

/// clap's words without its usage lines.
fn in_one_line(wrong: &clap::Error) -> String {
    if wrong.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing; `host-test --help` lists them".into();
    }
    let words = wrong.to_string();
    let words = words.split("\n\nUsage:").next().unwrap_or_default();
    let words = words.split("\n\nFor more information").next().unwrap_or_default();
    words.trim_start_matches("error: ").to_owned()
}

async fn execute(command: Command) -> Outcome {
    match command {
        Command::Demo { json } => demo::run(json).await,
        Command::Load(arguments) => load::run(arguments).await,
        Command::Actions { json, zh } => actions(json, zh),
        Command::Schema { action, output } => schema(&action, output),
        Command::Invoke { action, connection, parameters, json } => {
            invoke(&action, &connection, &parameters, json).await
        }
        Command::TestConnection { connection, json } => test_connection(&connection, json).await,
        Command::Simulator { port, json } => simulator(port, json).await,
        Command::Generate => generate(),
        Command::Dist(arguments) => dist::run(&arguments),
    }
}

/// The component in a host that calls the hosts of `connections` only.
pub(crate) fn load(limits: Limits) -> anyhow::Result<Host> {
    let component = artifact::component()?;
    Host::load(&component, Some(&artifact::cache()), limits)
}

fn manifest() -> Result<Value, Fault> {
    Ok(serde_json::from_str(&wecom_connector::manifest::manifest())?)
}

fn entries(manifest: &Value) -> impl Iterator<Item = &Value> {
    manifest["actions"].as_array().into_iter().flatten()
}

/// Prints to standard output; a reader who has gone away is no fault.
fn print(text: impl fmt::Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

fn actions(as_json: bool, zh: bool) -> Outcome {
    let manifest = manifest()?;
    if as_json {
        print(&manifest["actions"]);
        return Ok(());
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let language = if zh { "zh" } else { "en" };
    let mut table =
        table(if zh { ["操作", "名称", "作用", "凭据"] } else { ["Action", "Title", "Effect", "Credential"] });
    for action in entries(&manifest) {
        table.add_row([
            text(&action["id"]),
            text(&action["title"][language]),
            text(&action["effect"]),
            text(&action["secret"]),
        ]);
    }
    print(table);
    Ok(())
}

/// A table in the style of this command line.
fn table<const N: usize>(header: [&str; N]) -> comfy_table::Table {
    use comfy_table::{Attribute, Cell, ContentArrangement, presets};
    let mut table = comfy_table::Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(header.map(|title| Cell::new(title).add_attribute(Attribute::Bold)));
    table
}

fn schema(action: &str, output: bool) -> Outcome {
    let manifest = manifest()?;
    if let Some(entry) = entries(&manifest).find(|entry| entry["id"] == action) {
        print(format_args!("{:#}", entry[if output { "output" } else { "parameters" }]));
        return Ok(());
    }
    let types = manifest["connection_types"].as_array().into_iter().flatten();
    if let Some(entry) = types.filter(|_| !output).find(|entry| entry["type"] == action) {
        print(format_args!("{:#}", entry["schema"]));
        return Ok(());
    }
    let names = entries(&manifest).filter_map(|entry| entry["id"].as_str());
    let proposal = wecom_connector::decode::nearest(action, names).map(|name| format!("; did you mean {name:?}?"));
    Err(Fault::Usage(format!("there is no action {action:?}{}", proposal.unwrap_or_default())))
}

/// A connection as `--connection` names it.
struct Given {
    /// The JSON form; none where the environment stands for it.
    json: Option<String>,
    limits: Limits,
    /// Lives as long as the call that uses it.
    _simulator: Option<Simulator>,
}

impl Given {
    async fn read(name: &str, action: &str) -> Result<Self, Fault> {
        match name {
            "env" => Ok(Self::environment()),
            "simulator" => {
                let simulator = Simulator::start(Options::default()).await?;
                let connection = if action.ends_with("-by-chatbot") { seed::chatbot } else { seed::application };
                let json = connection(&simulator.base_url()).to_string();
                Ok(Self { _simulator: Some(simulator), ..Self::json(json) })
            }
            file => {
                let bytes =
                    std::fs::read(file).map_err(|error| Fault::Usage(format!("--connection {file}: {error}")))?;
                let text = String::from_utf8(bytes)
                    .map_err(|error| Fault::Usage(format!("--connection {file}: not UTF-8: {error}")))?;
                Ok(Self::json(text))
            }
        }
    }

    fn json(json: String) -> Self {
        let application = Application::from_json(&json).and_then(Connection::checked).map(|checked| checked.endpoint);
        let endpoint = application
            .or_else(|_| Chatbot::from_json(&json).and_then(Connection::checked).map(|checked| checked.endpoint));
        Self { json: Some(json), limits: limits(endpoint.ok(), Vec::new()), _simulator: None }
    }

    fn environment() -> Self {
        let environment: Vec<(String, String)> =
            VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), std::env::var(name).ok()?))).collect();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let application = Application::resolve(None, &variable).map(|checked| checked.endpoint);
        let chatbot = Chatbot::resolve(None, &variable).map(|checked| checked.endpoint);
        let endpoints = [application, chatbot].into_iter().flatten();
        Self { json: None, limits: limits(endpoints, environment), _simulator: None }
    }
}

/// Least privilege: the component reaches the hosts of its connections, and no other. Where a connection is faulty the
/// component says so, and needs no host for that.
fn limits(endpoints: impl IntoIterator<Item = Endpoint>, environment: Vec<(String, String)>) -> Limits {
    let endpoints: Vec<Endpoint> = endpoints.into_iter().collect();
    let allow = endpoints.iter().map(|endpoint| endpoint.base_url.authority().to_owned()).collect();
    // A token, the call, a new token, the call again; each connects, waits for the first byte, and for the rest.
    let patience = endpoints.iter().map(|endpoint| endpoint.timeout * 12).max().unwrap_or_default();
    let default = Limits::default();
    Limits { allow: Allow::Authorities(allow), environment, deadline: default.deadline + patience, ..default }
}

async fn invoke(action: &str, connection: &str, parameters: &str, as_json: bool) -> Outcome {
    let parameters = read_parameters(parameters)?;
    let given = Given::read(connection, action).await?;
    let host = load(given.limits.clone())?;
    let answer = host.instance().await?.invoke(action, given.json.as_deref(), &parameters).await?;
    let answer = answer.map(|output| serde_json::from_str(&output).unwrap_or(Value::String(output)));
    answer_with(action, answer, as_json)
}

async fn test_connection(connection: &str, as_json: bool) -> Outcome {
    let given = Given::read(connection, "test-connection").await?;
    let host = load(given.limits.clone())?;
    let answer = host.instance().await?.test_connection(given.json.as_deref()).await?;
    answer_with("test-connection", answer.map(|found| report::connection_json(&found)), as_json)
}

/// Shows an answer: the output on standard output, an error in one line on standard error.
fn answer_with(
    what: &str,
    answer: Result<Value, crate::host::bindings::exports::wecom::connector::types::Error>,
    as_json: bool,
) -> Outcome {
    match answer {
        Ok(output) if as_json => print(json!({"ok": output})),
        Ok(output) => print(format_args!("{output:#}")),
        Err(error) => {
            if as_json {
                print(json!({"error": report::error_json(&error)}));
            }
            let line = format!("{what}: {}", report::error_line(&error));
            return Err(if report::is_unknown_action(&error) { Fault::Usage(line) } else { Fault::Failed(line) });
        }
    }
    Ok(())
}

fn read_parameters(argument: &str) -> Result<String, Fault> {
    let wrong = |error: &dyn fmt::Display| Fault::Usage(format!("--parameters {argument}: {error}"));
    let bytes = if argument == "-" {
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes).map_err(|error| wrong(&error))?;
        bytes
    } else if let Some(file) = argument.strip_prefix('@') {
        std::fs::read(file).map_err(|error| wrong(&error))?
    } else {
        return Ok(argument.to_owned());
    };
    String::from_utf8(bytes).map_err(|error| wrong(&format!("not UTF-8: {error}")))
}

async fn simulator(port: u16, as_json: bool) -> Outcome {
    let simulator = Simulator::start(Options { port, ..Options::default() }).await;
    let simulator = simulator.map_err(|error| Fault::Failed(format!("port {port}: {error}")))?;
    let base_url = simulator.base_url();
    let connections = [seed::application, seed::chatbot].map(|connection| connection(&base_url));
    if as_json {
        print(json!({"base_url": simulator.base_url(), "connections": connections}));
    } else {
        print(format_args!("A simulator of WeCom answers at {}. Stop it with Ctrl-C.", simulator.base_url()));
        print("Connections, for `host-test invoke --connection FILE`; their secrets are good here only:");
        connections.iter().for_each(print);
    }
    let mut tick = tokio::time::interval(std::time::Duration::from_millis(100));
    // Made once: an interruption between two rounds of the loop would go to nobody.
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let stopped = tokio::select! {
            interrupted = &mut interrupted => Some(interrupted),
            _ = tick.tick() => None,
        };
        for request in simulator.take_requests() {
            if as_json {
                print(json!({
                    "method": request.method,
                    "path": request.path,
                    "status": request.status,
                    "errcode": request.errcode,
                    "body": String::from_utf8_lossy(&request.body),
                }));
            } else {
                let errcode = request.errcode.map(|code| format!(" errcode {code}")).unwrap_or_default();
                print(format_args!("{} {} -> {}{errcode}", request.method, request.path, request.status));
            }
        }
        if let Some(interrupted) = stopped {
            interrupted?;
            simulator.stop().await;
            return Ok(());
        }
    }
}

fn generate() -> Outcome {
    let folder = artifact::workspace().join("schemas");
    let files = wecom_connector::schema::files()?;
    let mut stale = Vec::new();
    list_files(&folder, &mut stale)?;
    for (path, text) in &files {
        let path = folder.join(path);
        stale.retain(|existing| *existing != path);
        if std::fs::read_to_string(&path).is_ok_and(|existing| existing == *text) {
            continue;
        }
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(&path, text)?;
        print(format_args!("wrote {}", path.display()));
    }
    for path in stale {
        std::fs::remove_file(&path)?;
        print(format_args!("removed {}", path.display()));
    }
    print(format_args!("{} files are up to date", files.len()));
    Ok(())
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
