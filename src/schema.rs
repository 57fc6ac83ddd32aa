//! The files of `schemas/`, generated from the parameter tables: what `cargo xtask generate` writes.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::action::{About, Action};
use crate::actions;
use crate::connection::{Application, Chatbot, Connection};
use crate::error::{Category, Localized};
use crate::ui;

/// The Chinese of every English text that a person may read, by the English.
const ZH: &str = include_str!("locales/zh-CN.json");
/// WeCom's error codes: category, outcome and hint.
const ERROR_CODES: &str = include_str!("errcodes.json");
/// Troubles of which WeCom gives no code, or an unknown one, with their hints.
const TROUBLES: &str = include_str!("troubles.json");
/// What a data URL may not have as it is.
const NOT_IN_DATA_URL: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>');
const WORDS: &str = include_str!("words.json");
/// Shown beside the connector's name.
const ICON: &str = include_str!("icon.svg");

/// The pictures of the actions, by the name that an action has in [`About::icon`].
const ICONS: [(&str, &str); 10] = [
    ("department", include_str!("icons/department.svg")),
    ("person", include_str!("icons/person.svg")),
    ("group-chat", include_str!("icons/group-chat.svg")),
    ("text", include_str!("icons/text.svg")),
    ("markdown", include_str!("icons/markdown.svg")),
    ("file", include_str!("icons/file.svg")),
    ("image", include_str!("icons/image.svg")),
    ("article", include_str!("icons/article.svg")),
    ("card", include_str!("icons/card.svg")),
    ("withdraw", include_str!("icons/withdraw.svg")),
];

/// The WIT interfaces of the actions, which group them in a palette.
const GROUPS: [(&str, &str); 6] = [
    ("department", "Departments"),
    ("member", "Members"),
    ("group-chat", "Group chats"),
    ("app-message", "Messages to members"),
    ("group-chat-message", "Messages to a group chat"),
    ("chatbot-message", "Messages by chatbot"),
];

/// What each case of the error type means for an engine.
const ERROR_CASES: [(&str, &str); 5] = [
    (
        "execution-failed",
        "Never returned by the connector. An engine may report with it a call that it lost: look in WeCom before you repeat it.",
    ),
    ("permanent-invalid-parameters", "Nothing was sent. Correct what is listed, then run the action again."),
    ("permanent-rejected", "The answer was no. Repeating is useless until someone acts."),
    ("permanent-outcome-unknown", "It may or may not have happened. Look in WeCom before you repeat it."),
    ("retryable", "It did not happen, or it only read. The engine may repeat it after a while."),
];

/// Every file below `schemas/`, with its text.
pub fn files() -> Result<BTreeMap<String, String>, GenerateError> {
    let catalog: BTreeMap<String, String> = serde_json::from_str(ZH)?;
    let mut actions = Collector::default();
    actions::visit(&mut actions);
    let actions = actions.0;
    let connections = [connection_schema::<Application>(), connection_schema::<Chatbot>()].map(Schema::to_value);

    let mut files = BTreeMap::new();
    for action in &actions {
        let path = |side| format!("actions/{}.{side}.schema.json", action.about.id);
        files.insert(path("input"), pretty(&action.input));
        files.insert(path("output"), pretty(&action.output));
    }
    for (kind, schema) in [Application::TYPE, Chatbot::TYPE].iter().zip(&connections) {
        files.insert(format!("connection/{kind}.schema.json"), pretty(schema));
    }
    let mut english = Translator::default();
    let en = locale(&mut english, &actions, &connections);
    let mut chinese = Translator { catalog: Some(&catalog), ..Translator::default() };
    let zh = locale(&mut chinese, &actions, &connections);
    let manifest = manifest(&mut chinese, &actions, &connections, &zh)?;
    chinese.finish()?;
    files.insert("locales/en.json".into(), pretty(&en));
    files.insert("locales/zh-CN.json".into(), pretty(&zh));
    files.insert("manifest.json".into(), lines(&manifest));
    Ok(files)
}

/// Why the files cannot be generated.
#[derive(Debug)]
pub enum GenerateError {
    /// A sample, the error table or the catalog is no JSON.
    Json(serde_json::Error),
    /// The Chinese catalog does not fit the English texts.
    Untranslated {
        /// English texts that the catalog lacks.
        missing: Vec<String>,
        /// Keys of the catalog that stand nowhere.
        unused: Vec<String>,
    },
}

impl From<serde_json::Error> for GenerateError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl std::fmt::Display for GenerateError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(error) => write!(f, "a text that should be JSON is not: {error}"),
            Self::Untranslated { missing, unused } => {
                f.write_str("src/locales/zh-CN.json does not fit the texts of the code")?;
                missing.iter().try_for_each(|text| write!(f, "\n  missing: {text}"))?;
                unused.iter().try_for_each(|text| write!(f, "\n  unused: {text}"))
            }
        }
    }
}

impl std::error::Error for GenerateError {}

/// An action with its schemas.
struct Described {
    about: About,
    connection: &'static str,
    input: Value,
    output: Value,
}

#[derive(Default)]
struct Collector(Vec<Described>);

impl actions::Visitor for Collector {
    fn visit<A: Action>(&mut self) {
        let about = A::ABOUT;
        let described = |schema: Schema| {
            let mut schema = schema;
            schema.insert("title".into(), about.title.into());
            schema.insert("description".into(), about.description.into());
            in_order(schema).to_value()
        };
        self.0.push(Described {
            about,
            connection: A::Connection::TYPE,
            input: described(generate::<A::Parameters>(SchemaSettings::for_deserialize)),
            output: described(generate::<A::Output>(SchemaSettings::for_serialize)),
        });
    }
}

fn generate<T: JsonSchema>(contract: fn(SchemaSettings) -> SchemaSettings) -> Schema {
    let settings = contract(SchemaSettings::draft07()).with(|settings| settings.inline_subschemas = true);
    let settings = settings.with_transform(RecursiveTransform(for_forms));
    SchemaGenerator::from(settings).into_root_schema_for::<T>()
}

/// Takes out what form renderers stumble over.
fn for_forms(schema: &mut Schema) {
    if schema.as_object().is_none() {
        return;
    }
    // What serde takes for an absent field of a reply, or does not read from it, is nothing that a person sets.
    schema.remove("default");
    schema.remove("readOnly");
    // A form is drawn from the properties, even where there are none.
    if schema.get("type").is_some_and(|kind| kind == "object") && schema.get("properties").is_none() {
        schema.insert("properties".into(), json!({}));
    }
    // A parameter may be left out; `null` is no value of it.
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    // Rust's formats are unknown to validators; their bounds are not.
    if let Some(Value::String(format)) = schema.get("format") {
        let max = match format.as_str() {
            "uint8" => Some(u64::from(u8::MAX)),
            "uint32" => Some(u64::from(u32::MAX)),
            "uint64" => Some(u64::MAX),
            _ => None,
        };
        if let Some(max) = max {
            schema.remove("format");
            if schema.get("maximum").is_none() {
                schema.insert("maximum".into(), max.into());
            }
        }
    }
    // Choices are bounds enough.
    if schema.get("oneOf").is_some() {
        schema.remove("minimum");
        schema.remove("maximum");
    }
    *schema = in_order(std::mem::take(schema));
}

fn connection_schema<C: Connection + JsonSchema>() -> Schema {
    let mut schema = generate::<C>(SchemaSettings::for_deserialize);
    let name = json!({"type": "string", "title": "Name", "description": "Name of the connection, for people. The connector ignores it."});
    let kind = json!({"type": "string", "title": "Type", "description": "Which of the two types of connection this is.", "const": C::TYPE, "default": C::TYPE});
    let description = json!({"type": "string", "title": "Description", "description": "What the connection is for, for people. The connector ignores it.", "x-ui": {"group": ui::ADVANCED}});
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let own = std::mem::take(properties);
        let labelled = [("name", name), ("type", kind)].into_iter().map(|(name, value)| (name.to_owned(), value));
        *properties = labelled.chain(own).chain([("description".to_owned(), description)]).collect();
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.insert(0, "type".into());
    }
    if C::TYPE == Application::TYPE {
        let token = json!({"required": ["access_token"], "properties": {"access_token": {"minLength": 1}}});
        schema.insert("if".into(), json!({"not": token}));
        schema
            .insert("then".into(), json!({"required": ["app_secret"], "properties": {"app_secret": {"minLength": 1}}}));
    }
    in_order(schema)
}

/// The keywords in the order in which a person reads them; our own come last.
fn in_order(mut schema: Schema) -> Schema {
    const FIRST: [&str; 7] = ["$schema", "title", "description", "type", "const", "properties", "items"];
    const LAST: [&str; 2] = ["examples", "x-ui"];
    let mut keywords = std::mem::take(schema.ensure_object());
    let last: Map<String, Value> = LAST.iter().filter_map(|key| keywords.shift_remove_entry(*key)).collect();
    let mut ordered: Map<String, Value> = FIRST.iter().filter_map(|key| keywords.shift_remove_entry(*key)).collect();
    ordered.extend(keywords);
    ordered.extend(last);
    ordered.into()
}

/// Turns English into one language and remembers what it met.
#[derive(Default)]
struct Translator<'a> {
    /// No catalog: English stays English.
    catalog: Option<&'a BTreeMap<String, String>>,
    used: BTreeMap<String, ()>,
    missing: Vec<String>,
}

impl Translator<'_> {
    fn text(&mut self, english: &str) -> String {
        self.used.insert(english.to_owned(), ());
        match self.catalog.map(|catalog| catalog.get(english)) {
            None => english.to_owned(),
            Some(Some(translated)) => translated.clone(),
            Some(None) => {
                if !self.missing.iter().any(|text| text == english) {
                    self.missing.push(english.to_owned());
                }
                english.to_owned()
            }
        }
    }

    fn both(&mut self, english: &str) -> Localized {
        Localized::new(english, self.text(english))
    }

    fn finish(self) -> Result<(), GenerateError> {
        let unused: Vec<String> = self
            .catalog
            .into_iter()
            .flat_map(BTreeMap::keys)
            .filter(|key| !self.used.contains_key(*key))
            .cloned()
            .collect();
        if self.missing.is_empty() && unused.is_empty() {
            Ok(())
        } else {
            Err(GenerateError::Untranslated { missing: self.missing, unused })
        }
    }
}

/// All texts of the schemas in one language, by action and parameter.
fn locale(translator: &mut Translator<'_>, actions: &[Described], connections: &[Value; 2]) -> Value {
    let mut groups = Map::new();
    for (id, title) in GROUPS {
        groups.insert(id.into(), json!({"title": translator.text(title)}));
    }
    let mut types = Map::new();
    for (kind, schema) in [Application::TYPE, Chatbot::TYPE].iter().zip(connections) {
        types.insert((*kind).into(), texts(translator, schema));
    }
    let mut by_action = Map::new();
    for action in actions {
        let mut entry = Map::new();
        entry.insert("title".into(), translator.text(action.about.title).into());
        entry.insert("label".into(), translator.text(action.about.label).into());
        entry.insert("description".into(), translator.text(action.about.description).into());
        entry.insert("parameters".into(), properties(translator, &action.input));
        entry.insert("output".into(), properties(translator, &action.output));
        by_action.insert(action.about.id.into(), entry.into());
    }
    json!({"groups": groups, "connection_types": types, "actions": by_action})
}

/// The texts of one schema: title, description, hint, choices, and those of what is inside.
fn texts(translator: &mut Translator<'_>, schema: &Value) -> Value {
    let mut texts = Map::new();
    let sources =
        [("title", &schema["title"]), ("description", &schema["description"]), ("hint", &schema["x-ui"]["hint"])];
    for (name, source) in sources {
        if let Some(text) = source.as_str() {
            texts.insert(name.into(), translator.text(text).into());
        }
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices = choices.iter().map(|choice| {
            (choice["const"].to_string(), translator.text(choice["title"].as_str().unwrap_or_default()).into())
        });
        texts.insert("choices".into(), Value::Object(choices.collect()));
    }
    let inside = if schema["properties"].is_object() { schema } else { &schema["items"] };
    if inside["properties"].is_object() {
        texts.insert("properties".into(), properties(translator, inside));
    }
    texts.into()
}

fn properties(translator: &mut Translator<'_>, schema: &Value) -> Value {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, schema)| (name.clone(), texts(translator, schema))).collect::<Map<_, _>>().into()
}

fn manifest(
    translator: &mut Translator<'_>,
    actions: &[Described],
    connections: &[Value; 2],
    zh: &Value,
) -> Result<Value, serde_json::Error> {
    #[derive(Serialize)]
    struct Entry<'a> {
        id: &'a str,
        title: Localized,
        label: Localized,
        description: Localized,
        icon: &'a str,
        group: &'a str,
        interface: String,
        function: &'a str,
        connection_type: &'a str,
        secret: Value,
        effect: Value,
        idempotent: bool,
        rate_limits: Value,
        #[serde(skip_serializing_if = "Value::is_null")]
        pagination: Value,
        since: &'a str,
        doc_url: &'a str,
        parameters: &'a Value,
        output: &'a Value,
        sample_parameters: Value,
        sample_output: Value,
    }

    let version = env!("CARGO_PKG_VERSION");
    let entries: Vec<Value> = actions
        .iter()
        .map(|Described { about, connection, input, output }| {
            serde_json::to_value(Entry {
                id: about.id,
                title: translator.both(about.title),
                label: translator.both(about.label),
                icon: about.icon,
                description: translator.both(about.description),
                group: about.interface,
                interface: format!("wecom:connector/{}@{version}", about.interface),
                function: about.id,
                connection_type: connection,
                secret: serde_json::to_value(about.secrets)?,
                effect: serde_json::to_value(about.effect)?,
                idempotent: about.idempotent,
                rate_limits: serde_json::to_value(about.rate_limits)?,
                pagination: serde_json::to_value(about.pagination)?,
                since: about.since,
                doc_url: about.doc_url,
                parameters: input,
                output,
                sample_parameters: serde_json::from_str(about.sample_parameters)?,
                sample_output: serde_json::from_str(about.sample_output)?,
            })
        })
        .collect::<Result<_, serde_json::Error>>()?;
    let connection_types: Vec<Value> = [Application::TYPE, Chatbot::TYPE]
        .iter()
        .zip(connections)
        .map(|(kind, schema)| {
            let title = schema["title"].as_str().unwrap_or_default();
            json!({"type": kind, "title": translator.both(title), "schema": schema})
        })
        .collect();
    let groups: Vec<Value> =
        GROUPS.iter().map(|(id, title)| json!({"id": id, "title": translator.both(title)})).collect();
    let cases: Vec<Value> =
        ERROR_CASES.iter().map(|(id, meaning)| json!({"id": id, "meaning": translator.both(meaning)})).collect();
    let categories: Vec<Value> = Category::ALL
        .iter()
        .map(|category| json!({"id": category, "title": translator.both(category_title(*category))}))
        .collect();
    let codes: Value = serde_json::from_str(ERROR_CODES)?;
    let troubles: Value = serde_json::from_str(TROUBLES)?;
    let words: Value = serde_json::from_str(WORDS)?;
    Ok(json!({
        "id": "wecom-connector",
        "package": format!("wecom:connector@{version}"),
        "version": version,
        "title": translator.both("WeCom"),
        "description": translator.both("Messages into WeCom, and its address book, for workflow and low-code engines."),
        "icon": data_url(ICON),
        "icons": ICONS.into_iter().map(|(name, svg)| (name.to_owned(), data_url(svg).into())).collect::<Map<_, _>>(),
        "groups": groups,
        "connection_types": connection_types,
        "actions": entries,
        "error_cases": cases,
        "error_categories": categories,
        "error_codes": codes,
        "other_errors": troubles,
        "words": words,
        "locales": {"zh-CN": zh},
    }))
}

fn data_url(svg: &str) -> String {
    format!("data:image/svg+xml,{}", utf8_percent_encode(svg.trim_end(), NOT_IN_DATA_URL))
}

fn category_title(category: Category) -> &'static str {
    match category {
        Category::Authentication => "Wrong credentials",
        Category::Permission => "Not allowed",
        Category::NotFound => "Not found or expired",
        Category::Conflict => "In conflict with what exists",
        Category::InvalidRequest => "Value refused",
        Category::Limit => "Limit exceeded",
        Category::Content => "Content refused",
        Category::Network => "Network trouble",
        Category::Protocol => "Not an answer of WeCom",
        Category::Service => "Trouble at WeCom",
        Category::Unknown => "Unknown error",
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

/// An object with a line for each entry of its lists: small enough to embed, and a change shows as a few lines.
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
    format!("{{\n{}\n}}\n", fields.join(",\n"))
}
