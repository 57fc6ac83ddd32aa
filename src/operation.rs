//! An action as a value: one path serves all that have the same type of connection.

use crate::about::{Effect, Proof, Secrets};
use crate::action::{Action, Request};
use crate::connection::{Application, Chatbot, Connection};
use crate::error::Credential;
use crate::http::transport::Bound;
use crate::parameter::{Described as _, Edits, Elsewhere, Field, Parameters, Table as _, Values};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;

/// What the connector has to know of an action to execute it.
pub struct Operation<C: Connection> {
    pub(crate) fields: &'static [Field],
    pub(crate) elsewhere: &'static [Elsewhere],
    pub(crate) check: fn(&mut Parameters, Option<&C::Checked>),
    pub(crate) request: fn(Parameters, &C::Checked) -> Request,
    pub(crate) output: fn(Reply, Edits) -> Result<Values, Malformed>,
    pub(crate) output_fields: &'static [Field],
    pub(crate) effect: Effect,
    pub(crate) secrets: Secrets,
    pub(crate) proof: Proof,
    pub(crate) doc_url: &'static str,
}

impl<C: Connection> Operation<C> {
    /// A call of it, whose answer is to be classified.
    pub(crate) fn call<'a>(&self, api: &'a str, credential: Credential, secrets: &'a [&'a Secret]) -> Call<'a> {
        Call {
            api,
            effect: self.effect,
            credential,
            needs: self.secrets,
            proof: self.proof,
            duplicate_check: false,
            bound: if self.effect == Effect::Read { Bound::LIST } else { Bound::SHORT },
            doc_url: self.doc_url,
            secrets,
            returned: &[],
        }
    }
}

/// Every action as an operation.
pub trait Operate: Action {
    /// The operation.
    const OPERATION: Operation<Self::Connection>;
}

impl<A: Action> Operate for A {
    const OPERATION: Operation<A::Connection> = Operation {
        fields: A::Parameters::FIELDS,
        elsewhere: A::ELSEWHERE,
        check: A::check,
        request: A::request,
        output: |reply, edits| Ok(A::output(reply, edits)?.into_values()),
        output_fields: A::Output::FIELDS,
        effect: A::ABOUT.effect,
        secrets: A::ABOUT.secrets,
        proof: A::ABOUT.proof,
        doc_url: A::ABOUT.doc_url,
    };
}

/// An operation with either type of connection.
#[derive(Clone, Copy)]
pub enum AnyOperation {
    /// One of an application.
    Application(&'static Operation<Application>),
    /// One of a chatbot.
    Chatbot(&'static Operation<Chatbot>),
}

impl From<&'static Operation<Application>> for AnyOperation {
    fn from(operation: &'static Operation<Application>) -> Self {
        Self::Application(operation)
    }
}

impl From<&'static Operation<Chatbot>> for AnyOperation {
    fn from(operation: &'static Operation<Chatbot>) -> Self {
        Self::Chatbot(operation)
    }
}
