//! The parts of template cards, which all kinds have in common, and the rules that a card as a whole obeys.
//!
//! WeCom suggests how many characters a text should have, and refuses none that has more: descriptions say it, no rule does.

use serde_json::{Map, Number, Value, json};

use super::member;
use super::message::MINI_PROGRAM;
use crate::action::{Body, Request};
use crate::parameter::conditions::{always, both, given, holds, is, needs, not, when, when_else};
use crate::parameter::field::{Choice, NO_YES, choice};
use crate::parameter::rules::{self, Form, Pattern, Rule};
use crate::parameter::{Described, Key, Names, Parameters, Spec, table, ui};
use crate::text::{Message, Text, message, phrase, text};

/// The longest key of a button, a menu or a question, in bytes.
const MAX_KEY_BYTES: usize = 1024;
/// The longest ID of an option or a card, in bytes.
const MAX_ID_BYTES: usize = 128;

/// What a click does, where it may do nothing.
const LINKS: &[Choice] = &[
    choice(0, text("Nothing", "不跳转")),
    choice(1, text("Open a link", "打开链接")),
    choice(2, text("Open a mini program", "打开小程序")),
];

/// The type of a part that opens something.
const OPEN_LINK: u8 = 1;
const OPEN_MINI_PROGRAM: u8 = 2;
/// The types of a detail that are not those of a link.
const DETAIL_FILE: u8 = 2;
const DETAIL_MEMBER: u8 = 3;

/// What a card's width is to its height: a number in digits, from 1.3 to 2.25.
const ASPECT_RATIO: Rule = Rule::Matches(&Pattern {
    regex: r"^(1\.[3-9][0-9]*|2(\.([01][0-9]*|2([0-4][0-9]*|50*)?))?)?$",
    form: |text| {
        // Digits in a row are in the order of the numbers that they stand for.
        let digits = text.as_bytes();
        let is_number = match digits {
            [b'2'] => true,
            [b'1' | b'2', b'.', rest @ ..] => !rest.is_empty() && rest.iter().all(u8::is_ascii_digit),
            _ => false,
        };
        let is_within = ("1.3"..="2.25").contains(&text.trim_end_matches('0'));
        if is_number && is_within { Form::Good } else { Form::Bad }
    },
    words: phrase!("must be a number from 1.3 to 2.25"),
});

/// The name that a card has from its sender.
const NEW_TASK_ID: Rule = Rule::Matches(&Pattern {
    regex: "^[0-9A-Za-z_@-]*$",
    form: |text| match text.find(|c: char| !c.is_ascii_alphanumeric() && !"_-@".contains(c)) {
        Some(at) => Form::BadAt(at),
        None => Form::Good,
    },
    words: phrase!("must hold only digits, letters, and _ - @"),
});

/// The kinds of card, as WeCom names them.
pub(super) const TEXT_NOTICE: &str = "text_notice";
pub(super) const NEWS_NOTICE: &str = "news_notice";
pub(super) const BUTTONS: &str = "button_interaction";
pub(super) const VOTE: &str = "vote_interaction";
pub(super) const MULTIPLE_CHOICE: &str = "multiple_interaction";

/// One of the kinds of card. It is no choice: a form library takes the first of a choice for the default, and a card that
/// nobody asked for would be begun.
const CARD_TYPE: Rule = Rule::Matches(&Pattern {
    regex: "^(text_notice|news_notice|button_interaction|vote_interaction|multiple_interaction)$",
    form: |text| {
        if KINDS.iter().any(|kind| kind.card_type == text) { Form::Good } else { Form::Bad }
    },
    words: phrase!("must be text_notice, news_notice, button_interaction, vote_interaction or multiple_interaction"),
});

// ---------------------------------------------------------------------------------------- fields of several parts

const LINK: Spec = Spec {
    title: text("Link", "链接"),
    description: text("Address that opens. Required where the type is a link.", "点击后打开的链接。类型为链接时必填。"),
    examples: &[Text::both(r#""https://example.com/orders/17""#)],
    rules: &[rules::ID],
    ..Spec::NEW
};

const APP_ID: Spec = Spec {
    description: text(
        "AppID of the mini program that opens. It must be linked with the application. Required where the type is a mini \
        program.",
        "点击后打开的小程序的AppID，小程序须已关联到本应用。类型为小程序时必填。",
    ),
    rules: &[rules::ID],
    ..MINI_PROGRAM
};

const PAGE_PATH: Spec = Spec {
    wire: "pagepath",
    title: text("Mini Program Page", "小程序页面"),
    description: text(
        "Page of the mini program that opens. Default: its first.",
        "点击后打开的小程序页面的路径。不填时打开首页。",
    ),
    examples: &[Text::both(r#""pages/orders?id=17""#)],
    rules: &[rules::ID],
    ..Spec::NEW
};

const LINK_TYPE: Spec = Spec {
    title: text("What a Click Does", "点击效果"),
    description: text("What a click on this part does. Default: nothing.", "点击此处的效果。不填时不跳转。"),
    choices: LINKS,
    rules: &[rules::range(0, 2)],
    ..Spec::NEW
};

const PICTURE: Spec = Spec {
    title: text("Picture", "图片链接"),
    description: text("Address of the picture.", "图片的地址。"),
    examples: &[Text::both(r#""https://example.com/picture.png""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ..Spec::NEW
};

const QUESTION_KEY: Spec = Spec {
    title: text("Question Key", "题目Key"),
    description: text(
        "Names the question in the callback that tells the answer, at most 1024 bytes.",
        "题目的标识，成员作答后会随回调返回，最多1024字节。",
    ),
    examples: &[Text::both(r#""lunch""#)],
    rules: &[rules::NOT_EMPTY, rules::ID, rules::bytes(0, MAX_KEY_BYTES)],
    ..Spec::NEW
};

const KEY: Spec = Spec {
    title: text("Key", "回调Key"),
    description: text(
        "Comes with the callback of a click, at most 1024 bytes. Different for each entry.",
        "点击后随回调返回的标识，最多1024字节，各项不能相同。",
    ),
    examples: &[Text::both(r#""approve-17""#)],
    rules: &[rules::NOT_EMPTY, rules::ID, rules::bytes(0, MAX_KEY_BYTES)],
    ..Spec::NEW
};

const OPTION_ID: Spec = Spec {
    title: text("Option ID", "选项ID"),
    description: text(
        "Names the option in the callback that tells the answer, at most 128 bytes. Different for each option.",
        "选项的ID，成员作答后会随回调返回，最多128字节，各选项不能相同。",
    ),
    examples: &[Text::both(r#""noodles""#)],
    rules: &[rules::NOT_EMPTY, rules::ID, rules::bytes(0, MAX_ID_BYTES)],
    names: Names::CardOption,
    ..Spec::NEW
};

const DISABLED: Spec = Spec {
    title: text("Disabled", "不可选择"),
    description: text(
        "Whether nobody can choose any more. Only in a card that replaces another. Default: no.",
        "是否不可再选择，仅用于更新后的卡片。不填时可选择。",
    ),
    choices: NO_YES,
    rules: &[rules::SWITCH],
    ui: ui::ADVANCED,
    ..Spec::NEW
};

// ---------------------------------------------------------------------------------------------------------- parts

table! {
    /// Where a card comes from, shown above everything else.
    pub struct CardSource {
        pub icon_url: Option<String> = Spec {
            title: text("Icon", "图标链接"),
            description: text("Address of the icon, 72 x 72 pixels.", "来源图标的地址，建议72×72像素。"),
            examples: &[Text::both(r#""https://example.com/icon.png""#)],
            rules: &[rules::ID],
            ..Spec::NEW
        },
        pub desc: Option<String> = Spec {
            title: text("Source", "来源文字"),
            description: text(
                "Name of the source. Suggested: up to 20 characters, 13 by chatbot.",
                "来源的名称，建议不超过20个字，机器人不超过13个字。",
            ),
            examples: &[text(r#""Purchasing""#, r#""采购系统""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub desc_color: Option<u8> = Spec {
            title: text("Color", "文字颜色"),
            description: text(
                "Colour of the name. Votes and multiple choices have no colour but grey. Default: grey.",
                "来源文字的颜色，投票和多项选择卡片只有灰色。不填时为灰色。",
            ),
            choices: &[
                choice(0, text("Grey", "灰色")),
                choice(1, text("Black", "黑色")),
                choice(2, text("Red", "红色")),
                choice(3, text("Green", "绿色")),
            ],
            rules: &[rules::range(0, 3)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

const MENU_TEXT: Spec = Spec {
    title: text("Description", "说明"),
    description: text("What the menu is for.", "菜单的说明文字。"),
    examples: &[text(r#""More""#, r#""更多操作""#)],
    rules: &[rules::LINE],
    ..Spec::NEW
};

const MENU_ENTRIES: Spec = Spec {
    title: text("Entries", "菜单项"),
    description: text("The entries of the menu, 1 to 3.", "菜单项，1到3个。"),
    rules: &[rules::entries(1, 3)],
    ..Spec::NEW
};

table! {
    /// The menu at the top right of a card.
    pub struct CardMenu {
        pub desc: Option<String> = MENU_TEXT,
        pub action_list: Vec<CardMenuItem> = MENU_ENTRIES,
    }
}

table! {
    /// The menu at the top right of a card that answers a callback.
    pub struct ReplyMenu {
        pub desc: Option<String> = MENU_TEXT,
        pub action_list: Vec<CardMenuItem> = Spec {
            description: text("The entries of the menu, 1 to 10.", "菜单项，1到10个。"),
            rules: &[rules::entries(1, 10)],
            ..MENU_ENTRIES
        },
    }
}

table! {
    /// An entry of a card's menu.
    pub struct CardMenuItem {
        pub text: String = Spec {
            title: text("Text", "文字"),
            description: text("What the entry says.", "菜单项的文字。"),
            examples: &[text(r#""Mute""#, r#""不再推送""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub key: String = KEY,
    }
}

table! {
    /// Title of a card, and the text below it.
    pub struct CardTitle {
        pub title: Option<String> = Spec {
            title: text("Title", "标题"),
            description: text(
                "The title. Suggested: up to 36 characters, 26 by chatbot, 16 in a vote.",
                "一级标题，建议不超过36个字，机器人不超过26个字，投票不超过16个字。",
            ),
            examples: &[text(r#""Order 17""#, r#""采购单17号""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub desc: Option<String> = Spec {
            title: text("Description", "说明"),
            description: text(
                "Text below the title. Suggested: up to 44 characters, 30 by chatbot, 160 in a vote or multiple choice.",
                "标题下的辅助信息，建议不超过44个字，机器人不超过30个字，投票和多项选择不超过160个字。",
            ),
            examples: &[text(r#""1 200 CNY""#, r#""金额1200元""#)],
            rules: &[rules::TEXT],
            ..Spec::NEW
        },
    }
}

table! {
    /// A quotation in a card.
    pub struct CardQuote {
        pub type_: Option<u8> = LINK_TYPE,
        pub url: Option<String> = LINK,
        pub app_id: Option<String> = APP_ID,
        pub page_path: Option<String> = PAGE_PATH,
        pub title: Option<String> = Spec {
            title: text("Title", "标题"),
            description: text("Title of the quotation.", "引用的标题。"),
            examples: &[text(r#""Wang wrote""#, r#""王工的说明""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub quote_text: Option<String> = Spec {
            title: text("Quotation", "引用文字"),
            description: text("What is quoted.", "引用的内容。"),
            examples: &[text(r#""We need it by Friday.""#, r#""周五之前要用。""#)],
            rules: &[rules::TEXT],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
    }
}

table! {
    /// What a text notice shows in large letters.
    pub struct CardEmphasis {
        pub title: Option<String> = Spec {
            title: text("Figure", "关键数据"),
            description: text(
                "What is shown in large letters. Suggested: up to 14 characters, 10 by chatbot.",
                "放大显示的内容，建议不超过14个字，机器人不超过10个字。",
            ),
            examples: &[Text::both(r#""+4%""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub desc: Option<String> = Spec {
            title: text("Description", "说明"),
            description: text(
                "What the figure means. Suggested: up to 22 characters, 15 by chatbot.",
                "关键数据的说明，建议不超过22个字，机器人不超过15个字。",
            ),
            examples: &[text(r#""Sales, week 29""#, r#""第29周销售额""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
    }
}

table! {
    /// A name and a value that stand side by side.
    pub struct CardDetail {
        pub type_: Option<u8> = Spec {
            title: text("Type", "类型"),
            description: text("What the value is. Default: a text.", "内容的类型。不填时为文本。"),
            choices: &[
                choice(0, text("Text", "文本")),
                choice(1, text("Link", "链接")),
                choice(2, text("File", "附件")),
                choice(3, text("Member", "成员")),
            ],
            rules: &[rules::range(0, 3)],
            ..Spec::NEW
        },
        pub key_name: String = Spec {
            wire: "keyname",
            title: text("Name", "名称"),
            description: text("Name of the value. Suggested: up to 5 characters.", "左侧的名称，建议不超过5个字。"),
            examples: &[text(r#""By""#, r#""申请人""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub value: Option<String> = Spec {
            title: text("Value", "内容"),
            description: text(
                "The value; of a file, its name with the extension. Suggested: up to 30 characters, 26 by chatbot.",
                "右侧的内容；附件填写带扩展名的文件名。建议不超过30个字，机器人不超过26个字。",
            ),
            examples: &[text(r#""Wang""#, r#""王工""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub url: Option<String> = LINK,
        pub media_id: Option<String> = Spec {
            title: text("File ID", "文件ID"),
            description: text(
                "Media ID of the file, uploaded as a file at most three days ago: by the application, or by the chatbot that \
                sends the card. Required where the type is a file.",
                "附件的media_id，须为最近三天内以文件类型上传的素材：应用的卡片由应用上传，机器人的卡片由同一个机器人上传。类型为附件时必填。",
            ),
            examples: &[Text::both(r#""1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0""#)],
            rules: &[rules::ID],
            ui: ui::hint(text(
                "The Media ID that uploading the file returned.",
                "上传文件时返回的media_id。",
            )),
            names: Names::File,
            ..Spec::NEW
        },
        pub user_id: Option<String> = Spec {
            wire: "userid",
            title: text("Member ID", "成员ID"),
            description: text(
                "ID of the member whose page opens. Required where the type is a member.",
                "点击后打开其资料的成员的ID。类型为成员时必填。",
            ),
            examples: &[Text::both(r#""wangwu""#)],
            rules: &[rules::ID],
            ui: ui::options(ui::MEMBERS).hint(member::IN_CONTACTS),
            names: Names::Member,
            ..Spec::NEW
        },
    }
}

table! {
    /// A line at the foot of a card that opens something.
    pub struct CardJump {
        pub type_: Option<u8> = LINK_TYPE,
        pub title: String = Spec {
            title: text("Text", "文字"),
            description: text(
                "What the line says. Suggested: up to 18 characters, 13 by chatbot.",
                "跳转指引的文字，建议不超过18个字，机器人不超过13个字。",
            ),
            examples: &[text(r#""All orders""#, r#""查看全部采购单""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub url: Option<String> = LINK,
        pub app_id: Option<String> = APP_ID,
        pub page_path: Option<String> = PAGE_PATH,
    }
}

table! {
    /// What a click on the card as a whole opens.
    pub struct CardAction {
        pub type_: u8 = Spec {
            description: text("What a click on the card does. Notices must open something.", "点击卡片的效果，通知类卡片必须跳转。"),
            ..LINK_TYPE
        },
        pub url: Option<String> = LINK,
        pub app_id: Option<String> = APP_ID,
        pub page_path: Option<String> = PAGE_PATH,
    }
}

table! {
    /// The picture of a card.
    pub struct CardImage {
        pub url: String = PICTURE,
        pub aspect_ratio: Option<String> = Spec {
            title: text("Aspect Ratio", "宽高比"),
            description: text(
                "Width of the picture divided by its height, from 1.3 to 2.25. Default: 1.3.",
                "图片的宽高比，1.3到2.25。不填时为1.3。",
            ),
            examples: &[Text::both(r#""2.25""#)],
            rules: &[ASPECT_RATIO],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

table! {
    /// A picture with a text to its right.
    pub struct CardImageText {
        pub type_: Option<u8> = LINK_TYPE,
        pub url: Option<String> = LINK,
        pub app_id: Option<String> = APP_ID,
        pub page_path: Option<String> = PAGE_PATH,
        pub title: Option<String> = Spec {
            title: text("Title", "标题"),
            description: text("Title of the text.", "文字的标题。"),
            examples: &[text(r#""Sales, week 29""#, r#""第29周销售报表""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub desc: Option<String> = Spec {
            title: text("Description", "说明"),
            description: text("Text below the title.", "标题下的文字。"),
            examples: &[text(r#""Up 4 %""#, r#""环比增长4%""#)],
            rules: &[rules::TEXT],
            ..Spec::NEW
        },
        pub image_url: String = PICTURE,
    }
}

table! {
    /// A paragraph of a news notice.
    pub struct CardParagraph {
        pub title: String = Spec {
            title: text("Title", "标题"),
            description: text(
                "Title of the paragraph. Suggested: up to 38 characters, 26 by chatbot.",
                "段落的标题，建议不超过38个字，机器人不超过26个字。",
            ),
            examples: &[text(r#""North""#, r#""华北""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub desc: Option<String> = Spec {
            title: text("Text", "正文"),
            description: text(
                "The paragraph. Suggested: up to 160 characters, 112 by chatbot.",
                "段落的文字，建议不超过160个字，机器人不超过112个字。",
            ),
            examples: &[text(r#""Three new customers""#, r#""新增客户三家""#)],
            rules: &[rules::TEXT],
            ui: ui::TEXTAREA,
            ..Spec::NEW
        },
    }
}

table! {
    /// A button of a card.
    pub struct CardButton {
        pub text: String = Spec {
            title: text("Text", "文字"),
            description: text("What the button says. Suggested: up to 10 characters.", "按钮的文字，建议不超过10个字。"),
            examples: &[text(r#""Approve""#, r#""同意""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub key: Option<String> = Spec {
            description: text(
                "Comes with the callback of a click, at most 1024 bytes. Different for each button, and required for one that \
                calls back.",
                "点击后随回调返回的标识，最多1024字节，各按钮不能相同。回调按钮必填。",
            ),
            rules: &[rules::ID, rules::bytes(0, MAX_KEY_BYTES)],
            ..KEY
        },
        pub style: Option<u8> = Spec {
            title: text("Style", "样式"),
            description: text("Look of the button, 1 to 4. Default: 1.", "按钮的样式，1到4。不填时为1。"),
            examples: &[Text::both("2")],
            rules: &[rules::range(1, 4)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
        pub type_: Option<u8> = Spec {
            title: text("What a Click Does", "点击效果"),
            description: text(
                "What a click on the button does. Default: it calls the application back.",
                "点击按钮的效果。不填时回调应用。",
            ),
            choices: &[choice(0, text("Call back", "回调应用")), choice(1, text("Open a link", "打开链接"))],
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
        pub url: Option<String> = LINK,
    }
}

table! {
    /// A list of which one entry can be chosen.
    pub struct CardSelect {
        pub question_key: String = QUESTION_KEY,
        pub title: Option<String> = Spec {
            title: text("Title", "标题"),
            description: text("What is to be chosen.", "选择器的标题。"),
            examples: &[text(r#""Lunch""#, r#""午餐""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub option_list: Vec<CardOption> = Spec {
            title: text("Options", "选项"),
            description: text("What can be chosen, 1 to 10 options.", "可选的选项，1到10个。"),
            rules: &[rules::entries(1, 10)],
            ..Spec::NEW
        },
        pub selected_id: Option<String> = Spec {
            title: text("Chosen Option ID", "默认选项ID"),
            description: text(
                "ID of the option that is chosen at first. Default: the first option.",
                "默认选中的选项的ID。不填时选中第一项。",
            ),
            rules: &[rules::ID],
            ..OPTION_ID
        },
        pub disable: Option<u8> = DISABLED,
    }
}

table! {
    /// An option of a list.
    pub struct CardOption {
        pub id: String = OPTION_ID,
        pub text: String = Spec {
            title: text("Text", "文字"),
            description: text("What the option says. Suggested: up to 16 characters.", "选项的文字，建议不超过16个字。"),
            examples: &[text(r#""Noodles""#, r#""面条""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
    }
}

table! {
    /// The options of a vote.
    pub struct CardCheckbox {
        pub question_key: String = QUESTION_KEY,
        pub mode: Option<u8> = Spec {
            title: text("Choice", "选择方式"),
            description: text("How many options one may choose. Default: one.", "可选的选项数。不填时为单选。"),
            choices: &[choice(0, text("One", "单选")), choice(1, text("Several", "多选"))],
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
        pub option_list: Vec<CardCheckboxOption> = Spec {
            title: text("Options", "选项"),
            description: text("What can be chosen, 1 to 20 options.", "可选的选项，1到20个。"),
            rules: &[rules::entries(1, 20)],
            ..Spec::NEW
        },
        pub disable: Option<u8> = DISABLED,
    }
}

table! {
    /// An option of a vote.
    pub struct CardCheckboxOption {
        pub id: String = OPTION_ID,
        pub text: String = Spec {
            title: text("Text", "文字"),
            description: text("What the option says. Suggested: up to 17 characters.", "选项的文字，建议不超过17个字。"),
            examples: &[text(r#""Noodles""#, r#""面条""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE],
            ..Spec::NEW
        },
        pub is_checked: Option<u8> = Spec {
            title: text("Chosen", "默认选中"),
            description: text("Whether the option is chosen at first. Default: no.", "是否默认选中。不填时不选中。"),
            choices: NO_YES,
            rules: &[rules::SWITCH],
            ..Spec::NEW
        },
    }
}

table! {
    /// The button that sends the answer.
    pub struct CardSubmit {
        pub text: Option<String> = Spec {
            title: text("Text", "文字"),
            description: text(
                "What the button says. Suggested: up to 10 characters. Default: WeCom's word for submitting.",
                "按钮的文字，建议不超过10个字。不填时为“提交”。",
            ),
            examples: &[text(r#""Send""#, r#""提交""#)],
            rules: &[rules::LINE],
            ..Spec::NEW
        },
        pub key: String = Spec {
            description: text("Comes with the callback of a click, at most 1024 bytes.", "点击后随回调返回的标识，最多1024字节。"),
            ..KEY
        },
    }
}

// ----------------------------------------------------------------------------------------- parts, as a table has them

pub(super) const SOURCE: Spec = Spec {
    title: text("Source", "来源"),
    description: text("Icon and name above the card.", "卡片上方的图标和来源文字。"),
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const MENU: Spec = Spec {
    title: text("Menu", "右上角菜单"),
    description: text(
        "Menu at the top right, whose entries call the application back.",
        "卡片右上角的菜单，点击菜单项会回调应用。",
    ),
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const TITLE: Spec = Spec {
    title: text("Title", "标题"),
    description: text("Title of the card.", "卡片的标题。"),
    conditions: || always(given(CardTitle::title)),
    ..Spec::NEW
};

pub(super) const NOTICE_TITLE: Spec = Spec {
    description: text("Title of the card. The card needs a title or a text.", "卡片的标题。标题和正文至少填写一项。"),
    conditions: Map::new,
    ..TITLE
};

pub(super) const QUOTE: Spec = Spec {
    title: text("Quotation", "引用"),
    description: text("A quotation, which can open something.", "引用的内容，可点击跳转。"),
    ui: ui::ADVANCED,
    conditions: opens,
    ..Spec::NEW
};

pub(super) const EMPHASIS: Spec = Spec {
    title: text("Figure", "关键数据"),
    description: text("What is shown in large letters.", "放大显示的关键数据。"),
    ..Spec::NEW
};

pub(super) const TEXT: Spec = Spec {
    title: text("Text", "正文"),
    description: text(
        "Text below the title. Suggested: up to 160 characters, 112 by chatbot.",
        "标题下的正文，建议不超过160个字，机器人不超过112个字。",
    ),
    examples: &[text(r#""Two laptops for the new colleagues""#, r#""为新同事采购两台笔记本电脑""#)],
    rules: &[rules::TEXT],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

pub(super) const DETAILS: Spec = Spec {
    title: text("Details", "明细"),
    description: text(
        "Names and values side by side, at most 6. A value can be a link, a file or a member.",
        "左右排列的名称和内容，最多6行。内容可以是链接、附件或成员。",
    ),
    rules: &[rules::entries(0, 6)],
    conditions: || {
        let member = when(is(CardDetail::type_, DETAIL_MEMBER), given(CardDetail::user_id));
        let file = when_else(is(CardDetail::type_, DETAIL_FILE), given(CardDetail::media_id), member);
        when_else(is(CardDetail::type_, OPEN_LINK), given(CardDetail::url), file)
    },
    ..Spec::NEW
};

pub(super) const JUMPS: Spec = Spec {
    title: text("Links", "跳转指引"),
    description: text("Lines at the foot of the card that open something, at most 3.", "卡片底部的跳转指引，最多3行。"),
    rules: &[rules::entries(0, 3)],
    ui: ui::ADVANCED,
    conditions: opens,
    ..Spec::NEW
};

pub(super) const ACTION: Spec = Spec {
    title: text("Click on the Card", "点击卡片"),
    description: text("What a click on the card opens.", "点击整个卡片时打开的内容。"),
    conditions: opens,
    ..Spec::NEW
};

pub(super) const NOTICE_ACTION: Spec = Spec {
    conditions: || {
        // Not the constant that is left: a form library would take it for the default.
        let something = json!({"properties": {CardAction::type_.name(): {"minimum": OPEN_LINK}}});
        let mini_program = when_else(is(CardAction::type_, OPEN_MINI_PROGRAM), given(CardAction::app_id), something);
        when_else(is(CardAction::type_, OPEN_LINK), given(CardAction::url), mini_program)
    },
    ..ACTION
};

pub(super) const IMAGE: Spec = Spec {
    title: text("Picture", "图片"),
    description: text("Picture at the head of the card.", "卡片上方的图片。"),
    ..Spec::NEW
};

pub(super) const IMAGE_TEXT: Spec = Spec {
    title: text("Picture and Text", "左图右文"),
    description: text(
        "A picture with a text to its right. The card needs this or a picture.",
        "左侧为图片、右侧为文字的区域。图片和左图右文至少填写一项。",
    ),
    conditions: opens,
    ..Spec::NEW
};

pub(super) const PARAGRAPHS: Spec = Spec {
    title: text("Paragraphs", "段落"),
    description: text("Paragraphs with titles, at most 4.", "带标题的段落，最多4段。"),
    rules: &[rules::entries(0, 4)],
    ..Spec::NEW
};

pub(super) const TASK_ID: Spec = Spec {
    title: text("Task ID", "任务ID"),
    description: text(
        "Names the card in callbacks: at most 128 digits, letters or _ - @, and never the same twice in an application.",
        "卡片的任务ID，会随回调返回：最多128个数字、字母或_-@，同一应用内不能重复。",
    ),
    examples: &[Text::both(r#""order-17""#)],
    rules: &[rules::NOT_EMPTY, NEW_TASK_ID, rules::chars(1, MAX_ID_BYTES)],
    names: Names::Task,
    ..Spec::NEW
};

pub(super) const NOTICE_TASK_ID: Spec = Spec {
    description: text(
        "Names the card in callbacks: at most 128 digits, letters or _ - @, and never the same twice in an application. \
        Required with a menu.",
        "卡片的任务ID，会随回调返回：最多128个数字、字母或_-@，同一应用内不能重复。有右上角菜单时必填。",
    ),
    rules: &[NEW_TASK_ID, rules::chars(0, MAX_ID_BYTES)],
    ui: ui::ADVANCED,
    ..TASK_ID
};

pub(super) const SELECTION: Spec = Spec {
    title: text("Choice", "下拉选择"),
    description: text("A list above the buttons, of which one entry can be chosen.", "按钮上方的下拉选择器。"),
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const BUTTON_LIST: Spec = Spec {
    title: text("Buttons", "按钮"),
    description: text("The buttons, 1 to 6.", "按钮，1到6个。"),
    rules: &[rules::entries(1, 6)],
    conditions: || when_else(is(CardButton::type_, OPEN_LINK), given(CardButton::url), given(CardButton::key)),
    ..Spec::NEW
};

pub(super) const CHECKBOX: Spec =
    Spec {
        title: text("Vote", "投票"), description: text("What is voted on.", "投票的题目和选项。"), ..Spec::NEW
    };

pub(super) const SELECTS: Spec = Spec {
    title: text("Choices", "选择器"),
    description: text("The lists, 1 to 3, of each of which one entry can be chosen.", "下拉选择器，1到3个。"),
    rules: &[rules::entries(1, 3)],
    ..Spec::NEW
};

pub(super) const SUBMIT: Spec = Spec {
    title: text("Submit Button", "提交按钮"),
    description: text("The button that sends the answer.", "提交选择的按钮。"),
    ..Spec::NEW
};

const ANY_KIND: Spec = Spec {
    title: text("Kind", "卡片类型"),
    description: text(
        "Kind of the card: text_notice, news_notice, button_interaction, vote_interaction or multiple_interaction. It \
        says which of the parts below the card has.",
        "卡片的类型：text_notice（文本通知）、news_notice（图文展示）、button_interaction（按钮交互）、vote_interaction（投票选择）\
        或multiple_interaction（多项选择）。各类型可用的组成部分不同。",
    ),
    examples: &[Text::both(r#""button_interaction""#)],
    rules: &[CARD_TYPE],
    ..Spec::NEW
};

const REPLACING_TASK_ID: Spec = Spec {
    description: text(
        "Names the card in callbacks: at most 128 digits, letters or _ - @.",
        "卡片的任务ID，会随回调返回：最多128个数字、字母或_-@。",
    ),
    ..NOTICE_TASK_ID
};

const PRESSED: Spec = Spec {
    title: text("Text of the Pressed Button", "按钮替换文字"),
    description: text("Greys the buttons of the card out and shows this instead.", "将卡片的按钮置灰并显示此文字。"),
    examples: &[text(r#""Approved""#, r#""已同意""#)],
    rules: &[rules::LINE],
    ..Spec::NEW
};

/// Cards differ in their menus alone, by what they are for.
macro_rules! card {
    ($(#[doc = $docs:literal])+ pub struct $name:ident { action_menu: $menu:ty }) => {
        table! {
            $(#[doc = $docs])+
            pub struct $name {
                pub card_type: String = ANY_KIND,
                pub main_title: Option<CardTitle> = NOTICE_TITLE,
                pub sub_title_text: Option<String> = TEXT,
                pub horizontal_content_list: Option<Vec<CardDetail>> = DETAILS,
                pub card_action: Option<CardAction> = ACTION,
                pub card_image: Option<CardImage> = IMAGE,
                pub image_text_area: Option<CardImageText> = IMAGE_TEXT,
                pub vertical_content_list: Option<Vec<CardParagraph>> = PARAGRAPHS,
                pub button_list: Option<Vec<CardButton>> = BUTTON_LIST,
                pub checkbox: Option<CardCheckbox> = CHECKBOX,
                pub select_list: Option<Vec<CardSelect>> = SELECTS,
                pub submit_button: Option<CardSubmit> = SUBMIT,
                pub task_id: Option<String> = REPLACING_TASK_ID,
                pub replace_text: Option<String> = PRESSED,
                pub source: Option<CardSource> = SOURCE,
                pub emphasis_content: Option<CardEmphasis> = EMPHASIS,
                pub quote_area: Option<CardQuote> = QUOTE,
                pub jump_list: Option<Vec<CardJump>> = JUMPS,
                pub action_menu: Option<$menu> = MENU,
                pub button_selection: Option<CardSelect> = SELECTION,
            }
        }
    };
}

card! {
    /// A card of any kind, to replace another with.
    pub struct Card { action_menu: CardMenu }
}

card! {
    /// A card of any kind, that answers a callback.
    pub struct ReplyCard { action_menu: ReplyMenu }
}

// ---------------------------------------------------------------------------------------------------------- rules

/// What a schema can say of [`check_link`]: a link has an address, and a mini program an ID.
fn opens() -> Map<String, Value> {
    let mini_program = when(is(CardJump::type_, OPEN_MINI_PROGRAM), given(CardJump::app_id));
    when_else(is(CardJump::type_, OPEN_LINK), given(CardJump::url), mini_program)
}

/// Of a part that is needed because of another one's type.
fn needed_by_type(type_: u8) -> Message {
    message!("is required where `type` is {}", u64::from(type_))
}

/// A part that opens something says what.
fn check_link(part: &mut Parameters) {
    match part.number(CardJump::type_) {
        Some(OPEN_LINK) => need(part, CardJump::url, OPEN_LINK),
        Some(OPEN_MINI_PROGRAM) => need(part, CardJump::app_id, OPEN_MINI_PROGRAM),
        _ => {}
    }
}

/// A part of that type has that text.
fn need(part: &mut Parameters, key: Key<String>, type_: u8) {
    if part.text(key).is_empty() {
        part.violate(key, &[CardJump::type_.name()], needed_by_type(type_));
    }
}

fn check_detail(detail: &mut Parameters) {
    match detail.number(CardDetail::type_) {
        Some(OPEN_LINK) => need(detail, CardDetail::url, OPEN_LINK),
        Some(DETAIL_FILE) => need(detail, CardDetail::media_id, DETAIL_FILE),
        Some(DETAIL_MEMBER) => need(detail, CardDetail::user_id, DETAIL_MEMBER),
        _ => {}
    }
}

fn check_button(button: &mut Parameters) {
    match button.number(CardButton::type_) {
        Some(OPEN_LINK) => need(button, CardButton::url, OPEN_LINK),
        _ => need(button, CardButton::key, 0),
    }
}

/// Nobody can be kept from choosing in a card that is new.
fn check_disabled(part: &mut Parameters, replaces: bool) {
    match part.number(CardCheckbox::disable) {
        Some(1) if !replaces => {
            part.violate(CardCheckbox::disable, &[], phrase!("is for a card that replaces another"));
        }
        Some(0) if !replaces => part.remove(CardCheckbox::disable),
        _ => {}
    }
}

fn check_select(select: &mut Parameters, replaces: bool) {
    select.check_unique(CardSelect::option_list, CardOption::id);
    check_disabled(select, replaces);
}

/// Leaves out a part that shows nothing.
fn leave_out_empty<T: Described>(card: &mut Parameters, part: Key<T>, texts: [Key<String>; 2]) {
    let shows_nothing = |part: &Parameters| texts.iter().all(|text| part.text(*text).is_empty());
    if card.is_good(part) && card.record(part).is_some_and(shows_nothing) {
        card.remove(part);
    }
}

/// A kind of card.
struct Kind {
    /// As WeCom names it.
    card_type: &'static str,
    /// The parts that it must have.
    required: &'static [&'static str],
    /// The parts that it may have.
    others: &'static [&'static str],
}

const KINDS: [Kind; 5] = {
    const TITLE: &str = Card::main_title.name();
    const ACTION: &str = Card::card_action.name();
    const SOURCE: &str = Card::source.name();
    const MENU: &str = Card::action_menu.name();
    const QUOTE: &str = Card::quote_area.name();
    const TEXT: &str = Card::sub_title_text.name();
    const DETAILS: &str = Card::horizontal_content_list.name();
    const JUMPS: &str = Card::jump_list.name();
    const SUBMIT: &str = Card::submit_button.name();
    const REPLACED: &str = Card::replace_text.name();
    [
        Kind {
            card_type: TEXT_NOTICE,
            required: &[ACTION],
            others: &[TITLE, SOURCE, MENU, QUOTE, Card::emphasis_content.name(), TEXT, DETAILS, JUMPS],
        },
        Kind {
            card_type: NEWS_NOTICE,
            required: &[TITLE, ACTION],
            others: &[
                SOURCE,
                MENU,
                QUOTE,
                Card::card_image.name(),
                Card::image_text_area.name(),
                Card::vertical_content_list.name(),
                DETAILS,
                JUMPS,
            ],
        },
        Kind {
            card_type: BUTTONS,
            required: &[TITLE, Card::button_list.name()],
            others: &[SOURCE, MENU, QUOTE, TEXT, DETAILS, ACTION, Card::button_selection.name(), REPLACED],
        },
        Kind { card_type: VOTE, required: &[TITLE, Card::checkbox.name()], others: &[SOURCE, SUBMIT, REPLACED] },
        Kind {
            card_type: MULTIPLE_CHOICE,
            required: &[TITLE, Card::select_list.name()],
            others: &[SOURCE, SUBMIT, REPLACED],
        },
    ]
};

impl Kind {
    fn is_notice(&self) -> bool {
        [TEXT_NOTICE, NEWS_NOTICE].contains(&self.card_type)
    }

    /// The parts that there are, but not in a card of this kind.
    fn strangers(&self) -> impl Iterator<Item = &'static str> {
        let is_known = |name: &&str| [self.required, self.others].iter().any(|parts| parts.contains(name));
        let every_kind_has = [Card::card_type.name(), Card::task_id.name()];
        let parts = Card::FIELDS.iter().map(|field| field.name).filter(move |name| !every_kind_has.contains(name));
        parts.filter(move |name| !is_known(name))
    }
}

/// Rules between the parts of a card of that kind. A card that `replaces` another is a record that has every part there
/// is; others are tables that have those of their kind.
pub(crate) fn check(card: &mut Parameters, card_type: &str, replaces: bool) {
    let has_colour = [TEXT_NOTICE, NEWS_NOTICE, BUTTONS].contains(&card_type);
    card.check_record(Card::source, |source| {
        if !has_colour && source.is_good(CardSource::desc_color) {
            source.remove(CardSource::desc_color);
        }
    });
    leave_out_empty(card, Card::source, [CardSource::icon_url, CardSource::desc]);
    leave_out_empty(card, Card::quote_area, [CardQuote::title, CardQuote::quote_text]);
    card.check_record(Card::quote_area, check_link);
    card.check_record(Card::image_text_area, check_link);
    card.check_record(Card::card_action, check_link);
    card.check_records(Card::jump_list, check_link);
    card.check_records(Card::horizontal_content_list, check_detail);
    card.check_records(Card::button_list, check_button);
    card.check_unique(Card::button_list, CardButton::key);
    card.check_record(Card::action_menu, |menu| menu.check_unique(CardMenu::action_list, CardMenuItem::key));
    card.check_record(Card::button_selection, |select| check_select(select, replaces));
    card.check_records(Card::select_list, |select| check_select(select, replaces));
    card.check_unique(Card::select_list, CardSelect::question_key);
    card.check_record(Card::checkbox, |vote| {
        vote.check_unique(CardCheckbox::option_list, CardCheckboxOption::id);
        check_disabled(vote, replaces);
    });
    card.check_record(Card::card_image, |image| {
        let ratio = CardImage::aspect_ratio;
        if let Ok(number) = image.text(ratio).parse::<Number>()
            && image.is_good(ratio)
        {
            image.set(ratio, number);
        }
    });
    if let Some(kind) = KINDS.iter().find(|kind| kind.card_type == card_type) {
        check_kind(card, kind);
    }
}

fn check_kind(card: &mut Parameters, kind: &Kind) {
    for name in kind.required {
        if !card.has(name) {
            card.violate(Key::<()>::of(name), &[], phrase!("is required in a card of this kind"));
        }
    }
    for name in kind.strangers() {
        if card.has(name) {
            card.violate(Key::<()>::of(name), &[], phrase!("is no part of a card of this kind"));
        }
    }
    if kind.card_type == TEXT_NOTICE {
        let has_title = card.record(Card::main_title).is_some_and(|title| !title.text(CardTitle::title).is_empty());
        if !has_title && card.text(Card::sub_title_text).is_empty() {
            let rule = phrase!("is required where `main_title` has no `title`");
            card.violate(Card::sub_title_text, &[Card::main_title.name()], rule);
        }
    } else {
        card.check_record(Card::main_title, |title| {
            if title.text(CardTitle::title).is_empty() {
                title.violate(CardTitle::title, &[], phrase!("is required in a card of this kind"));
            }
        });
    }
    if kind.card_type == NEWS_NOTICE && !card.has(Card::card_image.name()) && !card.has(Card::image_text_area.name()) {
        let rule = phrase!("is required where there is no `image_text_area`");
        card.violate(Card::card_image, &[Card::image_text_area.name()], rule);
    }
    if kind.is_notice() {
        card.check_record(Card::card_action, |action| {
            if action.number(CardAction::type_) == Some(0) {
                action.violate(CardAction::type_, &[], message!("must be {} or more", 1_u64));
            }
        });
    }
}

/// The request of a card, which is of that kind.
pub(super) fn typed(mut request: Request, card_type: &str) -> Request {
    if let Body::Json(body) = &mut request.body {
        body["template_card"]["card_type"] = card_type.into();
    }
    request
}

/// What a schema can say of [`check`], of a card that replaces another.
pub(crate) fn kinds() -> Map<String, Value> {
    let conditions = KINDS.iter().map(|kind| {
        let mut parts: Map<String, Value> = kind.strangers().map(|name| (name.to_owned(), false.into())).collect();
        if kind.is_notice() {
            parts.insert(Card::card_action.name().to_owned(), json!({"properties": {"type": {"minimum": 1}}}));
        }
        let alternative = match kind.card_type {
            TEXT_NOTICE => titled_or_text(),
            NEWS_NOTICE => pictured(),
            _ => Map::new(),
        };
        if kind.card_type != TEXT_NOTICE {
            parts.insert(Card::main_title.name().to_owned(), given(CardTitle::title));
        }
        let then = both(json!({"required": kind.required, "properties": parts}), alternative);
        // A card that has no kind yet is of none.
        let card_type = Card::card_type.name();
        let condition = json!({"required": [card_type], "properties": {card_type: {"const": kind.card_type}}});
        Value::from(when(condition, then))
    });
    always(json!({"allOf": conditions.collect::<Vec<_>>()}))
}

/// A text notice has a title or a text. As `anyOf` it would be told at neither field, and drawn as a choice of its own.
pub(super) fn titled_or_text() -> Map<String, Value> {
    let title = json!({"required": ["main_title"], "properties": {"main_title": given(CardTitle::title)}});
    when(not(title), given(Card::sub_title_text))
}

/// A news notice has a picture of one kind or the other.
pub(super) fn pictured() -> Map<String, Value> {
    when(not(holds(Card::image_text_area, CardImageText::image_url)), needs(Card::card_image))
}

/// A card with a menu has a task ID.
pub(super) fn menu_needs_task(task_id: Key<String>) -> Map<String, Value> {
    when(holds(Card::action_menu, CardMenu::action_list), given(task_id))
}
