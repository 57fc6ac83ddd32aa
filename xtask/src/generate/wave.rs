//! Each action's sample as a typed call of the wasmtime CLI, with the request that it makes.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use wecom_connector::about::Effect;
use wecom_connector::connector::Connector;
use wecom_connector::http::Method;
use wecom_connector::http::transport::{Body, Host, HttpReply, HttpRequest, SendError, run_blocking};
use wecom_connector::parameter::Record;

use super::actions::Collected;

/// The text of `samples.wave`.
pub(crate) fn file(actions: &[Collected]) -> Result<String> {
    let mut file = "# Each action's sample_parameters as a typed call, the fields of its output, and what arrives at WeCom. \
                    Written by\n# `cargo xtask generate`. What creates comes first and what deletes comes last, so that \
                    most of them can be done.\n"
        .to_owned();
    let mut actions: Vec<&Collected> = actions.iter().collect();
    actions.sort_by_key(|action| match action.about.effect {
        Effect::Create => 0,
        Effect::Update => 1,
        Effect::Read => 2,
        Effect::Send => 3,
        Effect::Delete => 4,
    });
    for action in actions {
        let sample: Value = serde_json::from_str(action.about.sample_parameters).context(action.about.id)?;
        let parameters = match action.parameters.fields {
            [] => String::new(),
            _ => format!(", {}", record(action.parameters, sample.as_object().context(action.about.id)?)),
        };
        let (output, request) = (output(action.output), request(action)?);
        let _ = writeln!(file, "\n{}(none{parameters})\n    {output}\n    {request}", action.about.id);
    }
    Ok(file)
}

/// The answer of an action that is done, with any values. What is absent is not printed.
fn output(output: &Record) -> String {
    if output.fields.is_empty() {
        return "ok".to_owned();
    }
    let required = output.fields.iter().filter(|field| field.required);
    let mut fields: Vec<String> = required.map(|field| format!("{}: _", field.name.replace('_', "-"))).collect();
    if output.fields.iter().any(|field| !field.required) {
        fields.push("...".to_owned());
    }
    format!("ok({{{}}})", fields.join(", "))
}

/// A record in WAVE: of a table, so that numbers and texts are those of its fields.
fn record(record: &Record, values: &Map<String, Value>) -> String {
    let fields: Vec<String> = record
        .lines()
        .filter_map(|(field, _, inner)| {
            let value = values.get(field.name)?;
            Some(format!("{}: {}", field.name.replace('_', "-"), wave(inner, value)))
        })
        .collect();
    if fields.is_empty() { "{:}".to_owned() } else { format!("{{{}}}", fields.join(", ")) }
}

fn wave(inner: Option<&Record>, value: &Value) -> String {
    match value {
        Value::Array(entries) => {
            let entries: Vec<String> = entries.iter().map(|entry| wave(inner, entry)).collect();
            format!("[{}]", entries.join(", "))
        }
        Value::Object(values) => inner.map_or_else(String::new, |inner| record(inner, values)),
        // Texts are escaped as in JSON, and numbers are the same.
        other => other.to_string(),
    }
}

/// The request of an action's sample: method, API, and the body of a POST.
fn request(action: &Collected) -> Result<String> {
    let connection = if action.connection == "chatbot" {
        json!({"type": "chatbot", "chatbot_key": "key"})
    } else {
        // The connection of the environment has an application, too; so each sample names its own.
        json!({"type": "application", "corp_id": "ww1", "access_token": "token"})
    };
    let connector = Connector::new(Listener::default());
    // The answer is none of WeCom's: the request is what counts.
    let outcome =
        run_blocking(connector.invoke(action.about.id, Some(&connection.to_string()), action.about.sample_parameters));
    let request = connector.host().0.take();
    request.with_context(|| format!("{}: the sample is refused: {outcome:?}", action.about.id))
}

/// A host that keeps the request, and has no answer.
#[derive(Default)]
struct Listener(RefCell<Option<String>>);

impl Host for Listener {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let path = request.target.path_and_query.split('?').next().unwrap_or_default();
        let api = path.trim_start_matches("/cgi-bin/");
        let body = request.body.map(|body| match body {
            Body::Json(json) => String::from_utf8_lossy(json).into_owned(),
            // A form is a text, as the simulator shows it.
            Body::File(_) => Value::from(String::from_utf8_lossy(&body.to_vec())).to_string(),
        });
        self.0.replace(Some(match (request.method, body) {
            (Method::Post, Some(body)) => format!("POST {api} {body}"),
            _ => format!("GET {api}"),
        }));
        Ok(HttpReply::new(204, None, None, Vec::new()))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use wecom_connector::parameter::Described as _;
    use wecom_connector::parameter::example::ExampleParameters;

    use super::*;

    #[test]
    fn a_sample_is_written_with_the_names_of_wit() {
        let sample = json!({
            "to_user": ["a"],
            "importance": 1,
            "articles": [{"title": "say \"hi\"", "url": "https://a.cn", "tags": [1, 2]}],
            "source": {},
        });
        assert_eq!(
            record(ExampleParameters::RECORD, sample.as_object().unwrap()),
            r#"{to-user: ["a"], importance: 1, source: {:}, articles: [{title: "say \"hi\"", url: "https://a.cn", tags: [1, 2]}]}"#
        );
    }
}
