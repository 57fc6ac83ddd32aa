//! The load: many calls through a server that misbehaves, and what both sides say of them.

use std::time::Duration;

use comfy_table::{Cell, CellAlignment, Color};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use super::output::{print, print_table, shows_progress, table};
use super::patience;
use super::words::say;
use super::{CommandError, Outcome};
use crate::callback::Receiver;
use crate::host::Limits;
use crate::load::callbacks::{self, MAX_CALLBACKS, MAX_TIME};
use crate::load::{
    self, Answer, MAX_CALLS, MAX_CONCURRENCY, MAX_GROWTH, MAX_GUEST, Options, Report, Sample, Verdict, is_fresh,
};
use crate::simulator;

/// How many of the calls that are wrong are named one by one.
const NAMED: usize = 10;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// How many calls, at most 10,000,000
    #[arg(long, default_value = "1000", value_parser = calls, allow_hyphen_values = true)]
    calls: u32,
    /// How many calls at once, at most 200
    #[arg(long, default_value = "32", value_parser = concurrency, allow_hyphen_values = true)]
    concurrency: u32,
    /// How many of the requests meet a fault, in percent
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent, allow_hyphen_values = true)]
    faults: f64,
    /// The same seed makes the same calls and the same lot of faults
    #[arg(long, default_value = "1", value_parser = seed, allow_hyphen_values = true)]
    seed: u64,
    /// Only pushes with the duplicate check, repeated while they are retryable: each has to arrive exactly once
    #[arg(long)]
    duplicate_check: bool,
    /// Send so many callbacks to a server of one thread instead, at most 100,000; the options above have no meaning then
    #[arg(long, value_name = "CALLBACKS", value_parser = callbacks, allow_hyphen_values = true)]
    callbacks: Option<u32>,
    /// How many callbacks a second, after as many as there can be
    #[arg(long, default_value = "1000", value_parser = rate, allow_hyphen_values = true)]
    rate: u32,
    /// Print JSON instead of tables
    #[arg(long)]
    json: bool,
}

fn calls(text: &str) -> Result<u32, String> {
    let rule = || {
        say!(
            "must be a whole number from 1 to {MAX_CALLS}: the ledger has to fit into memory",
            "必须是1到{MAX_CALLS}的整数：账本要放得进内存"
        )
    };
    text.parse().ok().filter(|calls| (1..=MAX_CALLS).contains(calls)).ok_or_else(rule)
}

fn callbacks(text: &str) -> Result<u32, String> {
    let rule = || say!("must be a whole number from 1 to {MAX_CALLBACKS}", "必须是1到{MAX_CALLBACKS}的整数");
    text.parse().ok().filter(|callbacks| (1..=MAX_CALLBACKS).contains(callbacks)).ok_or_else(rule)
}

fn rate(text: &str) -> Result<u32, String> {
    let rule = || say!("must be a whole number from 1 to 100000", "必须是1到100000的整数");
    text.parse().ok().filter(|rate| (1..=100_000).contains(rate)).ok_or_else(rule)
}

fn concurrency(text: &str) -> Result<u32, String> {
    let rule = || {
        say!(
            "must be a whole number from 1 to {MAX_CONCURRENCY}: each call at once takes two instances and four sockets",
            "必须是1到{MAX_CONCURRENCY}的整数：每个并发调用占用两个实例和四个套接字"
        )
    };
    text.parse().ok().filter(|concurrency| (1..=MAX_CONCURRENCY).contains(concurrency)).ok_or_else(rule)
}

fn percent(text: &str) -> Result<f64, String> {
    let rule = || say!("must be a number from 0 to 100, fractions allowed", "必须是0到100的数，可带小数");
    text.parse().ok().filter(|percent| (0.0..=100.0).contains(percent)).ok_or_else(rule)
}

fn seed(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| say!("must be a whole number from 0 up to 64 bits", "必须是不超过64位的非负整数"))
}

/// Makes the calls and shows what they came to.
pub(super) async fn run(arguments: Arguments) -> Outcome {
    let Arguments { calls, concurrency, faults, seed, duplicate_check, callbacks, rate, json } = arguments;
    if let Some(callbacks) = callbacks {
        return receive(callbacks, rate, json).await;
    }
    let kinds = load::faults(duplicate_check);
    let options = Options { calls, concurrency, faults, kinds, seed, duplicate_check };
    // Here, since it says so where that takes long.
    patience::load(Limits::default())?;
    let bar = if json || !shows_progress() { ProgressBar::hidden() } else { bar(calls)? };
    let mut has_begun = false;
    let progress = |done: u32| {
        if !std::mem::replace(&mut has_begun, true) {
            // Loading the component took its time, and says nothing of the calls.
            bar.reset();
        }
        bar.set_position(done.into());
    };
    let report = load::run(&options, progress).await;
    bar.finish_and_clear();
    let report = report?;
    if json {
        print(as_json(&report))?;
    } else {
        show(&report)?;
    }
    let faults = report.faults();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(CommandError::Failed(format!("the load failed: {}", faults.join(", "))))
    }
}

/// Sends callbacks, and shows how they were answered.
async fn receive(callbacks: u32, rate: u32, as_json: bool) -> Outcome {
    let time = f64::from(callbacks) / f64::from(rate);
    if time > MAX_TIME.as_secs_f64() {
        let most = MAX_TIME.as_secs();
        return Err(CommandError::Usage(say!(
            "--callbacks {callbacks} at --rate {rate} take longer than {most} seconds",
            "按--rate {rate}发送--callbacks {callbacks}超过{most}秒"
        )));
    }
    let host = patience::load_for_callbacks()?;
    // An answer with a reply takes longest.
    let reply = r#"{"msg_type": "text", "content": "Noted."}"#.to_owned();
    let receiver = Receiver::new(host, simulator::seed::callback().to_string(), Some(reply))
        .map_err(|_| CommandError::Failed(say!("callbacks cannot be received", "无法接收回调")))?;
    let report = callbacks::run(receiver, callbacks, rate).await?;
    let per_second = report.per_second();
    let [half, most, all] = [50, 99, 100].map(|percent| report.within(percent).as_secs_f64() * 1000.0);
    if as_json {
        print(json!({
            "callbacks": callbacks,
            "per_second": per_second,
            "rate": rate,
            "milliseconds": {"p50": half, "p99": most, "max": all},
            "events": report.events,
            "doubles": report.doubles,
            "passed": report.is_whole(),
        }))?;
    } else {
        print(say!(
            "{callbacks} callbacks, one thread: {per_second:.0} a second.\n\
             {callbacks} callbacks, {rate} a second: half are answered within {half:.1} ms, 99 % within {most:.1} ms, all within \
             {all:.1} ms.",
            "{callbacks}次回调，单线程：每秒{per_second:.0}次。\n\
             {callbacks}次回调，每秒{rate}次：半数在{half:.1}毫秒内应答，99%在{most:.1}毫秒内，全部在{all:.1}毫秒内。"
        ))?;
    }
    if report.is_whole() {
        return Ok(());
    }
    let (events, doubles) = (report.events, report.doubles);
    Err(CommandError::Failed(say!(
        "of twice {callbacks} callbacks came {events} events, {doubles} of them twice",
        "两轮各{callbacks}次回调，得到{events}个事件，其中{doubles}个重复"
    )))
}

fn bar(calls: u32) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} calls, {per_sec}, {eta} to go")?;
    Ok(ProgressBar::new(calls.into()).with_style(style))
}

/// How often each answer was given to the calls of one action.
fn answers(report: &Report, action: usize) -> [u64; 5] {
    let mut counts = [0; 5];
    for entry in report.ledger.entries().iter().filter(|entry| usize::from(entry.action) == action) {
        let place = match entry.answer {
            Answer::Ok => 1,
            Answer::Rejected | Answer::Invalid => 2,
            Answer::Retryable => 3,
            Answer::Uncertain => 4,
            Answer::Missing | Answer::Foreign | Answer::Broken => 0,
        };
        counts[0] += 1;
        if place > 0 {
            counts[place] += 1;
        }
    }
    counts
}

/// The calls that are wrong, the first few.
fn wrong(report: &Report) -> impl Iterator<Item = Value> {
    let numbered = (0_u32..).zip(report.ledger.entries());
    let wrong = numbered.filter(|(_, entry)| entry.verdict().is_fault()).take(NAMED);
    wrong.map(|(number, entry)| {
        json!({
            "call": number,
            "action": report.options.mix()[usize::from(entry.action)].id,
            "verdict": entry.verdict().name(),
            "answer": format!("{:?}", entry.answer).to_lowercase(),
            "accepted": entry.accepted(),
            "asked": entry.asked(),
        })
    })
}

fn per_second(report: &Report) -> f64 {
    f64::from(report.options.calls) / report.time.as_secs_f64().max(f64::EPSILON)
}

fn as_json(report: &Report) -> Value {
    let Options { calls, concurrency, faults, seed, duplicate_check, .. } = report.options;
    let verdicts: Map<String, Value> =
        Verdict::ALL.into_iter().map(|verdict| (verdict.name().to_owned(), json!(report.count(verdict)))).collect();
    let actions = report.options.mix().iter().enumerate().map(|(place, action)| {
        let [calls, ok, rejected, retryable, uncertain] = answers(report, place);
        json!({
            "action": action.id,
            "calls": calls,
            "ok": ok,
            "rejected": rejected,
            "retryable": retryable,
            "uncertain": uncertain,
        })
    });
    let by_fault: Map<String, Value> =
        report.triggered.iter().map(|(fault, count)| (fault.name().to_owned(), json!(count))).collect();
    let memory = &report.memory;
    json!({
        "calls": calls,
        "concurrency": concurrency,
        "faults_percent": faults,
        "seed": seed,
        "duplicate_check": duplicate_check,
        "passed": report.faults().is_empty(),
        "faults": report.faults(),
        "verdicts": verdicts,
        "strangers": report.ledger.strangers(),
        "wrong": wrong(report).collect::<Vec<_>>(),
        "broken": report.broken,
        "actions": actions.collect::<Vec<_>>(),
        "requests": {"all": report.requests, "faulted": report.triggered.values().sum::<u64>(), "by_fault": by_fault},
        "seconds": report.time.as_secs_f64(),
        "calls_per_second": per_second(report),
        "latency_milliseconds": {
            "all": latencies(report, |_| true),
            "new_instance": latencies(report, is_fresh),
            "kept_instance": latencies(report, |number| !is_fresh(number)),
        },
        "memory_bytes": {
            "start": memory.start,
            "warm": memory.warm.and_then(|sample| sample.process),
            "warm_kept_instances": memory.warm.map(|sample| sample.guests),
            "end": memory.end.process,
            "end_kept_instances": memory.end.guests,
            "max": memory.max,
            "growth_without_instances": memory.growth(),
            "growth_limit": MAX_GROWTH,
            "largest_instance": memory.guest_max,
            "instance_limit": MAX_GUEST,
            "ledger": report.ledger.bytes(),
        },
    })
}

fn latencies(report: &Report, of: impl Fn(u32) -> bool) -> Value {
    let at = |share| milliseconds(report.latency(share, &of));
    json!({"p50": at(0.5), "p99": at(0.99), "max": at(1.0)})
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn show(report: &Report) -> Outcome {
    let mut actions = table(["Action", "Calls", "Ok", "Rejected", "Retryable", "Uncertain"]);
    for (place, action) in report.options.mix().iter().enumerate() {
        let counts = answers(report, place).map(|count| right(&count));
        actions.add_row(std::iter::once(Cell::new(action.id)).chain(counts));
    }
    print_table(actions)?;

    let mut verdicts = table(["Verdict", "Calls"]);
    for verdict in Verdict::ALL {
        let count = report.count(verdict);
        let colour = match (verdict.is_fault(), count) {
            (true, 0) => Color::Green,
            (true, _) => Color::Red,
            (false, _) => Color::Reset,
        };
        verdicts.add_row([Cell::new(verdict.words()).fg(colour), right(&count).fg(colour)]);
    }
    print_table(verdicts)?;

    for call in wrong(report) {
        print(format_args!("✗ {call}"))?;
    }
    report.broken.iter().try_for_each(|broken| print(format_args!("✗ {broken}")))?;
    let faulted: u64 = report.triggered.values().sum();
    print(format_args!(
        "{}: {:.1} s, {:.0} calls/s; {faulted} of {} requests met one of {} faults.",
        report.options,
        report.time.as_secs_f64(),
        per_second(report),
        report.requests,
        report.triggered.len(),
    ))?;
    for (name, latency) in [
        ("all", latencies(report, |_| true)),
        ("new instance", latencies(report, is_fresh)),
        ("kept instance", latencies(report, |number| !is_fresh(number))),
    ] {
        let time = |key: &str| latency[key].as_f64().unwrap_or_default();
        let [p50, p99, max] = ["p50", "p99", "max"].map(time);
        print(format_args!("Latency, {name}: p50 {p50:.1} ms, p99 {p99:.1} ms, max {max:.1} ms."))?;
    }
    let memory = &report.memory;
    let megabytes = |bytes: Option<u64>| bytes.map_or("unknown".into(), |bytes| format!("{} MiB", bytes >> 20));
    let sample =
        |sample: Sample| format!("{} ({} kept instances)", megabytes(sample.process), megabytes(Some(sample.guests)));
    print(format_args!(
        "Memory: {} at the start, {} after a fifth, {} at the end, {} at most.",
        megabytes(memory.start),
        sample(memory.warm.unwrap_or_default()),
        sample(memory.end),
        megabytes(memory.max),
    ))?;
    print(format_args!(
        "Growth without the kept instances: {} of at most {}. Largest instance: {} KiB of at most {} KiB. Ledger: {} KiB.",
        megabytes(memory.growth()),
        megabytes(Some(MAX_GROWTH)),
        memory.guest_max >> 10,
        MAX_GUEST >> 10,
        report.ledger.bytes() >> 10,
    ))
}

fn right(count: &u64) -> Cell {
    Cell::new(count).set_alignment(CellAlignment::Right)
}
