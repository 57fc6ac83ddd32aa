//! XML and JSON, as WeCom writes them, in one form: a JSON value with names in snake_case and lists as lists.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};
use serde_json::{Map, Value};

use crate::json;

/// How deep elements may stand in each other. WeCom's stand in four.
const MAX_DEPTH: usize = 16;
/// How many tags and texts a document may have. WeCom's longest list has a few hundred.
const MAX_PIECES: usize = 20_000;
/// How many values JSON may have.
const MAX_VALUES: usize = 20_000;

/// Elements that hold nothing but the entries of a list. Where there is one entry, XML does not show that it is a list.
const LISTS: &[&str] = &[
    "approval_nodes",
    "articles",
    "ext_attr",
    "items",
    "mem_change_list",
    "notify_nodes",
    "option_ids",
    "pic_list",
    "selected_items",
];

/// Elements that are the entries of a list themselves, which stands nowhere else: those of an approval.
const ENTRIES: &[&str] = &["comments", "details", "notifyer", "sp_record"];

/// Texts that are a list, with commas.
const COMMA_LISTS: &[&str] = &[
    "add_party_items",
    "add_user_items",
    "del_party_items",
    "del_user_items",
    "department",
    "direct_leader",
    "is_leader_in_dept",
];

/// Words that smart bots write without a gap.
const JOINED: &[(&str, &str)] = &[
    ("aibotid", "aibot_id"),
    ("cardtype", "card_type"),
    ("chatid", "chat_id"),
    ("chattype", "chat_type"),
    ("corpid", "corp_id"),
    ("eventkey", "event_key"),
    ("eventtype", "event_type"),
    ("msgid", "msg_id"),
    ("msgtype", "msg_type"),
    ("optionids", "option_ids"),
    ("questionkey", "question_key"),
    ("taskid", "task_id"),
    ("tousername", "to_user_name"),
    ("agentid", "agent_id"),
    ("userid", "user_id"),
];

/// Whether a document is XML, as far as its first character tells.
pub(super) fn is_xml(text: &str) -> bool {
    begun(text).starts_with('<')
}

/// The document without what may stand before it.
fn begun(text: &str) -> &str {
    text.trim_start_matches('\u{feff}').trim()
}

/// The fields of a document; `None` where it is none, or has a DOCTYPE.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    let text = begun(text);
    let value =
        if is_xml(text) { xml(text)? } else { uniform("", json::parse_reply(text.as_bytes(), MAX_VALUES).ok()?, 0)? };
    match value {
        Value::Object(fields) => Some(fields),
        _ => None,
    }
}

/// An element that is being read.
#[derive(Default)]
struct Element {
    name: String,
    /// What stands in it, in order.
    children: Vec<(String, Value)>,
    text: String,
}

impl Element {
    fn begun(tag: &BytesStart<'_>) -> Self {
        Self { name: tag.local_name().as_ref().to_owned(), ..Self::default() }
    }

    fn value(self) -> (String, Value) {
        let Self { name, children, text } = self;
        let is_text = !text.trim().is_empty();
        let is_list = LISTS.contains(&&*snake_case(&name)) && !is_text;
        let value = if is_list && children.iter().all(|(child, _)| *child == children[0].0) {
            children.into_iter().map(|(_, entry)| entry).collect()
        } else if children.is_empty() {
            leaf(&snake_case(&name), text)
        } else {
            let text = is_text.then(|| ("text".to_owned(), text.trim().into()));
            Value::Object(fields(children.into_iter().chain(text)))
        };
        (name, value)
    }
}

/// The fields of an object, in snake_case. A list that comes in several pieces is one; any other field that is there again
/// makes a list. A field that is spelled in another way than one before it is that one where it says the same, and stays as it
/// is spelled where it does not.
fn fields(children: impl IntoIterator<Item = (String, Value)>) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut spelled: Map<String, Value> = Map::new();
    for (spelling, value) in children {
        let mut name = snake_case(&spelling);
        if spelled.get(&name).is_some_and(|before| *before != *spelling) {
            if fields.get(&name) == Some(&value) {
                continue;
            }
            name.clone_from(&spelling);
        }
        spelled.insert(name.clone(), spelling.into());
        match (fields.get_mut(&name), value) {
            (None, value @ Value::Object(_)) if ENTRIES.contains(&&*name) => {
                fields.insert(name, Value::Array(vec![value]));
            }
            (None, value) => _ = fields.insert(name, value),
            (Some(Value::Array(entries)), Value::Array(more)) => entries.extend(more),
            (Some(Value::Array(entries)), value) => entries.push(value),
            (Some(first), value) => *first = vec![first.take(), value].into(),
        }
    }
    fields
}

fn xml(text: &str) -> Option<Value> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let mut pieces = 0;
    loop {
        let done = match reader.read_event().ok()? {
            Event::Start(tag) => {
                open.push(Element::begun(&tag));
                None
            }
            Event::Empty(tag) => Some(Element::begun(&tag)),
            Event::End(_) => Some(open.pop()?),
            Event::Text(text) => {
                match open.last_mut() {
                    Some(element) => element.text.push_str(&text.xml10_content()),
                    None if text.trim().is_empty() => {}
                    None => return None,
                }
                None
            }
            Event::CData(text) => {
                open.last_mut()?.text.push_str(&text.xml10_content());
                None
            }
            Event::GeneralRef(name) => {
                let text = &mut open.last_mut()?.text;
                match name.resolve_char_ref().ok()? {
                    Some(char) => text.push(char),
                    None => text.push_str(resolve_xml_entity(&name)?),
                }
                None
            }
            // Entities of a document's own are how files are read and memory is filled.
            Event::DocType(_) => return None,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => None,
            Event::Eof => break,
        };
        pieces += 1;
        if pieces > MAX_PIECES || open.len() > MAX_DEPTH {
            return None;
        }
        let Some(element) = done else { continue };
        match open.last_mut() {
            Some(parent) => parent.children.push(element.value()),
            None if root.is_some() => return None,
            None => root = Some(Value::Object(fields(element.children))),
        }
    }
    root.filter(|_| open.is_empty())
}

fn leaf(name: &str, text: String) -> Value {
    if COMMA_LISTS.contains(&name) {
        return text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).map(Value::from).collect();
    }
    text.into()
}

/// The same of JSON: names, and lists that stand in an object of their own.
fn uniform(name: &str, value: Value, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    Some(match value {
        Value::Object(fields) if LISTS.contains(&name) && fields.len() <= 1 => match fields.into_values().next() {
            Some(Value::Array(entries)) => uniform("", Value::Array(entries), depth + 1)?,
            Some(entry) => Value::Array(vec![uniform("", entry, depth + 1)?]),
            None => Value::Array(Vec::new()),
        },
        Value::Object(object) => {
            let field = |(spelling, value): (String, Value)| {
                let value = uniform(&snake_case(&spelling), value, depth + 1)?;
                Some((spelling, value))
            };
            Value::Object(fields(object.into_iter().map(field).collect::<Option<Vec<_>>>()?))
        }
        Value::Array(entries) => {
            Value::Array(entries.into_iter().map(|entry| uniform("", entry, depth + 1)).collect::<Option<_>>()?)
        }
        Value::String(text) => leaf(name, text),
        // An ID of more digits than a double holds would lose some where JSON is read into doubles.
        Value::Number(number) if number.is_u64() && number.as_f64().is_some_and(|number| number > json::MAX_EXACT) => {
            number.to_string().into()
        }
        value => value,
    })
}

/// `FromUserName` is `from_user_name`, `UserID` is `user_id`, `Location_X` is `location_x`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    let mut before = '_';
    let mut rest = name.chars();
    while let Some(c) = rest.next() {
        // A word begins behind a small letter or a digit, and at the last of several capitals before a small one.
        let begins = before.is_ascii_lowercase()
            || before.is_ascii_digit()
            || before.is_ascii_uppercase() && rest.clone().next().is_some_and(|after| after.is_ascii_lowercase());
        if c.is_ascii_uppercase() && begins {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
        before = c;
    }
    JOINED.iter().find(|(joined, _)| *joined == snake).map_or(snake, |(_, apart)| (*apart).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_in_snake_case() {
        for (name, snake) in [
            ("ToUserName", "to_user_name"),
            ("UserID", "user_id"),
            ("NewUserID", "new_user_id"),
            ("ExternalUserID", "external_user_id"),
            ("AgentID", "agent_id"),
            ("AgentId", "agent_id"),
            ("PicMd5Sum", "pic_md5_sum"),
            ("Location_X", "location_x"),
            ("IsLeaderInDept", "is_leader_in_dept"),
            ("approverstep", "approverstep"),
            ("URLPath", "url_path"),
            ("msgtype", "msg_type"),
            ("chattype", "chat_type"),
            ("response_url", "response_url"),
            ("名Name", "名name"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }

    #[test]
    fn a_list_is_one_however_many_entries_it_has() {
        let selected = |entries: &str| {
            let xml = format!("<xml><SelectedItems>{entries}</SelectedItems></xml>");
            Value::from(read(&xml).unwrap())
        };
        let lunch = "<SelectedItem><QuestionKey>lunch</QuestionKey><OptionIds><OptionId>rice</OptionId></OptionIds></SelectedItem>";
        let one = json!({"question_key": "lunch", "option_ids": ["rice"]});
        assert_eq!(selected(""), json!({"selected_items": []}));
        assert_eq!(selected(lunch), json!({"selected_items": [one]}));
        assert_eq!(selected(&lunch.repeat(2)), json!({"selected_items": [one, one]}));
        let bot = r#"{"selected_items": {"selected_item": [{"question_key": "lunch", "option_ids": {"option_id": ["rice"]}}]}}"#;
        assert_eq!(Value::from(read(bot).unwrap()), json!({"selected_items": [one]}));
        let pictures = "<xml><SendPicsInfo><Count>2</Count><PicList><item><PicMd5Sum>a</PicMd5Sum></item></PicList>\
            <PicList><item><PicMd5Sum>b</PicMd5Sum></item></PicList></SendPicsInfo></xml>";
        let list = json!([{"pic_md5_sum": "a"}, {"pic_md5_sum": "b"}]);
        assert_eq!(Value::from(read(pictures).unwrap()), json!({"send_pics_info": {"count": "2", "pic_list": list}}));
    }

    #[test]
    fn nothing_of_what_is_unknown_is_lost() {
        for (document, expected) in [
            ("<xml><Items><Total>3</Total><Page>1</Page></Items></xml>", json!({"items": {"total": "3", "page": "1"}})),
            ("<xml><Articles>plain</Articles></xml>", json!({"articles": "plain"})),
            ("<xml><A> hello <B>1</B></A></xml>", json!({"a": {"b": "1", "text": "hello"}})),
            ("<xml><AgentID>1</AgentID><AgentId>1</AgentId></xml>", json!({"agent_id": "1"})),
            ("<xml><UserID>a</UserID><UserId>b</UserId></xml>", json!({"user_id": "a", "UserId": "b"})),
            (r#"{"MsgType": "a", "msgtype": "b", "msg_type": "a"}"#, json!({"msg_type": "a", "msgtype": "b"})),
        ] {
            assert_eq!(Value::from(read(document).unwrap()), expected, "{document}");
        }
    }

    /// WeCom's own approvals have no element around their lists.
    #[test]
    fn an_approval_has_lists_of_one() {
        let approval = "<xml><ApprovalInfo><SpRecord><SpStatus>1</SpStatus><Details><Speech/></Details></SpRecord>\
            <Notifyer><UserId>a</UserId></Notifyer><Notifyer><UserId>b</UserId></Notifyer></ApprovalInfo></xml>";
        let expected = json!({"approval_info": {
            "sp_record": [{"sp_status": "1", "details": [{"speech": ""}]}],
            "notifyer": [{"user_id": "a"}, {"user_id": "b"}],
        }});
        assert_eq!(Value::from(read(approval).unwrap()), expected);
    }

    #[test]
    fn texts_with_commas_are_lists_where_wecom_means_one() {
        let xml = "<xml><Department>1,2, 3</Department><IsLeaderInDept/><Name>a,b</Name></xml>";
        let fields = json!({"department": ["1", "2", "3"], "is_leader_in_dept": [], "name": "a,b"});
        assert_eq!(Value::from(read(xml).unwrap()), fields);
    }

    #[test]
    fn what_is_no_document_is_none() {
        let deep = format!("<xml>{}</xml>", "<a>".repeat(100) + &"</a>".repeat(100));
        let deep_json = "[".repeat(100) + &"]".repeat(100);
        let wide = format!("<xml>{}</xml>", "<a/>".repeat(30_000));
        let entity = r#"<!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Content>&e;</Content></xml>"#;
        for text in ["", " ", "<xml>", "<xml></xml><xml></xml>", "{", "[]", "null", "text", &deep, &wide, entity] {
            assert!(read(text).is_none(), "{text:.60}");
        }
        assert!(read(&format!(r#"{{"a": {deep_json}}}"#)).is_none());
        assert!(read("<xml><a>&lt;</a></xml>").is_some());
    }
}
