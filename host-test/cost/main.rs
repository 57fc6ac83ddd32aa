//! What the connector costs: `cargo bench -p cost`, or with a part of a figure's name for some of them.
//!
//! Every figure is a distribution or a ratio of one run: what is compared runs in turns, so that a busy machine slows
//! both sides. Criterion shows the distributions and what changed since the last run; the table at the end has every
//! figure, with the goals that there are.
//!
//! | figure | what it shows |
//! |---|---|
//! | `call` | what an action adds where HTTP is answered in process: by instance per call, and with one that is kept |
//! | `steps` | what the component that imports nothing computes for a push: both steps, without any HTTP |
//! | `load` | instantiation alone, and loading the component with and without compiled code on disk |
//! | `throughput` | calls per second over loopback, against a client that makes the same requests by hand |
//! | `in-flight` | 1 000 calls at once to a server that takes 50 ms: time against the ideal and by hand, memory per call |
//! | `size` | how cost grows with an article from 1 KB to 600 KB |
//! | `receivers` | how cost grows with the number of receivers |
//! | `versions` | a push against that of an older component, whose file `WECOM_COMPONENT_BEFORE` names |

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a benchmark fails")]

mod loopback;
mod options;
mod report;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use criterion::Criterion;
use host_test::artifact;
use host_test::host::bindings::exports::wecom::connector::app_message::{
    Delivery, PushImageTextMessageParameters, PushTextMessageParameters,
};
use host_test::host::bindings::exports::wecom::connector::chatbot_message::{
    PushTextMessageByChatbotParameters, Pushed,
};
use host_test::host::bindings::wecom::connector::types::{Application, Chatbot, Error};
use host_test::host::{Function, Host, Instance, Limits};
use host_test::stepwise::bindings::exports::wecom::connector::stepwise as steps;
use host_test::stepwise::{self, Calls};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use loopback::{InProcess, Native, Server};
use options::Request;
use report::{Report, Samples, median, time};

/// The application's ID in all requests.
const AGENT_ID: u32 = 1_000_002;
/// The access token of the calls that bring one.
const ACCESS_TOKEN: &str = "TOKEN-OF-BENCHMARK";
/// What is pushed.
const CONTENT: &str = "部署完成，请验收。";

/// The most that an action may add.
const CALL_GOAL: Duration = Duration::from_micros(100);
/// The most that both steps of a push may compute.
const STEPS_GOAL: Duration = Duration::from_micros(20);
/// How many calls are in flight at once, and how long the server takes.
const IN_FLIGHT: usize = 1000;
const SERVER_TIME: Duration = Duration::from_millis(50);
/// The most that a call may take compared to the server.
const IN_FLIGHT_GOAL: f64 = 1.3;
/// And in steps, compared to the calls by hand.
const STEPWISE_IN_FLIGHT_GOAL: f64 = 1.12;
/// The most memory that a call may take.
const MEMORY_GOAL: usize = 1024 * 1024;
/// What counts as linear: how much dearer a byte or a receiver may be in the largest call than in the one before.
const GROWTH_GOAL: f64 = 1.2;

type Figure = fn(&mut Bench) -> Result<()>;

const FIGURES: [(&str, Figure); 8] = [
    ("call", call),
    ("steps", steps_alone),
    ("load", load),
    ("throughput", throughput),
    ("in-flight", in_flight),
    ("size", size),
    ("receivers", receivers),
    ("versions", versions),
];

fn main() -> ExitCode {
    let names = FIGURES.map(|(name, _)| name);
    let (chosen, once) = match options::read(std::env::args().skip(1), &names) {
        Ok(Request::Measure(chosen)) => (chosen, false),
        Ok(Request::Try(chosen)) => (chosen, true),
        Ok(Request::List) => {
            names.iter().for_each(|name| println!("{name}: benchmark"));
            return ExitCode::SUCCESS;
        }
        Ok(Request::Help) => {
            println!("usage: cargo bench -p cost [-- [--test] [PART OF A FIGURE'S NAME]…]");
            println!("figures: {}", names.join(", "));
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::from(2);
        }
    };
    match run(&chosen, once) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(chosen: &[&str], once: bool) -> Result<()> {
    if chosen.is_empty() {
        return Ok(());
    }
    let mut bench = Bench {
        once,
        component: artifact::component()?,
        stepwise: artifact::stepwise()?,
        criterion: Criterion::default()
            .without_plots()
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3)),
        report: Report::default(),
    };
    for (name, figure) in FIGURES.iter().filter(|(name, _)| chosen.contains(name)) {
        figure(&mut bench).with_context(|| format!("figure {name}"))?;
        if once {
            println!("{name}: works");
        }
    }
    if !once {
        println!("{}", bench.report.table());
    }
    Ok(())
}

struct Bench {
    /// Nothing is measured: everything is done once, to see that it works.
    once: bool,
    component: PathBuf,
    /// The one that imports nothing.
    stepwise: PathBuf,
    criterion: Criterion,
    report: Report,
}

impl Bench {
    fn host(&self, instances: usize) -> Result<Host> {
        let limits = Limits { instances: instances.try_into()?, ..Limits::default() };
        Host::load(&self.component, Some(&artifact::cache()), limits)
    }

    fn stepwise(&self) -> Result<stepwise::Host> {
        stepwise::Host::load(&self.stepwise, Some(&artifact::cache()), stepwise::limits())
    }

    /// How long `routine` takes. It runs on this thread alone, so that what it takes is work and no waiting for others.
    fn sample(&mut self, name: &str, mut routine: impl AsyncFnMut() -> Result<()>) -> Result<Samples> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut samples = Vec::new();
        if self.once {
            runtime.block_on(timed(&mut routine, &mut samples))?;
            return Ok(Samples::new(samples));
        }
        self.criterion.bench_function(name, |bencher| {
            bencher.iter_custom(|rounds| {
                let begun = samples.len();
                runtime.block_on(async {
                    for _ in 0..rounds {
                        timed(&mut routine, &mut samples).await.expect("what works once works again");
                    }
                });
                samples[begun..].iter().sum()
            });
        });
        Ok(Samples::new(samples))
    }
}

async fn timed(routine: &mut impl AsyncFnMut() -> Result<()>, samples: &mut Vec<Duration>) -> Result<()> {
    let start = Instant::now();
    routine().await?;
    samples.push(start.elapsed());
    Ok(())
}

/// A runtime as an engine has it.
fn engine_runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}

// ----------------------------------------------------------------------------------------------------------- requests

fn done<T>(answer: Result<T, Error>) -> Result<T> {
    answer.map_err(|error| anyhow!("the connector refuses: {error:?}"))
}

/// A connection with a token that the engine keeps: one request for each action.
fn with_token(base_url: &str) -> Application {
    Application { access_token: Some(ACCESS_TOKEN.to_owned()), app_secret: None, ..with_secret(base_url) }
}

/// A connection with a secret: the connector fetches a token, and keeps it as long as the instance lives.
fn with_secret(base_url: &str) -> Application {
    Application {
        corp_id: "ww1234567890abcdef".to_owned(),
        app_secret: Some("SECRET-OF-BENCHMARK".to_owned()),
        contacts_secret: None,
        agent_id: Some(AGENT_ID.into()),
        access_token: None,
        contacts_access_token: None,
        base_url: Some(base_url.to_owned()),
        timeout_seconds: None,
        lower_corp_id: None,
        lower_agent_id: None,
        business_type: None,
    }
}

fn connection_json(base_url: &str) -> String {
    json!({
        "type": "application",
        "corp_id": "ww1234567890abcdef",
        "access_token": ACCESS_TOKEN,
        "agent_id": AGENT_ID,
        "base_url": base_url,
    })
    .to_string()
}

/// The same push in steps.
fn operation() -> steps::Operation {
    let action = "push-text-message".to_owned();
    steps::Operation::Invoke(steps::Invocation { action, parameters: parameters_json(), files: Vec::new() })
}

/// What `invoke` takes for the same push.
fn parameters_json() -> String {
    json!({ "to_user": "zhangsan", "content": CONTENT }).to_string()
}

/// The action of most figures: a text message to one member, by the action's own function.
struct PushText {
    function: Function,
    connection: Application,
    parameters: PushTextMessageParameters,
}

impl PushText {
    fn new(host: &Host, connection: Application) -> Result<Self> {
        let parameters = PushTextMessageParameters {
            to_user: Some(vec!["zhangsan".to_owned()]),
            to_party: None,
            agent_id: None,
            content: CONTENT.to_owned(),
            safe: None,
            to_tag: None,
            duplicate_check_interval: None,
        };
        let function = host.function("wecom:connector/app-message@0.2.0", "push-text-message")?;
        Ok(Self { function, connection, parameters })
    }

    async fn run(&self, instance: &mut Instance) -> Result<()> {
        let arguments = (Some(&self.connection), &self.parameters);
        let answer: Result<Delivery, Error> = instance.call_typed(self.function, arguments).await?;
        ensure!(black_box(done(answer)?).msg_id.is_some(), "a message has an ID");
        Ok(())
    }
}

// ------------------------------------------------------------------------------------------------------------ figures

/// Answers in process need an address that is no server's.
const NOWHERE: &str = "http://wecom.invalid";

fn call(bench: &mut Bench) -> Result<()> {
    let host = bench.host(8)?.with_http(InProcess);
    let token = PushText::new(&host, with_token(NOWHERE))?;
    let secret = PushText::new(&host, with_secret(NOWHERE))?;
    let json = connection_json(NOWHERE);
    let json_parameters = parameters_json();
    let by_chatbot = host.function("wecom:connector/chatbot-message@0.2.0", "push-text-message-by-chatbot")?;
    let chatbot = Chatbot {
        chatbot_key: "51a00000-0000-4000-8000-000000000001".to_owned(),
        base_url: Some(NOWHERE.to_owned()),
        timeout_seconds: None,
    };
    let chatbot_parameters = PushTextMessageByChatbotParameters {
        content: CONTENT.to_owned(),
        mentioned_list: None,
        mentioned_mobile_list: None,
    };

    let judge = |figure: &str, samples: Samples, report: &mut Report| {
        report.judge(figure, samples.text(), "≤ 100 µs", samples.median() <= CALL_GOAL);
    };
    let samples = bench.sample("call/new instance", async || token.run(&mut host.instance().await?).await)?;
    judge("call, new instance, access token given", samples, &mut bench.report);
    let samples = bench.sample("call/new instance, chatbot", async || {
        let mut instance = host.instance().await?;
        let answer: Result<Pushed, Error> =
            instance.call_typed(by_chatbot, (Some(&chatbot), &chatbot_parameters)).await?;
        done(answer).map(drop)
    })?;
    judge("call, new instance, chatbot", samples, &mut bench.report);
    let samples = bench.sample("call/new instance, invoke", async || {
        let mut instance = host.instance().await?;
        done(instance.invoke("push-text-message", Some(&json), &json_parameters).await?).map(drop)
    })?;
    judge("call, new instance, access token given, JSON by `invoke`", samples, &mut bench.report);
    let samples =
        bench.sample("call/new instance, gettoken", async || secret.run(&mut host.instance().await?).await)?;
    judge("call, new instance, token fetched (two requests)", samples, &mut bench.report);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut kept = runtime.block_on(host.instance())?;
    let samples = bench.sample("call/kept instance", async || secret.run(&mut kept).await)?;
    judge("call, kept instance, token cached", samples, &mut bench.report);
    Ok(())
}

/// A push by one instance, which has its token, and whose answers are there at once.
fn steps_alone(bench: &mut Bench) -> Result<()> {
    let mut calls = bench.stepwise()?.calls()?;
    let connection = connection_json(NOWHERE);
    let push = operation();
    let answer = steps::Answer::Response(steps::Response {
        status: 200,
        retry_after: None,
        content_disposition: None,
        body: loopback::reply("/cgi-bin/message/send").to_vec(),
    });
    let samples = bench.sample("steps/push", async || {
        let steps::Step::Send(request) = calls.begin(&push, &connection, 0)? else {
            return Err(anyhow!("nothing is sent"));
        };
        let step = calls.resume(request.call, &answer, 0)??;
        ensure!(matches!(black_box(step), steps::Step::Done(_)), "the push does not end well");
        Ok(())
    })?;
    let met = samples.median() <= STEPS_GOAL;
    bench.report.judge("a push in steps, without its HTTP", samples.text(), "≤ 20 µs", met);
    Ok(())
}

fn load(bench: &mut Bench) -> Result<()> {
    let host = bench.host(8)?;
    let samples = bench.sample("load/instantiate", async || host.instance().await.map(drop))?;
    bench.report.add("instantiate and drop", samples.text());
    let component = bench.component.clone();
    let warm = bench
        .sample("load/warm", async || Host::load(&component, Some(&artifact::cache()), Limits::default()).map(drop))?;
    bench.report.add("load, compiled code on disk", warm.text());
    if !bench.once {
        let mut cold = Vec::new();
        for _ in 0..3 {
            let cache = tempfile::tempdir()?;
            let start = Instant::now();
            Host::load(&component, Some(cache.path()), Limits::default())?;
            cold.push(start.elapsed());
        }
        bench.report.add("load, compiling", time(Samples::new(cold).median()));
    }
    Ok(())
}

/// Who makes the calls of a round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Native,
    Kept,
    New,
    /// An instance of the component that imports nothing for each core, with the client of the calls by hand.
    Stepwise,
}

const SIDES: [Side; 4] = [Side::Native, Side::Kept, Side::New, Side::Stepwise];

/// What the sides share.
struct Duel {
    native: Native,
    host: Host,
    push: PushText,
    steps: Vec<Mutex<Calls>>,
    /// The push in steps, and its connection.
    operation: steps::Operation,
    connection: String,
    began: Instant,
}

/// Calls of one instance wait for each other while it computes: as many as can compute at once.
fn instances_in_steps(bench: &Bench) -> Result<Vec<Mutex<Calls>>> {
    let host = bench.stepwise()?;
    (0..std::thread::available_parallelism()?.get()).map(|_| Ok(Mutex::new(host.calls()?))).collect()
}

impl Duel {
    /// All sides, once it is certain that they make the same request.
    async fn new(bench: &Bench, server: &Server, instances: usize) -> Result<Arc<Self>> {
        let host = bench.host(instances)?;
        let push = PushText::new(&host, with_token(&server.base_url()))?;
        let duel = Arc::new(Self {
            native: Native::new(server.base_url()),
            host,
            push,
            steps: instances_in_steps(bench)?,
            operation: operation(),
            connection: connection_json(&server.base_url()),
            began: Instant::now(),
        });
        let mut by_hand = None;
        for side in SIDES {
            duel.round(side, 1, 1).await?;
            let arrived = server.last()?;
            let by_hand = by_hand.get_or_insert_with(|| arrived.clone());
            ensure!(by_hand.comparable()? == arrived.comparable()?, "the request by hand is another one");
        }
        Ok(duel)
    }

    /// So many calls one after the other.
    async fn calls(
        self: Arc<Self>,
        side: Side,
        task: usize,
        number: usize,
        mut kept: Option<Instance>,
    ) -> Result<Option<Instance>> {
        for _ in 0..number {
            match (side, &mut kept) {
                (Side::Native, _) => drop(black_box(self.native.push_text("zhangsan", CONTENT).await?)),
                (Side::Stepwise, _) => self.push_in_steps(&self.steps[task % self.steps.len()]).await?,
                (Side::Kept, Some(instance)) => self.push.run(instance).await?,
                _ => self.push.run(&mut self.host.instance().await?).await?,
            }
        }
        Ok(kept)
    }

    async fn push_in_steps(&self, instance: &Mutex<Calls>) -> Result<()> {
        let now = || self.began.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
        let mut step = instance.lock().unwrap().begin(&self.operation, &self.connection, now())?;
        loop {
            step = match step {
                steps::Step::Send(request) => {
                    let call = request.call;
                    let answer = self.native.send(request).await?;
                    instance.lock().unwrap().resume(call, &answer, now())??
                }
                steps::Step::Done(steps::Output::Json(output)) => {
                    let output: Value = serde_json::from_str(&output)?;
                    ensure!(black_box(output)["msg_id"].is_string(), "a message has an ID");
                    return Ok(());
                }
                step => return Err(anyhow!("the push does not end well: {step:?}")),
            }
        }
    }

    /// How long `tasks` tasks take that make `number` calls each.
    async fn round(self: &Arc<Self>, side: Side, tasks: usize, number: usize) -> Result<Duration> {
        let mut kept = Vec::new();
        for _ in 0..tasks {
            kept.push(if side == Side::Kept { Some(self.host.instance().await?) } else { None });
        }
        let mut running = JoinSet::new();
        let start = Instant::now();
        for (task, instance) in kept.into_iter().enumerate() {
            running.spawn(Arc::clone(self).calls(side, task, number, instance));
        }
        // What is kept is dropped when the time is taken.
        let mut ended = Vec::new();
        while let Some(end) = running.join_next().await {
            ended.push(end??);
        }
        Ok(start.elapsed())
    }
}

fn throughput(bench: &mut Bench) -> Result<()> {
    engine_runtime()?.block_on(async {
        let (rounds, calls) = if bench.once { (1, 1) } else { (15, 50) };
        // A server that does nothing takes less time than any client: all the machine does is make calls.
        race(bench, Duration::ZERO, "at once", rounds, calls).await?;
        let (rounds, calls) = if bench.once { (1, 1) } else { (7, 40) };
        race(bench, Duration::from_millis(10), "after 10 ms", rounds, calls).await
    })
}

/// Calls to a server that answers after `delay`, from several tasks that each make one call after the other.
async fn race(bench: &mut Bench, delay: Duration, answered: &str, rounds: usize, calls: usize) -> Result<()> {
    const TASKS: usize = 32;
    let server = Server::start(delay).await?;
    let duel = Duel::new(bench, &server, TASKS).await?;
    let mut times = [const { Vec::new() }; SIDES.len()];
    for round in 0..=rounds {
        for (side, times) in SIDES.into_iter().zip(&mut times) {
            let time = duel.round(side, TASKS, calls).await?.as_secs_f64();
            // The first round opens the connections.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let [native, kept, new, steps] = times;
    let rate = |times: &Vec<f64>| format!("{:.0} calls/s", (TASKS * calls) as f64 / median(times.clone()));
    bench.report.add(format!("throughput by hand, {TASKS} tasks, answered {answered}"), rate(&native));
    // Where a server answers at once, the machine does nothing but what is compared.
    let steps_goal = if delay.is_zero() { 0.6 } else { 0.97 };
    for (name, times, goal) in
        [("kept instances", kept, 0.9), ("new instances", new, 0.9), ("in steps", steps, steps_goal)]
    {
        let ratio = median(native.iter().zip(&times).map(|(native, component)| native / component).collect());
        bench.report.judge(
            format!("throughput, {name}, answered {answered}, against by hand"),
            format!("{ratio:.2} ({})", rate(&times)),
            &format!("≥ {goal}"),
            ratio >= goal,
        );
    }
    Ok(())
}

fn in_flight(bench: &mut Bench) -> Result<()> {
    let (calls, rounds) = if bench.once { (10, 1) } else { (IN_FLIGHT, 7) };
    // A connection has two ends, and both are here.
    require_open_files(2 * calls + 200)?;
    engine_runtime()?.block_on(async {
        let server = Server::start(SERVER_TIME).await?;
        let duel = Duel::new(bench, &server, calls).await?;
        let before = memory("VmRSS:")?;
        // Where the peak cannot be forgotten, the figure is an upper bound.
        let _ = std::fs::write("/proc/self/clear_refs", "5");
        let first = duel.round(Side::New, calls, 1).await?;
        let peak = memory("VmHWM:")?.saturating_sub(before) / calls;
        let mut instance = duel.host.instance().await?;
        duel.push.run(&mut instance).await?;
        let linear = instance.memory();
        drop(instance);

        // Opens the connections of the other side.
        duel.round(Side::Stepwise, calls, 1).await?;
        let mut times = [const { Vec::new() }; SIDES.len()];
        for _ in 0..rounds {
            for (side, times) in SIDES.into_iter().zip(&mut times) {
                times.push(duel.round(side, calls, 1).await?.as_secs_f64() / SERVER_TIME.as_secs_f64());
            }
        }
        let [native, kept, new, steps] = times;
        let against_hand = median(native.iter().zip(&steps).map(|(native, steps)| steps / native).collect());
        let [native, kept, new] = [native, kept, new].map(median);
        let first = first.as_secs_f64() / SERVER_TIME.as_secs_f64();
        let report = &mut bench.report;
        report.add(format!("{calls} in flight by hand, against 50 ms"), format!("{native:.2}"));
        report.judge(
            format!("{calls} in flight, kept instances, against 50 ms"),
            format!("{kept:.2}"),
            "≤ 1.3",
            kept <= IN_FLIGHT_GOAL,
        );
        report.judge(
            format!("{calls} in flight, new instances, against 50 ms"),
            format!("{new:.2}"),
            "≤ 1.3",
            new <= IN_FLIGHT_GOAL,
        );
        report.judge(
            format!("{calls} in flight in steps, against by hand"),
            format!("{against_hand:.2}"),
            "≤ 1.12",
            against_hand <= STEPWISE_IN_FLIGHT_GOAL,
        );
        report.add(format!("{calls} in flight for the first time, connections to be opened"), format!("{first:.2}"));
        let kib = |bytes: usize| format!("{} KiB", bytes.div_ceil(1024));
        report.judge(
            "peak memory per call, both ends of its connection included",
            kib(peak),
            "≤ 1 MiB",
            peak <= MEMORY_GOAL,
        );
        report.add("linear memory of an instance", kib(linear));
        Ok(())
    })
}

/// A value of `/proc/self/status`, in bytes.
fn memory(name: &str) -> Result<usize> {
    let status = std::fs::read_to_string("/proc/self/status").context("memory is measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the kernel does not say it")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<usize>()? * 1024)
}

fn require_open_files(number: usize) -> Result<()> {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let limit = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
    let limit = limit.split_whitespace().next().and_then(|limit| limit.parse().ok()).unwrap_or(usize::MAX);
    ensure!(limit >= number, "needs {number} open files, and {limit} are allowed; `ulimit -n 4096` allows more");
    Ok(())
}

fn size(bench: &mut Bench) -> Result<()> {
    let host = bench.host(8)?.with_http(InProcess);
    let typed = host.function("wecom:connector/app-message@0.2.0", "push-image-text-message")?;
    let connection = with_token(NOWHERE);
    let connection_json = connection_json(NOWHERE);
    let text = |kilobytes: usize| "<p>放假</p>\n".bytes().cycle().take(kilobytes * 1000).collect::<Vec<_>>();
    let sizes = [1, 10, 100, 600];
    let parameters: Vec<_> = sizes
        .iter()
        .map(|&kilobytes| PushImageTextMessageParameters {
            to_user: Some(vec!["zhangsan".to_owned()]),
            to_party: None,
            agent_id: None,
            title: "放假通知".to_owned(),
            thumb_media_id: "1G6nrLmr5EC3MMb".to_owned(),
            content: String::from_utf8_lossy(&text(kilobytes)).trim_end_matches('\u{fffd}').to_owned(),
            author: None,
            content_source_url: None,
            digest: None,
            safe: None,
            to_tag: None,
            duplicate_check_interval: None,
        })
        .collect();
    let json: Vec<_> = parameters
        .iter()
        .map(|parameters| {
            json!({
                "to_user": "zhangsan",
                "title": parameters.title,
                "thumb_media_id": parameters.thumb_media_id,
                "content": parameters.content,
            })
            .to_string()
        })
        .collect();
    let samples = in_turns(bench.once, sizes.len(), async |index| {
        let mut instance = host.instance().await?;
        let arguments = (Some(&connection), &parameters[index]);
        let answer: Result<Delivery, Error> = instance.call_typed(typed, arguments).await?;
        done(answer).map(drop)
    })?;
    growth(&mut bench.report, "article", "KB", &sizes, &samples);
    let samples = in_turns(bench.once, sizes.len(), async |index| {
        let mut instance = host.instance().await?;
        done(instance.invoke("push-image-text-message", Some(&connection_json), &json[index]).await?).map(drop)
    })?;
    growth(&mut bench.report, "article by `invoke`", "KB", &sizes, &samples);
    Ok(())
}

fn receivers(bench: &mut Bench) -> Result<()> {
    let host = bench.host(8)?.with_http(InProcess);
    let numbers = [1, 10, 100, 1000];
    let pushes: Vec<PushText> = numbers
        .iter()
        .map(|&number| {
            let mut push = PushText::new(&host, with_token(NOWHERE))?;
            push.parameters.to_user = Some((0..number).map(|index| format!("member-{index:04}")).collect());
            Ok(push)
        })
        .collect::<Result<_>>()?;
    let samples =
        in_turns(bench.once, numbers.len(), async |index| pushes[index].run(&mut host.instance().await?).await)?;
    growth(&mut bench.report, "receivers", "", &numbers, &samples);
    Ok(())
}

/// Does `number` things in turns, many times.
fn in_turns(once: bool, number: usize, mut routine: impl AsyncFnMut(usize) -> Result<()>) -> Result<Vec<Samples>> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut samples = vec![Vec::new(); number];
    runtime.block_on(async {
        for _ in 0..if once { 1 } else { 200 } {
            for (index, samples) in samples.iter_mut().enumerate() {
                let start = Instant::now();
                routine(index).await?;
                samples.push(start.elapsed());
            }
        }
        anyhow::Ok(())
    })?;
    Ok(samples.into_iter().map(Samples::new).collect())
}

/// The cost by size, and what the last step adds for each unit against what the step before added.
fn growth(report: &mut Report, name: &str, unit: &str, sizes: &[usize], samples: &[Samples]) {
    for (size, samples) in sizes.iter().zip(samples) {
        report.add(format!("call with {name}: {size} {unit}").trim_end(), samples.text());
    }
    let slope = |to: usize| {
        let more = samples[to].median().as_secs_f64() - samples[to - 1].median().as_secs_f64();
        more / (sizes[to] - sizes[to - 1]) as f64
    };
    let last = sizes.len() - 1;
    let ratio = slope(last) / slope(last - 1);
    let met = ratio <= GROWTH_GOAL;
    report.judge(format!("{name}: last slope against the one before"), format!("{ratio:.2}"), "≤ 1.2 (linear)", met);
}

fn versions(bench: &mut Bench) -> Result<()> {
    let Some(before) = std::env::var_os("WECOM_COMPONENT_BEFORE") else {
        println!("versions: skipped, WECOM_COMPONENT_BEFORE names no component");
        return Ok(());
    };
    let load = |component: &Path| -> Result<Host> {
        let limits = Limits { instances: 8, ..Limits::default() };
        Ok(Host::load_version(component, Some(&artifact::cache()), limits)?.with_http(InProcess))
    };
    let hosts = [load(Path::new(&before))?, load(&bench.component)?];
    let connection = connection_json(NOWHERE);
    let (push, refused) = (parameters_json(), json!({ "to_user": "zhangsan" }).to_string());
    let names = ["an instance", "its first push", "its second push", "its first error"];
    let mut times: [[Vec<f64>; 4]; 2] = Default::default();
    Builder::new_current_thread().enable_all().build()?.block_on(async {
        for round in 0..if bench.once { 1 } else { 4000 } {
            for side in [round % 2, 1 - round % 2] {
                let mut start = Instant::now();
                let mut lap = || std::mem::replace(&mut start, Instant::now()).elapsed().as_secs_f64();
                let mut instance = hosts[side].instance().await?;
                times[side][0].push(lap());
                for (step, parameters) in [(1, &push), (2, &push), (3, &refused)] {
                    let answer = instance.invoke("push-text-message", Some(&connection), parameters).await?;
                    times[side][step].push(lap());
                    ensure!(answer.is_ok() == (step < 3), "{answer:?}");
                }
            }
        }
        anyhow::Ok(())
    })?;
    let [before, now] = times.map(|steps| steps.map(median));
    for ((name, before), now) in names.into_iter().zip(before).zip(now) {
        let (ratio, [before, now]) = (now / before, [before, now].map(Duration::from_secs_f64).map(time));
        let value = format!("{now}, before {before}: {ratio:.2}");
        bench.report.judge(format!("versions, {name}"), value, "≤ 1.00", ratio < 1.005);
    }
    Ok(())
}
