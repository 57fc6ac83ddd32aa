//! What messages of the application and messages to a group chat have in common: the same contents, addressed in two
//! ways. Every parameter stands here once; the tables put them together.

use serde_json::{Map, Value, json};

use super::department::MAX_DEPARTMENT_ID;
use super::group_chat::FROM_CREATION;
use super::member;
use crate::action::{CLEANED, TRUNCATED};
use crate::connection::{MAX_AGENT_ID, WHERE_AGENT_ID};
use crate::cut::Limit;
use crate::parameter::conditions::{given, when};
use crate::parameter::field::{Choice, NO_YES, choice};
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::text::{Text, phrase, text};

/// Beyond this, the content of a text message is cut.
pub(super) const TEXT: Limit = Limit::Bytes(2048);
/// The greatest content of a markdown message, in bytes.
pub(super) const MAX_MARKDOWN_BYTES: usize = 2048;
/// The greatest content of an article, in bytes: 666 KB.
pub(super) const MAX_ARTICLE_BYTES: usize = 666 * 1024;
/// The greatest author of an article, in bytes.
pub(super) const MAX_AUTHOR_BYTES: usize = 64;
/// The greatest link, in bytes.
pub(super) const MAX_LINK_BYTES: usize = 2048;
/// The greatest page of a mini program that a news article opens, in bytes.
const MAX_ARTICLE_PAGE_BYTES: usize = 128;
/// The greatest page of a mini program that a notice opens, in bytes.
const MAX_NOTICE_PAGE_BYTES: usize = 1024;
/// The most articles of a news message.
const MAX_ARTICLES: usize = 8;
/// The most rows of a mini-program notice.
const MAX_NOTICE_ITEMS: usize = 10;
/// The longest time that WeCom remembers a message for, in seconds: four hours.
const MAX_DUPLICATE_CHECK: u64 = 14_400;
/// Beyond this, a subject is cut.
pub(super) const SUBJECT: Limit = Limit::Bytes(128);
/// Beyond this, a description is cut.
pub(super) const DESCRIPTION: Limit = Limit::Bytes(512);
/// Beyond this, the text of a button is cut.
pub(super) const BUTTON: Limit = Limit::Chars(4);
/// The most members that a message may name.
pub(super) const MAX_RECEIVERS: usize = 1000;
/// The most departments that a message may name, and the most tags.
pub(super) const MAX_RECEIVING_DEPARTMENTS: usize = 100;

/// Where a person finds the ID of a file.
pub(super) const FROM_UPLOAD: Text = text(
    "What a step before it, Upload a file, returned as Media ID. It is good for three days.",
    "前面的“上传文件”步骤返回的素材ID，三天内有效。",
);

/// What a second call does.
pub(super) const SENT_AGAIN: Text =
    text("Sending is not idempotent: a second call sends a second message.", "再次运行会再发一条。");

/// The body of a message: its content below the name of its kind, and beside that what addresses it.
pub(super) fn body(
    kind: &'static str,
    content: Parameters,
    beside: impl IntoIterator<Item = (&'static str, Value)>,
) -> Map<String, Value> {
    let mut body = Map::new();
    for (name, value) in beside {
        body.insert(name.to_owned(), value);
    }
    let content = content.into_wire();
    let content = match kind {
        "mpnews" | "news" if !content.contains_key("articles") => json!({"articles": [content]}),
        _ => content.into(),
    };
    body.insert("msgtype".to_owned(), kind.into());
    body.insert(kind.to_owned(), content);
    body
}

pub(super) const MSG_ID: Spec = Spec {
    title: text("Message ID", "消息ID"),
    description: text("ID of the message, to withdraw it with within 24 hours.", "消息的ID，24小时内可凭它撤回消息。"),
    names: Names::Message,
    ..Spec::NEW
};

pub(super) const INVALID_USER: Spec = Spec {
    title: text("Members Not Reached", "未送达的成员"),
    description: text(
        "Members that the message did not reach: unknown, or out of the application's visible range. In lower \
        case.",
        "没有收到消息的成员：成员不存在，或不在应用的可见范围内。成员ID均为小写。",
    ),
    names: Names::Member,
    ..Spec::NEW
};

pub(super) const INVALID_PARTY: Spec = Spec {
    title: text("Departments Not Reached", "未送达的部门"),
    description: text("Departments that the message did not reach.", "没有收到消息的部门。"),
    names: Names::Department,
    ..Spec::NEW
};

pub(super) const INVALID_TAG: Spec = Spec {
    title: text("Tags Not Reached", "未送达的标签"),
    description: text("Tags that the message did not reach.", "没有收到消息的标签。"),
    names: Names::Tag,
    ..Spec::NEW
};

pub(super) const UNLICENSED_USER: Spec = Spec {
    title: text("Members Without Licence", "无接口许可的成员"),
    description: text(
        "Members that the message did not reach because they have no licence for the API.",
        "因没有接口许可而没有收到消息的成员。",
    ),
    names: Names::Member,
    ..Spec::NEW
};

output! {
    /// What a message to members says of who got it. A success may have reached only some of them.
    pub struct Delivery {
        pub msg_id: Option<String> = MSG_ID,
        pub invalid_user: Vec<String> = INVALID_USER,
        pub invalid_party: Vec<String> = INVALID_PARTY,
        pub invalid_tag: Vec<String> = INVALID_TAG,
        pub unlicensed_user: Vec<String> = UNLICENSED_USER,
        pub truncated: Vec<String> = TRUNCATED,
        pub cleaned: Vec<String> = CLEANED,
    }
}

output! {
    /// The output of a message that WeCom says nothing of but that it was taken, with what was done to its texts.
    pub struct Pushed {
        pub truncated: Vec<String> = TRUNCATED,
        pub cleaned: Vec<String> = CLEANED,
    }
}

/// The choices of Confidentiality.
const SECRECY: &[Choice] = &[choice(0, text("Public", "公开")), choice(1, text("Confidential", "保密"))];
/// The choices of Confidentiality for an article.
const ARTICLE_SECRECY: &[Choice] =
    &[SECRECY[0], SECRECY[1], choice(2, text("Public within the enterprise", "仅企业内公开"))];

const IN_CONTACTS_OR_ALL: Text = text(
    "In the admin console: Contacts (通讯录) > the member > Account (账号). @all stands for everyone.",
    "管理后台 > 通讯录 > 成员详情：账号。@all表示所有人。",
);

pub(super) const TO_USER: Spec = Spec {
    wire: "touser",
    title: text("Receiver ID", "接收人ID"),
    description: text(
        "IDs of the members who get the message, at most 1000; or @all, for everyone who may see the application.",
        "接收消息的成员的ID，最多1000个；或填@all，发给应用可见范围内的所有人。",
    ),
    examples: &[Text::both(r#"["zhangsan", "lisi"]"#), Text::both(r#"["@all"]"#)],
    rules: &[rules::entries(0, MAX_RECEIVERS), rules::each(&[rules::RECEIVER])],
    ui: ui::list("|").options(ui::MEMBERS).hint(IN_CONTACTS_OR_ALL),
    names: Names::Member,
    ..Spec::NEW
};

/// The receivers of a message that does not go to everyone.
pub(super) const TO_NAMED_USER: Spec = Spec {
    description: text("IDs of the members who get the message, at most 1000.", "接收消息的成员的ID，最多1000个。"),
    examples: &[Text::both(r#"["zhangsan", "lisi"]"#)],
    ui: TO_USER.ui.hint(member::IN_CONTACTS),
    conditions: is_named,
    ..TO_USER
};

/// A receiver that is not everyone.
fn is_named() -> Map<String, Value> {
    Map::from_iter([("not".to_owned(), json!({"pattern": "^[@＠][Aa][Ll][Ll]$"}))])
}

pub(super) const TO_PARTY: Spec = Spec {
    wire: "toparty",
    title: text("Recipient Dept ID", "接收部门ID"),
    description: text(
        "IDs of the departments whose members get the message, at most 100. They are skipped where the receiver is \
        @all.",
        "接收消息的部门的ID，部门成员都会收到，最多100个。接收人ID为@all时忽略此项。",
    ),
    examples: &[Text::both("[2]")],
    rules: &[rules::entries(0, MAX_RECEIVING_DEPARTMENTS), rules::each(&[rules::range(1, MAX_DEPARTMENT_ID)])],
    ui: ui::list("|").options(ui::DEPARTMENTS).hint(text(
        "In the admin console: Contacts (通讯录) > the menu of the department > its ID.",
        "管理后台 > 通讯录 > 部门旁的小圆点：部门ID",
    )),
    names: Names::Department,
    ..Spec::NEW
};

pub(super) const TO_TAG: Spec = Spec {
    wire: "totag",
    title: text("Recipient Tag ID", "接收标签ID"),
    description: text(
        "IDs of the tags whose members get the message, at most 100. They are skipped where the receiver is @all.",
        "接收消息的标签的ID，标签成员都会收到，最多100个。接收人ID为@all时忽略此项。",
    ),
    examples: &[Text::both("[1]")],
    rules: &[rules::entries(0, MAX_RECEIVING_DEPARTMENTS)],
    ui: ui::list("|")
        .options(ui::TAGS)
        .hint(text(
            "In the admin console: Contacts (通讯录) > Tags (标签) > the tag > its details (标签详情).",
            "管理后台 > 通讯录 > 标签 > 对应标签 > 标签详情：标签ID",
        ))
        .advanced(),
    names: Names::Tag,
    ..Spec::NEW
};

pub(super) const DUPLICATE_CHECK: Spec = Spec {
    title: text("Duplicate Check", "重复消息检查"),
    description: text(
        "For so many seconds from the first call, at most 14400, WeCom delivers the same message only once, however \
        often it is sent: a call whose outcome is unknown can then be repeated. Default: no check.",
        "在首次发送后的若干秒内（最多14400秒），相同的消息无论发送多少次，企业微信都只投递一次，结果未知的调用因此可以重试。\
        不填时不检查。",
    ),
    examples: &[Text::both("1800")],
    rules: &[rules::range(1, MAX_DUPLICATE_CHECK)],
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const AGENT_ID: Spec = Spec {
    wire: "agentid",
    title: text("Enterprise App ID", "企业应用ID"),
    description: text(
        "ID of the application that sends the message: the one whose secret the connection has. Default: that of the connection.",
        "发送消息的应用的ID，须与连接中的AppSecret属于同一应用。不填时使用连接中的企业应用ID。",
    ),
    examples: &[Text::both("1000002")],
    rules: &[rules::range(1, MAX_AGENT_ID)],
    ui: ui::hint(WHERE_AGENT_ID).options(ui::APPLICATIONS).advanced().from_connection(&["lower_agent_id", "agent_id"]),
    names: Names::Application,
    ..Spec::NEW
};

pub(super) const CHAT_ID: Spec = Spec {
    wire: "chatid",
    title: text("Group Chat ID", "群聊ID"),
    description: text(
        "ID of the group chat, which this application must have created.",
        "群聊的ID，群聊须由本应用创建。",
    ),
    examples: &[Text::both(r#""newhires2026""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(FROM_CREATION),
    names: Names::GroupChat,
    ..Spec::NEW
};

pub(super) const TEXT_CONTENT: Spec = Spec {
    title: text("Content", "内容"),
    description: text(
        "The text. Line breaks and links (<a href=\"…\">…</a>) work; what is beyond 2048 bytes is cut.",
        "文本内容。支持换行和链接（<a href=\"…\">…</a>）；超过2048字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""请于今天18:00前填写周报。""#)],
    rules: &[rules::NOT_EMPTY, rules::TEXT, rules::cut_at(TEXT)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

/// Members of a group chat whom a text calls by name.
pub(super) const MENTIONED: Spec = Spec {
    title: text("User IDs to Mention", "要提醒的成员ID"),
    description: text(
        "IDs of members of the group to call by name; @all calls everyone.",
        "要@的群成员的ID；@all表示提醒所有人。",
    ),
    examples: &[Text::both(r#"["wangqing", "@all"]"#)],
    rules: &[rules::each(&[rules::ID])],
    ui: ui::list(",").hint(IN_CONTACTS_OR_ALL),
    names: Names::Member,
    ..Spec::NEW
};

pub(super) const SAFE: Spec = Spec {
    title: text("Confidentiality", "保密"),
    description: text(
        "Whether the message is confidential: a confidential one has a watermark and cannot be passed on. Default: public.",
        "消息是否保密：保密消息带水印，且不能分享。不填时为公开。",
    ),
    choices: SECRECY,
    rules: &[rules::range(0, 1)],
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const MARKDOWN_CONTENT: Spec = Spec {
    title: text("Content", "内容"),
    description: text(
        "The text in WeCom's subset of Markdown, at most 2048 bytes. It shows in WeCom only, not in WeChat.",
        "Markdown文本，仅支持企业微信限定的语法，最多2048字节。仅在企业微信中显示，微信中不显示。",
    ),
    examples: &[Text::both(r#""**周报**已生成，[查看](https://example.com)""#)],
    rules: &[rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_MARKDOWN_BYTES)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

pub(super) const FILE: Spec = Spec {
    title: text("File ID", "文件ID"),
    description: text(
        "Media ID of the file, uploaded as temporary material by the same enterprise at most three days ago.",
        "文件的media_id，须为同一企业最近三天内上传的临时素材。",
    ),
    examples: &[Text::both(r#""1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(FROM_UPLOAD),
    names: Names::File,
    ..Spec::NEW
};

pub(super) const IMAGE: Spec = Spec {
    title: text("Image Media File ID", "图片媒体文件ID"),
    description: text(
        "Media ID of the image, uploaded as temporary material by the same enterprise at most three days ago.",
        "图片的media_id，须为同一企业最近三天内上传的临时素材。",
    ),
    examples: &[Text::both(r#""1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(FROM_UPLOAD),
    names: Names::File,
    ..Spec::NEW
};

pub(super) const VOICE: Spec = Spec {
    title: text("Voice File ID", "语音文件ID"),
    description: text(
        "Media ID of the voice recording, uploaded as temporary material by the same enterprise at most three days ago.",
        "语音的media_id，须为同一企业最近三天内上传的临时素材。",
    ),
    ..FILE
};

pub(super) const VIDEO: Spec = Spec {
    title: text("Video File ID", "视频文件ID"),
    description: text(
        "Media ID of the video, uploaded as temporary material by the same enterprise at most three days ago.",
        "视频的media_id，须为同一企业最近三天内上传的临时素材。",
    ),
    ..FILE
};

pub(crate) const VIDEO_TITLE: Spec = Spec {
    title: text("Subject", "标题"),
    description: text(
        "Headline of the video. What is beyond 128 bytes is cut.",
        "视频的标题，超过128字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""新员工安全培训""#)],
    rules: &[rules::LINE, rules::cut_at(SUBJECT)],
    ..Spec::NEW
};

pub(crate) const VIDEO_TEXT: Spec = Spec {
    title: text("Description", "描述"),
    description: text(
        "Text below the headline. What is beyond 512 bytes is cut.",
        "标题下方的文字，超过512字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""入职第一周内看完即可。""#)],
    rules: &[rules::TEXT, rules::cut_at(DESCRIPTION)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

pub(crate) const ARTICLE_TITLE: Spec = Spec {
    title: text("Subject", "标题"),
    description: text(
        "Headline of the article. What is beyond 128 bytes is cut.",
        "图文消息的标题，超过128字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""春节放假安排""#)],
    rules: &[rules::NOT_EMPTY, rules::LINE, rules::cut_at(SUBJECT)],
    ..Spec::NEW
};

pub(super) const THUMBNAIL: Spec = Spec {
    title: text("Message Thumbnail", "消息缩略图"),
    description: text(
        "Media ID of the picture above the article, uploaded as temporary material by the same enterprise at most \
        three days ago.",
        "图文消息上方图片的media_id，须为同一企业最近三天内上传的临时素材。",
    ),
    examples: &[Text::both(r#""1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(FROM_UPLOAD),
    names: Names::File,
    ..Spec::NEW
};

pub(super) const ARTICLE: Spec = Spec {
    title: text("Content", "内容"),
    description: text("The article in HTML, at most 666 KB.", "图文消息的正文，HTML格式，最多666KB。"),
    examples: &[Text::both(r#""<p>除夕至初七放假，共八天。</p>""#)],
    rules: &[rules::NOT_EMPTY, rules::TEXT, rules::bytes(0, MAX_ARTICLE_BYTES)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

/// The articles of a news message, which may open mini programs.
pub(super) const ARTICLES: Spec = Spec {
    conditions: opens_something,
    description: text(
        "What the message shows, 1 to 8 articles. Each opens a link or a mini program.",
        "消息中的图文，1到8条，每条可打开一个链接或小程序。",
    ),
    ..LINK_ARTICLES
};

/// The articles of a news message where each has to have a link.
pub(super) const LINK_ARTICLES: Spec = Spec {
    title: text("Articles", "图文"),
    description: text(
        "What the message shows, 1 to 8 articles. Each opens a link.",
        "消息中的图文，1到8条，每条打开一个链接。",
    ),
    rules: &[rules::entries(1, MAX_ARTICLES)],
    ..Spec::NEW
};

pub(crate) const ARTICLE_TEXT: Spec =
    Spec { examples: &[Text::both(r#""环比增长4%，华东最快。""#)], ..VIDEO_TEXT };

pub(crate) const ARTICLE_LINK: Spec = Spec {
    title: text("Redirection URL", "跳转链接"),
    description: text(
        "Address that a click leads to: with http:// or https://, at most 2048 bytes.",
        "点击后打开的链接，以http://或https://开头，最多2048字节。",
    ),
    examples: &[Text::both(r#""https://bi.example.com/report/29""#)],
    rules: &[rules::NOT_EMPTY, rules::LINK, rules::bytes(0, MAX_LINK_BYTES)],
    ..Spec::NEW
};

pub(crate) const PICTURE: Spec = Spec {
    wire: "picurl",
    title: text("Image URL", "图片链接"),
    description: text(
        "Address of the picture, JPG or PNG. 1068 x 455 pixels look best, or 150 x 150 for a small one.",
        "图片的地址，JPG或PNG格式。建议尺寸：大图1068×455像素，小图150×150像素。",
    ),
    examples: &[Text::both(r#""https://example.com/picture.png""#)],
    rules: &[rules::ID, rules::bytes(0, MAX_LINK_BYTES)],
    ..Spec::NEW
};

pub(super) const MINI_PROGRAM: Spec = Spec {
    wire: "appid",
    title: text("Mini Program ID", "小程序ID"),
    description: text(
        "AppID of the mini program. It must be linked with the application.",
        "小程序的AppID，小程序须已关联到本应用。",
    ),
    examples: &[Text::both(r#""wx123123123123123""#)],
    rules: &[rules::NOT_EMPTY, rules::ID],
    ui: ui::hint(text(
        "In the console of the mini program (mp.weixin.qq.com): Development (开发管理) > AppID. To link it, in the admin \
        console of WeCom: App Management (应用管理) > Mini programs (小程序).",
        "小程序后台（mp.weixin.qq.com）> 开发管理：AppID。关联方法：企业微信管理后台 > 应用管理 > 小程序 > 关联小程序。",
    )),
    names: Names::MiniProgram,
    ..Spec::NEW
};

table! {
    /// An article of a news message. It opens a link or a mini program.
    pub struct Article {
        pub title: String = ARTICLE_TITLE,
        pub description: Option<String> = ARTICLE_TEXT,
        pub url: Option<String> = Spec {
            rules: &[rules::LINK, rules::bytes(0, MAX_LINK_BYTES)],
            ..ARTICLE_LINK
        },
        pub pic_url: Option<String> = PICTURE,
        pub app_id: Option<String> = Spec {
            description: text(
                "AppID of the mini program that opens instead of the link. It must be linked with the application.",
                "点击后打开的小程序的AppID，填写后不再打开链接。小程序须已关联到本应用。",
            ),
            rules: &[rules::ID],
            ui: MINI_PROGRAM.ui.advanced(),
            ..MINI_PROGRAM
        },
        pub page_path: Option<String> = Spec {
            wire: "pagepath",
            title: text("Mini Program Page", "小程序页面"),
            description: text(
                "The page of the mini program that opens, at most 128 bytes.",
                "点击后打开的小程序页面的路径，最多128字节。",
            ),
            examples: &[Text::both(r#""pages/report?week=29""#)],
            rules: &[rules::ID, rules::bytes(0, MAX_ARTICLE_PAGE_BYTES)],
            ui: ui::ADVANCED,
            ..Spec::NEW
        },
    }
}

table! {
    /// An article of a news message. It opens a link.
    pub struct LinkArticle {
        pub title: String = ARTICLE_TITLE,
        pub description: Option<String> = ARTICLE_TEXT,
        pub url: String = ARTICLE_LINK,
        pub pic_url: Option<String> = PICTURE,
    }
}

/// What a schema can say of [`check_article`].
fn opens_something() -> Map<String, Value> {
    let without_page =
        json!({"required": ["url"], "properties": {"url": {"minLength": 1}, "page_path": {"maxLength": 0}}});
    let mut conditions = when(given(Article::app_id), given(Article::page_path));
    conditions.insert("else".to_owned(), without_page);
    conditions
}

/// An article opens a link or a page of a mini program.
pub(super) fn check_article(article: &mut Parameters) {
    let (url, app_id, page_path) = (Article::url, Article::app_id, Article::page_path);
    match [article.text(app_id).is_empty(), article.text(page_path).is_empty()] {
        [false, true] => article.violate(page_path, &[app_id.name()], phrase!("is required together with `app_id`")),
        [true, false] => article.violate(app_id, &[page_path.name()], phrase!("is required together with `page_path`")),
        [true, true] if article.text(url).is_empty() => {
            let rule = phrase!("is required where `app_id` and `page_path` name no mini program");
            article.violate(url, &[app_id.name(), page_path.name()], rule);
        }
        _ => {}
    }
}

pub(super) const NOTICE_PAGE: Spec = Spec {
    title: text("Mini Program Page", "小程序页面"),
    description: text(
        "The page of the mini program that a tap opens, at most 1024 bytes. Without it, a tap does nothing.",
        "点击后打开的小程序页面的路径，最多1024字节。不填时点击后不跳转。",
    ),
    examples: &[Text::both(r#""pages/index?userid=zhangsan""#)],
    rules: &[rules::ID, rules::bytes(0, MAX_NOTICE_PAGE_BYTES)],
    ..Spec::NEW
};

pub(super) const NOTICE_TITLE: Spec = Spec {
    title: text("Subject", "标题"),
    description: text("Headline of the notice, 4 to 12 Chinese characters.", "通知的标题，4到12个汉字。"),
    examples: &[Text::both(r#""会议室预订成功通知""#)],
    rules: &[rules::NOT_EMPTY, rules::LINE],
    ..Spec::NEW
};

pub(super) const NOTICE_TEXT: Spec = Spec {
    title: text("Description", "描述"),
    description: text("Text below the headline, 4 to 12 Chinese characters.", "标题下方的文字，4到12个汉字。"),
    examples: &[Text::both(r#""4月27日16:16""#)],
    rules: &[rules::LINE],
    ..Spec::NEW
};

pub(super) const EMPHASIS: Spec = Spec {
    title: text("Emphasise First Row", "放大首行"),
    description: text(
        "Whether the first row is shown in large letters. Default: no.",
        "是否放大显示第一行内容。不填时不放大。",
    ),
    choices: NO_YES,
    rules: &[rules::SWITCH],
    ..Spec::NEW
};

pub(super) const NOTICE_ITEMS: Spec = Spec {
    title: text("Rows", "内容"),
    description: text(
        "The rows of the notice, at most 10, each a name and what it is.",
        "通知的内容，最多10行，每行为一个名称和对应的内容。",
    ),
    rules: &[rules::entries(0, MAX_NOTICE_ITEMS)],
    ..Spec::NEW
};

table! {
    /// A row of a mini-program notice.
    pub struct NoticeItem {
        pub key: String = Spec {
            title: text("Name", "名称"),
            description: text("Name of the row, at most 10 characters.", "该行的名称，最多10个字符。"),
            examples: &[Text::both(r#""会议室""#)],
            rules: &[rules::LINE, rules::chars(1, 10)],
            ..Spec::NEW
        },
        pub value: String = Spec {
            title: text("Value", "内容"),
            description: text("What stands beside the name, at most 30 characters.", "名称右侧的内容，最多30个字符。"),
            examples: &[Text::both(r#""402""#)],
            rules: &[rules::LINE, rules::chars(1, 30)],
            ..Spec::NEW
        },
    }
}

pub(super) const AUTHOR: Spec = Spec {
    title: text("Message Author", "消息作者"),
    description: text("Who wrote the article, at most 64 bytes.", "图文消息的作者，最多64字节。"),
    examples: &[Text::both(r#""行政部""#)],
    rules: &[rules::LINE, rules::bytes(0, MAX_AUTHOR_BYTES)],
    ..Spec::NEW
};

pub(super) const SOURCE_LINK: Spec = Spec {
    title: text("Source Link", "原文链接"),
    description: text("Address of the page behind Read More.", "点击“阅读原文”后打开的页面地址。"),
    examples: &[Text::both(r#""https://example.com/notice""#)],
    rules: &[rules::ID],
    ..Spec::NEW
};

pub(super) const DIGEST: Spec = Spec {
    title: text("Description", "描述"),
    description: text(
        "Summary of the article. What is beyond 512 bytes is cut.",
        "图文消息的摘要，超过512字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""放假时间与值班安排""#)],
    rules: &[rules::TEXT, rules::cut_at(DESCRIPTION)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

pub(super) const SAFE_ARTICLE: Spec = Spec {
    title: text("Confidentiality", "保密"),
    description: text(
        "Whether the message is confidential: a confidential one has a watermark and cannot be passed on, or only \
        within the enterprise. Default: public.",
        "消息是否保密：保密消息带水印，且不能分享，也可设为仅限企业内分享。不填时为公开。",
    ),
    choices: ARTICLE_SECRECY,
    rules: &[rules::range(0, 2)],
    ui: ui::ADVANCED,
    ..Spec::NEW
};

pub(super) const CARD_TITLE: Spec = Spec {
    title: text("Subject", "标题"),
    description: text(
        "Headline of the card. What is beyond 128 bytes is cut.",
        "卡片的标题，超过128字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""领奖通知""#)],
    rules: &[rules::NOT_EMPTY, rules::LINE, rules::cut_at(SUBJECT)],
    ..Spec::NEW
};

pub(super) const CARD_TEXT: Spec = Spec {
    title: text("Description", "描述"),
    description: text(
        "The text of the card. Line breaks and <div class=\"gray|normal|highlight\"> work; what is beyond 512 bytes \
        is cut.",
        "卡片的文字。支持换行和<div class=\"gray|normal|highlight\">；超过512字节的部分会被截断。",
    ),
    examples: &[Text::both(r#""请于10月10日前到行政部领取。""#)],
    rules: &[rules::NOT_EMPTY, rules::TEXT, rules::cut_at(DESCRIPTION)],
    ui: ui::TEXTAREA,
    ..Spec::NEW
};

pub(super) const CARD_LINK: Spec = Spec {
    title: text("Redirection Link", "跳转链接"),
    description: text(
        "Where a click on the card leads: with http:// or https://, at most 2048 bytes.",
        "点击卡片后打开的链接，以http://或https://开头，最多2048字节。",
    ),
    examples: &[Text::both(r#""https://example.com/prize""#)],
    rules: &[rules::NOT_EMPTY, rules::LINK, rules::bytes(0, MAX_LINK_BYTES)],
    ..Spec::NEW
};

pub(super) const BUTTON_TEXT: Spec = Spec {
    wire: "btntxt",
    title: text("Button Text", "按钮文字"),
    description: text(
        "Text of the button. What is beyond 4 characters is cut; the default is WeCom's own word for details.",
        "按钮上的文字，超过4个字符的部分会被截断；不填时显示“详情”。",
    ),
    examples: &[Text::both(r#""更多""#)],
    rules: &[rules::LINE, rules::cut_at(BUTTON)],
    ..Spec::NEW
};

impl From<Edits> for Pushed {
    fn from(edits: Edits) -> Self {
        Self { truncated: edits.truncated, cleaned: edits.cleaned }
    }
}
