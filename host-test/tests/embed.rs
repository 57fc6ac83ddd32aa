//! `examples/embed.rs` as a process of its own: what its reader sees, of a success and of every class of error.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::process::Command;

use host_test::artifact;
use host_test::faults::{Fault, FaultServer, Target};
use host_test::simulator::{Options, Simulator, seed};
use wecom_connector::leak::assert_none_shown;

/// What the example prints with these variables of the environment, and no others.
async fn embed(variables: &[(&str, &str)]) -> String {
    let example = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("examples").join("embed");
    let mut command = Command::new(&example);
    command.arg(artifact::component().unwrap()).env_clear().envs(variables.iter().copied());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|error| {
        panic!("{}: {error}; `cargo build --workspace --examples` makes it", example.display())
    });
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success(), "{stderr}");
    assert_none_shown(&format!("{stdout}{stderr}"), seed::SECRETS.into_iter().chain([TOKEN]));
    stdout
}

const TOKEN: &str = "TOKEN-THAT-THE-ENGINE-KEEPS";

#[tokio::test(flavor = "multi_thread")]
async fn every_class_of_an_answer_is_told_apart() {
    let simulator = Simulator::start(Options::default()).await.unwrap();
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
