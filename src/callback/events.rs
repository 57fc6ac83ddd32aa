//! The messages and events that WeCom tells of, for people who choose one.
//!
//! The list is what the manifest offers. What is not in it comes all the same, with all its fields: see
//! [`decrypt_message`](super::decrypt_message).
//!
//! <https://developer.work.weixin.qq.com/document/path/90240>

use serde_json::{Value, json};

use super::document;
use super::event::{Event, Format};
use crate::text::{Text, text};

/// Who tells of it. Each has callback settings of its own in the admin console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// An application, and what its members do in it.
    Application,
    /// The address book, to the settings of contacts sync.
    Contacts,
    /// Customer contact.
    Customers,
    /// A smart bot.
    SmartBot,
}

impl Source {
    /// All of them, in the order in which a list shows them.
    pub const ALL: [Self; 4] = [Self::Application, Self::Contacts, Self::Customers, Self::SmartBot];

    /// Its name in the manifest.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Contacts => "contacts",
            Self::Customers => "customers",
            Self::SmartBot => "smart_bot",
        }
    }

    /// What people call it.
    pub const fn title(self) -> Text {
        match self {
            Self::Application => text("Application", "应用"),
            Self::Contacts => text("Address book", "通讯录"),
            Self::Customers => text("Customers", "客户联系"),
            Self::SmartBot => text("Smart bot", "智能机器人"),
        }
    }
}

/// A message or an event that is known.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// See [`Event::topic`]. A smart bot's message may have that of an application's.
    pub topic: &'static str,
    /// Who tells of it.
    pub source: Source,
    /// What people choose.
    pub title: Text,
    /// When it comes, and what there is to know.
    pub description: Text,
    /// What it has beside what all have: elements of XML, and of a smart bot all of its JSON.
    own: &'static str,
}

impl Known {
    /// An example, as WeCom would send it.
    pub fn message(&self) -> String {
        if self.source == Source::SmartBot {
            return self.own.to_owned();
        }
        let mut parts = self.topic.split('/');
        let mut element = |name: &str| match parts.next() {
            Some(part) => format!("<{name}>{part}</{name}>"),
            None => String::new(),
        };
        let kinds = [element("MsgType"), element("Event"), element("ChangeType")].concat();
        let (from, agent) = match self.source {
            Source::Application => (if self.is_of_wecom() { "sys" } else { "zhangsan" }, "<AgentID>1000002</AgentID>"),
            _ => ("sys", ""),
        };
        format!(
            "<xml><ToUserName>ww5f2c8a9b1d3e4f60</ToUserName><FromUserName>{from}</FromUserName>\
            <CreateTime>1784246400</CreateTime>{kinds}{}{agent}</xml>",
            self.own
        )
    }

    /// Whether WeCom itself is the one who did it.
    fn is_of_wecom(&self) -> bool {
        ["_alert", "_change", "_inactive_agent", "low_active", "_restored", "_finish", "_result"]
            .iter()
            .any(|end| self.topic.ends_with(end))
    }

    /// What [`decrypt_message`](super::decrypt_message) makes of the example; `None` where that is no document.
    pub fn sample(&self) -> Option<Value> {
        let format = if self.source == Source::SmartBot { Format::Json } else { Format::Xml };
        let event = Event::of(document::read(&self.message())?, format, String::new());
        let fields: Value = serde_json::from_str(&event.json).ok()?;
        Some(json!({
            "topic": event.topic,
            "msg_type": event.msg_type,
            "event": event.event,
            "change_type": event.change_type,
            "from_user": event.from_user,
            "to": event.to,
            "agent_id": event.agent_id,
            "created_at": event.created_at,
            "key": event.key,
            "fields": fields,
        }))
    }
}

const fn known(topic: &'static str, source: Source, title: Text, description: Text, own: &'static str) -> Known {
    Known { topic, source, title, description, own }
}

/// What is known, by source.
pub const EVENTS: &[Known] = &[
    known(
        "text",
        Source::Application,
        text("Text message", "文本消息"),
        text("A member writes to the application.", "成员向应用发送文本。"),
        "<Content>Is the meeting room free at ten?</Content><MsgId>7412334567890123456</MsgId>",
    ),
    known(
        "image",
        Source::Application,
        text("Picture", "图片消息"),
        text(
            "A member sends a picture. Its media ID is good for three days: download it with `download-media`.",
            "成员发送图片。media_id三天内有效，可用“下载素材”取回。",
        ),
        "<PicUrl>https://example.com/picture.jpg</PicUrl><MediaId>3Xyz_media-of-a-picture</MediaId><MsgId>7412334567890123457</MsgId>",
    ),
    known(
        "voice",
        Source::Application,
        text("Voice message", "语音消息"),
        text(
            "A member sends a voice message, as AMR or Speex. Its media ID is good for three days.",
            "成员发送语音，格式为AMR或Speex，media_id三天内有效。",
        ),
        "<MediaId>3Xyz_media-of-a-voice</MediaId><Format>amr</Format><MsgId>7412334567890123458</MsgId>",
    ),
    known(
        "video",
        Source::Application,
        text("Video", "视频消息"),
        text("A member sends a video. Its media IDs are good for three days.", "成员发送视频，media_id三天内有效。"),
        "<MediaId>3Xyz_media-of-a-video</MediaId><ThumbMediaId>3Xyz_media-of-its-picture</ThumbMediaId><MsgId>7412334567890123459</MsgId>",
    ),
    known(
        "location",
        Source::Application,
        text("Position sent", "位置消息"),
        text(
            "A member sends a position on the map: latitude, longitude and an address.",
            "成员发送地图位置：纬度、经度和地址。",
        ),
        "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale><Label>Tianhe, Guangzhou</Label><AppType>wxwork</AppType><MsgId>7412334567890123460</MsgId>",
    ),
    known(
        "link",
        Source::Application,
        text("Link", "链接消息"),
        text("A member shares a web page with the application.", "成员向应用分享网页链接。"),
        "<Title>Travel guidelines</Title><Description>What changes in spring</Description><Url>https://example.com/travel</Url><PicUrl>https://example.com/travel.png</PicUrl><MsgId>7412334567890123461</MsgId>",
    ),
    known(
        "event/template_card_event",
        Source::Application,
        text("Card: button, vote or choice", "卡片：按钮、投票或选择"),
        text(
            "A member presses a button of a card, votes or submits choices. `event_key` is the key of the button; `response_code` updates the card once with `update-card`.",
            "成员点击卡片按钮、投票或提交选择。event_key是按钮的key，凭response_code可用“更新卡片”更新一次。",
        ),
        "<EventKey>approve</EventKey><TaskId>leave-1042</TaskId><CardType>button_interaction</CardType><ResponseCode>RESPONSE-CODE-good-for-one-update</ResponseCode><SelectedItems><SelectedItem><QuestionKey>reason</QuestionKey><OptionIds><OptionId>holiday</OptionId></OptionIds></SelectedItem></SelectedItems>",
    ),
    known(
        "event/template_card_menu_event",
        Source::Application,
        text("Card: menu", "卡片：右上角菜单"),
        text("A member chooses an entry of the menu at the top right of a card.", "成员点击卡片右上角菜单中的一项。"),
        "<EventKey>mute</EventKey><TaskId>leave-1042</TaskId><CardType>text_notice</CardType><ResponseCode>RESPONSE-CODE-good-for-one-update</ResponseCode>",
    ),
    known(
        "event/enter_agent",
        Source::Application,
        text("Application opened", "进入应用"),
        text(
            "A member opens the application. Comes only where this is ticked in its settings.",
            "成员打开应用。须在应用设置中勾选“上报进入应用事件”。",
        ),
        "<EventKey/>",
    ),
    known(
        "event/subscribe",
        Source::Application,
        text("Member can see the application", "成员关注"),
        text("A member came into the range that sees the application.", "成员进入应用的可见范围，或加入企业。"),
        "<EventKey/>",
    ),
    known(
        "event/unsubscribe",
        Source::Application,
        text("Member no longer sees the application", "成员取消关注"),
        text(
            "A member left that range or the enterprise, or was disabled.",
            "成员离开应用的可见范围、退出企业或被禁用。",
        ),
        "<EventKey/>",
    ),
    known(
        "event/location",
        Source::Application,
        text("Position reported", "上报地理位置"),
        text(
            "Where a member is who opens the application. Comes only where it is switched on.",
            "成员打开应用时上报的位置，须在应用设置中开启。",
        ),
        "<Latitude>23.104105</Latitude><Longitude>113.320107</Longitude><Precision>65.000000</Precision><AppType>wxwork</AppType>",
    ),
    known(
        "event/click",
        Source::Application,
        text("Menu: entry", "菜单：点击"),
        text(
            "A member chooses an entry of the application's menu that sends an event.",
            "成员点击应用菜单中的“点击推事件”项。",
        ),
        "<EventKey>report-today</EventKey>",
    ),
    known(
        "event/view",
        Source::Application,
        text("Menu: page", "菜单：网页"),
        text(
            "A member opens a page from the menu. `event_key` is its address.",
            "成员从应用菜单打开网页，event_key是网址。",
        ),
        "<EventKey>https://example.com/orders</EventKey>",
    ),
    known(
        "event/view_miniprogram",
        Source::Application,
        text("Menu: mini program", "菜单：小程序"),
        text(
            "A member opens a mini program from the menu. `event_key` is its path.",
            "成员从应用菜单打开小程序，event_key是页面路径。",
        ),
        "<EventKey>pages/orders/index</EventKey>",
    ),
    known(
        "event/scancode_push",
        Source::Application,
        text("Menu: code scanned", "菜单：扫码"),
        text("A member scans a code from the menu.", "成员从应用菜单扫码。"),
        "<EventKey>scan</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>ASSET-0042</ScanResult></ScanCodeInfo>",
    ),
    known(
        "event/scancode_waitmsg",
        Source::Application,
        text("Menu: code scanned, answer awaited", "菜单：扫码并等待回复"),
        text("A member scans a code from the menu and waits for an answer.", "成员从应用菜单扫码并等待回复。"),
        "<EventKey>scan-and-wait</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>ASSET-0042</ScanResult></ScanCodeInfo>",
    ),
    known(
        "event/pic_sysphoto",
        Source::Application,
        text("Menu: photo taken", "菜单：拍照"),
        text(
            "A member takes a photo from the menu. The photo itself comes as a message.",
            "成员从应用菜单拍照，照片另以图片消息送达。",
        ),
        "<EventKey>photo</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item></PicList></SendPicsInfo>",
    ),
    known(
        "event/pic_photo_or_album",
        Source::Application,
        text("Menu: photo taken or chosen", "菜单：拍照或相册"),
        text("A member takes or chooses photos from the menu.", "成员从应用菜单拍照或选择照片。"),
        "<EventKey>photo-or-album</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item></PicList></SendPicsInfo>",
    ),
    known(
        "event/pic_weixin",
        Source::Application,
        text("Menu: photo chosen", "菜单：相册"),
        text("A member chooses photos from the album of WeCom.", "成员从企业微信相册选择照片。"),
        "<EventKey>album</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>1b5f7c23b5bf75682a53e7b6d163e185</PicMd5Sum></item></PicList></SendPicsInfo>",
    ),
    known(
        "event/location_select",
        Source::Application,
        text("Menu: position chosen", "菜单：选择位置"),
        text("A member chooses a position on the map from the menu.", "成员从应用菜单选择地图位置。"),
        "<EventKey>where</EventKey><SendLocationInfo><Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>15</Scale><Label>Tianhe, Guangzhou</Label><Poiname/></SendLocationInfo><AppType>wxwork</AppType>",
    ),
    known(
        "event/batch_job_result",
        Source::Application,
        text("Batch job finished", "异步任务完成"),
        text(
            "A batch job of the address book is done: an import, an export or invitations.",
            "通讯录异步任务（导入、导出、邀请等）已完成。",
        ),
        "<BatchJob><JobId>1x2y3z_batch-job</JobId><JobType>sync_user</JobType><ErrCode>0</ErrCode><ErrMsg>ok</ErrMsg></BatchJob>",
    ),
    known(
        "event/open_approval_change",
        Source::Application,
        text("Approval changed", "审批状态变化"),
        text(
            "The state of an approval changes. `open_sp_status` is 1 under way, 2 approved, 3 refused, 4 cancelled.",
            "审批单状态变化。open_sp_status：1审批中，2已通过，3已驳回，4已取消。",
        ),
        "<ApprovalInfo><ThirdNo>order-7781</ThirdNo><OpenSpName>Purchase</OpenSpName><OpenTemplateId>1234567890</OpenTemplateId><OpenSpStatus>2</OpenSpStatus><ApplyTime>1784246000</ApplyTime><ApplyUserName>Zhang San</ApplyUserName><ApplyUserId>zhangsan</ApplyUserId><ApplyUserParty>Purchasing</ApplyUserParty><ApplyUserImage>https://example.com/zhangsan.png</ApplyUserImage><ApprovalNodes><ApprovalNode><NodeStatus>2</NodeStatus><NodeAttr>1</NodeAttr><NodeType>1</NodeType><Items><Item><ItemName>Li Si</ItemName><ItemUserId>lisi</ItemUserId><ItemImage>https://example.com/lisi.png</ItemImage><ItemStatus>2</ItemStatus><ItemSpeech>Fine</ItemSpeech><ItemOpTime>1784246300</ItemOpTime></Item></Items></ApprovalNode></ApprovalNodes><NotifyNodes/><approverstep>0</approverstep></ApprovalInfo>",
    ),
    known(
        "event/sys_approval_change",
        Source::Application,
        text("WeCom's own approval changed", "企业微信审批状态变化"),
        text(
            "The state of an approval made in WeCom's own application changes. `sp_status` is 1 under way, 2 approved, 3 refused, 4 cancelled.",
            "企业微信“审批”应用中的申请状态变化。sp_status：1审批中，2已通过，3已驳回，4已撤销。",
        ),
        "<ApprovalInfo><SpNo>202611250001</SpNo><SpName>Purchase</SpName><SpStatus>2</SpStatus><TemplateId>3TkaH5KFbrG9heEQWLJjhgpFwmqAFB4dLEnapaB7example</TemplateId><ApplyTime>1784246000</ApplyTime><Applyer><UserId>zhangsan</UserId><Party>2</Party></Applyer><SpRecord><SpStatus>2</SpStatus><ApproverAttr>1</ApproverAttr><Details><Approver><UserId>lisi</UserId></Approver><Speech>Fine</Speech><SpStatus>2</SpStatus><SpTime>1784246300</SpTime></Details></SpRecord><StatuChangeEvent>2</StatuChangeEvent></ApprovalInfo>",
    ),
    known(
        "event/upload_media_job_finish",
        Source::Application,
        text("Upload finished", "异步上传完成"),
        text("A file that WeCom fetches by itself is there, or failed.", "企业微信异步拉取的素材已完成或失败。"),
        "<JobId>jobid_S0MuFKcqDgXXXX</JobId>",
    ),
    known(
        "event/share_agent_change",
        Source::Application,
        text("Application shared or no longer", "应用共享变更"),
        text("A lower enterprise got the application, or lost it.", "下级企业获得或失去共享的应用。"),
        "",
    ),
    known(
        "event/share_chain_change",
        Source::Application,
        text("Chain of enterprises changed", "上下游共享变更"),
        text("The chain of enterprises with which the application is shared changed.", "应用共享的上下游发生变更。"),
        "",
    ),
    known(
        "event/inactive_alert",
        Source::Application,
        text("Application will be switched off", "应用即将停用"),
        text(
            "The application has not been used for long. WeCom will switch it off at `effect_time`.",
            "应用长期未使用，企业微信将在effect_time停用它。",
        ),
        "<EffectTime>1785456000</EffectTime>",
    ),
    known(
        "event/close_inactive_agent",
        Source::Application,
        text("Application switched off", "应用已停用"),
        text("The application was switched off, since nobody used it.", "应用因长期未使用已被停用。"),
        "",
    ),
    known(
        "event/reopen_inactive_agent",
        Source::Application,
        text("Application switched on again", "应用重新启用"),
        text("An administrator switched the application on again.", "管理员重新启用了应用。"),
        "",
    ),
    known(
        "event/low_active_alert",
        Source::Application,
        text("Customer data will be closed", "客户数据权限即将关闭"),
        text(
            "The application will lose its access to customer data at `effect_time` for want of use.",
            "应用使用率低，将在effect_time失去客户数据权限。",
        ),
        "<EffectTime>1785456000</EffectTime>",
    ),
    known(
        "event/low_active",
        Source::Application,
        text("Customer data closed", "客户数据权限已关闭"),
        text(
            "The application has lost its access to customer data for want of use.",
            "应用因使用率低已失去客户数据权限。",
        ),
        "",
    ),
    known(
        "event/active_restored",
        Source::Application,
        text("Customer data open again", "客户数据权限已恢复"),
        text("The application has its access to customer data again.", "应用的客户数据权限已恢复。"),
        "",
    ),
    known(
        "event/taskcard_click",
        Source::Application,
        text("Task card pressed", "任务卡片点击"),
        text(
            "A member presses a button of a task card. WeCom has withdrawn task cards: use template cards.",
            "成员点击任务卡片按钮。任务卡片已下线，请改用模板卡片。",
        ),
        "<EventKey>yes</EventKey><TaskId>task-1</TaskId>",
    ),
    known(
        "event/change_contact/create_user",
        Source::Contacts,
        text("Member added", "新增成员"),
        text(
            "A member was added. Since August 2022 new callbacks carry the ID and the departments only.",
            "新增成员。2022年8月之后设置的回调只含成员ID和部门。",
        ),
        "<UserID>wangwu</UserID><Department>2,5</Department>",
    ),
    known(
        "event/change_contact/update_user",
        Source::Contacts,
        text("Member changed", "更新成员"),
        text("A member changed. `new_user_id` is there where the ID did.", "成员信息变更；成员ID变化时带new_user_id。"),
        "<UserID>wangwu</UserID><NewUserID>wangwu2</NewUserID><Department>5</Department>",
    ),
    known(
        "event/change_contact/delete_user",
        Source::Contacts,
        text("Member deleted", "删除成员"),
        text("A member was deleted.", "成员被删除。"),
        "<UserID>wangwu2</UserID>",
    ),
    known(
        "event/change_contact/create_party",
        Source::Contacts,
        text("Department added", "新增部门"),
        text("A department was added.", "新增部门。"),
        "<Id>12</Id><Name>Field service</Name><ParentId>2</ParentId><Order>100000</Order>",
    ),
    known(
        "event/change_contact/update_party",
        Source::Contacts,
        text("Department changed", "更新部门"),
        text("The name or the parent of a department changed.", "部门的名称或上级部门变更。"),
        "<Id>12</Id><Name>Service</Name><ParentId>1</ParentId>",
    ),
    known(
        "event/change_contact/delete_party",
        Source::Contacts,
        text("Department deleted", "删除部门"),
        text("A department was deleted.", "部门被删除。"),
        "<Id>12</Id>",
    ),
    known(
        "event/change_contact/update_tag",
        Source::Contacts,
        text("Members of a tag changed", "标签成员变更"),
        text("Members or departments were put under a tag, or taken from it.", "标签下的成员或部门变更。"),
        "<TagId>3</TagId><AddUserItems>zhangsan,lisi</AddUserItems><DelUserItems/><AddPartyItems>5</AddPartyItems><DelPartyItems/>",
    ),
    known(
        "event/change_external_contact/add_external_contact",
        Source::Customers,
        text("Customer added", "添加客户"),
        text(
            "A member and a customer are in contact. `welcome_code` sends a greeting within 20 seconds.",
            "成员与客户建立联系。welcome_code可在20秒内发送欢迎语。",
        ),
        "<UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID><State>spring-campaign</State><WelcomeCode>WELCOME-CODE-good-for-20-seconds</WelcomeCode>",
    ),
    known(
        "event/change_external_contact/add_half_external_contact",
        Source::Customers,
        text("Customer added without confirmation", "免验证添加客户"),
        text("A customer added a member who has not confirmed it yet.", "客户添加了成员，成员尚未确认。"),
        "<UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID><State>spring-campaign</State><WelcomeCode>WELCOME-CODE-good-for-20-seconds</WelcomeCode>",
    ),
    known(
        "event/change_external_contact/edit_external_contact",
        Source::Customers,
        text("Customer changed", "编辑客户"),
        text("What a member notes about a customer changed.", "成员修改了客户的备注等信息。"),
        "<UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID>",
    ),
    known(
        "event/change_external_contact/del_external_contact",
        Source::Customers,
        text("Customer deleted by the member", "成员删除客户"),
        text("A member removed a customer.", "成员删除了客户。"),
        "<UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID><Source>DELETE_BY_TRANSFER</Source>",
    ),
    known(
        "event/change_external_contact/del_follow_user",
        Source::Customers,
        text("Member deleted by the customer", "客户删除成员"),
        text("A customer removed a member.", "客户删除了成员。"),
        "<UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID>",
    ),
    known(
        "event/change_external_contact/transfer_fail",
        Source::Customers,
        text("Transfer of a customer failed", "客户接替失败"),
        text(
            "A customer could not be handed over to another member. `fail_reason` says why.",
            "客户分配给其他成员失败，原因见fail_reason。",
        ),
        "<FailReason>customer_refused</FailReason><UserID>zhangsan</UserID><ExternalUserID>wmqfasd1e1927831123109rBAAAA</ExternalUserID>",
    ),
    known(
        "event/change_external_chat/create",
        Source::Customers,
        text("Customer group created", "客户群创建"),
        text("A group chat with customers was created.", "新建客户群。"),
        "<ChatId>wrx7HUEQAA1234567890abcdefghijkl</ChatId>",
    ),
    known(
        "event/change_external_chat/update",
        Source::Customers,
        text("Customer group changed", "客户群变更"),
        text(
            "The members, the owner, the name or the notice of a group chat with customers changed: see `update_detail`.",
            "客户群的成员、群主、群名或公告变更，见update_detail。",
        ),
        "<ChatId>wrx7HUEQAA1234567890abcdefghijkl</ChatId><UpdateDetail>add_member</UpdateDetail><JoinScene>1</JoinScene><MemChangeCnt>1</MemChangeCnt>",
    ),
    known(
        "event/change_external_chat/dismiss",
        Source::Customers,
        text("Customer group dissolved", "客户群解散"),
        text("A group chat with customers was dissolved.", "客户群被解散。"),
        "<ChatId>wrx7HUEQAA1234567890abcdefghijkl</ChatId>",
    ),
    known(
        "event/change_external_tag/create",
        Source::Customers,
        text("Customer tag created", "创建客户标签"),
        text("A tag for customers, or a group of tags, was created.", "新建客户标签或标签组。"),
        "<Id>etx7HUEQAA1234567890abcdefghijkl</Id><TagType>tag</TagType>",
    ),
    known(
        "event/change_external_tag/update",
        Source::Customers,
        text("Customer tag changed", "变更客户标签"),
        text("A tag for customers, or a group of tags, changed.", "客户标签或标签组变更。"),
        "<Id>etx7HUEQAA1234567890abcdefghijkl</Id><TagType>tag</TagType>",
    ),
    known(
        "event/change_external_tag/delete",
        Source::Customers,
        text("Customer tag deleted", "删除客户标签"),
        text("A tag for customers, or a group of tags, was deleted.", "客户标签或标签组被删除。"),
        "<Id>etx7HUEQAA1234567890abcdefghijkl</Id><TagType>tag</TagType>",
    ),
    known(
        "event/change_external_tag/shuffle",
        Source::Customers,
        text("Customer tags sorted", "客户标签重排"),
        text("The tags for customers were put into another order.", "客户标签的顺序变更。"),
        "<Id>etx7HUEQAA1234567890abcdefghijkl</Id>",
    ),
    known(
        "text",
        Source::SmartBot,
        text("Bot: text", "机器人：文本"),
        text(
            "Somebody writes to the smart bot, or names it in a group. Answer with a stream, or later by `response_url`.",
            "用户向智能机器人发文本，或在群里@它。可用流式消息回复，或稍后通过response_url回复。",
        ),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chatid":"wrkSFfCgAAexample","chattype":"group","from":{"userid":"zhangsan"},"response_url":"https://example.com/one-answer-within-an-hour","msgtype":"text","text":{"content":"@Robot how many orders today?"}}"#,
    ),
    known(
        "image",
        Source::SmartBot,
        text("Bot: picture", "机器人：图片"),
        text(
            "Somebody sends the smart bot a picture. Its address is good for five minutes, and what is there is encrypted.",
            "用户向智能机器人发图片。地址五分钟内有效，内容是加密的。",
        ),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chatid":"wrkSFfCgAAexample","chattype":"group","from":{"userid":"zhangsan"},"response_url":"https://example.com/one-answer-within-an-hour","msgtype":"image","image":{"url":"https://example.com/encrypted-picture"}}"#,
    ),
    known(
        "file",
        Source::SmartBot,
        text("Bot: file", "机器人：文件"),
        text(
            "Somebody sends the smart bot a file. Its address is good for five minutes, and what is there is encrypted.",
            "用户向智能机器人发文件。地址五分钟内有效，内容是加密的。",
        ),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chattype":"single","from":{"userid":"zhangsan"},"response_url":"https://example.com/one-answer-within-an-hour","msgtype":"file","file":{"url":"https://example.com/encrypted-file"}}"#,
    ),
    known(
        "mixed",
        Source::SmartBot,
        text("Bot: text and pictures", "机器人：图文混排"),
        text("Somebody sends the smart bot text and pictures in one message.", "用户向智能机器人发送图文混排的消息。"),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chatid":"wrkSFfCgAAexample","chattype":"group","from":{"userid":"zhangsan"},"response_url":"https://example.com/one-answer-within-an-hour","msgtype":"mixed","mixed":{"msg_item":[{"msgtype":"text","text":{"content":"@Robot what is this?"}},{"msgtype":"image","image":{"url":"https://example.com/encrypted-picture"}}]}}"#,
    ),
    known(
        "voice",
        Source::SmartBot,
        text("Bot: speech", "机器人：语音"),
        text("Somebody speaks to the smart bot. It comes as text.", "用户向智能机器人说话，内容已转成文字。"),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chattype":"single","from":{"userid":"zhangsan"},"msgtype":"voice","voice":{"content":"How many orders today?"}}"#,
    ),
    known(
        "stream",
        Source::SmartBot,
        text("Bot: next piece", "机器人：流式消息刷新"),
        text(
            "WeCom asks for the next piece of an answer that is a stream, for up to six minutes.",
            "企业微信请求流式消息的下一段，最长六分钟。",
        ),
        r#"{"msgid":"CAIQ16HMjQYY","aibotid":"aibDqYw3k2","chatid":"wrkSFfCgAAexample","chattype":"group","from":{"userid":"zhangsan"},"response_url":"https://example.com/one-answer-within-an-hour","msgtype":"stream","stream":{"id":"stream-1042"}}"#,
    ),
    known(
        "event/enter_chat",
        Source::SmartBot,
        text("Bot: chat opened", "机器人：进入会话"),
        text(
            "Somebody opens the chat with the smart bot for the first time on a day. A text answers it.",
            "用户当天首次进入与智能机器人的会话，可回复文本欢迎语。",
        ),
        r#"{"msgid":"CAIQ16HMjQYZ","create_time":1784246400,"aibotid":"aibDqYw3k2","chattype":"single","from":{"corpid":"ww5f2c8a9b1d3e4f60","userid":"zhangsan"},"msgtype":"event","event":{"eventtype":"enter_chat"}}"#,
    ),
    known(
        "event/template_card_event",
        Source::SmartBot,
        text("Bot: card pressed", "机器人：卡片点击"),
        text(
            "Somebody presses a button of the smart bot's card. Sent once; the answer may change the card.",
            "用户点击智能机器人的卡片按钮。只推送一次，回复可更新卡片。",
        ),
        r#"{"msgid":"CAIQ16HMjQYa","create_time":1784246400,"aibotid":"aibDqYw3k2","chattype":"single","from":{"corpid":"ww5f2c8a9b1d3e4f60","userid":"zhangsan"},"msgtype":"event","event":{"eventtype":"template_card_event","template_card_event":{"card_type":"button_interaction","event_key":"approve","task_id":"leave-1042","selected_items":{"selected_item":[{"question_key":"reason","option_ids":{"option_id":["holiday"]}}]}}}}"#,
    ),
    known(
        "event/feedback_event",
        Source::SmartBot,
        text("Bot: feedback", "机器人：反馈"),
        text(
            "Somebody rates an answer of the smart bot: 1 good, 2 bad, 3 withdrawn. The answer to it is empty.",
            "用户评价智能机器人的回复：1好评，2差评，3取消。只能回复空包。",
        ),
        r#"{"msgid":"CAIQ16HMjQYb","create_time":1784246400,"aibotid":"aibDqYw3k2","chattype":"single","from":{"corpid":"ww5f2c8a9b1d3e4f60","userid":"zhangsan"},"msgtype":"event","event":{"eventtype":"feedback_event","feedback_event":{"id":"answer-7","type":2,"content":"Not today's figures","inaccurate_reason_list":[2]}}}"#,
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_sample_is_what_its_entry_says() {
        let mut seen = BTreeSet::new();
        let mut keys = BTreeSet::new();
        for known in EVENTS {
            let sample = known.sample().unwrap_or_else(|| panic!("{}: no document", known.topic));
            assert_eq!(sample["topic"], known.topic);
            assert!(seen.insert((known.topic, known.source.name())), "{} stands twice", known.topic);
            assert!(keys.insert(sample["key"].to_string()), "{}: a key like another's", known.topic);
            assert_eq!(sample["to"].is_null(), known.source == Source::SmartBot, "{}", known.topic);
            assert_eq!(sample["agent_id"].is_null(), known.source != Source::Application, "{}", known.topic);
        }
    }
}
