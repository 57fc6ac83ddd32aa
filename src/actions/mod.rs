//! The actions, a file for each WIT interface.

use crate::about::About;
use crate::action::Action;
use crate::operation::{AnyOperation, Operate};

pub mod app_message;
pub mod chatbot_message;
pub mod department;
pub mod group_chat;
pub mod group_chat_message;
pub mod member;
pub mod message;

/// Calls `$with!` with every action, in the order of the tables: `interface::Type`.
macro_rules! for_each_action {
    ($with:ident) => {
        $with! {
            department::ListDepartmentIds,
            department::GetDepartment,
            department::CreateDepartment,
            department::UpdateDepartment,
            department::DeleteDepartment,
            member::ListMemberIds,
            member::CreateMember,
            member::UpdateMember,
            member::DeleteMember,
            group_chat::GetGroupChat,
            group_chat::CreateGroupChat,
            group_chat::UpdateGroupChat,
            app_message::PushTextMessage,
            app_message::PushMarkdownMessage,
            app_message::PushFileMessage,
            app_message::PushImageMessage,
            app_message::PushImageTextMessage,
            app_message::PushTextCardMessage,
            app_message::WithdrawMessage,
            group_chat_message::PushTextMessageToGroupChat,
            group_chat_message::PushMarkdownMessageToGroupChat,
            group_chat_message::PushFileMessageToGroupChat,
            group_chat_message::PushImageMessageToGroupChat,
            group_chat_message::PushImageTextMessageToGroupChat,
            group_chat_message::PushTextCardMessageToGroupChat,
            chatbot_message::PushTextMessageByChatbot,
            chatbot_message::PushMarkdownMessageByChatbot,
            chatbot_message::PushFileMessageByChatbot,
            chatbot_message::PushImageMessageByChatbot,
            chatbot_message::PushImageTextMessageByChatbot,
        }
    };
}

macro_rules! registry {
    ($($interface:ident::$action:ident,)*) => {
        /// What is known of every action.
        pub static ABOUT: &[About] = &[$($interface::$action::ABOUT),*];

        /// The name of every action.
        pub const IDS: &[&str] = &[$($interface::$action::ABOUT.id),*];

        /// The action of that name.
        pub fn find(id: &str) -> Option<AnyOperation> {
            let index = IDS.iter().position(|known| *known == id)?;
            let operations = [$(AnyOperation::from(const { &<$interface::$action as Operate>::OPERATION })),*];
            operations.get(index).copied()
        }

        /// Shows every action to `visitor`, in the order of the tables.
        pub fn visit(visitor: &mut impl Visitor) {
            $(visitor.visit::<$interface::$action>();)*
        }
    };
}
for_each_action!(registry);

/// What is known of the action of that name.
pub fn about(id: &str) -> Option<&'static About> {
    ABOUT.iter().find(|about| about.id == id)
}

/// Something that looks at every action, with its types.
pub trait Visitor {
    /// Looks at one action.
    fn visit<A: Action>(&mut self);
}
