//! The bindings of the component. Written by `cargo xtask generate`.

use super::Component;

wit_bindgen::generate!({
    path: "wit",
    world: "wecom-connector",
    // The records of the contract are the tables themselves: nothing is converted.
    with: {
        "wecom:connector/department@0.2.0/list-department-ids-parameters": crate::actions::department::ListDepartmentIdsParameters,
        "wecom:connector/department@0.2.0/department-node": crate::actions::department::DepartmentNode,
        "wecom:connector/department@0.2.0/list-department-ids-output": crate::actions::department::ListDepartmentIdsOutput,
        "wecom:connector/department@0.2.0/get-department-parameters": crate::actions::department::GetDepartmentParameters,
        "wecom:connector/department@0.2.0/department-details": crate::actions::department::DepartmentDetails,
        "wecom:connector/department@0.2.0/list-departments-parameters": crate::actions::department::ListDepartmentsParameters,
        "wecom:connector/department@0.2.0/list-departments-output": crate::actions::department::ListDepartmentsOutput,
        "wecom:connector/department@0.2.0/create-department-parameters": crate::actions::department::CreateDepartmentParameters,
        "wecom:connector/department@0.2.0/create-department-output": crate::actions::department::CreateDepartmentOutput,
        "wecom:connector/department@0.2.0/update-department-parameters": crate::actions::department::UpdateDepartmentParameters,
        "wecom:connector/department@0.2.0/edited": crate::action::Edited,
        "wecom:connector/department@0.2.0/delete-department-parameters": crate::actions::department::DeleteDepartmentParameters,
        "wecom:connector/member@0.2.0/list-member-ids-parameters": crate::actions::member::ListMemberIdsParameters,
        "wecom:connector/member@0.2.0/dept-user": crate::actions::member::DeptUser,
        "wecom:connector/member@0.2.0/list-member-ids-output": crate::actions::member::ListMemberIdsOutput,
        "wecom:connector/member@0.2.0/list-members-parameters": crate::actions::member::ListMembersParameters,
        "wecom:connector/member@0.2.0/member-name": crate::actions::member::MemberName,
        "wecom:connector/member@0.2.0/list-members-output": crate::actions::member::ListMembersOutput,
        "wecom:connector/member@0.2.0/list-member-details-parameters": crate::actions::member::ListMemberDetailsParameters,
        "wecom:connector/member@0.2.0/attribute": crate::actions::member::Attribute,
        "wecom:connector/member@0.2.0/member-details": crate::actions::member::MemberDetails,
        "wecom:connector/member@0.2.0/list-member-details-output": crate::actions::member::ListMemberDetailsOutput,
        "wecom:connector/member@0.2.0/get-member-parameters": crate::actions::member::GetMemberParameters,
        "wecom:connector/member@0.2.0/get-member-id-by-mobile-parameters": crate::actions::member::GetMemberIdByMobileParameters,
        "wecom:connector/member@0.2.0/member-id": crate::actions::member::MemberId,
        "wecom:connector/member@0.2.0/get-member-id-by-email-parameters": crate::actions::member::GetMemberIdByEmailParameters,
        "wecom:connector/member@0.2.0/create-member-parameters": crate::actions::member::CreateMemberParameters,
        "wecom:connector/member@0.2.0/created-department": crate::actions::member::CreatedDepartment,
        "wecom:connector/member@0.2.0/create-member-output": crate::actions::member::CreateMemberOutput,
        "wecom:connector/member@0.2.0/update-member-parameters": crate::actions::member::UpdateMemberParameters,
        "wecom:connector/member@0.2.0/edited": crate::action::Edited,
        "wecom:connector/member@0.2.0/delete-member-parameters": crate::actions::member::DeleteMemberParameters,
        "wecom:connector/member@0.2.0/delete-members-parameters": crate::actions::member::DeleteMembersParameters,
        "wecom:connector/member@0.2.0/invite-members-parameters": crate::actions::member::InviteMembersParameters,
        "wecom:connector/member@0.2.0/invited": crate::actions::member::Invited,
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
        "wecom:connector/app-message@0.2.0/article": crate::actions::message::Article,
        "wecom:connector/app-message@0.2.0/push-news-message-parameters": crate::actions::app_message::PushNewsMessageParameters,
        "wecom:connector/app-message@0.2.0/notice-item": crate::actions::message::NoticeItem,
        "wecom:connector/app-message@0.2.0/push-mini-program-notice-parameters": crate::actions::app_message::PushMiniProgramNoticeParameters,
        "wecom:connector/app-message@0.2.0/push-voice-message-parameters": crate::actions::app_message::PushVoiceMessageParameters,
        "wecom:connector/app-message@0.2.0/push-video-message-parameters": crate::actions::app_message::PushVideoMessageParameters,
        "wecom:connector/app-message@0.2.0/withdraw-message-parameters": crate::actions::app_message::WithdrawMessageParameters,
        "wecom:connector/group-chat-message@0.2.0/push-text-message-to-group-chat-parameters": crate::actions::group_chat_message::PushTextMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/pushed": crate::actions::message::Pushed,
        "wecom:connector/group-chat-message@0.2.0/push-markdown-message-to-group-chat-parameters": crate::actions::group_chat_message::PushMarkdownMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-file-message-to-group-chat-parameters": crate::actions::group_chat_message::PushFileMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-image-message-to-group-chat-parameters": crate::actions::group_chat_message::PushImageMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-image-text-message-to-group-chat-parameters": crate::actions::group_chat_message::PushImageTextMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-text-card-message-to-group-chat-parameters": crate::actions::group_chat_message::PushTextCardMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/link-article": crate::actions::message::LinkArticle,
        "wecom:connector/group-chat-message@0.2.0/push-news-message-to-group-chat-parameters": crate::actions::group_chat_message::PushNewsMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-voice-message-to-group-chat-parameters": crate::actions::group_chat_message::PushVoiceMessageToGroupChatParameters,
        "wecom:connector/group-chat-message@0.2.0/push-video-message-to-group-chat-parameters": crate::actions::group_chat_message::PushVideoMessageToGroupChatParameters,
        "wecom:connector/chatbot-message@0.2.0/push-text-message-by-chatbot-parameters": crate::actions::chatbot_message::PushTextMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/pushed": crate::actions::message::Pushed,
        "wecom:connector/chatbot-message@0.2.0/push-markdown-message-by-chatbot-parameters": crate::actions::chatbot_message::PushMarkdownMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-markdown-v2-message-by-chatbot-parameters": crate::actions::chatbot_message::PushMarkdownV2MessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-file-message-by-chatbot-parameters": crate::actions::chatbot_message::PushFileMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-image-message-by-chatbot-parameters": crate::actions::chatbot_message::PushImageMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-image-text-message-by-chatbot-parameters": crate::actions::chatbot_message::PushImageTextMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/push-voice-message-by-chatbot-parameters": crate::actions::chatbot_message::PushVoiceMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/chatbot-article": crate::actions::chatbot_message::ChatbotArticle,
        "wecom:connector/chatbot-message@0.2.0/push-news-message-by-chatbot-parameters": crate::actions::chatbot_message::PushNewsMessageByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/card-title": crate::actions::card::CardTitle,
        "wecom:connector/chatbot-message@0.2.0/card-emphasis": crate::actions::card::CardEmphasis,
        "wecom:connector/chatbot-message@0.2.0/card-detail": crate::actions::card::CardDetail,
        "wecom:connector/chatbot-message@0.2.0/card-action": crate::actions::card::CardAction,
        "wecom:connector/chatbot-message@0.2.0/card-source": crate::actions::card::CardSource,
        "wecom:connector/chatbot-message@0.2.0/card-quote": crate::actions::card::CardQuote,
        "wecom:connector/chatbot-message@0.2.0/card-jump": crate::actions::card::CardJump,
        "wecom:connector/chatbot-message@0.2.0/push-text-notice-card-by-chatbot-parameters": crate::actions::chatbot_message::PushTextNoticeCardByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/card-image": crate::actions::card::CardImage,
        "wecom:connector/chatbot-message@0.2.0/card-image-text": crate::actions::card::CardImageText,
        "wecom:connector/chatbot-message@0.2.0/card-paragraph": crate::actions::card::CardParagraph,
        "wecom:connector/chatbot-message@0.2.0/push-news-notice-card-by-chatbot-parameters": crate::actions::chatbot_message::PushNewsNoticeCardByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/upload-media-by-chatbot-parameters": crate::actions::media::UploadMediaByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/uploaded": crate::actions::media::Uploaded,
        "wecom:connector/chatbot-message@0.2.0/query-value": crate::actions::any_api::QueryValue,
        "wecom:connector/chatbot-message@0.2.0/call-api-by-chatbot-parameters": crate::actions::any_api::CallApiByChatbotParameters,
        "wecom:connector/chatbot-message@0.2.0/answer": crate::actions::any_api::Answer,
        "wecom:connector/app-card@0.2.0/card-title": crate::actions::card::CardTitle,
        "wecom:connector/app-card@0.2.0/card-emphasis": crate::actions::card::CardEmphasis,
        "wecom:connector/app-card@0.2.0/card-detail": crate::actions::card::CardDetail,
        "wecom:connector/app-card@0.2.0/card-action": crate::actions::card::CardAction,
        "wecom:connector/app-card@0.2.0/card-source": crate::actions::card::CardSource,
        "wecom:connector/app-card@0.2.0/card-quote": crate::actions::card::CardQuote,
        "wecom:connector/app-card@0.2.0/card-jump": crate::actions::card::CardJump,
        "wecom:connector/app-card@0.2.0/card-menu-item": crate::actions::card::CardMenuItem,
        "wecom:connector/app-card@0.2.0/card-menu": crate::actions::card::CardMenu,
        "wecom:connector/app-card@0.2.0/push-text-notice-card-parameters": crate::actions::app_card::PushTextNoticeCardParameters,
        "wecom:connector/app-card@0.2.0/card-delivery": crate::actions::app_card::CardDelivery,
        "wecom:connector/app-card@0.2.0/card-image": crate::actions::card::CardImage,
        "wecom:connector/app-card@0.2.0/card-image-text": crate::actions::card::CardImageText,
        "wecom:connector/app-card@0.2.0/card-paragraph": crate::actions::card::CardParagraph,
        "wecom:connector/app-card@0.2.0/push-news-notice-card-parameters": crate::actions::app_card::PushNewsNoticeCardParameters,
        "wecom:connector/app-card@0.2.0/card-button": crate::actions::card::CardButton,
        "wecom:connector/app-card@0.2.0/card-option": crate::actions::card::CardOption,
        "wecom:connector/app-card@0.2.0/card-select": crate::actions::card::CardSelect,
        "wecom:connector/app-card@0.2.0/push-button-card-parameters": crate::actions::app_card::PushButtonCardParameters,
        "wecom:connector/app-card@0.2.0/card-checkbox-option": crate::actions::card::CardCheckboxOption,
        "wecom:connector/app-card@0.2.0/card-checkbox": crate::actions::card::CardCheckbox,
        "wecom:connector/app-card@0.2.0/card-submit": crate::actions::card::CardSubmit,
        "wecom:connector/app-card@0.2.0/push-vote-card-parameters": crate::actions::app_card::PushVoteCardParameters,
        "wecom:connector/app-card@0.2.0/push-multiple-choice-card-parameters": crate::actions::app_card::PushMultipleChoiceCardParameters,
        "wecom:connector/app-card@0.2.0/card": crate::actions::card::Card,
        "wecom:connector/app-card@0.2.0/update-card-parameters": crate::actions::app_card::UpdateCardParameters,
        "wecom:connector/app-card@0.2.0/card-update": crate::actions::app_card::CardUpdate,
        "wecom:connector/media@0.2.0/upload-media-parameters": crate::actions::media::UploadMediaParameters,
        "wecom:connector/media@0.2.0/uploaded": crate::actions::media::Uploaded,
        "wecom:connector/media@0.2.0/upload-article-image-parameters": crate::actions::media::UploadArticleImageParameters,
        "wecom:connector/media@0.2.0/upload-article-image-output": crate::actions::media::UploadArticleImageOutput,
        "wecom:connector/media@0.2.0/download-media-parameters": crate::actions::media::DownloadMediaParameters,
        "wecom:connector/media@0.2.0/download-media-output": crate::actions::media::DownloadMediaOutput,
        "wecom:connector/tag@0.2.0/tag": crate::actions::tag::Tag,
        "wecom:connector/tag@0.2.0/list-tags-output": crate::actions::tag::ListTagsOutput,
        "wecom:connector/tag@0.2.0/get-tag-parameters": crate::actions::tag::GetTagParameters,
        "wecom:connector/tag@0.2.0/tag-member": crate::actions::tag::TagMember,
        "wecom:connector/tag@0.2.0/get-tag-output": crate::actions::tag::GetTagOutput,
        "wecom:connector/tag@0.2.0/create-tag-parameters": crate::actions::tag::CreateTagParameters,
        "wecom:connector/tag@0.2.0/create-tag-output": crate::actions::tag::CreateTagOutput,
        "wecom:connector/tag@0.2.0/update-tag-parameters": crate::actions::tag::UpdateTagParameters,
        "wecom:connector/tag@0.2.0/edited": crate::action::Edited,
        "wecom:connector/tag@0.2.0/delete-tag-parameters": crate::actions::tag::DeleteTagParameters,
        "wecom:connector/tag@0.2.0/add-tag-members-parameters": crate::actions::tag::AddTagMembersParameters,
        "wecom:connector/tag@0.2.0/tagged": crate::actions::tag::Tagged,
        "wecom:connector/tag@0.2.0/remove-tag-members-parameters": crate::actions::tag::RemoveTagMembersParameters,
        "wecom:connector/app@0.2.0/get-application-parameters": crate::actions::app::GetApplicationParameters,
        "wecom:connector/app@0.2.0/get-application-output": crate::actions::app::GetApplicationOutput,
        "wecom:connector/app@0.2.0/agent": crate::actions::app::Agent,
        "wecom:connector/app@0.2.0/list-applications-output": crate::actions::app::ListApplicationsOutput,
        "wecom:connector/app@0.2.0/addresses": crate::actions::app::Addresses,
        "wecom:connector/customer@0.2.0/list-follow-members-output": crate::actions::customer::ListFollowMembersOutput,
        "wecom:connector/customer@0.2.0/list-customer-ids-parameters": crate::actions::customer::ListCustomerIdsParameters,
        "wecom:connector/customer@0.2.0/list-customer-ids-output": crate::actions::customer::ListCustomerIdsOutput,
        "wecom:connector/customer@0.2.0/get-customer-parameters": crate::actions::customer::GetCustomerParameters,
        "wecom:connector/customer@0.2.0/external-contact": crate::actions::customer::ExternalContact,
        "wecom:connector/customer@0.2.0/customer-tag": crate::actions::customer::CustomerTag,
        "wecom:connector/customer@0.2.0/follow-user": crate::actions::customer::FollowUser,
        "wecom:connector/customer@0.2.0/get-customer-output": crate::actions::customer::GetCustomerOutput,
        "wecom:connector/customer@0.2.0/list-customers-parameters": crate::actions::customer::ListCustomersParameters,
        "wecom:connector/customer@0.2.0/customer-row": crate::actions::customer::CustomerRow,
        "wecom:connector/customer@0.2.0/list-customers-output": crate::actions::customer::ListCustomersOutput,
        "wecom:connector/customer@0.2.0/list-customer-group-chats-parameters": crate::actions::customer::ListCustomerGroupChatsParameters,
        "wecom:connector/customer@0.2.0/customer-group": crate::actions::customer::CustomerGroup,
        "wecom:connector/customer@0.2.0/list-customer-group-chats-output": crate::actions::customer::ListCustomerGroupChatsOutput,
        "wecom:connector/customer@0.2.0/get-customer-group-chat-parameters": crate::actions::customer::GetCustomerGroupChatParameters,
        "wecom:connector/customer@0.2.0/group-member": crate::actions::customer::GroupMember,
        "wecom:connector/customer@0.2.0/get-customer-group-chat-output": crate::actions::customer::GetCustomerGroupChatOutput,
        "wecom:connector/linked-corp@0.2.0/push-text-message-to-linked-corps-parameters": crate::actions::linked_corp::PushTextMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/delivery": crate::actions::message::Delivery,
        "wecom:connector/linked-corp@0.2.0/push-file-message-to-linked-corps-parameters": crate::actions::linked_corp::PushFileMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/push-image-message-to-linked-corps-parameters": crate::actions::linked_corp::PushImageMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/push-image-text-message-to-linked-corps-parameters": crate::actions::linked_corp::PushImageTextMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/push-text-card-message-to-linked-corps-parameters": crate::actions::linked_corp::PushTextCardMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/article": crate::actions::message::Article,
        "wecom:connector/linked-corp@0.2.0/push-news-message-to-linked-corps-parameters": crate::actions::linked_corp::PushNewsMessageToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/notice-item": crate::actions::message::NoticeItem,
        "wecom:connector/linked-corp@0.2.0/push-mini-program-notice-to-linked-corps-parameters": crate::actions::linked_corp::PushMiniProgramNoticeToLinkedCorpsParameters,
        "wecom:connector/linked-corp@0.2.0/get-linked-corp-permissions-output": crate::actions::linked_corp::GetLinkedCorpPermissionsOutput,
        "wecom:connector/linked-corp@0.2.0/get-linked-corp-member-parameters": crate::actions::linked_corp::GetLinkedCorpMemberParameters,
        "wecom:connector/linked-corp@0.2.0/attribute": crate::actions::member::Attribute,
        "wecom:connector/linked-corp@0.2.0/linked-member": crate::actions::linked_corp::LinkedMember,
        "wecom:connector/linked-corp@0.2.0/list-linked-corp-members-parameters": crate::actions::linked_corp::ListLinkedCorpMembersParameters,
        "wecom:connector/linked-corp@0.2.0/linked-members": crate::actions::linked_corp::LinkedMembers,
        "wecom:connector/linked-corp@0.2.0/list-linked-corp-member-details-parameters": crate::actions::linked_corp::ListLinkedCorpMemberDetailsParameters,
        "wecom:connector/linked-corp@0.2.0/list-linked-corp-departments-parameters": crate::actions::linked_corp::ListLinkedCorpDepartmentsParameters,
        "wecom:connector/linked-corp@0.2.0/linked-department": crate::actions::linked_corp::LinkedDepartment,
        "wecom:connector/linked-corp@0.2.0/list-linked-corp-departments-output": crate::actions::linked_corp::ListLinkedCorpDepartmentsOutput,
        "wecom:connector/shared-app@0.2.0/list-shared-apps-parameters": crate::actions::shared_app::ListSharedAppsParameters,
        "wecom:connector/shared-app@0.2.0/shared-app": crate::actions::shared_app::SharedApp,
        "wecom:connector/shared-app@0.2.0/list-shared-apps-output": crate::actions::shared_app::ListSharedAppsOutput,
        "wecom:connector/any-api@0.2.0/query-value": crate::actions::any_api::QueryValue,
        "wecom:connector/any-api@0.2.0/call-api-parameters": crate::actions::any_api::CallApiParameters,
        "wecom:connector/any-api@0.2.0/answer": crate::actions::any_api::Answer,
        "wecom:connector/types@0.2.0/application": crate::connection::Application,
        "wecom:connector/types@0.2.0/chatbot": crate::connection::Chatbot,
        "wecom:connector/types@0.2.0/error": crate::error::Error,
        "wecom:connector/types@0.2.0/invalid-parameter": crate::error::InvalidParameter,
        "wecom:connector/types@0.2.0/argument": crate::error::Argument,
        "wecom:connector/types@0.2.0/failure": crate::error::Failure,
        "wecom:connector/types@0.2.0/category": crate::error::Category,
        "wecom:connector/types@0.2.0/credential": crate::error::Credential,
        "wecom:connector/types@0.2.0/localized": crate::text::Localized,
        "wecom:connector/types@0.2.0/connection-report": crate::connector::ConnectionReport,
        "wecom:connector/types@0.2.0/connection-check": crate::connector::ConnectionCheck,
        "wecom:connector/types@0.2.0/access-token": crate::connector::AccessToken,
        "wasi:http/outgoing-handler@0.2.2": waki::bindings::wasi::http::outgoing_handler,
        "wasi:http/types@0.2.2": waki::bindings::wasi::http::types,
        "wasi:clocks/monotonic-clock@0.2.2": waki::bindings::wasi::clocks::monotonic_clock,
        "wasi:io/poll@0.2.2": waki::bindings::wasi::io::poll,
        "wasi:io/streams@0.2.2": waki::bindings::wasi::io::streams,
        "wasi:io/error@0.2.2": waki::bindings::wasi::io::error,
    },
});

export!(Component);

impl exports::wecom::connector::department::Guest for Component {
    fn list_department_ids(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::ListDepartmentIdsParameters,
    ) -> Result<crate::actions::department::ListDepartmentIdsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::department::ListDepartmentIds>(connection, parameters)
    }

    fn get_department(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::GetDepartmentParameters,
    ) -> Result<crate::actions::department::DepartmentDetails, crate::error::Error> {
        super::connector().run::<crate::actions::department::GetDepartment>(connection, parameters)
    }

    fn list_departments(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::ListDepartmentsParameters,
    ) -> Result<crate::actions::department::ListDepartmentsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::department::ListDepartments>(connection, parameters)
    }

    fn create_department(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::CreateDepartmentParameters,
    ) -> Result<crate::actions::department::CreateDepartmentOutput, crate::error::Error> {
        super::connector().run::<crate::actions::department::CreateDepartment>(connection, parameters)
    }

    fn update_department(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::UpdateDepartmentParameters,
    ) -> Result<crate::action::Edited, crate::error::Error> {
        super::connector().run::<crate::actions::department::UpdateDepartment>(connection, parameters)
    }

    fn delete_department(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::department::DeleteDepartmentParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::department::DeleteDepartment>(connection, parameters).map(Into::into)
    }
}

impl exports::wecom::connector::member::Guest for Component {
    fn list_member_ids(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::ListMemberIdsParameters,
    ) -> Result<crate::actions::member::ListMemberIdsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::member::ListMemberIds>(connection, parameters)
    }

    fn list_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::ListMembersParameters,
    ) -> Result<crate::actions::member::ListMembersOutput, crate::error::Error> {
        super::connector().run::<crate::actions::member::ListMembers>(connection, parameters)
    }

    fn list_member_details(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::ListMemberDetailsParameters,
    ) -> Result<crate::actions::member::ListMemberDetailsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::member::ListMemberDetails>(connection, parameters)
    }

    fn get_member(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::GetMemberParameters,
    ) -> Result<crate::actions::member::MemberDetails, crate::error::Error> {
        super::connector().run::<crate::actions::member::GetMember>(connection, parameters)
    }

    fn get_member_id_by_mobile(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::GetMemberIdByMobileParameters,
    ) -> Result<crate::actions::member::MemberId, crate::error::Error> {
        super::connector().run::<crate::actions::member::GetMemberIdByMobile>(connection, parameters)
    }

    fn get_member_id_by_email(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::GetMemberIdByEmailParameters,
    ) -> Result<crate::actions::member::MemberId, crate::error::Error> {
        super::connector().run::<crate::actions::member::GetMemberIdByEmail>(connection, parameters)
    }

    fn create_member(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::CreateMemberParameters,
    ) -> Result<crate::actions::member::CreateMemberOutput, crate::error::Error> {
        super::connector().run::<crate::actions::member::CreateMember>(connection, parameters)
    }

    fn update_member(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::UpdateMemberParameters,
    ) -> Result<crate::action::Edited, crate::error::Error> {
        super::connector().run::<crate::actions::member::UpdateMember>(connection, parameters)
    }

    fn delete_member(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::DeleteMemberParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::member::DeleteMember>(connection, parameters).map(Into::into)
    }

    fn delete_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::DeleteMembersParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::member::DeleteMembers>(connection, parameters).map(Into::into)
    }

    fn invite_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::member::InviteMembersParameters,
    ) -> Result<crate::actions::member::Invited, crate::error::Error> {
        super::connector().run::<crate::actions::member::InviteMembers>(connection, parameters)
    }
}

impl exports::wecom::connector::group_chat::Guest for Component {
    fn get_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat::GetGroupChatParameters,
    ) -> Result<crate::actions::group_chat::GetGroupChatOutput, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat::GetGroupChat>(connection, parameters)
    }

    fn create_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat::CreateGroupChatParameters,
    ) -> Result<crate::actions::group_chat::CreateGroupChatOutput, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat::CreateGroupChat>(connection, parameters)
    }

    fn update_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat::UpdateGroupChatParameters,
    ) -> Result<crate::actions::group_chat::UpdateGroupChatOutput, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat::UpdateGroupChat>(connection, parameters)
    }
}

impl exports::wecom::connector::app_message::Guest for Component {
    fn push_text_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushTextMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushTextMessage>(connection, parameters)
    }

    fn push_markdown_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushMarkdownMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushMarkdownMessage>(connection, parameters)
    }

    fn push_file_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushFileMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushFileMessage>(connection, parameters)
    }

    fn push_image_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushImageMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushImageMessage>(connection, parameters)
    }

    fn push_image_text_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushImageTextMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushImageTextMessage>(connection, parameters)
    }

    fn push_text_card_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushTextCardMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushTextCardMessage>(connection, parameters)
    }

    fn push_news_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushNewsMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushNewsMessage>(connection, parameters)
    }

    fn push_mini_program_notice(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushMiniProgramNoticeParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushMiniProgramNotice>(connection, parameters)
    }

    fn push_voice_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushVoiceMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushVoiceMessage>(connection, parameters)
    }

    fn push_video_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::PushVideoMessageParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_message::PushVideoMessage>(connection, parameters)
    }

    fn withdraw_message(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_message::WithdrawMessageParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::app_message::WithdrawMessage>(connection, parameters).map(Into::into)
    }
}

impl exports::wecom::connector::group_chat_message::Guest for Component {
    fn push_text_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushTextMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushTextMessageToGroupChat>(connection, parameters)
    }

    fn push_markdown_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushMarkdownMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushMarkdownMessageToGroupChat>(connection, parameters)
    }

    fn push_file_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushFileMessageToGroupChatParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushFileMessageToGroupChat>(connection, parameters).map(Into::into)
    }

    fn push_image_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushImageMessageToGroupChatParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushImageMessageToGroupChat>(connection, parameters).map(Into::into)
    }

    fn push_image_text_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushImageTextMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushImageTextMessageToGroupChat>(connection, parameters)
    }

    fn push_text_card_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushTextCardMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushTextCardMessageToGroupChat>(connection, parameters)
    }

    fn push_news_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushNewsMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushNewsMessageToGroupChat>(connection, parameters)
    }

    fn push_voice_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushVoiceMessageToGroupChatParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushVoiceMessageToGroupChat>(connection, parameters).map(Into::into)
    }

    fn push_video_message_to_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::group_chat_message::PushVideoMessageToGroupChatParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::group_chat_message::PushVideoMessageToGroupChat>(connection, parameters)
    }
}

impl exports::wecom::connector::chatbot_message::Guest for Component {
    fn push_text_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushTextMessageByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushTextMessageByChatbot>(connection, parameters)
    }

    fn push_markdown_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushMarkdownMessageByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushMarkdownMessageByChatbot>(connection, parameters)
    }

    fn push_markdown_v2_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushMarkdownV2MessageByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushMarkdownV2MessageByChatbot>(connection, parameters)
    }

    fn push_file_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushFileMessageByChatbotParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushFileMessageByChatbot>(connection, parameters).map(Into::into)
    }

    fn push_image_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushImageMessageByChatbotParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushImageMessageByChatbot>(connection, parameters).map(Into::into)
    }

    fn push_image_text_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushImageTextMessageByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushImageTextMessageByChatbot>(connection, parameters)
    }

    fn push_voice_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushVoiceMessageByChatbotParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushVoiceMessageByChatbot>(connection, parameters).map(Into::into)
    }

    fn push_news_message_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushNewsMessageByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushNewsMessageByChatbot>(connection, parameters)
    }

    fn push_text_notice_card_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushTextNoticeCardByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushTextNoticeCardByChatbot>(connection, parameters)
    }

    fn push_news_notice_card_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::chatbot_message::PushNewsNoticeCardByChatbotParameters,
    ) -> Result<crate::actions::message::Pushed, crate::error::Error> {
        super::connector().run::<crate::actions::chatbot_message::PushNewsNoticeCardByChatbot>(connection, parameters)
    }

    fn upload_media_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::media::UploadMediaByChatbotParameters,
    ) -> Result<crate::actions::media::Uploaded, crate::error::Error> {
        super::connector().run::<crate::actions::media::UploadMediaByChatbot>(connection, parameters)
    }

    fn call_api_by_chatbot(
        connection: Option<crate::connection::Chatbot>,
        parameters: crate::actions::any_api::CallApiByChatbotParameters,
    ) -> Result<crate::actions::any_api::Answer, crate::error::Error> {
        super::connector().run::<crate::actions::any_api::CallApiByChatbot>(connection, parameters)
    }
}

impl exports::wecom::connector::app_card::Guest for Component {
    fn push_text_notice_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::PushTextNoticeCardParameters,
    ) -> Result<crate::actions::app_card::CardDelivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::PushTextNoticeCard>(connection, parameters)
    }

    fn push_news_notice_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::PushNewsNoticeCardParameters,
    ) -> Result<crate::actions::app_card::CardDelivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::PushNewsNoticeCard>(connection, parameters)
    }

    fn push_button_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::PushButtonCardParameters,
    ) -> Result<crate::actions::app_card::CardDelivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::PushButtonCard>(connection, parameters)
    }

    fn push_vote_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::PushVoteCardParameters,
    ) -> Result<crate::actions::app_card::CardDelivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::PushVoteCard>(connection, parameters)
    }

    fn push_multiple_choice_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::PushMultipleChoiceCardParameters,
    ) -> Result<crate::actions::app_card::CardDelivery, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::PushMultipleChoiceCard>(connection, parameters)
    }

    fn update_card(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app_card::UpdateCardParameters,
    ) -> Result<crate::actions::app_card::CardUpdate, crate::error::Error> {
        super::connector().run::<crate::actions::app_card::UpdateCard>(connection, parameters)
    }
}

impl exports::wecom::connector::media::Guest for Component {
    fn upload_media(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::media::UploadMediaParameters,
    ) -> Result<crate::actions::media::Uploaded, crate::error::Error> {
        super::connector().run::<crate::actions::media::UploadMedia>(connection, parameters)
    }

    fn upload_article_image(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::media::UploadArticleImageParameters,
    ) -> Result<crate::actions::media::UploadArticleImageOutput, crate::error::Error> {
        super::connector().run::<crate::actions::media::UploadArticleImage>(connection, parameters)
    }

    fn download_media(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::media::DownloadMediaParameters,
    ) -> Result<crate::actions::media::DownloadMediaOutput, crate::error::Error> {
        super::connector().run::<crate::actions::media::DownloadMedia>(connection, parameters)
    }
}

impl exports::wecom::connector::tag::Guest for Component {
    fn list_tags(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::tag::ListTagsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::tag::ListTags>(connection, crate::action::NoParameters {})
    }

    fn get_tag(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::GetTagParameters,
    ) -> Result<crate::actions::tag::GetTagOutput, crate::error::Error> {
        super::connector().run::<crate::actions::tag::GetTag>(connection, parameters)
    }

    fn create_tag(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::CreateTagParameters,
    ) -> Result<crate::actions::tag::CreateTagOutput, crate::error::Error> {
        super::connector().run::<crate::actions::tag::CreateTag>(connection, parameters)
    }

    fn update_tag(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::UpdateTagParameters,
    ) -> Result<crate::action::Edited, crate::error::Error> {
        super::connector().run::<crate::actions::tag::UpdateTag>(connection, parameters)
    }

    fn delete_tag(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::DeleteTagParameters,
    ) -> Result<(), crate::error::Error> {
        super::connector().run::<crate::actions::tag::DeleteTag>(connection, parameters).map(Into::into)
    }

    fn add_tag_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::AddTagMembersParameters,
    ) -> Result<crate::actions::tag::Tagged, crate::error::Error> {
        super::connector().run::<crate::actions::tag::AddTagMembers>(connection, parameters)
    }

    fn remove_tag_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::tag::RemoveTagMembersParameters,
    ) -> Result<crate::actions::tag::Tagged, crate::error::Error> {
        super::connector().run::<crate::actions::tag::RemoveTagMembers>(connection, parameters)
    }
}

impl exports::wecom::connector::app::Guest for Component {
    fn get_application(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::app::GetApplicationParameters,
    ) -> Result<crate::actions::app::GetApplicationOutput, crate::error::Error> {
        super::connector().run::<crate::actions::app::GetApplication>(connection, parameters)
    }

    fn list_applications(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::app::ListApplicationsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::app::ListApplications>(connection, crate::action::NoParameters {})
    }

    fn list_callback_addresses(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::app::Addresses, crate::error::Error> {
        super::connector().run::<crate::actions::app::ListCallbackAddresses>(connection, crate::action::NoParameters {})
    }

    fn list_api_addresses(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::app::Addresses, crate::error::Error> {
        super::connector().run::<crate::actions::app::ListApiAddresses>(connection, crate::action::NoParameters {})
    }
}

impl exports::wecom::connector::customer::Guest for Component {
    fn list_follow_members(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::customer::ListFollowMembersOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::ListFollowMembers>(connection, crate::action::NoParameters {})
    }

    fn list_customer_ids(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::customer::ListCustomerIdsParameters,
    ) -> Result<crate::actions::customer::ListCustomerIdsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::ListCustomerIds>(connection, parameters)
    }

    fn get_customer(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::customer::GetCustomerParameters,
    ) -> Result<crate::actions::customer::GetCustomerOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::GetCustomer>(connection, parameters)
    }

    fn list_customers(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::customer::ListCustomersParameters,
    ) -> Result<crate::actions::customer::ListCustomersOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::ListCustomers>(connection, parameters)
    }

    fn list_customer_group_chats(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::customer::ListCustomerGroupChatsParameters,
    ) -> Result<crate::actions::customer::ListCustomerGroupChatsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::ListCustomerGroupChats>(connection, parameters)
    }

    fn get_customer_group_chat(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::customer::GetCustomerGroupChatParameters,
    ) -> Result<crate::actions::customer::GetCustomerGroupChatOutput, crate::error::Error> {
        super::connector().run::<crate::actions::customer::GetCustomerGroupChat>(connection, parameters)
    }
}

impl exports::wecom::connector::linked_corp::Guest for Component {
    fn push_text_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushTextMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushTextMessageToLinkedCorps>(connection, parameters)
    }

    fn push_file_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushFileMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushFileMessageToLinkedCorps>(connection, parameters)
    }

    fn push_image_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushImageMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushImageMessageToLinkedCorps>(connection, parameters)
    }

    fn push_image_text_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushImageTextMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushImageTextMessageToLinkedCorps>(connection, parameters)
    }

    fn push_text_card_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushTextCardMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushTextCardMessageToLinkedCorps>(connection, parameters)
    }

    fn push_news_message_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushNewsMessageToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushNewsMessageToLinkedCorps>(connection, parameters)
    }

    fn push_mini_program_notice_to_linked_corps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::PushMiniProgramNoticeToLinkedCorpsParameters,
    ) -> Result<crate::actions::message::Delivery, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::PushMiniProgramNoticeToLinkedCorps>(connection, parameters)
    }

    fn get_linked_corp_permissions(
        connection: Option<crate::connection::Application>,
    ) -> Result<crate::actions::linked_corp::GetLinkedCorpPermissionsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::GetLinkedCorpPermissions>(connection, crate::action::NoParameters {})
    }

    fn get_linked_corp_member(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::GetLinkedCorpMemberParameters,
    ) -> Result<crate::actions::linked_corp::LinkedMember, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::GetLinkedCorpMember>(connection, parameters)
    }

    fn list_linked_corp_members(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::ListLinkedCorpMembersParameters,
    ) -> Result<crate::actions::linked_corp::LinkedMembers, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::ListLinkedCorpMembers>(connection, parameters)
    }

    fn list_linked_corp_member_details(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::ListLinkedCorpMemberDetailsParameters,
    ) -> Result<crate::actions::linked_corp::LinkedMembers, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::ListLinkedCorpMemberDetails>(connection, parameters)
    }

    fn list_linked_corp_departments(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::linked_corp::ListLinkedCorpDepartmentsParameters,
    ) -> Result<crate::actions::linked_corp::ListLinkedCorpDepartmentsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::linked_corp::ListLinkedCorpDepartments>(connection, parameters)
    }
}

impl exports::wecom::connector::shared_app::Guest for Component {
    fn list_shared_apps(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::shared_app::ListSharedAppsParameters,
    ) -> Result<crate::actions::shared_app::ListSharedAppsOutput, crate::error::Error> {
        super::connector().run::<crate::actions::shared_app::ListSharedApps>(connection, parameters)
    }
}

impl exports::wecom::connector::any_api::Guest for Component {
    fn call_api(
        connection: Option<crate::connection::Application>,
        parameters: crate::actions::any_api::CallApiParameters,
    ) -> Result<crate::actions::any_api::Answer, crate::error::Error> {
        super::connector().run::<crate::actions::any_api::CallApi>(connection, parameters)
    }
}
