//! The component that imports nothing, at its edge: an engine that hands in the wrong thing, too much or nothing at all;
//! and many calls at once in one instance.

use std::time::{Duration, Instant};

use host_test::host::bindings::wecom::connector::types::{Category, Error, Failure, TokenScope};
use host_test::host::{CallFault, Limits};
use host_test::simulator::{Disturbance, Options};
use host_test::stepwise::bindings::exports::wecom::connector::stepwise::{
    Answer, File, Invocation, Misuse, Operation, Output, Request, Response, Step,
};
use host_test::stepwise::{self, Calls};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{apis, application, least, sample, simulator, stepwise_host, stepwise_host_with, with};

const READ: &str = "list-department-ids";
const WRITE: &str = "push-text-message";
const MIB: usize = 1024 * 1024;
/// The most calls that are under way at once, as the contract has it.
const MAX_CALLS: usize = 8192;
/// The most that one call may be handed in, as the contract has it.
const MOST: usize = 100 * MIB;

fn calls() -> Calls {
    stepwise_host().calls().unwrap()
}

fn operation(action: &str) -> Operation {
    invocation(action, least(action).to_string())
}

fn invocation(action: &str, parameters: String) -> Operation {
    Operation::Invoke(Invocation { action: action.to_owned(), parameters, files: Vec::new() })
}

/// A connection without a token, and one with.
fn connections() -> [String; 2] {
    let without = json!({"type": "application", "corp_id": "ww1", "app_secret": "SIMULATED-secret", "agent_id": 7});
    let mut with = without.clone();
    with["access_token"] = json!("SIM-TOKEN");
    [without, with].map(|connection| connection.to_string())
}

fn body(body: impl Into<Vec<u8>>) -> Answer {
    Answer::Response(Response { status: 200, retry_after: None, content_disposition: None, body: body.into() })
}

fn token() -> Answer {
    body(r#"{"errcode": 0, "access_token": "SIM-TOKEN", "expires_in": 7200}"#)
}

fn success() -> Answer {
    body(r#"{"errcode": 0, "errmsg": "ok", "msgid": "m", "department_id": []}"#)
}

#[track_caller]
fn sent(step: Step) -> Request {
    let Step::Send(request) = step else { panic!("{step:?}") };
    request
}

#[track_caller]
fn waits(step: Step) -> u64 {
    let Step::Wait(waiting) = step else { panic!("{step:?}") };
    waiting.call
}

#[track_caller]
fn output(step: Step) -> Value {
    let Step::Done(Output::Json(output)) = step else { panic!("{step:?}") };
    serde_json::from_str(&output).unwrap()
}

#[track_caller]
fn retryable(step: Step) -> Failure {
    let Step::Failed(Error::Retryable(failure)) = step else { panic!("{step:?}") };
    failure
}

// ------------------------------------------------------------------------------------------------------- at the edge

#[test]
fn a_step_that_is_not_open_is_a_misuse_that_changes_nothing() {
    let mut calls = calls();
    let [connection, _] = connections();
    let first = sent(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    let second = waits(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    for call in [0, 77, u64::MAX] {
        assert_eq!(calls.resume(call, &token(), 0).unwrap(), Err(Misuse::UnknownCall));
        assert_eq!(calls.proceed(call, 0).unwrap(), Err(Misuse::UnknownCall));
        calls.cancel(call).unwrap();
    }
    assert_eq!(calls.resume(second, &token(), 0).unwrap(), Err(Misuse::NothingSent));
    assert_eq!(calls.proceed(first.call, 0).unwrap(), Err(Misuse::AnswerMissing));
    // Who waits may look whether it can go on, and waits on.
    assert_eq!(waits(calls.proceed(second, 0).unwrap().unwrap()), second);
    let push = sent(calls.resume(first.call, &token(), 0).unwrap().unwrap());
    assert_eq!(calls.resume(first.call, &token(), 0).unwrap(), Err(Misuse::UnknownCall), "twice");
    assert_eq!(calls.woken().unwrap(), [second]);
    let other = sent(calls.proceed(second, 0).unwrap().unwrap());
    assert_eq!(calls.proceed(second, 0).unwrap(), Err(Misuse::AnswerMissing), "twice");
    for call in [push.call, other.call] {
        assert_eq!(output(calls.resume(call, &success(), 0).unwrap().unwrap())["msg_id"], "m");
    }
}

/// A token comes in the answer to gettoken alone, so that a call never takes such an answer for its own, nor shows it.
#[test]
fn the_answer_of_another_call_is_an_error_of_the_call_that_it_is_handed_in_for() {
    let mut calls = calls();
    let [without, with] = connections();
    let of_token = sent(calls.begin(&operation(WRITE), &without, 0).unwrap());
    let of_push = sent(calls.begin(&operation(WRITE), &with, 0).unwrap());
    let of_read = sent(calls.begin(&operation(READ), &with, 0).unwrap());
    let step = calls.resume(of_token.call, &success(), 0).unwrap().unwrap();
    assert_eq!(retryable(step).api, "gettoken", "an answer without a token");
    let step = calls.resume(of_push.call, &token(), 0).unwrap().unwrap();
    let Step::Failed(Error::PermanentOutcomeUnknown(of_push)) = step else { panic!("{step:?}") };
    let of_read = retryable(calls.resume(of_read.call, &token(), 0).unwrap().unwrap());
    for failure in [of_push, of_read] {
        assert_eq!(failure.category, Category::Protocol);
        assert_eq!(failure.message, "the answer is to another call: it has an `access_token`");
        assert!(!format!("{failure:?}").contains("SIM-TOKEN"), "{failure:?}");
    }
    for connection in [without, with] {
        let mut request = sent(calls.begin(&operation(WRITE), &connection, 0).unwrap());
        if request.url.contains("gettoken") {
            request = sent(calls.resume(request.call, &token(), 0).unwrap().unwrap());
        }
        output(calls.resume(request.call, &success(), 0).unwrap().unwrap());
    }
}

#[test]
fn beyond_the_bound_a_call_is_told_to_come_again() {
    let mut calls = calls();
    let [_, connection] = connections();
    let begin = |calls: &mut Calls| calls.begin(&operation(WRITE), &connection, 0).unwrap();
    let open: Vec<u64> = (0..MAX_CALLS).map(|_| sent(begin(&mut calls)).call).collect();
    let full = retryable(begin(&mut calls));
    assert_eq!((full.category, full.api.as_str()), (Category::Limit, "message/send"));
    calls.cancel(open[0]).unwrap();
    sent(begin(&mut calls));
    assert_eq!(retryable(begin(&mut calls)).category, Category::Limit);
    for call in &open[1..] {
        output(calls.resume(*call, &success(), 0).unwrap().unwrap());
    }
    sent(begin(&mut calls));
    assert!(calls.memory() < 64 * MIB, "{} bytes", calls.memory());
}

/// An engine that reads on where it need not. The component does not keep it.
#[test]
fn an_answer_of_any_length_has_a_typed_error() {
    let mut calls = calls();
    let [connection, _] = connections();
    let huge = body(vec![b' '; 100 * MIB]);
    for _ in 0..3 {
        let read = sent(calls.begin(&operation(READ), &connection, 0).unwrap());
        let step = calls.resume(read.call, &huge, 0).unwrap().unwrap();
        let Step::Failed(Error::PermanentRejected(failure)) = step else { panic!("{step:?}") };
        assert_eq!((failure.message.as_str(), failure.api.as_str()), ("the answer is too long", "gettoken"));
    }
    let request = sent(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    let request = sent(calls.resume(request.call, &token(), 0).unwrap().unwrap());
    let step = calls.resume(request.call, &huge, 0).unwrap().unwrap();
    assert!(matches!(step, Step::Failed(Error::PermanentOutcomeUnknown(_))), "{step:?}");
    let request = sent(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    output(calls.resume(request.call, &success(), 0).unwrap().unwrap());
    assert!(calls.memory() < 256 * MIB, "{} bytes", calls.memory());
}

/// An action with a file as bytes.
fn with_file(action: &str, parameters: &Value, parameter: &str, content: Vec<u8>) -> Operation {
    Operation::Invoke(Invocation {
        action: action.to_owned(),
        parameters: parameters.to_string(),
        files: vec![File { parameter: parameter.to_owned(), content }],
    })
}

fn upload() -> Value {
    json!({"file_name": "a.zip", "kind": "file"})
}

/// An instance with as many of those calls as it takes, and their numbers.
fn filled(large: &Operation, connection: &str) -> (Calls, Vec<u64>) {
    let mut calls = calls();
    let mut open = Vec::new();
    let full = loop {
        match calls.begin(large, connection, 0).unwrap() {
            Step::Send(request) => open.push(request.call),
            step => break retryable(step),
        }
    };
    assert_eq!(full.category, Category::Limit);
    (calls, open)
}

/// The calls are there as before.
fn answer_each(calls: &mut Calls, open: Vec<u64>) {
    let success = r#"{"errcode": 0, "errmsg": "ok", "type": "file", "media_id": "m", "created_at": "1380000000"}"#;
    for call in open {
        output(calls.resume(call, &body(success), 0).unwrap().unwrap());
    }
}

/// An answer that is far too long, beside as much as the calls may hold.
#[test]
fn the_memory_of_the_contract_holds_as_much_as_calls_may_keep() {
    let [_, connection] = connections();
    let upload = with_file("upload-media", &upload(), "content", vec![b'x'; 20 * MIB]);
    let text = "x".repeat(8 * MIB - 1000);
    let any = json!({"method": "POST", "api": "user/getuserid", "body": {"text": text}, "effect": "write"});
    let any = invocation("call-api", any.to_string());
    // What is sent may be longer than what was given: a query is encoded.
    let query: Vec<Value> =
        (0..32).map(|index| json!({"name": format!("n{index}"), "value": "!".repeat(4096)})).collect();
    let any_query = json!({"method": "GET", "api": "user/getuserid", "query": query, "effect": "write"});
    let any_query = invocation("call-api", any_query.to_string());
    for (large, count) in [(upload, 12..=12), (any, 32..=32), (any_query, 345..=395)] {
        let (mut calls, open) = filled(&large, &connection);
        assert!(count.contains(&open.len()), "{}", open.len());
        let read = sent(calls.begin(&operation(READ), &connection, 0).unwrap());
        let step = calls.resume(read.call, &body(vec![b' '; MOST]), 0).unwrap().unwrap();
        let Step::Failed(Error::PermanentRejected(failure)) = step else { panic!("{step:?}") };
        assert_eq!(failure.message, "the answer is too long");
        answer_each(&mut calls, open);
    }
}

/// Whatever one call is handed in, beside the calls that keep the most: they hold a third more than they were handed.
#[test]
fn the_memory_of_the_contract_holds_whatever_is_handed_in() {
    let [_, application] = connections();
    let chatbot = json!({"type": "chatbot", "chatbot_key": "SIMULATED-key"}).to_string();
    let by_chatbot = "push-image-message-by-chatbot";
    let mut image = include_bytes!("../../src/cli/pixel.png").to_vec();
    image.resize(2 * MIB, 0);
    let (mut calls, open) = filled(&with_file(by_chatbot, &json!({}), "base64", image), &chatbot);
    assert_eq!(open.len(), 127);

    let most = || "x".repeat(MOST);
    let response = |retry_after, content_disposition, body| {
        Answer::Response(Response { status: 200, retry_after, content_disposition, body })
    };
    for answer in [
        response(None, None, vec![b' '; MOST]),
        Answer::Response(Response {
            status: 429,
            retry_after: Some(most()),
            content_disposition: None,
            body: Vec::new(),
        }),
        response(None, Some(most()), Vec::new()),
        Answer::Lost(most()),
        Answer::NotSent("密".repeat(MOST / 3)),
    ] {
        let read = sent(calls.begin(&operation(READ), &application, 0).unwrap());
        let step = calls.resume(read.call, &answer, 0).unwrap().unwrap();
        assert!(matches!(step, Step::Failed(Error::PermanentRejected(_) | Error::Retryable(_))), "{step:?}");
    }

    let nameless = |index: usize| File { parameter: format!("{index:x}"), content: Vec::new() };
    let many_files = Operation::Invoke(Invocation {
        action: "upload-media".to_owned(),
        parameters: upload().to_string(),
        files: (0..100_000).map(nameless).collect(),
    });
    let mut base64 = upload();
    base64["content"] = json!(most());
    for (operation, connection) in [
        (invocation(&most(), "{}".to_owned()), &application),
        (invocation(WRITE, most()), &application),
        (invocation("upload-media", base64.to_string()), &application),
        (with_file("upload-media", &upload(), "content", vec![b'x'; MOST]), &application),
        (with_file("upload-media", &upload(), &most(), Vec::new()), &application),
        (many_files, &application),
        (with_file(by_chatbot, &json!({}), "base64", vec![b'x'; MOST]), &chatbot),
        (operation(WRITE), &most()),
        (Operation::TestConnection, &most()),
        (Operation::GetAccessToken(TokenScope::App), &most()),
    ] {
        let step = calls.begin(&operation, connection, 0).unwrap();
        assert!(matches!(step, Step::Failed(Error::PermanentInvalidParameters(_))), "{step:?}");
    }
    answer_each(&mut calls, open);
}

/// Where what a client says is cut, no part of a secret stays.
#[test]
fn no_secret_is_parted_in_what_an_engine_says() {
    let mut calls = calls();
    let [_, connection] = connections();
    for blanks in (256 * 1024 - 130..256 * 1024 + 10).chain([0, 100, 990, 12_000]) {
        for beginning in ["", "x"] {
            let read = sent(calls.begin(&operation(READ), &connection, 0).unwrap());
            let words = format!("{beginning}{}{} {}", " ".repeat(blanks), read.url, "y".repeat(300_000));
            let step = calls.resume(read.call, &Answer::NotSent(words), 0).unwrap().unwrap();
            let failure = format!("{:?}", retryable(step));
            assert!(!failure.contains("SIM-TOK"), "{blanks}: {failure}");
        }
    }
}

/// A host that grants less than the contract.
fn cramped() -> stepwise::Host {
    stepwise_host_with(Limits { memory: 64 * MIB, ..stepwise::limits() })
}

/// What has no room ends the component, and it says so each time.
#[test]
fn an_answer_that_the_memory_has_no_room_for_is_a_trap() {
    let host = cramped();
    let mut calls = host.calls().unwrap();
    let [_, connection] = connections();
    let request = sent(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    for _ in 0..2 {
        let answer = calls.resume(request.call, &body(vec![b' '; 100 * MIB]), 0);
        assert!(matches!(answer, Err(CallFault::Trap(_))), "{answer:?}");
    }
}

#[test]
fn an_engine_that_never_gets_an_answer_ends_each_call() {
    let mut calls = calls();
    let [connection, with_token] = connections();
    let lost = Answer::Lost("reset".to_owned());
    let mut memory = 0;
    for round in 0..2000_u64 {
        let request = sent(calls.begin(&operation(WRITE), &connection, round).unwrap());
        assert_eq!(retryable(calls.resume(request.call, &lost, round).unwrap().unwrap()).api, "gettoken");
        let request = sent(calls.begin(&operation(WRITE), &with_token, round).unwrap());
        let step = calls.resume(request.call, &lost, round).unwrap().unwrap();
        assert!(matches!(step, Step::Failed(Error::PermanentOutcomeUnknown(_))), "{step:?}");
        if round == 100 {
            memory = calls.memory();
        }
    }
    assert_eq!(calls.memory(), memory, "nothing is kept of them");
    assert_eq!(calls.woken().unwrap(), [0; 0]);
}

#[test]
fn where_the_clock_goes_back_time_stands_still() {
    let mut calls = calls();
    let [connection, _] = connections();
    let hour = 3_600_000;
    let request = sent(calls.begin(&operation(WRITE), &connection, hour).unwrap());
    let deadline = request.deadline;
    let request = sent(calls.resume(request.call, &token(), 0).unwrap().unwrap());
    assert_eq!(request.deadline, deadline);
    output(calls.resume(request.call, &success(), 0).unwrap().unwrap());
    // The token is as old as it is by the later time.
    let request = sent(calls.begin(&operation(WRITE), &connection, 2 * hour).unwrap());
    assert!(request.url.contains("/message/send?"), "{}", request.url);
    let request = sent(calls.begin(&operation(WRITE), &connection, 3 * hour).unwrap());
    assert!(request.url.contains("/gettoken?"), "{}", request.url);
    waits(calls.begin(&operation(WRITE), &connection, 0).unwrap());
    // There is an end of time, too.
    let last = sent(calls.begin(&operation(WRITE), &connections()[1], u64::MAX).unwrap());
    assert_eq!(last.deadline, u64::MAX);
    assert_eq!(calls.resume(request.call, &token(), 0).unwrap(), Err(Misuse::UnknownCall), "it is over");
    output(calls.resume(last.call, &success(), 0).unwrap().unwrap());
}

// ------------------------------------------------------------------------------------------------------ many at once

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_that_begin_at_once_fetch_one_token() {
    let simulator = simulator(Options::strict()).await;
    let connection = application(&simulator).to_string();
    let instance = stepwise_host().instance().unwrap();
    // All of them are there before the token is.
    simulator.disturb_next(Disturbance::Delay(Duration::from_millis(300)));
    let mut calls = JoinSet::new();
    for _ in 0..100 {
        let (instance, connection) = (instance.clone(), connection.clone());
        calls.spawn(async move { instance.invoke(READ, &connection, "{}").await });
    }
    while let Some(answer) = calls.join_next().await {
        answer.unwrap().unwrap().unwrap();
    }
    let apis = apis(&simulator);
    assert_eq!(apis.iter().filter(|api| *api == "gettoken").count(), 1);
    assert_eq!(apis.len(), 101);
}

#[tokio::test]
async fn a_call_that_its_caller_drops_lets_another_fetch_the_token() {
    let simulator = simulator(Options::strict()).await;
    let connection = application(&simulator).to_string();
    let instance = stepwise_host().instance().unwrap();
    simulator.disturb_next(Disturbance::Delay(Duration::from_secs(60)));
    let first = tokio::time::timeout(Duration::from_millis(300), instance.invoke(READ, &connection, "{}"));
    let (first, second, third) = tokio::join!(
        first,
        instance.invoke(READ, &connection, "{}"),
        // One that waits may be dropped as well.
        tokio::time::timeout(Duration::from_millis(100), instance.invoke(READ, &connection, "{}")),
    );
    assert!(first.is_err() && third.is_err());
    second.unwrap().unwrap();
    assert_eq!(apis(&simulator), ["gettoken", "gettoken", "department/simplelist"]);
}

#[tokio::test]
async fn the_hosts_deadline_ends_a_call_and_no_other() {
    let simulator = simulator(Options::strict()).await;
    let connection = application(&simulator).to_string();
    let host = stepwise_host_with(Limits { deadline: Duration::from_secs(2), ..stepwise::limits() });
    let instance = host.instance().unwrap();
    instance.invoke(READ, &connection, "{}").await.unwrap().unwrap();
    simulator.disturb_next(Disturbance::Delay(Duration::from_secs(60)));
    let answer = instance.invoke(WRITE, &connection, &sample(WRITE).to_string()).await;
    assert!(matches!(answer, Err(CallFault::Deadline)), "{answer:?}");
    instance.invoke(READ, &connection, "{}").await.unwrap().unwrap();
}

#[tokio::test]
async fn where_the_component_traps_nobody_waits_in_vain() {
    let simulator = simulator(Options::strict()).await;
    let connection = with(application(&simulator), json!({"timeout_seconds": 1})).to_string();
    let host = cramped();
    let instance = host.instance().unwrap();
    simulator.disturb_next(Disturbance::Delay(Duration::from_secs(60)));
    let spoiler = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        instance.invoke(READ, &connection, &" ".repeat(100 * MIB)).await
    };
    let began = Instant::now();
    let ask = || instance.invoke(READ, &connection, "{}");
    let (first, second, third) = tokio::join!(ask(), ask(), spoiler);
    for answer in [first, second, third, ask().await] {
        assert!(matches!(answer, Err(CallFault::Trap(_))), "{answer:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
