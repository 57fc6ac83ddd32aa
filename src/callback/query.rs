//! The query of a callback's URL.

use percent_encoding::percent_decode_str;

/// What a query says.
pub(super) struct Query {
    pub(super) signature: String,
    pub(super) timestamp: String,
    pub(super) nonce: String,
    /// Only where WeCom verifies the URL.
    pub(super) echo: Option<String>,
}

impl Query {
    /// Reads it as it came: with or without `?`, or with the URL before it. `None` where something is missing, or stands
    /// there twice.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.split_once('?').map_or(text, |(_, query)| query);
        let text = text.split_once('#').map_or(text, |(query, _)| query);
        let value = |name: &str| {
            let mut values = text.split('&').filter_map(|pair| pair.split_once('=')).filter(|(key, _)| *key == name);
            match (values.next(), values.next()) {
                (Some((_, value)), None) => {
                    // Base64 has a plus, which servers that decode forms make a blank.
                    let value = percent_decode_str(value).decode_utf8().ok()?.replace(' ', "+");
                    (!value.is_empty()).then_some(value)
                }
                _ => None,
            }
        };
        let echo = match text.split('&').any(|pair| pair.starts_with("echostr=")) {
            true => Some(value("echostr")?),
            false => None,
        };
        Some(Self { signature: value("msg_signature")?, timestamp: value("timestamp")?, nonce: value("nonce")?, echo })
    }
}
