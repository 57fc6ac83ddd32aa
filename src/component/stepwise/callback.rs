//! The interface `callback`, of which nothing goes over HTTP.

use super::Component;
use super::bindings::exports::wecom::connector::callback::Guest;
use crate::callback::{self, CallbackError, EncryptedReply, Event};

impl Guest for Component {
    fn verify_url(connection: String, query: String, now: Option<u64>) -> Result<String, CallbackError> {
        callback::verify_url(&callback::connection(&connection)?, &query, now)
    }

    fn decrypt_message(
        connection: String,
        query: String,
        body: Vec<u8>,
        now: Option<u64>,
    ) -> Result<Event, CallbackError> {
        callback::decrypt_message(&callback::connection(&connection)?, &query, &body, now)
    }

    fn encrypt_reply(
        connection: String,
        event: Event,
        reply: String,
        now: u64,
        random: Vec<u8>,
    ) -> Result<EncryptedReply, CallbackError> {
        callback::encrypt_reply(&callback::connection(&connection)?, &event, &reply, now, &random)
    }
}
