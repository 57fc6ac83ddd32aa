//! Interface `any-api`: APIs that have no action of their own yet.

use serde_json::{Map, Value};

use super::chatbot_message;
use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, Body, Request};
use crate::connection::{Application, Chatbot, CheckedApplication, CheckedChatbot};
use crate::http::Method;
use crate::json;
use crate::parameter::field::{Word, word};
use crate::parameter::rules::{Form, Pattern, Rule};
use crate::parameter::{Edits, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::secret::REDACTED;
use crate::text::{Message, Text, phrase, text};

/// The longest name of an API, in bytes.
const MAX_API_BYTES: usize = 128;
/// The most values that a query may have.
const MAX_QUERY: usize = 32;

/// What WeCom calls credentials, in queries and bodies.
const CREDENTIALS: [&str; 9] = [
    "access_token",
    "corpsecret",
    "permanent_code",
    "provider_access_token",
    "provider_secret",
    "secret",
    "suite_access_token",
    "suite_secret",
    "suite_ticket",
];

/// The path of an API: words with slashes between them.
const PATH: Rule = Rule::Matches(&Pattern {
    regex: "^(/?cgi-bin/)?[0-9A-Za-z_-]+(/[0-9A-Za-z_-]+)*$",
    form: path_form,
    words: phrase!("must be the path of an API below /cgi-bin/, such as user/get, without a query"),
});

/// The path of an API that takes the key of a chatbot.
const WEBHOOK_PATH: Rule = Rule::Matches(&Pattern {
    regex: "^(/?cgi-bin/)?webhook(/[0-9A-Za-z_-]+)+$",
    form: |path| match path_form(path) {
        Form::Good if !below_cgi_bin(path).starts_with("webhook/") => Form::Bad,
        form => form,
    },
    words: phrase!("must begin with webhook/: a chatbot's key opens nothing else"),
});

const METHODS: &[Word] = &[word("GET", text("GET", "GET")), word("POST", text("POST", "POST"))];
const READS: &str = "read";
const EFFECTS: &[Word] = &[
    word(READS, text("Only reads", "仅读取")),
    word("write", text("Creates, changes, deletes or sends", "创建、修改、删除或发送")),
];
const CONTACTS: &str = "contacts";
const SECRETS: &[Word] = &[
    word("app", text("That of the application (AppSecret)", "应用的Secret（AppSecret）")),
    word(CONTACTS, text("That of contacts synchronisation (Contacts Secret)", "通讯录同步的Secret（通讯录Secret）")),
];

const METHOD: Spec = Spec {
    title: text("Method", "请求方式"),
    description: text("GET or POST, as WeCom's page on the API says.", "GET或POST，见企业微信该接口的文档。"),
    examples: &[Text::both(r#""GET""#)],
    words: METHODS,
    rules: &[Rule::OneOf(&["GET", "POST"]), rules::NOT_EMPTY],
    ..Spec::NEW
};

const API: Spec = Spec {
    title: text("API", "接口路径"),
    description: text(
        "Path of the API below /cgi-bin/, without a query.",
        "接口地址中/cgi-bin/之后的路径，不含问号后的参数。",
    ),
    examples: &[Text::both(r#""user/get""#)],
    rules: &[rules::NOT_EMPTY, PATH, rules::bytes(0, MAX_API_BYTES)],
    ui: ui::hint(text(
        "On WeCom's page on the API, between /cgi-bin/ and the question mark of the request's address.",
        "企业微信接口文档的请求地址中，/cgi-bin/与问号之间的部分。",
    )),
    ..Spec::NEW
};

const QUERY: Spec = Spec {
    title: text("Query", "查询参数"),
    description: text(
        "What stands behind the question mark, but for the credential: that is added.",
        "问号后面的参数；凭证会自动添加，不用填写。",
    ),
    examples: &[Text::both(r#"[{"name": "userid", "value": "zhangsan"}]"#)],
    rules: &[rules::entries(0, MAX_QUERY)],
    ..Spec::NEW
};

const BODY: Spec = Spec {
    title: text("Body", "请求体"),
    description: text("The JSON object to send, of a POST.", "POST请求要发送的JSON对象。"),
    examples: &[Text::both(r#""{\"mobile\": \"13800001111\"}""#)],
    rules: &[Rule::Json],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

const EFFECT: Spec = Spec {
    title: text("Effect", "作用"),
    description: text(
        "Whether the API only reads. A call that only reads may be repeated where its answer is lost.",
        "接口是否只读取数据。只读取数据的调用，应答丢失时可以重试。",
    ),
    examples: &[Text::both(r#""read""#)],
    words: EFFECTS,
    rules: &[Rule::OneOf(&["read", "write"]), rules::NOT_EMPTY],
    ..Spec::NEW
};

table! {
    /// A value of a query.
    pub struct QueryValue {
        pub name: String = Spec {
            title: text("Name", "名称"),
            description: text("Name of the value.", "参数名称。"),
            examples: &[Text::both(r#""userid""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ..Spec::NEW
        },
        pub value: String = Spec {
            title: text("Value", "值"),
            description: text("The value, not encoded.", "参数的值，不用编码。"),
            examples: &[Text::both(r#""zhangsan""#)],
            rules: &[rules::ID, rules::FITS_URL],
            ..Spec::NEW
        },
    }
}

output! {
    /// What WeCom answered.
    pub struct Answer {
        pub answer: String = Spec {
            title: text("Answer", "应答"),
            description: text("WeCom's whole answer, as JSON text.", "企业微信的完整应答，JSON文本。"),
            ..Spec::NEW
        },
    }
}

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "any-api",
    title: text("Any other API", "其他接口"),
    docs: "APIs that have no action of their own, with the token, the errors and the hints of those that have one.",
};

/// What is known of a call of any API.
const CALL: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("api"),
    description: Text::NONE,
    remarks: &[text(
        "A second call calls the API again: WeCom's page on the API says what that does.",
        "再次运行会再次调用该接口，结果以该接口的文档为准。",
    )],
    interface: &INTERFACE,
    method: Method::Post,
    api: "user/getuserid",
    proof: Proof::ErrcodeOnly,
    secrets: Secrets::App,
    effect: Effect::Update,
    idempotent: false,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "https://developer.work.weixin.qq.com/document/path/90664",
    sample_parameters: "",
    sample_output: r#"{"answer": "{\"errcode\":0,\"errmsg\":\"ok\",\"userid\":\"zhangsan\"}"}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "userid": "zhangsan"}"#,
};

fn path_form(path: &str) -> Form {
    match path.find(|c: char| !(c.is_ascii_alphanumeric() || "_-/".contains(c))) {
        Some(at) => Form::BadAt(at),
        None if below_cgi_bin(path).split('/').all(|part| !part.is_empty()) => Form::Good,
        None => Form::Bad,
    }
}

/// The API that is named, below `/cgi-bin/`, where it has the form of one: of what has not, that is all that is said.
fn named(parameters: &Parameters) -> Option<&str> {
    let path = parameters.text(Call::api);
    (path_form(path) == Form::Good).then(|| below_cgi_bin(path))
}

/// The path as people copy it, from `/cgi-bin/` on or behind it.
fn below_cgi_bin(path: &str) -> &str {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.strip_prefix("cgi-bin/").unwrap_or(path)
}

fn is_credential(name: &str) -> bool {
    CREDENTIALS.iter().any(|credential| name.eq_ignore_ascii_case(credential))
}

/// Whether a credential stands in it under its name, however deep.
fn holds_credential(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter().any(|(name, value)| is_credential(name) || holds_credential(value)),
        Value::Array(items) => items.iter().any(holds_credential),
        _ => false,
    }
}

/// Whether a number in it has more digits than it kept.
fn loses_digits(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields.values().any(loses_digits),
        Value::Array(items) => items.iter().any(loses_digits),
        Value::Number(number) => {
            number.is_f64() && number.as_f64().is_some_and(|number| number.abs() > json::MAX_EXACT)
        }
        _ => false,
    }
}

/// The answer, without the value of any credential that stands in it under its name.
fn answer(reply: Reply) -> Answer {
    fn redact(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if is_credential(name) { *value = REDACTED.into() } else { redact(value) }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(redact),
            _ => {}
        }
    }
    let mut fields = reply.into_json();
    redact(&mut fields);
    Answer { answer: fields.to_string() }
}

/// The body, or the rule that its text breaks.
fn object(text: &str) -> Result<Map<String, Value>, Message> {
    match json::parse_argument(text).map_err(|unreadable| unreadable.rule)? {
        Value::Object(fields) => Ok(fields),
        _ => Err(phrase!("must be a JSON object").into()),
    }
}

/// What both tables have.
type Call = CallApiParameters;

fn check(parameters: &mut Parameters) {
    let last = named(parameters).and_then(|path| path.rsplit('/').next()).unwrap_or_default().to_ascii_lowercase();
    if last.contains("token") || last == "get_permanent_code" {
        let rule = phrase!("must not be an API that gives out tokens: the connector fetches its own");
        parameters.violate(Call::api, &[], rule);
    }
    let is_ours = |value: &Parameters| {
        let name = value.text(QueryValue::name);
        is_credential(name) || name.eq_ignore_ascii_case("key")
    };
    if parameters.records(Call::query).iter().any(is_ours) {
        parameters.violate(Call::query, &[], phrase!("must not hold a credential: the connector adds its own"));
    }
    if !parameters.are_known(&[Call::body.name()]) || parameters.text(Call::body).is_empty() {
        return;
    }
    if parameters.text(Call::method) == "GET" {
        parameters.violate(Call::body, &[Call::method.name()], phrase!("must be left out where `method` is GET"));
    }
    match object(parameters.text(Call::body)) {
        Err(rule) => parameters.violate(Call::body, &[], rule),
        Ok(fields) if fields.iter().any(|(name, value)| is_credential(name) || holds_credential(value)) => {
            parameters.violate(Call::body, &[], phrase!("must not hold a credential: the connector adds its own"));
        }
        Ok(fields) if fields.values().any(loses_digits) => {
            parameters.violate(
                Call::body,
                &[],
                phrase!("must not hold a number of so many digits: it would lose some"),
            );
        }
        Ok(_) => {}
    }
}

fn request(parameters: &Parameters) -> Request {
    let is_get = parameters.text(Call::method) == "GET";
    let body = match object(parameters.text(Call::body)) {
        _ if is_get => Body::Nothing,
        Ok(fields) => Body::Json(fields.into()),
        Err(_) => Body::Json(Map::new().into()),
    };
    let value =
        |value: &Parameters| (value.text(QueryValue::name).to_owned(), value.text(QueryValue::value).to_owned());
    Request {
        query: parameters.records(Call::query).iter().map(value).collect(),
        effect: (parameters.text(Call::effect) == READS).then_some(Effect::Read),
        ..Request::new(
            if is_get { Method::Get } else { Method::Post },
            below_cgi_bin(parameters.text(Call::api)).to_owned(),
            body,
        )
    }
}

/// Any API with an access token.
///
/// <https://developer.work.weixin.qq.com/document/path/90664>
pub struct CallApi;

table! {
    /// Parameters of `call-api`.
    pub struct CallApiParameters {
        pub method: String = METHOD,
        pub api: String = API,
        pub query: Option<Vec<QueryValue>> = QUERY,
        pub body: Option<String> = BODY,
        pub effect: String = EFFECT,
        pub secret: Option<String> = Spec {
            title: text("Secret", "使用的Secret"),
            description: text(
                "The secret that the API asks for. Default: that of the application.",
                "接口要求使用哪个Secret。不填时使用应用的Secret。",
            ),
            examples: &[Text::both(r#""app""#)],
            words: SECRETS,
            rules: &[Rule::OneOf(&["app", "contacts"])],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

impl Action for CallApi {
    const ABOUT: About = About {
        id: "call-api",
        title: text("Calling any API", "调用任意接口"),
        label: text("Call any API", "调用任意接口"),
        description: text(
            "Calls an API of WeCom that has no action of its own. Token, errors and hints are as everywhere.",
            "调用还没有对应操作的企业微信接口，凭证、错误和提示与其他操作相同。",
        ),
        sample_parameters: r#"{"method": "POST", "api": "user/getuserid", "body": "{\"mobile\": \"13800000001\"}", "effect": "read"}"#,
        ..CALL
    };
    type Connection = Application;
    type Parameters = CallApiParameters;
    type Output = Answer;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        check(parameters);
        if named(parameters).is_some_and(|path| path.starts_with("webhook/")) {
            let rule = phrase!("is an API of chatbots: use the action that calls an API by chatbot");
            parameters.violate(Call::api, &[], rule);
        }
    }

    fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
        let needs = if parameters.text(Call::secret) == CONTACTS { Secrets::Contacts } else { Secrets::App };
        Request { secrets: Some(needs), ..request(&parameters) }
    }

    fn output(reply: Reply, _: Edits) -> Result<Answer, Malformed> {
        Ok(answer(reply))
    }
}

/// Any API with the key of a chatbot.
///
/// <https://developer.work.weixin.qq.com/document/path/99110>
pub struct CallApiByChatbot;

table! {
    /// Parameters of `call-api-by-chatbot`.
    pub struct CallApiByChatbotParameters {
        pub method: String = METHOD,
        pub api: String = Spec {
            description: text(
                "Path of the API below /cgi-bin/, from webhook/ on, without a query.",
                "接口地址中/cgi-bin/之后的路径，以webhook/开头，不含问号后的参数。",
            ),
            examples: &[Text::both(r#""webhook/send""#)],
            rules: &[rules::NOT_EMPTY, WEBHOOK_PATH, rules::bytes(0, MAX_API_BYTES)],
            ..API
        },
        pub query: Option<Vec<QueryValue>> = QUERY,
        pub body: Option<String> = BODY,
        pub effect: String = EFFECT,
    }
}

impl Action for CallApiByChatbot {
    const ABOUT: About = About {
        id: "call-api-by-chatbot",
        title: text("Calling any API by chatbot", "通过群机器人调用任意接口"),
        label: text("Call any API by chatbot", "通过群机器人调用任意接口"),
        interface: &chatbot_message::INTERFACE,
        api: "webhook/send",
        description: text(
            "Calls an API with the chatbot's key, such as one for a message that has no action of its own.",
            "用机器人的key调用接口，例如发送还没有对应操作的消息类型。",
        ),
        secrets: Secrets::ChatbotKey,
        rate_limits: &chatbot_message::LIMITS,
        doc_url: "https://developer.work.weixin.qq.com/document/path/99110",
        sample_parameters: r#"{"method": "POST", "api": "webhook/send", "body": "{\"msgtype\": \"text\", \"text\": {\"content\": \"hello\"}}", "effect": "write"}"#,
        sample_output: r#"{"answer": "{\"errcode\":0,\"errmsg\":\"ok\"}"}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok"}"#,
        ..CALL
    };
    type Connection = Chatbot;
    type Parameters = CallApiByChatbotParameters;
    type Output = Answer;

    fn check(parameters: &mut Parameters, _: Option<&CheckedChatbot>) {
        check(parameters);
    }

    fn request(parameters: Parameters, _: &CheckedChatbot) -> Request {
        request(&parameters)
    }

    fn output(reply: Reply, _: Edits) -> Result<Answer, Malformed> {
        Ok(answer(reply))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::wire::call;

    #[test]
    fn call_api() {
        let reply = r#"{"errmsg": "ok", "number": 18446744073709551615, "userid": "zhangsan", "errcode": 0}"#;
        let answer =
            json!({"answer": r#"{"errcode":0,"errmsg":"ok","number":18446744073709551615,"userid":"zhangsan"}"#});
        let body = json!({"mobile": "13800001111", "deep": [{"a": null}]});
        for (path, given) in [
            ("user/getuserid", body.to_string().into()),
            ("/cgi-bin/user/getuserid", body.clone()),
            (" cgi-bin/user/getuserid", json!(format!(" {body}\n"))),
        ] {
            let parameters = json!({"method": "post", "api": path, "body": given, "effect": "read", "secret": "App"});
            call("call-api", parameters).posts("user/getuserid", body.clone()).returns(reply, answer.clone());
        }
        call(
            "call-api",
            json!({"method": "GET", "api": "user/get", "query": [{"name": "userid", "value": "张 三&x"}], "effect": "read"}),
        )
        .gets("user/get?userid=%E5%BC%A0%20%E4%B8%89%26x")
        .returns(r#"{"errcode": 0}"#, json!({"answer": r#"{"errcode":0}"#}));
        call("call-api", json!({"method": "POST", "api": "linkedcorp/agent/get_perm_list", "effect": "read"}))
            .posts("linkedcorp/agent/get_perm_list", json!({}))
            .returns(r#"{"errcode": 0}"#, json!({"answer": r#"{"errcode":0}"#}));
    }

    #[test]
    fn what_a_lost_answer_means_depends_on_what_the_call_does() {
        let to = |effect: &str| {
            call("call-api", json!({"method": "POST", "api": "user/x", "effect": effect})).posts("user/x", json!({}))
        };
        to("read").fails("", "retryable");
        to("write").fails("", "outcome unknown");
        to("read").fails(r#"{"errcode": 60111, "errmsg": "no"}"#, "60111");
        to("read").fails(r#"{"userid": "a"}"#, "has no `errcode`");
    }

    #[test]
    fn no_token_is_fetched_or_sent() {
        let to = |api: &str, more: serde_json::Value| {
            let mut parameters = json!({"method": "POST", "api": api, "effect": "read"});
            parameters.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            call("call-api", parameters)
        };
        for api in ["gettoken", "/cgi-bin/GetToken", "corpgroup/corp/gettoken", "service/get_suite_token"] {
            to(api, json!({})).refused_at("/api", "must not be an API that gives out tokens");
        }
        for name in ["access_token", "Access_Token", "key", "corpsecret"] {
            to("user/get", json!({"query": [{"name": name, "value": "x"}]})).refused_at("/query", "a credential");
        }
        to("user/get", json!({"body": {"a": [{"access_token": "x"}]}})).refused_at("/body", "a credential");
        to("webhook/send", json!({})).refused_at("/api", "is an API of chatbots");
    }

    #[test]
    fn a_token_that_an_answer_holds_stays_there() {
        let reply = r#"{"errcode": 0, "open": [{"access_token": "S3CRET", "id": 1}]}"#;
        let answer = r#"{"errcode":0,"open":[{"access_token":"[redacted]","id":1}]}"#;
        call("call-api", json!({"method": "POST", "api": "kf/account/list", "effect": "read"}))
            .posts("kf/account/list", json!({}))
            .returns(reply, json!({"answer": answer}));
    }

    #[test]
    fn a_path_is_a_path_and_a_body_an_object() {
        for api in
            ["user/get?userid=a", "../user/get", "user//get", "https://a.cn/user/get", "user/ge t", "user/%67et", "/"]
        {
            call("call-api", json!({"method": "GET", "api": api, "effect": "read"}))
                .refused_at("/api", "must be the path of an API below /cgi-bin/");
        }
        let post = |body| call("call-api", json!({"method": "POST", "api": "a/b", "body": body, "effect": "write"}));
        post(json!("{\"a\": 1, \"a\": 2}")).refused_at("/body", "stands twice");
        post(json!("[1]")).refused_at("/body", "must be a JSON object");
        post(json!("{\"a\": [12345678901234567890123]}")).refused_at("/body", "a number of so many digits");
        post(json!("{'a': 1}")).refused_at("/body", "is not JSON at line 1 column 2");
        call("call-api", json!({"method": "GET", "api": "a/b", "body": "{}", "effect": "read"}))
            .refused_at("/body", "must be left out where `method` is GET");
        call("call-api", json!({"method": "GET", "api": "a\u{200b}b", "effect": "read"}))
            .refused_at("/api", "; character 2 is U+200B");
        call("call-api-by-chatbot", json!({"method": "GET", "api": "webhook/a\u{200b}b", "effect": "read"}))
            .refused_at("/api", "; character 10 is U+200B");
        call("call-api", json!({"method": "PUT", "api": "a/b", "effect": "read"}))
            .refused_at("/method", "one of GET, POST");
        call("call-api", json!({"method": "GET", "api": "a/b", "effect": "maybe"}))
            .refused_at("/effect", "read, write");
    }

    #[test]
    fn call_api_by_chatbot() {
        let message = json!({"msgtype": "text", "text": {"content": "hello"}});
        let parameters = json!({"method": "POST", "api": "webhook/send", "body": message, "effect": "write"});
        call("call-api-by-chatbot", parameters)
            .posts("webhook/send", message)
            .returns(r#"{"errcode": 0, "errmsg": "ok"}"#, json!({"answer": r#"{"errcode":0,"errmsg":"ok"}"#}));
        call("call-api-by-chatbot", json!({"method": "POST", "api": "message/send", "effect": "write"}))
            .refused_at("/api", "must begin with webhook/");
    }
}
