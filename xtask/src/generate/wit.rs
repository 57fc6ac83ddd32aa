//! The WIT interfaces of the actions, and the records of the connections, with all their documentation.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use anyhow::{Context as _, Result, bail, ensure};
use wecom_connector::about::{About, Beyond, Effect, RateLimit};
use wecom_connector::connection::{Application, Chatbot};
use wecom_connector::parameter::{Described as _, Field, Kind, Record, Spec};

use super::actions::{Collected, interfaces, kebab};

/// The longest line of a comment, without its indentation.
const WIDTH: usize = 106;

/// Every file of an interface, by its name below `wit/`.
pub(crate) fn files(actions: &[Collected]) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for (name, actions) in interfaces(actions) {
        if files.insert(format!("{name}.wit"), interface(actions)?).is_some() {
            bail!("src/actions/mod.rs: actions of the interface {name} stand apart from each other");
        }
    }
    Ok(files)
}

/// `types.wit`, which is written by hand, with the records of the connections between their markers: what every action
/// shares is one interface of the contract.
pub(crate) fn types(text: &str) -> Result<String> {
    const BEGIN: &str = "  // generated: connections\n";
    const END: &str = "  // end\n";
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.context("`// generated: connections` is missing, or `// end` behind it")?;
    let mut wit = format!("{before}{BEGIN}");
    [Application::RECORD, Chatbot::RECORD].into_iter().for_each(|record| write_record(&mut wit, record));
    Ok(wit + END + after)
}

fn interface(actions: &[Collected]) -> Result<String> {
    let About { interface, .. } = actions[0].about;
    for Collected { about, .. } in actions {
        let is_same = (about.interface.docs, about.interface.title.en) == (interface.docs, interface.title.en);
        ensure!(is_same, "src/actions: two INTERFACE have the name {}: {} has the other", interface.name, about.id);
    }
    let mut wit = format!("package wecom:connector@{};\n\n", env!("CARGO_PKG_VERSION"));
    comment(&mut wit, 0, interface.docs);
    let _ = writeln!(wit, "interface {} {{", interface.name);
    let _ = writeln!(wit, "  use types.{{{}, error}};", actions[0].connection);
    records(actions)?.into_iter().for_each(|record| write_record(&mut wit, record));
    for action in actions {
        wit.push('\n');
        function(&mut wit, action);
    }
    wit.push_str("}\n");
    Ok(wit)
}

pub(super) fn write_record(wit: &mut String, record: &Record) {
    wit.push('\n');
    comment(wit, 2, record.docs.trim());
    for paragraph in of_connection(record) {
        wit.push_str("  ///\n");
        comment(wit, 2, &paragraph);
    }
    let _ = writeln!(wit, "  record {} {{", kebab(record.name));
    for (field, spec, inner) in record.lines() {
        comment(wit, 4, &documentation(spec));
        let _ = writeln!(wit, "    {}: {},", identifier(field.name), ty(field, inner));
    }
    wit.push_str("  }\n");
}

/// The name of a field as WIT writes it: a word of its own needs a sign before it.
fn identifier(name: &str) -> String {
    let sign = if name == "type" { "%" } else { "" };
    format!("{sign}{}", name.replace('_', "-"))
}

/// What is to be said of a connection as a whole; nothing of any other record.
fn of_connection(record: &Record) -> Vec<String> {
    let variables = record.specs.iter().map(|spec| spec.variable).filter(|variable| !variable.is_empty());
    let secrets = record.lines().filter(|(_, spec, _)| spec.secret).map(|(field, ..)| field.name.replace('_', "-"));
    let (variables, secrets) = (list(variables), list(secrets));
    if variables.is_empty() {
        return Vec::new();
    }
    vec![
        format!(
            "If it is absent, the connection comes from the environment: {variables}. Hosts that log arguments then never \
             see a secret."
        ),
        format!("Secrets, which are opaque and never stand in an error: {secrets}."),
    ]
}

/// `a`, `b` and `c`.
fn list(names: impl Iterator<Item = impl Display>) -> String {
    let mut names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

/// The records of an interface, each once, what is inside of one before it.
pub(crate) fn records(actions: &[Collected]) -> Result<Vec<&'static Record>> {
    let mut records = Vec::new();
    for action in actions {
        for record in [action.parameters, action.output] {
            add(&mut records, record).with_context(|| action.about.interface.name)?;
        }
    }
    // WIT has no empty records.
    records.retain(|record| !record.fields.is_empty());
    Ok(records)
}

/// Adds a record, and before it those inside of it, where they are not there yet. Two of one name would be one in WIT.
fn add(records: &mut Vec<&'static Record>, record: &'static Record) -> Result<()> {
    record.lines().filter_map(|(_, _, inner)| inner).try_for_each(|inner| add(records, inner))?;
    match records.iter().find(|known| known.name == record.name) {
        Some(known) if known.module != record.module => {
            bail!("the record {} stands twice: in {} and in {}", record.name, known.module, record.module)
        }
        Some(_) => {}
        None => records.push(record),
    }
    Ok(())
}

/// What WIT has no choices for follows in words.
fn documentation(spec: &Spec) -> String {
    let choices: Vec<String> =
        spec.alternatives().iter().map(|(value, title)| format!("{value}: {}", title.en.to_lowercase())).collect();
    if choices.is_empty() {
        spec.description.en.to_owned()
    } else {
        format!("{} {}.", spec.description.en, choices.join("; "))
    }
}

/// A type as WIT writes it.
pub(crate) fn ty(field: &Field, inner: Option<&Record>) -> String {
    let record = || inner.map_or_else(String::new, |inner| kebab(inner.name));
    let ty = match field.kind {
        Kind::Text => "string".to_owned(),
        Kind::Number { max } if max == u64::from(u8::MAX) => "u8".to_owned(),
        Kind::Number { max } if max == u64::from(u32::MAX) => "u32".to_owned(),
        Kind::Number { .. } => "u64".to_owned(),
        Kind::Texts => "list<string>".to_owned(),
        Kind::Numbers => "list<u32>".to_owned(),
        Kind::Record(_) => record(),
        Kind::Records(_) => format!("list<{}>", record()),
    };
    if field.required { ty } else { format!("option<{ty}>") }
}

/// The name of an action's output in its signature.
pub(crate) fn result(output: &Record) -> String {
    if output.fields.is_empty() { "_".to_owned() } else { kebab(output.name) }
}

fn function(wit: &mut String, action: &Collected) {
    let about = &action.about;
    comment(wit, 2, &about.whole_description().en);
    wit.push_str("  ///\n");
    comment(wit, 2, &facts(about));
    wit.push_str("  ///\n");
    let _ = writeln!(wit, "  /// <{}>", about.doc_url);
    let parameters = match action.parameters.fields {
        [] => String::new(),
        _ => format!(", parameters: {}", kebab(action.parameters.name)),
    };
    let _ = writeln!(
        wit,
        "  {}: func(connection: option<{}>{parameters}) -> result<{}, error>;",
        about.id,
        action.connection,
        result(action.output),
    );
}

/// Effect and limits in words.
fn facts(about: &About) -> String {
    let effect = match about.effect {
        Effect::Read => "reads",
        Effect::Create => "creates",
        Effect::Update => "changes",
        Effect::Delete => "deletes",
        Effect::Send => "sends a message",
    };
    let repeats =
        if about.idempotent && about.effect != Effect::Read { " Repeating it changes nothing more." } else { "" };
    let limits: Vec<String> = about.rate_limits.iter().map(limit).collect();
    format!("Effect: {effect}.{repeats} Limits: {}.", limits.join("; "))
}

fn limit(limit: &RateLimit) -> String {
    let period = match limit.per_seconds {
        60 => "a minute".to_owned(),
        3600 => "an hour".to_owned(),
        86_400 => "a day".to_owned(),
        seconds => format!("in {seconds} seconds"),
    };
    let beyond = match limit.beyond {
        Beyond::Refused => "",
        Beyond::DroppedSilently => ", beyond which WeCom drops silently",
    };
    format!("{} {} {period} ({}){beyond}", limit.amount, limit.unit, limit.scope)
}

/// A comment, in lines of at most [`WIDTH`] characters.
fn comment(wit: &mut String, indentation: usize, text: &str) {
    let prefix = format!("{}///", " ".repeat(indentation));
    let mut line = prefix.clone();
    for word in text.split_whitespace() {
        if line.len() > prefix.len() && line.chars().count() + word.chars().count() > prefix.len() + WIDTH {
            let _ = writeln!(wit, "{line}");
            line.clone_from(&prefix);
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(wit, "{line}");
}

#[cfg(test)]
pub(super) mod tests {
    use wecom_connector::about::Interface;
    use wecom_connector::parameter::example::ExampleParameters;
    use wecom_connector::text::Text;

    use super::*;

    #[test]
    fn what_would_be_one_in_wit_is_refused() {
        static OTHER: Record = Record {
            name: "Edited",
            module: "m::other",
            docs: "",
            closed: false,
            fields: &[],
            specs: &[],
            records: &[],
        };
        let mut actions = crate::generate::actions::all();
        let apart = actions.len() - 1;
        actions.swap(0, apart);
        let said = files(&actions).unwrap_err().to_string();
        assert!(said.starts_with("src/actions/mod.rs: actions of the interface "), "{said}");

        static NAMESAKE: Interface =
            Interface { name: "department", title: Text::both("Departments"), docs: "Other departments." };
        let mut actions = crate::generate::actions::all();
        assert_eq!(actions[0].about.interface.name, NAMESAKE.name);
        actions[1].about.interface = &NAMESAKE;
        let said = files(&actions).unwrap_err().to_string();
        let expected = "src/actions: two INTERFACE have the name department: ";
        assert_eq!(said, format!("{expected}{} has the other", actions[1].about.id));

        let mut actions = crate::generate::actions::all();
        actions[0].output = &OTHER;
        let said = format!("{:#}", files(&actions).unwrap_err());
        assert!(said.contains("the record Edited stands twice: in m::other and in "), "{said}");
    }

    #[test]
    fn connections_stand_between_their_markers_and_name_their_variables() {
        let text = |inside: &str| format!("interface a {{\n  // generated: connections\n{inside}  // end\n}}\n");
        let filled = types(&text("  old\n")).unwrap();
        assert!(
            filled.starts_with("interface a {\n  // generated: connections\n\n  /// Access to WeCom as a "),
            "{filled}"
        );
        assert!(filled.ends_with("  }\n  // end\n}\n") && !filled.contains("old"), "{filled}");
        assert!(
            filled.contains(" `WECOM_CHATBOT_KEY`, `WECOM_BASE_URL` and\n  /// `WECOM_TIMEOUT_SECONDS`."),
            "{filled}"
        );
        assert!(
            filled.contains("/// Secrets, which are opaque and never stand in an error: `chatbot-key`.\n"),
            "{filled}"
        );
        assert_eq!(types(&filled).unwrap(), filled, "it is the same when it is done again");
        for broken in ["interface a {}\n", "  // end\n  // generated: connections\n"] {
            assert!(types(broken).unwrap_err().to_string().starts_with("`// generated: connections` is missing"));
        }
    }

    /// The record, and before it those inside of it.
    pub(in crate::generate) fn records_of(record: &'static Record) -> Vec<&'static Record> {
        let mut records = Vec::new();
        add(&mut records, record).unwrap();
        records
    }

    #[test]
    fn a_record_stands_before_the_one_that_holds_it() {
        let records = records_of(ExampleParameters::RECORD);
        let names: Vec<&str> = records.iter().map(|record| record.name).collect();
        assert_eq!(names, ["Source", "Article", "ExampleParameters"]);
        let mut wit = String::new();
        records.iter().for_each(|record| write_record(&mut wit, record));
        assert!(
            wit.contains("\n  /// Parameters of no action: a card with articles.\n  record example-parameters {\n")
        );
        assert!(wit.contains("    /// What the card shows, 1 to 8 articles.\n    articles: list<article>,\n"), "{wit}");
        assert!(wit.contains("    source: option<source>,\n"), "{wit}");
        assert!(wit.contains("    %type: option<u8>,\n"), "{wit}");
        assert!(wit.contains("    /// How much it matters. 0: ordinary; 1: urgent.\n    importance: option<u8>,\n"));
    }
}
