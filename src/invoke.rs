//! Actions by name, with JSON for connection, parameters and output.

use serde_json::Value;

use crate::actions;
use crate::connection::{Application, Chatbot};
use crate::connector::{CheckedCall, Connector, Session, checked, limited};
use crate::error::{Argument, Error, Violation};
use crate::http::transport::Host;
use crate::json;
use crate::operation::{AnyOperation, Operation};
use crate::parameter::decode;
use crate::text::{message, phrase};

/// A call by name that breaks no rule, with either type of connection.
pub(crate) enum AnyCall {
    Application(CheckedCall<Application>),
    Chatbot(CheckedCall<Chatbot>),
}

impl<H: Host> Connector<H> {
    /// Executes the action of that name; connection, parameters and output are JSON.
    pub async fn invoke(&self, action: &str, connection: Option<&str>, parameters: &str) -> Result<String, Error> {
        self.execute_any(self.call(action, connection, parameters)?).await
    }

    /// The call of the action of that name, held against every rule. Nothing is sent yet.
    pub(crate) fn call(&self, action: &str, connection: Option<&str>, parameters: &str) -> Result<AnyCall, Error> {
        match actions::find(action) {
            Some(AnyOperation::Application(operation)) => {
                self.call_of(operation, connection, parameters).map(AnyCall::Application)
            }
            Some(AnyOperation::Chatbot(operation)) => {
                self.call_of(operation, connection, parameters).map(AnyCall::Chatbot)
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
        parameters: &str,
    ) -> Result<CheckedCall<C>, Error> {
        let connection = self.connection::<C>(connection);
        let parameters = parameters_document(parameters)
            .and_then(|document| decode::read(Argument::Parameters, operation.fields, operation.elsewhere, document));
        checked(operation, connection, parameters)
    }
}

fn parameters_document(text: &str) -> Result<Value, Vec<Violation>> {
    limited(Argument::Parameters, text)?;
    json::parse_argument(text).map_err(|unreadable| vec![Violation::parameter(unreadable.pointer, unreadable.rule)])
}
