//! The schemas of actions and connections.

use serde_json::{Value, json};

use crate::action::Action;
use crate::callback::Reply;
use crate::connection::{Chatbot, Connection};
use crate::parameter::schema::{property, root};
use crate::parameter::ui::Ui;
use crate::parameter::{Described as _, Field, Kind, Spec};
use crate::text::{Text, text};

/// What every connection may have beside its fields, for people.
pub(super) const NAME: Spec = Spec {
    title: text("Name", "名称"),
    description: text(
        "Name of the connection, for people. The connector ignores it.",
        "给连接起个名字，方便在列表中区分。",
    ),
    ..Spec::NEW
};
/// What tells the types of connection apart.
pub(super) const TYPE: Spec = Spec {
    title: text("Type", "类型"),
    description: text("Which type of connection this is.", "连接的类型。"),
    ..Spec::NEW
};
/// See [`NAME`].
pub(super) const DESCRIPTION: Spec = Spec {
    title: text("Description", "描述"),
    description: text(
        "What the connection is for, for people. The connector ignores it.",
        "记下连接的用途，供自己查看。",
    ),
    ui: Ui::NONE.advanced(),
    ..Spec::NEW
};

/// The schema of an action's parameters.
pub(super) fn input<A: Action>() -> Value {
    let mut schema = root(A::ABOUT.title.into(), &A::ABOUT.whole_description(), A::Parameters::RECORD);
    schema.extend(A::conditions());
    let mut schema = schema.into();
    if A::Connection::TYPE == Chatbot::TYPE {
        offer_nothing(&mut schema);
    }
    schema
}

/// Takes out where values are offered: a chatbot's connection cannot ask WeCom for them.
fn offer_nothing(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            fields.remove("optionsFrom");
            fields.values_mut().for_each(offer_nothing);
        }
        Value::Array(items) => items.iter_mut().for_each(offer_nothing),
        _ => {}
    }
}

/// The schema of an action's output.
pub(super) fn output<A: Action>() -> Value {
    root(A::ABOUT.title.into(), &A::ABOUT.whole_description(), A::Output::RECORD).into()
}

/// What [`Reply`] is called.
pub(super) const REPLY_TITLE: Text = text("Reply", "回复");
/// See [`REPLY_TITLE`].
pub(super) const REPLY_DESCRIPTION: Text =
    text(Reply::RECORD.docs.trim_ascii(), "对消息或事件的回复，各类回复的必填项见字段说明。");

/// The schema of the reply to a message or an event.
pub(super) fn reply() -> Value {
    let mut schema = root(REPLY_TITLE.into(), &REPLY_DESCRIPTION.into(), Reply::RECORD);
    schema.extend(Reply::conditions());
    schema.into()
}

/// The schema of a connection's JSON form.
pub(super) fn connection<C: Connection>() -> Value {
    let mut schema = root(C::TITLE.into(), &C::DESCRIPTION.into(), C::RECORD);
    schema.insert("x-ui".to_owned(), json!({"hint": C::HINT.en}));
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        let own = std::mem::take(properties);
        let label = |spec: &Spec| {
            property(&Field { name: "", wire: "", kind: Kind::Text, required: false, rules: &[] }, spec, None)
        };
        let mut kind = label(&TYPE);
        kind.insert("const".to_owned(), C::TYPE.into());
        kind.insert("default".to_owned(), C::TYPE.into());
        properties.insert("name".to_owned(), label(&NAME).into());
        properties.insert("type".to_owned(), kind.into());
        properties.extend(own);
        properties.insert("description".to_owned(), label(&DESCRIPTION).into());
    }
    if let Some(Value::Array(required)) = schema.get_mut("required") {
        required.insert(0, "type".into());
    }
    schema.extend(C::conditions());
    schema.into()
}
