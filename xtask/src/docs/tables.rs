//! The tables, by name. All they know is the manifest: an action, a field or a code that is added there stands in the
//! documents without a change here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::Language;

/// A table: from the manifest, the language and what stands behind the name.
type Make = fn(&Texts<'_>, &[&str]) -> Result<String>;

const TABLES: [(&str, Make); 9] = [
    ("actions", actions),
    ("connection", connection),
    ("environment", environment),
    ("error-cases", error_cases),
    ("error-categories", error_categories),
    ("error-codes", error_codes),
    ("events", events),
    ("hints-without-code", hints_without_code),
    ("new-actions", new_actions),
];

/// The table of that name.
pub(super) fn table(name: &str, manifest: &Value, language: Language) -> Result<String> {
    let mut words = name.split_whitespace();
    let name = words.next().unwrap_or_default();
    let Some((_, make)) = TABLES.iter().find(|(known, _)| *known == name) else {
        let known = TABLES.map(|(name, _)| name).join(", ");
        bail!("no table is named {name:?}; there are {known}");
    };
    let arguments: Vec<&str> = words.collect();
    let texts = Texts { manifest, language };
    make(&texts, &arguments).with_context(|| format!("table {name:?}"))
}

/// The manifest in one language.
struct Texts<'a> {
    manifest: &'a Value,
    language: Language,
}

impl<'a> Texts<'a> {
    /// A text of the document's own.
    fn own(&self, en: &'static str, zh: &'static str) -> &'static str {
        match self.language {
            Language::En => en,
            Language::Zh => zh,
        }
    }

    /// One of the manifest's lists.
    fn list(&self, name: &str) -> Result<&'a [Value]> {
        let list = self.manifest[name].as_array();
        list.map(Vec::as_slice).with_context(|| format!("the manifest has no list {name:?}"))
    }

    /// A text that stands in both languages.
    fn localized(&self, value: &Value, name: &str) -> Result<String> {
        let text = value[name][self.own("en", "zh")].as_str();
        text.map(markdown).with_context(|| missing(name, value))
    }

    fn cases(&self) -> Result<Vec<&'a str>> {
        self.list("error_cases")?.iter().map(|case| string(case, "id")).collect()
    }
}

fn string<'a>(value: &'a Value, name: &str) -> Result<&'a str> {
    value[name].as_str().with_context(|| missing(name, value))
}

fn missing(name: &str, value: &Value) -> String {
    let value: String = value.to_string().chars().take(80).collect();
    format!("{name} is missing in {value}")
}

/// A table in Markdown.
struct Table(String);

impl Table {
    fn new(titles: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(titles);
        table.0.push_str(&"|---".repeat(titles.len()));
        table.0.push_str("|\n");
        table
    }

    fn row(&mut self, cells: &[&str]) {
        for cell in cells {
            let cell = cell.replace('|', "\\|").replace('\n', " ");
            // Writing into a string cannot fail.
            let _ = if cell.is_empty() { write!(self.0, "| ") } else { write!(self.0, "| {cell} ") };
        }
        self.0.push_str("|\n");
    }
}

/// A text of the manifest. An address or `$…$` would be taken for something else: the one up to the next blank, Chinese
/// characters included, the other for a formula.
fn markdown(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['$', '<']).into_iter().chain(rest.find("https://")).min() {
        let (before, found) = rest.split_at(at);
        made.push_str(before);
        if let Some(behind) = found.strip_prefix('<') {
            made.push_str("&lt;");
            rest = behind;
            continue;
        }
        let end = found.find(|c: char| !c.is_ascii_graphic() || ",;()".contains(c)).unwrap_or(found.len());
        let word = found[..end].trim_end_matches('.');
        made.push_str(&code(word));
        rest = &found[word.len()..];
    }
    made.push_str(rest);
    made
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn none_expected(arguments: &[&str]) -> Result<()> {
    match arguments {
        [] => Ok(()),
        [first, ..] => bail!("{first:?} behind the name means nothing"),
    }
}

/// A table for each group of actions, below a heading of its own.
/// Every group, or those that are named.
fn actions(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    let mut text = String::new();
    let groups = texts.list("groups")?;
    for name in arguments {
        ensure!(groups.iter().any(|group| group["id"] == **name), "there is no group {name:?}");
    }
    for group in groups {
        let id = string(group, "id")?;
        if !arguments.is_empty() && !arguments.contains(&id) {
            continue;
        }
        let mut table = Table::new(&[
            texts.own("action", "操作"),
            texts.own("what it does", "作用"),
            texts.own("credential", "凭据"),
            texts.own("effect", "影响"),
            texts.own("safe to repeat", "可重复执行"),
        ]);
        let mut interface = None;
        for action in texts.list("actions")?.iter().filter(|action| action["group"] == id) {
            interface = Some((string(action, "interface")?, string(action, "connection_type")?));
            let name = string(action, "id")?;
            let page = string(action, "doc_url")?;
            let label = texts.localized(action, "label")?;
            let effect = string(action, "effect")?;
            let effect = match (texts.language, effect) {
                (Language::En, effect) => effect,
                (_, "read") => "读取",
                (_, "create") => "创建",
                (_, "update") => "修改",
                (_, "delete") => "删除",
                (_, "send") => "发送",
                (_, effect) => bail!("{name}: the effect {effect:?} has no Chinese"),
            };
            let repeatable = match (&action["idempotent"], &action["idempotent_with"]) {
                (Value::Bool(true), _) => texts.own("yes", "是").to_owned(),
                (Value::Bool(false), Value::String(with)) => match texts.language {
                    Language::En => format!("with {}", code(with)),
                    Language::Zh => format!("填写{}时", code(with)),
                },
                (Value::Bool(false), _) => texts.own("no", "否").to_owned(),
                _ => bail!("{name}: idempotent is missing"),
            };
            table.row(&[
                &format!("[`{name}`]({page})<br>{label}"),
                &texts.localized(action, "description")?,
                &code(string(action, "secret")?),
                effect,
                &repeatable,
            ]);
        }
        let Some((interface, connection)) = interface else { continue };
        let title = texts.localized(group, "title")?;
        let below = match texts.language {
            Language::En => format!("Interface `{interface}`, connection `{connection}`."),
            Language::Zh => format!("接口`{interface}`，连接类型`{connection}`。"),
        };
        let _ = write!(text, "\n### {title}\n\n{below}\n\n{}", table.0);
    }
    text.push('\n');
    Ok(text)
}

/// The actions that came with a version, a line for each group.
fn new_actions(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    let [version] = arguments else { bail!("it takes a version, 0.2.0 for example") };
    let mut text = String::new();
    for group in texts.list("groups")? {
        let of_group = texts.list("actions")?.iter().filter(|action| action["group"] == group["id"]);
        let new = of_group.filter(|action| action["since"] == **version);
        let names = new.map(|action| string(action, "id").map(code)).collect::<Result<Vec<_>>>()?;
        if !names.is_empty() {
            let title = texts.localized(group, "title")?;
            let _ = match texts.language {
                Language::En => writeln!(text, "- {title}: {}", names.join(", ")),
                Language::Zh => writeln!(text, "- {title}：{}", names.join("、")),
            };
        }
    }
    ensure!(!text.is_empty(), "no action is since {version:?}");
    Ok(text)
}

/// A field of a connection, as the manifest has it.
struct Field<'a> {
    name: &'a str,
    title: &'a str,
    description: String,
    hint: String,
    is_secret: bool,
}

impl Field<'_> {
    /// The environment variable that stands for it.
    fn variable(&self) -> String {
        format!("WECOM_{}", self.name.to_uppercase())
    }
}

/// The fields of a type of connection that the connector reads, and its schema.
fn fields<'a>(texts: &Texts<'a>, kind: &str) -> Result<(Vec<Field<'a>>, &'a Value)> {
    // These are for people, or say which type it is.
    const NOT_READ: [&str; 3] = ["name", "type", "description"];
    let callback = &texts.manifest["callback"];
    let mut types = texts.list("connection_types")?.iter().chain([&callback["connection_type"]]);
    let schema = types.find(|entry| entry["type"] == kind).map(|entry| &entry["schema"]);
    let schema = schema.with_context(|| format!("there is no type of connection {kind:?}"))?;
    let properties = schema["properties"].as_object().context("a connection has no properties")?;
    let locale = match &callback["locales"]["zh-CN"]["connection_type"] {
        locale if callback["connection_type"]["type"] == kind => &locale["properties"],
        _ => &texts.manifest["locales"]["zh-CN"]["connection_types"][kind]["properties"],
    };
    let mut fields = Vec::new();
    for (name, property) in properties.iter().filter(|(name, _)| !NOT_READ.contains(&name.as_str())) {
        let (texts, hint) = match texts.language {
            Language::En => (property, &property["x-ui"]["hint"]),
            Language::Zh => (&locale[name], &locale[name]["hint"]),
        };
        fields.push(Field {
            name,
            title: string(texts, "title").with_context(|| name.clone())?,
            description: markdown(string(texts, "description").with_context(|| name.clone())?),
            hint: markdown(hint.as_str().unwrap_or_default()),
            is_secret: property["writeOnly"] == true,
        });
    }
    Ok((fields, schema))
}

/// The fields of a type of connection, which is named behind the table.
fn connection(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    let &[kind] = arguments else { bail!("it takes one type of connection") };
    let (fields, schema) = fields(texts, kind)?;
    let mut table = Table::new(&[
        texts.own("JSON field", "JSON字段"),
        texts.own("title", "名称"),
        texts.own("required", "必填"),
        texts.own("what it is", "说明"),
        texts.own("where to find it", "在哪里找"),
    ]);
    let holds = |list: &Value, name: &str| list.as_array().is_some_and(|list| list.iter().any(|entry| entry == name));
    let unless = schema["if"]["not"]["required"].as_array().map_or(&[][..], Vec::as_slice);
    let unless: Vec<String> = unless.iter().filter_map(Value::as_str).map(code).collect();
    for field in &fields {
        let required = if holds(&schema["required"], field.name) {
            texts.own("yes", "是").to_owned()
        } else if holds(&schema["then"]["required"], field.name) {
            format!("{}{}", texts.own("yes, without ", "是，除非填写了"), unless.join(texts.own(" or ", "或")))
        } else {
            String::new()
        };
        table.row(&[&code(field.name), field.title, &required, &field.description, &field.hint]);
    }
    Ok(table.0)
}

/// The variables that stand for a connection that is not given.
fn environment(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    none_expected(arguments)?;
    let mut rows: Vec<(Field<'_>, Vec<String>)> = Vec::new();
    for kind in texts.list("connection_types")? {
        let kind = string(kind, "type")?;
        for field in fields(texts, kind)?.0 {
            match rows.iter_mut().find(|(known, _)| known.name == field.name) {
                Some((_, kinds)) => kinds.push(code(kind)),
                None => rows.push((field, vec![code(kind)])),
            }
        }
    }
    let mut table = Table::new(&[
        texts.own("variable", "环境变量"),
        texts.own("field", "字段"),
        texts.own("title", "名称"),
        texts.own("connection", "连接"),
        texts.own("secret", "密钥"),
    ]);
    for (field, kinds) in rows {
        let secret = if field.is_secret { texts.own("yes", "是") } else { "" };
        let kinds = kinds.join(texts.own(", ", "、"));
        table.row(&[&code(&field.variable()), &code(field.name), field.title, &kinds, secret]);
    }
    Ok(table.0)
}

/// The messages and events of a source, which is named behind the table.
fn events(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    let &[source] = arguments else { bail!("it takes one source") };
    let mut table = Table::new(&[
        texts.own("`topic`", "`topic`"),
        texts.own("what it is", "名称"),
        texts.own("when it comes", "何时收到"),
    ]);
    let events = texts.manifest["callback"]["events"].as_array().context("the manifest has no events")?;
    let mut events = events.iter().filter(|event| event["source"] == source).peekable();
    if events.peek().is_none() {
        bail!("nothing comes from {source:?}");
    }
    for event in events {
        let title = texts.localized(event, "title")?;
        table.row(&[&code(string(event, "topic")?), &title, &texts.localized(event, "description")?]);
    }
    Ok(table.0)
}

fn error_cases(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    none_expected(arguments)?;
    let mut table =
        Table::new(&[texts.own("case", "类型"), texts.own("what happened, and what to do", "发生了什么，怎么办")]);
    for case in texts.list("error_cases")? {
        table.row(&[&code(string(case, "id")?), &texts.localized(case, "meaning")?]);
    }
    Ok(table.0)
}

fn error_categories(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    none_expected(arguments)?;
    let mut table = Table::new(&[texts.own("category", "类别"), texts.own("meaning", "含义")]);
    for category in texts.list("error_categories")? {
        table.row(&[&code(string(category, "id")?), &texts.localized(category, "title")?]);
    }
    Ok(table.0)
}

/// What the connector knows of WeCom's codes: all of them, or those that are named behind the table.
fn error_codes(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    let mut known = BTreeMap::new();
    for entry in texts.list("error_codes")? {
        known.insert(entry["code"].as_i64().context("a code is no number")?, entry);
    }
    let wanted: Vec<i64> = if arguments.is_empty() {
        known.keys().copied().collect()
    } else {
        let number = |argument: &&str| argument.parse().with_context(|| format!("{argument:?} is no number"));
        arguments.iter().map(number).collect::<Result<_>>()?
    };
    let cases = texts.cases()?;
    let mut table = Table::new(&[
        texts.own("code", "错误码"),
        texts.own("case", "类型"),
        texts.own("category", "类别"),
        texts.own("what to do", "怎么办"),
    ]);
    for code_number in wanted {
        let entry = known.get(&code_number).with_context(|| format!("the manifest has no code {code_number}"))?;
        let case = match string(entry, "outcome")? {
            "rejected" => "permanent-rejected",
            "retryable" => "retryable",
            "uncertain" => "permanent-outcome-unknown",
            other => bail!("{code_number}: the outcome {other:?} stands for no case"),
        };
        if !cases.contains(&case) {
            bail!("the manifest has no case {case:?}");
        }
        let category = code(string(entry, "category")?);
        let hint = texts.localized(entry, "hint")?;
        table.row(&[&code_number.to_string(), &code(case), &category, &hint]);
    }
    Ok(table.0)
}

/// What the connector says where WeCom gave no code, or one that is not known.
fn hints_without_code(texts: &Texts<'_>, arguments: &[&str]) -> Result<String> {
    none_expected(arguments)?;
    let mut table = Table::new(&[texts.own("what happened", "情况"), texts.own("what to do", "怎么办")]);
    for entry in texts.list("hints_without_code")? {
        table.row(&[&code(string(entry, "name")?), &texts.localized(entry, "hint")?]);
    }
    Ok(table.0)
}
