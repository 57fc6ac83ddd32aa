//! What a fresh world contains, by name.
//!
//! Secrets have the form and length of real ones and are obviously not.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::corp::{
    App, Chat, Corp, Customer, CustomerChat, Follow, Link, Maker, Member, Membership, SentCard, Share, Tag,
};
pub use super::corp::{ROOT_DEPARTMENT_ID, UNASSIGNED_DEPARTMENT_ID};
use super::media::MediaKind;

/// The corp.
pub const CORP_ID: &str = "ww5f2c8a9b1d3e4f60";
/// The secret of "contacts sync" in the console.
pub const CONTACTS_SECRET: &str = "SIMULATED-secret-of-contacts-not-real-00001";

/// The app that tests use; its visible range is the root department.
pub const AGENT_ID: i64 = 1_000_002;
/// What people call it.
pub const APP_NAME: &str = "流程助手";
/// The secret of [`AGENT_ID`].
pub const APP_SECRET: &str = "SIMULATED-secret-of-the-app-not-real-000002";
/// Another app of the same corp, with the same visible range. It has no callback URL.
pub const OTHER_AGENT_ID: i64 = 1_000_003;
/// The secret of [`OTHER_AGENT_ID`].
pub const OTHER_APP_SECRET: &str = "SIMULATED-secret-of-the-app-not-real-000003";
/// An app that sees [`SALES_DEPARTMENT_ID`] only.
pub const LIMITED_AGENT_ID: i64 = 1_000_004;
/// The secret of [`LIMITED_AGENT_ID`].
pub const LIMITED_APP_SECRET: &str = "SIMULATED-secret-of-the-app-not-real-000004";

/// A corp that [`AGENT_ID`] is shared with: 云帆科技华南公司, linked with the first one.
pub const LOWER_CORP_ID: &str = "wwabcdef0123456789";
/// What [`AGENT_ID`] is in [`LOWER_CORP_ID`]; its visible range is the root department.
pub const LOWER_AGENT_ID: i64 = 1_000_008;
/// 何九, in [`LOWER_CORP_ID`].
pub const LOWER_MEMBER: &str = "hejiu";
/// What stands before the departments of [`LOWER_CORP_ID`], which is linked with the first one in the old way, too.
pub const LINKED_ID: &str = "L0123456789";
/// A corp downstream of the first one: 远航物流.
pub const DOWNSTREAM_CORP_ID: &str = "wwbcdef0123456789a";
/// What [`AGENT_ID`] is in [`DOWNSTREAM_CORP_ID`].
pub const DOWNSTREAM_AGENT_ID: i64 = 1_000_009;

/// The robot that tests use.
pub const ROBOT_KEY: &str = "51a00000-0000-4000-8000-0000000000b1";
/// Another robot.
pub const OTHER_ROBOT_KEY: &str = "51a00000-0000-4000-8000-0000000000b2";

/// The token of a callback URL that `host-test simulator --callback` sets.
pub const CALLBACK_TOKEN: &str = "SIMULATEDtokenOfTheCallback00002";
/// The key of that URL.
pub const CALLBACK_KEY: &str = "SIMULATEDkeyOfTheCallbackNotAReal0000000002";

/// Every secret of this world, and what the tokens of the simulator begin with: for assertions that none is shown.
pub const SECRETS: [&str; 10] = [
    "SIMULATED-",
    "SIM-TOKEN-",
    CONTACTS_SECRET,
    APP_SECRET,
    OTHER_APP_SECRET,
    LIMITED_APP_SECRET,
    ROBOT_KEY,
    OTHER_ROBOT_KEY,
    CALLBACK_TOKEN,
    CALLBACK_KEY,
];

/// A connection as the application that tests use, with both secrets.
pub fn application(base_url: &str) -> Value {
    json!({
        "type": "application",
        "corp_id": CORP_ID,
        "app_secret": APP_SECRET,
        "contacts_secret": CONTACTS_SECRET,
        "agent_id": AGENT_ID,
        "base_url": base_url,
    })
}

/// The same in [`LOWER_CORP_ID`].
pub fn lower_application(base_url: &str) -> Value {
    let mut connection = application(base_url);
    connection["lower_corp_id"] = LOWER_CORP_ID.into();
    connection["lower_agent_id"] = LOWER_AGENT_ID.into();
    connection
}

/// A connection as the robot that tests use.
pub fn chatbot(base_url: &str) -> Value {
    json!({ "type": "chatbot", "chatbot_key": ROBOT_KEY, "base_url": base_url })
}

/// A connection for callbacks of this corp.
pub fn callback() -> Value {
    json!({
        "type": "callback",
        "token": CALLBACK_TOKEN,
        "encoding_aes_key": CALLBACK_KEY,
        "receive_id": CORP_ID,
    })
}

/// 研发部, below the root.
pub const ENGINEERING_DEPARTMENT_ID: i64 = 2;
/// 前端组, below 研发部.
pub const FRONTEND_DEPARTMENT_ID: i64 = 3;
/// 市场部, below the root.
pub const SALES_DEPARTMENT_ID: i64 = 4;

/// The creator of the corp, in the root department.
pub const CREATOR: &str = "admin";
/// 张三, leads 研发部.
pub const ZHANGSAN: &str = "zhangsan";
/// 李四, in 研发部 and 前端组; capital letters in the user id.
pub const LISI: &str = "LiSi";
/// 王五, in 市场部, with Tencent corp mail.
pub const WANGWU: &str = "wangwu";
/// 赵六, in 市场部, who has not activated the account.
pub const ZHAOLIU: &str = "zhaoliu@example.com";
/// 孙七, in 研发部, for whom the corp has no API licence.
pub const UNLICENSED: &str = "sunqi";
/// 周八, in 研发部, disabled and so out of every app's view.
pub const DISABLED: &str = "zhouba";

/// 钱女士, who uses WeChat: a customer of [`ZHANGSAN`] and [`WANGWU`].
pub const CUSTOMER: &str = "wmSIMULATEDcustomerQian0000000001";
/// 吴经理 of another corp, who uses WeCom: a customer of [`ZHANGSAN`].
pub const WECOM_CUSTOMER: &str = "woSIMULATEDcustomerWu00000000002";
/// 郑先生, who has deleted everybody who had added him.
pub const LOST_CUSTOMER: &str = "wmSIMULATEDcustomerZheng000000003";
/// A group chat of [`ZHANGSAN`] with [`CUSTOMER`].
pub const CUSTOMER_CHAT_ID: &str = "wrSIMULATEDgroupOfCustomers00001";
/// A group chat of [`WANGWU`] with [`CUSTOMER`], which waits for a new owner.
pub const OTHER_CUSTOMER_CHAT_ID: &str = "wrSIMULATEDgroupOfCustomers00002";
/// A tag that was made in the admin console: [`ZHANGSAN`] and [`FRONTEND_DEPARTMENT_ID`].
pub const TAG_ID: i64 = 1;
/// A tag that [`OTHER_AGENT_ID`] made, with [`WANGWU`].
pub const OTHER_TAG_ID: i64 = 2;

/// An image of the corp's media library, for its first three days.
pub const IMAGE_MEDIA_ID: &str = "SIM-MEDIA-corp-image-3_Kx9wQe7RtYuIoP1aSdFg";
/// A file of the corp's media library, for its first three days.
pub const FILE_MEDIA_ID: &str = "SIM-MEDIA-corp-file-5_Zm2nBvCxLkJhGfDsAqWe";
/// A voice recording of the corp's media library, for its first three days.
pub const VOICE_MEDIA_ID: &str = "SIM-MEDIA-corp-voice-4_Tr5eWqAzSxDcFvGbHnJm";
/// A video of the corp's media library, for its first three days.
pub const VIDEO_MEDIA_ID: &str = "SIM-MEDIA-corp-video-6_Yh6tGrFeDwSqAzXsCdVf";
/// A voice recording uploaded with [`ROBOT_KEY`], for its first three days.
pub const ROBOT_VOICE_MEDIA_ID: &str = "SIM-MEDIA-robot-voice-7_Qw3eRt5yUi7oPaSdFgHj";
/// A file uploaded with [`ROBOT_KEY`], for its first three days.
pub const ROBOT_FILE_MEDIA_ID: &str = "SIM-MEDIA-robot-file-8_Pl0okMijNuhBygVtfCrd";

/// A mini program that is linked with [`AGENT_ID`].
pub const MINI_PROGRAM_ID: &str = "wx51a0000000000001";
/// A mini program that is linked with [`OTHER_AGENT_ID`] only.
pub const OTHER_MINI_PROGRAM_ID: &str = "wx51a0000000000002";

/// The response code of a card that [`AGENT_ID`] sent to [`ZHANGSAN`] and [`WANGWU`] in the beginning.
pub const RESPONSE_CODE: &str = "SIM-RESPONSE-of-the-first-card-2_Wd4rTgHyJuKiLoPzXc";

/// A PNG image of one pixel, whole: what is needed where WeCom looks into an image.
pub const PIXEL: &[u8] = super::media::PIXEL;

/// A group chat that [`OTHER_AGENT_ID`] created.
pub const OTHER_CHAT_ID: &str = "SIMCHATofTheOtherApp1000003";

/// The corps named above.
pub(super) fn corps() -> BTreeMap<String, Corp> {
    let lower = || {
        let mobile = Some("13800000009".to_owned());
        other_corp(LOWER_AGENT_ID, Member { mobile, ..Member::new(LOWER_MEMBER, "何九") })
    };
    let mut own = corp();
    own.links = vec![Link { linked_id: LINKED_ID.into(), corp_id: LOWER_CORP_ID.into(), corp: lower() }];
    BTreeMap::from([
        (CORP_ID.to_owned(), own),
        (LOWER_CORP_ID.to_owned(), lower()),
        (DOWNSTREAM_CORP_ID.to_owned(), other_corp(DOWNSTREAM_AGENT_ID, Member::new("jiangshi", "江十"))),
    ])
}

/// A corp with one member, and with an app that is shared with it. Nobody has a secret of it: it has none.
fn other_corp(agent_id: i64, member: Member) -> Corp {
    let mut corp = Corp::new("");
    corp.apps = vec![App::new(agent_id, "", vec![ROOT_DEPARTMENT_ID])];
    corp.callbacks = [agent_id].into();
    corp.add_member(member);
    corp.media.put(IMAGE_MEDIA_ID.into(), MediaKind::Image, Duration::ZERO);
    corp.media.put(FILE_MEDIA_ID.into(), MediaKind::File, Duration::ZERO);
    corp
}

fn corp() -> Corp {
    let mut corp = Corp::new(CONTACTS_SECRET);
    let app = |agent_id, secret: &str, department| App::new(agent_id, secret, vec![department]);
    corp.apps = vec![
        App { name: APP_NAME.into(), reads_customers: true, ..app(AGENT_ID, APP_SECRET, ROOT_DEPARTMENT_ID) },
        app(OTHER_AGENT_ID, OTHER_APP_SECRET, ROOT_DEPARTMENT_ID),
        App { reads_customers: true, ..app(LIMITED_AGENT_ID, LIMITED_APP_SECRET, SALES_DEPARTMENT_ID) },
    ];
    let card = SentCard {
        agent_id: AGENT_ID,
        msgid: "SIM-MSGID-of-the-first-card".into(),
        has_buttons: true,
        receivers: [ZHANGSAN, WANGWU].map(str::to_owned).into(),
        sent_at: Duration::ZERO,
        updated: false,
    };
    corp.cards.insert(RESPONSE_CODE.into(), card);
    corp.callbacks = [AGENT_ID, LIMITED_AGENT_ID].into();
    corp.shares = [
        (0, LOWER_CORP_ID, "云帆科技华南公司", LOWER_AGENT_ID),
        (1, DOWNSTREAM_CORP_ID, "远航物流", DOWNSTREAM_AGENT_ID),
    ]
    .map(|(business_type, corp_id, name, lower_agent_id)| Share {
        agent_id: AGENT_ID,
        business_type,
        corp_id: corp_id.into(),
        name: name.into(),
        lower_agent_id,
    })
    .into();
    corp.add_department(ENGINEERING_DEPARTMENT_ID, ROOT_DEPARTMENT_ID, "研发部");
    corp.add_department(FRONTEND_DEPARTMENT_ID, ENGINEERING_DEPARTMENT_ID, "前端组");
    corp.add_department(SALES_DEPARTMENT_ID, ROOT_DEPARTMENT_ID, "市场部");
    for member in members() {
        corp.add_member(member);
    }
    corp.chats.insert(
        OTHER_CHAT_ID.into(),
        Chat {
            chatid: OTHER_CHAT_ID.into(),
            name: "市场周会".into(),
            owner: WANGWU.into(),
            userlist: vec![WANGWU.into(), ZHANGSAN.into()],
            agent_id: OTHER_AGENT_ID,
        },
    );
    add_customers(&mut corp);
    for (tagid, tagname, maker, userid, department) in [
        (TAG_ID, "值班", Maker::Console, ZHANGSAN, Some(FRONTEND_DEPARTMENT_ID)),
        (OTHER_TAG_ID, "市场活动", Maker::App(OTHER_AGENT_ID), WANGWU, None),
    ] {
        let members = [userid.to_owned()].into();
        let departments = department.into_iter().collect();
        corp.tags.insert(tagid, Tag { tagid, tagname: tagname.into(), maker, members, departments });
    }
    corp.media.put(IMAGE_MEDIA_ID.into(), MediaKind::Image, Duration::ZERO);
    corp.media.put(FILE_MEDIA_ID.into(), MediaKind::File, Duration::ZERO);
    corp.media.put(VOICE_MEDIA_ID.into(), MediaKind::Voice, Duration::ZERO);
    corp.media.put(VIDEO_MEDIA_ID.into(), MediaKind::Video, Duration::ZERO);
    corp.mini_programs = [(MINI_PROGRAM_ID, AGENT_ID), (OTHER_MINI_PROGRAM_ID, OTHER_AGENT_ID)]
        .map(|(appid, agent_id)| (appid.to_owned(), vec![agent_id]))
        .into();
    corp
}

fn add_customers(corp: &mut Corp) {
    corp.contact_members = [ZHANGSAN, LISI, WANGWU].map(str::to_owned).into();
    let follow = |userid: &str, remark: &str, tags: &[(&str, &str)], mobiles: &[&str]| Follow {
        userid: userid.into(),
        remark: remark.into(),
        createtime: 1_525_779_812,
        tags: tags.iter().map(|(id, name)| ((*id).into(), (*name).into())).collect(),
        mobiles: mobiles.iter().map(|mobile| (*mobile).into()).collect(),
    };
    let important = [("etSIMULATEDtag0001", "重要")];
    for (id, name, corp_name, follows) in [
        (
            CUSTOMER,
            "钱女士",
            None,
            vec![follow(ZHANGSAN, "钱总", &important, &["13700000001"]), follow(WANGWU, "小钱", &[], &[])],
        ),
        (WECOM_CUSTOMER, "吴经理", Some("远帆贸易"), vec![follow(ZHANGSAN, "吴经理", &[], &[])]),
        (LOST_CUSTOMER, "郑先生", None, Vec::new()),
    ] {
        let customer = Customer { name: name.into(), corp_name: corp_name.map(str::to_owned), follows };
        corp.customers.insert(id.into(), customer);
    }
    for (id, name, owner, status) in
        [(CUSTOMER_CHAT_ID, "新品咨询", ZHANGSAN, 0), (OTHER_CUSTOMER_CHAT_ID, "老客户", WANGWU, 1)]
    {
        let members = vec![owner.into(), CUSTOMER.into()];
        let chat = CustomerChat { name: name.into(), owner: owner.into(), create_time: 1_572_505_490, status, members };
        corp.customer_chats.insert(id.into(), chat);
    }
}

fn members() -> [Member; 7] {
    let member = |number: u32, userid: &str, name: &str, departments: &[i64]| Member {
        main_department: departments[0],
        departments: departments
            .iter()
            .map(|&department| Membership { department, order: 0, leader: userid == ZHANGSAN })
            .collect(),
        mobile: Some(format!("1380000{number:04}")),
        email: Some(format!("sim{number}@example.com")),
        biz_mail: Some(format!("sim{number}@corp.example.com")),
        activated: userid != ZHAOLIU,
        ..Member::new(userid, name)
    };
    [
        Member { creator: true, ..member(1, CREATOR, "管理员", &[ROOT_DEPARTMENT_ID]) },
        member(2, ZHANGSAN, "张三", &[ENGINEERING_DEPARTMENT_ID]),
        member(3, LISI, "李四", &[ENGINEERING_DEPARTMENT_ID, FRONTEND_DEPARTMENT_ID]),
        Member { mail_bound: true, ..member(4, WANGWU, "王五", &[SALES_DEPARTMENT_ID]) },
        member(5, ZHAOLIU, "赵六", &[SALES_DEPARTMENT_ID]),
        Member { licensed: false, ..member(6, UNLICENSED, "孙七", &[ENGINEERING_DEPARTMENT_ID]) },
        Member { enabled: false, ..member(7, DISABLED, "周八", &[ENGINEERING_DEPARTMENT_ID]) },
    ]
}
