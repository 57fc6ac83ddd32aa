//! What members of a running simulator do.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::Duration;

use hyper::{Method, Uri};
use serde_json::{Value, json};

use super::output::print;
use super::refusals::refusal;
use super::simulator::callback_line;
use super::words::{io_error, program, say};
use super::{CommandError, Outcome};
use crate::plain::{self, Failure};
use crate::simulator::{REPEATS, seed};

/// How long the simulator may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How often it is asked what came of a callback.
const ASK_EVERY: Duration = Duration::from_millis(50);

#[derive(clap::Args)]
pub(super) struct Press {
    #[command(flatten)]
    member: Member,
    /// The key of the button, of the button that sends the answer, or of an entry of the menu
    #[arg(long)]
    key: String,
    /// Names the card; otherwise it is the newest that the member got
    #[arg(long, value_name = "TASK_ID")]
    task_id: Option<String>,
    /// What is chosen in a list of the card; several times for several options
    #[arg(long, value_name = "QUESTION=OPTION")]
    select: Vec<String>,
}

#[derive(clap::Args)]
pub(super) struct Write {
    #[command(flatten)]
    member: Member,
    /// What the member writes
    #[arg(long)]
    text: String,
    /// The application
    #[arg(long, value_name = "ID", default_value_t = seed::AGENT_ID)]
    agent_id: i64,
}

#[derive(clap::Args)]
pub(super) struct Enter {
    #[command(flatten)]
    member: Member,
    /// The application
    #[arg(long, value_name = "ID", default_value_t = seed::AGENT_ID)]
    agent_id: i64,
}

#[derive(clap::Args)]
struct Member {
    /// Where the simulator answers: `host-test simulator` prints it
    #[arg(long, value_name = "URL")]
    simulator: String,
    /// The user ID of the member
    #[arg(long, value_name = "USER_ID")]
    user: String,
    /// Print JSON instead of a line
    #[arg(long)]
    json: bool,
}

pub(super) async fn press(arguments: Press) -> Outcome {
    let Press { member, key, task_id, select } = arguments;
    let mut selected: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for choice in &select {
        let (question, option) = choice.split_once('=').ok_or_else(|| {
            CommandError::Usage(say!("--select takes QUESTION=OPTION", "--select的格式是“问题=选项”"))
        })?;
        selected.entry(question).or_default().push(option);
    }
    let order = json!({"user_id": member.user, "key": key, "task_id": task_id, "selected": selected});
    member.act("press", &order).await
}

pub(super) async fn write(arguments: Write) -> Outcome {
    let Write { member, text, agent_id } = arguments;
    if text.is_empty() {
        return Err(CommandError::Usage(say!("--text must not be empty", "--text不能为空")));
    }
    let order = json!({"user_id": member.user, "agent_id": agent_id, "content": text});
    member.act("write", &order).await
}

pub(super) async fn enter(arguments: Enter) -> Outcome {
    let Enter { member, agent_id } = arguments;
    member.act("enter", &json!({"user_id": member.user, "agent_id": agent_id})).await
}

impl Member {
    /// Orders it, and shows what came of the callback.
    async fn act(&self, what: &str, order: &Value) -> Outcome {
        let told = self.ask(Method::POST, what, order.to_string()).await?;
        let mut repeats = 0;
        let callback = loop {
            let callback = self.ask(Method::GET, &format!("callbacks/{}", told["callback"]), String::new()).await?;
            if callback["state"] != "pending" {
                break callback;
            }
            // Each one takes seconds.
            let attempts = callback["attempts"].as_array().map_or(0, Vec::len);
            if attempts > repeats {
                repeats = attempts;
                let (line, number) = (callback_line(&callback), repeats);
                let line = say!(
                    "{line}; repeat {number} of {REPEATS} follows",
                    "{line}；即将第{number}次重发，最多{REPEATS}次"
                );
                // Where standard error cannot be written nobody looks.
                let _ = writeln!(io::stderr(), "host-test: {line}");
            }
            tokio::time::sleep(ASK_EVERY).await;
        };
        let line = callback_line(&callback);
        if self.json {
            print(&callback)?;
        }
        if callback["state"] != "delivered" || !callback["reply_error"].is_null() {
            return Err(CommandError::Failed(line));
        }
        if self.json { Ok(()) } else { print(line) }
    }

    async fn ask(&self, method: Method, what: &str, body: String) -> Result<Value, CommandError> {
        let url = format!("{}/simulator/{what}", self.simulator.trim_end_matches('/'));
        let url: Option<Uri> = url.parse().ok().filter(plain::is_callable);
        let url = url.ok_or_else(|| {
            let program = program();
            CommandError::Usage(say!(
                "--simulator takes the URL that `{program} simulator` prints, such as http://127.0.0.1:8100",
                "--simulator是`{program} simulator`输出的地址，如http://127.0.0.1:8100"
            ))
        })?;
        let asked = tokio::time::timeout(ANSWER_WITHIN, plain::exchange(method, &url, None, body)).await;
        let answer = match asked {
            Ok(Ok(answer)) => answer,
            Ok(Err(Failure::Connect(error))) => {
                let cause = io_error(&error);
                return Err(CommandError::Failed(say!("there is no simulator: {cause}", "连不上模拟器：{cause}")));
            }
            Ok(Err(_)) | Err(_) => {
                return Err(CommandError::Failed(say!("the simulator does not answer", "模拟器没有应答")));
            }
        };
        let json: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        match (answer.status, json["error"].as_str()) {
            (200, _) if json.is_object() => Ok(json),
            (_, Some(wrong)) => Err(CommandError::Failed(refusal(wrong))),
            _ => Err(CommandError::Failed(say!("this is no simulator", "这不是模拟器"))),
        }
    }
}
