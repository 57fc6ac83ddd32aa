//! XML as callbacks have it: elements that hold a text or elements, and lists as elements that are there again.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// A document of these fields. An element of a list is there once for each entry.
pub(super) fn write<'a>(fields: impl IntoIterator<Item = (&'a str, &'a Value)>) -> String {
    let mut xml = "<xml>".to_owned();
    fields.into_iter().for_each(|(name, value)| element(&mut xml, name, value));
    xml.push_str("</xml>");
    xml
}

fn element(xml: &mut String, name: &str, value: &Value) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| element(xml, name, entry)),
        Value::Object(fields) => {
            xml.push_str(&format!("<{name}>"));
            fields.iter().for_each(|(name, value)| element(xml, name, value));
            xml.push_str(&format!("</{name}>"));
        }
        Value::String(text) => {
            // What ends the section is parted between two.
            let text = text.replace("]]>", "]]]]><![CDATA[>");
            xml.push_str(&format!("<{name}><![CDATA[{text}]]></{name}>"));
        }
        value => xml.push_str(&format!("<{name}>{value}</{name}>")),
    }
}

/// The fields of a document. What is no element, a text or a blank between elements is refused.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, &'static str> {
    const WRONG: &str = "it is not XML";
    let mut reader = Reader::from_str(text);
    let mut open: Vec<(String, String, Map<String, Value>)> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| WRONG)? {
            Event::Start(tag) if tag.attributes().next().is_none() => {
                let name = tag.name();
                open.push((name.as_ref().to_owned(), String::new(), Map::new()));
            }
            Event::Text(text) => match open.last_mut() {
                Some((_, content, _)) => content.push_str(&text),
                None if text.trim().is_empty() => {}
                None => return Err(WRONG),
            },
            Event::CData(text) => open.last_mut().ok_or(WRONG)?.1.push_str(&text),
            Event::End(_) => {
                let (name, content, fields) = open.pop().ok_or(WRONG)?;
                let has_words = !content.trim().is_empty();
                let value = match fields.is_empty() {
                    true => Value::from(content),
                    false if has_words => return Err("a text stands between elements"),
                    false => Value::from(fields),
                };
                let Some((_, _, parent)) = open.last_mut() else {
                    let Value::Object(fields) = value else { return Err("it has no elements") };
                    let is_over = matches!(reader.read_event(), Ok(Event::Eof));
                    let is_root = name == "xml";
                    return if is_over && is_root { Ok(fields) } else { Err("it is not one element, xml") };
                };
                match parent.get_mut(&name) {
                    None => drop(parent.insert(name, value)),
                    Some(Value::Array(entries)) => entries.push(value),
                    Some(first) => *first = vec![first.take(), value].into(),
                }
            }
            // Documents of WeCom have no entities, comments or attributes, and no end that comes too early.
            _ => return Err(WRONG),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let fields = json!({"A": "x]]>y & <z>", "B": {"C": ["1", "2"]}});
        let Value::Object(fields) = fields else { unreachable!() };
        let xml = write(fields.iter().map(|(name, value)| (name.as_str(), value)));
        assert_eq!(read(&xml), Ok(fields));
        let number = json!(7);
        assert_eq!(write([("N", &number)]), "<xml><N>7</N></xml>");
    }

    #[test]
    fn what_wecom_would_not_read_is_refused() {
        for text in [
            "",
            "text",
            "{}",
            "<xml>",
            "<xml></xml>",
            "<a><b>1</b></a>",
            "<xml><a>1</a></xml><xml/>",
            "<xml><a>1</b></xml>",
            "<xml>text<a>1</a></xml>",
            "<xml a='1'><a>1</a></xml>",
            "<!DOCTYPE xml [<!ENTITY e 'x'>]><xml><a>&e;</a></xml>",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
