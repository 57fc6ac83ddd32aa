//! The files of `schemas/`, assembled from the tables: what `cargo xtask generate` writes.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::schemas;
use crate::about::{About, Icon, Interface};
use crate::action::{Action, plain};
use crate::actions;
use crate::callback::Reply;
use crate::callback::events::{EVENTS, Known, Source};
use crate::connection::{Application, Callback, Chatbot, Connection};
use crate::error::Category;
use crate::parameter::rules::Rule;
use crate::parameter::schema::parsed;
use crate::parameter::{Described as _, Kind, Record, Spec};
use crate::text::{self, Localized, Text, text};

/// What a data URL may not have as it is.
const NOT_IN_DATA_URL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>');
/// Shown beside the connector's name.
const ICON: Icon = Icon { name: "", svg: include_str!("../icon.svg") };

const TITLE: Text = text("WeCom", "企业微信");
const DESCRIPTION: Text = text(
    "Messages into WeCom, and its address book, for workflow and low-code engines.",
    "供流程引擎和低代码引擎发送企业微信消息、管理通讯录。",
);

/// What stands beside no action, connection or event, by its place.
const OWN_TEXTS: [(&str, Text); 4] = [
    ("src/manifest/files.rs: TITLE", TITLE),
    ("src/manifest/files.rs: DESCRIPTION", DESCRIPTION),
    ("src/manifest/schemas.rs: REPLY_TITLE", schemas::REPLY_TITLE),
    ("src/manifest/schemas.rs: REPLY_DESCRIPTION", schemas::REPLY_DESCRIPTION),
];

/// What is said of fields that are in no table, by its place.
const OWN_SPECS: [(&str, Spec); 3] = [
    ("src/manifest/schemas.rs: NAME", schemas::NAME),
    ("src/manifest/schemas.rs: TYPE", schemas::TYPE),
    ("src/manifest/schemas.rs: DESCRIPTION", schemas::DESCRIPTION),
];

/// What each case of the error type means for an engine.
const ERROR_CASES: [(&str, Text); 5] = [
    (
        "execution-failed",
        text(
            "Never returned by the connector. An engine may report with it a call that it lost: look in WeCom before you repeat it.",
            "连接器不会返回此类错误。引擎可能用它表示一次丢失的调用：重做前请先在企业微信里确认。",
        ),
    ),
    (
        "permanent-invalid-parameters",
        text(
            "Nothing was sent. Correct what is listed, then run the action again.",
            "没有发出任何请求。请改正所列的问题，再重新运行该操作。",
        ),
    ),
    (
        "permanent-rejected",
        text(
            "The answer was no. Repeating is useless until someone acts.",
            "请求被拒绝。在问题处理好之前，重试没有用。",
        ),
    ),
    (
        "permanent-outcome-unknown",
        text(
            "It may or may not have happened. Look in WeCom before you repeat it.",
            "操作可能已生效，也可能没有。重试前请先在企业微信里确认。",
        ),
    ),
    (
        "retryable",
        text(
            "It did not happen, it only read, or WeCom does not do it twice. The engine may repeat it after a while.",
            "操作没有执行，或只是读取数据，或企业微信不会重复执行。引擎可以稍后重试。",
        ),
    ),
];

const fn category_title(category: Category) -> Text {
    match category {
        Category::Authentication => text("Wrong credentials", "凭据错误"),
        Category::Permission => text("Not allowed", "没有权限"),
        Category::NotFound => text("Not found or expired", "不存在或已过期"),
        Category::Conflict => text("In conflict with what exists", "与现有数据冲突"),
        Category::InvalidRequest => text("Value refused", "参数值不被接受"),
        Category::Limit => text("Limit exceeded", "超出限制"),
        Category::Content => text("Content refused", "内容被拒绝"),
        Category::Network => text("Network problem", "网络故障"),
        Category::Protocol => text("Not an answer of WeCom", "不是企业微信的应答"),
        Category::Service => text("Problem at WeCom", "企业微信故障"),
        Category::Unknown => text("Unknown error", "未知错误"),
    }
}

/// Every file below `schemas/`, with its text.
pub fn files() -> Result<BTreeMap<String, String>, GenerateError> {
    let mut collected = Collector::default();
    actions::visit(&mut collected);
    let actions = collected.0;
    let connections = [ConnectionType::of::<Application>(), ConnectionType::of::<Chatbot>()];
    let callback = ConnectionType::of::<Callback>();
    check(&actions, &connections)?;
    check_callback(&callback)?;
    check_texts(&OWN_TEXTS)?;
    check_specs(&OWN_SPECS)?;

    let mut files = BTreeMap::new();
    for action in &actions {
        let path = |side| format!("actions/{}.{side}.schema.json", action.about.id);
        files.insert(path("input"), pretty(&action.input));
        files.insert(path("output"), pretty(&action.output));
    }
    for connection in connections.iter().chain([&callback]) {
        files.insert(format!("connection/{}.schema.json", connection.name), pretty(&connection.schema));
    }
    files.insert("callback/reply.schema.json".into(), pretty(&schemas::reply()));
    let chinese = locale(Language::Chinese, &actions, &connections);
    let of_callbacks = |language| callback_locale(language, &callback);
    let whole = |language, mut locale: Value| {
        locale["callback"] = of_callbacks(language);
        pretty(&locale)
    };
    files.insert("locales/en.json".into(), whole(Language::English, locale(Language::English, &actions, &connections)));
    files.insert("locales/zh-CN.json".into(), whole(Language::Chinese, chinese.clone()));
    let manifest = [
        lines(&head(&actions, &connections, &chinese)),
        format!(",\n\"callback\":{}\n}}", lines(&callback_part(&callback, &of_callbacks(Language::Chinese)))),
        super::tables(),
    ];
    files.insert("manifest.json".into(), manifest.concat());
    Ok(files)
}

/// Why the files cannot be generated: where, and what.
#[derive(Debug)]
pub struct GenerateError(String);

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GenerateError {}

/// An action with its schemas.
struct Described {
    about: About,
    idempotent_with: Option<&'static str>,
    connection: &'static str,
    parameters: &'static Record,
    result: &'static Record,
    input: Value,
    output: Value,
}

#[derive(Default)]
struct Collector(Vec<Described>);

impl actions::Visitor for Collector {
    fn visit<A: Action>(&mut self) {
        self.0.push(Described {
            about: A::ABOUT,
            idempotent_with: A::IDEMPOTENT_WITH,
            connection: A::Connection::TYPE,
            parameters: A::Parameters::RECORD,
            result: A::Output::RECORD,
            input: schemas::input::<A>(),
            output: schemas::output::<A>(),
        });
    }
}

/// A type of connection with its schema.
struct ConnectionType {
    name: &'static str,
    title: Text,
    description: Text,
    hint: Text,
    record: &'static Record,
    schema: Value,
}

impl ConnectionType {
    fn of<C: Connection>() -> Self {
        Self {
            name: C::TYPE,
            title: C::TITLE,
            description: C::DESCRIPTION,
            hint: C::HINT,
            record: C::RECORD,
            schema: schemas::connection::<C>(),
        }
    }

    fn entry(&self) -> Value {
        json!({"type": self.name, "title": Localized::from(self.title), "schema": self.schema})
    }
}

/// What the compiler does not see: texts without a translation, names that stand twice, samples that are no JSON.
fn check(actions: &[Described], connections: &[ConnectionType]) -> Result<(), GenerateError> {
    let mut ids = BTreeSet::new();
    for Described { about, parameters, result, .. } in actions {
        let place = |what: &str| format!("{}: {what}", about.id);
        if !ids.insert(about.id) {
            return Err(GenerateError(place("the name stands twice in src/actions")));
        }
        for (name, text) in [("title", about.title), ("label", about.label), ("description", about.description)] {
            translated(&place(name), text)?;
        }
        for (name, sample) in [
            ("sample_parameters", about.sample_parameters),
            ("sample_output", about.sample_output),
            ("sample_reply", about.sample_reply),
        ] {
            if sample.is_empty() {
                return Err(GenerateError(place(&format!("`{name}` is missing"))));
            }
            serde_json::from_str::<Map<String, Value>>(sample)
                .map_err(|error| GenerateError(place(&format!("`{name}` is no JSON object: {error}"))))?;
        }
        for remark in about.remarks {
            translated(&place("a remark"), *remark)?;
        }
        translated(&place("title of its interface"), about.interface.title)?;
        check_record(parameters)?;
        check_record(result)?;
    }
    connections.iter().try_for_each(check_connection)?;
    check_texts(&ERROR_CASES)?;
    for category in Category::ALL {
        translated(category.name(), category_title(category))?;
    }
    check_table("phrases", text::phrases())?;
    check_table("codes", text::codes())?;
    check_table("hints", text::hints())?;
    check_names("phrases", text::phrases())?;
    check_names("codes", text::codes())?;
    check_names("hints", text::hints())
}

/// Whether each line of a table of texts has a name of its own in its first column: the first one would be found, and the
/// other never.
fn check_names<const N: usize>(
    table: &str,
    lines: impl Iterator<Item = [&'static str; N]>,
) -> Result<(), GenerateError> {
    let mut known = BTreeMap::new();
    for (number, name) in (1..).zip(lines.filter_map(|columns| columns.first().copied())) {
        if let Some(first) = known.insert(name, number) {
            return Err(GenerateError(format!(
                "src/text/{table}.tsv, line {number}: `{name}` stands in line {first}, too"
            )));
        }
    }
    Ok(())
}

fn check_connection(connection: &ConnectionType) -> Result<(), GenerateError> {
    let ConnectionType { name, title, description, hint, record, .. } = connection;
    for (what, text) in [("title", title), ("description", description), ("hint", hint)] {
        translated(&format!("{name}: {what}"), *text)?;
    }
    let mut variables = BTreeMap::new();
    for (field, spec, _) in record.lines().filter(|(_, spec, _)| !spec.variable.is_empty()) {
        if let Some(first) = variables.insert(spec.variable, field.name) {
            let (second, variable) = (field.name, spec.variable);
            return Err(GenerateError(format!(
                "{name}: the variable {variable} stands twice: for {first} and for {second}"
            )));
        }
    }
    check_record(record)
}

/// The same of what callbacks have.
fn check_callback(connection: &ConnectionType) -> Result<(), GenerateError> {
    check_connection(connection)?;
    check_record(Reply::RECORD)?;
    check_events(EVENTS)?;
    Source::ALL.into_iter().try_for_each(|source| translated(source.name(), source.title()))
}

fn check_texts(texts: &[(&str, Text)]) -> Result<(), GenerateError> {
    texts.iter().try_for_each(|(name, text)| translated(name, *text))
}

fn check_specs(specs: &[(&str, Spec)]) -> Result<(), GenerateError> {
    specs.iter().try_for_each(|(place, spec)| check_spec(place, spec))
}

fn check_events(events: &[Known]) -> Result<(), GenerateError> {
    let mut known = BTreeMap::new();
    for (number, Known { topic, source, title, description, .. }) in (1..).zip(events) {
        if let Some(first) = known.insert((topic, source.name()), number) {
            let source = source.name();
            return Err(GenerateError(format!(
                "{topic}: it stands twice for {source} in src/callback/events.rs: events {first} and {number}"
            )));
        }
        translated(&format!("{topic}: title"), *title)?;
        translated(&format!("{topic}: description"), *description)?;
    }
    Ok(())
}

/// A table of texts: the last two columns are English and Chinese.
fn check_table<const N: usize>(
    name: &str,
    lines: impl Iterator<Item = [&'static str; N]>,
) -> Result<(), GenerateError> {
    for (index, columns) in lines.enumerate() {
        let [.., en, zh] = columns.as_slice() else { continue };
        translated(&format!("src/text/{name}.tsv, line {}", index + 1), Text { en, zh })?;
    }
    Ok(())
}

fn check_record(record: &Record) -> Result<(), GenerateError> {
    for (field, spec, inner) in record.lines() {
        let place = format!("{}::{}.{}", record.module, record.name, field.name);
        if record.fields.iter().filter(|other| other.wire == field.wire).count() > 1 {
            return Err(GenerateError(format!("{place}: the name on the wire, {}, stands twice", field.wire)));
        }
        check_spec(&place, spec)?;
        let is_record = matches!(field.kind, Kind::Record(_) | Kind::Records(_));
        for rule in spec.rules {
            let says = match rule {
                Rule::Clears if matches!(field.kind, Kind::Record(_) | Kind::Number { .. }) => "cannot be cleared",
                Rule::Each(_) if is_record => "has entries with rules of their own",
                Rule::Range { min, max } if !spec.choices.is_empty() => {
                    let is_choice = |value: u64| spec.choices.iter().any(|choice| u64::from(choice.value) == value);
                    if (*min..=*max).all(is_choice) {
                        continue;
                    }
                    "has a range with more than its choices"
                }
                Rule::OneOf(words) if !words.iter().copied().eq(spec.words.iter().map(|word| word.value)) => {
                    "has a rule with other words than its own"
                }
                _ => continue,
            };
            return Err(GenerateError(format!("{place} {says}: {rule:?} has no meaning there")));
        }
        inner.map_or(Ok(()), check_record)?;
    }
    Ok(())
}

/// What is said of one field.
fn check_spec(place: &str, spec: &Spec) -> Result<(), GenerateError> {
    translated(&format!("{place}: title"), spec.title)?;
    translated(&format!("{place}: description"), spec.description)?;
    if !spec.ui.hint.is_empty() {
        translated(&format!("{place}: hint"), spec.ui.hint)?;
    }
    let alternatives = spec.alternatives();
    for (number, (value, title)) in alternatives.iter().enumerate() {
        translated(&format!("{place}: choice {value}"), *title)?;
        if let Some((_, first)) = alternatives[..number].iter().find(|(other, _)| other == value) {
            let titles = format!("{:?} and {:?}", first.en, title.en);
            return Err(GenerateError(format!("{place}: choice {value} stands twice: {titles}")));
        }
    }
    for example in spec.examples.iter().flat_map(|example| [example.en, example.zh]) {
        serde_json::from_str::<Value>(example)
            .map_err(|error| GenerateError(format!("{place}: the example {example:?} is no JSON: {error}")))?;
    }
    Ok(())
}

fn translated(place: &str, text: Text) -> Result<(), GenerateError> {
    match (text.en.trim(), text.zh.trim()) {
        ("", "") => Err(GenerateError(format!("{place} is missing"))),
        (en, "") => Err(GenerateError(format!("{place}: {en:?} has no Chinese"))),
        ("", zh) => Err(GenerateError(format!("{place}: {zh:?} has no English"))),
        _ => Ok(()),
    }
}

/// A language of the files.
#[derive(Clone, Copy)]
enum Language {
    English,
    Chinese,
}

impl Language {
    fn of(self, text: impl Into<Localized>) -> String {
        let text = text.into();
        match self {
            Self::English => text.en,
            Self::Chinese => text.zh,
        }
    }
}

/// All texts of the schemas in one language, by action and parameter.
fn locale(language: Language, actions: &[Described], connections: &[ConnectionType]) -> Value {
    let groups: Map<String, Value> = groups(actions)
        .map(|interface| (interface.name.to_owned(), json!({"title": language.of(interface.title)})))
        .collect();
    let connection_type =
        |connection: &ConnectionType| (connection.name.to_owned(), connection_locale(language, connection));
    let action = |Described { about, parameters, result, .. }: &Described| {
        let entry = json!({
            "title": language.of(about.title),
            "label": language.of(about.label),
            "description": language.of(about.whole_description()),
            "parameters": fields(language, parameters),
            "output": fields(language, result),
        });
        (about.id.to_owned(), entry)
    };
    let types: Map<String, Value> = connections.iter().map(connection_type).collect();
    let actions: Map<String, Value> = actions.iter().map(action).collect();
    json!({"groups": groups, "connection_types": types, "actions": actions})
}

fn connection_locale(language: Language, connection: &ConnectionType) -> Value {
    let mut properties = Map::new();
    properties.insert("name".into(), texts(language, &schemas::NAME, None));
    properties.insert("type".into(), texts(language, &schemas::TYPE, None));
    properties.extend(fields(language, connection.record));
    properties.insert("description".into(), texts(language, &schemas::DESCRIPTION, None));
    json!({
        "title": language.of(connection.title),
        "description": language.of(connection.description),
        "hint": language.of(connection.hint),
        "properties": properties,
    })
}

/// The texts of the schemas of callbacks in one language.
fn callback_locale(language: Language, connection: &ConnectionType) -> Value {
    json!({
        "connection_type": connection_locale(language, connection),
        "reply": {
            "title": language.of(schemas::REPLY_TITLE),
            "description": language.of(schemas::REPLY_DESCRIPTION),
            "properties": fields(language, Reply::RECORD),
        },
    })
}

/// The texts of one field: title, description, hint, choices, examples that differ, and those of what is inside.
fn texts(language: Language, spec: &Spec, record: Option<&Record>) -> Value {
    let mut texts = Map::new();
    for (name, text) in [("title", spec.title), ("description", spec.description), ("hint", spec.ui.hint)] {
        if !text.is_empty() {
            texts.insert(name.into(), language.of(text).into());
        }
    }
    let alternatives = spec.alternatives();
    if !alternatives.is_empty() {
        let choices = alternatives.iter().map(|(value, title)| (plain(value).into_owned(), language.of(*title).into()));
        texts.insert("choices".into(), Value::Object(choices.collect()));
    }
    if spec.examples.iter().any(|example| example.en != example.zh) {
        texts.insert("examples".into(), spec.examples.iter().map(|text| parsed(&language.of(*text))).collect());
    }
    if let Some(record) = record {
        texts.insert("properties".into(), fields(language, record).into());
    }
    texts.into()
}

fn fields(language: Language, record: &Record) -> Map<String, Value> {
    record.lines().map(|(field, spec, inner)| (field.name.to_owned(), texts(language, spec, inner))).collect()
}

/// The groups of the actions, in the order in which they first appear.
fn groups(actions: &[Described]) -> impl Iterator<Item = &'static Interface> {
    let mut groups: Vec<&'static Interface> = Vec::new();
    for interface in actions.iter().map(|action| action.about.interface) {
        if groups.iter().all(|known| known.name != interface.name) {
            groups.push(interface);
        }
    }
    groups.into_iter()
}

/// The manifest but for the tables of texts.
fn head(actions: &[Described], connections: &[ConnectionType], chinese: &Value) -> Value {
    let version = env!("CARGO_PKG_VERSION");
    let entry = |Described { about, idempotent_with, connection, input, output, .. }: &Described| {
        let mut entry = json!({
            "id": about.id,
            "title": Localized::from(about.title),
            "label": Localized::from(about.label),
            "description": about.whole_description(),
            "icon": about.icon.name,
            "group": about.interface.name,
            "interface": format!("wecom:connector/{}@{version}", about.interface.name),
            "function": about.id,
            "connection_type": connection,
            "secret": about.secrets,
            "effect": about.effect,
            "idempotent": about.idempotent,
        });
        if let Some(parameter) = idempotent_with {
            entry["idempotent_with"] = (*parameter).into();
        }
        entry["rate_limits"] = json!(about.rate_limits);
        if let Some(pagination) = about.pagination {
            entry["pagination"] = json!(pagination);
        }
        entry["since"] = about.since.into();
        entry["doc_url"] = about.doc_url.into();
        entry["parameters"] = input.clone();
        entry["output"] = output.clone();
        entry["sample_parameters"] = parsed(about.sample_parameters);
        entry["sample_output"] = parsed(about.sample_output);
        entry
    };
    let group = |interface: &Interface| json!({"id": interface.name, "title": Localized::from(interface.title)});
    let case = |(id, meaning): &(&str, Text)| json!({"id": id, "meaning": Localized::from(*meaning)});
    let category = |category: &Category| json!({"id": category, "title": Localized::from(category_title(*category))});
    let mut icons = Map::new();
    for Described { about, .. } in actions {
        icons.entry(about.icon.name).or_insert_with(|| data_url(about.icon).into());
    }
    json!({
        "id": "wecom-connector",
        "package": format!("wecom:connector@{version}"),
        "version": version,
        "title": Localized::from(TITLE),
        "description": Localized::from(DESCRIPTION),
        "icon": data_url(ICON),
        "icons": icons,
        "groups": groups(actions).map(group).collect::<Vec<_>>(),
        "connection_types": connections.iter().map(ConnectionType::entry).collect::<Vec<_>>(),
        "actions": actions.iter().map(entry).collect::<Vec<_>>(),
        "error_cases": ERROR_CASES.iter().map(case).collect::<Vec<_>>(),
        "error_categories": Category::ALL.iter().map(category).collect::<Vec<_>>(),
        "locales": {"zh-CN": chinese},
    })
}

/// What the manifest has of callbacks.
fn callback_part(connection: &ConnectionType, chinese: &Value) -> Value {
    let event = |known: &Known| {
        json!({
            "topic": known.topic,
            "source": known.source.name(),
            "title": Localized::from(known.title),
            "description": Localized::from(known.description),
            "sample": known.sample(),
        })
    };
    let source = |source: Source| json!({"id": source.name(), "title": Localized::from(source.title())});
    json!({
        "connection_type": connection.entry(),
        "reply": schemas::reply(),
        "locales": {"zh-CN": chinese},
        "sources": Source::ALL.map(source),
        "events": EVENTS.iter().map(event).collect::<Vec<_>>(),
    })
}

fn data_url(icon: Icon) -> String {
    format!("data:image/svg+xml,{}", utf8_percent_encode(icon.svg.trim_end(), NOT_IN_DATA_URL))
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// The beginning of an object, with a line for each entry of its lists: small enough to embed, and a change shows as a few
/// lines. The closing bracket is left to what follows.
fn lines(value: &Value) -> String {
    let fields: Vec<String> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| match value {
            Value::Array(items) => {
                let items: Vec<String> = items.iter().map(Value::to_string).collect();
                format!("{}:[\n{}\n]", json!(name), items.join(",\n"))
            }
            other => format!("{}:{other}", json!(name)),
        })
        .collect();
    format!("{{\n{}", fields.join(",\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parameter::field::{Choice, Word, choice, word};
    use crate::parameter::{Field, rules, ui};

    /// What is said of a fault: exactly one line.
    fn told(checked: Result<(), GenerateError>) -> String {
        let said = checked.unwrap_err().to_string();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }

    /// What is said of the first action, after a change to what is known of it.
    fn refused(change: fn(&mut Vec<Described>)) -> String {
        let mut collected = Collector::default();
        actions::visit(&mut collected);
        change(&mut collected.0);
        told(check(&collected.0, &[]))
    }

    #[test]
    fn what_is_missing_or_stands_twice_is_told_in_one_line_with_its_place() {
        let id = actions::IDS[0];
        for (change, says) in [
            (
                (|all| all[0].about.label = text("List", "")) as fn(&mut Vec<Described>),
                "label: \"List\" has no Chinese",
            ),
            (|all| all[0].about.description = text("", "列出"), "description: \"列出\" has no English"),
            (|all| all[0].about.title = Text::NONE, "title is missing"),
            (
                |all| all[0].about.remarks = const { &[Text::both("Well."), text("", "另外。")] },
                "a remark: \"另外。\" has no English",
            ),
            (|all| all[0].about.remarks = const { &[text("Also.", " ")] }, "a remark: \"Also.\" has no Chinese"),
            (
                |all| all[0].about.interface = const { &Interface { name: "n", title: text("N", ""), docs: "" } },
                "title of its interface: \"N\" has no Chinese",
            ),
            (|all| all[0].about.sample_parameters = "", "`sample_parameters` is missing"),
            (|all| all[0].about.sample_output = "[]", "`sample_output` is no JSON object: invalid type"),
        ] {
            let line = refused(change);
            assert!(line.starts_with(&format!("{id}: {says}")), "{line}");
        }
        let twice = refused(|all| all[1].about.id = all[0].about.id);
        assert_eq!(twice, format!("{id}: the name stands twice in src/actions"));
    }

    #[test]
    fn a_connection_without_a_translation_is_told_in_one_line() {
        let said = |change: fn(&mut ConnectionType)| {
            let mut connection = ConnectionType::of::<Application>();
            change(&mut connection);
            told(check(&[], &[connection]))
        };
        assert_eq!(said(|it| it.title = text("App", "")), "application: title: \"App\" has no Chinese");
        assert_eq!(said(|it| it.description = text("", "应用")), "application: description: \"应用\" has no English");
        assert_eq!(said(|it| it.hint = Text::NONE), "application: hint is missing");
    }

    /// Each table, with a line behind its own that lacks one text or both.
    #[test]
    fn a_line_of_a_table_without_a_translation_is_told_with_its_number() {
        fn said<const N: usize>(name: &str, table: Vec<[&'static str; N]>) -> [String; 3] {
            assert!(check_table(name, table.iter().copied()).is_ok(), "{name}");
            let number = table.len() + 1;
            [("Wait.", ""), ("", "请稍候。"), ("", "")].map(|(en, zh)| {
                let mut line = table[0];
                line[N - 2..].copy_from_slice(&[en, zh]);
                let lines = table.iter().copied().chain([line]);
                let said = told(check_table(name, lines));
                said.replace(&format!("src/text/{name}.tsv, line {number}"), "PLACE")
            })
        }
        for said in [
            said("phrases", text::phrases().collect()),
            said("codes", text::codes().collect()),
            said("hints", text::hints().collect()),
        ] {
            assert_eq!(
                said,
                ["PLACE: \"Wait.\" has no Chinese", "PLACE: \"请稍候。\" has no English", "PLACE is missing"]
            );
        }
    }

    /// Each table, with a line behind its own that repeats the second one.
    #[test]
    fn a_name_that_stands_twice_in_a_table_is_told_with_both_lines() {
        fn said<const N: usize>(name: &str, table: Vec<[&'static str; N]>) {
            assert!(check_names(name, table.iter().copied()).is_ok(), "{name}");
            let (last, second) = (table.len() + 1, table[1]);
            let said = told(check_names(name, table.iter().copied().chain([second])));
            assert_eq!(said, format!("src/text/{name}.tsv, line {last}: `{}` stands in line 2, too", second[0]));
        }
        said("phrases", text::phrases().collect());
        said("codes", text::codes().collect());
        said("hints", text::hints().collect());
    }

    #[test]
    fn a_text_or_a_field_that_is_in_no_table_has_a_translation() {
        for (index, (place, _)) in OWN_TEXTS.iter().enumerate() {
            let mut texts = OWN_TEXTS;
            texts[index].1.zh = "";
            let says = format!("{place}: {:?} has no Chinese", texts[index].1.en);
            assert_eq!(told(check_texts(&texts)), says);
        }
        for (index, (place, _)) in OWN_SPECS.iter().enumerate() {
            let mut specs = OWN_SPECS;
            specs[index].1.title.zh = "";
            let says = format!("{place}: title: {:?} has no Chinese", specs[index].1.title.en);
            assert_eq!(told(check_specs(&specs)), says);
            let mut specs = OWN_SPECS;
            specs[index].1.description.en = "";
            let says = format!("{place}: description: {:?} has no English", specs[index].1.description.zh);
            assert_eq!(told(check_specs(&specs)), says);
        }
    }

    /// One of WeCom's topics may come from two sources.
    #[test]
    fn an_event_that_stands_twice_is_told_with_both_places() {
        let [first, second] = [EVENTS[0], EVENTS[1]];
        let says = format!(
            "{}: it stands twice for {} in src/callback/events.rs: events 1 and 3",
            first.topic,
            first.source.name()
        );
        assert_eq!(told(check_events(&[first, second, first])), says);
        let mut other = first;
        other.source = Source::SmartBot;
        assert!(first.source != other.source && check_events(&[first, other]).is_ok());
    }

    #[test]
    fn a_variable_that_two_fields_are_read_from_is_told_with_both() {
        const FIELD: Field = Field { name: "id", wire: "id", kind: Kind::Text, required: false, rules: &[] };
        const SPEC: Spec =
            Spec { title: text("ID", "ID"), description: text("It.", "它。"), variable: "WECOM_ID", ..Spec::NEW };
        const RECORD: Record = Record {
            name: "T",
            module: "m",
            docs: "",
            closed: true,
            fields: &[FIELD, Field { name: "other_id", wire: "other_id", ..FIELD }],
            specs: &[SPEC, SPEC],
            records: &[None, None],
        };
        let connection = ConnectionType { record: &RECORD, ..ConnectionType::of::<Application>() };
        let says = "application: the variable WECOM_ID stands twice: for id and for other_id";
        assert_eq!(told(check_connection(&connection)), says);
    }

    #[test]
    fn an_error_case_or_an_event_without_a_translation_is_told_with_its_name() {
        assert!(check_texts(&ERROR_CASES).is_ok() && check_events(EVENTS).is_ok());
        let said = told(check_texts(&[ERROR_CASES[0], ("retryable", text("Again.", ""))]));
        assert_eq!(said, "retryable: \"Again.\" has no Chinese");
        let said = |change: fn(&mut Known)| {
            let mut event = EVENTS[0];
            change(&mut event);
            told(check_events(&[event])).replace(EVENTS[0].topic, "TOPIC")
        };
        assert_eq!(said(|event| event.title = text("Menu", "")), "TOPIC: title: \"Menu\" has no Chinese");
        assert_eq!(said(|event| event.description = text("", "选择")), "TOPIC: description: \"选择\" has no English");
    }

    #[test]
    fn a_field_without_a_text_or_with_the_name_of_another_is_told_with_its_place() {
        const FIELD: Field = Field { name: "id", wire: "id", kind: Kind::Text, required: false, rules: &[rules::ID] };
        const FIELDS: &[Field] = &[FIELD, Field { name: "other", ..FIELD }];
        const GOOD: Spec = Spec { title: text("ID", "ID"), description: text("It.", "它。"), ..Spec::NEW };
        const SPECS: &[Spec] = &[GOOD, GOOD];
        const UNTRANSLATED: &[Spec] = &[Spec { title: text("ID", ""), ..GOOD }];
        const UNDESCRIBED: &[Spec] = &[Spec { description: Text::NONE, ..GOOD }];
        const UNHINTED: &[Spec] = &[Spec { ui: ui::hint(text("In the console.", "")), ..GOOD }];
        const CHOICES: &[Choice] = &[choice(0, text("No", "否")), choice(1, text("Yes", ""))];
        const UNCHOSEN: &[Spec] = &[Spec { choices: CHOICES, ..GOOD }];
        const UNWORDED: &[Spec] = &[Spec { words: &[word("image", text("", "图片"))], ..GOOD }];
        const SAME_CHOICE: &[Choice] = &[choice(0, text("No", "否")), choice(0, text("Yes", "是"))];
        const CHOSEN_TWICE: &[Spec] = &[Spec { choices: SAME_CHOICE, ..GOOD }];
        const SAME_WORD: &[Word] = &[word("image", text("Image", "图片")), word("image", text("File", "文件"))];
        const SAID_TWICE: &[Spec] = &[Spec { words: SAME_WORD, ..GOOD }];
        const NO_JSON: &[Spec] = &[Spec { examples: &[Text::both("zhangsan")], ..GOOD }];
        const LINES: &[Spec] = &[Spec { examples: &[Text::both("{\n}}")], ..GOOD }];
        const CLEARED: &[Field] = &[Field { kind: Kind::Number { max: 9 }, ..FIELD }];
        const CLEARS: &[Spec] = &[Spec { rules: &[Rule::Clears], ..GOOD }];
        let said = |fields, specs| {
            let record =
                Record { name: "T", module: "m", docs: "", closed: true, fields, specs, records: &[None, None] };
            check_record(&record)
        };
        assert!(said(&FIELDS[..1], SPECS).is_ok());
        for (fields, specs, says) in [
            (FIELDS, SPECS, "m::T.id: the name on the wire, id, stands twice"),
            (&FIELDS[..1], UNTRANSLATED, "m::T.id: title: \"ID\" has no Chinese"),
            (&FIELDS[..1], UNDESCRIBED, "m::T.id: description is missing"),
            (&FIELDS[..1], UNHINTED, "m::T.id: hint: \"In the console.\" has no Chinese"),
            (&FIELDS[..1], UNCHOSEN, "m::T.id: choice 1: \"Yes\" has no Chinese"),
            (&FIELDS[..1], UNWORDED, "m::T.id: choice \"image\": \"图片\" has no English"),
            (CLEARED, CLEARS, "m::T.id cannot be cleared: Clears has no meaning there"),
            (&FIELDS[..1], CHOSEN_TWICE, "m::T.id: choice 0 stands twice: \"No\" and \"Yes\""),
            (&FIELDS[..1], SAID_TWICE, "m::T.id: choice \"image\" stands twice: \"Image\" and \"File\""),
            (&FIELDS[..1], NO_JSON, "m::T.id: the example \"zhangsan\" is no JSON: expected value at line 1 column 1"),
            (&FIELDS[..1], LINES, "m::T.id: the example \"{\\n}}\" is no JSON: trailing characters at line 2 column 2"),
        ] {
            assert_eq!(told(said(fields, specs)), says);
        }
    }
}
