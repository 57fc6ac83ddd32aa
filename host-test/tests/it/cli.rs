//! The command line as a person and a program meet it: exit status, standard output, one line on standard error.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use host_test::simulator::seed::{self, SECRETS};
use serde_json::{Value, json};
use wecom_connector::secrecy::assert_no_secret;

use crate::harness::{host_test, prepared, quiet};

fn run(arguments: &[&str]) -> Output {
    host_test(arguments).output().expect("the harness starts")
}

/// The same where people speak Chinese.
fn run_in_chinese(arguments: &[&str]) -> Output {
    host_test(arguments).env("LC_ALL", "zh_CN.UTF-8").output().expect("the harness starts")
}

/// How many actions there are.
fn actions() -> usize {
    let manifest: Value = serde_json::from_str(&wecom_connector::manifest::manifest()).unwrap();
    manifest["actions"].as_array().unwrap().len()
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
    assert_no_secret(&format!("{stderr}{}", stdout(output)), SECRETS);
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
    let mut demo = host_test(&["demo", "--json"]);
    // As a person starts it: it sees to the components itself.
    for (variable, _) in prepared() {
        demo.env_remove(variable);
    }
    let output = demo.output().expect("the harness starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let steps = stdout_json(&output);
    let steps = steps.as_array().unwrap();
    let (callbacks, steps): (Vec<&Value>, Vec<&Value>) = steps.iter().partition(|step| step["callback"].is_string());
    let mut actions: Vec<&str> = steps.iter().map(|step| step["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    actions.dedup();
    assert_eq!(actions.len(), self::actions());
    for step in steps {
        assert_eq!(step["ok"], true, "{step}");
        assert!(step["request"].as_str().unwrap().contains(" /cgi-bin/"), "{step}");
    }
    // A card is pressed, the callback comes through the component, and the card is updated with the code that came with it.
    assert!(callbacks.iter().all(|callback| callback["ok"] == true), "{callbacks:?}");
    let names: Vec<&Value> = callbacks.iter().map(|callback| &callback["callback"]).collect();
    assert_eq!(names, ["verify-url", "decrypt-message"]);
    let event = &callbacks[1]["output"];
    assert_eq!(
        (&event["topic"], &event["fields"]["event_key"]),
        (&json!("event/template_card_event"), &json!("approve"))
    );
}

#[test]
fn a_component_that_is_none_is_named_with_its_variable() {
    let none = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    for (variable, arguments) in [
        ("WECOM_COMPONENT", ["test-connection", "--connection", "simulator"]),
        ("WECOM_STEPWISE_COMPONENT", ["callback", "--connection", "simulator"]),
    ] {
        let output = host_test(&arguments).env(variable, "/does/not/exist.wasm").output().unwrap();
        assert_fails(&output, 1, &[variable, "names no file: /does/not/exist.wasm"]);
        let output = host_test(&arguments).env(variable, none).output().unwrap();
        assert_fails(&output, 1, &[none, "is no component that this host can load"]);
    }
}

#[test]
fn the_demo_is_a_table_for_a_person() {
    let output = run(&["demo"]);
    assert!(output.status.success());
    let table = stdout(&output);
    assert!(table.contains("Build a department") && table.contains("push-text-message-by-chatbot"), "{table}");
    assert!(table.contains(&format!("{} actions carried out", actions())), "{table}");
    assert!(!table.contains('\u{1b}'), "no colours where no person looks");
}

#[test]
fn a_wrong_call_is_one_line_and_status_2() {
    for (arguments, words) in [
        (&[] as &[&str], &["a command is missing"] as &[&str]),
        (&["frobnicate"], &["there is no command \"frobnicate\"; `host-test --help` lists the commands"]),
        (&["dmeo"], &["there is no command \"dmeo\"; did you mean \"demo\"?"]),
        (&["demo", "--colour"], &["unexpected argument \"--colour\""]),
        (&["demo", "--jsn"], &["unexpected argument \"--jsn\"; did you mean \"--json\"?"]),
        (&["demo", "--json", "--json"], &["--json is given twice"]),
        (&["demo", "--json=yes"], &["--json takes no value"]),
        (&["invoke"], &["required arguments", "--connection", "<ACTION>"]),
        (&["invoke", "x", "--connection"], &["--connection", "has no value"]),
        (&["invoke", "push-text-message", "--connection", "/does/not/exist"], &["/does/not/exist", "No such file"]),
        (&["invoke", "push-text-mesage", "--connection", "simulator"], &["did you mean", "push-text-message"]),
        (&["invoke", "get-group-chat", "--connection", "env", "--parameters", "@/does/not/exist"], &["No such file"]),
        (&["schema", "push-text-mesage"], &["did you mean \"push-text-message\"?"]),
        (&["schema", "aplication"], &["did you mean \"application\"?"]),
        (&["schema", "nope"], &["there is no action \"nope\"; `host-test actions` lists the actions"]),
        (&["simulator", "--port", "65536"], &["--port", "\"65536\"", "from 0 to 65535"]),
        (&["simulator", "--port", "-1"], &["--port", "\"-1\"", "from 0 to 65535"]),
        (&["simulator", "--callback-timeout-ms", "0"], &["from 1 to 60000"]),
        (&["simulator", "--calls-per-minute", "0"], &["from 1 to 1000000"]),
        (&["press", "--simulator", "https://x", "--user", "a", "--key", "b"], &["--simulator takes the URL"]),
        (
            &["press", "--simulator", "http://127.0.0.1:1", "--user", "a", "--key", "b", "--select", "c"],
            &["--select takes QUESTION=OPTION"],
        ),
        (&["write", "--user", "a", "--text", "b"], &["required arguments", "--simulator"]),
        (&["callback", "--connection", "/does/not/exist"], &["/does/not/exist", "No such file"]),
        (&["callback", "--connection", "env"], &["WECOM_TOKEN is not set", "WECOM_ENCODING_AES_KEY is not set"]),
        (&["callback", "--connection", "simulator", "--reply", "{}"], &["--reply /msg_type is required"]),
        (&["callback", "--connection", "simulator", "--reply", "@/does/not/exist"], &["--reply", "No such file"]),
        (&["write", "--simulator", "http://127.0.0.1:1", "--user", "a", "--text", ""], &["--text must not be empty"]),
        (&["load", "--callbacks", "0"], &["from 1 to 100000"]),
        (&["load", "--callbacks", "100000", "--rate", "1"], &["longer than 300 seconds"]),
    ] {
        let output = run(arguments);
        assert_fails(&output, 2, words);
        assert!(!String::from_utf8_lossy(&output.stderr).contains("tip:"), "clap's tips help nobody");
        let stderr = String::from_utf8(run_in_chinese(arguments).stderr).unwrap();
        assert!(has_chinese(&stderr), "{stderr}");
    }
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

#[test]
fn a_failed_action_is_one_line_and_status_1() {
    let output =
        run(&["invoke", "get-group-chat", "--connection", "simulator", "--parameters", r#"{"chat_id":"nope"}"#]);
    assert_fails(&output, 1, &["get-group-chat: permanent-rejected", "86003"]);
    assert_eq!(stdout(&output), "");

    let output = run(&["invoke", "push-text-message", "--connection", "simulator", "--parameters", NOBODY]);
    assert_fails(&output, 1, &["push-text-message: permanent-rejected 81013: Nobody received this message"]);
    let line = String::from_utf8(output.stderr).unwrap();
    // What to do comes first, WeCom's own words last, and no address comes twice.
    let words = line.find(" WeCom: user & party & tag all invalid").expect("WeCom's words are there");
    assert!(line.find("Visible range").is_some_and(|hint| hint < words), "{line}");
    assert_eq!(line.matches("81013").count(), 2, "{line}");
    assert_eq!(line.matches("https://").count(), 1, "{line}");
}

/// A text message to nobody.
const NOBODY: &str = r#"{"to_user":"nobody","content":"hello"}"#;

#[test]
fn what_is_wrong_before_anything_is_sent_is_status_2() {
    let bad = ["invoke", "create-department", "--connection", "simulator", "--json", "--parameters"];
    let output = run(&[&bad[..], &[r#"{"nam": "x", "parent_id": 0}"#]].concat());
    assert_fails(&output, 2, &["permanent-invalid-parameters", "parameters/nam ", "parameters/parent_id "]);
    let error = stdout_json(&output)["error"].clone();
    assert_eq!(error["case"], "permanent-invalid-parameters");
    assert_eq!(error["faults"].as_array().unwrap().len(), 3, "{error}");

    let output = run(&[&bad[..], &["{\"name\":\n  oops}"]].concat());
    assert_fails(&output, 2, &["line 2 column 3"]);

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let chatbot = file("chatbot.json", r#"{"type": "chatbot", "chatbot_key": "51a00000-0000-4000-8000-0000000000b1"}"#);
    let broken = file("broken.json", "{\"type\": \"application\",\n  oops}");
    let parameters = file("parameters.json", "{\"name\":\n\n oops}");
    let unknown = file("unknown.json", r#"{"name": "x", "parent_id": 1, "colour": "red"}"#);
    for (connection, parameters, words) in [
        // Another type of connection than the action needs; a file is known by its name.
        (chatbot.as_str(), "{}", vec![format!("{chatbot} /type must be \"application\"")]),
        (&broken, "{}", vec![format!("{broken} "), "line 2 column 3".to_owned()]),
        ("simulator", &format!("@{parameters}"), vec![format!("{parameters} "), "line 3 column 2".to_owned()]),
        ("simulator", &format!("@{unknown}"), vec![format!("{unknown} /colour ")]),
        // Nothing in the environment.
        ("env", r#"{"name": "x", "parent_id": 1}"#, vec!["connection/corp_id ".into(), "WECOM_CORP_ID".into()]),
    ] {
        let output = run(&["invoke", "create-department", "--connection", connection, "--parameters", parameters]);
        assert_fails(&output, 2, &words.iter().map(String::as_str).collect::<Vec<_>>());
    }
    assert_fails(&run(&["test-connection", "--connection", "env"]), 2, &["WECOM_CORP_ID"]);
    assert_fails(&run(&["test-connection", "--connection", &broken]), 2, &[&broken, "line 2 column 3"]);
}

/// Secrets as people type them where a file belongs. None is shown, whatever is wrong with the rest.
#[test]
fn a_secret_on_the_command_line_is_not_echoed() {
    const TOP: &str = "TOPSECRET-0123456789-abcdef";
    let connection = format!(r#"{{"type":"application","app_secret":"{TOP}"}}"#);
    let address = format!("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOP}");
    let key = format!("key={TOP}");
    for secret in [connection.as_str(), &format!("[{connection}]"), &format!("\"{TOP}\""), &address, &key, TOP] {
        let rule = "--connection takes a file, env or simulator; keep secrets off the command line";
        for (arguments, words) in [
            (&["invoke", "push-text-message", "--connection", secret] as &[&str], rule),
            (&["test-connection", "--connection", secret], rule),
            (&["test-connection", &format!("--connection={secret}")], rule),
            (&["invoke", "x", "--connection", "env", "--parameters", &format!("@{secret}")], "--parameters takes JSON"),
            (&["invoke", "x", secret, "--connection", "env"], "unexpected argument"),
            (&["invoke", secret, "--connection", "simulator"], ""),
            (&["invoke", "x", "--connection", "simulator", "--parameters", secret], ""),
            (&["schema", secret], "there is no action"),
            (&["simulator", "--port", secret], "--port"),
            (&["load", &format!("--calls={secret}")], "--calls"),
            (&[secret], "there is no command"),
            (&[&format!("--{secret}")], "unexpected argument"),
        ] {
            for output in [run(arguments), run_in_chinese(arguments)] {
                let shown = format!("{}{}", stdout(&output), String::from_utf8_lossy(&output.stderr));
                assert_eq!(output.status.code(), Some(2), "{shown}");
                assert_eq!(shown.trim_end().lines().count(), 1, "{shown}");
                assert_no_secret(&shown, [TOP]);
                assert!(has_chinese(&shown) || shown.contains(words), "{words:?} is not in {shown}");
            }
        }
    }
    // The name of a file is no secret.
    assert_fails(
        &run(&["test-connection", "--connection", "secrets/app.json"]),
        2,
        &["secrets/app.json: No such file"],
    );
}

/// Every command that prints, but those that take minutes.
const PRINTING: [&[&str]; 10] = [
    &["--help"],
    &["--version"],
    &["actions"],
    &["actions", "--json"],
    &["schema", "application"],
    &["demo"],
    &["demo", "--json"],
    &["test-connection", "--connection", "simulator"],
    &["load", "--calls", "1"],
    &["load", "--callbacks", "1"],
];

#[cfg(target_os = "linux")]
#[test]
fn a_write_that_fails_is_a_failure() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let going_on: [&[&str]; 2] = [&["simulator"], &["callback", "--connection", "simulator"]];
    for arguments in PRINTING.into_iter().chain(going_on) {
        let output = host_test(arguments).stdout(full()).output().unwrap();
        assert_fails(&output, 1, &["host-test: the output cannot be written: No space left on device"]);
        let mut closed = quiet(Command::new("sh"));
        closed.args(["-c", r#"exec "$0" "$@" >&-"#, env!("CARGO_BIN_EXE_host-test")]).args(arguments);
        assert_fails(&closed.output().unwrap(), 1, &["host-test: the output cannot be written: it is closed"]);
    }
    // Who is told of a failure might do it again.
    let push = ["invoke", "push-text-message", "--connection", "simulator", "--parameters"];
    let mut command = host_test(&[&push[..], &[r#"{"to_user":"zhangsan","content":"hello"}"#]].concat());
    let output = command.stdout(full()).output().unwrap();
    assert_fails(&output, 1, &["push-text-message was carried out, but the output cannot be written: No space"]);
    let mut command = host_test(&[&push[..], &[NOBODY, "--json"]].concat());
    assert_fails(&command.stdout(full()).output().unwrap(), 1, &["81013", "the output cannot be written: No space"]);
    let mut command = host_test(&["actions"]);
    let output = command.env("LC_ALL", "zh_CN.UTF-8").stdout(full()).output().unwrap();
    assert_fails(&output, 1, &["无法写入输出：磁盘已满"]);
    // Not even that can be said.
    let output = host_test(&["actions"]).stdout(full()).stderr(full()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_reader_who_has_gone_away_is_no_failure() {
    for arguments in PRINTING {
        let mut process = host_test(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(process.stdout.take());
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn the_language_is_that_of_the_environment() {
    let get = ["invoke", "get-group-chat", "--connection", "simulator", "--parameters"];
    let output = run_in_chinese(&[&get[..], &[r#"{"chat_id":"nope"}"#]].concat());
    assert_fails(&output, 1, &["get-group-chat: permanent-rejected 86003：", "创建群聊", "企业微信：chat not found"]);
    let output = run_in_chinese(&[&get[..], &[r#"{"chat":"nope"}"#]].concat());
    assert_fails(&output, 2, &["permanent-invalid-parameters：parameters/chat："]);
    assert!(has_chinese(&String::from_utf8_lossy(&output.stderr)));
    assert_fails(
        &run_in_chinese(&["test-connection", "--connection", "/does/not/exist"]),
        2,
        &["/does/not/exist：没有这个文件"],
    );

    for (arguments, words) in [
        (&["actions"] as &[&str], &["操作", "发送文本消息", "读取", "通讯录Secret", "机器人Key"] as &[&str]),
        (&["demo"], &["建部门", "云平台部的部门ID是", "已送达", "毫秒"]),
        (&["test-connection", "--connection", "simulator"], &["✓ AppSecret：", "✓ 通讯录Secret："]),
        (&["invoke", "--help"], &["用法：", "示例：", "退出码："]),
        (&["--help"], &["命令", "列出操作", "显示帮助"]),
    ] {
        let shown = stdout(&run_in_chinese(arguments));
        for word in words {
            assert!(shown.contains(word), "{word:?} is not in {shown}");
        }
        // What the application is called is the same in every language, and what the admin console says is quoted.
        let english = stdout(&run(arguments)).replace(seed::APP_NAME, "").replace("visible range (可见范围)", "");
        assert!(!has_chinese(&english) || arguments == ["demo"], "{arguments:?}: {english}");
    }
    // What programs read is the same in every language.
    assert_eq!(stdout(&run_in_chinese(&["actions", "--json"])), stdout(&run(&["actions", "--json"])));
}

/// What a command prints to a terminal of that many columns.
#[cfg(target_os = "linux")]
fn on_a_terminal(columns: u16, arguments: &str, environment: &[(&str, &str)]) -> String {
    let mut command = quiet(Command::new("script"));
    let program = env!("CARGO_BIN_EXE_host-test");
    command.args(["-qec", &format!("stty cols {columns} rows {columns}; '{program}' {arguments}"), "/dev/null"]);
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
    let output = command.envs(environment.iter().copied()).output().expect("script is there");
    assert!(output.status.success(), "{}", stdout(&output));
    stdout(&output).replace('\r', "")
}

#[cfg(target_os = "linux")]
#[test]
fn tables_fit_their_terminal() {
    let widest = |text: &str| text.lines().map(|line| line.trim_end().chars().count()).max().unwrap();
    let wide = on_a_terminal(110, "actions", &[]);
    assert!(wide.contains('│') && wide.contains('\u{1b}'), "{wide}");
    // A terminal without a size, as `script` and some CI have it: the table as it would go to a file.
    let unknown = on_a_terminal(0, "actions", &[("NO_COLOR", "1")]);
    assert_eq!(unknown, stdout(&run(&["actions"])));
    assert_eq!(on_a_terminal(0, "--help", &[("NO_COLOR", "1")]), stdout(&run(&["--help"])));
    for columns in [20, 40, 59] {
        let narrow = on_a_terminal(columns, "actions", &[]);
        assert!(!narrow.contains('│') && widest(&narrow) <= columns.into(), "{narrow}");
        assert!(columns < 40 || narrow.contains("push-text-card-message-to-group-chat"), "no word is broken: {narrow}");
    }
    for environment in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        for arguments in ["actions", "demo", "--help"] {
            let plain = on_a_terminal(100, arguments, &[environment]);
            assert!(!plain.contains('\u{1b}') && widest(&plain) <= 100, "{plain:?}");
        }
    }
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
    assert_eq!(stdout_json(&output), json!({"truncated": [], "cleaned": []}));

    let mut command =
        host_test(&["invoke", "push-markdown-message-by-chatbot", "--connection", "env", "--parameters", "-"]);
    let connection: Value = serde_json::from_str(&std::fs::read_to_string(&chatbot).unwrap()).unwrap();
    command.env("WECOM_CHATBOT_KEY", connection["chatbot_key"].as_str().unwrap());
    command.env("WECOM_BASE_URL", connection["base_url"].as_str().unwrap());
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    process.stdin.take().unwrap().write_all(br##"{"content": "# from standard input"}"##).unwrap();
    let output = stdout_json(&process.wait_with_output().unwrap());
    assert_eq!(output, json!({"truncated": [], "cleaned": []}));

    let mut seen = Vec::new();
    while seen.len() < 4 {
        let mut line = String::new();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the simulator has ended");
        let line: Value = serde_json::from_str(&line).unwrap();
        assert_no_secret(&line.to_string(), SECRETS);
        seen.push(line["path"].as_str().unwrap().to_owned());
    }
    let expected = ["gettoken", "message/send", "webhook/send", "webhook/send"];
    assert_eq!(seen, expected.map(|api| format!("/cgi-bin/{api}")));
}

/// Ends the process as service managers do.
#[cfg(unix)]
fn terminate(process: &std::process::Child) {
    assert!(Command::new("kill").arg(process.id().to_string()).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn a_simulator_that_is_told_to_end_has_told_everything() {
    for round in 0..5 {
        let (mut running, mut lines) = Running::start();
        let chatbot = running.file("chatbot.json");
        let push = ["invoke", "push-text-message-by-chatbot", "--connection", &chatbot, "--parameters"];
        assert!(run(&[&push[..], &[r#"{"content":"hello"}"#]].concat()).status.success());
        terminate(&running.process);
        let mut rest = String::new();
        lines.read_to_string(&mut rest).unwrap();
        assert_eq!(rest.matches("/cgi-bin/webhook/send").count(), 1, "round {round}: {rest}");
        assert!(running.process.wait().unwrap().success(), "it ended as it was told to");
    }
}

#[test]
fn a_simulator_prints_what_the_environment_needs() {
    let mut process = host_test(&["simulator"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let exports: Vec<String> = lines.by_ref().filter(|line| line.starts_with("export WECOM_")).take(3).collect();
    let variables: HashMap<&str, &str> = exports
        .iter()
        .flat_map(|line| line.trim_start_matches("export ").split(' '))
        .map(|pair| pair.split_once('=').unwrap())
        .collect();
    for (action, parameters) in [
        ("push-text-message", r#"{"to_user":"zhangsan","content":"hello"}"#),
        ("list-member-ids", "{}"),
        ("push-text-message-by-chatbot", r#"{"content":"hello"}"#),
    ] {
        let mut command = host_test(&["invoke", action, "--connection", "env", "--parameters", parameters]);
        let output = command.envs(&variables).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    // Each is printed when it has been answered.
    let line = lines.next().unwrap();
    assert_eq!(line, "GET /cgi-bin/gettoken -> 200 errcode 0");
    process.kill().unwrap();
    process.wait().unwrap();
}

/// A command that goes on until it is interrupted, and what it prints.
struct GoingOn {
    process: std::process::Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
}

impl GoingOn {
    fn start(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    fn line(&mut self) -> String {
        self.lines.next().expect("there is a line").unwrap()
    }

    fn json(&mut self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Interrupts it; what it had yet to say, on standard output and on standard error.
    fn end(mut self) -> (String, String) {
        let interrupted = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().unwrap();
        assert!(interrupted.success());
        let rest: Vec<String> = self.lines.by_ref().map(Result::unwrap).collect();
        let mut stderr = String::new();
        self.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert!(self.process.wait().unwrap().success(), "{stderr}");
        (rest.join("\n"), stderr)
    }
}

impl Drop for GoingOn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const CARD: &str = r#"{"to_user": "zhangsan", "main_title": {"title": "请假"}, "task_id": "leave-7",
    "button_selection": {"question_key": "days", "option_list": [{"id": "1", "text": "一天"}, {"id": "2", "text": "两天"}]},
    "button_list": [{"text": "同意", "key": "approve"}]}"#;

#[cfg(unix)]
#[test]
fn a_member_presses_a_card_and_the_event_updates_it() {
    let mut callback = GoingOn::start(&mut host_test(&["callback", "--connection", "simulator", "--json"]));
    let started = callback.json();
    let (url, simulator) = (started["url"].as_str().unwrap().to_owned(), started["simulator"].as_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let connection = folder.path().join("application.json");
    std::fs::write(&connection, seed::application(simulator).to_string()).unwrap();
    let invoke = |action: &str, parameters: &str| {
        let arguments =
            ["invoke", action, "--connection", connection.to_str().unwrap(), "--parameters", parameters, "--json"];
        let output = run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        stdout_json(&output)
    };
    let member = |arguments: &[&str]| run(&[arguments, &["--simulator", simulator, "--user", "zhangsan"]].concat());

    let output = member(&["write", "--text", "你好"]);
    assert_eq!((output.status.code(), stdout(&output).trim()), (Some(0), "callback 1 text -> 200"));
    let event = callback.json();
    assert_eq!((&event["topic"], &event["fields"]["content"]), (&json!("text"), &json!("你好")));
    let output = member(&["enter", "--json"]);
    assert_eq!(stdout_json(&output)["state"], "delivered");
    assert_eq!(callback.json()["topic"], "event/enter_agent");

    assert_fails(&member(&["press", "--key", "approve"]), 1, &["zhangsan got no such card"]);
    invoke("push-button-card", CARD);
    assert_fails(&member(&["press", "--key", "no"]), 1, &["it has approve"]);
    let arguments = ["press", "--key", "no", "--simulator", simulator, "--user", "zhangsan"];
    assert_fails(&run_in_chinese(&arguments), 1, &["key：卡片没有\"no\"，只有approve"]);
    let output = member(&["press", "--key", "approve", "--task-id", "leave-7", "--select", "days=2"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let event = callback.json();
    assert_eq!(event["fields"]["selected_items"], json!([{"question_key": "days", "option_ids": ["2"]}]));
    let code = &event["fields"]["response_code"];
    let update = json!({"response_code": code, "user_ids": ["zhangsan"], "replace_name": "已同意"});
    invoke("update-card", &update.to_string());
    assert_fails(&member(&["press", "--key", "approve"]), 1, &["已同意"]);

    // What is no callback is one line each, and no event.
    for path in ["", "favicon.ico"] {
        let answer = http("GET", &format!("{url}{path}"));
        assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("企业微信的回调地址"), "{answer}");
    }
    let (rest, stderr) = callback.end();
    assert_eq!(rest, "");
    let (verified, others): (Vec<&str>, Vec<&str>) = stderr.lines().partition(|line| *line == VERIFIED);
    assert!(!verified.is_empty(), "{stderr}");
    assert!(
        others.len() == 2 && others.iter().all(|line| line.starts_with("host-test: 400 The URL lacks")),
        "{stderr}"
    );
    assert_no_secret(&format!("{stderr}{event}"), SECRETS);
    assert_fails(&member(&["enter"]), 1, &["there is no simulator"]);
}

/// Whoever waits for WeCom's repeats is told so at once.
#[cfg(unix)]
#[test]
fn a_member_hears_of_each_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callback.json");
    std::fs::write(&file, seed::callback().to_string()).unwrap();
    let mut callback = GoingOn::start(&mut host_test(&["callback", "--connection", file.to_str().unwrap(), "--json"]));
    let url = callback.json()["url"].as_str().unwrap().to_owned();
    let arguments = ["simulator", "--json", "--callback", &url, "--callback-timeout-ms", "800"];
    let mut simulator = GoingOn::start(&mut host_test(&arguments));
    let base_url = simulator.json()["base_url"].as_str().unwrap().to_owned();
    // Nobody receives any more.
    callback.end();
    let output = run(&["enter", "--simulator", &base_url, "--user", "zhangsan"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!((output.status.code(), lines.len()), (Some(1), 4), "{stderr}");
    for (line, number) in lines.iter().zip(1..=3) {
        assert!(
            line.contains("no connection") && line.ends_with(&format!("; repeat {number} of 3 follows")),
            "{stderr}"
        );
    }
    assert!(lines[3].ends_with(", sent 4 times"), "{stderr}");
}

#[test]
fn a_command_to_type_is_that_of_whoever_runs_it() {
    assert_fails(&run(&["schema", "xyzzy"]), 2, &["`host-test actions` lists the actions"]);
    let output = host_test(&["schema", "xyzzy"]).env("CARGO_PKG_NAME", "host-test").output().unwrap();
    assert_fails(&output, 2, &["`cargo run -p host-test -- actions` lists the actions"]);
}

/// A receiver to which a hundred events were told, each answered with 200. A pipe that nobody reads is full after some of
/// them, and whatever is printed then waits.
#[cfg(unix)]
fn told_a_hundred() -> (GoingOn, String) {
    let mut callback = GoingOn::start(&mut host_test(&["callback", "--connection", "simulator", "--json"]));
    let started = callback.json();
    let (url, simulator) = (started["url"].as_str().unwrap().to_owned(), started["simulator"].as_str().unwrap());
    let words = json!({"user_id": "zhangsan", "agent_id": seed::AGENT_ID, "content": "x".repeat(2000)}).to_string();
    for _ in 0..100 {
        let answer = http_with("POST", &format!("{simulator}/simulator/write"), &words);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
    let all_arrived = || {
        let told = http("GET", &format!("{simulator}/simulator/callbacks"));
        told.matches(r#""state":"delivered""#).count() == 100
    };
    let until = Instant::now() + Duration::from_secs(10);
    while !all_arrived() {
        assert!(Instant::now() < until, "not everything was answered with 200");
        std::thread::sleep(Duration::from_millis(20));
    }
    (callback, url)
}

#[cfg(unix)]
#[test]
fn a_receiver_ends_though_nobody_reads_what_it_prints() {
    for signal in ["-INT", "-TERM"] {
        let (mut callback, _) = told_a_hundred();
        assert!(Command::new("kill").args([signal, &callback.process.id().to_string()]).status().unwrap().success());
        let until = Instant::now() + Duration::from_secs(5);
        let status = loop {
            if let Some(status) = callback.process.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < until, "it goes on after {signal}");
            std::thread::sleep(Duration::from_millis(20));
        };
        assert_eq!(status.code(), Some(1));
        // What was broken off is not printed.
        let lines = callback.lines.by_ref().map_while(Result::ok);
        let printed = lines.filter(|line| serde_json::from_str::<Value>(line).is_ok()).count();
        assert!(printed < 100);
        let mut stderr = String::new();
        callback.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        let others: Vec<&str> = stderr.lines().filter(|line| *line != VERIFIED).collect();
        let lost = 100 - printed;
        assert_eq!(others, [format!("host-test: {lost} events that were answered with 200 were not printed")]);
    }
}

/// What waits to be printed has an end. The operator hears of it once, not for each request.
#[cfg(unix)]
#[test]
fn a_receiver_says_that_it_turns_events_away() {
    let (mut callback, url) = told_a_hundred();
    // Lines of standard error wait, too: they are printed one after the other with the events.
    let is_full = || http("GET", &url).starts_with("HTTP/1.1 503");
    assert!((0..1100).any(|_| is_full()));
    assert!(is_full());
    assert!(Command::new("kill").args(["-INT", &callback.process.id().to_string()]).status().unwrap().success());
    assert_eq!(callback.process.wait().unwrap().code(), Some(1));
    let mut stderr = String::new();
    callback.process.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    let others: Vec<&str> = stderr.lines().filter(|line| *line != VERIFIED).collect();
    let [full, lost] = others[..] else { panic!("{stderr}") };
    assert!(full.starts_with("host-test: 503 Nobody reads the events"), "{full}");
    assert!(lost.ends_with(" events that were answered with 200 were not printed"), "{lost}");
}

/// It is no matter how long that takes.
#[cfg(unix)]
#[test]
fn a_receiver_that_ends_prints_what_was_answered_as_long_as_somebody_reads() {
    let (mut callback, _) = told_a_hundred();
    let asked = Instant::now();
    assert!(Command::new("kill").args(["-INT", &callback.process.id().to_string()]).status().unwrap().success());
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(30));
        assert_eq!(callback.json()["topic"], "text");
    }
    assert!(callback.lines.next().is_none());
    assert!(callback.process.wait().unwrap().success());
    assert!(asked.elapsed() > Duration::from_secs(2));
}

/// What a receiver says when somebody saves its URL.
const VERIFIED: &str = "host-test: 200 The URL was verified.";

/// Asks a server on this machine, and reads to the end.
fn http(method: &str, url: &str) -> String {
    http_with(method, url, "")
}

fn http_with(method: &str, url: &str, body: &str) -> String {
    let (authority, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let mut stream = std::net::TcpStream::connect(authority).unwrap();
    let length = body.len();
    let head =
        format!("{method} /{path} HTTP/1.1\r\nhost: {authority}\r\nconnection: close\r\ncontent-length: {length}");
    write!(stream, "{head}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[test]
fn a_simulator_calls_a_url_that_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("callback.json");
    std::fs::write(&file, seed::callback().to_string()).unwrap();
    let reply = r#"{"msg_type": "text", "content": "收到"}"#;
    let arguments = ["callback", "--connection", file.to_str().unwrap(), "--reply", reply];
    let mut callback = GoingOn::start(&mut host_test(&arguments));
    let greeting = callback.line();
    let url = greeting.split(' ').find(|word| word.starts_with("http://")).unwrap().trim_end_matches('.').to_owned();
    assert!(callback.line().starts_with("Event "));
    let mut simulator = GoingOn::start(&mut host_test(&["simulator", "--json", "--callback", &url]));
    let started = simulator.json();
    assert_eq!(started["callback"], seed::callback());
    for (variable, field) in
        [("WECOM_TOKEN", "token"), ("WECOM_ENCODING_AES_KEY", "encoding_aes_key"), ("WECOM_RECEIVE_ID", "receive_id")]
    {
        assert_eq!(started["environment"][variable], started["callback"][field], "{variable}");
    }
    let base_url = started["base_url"].as_str().unwrap();
    let output = run(&["write", "--simulator", base_url, "--user", "zhangsan", "--text", "\u{1b}[31m红\n色"]);
    assert_eq!(stdout(&output).trim(), "callback 1 text -> 200; replied: text");
    let row = callback.line();
    // Nothing that a member writes obeys a terminal, or breaks a line.
    assert!(
        row.starts_with("text ") && row.ends_with("Text message: content= [31m红 色") && !row.contains('\u{1b}'),
        "{row}"
    );
    let told = simulator.json();
    assert_eq!(
        (&told["callback"]["state"], &told["callback"]["reply"]["Content"]),
        (&json!("delivered"), &json!("收到"))
    );
    drop(simulator);
    let (_, stderr) = callback.end();
    assert!(!stderr.is_empty() && stderr.lines().all(|line| line == VERIFIED), "{stderr}");

    let arguments = ["simulator", "--callback", "http://127.0.0.1:1/"];
    assert_fails(&run(&arguments), 1, &["--callback", "no connection", "Start what receives there first"]);
    assert_fails(&run_in_chinese(&arguments), 1, &["--callback：已请求该URL：无法连接：连接被拒绝。请先启动"]);
    assert_fails(&run(&["simulator", "--callback", "https://example.com"]), 1, &["--callback", "http://"]);
}

#[test]
fn a_client_with_the_host_name_fixed_is_led_to_the_simulator() {
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("the ca.pem");
    let mut process =
        host_test(&["simulator", "--json", "--ca", ca.to_str().unwrap()]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let started: Value = serde_json::from_str(&lines.next().unwrap()).unwrap();
    let variables: HashMap<String, String> =
        serde_json::from_value(started["client_environment"].clone()).expect("a variable for each client");
    // A connection of the real WeCom.
    let mut connection = started["connections"][0].clone();
    connection.as_object_mut().unwrap().remove("base_url").expect("the simulator's own address");
    let file = folder.path().join("application.json");
    std::fs::write(&file, connection.to_string()).unwrap();
    let invoke = |variables: &HashMap<String, String>| {
        let parameters = r#"{"to_user":"zhangsan","content":"hello"}"#;
        let connection = file.to_str().unwrap();
        host_test(&["invoke", "push-text-message", "--connection", connection, "--parameters", parameters])
            .envs(variables)
            .output()
            .unwrap()
    };
    let output = invoke(&variables);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(lines.nth(1).map(|line| line.contains("/cgi-bin/message/send")), Some(true));
    // Whoever does not trust the certificate sends nothing.
    let untrusting = HashMap::from([("HTTPS_PROXY".to_owned(), variables["HTTPS_PROXY"].clone())]);
    assert_fails(&invoke(&untrusting), 1, &["certificate"]);
    process.kill().unwrap();
    process.wait().unwrap();

    let nowhere = folder.path().join("no/such/folder.pem");
    assert_fails(&run(&["simulator", "--ca", nowhere.to_str().unwrap()]), 1, &["folder.pem"]);
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
    assert_eq!(actions.as_array().unwrap().len(), self::actions());
    let table = stdout(&run(&["actions", "--zh"]));
    assert!(table.contains("push-text-message") && table.contains("发送文本消息"), "{table}");

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
    let output = stdout(&run(&["test-connection", "--connection", "simulator"]));
    assert!(output.contains("✓ app_secret: ") && output.contains("✓ contacts_secret: "), "{output}");
}

#[test]
fn a_test_of_a_connection_tells_the_right_secret_from_the_wrong_one() {
    let (running, _lines) = Running::start();
    let connection = std::fs::read_to_string(running.file("application.json")).unwrap();
    let mut connection: Value = serde_json::from_str(&connection).unwrap();
    connection["app_secret"] = json!("WRONG-secret-0123456789-abcdef");
    let wrong = running.file("wrong.json");
    std::fs::write(&wrong, connection.to_string()).unwrap();
    let test = ["test-connection", "--connection", &wrong];
    let output = run(&test);
    assert_fails(&output, 1, &["test-connection: app_secret: permanent-rejected 40001: "]);
    let lines = stdout(&output);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("✗ app_secret: ") && lines.contains("✓ contacts_secret: "), "{lines}");
    assert_no_secret(&format!("{lines}{}", String::from_utf8_lossy(&output.stderr)), ["WRONG-secret"]);

    let output = run(&[&test[..], &["--json"]].concat());
    assert_fails(&output, 1, &["app_secret"]);
    let checks = stdout_json(&output)["ok"]["checks"].clone();
    let check = checks.as_array().unwrap().iter().find(|check| check["pointer"] == "/app_secret").unwrap();
    assert_eq!(check["error"]["failure"]["errcode"], 40001, "{check}");
    assert!(checks.as_array().unwrap().iter().any(|check| check["proved"] == true && check["error"].is_null()));
    assert_fails(&run_in_chinese(&test), 1, &["AppSecret：permanent-rejected 40001："]);

    // Where nothing is right, each wrong field is named, and the Enterprise ID once.
    let connect = |changes: Value| {
        let mut connection = connection.clone();
        connection.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        std::fs::write(&wrong, connection.to_string()).unwrap();
    };
    connect(json!({"contacts_secret": "WRONG-secret-0123456789-abcdef"}));
    let output = run(&test);
    let refused =
        ["test-connection: app_secret: permanent-rejected 40001: ", "; contacts_secret: permanent-rejected 40001: "];
    assert_fails(&output, 1, &refused);
    assert_eq!(stdout(&output).matches("✗ ").count(), 2, "{}", stdout(&output));
    assert_fails(
        &run_in_chinese(&test),
        1,
        &["AppSecret：permanent-rejected 40001：", "通讯录Secret：permanent-rejected"],
    );
    connect(json!({"corp_id": "ww0000000000000000"}));
    let output = run(&test);
    assert_fails(&output, 1, &["test-connection: corp_id: permanent-rejected 40013: "]);
    assert_eq!(stdout(&output).lines().count(), 1, "{}", stdout(&output));
    assert_fails(&run_in_chinese(&test), 1, &["企业ID：permanent-rejected 40013："]);

    // A chatbot's key cannot be proved: no failure, and no success either.
    let output = run(&["test-connection", "--connection", &running.file("chatbot.json")]);
    assert!(output.status.success());
    assert!(stdout(&output).starts_with("? chatbot_key: not proved. "), "{}", stdout(&output));
}

#[test]
fn help_is_no_failure() {
    let output = run(&["--help"]);
    assert!(output.status.success());
    for command in ["demo", "load", "actions", "schema", "invoke", "test-connection", "simulator"] {
        assert!(stdout(&output).contains(command), "{command}");
    }
}
