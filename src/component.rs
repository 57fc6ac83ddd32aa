//! The WIT exports over the host's HTTP. Wiring only.

#![allow(unsafe_code, reason = "the bindings' own: memory passes between host and component")]

use std::time::{Duration, Instant};

use self::exports::wecom::connector as exported;
use crate::action::Edited;
use crate::actions::{app_message, chatbot_message, department, group_chat, group_chat_message, member, message};
use crate::connection::{Application, Chatbot};
use crate::connector::{AccessToken, ConnectionReport, Connector};
use crate::error::Error;
use crate::transport::{Host, HttpReply, HttpRequest, Lost};
use crate::{manifest, wasi_http};

wit_bindgen::generate!({
    path: "wit",
    world: "wecom-connector",
    // The records of the contract are the parameter tables themselves: nothing is converted.
    with: {
        "wecom:connector/department@0.2.0/list-department-ids-parameters": crate::actions::department::ListDepartmentIdsParameters,
        "wecom:connector/department@0.2.0/department-node": crate::actions::department::DepartmentNode,
        "wecom:connector/department@0.2.0/list-department-ids-output": crate::actions::department::ListDepartmentIdsOutput,
        "wecom:connector/department@0.2.0/create-department-parameters": crate::actions::department::CreateDepartmentParameters,
        "wecom:connector/department@0.2.0/create-department-output": crate::actions::department::CreateDepartmentOutput,
        "wecom:connector/department@0.2.0/update-department-parameters": crate::actions::department::UpdateDepartmentParameters,
        "wecom:connector/department@0.2.0/edited": crate::action::Edited,
        "wecom:connector/department@0.2.0/delete-department-parameters": crate::actions::department::DeleteDepartmentParameters,
        "wecom:connector/member@0.2.0/list-member-ids-parameters": crate::actions::member::ListMemberIdsParameters,
        "wecom:connector/member@0.2.0/dept-user": crate::actions::member::DeptUser,
        "wecom:connector/member@0.2.0/list-member-ids-output": crate::actions::member::ListMemberIdsOutput,
        "wecom:connector/member@0.2.0/create-member-parameters": crate::actions::member::CreateMemberParameters,
        "wecom:connector/member@0.2.0/created-department": crate::actions::member::CreatedDepartment,
        "wecom:connector/member@0.2.0/create-member-output": crate::actions::member::CreateMemberOutput,
        "wecom:connector/member@0.2.0/update-member-parameters": crate::actions::member::UpdateMemberParameters,
        "wecom:connector/member@0.2.0/edited": crate::action::Edited,
        "wecom:connector/member@0.2.0/delete-member-parameters": crate::actions::member::DeleteMemberParameters,
        "wecom:connector/group-chat@0.2.0/get-group-chat-parameters": crate::actions::group_chat::GetGroupChatParameters,
        "wecom:connector/group-chat@0.2.0/get-group-chat-output": crate::actions::group_chat::GetGroupChatOutput,
        "wecom:connector/group-chat@0.2.0/create-group-chat-parameters": crate::actions::group_chat::CreateGroupChatParameters,
        "wecom:connector/group-chat@0.2.0/create-group-chat-output": crate::actions::group_chat::CreateGroupChatOutput,
        "wecom:connector/group-chat@0.2.0/update-group-chat-parameters": crate::actions::group_chat::UpdateGroupChatParameters,
        "wecom:connector/group-chat@0.2.0/update-group-chat-output": crate::actions::group_chat::UpdateGroupChatOutput,
        "wecom:connector/app-message@0.2.0/push-text-message-parameters": crate::actions::app_message::PushTextMessageParameters,
        "wecom:connector/app-message@0.2.0/delivery": crate::actions::message::Delivery,
        "wecom:connector/app-message@0.2.0/push-markdown-message-parameters": crate::actions::app_message::PushMarkdownMessageParameters,
        "wecom:connector/app-message@0.2.0/push-file-message-parameters": crate::actions::app_message::PushFileMessageParameters,
        "wecom:connector/app-message@0.2.0/push-image-message-parameters": crate::actions::app_message::PushImageMessageParameters,
        "wecom:connector/app-message@0.2.0/push-image-text-message-parameters": crate::actions::app_message::PushImageTextMessageParameters,
        "wecom:connector/app-message@0.2.0/push-text-card-message-parameters": crate::actions::app_message::PushTextCardMessageParameters,
        "wecom:connector/app-message@0.2.0/withdraw-message-parameters": crate::actions::app_message::WithdrawMessageParameters,
        "wecom:connector/group-chat-message@0.2.0/push-text-message-to-group-chat-parameters": crate::actions::group_chat_message::PushTextMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/pushed": crate::actions::message::Pushed,
        "wecom:connector/group-chat-message@0.2.0/push-markdown-message-to-group-chat-parameters": crate::actions::group_chat_message::PushMarkdownMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-file-message-to-group-chat-parameters": crate::actions::group_chat_message::PushFileMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-image-message-to-group-chat-parameters": crate::actions::group_chat_message::PushImageMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-image-text-message-to-group-chat-parameters": crate::actions::group_chat_message::PushImageTextMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-text-card-message-to-group-chat-parameters": crate::actions::group_chat_message::PushTextCardMessageToGroupChatParameters,
        "wecom:connector/chatbot-message@0.2.0/push-text-message-by-chatbot-parameters": crate::actions::chatbot_message::PushTextMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/pushed": crate::actions::message::Pushed,
        "wecom:connector/chatbot-message@0.2.0/push-markdown-message-by-chatbot-parameters": crate::actions::chatbot_message::PushMarkdownMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-file-message-by-chatbot-parameters": crate::actions::chatbot_message::PushFileMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-image-message-by-chatbot-parameters": crate::actions::chatbot_message::PushImageMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-image-text-message-by-chatbot-parameters": crate::actions::chatbot_message::PushImageTextMessageByChatbotParameters,
        "wecom:connector/types@0.2.0/application": crate::connection::Application,
        "wecom:connector/types@0.2.0/chatbot": crate::connection::Chatbot,
        "wecom:connector/types@0.2.0/error": crate::error::Error,
        "wecom:connector/types@0.2.0/invalid-parameter": crate::error::InvalidParameter,
        "wecom:connector/types@0.2.0/argument": crate::error::Argument,
        "wecom:connector/types@0.2.0/failure": crate::error::Failure,
        "wecom:connector/types@0.2.0/category": crate::error::Category,
        "wecom:connector/types@0.2.0/credential": crate::error::Credential,
        "wecom:connector/types@0.2.0/localized": crate::error::Localized,
        "wecom:connector/connector@0.2.0/connection-report": crate::connector::ConnectionReport,
        "wecom:connector/connector@0.2.0/connection-check": crate::connector::ConnectionCheck,
        "wecom:connector/connector@0.2.0/access-token": crate::connector::AccessToken,
        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
    },
});

struct Component;

export!(Component);

struct Wasi {
    start: Instant,
}

impl Host for Wasi {
    fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, Lost> {
        wasi_http::send(request)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn variable(&self, name: &str) -> Option<String> {
        // A variable that is no UTF-8 cannot be a value of ours.
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }
}

/// The one connector of the instance.
fn connector() -> &'static Connector<Wasi> {
    thread_local! {
        static CONNECTOR: &'static Connector<Wasi> =
            Box::leak(Box::new(Connector::new(Wasi { start: Instant::now() })));
    }
    CONNECTOR.with(|connector| *connector)
}

macro_rules! exports {
    ($($interface:ident($connection:ident) { $($function:ident: $action:ident($parameters:ident) -> $output:ty,)* })*) => {
        $(impl exported::$interface::Guest for Component {
            $(fn $function(
                connection: Option<$connection>,
                parameters: $interface::$parameters,
            ) -> Result<$output, Error> {
                connector().run::<$interface::$action>(connection, parameters).map(Into::into)
            })*
        })*
    };
}

exports! {
    department(Application) {
        list_department_ids: ListDepartmentIds(ListDepartmentIdsParameters) -> department::ListDepartmentIdsOutput,
        create_department: CreateDepartment(CreateDepartmentParameters) -> department::CreateDepartmentOutput,
        update_department: UpdateDepartment(UpdateDepartmentParameters) -> Edited,
        delete_department: DeleteDepartment(DeleteDepartmentParameters) -> (),
    }
    member(Application) {
        list_member_ids: ListMemberIds(ListMemberIdsParameters) -> member::ListMemberIdsOutput,
        create_member: CreateMember(CreateMemberParameters) -> member::CreateMemberOutput,
        update_member: UpdateMember(UpdateMemberParameters) -> Edited,
        delete_member: DeleteMember(DeleteMemberParameters) -> (),
    }
    group_chat(Application) {
        get_group_chat: GetGroupChat(GetGroupChatParameters) -> group_chat::GetGroupChatOutput,
        create_group_chat: CreateGroupChat(CreateGroupChatParameters) -> group_chat::CreateGroupChatOutput,
        update_group_chat: UpdateGroupChat(UpdateGroupChatParameters) -> group_chat::UpdateGroupChatOutput,
    }
    app_message(Application) {
        push_text_message: PushTextMessage(PushTextMessageParameters) -> message::Delivery,
        push_markdown_message: PushMarkdownMessage(PushMarkdownMessageParameters) -> message::Delivery,
        push_file_message: PushFileMessage(PushFileMessageParameters) -> message::Delivery,
        push_image_message: PushImageMessage(PushImageMessageParameters) -> message::Delivery,
        push_image_text_message: PushImageTextMessage(PushImageTextMessageParameters) -> message::Delivery,
        push_text_card_message: PushTextCardMessage(PushTextCardMessageParameters) -> message::Delivery,
        withdraw_message: WithdrawMessage(WithdrawMessageParameters) -> (),
    }
    group_chat_message(Application) {
        push_text_message_to_group_chat: PushTextMessageToGroupChat(PushTextMessageToGroupChatParameters) -> message::Pushed,
        push_markdown_message_to_group_chat: PushMarkdownMessageToGroupChat(PushMarkdownMessageToGroupChatParameters) -> message::Pushed,
        push_file_message_to_group_chat: PushFileMessageToGroupChat(PushFileMessageToGroupChatParameters) -> (),
        push_image_message_to_group_chat: PushImageMessageToGroupChat(PushImageMessageToGroupChatParameters) -> (),
        push_image_text_message_to_group_chat: PushImageTextMessageToGroupChat(PushImageTextMessageToGroupChatParameters) -> message::Pushed,
        push_text_card_message_to_group_chat: PushTextCardMessageToGroupChat(PushTextCardMessageToGroupChatParameters) -> message::Pushed,
    }
    chatbot_message(Chatbot) {
        push_text_message_by_chatbot: PushTextMessageByChatbot(PushTextMessageByChatbotParameters) -> message::Pushed,
        push_markdown_message_by_chatbot: PushMarkdownMessageByChatbot(PushMarkdownMessageByChatbotParameters) -> message::Pushed,
        push_file_message_by_chatbot: PushFileMessageByChatbot(PushFileMessageByChatbotParameters) -> (),
        push_image_message_by_chatbot: PushImageMessageByChatbot(PushImageMessageByChatbotParameters) -> (),
        push_image_text_message_by_chatbot: PushImageTextMessageByChatbot(PushImageTextMessageByChatbotParameters) -> message::Pushed,
    }
}

impl exported::connector::Guest for Component {
    fn manifest() -> String {
        manifest::manifest()
    }

    fn invoke(action: String, connection: Option<String>, parameters: String) -> Result<String, Error> {
        connector().invoke(&action, connection.as_deref(), &parameters)
    }

    fn test_connection(connection: Option<String>) -> Result<ConnectionReport, Error> {
        connector().test_connection(connection.as_deref())
    }

    fn get_access_token(
        connection: Option<String>,
        scope: exported::connector::TokenScope,
    ) -> Result<AccessToken, Error> {
        let contacts = scope == exported::connector::TokenScope::Contacts;
        connector().access_token(connection.as_deref(), contacts)
    }
}
