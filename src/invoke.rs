//! Actions by name, with JSON for connection, parameters and output.

use serde_json::Value;

use crate::actions;
use crate::connector::{Connector, Session, limited};
use crate::error::{Argument, Error, Violation};
use crate::http::transport::Host;
use crate::json;
use crate::operation::{AnyOperation, Operation};
use crate::parameter::decode;
use crate::text::{message, phrase};

impl<H: Host> Connector<H> {
    /// Executes the action of that name; connection, parameters and output are JSON.
    pub fn invoke(&self, action: &str, connection: Option<&str>, parameters: &str) -> Result<String, Error> {
        match actions::find(action) {
            Some(AnyOperation::Application(operation)) => self.invoke_operation(operation, connection, parameters),
            Some(AnyOperation::Chatbot(operation)) => self.invoke_operation(operation, connection, parameters),
            None => {
                let rule = match decode::nearest(action, actions::IDS.iter().copied()) {
                    Some(name) => message!("is no action; did you mean \"{}\"?", name),
                    None => phrase!("is no action; the manifest lists them all").into(),
                };
                Err(vec![Violation { argument: Argument::Action, pointer: String::new(), rule }].into())
            }
        }
    }

    fn invoke_operation<C: Session>(
        &self,
        operation: &'static Operation<C>,
        connection: Option<&str>,
        parameters: &str,
    ) -> Result<String, Error> {
        let connection = self.connection::<C>(connection);
        let parameters = parameters_document(parameters)
            .and_then(|document| decode::read(Argument::Parameters, operation.fields, operation.elsewhere, document));
        self.execute(operation, connection, parameters)?.output(operation.json)
    }
}

fn parameters_document(text: &str) -> Result<Value, Vec<Violation>> {
    limited(Argument::Parameters, text)?;
    json::parse_argument(text).map_err(|unreadable| vec![Violation::parameter(unreadable.pointer, unreadable.rule)])
}
