//! The examples as processes of their own: what their reader sees, of a success and of every class of error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use host_test::artifact;
use host_test::faults::{Fault, FaultServer, Target};
use host_test::simulator::{Options, Simulator, seed};
use serde_json::{Value, json};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;
use wecom_connector::secrecy::assert_no_secret;

use crate::harness::with;

/// What the example prints with these variables of the environment, and no others.
async fn embed(variables: &[(&str, &str)]) -> String {
    let (succeeded, stdout, stderr) = run(&[], variables).await;
    assert!(succeeded, "{stderr}");
    stdout
}

/// The same with limits: whether it ended well, and what it printed.
async fn run(limits: &[&str], variables: &[(&str, &str)]) -> (bool, String, String) {
    // The first one compiles, for all that follow.
    static COMPILED: OnceCell<()> = OnceCell::const_new();
    COMPILED.get_or_init(async || drop(start(&[], &[]).await)).await;
    start(limits, variables).await
}

async fn start(limits: &[&str], variables: &[(&str, &str)]) -> (bool, String, String) {
    let (example, mut command) = example("embed");
    command.arg(artifact::component().unwrap()).args(limits).envs(variables.iter().copied());
    ended(&example, command).await
}

/// What the example prints that sends the requests itself.
async fn embed_stepwise(connection: &Value) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("connection.json");
    fs::write(&file, connection.to_string()).unwrap();
    let (example, mut command) = example("embed_stepwise");
    command.arg(artifact::stepwise().unwrap()).arg(file);
    let (succeeded, stdout, stderr) = ended(&example, command).await;
    assert!(succeeded, "{stderr}");
    stdout
}

fn example(name: &str) -> (PathBuf, Command) {
    let example = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples").join(name);
    let mut command = Command::new(&example);
    // Where wasmtime keeps what it has compiled.
    command.env_clear().env("XDG_CACHE_HOME", artifact::cache().join("embed"));
    (example, command)
}

async fn ended(example: &Path, mut command: Command) -> (bool, String, String) {
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo build --workspace --examples` makes it", example.display())
    });
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_no_secret(&format!("{stdout}{stderr}"), seed::SECRETS.into_iter().chain([TOKEN]));
    (output.status.success(), stdout, stderr)
}

const TOKEN: &str = "TOKEN-THAT-THE-ENGINE-KEEPS";

#[tokio::test(flavor = "multi_thread")]
async fn every_class_of_an_answer_is_told_apart() {
    let simulator = Simulator::start(Options::strict()).await.unwrap();
    let (base_url, agent_id) = (simulator.base_url(), seed::AGENT_ID.to_string());
    let connection = |secret| {
        [
            ("WECOM_BASE_URL", base_url.as_str()),
            ("WECOM_CORP_ID", seed::CORP_ID),
            ("WECOM_AGENT_ID", agent_id.as_str()),
            ("WECOM_APP_SECRET", secret),
        ]
    };
    assert_eq!(embed(&connection(seed::APP_SECRET)).await, "sent; not reached: [\"nobody\"]\n");
    assert_eq!(simulator.with_world(|world| world.messages().len()), 1);

    let said = embed(&connection("wrong")).await;
    assert!(said.starts_with("stop: invalid credential") && said.contains("Copy"), "{said}");
    let said = embed(&connection(seed::APP_SECRET)[..1]).await;
    assert!(said.starts_with("mend what was given: ") && said.contains("WECOM_CORP_ID"), "{said}");

    for (fault, expected) in [
        (Fault::ConnectionRefused, "repeat after None s: the connection was refused"),
        (Fault::CloseAfterRequest, "look before repeating: the connection was closed before an answer came"),
    ] {
        let server = FaultServer::start().await.unwrap();
        server.order(Target::All, fault).await.unwrap();
        let base_url = server.base_url();
        let said = embed(&[
            ("WECOM_BASE_URL", &base_url),
            ("WECOM_CORP_ID", seed::CORP_ID),
            ("WECOM_AGENT_ID", &agent_id),
            ("WECOM_ACCESS_TOKEN", TOKEN),
        ])
        .await;
        assert!(said.starts_with(expected), "{said}");
    }
    assert_eq!(simulator.with_world(|world| world.messages().len()), 1, "no other push arrived");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_at_the_deadline_and_an_instance_has_no_more_memory_than_it_may() {
    let server = FaultServer::start().await.unwrap();
    server.order(Target::All, Fault::NeverAnswered).await.unwrap();
    let (base_url, agent_id) = (server.base_url(), seed::AGENT_ID.to_string());
    let variables = [
        ("WECOM_BASE_URL", base_url.as_str()),
        ("WECOM_CORP_ID", seed::CORP_ID),
        ("WECOM_AGENT_ID", &agent_id),
        ("WECOM_ACCESS_TOKEN", TOKEN),
    ];
    let (succeeded, stdout, stderr) = run(&["1"], &variables).await;
    assert!(!succeeded && stderr.contains("deadline has elapsed"), "{stdout}{stderr}");
    assert_eq!(server.seen().len(), 1, "the request was under way");

    let (succeeded, stdout, stderr) = run(&["120", "1"], &variables).await;
    assert!(!succeeded && stderr.contains("memory"), "{stdout}{stderr}");
    assert_eq!(server.seen().len(), 1, "nothing was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_requests_of_a_call_go_through_one_connection() {
    let simulator = Simulator::start(Options::strict()).await.unwrap();
    let target = simulator.base_url().strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut far = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut near, &mut far).await });
        }
    });
    let said = embed(&[
        ("WECOM_BASE_URL", base_url.as_str()),
        ("WECOM_CORP_ID", seed::CORP_ID),
        ("WECOM_AGENT_ID", &seed::AGENT_ID.to_string()),
        ("WECOM_APP_SECRET", seed::APP_SECRET),
    ])
    .await;
    assert!(said.starts_with("sent"), "{said}");
    assert_eq!(simulator.requests().len(), 2, "a token, and the message");
    assert_eq!(connections.load(Ordering::Relaxed), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_sends_the_requests_itself_tells_every_class_apart() {
    let simulator = Simulator::start(Options::strict()).await.unwrap();
    let given = seed::application(&simulator.base_url());
    let said = embed_stepwise(&given).await;
    assert!(said.starts_with("sent: ") && said.contains(r#""invalid_user":["nobody"]"#), "{said}");
    assert_eq!(simulator.requests().len(), 2, "a token, and the message");
    assert_eq!(simulator.with_world(|world| world.messages().len()), 1);

    let said = embed_stepwise(&with(given, json!({"app_secret": "wrong"}))).await;
    assert!(said.starts_with("stop: invalid credential") && said.contains("Copy"), "{said}");
    let said = embed_stepwise(&json!({"type": "application"})).await;
    assert!(said.starts_with("mend what was given: ") && said.contains("/corp_id"), "{said}");

    for (fault, expected) in [
        (Fault::ConnectionRefused, "repeat after None s: the engine could not send the request: "),
        (Fault::NameUnresolved, "repeat after None s: the engine could not send the request: "),
        (Fault::Status429After, "repeat after Some(7) s: "),
        (Fault::TlsUntrusted, "stop: the certificate of the host is not trusted: "),
        (Fault::Status302, "stop: "),
        (Fault::CloseAfterRequest, "look before repeating: the engine got no answer: "),
        (Fault::BodyStalls, "look before repeating: the engine got no answer: "),
        (Fault::NeverAnswered, "look before repeating: the engine got no answer: "),
        (Fault::TenMegabytes, "look before repeating: the answer is too long "),
    ] {
        let server = FaultServer::start().await.unwrap();
        server.order(Target::All, fault).await.unwrap();
        let given = seed::application(&server.base_url());
        let said = embed_stepwise(&with(given, json!({"access_token": TOKEN, "timeout_seconds": 1}))).await;
        assert!(said.starts_with(expected), "{}: {said}", fault.name());
    }
    assert_eq!(simulator.with_world(|world| world.messages().len()), 1, "no other push arrived");
}
