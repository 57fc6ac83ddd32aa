//! The bindings of the component. Written by `cargo xtask generate`.

use super::Component;

wit_bindgen::generate!({
    path: "wit",
    world: "wecom-connector-stepwise",
    // The records of the contract are our own: nothing is converted.
    with: {
        "wecom:connector/types@0.2.0/error": crate::error::Error,
        "wecom:connector/types@0.2.0/invalid-parameter": crate::error::InvalidParameter,
        "wecom:connector/types@0.2.0/argument": crate::error::Argument,
        "wecom:connector/types@0.2.0/failure": crate::error::Failure,
        "wecom:connector/types@0.2.0/category": crate::error::Category,
        "wecom:connector/types@0.2.0/credential": crate::error::Credential,
        "wecom:connector/types@0.2.0/localized": crate::text::Localized,
        "wecom:connector/types@0.2.0/connection-report": crate::connector::ConnectionReport,
        "wecom:connector/types@0.2.0/connection-check": crate::connector::ConnectionCheck,
        "wecom:connector/callback@0.2.0/callback-error": crate::callback::CallbackError,
        "wecom:connector/callback@0.2.0/refusal": crate::callback::Refusal,
        "wecom:connector/callback@0.2.0/check": crate::callback::Check,
        "wecom:connector/callback@0.2.0/event": crate::callback::Event,
        "wecom:connector/callback@0.2.0/format": crate::callback::Format,
        "wecom:connector/callback@0.2.0/encrypted-reply": crate::callback::EncryptedReply,
    },
});

export!(Component);
