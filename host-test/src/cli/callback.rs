//! Callbacks as they come: a web server that prints what WeCom tells.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, ready};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep;
use unicode_width::UnicodeWidthStr as _;
use wecom_connector::connection::{Callback, Connection as _, Variables as _};
use wecom_connector::error::InvalidParameter;

use super::given::{Parameters, connection_file};
use super::output::print;
use super::patience::load_for_callbacks;
use super::simulator::{going_on, stopped};
use super::words::{io_error, language, program, say};
use super::{CommandError, Outcome, manifest, port};
use crate::callback::{Note, Receiver, Told, Unusable, channel, event_json};
use crate::host::bindings::wecom::connector::types::Error;
use crate::report::{Reader, error_line, one_line};
use crate::simulator::{Options, Simulator, seed};
use crate::stepwise::bindings::exports::wecom::connector::callback::Event;

/// How long one that is told to end waits for the next event to be printed.
const PRINT_WITHIN: Duration = Duration::from_secs(1);
/// How wide the columns are that are no wider than that.
const COLUMNS: [usize; 3] = [38, 14, 11];
/// How many characters of the details a table has.
const MAX_DETAILS: usize = 240;
/// What stands in other columns, and what whoever has it needs no other secret for.
const NO_DETAILS: [&str; 10] = [
    "agent_id",
    "change_type",
    "create_time",
    "event",
    "from_user_name",
    "msg_id",
    "msg_type",
    "response_url",
    "to_user_name",
    "welcome_code",
];

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The port on 127.0.0.1; 0 for any
    #[arg(long, default_value_t = 0, value_parser = port, allow_hyphen_values = true)]
    port: u16,
    /// A JSON file with a connection of type callback; `env` for the WECOM_… variables; `simulator` for a simulator of its
    /// own
    #[arg(long, value_name = "FILE|env|simulator")]
    connection: String,
    /// Answer members with this: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON|@FILE|-")]
    reply: Option<String>,
    /// Print JSON, a line for each event
    #[arg(long)]
    json: bool,
}

/// Receives until it is interrupted or told to end.
pub(super) async fn run(arguments: Arguments) -> Outcome {
    let Arguments { port, connection, reply, json } = arguments;
    let reply = reply.map(|reply| Parameters::read("--reply", &reply)).transpose()?;
    let (text, file) = match connection.as_str() {
        "env" => (environment()?, Some("env".to_owned())),
        "simulator" => (seed::callback().to_string(), None),
        file => (connection_file(file)?, Some(file.to_owned())),
    };
    let place = reply.as_ref().map(|reply| reply.file.clone().unwrap_or_else(|| "--reply".to_owned()));
    let reply = reply.map(|reply| reply.json);
    let reader = Reader { language: language(), connection: file, parameters: place, attempt: None };
    let mut asked = std::pin::pin!(stopped()?);
    let receiver = Receiver::new(load_for_callbacks()?, text, reply).map_err(|unusable| match unusable {
        Unusable::Invalid(faults) => {
            CommandError::Usage(error_line(&Error::PermanentInvalidParameters(faults), &reader))
        }
        Unusable::Fault(fault) => fault.into(),
    })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
        let cause = io_error(&error);
        CommandError::Failed(say!("port {port}: {cause}", "端口{port}：{cause}"))
    })?;
    let url = format!("http://{}/", listener.local_addr()?);
    let (tell, told) = channel();
    let full = receiver.full();
    let server = tokio::spawn(Arc::new(receiver).serve(listener, tell));
    let simulator = match connection.as_str() {
        "simulator" => {
            let simulator = Simulator::start(Options::strict()).await?;
            simulator.set_callbacks(&url).await.map_err(CommandError::Failed)?;
            Some(simulator)
        }
        _ => None,
    };
    let greeting = greeting(&url, simulator.as_ref(), json);
    let titles = titles(&manifest()?);
    let (tell_end, mut ended) = oneshot::channel();
    let queue = Arc::new(Mutex::new(Queue { told, in_hand: 0, taken: 0 }));
    let printed = Arc::clone(&queue);
    let runtime = Handle::current();
    std::thread::spawn({
        let runtime = runtime.clone();
        move || runtime.block_on(warn(full))
    });
    // In a thread of its own, which the end of the process ends: where nobody reads the output, a write waits for ever.
    std::thread::spawn(move || {
        let _ = tell_end.send(print_all(&greeting, &printed, &runtime, &titles, json));
    });
    tokio::select! {
        ended = &mut ended => broke_off(ended),
        asked = &mut asked => {
            // Whoever does not want to wait asks again.
            let again = stopped()?;
            server.abort();
            let _ = server.await;
            asked?;
            print_rest(&queue, ended, again).await
        }
    }
}

/// What came and is not printed.
struct Queue {
    told: mpsc::Receiver<Told>,
    /// How many events are being printed: one, or none.
    in_hand: usize,
    /// How often something was taken to be printed.
    taken: u64,
}

impl Queue {
    /// The next that is told; nothing once nobody is left to tell anything. What was in hand is printed.
    async fn next(queue: &Mutex<Self>) -> Option<Told> {
        poll_fn(|context| {
            let mut queue = lock(queue);
            queue.in_hand = 0;
            let told = ready!(queue.told.poll_recv(context));
            queue.taken += 1;
            queue.in_hand = told.as_ref().map_or(0, |told| told.event.iter().count());
            Poll::Ready(told)
        })
        .await
    }

    /// How many events are left. They are printed no more.
    fn give_up(&mut self) -> usize {
        self.told.close();
        self.in_hand + std::iter::from_fn(|| self.told.try_recv().ok()).filter(|told| told.event.is_some()).count()
    }
}

/// What it means that the printing ended while nobody had asked for it.
fn broke_off(ended: Result<Outcome, oneshot::error::RecvError>) -> Outcome {
    match ended {
        Ok(Err(error)) => Err(error),
        Ok(Ok(())) => Err(CommandError::Failed(say!("the server broke down", "服务器运行出错"))),
        Err(_) => Err(CommandError::Failed(say!("the printing broke down", "打印出错"))),
    }
}

/// What was answered with 200 is not lost while somebody reads it: waits as long as one thing after the other is printed,
/// or until it is asked again.
async fn print_rest(
    queue: &Mutex<Queue>,
    mut ended: oneshot::Receiver<Outcome>,
    again: impl Future<Output = io::Result<()>>,
) -> Outcome {
    let mut again = std::pin::pin!(again);
    loop {
        let taken = lock(queue).taken;
        tokio::select! {
            biased;
            ended = &mut ended => match ended {
                Ok(ended) => return ended,
                Err(_) => break,
            },
            _ = &mut again => break,
            () = sleep(PRINT_WITHIN) => if lock(queue).taken == taken { break },
        }
    }
    match lock(queue).give_up() {
        0 => Err(CommandError::Gone),
        1 => Err(CommandError::Failed(say!(
            "1 event that was answered with 200 was not printed",
            "有1个已应答200的事件没有打印"
        ))),
        lost => Err(CommandError::Failed(say!(
            "{lost} events that were answered with 200 were not printed",
            "有{lost}个已应答200的事件没有打印"
        ))),
    }
}

/// Says each time that events begin to be turned away. Where standard error is blocked, it waits in a thread of its own.
async fn warn(mut full: watch::Receiver<bool>) {
    while full.wait_for(|full| *full).await.is_ok() {
        let words = say!(
            "Nobody reads the events that are printed: WeCom is told to send more of them again.",
            "打印的事件无人读取：更多的事件让企业微信重发。"
        );
        let _ = writeln!(io::stderr(), "host-test: 503 {words}");
        if full.wait_for(|full| !*full).await.is_err() {
            return;
        }
    }
}

/// Prints what is told until nobody is left to tell anything.
fn print_all(greeting: &str, queue: &Mutex<Queue>, runtime: &Handle, titles: &Titles, as_json: bool) -> Outcome {
    going_on(print(greeting))?;
    if !as_json {
        going_on(print(row(header())))?;
    }
    while let Some(told) = runtime.block_on(Queue::next(queue)) {
        show(told, titles, as_json)?;
    }
    Ok(())
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The connection that the environment has.
fn environment() -> Result<String, CommandError> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    Callback::from_environment(&variable).map_err(|violations| {
        let faults = violations.into_iter().map(InvalidParameter::from).map(|fault| {
            let name = format!("WECOM_{}", fault.pointer.trim_start_matches('/').to_uppercase());
            name + language().pick(" ", "：") + language().pick(&fault.message.en, &fault.message.zh)
        });
        let faults: Vec<String> = faults.collect();
        CommandError::Usage(faults.join(language().pick("; ", "；")))
    })?;
    let names = Callback::VARIABLES.iter().filter_map(|name| Some((*name, name.strip_prefix("WECOM_")?)));
    let fields = names.filter_map(|(name, field)| Some((field.to_lowercase(), variable(name)?.into())));
    let mut connection: Map<String, Value> = fields.collect();
    connection.insert("type".into(), Callback::TYPE.into());
    Ok(Value::from(connection).to_string())
}

fn greeting(url: &str, simulator: Option<&Simulator>, as_json: bool) -> String {
    let simulator = simulator.map(Simulator::base_url);
    if as_json {
        return json!({"url": url, "simulator": simulator}).to_string();
    }
    let begin = say!("Callbacks are received at {url}. Stop it with Ctrl-C.", "在{url}接收回调。按Ctrl-C停止。");
    let Some(simulator) = simulator else { return begin };
    let program = program();
    let (user, hello) = (seed::ZHANGSAN, say!("Hello", "你好"));
    let next = say!(
        "A simulator of WeCom calls it, and answers at {simulator}. For a first event:",
        "企业微信模拟器会调用它，模拟器的地址是{simulator}。触发一个事件："
    );
    let cards = say!(
        "With this connection you push a card to be pressed, `{program} invoke push-button-card --connection FILE`:",
        "用此连接可推送供点击的卡片，`{program} invoke push-button-card --connection 文件`："
    );
    let application = seed::application(&simulator);
    format!(
        "{begin}\n{next}\n  {program} write --simulator {simulator} --user {user} --text {hello}\n{cards}\n  {application}"
    )
}

fn show(told: Told, titles: &Titles, as_json: bool) -> Outcome {
    if let Some(Note { status, words: [en, zh] }) = told.note {
        let words = language().pick(en, zh);
        // Where standard error cannot be written nobody looks.
        let _ = writeln!(io::stderr(), "host-test: {status} {}", one_line(&words));
    }
    let Some(event) = told.event else { return Ok(()) };
    if as_json { print(event_json(&event)) } else { print(row(cells(&event, titles))) }
}

fn header() -> [String; 4] {
    [say!("Event", "事件"), say!("Member", "成员"), say!("Application", "应用"), say!("Details", "内容")]
}

fn cells(event: &Event, titles: &Titles) -> [String; 4] {
    let mut fields: Map<String, Value> = serde_json::from_str(&event.json).unwrap_or_default();
    fields.retain(|name, value| !NO_DETAILS.contains(&name.as_str()) && *value != "");
    let detail = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{name}={text}"),
        value => format!("{name}={value}"),
    };
    let details: Vec<String> = fields.iter().map(detail).collect();
    let mut details = details.join(" ");
    if let Some((end, _)) = details.char_indices().nth(MAX_DETAILS) {
        details.truncate(end);
        details.push('…');
    }
    if let Some(title) = titles.get(&(is_of_bot(event), event.topic.clone())) {
        details = match details.is_empty() {
            true => title.clone(),
            false => say!("{title}: {details}", "{title}：{details}"),
        };
    }
    let agent_id = event.agent_id.map(|id| id.to_string()).unwrap_or_default();
    // What members write may hold what a terminal obeys.
    [event.topic.clone(), event.from_user.clone().unwrap_or_default(), agent_id, details].map(|cell| one_line(&cell))
}

fn row(cells: [String; 4]) -> String {
    let mut row = String::new();
    for (index, cell) in cells.iter().enumerate() {
        row.push_str(cell);
        let width = COLUMNS.get(index).copied().unwrap_or_default();
        row.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.width()).max(2)));
    }
    row.trim_end().to_owned()
}

/// What events are called, by topic; those of smart bots have the same topics as others.
type Titles = BTreeMap<(bool, String), String>;

fn titles(manifest: &Value) -> Titles {
    let events = manifest["callback"]["events"].as_array().into_iter().flatten();
    let title = |event: &Value| {
        let (topic, title) = (event["topic"].as_str()?, event["title"][language().key()].as_str()?);
        Some(((event["source"] == "smart_bot", topic.to_owned()), title.to_owned()))
    };
    events.filter_map(title).collect()
}

/// Messages to a smart bot name no receiver.
fn is_of_bot(event: &Event) -> bool {
    event.to.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stepwise::bindings::exports::wecom::connector::callback::Format;

    #[test]
    fn an_end_that_nobody_asked_for_is_a_failure() {
        // Nobody is left to tell anything.
        assert!(matches!(broke_off(Ok(Ok(()))), Err(CommandError::Failed(_))));
        let (tell_end, ended) = oneshot::channel::<Outcome>();
        // As a panic of its thread does.
        drop(tell_end);
        assert!(matches!(broke_off(ended.blocking_recv()), Err(CommandError::Failed(_))));
        // Whoever has read enough is no failure.
        assert!(matches!(broke_off(Ok(Err(CommandError::Gone))), Err(CommandError::Gone)));
    }

    #[test]
    fn columns_are_as_wide_as_they_look() {
        let before = |topic: &str, member: &str| {
            let row = row([topic, member, "1000002", "x"].map(str::to_owned));
            row.strip_suffix('x').unwrap().width()
        };
        assert_eq!(before("text", "张三"), before("event/click", "ab"));
        assert_eq!(before("事件", "成员"), COLUMNS.iter().sum::<usize>());
    }

    #[test]
    fn what_updates_a_card_is_shown_and_what_is_a_secret_by_itself_is_not() {
        let json = json!({"event_key": "approve", "response_code": "c1", "response_url": "SECRET", "task_id": "t1"});
        let event = Event {
            topic: "event/template_card_event".into(),
            msg_type: "event".into(),
            event: Some("template_card_event".into()),
            change_type: None,
            from_user: Some("zhangsan".into()),
            to: Some("ww1".into()),
            agent_id: Some(1_000_002),
            created_at: None,
            key: "k".into(),
            json: json.to_string(),
            format: Format::Xml,
            nonce: "1".into(),
        };
        let [.., details] = cells(&event, &Titles::new());
        assert_eq!(details, "event_key=approve response_code=c1 task_id=t1");
    }
}
