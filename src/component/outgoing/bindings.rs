//! The bindings of the component. Written by `cargo xtask generate`.

use super::Component;

wit_bindgen::generate!({
    path: "wit",
    world: "wecom-connector",
    // The functions of the actions are exported below.
    skip: [
        "list-department-ids",
        "get-department",
        "list-departments",
        "create-department",
        "update-department",
        "delete-department",
        "list-member-ids",
        "list-members",
        "list-member-details",
        "get-member",
        "get-member-id-by-mobile",
        "get-member-id-by-email",
        "create-member",
        "update-member",
        "delete-member",
        "delete-members",
        "invite-members",
        "get-group-chat",
        "create-group-chat",
        "update-group-chat",
        "push-text-message",
        "push-markdown-message",
        "push-file-message",
        "push-image-message",
        "push-image-text-message",
        "push-text-card-message",
        "push-news-message",
        "push-mini-program-notice",
        "push-voice-message",
        "push-video-message",
        "withdraw-message",
        "push-text-message-to-group-chat",
        "push-markdown-message-to-group-chat",
        "push-file-message-to-group-chat",
        "push-image-message-to-group-chat",
        "push-image-text-message-to-group-chat",
        "push-text-card-message-to-group-chat",
        "push-news-message-to-group-chat",
        "push-voice-message-to-group-chat",
        "push-video-message-to-group-chat",
        "push-text-message-by-chatbot",
        "push-markdown-message-by-chatbot",
        "push-markdown-v2-message-by-chatbot",
        "push-file-message-by-chatbot",
        "push-image-message-by-chatbot",
        "push-image-text-message-by-chatbot",
        "push-voice-message-by-chatbot",
        "push-news-message-by-chatbot",
        "push-text-notice-card-by-chatbot",
        "push-news-notice-card-by-chatbot",
        "upload-media-by-chatbot",
        "call-api-by-chatbot",
        "push-text-notice-card",
        "push-news-notice-card",
        "push-button-card",
        "push-vote-card",
        "push-multiple-choice-card",
        "update-card",
        "upload-media",
        "upload-article-image",
        "download-media",
        "list-tags",
        "get-tag",
        "create-tag",
        "update-tag",
        "delete-tag",
        "add-tag-members",
        "remove-tag-members",
        "get-application",
        "list-applications",
        "list-callback-addresses",
        "list-api-addresses",
        "list-follow-members",
        "list-customer-ids",
        "get-customer",
        "list-customers",
        "list-customer-group-chats",
        "get-customer-group-chat",
        "push-text-message-to-linked-corps",
        "push-file-message-to-linked-corps",
        "push-image-message-to-linked-corps",
        "push-image-text-message-to-linked-corps",
        "push-text-card-message-to-linked-corps",
        "push-news-message-to-linked-corps",
        "push-mini-program-notice-to-linked-corps",
        "get-linked-corp-permissions",
        "get-linked-corp-member",
        "list-linked-corp-members",
        "list-linked-corp-member-details",
        "list-linked-corp-departments",
        "list-shared-apps",
        "call-api",
    ],
    // The records that both worlds have are our own.
    with: {
        "wecom:connector/types@0.2.0": crate::component::types,
        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
    },
});

export!(Component);

super::exports::export_actions! {
    "wecom:connector/department@0.2.0#list-department-ids" = crate::actions::department::ListDepartmentIds, (memory);
    "wecom:connector/department@0.2.0#get-department" = crate::actions::department::GetDepartment, (memory);
    "wecom:connector/department@0.2.0#list-departments" = crate::actions::department::ListDepartments, (memory);
    "wecom:connector/department@0.2.0#create-department" = crate::actions::department::CreateDepartment, (memory);
    "wecom:connector/department@0.2.0#update-department" = crate::actions::department::UpdateDepartment, (memory);
    "wecom:connector/department@0.2.0#delete-department" = crate::actions::department::DeleteDepartment, (memory);
    "wecom:connector/member@0.2.0#list-member-ids" = crate::actions::member::ListMemberIds, (memory);
    "wecom:connector/member@0.2.0#list-members" = crate::actions::member::ListMembers, (memory);
    "wecom:connector/member@0.2.0#list-member-details" = crate::actions::member::ListMemberDetails, (memory);
    "wecom:connector/member@0.2.0#get-member" = crate::actions::member::GetMember, (memory);
    "wecom:connector/member@0.2.0#get-member-id-by-mobile" = crate::actions::member::GetMemberIdByMobile, (memory);
    "wecom:connector/member@0.2.0#get-member-id-by-email" = crate::actions::member::GetMemberIdByEmail, (memory);
    "wecom:connector/member@0.2.0#create-member" = crate::actions::member::CreateMember, (memory);
    "wecom:connector/member@0.2.0#update-member" = crate::actions::member::UpdateMember, (memory);
    "wecom:connector/member@0.2.0#delete-member" = crate::actions::member::DeleteMember, (memory);
    "wecom:connector/member@0.2.0#delete-members" = crate::actions::member::DeleteMembers, (memory);
    "wecom:connector/member@0.2.0#invite-members" = crate::actions::member::InviteMembers, (memory);
    "wecom:connector/group-chat@0.2.0#get-group-chat" = crate::actions::group_chat::GetGroupChat, (memory);
    "wecom:connector/group-chat@0.2.0#create-group-chat" = crate::actions::group_chat::CreateGroupChat, (memory);
    "wecom:connector/group-chat@0.2.0#update-group-chat" = crate::actions::group_chat::UpdateGroupChat, (memory);
    "wecom:connector/app-message@0.2.0#push-text-message" = crate::actions::app_message::PushTextMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-markdown-message" = crate::actions::app_message::PushMarkdownMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-file-message" = crate::actions::app_message::PushFileMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-image-message" = crate::actions::app_message::PushImageMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-image-text-message" = crate::actions::app_message::PushImageTextMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-text-card-message" = crate::actions::app_message::PushTextCardMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-news-message" = crate::actions::app_message::PushNewsMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-mini-program-notice" = crate::actions::app_message::PushMiniProgramNotice, (memory);
    "wecom:connector/app-message@0.2.0#push-voice-message" = crate::actions::app_message::PushVoiceMessage, (memory);
    "wecom:connector/app-message@0.2.0#push-video-message" = crate::actions::app_message::PushVideoMessage, (memory);
    "wecom:connector/app-message@0.2.0#withdraw-message" = crate::actions::app_message::WithdrawMessage, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-text-message-to-group-chat" = crate::actions::group_chat_message::PushTextMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-markdown-message-to-group-chat" = crate::actions::group_chat_message::PushMarkdownMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-file-message-to-group-chat" = crate::actions::group_chat_message::PushFileMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-image-message-to-group-chat" = crate::actions::group_chat_message::PushImageMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-image-text-message-to-group-chat" = crate::actions::group_chat_message::PushImageTextMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-text-card-message-to-group-chat" = crate::actions::group_chat_message::PushTextCardMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-news-message-to-group-chat" = crate::actions::group_chat_message::PushNewsMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-voice-message-to-group-chat" = crate::actions::group_chat_message::PushVoiceMessageToGroupChat, (memory);
    "wecom:connector/group-chat-message@0.2.0#push-video-message-to-group-chat" = crate::actions::group_chat_message::PushVideoMessageToGroupChat, (memory);
    "wecom:connector/chatbot-message@0.2.0#push-text-message-by-chatbot" = crate::actions::chatbot_message::PushTextMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32, a10: u32, a11: u32, a12: u32, a13: u32, a14: u32, a15: u32);
    "wecom:connector/chatbot-message@0.2.0#push-markdown-message-by-chatbot" = crate::actions::chatbot_message::PushMarkdownMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32);
    "wecom:connector/chatbot-message@0.2.0#push-markdown-v2-message-by-chatbot" = crate::actions::chatbot_message::PushMarkdownV2MessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32);
    "wecom:connector/chatbot-message@0.2.0#push-file-message-by-chatbot" = crate::actions::chatbot_message::PushFileMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32);
    "wecom:connector/chatbot-message@0.2.0#push-image-message-by-chatbot" = crate::actions::chatbot_message::PushImageMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32, a10: u32, a11: u32, a12: u32);
    "wecom:connector/chatbot-message@0.2.0#push-image-text-message-by-chatbot" = crate::actions::chatbot_message::PushImageTextMessageByChatbot, (memory);
    "wecom:connector/chatbot-message@0.2.0#push-voice-message-by-chatbot" = crate::actions::chatbot_message::PushVoiceMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32);
    "wecom:connector/chatbot-message@0.2.0#push-news-message-by-chatbot" = crate::actions::chatbot_message::PushNewsMessageByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32);
    "wecom:connector/chatbot-message@0.2.0#push-text-notice-card-by-chatbot" = crate::actions::chatbot_message::PushTextNoticeCardByChatbot, (memory);
    "wecom:connector/chatbot-message@0.2.0#push-news-notice-card-by-chatbot" = crate::actions::chatbot_message::PushNewsNoticeCardByChatbot, (memory);
    "wecom:connector/chatbot-message@0.2.0#upload-media-by-chatbot" = crate::actions::media::UploadMediaByChatbot, (a0: u32, a1: u32, a2: u32, a3: u32, a4: u32, a5: u32, a6: u32, a7: u32, a8: u32, a9: u32, a10: u32, a11: u32, a12: u32, a13: u32);
    "wecom:connector/chatbot-message@0.2.0#call-api-by-chatbot" = crate::actions::any_api::CallApiByChatbot, (memory);
    "wecom:connector/app-card@0.2.0#push-text-notice-card" = crate::actions::app_card::PushTextNoticeCard, (memory);
    "wecom:connector/app-card@0.2.0#push-news-notice-card" = crate::actions::app_card::PushNewsNoticeCard, (memory);
    "wecom:connector/app-card@0.2.0#push-button-card" = crate::actions::app_card::PushButtonCard, (memory);
    "wecom:connector/app-card@0.2.0#push-vote-card" = crate::actions::app_card::PushVoteCard, (memory);
    "wecom:connector/app-card@0.2.0#push-multiple-choice-card" = crate::actions::app_card::PushMultipleChoiceCard, (memory);
    "wecom:connector/app-card@0.2.0#update-card" = crate::actions::app_card::UpdateCard, (memory);
    "wecom:connector/media@0.2.0#upload-media" = crate::actions::media::UploadMedia, (memory);
    "wecom:connector/media@0.2.0#upload-article-image" = crate::actions::media::UploadArticleImage, (memory);
    "wecom:connector/media@0.2.0#download-media" = crate::actions::media::DownloadMedia, (memory);
    "wecom:connector/tag@0.2.0#list-tags" = crate::actions::tag::ListTags, (memory);
    "wecom:connector/tag@0.2.0#get-tag" = crate::actions::tag::GetTag, (memory);
    "wecom:connector/tag@0.2.0#create-tag" = crate::actions::tag::CreateTag, (memory);
    "wecom:connector/tag@0.2.0#update-tag" = crate::actions::tag::UpdateTag, (memory);
    "wecom:connector/tag@0.2.0#delete-tag" = crate::actions::tag::DeleteTag, (memory);
    "wecom:connector/tag@0.2.0#add-tag-members" = crate::actions::tag::AddTagMembers, (memory);
    "wecom:connector/tag@0.2.0#remove-tag-members" = crate::actions::tag::RemoveTagMembers, (memory);
    "wecom:connector/app@0.2.0#get-application" = crate::actions::app::GetApplication, (memory);
    "wecom:connector/app@0.2.0#list-applications" = crate::actions::app::ListApplications, (memory);
    "wecom:connector/app@0.2.0#list-callback-addresses" = crate::actions::app::ListCallbackAddresses, (memory);
    "wecom:connector/app@0.2.0#list-api-addresses" = crate::actions::app::ListApiAddresses, (memory);
    "wecom:connector/customer@0.2.0#list-follow-members" = crate::actions::customer::ListFollowMembers, (memory);
    "wecom:connector/customer@0.2.0#list-customer-ids" = crate::actions::customer::ListCustomerIds, (memory);
    "wecom:connector/customer@0.2.0#get-customer" = crate::actions::customer::GetCustomer, (memory);
    "wecom:connector/customer@0.2.0#list-customers" = crate::actions::customer::ListCustomers, (memory);
    "wecom:connector/customer@0.2.0#list-customer-group-chats" = crate::actions::customer::ListCustomerGroupChats, (memory);
    "wecom:connector/customer@0.2.0#get-customer-group-chat" = crate::actions::customer::GetCustomerGroupChat, (memory);
    "wecom:connector/linked-corp@0.2.0#push-text-message-to-linked-corps" = crate::actions::linked_corp::PushTextMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-file-message-to-linked-corps" = crate::actions::linked_corp::PushFileMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-image-message-to-linked-corps" = crate::actions::linked_corp::PushImageMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-image-text-message-to-linked-corps" = crate::actions::linked_corp::PushImageTextMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-text-card-message-to-linked-corps" = crate::actions::linked_corp::PushTextCardMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-news-message-to-linked-corps" = crate::actions::linked_corp::PushNewsMessageToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#push-mini-program-notice-to-linked-corps" = crate::actions::linked_corp::PushMiniProgramNoticeToLinkedCorps, (memory);
    "wecom:connector/linked-corp@0.2.0#get-linked-corp-permissions" = crate::actions::linked_corp::GetLinkedCorpPermissions, (memory);
    "wecom:connector/linked-corp@0.2.0#get-linked-corp-member" = crate::actions::linked_corp::GetLinkedCorpMember, (memory);
    "wecom:connector/linked-corp@0.2.0#list-linked-corp-members" = crate::actions::linked_corp::ListLinkedCorpMembers, (memory);
    "wecom:connector/linked-corp@0.2.0#list-linked-corp-member-details" = crate::actions::linked_corp::ListLinkedCorpMemberDetails, (memory);
    "wecom:connector/linked-corp@0.2.0#list-linked-corp-departments" = crate::actions::linked_corp::ListLinkedCorpDepartments, (memory);
    "wecom:connector/shared-app@0.2.0#list-shared-apps" = crate::actions::shared_app::ListSharedApps, (memory);
    "wecom:connector/any-api@0.2.0#call-api" = crate::actions::any_api::CallApi, (memory);
}
