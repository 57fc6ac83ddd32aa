//! Calls as an engine makes them. Whatever one comes to, [`Caller`] sees to it that no secret stands in the answer and
//! that the component printed nothing.

use host_test::host::bindings::wecom::connector::types::{AccessToken, ConnectionReport, Error as Raised, TokenScope};
use host_test::host::{CallFault, Host, Instance};
use host_test::report::{case, connection_json, error_json};
use host_test::stepwise;
use host_test::values::{to_json, to_val};
use serde::Deserialize;
use serde_json::{Value, json};
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Type, Val};

use super::{about, assert_no_secret, host, stepwise_host, with};

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

/// The ways into an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By the action's own function.
    Typed,
    /// By `invoke`.
    Invoke,
    /// Step by step, through the component that imports nothing.
    Stepwise,
}

impl Way {
    /// All.
    pub(crate) const ALL: [Self; 3] = [Self::Typed, Self::Invoke, Self::Stepwise];
    /// Those into the component that calls the host's HTTP.
    pub(crate) const BOTH: [Self; 2] = [Self::Typed, Self::Invoke];

    /// Those into the component of this one.
    pub(crate) fn of_its_component(self) -> &'static [Self] {
        if self == Self::Stepwise { &[Self::Stepwise] } else { &Self::BOTH }
    }
}

/// Makes a test of a function that takes a [`Way`]: one for each component.
macro_rules! by_each_component {
    ($test:ident) => {
        mod $test {
            use $crate::harness::Way;

            #[tokio::test]
            async fn outgoing() {
                super::$test(Way::Invoke).await;
            }

            #[tokio::test]
            async fn stepwise() {
                super::$test(Way::Stepwise).await;
            }
        }
    };
}
pub(crate) use by_each_component;

/// An instance of a component, and what an engine calls of it.
pub(crate) struct Caller(Kept);

enum Kept {
    Outgoing(Box<Instance>),
    Stepwise(stepwise::Instance),
}

impl Caller {
    /// A new instance in the host of all tests.
    pub(crate) async fn new() -> Self {
        Self::of(host()).await
    }

    /// A new instance in that host.
    pub(crate) async fn of(host: &Host) -> Self {
        Self(Kept::Outgoing(Box::new(host.instance().await.expect("the component can be instantiated"))))
    }

    /// A new instance of the component that has this way in, in the host of all tests.
    pub(crate) async fn by(way: Way) -> Self {
        if way == Way::Stepwise { Self::stepping(stepwise_host()) } else { Self::new().await }
    }

    /// A new instance in that host.
    pub(crate) fn stepping(host: &stepwise::Host) -> Self {
        Self(Kept::Stepwise(host.instance().expect("the component can be instantiated")))
    }

    /// Carries out an action; a connection that is absent is read from the environment.
    pub(crate) async fn run(
        &mut self,
        way: Way,
        action: &str,
        connection: Option<&Value>,
        parameters: &Value,
    ) -> Answer {
        assert_eq!(way == Way::Stepwise, matches!(self.0, Kept::Stepwise(_)), "the instance has another way in");
        match way {
            Way::Typed => self.typed(action, connection, parameters).await,
            Way::Invoke | Way::Stepwise => self.invoke(action, connection, parameters).await,
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
        let output = match &self.0 {
            Kept::Outgoing(_) => {
                let arguments = [json!(action), json!(connection), json!(parameters)];
                self.call("connector", "invoke", &arguments).await?
            }
            Kept::Stepwise(calls) => {
                seen(answered(calls.invoke(action, given(connection), parameters).await, Value::String))?
            }
        };
        let output: Value = serde_json::from_str(output.as_str().unwrap()).expect("the output is JSON");
        assert!(output.is_object(), "the output is an object: {output}");
        Ok(output)
    }

    /// Tests a connection.
    pub(crate) async fn test_connection(&mut self, connection: Option<&Value>) -> Answer {
        let connection = connection.map(Value::to_string);
        match &self.0 {
            Kept::Outgoing(_) => self.call("connector", "test-connection", &[json!(connection)]).await,
            Kept::Stepwise(calls) => seen(answered(calls.test_connection(given(connection.as_deref())).await, report)),
        }
    }

    /// Fetches an access token: the one answer that holds a secret.
    pub(crate) async fn access_token(&mut self, connection: Option<&Value>, scope: &str) -> Answer {
        let connection = connection.map(Value::to_string);
        match &self.0 {
            Kept::Outgoing(_) => {
                let answer = self.answer("connector", "get-access-token", &[json!(connection), json!(scope)]).await;
                answer.expect("the component does not trap")
            }
            Kept::Stepwise(calls) => {
                let scope = if scope == "contacts" { TokenScope::Contacts } else { TokenScope::App };
                answered(calls.access_token(given(connection.as_deref()), scope).await, token)
            }
        }
    }

    /// Calls a function of an interface with JSON for every argument.
    pub(crate) async fn call(&mut self, interface: &str, function: &str, arguments: &[Value]) -> Answer {
        seen(self.answer(interface, function, arguments).await.expect("the component does not trap"))
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
        let instance = self.outgoing();
        let result = instance.call(&qualified(interface), function, &values).await?;
        assert_eq!(instance.output(), "", "the component prints nothing");
        Ok(match result {
            Val::Result(Ok(value)) => Ok(value.map_or(json!({}), |value| to_json(&value))),
            Val::Result(Err(error)) => Err(raised(to_json(&error.expect("every error is a variant")))),
            value => Ok(to_json(&value)),
        })
    }

    fn outgoing(&mut self) -> &mut Instance {
        match &mut self.0 {
            Kept::Outgoing(instance) => instance,
            Kept::Stepwise(_) => panic!("the component that imports nothing has no such function"),
        }
    }

    /// The types of a function.
    pub(crate) fn signature(&mut self, interface: &str, function: &str) -> ComponentFunc {
        self.outgoing().signature(&qualified(interface), function).expect("the contract has the function")
    }

    /// The names and types of an action's parameters, in snake_case.
    pub(crate) fn parameters(&mut self, action: &str) -> Vec<(String, Type)> {
        let signature = self.signature(about(action).interface.name, action);
        // An action without parameters takes the connection alone.
        let Some((_, parameters)) = signature.params().nth(1) else { return Vec::new() };
        let fields = parameters.unwrap_record().fields().map(|field| (field.name.replace('-', "_"), field.ty));
        fields.collect()
    }
}

/// A connection that is given: no other is known where there is no environment.
#[track_caller]
fn given(connection: Option<&str>) -> &str {
    connection.expect("the component that imports nothing is given a connection")
}

/// What a call step by step came to.
#[track_caller]
fn answered<T>(answer: Result<Result<T, Raised>, CallFault>, to_json: impl FnOnce(T) -> Value) -> Answer {
    let answer = answer.expect("the component does not trap");
    answer.map(to_json).map_err(|error| raised(variant(&error)))
}

/// The error of the contract, from what JSON has of it.
#[track_caller]
fn raised(error: Value) -> Error {
    assert_no_secret(&error.to_string());
    serde_json::from_value(error).expect("the error is that of the contract")
}

/// No secret stands in the answer.
#[track_caller]
fn seen(answer: Answer) -> Answer {
    assert_no_secret(&format!("{answer:?}"));
    answer
}

/// An error as the component model has it: an object with its case for a key.
fn variant(error: &Raised) -> Value {
    let mut said = error_json(error);
    let what = if said["failure"].is_null() { "faults" } else { "failure" };
    json!({ case(error): said[what].take() })
}

fn report(report: ConnectionReport) -> Value {
    let mut said = connection_json(&report);
    for (check, said) in report.checks.iter().zip(said["checks"].as_array_mut().unwrap()) {
        *said = with(said.take(), json!({ "error": check.error.as_ref().map(variant) }));
    }
    said
}

fn token(token: AccessToken) -> Value {
    json!({"access_token": token.access_token, "expires_in_seconds": token.expires_in_seconds})
}

fn qualified(interface: &str) -> String {
    format!("wecom:connector/{interface}@0.2.0")
}
