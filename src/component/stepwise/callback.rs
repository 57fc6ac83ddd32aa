//! The interface `callback`, of which nothing goes over HTTP.

use super::Component;
use super::bindings::exports::wecom::connector::callback as exported;
use crate::callback::{self, CallbackError, Check, EncryptedReply, Event, Format, Refusal};

impl exported::Guest for Component {
    fn verify_url(connection: String, query: String, now: Option<u64>) -> Result<String, exported::CallbackError> {
        Ok(callback::verify_url(&callback::connection(&connection)?, &query, now)?)
    }

    fn decrypt_message(
        connection: String,
        query: String,
        body: Vec<u8>,
        now: Option<u64>,
    ) -> Result<exported::Event, exported::CallbackError> {
        let event = callback::decrypt_message(&callback::connection(&connection)?, &query, &body, now)?;
        Ok(event.into())
    }

    fn encrypt_reply(
        connection: String,
        event: exported::Event,
        reply: String,
        now: u64,
        random: Vec<u8>,
    ) -> Result<exported::EncryptedReply, exported::CallbackError> {
        let connection = callback::connection(&connection)?;
        let EncryptedReply { content_type, body } =
            callback::encrypt_reply(&connection, &event.into(), &reply, now, &random)?;
        Ok(exported::EncryptedReply { content_type, body })
    }
}

impl From<CallbackError> for exported::CallbackError {
    fn from(error: CallbackError) -> Self {
        match error {
            CallbackError::InvalidParameters(parameters) => Self::InvalidParameters(parameters),
            CallbackError::Refused(Refusal { check, status, message }) => {
                Self::Refused(exported::Refusal { check: check.into(), status, message })
            }
        }
    }
}

/// Two types of which each has the fields or cases of the other.
macro_rules! convert {
    ($from:path => $to:path { $($case:ident),* }) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                use $from as From;
                match value {
                    $(From::$case => Self::$case,)*
                }
            }
        }
    };
    ($from:path => $to:path { $($field:ident),* }, $($converted:ident),+) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                Self { $($field: value.$field,)* $($converted: value.$converted.into(),)+ }
            }
        }
    };
}

convert!(Check => exported::Check {
    Size, Query, Envelope, Signature, Time, Base64, Blocks, Padding, Length, Utf8, Receiver, Message
});
convert!(Format => exported::Format { Xml, Json });
convert!(exported::Format => Format { Xml, Json });
convert!(Event => exported::Event {
    topic, msg_type, event, change_type, from_user, to, agent_id, created_at, key, json, nonce
}, format);
convert!(exported::Event => Event {
    topic, msg_type, event, change_type, from_user, to, agent_id, created_at, key, json, nonce
}, format);
