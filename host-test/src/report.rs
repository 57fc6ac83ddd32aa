//! The connector's answers as JSON and as a line of text.

use serde_json::{Value, json};
use wecom_connector::text::phrases;

use crate::host::bindings::exports::wecom::connector::connector::ConnectionReport;
use crate::host::bindings::wecom::connector::types::{Argument, Error, Failure, Localized};
use crate::language::Language;

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

/// `{"checks": [{"credential": …, "pointer": …, "proved": …, "detail": {…}, "error": null}]}`.
pub fn connection_json(report: &ConnectionReport) -> Value {
    let checks = report.checks.iter().map(|check| {
        json!({
            "credential": name(&check.credential),
            "pointer": check.pointer,
            "proved": check.proved,
            "detail": localized(&check.detail),
            "error": check.error.as_ref().map(error_json),
        })
    });
    json!({"checks": checks.collect::<Vec<_>>()})
}

fn localized(texts: &Localized) -> Value {
    json!({"en": texts.en, "zh": texts.zh})
}

/// What a person knows beside the error, and is told with it.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Theirs.
    pub language: Language,
    /// The file that the connection was read from.
    pub connection: Option<String>,
    /// The file that the parameters were read from.
    pub parameters: Option<String>,
    /// Which way the last request was tried, as a sentence.
    pub attempt: Option<String>,
}

impl Reader {
    /// Somebody who gave everything on the spot.
    pub fn of(language: Language) -> Self {
        Self { language, connection: None, parameters: None, attempt: None }
    }

    /// The text in their language.
    pub fn read<'a>(&self, texts: &'a Localized) -> &'a str {
        self.language.pick(&texts.en, &texts.zh)
    }

    /// Where a fault is: `/name` below an argument, which is known by its file where it has one.
    fn place(&self, argument: &Argument, pointer: &str) -> String {
        let file = match argument {
            Argument::Connection => self.connection.as_deref(),
            Argument::Parameters => self.parameters.as_deref(),
            Argument::Action => None,
        };
        match file {
            Some(file) if pointer.is_empty() => file.to_owned(),
            Some(file) => format!("{file} {pointer}"),
            None => format!("{}{pointer}", name(argument)),
        }
    }
}

/// The error in one line for a terminal: what to do first, WeCom's own words last.
pub fn error_line(error: &Error, reader: &Reader) -> String {
    let language = reader.language;
    let mut line = case(error).to_owned();
    let colon = language.pick(": ", "：");
    // Sentences follow each other without one in Chinese.
    let blank = language.pick(" ", "");
    if let Error::PermanentInvalidParameters(faults) = error {
        let faults: Vec<String> = faults
            .iter()
            .map(|fault| {
                let (place, message) = (reader.place(&fault.argument, &fault.pointer), reader.read(&fault.message));
                format!("{place}{}{message}", language.pick(" ", "："))
            })
            .collect();
        line.push_str(colon);
        line.push_str(&faults.join(language.pick("; ", "；")));
    }
    if let Some(failure) = failure(error) {
        let errcode = failure.errcode.map(|errcode| format!(" {errcode}")).unwrap_or_default();
        line.push_str(&format!("{errcode}{colon}{}", reader.read(&failure.hint)));
        // WeCom's words hold the same link more often than not.
        if !failure.message.contains(&failure.doc_url) {
            let link = &failure.doc_url;
            line.push_str(&language.pick(format!(" ({link})"), format!("（{link}）")));
        }
        // Where WeCom answered, the way to it is no question.
        if let Some(attempt) = reader.attempt.as_ref().filter(|_| failure.errcode.is_none()) {
            line.push_str(&format!("{blank}{attempt}"));
        }
        let whose = match failure.errcode {
            Some(_) => language.pick("WeCom", "企业微信"),
            None => language.pick("Cause", "原因"),
        };
        let message = match (language, failure.errcode) {
            (Language::Zh, None) => in_chinese(&failure.message),
            _ => failure.message.clone(),
        };
        line.push_str(&format!("{blank}{whose}{colon}{message}"));
    }
    one_line(&line)
}

/// The Chinese of a cause that the connector gives: a failure holds it in English, and its phrases are in both.
fn in_chinese(message: &str) -> String {
    translated(message, &phrases().collect::<Vec<_>>())
}

/// The Chinese of a text that is one of these in English, with gaps for what is put in; else the text.
pub fn translated(message: &str, phrases: &[[&str; 2]]) -> String {
    let known = phrases.iter().filter_map(|[english, chinese]| Some((english, chinese, gaps(english, message)?)));
    // Where several fit, it is the one that leaves least to its gaps.
    let closest = known.min_by_key(|(_, _, gaps)| gaps.iter().map(|gap| gap.len()).sum::<usize>());
    let Some((_, chinese, gaps)) = closest else { return message.to_owned() };
    let mut gaps = gaps.into_iter();
    let mut parts = chinese.split("{}");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let gap = gaps.next().unwrap_or_default();
        // What fits a text that is a gap alone would go on for ever.
        let gap = if gap.len() < message.len() { translated(gap, phrases) } else { gap.to_owned() };
        format!("{text}{gap}{part}")
    })
}

/// What stands in the gaps of a text, where it is that text.
fn gaps<'a>(template: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = template.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty().then(Vec::new) };
    let mut gaps = Vec::new();
    for part in parts {
        let (gap, after) = rest.split_once(part)?;
        gaps.push(gap);
        rest = after;
    }
    gaps.push(rest.strip_suffix(last)?);
    Some(gaps)
}

/// The text without line breaks, and without what a terminal would obey: servers have a say in it.
pub fn one_line(text: &str) -> String {
    let visible = text.replace(|letter: char| letter.is_control(), " ");
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_there_in_chinese() {
        for (english, chinese) in [
            ("the connection was refused", "连接被拒绝"),
            ("HTTP status 407", "HTTP状态码407"),
            ("the answer is not JSON: line 1, column 17", "应答不是JSON：第1行第17列"),
            ("nobody has said this", "nobody has said this"),
        ] {
            assert_eq!(in_chinese(english), chinese);
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_not_passed_on() {
        assert_eq!(one_line("a\n\tb\u{1b}[31mc\u{9b}d\u{7}  e"), "a b [31mc d e");
    }
}
