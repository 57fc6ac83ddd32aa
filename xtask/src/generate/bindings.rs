//! The wiring of the component's exports: what `wit_bindgen::generate!` is to use for each record, and a function for each
//! action.

use std::fmt::Write as _;

use anyhow::Result;

use super::actions::{Collected, interfaces, kebab};
use super::wit::{records, result};

/// What stands for the types that are no action's.
const TYPES: &str = r#"        "wecom:connector/types@VERSION/application": crate::connection::Application,
        "wecom:connector/types@VERSION/chatbot": crate::connection::Chatbot,
        "wecom:connector/types@VERSION/error": crate::error::Error,
        "wecom:connector/types@VERSION/invalid-parameter": crate::error::InvalidParameter,
        "wecom:connector/types@VERSION/argument": crate::error::Argument,
        "wecom:connector/types@VERSION/failure": crate::error::Failure,
        "wecom:connector/types@VERSION/category": crate::error::Category,
        "wecom:connector/types@VERSION/credential": crate::error::Credential,
        "wecom:connector/types@VERSION/localized": crate::text::Localized,
        "wecom:connector/types@VERSION/connection-report": crate::connector::ConnectionReport,
        "wecom:connector/types@VERSION/connection-check": crate::connector::ConnectionCheck,
"#;

/// The same of the world that calls the host's HTTP, and the types of WASI, of which waki has the bindings. In the other
/// world an access token would get a `Debug`, as a part of what has one.
const OUTGOING: &str = r#"        "wecom:connector/types@VERSION/access-token": crate::connector::AccessToken,
        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
"#;

/// The bindings of the world that imports nothing. What is its own is converted by hand.
pub(crate) fn stepwise() -> String {
    let types = TYPES.replace("VERSION", env!("CARGO_PKG_VERSION"));
    format!("{}{types}    }},\n}});\n\nexport!(Component);\n", head("wecom-connector-stepwise"))
}

fn head(world: &str) -> String {
    format!(
        "//! The bindings of the component. Written by `cargo xtask generate`.\n\nuse super::Component;\n\nwit_bindgen::generate!({{\n    path: \"wit\",\n    world: \"{world}\",\n    // The records of the contract are the tables themselves: nothing is converted.\n    with: {{\n"
    )
}

/// The bindings of the world that calls the host's HTTP.
pub(crate) fn outgoing(actions: &[Collected]) -> Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let mut with = String::new();
    let mut exports = String::new();
    for (interface, actions) in interfaces(actions) {
        for record in records(actions)? {
            let module = in_crate(record.module);
            let _ = writeln!(
                with,
                "        \"wecom:connector/{interface}@{version}/{}\": {module}::{},",
                kebab(record.name),
                record.name
            );
        }
        let module = interface.replace('-', "_");
        let _ = writeln!(exports, "\nimpl exports::wecom::connector::{module}::Guest for Component {{");
        for (index, action) in actions.iter().enumerate() {
            let output_module = in_crate(action.output.module);
            let is_nothing = result(action.output) == "_";
            let output = if is_nothing { "()".to_owned() } else { format!("{output_module}::{}", action.output.name) };
            let connection = pascal(action.connection);
            let parameters = format!("{}::{}", in_crate(action.parameters.module), action.parameters.name);
            let (taken, given) = match action.parameters.fields {
                [] => (String::new(), format!("{parameters} {{}}")),
                _ => (format!("        parameters: {parameters},\n"), "parameters".to_owned()),
            };
            let _ = write!(
                exports,
                "{}    fn {}(\n        connection: Option<crate::connection::{connection}>,\n{taken}    ) -> Result<{output}, crate::error::Error> {{\n        super::connector().run::<{}>(connection, {given}){}\n    }}\n",
                if index == 0 { "" } else { "\n" },
                action.about.id.replace('-', "_"),
                in_crate(action.path),
                if is_nothing { ".map(Into::into)" } else { "" },
            );
        }
        exports.push_str("}\n");
    }
    let types = [TYPES, OUTGOING].concat().replace("VERSION", version);
    Ok(format!("{}{with}{types}    }},\n}});\n\nexport!(Component);\n{exports}", head("wecom-connector")))
}

/// The path of a module or a type, as the connector itself writes it.
fn in_crate(path: &str) -> String {
    path.replacen("wecom_connector", "crate", 1)
}

/// `application` as `Application`.
fn pascal(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
