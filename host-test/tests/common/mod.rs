//! What the tests of contract, schemas and rules share: the tables as the customer wrote them, and a host to call.

#![allow(dead_code, reason = "every test file takes what it needs")]

use std::sync::OnceLock;

use host_test::artifact;
use host_test::host::bindings::exports::wecom::connector::types::{Argument, Error};
use host_test::host::{Host, Limits};
use host_test::simulator::{Options, Simulator, seed};
use serde_json::{Map, Value};
use tokio::runtime::Runtime;

/// An action as `parameter-tables.md` has it.
pub struct Table {
    /// The WIT function, and the `action` of `invoke`.
    pub id: &'static str,
    /// The WIT interface.
    pub interface: &'static str,
    /// `application` or `chatbot`.
    pub connection: &'static str,
    /// The heading of the table.
    pub title: &'static str,
    /// The page of the vendor's that describes the API: the number in `wecom-api.md`.
    pub page: u32,
    /// Name, title word for word, and WIT type, in the table's order. What is no `option` is required.
    pub parameters: &'static [(&'static str, &'static str, &'static str)],
    /// The ok side of the WIT function; `_` where there is nothing to return.
    pub output: &'static str,
}

const TO_USER: (&str, &str, &str) = ("to_user", "Receiver ID", "option<list<string>>");
const TO_PARTY: (&str, &str, &str) = ("to_party", "Recipient Dept ID", "option<list<u32>>");
const AGENT_ID: (&str, &str, &str) = ("agent_id", "Enterprise App ID", "option<u64>");
const CHAT_ID: (&str, &str, &str) = ("chat_id", "Group Chat ID", "string");
const SAFE: (&str, &str, &str) = ("safe", "Confidentiality", "option<u8>");

/// The 29 tables.
pub const TABLES: [Table; 29] = [
    Table {
        id: "list-department-ids",
        interface: "department",
        connection: "application",
        title: "Obtaining department IDs",
        page: 95350,
        parameters: &[("id", "Department ID", "option<u32>")],
        output: "list-department-ids-output",
    },
    Table {
        id: "create-department",
        interface: "department",
        connection: "application",
        title: "Creating a department",
        page: 90205,
        parameters: &[
            ("name", "Dept Name", "string"),
            ("name_en", "English Name", "option<string>"),
            ("parent_id", "Parent Dept ID", "u32"),
            ("order", "Order", "option<u32>"),
            ("id", "Dept ID", "option<u32>"),
        ],
        output: "create-department-output",
    },
    Table {
        id: "update-department",
        interface: "department",
        connection: "application",
        title: "Updating a department",
        page: 90206,
        parameters: &[
            ("id", "Dept ID", "u32"),
            ("name", "Dept Name", "option<string>"),
            ("name_en", "English Name", "option<string>"),
            ("parent_id", "Parent Dept ID", "option<u32>"),
            ("order", "Order", "option<u32>"),
        ],
        output: "edited",
    },
    Table {
        id: "delete-department",
        interface: "department",
        connection: "application",
        title: "Deleting a department",
        page: 90207,
        parameters: &[("id", "Dept ID", "u32")],
        output: "_",
    },
    Table {
        id: "list-member-ids",
        interface: "member",
        connection: "application",
        title: "Obtaining member IDs",
        page: 96067,
        parameters: &[("cursor", "Pagination Cursor", "option<string>"), ("limit", "Total Data", "option<u32>")],
        output: "list-member-ids-output",
    },
    Table {
        id: "create-member",
        interface: "member",
        connection: "application",
        title: "Creating a member",
        page: 90195,
        parameters: &[
            ("user_id", "Member ID", "string"),
            ("name", "Member Name", "string"),
            ("alias", "Alias", "option<string>"),
            ("gender", "Gender", "option<u8>"),
            ("enable", "Enable Member", "option<u8>"),
            ("main_department", "Major Dept ID", "option<u32>"),
            ("position", "Title", "option<string>"),
            ("department", "Dept IDs", "option<list<u32>>"),
            ("order", "Sorting Members in Dept", "option<list<u32>>"),
            ("is_leader_in_dept", "Department Leaders?", "option<list<u32>>"),
            ("direct_leader", "Immediate Superior IDs", "option<list<string>>"),
            ("telephone", "Fixed-line Phone", "option<string>"),
            ("mobile", "Mobile Number", "option<string>"),
            ("email", "Email Address", "option<string>"),
            ("biz_mail", "Enterprise Mailbox", "option<string>"),
            ("address", "Address", "option<string>"),
        ],
        output: "create-member-output",
    },
    Table {
        id: "update-member",
        interface: "member",
        connection: "application",
        title: "Updating a member",
        page: 90197,
        parameters: &[
            ("user_id", "Member ID", "string"),
            ("name", "Member Name", "option<string>"),
            ("alias", "Alias", "option<string>"),
            ("gender", "Gender", "option<u8>"),
            ("enable", "Enable Member", "option<u8>"),
            ("main_department", "Major Dept ID", "option<u32>"),
            ("position", "Job Title", "option<string>"),
            ("department", "Dept IDs", "option<list<u32>>"),
            ("order", "Sorting Members in Dept", "option<list<u32>>"),
            ("is_leader_in_dept", "Department Leaders?", "option<list<u32>>"),
            ("direct_leader", "Immediate Superior IDs", "option<list<string>>"),
            ("telephone", "Fixed-line Phone", "option<string>"),
            ("mobile", "Mobile Number", "option<string>"),
            ("email", "Email Address", "option<string>"),
            ("biz_mail", "Enterprise Mailbox", "option<string>"),
            ("address", "Address", "option<string>"),
        ],
        output: "edited",
    },
    Table {
        id: "delete-member",
        interface: "member",
        connection: "application",
        title: "Deleting a member",
        page: 90198,
        parameters: &[("user_id", "Member ID", "string")],
        output: "_",
    },
    Table {
        id: "get-group-chat",
        interface: "group-chat",
        connection: "application",
        title: "Obtaining a group chat",
        page: 98914,
        parameters: &[CHAT_ID],
        output: "get-group-chat-output",
    },
    Table {
        id: "create-group-chat",
        interface: "group-chat",
        connection: "application",
        title: "Creating a group chat",
        page: 90245,
        parameters: &[
            ("name", "Group Chat Name", "option<string>"),
            ("owner", "Group Owner ID", "option<string>"),
            ("user_list", "Group Member IDs", "list<string>"),
            ("chat_id", "Group Chat ID", "option<string>"),
        ],
        output: "create-group-chat-output",
    },
    Table {
        id: "update-group-chat",
        interface: "group-chat",
        connection: "application",
        title: "Modifying a group chat",
        page: 98913,
        parameters: &[
            CHAT_ID,
            ("name", "Group Chat Name", "option<string>"),
            ("owner", "Group Owner ID", "option<string>"),
            ("add_user_list", "Member IDs to Add", "option<list<string>>"),
            ("del_user_list", "Member IDs to Remove", "option<list<string>>"),
        ],
        output: "update-group-chat-output",
    },
    Table {
        id: "push-text-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing a text message",
        page: 90236,
        parameters: &[TO_USER, TO_PARTY, AGENT_ID, ("content", "Content", "string"), SAFE],
        output: "delivery",
    },
    Table {
        id: "push-markdown-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing a markdown message",
        page: 90236,
        parameters: &[TO_USER, TO_PARTY, AGENT_ID, ("content", "Content", "string")],
        output: "delivery",
    },
    Table {
        id: "push-file-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing a file message",
        page: 90236,
        parameters: &[TO_USER, TO_PARTY, AGENT_ID, ("media_id", "File ID", "string"), SAFE],
        output: "delivery",
    },
    Table {
        id: "push-image-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing an image message",
        page: 90236,
        parameters: &[TO_USER, TO_PARTY, AGENT_ID, ("media_id", "Image Media File ID", "string"), SAFE],
        output: "delivery",
    },
    Table {
        id: "push-image-text-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing an image and text message",
        page: 90236,
        parameters: &[
            TO_USER,
            TO_PARTY,
            AGENT_ID,
            ("title", "Subject", "string"),
            ("thumb_media_id", "Message Thumbnail", "string"),
            ("content", "Content", "string"),
            ("author", "Message Author", "option<string>"),
            ("content_source_url", "Source Link", "option<string>"),
            ("digest", "Description", "option<string>"),
            SAFE,
        ],
        output: "delivery",
    },
    Table {
        id: "push-text-card-message",
        interface: "app-message",
        connection: "application",
        title: "Pushing a text card message",
        page: 90236,
        parameters: &[
            TO_USER,
            TO_PARTY,
            AGENT_ID,
            ("title", "Subject", "string"),
            ("description", "Description", "string"),
            ("url", "Redirection Link", "string"),
            ("btn_txt", "Button Text", "option<string>"),
        ],
        output: "delivery",
    },
    Table {
        id: "withdraw-message",
        interface: "app-message",
        connection: "application",
        title: "Withdrawing an application message",
        page: 94867,
        parameters: &[("msg_id", "Message ID", "string")],
        output: "_",
    },
    Table {
        id: "push-text-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing a text message to a group chat",
        page: 90248,
        parameters: &[CHAT_ID, ("content", "Content", "string"), SAFE],
        output: "pushed",
    },
    Table {
        id: "push-markdown-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing a markdown message to a group chat",
        page: 90248,
        parameters: &[CHAT_ID, ("content", "Content", "string")],
        output: "pushed",
    },
    Table {
        id: "push-file-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing a file message to a group chat",
        page: 90248,
        parameters: &[CHAT_ID, ("media_id", "File ID", "string"), SAFE],
        output: "_",
    },
    Table {
        id: "push-image-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing an image message to a group chat",
        page: 90248,
        parameters: &[CHAT_ID, ("media_id", "Image Media File ID", "string"), SAFE],
        output: "_",
    },
    Table {
        id: "push-image-text-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing a text and image message to a group chat",
        page: 90248,
        parameters: &[
            CHAT_ID,
            ("title", "Subject", "string"),
            ("thumb_media_id", "Message Thumbnail", "string"),
            ("content", "Content", "string"),
            ("author", "Message Author", "option<string>"),
            ("content_source_url", "Source Link", "option<string>"),
            ("digest", "Description", "option<string>"),
            SAFE,
        ],
        output: "pushed",
    },
    Table {
        id: "push-text-card-message-to-group-chat",
        interface: "group-chat-message",
        connection: "application",
        title: "Pushing a text card message to a group chat",
        page: 90248,
        parameters: &[
            CHAT_ID,
            ("title", "Subject", "string"),
            ("description", "Description", "string"),
            ("url", "Redirection Link", "string"),
            ("btn_txt", "Button Text", "option<string>"),
        ],
        output: "pushed",
    },
    Table {
        id: "push-text-message-by-chatbot",
        interface: "chatbot-message",
        connection: "chatbot",
        title: "Pushing a text message by chatbot",
        page: 91770,
        parameters: &[
            ("content", "Content", "string"),
            ("mentioned_list", "User IDs to Mention", "option<list<string>>"),
            ("mentioned_mobile_list", "Mobile Numbers to Remind", "option<list<string>>"),
        ],
        output: "pushed",
    },
    Table {
        id: "push-markdown-message-by-chatbot",
        interface: "chatbot-message",
        connection: "chatbot",
        title: "Pushing a markdown message by chatbot",
        page: 91770,
        parameters: &[("content", "Content", "string")],
        output: "pushed",
    },
    Table {
        id: "push-file-message-by-chatbot",
        interface: "chatbot-message",
        connection: "chatbot",
        title: "Pushing a file message by chatbot",
        page: 91770,
        parameters: &[("media_id", "File ID", "string")],
        output: "_",
    },
    Table {
        id: "push-image-message-by-chatbot",
        interface: "chatbot-message",
        connection: "chatbot",
        title: "Pushing an image message by chatbot",
        page: 91770,
        parameters: &[("base64", "Base64-encoded Image Content", "string"), ("md5", "MD5 Value", "option<string>")],
        output: "_",
    },
    Table {
        id: "push-image-text-message-by-chatbot",
        interface: "chatbot-message",
        connection: "chatbot",
        title: "Pushing an image and text message by chatbot",
        page: 91770,
        parameters: &[
            ("title", "Subject", "string"),
            ("description", "Description", "option<string>"),
            ("url", "Redirection URL", "string"),
            ("pic_url", "Image URL", "option<string>"),
        ],
        output: "pushed",
    },
];

/// The parameters that the tables limit in bytes, or in characters beyond which they are cut: action, parameter, unit
/// as `x-ui` names it, limit, and what becomes of the excess.
pub const LIMITS: [(&str, &str, &str, u64, &str); 33] = [
    ("create-member", "telephone", "maxBytes", 32, "refuse"),
    ("create-member", "email", "maxBytes", 64, "refuse"),
    ("create-member", "biz_mail", "maxBytes", 64, "refuse"),
    ("update-member", "user_id", "maxBytes", 64, "refuse"),
    ("update-member", "telephone", "maxBytes", 32, "refuse"),
    ("update-member", "email", "maxBytes", 64, "refuse"),
    ("update-member", "biz_mail", "maxBytes", 64, "refuse"),
    ("create-group-chat", "name", "maxCharacters", 50, "cut"),
    ("update-group-chat", "name", "maxCharacters", 50, "cut"),
    ("push-text-message", "content", "maxBytes", 2048, "cut"),
    ("push-markdown-message", "content", "maxBytes", 2048, "refuse"),
    ("push-image-text-message", "title", "maxBytes", 128, "cut"),
    ("push-image-text-message", "content", "maxBytes", 666 * 1024, "refuse"),
    ("push-image-text-message", "author", "maxBytes", 64, "refuse"),
    ("push-image-text-message", "digest", "maxBytes", 512, "cut"),
    ("push-text-card-message", "title", "maxBytes", 128, "cut"),
    ("push-text-card-message", "description", "maxBytes", 512, "cut"),
    ("push-text-card-message", "url", "maxBytes", 2048, "refuse"),
    ("push-text-card-message", "btn_txt", "maxCharacters", 4, "cut"),
    ("push-text-message-to-group-chat", "content", "maxBytes", 2048, "cut"),
    ("push-markdown-message-to-group-chat", "content", "maxBytes", 2048, "refuse"),
    ("push-image-text-message-to-group-chat", "title", "maxBytes", 128, "cut"),
    ("push-image-text-message-to-group-chat", "content", "maxBytes", 666 * 1024, "refuse"),
    ("push-image-text-message-to-group-chat", "author", "maxBytes", 64, "refuse"),
    ("push-image-text-message-to-group-chat", "digest", "maxBytes", 512, "cut"),
    ("push-text-card-message-to-group-chat", "title", "maxBytes", 128, "cut"),
    ("push-text-card-message-to-group-chat", "description", "maxBytes", 512, "cut"),
    ("push-text-card-message-to-group-chat", "url", "maxBytes", 2048, "refuse"),
    ("push-text-card-message-to-group-chat", "btn_txt", "maxCharacters", 4, "cut"),
    ("push-text-message-by-chatbot", "content", "maxBytes", 2048, "cut"),
    ("push-markdown-message-by-chatbot", "content", "maxBytes", 4096, "refuse"),
    ("push-image-text-message-by-chatbot", "title", "maxBytes", 128, "cut"),
    ("push-image-text-message-by-chatbot", "description", "maxBytes", 512, "cut"),
];

/// The table of an action.
pub fn table(action: &str) -> &'static Table {
    TABLES.iter().find(|table| table.id == action).unwrap_or_else(|| panic!("no table for {action}"))
}

/// A file of `schemas/`, as text.
pub fn schema_text(name: &str) -> String {
    let path = artifact::workspace().join("schemas").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A file of `schemas/`, as JSON.
pub fn schema(name: &str) -> Value {
    serde_json::from_str(&schema_text(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The schema of an action's parameters.
pub fn input_schema(action: &str) -> Value {
    schema(&format!("actions/{action}.input.schema.json"))
}

/// The schema of an action's output.
pub fn output_schema(action: &str) -> Value {
    schema(&format!("actions/{action}.output.schema.json"))
}

/// The properties of a schema, in order.
pub fn properties(schema: &Value) -> Map<String, Value> {
    schema["properties"].as_object().cloned().unwrap_or_default()
}

/// The names that a schema requires.
pub fn required(schema: &Value) -> Vec<String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
}

/// One runtime for all tests of a file: the host keeps connections open, and they live in the runtime.
pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().unwrap())
}

/// One loaded component for all tests of a file.
pub fn host() -> &'static Host {
    static HOST: OnceLock<Host> = OnceLock::new();
    HOST.get_or_init(|| {
        let component = artifact::component().unwrap_or_else(|error| panic!("{error:#}"));
        let cache = artifact::cache();
        Host::load(&component, Some(&cache), Limits::default()).unwrap_or_else(|error| panic!("{error:#}"))
    })
}

/// A broken rule: argument, JSON pointer, message.
pub type Fault = (Argument, String, String);

/// A host and a simulator, with connections of both types that lead to it.
pub struct Bench {
    /// What the connector calls.
    pub simulator: Simulator,
}

impl Bench {
    /// A fresh world.
    pub fn start() -> Self {
        Self { simulator: runtime().block_on(Simulator::start(Options::default())).unwrap() }
    }

    /// A complete connection of the type that the action needs.
    pub fn connection(&self, action: &str) -> Value {
        let is_chatbot = TABLES.iter().any(|table| table.id == action && table.connection == "chatbot");
        let connection = if is_chatbot { seed::chatbot } else { seed::application };
        connection(&self.simulator.base_url())
    }

    /// Calls `invoke` of a new instance. The component must not trap, and must print nothing.
    pub fn invoke_with(&self, action: &str, connection: Option<&str>, parameters: &str) -> Result<Value, Error> {
        let shown = || parameters.chars().take(200).collect::<String>();
        runtime().block_on(async {
            let mut instance = host().instance().await.unwrap();
            let answer = instance.invoke(action, connection, parameters).await;
            let answer = answer.unwrap_or_else(|fault| panic!("{action} {}: {fault}", shown()));
            assert_eq!(instance.output(), "", "{action} {} made the component print", shown());
            answer.map(|output| serde_json::from_str(&output).unwrap())
        })
    }

    /// Calls `invoke` with the connection that the action needs.
    pub fn invoke(&self, action: &str, parameters: &str) -> Result<Value, Error> {
        self.invoke_with(action, Some(&self.connection(action).to_string()), parameters)
    }

    /// Calls `invoke`, expects it to refuse its arguments, and that nothing was sent. The faults, in order of place.
    pub fn refused_with(&self, action: &str, connection: Option<&str>, parameters: &str) -> Vec<Fault> {
        let shown: String = parameters.chars().take(200).collect();
        self.simulator.clear_requests();
        let answer = self.invoke_with(action, connection, parameters);
        let sent = self.simulator.requests();
        assert!(sent.is_empty(), "{action} {shown}: sent {} {}", sent[0].method, sent[0].path);
        let Err(Error::PermanentInvalidParameters(faults)) = answer else { panic!("{action} {shown}: {answer:?}") };
        assert!(!faults.is_empty(), "{action} {shown}: refused without a reason");
        let mut faults: Vec<Fault> =
            faults.into_iter().map(|fault| (fault.argument, fault.pointer, fault.message.en)).collect();
        faults.sort_by(|a, b| a.1.cmp(&b.1));
        faults
    }

    /// The same with the connection that the action needs; the faults are in the parameters.
    pub fn refused(&self, action: &str, parameters: &str) -> Vec<(String, String)> {
        let faults = self.refused_with(action, Some(&self.connection(action).to_string()), parameters);
        let faults = faults.into_iter().map(|(argument, pointer, message)| {
            assert_eq!(argument, Argument::Parameters, "{action}: {pointer} {message}");
            (pointer, message)
        });
        faults.collect()
    }
}
