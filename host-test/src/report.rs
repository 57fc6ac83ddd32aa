//! The connector's answers as JSON and as a line of text.

use serde_json::{Value, json};

use crate::host::bindings::exports::wecom::connector::connector::ConnectionReport;
use crate::host::bindings::exports::wecom::connector::types::{Argument, Error, Failure, Localized};

/// The name that the contract gives to the case of an error.
pub fn case(error: &Error) -> &'static str {
    match error {
        Error::ExecutionFailed => "execution-failed",
        Error::PermanentInvalidParameters(_) => "permanent-invalid-parameters",
        Error::PermanentRejected(_) => "permanent-rejected",
        Error::PermanentOutcomeUnknown(_) => "permanent-outcome-unknown",
        Error::Retryable(_) => "retryable",
    }
}

/// The failure that an error carries.
pub fn failure(error: &Error) -> Option<&Failure> {
    match error {
        Error::PermanentRejected(failure) | Error::PermanentOutcomeUnknown(failure) | Error::Retryable(failure) => {
            Some(failure)
        }
        Error::ExecutionFailed | Error::PermanentInvalidParameters(_) => None,
    }
}

/// Whether the connector has no action of the name that was asked for.
pub fn is_unknown_action(error: &Error) -> bool {
    matches!(error, Error::PermanentInvalidParameters(faults)
        if faults.iter().any(|fault| fault.argument == Argument::Action))
}

/// `{"case": "permanent-rejected", "failure": {…}}`, or `"faults": […]` for invalid parameters.
pub fn error_json(error: &Error) -> Value {
    let mut json = json!({"case": case(error)});
    if let Error::PermanentInvalidParameters(faults) = error {
        json["faults"] = faults
            .iter()
            .map(|fault| {
                json!({
                    "argument": name(&fault.argument),
                    "pointer": fault.pointer,
                    "message": localized(&fault.message),
                })
            })
            .collect();
    }
    if let Some(failure) = failure(error) {
        json["failure"] = json!({
            "category": name(&failure.category),
            "errcode": failure.errcode,
            "message": failure.message,
            "hint": localized(&failure.hint),
            "doc_url": failure.doc_url,
            "retry_after_seconds": failure.retry_after_seconds,
            "caller_ip": failure.caller_ip,
            "api": failure.api,
            "credential": name(&failure.credential),
        });
    }
    json
}

/// `{"checks": [{"credential": …, "proved": …, "detail": {…}}]}`.
pub fn connection_json(report: &ConnectionReport) -> Value {
    let checks = report.checks.iter().map(|check| {
        json!({
            "credential": name(&check.credential),
            "proved": check.proved,
            "detail": localized(&check.detail),
        })
    });
    json!({"checks": checks.collect::<Vec<_>>()})
}

fn localized(texts: &Localized) -> Value {
    json!({"en": texts.en, "zh": texts.zh})
}

/// The error in one line for a terminal.
pub fn error_line(error: &Error) -> String {
    let mut line = case(error).to_owned();
    if let Error::PermanentInvalidParameters(faults) = error {
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| {
                let place = format!("{}{}", name(&fault.argument), fault.pointer);
                format!("{place} {}", fault.message.en)
            })
            .collect();
        line.push_str(": ");
        line.push_str(&faults.join("; "));
    }
    if let Some(failure) = failure(error) {
        let errcode = failure.errcode.map(|errcode| format!("errcode {errcode}, ")).unwrap_or_default();
        line.push_str(&format!(": {errcode}{}. {} {}", failure.message, failure.hint.en, failure.doc_url));
    }
    line.replace(['\n', '\r'], " ")
}

/// The kebab-case name of an enumeration's case, as the contract has it.
fn name(case: &impl std::fmt::Debug) -> String {
    let mut kebab = String::new();
    for letter in format!("{case:?}").rsplit("::").next().unwrap_or_default().chars() {
        if letter.is_ascii_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.push(letter.to_ascii_lowercase());
    }
    kebab
}
