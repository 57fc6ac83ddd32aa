//! The published schemas and the connector say the same of every input, but for the rules that a schema cannot say.
//!
//! Inputs are made from the schemas and broken at random. The `jsonschema` crate judges them by the published schema,
//! under draft-07 and under 2020-12, the connector by `invoke` and in steps. [`EXCEPTIONS`]
//! names what may lie between the two; each entry says of an input what it comes to, so that the schema's verdict and the
//! exceptions together foretell the connector's: an input that breaks a rule of the table and is taken all the same is a
//! failure too.
//!
//! One seed leaves to luck what it finds, so that `cargo xtask ci inputs` has several run side by side.
//! `DIFFERENTIAL_INPUTS` changes how many inputs each subject has, `DIFFERENTIAL_SEED` the seeds (`7`, or `7,8,9`).
//! What a subject has depends on its name and the seed alone: who adds an action changes the inputs of no other one.
//! `--nocapture` shows the summary.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fastrand::Rng;
use jsonschema::{Draft, Validator};
use md5::{Digest, Md5};
use serde_json::{Map, Value, json};
use wecom_connector::about::{About, Proof};
use wecom_connector::actions::ABOUT;
use wecom_connector::connector::Connector;
use wecom_connector::error::{Argument, Error, InvalidParameter};
use wecom_connector::http::Method;
use wecom_connector::http::transport::{Host, HttpReply, HttpRequest, SendError, run_blocking};
use wecom_connector::parameter::rules;
use wecom_connector::stepwise::{Answer, Operation, Output, Step, Stepwise};

use crate::actions::actions;
use crate::schemas::{input_schema, required, schema};

/// The regular expression of a rule, as the schemas publish it.
const fn regex(rule: rules::Rule) -> &'static str {
    match rule {
        rules::Rule::Matches(pattern) => pattern.regex,
        _ => panic!("the rule is no pattern"),
    }
}

const LINE: &str = rules::ONE_LINE;
const TEXT: &str = rules::LINES;
const ID: &str = rules::ALL_SEEN.regex;
const DEPARTMENT_NAME: &str = regex(rules::DEPARTMENT_NAME);
const RECEIVER: &str = regex(rules::RECEIVER);
const NEW_CHAT_ID: &str = regex(rules::NEW_CHAT_ID);
const NEW_USER_ID: &str = regex(rules::NEW_USER_ID);
const LINKED_ID: &str = regex(rules::LINKED_ID);
const TELEPHONE: &str = regex(rules::TELEPHONE);
const EMAIL: &str = regex(rules::EMAIL);
const LINK: &str = regex(rules::LINK);
const MD5: &str = regex(rules::MD5);
const BASE64: &str = rules::BASE64;
const ASPECT_RATIO: &str = r"^(1\.[3-9][0-9]*|2(\.([01][0-9]*|2([0-4][0-9]*|50*)?))?)?$";
const API_PATH: &str = "^(/?cgi-bin/)?[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$";
const WEBHOOK_PATH: &str = "^(/?cgi-bin/)?webhook(/[0-9A-Za-z_-]+)+$";
const NEW_TASK_ID: &str = "^[0-9A-Za-z_@-]*$";
const CARD_TYPE: &str = "^(text_notice|news_notice|button_interaction|vote_interaction|multiple_interaction)$";
const FILE_NAME: &str = "^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\"/\\\\]*$";

/// The image of the simulator's world.
const PIXEL: &[u8] = include_bytes!("../src/cli/pixel.png");

/// How many inputs each subject has.
const INPUTS: u64 = 1_064;
const SEED: u64 = 1;

/// The most values of an argument, as the connector documents it.
const MAX_VALUES: usize = 16_384;
/// The most bytes of a text that goes into a URL, as the connector documents it.
const MAX_URL_TEXT: usize = 4096;
/// The greatest image, as the vendor documents it.
const MAX_IMAGE: usize = 2 * 1024 * 1024;

const DRAFTS: [(Draft, &str); 2] = [
    (Draft::Draft7, "http://json-schema.org/draft-07/schema#"),
    (Draft::Draft202012, "https://json-schema.org/draft/2020-12/schema"),
];

/// The first five are addresses that people have from elsewhere.
const GOOD_BASE_URLS: [&str; 12] = [
    "qyapi.weixin.qq.com",
    "localhost",
    "https://qyapi.weixin.qq.com/cgi-bin",
    "https://proxy.example/wx/cgi-bin/gettoken?corpid=ww1",
    "“https://proxy.example”",
    "https://qyapi.weixin.qq.com",
    "https://qyapi.weixin.qq.com/",
    "http://127.0.0.1:8080",
    "http://[::1]:65535/",
    "HTTPS://Proxy.Example:1/wx",
    "https://proxy.example/a/b/",
    "https://xn--fiq228c.example",
];
const BAD_BASE_URLS: [&str; 19] = [
    "x",
    "7",
    "0",
    "-1",
    "true",
    "false",
    "localhost-or-not",
    "ftp://proxy.example",
    "https://",
    "https:///prefix",
    "https://proxy.example:0",
    "https://proxy.example:",
    "https://proxy.example:65536",
    "https://user@proxy.example",
    "https://user:password@proxy.example/",
    "https://proxy.example?x=1",
    "https://proxy.example/#x",
    "https://proxy example",
    "企业微信",
];
const GOOD_WEBHOOKS: [&str; 8] = [
    "qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
    "/cgi-bin/webhook/send?key=a",
    "key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    "'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a'",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa",
    " https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a \n",
    "http://127.0.0.1:8080/wx/cgi-bin/webhook/send?debug=1&key=%E4%B8%AD#x",
    "https://proxy.example/cgi-bin/webhook/send?key=a&key=b",
];
const BAD_WEBHOOKS: [&str; 6] = [
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
    "https://qyapi.weixin.qq.com/cgi-bin/message/send?key=a",
    "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%FF",
    "https://user@qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
    "ftp://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a",
];

// ------------------------------------------------------------------------------------------------------- exceptions

/// Something that the connector knows of an input and the schema does not.
struct Exception {
    name: &'static str,
    rule: Rule,
}

enum Rule {
    /// The connector takes a form that the schema does not have. Puts the input into the schema's form, and says whether
    /// it was another.
    Takes(fn(&Subject, &mut Value) -> bool),
    /// The connector refuses what the schema cannot forbid. Whether this input is refused.
    Refuses(fn(&Case<'_>, &Value) -> bool),
}

/// Every difference between a published schema and the connector. The forms come first, in the order in which the
/// connector looks at them; the refusals judge the input in the schema's form.
const EXCEPTIONS: &[Exception] = &[
    Exception { name: "JSON may be wrapped in a JSON string", rule: Rule::Takes(wrapped) },
    Exception { name: "one value stands for a list of one", rule: Rule::Takes(one_value) },
    Exception { name: "null counts as left out", rule: Rule::Takes(nulls) },
    Exception { name: "a list, or an entry of one, may be a text with separators", rule: Rule::Takes(delimited) },
    Exception { name: "an empty entry of a list is none", rule: Rule::Takes(empty_entries) },
    Exception { name: "a boolean stands for 0 or 1 where these are choices", rule: Rule::Takes(booleans) },
    Exception { name: "digits stand for a number", rule: Rule::Takes(digits) },
    Exception { name: "digits, a point and zeros stand for a number", rule: Rule::Takes(decimal_zeros) },
    Exception { name: "a number or a boolean stands for a text", rule: Rule::Takes(plain_values) },
    Exception {
        name: "Base64 may be a data: URL, in lines, URL-safe or without padding",
        rule: Rule::Takes(any_base64),
    },
    Exception { name: "the edges of one line are trimmed", rule: Rule::Takes(edges) },
    Exception { name: "control characters and colour codes are taken out of words", rule: Rule::Takes(unclean) },
    Exception { name: "a word may be written in another case, with something around it", rule: Rule::Takes(any_case) },
    Exception { name: "a JSON document may stand there as what it is", rule: Rule::Takes(json_as_it_is) },
    Exception { name: "quotes around a credential are taken off", rule: Rule::Takes(quotes) },
    Exception { name: "full-width characters of a telephone's number are ASCII's", rule: Rule::Takes(full_width) },
    Exception { name: "beside @all, or all, no other receiver counts", rule: Rule::Takes(everyone) },
    Exception {
        name: "an optional parameter that is empty counts as left out, or clears",
        rule: Rule::Takes(left_out),
    },
    Exception { name: "an optional record in which nothing is set counts as left out", rule: Rule::Takes(unset) },
    Exception { name: "a quote that shows nothing is left out", rule: Rule::Takes(empty_quote) },
    Exception { name: "a text has a greatest length in bytes", rule: Rule::Refuses(too_many_bytes) },
    Exception { name: "a text has a least length in bytes", rule: Rule::Refuses(too_few_bytes) },
    Exception { name: "an ID that goes into a URL has at most 4096 bytes", rule: Rule::Refuses(no_room_for_id) },
    Exception { name: "a connection's text has at most 4096 bytes", rule: Rule::Refuses(no_room_for_secret) },
    Exception { name: "a list has one entry for each of `department`", rule: Rule::Refuses(another_count) },
    Exception {
        name: "lists that belong together have their empty entries together",
        rule: Rule::Refuses(other_places),
    },
    Exception { name: "a list of empty entries alone clears nothing", rule: Rule::Refuses(empty_entries_alone) },
    Exception { name: "an argument holds at most 16384 values", rule: Rule::Refuses(too_many_values) },
    Exception { name: "`agent_id` must stand in the connection or in the parameters", rule: Rule::Refuses(no_agent) },
    Exception { name: "Base64 has a length and a padding that fit", rule: Rule::Refuses(no_base64) },
    Exception { name: "an image has at most 2 MB", rule: Rule::Refuses(large_image) },
    Exception { name: "an image has its end", rule: Rule::Refuses(cut_image) },
    Exception { name: "`md5` is the digest of `base64`", rule: Rule::Refuses(another_digest) },
    Exception { name: "keys of the entries of a list differ", rule: Rule::Refuses(same_keys) },
    Exception { name: "nobody is kept from choosing in a new card", rule: Rule::Refuses(disabled) },
    Exception { name: "a body is a JSON object without a credential, for a POST", rule: Rule::Refuses(no_body) },
    Exception {
        name: "a file has the size, the first bytes and the ending of its kind",
        rule: Rule::Refuses(other_file),
    },
    Exception { name: "`base_url` is a URL", rule: Rule::Refuses(no_base_url) },
    Exception { name: "`chatbot_key` that is an address is a webhook's", rule: Rule::Refuses(no_webhook) },
];

/// Whether a text is words for people in several lines.
fn has_lines(property: &Value) -> bool {
    property["pattern"] == TEXT
}

/// Whether it is words for people at all.
fn are_words(property: &Value) -> bool {
    [LINE, TEXT, DEPARTMENT_NAME].iter().any(|pattern| property["pattern"] == *pattern)
}

const SEPARATORS: [char; 10] = ['|', ',', ';', '，', '、', '；', '｜', '\n', '\r', '\t'];
const QUOTES: [char; 14] = ['"', '\'', '`', '“', '”', '‘', '’', '＂', '「', '」', '『', '』', '<', '>'];
/// Parameters that hold numbers of telephones.
const TELEPHONES: &[&str] = &["telephone", "mobile", "mentioned_mobile_list"];

/// A text without what cannot be seen at its edges.
fn trimmed(text: &str) -> &str {
    let is_invisible = |c: char| {
        "\u{ad}\u{61c}\u{180e}\u{feff}".contains(c)
            || ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{206f}']
                .iter()
                .any(|range| range.contains(&c))
    };
    // What begins a terminal's escape sequence goes with the whole of it, or stays.
    let begins_sequence = |c: char| matches!(c, '\u{1b}' | '\u{9b}');
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() && !begins_sequence(c) || is_invisible(c))
}

/// The entries of a list that was sent as one text.
fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(SEPARATORS).map(trimmed).filter(|entry| !entry.is_empty())
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| trimmed(text).is_empty())
}

fn is_list(property: &Value) -> bool {
    property["type"] == "array"
}

/// The schema of a value, or of each entry of a list.
fn element(property: &Value) -> &Value {
    if is_list(property) { &property["items"] } else { property }
}

/// What becomes of a value.
enum Change {
    Keep,
    LeaveOut,
    To(Value),
}
use Change::{Keep, LeaveOut, To};

/// What `change` makes of the value, or of every entry of it where a list is wanted.
fn each(property: &Value, value: &Value, change: impl Fn(&Value) -> Option<Value>) -> Change {
    let changed = match value.as_array().filter(|_| is_list(property)) {
        None => change(value),
        Some(items) => {
            let changes: Vec<Option<Value>> = items.iter().map(change).collect();
            let any = changes.iter().any(Option::is_some);
            let whole = || changes.into_iter().zip(items).map(|(change, item)| change.unwrap_or_else(|| item.clone()));
            any.then(|| whole().collect())
        }
    };
    changed.map_or(Keep, To)
}

fn wrapped(_: &Subject, input: &mut Value) -> bool {
    let inner = input.as_str().and_then(|text| serde_json::from_str(text).ok());
    let is_wrapped = inner.is_some();
    *input = inner.unwrap_or_else(|| input.take());
    is_wrapped
}

fn nulls(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |place, _, value| if value.is_null() && !place.required { LeaveOut } else { Keep })
}

/// Whether it is a list of records.
fn has_records(property: &Value) -> bool {
    is_list(property) && property["items"]["type"] == "object"
}

fn one_value(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |_, property, value| match value {
        Value::Number(_) | Value::Bool(_) if is_list(property) && !has_records(property) => To(json!([value])),
        Value::Object(_) if has_records(property) => To(json!([value])),
        _ => Keep,
    })
}

fn delimited(subject: &Subject, input: &mut Value) -> bool {
    let is_several = |item: &Value| item.as_str().is_some_and(|text| text.contains(SEPARATORS)) && !is_blank(item);
    let split = |item: &Value| match item.as_str() {
        Some(text) if is_several(item) => entries(text).map(Value::from).collect(),
        _ => vec![item.clone()],
    };
    subject.rewrite(input, |_, property, value| match value {
        Value::String(text) if is_list(property) && !has_records(property) => To(entries(text).collect()),
        Value::Array(items) if is_list(property) && !has_records(property) && items.iter().any(is_several) => {
            To(items.iter().flat_map(split).collect())
        }
        _ => Keep,
    })
}

fn empty_entries(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |_, property, value| {
        let is_empty = |item: &Value| item.is_null() || is_blank(item) || (has_records(property) && *item == json!({}));
        match value {
            Value::Array(items) if is_list(property) && items.iter().any(is_empty) => {
                To(items.iter().filter(|item| !is_empty(item)).cloned().collect())
            }
            _ => Keep,
        }
    })
}

/// Whether the choices of a number begin with no and yes.
fn is_switch(property: &Value) -> bool {
    let choices = property["oneOf"].as_array().into_iter().flatten().filter_map(|choice| choice["const"].as_u64());
    let (least, most) = match property["oneOf"].is_array() {
        true => (choices.clone().min(), choices.max()),
        false => (property["minimum"].as_u64(), property["maximum"].as_u64()),
    };
    least == Some(0) && most.is_some_and(|most| (1..=2).contains(&most))
}

fn booleans(subject: &Subject, input: &mut Value) -> bool {
    let number = |value: &Value| {
        let text = value.as_str().map(|text| bare(text).to_ascii_lowercase());
        match (value, text.as_deref()) {
            (Value::Bool(false), _) | (_, Some("false")) => Some(json!(0)),
            (Value::Bool(true), _) | (_, Some("true")) => Some(json!(1)),
            _ => None,
        }
    };
    subject.rewrite(input, |_, property, value| match is_switch(element(property)) {
        true => each(property, value, number),
        false => Keep,
    })
}

fn digits(subject: &Subject, input: &mut Value) -> bool {
    let number = |value: &Value| -> Option<Value> {
        let text: String = bare(value.as_str()?).chars().map(narrow).collect();
        let number = text.parse::<u64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        number.map(Value::from)
    };
    subject.rewrite(input, |_, property, value| match element(property)["type"] == "integer" {
        true => each(property, value, number),
        false => Keep,
    })
}

/// What a spreadsheet makes of an ID.
fn decimal_zeros(subject: &Subject, input: &mut Value) -> bool {
    let number = |value: &Value| -> Option<Value> {
        let text: String = bare(value.as_str()?).chars().map(narrow).collect();
        let (whole, zeros) = text.split_once('.')?;
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let is_whole = is_digits(whole) && is_digits(zeros) && zeros.parse() == Ok(0_u64);
        whole.parse::<u64>().ok().filter(|_| is_whole).map(Value::from)
    };
    subject.rewrite(input, |_, property, value| match element(property)["type"] == "integer" {
        true => each(property, value, number),
        false => Keep,
    })
}

fn plain_values(subject: &Subject, input: &mut Value) -> bool {
    const MAX_EXACT: f64 = 9_007_199_254_740_991.0;
    let text = |value: &Value| match value {
        Value::Bool(value) => Some(value.to_string().into()),
        // What went through a program as a float may have lost its last digits.
        Value::Number(number)
            if number.is_u64()
                || number.is_i64()
                || number.as_f64().is_some_and(|number| number.abs() <= MAX_EXACT) =>
        {
            let text = number.to_string();
            Some(text.strip_suffix(".0").unwrap_or(&text).into())
        }
        _ => None,
    };
    subject.rewrite(input, |place, property, value| {
        if element(property)["type"] == "string" && !subject.is_label(place.name) {
            each(property, value, text)
        } else {
            Keep
        }
    })
}

/// Whether it is the content of a file.
fn is_file(property: &Value) -> bool {
    property["contentEncoding"] == "base64"
}

fn any_base64(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |_, property, value| {
        let Some(given) = value.as_str().filter(|_| is_file(property)) else { return Keep };
        // Most is as it should be, and some of it is long.
        if STANDARD.decode(given).is_ok() {
            return Keep;
        }
        let text = trimmed(given);
        let data = match text.split_once(',') {
            Some((head, data)) => {
                let head = head.to_lowercase();
                if head.starts_with("data:") && head.ends_with(";base64") { data } else { text }
            }
            None => text,
        };
        let data: String = trimmed(data).chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let mut data = data.trim_end_matches('=').replace('-', "+").replace('_', "/");
        while data.len() % 4 > 1 {
            data.push('=');
        }
        if data == *given { Keep } else { To(data.into()) }
    })
}

/// Rewrites the texts that the table has, and the entries of lists of texts.
fn rewrite_texts(
    subject: &Subject,
    input: &mut Value,
    change: impl for<'a> Fn(&Value, &str, &'a str) -> Cow<'a, str>,
) -> bool {
    subject.rewrite(input, |place, property, value| {
        if element(property)["type"] != "string" || subject.is_label(place.name) || is_file(property) {
            return Keep;
        }
        each(property, value, |value| {
            let text = value.as_str()?;
            let changed = change(element(property), place.name, text);
            (changed != text).then(|| changed.into())
        })
    })
}

fn edges(subject: &Subject, input: &mut Value) -> bool {
    rewrite_texts(subject, input, |property, _, text| if has_lines(property) { text } else { trimmed(text) }.into())
}

fn unclean(subject: &Subject, input: &mut Value) -> bool {
    rewrite_texts(subject, input, |property, _, text| {
        let has_lines = has_lines(property);
        if !are_words(property) || subject.kind == Kind::Connection || !text.contains(char::is_control) {
            return text.into();
        }
        let mut clean = String::new();
        for (index, part) in text.split("\u{1b}[").enumerate() {
            // A control sequence, of which colour codes are some: parameters, what may stand between, and an end.
            let code =
                part.trim_start_matches(|c| matches!(c, '0'..='?')).trim_start_matches(|c| matches!(c, ' '..='/'));
            let after = code.strip_prefix(|c| matches!(c, '@'..='~')).unwrap_or(code);
            for c in if index == 0 { part } else { after }.chars() {
                match c {
                    '\n' | '\r' | '\t' if has_lines => clean.push(c),
                    '\n' | '\r' | '\t' if !clean.ends_with(' ') => clean.push(' '),
                    c if !c.is_control() => clean.push(c),
                    _ => {}
                }
            }
        }
        if has_lines { clean } else { trimmed(&clean).to_owned() }.into()
    })
}

fn any_case(subject: &Subject, input: &mut Value) -> bool {
    let word = |property: &Value, text: &str| {
        let words = property["oneOf"].as_array().into_iter().flatten().filter_map(|choice| choice["const"].as_str());
        words.into_iter().find(|word| word.eq_ignore_ascii_case(trimmed(text))).map(str::to_owned)
    };
    rewrite_texts(subject, input, |property, _, text| word(property, text).map_or(text.into(), Cow::from))
}

fn json_as_it_is(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |_, property, value| {
        let is_document = property["contentMediaType"] == "application/json" && (value.is_object() || value.is_array());
        if is_document && *value != json!([]) { To(value.to_string().into()) } else { Keep }
    })
}

/// Whether it is a record in which nothing is set.
fn is_hollow(property: &Value, value: &Value) -> bool {
    let Some(fields) = value.as_object().filter(|_| property["type"] == "object") else {
        return false;
    };
    fields.iter().all(|(name, value)| {
        let property = property["properties"].get(name);
        property.is_some_and(|property| {
            value.is_null() || is_blank(value) || *value == json!([]) || is_hollow(property, value)
        })
    })
}

fn unset(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(
        input,
        |place, property, value| {
            if !place.required && is_hollow(property, value) { LeaveOut } else { Keep }
        },
    )
}

/// What it opens is not looked at then.
fn empty_quote(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |place, _, value| {
        let shows = |name| value.get(name).is_some_and(|text| *text != json!(""));
        let opens = value.get("type").and_then(Value::as_f64).is_some_and(|kind| [0.0, 1.0, 2.0].contains(&kind));
        if place.name != "quote_area" || shows("title") || shows("quote_text") || !opens {
            return Keep;
        }
        let mut quote = value.clone();
        match quote.as_object_mut() {
            Some(fields) => fields.remove("type"),
            None => return Keep,
        };
        To(quote)
    })
}

fn bare(text: &str) -> &str {
    let mut bare = trimmed(text);
    while bare.starts_with(QUOTES) || bare.ends_with(QUOTES) {
        bare = trimmed(bare.trim_matches(QUOTES));
    }
    bare
}

fn quotes(subject: &Subject, input: &mut Value) -> bool {
    // The keyboard that makes such quotes makes full-width characters, too.
    let plain = |text: &str| bare(text).chars().map(narrow).collect::<String>();
    subject.kind == Kind::Connection && rewrite_texts(subject, input, |_, _, text| plain(text).into())
}

fn full_width(subject: &Subject, input: &mut Value) -> bool {
    rewrite_texts(subject, input, |_, name, text| match TELEPHONES.contains(&name) {
        true => text.chars().map(narrow).collect::<String>().into(),
        false => text.into(),
    })
}

/// The ASCII character that a full-width one stands for.
fn narrow(c: char) -> char {
    if ('！'..='～').contains(&c) { char::from_u32(u32::from(c) - 0xfee0).unwrap() } else { c }
}

fn everyone(subject: &Subject, input: &mut Value) -> bool {
    let is_everyone = |id: &Value| id.as_str().is_some_and(|id| id.replace('＠', "@").eq_ignore_ascii_case("@all"));
    let is_named = input.get("to_user").and_then(Value::as_array).is_some_and(|ids| ids.iter().any(is_everyone));
    let is_to_all = input.get("to_all").and_then(Value::as_f64) == Some(1.0);
    (is_named || is_to_all)
        && subject.rewrite(input, |place, _, value| match place.name {
            "to_party" | "to_tag" => LeaveOut,
            "to_all" if is_named => LeaveOut,
            "to_user" if !is_named => LeaveOut,
            "to_user" if *value != json!(["@all"]) => To(json!(["@all"])),
            _ => Keep,
        })
}

fn left_out(subject: &Subject, input: &mut Value) -> bool {
    subject.rewrite(input, |place, property, value| {
        let is_empty = is_blank(value) || *value == json!([]);
        if !is_empty || place.required || subject.is_label(place.name) {
            return Keep;
        }
        let is_number = property["type"] == "integer";
        // A card is not changed field by field: another one takes its place.
        let is_update = subject.name.starts_with("update-") && subject.name != "update-card";
        // What an update cannot clear, the schema wants filled; of a number it cannot say that.
        let stays = property["minLength"].is_u64() || property["minItems"].is_u64() || (is_update && is_number);
        let cleared = if is_list(property) { json!([]) } else { json!("") };
        match property["x-ui"]["clear"] == true {
            true if *value == cleared => Keep,
            true => To(cleared),
            false if stays => Keep,
            false => LeaveOut,
        }
    })
}

/// The texts of an input with their properties' names and schemas, those in records too.
fn texts<'a>(case: &'a Case<'_>, input: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value, &'a str)> {
    texts_in(&case.subject.schema, input).into_iter()
}

fn texts_in<'a>(schema: &'a Value, input: &'a Value) -> Vec<(&'a str, &'a Value, &'a str)> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let given = properties.filter_map(|(name, property)| Some((name.as_str(), property, input.get(name)?)));
    let texts = given.map(|(name, property, value)| match value {
        Value::String(text) => vec![(name, property, text.as_str())],
        Value::Array(items) if has_records(property) => {
            items.iter().flat_map(|item| texts_in(&property["items"], item)).collect()
        }
        value => texts_in(property, value),
    });
    texts.flatten().collect()
}

fn too_many_bytes(case: &Case<'_>, input: &Value) -> bool {
    texts(case, input).any(|(_, property, text)| {
        property["x-ui"]["excess"] == "refuse" && text.len() as u64 > property["x-ui"]["maxBytes"].as_u64().unwrap()
    })
}

fn too_few_bytes(case: &Case<'_>, input: &Value) -> bool {
    texts(case, input).any(|(_, property, text)| {
        let min = property["x-ui"]["minBytes"].as_u64();
        !text.is_empty() && min.is_some_and(|min| (text.len() as u64) < min)
    })
}

fn disabled(case: &Case<'_>, input: &Value) -> bool {
    fn any(value: &Value) -> bool {
        match value {
            Value::Object(fields) => {
                fields.iter().any(|(name, value)| (name == "disable" && value.as_f64() == Some(1.0)) || any(value))
            }
            Value::Array(items) => items.iter().any(any),
            _ => false,
        }
    }
    case.subject.name != "update-card" && any(input)
}

fn no_room_for_id(case: &Case<'_>, input: &Value) -> bool {
    // The parameters of a GET stand in its URL.
    let about = ABOUT.iter().find(|about| about.id == case.subject.name);
    about.is_some_and(|about| matches!(about.method, Method::Get))
        && texts(case, input).any(|(_, _, text)| text.len() > MAX_URL_TEXT)
}

fn no_room_for_secret(case: &Case<'_>, input: &Value) -> bool {
    case.subject.kind == Kind::Connection
        && texts(case, input).any(|(name, _, text)| !case.subject.is_label(name) && text.len() > MAX_URL_TEXT)
}

/// The lists of a member that have one entry for each of `department`.
const BESIDE_DEPARTMENT: [&str; 2] = ["order", "is_leader_in_dept"];

fn another_count(case: &Case<'_>, input: &Value) -> bool {
    let count = |name: &str| input.get(name).and_then(Value::as_array).map_or(0, Vec::len);
    ["create-member", "update-member"].contains(&case.subject.name)
        && BESIDE_DEPARTMENT.iter().any(|list| ![0, count("department")].contains(&count(list)))
}

/// Judged on the input as it came: where the entries stood that are left.
fn other_places(case: &Case<'_>, _: &Value) -> bool {
    // A line break beside another separator is none of its own, and neither is a tab but where there is nothing else:
    // then it ends a cell.
    let slots = |text: &str| -> Vec<bool> {
        let row = text.trim_end_matches(['\n', '\r', '\t']);
        if !row.contains(|c| SEPARATORS.contains(&c) && c != '\t') {
            return row.split('\t').map(|cell| !trimmed(cell).is_empty()).collect();
        }
        let parts = text.split(|c| SEPARATORS.contains(&c) && !"\n\r\t".contains(c));
        let lines = |part: &str| part.split(['\n', '\r', '\t']).filter(|line| !trimmed(line).is_empty()).count();
        parts.flat_map(|part| vec![lines(part) > 0; lines(part).max(1)]).collect()
    };
    let places = |input: &Value, name: &str| -> Vec<usize> {
        let given = match input.get(name) {
            Some(Value::Array(items)) => items.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let filled = given.iter().flat_map(|item| match item {
            Value::Null => vec![false],
            Value::String(text) => slots(text),
            _ => vec![true],
        });
        filled.enumerate().filter_map(|(index, is_filled)| is_filled.then_some(index)).collect()
    };
    let input = case.unwrapped();
    let department = places(&input, "department");
    ["create-member", "update-member"].contains(&case.subject.name)
        && BESIDE_DEPARTMENT.iter().map(|list| places(&input, list)).any(|list| !list.is_empty() && list != department)
}

/// Judged on the input as it came: whether a list is to be cleared, one that comes to nothing does not say.
fn empty_entries_alone(case: &Case<'_>, _: &Value) -> bool {
    let input = case.unwrapped();
    let is_nothing = |item: &Value| item.is_null() || item.as_str().is_some_and(|text| entries(text).count() == 0);
    case.subject.schema["properties"].as_object().unwrap().iter().any(|(name, property)| {
        let clears = is_list(property) && property["x-ui"]["clear"] == true;
        clears
            && input.get(name).is_some_and(|value| match value {
                Value::Array(items) => !items.is_empty() && items.iter().all(is_nothing),
                Value::String(_) => !is_blank(value) && is_nothing(value),
                _ => false,
            })
    })
}

/// Judged on the input as it came: what counts is what was sent, not what the forms above make of it. A list that was
/// sent as one text is one value, and its entries are counted by themselves.
fn too_many_values(case: &Case<'_>, counted: &Value) -> bool {
    fn values(value: &Value) -> usize {
        match value {
            Value::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
            Value::Object(fields) => 1 + fields.values().map(values).sum::<usize>(),
            _ => 1,
        }
    }
    let input = case.unwrapped();
    let count = |item: &Value| match item {
        Value::String(text) => entries(text).count(),
        item => usize::from(!item.is_null()),
    };
    // A list that does not count, since everyone is a receiver, may be of any length.
    let is_long = |(name, property): (&String, &Value)| match input.get(name).filter(|_| counted.get(name).is_some()) {
        Some(Value::Array(items)) => is_list(property) && items.iter().map(count).sum::<usize>() > MAX_VALUES,
        Some(text @ Value::String(_)) => is_list(property) && count(text) > MAX_VALUES,
        _ => false,
    };
    values(&input) > MAX_VALUES || case.subject.schema["properties"].as_object().unwrap().iter().any(is_long)
}

fn no_agent(case: &Case<'_>, input: &Value) -> bool {
    let takes_agent = case.subject.schema["properties"].get("agent_id").is_some();
    !case.has_agent && case.subject.kind != Kind::Connection && takes_agent && input.get("agent_id").is_none()
}

/// The image of an input, where it is one.
fn image(case: &Case<'_>, input: &Value) -> Option<Result<Vec<u8>, base64::DecodeError>> {
    texts(case, input).find(|(name, ..)| *name == "base64").map(|(.., text)| STANDARD.decode(text))
}

fn no_base64(case: &Case<'_>, input: &Value) -> bool {
    image(case, input).is_some_and(|image| image.is_err())
}

fn large_image(case: &Case<'_>, input: &Value) -> bool {
    image(case, input).and_then(Result::ok).is_some_and(|image| image.len() > MAX_IMAGE)
}

/// The images that are made here are none, or that of [`PIXEL`], whole or without its end.
fn cut_image(case: &Case<'_>, input: &Value) -> bool {
    image(case, input)
        .and_then(Result::ok)
        .is_some_and(|image| image.starts_with(&PIXEL[..8]) && !image.starts_with(PIXEL))
}

fn another_digest(case: &Case<'_>, input: &Value) -> bool {
    let digest = input.get("md5").and_then(Value::as_str).map(str::to_lowercase);
    image(case, input).and_then(Result::ok).is_some_and(|image| digest.is_some_and(|digest| digest != hex(&image)))
}

/// The fields of records that must differ from one to the next.
const KEYS: [(&str, &str); 4] =
    [("button_list", "key"), ("action_list", "key"), ("select_list", "question_key"), ("option_list", "id")];

fn same_keys(_: &Case<'_>, input: &Value) -> bool {
    fn has_same(value: &Value) -> bool {
        let Some(fields) = value.as_object() else {
            return value.as_array().is_some_and(|items| items.iter().any(has_same));
        };
        let same = |(list, key): &(&str, &str)| {
            let keys: Vec<&Value> = fields
                .get(*list)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|item| item.get(key))
                .collect();
            keys.iter().enumerate().any(|(index, key)| keys[..index].contains(key))
        };
        KEYS.iter().any(same) || fields.values().any(has_same)
    }
    has_same(input)
}

fn no_body(case: &Case<'_>, input: &Value) -> bool {
    let document = texts(case, input).find(|(_, property, _)| property["contentMediaType"] == "application/json");
    document.is_some_and(|(_, _, text)| {
        let body = serde_json::from_str(text).unwrap_or(Value::Null);
        let body = body.as_str().map_or(Some(body.clone()), |text| serde_json::from_str(text).ok());
        input["method"] == "GET" || !body.is_some_and(|body| body.is_object())
    })
}

/// What a file of that kind begins with, and what it may be called, as the vendor documents it.
fn other_file(case: &Case<'_>, input: &Value) -> bool {
    let Some((.., text)) = texts(case, input).find(|(name, property, _)| is_file(property) && *name == "content")
    else {
        return false;
    };
    let Ok(content) = STANDARD.decode(text) else { return true };
    let kind = match case.subject.name {
        "upload-article-image" => "image",
        _ => input["kind"].as_str().unwrap_or_default(),
    };
    let (begins, endings): (bool, &[&str]) = match kind {
        "image" => (content.starts_with(PIXEL), &["jpg", "jpeg", "png"]),
        "voice" => (content.starts_with(b"#!AMR"), &["amr"]),
        "video" => (content.get(4..8) == Some(b"ftyp"), &["mp4"]),
        _ => (true, &[]),
    };
    let ending = input["file_name"].as_str().and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_lowercase());
    let fits = ending.is_none_or(|ending| endings.is_empty() || endings.contains(&&*ending));
    content.len() <= 5 || !begins || !fits
}

fn no_base_url(case: &Case<'_>, input: &Value) -> bool {
    texts(case, input).any(|(name, _, text)| name == "base_url" && BAD_BASE_URLS.contains(&text))
}

fn no_webhook(case: &Case<'_>, input: &Value) -> bool {
    texts(case, input).any(|(name, _, text)| name == "chatbot_key" && BAD_WEBHOOKS.contains(&text))
}

fn hex(image: &[u8]) -> String {
    Md5::digest(image).iter().fold(String::new(), |mut digest, byte| {
        write!(digest, "{byte:02x}").unwrap();
        digest
    })
}

// --------------------------------------------------------------------------------------------------------- subjects

/// A published schema, and what is judged by it.
struct Subject {
    /// The action, or the type of the connection.
    name: &'static str,
    kind: Kind,
    schema: Value,
    validators: Vec<Validator>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Parameters of an action that takes a connection of that type.
    Parameters(&'static str),
    Connection,
}

/// An input with what else bears on the verdict.
struct Case<'a> {
    subject: &'a Subject,
    input: Value,
    /// Whether the connection has an `agent_id`.
    has_agent: bool,
}

/// Where a value stands: the name of its field, and whether the record must have one.
#[derive(Clone, Copy)]
struct Place<'a> {
    name: &'a str,
    required: bool,
}

fn rewrite_in(schema: &Value, input: &mut Value, rewrite: &impl Fn(Place<'_>, &Value, &Value) -> Change) -> bool {
    let Some(fields) = input.as_object_mut() else { return false };
    let needed = required(schema);
    let mut any = false;
    fields.retain(|name, value| {
        let Some(property) = schema["properties"].get(name) else { return true };
        let change = rewrite(Place { name, required: needed.contains(name) }, property, value);
        any |= !matches!(change, Keep);
        match change {
            Keep => {}
            LeaveOut => return false,
            To(other) => *value = other,
        }
        if element(property)["type"] == "object" {
            match value {
                Value::Array(items) if is_list(property) => {
                    for item in items {
                        any |= rewrite_in(element(property), item, rewrite);
                    }
                }
                value if !is_list(property) => any |= rewrite_in(property, value, rewrite),
                _ => {}
            }
        }
        true
    });
    any
}

impl Subject {
    fn new(name: &'static str, kind: Kind, schema: Value) -> Self {
        let compile = |(draft, tag): &(Draft, &str)| {
            let mut schema = schema.clone();
            schema["$schema"] = (*tag).into();
            // A draft-07 validator may look into Base64 and JSON or not; 2020-12 has them as words for people.
            let options = jsonschema::options()
                .without_content_encoding_support("base64")
                .without_content_media_type_support("application/json");
            options.with_draft(*draft).build(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let validators = DRAFTS.iter().map(compile).collect();
        Self { name, kind, schema, validators }
    }

    /// The actions and the two types of connection.
    fn all() -> Vec<Self> {
        let actions = actions()
            .iter()
            .map(|action| Self::new(action.id, Kind::Parameters(action.connection), input_schema(action.id)));
        let connections = ["application", "chatbot"]
            .map(|kind| Self::new(kind, Kind::Connection, schema(&format!("connection/{kind}.schema.json"))));
        actions.chain(connections).collect()
    }

    /// Whether the field is one that is for people, beside those of the connection's record.
    fn is_label(&self, name: &str) -> bool {
        self.kind == Kind::Connection && ["name", "description", "type"].contains(&name)
    }

    /// Does `rewrite` to every field that the schema knows, and then to those of the records in it. Whether any became
    /// another.
    fn rewrite(&self, input: &mut Value, rewrite: impl Fn(Place<'_>, &Value, &Value) -> Change) -> bool {
        rewrite_in(&self.schema, input, &rewrite)
    }

    /// The schema's verdict, under draft-07.
    fn allows(&self, input: &Value) -> bool {
        self.validators[0].is_valid(input)
    }

    /// The same under both drafts, which agree.
    fn allows_under_both(&self, input: &Value) -> bool {
        let allowed = self.allows(input);
        assert_eq!(allowed, self.validators[1].is_valid(input), "{}: the drafts differ on {input}", self.name);
        allowed
    }
}

impl Case<'_> {
    /// The input as it came, but for the JSON string around it.
    fn unwrapped(&self) -> Cow<'_, Value> {
        let mut input = Cow::Borrowed(&self.input);
        if input.is_string() {
            wrapped(self.subject, input.to_mut());
        }
        input
    }

    /// What the schema and the exceptions make of the input.
    fn foretold(&self) -> bool {
        self.foretold_from(0, self.input.clone(), false)
    }

    /// What the schema and the exceptions from this one on make of an input that those before have rewritten, or refused.
    fn foretold_from(&self, first: usize, mut input: Value, mut refused: bool) -> bool {
        for exception in &EXCEPTIONS[first..] {
            match exception.rule {
                Rule::Takes(rewrite) => _ = rewrite(self.subject, &mut input),
                Rule::Refuses(refuses) => refused = refused || refuses(self, &input),
            }
        }
        !refused && self.subject.allows(&input)
    }

    /// The exceptions that make the verdict another than the schema's: without one of them it would be another again.
    /// Where several do so together, each of them does that changes something or refuses.
    fn reasons(&self, verdict: bool) -> Vec<usize> {
        let (mut input, mut refused) = (self.input.clone(), false);
        let (mut active, mut alone) = (Vec::new(), Vec::new());
        for (index, exception) in EXCEPTIONS.iter().enumerate() {
            let before = input.clone();
            let refuses = match exception.rule {
                Rule::Takes(rewrite) if rewrite(self.subject, &mut input) => false,
                Rule::Refuses(refuses) if refuses(self, &input) => true,
                _ => continue,
            };
            active.push(index);
            if self.foretold_from(index + 1, before, refused) != verdict {
                alone.push(index);
            }
            refused = refused || refuses;
        }
        if alone.is_empty() { active } else { alone }
    }

    /// The connector's verdict: whether it takes the input, or the faults that it finds. In steps it is the same.
    fn judged(&self) -> Result<(), Vec<InvalidParameter>> {
        let host = Harmless::default();
        let connector = Connector::new(&host);
        let input = self.input.to_string();
        let application = match self.has_agent {
            true => r#"{"type":"application","corp_id":"ww1","app_secret":"0123456789","agent_id":7}"#,
            false => r#"{"type":"application","corp_id":"ww1","app_secret":"0123456789"}"#,
        };
        let chatbot = r#"{"type":"chatbot","chatbot_key":"0123456789"}"#;
        let (action, connection, parameters) = match (self.subject.kind, self.subject.name) {
            (Kind::Parameters("chatbot"), action) => (action, chatbot, &*input),
            (Kind::Parameters(_), action) => (action, application, &*input),
            (Kind::Connection, "chatbot") => ("push-text-message-by-chatbot", &*input, r#"{"content":"x"}"#),
            (Kind::Connection, _) => ("get-group-chat", &*input, r#"{"chat_id":"x"}"#),
        };
        let answer = run_blocking(connector.invoke(action, Some(connection), parameters));
        assert_eq!(stepwise(action, connection, parameters), answer, "{}: {input}", self.subject.name);
        match answer {
            Ok(_) => {
                assert!(host.requests.get() > 0, "{}: {input} was taken, and nothing was sent", self.subject.name);
                Ok(())
            }
            Err(Error::PermanentInvalidParameters(faults)) => {
                assert_eq!(host.requests.get(), 0, "{}: {input} was refused, and sent", self.subject.name);
                self.assert_places(&faults);
                Err(faults)
            }
            Err(error) => panic!("{}: {input}: {error}", self.subject.name),
        }
    }

    /// Every fault has words and a place that is there, or that is missing from what is there.
    fn assert_places(&self, faults: &[InvalidParameter]) {
        let argument = if self.subject.kind == Kind::Connection { Argument::Connection } else { Argument::Parameters };
        let input = self.unwrapped();
        assert!(!faults.is_empty(), "{}: {input} is refused without a reason", self.subject.name);
        for InvalidParameter { argument: of, pointer, message } in faults {
            let shown = || format!("{}: {pointer:?} {message:?} of {}", self.subject.name, short(&self.input));
            let is_chinese = message.zh.contains(|letter| matches!(letter, '\u{4e00}'..='\u{9fff}'));
            assert!(*of == argument && !message.en.is_empty() && is_chinese, "{}", shown());
            let above = pointer.rsplit_once('/').map_or("", |(above, _)| above);
            assert!(pointer.is_empty() || input.pointer(above).is_some(), "{}", shown());
        }
    }
}

/// What WeCom answers to a request with this URL, where it succeeds.
fn reply(url: &str) -> &'static str {
    let path = url.split('?').next().unwrap();
    if path.ends_with("/gettoken") {
        return r#"{"errcode":0,"access_token":"token","expires_in":7200}"#;
    }
    // That of an API without an action of its own says no more than that.
    ABOUT.iter().find(|about| is_of(about, path)).map_or(r#"{"errcode":0}"#, |about| about.sample_reply)
}

/// Whether the path is that of the action's API.
fn is_of(about: &About, path: &str) -> bool {
    path.strip_suffix(about.api).is_some_and(|before| before.ends_with("/cgi-bin/"))
}

/// The header that a file comes with.
pub(crate) fn attachment(url: &str) -> Option<&'static [u8]> {
    let path = url.split('?').next().unwrap();
    let is_file = |about: &&About| matches!(about.proof, Proof::Attachment) && is_of(about, path);
    ABOUT.iter().any(|about| is_file(&about)).then_some("attachment; filename=\"周报.json\"".as_bytes())
}

/// What the connector that hands each request out makes of the same.
fn stepwise(action: &str, connection: &str, parameters: &str) -> Result<String, Error> {
    let mut calls = Stepwise::default();
    let operation =
        Operation::Invoke { action: action.to_owned(), parameters: parameters.to_owned(), files: Vec::new() };
    let mut step = calls.begin(operation, connection, Duration::ZERO);
    loop {
        step = match step {
            Step::Send(request) => {
                let body = reply(&request.url).as_bytes().to_vec();
                let content_disposition =
                    attachment(&request.url).map(|header| String::from_utf8_lossy(header).into_owned());
                let answer = Answer::Response { status: 200, retry_after: None, content_disposition, body };
                calls.resume(request.call, answer, Duration::ZERO).unwrap()
            }
            Step::Done(Output::Json(output)) => return Ok(output),
            Step::Failed(error) => return Err(error),
            Step::Done(_) | Step::Wait { .. } => panic!("{step:?}"),
        }
    }
}

/// A host whose WeCom answers every action with success.
#[derive(Default)]
struct Harmless {
    requests: Cell<usize>,
}

impl Host for &Harmless {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let path = &request.target.path_and_query;
        let body = reply(path).as_bytes().to_vec();
        self.requests.set(self.requests.get() + 1);
        Ok(HttpReply::new(200, None, attachment(path), body))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, name: &str) -> Option<String> {
        panic!("a connection was given, and {name} was read from the environment");
    }
}

// ---------------------------------------------------------------------------------------------------- valid inputs

/// Makes inputs from a schema.
struct Maker {
    rng: Rng,
}

/// Characters that stand in every one-line text.
const PLAIN: [char; 15] = ['a', 'Z', '0', '9', '.', '-', '_', '@', '/', '$', 'é', '中', '信', '😀', '𠮷'];
/// Those that nobody sees, which words may have and an ID may not.
const HIDDEN: [char; 6] = ['\u{200b}', '\u{200d}', '\u{2028}', '\u{202e}', '\u{2060}', '\u{feff}'];
const WORD: [char; 8] = ['a', 'b', 'y', 'A', 'Z', '0', '5', '9'];

impl Maker {
    fn one_in(&mut self, count: u32) -> bool {
        self.rng.u32(..count) == 0
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.rng.usize(..choices.len())]
    }

    fn chars(&mut self, alphabet: &[char], count: usize) -> String {
        (0..count).map(|_| *self.pick(alphabet)).collect()
    }

    /// A text of `count` characters that fits the pattern, or of the least number above that which the pattern has.
    fn fitting(&mut self, pattern: Option<&str>, count: usize) -> String {
        let alphabet = |extra: &[char]| PLAIN.iter().chain(extra).copied().collect::<Vec<char>>();
        match pattern {
            None => self.chars(&alphabet(&['\0', '\n', '"', '\\', '|', '\u{7f}']), count),
            Some(LINE) => self.chars(&alphabet(&[' ', '"', '|', ',', '\\', HIDDEN[1], HIDDEN[2]]), count),
            Some(TEXT) => self.chars(&alphabet(&[' ', '"', '\n', '\r', '\t', '<', HIDDEN[1], HIDDEN[5]]), count),
            Some(DEPARTMENT_NAME) => self.chars(&alphabet(&[' ', '\'', ',', '\\', HIDDEN[1], HIDDEN[5]]), count),
            Some(ID) => self.chars(&alphabet(&[' ', '"', '|', ',', '\\']), count),
            Some(RECEIVER) => self.chars(&alphabet(&[' ', ',']), count),
            Some(NEW_CHAT_ID) => self.chars(&WORD, count),
            Some(NEW_USER_ID) => {
                let first = self.chars(&WORD, 1);
                first + &self.chars(&['a', 'Z', '0', '_', '-', '.', '@'], count.max(1) - 1)
            }
            Some(TELEPHONE) => self.chars(&['0', '1', '9', '+', '-', ','], count),
            Some(LINKED_ID) => {
                let of = self.rng.usize(1..count.max(3) - 1);
                let side = ['a', 'Z', '0', '.', '@', ' ', '|', '中', '😀'];
                format!("{}/{}", self.chars(&side, of), self.chars(&side, count.max(3) - 1 - of))
            }
            Some(EMAIL) if count == 0 => String::new(),
            Some(EMAIL) => {
                let name = self.rng.usize(1..count.max(3) - 1);
                let side = ['a', 'Z', '0', '.', '中', '😀'];
                format!("{}@{}", self.chars(&side, name), self.chars(&side, count.max(3) - 1 - name))
            }
            Some(LINK) => {
                let scheme = *self.pick(&["http://", "https://", "HTTPS://", "hTtP://"]);
                format!("{scheme}{}", self.chars(&PLAIN, count.max(scheme.len() + 1) - scheme.len()))
            }
            Some(MD5) => self.chars(&['0', '9', 'a', 'f', 'A', 'F'], 32),
            Some(ASPECT_RATIO) => (*self.pick(&["", "1.3", "1.95", "2", "2.0", "2.199", "2.250"])).to_owned(),
            Some(WEBHOOK_PATH) => format!("webhook/{}", self.chars(&['a', 'Z', '0', '_', '-'], count.clamp(1, 60))),
            Some(API_PATH) => {
                let front = *self.pick(&["", "", "cgi-bin/", "/cgi-bin/"]);
                format!(
                    "{front}{}/{}",
                    self.chars(&WORD, 4),
                    self.chars(&['a', 'Z', '0', '_', '-'], count.clamp(1, 60))
                )
            }
            Some(NEW_TASK_ID) => self.chars(&['a', 'Z', '0', '_', '-', '@'], count),
            Some(CARD_TYPE) => {
                let kinds: Vec<&str> = CARD_TYPE.trim_matches(['^', '$', '(', ')']).split('|').collect();
                (*self.pick(&kinds)).to_owned()
            }
            Some(FILE_NAME) => self.chars(&['a', 'Z', '0', '-', '_', '@', '中', '😀', ' '], count),
            Some(BASE64) => {
                STANDARD.encode(std::iter::repeat_with(|| self.rng.u8(..)).take(count).collect::<Vec<u8>>())
            }
            Some(other) => panic!("no texts are made for the pattern {other}: add it here"),
        }
    }

    /// A text of about that many bytes, most of them in long characters where the pattern has some.
    fn of_bytes(&mut self, pattern: Option<&str>, bytes: usize) -> String {
        let wide = pattern.is_none_or(|pattern| [LINE, TEXT, ID, DEPARTMENT_NAME, RECEIVER].contains(&pattern));
        if wide && self.rng.bool() {
            return "中".repeat(bytes / 3) + &"a".repeat(bytes % 3);
        }
        match pattern {
            Some(EMAIL) => format!("a@{}", "b".repeat(bytes.max(3) - 2)),
            Some(LINKED_ID) => format!("a/{}", "b".repeat(bytes.max(3) - 2)),
            Some(LINK) => format!("https://{}", "b".repeat(bytes.max(9) - 8)),
            Some(BASE64 | MD5) => self.fitting(pattern, bytes),
            _ => "1".repeat(bytes),
        }
    }

    fn text(&mut self, property: &Value) -> String {
        let pattern = property["pattern"].as_str();
        let limit = |name: &str| property[name].as_u64().map(|limit| usize::try_from(limit).unwrap());
        let min = limit("minLength").unwrap_or(0);
        let max = limit("maxLength").unwrap_or(usize::MAX);
        match self.rng.u32(..10) {
            0 => self.fitting(pattern, min),
            1 if max <= 4096 => self.fitting(pattern, max),
            2 => match property["examples"].as_array() {
                Some(examples) => self.pick(examples).as_str().unwrap().to_owned(),
                None => self.fitting(pattern, min.max(1)),
            },
            3 => {
                let bytes = property["x-ui"]["maxBytes"].as_u64().unwrap_or(8);
                // The greatest text is long enough to make the test slow.
                let bytes = if bytes > 4096 && !self.one_in(40) { 4096 } else { bytes };
                self.of_bytes(pattern, usize::try_from(bytes).unwrap())
            }
            _ => {
                let most = max.min(min + 16);
                let count = self.rng.usize(min.max(1)..=most);
                self.fitting(pattern, count)
            }
        }
    }

    fn number(&mut self, property: &Value) -> Value {
        if let Some(choices) = property["oneOf"].as_array() {
            return self.pick(choices)["const"].clone();
        }
        let min = property["minimum"].as_u64().unwrap_or(0);
        let max = property["maximum"].as_u64().unwrap();
        match self.rng.u32(..4) {
            0 => min.into(),
            1 => max.into(),
            _ => self.rng.u64(min..=max.min(min + 1000)).into(),
        }
    }

    fn list(&mut self, property: &Value) -> Value {
        let limit = |name: &str| property[name].as_u64().map(|limit| usize::try_from(limit).unwrap());
        let min = limit("minItems").unwrap_or(0);
        let count = match limit("maxItems") {
            Some(max) if self.one_in(60) => max,
            _ => min + self.rng.usize(..3),
        };
        (0..count).map(|_| self.value(&property["items"])).collect()
    }

    fn value(&mut self, property: &Value) -> Value {
        match property["type"].as_str().unwrap() {
            "string" if property.get("const").is_some() => property["const"].clone(),
            "string" if property["oneOf"].is_array() => {
                self.pick(property["oneOf"].as_array().unwrap())["const"].clone()
            }
            "object" => self.record(property),
            "string" => self.text(property).into(),
            "integer" => self.number(property),
            "array" => self.list(property),
            other => panic!("no values of the type {other} are made: add it here"),
        }
    }

    /// An input that mostly fits the schema and breaks no rule of the table of exceptions.
    fn input(&mut self, subject: &Subject) -> Value {
        let mut input = self.record(&subject.schema);
        if !self.one_in(8) {
            self.keep_count(subject, input.as_object_mut().unwrap());
        }
        input
    }

    /// The fields of a record, or of the whole input.
    fn record(&mut self, schema: &Value) -> Value {
        let mut fields = Map::new();
        let properties = schema["properties"].as_object().unwrap();
        let needed = required(schema);
        for (name, property) in properties {
            if needed.contains(name) || self.rng.bool() {
                fields.insert(name.clone(), self.field(name, property));
            }
        }
        // What a rule between fields demands beside them.
        for demand in demands(schema) {
            for name in required(demand) {
                let empty = fields.get(&name).is_none_or(|value| [json!(""), json!([])].contains(value));
                if empty && !self.one_in(20) {
                    let property = &properties[&name];
                    let value = std::iter::repeat_with(|| self.field(&name, property));
                    let value = value.take(100).find(|value| *value != json!("") && *value != json!([])).unwrap();
                    fields.insert(name, value);
                }
            }
        }
        fields.into()
    }

    /// The value of one field, URLs included, which no pattern describes.
    fn field(&mut self, name: &str, property: &Value) -> Value {
        match name {
            "base_url" => (*self.pick(&GOOD_BASE_URLS)).into(),
            "chatbot_key" if self.one_in(3) => (*self.pick(&GOOD_WEBHOOKS)).into(),
            "content" if is_file(property) && !self.one_in(4) => {
                // Some actions take pictures alone.
                let files: [&[u8]; 5] = [PIXEL, PIXEL, b"#!AMR\nvoice", b"\0\0\0\x18ftypmp42", b"some text"];
                STANDARD.encode(*self.pick(&files)).into()
            }
            _ if property["contentMediaType"] == "application/json" => {
                (*self.pick(&["{}", "{\"a\": [1]}", " {\"a\": {\"b\": null}}\n", "[]", "7", "{"])).into()
            }
            _ => self.value(property),
        }
    }

    /// Gives every list that counts departments as many entries as there are departments, and the image its digest.
    fn keep_count(&mut self, subject: &Subject, fields: &mut Map<String, Value>) {
        let departments = fields.get("department").and_then(Value::as_array).map(Vec::len);
        for name in ["order", "is_leader_in_dept"] {
            if fields.contains_key(name) && subject.schema["properties"].get("department").is_some() {
                let items = &subject.schema["properties"][name]["items"];
                let list = (0..departments.unwrap_or(0)).map(|_| self.number(items)).collect();
                fields.insert(name.into(), list);
            }
        }
        if let Some(image) = fields.get("base64").and_then(Value::as_str).and_then(|text| STANDARD.decode(text).ok()) {
            fields.insert("md5".into(), hex(&image).into());
        }
    }
}

// ------------------------------------------------------------------------------------------------------ and broken

/// What the rules between fields demand where they apply: every `then` and `else`, of rules inside rules too.
fn demands(schema: &Value) -> Vec<&Value> {
    let branches = ["then", "else"].into_iter().filter_map(|branch| schema.get(branch));
    branches.flat_map(|branch| std::iter::once(branch).chain(demands(branch))).collect()
}

/// Characters that one pattern or another does not have.
const STRANGE: [char; 19] = [
    '\0', '\t', '\n', '\u{b}', '\r', '\u{1f}', ' ', '"', '*', ',', ':', '<', '?', '@', '|', '\u{7f}', '\u{85}',
    '\u{a0}', '中',
];

impl Maker {
    /// Some value, of any type.
    fn anything(&mut self) -> Value {
        let values = [
            json!(null),
            json!(true),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(7),
            json!("x"),
            json!("7"),
            json!(""),
            json!([]),
            json!({}),
            json!(["x"]),
            json!([1]),
            json!([[]]),
            json!([null]),
            json!({"x": 1}),
        ];
        self.pick(&values).clone()
    }

    /// Breaks a number, or writes it in another way.
    fn other_number(&mut self, property: &Value) -> Value {
        let min = property["minimum"].as_i64().unwrap_or(0);
        let max = property["maximum"].as_i64().unwrap_or(2);
        let some = self.number(property);
        let numbers = [
            json!(min - 1),
            json!(max + 1),
            json!(max),
            json!(-0.0),
            json!(0),
            json!(some.as_f64()),
            json!(max as f64),
            json!(max as f64 + 1.0),
            json!(some.as_f64().map(|number| number + 0.5)),
            json!(u64::MAX),
            json!(i64::MIN),
            json!(1e300),
            json!(5e-324),
            json!(some.to_string()),
            json!(format!("{some}.0")),
            json!(format!("{some}．００")),
            json!(format!("{some}.")),
            json!(format!("+{some}")),
            json!([some]),
        ];
        self.pick(&numbers).clone()
    }

    /// A text at a limit, one beyond it, or with a character that may not fit.
    fn other_text(&mut self, property: &Value, present: Option<&str>) -> Value {
        if let Some(words) = property["oneOf"].as_array()
            && self.one_in(2)
        {
            let word = self.pick(words)["const"].as_str().unwrap_or_default().to_uppercase();
            return if self.one_in(2) { word.into() } else { format!(" {word}\n").into() };
        }
        let pattern = property["pattern"].as_str();
        let limits = |schema: &Value, names: &[&str]| -> Vec<u64> {
            names.iter().filter_map(|name| schema[*name].as_u64()).collect()
        };
        let chars = limits(property, &["minLength", "maxLength"]);
        let bytes = limits(&property["x-ui"], &["minBytes", "maxBytes", "maxCharacters"]);
        match self.rng.u32(..8) {
            0..3 => {
                let mut text: Vec<char> = present.unwrap_or_default().chars().collect();
                let at = self.rng.usize(..=text.len());
                let strange = if self.one_in(4) { *self.pick(&HIDDEN) } else { *self.pick(&STRANGE) };
                text.insert(at, strange);
                text.into_iter().collect::<String>().into()
            }
            3..5 if !chars.is_empty() => {
                let limit = *self.pick(&chars);
                if limit > 4096 {
                    return json!("");
                }
                let count = usize::try_from(limit).unwrap() + self.rng.usize(..2);
                self.fitting(pattern, count).into()
            }
            3..7 if !bytes.is_empty() => {
                let limit = *self.pick(&bytes);
                if limit > 4096 && !self.one_in(20) {
                    return json!("");
                }
                let bytes = (usize::try_from(limit).unwrap() + self.rng.usize(..3)).saturating_sub(1);
                self.of_bytes(pattern, bytes).into()
            }
            // Around the limit that no form shows.
            _ if property["maxLength"].is_null() => {
                let bytes = MAX_URL_TEXT - 1 + self.rng.usize(..3);
                self.of_bytes(pattern, bytes).into()
            }
            _ => self.anything(),
        }
    }

    /// A list at a limit, one beyond it, with an entry that does not fit, or written as text.
    fn other_list(&mut self, property: &Value, present: &[Value]) -> Value {
        let items = &property["items"];
        let mut list = present.to_vec();
        match self.rng.u32(..10) {
            0 => {
                let limit = property["maxItems"].as_u64().or(property["minItems"].as_u64()).unwrap_or(3);
                let count = (usize::try_from(limit).unwrap() + self.rng.usize(..3)).saturating_sub(1);
                let entry = self.value(items);
                vec![entry; count].into()
            }
            1 => {
                list.truncate(property["minItems"].as_u64().map_or(0, |min| usize::try_from(min).unwrap() - 1));
                list.into()
            }
            2..5 => {
                let broken = match (self.rng.u32(..3), items["type"] == "string") {
                    (0, _) => self.anything(),
                    _ if items["type"] == "object" => {
                        let mut entry = Map::from_iter([("x".to_owned(), self.record(items))]);
                        self.break_inside("x", items, &mut entry);
                        entry["x"].take()
                    }
                    (_, true) => self.other_text(items, Some("zhangsan")),
                    (_, false) => self.other_number(items),
                };
                let at = self.rng.usize(..=list.len());
                list.insert(at, broken);
                list.into()
            }
            5 => {
                let at = self.rng.usize(..=list.len());
                list.insert(at, rules::EVERYONE.into());
                list.into()
            }
            6 if self.one_in(15) => {
                // With the document itself and its other fields, around the greatest number of values.
                vec![self.number_or_letter(items); MAX_VALUES - 3 + self.rng.usize(..6)].into()
            }
            _ => {
                let entries: Vec<String> =
                    list.iter().map(|entry| entry.as_str().map_or_else(|| entry.to_string(), str::to_owned)).collect();
                let separator = *self.pick(&[
                    "|", ",", " | ", ", ", "||", ";", "\n", "，", "、", "；", "｜", "\r\n", ":", "\t", "\t\t", ",\t",
                    "\n\t", ".0\t",
                ]);
                let around = *self.pick(&["", "", " ", ",", "\t", "+", "x", "0"]);
                format!("{around}{}", entries.join(separator)).into()
            }
        }
    }

    fn number_or_letter(&mut self, items: &Value) -> Value {
        match items["type"].as_str() {
            Some("string") => "a".into(),
            Some("object") => json!({}),
            _ => items["minimum"].clone(),
        }
    }

    /// Does one thing to an input that may break it.
    fn break_once(&mut self, subject: &Subject, input: &mut Value) {
        if self.one_in(200) {
            *input = self.anything();
        }
        let Some(fields) = input.as_object_mut() else { return };
        let properties: Vec<(&String, &Value)> = subject.schema["properties"].as_object().unwrap().iter().collect();
        if properties.is_empty() {
            fields.insert("x".to_owned(), self.anything());
            return;
        }
        let (name, property) = *self.pick(&properties);
        let present = fields.get(name);
        let kind = property["type"].as_str().unwrap();
        let broken = match self.rng.u32(..18) {
            0 => {
                fields.remove(name);
                return;
            }
            1 => {
                let unknown = match self.rng.u32(..4) {
                    0 => name.to_uppercase(),
                    1 => format!("{name}s"),
                    2 => {
                        (*self.pick(&["", "type", "name", "id", "safe", "agent_id", "x/y", "a~b", "中", "$ref"])).into()
                    }
                    _ => self.chars(&PLAIN, 70),
                };
                fields.entry(unknown).or_insert_with(|| self.anything());
                return;
            }
            2 => self.anything(),
            3 => (*self.pick(&[json!(null), json!(""), json!([]), json!(" \n"), json!("\u{feff}")])).clone(),
            12.. if present.is_some() => {
                let present = present.unwrap().clone();
                self.neighbour(name, property, &present)
            }
            _ if name == "base_url" && self.rng.bool() => (*self.pick(&BAD_BASE_URLS)).into(),
            // An address is judged by the tables above: what else may break one, the fuzz target of URLs finds.
            _ if name == "chatbot_key" && (is_address(present) || self.one_in(3)) => (*self.pick(&BAD_WEBHOOKS)).into(),
            _ if name == "base_url" => {
                let address = *self.pick(&GOOD_BASE_URLS[5..]);
                let length = MAX_URL_TEXT - 1 + self.rng.usize(..3);
                format!("{address}/{}", "x".repeat(length - address.len() - 1)).into()
            }
            _ if name == "base64" && self.one_in(3) => self.other_image(),
            _ => match kind {
                "object" => return self.break_inside(name, property, fields),
                "string" => self.other_text(property, present.and_then(Value::as_str)),
                "integer" => self.other_number(property),
                _ => self.other_list(property, present.and_then(Value::as_array).map_or(&[], Vec::as_slice)),
            },
        };
        fields.insert(name.clone(), broken);
        if name == "base64" && self.rng.bool() {
            self.keep_count(subject, fields);
        }
    }

    /// Breaks something in a record.
    fn break_inside(&mut self, name: &str, property: &Value, fields: &mut Map<String, Value>) {
        let mut record = fields.get(name).cloned().unwrap_or_else(|| self.record(property));
        if let Some(inside) = record.as_object_mut() {
            let properties: Vec<(&String, &Value)> = property["properties"].as_object().unwrap().iter().collect();
            let (name, property) = *self.pick(&properties);
            match self.rng.u32(..4) {
                0 => _ = inside.remove(name),
                1 => _ = inside.insert(name.clone(), self.anything()),
                2 => _ = inside.insert("a~b".to_owned(), self.anything()),
                _ => {
                    let present = inside.get(name).cloned().unwrap_or_else(|| self.field(name, property));
                    inside.insert(name.clone(), self.neighbour(name, property, &present));
                }
            }
        }
        fields.insert(name.to_owned(), record);
    }

    /// A value in another form that means the same to the connector, or nearly so.
    fn neighbour(&mut self, name: &str, property: &Value, value: &Value) -> Value {
        let wide = |c: char| if c.is_ascii_graphic() { char::from_u32(u32::from(c) + 0xfee0).unwrap() } else { c };
        match value {
            Value::Number(_) if name == "base_url" => (*self.pick(&BAD_BASE_URLS)).into(),
            Value::Number(number) => {
                let text = number.to_string();
                let forms = [
                    json!(text),
                    json!(format!(" {text}\n")),
                    json!(text.chars().map(wide).collect::<String>()),
                    json!(format!("0{text}")),
                    json!(format!("{text}.0")),
                    json!(number.as_f64()),
                    json!(true),
                    json!(false),
                    json!("True"),
                    json!([number]),
                ];
                self.pick(&forms).clone()
            }
            Value::String(text) if is_file(property) => {
                let lines =
                    text.chars().collect::<Vec<_>>().chunks(76).map(String::from_iter).collect::<Vec<_>>().join("\r\n");
                let forms = [
                    lines,
                    format!("data:image/png;base64,{text}"),
                    format!("DATA:;Base64, {text}\n"),
                    format!("data:image/png,{text}"),
                    text.trim_end_matches('=').to_owned(),
                    text.replace('+', "-").replace('/', "_"),
                    format!("\"{text}\""),
                ];
                self.pick(&forms).clone().into()
            }
            // What else may break an address, the fuzz targets of URLs find.
            Value::String(text) if name == "base_url" || is_address(Some(value)) => {
                let forms = [format!(" {text}"), format!("{text}\r\n"), format!("\u{feff}“{text}”\t")];
                self.pick(&forms).clone().into()
            }
            Value::String(text) if TELEPHONES.contains(&name) && self.one_in(3) => {
                text.chars().map(wide).collect::<String>().into()
            }
            Value::String(text) => {
                let at = text
                    .char_indices()
                    .map(|(at, _)| at)
                    .nth(self.rng.usize(..=text.chars().count().min(64)))
                    .unwrap_or(text.len());
                let (before, after) = text.split_at(at);
                let forms = [
                    format!(" {text}"),
                    format!("{text}\r\n"),
                    format!("\u{feff}{text}\u{200b}\t"),
                    format!("\u{3000}{text}\u{7}"),
                    format!("{before}\u{1b}[1;31m{after}\u{1b}[0m"),
                    format!("{before}\u{1b}[2 q{after}"),
                    format!("{before}\n\t{after}"),
                    format!("{before}\u{0}{after}"),
                    format!("\"{text}\""),
                    format!("“{text}” "),
                    format!("'{text}"),
                    text.chars().map(wide).collect(),
                ];
                let number = *self.pick(&[0.0, 7.0, 23.5, -1.0, 1e15, 9_007_199_254_740_992.0, 1e300]);
                let values = [json!(number), json!(13_800_000_000_u64), json!(u64::MAX), json!(true), json!([text])];
                if self.one_in(4) { self.pick(&values).clone() } else { self.pick(&forms).clone().into() }
            }
            Value::Array(items) => {
                let mut items = items.clone();
                match self.rng.u32(..4) {
                    0 if !items.is_empty() => return items.swap_remove(0),
                    1 if !items.is_empty() => {
                        let at = self.rng.usize(..items.len());
                        items[at] = self.neighbour(name, &property["items"], &items[at].clone());
                    }
                    2 if items.len() > 1 => {
                        let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                        let both = format!("{}，{}", text(&items[0]), text(&items[1]));
                        items.splice(..2, [json!(both)]);
                    }
                    _ => {
                        let at = self.rng.usize(..=items.len());
                        let empty = self.pick(&[json!(null), json!(""), json!(" "), json!(",")]).clone();
                        items.insert(at, empty);
                    }
                }
                items.into()
            }
            other => other.clone(),
        }
    }

    /// Base64 with a length or a padding that does not fit, or an image at the limit.
    fn other_image(&mut self) -> Value {
        if self.one_in(5) {
            return STANDARD.encode(vec![7; MAX_IMAGE + self.rng.usize(..2)]).into();
        }
        if self.one_in(3) {
            return STANDARD.encode(&PIXEL[..self.rng.usize(8..=PIXEL.len())]).into();
        }
        (*self.pick(&["YQ==", "YQ=", "YQ", "YWI=", "YWI", "YWJj", "YWJjZ", "YR==", "YQ===", "Y=Q=", "YQ==YQ=="])).into()
    }

    fn case<'a>(&mut self, subject: &'a Subject) -> Case<'a> {
        let mut input = self.input(subject);
        let breaks = *self.pick(&[0, 1, 1, 1, 2, 3]);
        for _ in 0..breaks {
            self.break_once(subject, &mut input);
        }
        if self.one_in(50) {
            // As a tool does that puts JSON into a field of JSON.
            input = input.to_string().into();
        }
        Case { subject, input, has_agent: !self.one_in(10) }
    }
}

fn is_address(key: Option<&Value>) -> bool {
    key.and_then(Value::as_str).is_some_and(|key| ["webhook/", "://", "key="].iter().any(|part| key.contains(part)))
}

// ------------------------------------------------------------------------------------------------------------- test

fn setting(name: &str, default: &[u64]) -> Vec<u64> {
    let read = |text: String| text.split(',').map(|part| part.trim().parse()).collect::<Result<Vec<u64>, _>>();
    std::env::var(name).map_or(default.to_vec(), |text| {
        read(text.clone()).unwrap_or_else(|_| panic!("{name} is no number, nor numbers with commas: {text}"))
    })
}

/// What the inputs of one seed came to.
struct Tally {
    /// Valid and invalid inputs of which schema and connector say the same, by subject.
    agreed: BTreeMap<&'static str, [u64; 2]>,
    excepted: [u64; EXCEPTIONS.len()],
    disagreements: u64,
    failures: Vec<String>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { agreed: BTreeMap::new(), excepted: [0; EXCEPTIONS.len()], disagreements: 0, failures: Vec::new() }
    }
}

impl Tally {
    fn of(subjects: &[Subject], inputs: u64, seed: u64) -> Self {
        let mut tally = Self::default();
        for subject in subjects {
            tally.judge(subject, inputs, seed);
        }
        tally
    }

    fn judge(&mut self, subject: &Subject, inputs: u64, seed: u64) {
        let own = subject.name.bytes().fold(seed, |seed, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        let mut maker = Maker { rng: Rng::with_seed(own) };
        for index in 0..inputs {
            let case = maker.case(subject);
            let allowed = subject.allows_under_both(&case.input);
            let judged = case.judged();
            let foretold = case.foretold();
            let reasons = if allowed == judged.is_ok() { Vec::new() } else { case.reasons(foretold) };
            if foretold != judged.is_ok() || (allowed != judged.is_ok() && reasons.is_empty()) {
                let faults: Vec<String> =
                    subject.validators[0].iter_errors(&case.input).map(|error| short(&error)).take(3).collect();
                self.failures.push(format!(
                    "seed {seed}, input {index} of {}, agent_id in the connection: {}\n  {}\n  the schema: {allowed} \
                     {faults:?}\n  with the exceptions: {foretold}\n  the connector: {}",
                    subject.name,
                    case.has_agent,
                    short(&case.input),
                    short(&format!("{judged:?}")),
                ));
            } else if reasons.is_empty() {
                self.agreed.entry(subject.name).or_default()[usize::from(!allowed)] += 1;
            } else {
                self.disagreements += 1;
                reasons.iter().for_each(|reason| self.excepted[*reason] += 1);
            }
        }
    }

    fn add(&mut self, other: Self) {
        for (subject, counts) in other.agreed {
            let sums = self.agreed.entry(subject).or_default();
            *sums = [sums[0] + counts[0], sums[1] + counts[1]];
        }
        self.excepted.iter_mut().zip(other.excepted).for_each(|(sum, count)| *sum += count);
        self.disagreements += other.disagreements;
        self.failures.extend(other.failures);
    }
}

/// What a person reads of a long text.
fn short(text: &impl ToString) -> String {
    text.to_string().chars().take(2000).collect()
}

#[test]
fn schema_and_connector_agree_but_for_what_is_listed() {
    let [inputs] = setting("DIFFERENTIAL_INPUTS", &[INPUTS])[..] else { panic!("DIFFERENTIAL_INPUTS is one number") };
    let seeds = setting("DIFFERENTIAL_SEED", &[SEED]);
    let started = Instant::now();
    let subjects = Subject::all();
    let mut sum = Tally::default();
    std::thread::scope(|scope| {
        let run = |seed| {
            scope.spawn({
                let subjects = &subjects;
                move || Tally::of(subjects, inputs, seed)
            })
        };
        let running: Vec<_> = seeds.iter().copied().map(run).collect();
        running.into_iter().for_each(|thread| sum.add(thread.join().unwrap()));
    });
    let Tally { agreed, excepted, disagreements, mut failures } = sum;
    let (valid, invalid) = agreed.values().fold((0, 0), |sums, counts| (sums.0 + counts[0], sums.1 + counts[1]));
    println!("seeds {seeds:?}, {inputs} inputs for each of {} subjects, {:.1?}", subjects.len(), started.elapsed());
    println!("{valid:>8}  agreed: valid\n{invalid:>8}  agreed: invalid\n{disagreements:>8}  differ as listed:");
    for (exception, count) in EXCEPTIONS.iter().zip(excepted) {
        println!("{count:>8}    {}", exception.name);
    }
    println!("{:>8}  differ for no reason", failures.len());
    failures.truncate(10);
    assert!(failures.is_empty(), "{}", failures.join("\n"));

    let never: Vec<&str> =
        EXCEPTIONS.iter().zip(excepted).filter(|(_, count)| *count == 0).map(|(exception, _)| exception.name).collect();
    assert!(never.is_empty(), "these exceptions never occur: {never:?}");
    // Inputs that are nearly all good, or nearly all bad, would compare little.
    let least = inputs * u64::try_from(seeds.len()).unwrap() / 20;
    for subject in &subjects {
        let [valid, invalid] = agreed[subject.name];
        assert!(valid >= least && invalid >= least, "{}: {valid} valid and {invalid} invalid inputs", subject.name);
    }
}
