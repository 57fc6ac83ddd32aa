//! The command line as a person and a program meet it: exit status, standard output, one line on standard error.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Output, Stdio};

use host_test::simulator::seed::SECRETS;
use serde_json::{Value, json};
use wecom_connector::leak::assert_none_shown;

fn host_test(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-test"));
    command.args(arguments).stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WECOM_")) {
        command.env_remove(name);
    }
    command
}

fn run(arguments: &[&str]) -> Output {
    host_test(arguments).output().expect("the harness starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

fn stdout_json(output: &Output) -> Value {
    let text = stdout(output);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Asserts the exit status and that standard error is one line with these words.
fn assert_fails(output: &Output, status: i32, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    for word in words {
        assert!(stderr.contains(word), "{word:?} is not in {stderr}");
    }
    assert_none_shown(&format!("{stderr}{}", stdout(output)), SECRETS);
}

/// A simulator that runs as a command of its own, and the files of its connections.
struct Running {
    process: std::process::Child,
    folder: tempfile::TempDir,
}

impl Running {
    fn start() -> (Self, BufReader<std::process::ChildStdout>) {
        let mut process =
            host_test(&["simulator", "--json"]).stdout(Stdio::piped()).spawn().expect("the simulator starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut started = String::new();
        lines.read_line(&mut started).unwrap();
        let started: Value = serde_json::from_str(&started).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for connection in started["connections"].as_array().unwrap() {
            let file = folder.path().join(format!("{}.json", connection["type"].as_str().unwrap()));
            std::fs::write(file, connection.to_string()).unwrap();
        }
        (Self { process, folder }, lines)
    }

    fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_demo_carries_out_every_action() {
    let output = run(&["demo", "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps = stdout_json(&output);
    let steps = steps.as_array().unwrap();
    let mut actions: Vec<&str> = steps.iter().map(|step| step["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!(actions.len(), 29);
    for step in steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(step["request"].as_str().unwrap().contains(" /cgi-bin/"), "{step}");
    }
}

#[test]
fn the_demo_is_a_table_for_a_person() {
    let output = run(&["demo"]);
    assert!(output.status.success());
    let table = stdout(&output);
    assert!(table.contains("Build a department") && table.contains("push-text-message-by-chatbot"), "{table}");
    assert!(table.contains("29 actions carried out"), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours where no person looks");
}

#[test]
fn a_wrong_call_is_one_line_and_status_2() {
    for (arguments, words) in [
        (&[] as &[&str], &["a command is missing"] as &[&str]),
        (&["frobnicate"], &["unrecognized subcommand", "frobnicate"]),
        (&["demo", "--colour"], &["unexpected argument", "--colour"]),
        (&["invoke"], &["required arguments", "--connection"]),
        (&["invoke", "push-text-message", "--connection", "/does/not/exist"], &["/does/not/exist", "No such file"]),
        (&["invoke", "push-text-mesage", "--connection", "simulator"], &["did you mean", "push-text-message"]),
        (&["invoke", "get-group-chat", "--connection", "env", "--parameters", "@/does/not/exist"], &["No such file"]),
        (&["schema", "push-text-mesage"], &["did you mean", "push-text-message"]),
        (&["simulator", "--port", "65536"], &["--port", "65536"]),
    ] {
        assert_fails(&run(arguments), 2, words);
    }
}

#[test]
fn a_failed_action_is_one_line_and_status_1() {
    let output =
        run(&["invoke", "get-group-chat", "--connection", "simulator", "--parameters", r#"{"chat_id":"nope"}"#]);
    assert_fails(&output, 1, &["get-group-chat: permanent-rejected", "86003"]);
    assert_eq!(stdout(&output), "");

    let bad = ["invoke", "create-department", "--connection", "simulator", "--json", "--parameters"];
    let output = run(&[&bad[..], &[r#"{"nam": "x", "parent_id": 0}"#]].concat());
    assert_fails(&output, 1, &["permanent-invalid-parameters", "/nam", "/parent_id"]);
    let error = stdout_json(&output)["error"].clone();
    assert_eq!(error["case"], "permanent-invalid-parameters");
    assert_eq!(error["faults"].as_array().unwrap().len(), 3, "{error}");

    let output = run(&[&bad[..], &["{\"name\":\n  oops}"]].concat());
    assert_fails(&output, 1, &["line 2 column 3"]);

    let output = run(&["invoke", "list-member-ids", "--connection", "env"]);
    assert_fails(&output, 1, &["WECOM_CORP_ID"]);
}

#[test]
fn a_simulator_serves_other_commands_and_tells_what_it_saw() {
    let (running, mut lines) = Running::start();
    let application = running.file("application.json");
    let chatbot = running.file("chatbot.json");

    let push = json!({"to_user": "zhangsan|nobody", "content": "你好"}).to_string();
    let output = run(&["invoke", "push-text-message", "--connection", &application, "--parameters", &push, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stdout_json(&output)["ok"]["invalid_user"], json!(["nobody"]));

    let file = running.file("parameters.json");
    std::fs::write(&file, "\u{feff}{\"content\": \"from a file\"}").unwrap();
    let output =
        run(&["invoke", "push-text-message-by-chatbot", "--connection", &chatbot, "--parameters", &format!("@{file}")]);
    assert_eq!(stdout_json(&output), json!({"truncated": []}));

    let mut command =
        host_test(&["invoke", "push-markdown-message-by-chatbot", "--connection", "env", "--parameters", "-"]);
    let connection: Value = serde_json::from_str(&std::fs::read_to_string(&chatbot).unwrap()).unwrap();
    command.env("WECOM_CHATBOT_KEY", connection["chatbot_key"].as_str().unwrap());
    command.env("WECOM_BASE_URL", connection["base_url"].as_str().unwrap());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(br##"{"content": "# from standard input"}"##).unwrap();
    assert_eq!(stdout_json(&process.wait_with_output().unwrap()), json!({}));

    let mut seen = Vec::new();
    while seen.len() < 4 {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the simulator has ended");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_none_shown(&line.to_string(), SECRETS);
        seen.push(line["path"].as_str().unwrap().to_owned());
    }
    let expected = ["gettoken", "message/send", "webhook/send", "webhook/send"];
    assert_eq!(seen, expected.map(|api| format!("/cgi-bin/{api}")));
}

#[test]
fn bytes_that_are_no_utf8_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latin1.json");
    std::fs::write(&file, b"{\"content\": \"\xe9\"}").unwrap();
    let parameters = format!("@{}", file.display());
    let output = run(&["invoke", "push-text-message", "--connection", "simulator", "--parameters", &parameters]);
    assert_fails(&output, 2, &["not UTF-8"]);
}

#[test]
fn a_port_that_is_taken_is_said_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    assert_fails(&run(&["simulator", "--port", &port]), 1, &[&port, "in use"]);
}

#[test]
fn actions_and_schemas_are_printed() {
    let actions = stdout_json(&run(&["actions", "--json"]));
    assert_eq!(actions.as_array().unwrap().len(), 29);
    let table = stdout(&run(&["actions", "--zh"]));
    assert!(table.contains("push-text-message") && table.contains("推送"), "{table}");

    let schema = stdout_json(&run(&["schema", "create-member"]));
    assert_eq!(schema["properties"]["user_id"]["title"], "Member ID");
    let schema = stdout_json(&run(&["schema", "create-department", "--output"]));
    assert_eq!(schema["properties"]["id"]["type"], "integer");
    let schema = stdout_json(&run(&["schema", "chatbot"]));
    assert_eq!(schema["properties"]["chatbot_key"]["format"], "password");
}

#[test]
fn a_connection_is_tested() {
    let output = run(&["test-connection", "--connection", "simulator", "--json"]);
    let checks = stdout_json(&output)["ok"]["checks"].clone();
    assert_eq!(checks.as_array().unwrap().len(), 2);
    assert!(checks.as_array().unwrap().iter().all(|check| check["proved"] == true), "{checks}");
}

#[test]
fn help_is_no_failure() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    for command in ["demo", "load", "actions", "schema", "invoke", "test-connection", "simulator", "generate", "dist"] {
        assert!(stdout(&output).contains(command), "{command}");
    }
}
