//! WeCom's error codes, and the two kinds of reply: a refusal and a success.

use std::fmt::Display;

use serde_json::{Map, Value};

/// The address WeCom sees: the simulator is called from loopback only.
const CALLER_IP: &str = "127.0.0.1";

/// One of WeCom's error codes with the words it begins its `errmsg` with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code(pub i64, pub &'static str);

impl Code {
    /// The refusal with this code, and `detail` after the code's own words.
    pub(crate) fn because(self, detail: impl Display) -> Refusal {
        Refusal::new(self.0, format!("{}: {detail}", self.1))
    }
}

/// A call that WeCom refuses. Nothing has changed.
#[derive(Debug, PartialEq)]
pub(super) struct Refusal {
    pub code: i64,
    pub text: String,
    payload: Map<String, Value>,
}

impl Refusal {
    pub(crate) fn new(code: i64, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), payload: Map::new() }
    }

    /// Adds a field to the reply: WeCom's failures may still carry some.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(key.into(), value.into());
        self
    }

    /// The body of the reply. `hint` is the number that support asks for.
    pub(crate) fn into_json(self, hint: &str) -> Value {
        let Self { code, text, mut payload } = self;
        let errmsg = format!(
            "{text}, hint: [{hint}], from ip: {CALLER_IP}, \
             more info at https://open.work.weixin.qq.com/devtool/query?e={code}"
        );
        payload.insert("errcode".into(), code.into());
        payload.insert("errmsg".into(), errmsg.into());
        Value::Object(payload)
    }
}

impl From<Code> for Refusal {
    fn from(Code(number, text): Code) -> Self {
        Self::new(number, text)
    }
}

/// A call that was done: `errcode` 0, the `errmsg` its page shows, and the fields of its reply.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reply(Map<String, Value>);

impl Reply {
    pub(crate) fn ok() -> Self {
        Self::saying("ok")
    }

    pub(crate) fn saying(errmsg: &str) -> Self {
        Self(Map::from_iter([("errcode".into(), 0.into()), ("errmsg".into(), errmsg.into())]))
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.into(), value.into());
        self
    }

    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.0)
    }
}

impl From<Vec<(String, Value)>> for Reply {
    fn from(fields: Vec<(String, Value)>) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl From<Reply> for Box<[(String, Value)]> {
    fn from(reply: Reply) -> Self {
        reply.0.into_iter().collect()
    }
}

/// What every endpoint comes to.
pub(super) type Outcome = Result<Reply, Refusal>;

/// Refuses with `code` unless `condition` holds.
pub(super) fn ensure(condition: bool, code: Code) -> Result<(), Refusal> {
    if condition { Ok(()) } else { Err(code.into()) }
}

// Connection and permission.
pub(super) const SECRET_WRONG: Code = Code(40001, "invalid credential");
pub(super) const CORPID_WRONG: Code = Code(40013, "invalid corpid");
pub(super) const TOKEN_INVALID: Code = Code(40014, "invalid access_token");
pub(super) const SECRET_OF_ANOTHER: Code = Code(40091, "secret is invalid");
pub(super) const TOKEN_MISSING: Code = Code(41001, "access_token missing");
pub(super) const CORPID_MISSING: Code = Code(41002, "corpid missing");
pub(super) const SECRET_MISSING: Code = Code(41004, "secret missing");
pub(super) const TOKEN_EXPIRED: Code = Code(42001, "access_token expired");
pub(super) const RATE_LIMIT: Code = Code(45009, "api freq out of limit");
pub(super) const API_FORBIDDEN: Code = Code(48002, "api forbidden");
pub(super) const DETAILS_FORBIDDEN: Code = Code(48009, "contacts sync may not read details");
pub(super) const APP_DISABLED: Code = Code(50003, "agent disabled");
pub(super) const NO_PRIVILEGE: Code = Code(60011, "no privilege to access/modify contact/party/agent");
pub(super) const IP_NOT_TRUSTED: Code = Code(60020, "not allow to access from your ip");

// Parameters in general.
pub(super) const PARAMETER_WRONG: Code = Code(40058, "invalid Request Parameter");
pub(super) const PARAMETER_EMPTY: Code = Code(40063, "some parameters are empty");

// Departments.
pub(super) const DEPARTMENT_NAME_LENGTH: Code = Code(60001, "department name too long or empty");
pub(super) const DEPARTMENT_UNKNOWN: Code = Code(60003, "department not found");
pub(super) const PARENT_UNKNOWN: Code = Code(60004, "parent department not found");
pub(super) const DEPARTMENT_HAS_MEMBERS: Code = Code(60005, "department contains user");
pub(super) const DEPARTMENT_HAS_CHILDREN: Code = Code(60006, "department contains sub department");
pub(super) const DEPARTMENT_IS_ROOT: Code = Code(60007, "forbid to delete root department");
pub(super) const DEPARTMENT_EXISTS: Code = Code(60008, "department existed");
pub(super) const DEPARTMENT_NAME_CHARACTERS: Code = Code(60009, "department name has invalid character");
pub(super) const DEPARTMENT_LOOP: Code = Code(60010, "department is in a loop");
pub(super) const DEPARTMENT_ID_UNKNOWN: Code = Code(60123, "invalid party id");
pub(super) const DEPARTMENT_NAME_WRONG: Code = Code(60125, "invalid party name");
pub(super) const DEPARTMENT_TOO_DEEP: Code = Code(81002, "department level exceeds 15");

// Members.
pub(super) const USERID_WRONG: Code = Code(40003, "invalid userid");
pub(super) const DEPARTMENT_LIST_WRONG: Code = Code(40066, "invalid party list");
pub(super) const USERID_MISSING: Code = Code(41009, "userid missing");
pub(super) const DEPARTMENT_NOT_AN_ARRAY: Code = Code(41019, "missing or invalid department");
pub(super) const MEMBER_NOT_FOUND: Code = Code(46004, "user not exist");
pub(super) const USERID_EXISTS: Code = Code(60102, "UserID already existed");
pub(super) const MOBILE_WRONG: Code = Code(60103, "invalid mobile");
pub(super) const MOBILE_EXISTS: Code = Code(60104, "mobile existed");
pub(super) const EMAIL_WRONG: Code = Code(60105, "invalid email");
pub(super) const EMAIL_EXISTS: Code = Code(60106, "email existed");
pub(super) const DEPARTMENTS_TOO_MANY: Code = Code(60110, "user in too many departments");
pub(super) const USERID_UNKNOWN: Code = Code(60111, "userid not found");
pub(super) const NAME_WRONG: Code = Code(60112, "invalid name");
pub(super) const MOBILE_AND_EMAIL_MISSING: Code = Code(60129, "missing mobile or email");
pub(super) const LEADERS_COUNT: Code = Code(60132, "is_leader_in_dept and department differ in size");
pub(super) const BIZ_MAIL_WRONG: Code = Code(60143, "invalid biz_mail");
pub(super) const BIZ_MAIL_FIXED: Code = Code(60144, "biz_mail can not be changed again");
pub(super) const BIZ_MAIL_EXISTS: Code = Code(60145, "biz_mail existed");
pub(super) const SUPERIORS_TOO_MANY: Code = Code(60257, "too many direct leaders");
pub(super) const CREATOR_STAYS: Code = Code(301_005, "forbid to delete the corp creator");
pub(super) const POSITION_WRONG: Code = Code(301_012, "invalid position");
pub(super) const TELEPHONE_WRONG: Code = Code(301_013, "invalid telephone");
pub(super) const SUPERIOR_UNKNOWN: Code = Code(301_021, "userid in the list not found");
pub(super) const USERID_FIXED: Code = Code(301_036, "userid can not be changed");

// Tags.
pub(super) const TAG_UNKNOWN: Code = Code(40068, "invalid tagid");
pub(super) const TAG_ENTRIES_WRONG: Code = Code(40070, "all of the userlist and partylist are invalid");
pub(super) const TAG_NAME_EXISTS: Code = Code(40071, "tag name existed");
pub(super) const TAG_NAME_WRONG: Code = Code(40072, "invalid tag name");
pub(super) const TAG_MISSING: Code = Code(41017, "tagid missing");
pub(super) const TAG_NAME_MISSING: Code = Code(41018, "tagname missing");
pub(super) const TAG_OF_ANOTHER: Code = Code(81011, "no permission for this tag");
pub(super) const TAG_ENTRIES_TOO_MANY: Code = Code(81014, "too many entries");

// Group chats.
pub(super) const CHATID_WRONG: Code = Code(86001, "invalid chatid");
pub(super) const CHAT_UNKNOWN: Code = Code(86003, "chat not found");
pub(super) const CHAT_NAME_WRONG: Code = Code(86004, "invalid chat name");
pub(super) const CHAT_OWNER_WRONG: Code = Code(86005, "invalid chat owner");
pub(super) const CHAT_SIZE: Code = Code(86006, "invalid number of chat members");
pub(super) const CHAT_MEMBER_WRONG: Code = Code(86007, "invalid chat member");
pub(super) const CHAT_OF_ANOTHER: Code = Code(86008, "chat was created by another app");
pub(super) const CHATID_MISSING: Code = Code(86201, "chatid missing");
pub(super) const CHAT_NAME_MISSING: Code = Code(86202, "chat name missing");
pub(super) const CHAT_MEMBERS_MISSING: Code = Code(86204, "chat userlist missing");
pub(super) const CHATID_TOO_LONG: Code = Code(86205, "chatid too long");
pub(super) const CHAT_OWNER_OUTSIDE: Code = Code(86207, "chat owner not in userlist");
pub(super) const CHATID_EXISTS: Code = Code(86215, "chatid existed");
pub(super) const CHAT_CHANGE_WRONG: Code = Code(86216, "invalid member in the chat change");

// Messages.
pub(super) const MSGTYPE_WRONG: Code = Code(40008, "invalid message type");
pub(super) const USERS_TOO_MANY: Code = Code(40032, "invalid userlist size");
pub(super) const URL_TOO_LONG: Code = Code(40039, "invalid url size");
pub(super) const AGENTID_WRONG: Code = Code(40056, "invalid agentid");
pub(super) const NOT_CONFIDENTIAL: Code = Code(40074, "this message type can not be safe");
pub(super) const MEDIA_ID_MISSING: Code = Code(41006, "media_id missing");
pub(super) const AGENTID_MISSING: Code = Code(41011, "agentid missing");
pub(super) const TITLE_MISSING: Code = Code(41016, "title missing");
pub(super) const MSGID_TOO_OLD: Code = Code(42052, "msgid expired");
pub(super) const CONTENT_EMPTY: Code = Code(44004, "content is empty");
pub(super) const CONTENT_TOO_LONG: Code = Code(45002, "content size out of limit");
pub(super) const ARTICLES_TOO_MANY: Code = Code(45008, "article size out of limit");
pub(super) const AUTHOR_TOO_LONG: Code = Code(45032, "author size out of limit");
pub(super) const URL_WITHOUT_SCHEME: Code = Code(45034, "url must begin with http:// or https://");
pub(super) const ALL_INVALID: Code = Code(81013, "user & party & tag all invalid");
pub(super) const NO_RECEIVER: Code = Code(82001, "user & party & tag all empty");
pub(super) const PARTIES_TOO_MANY: Code = Code(82002, "invalid party list size");
pub(super) const TAGS_TOO_MANY: Code = Code(82003, "invalid tag list size");
pub(super) const MINI_PROGRAM_MISSING: Code = Code(90200, "missing mini program appid");
pub(super) const NOTICE_ITEMS_TOO_MANY: Code = Code(90201, "mini program content_item count out of limit");
pub(super) const NOTICE_KEY_WRONG: Code = Code(90202, "invalid mini program content_item key");
pub(super) const NOTICE_VALUE_WRONG: Code = Code(90203, "invalid mini program content_item value");
pub(super) const MINI_PROGRAM_PAGE_WRONG: Code = Code(90204, "invalid mini program page");
pub(super) const MINI_PROGRAM_OF_ANOTHER_CORP: Code = Code(90206, "mini program is not linked with the corp");
pub(super) const MINI_PROGRAM_WRONG: Code = Code(90207, "invalid mini program appid");
pub(super) const MINI_PROGRAM_OF_ANOTHER_APP: Code = Code(90208, "mini program is not linked with the agent");
pub(super) const AGENT_OF_ANOTHER: Code = Code(301_002, "not allow operate another agent with this accesstoken");

// Cards.
pub(super) const TASK_ID_WRONG: Code = Code(42014, "invalid task_id");
pub(super) const CARD_OF_ANOTHER: Code = Code(42015, "the card was sent by another agent");
pub(super) const TASK_UNKNOWN: Code = Code(42016, "task_id not found");
pub(super) const BUTTON_TEXT_MISSING: Code = Code(42020, "missing button replace_name");
pub(super) const KEYNAME_MISSING: Code = Code(42027, "template_card missing keyname");
pub(super) const CARD_URL_MISSING: Code = Code(42028, "template_card missing url");
pub(super) const CARD_MEDIA_MISSING: Code = Code(42029, "template_card missing media_id");
pub(super) const CARD_APPID_MISSING: Code = Code(42030, "template_card missing appid");
pub(super) const CARD_TYPE_WRONG: Code = Code(42031, "template_card invalid card_type");
pub(super) const CARD_TITLE_MISSING: Code = Code(42033, "template_card missing title");
pub(super) const DETAILS_TOO_MANY: Code = Code(42035, "template_card horizontal_content_list size out of limit");
pub(super) const PARAGRAPHS_TOO_MANY: Code = Code(42036, "template_card vertical_content_list size out of limit");
pub(super) const OPTIONS_COUNT: Code = Code(42037, "template_card invalid option_list size");
pub(super) const CARD_BUTTON_TEXT_MISSING: Code = Code(42038, "template_card missing button text");
pub(super) const CARD_KEY_WRONG: Code = Code(42039, "template_card invalid or repeated button key");
pub(super) const OPTION_ID_WRONG: Code = Code(42040, "template_card invalid or repeated option id");
pub(super) const OPTION_TEXT_MISSING: Code = Code(42041, "template_card missing option text");
pub(super) const JUMPS_TOO_MANY: Code = Code(42042, "template_card jump_list size out of limit");
pub(super) const QUESTION_KEY_WRONG: Code = Code(42043, "template_card invalid or repeated question_key");
pub(super) const CARD_IMAGE_MISSING: Code = Code(42044, "template_card missing image url");
pub(super) const CARD_ACTION_WRONG: Code = Code(42045, "template_card invalid card_action");
pub(super) const SUBMIT_KEY_MISSING: Code = Code(42046, "template_card missing submit_button key");
pub(super) const SELECTS_COUNT: Code = Code(42047, "template_card invalid select_list size");
pub(super) const CARD_USERID_MISSING: Code = Code(42050, "template_card missing userid");
pub(super) const MENU_KEYS_COLLIDE: Code = Code(42051, "template_card action_list keys collide");
pub(super) const NO_CALLBACK: Code = Code(43012, "need callback url of the agent");
pub(super) const RESPONSE_CODE_WRONG: Code = Code(60140, "invalid response_code");
pub(super) const UPDATE_WITHOUT_RECEIVER: Code = Code(82101, "userids & partyids & tagids & atall all empty");
pub(super) const UPDATE_REACHES_NOBODY: Code = Code(82102, "no receiver of the card among userids, partyids, tagids");
// Customers.
pub(super) const CUSTOMER_WRONG: Code = Code(40096, "invalid external userid");
pub(super) const CUSTOMER_MISSING: Code = Code(41035, "missing external userid");
pub(super) const CURSOR_WRONG: Code = Code(50100, "invalid cursor");
pub(super) const TOO_MANY_ITEMS: Code = Code(81017, "too many items");
pub(super) const NO_RELATION: Code = Code(84061, "not external contact");
pub(super) const CUSTOMER_CHAT_WRONG: Code = Code(90500, "not a customer group chat");
// Other corps.
pub(super) const APP_NOT_SHARED: Code = Code(670_001, "the app is not shared with the corp");

// Chatbots.
pub(super) const ROBOT_UNKNOWN: Code = Code(93000, "invalid webhook url");
pub(super) const ROBOT_STOPPED: Code = Code(93004, "robot is stopped");
pub(super) const ROBOT_REMOVED: Code = Code(93008, "robot is not in the group");
pub(super) const MD5_WRONG: Code = Code(301_019, "md5 does not match");

// Media.
pub(super) const MEDIA_FORMAT: Code = Code(40004, "invalid media type");
pub(super) const MEDIA_KIND: Code = Code(40005, "invalid type");
pub(super) const MEDIA_SIZE: Code = Code(40006, "invalid meta size");
pub(super) const MEDIA_ID_WRONG: Code = Code(40007, "invalid media_id");
pub(super) const MEDIA_OF_ANOTHER_KIND: Code = Code(301_015, "media type does not match the message type");
pub(super) const IMAGE_SIZE: Code = Code(40009, "invalid image size");
pub(super) const VIDEO_SIZE: Code = Code(40011, "invalid video size");
pub(super) const IMAGE_DAMAGED: Code = Code(40123, "invalid image content");
pub(super) const UPLOAD_MISSING: Code = Code(41005, "media data missing");
pub(super) const UPLOAD_EMPTY: Code = Code(44001, "empty media data");
pub(super) const FILE_TOO_LARGE: Code = Code(45001, "media size out of limit");
