//! Interface `app-card`: template cards that the application sends to members, and what becomes of them.

use serde_json::{Map, Value, json};

use super::app_message::{self, DROPPED, SENT_ONCE, somebody_receives};
use super::card::{
    self, ACTION, BUTTON_LIST, BUTTONS, CHECKBOX, Card, CardAction, CardButton, CardCheckbox, CardDetail, CardEmphasis,
    CardImage, CardImageText, CardJump, CardMenu, CardParagraph, CardQuote, CardSelect, CardSource, CardSubmit,
    CardTitle, DETAILS, EMPHASIS, IMAGE, IMAGE_TEXT, JUMPS, MENU, MULTIPLE_CHOICE, NEWS_NOTICE, NOTICE_ACTION,
    NOTICE_TASK_ID, NOTICE_TITLE, PARAGRAPHS, QUOTE, SELECTION, SELECTS, SOURCE, SUBMIT, TASK_ID, TEXT, TEXT_NOTICE,
    TITLE, VOTE,
};
use super::member;
use super::message::{
    AGENT_ID, DUPLICATE_CHECK, INVALID_PARTY, INVALID_TAG, INVALID_USER, MSG_ID, TO_PARTY, TO_TAG, TO_USER,
    UNLICENSED_USER,
};
use crate::about::{About, EVERY_API, Effect, Interface, Proof, Secrets, icon};
use crate::action::{Action, CLEANED, Request, TRUNCATED};
use crate::connection::{Application, CheckedApplication, MAX_AGENT_ID};
use crate::http::Method;
use crate::parameter::conditions::{always, filled, given, holds, is, not, when};
use crate::parameter::field::NO_YES;
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, phrase, text};

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "app-card",
    title: text("Cards to members", "应用模板卡片"),
    docs: "Template cards that the application sends to members and departments, and their update.",
};

const RESPONSE_CODE: Spec = Spec {
    title: text("Response Code", "响应代码"),
    description: text(
        "Updates the card once, within 72 hours. Only cards that call the application back have one.",
        "用于更新卡片，72小时内有效，只能使用一次。只有会回调应用的卡片才有。",
    ),
    names: Names::Card,
    ..Spec::NEW
};

output! {
    /// What a card to members says of who got it, and what it can be updated with.
    pub struct CardDelivery {
        pub msg_id: Option<String> = MSG_ID,
        pub response_code: Option<String> = RESPONSE_CODE,
        pub invalid_user: Vec<String> = INVALID_USER,
        pub invalid_party: Vec<String> = INVALID_PARTY,
        pub invalid_tag: Vec<String> = INVALID_TAG,
        pub unlicensed_user: Vec<String> = UNLICENSED_USER,
        pub truncated: Vec<String> = TRUNCATED,
        pub cleaned: Vec<String> = CLEANED,
    }
}

/// What is known of every push of a card.
const PUSH: About = About {
    icon: icon!("card"),
    remarks: &[SHOWN, SENT_ONCE, DROPPED],
    interface: &INTERFACE,
    since: "0.2.0",
    sample_output: r#"{"msg_id": "vEVpd0nVZyyiUsl5kHm3F1yvKB9HCS6nDlSk8Xnp6Hk", "response_code": "xGjZ5fzTpcVSqFLAlTZ6XA0HxiXGzJUTaHQTlzDSHG4", "invalid_user": ["wangwu"], "invalid_party": [], "invalid_tag": [], "unlicensed_user": [], "truncated": [], "cleaned": []}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invaliduser": "", "invalidparty": "", "invalidtag": "", "unlicenseduser": "", "msgid": "msg", "response_code": "code"}"#,
    ..app_message::PUSH
};

/// Of a card whose buttons call back.
const CALLS_BACK: Text = text(
    "The application needs a callback address (43012), which is told what a member chooses.",
    "应用须已配置接收消息的回调地址（否则错误码43012），成员的选择会回调到该地址。",
);

/// Of where a card is seen.
const SHOWN: Text = text("It shows in WeCom only, not in WeChat.", "仅在企业微信中显示，微信中不显示。");

/// What a push of a card is held against beside the rules of its fields.
fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>, card_type: &str) {
    app_message::check(parameters, connection);
    card::check(parameters, card_type, false);
    let task_id = PushTextNoticeCardParameters::task_id;
    if parameters.has(Card::action_menu.name()) && !parameters.has(task_id.name()) {
        parameters.violate(task_id, &[Card::action_menu.name()], phrase!("is required together with `action_menu`"));
    }
}

fn request(card_type: &'static str, parameters: Parameters, connection: &CheckedApplication) -> Request {
    card::typed(app_message::request("template_card", parameters, connection), card_type)
}

fn delivery(mut reply: Reply, edits: Edits) -> Result<CardDelivery, Malformed> {
    let response_code = reply.text("response_code")?;
    let delivery = app_message::delivery(reply, edits)?;
    Ok(CardDelivery {
        msg_id: delivery.msg_id,
        response_code,
        invalid_user: delivery.invalid_user,
        invalid_party: delivery.invalid_party,
        invalid_tag: delivery.invalid_tag,
        unlicensed_user: delivery.unlicensed_user,
        truncated: delivery.truncated,
        cleaned: delivery.cleaned,
    })
}

/// What every push of a card does the same way: only its table, its kind and what a schema can say differ.
macro_rules! push {
    ($parameters:ty, $card_type:ident $(, $conditions:expr)*) => {
        type Connection = Application;
        type Parameters = $parameters;
        type Output = CardDelivery;

        const IDEMPOTENT_WITH: Option<&'static str> = app_message::IDEMPOTENT_WITH;

        fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
            check(parameters, connection, $card_type);
        }

        fn conditions() -> Map<String, Value> {
            let conditions: Vec<Map<String, Value>> = vec![somebody_receives(), $($conditions),*];
            always(json!({"allOf": conditions}))
        }

        fn request(parameters: Parameters, connection: &CheckedApplication) -> Request {
            request($card_type, parameters, connection)
        }

        fn output(reply: Reply, edits: Edits) -> Result<CardDelivery, Malformed> {
            delivery(reply, edits)
        }
    };
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushTextNoticeCard;

table! {
    /// Parameters of `push-text-notice-card`.
    pub struct PushTextNoticeCardParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub main_title: Option<CardTitle> = NOTICE_TITLE,
        pub sub_title_text: Option<String> = TEXT,
        pub emphasis_content: Option<CardEmphasis> = EMPHASIS,
        pub horizontal_content_list: Option<Vec<CardDetail>> = DETAILS,
        pub card_action: CardAction = NOTICE_ACTION,
        pub source: Option<CardSource> = SOURCE,
        pub quote_area: Option<CardQuote> = QUOTE,
        pub jump_list: Option<Vec<CardJump>> = JUMPS,
        pub action_menu: Option<CardMenu> = MENU,
        pub task_id: Option<String> = NOTICE_TASK_ID,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushTextNoticeCard {
    const ABOUT: About = About {
        id: "push-text-notice-card",
        title: text("Pushing a text notice card", "推送文本通知型模板卡片"),
        label: text("Push a text notice card", "发送文本通知卡片"),
        description: text(
            "Sends a card with a title, a figure, details and links from the application to members or departments.",
            "由应用向成员或部门发送带标题、关键数据、明细和跳转链接的卡片。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "main_title": {"title": "第29周销售报表", "desc": "已生成，请查看"}, "emphasis_content": {"title": "+4%", "desc": "环比增长"}, "horizontal_content_list": [{"key_name": "负责人", "value": "王工", "type": 3, "user_id": "wangwu"}], "card_action": {"type": 1, "url": "https://bi.example.com/report/29"}, "source": {"desc": "报表平台", "desc_color": 1}, "jump_list": [{"type": 1, "title": "往期报表", "url": "https://bi.example.com/reports"}]}"#,
        ..PUSH
    };
    push!(
        PushTextNoticeCardParameters,
        TEXT_NOTICE,
        card::titled_or_text(),
        card::menu_needs_task(PushTextNoticeCardParameters::task_id)
    );
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushNewsNoticeCard;

table! {
    /// Parameters of `push-news-notice-card`.
    pub struct PushNewsNoticeCardParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub main_title: CardTitle = TITLE,
        pub card_image: Option<CardImage> = IMAGE,
        pub image_text_area: Option<CardImageText> = IMAGE_TEXT,
        pub vertical_content_list: Option<Vec<CardParagraph>> = PARAGRAPHS,
        pub horizontal_content_list: Option<Vec<CardDetail>> = DETAILS,
        pub card_action: CardAction = NOTICE_ACTION,
        pub source: Option<CardSource> = SOURCE,
        pub quote_area: Option<CardQuote> = QUOTE,
        pub jump_list: Option<Vec<CardJump>> = JUMPS,
        pub action_menu: Option<CardMenu> = MENU,
        pub task_id: Option<String> = NOTICE_TASK_ID,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushNewsNoticeCard {
    const ABOUT: About = About {
        id: "push-news-notice-card",
        title: text("Pushing a news notice card", "推送图文展示型模板卡片"),
        label: text("Push a news notice card", "发送图文展示卡片"),
        description: text(
            "Sends a card with a picture, paragraphs and links from the application to members or departments.",
            "由应用向成员或部门发送带图片、段落和跳转链接的卡片。",
        ),
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "main_title": {"title": "新办公室开放", "desc": "欢迎参观"}, "card_image": {"url": "https://example.com/office.png", "aspect_ratio": "2.25"}, "vertical_content_list": [{"title": "地点", "desc": "科技园三号楼五层"}], "card_action": {"type": 1, "url": "https://example.com/office"}}"#,
        ..PUSH
    };
    push!(
        PushNewsNoticeCardParameters,
        NEWS_NOTICE,
        card::pictured(),
        card::menu_needs_task(PushNewsNoticeCardParameters::task_id)
    );
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushButtonCard;

table! {
    /// Parameters of `push-button-card`.
    pub struct PushButtonCardParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub main_title: CardTitle = TITLE,
        pub task_id: String = TASK_ID,
        pub button_list: Vec<CardButton> = BUTTON_LIST,
        pub sub_title_text: Option<String> = TEXT,
        pub horizontal_content_list: Option<Vec<CardDetail>> = DETAILS,
        pub card_action: Option<CardAction> = ACTION,
        pub source: Option<CardSource> = SOURCE,
        pub quote_area: Option<CardQuote> = QUOTE,
        pub action_menu: Option<CardMenu> = MENU,
        pub button_selection: Option<CardSelect> = SELECTION,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushButtonCard {
    const ABOUT: About = About {
        id: "push-button-card",
        title: text("Pushing a button card", "推送按钮交互型模板卡片"),
        label: text("Push a card with buttons", "发送按钮卡片"),
        description: text(
            "Sends a card with one to six buttons from the application to members or departments: to approve or refuse, say.",
            "由应用向成员或部门发送带1到6个按钮的卡片，如审批的同意和拒绝。",
        ),
        remarks: &[CALLS_BACK, SHOWN, SENT_ONCE, DROPPED],
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "main_title": {"title": "采购单17号", "desc": "金额1200元"}, "task_id": "order-17", "button_list": [{"text": "同意", "style": 1, "key": "approve-17"}, {"text": "查看详情", "type": 1, "url": "https://erp.example.com/17"}], "horizontal_content_list": [{"key_name": "申请人", "value": "王工", "type": 3, "user_id": "wangwu"}]}"#,
        ..PUSH
    };
    push!(PushButtonCardParameters, BUTTONS);
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushVoteCard;

table! {
    /// Parameters of `push-vote-card`.
    pub struct PushVoteCardParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub main_title: CardTitle = TITLE,
        pub task_id: String = TASK_ID,
        pub checkbox: CardCheckbox = CHECKBOX,
        pub submit_button: CardSubmit = SUBMIT,
        pub source: Option<CardSource> = SOURCE,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushVoteCard {
    const ABOUT: About = About {
        id: "push-vote-card",
        title: text("Pushing a vote card", "推送投票选择型模板卡片"),
        label: text("Push a vote card", "发送投票卡片"),
        description: text(
            "Sends a card with a question and up to twenty options from the application to members or departments.",
            "由应用向成员或部门发送带一个题目、最多20个选项的投票卡片。",
        ),
        remarks: &[CALLS_BACK, SHOWN, SENT_ONCE, DROPPED],
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "main_title": {"title": "周五的午餐"}, "task_id": "lunch-29", "checkbox": {"question_key": "lunch", "mode": 0, "option_list": [{"id": "noodles", "text": "面条", "is_checked": 1}, {"id": "rice", "text": "盖饭"}]}, "submit_button": {"text": "提交", "key": "vote-29"}}"#,
        ..PUSH
    };
    push!(PushVoteCardParameters, VOTE);
}

/// `POST message/send`
///
/// <https://developer.work.weixin.qq.com/document/path/90236>
pub struct PushMultipleChoiceCard;

table! {
    /// Parameters of `push-multiple-choice-card`.
    pub struct PushMultipleChoiceCardParameters {
        pub to_user: Option<Vec<String>> = TO_USER,
        pub to_party: Option<Vec<u32>> = TO_PARTY,
        pub agent_id: Option<u64> = AGENT_ID,
        pub main_title: CardTitle = TITLE,
        pub task_id: String = TASK_ID,
        pub select_list: Vec<CardSelect> = SELECTS,
        pub submit_button: CardSubmit = SUBMIT,
        pub source: Option<CardSource> = SOURCE,
        pub to_tag: Option<Vec<u32>> = TO_TAG,
        pub duplicate_check_interval: Option<u32> = DUPLICATE_CHECK,
    }
}

impl Action for PushMultipleChoiceCard {
    const ABOUT: About = About {
        id: "push-multiple-choice-card",
        title: text("Pushing a multiple choice card", "推送多项选择型模板卡片"),
        label: text("Push a multiple choice card", "发送多项选择卡片"),
        description: text(
            "Sends a card with one to three lists to choose from, from the application to members or departments.",
            "由应用向成员或部门发送带1到3个下拉选择器的卡片。",
        ),
        remarks: &[CALLS_BACK, SHOWN, SENT_ONCE, DROPPED],
        sample_parameters: r#"{"to_user": ["zhangsan"], "agent_id": 1000002, "main_title": {"title": "培训报名"}, "task_id": "training-5", "select_list": [{"question_key": "day", "title": "日期", "option_list": [{"id": "mon", "text": "周一"}, {"id": "tue", "text": "周二"}], "selected_id": "tue"}], "submit_button": {"text": "提交", "key": "training-5"}}"#,
        ..PUSH
    };
    push!(PushMultipleChoiceCardParameters, MULTIPLE_CHOICE);
}

/// `POST message/update_template_card`
///
/// <https://developer.work.weixin.qq.com/document/path/94888>
pub struct UpdateCard;

table! {
    /// Parameters of `update-card`.
    pub struct UpdateCardParameters {
        pub response_code: String = Spec {
            description: text(
                "Code that came with the card, or with a member's choice in a callback. Each is good for one update within 72 \
                hours.",
                "发送卡片时返回的响应代码，或成员操作后回调中的响应代码。每个代码72小时内有效，只能更新一次。",
            ),
            examples: &[Text::both(r#""xGjZ5fzTpcVSqFLAlTZ6XA0HxiXGzJUTaHQTlzDSHG4""#)],
            rules: &[rules::NOT_EMPTY, rules::ID],
            ui: ui::hint(text(
                "The response_code in the output of the action that pushed the card, or the ResponseCode of a callback.",
                "即发送卡片的操作返回的response_code，或回调事件中的ResponseCode。",
            )),
            ..RESPONSE_CODE
        },
        pub user_ids: Option<Vec<String>> = Spec {
            wire: "userids",
            title: text("Member IDs", "成员ID"),
            description: text(
                "IDs of the members whose card changes, at most 1000. They must have got the card.",
                "要更新卡片的成员的ID，最多1000个，须为收到该卡片的成员。",
            ),
            examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
            ui: ui::list(",").options(ui::MEMBERS).hint(member::IN_CONTACTS),
            ..TO_USER
        },
        pub party_ids: Option<Vec<u32>> = Spec {
            wire: "partyids",
            title: text("Dept IDs", "部门ID"),
            description: text(
                "IDs of the departments whose members' card changes, at most 100.",
                "要更新卡片的部门的ID，最多100个。",
            ),
            ui: ui::Ui { separator: Some(","), ..TO_PARTY.ui },
            ..TO_PARTY
        },
        pub tag_ids: Option<Vec<u32>> = Spec {
            wire: "tagids",
            title: text("Tag IDs", "标签ID"),
            description: text(
                "IDs of the tags whose members' card changes, at most 100.",
                "要更新卡片的标签的ID，最多100个。",
            ),
            ui: ui::Ui { separator: Some(","), ..TO_TAG.ui },
            ..TO_TAG
        },
        pub at_all: Option<u8> = Spec {
            wire: "atall",
            title: text("Everyone", "全体"),
            description: text(
                "Whether the card changes for everyone who got it. Default: no.",
                "是否更新所有收到该卡片的成员的卡片。不填时不更新全体。",
            ),
            choices: NO_YES,
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
        pub replace_name: Option<String> = Spec {
            title: text("Text of the Button", "按钮替换文字"),
            description: text(
                "Greys the buttons out and shows this instead. Give this or a new card; a notice has no buttons.",
                "将按钮置灰并显示此文字。与新卡片二选一；通知类卡片没有按钮，不能使用。",
            ),
            examples: &[text(r#""Approved""#, r#""已同意""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub card: Option<Card> = Spec {
            wire: "template_card",
            title: text("New Card", "新卡片"),
            description: text(
                "The card that takes the old one's place, of any kind. Give this or a text of the button.",
                "替换原卡片的新卡片，可以是任何类型。与按钮替换文字二选一。",
            ),
            conditions: card::kinds,
            ..Spec::NEW
        },
        pub agent_id: Option<u64> = Spec {
            description: text(
                "ID of the application that sent the card. Default: that of the connection.",
                "发送该卡片的应用的ID。不填时使用连接中的企业应用ID。",
            ),
            // Here, WeCom says, 0 is an application, too.
            rules: &[rules::range(0, MAX_AGENT_ID)],
            ..AGENT_ID
        },
    }
}

output! {
    /// What the update of a card says of who got it.
    pub struct CardUpdate {
        pub invalid_user: Vec<String> = Spec {
            description: text(
                "Members whose card did not change: unknown, or not among those who got it. In lower case.",
                "卡片没有更新的成员：成员不存在，或没有收到该卡片。成员ID均为小写。",
            ),
            ..INVALID_USER
        },
        pub cleaned: Vec<String> = CLEANED,
    }
}

impl Action for UpdateCard {
    const ABOUT: About = About {
        id: "update-card",
        title: text("Updating a template card", "更新模板卡片"),
        label: text("Update a card", "更新卡片"),
        icon: icon!("card"),
        description: text(
            "Greys the buttons of a sent card out with a new text, or puts a new card in its place, for those named. A second \
            call is refused with 60140, since a response code is good for one update.",
            "将已发送卡片的按钮置灰并更换文字，或替换为新卡片，只对指定的成员生效。响应代码只能使用一次，再次运行会被拒绝（错误码60140）。",
        ),
        remarks: &[],
        interface: &INTERFACE,
        method: Method::Post,
        api: "message/update_template_card",
        proof: Proof::ErrcodeOnly,
        secrets: Secrets::App,
        effect: Effect::Update,
        idempotent: true,
        rate_limits: &EVERY_API,
        pagination: None,
        since: "0.2.0",
        doc_url: "https://developer.work.weixin.qq.com/document/path/94888",
        sample_parameters: r#"{"response_code": "xGjZ5fzTpcVSqFLAlTZ6XA0HxiXGzJUTaHQTlzDSHG4", "user_ids": ["zhangsan", "wangwu"], "replace_name": "已同意", "agent_id": 1000002}"#,
        sample_output: r#"{"invalid_user": ["wangwu"], "cleaned": []}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "ok", "invaliduser": ["wangwu"]}"#,
    };
    type Connection = Application;
    type Parameters = UpdateCardParameters;
    type Output = CardUpdate;

    fn check(parameters: &mut Parameters, connection: Option<&CheckedApplication>) {
        type P = UpdateCardParameters;
        app_message::check_agent_id(parameters, connection);
        let nobody = parameters.entries(P::user_ids).is_empty()
            && parameters.entries(P::party_ids).is_empty()
            && parameters.entries(P::tag_ids).is_empty()
            && parameters.number(P::at_all) != Some(1);
        if nobody {
            let others = [P::party_ids.name(), P::tag_ids.name(), P::at_all.name()];
            let rule = phrase!("is required where `party_ids`, `tag_ids` and `at_all` name nobody");
            parameters.violate(P::user_ids, &others, rule);
        }
        match [parameters.has(P::replace_name.name()), parameters.has(P::card.name())] {
            [true, true] => {
                let rule = phrase!("must be left out where there is a `card`");
                parameters.violate(P::replace_name, &[P::card.name()], rule);
            }
            [false, false] => {
                let rule = phrase!("is required where there is no `card`");
                parameters.violate(P::replace_name, &[P::card.name()], rule);
            }
            _ => {}
        }
        parameters.check_record(P::card, |card| {
            let card_type = card.text(Card::card_type).to_owned();
            card::check(card, &card_type, true);
        });
    }

    fn conditions() -> Map<String, Value> {
        type P = UpdateCardParameters;
        // In this order: where a rule leaves one value, a form library would take it for the default, and reach everyone.
        let members = when(not(is(P::at_all, 1)), filled(P::user_ids));
        let receivers = when(not(filled(P::tag_ids)), members.into());
        let receivers = when(not(filled(P::party_ids)), receivers.into());
        let has_card = holds(P::card, Card::card_type);
        let button = when(not(has_card.clone()), given(P::replace_name));
        let card = when(has_card, json!({"properties": {P::replace_name.name(): {"maxLength": 0}}}));
        always(json!({"allOf": [receivers, button, card]}))
    }

    fn request(mut parameters: Parameters, connection: &CheckedApplication) -> Request {
        app_message::set_agent_id(&mut parameters, connection);
        let button = parameters.take(UpdateCardParameters::replace_name);
        let mut body = parameters.into_wire();
        if let Some((name, text)) = button {
            body.insert("button".to_owned(), json!({name: text}));
        }
        app_message::translate(&mut body, "template_card");
        Request::post(Self::ABOUT.api, body)
    }

    fn output(mut reply: Reply, edits: Edits) -> Result<CardUpdate, Malformed> {
        Ok(CardUpdate { invalid_user: reply.delimited("invaliduser")?, cleaned: edits.cleaned })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::wire::{Call, OK, call};

    const SENT: &str = r#"{
        "errcode": 0,
        "errmsg": "ok",
        "invaliduser": "userid1|userid2",
        "invalidparty": "partyid1|partyid2",
        "invalidtag": "tagid1|tagid2",
        "unlicenseduser": "userid3|userid4",
        "msgid": "xxxx",
        "response_code": "xyzxyz"
    }"#;

    /// The output for [`SENT`].
    fn sent() -> Value {
        json!({
            "msg_id": "xxxx",
            "response_code": "xyzxyz",
            "invalid_user": ["userid1", "userid2"],
            "invalid_party": ["partyid1", "partyid2"],
            "invalid_tag": ["tagid1", "tagid2"],
            "unlicensed_user": ["userid3", "userid4"],
            "truncated": [],
            "cleaned": [],
        })
    }

    /// A card on the wire as the contract has it; what is null is left out.
    fn contract(wire: &Value) -> Value {
        let rename = |name: &str| {
            let names =
                [("appid", "app_id"), ("pagepath", "page_path"), ("keyname", "key_name"), ("userid", "user_id")];
            names.into_iter().find(|(wire, _)| *wire == name).map_or(name, |(_, name)| name).to_owned()
        };
        match wire {
            Value::Object(fields) => {
                let given = fields.iter().filter(|(_, value)| !value.is_null());
                given.map(|(name, value)| (rename(name), contract(value))).collect()
            }
            Value::Array(items) => items.iter().map(contract).collect(),
            Value::Bool(switch) => u8::from(*switch).into(),
            Value::Number(number) if number.is_f64() => number.to_string().into(),
            value => value.clone(),
        }
    }

    /// The push of a card, which is given as it stands on the wire; its body.
    fn pushed(action: &'static str, card_type: &str, card: &Value) -> (Call, Value) {
        let mut parameters = contract(card);
        let to = json!({"to_user": ["UserID1", "UserID2"], "to_party": [1, 2], "to_tag": [1, 2], "agent_id": 1});
        parameters.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
        let mut card = card.clone();
        card["card_type"] = card_type.into();
        let body = json!({
            "touser": "UserID1|UserID2",
            "toparty": "1|2",
            "totag": "1|2",
            "msgtype": "template_card",
            "agentid": 1,
            "template_card": card,
        });
        (call(action, parameters), body)
    }

    /// Asserts that the card arrives as it is.
    #[track_caller]
    fn arrives(action: &'static str, card_type: &str, card: &Value) {
        let (push, body) = pushed(action, card_type, card);
        push.posts("message/send", body).returns(SENT, sent());
    }

    /// Asserts that a card is refused that has this at the pointer, or lacks it where that is null.
    #[track_caller]
    fn refused(card_of: fn() -> (&'static str, Value), pointer: &str, value: Value, at: &str, says: &str) {
        let (action, mut card) = card_of();
        *card.pointer_mut(pointer).unwrap_or_else(|| panic!("{action} has no {pointer}")) = value;
        pushed(action, "", &card).0.refused_at(at, says);
    }

    fn source() -> Value {
        json!({"icon_url": "图片的url", "desc": "企业微信", "desc_color": 1})
    }

    fn menu() -> Value {
        let entries = [json!({"text": "接受推送", "key": "A"}), json!({"text": "不再推送", "key": "B"})];
        json!({"desc": "卡片副交互辅助文本说明", "action_list": entries})
    }

    fn quote() -> Value {
        json!({
            "type": 1,
            "url": "https://work.weixin.qq.com",
            "title": "企业微信的引用样式",
            "quote_text": "企业微信真好用呀真好用",
        })
    }

    fn details() -> Value {
        json!([
            {"keyname": "邀请人", "value": "张三"},
            {"type": 1, "keyname": "企业微信官网", "value": "点击访问", "url": "https://work.weixin.qq.com"},
            {"type": 2, "keyname": "企业微信下载", "value": "企业微信.apk", "media_id": "文件的media_id"},
            {"type": 3, "keyname": "员工信息", "value": "点击查看", "userid": "zhangsan"},
        ])
    }

    fn jumps() -> Value {
        json!([
            {"type": 1, "title": "企业微信官网", "url": "https://work.weixin.qq.com"},
            {"type": 2, "title": "跳转小程序", "appid": "小程序的appid", "pagepath": "/index.html"},
        ])
    }

    fn action() -> Value {
        json!({"type": 2, "url": "https://work.weixin.qq.com", "appid": "小程序的appid", "pagepath": "/index.html"})
    }

    fn text_notice() -> (&'static str, Value) {
        let card = json!({
            "source": source(),
            "action_menu": menu(),
            "task_id": "task_id",
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "quote_area": quote(),
            "emphasis_content": {"title": "100", "desc": "核心数据"},
            "sub_title_text": "下载企业微信还能抢红包！",
            "horizontal_content_list": details(),
            "jump_list": jumps(),
            "card_action": action(),
        });
        ("push-text-notice-card", card)
    }

    fn news_notice() -> (&'static str, Value) {
        let card = json!({
            "source": source(),
            "action_menu": menu(),
            "task_id": "task_id",
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "quote_area": quote(),
            "image_text_area": {
                "type": 1,
                "url": "https://work.weixin.qq.com",
                "title": "企业微信的左图右文样式",
                "desc": "企业微信真好用呀真好用",
                "image_url": "https://img.iplaysoft.com/wp-content/uploads/2019/free-images/free_stock_photo_2x.jpg",
            },
            "card_image": {"url": "图片的url", "aspect_ratio": 1.3},
            "vertical_content_list": [{"title": "惊喜红包等你来拿", "desc": "下载企业微信还能抢红包！"}],
            "horizontal_content_list": details(),
            "jump_list": jumps(),
            "card_action": action(),
        });
        ("push-news-notice-card", card)
    }

    fn options() -> Value {
        json!([{"id": "option_id1", "text": "选择题选项1"}, {"id": "option_id2", "text": "选择题选项2"}])
    }

    fn buttons() -> (&'static str, Value) {
        let card = json!({
            "source": source(),
            "action_menu": menu(),
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "quote_area": quote(),
            "sub_title_text": "下载企业微信还能抢红包！",
            "horizontal_content_list": details(),
            "card_action": action(),
            "task_id": "task_id",
            "button_selection": {
                "question_key": "btn_question_key1",
                "title": "企业微信评分",
                "option_list": options(),
                "selected_id": "option_id1",
            },
            "button_list": [
                {"text": "按钮1", "style": 1, "key": "button_key_1"},
                {"text": "按钮2", "style": 2, "key": "button_key_2"},
                {"text": "官网", "type": 1, "url": "https://work.weixin.qq.com"},
            ],
        });
        ("push-button-card", card)
    }

    fn vote() -> (&'static str, Value) {
        let card = json!({
            "source": {"icon_url": "图片的url", "desc": "企业微信"},
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "task_id": "task_id",
            "checkbox": {
                "question_key": "question_key",
                "option_list": [
                    {"id": "option_id1", "text": "选择题选项1", "is_checked": true},
                    {"id": "option_id2", "text": "选择题选项2", "is_checked": false},
                ],
                "mode": 1,
            },
            "submit_button": {"text": "提交", "key": "key"},
        });
        ("push-vote-card", card)
    }

    fn multiple_choice() -> (&'static str, Value) {
        let select = |key: &str| json!({"question_key": key, "title": "选择器标签", "selected_id": "option_id1", "option_list": options()});
        let card = json!({
            "source": {"icon_url": "图片的url", "desc": "企业微信"},
            "main_title": {"title": "欢迎使用企业微信", "desc": "您的好友正在邀请您加入企业微信"},
            "task_id": "task_id",
            "select_list": [select("question_key1"), select("question_key2")],
            "submit_button": {"text": "提交", "key": "key"},
        });
        ("push-multiple-choice-card", card)
    }

    #[test]
    fn push_text_notice_card() {
        let (action, card) = text_notice();
        arrives(action, "text_notice", &card);
        arrives(
            action,
            "text_notice",
            &json!({"sub_title_text": "T", "card_action": {"type": 1, "url": "https://a.cn"}}),
        );
        call(
            "push-text-notice-card",
            json!({"to_user": ["a"], "sub_title_text": "T", "card_action": {"type": 1, "url": "u"}}),
        )
        .posts(
            "message/send",
            json!({
                "touser": "a",
                "msgtype": "template_card",
                "agentid": 1_000_002,
                "template_card": {
                    "card_type": "text_notice",
                    "sub_title_text": "T",
                    "card_action": {"type": 1, "url": "u"},
                },
            }),
        )
        // A notice without a menu cannot be updated.
        .returns(
            r#"{"errcode": 0, "errmsg": "ok", "msgid": "xxxx"}"#,
            json!({
                "msg_id": "xxxx",
                "invalid_user": [],
                "invalid_party": [],
                "invalid_tag": [],
                "unlicensed_user": [],
                "truncated": [],
                "cleaned": [],
            }),
        );
    }

    #[test]
    fn push_news_notice_card() {
        let (action, mut card) = news_notice();
        arrives(action, "news_notice", &card);
        for (ratio, number) in [
            (json!("2.25"), json!(2.25)),
            (json!(2), json!(2)),
            (json!("1.30"), json!(1.3)),
            (json!(1.31), json!(1.31)),
        ] {
            card["card_image"]["aspect_ratio"] = number;
            let (_, body) = pushed(action, "news_notice", &card);
            card["card_image"]["aspect_ratio"] = ratio;
            pushed(action, "news_notice", &card).0.posts("message/send", body).returns(SENT, sent());
        }
        for ratio in [json!(1.29), json!("2.251"), json!("1,5"), json!("2."), json!("-2"), json!("1.5e0"), json!("12")]
        {
            refused(news_notice, "/card_image/aspect_ratio", ratio, "/card_image/aspect_ratio", "from 1.3 to 2.25");
        }
        for pointer in ["/card_image", "/image_text_area"] {
            let (action, mut card) = news_notice();
            card.as_object_mut().unwrap().remove(&pointer[1..]);
            arrives(action, "news_notice", &card);
            card["card_image"] = Value::Null;
            card["image_text_area"] = Value::Null;
            pushed(action, "", &card).0.refused_at("/card_image", "is required where there is no `image_text_area`");
        }
    }

    #[test]
    fn push_button_card() {
        let (action, card) = buttons();
        arrives(action, "button_interaction", &card);
    }

    #[test]
    fn push_vote_card() {
        let (action, mut card) = vote();
        arrives(action, "vote_interaction", &card);
        // There is no other colour.
        let (_, body) = pushed(action, "vote_interaction", &card);
        card["source"]["desc_color"] = 2.into();
        card["checkbox"]["disable"] = 0.into();
        pushed(action, "", &card).0.posts("message/send", body).returns(SENT, sent());
        for submit_button in [json!({"key": "key"}), json!({"key": "key", "text": ""})] {
            card["submit_button"] = submit_button;
            let (push, mut body) = pushed(action, "vote_interaction", &card);
            body["template_card"]["submit_button"] = json!({"key": "key"});
            body["template_card"]["source"].as_object_mut().unwrap().remove("desc_color");
            body["template_card"]["checkbox"].as_object_mut().unwrap().remove("disable");
            push.posts("message/send", body).returns(SENT, sent());
        }
    }

    #[test]
    fn push_multiple_choice_card() {
        let (action, card) = multiple_choice();
        arrives(action, "multiple_interaction", &card);
    }

    #[test]
    fn what_a_part_opens_is_there() {
        for card in [text_notice, news_notice, buttons] {
            refused(card, "/quote_area/url", Value::Null, "/quote_area/url", "is required where `type` is 1");
            refused(card, "/card_action/appid", Value::Null, "/card_action/app_id", "is required where `type` is 2");
            for (index, key, type_) in [(1, "url", 1), (2, "media_id", 2), (3, "userid", 3)] {
                let pointer = format!("/horizontal_content_list/{index}/{key}");
                let says = format!("is required where `type` is {type_}");
                refused(card, &pointer, Value::Null, &pointer.replace("userid", "user_id"), &says);
            }
            refused(card, "/card_action/type", 3.into(), "/card_action/type", "must be 2 or less");
        }
        for card in [text_notice, news_notice] {
            refused(card, "/jump_list/0/url", "".into(), "/jump_list/0/url", "is required where `type` is 1");
            refused(card, "/jump_list/1/appid", Value::Null, "/jump_list/1/app_id", "is required where `type` is 2");
            refused(card, "/card_action/type", 0.into(), "/card_action/type", "must be 1 or more");
            refused(card, "/card_action", Value::Null, "/card_action", "is required");
        }
        let area = "/image_text_area/url";
        refused(news_notice, area, Value::Null, area, "is required where `type` is 1");
        refused(buttons, "/button_list/2/url", Value::Null, "/button_list/2/url", "is required where `type` is 1");
        refused(buttons, "/button_list/1/key", Value::Null, "/button_list/1/key", "is required where `type` is 0");
        // What could not be read is at fault for that alone.
        refused(text_notice, "/jump_list/0/url", json!([1]), "/jump_list/0/url", "must be a text");
    }

    #[test]
    fn a_card_has_a_title() {
        for card in [news_notice, buttons, vote, multiple_choice] {
            refused(card, "/main_title/title", " ".into(), "/main_title/title", "is required");
            refused(card, "/main_title", json!({}), "/main_title/title", "is required");
            refused(card, "/main_title", Value::Null, "/main_title", "is required");
        }
        let (action, mut card) = text_notice();
        card["sub_title_text"] = Value::Null;
        card["main_title"]["title"] = Value::Null;
        pushed(action, "", &card).0.refused_at("/sub_title_text", "is required where `main_title` has no `title`");
    }

    #[test]
    fn what_the_callback_tells_apart_differs() {
        let differ = "must differ from those of the entries before";
        refused(text_notice, "/action_menu/action_list/1/key", "A".into(), "/action_menu/action_list/1/key", differ);
        refused(buttons, "/button_list/1/key", "button_key_1".into(), "/button_list/1/key", differ);
        let option = "/button_selection/option_list/1/id";
        refused(buttons, option, "option_id1".into(), option, differ);
        let option = "/checkbox/option_list/1/id";
        refused(vote, option, "option_id1".into(), option, differ);
        let question = "/select_list/1/question_key";
        refused(multiple_choice, question, "question_key1".into(), question, differ);
        let option = "/select_list/1/option_list/1/id";
        refused(multiple_choice, option, "option_id1".into(), option, differ);
    }

    #[test]
    fn parts_are_counted() {
        let many = |entry: Value, count: usize| Value::from(vec![entry; count]);
        let detail = json!({"keyname": "a", "value": "b"});
        let at = "/horizontal_content_list";
        refused(text_notice, at, many(detail, 7), at, "must have at most 6 entries, and has 7");
        let paragraph = many(json!({"title": "a"}), 5);
        refused(news_notice, "/vertical_content_list", paragraph, "/vertical_content_list", "at most 4 entries");
        refused(text_notice, "/jump_list", many(json!({"title": "a"}), 4), "/jump_list", "at most 3 entries");
        let button = json!({"text": "a", "key": "a"});
        for (list, count) in [("/button_list", 0), ("/button_list", 7)] {
            refused(buttons, list, many(button.clone(), count), list, "must have 1 to 6 entries");
        }
        let option = json!({"id": "a", "text": "b"});
        for (card, list, most) in [
            (buttons as fn() -> _, "/button_selection/option_list", 10),
            (vote, "/checkbox/option_list", 20),
            (multiple_choice, "/select_list/1/option_list", 10),
        ] {
            for count in [0, most + 1] {
                let says = format!("must have 1 to {most} entries, and has {count}");
                refused(card, list, many(option.clone(), count), list, &says);
            }
        }
        let select = json!({"question_key": "a", "option_list": [option]});
        refused(multiple_choice, "/select_list", many(select, 4), "/select_list", "must have 1 to 3 entries");
        let entry = json!({"text": "a", "key": "a"});
        let menu = "/action_menu/action_list";
        refused(text_notice, menu, many(entry, 4), menu, "must have 1 to 3 entries, and has 4");
    }

    #[test]
    fn a_card_that_calls_back_has_a_name() {
        for card in [text_notice, news_notice] {
            refused(card, "/task_id", Value::Null, "/task_id", "is required together with `action_menu`");
        }
        for card in [buttons, vote, multiple_choice] {
            refused(card, "/task_id", Value::Null, "/task_id", "is required");
            refused(card, "/task_id", "order 17".into(), "/task_id", "character 6 is U+0020");
            refused(card, "/task_id", "a".repeat(129).into(), "/task_id", "must have at most 128 characters");
        }
        refused(buttons, "/button_list/0/key", "k".repeat(1025).into(), "/button_list/0/key", "at most 1024 bytes");
        for (card, part) in [(vote as fn() -> _, "/checkbox"), (multiple_choice, "/select_list/0")] {
            let (action, mut card) = card();
            card.pointer_mut(part).unwrap()["disable"] = 1.into();
            pushed(action, "", &card).0.refused_at(&format!("{part}/disable"), "is for a card that replaces another");
        }
    }

    #[test]
    fn a_part_that_shows_nothing_is_left_out() {
        let (action, mut card) = text_notice();
        for (part, empty) in [
            ("quote_area", json!({"type": 0})),
            ("source", json!({"desc": " ", "desc_color": 1})),
            ("emphasis_content", json!({"title": ""})),
            ("jump_list", json!([])),
            ("horizontal_content_list", json!("")),
            ("main_title", json!({})),
            ("action_menu", json!({"desc": " ", "action_list": [""]})),
        ] {
            let mut without = card.clone();
            without.as_object_mut().unwrap().remove(part);
            let (_, body) = pushed(action, "text_notice", &without);
            card[part] = empty;
            pushed(action, "", &card).0.posts("message/send", body).returns(SENT, sent());
            card.as_object_mut().unwrap().remove(part);
        }
        // What is wrong in it is said nevertheless.
        card["quote_area"] = json!({"type": 3});
        pushed(action, "", &card).0.refused_at("/quote_area/type", "must be 2 or less");
        // An entry with fields was meant, also where a flow had nothing to put into them.
        let (push, mut news) = news_notice();
        news["vertical_content_list"][0] = json!({"title": ""});
        pushed(push, "", &news).0.refused_at("/vertical_content_list/0/title", "must not be empty");
        card["quote_area"] = json!({});
        card["emphasis_content"] = json!({"titel": ""});
        pushed(action, "", &card).0.refused_at("/emphasis_content/titel", "did you mean \"title\"?");
    }

    #[test]
    fn names_are_asked_for_where_a_card_has_marks() {
        for pointer in [
            "/source/desc",
            "/main_title/title",
            "/main_title/desc",
            "/sub_title_text",
            "/horizontal_content_list/0/value",
        ] {
            let (action, mut card) = text_notice();
            *card.pointer_mut(pointer).unwrap() = "请 $userName=zhangsan$ 查看".into();
            let (push, mut body) = pushed(action, "text_notice", &card);
            body["enable_id_trans"] = 1.into();
            push.posts("message/send", body).returns(SENT, sent());
        }
    }

    #[test]
    fn what_every_push_obeys_a_card_obeys_too() {
        let (action, card) = vote();
        let parameters = |to: Value| {
            let mut parameters = contract(&card);
            parameters.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
            call(action, parameters)
        };
        parameters(json!({})).refused_at("/to_user", "is required");
        parameters(json!({"to_user": ["a"]})).without_agent_id().refused_at("/agent_id", "is required where");
        let mut card = card.clone();
        card["card_type"] = "vote_interaction".into();
        let body = json!({
            "touser": "@all",
            "msgtype": "template_card",
            "agentid": 1_000_002,
            "template_card": card,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 60,
        });
        parameters(json!({"to_user": ["@all"], "to_tag": [1], "duplicate_check_interval": 60}))
            .posts("message/send", body)
            .returns(SENT, sent());
    }

    fn update(parameters: &Value) -> Call {
        let mut all = json!({"response_code": "response_code", "agent_id": 1});
        all.as_object_mut().unwrap().extend(contract(parameters).as_object().unwrap().clone());
        call("update-card", all)
    }

    #[test]
    fn update_card() {
        update(&json!({"user_ids": ["userid1", "userid2"], "party_ids": [2, 3], "tag_ids": [44, 55], "at_all": 0, "replace_name": "已同意"}))
            .posts(
                "message/update_template_card",
                json!({
                    "userids": ["userid1", "userid2"],
                    "partyids": [2, 3],
                    "tagids": [44, 55],
                    "atall": 0,
                    "agentid": 1,
                    "response_code": "response_code",
                    "button": {"replace_name": "已同意"},
                }),
            )
            .returns(
                r#"{"errcode": 0, "errmsg": "ok", "invaliduser": ["userid1", "userid2"]}"#,
                json!({"invalid_user": ["userid1", "userid2"], "cleaned": []}),
            );
        call("update-card", json!({"response_code": "c", "at_all": true, "replace_name": "好\u{7}的"}))
            .posts(
                "message/update_template_card",
                json!({"atall": 1, "agentid": 1_000_002, "response_code": "c", "button": {"replace_name": "好的"}}),
            )
            .returns(OK, json!({"invalid_user": [], "cleaned": ["replace_name"]}));
    }

    #[test]
    fn a_card_of_any_kind_takes_another_one_s_place() {
        for (card_of, card_type) in [
            (text_notice as fn() -> (_, Value), "text_notice"),
            (news_notice, "news_notice"),
            (buttons, "button_interaction"),
            (vote, "vote_interaction"),
            (multiple_choice, "multiple_interaction"),
        ] {
            let mut card = card_of().1;
            let fields = card.as_object_mut().unwrap();
            fields.insert("card_type".into(), card_type.into());
            if !card_type.ends_with("_notice") {
                card["replace_text"] = "已提交".into();
            }
            for disabled in ["/checkbox", "/select_list/0", "/button_selection"] {
                if let Some(part) = card.pointer_mut(disabled) {
                    part["disable"] = true.into();
                }
            }
            card["main_title"]["desc"] = "$userName=zhangsan$".into();
            let body = |card: &Value| {
                json!({
                    "userids": ["a"],
                    "agentid": 1,
                    "response_code": "response_code",
                    "template_card": card,
                    "enable_id_trans": 1,
                })
            };
            let updated = |card: &Value| update(&json!({"user_ids": ["a"], "card": card}));
            let api = "message/update_template_card";
            updated(&card).posts(api, body(&card)).returns(OK, json!({"invalid_user": [], "cleaned": []}));

            let stranger = if card_type == "text_notice" { "button_list" } else { "emphasis_content" };
            let mut odd = card.clone();
            odd[stranger] =
                if stranger == "button_list" { json!([{"text": "a", "key": "a"}]) } else { json!({"title": "1"}) };
            updated(&odd).refused_at(&format!("/card/{stranger}"), "is no part of a card of this kind");

            // A card that has its answer needs no button to send it.
            if card.as_object_mut().unwrap().remove("submit_button").is_some() {
                updated(&card).posts(api, body(&card)).returns(OK, json!({"invalid_user": [], "cleaned": []}));
            }
        }
        let replaced = |card: Value| update(&json!({"at_all": 1, "card": card}));
        let said = "is required in a card of this kind";
        replaced(json!({"card_type": "vote_interaction", "main_title": {"title": "T"}}))
            .refused_at("/card/checkbox", said);
        let buttons = json!([{"text": "a", "key": "a"}, {"text": "b", "key": "a"}]);
        let card = json!({"card_type": "button_interaction", "main_title": {"title": "T"}, "button_list": buttons});
        replaced(card).refused_at("/card/button_list/1/key", "must differ from those of the entries before");
        replaced(json!({"card_type": "text"})).refused_at("/card/card_type", "must be text_notice, news_notice,");
    }

    #[test]
    fn an_update_says_for_whom_and_what() {
        let at_user = "is required where `party_ids`, `tag_ids` and `at_all` name nobody";
        update(&json!({"replace_name": "好"})).refused_at("/user_ids", at_user);
        update(&json!({"at_all": 0, "user_ids": "", "replace_name": "好"})).refused_at("/user_ids", at_user);
        update(&json!({"at_all": 1})).refused_at("/replace_name", "is required where there is no `card`");
        let mut card =
            json!({"card_type": "text_notice", "sub_title_text": "T", "card_action": {"type": 1, "url": "u"}});
        update(&json!({"at_all": 1, "replace_name": "好", "card": card}))
            .refused_at("/replace_name", "must be left out where there is a `card`");
        let menu = vec![json!({"text": "a", "key": "a"}); 4];
        card["action_menu"] = json!({"action_list": menu});
        update(&json!({"at_all": 1, "card": card}))
            .refused_at("/card/action_menu/action_list", "must have 1 to 3 entries, and has 4");
        call("update-card", json!({"response_code": "c", "at_all": 1, "replace_name": "好"}))
            .without_agent_id()
            .refused_at("/agent_id", "is required where the connection has no `agent_id`");
        update(&json!({"at_all": 1, "replace_name": "好", "response_code": ""}))
            .refused_at("/response_code", "must not be empty");
    }
}
