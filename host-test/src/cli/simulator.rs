//! The simulator as a command of its own.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::output::print;
use super::refusals::refusal;
use super::words::{io_error, program, say};
use super::{CommandError, Outcome};
use crate::simulator::{HOST, Options, Recorded, Simulator, seed};

/// Runs until it is interrupted or told to end, and prints every request when it has been answered.
pub(super) async fn run(options: Options, ca: Option<PathBuf>, callback: Option<String>, as_json: bool) -> Outcome {
    let port = options.port;
    // Made first: told to end before, it would end without a word.
    let mut stopped = std::pin::pin!(stopped()?);
    let simulator = Simulator::start(options).await;
    let simulator = simulator.map_err(|error| {
        let cause = io_error(&error);
        CommandError::Failed(say!("port {port}: {cause}", "端口{port}：{cause}"))
    })?;
    let elsewhere = match ca {
        Some(ca) => client_variables(&simulator, &ca)?,
        None => Map::new(),
    };
    if let Some(url) = callback {
        simulator.set_callbacks(&url).await.map_err(|wrong| {
            let (wrong, program) = (refusal(&wrong), program());
            CommandError::Failed(say!(
                "--callback: {wrong}. Start what receives there first, with the connection for callbacks that \
                 `{program} simulator` prints: it is always the same",
                "--callback：{wrong}。请先启动该地址上的接收程序，使用`{program} simulator`输出的回调连接（内容始终不变）"
            ))
        })?;
    }
    going_on(print(greeting(&simulator.base_url(), elsewhere, as_json)))?;
    loop {
        let is_stopped = tokio::select! {
            stopped = &mut stopped => Some(stopped),
            () = simulator.arrival() => None,
        };
        show(simulator.take_requests(), as_json)?;
        show_callbacks(simulator.take_sent_callbacks(), as_json)?;
        if let Some(stopped) = is_stopped {
            stopped?;
            return show(simulator.stop().await, as_json);
        }
    }
}

/// Waits for Ctrl-C, or for what service managers and scripts send.
#[cfg(unix)]
pub(super) fn stopped() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        Ok(())
    })
}

#[cfg(not(unix))]
pub(super) fn stopped() -> std::io::Result<impl Future<Output = std::io::Result<()>>> {
    Ok(tokio::signal::ctrl_c())
}

/// Whoever read the address and went away may still call.
pub(super) fn going_on(printed: Outcome) -> Outcome {
    match printed {
        Err(CommandError::Gone) => Ok(()),
        printed => printed,
    }
}

/// Writes the certificate, and says which variables lead clients here that have WeCom's host name fixed.
fn client_variables(simulator: &Simulator, ca: &Path) -> Result<Map<String, Value>, CommandError> {
    let written = std::path::absolute(ca).and_then(|ca| std::fs::write(&ca, simulator.authority()).map(|()| ca));
    let ca = written.map_err(|error| {
        let (file, cause) = (ca.display(), io_error(&error));
        CommandError::Failed(say!("{file}: {cause}", "{file}：{cause}"))
    })?;
    let ca = Value::from(ca.to_string_lossy());
    let mut variables = Map::from_iter([("HTTPS_PROXY".to_owned(), simulator.base_url().into())]);
    // Those of OpenSSL and httpx, requests, curl and Node.js.
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        variables.insert(name.into(), ca.clone());
    }
    Ok(variables)
}

fn greeting(base_url: &str, elsewhere: Map<String, Value>, as_json: bool) -> String {
    let [application, chatbot] = [seed::application, seed::chatbot].map(|connection| connection(base_url));
    let application_variables = variables(&application);
    // The base URL is the same, and stands with the others.
    let mut chatbot_variables = variables(&chatbot);
    chatbot_variables.retain(|name, _| !application_variables.contains_key(name));
    let callback = seed::callback();
    let callback_variables = variables(&callback);
    if as_json {
        let environment: Map<String, Value> =
            application_variables.into_iter().chain(chatbot_variables).chain(callback_variables).collect();
        let connections = [application, chatbot];
        let mut greeting = json!({
            "base_url": base_url,
            "connections": connections,
            "callback": callback,
            "environment": environment,
        });
        if !elsewhere.is_empty() {
            greeting["client_environment"] = elsewhere.into();
        }
        return greeting.to_string();
    }
    let export = |variables: &Map<String, Value>| {
        let word = |text: &str| match text.contains([' ', '\'', '"', '$', '&', '(', ')', ';']) {
            true => format!("'{}'", text.replace('\'', r"'\''")),
            false => text.to_owned(),
        };
        let words: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("{name}={}", word(value.as_str().unwrap_or_default())))
            .collect();
        format!("export {}", words.join(" "))
    };
    let begin = say!(
        "A simulator of WeCom answers at {base_url}. Stop it with Ctrl-C.",
        "企业微信模拟器的地址是{base_url}。按Ctrl-C停止。"
    );
    let program = program();
    let files = say!(
        "Connections, for `{program} invoke --connection FILE`; their secrets are good here only:",
        "连接，供`{program} invoke --connection 文件`使用；其中的密钥只在这里有效："
    );
    let environment = say!(
        "The same for the environment and `--connection env`:",
        "同样的内容写成环境变量，供`--connection env`使用："
    );
    let callbacks = say!(
        "A connection for callbacks, for `{program} callback --connection FILE`:",
        "回调的连接，供`{program} callback --connection 文件`使用："
    );
    let mut lines = vec![begin, files, application.to_string(), chatbot.to_string()];
    lines.extend([callbacks, callback.to_string(), environment]);
    lines.extend([&application_variables, &chatbot_variables, &callback_variables].map(export));
    if !elsewhere.is_empty() {
        lines.push(say!(
            "For any client, as it is, to find the simulator at https://{HOST}:",
            "让任何客户端不作修改，就在https://{HOST}访问到模拟器："
        ));
        lines.push(export(&elsewhere));
    }
    lines.join("\n")
}

/// A connection as the variables of the environment that stand for it.
fn variables(connection: &Value) -> Map<String, Value> {
    let fields = connection.as_object().into_iter().flatten().filter(|(name, _)| *name != "type");
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.map(|(name, value)| (format!("WECOM_{}", name.to_uppercase()), text(value).into())).collect()
}

/// Prints callbacks that are over.
fn show_callbacks(callbacks: Vec<Value>, as_json: bool) -> Outcome {
    for callback in callbacks {
        let line = if as_json { json!({ "callback": callback }).to_string() } else { callback_line(&callback) };
        going_on(print(line))?;
    }
    Ok(())
}

/// What a callback was, and what came of it.
pub(super) fn callback_line(callback: &Value) -> String {
    let names = ["MsgType", "Event", "ChangeType"].map(|name| callback["message"][name].as_str());
    let name = names.into_iter().flatten().collect::<Vec<_>>().join("/");
    let attempts = callback["attempts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let (id, count) = (&callback["id"], attempts.len());
    let last = attempts.last().unwrap_or(&Value::Null);
    let outcome = match last["failure"].as_str() {
        Some(failure) => refusal(failure),
        None => last["status"].to_string(),
    };
    let mut line = match count {
        0 | 1 => format!("callback {id} {name} -> {outcome}"),
        count => say!(
            "callback {id} {name} -> {outcome}, sent {count} times",
            "callback {id} {name} -> {outcome}，共发送{count}次"
        ),
    };
    if let Some(wrong) = callback["reply_error"].as_str() {
        line.push_str(&say!("; {wrong}", "；{wrong}"));
    } else if let Some(kind) = callback["reply"]["MsgType"].as_str() {
        line.push_str(&say!("; replied: {kind}", "；已回复：{kind}"));
    }
    line
}

fn show(requests: Vec<Recorded>, as_json: bool) -> Outcome {
    for request in requests {
        let line = if as_json {
            json!({
                "method": request.method,
                "path": request.path,
                "status": request.status,
                "errcode": request.errcode,
                "body": String::from_utf8_lossy(&request.body),
            })
            .to_string()
        } else {
            let errcode = request.errcode.map(|code| format!(" errcode {code}")).unwrap_or_default();
            format!("{} {} -> {}{errcode}", request.method, request.path, request.status)
        };
        going_on(print(line))?;
    }
    Ok(())
}
