//! The commands. Exit status 0: done; 1: an action failed, or the machine stands in the way; 2: the call is wrong.

use std::ffi::OsString;
use std::io;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use serde_json::{Value, json};

use crate::client::Client;
use crate::host::CallFault;
use crate::host::bindings::wecom::connector::types::Error;
use crate::language::Language;
use crate::report;
use crate::report::Reader;
use crate::simulator::Options;
use given::{Given, Parameters};
use output::{print, print_table, table};
use secrets::Secrets;
use words::{did_you_mean, language, program, say};

mod callback;
mod demo;
mod given;
mod load;
mod members;
pub mod output;
pub mod patience;
mod refusals;
mod secrets;
mod simulator;
mod words;

/// Longer lines of help are hard to read.
const MAX_HELP_WIDTH: u16 = 110;

/// Runs the WeCom connector on this machine.
#[derive(Parser)]
#[command(name = "host-test", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Carry out every action against a simulator of WeCom, as one story
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
        /// Print Chinese, whatever the language of the environment
        #[arg(long)]
        zh: bool,
    },
    /// Print the JSON Schema of an action's parameters
    Schema {
        /// The action, or a type of connection: application, chatbot, callback
        action: String,
        /// Print the schema of the action's output instead
        #[arg(long)]
        output: bool,
    },
    /// Carry out one action, against a simulator or the real WeCom
    #[command(after_help = words::INVOKE)]
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
    #[command(after_help = words::TEST_CONNECTION)]
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
        #[arg(long, default_value_t = 0, value_parser = port, allow_hyphen_values = true)]
        port: u16,
        /// Refuse whatever the documentation does not allow, even what WeCom is known to take
        #[arg(long)]
        strict: bool,
        /// Write the certificate to trust to FILE, for clients that reach qyapi.weixin.qq.com by HTTPS_PROXY
        #[arg(long, value_name = "FILE")]
        ca: Option<PathBuf>,
        /// Set this callback URL, with the token and the key that the simulator prints
        #[arg(long, value_name = "URL")]
        callback: Option<String>,
        /// How long the answer to a callback may take, and how long after it the callback is repeated; 5000 as with WeCom
        #[arg(long, value_name = "MS", default_value_t = 5000, value_parser = milliseconds, allow_hyphen_values = true)]
        callback_timeout_ms: u64,
        /// Refuse an enterprise's calls of an API beyond so many a minute with 45009; WeCom's limit is 10000
        #[arg(long, value_name = "NUMBER", value_parser = calls, allow_hyphen_values = true)]
        calls_per_minute: Option<u32>,
        /// Print JSON, a line for each event
        #[arg(long)]
        json: bool,
    },
    /// Press a button of a card, as a member of a running simulator
    Press(members::Press),
    /// Write to an application, as a member of a running simulator
    Write(members::Write),
    /// Open an application, as a member of a running simulator
    Enter(members::Enter),
    /// Receive callbacks, and print what they tell, until it is interrupted
    Callback(callback::Arguments),
}

fn milliseconds(text: &str) -> Result<u64, String> {
    let rule = || say!("must be a whole number from 1 to 60000", "必须是1到60000的整数");
    text.parse().ok().filter(|number| (1..=60_000).contains(number)).ok_or_else(rule)
}

fn calls(text: &str) -> Result<u32, String> {
    let rule = || say!("must be a whole number from 1 to 1000000", "必须是1到1000000的整数");
    text.parse().ok().filter(|number| (1..=1_000_000).contains(number)).ok_or_else(rule)
}

fn port(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| say!("must be a whole number from 0 to 65535", "必须是0到65535的整数"))
}

/// Why a command did not end well.
enum CommandError {
    /// The call is wrong: status 2.
    Usage(String),
    /// The work failed: status 1.
    Failed(String),
    /// Whoever read the output has gone away: status 0, and no word.
    Gone,
}

impl<E: Into<anyhow::Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        Self::Failed(format!("{:#}", error.into()))
    }
}

type Outcome = Result<(), CommandError>;

/// Runs the command that the arguments name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let secrets = Secrets::among(&arguments);
    let outcome = parse(&arguments).and_then(|command| {
        let Some(command) = command else { return Ok(()) };
        tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(execute(command))
    });
    let (message, status) = match outcome {
        Ok(()) | Err(CommandError::Gone) => return ExitCode::SUCCESS,
        Err(CommandError::Failed(message)) => (message, 1),
        Err(CommandError::Usage(message)) => (message, 2),
    };
    // There is nobody left to tell that standard error cannot be written.
    let _ = writeln!(io::stderr(), "host-test: {}", report::one_line(&secrets.hide(&message)));
    ExitCode::from(status)
}

/// The command; none where help was asked for, and was printed.
fn parse(arguments: &[OsString]) -> Result<Option<Command>, CommandError> {
    // A width of 0 is none: for clap it would be one of a letter.
    let command = words::in_language(Arguments::command())
        .term_width(output::width().unwrap_or(MAX_HELP_WIDTH).min(MAX_HELP_WIDTH).into());
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(help) if matches!(help.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            let help = help.render();
            let is_plain = output::is_plain() || !io::IsTerminal::is_terminal(&io::stdout());
            let help = if is_plain { help.to_string() } else { help.ansi().to_string() };
            return print(help.trim_end()).map(|()| None);
        }
        Err(wrong) => return Err(CommandError::Usage(words::wrong_call(&wrong))),
    };
    Ok(Some(Arguments::from_arg_matches(&matches)?.command))
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
        Command::Simulator { port, strict, ca, callback, callback_timeout_ms, calls_per_minute, json } => {
            let callback_timeout = Duration::from_millis(callback_timeout_ms);
            let options = Options { strict, port, callback_timeout, calls_per_minute, ..Options::default() };
            simulator::run(options, ca, callback, json).await
        }
        Command::Press(arguments) => members::press(arguments).await,
        Command::Write(arguments) => members::write(arguments).await,
        Command::Enter(arguments) => members::enter(arguments).await,
        Command::Callback(arguments) => callback::run(arguments).await,
    }
}

fn manifest() -> Result<Value, CommandError> {
    Ok(serde_json::from_str(&wecom_connector::manifest::manifest())?)
}

fn entries(manifest: &Value) -> impl Iterator<Item = &Value> {
    manifest["actions"].as_array().into_iter().flatten()
}

fn actions(as_json: bool, zh: bool) -> Outcome {
    let manifest = manifest()?;
    if as_json {
        return print(&manifest["actions"]);
    }
    let language = if zh { Language::Zh } else { language() };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let header = language.pick(["Action", "Title", "Effect", "Credential"], ["操作", "名称", "作用", "凭据"]);
    let mut table = table(header);
    for action in entries(&manifest) {
        let [effect, credential] = ["effect", "secret"].map(|key| text(&action[key]));
        table.add_row([
            text(&action["id"]),
            text(&action["label"][language.key()]),
            language.pick(effect.as_str(), in_chinese(&effect)).to_owned(),
            language.pick(credential.as_str(), in_chinese(&credential)).to_owned(),
        ]);
    }
    print_table(table)
}

/// What the manifest has in English only: effects, and fields of connections.
fn in_chinese(name: &str) -> &str {
    match name {
        "corp_id" => "企业ID",
        "read" => "读取",
        "create" => "新建",
        "update" => "修改",
        "delete" => "删除",
        "send" => "发送",
        "app_secret" => "AppSecret",
        "contacts_secret" => "通讯录Secret",
        "chatbot_key" => "机器人Key",
        "access_token" => "访问令牌",
        "contacts_access_token" => "通讯录访问令牌",
        "lower_corp_id" => "下级企业ID",
        "lower_agent_id" => "下级企业应用ID",
        other => other,
    }
}

fn schema(action: &str, output: bool) -> Outcome {
    let manifest = manifest()?;
    if let Some(entry) = entries(&manifest).find(|entry| entry["id"] == action) {
        return print(format_args!("{:#}", entry[if output { "output" } else { "parameters" }]));
    }
    let callback = &manifest["callback"]["connection_type"];
    let types = || manifest["connection_types"].as_array().into_iter().flatten().chain([callback]).filter(|_| !output);
    if let Some(entry) = types().find(|entry| entry["type"] == action) {
        return print(format_args!("{:#}", entry["schema"]));
    }
    let names = entries(&manifest).map(|entry| &entry["id"]).chain(types().map(|entry| &entry["type"]));
    let proposal =
        wecom_connector::parameter::decode::nearest(action, names.filter_map(Value::as_str)).map(did_you_mean);
    let proposal = proposal.unwrap_or_else(|| {
        let program = program();
        say!("; `{program} actions` lists the actions", "；`{program} actions`列出所有操作")
    });
    Err(CommandError::Usage(say!("there is no action {action:?}{proposal}", "没有操作{action:?}{proposal}")))
}

async fn invoke(action: &str, connection: &str, parameters: &str, as_json: bool) -> Outcome {
    let parameters = Parameters::read("--parameters", parameters)?;
    let given = Given::read(connection, action).await?;
    let (host, client) = given.host()?;
    let answer =
        host.instance().await?.invoke(action, given.json.as_deref(), &parameters.json).await.map_err(broken)?;
    match answer {
        Ok(output) => {
            let output = serde_json::from_str(&output).unwrap_or(Value::String(output));
            let text = if as_json { json!({"ok": output}).to_string() } else { format!("{output:#}") };
            // Who is told of a failure might do it again.
            print(text).map_err(|fault| match fault {
                CommandError::Failed(cause) => {
                    CommandError::Failed(say!("{action} was carried out, but {cause}", "{action}已执行，但{cause}"))
                }
                fault => fault,
            })
        }
        Err(error) => {
            let reader = reader(&given, parameters.file, &client);
            Err(failed(action, &error, &reader, as_json))
        }
    }
}

async fn test_connection(connection: &str, as_json: bool) -> Outcome {
    const NAME: &str = "test-connection";
    let given = Given::read(connection, NAME).await?;
    let (host, client) = given.host()?;
    let answer = host.instance().await?.test_connection(given.json.as_deref()).await.map_err(broken)?;
    let reader = reader(&given, None, &client);
    let report = answer.map_err(|error| failed(NAME, &error, &reader, as_json))?;
    let mut refused = Vec::new();
    for check in &report.checks {
        let field = check.pointer.trim_start_matches('/');
        let field = language().pick(field, in_chinese(field));
        let detail = reader.read(&check.detail);
        let line = if let Some(error) = &check.error {
            let error = report::error_line(error, &reader);
            refused.push(say!("{field}: {error}", "{field}：{error}"));
            say!("✗ {field}: {detail}", "✗ {field}：{detail}")
        } else if check.proved {
            say!("✓ {field}: {detail}", "✓ {field}：{detail}")
        } else {
            say!("? {field}: not proved. {detail}", "? {field}：未能验证。{detail}")
        };
        if !as_json {
            print(line)?;
        }
    }
    if as_json {
        print(json!({"ok": report::connection_json(&report)}))?;
    }
    if refused.is_empty() { Ok(()) } else { Err(CommandError::Failed(format!("{NAME}: {}", refused.join("; ")))) }
}

/// Who reads an error of a call.
fn reader(given: &Given, parameters: Option<String>, client: &Client) -> Reader {
    let attempt = client.last_attempt().map(|attempt| words::attempt(&attempt));
    Reader { language: language(), connection: given.file.clone(), parameters, attempt }
}

/// The component gave no answer at all.
fn broken(fault: CallFault) -> CommandError {
    match fault {
        CallFault::Deadline => CommandError::Failed(say!(
            "the call took longer than this host allows; whether it was done is not known",
            "调用超过了本宿主允许的时间，是否已执行不得而知"
        )),
        fault @ CallFault::Trap(_) => fault.into(),
    }
}

/// An error of the component: as JSON on standard output where that is asked for, and as a line.
fn failed(what: &str, error: &Error, reader: &Reader, as_json: bool) -> CommandError {
    let mut line = format!("{what}: {}", report::error_line(error, reader));
    if as_json && let Err(CommandError::Failed(cause)) = print(json!({"error": report::error_json(error)})) {
        line = format!("{line}; {cause}");
    }
    // Nothing has been sent: the call has to be mended.
    if matches!(error, Error::PermanentInvalidParameters(_)) {
        CommandError::Usage(line)
    } else {
        CommandError::Failed(line)
    }
}
