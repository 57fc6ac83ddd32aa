//! Calls as an engine makes them. Whatever one comes to, [`Caller`] sees to it that no secret stands in the answer and
//! that the component printed nothing.

use host_test::host::{CallFault, Host, Instance};
use host_test::values::{to_json, to_val};
use serde::Deserialize;
use serde_json::{Value, json};
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Type, Val};

use super::{about, assert_no_secret, host, with};

/// What a call of the contract comes to: the ok side as JSON (`{}` where there is none), or the error.
pub(crate) type Answer = Result<Value, Error>;

/// The error of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the contract has the documentation")]
pub(crate) enum Error {
    ExecutionFailed,
    PermanentInvalidParameters(Vec<InvalidParameter>),
    PermanentRejected(Failure),
    PermanentOutcomeUnknown(Failure),
    Retryable(Failure),
}

/// The English text of two that say the same; the Chinese one must be there.
fn english<'de, D: serde::Deserializer<'de>>(texts: D) -> Result<String, D::Error> {
    let texts = Localized::deserialize(texts)?;
    assert!(texts.zh.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter)), "{texts:?}");
    Ok(texts.en)
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the contract has the documentation")]
pub(crate) struct InvalidParameter {
    pub argument: String,
    pub pointer: String,
    #[serde(deserialize_with = "english")]
    pub message: String,
}

/// A refusal or a breakdown.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the contract has the documentation")]
pub(crate) struct Failure {
    pub category: String,
    pub errcode: Option<i32>,
    pub message: String,
    pub hint: Localized,
    pub doc_url: String,
    pub retry_after_seconds: Option<u32>,
    pub caller_ip: Option<String>,
    pub api: String,
    pub credential: String,
}

/// One text in two languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "the contract has the documentation")]
pub(crate) struct Localized {
    pub en: String,
    pub zh: String,
}

impl Error {
    /// The failure of a `permanent-rejected`.
    #[track_caller]
    pub(crate) fn rejected(self) -> Failure {
        match self {
            Self::PermanentRejected(failure) => failure,
            other => panic!("permanent-rejected was expected: {other:?}"),
        }
    }

    /// The failure of a `permanent-outcome-unknown`.
    #[track_caller]
    pub(crate) fn outcome_unknown(self) -> Failure {
        match self {
            Self::PermanentOutcomeUnknown(failure) => failure,
            other => panic!("permanent-outcome-unknown was expected: {other:?}"),
        }
    }

    /// The failure of a `retryable`.
    #[track_caller]
    pub(crate) fn retryable(self) -> Failure {
        match self {
            Self::Retryable(failure) => failure,
            other => panic!("retryable was expected: {other:?}"),
        }
    }

    /// The faults of a `permanent-invalid-parameters`.
    #[track_caller]
    pub(crate) fn faults(self) -> Vec<InvalidParameter> {
        match self {
            Self::PermanentInvalidParameters(faults) => faults,
            other => panic!("permanent-invalid-parameters was expected: {other:?}"),
        }
    }
}

/// The two ways into an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the action's own function.
    Typed,
    /// By `invoke`.
    Invoke,
}

impl Way {
    /// Both.
    pub(crate) const BOTH: [Self; 2] = [Self::Typed, Self::Invoke];
}

/// An instance of the component, and what an engine calls of it.
pub(crate) struct Caller(Instance);

impl Caller {
    /// A new instance in the host of all tests.
    pub(crate) async fn new() -> Self {
        Self::of(host()).await
    }

    /// A new instance in that host.
    pub(crate) async fn of(host: &Host) -> Self {
        Self(host.instance().await.expect("the component can be instantiated"))
    }

    /// Carries out an action; a connection that is absent is read from the environment.
    pub(crate) async fn run(
        &mut self,
        way: Way,
        action: &str,
        connection: Option<&Value>,
        parameters: &Value,
    ) -> Answer {
        match way {
            Way::Typed => self.typed(action, connection, parameters).await,
            Way::Invoke => self.invoke(action, connection, parameters).await,
        }
    }

    /// Carries out an action by its own function. The connection is that of `invoke`.
    pub(crate) async fn typed(&mut self, action: &str, connection: Option<&Value>, parameters: &Value) -> Answer {
        let for_invoke_only = json!({ "type": null, "name": null, "description": null });
        let connection = connection.map_or(Value::Null, |connection| with(connection.clone(), for_invoke_only));
        self.call(about(action).interface.name, action, &[connection, parameters.clone()]).await
    }

    /// Carries out an action by `invoke`.
    pub(crate) async fn invoke(&mut self, action: &str, connection: Option<&Value>, parameters: &Value) -> Answer {
        let connection = connection.map(Value::to_string);
        self.invoke_text(action, connection.as_deref(), &parameters.to_string()).await
    }

    /// The same with texts, which need not be JSON. The output is parsed, and has to be an object.
    pub(crate) async fn invoke_text(&mut self, action: &str, connection: Option<&str>, parameters: &str) -> Answer {
        let output = self.call("connector", "invoke", &[json!(action), json!(connection), json!(parameters)]).await?;
        let output: Value = serde_json::from_str(output.as_str().unwrap()).expect("the output is JSON");
        assert!(output.is_object(), "the output is an object: {output}");
        Ok(output)
    }

    /// Tests a connection.
    pub(crate) async fn test_connection(&mut self, connection: Option<&Value>) -> Answer {
        self.call("connector", "test-connection", &[json!(connection.map(Value::to_string))]).await
    }

    /// Fetches an access token: the one answer that holds a secret.
    pub(crate) async fn access_token(&mut self, connection: Option<&Value>, scope: &str) -> Answer {
        let arguments = [json!(connection.map(Value::to_string)), json!(scope)];
        self.answer("connector", "get-access-token", &arguments).await.expect("the component does not trap")
    }

    /// Calls a function of an interface with JSON for every argument.
    pub(crate) async fn call(&mut self, interface: &str, function: &str, arguments: &[Value]) -> Answer {
        let answer = self.answer(interface, function, arguments).await.expect("the component does not trap");
        assert_no_secret(&format!("{answer:?}"));
        answer
    }

    /// The same where the host itself may give up.
    pub(crate) async fn answer(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Answer, CallFault> {
        let signature = self.signature(interface, function);
        let values: Vec<Val> =
            signature.params().zip(arguments).map(|((_, ty), argument)| to_val(argument, &ty)).collect();
        let result = self.0.call(&qualified(interface), function, &values).await?;
        assert_eq!(self.0.output(), "", "the component prints nothing");
        Ok(match result {
            Val::Result(Ok(value)) => Ok(value.map_or(json!({}), |value| to_json(&value))),
            Val::Result(Err(error)) => {
                let error = to_json(&error.expect("every error is a variant"));
                assert_no_secret(&error.to_string());
                Err(serde_json::from_value(error).expect("the error is that of the contract"))
            }
            value => Ok(to_json(&value)),
        })
    }

    /// The types of a function.
    pub(crate) fn signature(&mut self, interface: &str, function: &str) -> ComponentFunc {
        self.0.signature(&qualified(interface), function).expect("the contract has the function")
    }

    /// The names and types of an action's parameters, in snake_case.
    pub(crate) fn parameters(&mut self, action: &str) -> Vec<(String, Type)> {
        let signature = self.signature(about(action).interface.name, action);
        let (_, parameters) = signature.params().last().unwrap();
        let fields = parameters.unwrap_record().fields().map(|field| (field.name.replace('-', "_"), field.ty));
        fields.collect()
    }
}

fn qualified(interface: &str) -> String {
    format!("wecom:connector/{interface}@0.2.0")
}
