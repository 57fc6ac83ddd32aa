//! Load: many calls at once through a server that misbehaves, and a ledger on both sides.
//!
//! Every write has a mark of its own. The caller's side of the [ledger](Ledger) keeps what each caller was told, the
//! simulator's side how often the simulator did what the call asks for; [`Entry::verdict`] compares them at the end.
//! What the simulator records is taken out of it while the run goes on, so that only the ledger grows with the number
//! of calls, and that is taken at the beginning.
//!
//! Half of the calls are made by a new instance each, half by instances that are kept, one for each of the callers;
//! half by the actions' own functions, half by `invoke`.
//!
//! # Faults
//!
//! The faults are all those of [`Fault::ALL`] that strike a single exchange, but for [`LEFT_OUT`]. They strike requests
//! for access tokens too. A call waits a second for each step, so that a server that never answers costs two; on a
//! machine that is busy, a call without a fault may come to be uncertain for the same reason, and is told so.
//!
//! # The duplicate check
//!
//! A run with [`Options::duplicate_check`] has pushes only, each with the duplicate check, and an engine that repeats
//! whatever is `retryable` and nothing else. It passes only where every one of them was delivered exactly once. The
//! faults of such a run are those that pass: after one of [`FINAL`] an engine stops, and a person acts.
//!
//! # Clocks
//!
//! A chatbot may send 20 messages a minute: a hundred of them take turns, and the simulator's clock skips ahead by three
//! seconds for each message. So tokens expire during a run, and kept instances have to fetch new ones.

pub mod callbacks;
mod ledger;
mod memory;
mod workload;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use serde_json::Value;
use tokio::task::JoinSet;
use wasmtime::component::Val;
use wecom_connector::about::Effect;
use wecom_connector::actions;

pub use self::ledger::{Answer, Entry, Ledger, Verdict};
pub use self::memory::{MAX_GROWTH, MAX_GUEST, Memory, Sample};
use self::workload::Call;
pub use self::workload::{Action, CHECKED, MIX, is_fresh};
use crate::artifact;
use crate::client::Allow;
use crate::faults::{Fault, FaultServer, Plan, Scope};
use crate::host::bindings::wecom::connector::types::Error;
use crate::host::{Host, Instance, Limits};
use crate::simulator::{self, Simulator, seed};
use crate::values::{to_json, to_val};

/// The most calls of a run: their ledger takes 80 MB.
pub const MAX_CALLS: u32 = 10_000_000;
/// The most calls at once. Each has room for two instances, and needs up to four sockets.
pub const MAX_CONCURRENCY: u32 = 200;
/// The faults that a run does without.
///
/// - A server that reports success, in another form than documented, for something that it has not done: no client can
///   tell that from a success. The matrix of `host-test/tests/it/faults.rs` has what the connector makes of the form.
/// - Answers of ten megabytes: the harness that makes them needs more memory than what it measures.
pub const LEFT_OUT: [Fault; 6] = [
    Fault::TypesOther,
    Fault::FieldsMissing,
    Fault::FieldsNull,
    Fault::EchoTypes,
    Fault::TenMegabytes,
    Fault::TenMegabytesChunked,
];

/// The faults that end a push for good, though it has the duplicate check: a refusal, or an answer that would be too long
/// again.
pub const FINAL: [Fault; 37] = [
    Fault::HeaderHuge,
    Fault::HeadersMany,
    Fault::ValuesMany,
    Fault::Status301,
    Fault::Status302,
    Fault::Status304,
    Fault::Status307,
    Fault::Status308,
    Fault::RedirectLoop,
    Fault::Status400,
    Fault::Status401,
    Fault::Status403,
    Fault::Status404,
    Fault::Status405,
    Fault::Status407,
    Fault::Status411,
    Fault::Status412,
    Fault::Status413,
    Fault::Status413Early,
    Fault::Status414,
    Fault::Status418,
    Fault::Status431,
    Fault::Status499,
    Fault::Status400Json,
    Fault::ErrcodeText,
    Fault::ErrcodeFloat,
    Fault::ErrcodeNegative,
    Fault::ErrcodeAddress,
    Fault::ErrcodeUnknown,
    Fault::WordsLong,
    Fault::WordsNoText,
    Fault::EchoPlain,
    Fault::EchoEncoded,
    Fault::EchoForm,
    Fault::EchoAll,
    Fault::EchoPage,
    Fault::EchoRedirect,
];

/// How often the engine of a run with the duplicate check repeats a call.
const REPETITIONS: u32 = 100;
/// How long each step of a request may take, in seconds.
const TIMEOUT_SECONDS: u32 = 1;
/// How often the simulator's side is written down.
const TICK: Duration = Duration::from_millis(50);
/// For how long nothing may arrive any more before the ledger is closed.
const QUIET: Duration = Duration::from_millis(250);
/// Tokens are forgotten so long after they expired, on the simulator's clock.
const TOKENS_KEPT: Duration = Duration::from_secs(3600);
/// WeCom's codes for a token that is no longer good: the one refusal after which the connector asks once more.
const STALE_TOKEN: [i64; 3] = [40001, 40014, 42001];

/// What a run is to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// How many calls.
    pub calls: u32,
    /// How many at once.
    pub concurrency: u32,
    /// How many of a hundred requests meet a fault.
    pub faults: f64,
    /// Which ones, each as likely as the others: [`faults`].
    pub kinds: Vec<Fault>,
    /// The same seed makes the same calls, and faults by the same lot.
    pub seed: u64,
    /// Whether the calls are pushes that WeCom is asked not to deliver twice, and are repeated while they are `retryable`.
    pub duplicate_check: bool,
}

impl Options {
    /// The actions that are called.
    pub fn mix(&self) -> &'static [Action] {
        if self.duplicate_check { CHECKED } else { MIX }
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    /// What it was to be.
    pub options: Options,
    /// How long the calls took in all.
    pub time: Duration,
    /// Both sides.
    pub ledger: Ledger,
    /// The requests that came to the server that misbehaves.
    pub requests: u64,
    /// How many of them met which fault.
    pub triggered: BTreeMap<Fault, u64>,
    /// The memory of the process and of the guests.
    pub memory: Memory,
    /// What the first calls broke on that got no answer.
    pub broken: Vec<String>,
}

impl Report {
    /// How many calls came to that verdict.
    pub fn count(&self, verdict: Verdict) -> u64 {
        let entries = self.ledger.entries().iter();
        entries.map(|entry| u64::from(entry.verdict() == verdict)).sum()
    }

    /// What is wrong, in a few words each. Nothing: the run has passed.
    pub fn faults(&self) -> Vec<String> {
        let mut faults: Vec<String> = Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_fault())
            .map(|verdict| (verdict, self.count(verdict)))
            .filter(|(_, count)| *count > 0)
            .map(|(verdict, count)| format!("{} {count}", verdict.name()))
            .collect();
        if self.ledger.strangers() > 0 {
            faults.push(format!("done without a call {}", self.ledger.strangers()));
        }
        let once = self.count(Verdict::Once);
        if self.options.duplicate_check && once < u64::from(self.options.calls) {
            faults.push(format!("delivered exactly once {once} of {}", self.options.calls));
        }
        faults.extend(self.memory.faults());
        faults
    }

    /// How long callers waited at most, for a share of the calls from 0.0 to 1.0.
    pub fn latency(&self, share: f64, of: impl Fn(u32) -> bool) -> Duration {
        let numbered = (0..).zip(self.ledger.entries());
        let mut times: Vec<u32> =
            numbered.filter(|(number, _)| of(*number)).map(|(_, entry)| entry.microseconds).collect();
        if times.is_empty() {
            return Duration::ZERO;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of at most ten million"
        )]
        let place = (((times.len() - 1) as f64) * share).round() as usize;
        let (_, time, _) = times.select_nth_unstable(place);
        Duration::from_micros((*time).into())
    }
}

/// The memory of the instances, in bytes.
#[derive(Default)]
struct Guests {
    /// Of all instances that are kept.
    kept: AtomicUsize,
    /// The most that one instance had.
    most: AtomicUsize,
}

/// What all callers share.
struct Stage {
    options: Options,
    simulator: Simulator,
    proxy: FaultServer,
    host: Host,
    ledger: Mutex<Ledger>,
    /// The number of the next call.
    next: AtomicU32,
    answered: AtomicU32,
    guests: Guests,
    broken: Mutex<Vec<String>>,
}

/// Makes the calls, and tells `progress` how many are done.
///
/// # Errors
///
/// Where the run cannot be made: no port, no component. What the calls come to is in the report.
pub async fn run(options: &Options, mut progress: impl FnMut(u32)) -> Result<Report> {
    let stage = Arc::new(Stage::set(options).await?);
    let mut memory = Memory::default();
    let mut triggered = BTreeMap::new();
    let mut requests = 0;
    let began = Instant::now();
    let mut callers = JoinSet::new();
    let mut kept = Vec::new();
    for _ in 0..options.concurrency.min(options.calls) {
        callers.spawn(Arc::clone(&stage).call_until_done());
    }
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            ended = callers.join_next() => match ended {
                None => break,
                // Its memory counts until the end.
                Some(ended) => kept.push(ended.context("a caller broke down")?),
            },
            _ = tick.tick() => {
                stage.collect();
                requests += stage.tally(&mut triggered);
                let answered = stage.answered.load(Ordering::Relaxed);
                let is_warm = u64::from(answered) * 5 >= u64::from(options.calls);
                memory.sample(is_warm, stage.guests());
                progress(answered);
            }
        }
    }
    let time = began.elapsed();
    memory.sample(true, stage.guests());
    drop(kept);
    progress(options.calls);
    requests += stage.tally(&mut triggered);

    let stage = Arc::into_inner(stage).ok_or_else(|| anyhow!("a caller is still there"))?;
    stage.close(time, memory, requests, triggered).await
}

impl Stage {
    async fn set(options: &Options) -> Result<Self> {
        let simulator = Simulator::start(simulator::Options::strict()).await?;
        simulator.with_world(workload::seed_world);
        let upstream = SocketAddr::from((Ipv4Addr::LOCALHOST, simulator.port()));
        let plan = Plan { seed: options.seed, fraction: options.faults / 100.0, faults: options.kinds.clone() };
        let proxy = FaultServer::in_front_of(upstream, plan).await?;
        let authority = proxy.base_url().trim_start_matches("http://").to_owned();
        let limits = Limits {
            allow: Allow::Authorities(vec![authority]),
            // One kept and one new for each caller.
            instances: options.concurrency * 2,
            ..Limits::default()
        };
        let host = Host::load(&artifact::component()?, Some(&artifact::cache()), limits)?;
        Ok(Self {
            options: options.clone(),
            simulator,
            proxy,
            host,
            ledger: Mutex::new(Ledger::new(options.calls)),
            next: AtomicU32::new(0),
            answered: AtomicU32::new(0),
            guests: Guests::default(),
            broken: Mutex::new(Vec::new()),
        })
    }

    /// One caller: one call at a time, and one instance that is kept, which it gives back.
    async fn call_until_done(self: Arc<Self>) -> Option<Instance> {
        let mut kept: Option<Instance> = None;
        loop {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.options.calls {
                return kept;
            }
            let call = Call::new(self.options.mix(), self.options.seed, number);
            self.simulator.with_world(|world| call.prepare(world));
            let began = Instant::now();
            let mut answer = self.answer(&call, &mut kept).await;
            if self.options.duplicate_check {
                let mut left = REPETITIONS;
                while left > 0 && matches!(answer, Ok(Answer::Retryable)) {
                    answer = self.answer(&call, &mut kept).await;
                    left -= 1;
                }
            }
            let time = began.elapsed();
            self.simulator.with_world(|world| workload::cleanup(world, number));
            let answer = answer.unwrap_or_else(|fault| {
                // Whatever state it is in: it is not called again.
                if let Some(kept) = kept.take_if(|_| !call.is_fresh()) {
                    self.guests.kept.fetch_sub(kept.memory(), Ordering::Relaxed);
                }
                let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
                if broken.len() < 10 {
                    broken.push(format!("call {number}, {}: {fault:#}", call.about.id));
                }
                Answer::Broken
            });
            let reads = actions::about(call.about.id).is_some_and(|about| about.effect == Effect::Read);
            self.ledger().answered(number, call.action, reads, answer, time);
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What the caller is told.
    async fn answer(&self, call: &Call, kept: &mut Option<Instance>) -> Result<Answer> {
        let mut fresh = None;
        let place = if call.is_fresh() { &mut fresh } else { kept };
        let before = place.as_ref().map_or(0, Instance::memory);
        let instance = match place {
            Some(instance) => instance,
            None => place.insert(self.host.instance().await?),
        };
        let answer = self.answer_of(instance, call).await;
        let memory = instance.memory();
        self.guests.most.fetch_max(memory, Ordering::Relaxed);
        if !call.is_fresh() {
            self.guests.kept.fetch_add(memory - before, Ordering::Relaxed);
        }
        answer
    }

    async fn answer_of(&self, instance: &mut Instance, call: &Call) -> Result<Answer> {
        let connection = self.connection(call);
        if call.is_typed() {
            return typed(instance, call, connection).await;
        }
        let (connection, parameters) = (connection.to_string(), call.parameters.to_string());
        Ok(match instance.invoke(call.about.id, Some(&connection), &parameters).await? {
            Ok(output) => classify(call, &serde_json::from_str(&output)?),
            Err(error) => case(&error),
        })
    }

    /// The memory of the instances that are kept, and the most of one.
    fn guests(&self) -> (usize, usize) {
        (self.guests.kept.load(Ordering::Relaxed), self.guests.most.load(Ordering::Relaxed))
    }

    fn connection(&self, call: &Call) -> Value {
        let base_url = self.proxy.base_url();
        let mut connection = if call.about.id.ends_with("-by-chatbot") {
            let mut chatbot = seed::chatbot(&base_url);
            chatbot["chatbot_key"] = call.robot().into();
            chatbot
        } else {
            seed::application(&base_url)
        };
        connection["timeout_seconds"] = TIMEOUT_SECONDS.into();
        connection
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down what the simulator has done since the last time, and lets it forget that. How much that was.
    fn collect(&self) -> usize {
        let requests = self.simulator.take_requests();
        let messages = self.simulator.with_world(|world| {
            world.forget_tokens_expired_for(TOKENS_KEPT);
            world.take_messages()
        });
        let mut ledger = self.ledger();
        for message in &messages {
            ledger.accepted(workload::number_in(message.body.to_string().as_bytes()));
        }
        let mut chats = Vec::new();
        for request in &requests {
            let api = request.path.trim_start_matches("/cgi-bin/");
            let effect = actions::ABOUT.iter().find(|about| about.api == api).map(|about| about.effect);
            let is_stale = request.errcode.is_some_and(|errcode| STALE_TOKEN.contains(&errcode));
            let Some(effect) = effect.filter(|effect| *effect != Effect::Read && !is_stale) else { continue };
            let number = workload::number_of(request);
            // Where the engine repeats, what counts is what was delivered.
            if !self.options.duplicate_check {
                ledger.asked(number);
            }
            // Messages have a ledger of their own.
            if request.errcode == Some(0) && effect != Effect::Send {
                ledger.accepted(number);
            }
            if api == "appchat/create" {
                chats.push(&request.reply);
            }
        }
        drop(ledger);
        if !chats.is_empty() {
            self.simulator.with_world(|world| chats.into_iter().for_each(|reply| workload::cleanup_chat(world, reply)));
        }
        requests.len() + messages.len()
    }

    /// Counts the requests that came since the last time, and those that met each fault.
    fn tally(&self, triggered: &mut BTreeMap<Fault, u64>) -> u64 {
        let seen = self.proxy.take_seen();
        for fault in seen.iter().filter_map(|seen| seen.fault) {
            *triggered.entry(fault).or_default() += 1;
        }
        seen.len() as u64
    }

    /// Waits for what is still under way, and closes the ledger.
    async fn close(
        self,
        time: Duration,
        memory: Memory,
        requests: u64,
        triggered: BTreeMap<Fault, u64>,
    ) -> Result<Report> {
        let mut quiet_since = Instant::now();
        // A caller may have given up on a request that arrives after all.
        while quiet_since.elapsed() < QUIET {
            if self.collect() > 0 {
                quiet_since = Instant::now();
            }
            tokio::time::sleep(TICK).await;
        }
        let Self { options, simulator, proxy, ledger, broken, .. } = self;
        drop(proxy);
        simulator.stop().await;
        Ok(Report {
            options,
            time,
            ledger: ledger.into_inner().unwrap_or_else(PoisonError::into_inner),
            requests,
            triggered,
            memory,
            broken: broken.into_inner().unwrap_or_else(PoisonError::into_inner),
        })
    }
}

/// The faults of a run: all that strike a single exchange, but for [`LEFT_OUT`], and with the duplicate check, [`FINAL`].
pub fn faults(duplicate_check: bool) -> Vec<Fault> {
    let is_left_out = |fault: &Fault| LEFT_OUT.contains(fault) || duplicate_check && FINAL.contains(fault);
    let all = Fault::ALL.iter().copied();
    all.filter(|fault| fault.scope() == Scope::Exchange && !is_left_out(fault)).collect()
}

/// Calls the action's own function.
async fn typed(instance: &mut Instance, call: &Call, mut connection: Value) -> Result<Answer> {
    let function = call.about.id;
    let about = actions::about(function).with_context(|| format!("there is no action {function}"))?;
    let interface = format!("wecom:connector/{}@0.2.0", about.interface.name);
    if let Some(connection) = connection.as_object_mut() {
        // The record needs no word on what it is.
        connection.remove("type");
    }
    let signature = instance.signature(&interface, function)?;
    let arguments = [&connection, &call.parameters];
    let arguments: Vec<Val> =
        signature.params().zip(arguments).map(|((_, ty), argument)| to_val(argument, &ty)).collect();
    match instance.call(&interface, function, &arguments).await? {
        Val::Result(Ok(output)) => Ok(classify(call, &output.map_or(Value::Null, |output| to_json(&output)))),
        Val::Result(Err(Some(error))) => match *error {
            Val::Variant(case, _) => case_named(&case).with_context(|| format!("the error is {case}")),
            other => Err(anyhow!("the error is {other:?}")),
        },
        other => Err(anyhow!("the answer is {other:?}")),
    }
}

/// A success, if it is that of this call.
fn classify(call: &Call, output: &Value) -> Answer {
    if call.fits(output) { Answer::Ok } else { Answer::Foreign }
}

fn case(error: &Error) -> Answer {
    case_named(crate::report::case(error)).unwrap_or(Answer::Broken)
}

/// What an error of that case says to its caller; none where the connector never returns it.
fn case_named(case: &str) -> Option<Answer> {
    match case {
        "permanent-invalid-parameters" => Some(Answer::Invalid),
        "permanent-rejected" => Some(Answer::Rejected),
        "permanent-outcome-unknown" => Some(Answer::Uncertain),
        "retryable" => Some(Answer::Retryable),
        _ => None,
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, concurrency, faults, seed, duplicate_check, .. } = self;
        let what = if *duplicate_check { "pushes with the duplicate check" } else { "calls" };
        write!(f, "{calls} {what}, {concurrency} at once, {faults} % faults, seed {seed}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A report on calls with these answers, each done and asked for so often.
    fn report(calls: &[(Answer, u32)], memory: Memory) -> Report {
        let mut ledger = Ledger::new(calls.len().try_into().unwrap());
        for (number, (answer, times)) in (0..).zip(calls) {
            ledger.answered(number, 0, false, *answer, Duration::from_millis(u64::from(number) + 1));
            for _ in 0..*times {
                ledger.asked(Some(number));
                ledger.accepted(Some(number));
            }
        }
        let options = Options {
            calls: calls.len().try_into().unwrap(),
            concurrency: 1,
            faults: 0.0,
            kinds: faults(false),
            seed: 0,
            duplicate_check: false,
        };
        let (triggered, broken) = (BTreeMap::new(), Vec::new());
        Report { options, time: Duration::from_secs(1), ledger, requests: 0, triggered, memory, broken }
    }

    #[test]
    fn a_forged_ledger_does_not_pass() {
        let good = [(Answer::Ok, 1), (Answer::Retryable, 0), (Answer::Uncertain, 1), (Answer::Uncertain, 0)];
        assert_eq!(report(&good, Memory::default()).faults(), [] as [&str; 0]);
        for (forged, fault) in [
            ((Answer::Ok, 0), "lost 1"),
            ((Answer::Ok, 2), "doubled 1"),
            ((Answer::Uncertain, 2), "doubled 1"),
            ((Answer::Rejected, 1), "lied 1"),
            ((Answer::Retryable, 1), "lied 1"),
            ((Answer::Foreign, 1), "foreign 1"),
            ((Answer::Broken, 0), "broken 1"),
            ((Answer::Missing, 0), "broken 1"),
        ] {
            let calls = [&good[..], &[forged]].concat();
            assert_eq!(report(&calls, Memory::default()).faults(), [fault], "{forged:?}");
        }
        let mut stranger = report(&good, Memory::default());
        stranger.ledger.accepted(None);
        assert_eq!(stranger.faults(), ["done without a call 1"]);
    }

    #[test]
    fn with_the_duplicate_check_every_push_has_to_be_there_once() {
        for (calls, faults) in [
            (&[(Answer::Ok, 1), (Answer::Ok, 1)][..], &[][..]),
            (&[(Answer::Ok, 1), (Answer::Rejected, 0)], &["delivered exactly once 1 of 2"]),
            (&[(Answer::Ok, 1), (Answer::Uncertain, 1)], &["delivered exactly once 1 of 2"]),
            (&[(Answer::Ok, 1), (Answer::Ok, 2)], &["doubled 1", "delivered exactly once 1 of 2"]),
        ] {
            let mut report = report(calls, Memory::default());
            report.options.duplicate_check = true;
            assert_eq!(report.faults(), faults, "{calls:?}");
        }
    }

    #[test]
    fn memory_that_grows_does_not_pass() {
        let sample = |process| Sample { process: Some(process), guests: 0 };
        let grown = |growth| Memory { warm: Some(sample(1000)), end: sample(1000 + growth), ..Memory::default() };
        assert_eq!(report(&[(Answer::Ok, 1)], grown(MAX_GROWTH)).faults().len(), 0);
        let faults = report(&[(Answer::Ok, 1)], grown(MAX_GROWTH + 1)).faults();
        assert!(faults.len() == 1 && faults[0].starts_with("the process grew"), "{faults:?}");
    }

    #[test]
    fn latencies_are_those_of_the_calls() {
        let report = report(&[(Answer::Ok, 1); 100], Memory::default());
        assert_eq!(report.latency(0.5, |_| true), Duration::from_millis(51));
        assert_eq!(report.latency(0.99, |_| true), Duration::from_millis(99));
        assert_eq!(report.latency(1.0, is_fresh), Duration::from_millis(99));
        assert_eq!(report.latency(1.0, |_| false), Duration::ZERO);
    }

    #[test]
    fn the_faults_of_a_run_are_most_of_all() {
        let all = faults(false);
        assert!(all.len() > 100 && !all.contains(&Fault::FieldsMissing), "{}", all.len());
        assert_eq!(faults(true).len(), all.len() - FINAL.len());
    }
}
