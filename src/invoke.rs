//! Actions by name, with JSON for connection, parameters and output.

use serde_json::{Map, Value};

use crate::actions;
use crate::connection::{Application, Chatbot};
use crate::connector::{self, CheckedCall, Connector, MAX_JSON_BYTES, Session, checked};
use crate::error::{Argument, Error, Violation};
use crate::file;
use crate::http::transport::Host;
use crate::json::MAX_VALUES;
use crate::operation::{AnyOperation, Operation};
use crate::parameter::{Elsewhere, Field, Parameters, decode};
use crate::text::{message, phrase};

/// A call by name that breaks no rule, with either type of connection.
pub(crate) enum AnyCall {
    Application(CheckedCall<Application>),
    Chatbot(CheckedCall<Chatbot>),
}

#[cfg(not(target_os = "wasi"))]
impl AnyCall {
    /// How many bytes are kept of its arguments until it has its answer.
    pub(crate) fn kept_bytes(&self) -> usize {
        match self {
            Self::Application(call) => call.kept_bytes(),
            Self::Chatbot(call) => call.kept_bytes(),
        }
    }
}

impl<H: Host> Connector<H> {
    /// Executes the action of that name; connection, parameters and output are JSON.
    pub async fn invoke(
        &self,
        action: &str,
        connection: Option<&str>,
        parameters: impl Into<String>,
    ) -> Result<String, Error> {
        self.execute_any(self.call(action, connection, parameters.into(), Vec::new())?).await
    }

    /// The call of the action of that name, held against every rule. Parameters that are files may come as bytes beside the
    /// JSON. Nothing is sent yet.
    pub(crate) fn call(
        &self,
        action: &str,
        connection: Option<&str>,
        parameters: String,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<AnyCall, Error> {
        match actions::find(action) {
            Some(AnyOperation::Application(operation)) => {
                self.call_of(operation, connection, parameters, files).map(AnyCall::Application)
            }
            Some(AnyOperation::Chatbot(operation)) => {
                self.call_of(operation, connection, parameters, files).map(AnyCall::Chatbot)
            }
            None => {
                let rule = match decode::nearest(action, actions::IDS.iter().copied()) {
                    Some(name) => message!("is no action; did you mean \"{}\"?", name),
                    None => phrase!("is no action; the manifest lists them all").into(),
                };
                Err(vec![Violation { argument: Argument::Action, pointer: String::new(), rule }].into())
            }
        }
    }

    /// Executes the call, and returns the output as JSON.
    pub(crate) async fn execute_any(&self, call: AnyCall) -> Result<String, Error> {
        match call {
            AnyCall::Application(call) => self.execute(call).await?.json(),
            AnyCall::Chatbot(call) => self.execute(call).await?.json(),
        }
    }

    fn call_of<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<&str>,
        parameters: String,
        files: Vec<(String, Vec<u8>)>,
    ) -> Result<CheckedCall<C>, Error> {
        let connection = self.connection::<C>(connection);
        checked(operation, connection, read(operation.fields, operation.elsewhere, parameters, files))
    }
}

fn read(
    fields: &'static [Field],
    elsewhere: &[Elsewhere],
    mut text: String,
    files: Vec<(String, Vec<u8>)>,
) -> Result<Parameters, Vec<Violation>> {
    // A file in Base64 is most of the document, and most of the memory: it is moved, not copied.
    let file = fields.iter().find(|field| field.is_file());
    let content = file.and_then(|field| file::take_long_text(&mut text, field.name, MAX_JSON_BYTES));
    if files.len() > MAX_VALUES {
        let rule = message!("must have at most {} entries, and has {}", MAX_VALUES, files.len());
        return Err(vec![Violation { argument: Argument::Parameters, pointer: String::new(), rule }]);
    }
    // In the document, each file would have its name.
    connector::limited(Argument::Parameters, text.len() + files.iter().map(|(name, _)| name.len()).sum::<usize>())?;
    let mut document = connector::document(Argument::Parameters, &text)?;
    drop(text);
    let Value::Object(object) = &mut document else {
        return decode::read(Argument::Parameters, fields, elsewhere, document);
    };
    if let (Some(field), Some(content)) = (file, content) {
        object.insert(field.name.to_owned(), content.into());
    }
    let twice = beside(object, &files);
    let mut parameters = decode::read(Argument::Parameters, fields, elsewhere, document)?;
    files.into_iter().for_each(|(name, content)| parameters.give_file(&name, content));
    parameters.violations.extend(twice);
    Ok(parameters)
}

/// Names each file in the object, so that an unknown name is a fault like any other; faults of those that stand there
/// already.
fn beside(object: &mut Map<String, Value>, files: &[(String, Vec<u8>)]) -> Vec<Violation> {
    let mut twice = Vec::new();
    for (name, _) in files {
        if object.insert(name.clone(), Value::Null).is_some_and(|given| !given.is_null()) {
            let rule = phrase!("is given twice: as a file, and in the JSON of the parameters");
            twice.push(Violation::parameter(format!("/{name}"), rule));
        }
    }
    twice
}
