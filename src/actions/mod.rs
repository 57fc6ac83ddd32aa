//! The actions, a file for each WIT interface.

use crate::about::About;
use crate::action::Action;
use crate::operation::{AnyOperation, Operate};

pub mod any_api;
pub mod app;
pub mod app_card;
pub mod app_message;
pub mod card;
pub mod chatbot_message;
pub mod customer;
pub mod department;
pub mod group_chat;
pub mod group_chat_message;
pub mod linked_corp;
pub mod media;
pub mod member;
pub mod message;
pub mod shared_app;
pub mod tag;

/// Calls `$with!` with every action, in the order of the tables: `interface::Type`.
macro_rules! for_each_action {
    ($with:ident) => {
        $with! {
            department::ListDepartmentIds,
            department::GetDepartment,
            department::ListDepartments,
            department::CreateDepartment,
            department::UpdateDepartment,
            department::DeleteDepartment,
            member::ListMemberIds,
            member::ListMembers,
            member::ListMemberDetails,
            member::GetMember,
            member::GetMemberIdByMobile,
            member::GetMemberIdByEmail,
            member::CreateMember,
            member::UpdateMember,
            member::DeleteMember,
            member::DeleteMembers,
            member::InviteMembers,
            group_chat::GetGroupChat,
            group_chat::CreateGroupChat,
            group_chat::UpdateGroupChat,
            app_message::PushTextMessage,
            app_message::PushMarkdownMessage,
            app_message::PushFileMessage,
            app_message::PushImageMessage,
            app_message::PushImageTextMessage,
            app_message::PushTextCardMessage,
            app_message::PushNewsMessage,
            app_message::PushMiniProgramNotice,
            app_message::PushVoiceMessage,
            app_message::PushVideoMessage,
            app_message::WithdrawMessage,
            group_chat_message::PushTextMessageToGroupChat,
            group_chat_message::PushMarkdownMessageToGroupChat,
            group_chat_message::PushFileMessageToGroupChat,
            group_chat_message::PushImageMessageToGroupChat,
            group_chat_message::PushImageTextMessageToGroupChat,
            group_chat_message::PushTextCardMessageToGroupChat,
            group_chat_message::PushNewsMessageToGroupChat,
            group_chat_message::PushVoiceMessageToGroupChat,
            group_chat_message::PushVideoMessageToGroupChat,
            chatbot_message::PushTextMessageByChatbot,
            chatbot_message::PushMarkdownMessageByChatbot,
            chatbot_message::PushMarkdownV2MessageByChatbot,
            chatbot_message::PushFileMessageByChatbot,
            chatbot_message::PushImageMessageByChatbot,
            chatbot_message::PushImageTextMessageByChatbot,
            chatbot_message::PushVoiceMessageByChatbot,
            chatbot_message::PushNewsMessageByChatbot,
            chatbot_message::PushTextNoticeCardByChatbot,
            chatbot_message::PushNewsNoticeCardByChatbot,
            media::UploadMediaByChatbot,
            any_api::CallApiByChatbot,
            app_card::PushTextNoticeCard,
            app_card::PushNewsNoticeCard,
            app_card::PushButtonCard,
            app_card::PushVoteCard,
            app_card::PushMultipleChoiceCard,
            app_card::UpdateCard,
            media::UploadMedia,
            media::UploadArticleImage,
            media::DownloadMedia,
            tag::ListTags,
            tag::GetTag,
            tag::CreateTag,
            tag::UpdateTag,
            tag::DeleteTag,
            tag::AddTagMembers,
            tag::RemoveTagMembers,
            app::GetApplication,
            app::ListApplications,
            app::ListCallbackAddresses,
            app::ListApiAddresses,
            customer::ListFollowMembers,
            customer::ListCustomerIds,
            customer::GetCustomer,
            customer::ListCustomers,
            customer::ListCustomerGroupChats,
            customer::GetCustomerGroupChat,
            linked_corp::PushTextMessageToLinkedCorps,
            linked_corp::PushFileMessageToLinkedCorps,
            linked_corp::PushImageMessageToLinkedCorps,
            linked_corp::PushImageTextMessageToLinkedCorps,
            linked_corp::PushTextCardMessageToLinkedCorps,
            linked_corp::PushNewsMessageToLinkedCorps,
            linked_corp::PushMiniProgramNoticeToLinkedCorps,
            linked_corp::GetLinkedCorpPermissions,
            linked_corp::GetLinkedCorpMember,
            linked_corp::ListLinkedCorpMembers,
            linked_corp::ListLinkedCorpMemberDetails,
            linked_corp::ListLinkedCorpDepartments,
            shared_app::ListSharedApps,
            any_api::CallApi,
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::about::Effect;
    use crate::connection::{Application, Callback, Chatbot};
    use crate::parameter::{Described, Field, Names, Record, Spec};

    /// The tables of every action: its name, its parameters, its output.
    #[derive(Default)]
    struct Tables(Vec<(&'static About, [&'static Record; 2])>);

    impl Visitor for Tables {
        fn visit<A: Action>(&mut self) {
            let records = [<A::Parameters as Described>::RECORD, <A::Output as Described>::RECORD];
            self.0.push((const { &A::ABOUT }, records));
        }
    }

    fn tables() -> Tables {
        let mut tables = Tables::default();
        visit(&mut tables);
        tables
    }

    /// Whether its name or its title is that of an ID, or of something else that WeCom gives out.
    fn looks_like_an_id(field: &Field, spec: &Spec) -> bool {
        const LAST_WORDS: &[&str] = &["id", "user", "party", "tag", "owner", "leader", "department", "cursor", "order"];
        let name = field.name.trim_end_matches("_list");
        let last = name.rsplit('_').next().unwrap_or(name);
        let title = spec.title.en.split(|letter: char| !letter.is_alphanumeric());
        LAST_WORDS.contains(&last) || title.into_iter().any(|word| ["ID", "IDs"].contains(&word))
    }

    /// The test of what every action takes of the others trusts these marks.
    #[test]
    fn a_field_that_looks_like_an_id_says_what_it_names() {
        let mut known: BTreeMap<(&str, &str), (Names, String)> = BTreeMap::new();
        for (about, records) in tables().0 {
            let sides = records.into_iter().zip(["linked-corp parameters", "linked-corp output"]);
            let leaves = sides.flat_map(|(record, side)| record.leaves().into_iter().map(move |leaf| (leaf, side)));
            for ((place, field, spec), side) in leaves {
                let place = format!("{} {place}", about.id);
                let marked = spec.names != Names::Nothing;
                assert!(marked || !looks_like_an_id(field, spec), "{place}: `names` is missing in its Spec");
                let interface = match (field.name, about.interface.name) {
                    // These are of what the interface is about: customers have groups and tags of their own.
                    ("id" | "chat_id" | "tag_id", interface) => interface,
                    // What is elsewhere is given with its enterprise, and returned beside it.
                    (_, "linked-corp") => side,
                    _ => "",
                };
                let (names, before) = known.entry((interface, field.name)).or_insert((spec.names, place.clone()));
                assert_eq!(*names, spec.names, "`names` of {before} and of {place}, which has the same name");
            }
        }
    }

    #[test]
    fn a_list_to_choose_from_offers_what_the_parameter_names() {
        let tables = tables().0;
        for (about, [parameters, _]) in &tables {
            for (place, _, spec) in parameters.leaves() {
                let first = spec.ui.options_from;
                let sources = std::iter::successors(first.as_ref(), |source| source.fallback);
                for options in sources {
                    let (offering, [asked, output]) =
                        tables.iter().find(|(about, _)| about.id == options.action).unwrap();
                    assert_eq!(offering.effect, Effect::Read, "{}", options.action);
                    let (asked, offered) = (asked.leaves(), output.leaves());
                    let offered = |pointer| {
                        let place = format!("{}/*{pointer}", options.items);
                        offered.iter().find(|(offered, ..)| *offered == place).unwrap_or_else(|| panic!("{place}")).2
                    };
                    assert_eq!(spec.names, offered(options.value).names, "{} {place}", about.id);
                    assert!(
                        options.label.is_empty() || offered(options.label).names == Names::Nothing,
                        "{}",
                        options.label
                    );
                    // What has to be chosen first can be, and nothing else is required.
                    for (name, field, spec) in asked {
                        let is_first = !options.parameter.is_empty() && name[1..] == *options.parameter;
                        assert_eq!(field.required, is_first, "{} {name}", options.action);
                        assert!(!is_first || spec.ui.options_from.is_some(), "{} {name}", options.action);
                    }
                }
            }
        }
    }

    /// Whether a struct of that name is written out there.
    fn has_struct(source: &str, name: &str) -> bool {
        let behind = source.split("pub struct ").skip(1).filter_map(|rest| rest.strip_prefix(name));
        behind.into_iter().any(|rest| !rest.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_'))
    }

    #[test]
    fn every_table_is_found_by_its_name() {
        fn add(record: &'static Record, all: &mut BTreeMap<(&str, &str), &'static Record>) {
            all.insert((record.module, record.name), record);
            record.lines().filter_map(|(_, _, inner)| inner).for_each(|inner| add(inner, all));
        }
        let mut all = BTreeMap::new();
        tables().0.into_iter().flat_map(|(_, records)| records).for_each(|record| add(record, &mut all));
        // A callback is answered with records of actions.
        add(crate::callback::Reply::RECORD, &mut all);
        [Application::RECORD, Chatbot::RECORD, Callback::RECORD].into_iter().for_each(|record| add(record, &mut all));
        for (module, name) in all.into_keys() {
            let file = module.replacen("wecom_connector", concat!(env!("CARGO_MANIFEST_DIR"), "/src"), 1);
            let file = file.replace("::", "/");
            let places = [format!("{file}.rs"), format!("{file}/mod.rs")];
            let source = places.iter().find_map(|place| std::fs::read_to_string(place).ok());
            let source = source.unwrap_or_else(|| panic!("there is none of {places:?}"));
            assert!(has_struct(&source, name), "`pub struct {name}` stands nowhere in {}", places[0]);
        }

        assert!(has_struct("\n    pub struct Card {}", "Card"));
        let others = "pub struct CardTitle {} pub struct $name {} struct Card {} card!(Card)";
        assert!(!has_struct(others, "Card"), "what a macro makes of a name is not found");
    }
}
