//! What an action is.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::about::{About, Effect, Secrets};
use crate::connection::Connection;
use crate::file;
use crate::http::Method;
use crate::parameter::{Edits, Elsewhere, Names, Parameters, Spec, Table, output, rules, table};
use crate::reply::{Malformed, Reply};
use crate::text::text;

/// One operation of the connector: parameters become a request, a reply becomes an output. Both ways are pure; the
/// [`Connector`](crate::connector::Connector) does what lies between.
pub trait Action {
    /// What a palette shows of the action.
    const ABOUT: About;

    /// The type of connection it needs.
    type Connection: Connection;
    /// Its parameter table.
    type Parameters: Table;
    /// What it returns.
    type Output: Table;

    /// Names that people look for in the table and that it does not have, with what to do instead.
    const ELSEWHERE: &'static [Elsewhere] = &[];

    /// WeCom's code for there being nothing to list: an empty list, and no error.
    const NOTHING_FOUND: Option<i32> = None;

    /// The parameter that makes an action idempotent that is not: for as many seconds as it says, the same call does
    /// nothing more.
    const IDEMPOTENT_WITH: Option<&'static str> = None;

    /// Rules that no single parameter can be held against. The connection is absent where it is faulty itself.
    fn check(_parameters: &mut Parameters, _connection: Option<&<Self::Connection as Connection>::Checked>) {}

    /// What JSON Schema can say of [`check`](Self::check): see [`conditions`](crate::parameter::conditions).
    fn conditions() -> Map<String, Value> {
        Map::new()
    }

    /// The request for parameters that break no rule.
    fn request(parameters: Parameters, _connection: &<Self::Connection as Connection>::Checked) -> Request {
        Request::of(Self::ABOUT.method, Self::ABOUT.api, parameters)
    }

    /// The output for a reply that reports success.
    fn output(reply: Reply, edits: Edits) -> Result<Self::Output, Malformed>;
}

/// What an action asks WeCom for; credentials come later.
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// The API below `/cgi-bin/`.
    pub api: Cow<'static, str>,
    /// Names and values behind the credential, not yet encoded.
    pub query: Vec<(String, String)>,
    /// The body of a POST.
    pub body: Body,
    /// What this call does, where that is not the same for every call of the action.
    pub effect: Option<Effect>,
    /// Which secret this call asks for, where that is not the same for every call of the action.
    pub secrets: Option<Secrets>,
    /// For so many seconds, WeCom does not carry out the same request twice: it was asked to look.
    pub duplicate_check: Option<u32>,
}

/// The body of a [`Request`].
pub enum Body {
    /// There is none.
    Nothing,
    /// A JSON document.
    Json(Value),
    /// A file.
    File {
        /// Its name, with neither quotes nor line breaks.
        name: String,
        /// Its content.
        content: file::Content<'static>,
    },
}

impl Request {
    /// The request that has these parameters: a POST as a JSON object, a GET in its query.
    pub fn of(method: Method, api: &'static str, parameters: Parameters) -> Self {
        let fields = parameters.into_wire();
        match method {
            Method::Post => Self::post(api, fields),
            Method::Get => Self {
                query: fields.into_iter().map(|(name, value)| (name, plain(&value).into_owned())).collect(),
                ..Self::new(method, api, Body::Nothing)
            },
        }
    }

    /// A POST of a JSON object.
    pub fn post(api: &'static str, body: Map<String, Value>) -> Self {
        Self::new(Method::Post, api, Body::Json(Value::Object(body)))
    }

    /// The request without a query.
    pub fn new(method: Method, api: impl Into<Cow<'static, str>>, body: Body) -> Self {
        Self { method, api: api.into(), query: Vec::new(), body, effect: None, secrets: None, duplicate_check: None }
    }
}

/// A text as it is, or a whole number in digits: all that a query or a joined list can hold.
pub(crate) fn plain(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => text.into(),
        value => value.as_u64().unwrap_or_default().to_string().into(),
    }
}

/// Where a list goes on.
pub(crate) const CURSOR: Spec = Spec {
    title: text("Pagination Cursor", "分页游标"),
    description: text(
        "Where to go on: the next cursor that the last call returned. Leave it out for the first page.",
        "从何处继续：填上次返回的下一页游标；获取第一页时不填。",
    ),
    rules: &[rules::ID],
    names: Names::Cursor,
    ..Spec::NEW
};

/// Where the next page begins.
pub(crate) const NEXT_CURSOR: Spec = Spec {
    title: text("Next Cursor", "下一页游标"),
    description: text(
        "The cursor of the next page; absent on the last one. It alone says whether there is more.",
        "下一页的游标，最后一页没有此项。是否还有数据只看此项。",
    ),
    names: Names::Cursor,
    ..Spec::NEW
};

/// Names of the parameters that were cut.
pub(crate) const TRUNCATED: Spec = Spec {
    title: text("Truncated Parameters", "被截断的参数"),
    description: text("Names of the parameters that were cut to their limit.", "因超出长度限制而被截断的参数的名称。"),
    ..Spec::NEW
};

/// Names of the parameters that were cleaned.
pub(crate) const CLEANED: Spec = Spec {
    title: text("Cleaned Parameters", "清理过的参数"),
    description: text(
        "Names of the parameters that control characters or colour codes were taken out of.",
        "去掉了控制字符或颜色代码的参数的名称。",
    ),
    ..Spec::NEW
};

table! {
    /// The parameters of an action that takes none: `{}`. Its function has the connection alone, since WIT has no empty
    /// records.
    pub struct NoParameters {
    }
}

output! {
    /// The output of an action that returns nothing: `{}`.
    pub struct Nothing {
    }
}

/// For messages without a text.
impl From<Edits> for Nothing {
    fn from(_: Edits) -> Self {
        Self {}
    }
}

output! {
    /// The output of an action that returns nothing but what it did to texts.
    pub struct Edited {
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl From<Edits> for Edited {
    fn from(edits: Edits) -> Self {
        Self { cleaned: edits.cleaned }
    }
}
