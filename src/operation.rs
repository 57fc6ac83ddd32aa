//! An action as a value: one path serves all that have the same type of connection.

use std::borrow::Cow;

use crate::about::{Effect, Proof, Secrets};
use crate::action::{Action, Request};
use crate::connection::{Application, Chatbot, Connection};
use crate::error::Credential;
use crate::http::transport::Bound;
use crate::parameter::{Described as _, Edits, Elsewhere, Field, Parameters, Table as _, Values};
use crate::reply::{Call, Malformed, Reply};
use crate::secret::Secret;

/// What a call is for, as far as an answer to it is judged by that.
pub(crate) struct CallTarget {
    /// The API below `/cgi-bin/`.
    pub(crate) api: Cow<'static, str>,
    /// What it does, where that is not what the action does.
    pub(crate) effect: Option<Effect>,
    /// Which secret it asks for, where that is not the action's.
    pub(crate) secrets: Option<Secrets>,
    /// For so many seconds, WeCom does not carry it out twice.
    pub(crate) duplicate_check: Option<u32>,
}

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
    pub(crate) nothing_found: Option<i32>,
    pub(crate) doc_url: &'static str,
}

impl<C: Connection> Operation<C> {
    /// A call of it, whose answer is to be classified.
    pub(crate) fn call<'a>(
        &self,
        target: &'a CallTarget,
        credential: Credential,
        secrets: &'a [&'a Secret],
    ) -> Call<'a> {
        let effect = target.effect.unwrap_or(self.effect);
        Call {
            api: &target.api,
            effect,
            credential,
            needs: target.secrets.unwrap_or(self.secrets),
            proof: self.proof,
            nothing_found: self.nothing_found,
            duplicate_check: target.duplicate_check.is_some(),
            bound: match (self.proof, effect) {
                (Proof::Attachment, _) => Bound::FILE,
                (_, Effect::Read) => Bound::LIST,
                _ => Bound::SHORT,
            },
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
        nothing_found: A::NOTHING_FOUND,
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
