//! The demo: one believable story that needs every action.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use comfy_table::{Attribute, Cell, CellAlignment, Color};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::output::{print, print_table, table};
use super::patience::load_with_callbacks;
use super::words::{language, say};
use super::{CommandError, Outcome, manifest};
use crate::callback::{self, Receiver, Told};
use crate::client::Allow;
use crate::host::{Instance, Limits};
use crate::report::{self, Reader};
use crate::simulator::{Options, Press, Simulator, Source, World, seed};

/// The smallest picture that a chatbot can show: one blue pixel.
const PICTURE: &[u8] = include_bytes!("pixel.png");

/// How long a callback may take to come: it is sent at once.
const CALLED_WITHIN: Duration = Duration::from_secs(10);

/// One action of the story, or one callback, and how it went.
struct Step {
    chapter: String,
    /// Whether WeCom called, and the action is what the component did with that.
    is_callback: bool,
    action: &'static str,
    request: String,
    result: Result<String, String>,
    output: Value,
    time: Duration,
}

/// The stage: a component, a simulator, and what has happened so far.
struct Story<'a> {
    instance: Instance,
    /// Where WeCom calls back, and what it tells there.
    callback_url: String,
    told: mpsc::Receiver<Told>,
    simulator: &'a Simulator,
    application: String,
    chatbot: String,
    chapter: String,
    steps: Vec<Step>,
}

/// Tells the story and shows it.
pub(super) async fn run(as_json: bool) -> Outcome {
    let began = Instant::now();
    let simulator = Simulator::start(Options::strict()).await?;
    let authority = simulator.base_url().trim_start_matches("http://").to_owned();
    let limits = Limits { allow: Allow::Authorities(vec![authority]), ..Limits::default() };
    let (host, for_callbacks) = load_with_callbacks(limits)?;
    let base_url = simulator.base_url();
    let [application, chatbot] = [seed::application, seed::chatbot].map(|connection| connection(&base_url).to_string());
    let instance = host.instance().await?;
    let receiver = Receiver::new(for_callbacks, seed::callback().to_string(), None)
        .map_err(|_| CommandError::Failed(say!("callbacks cannot be received", "无法接收回调")))?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let callback_url = format!("http://{}/wecom", listener.local_addr()?);
    let (tell, told) = callback::channel();
    let server = tokio::spawn(Arc::new(receiver).serve(listener, tell));
    let mut story = Story {
        instance,
        callback_url,
        told,
        simulator: &simulator,
        application,
        chatbot,
        chapter: String::new(),
        steps: Vec::new(),
    };
    let told = story.tell().await;
    server.abort();
    let steps = story.steps;
    let failed = steps.iter().filter(|step| step.result.is_err()).count();
    if as_json {
        print(Value::from_iter(steps.iter().map(Step::json)))?;
    } else {
        show(&steps)?;
        let messages = simulator.with_world(|world| world.messages().len());
        let done = steps.iter().filter(|step| step.result.is_ok() && !step.is_callback);
        let done: BTreeSet<&str> = done.map(|step| step.action).collect();
        let callbacks = steps.iter().filter(|step| step.is_callback).count();
        let (done, calls) = (done.len(), steps.len() - callbacks);
        let milliseconds = steps.iter().map(|step| step.time).sum::<Duration>().as_secs_f64() * 1000.0;
        let seconds = began.elapsed().as_secs_f64();
        print(say!(
            "{done} actions carried out, in {calls} calls, {callbacks} callbacks and {milliseconds:.0} ms (with loading, \
             {seconds:.1} s).\n\
             {messages} messages delivered, {failed} calls failed.",
            "执行了{done}个操作，共调用{calls}次，收到{callbacks}次回调，用时{milliseconds:.0}毫秒（含加载{seconds:.1}秒）。\n\
             送达{messages}条消息，失败{failed}次。"
        ))?;
    }
    told?;
    // Whoever adds an action adds it to the story.
    let untold: Vec<String> = super::entries(&manifest()?)
        .filter_map(|entry| entry["id"].as_str())
        .filter(|id| !steps.iter().any(|step| step.action == *id))
        .map(str::to_owned)
        .collect();
    if !untold.is_empty() {
        let untold = untold.join(", ");
        return Err(CommandError::Failed(say!("the story does without {untold}", "故事里没有用到{untold}")));
    }
    if failed > 0 {
        let all = steps.len();
        return Err(CommandError::Failed(say!("{failed} of {all} calls failed", "{all}次调用中有{failed}次失败")));
    }
    Ok(())
}

impl Story<'_> {
    async fn tell(&mut self) -> Outcome {
        self.chapter = say!("Look around", "看看环境");
        self.act("list-applications", json!({}), |output| {
            let application = &output["agent_list"][0];
            let [name, id] = [text(&application["name"]), &application["agent_id"].to_string()];
            say!("the secret belongs to {name}, {id}", "Secret属于{name}，应用ID是{id}")
        })
        .await?;
        self.act("get-application", json!({}), |output| {
            let departments = count(&output["allow_partys"]);
            if output["close"] == 0 {
                say!("switched on, {departments} visible department", "已启用，可见{departments}个部门")
            } else {
                say!("switched off", "已停用")
            }
        })
        .await?;
        self.act("list-api-addresses", json!({}), addresses).await?;
        self.act("list-callback-addresses", json!({}), addresses).await?;

        self.chapter = say!("Build a department", "建部门");
        self.act("list-department-ids", json!({}), |output| {
            let departments = count(&output["department_id"]);
            say!("{departments} departments so far", "目前有{departments}个部门")
        })
        .await?;
        let created = self
            .act("create-department", json!({"name": "云平台部", "parent_id": 1, "order": 10}), |output| {
                let id = &output["id"];
                say!("云平台部 is department {id}", "云平台部的部门ID是{id}")
            })
            .await?;
        let department = created["id"].clone();
        let renamed = json!({"id": department, "name": "云平台研发部"});
        self.act("update-department", renamed, |_| say!("renamed to 云平台研发部", "改名为云平台研发部")).await?;
        self.act("get-department", json!({"id": department}), |output| {
            let [name, parent] = [text(&output["name"]), &output["parent_id"].to_string()];
            say!("{name}, below department {parent}", "{name}，父部门ID是{parent}")
        })
        .await?;
        self.act("list-departments", json!({"id": 1}), |output| {
            let names = names(&output["department"]);
            say!("they are {names}", "各部门：{names}")
        })
        .await?;

        self.chapter = say!("Hire", "入职");
        let member = json!({
            "user_id": "chenyu", "name": "陈雨", "gender": 2, "position": "后端工程师", "department": [department],
            "is_leader_in_dept": [0], "direct_leader": ["lisi"], "mobile": "13900000000", "email": "chenyu@example.com",
        });
        self.act("create-member", member, |_| {
            say!("陈雨 (chenyu) joins 云平台研发部", "陈雨（chenyu）加入云平台研发部")
        })
        .await?;
        let promotion = json!({"user_id": "chenyu", "position": "高级后端工程师"});
        self.act("update-member", promotion, |_| say!("now 高级后端工程师", "升为高级后端工程师")).await?;
        self.act("list-member-ids", json!({"limit": 100}), |output| {
            let memberships = count(&output["dept_user"]);
            say!("{memberships} memberships", "{memberships}条成员与部门的对应关系")
        })
        .await?;

        self.act("get-member-id-by-mobile", json!({"mobile": "13900000000"}), |output| {
            let member = text(&output["user_id"]);
            say!("the number is {member}'s", "该手机号属于{member}")
        })
        .await?;
        let mail = json!({"email": "chenyu@example.com", "email_type": 2});
        self.act("get-member-id-by-email", mail, |output| {
            let member = text(&output["user_id"]);
            say!("the address is {member}'s", "该邮箱属于{member}")
        })
        .await?;
        self.act("get-member", json!({"user_id": "chenyu"}), |output| {
            let [name, position] = ["name", "position"].map(|field| text(&output[field]));
            say!("{name}, {position}", "{name}，{position}")
        })
        .await?;
        self.act("list-members", json!({"department_id": department}), |output| {
            let names = names(&output["user_list"]);
            say!("in the department: {names}", "部门成员：{names}")
        })
        .await?;
        self.act("list-member-details", json!({"department_id": department}), |output| {
            let waiting = output["user_list"].as_array().into_iter().flatten();
            let waiting = waiting.filter(|member| member["status"] == 4).count();
            say!("{waiting} of them has not activated the account", "其中{waiting}人尚未激活账号")
        })
        .await?;
        self.act("invite-members", json!({"user": ["chenyu"]}), |_| say!("chenyu is invited", "已邀请chenyu")).await?;

        self.chapter = say!("Tag people", "打标签");
        let created = self
            .act("create-tag", json!({"tag_name": "新员工"}), |output| {
                let id = &output["tag_id"];
                say!("tag {id}", "标签ID是{id}")
            })
            .await?;
        let tag = created["tag_id"].clone();
        let renamed = json!({"tag_id": tag, "tag_name": "新同事"});
        self.act("update-tag", renamed, |_| say!("renamed to 新同事", "改名为新同事")).await?;
        let tagged = json!({"tag_id": tag, "user_list": ["chenyu", "zhangsan"], "party_list": [department]});
        self.act("add-tag-members", tagged, |output| {
            let wrong = count(&output["invalid_list"]) + count(&output["invalid_party"]);
            say!("given, {wrong} left out", "已打标签，{wrong}个无效")
        })
        .await?;
        let untagged = json!({"tag_id": tag, "user_list": ["zhangsan"]});
        self.act("remove-tag-members", untagged, |_| say!("zhangsan is not new", "zhangsan不是新同事")).await?;
        self.act("get-tag", json!({"tag_id": tag}), |output| {
            let [name, members] = [text(&output["tag_name"]), &names(&output["user_list"])];
            say!("{name}: {members}", "{name}：{members}")
        })
        .await?;
        self.act("list-tags", json!({}), |output| {
            let tags = count(&output["tag_list"]);
            say!("{tags} tags", "{tags}个标签")
        })
        .await?;

        self.chapter = say!("Make a group", "建群");
        let group = json!({
            "name": "欢迎陈雨", "owner": "lisi", "user_list": ["lisi", "chenyu"], "chat_id": "welcomechenyu",
        });
        self.act("create-group-chat", group, |output| {
            let chat = text(&output["chat_id"]);
            say!("group {chat}", "群聊{chat}")
        })
        .await?;
        let change = json!({"chat_id": "welcomechenyu", "add_user_list": ["zhangsan"]});
        self.act("update-group-chat", change, |_| say!("zhangsan joins", "zhangsan入群")).await?;
        self.act("get-group-chat", json!({"chat_id": "welcomechenyu"}), |output| {
            let [name, owner] = ["name", "owner"].map(|field| text(&output[field]));
            let members = count(&output["user_list"]);
            say!("{name}, owner {owner}, {members} members", "{name}，群主{owner}，{members}人")
        })
        .await?;

        self.chapter = say!("Tell colleagues", "通知同事");
        let notice = json!({"to_user": "chenyu|wangwu|qianqi", "content": "陈雨今天入职云平台研发部，欢迎！"});
        let pushed = self.act("push-text-message", notice, delivered).await?;
        let markdown = json!({"to_party": [department], "content": "# 第一周\n> 周一 **入职培训**"});
        self.act("push-markdown-message", markdown, delivered).await?;
        let picture = STANDARD.encode(PICTURE);
        let file = STANDARD.encode("员工手册：欢迎加入。");
        let upload = json!({"file_name": "员工手册.txt", "kind": "file", "content": file});
        let file = self.act("upload-media", upload, uploaded).await?["media_id"].clone();
        let upload = json!({"file_name": "工牌.png", "kind": "image", "content": &picture});
        let image = self.act("upload-media", upload, uploaded).await?["media_id"].clone();
        self.act("download-media", json!({"media_id": file}), |output| {
            let name = text(&output["file_name"]);
            say!("{name}, as it was uploaded", "{name}，与上传的一致")
        })
        .await?;
        let handbook = json!({"to_user": ["chenyu"], "media_id": file, "safe": 1});
        self.act("push-file-message", handbook, delivered).await?;
        let badge = json!({"to_user": ["chenyu"], "media_id": image});
        self.act("push-image-message", badge, delivered).await?;
        let upload = json!({"file_name": "陈雨.png", "content": &picture});
        let portrait = self.act("upload-article-image", upload, |output| text(&output["url"]).to_owned()).await?;
        let portrait = text(&portrait["url"]);
        let article = json!({
            "to_user": ["@all"], "title": "新同事介绍：陈雨", "thumb_media_id": image,
            "content": format!("<p>陈雨加入云平台研发部。</p><img src=\"{portrait}\">"), "author": "人事部",
            "digest": "欢迎新同事",
        });
        self.act("push-image-text-message", article, delivered).await?;
        let card = json!({
            "to_user": ["chenyu"], "title": "办理入职", "description": "请在今天内填写入职登记表。",
            "url": "https://example.com/onboarding", "btn_txt": "去填写表格",
        });
        self.act("push-text-card-message", card, delivered).await?;

        let menu = json!({
            "to_user": ["chenyu"], "to_tag": [seed::TAG_ID], "duplicate_check_interval": 1800, "articles": [
                {"title": "员工手册", "url": "https://example.com/handbook", "pic_url": "https://example.com/handbook.png"},
                {"title": "门禁小程序", "app_id": seed::MINI_PROGRAM_ID, "page_path": "pages/door"},
            ],
        });
        self.act("push-news-message", menu, delivered).await?;
        let room = json!({
            "to_user": ["chenyu"], "app_id": seed::MINI_PROGRAM_ID, "title": "入职培训预约成功", "emphasis_first_item": 1,
            "content_item": [{"key": "会议室", "value": "402"}, {"key": "时间", "value": "周一 9:00"}],
        });
        self.act("push-mini-program-notice", room, delivered).await?;
        let greeting = json!({"to_user": ["chenyu"], "media_id": seed::VOICE_MEDIA_ID});
        self.act("push-voice-message", greeting, delivered).await?;
        let training = json!({"to_user": ["chenyu"], "media_id": seed::VIDEO_MEDIA_ID, "title": "新员工安全培训"});
        self.act("push-video-message", training, delivered).await?;

        self.chapter = say!("Ask for a decision", "请求审批");
        self.have_url_verified().await?;
        let order = json!({
            "to_user": ["lisi", "chenyu"], "task_id": "laptop-chenyu",
            "main_title": {"title": "采购申请：笔记本电脑", "desc": "陈雨，入职用"},
            "horizontal_content_list": [
                {"key_name": "申请人", "value": "陈雨", "type": 3, "user_id": "chenyu"},
                {"key_name": "报价单", "value": "quotation.pdf", "type": 2, "media_id": seed::FILE_MEDIA_ID},
            ],
            "button_list": [
                {"text": "同意", "style": 1, "key": "approve"}, {"text": "拒绝", "style": 3, "key": "refuse"},
            ],
        });
        self.act("push-button-card", order, delivered).await?;
        let press = Press { user_id: "lisi".into(), key: "approve".into(), ..Press::default() };
        let event = self.called(|world| world.press(&press)).await?;
        // The code that came with the event is good for one update.
        let code = &event["fields"]["response_code"];
        let answer = json!({"response_code": code, "user_ids": ["lisi", "chenyu"], "replace_name": "已同意"});
        self.act("update-card", answer, |_| say!("the buttons say 已同意", "按钮已变为“已同意”")).await?;
        let lunch = json!({
            "to_party": [department], "main_title": {"title": "周五的欢迎午餐"}, "task_id": "lunch-chenyu",
            "checkbox": {
                "question_key": "lunch", "option_list": [{"id": "noodles", "text": "面条"}, {"id": "rice", "text": "盖饭"}],
            },
            "submit_button": {"key": "lunch-chenyu"},
        });
        self.act("push-vote-card", lunch, delivered).await?;
        let training = json!({
            "to_user": ["chenyu"], "main_title": {"title": "入职培训报名"}, "task_id": "training-chenyu",
            "select_list": [{
                "question_key": "day", "title": "日期", "option_list": [{"id": "mon", "text": "周一"}, {"id": "tue", "text": "周二"}],
            }],
            "submit_button": {"text": "报名", "key": "training-chenyu"},
        });
        self.act("push-multiple-choice-card", training, delivered).await?;
        let report = json!({
            "to_user": ["lisi"], "main_title": {"title": "本月入职"}, "emphasis_content": {"title": "1", "desc": "新同事"},
            "card_action": {"type": 1, "url": "https://example.com/report"},
        });
        self.act("push-text-notice-card", report, delivered).await?;
        let office = json!({
            "to_user": ["chenyu"], "main_title": {"title": "你的工位"},
            "card_image": {"url": "https://example.com/desk.png", "aspect_ratio": "2.25"},
            "vertical_content_list": [{"title": "位置", "desc": "三号楼五层"}],
            "card_action": {"type": 1, "url": "https://example.com/desk"},
        });
        self.act("push-news-notice-card", office, delivered).await?;

        self.chapter = say!("Write to the group", "在群里发消息");
        let chat = "welcomechenyu";
        let hello = json!({"chat_id": chat, "content": "大家好，我是陈雨！"});
        self.act("push-text-message-to-group-chat", hello, sent).await?;
        let plan = json!({"chat_id": chat, "content": "**午餐** 12:00 一楼"});
        self.act("push-markdown-message-to-group-chat", plan, sent).await?;
        let map = json!({"chat_id": chat, "media_id": file});
        self.act("push-file-message-to-group-chat", map, sent).await?;
        let photo = json!({"chat_id": chat, "media_id": image});
        self.act("push-image-message-to-group-chat", photo, sent).await?;
        let guide = json!({
            "chat_id": chat, "title": "入职指南", "thumb_media_id": image, "content": "<p>门禁、邮箱、代码仓库</p>",
        });
        self.act("push-image-text-message-to-group-chat", guide, sent).await?;
        let survey = json!({
            "chat_id": chat, "title": "欢迎会投票", "description": "选一个时间。", "url": "https://example.com/vote",
        });
        self.act("push-text-card-message-to-group-chat", survey, sent).await?;

        let links = json!({
            "chat_id": chat, "articles": [{"title": "班车时刻表", "url": "https://example.com/bus"}, {"title": "餐厅菜单", "url": "https://example.com/menu"}],
        });
        self.act("push-news-message-to-group-chat", links, sent).await?;
        let greeting = json!({"chat_id": chat, "media_id": seed::VOICE_MEDIA_ID});
        self.act("push-voice-message-to-group-chat", greeting, sent).await?;
        let tour = json!({"chat_id": chat, "media_id": seed::VIDEO_MEDIA_ID, "title": "园区介绍"});
        self.act("push-video-message-to-group-chat", tour, sent).await?;

        self.chapter = say!("Let the chatbot speak", "机器人发消息");
        let alert = json!({"content": "部署完成，请验收。", "mentioned_list": "chenyu,@all"});
        self.act("push-text-message-by-chatbot", alert, sent).await?;
        let build = json!({"content": "构建 <font color=\"info\">成功</font> <@chenyu>"});
        self.act("push-markdown-message-by-chatbot", build, sent).await?;
        let table = json!({"content": "| 环境 | 结果 |\n| :--- | ---: |\n| 生产 | **成功** |"});
        self.act("push-markdown-v2-message-by-chatbot", table, sent).await?;
        let notes = STANDARD.encode("版本 1.0 的更新说明");
        let upload = json!({"file_name": "更新说明.txt", "kind": "file", "content": notes});
        let notes = self.act("upload-media-by-chatbot", upload, uploaded).await?["media_id"].clone();
        self.act("push-file-message-by-chatbot", json!({"media_id": notes}), sent).await?;
        let digest: String = Md5::digest(PICTURE).iter().map(|byte| format!("{byte:02x}")).collect();
        let picture = json!({"base64": picture, "md5": digest});
        self.act("push-image-message-by-chatbot", picture, sent).await?;
        let news = json!({"title": "版本 1.0 发布", "description": "更新说明", "url": "https://example.com/release"});
        self.act("push-image-text-message-by-chatbot", news, sent).await?;
        let call = json!({"media_id": seed::ROBOT_VOICE_MEDIA_ID});
        self.act("push-voice-message-by-chatbot", call, sent).await?;
        let links = json!({
            "articles": [
                {"title": "更新说明", "url": "https://example.com/release"},
                {"title": "升级步骤", "url": "https://example.com/upgrade"},
            ],
        });
        self.act("push-news-message-by-chatbot", links, sent).await?;

        self.chapter = say!("Look at customers", "查看客户");
        let followers = self
            .act("list-follow-members", json!({}), |output| {
                let members = count(&output["follow_user"]);
                say!("{members} members can have customers", "{members}名成员有客户联系功能")
            })
            .await?;
        let member = json!({"user_id": seed::ZHANGSAN});
        let customers = self
            .act("list-customer-ids", member, |output| {
                let customers = count(&output["external_user_id"]);
                say!("zhangsan has {customers} customers", "zhangsan有{customers}个客户")
            })
            .await?;
        let customer = json!({"external_user_id": customers["external_user_id"][0]});
        self.act("get-customer", customer, |output| {
            let [name, remark] = [text(&output["external_contact"]["name"]), text(&output["follow_user"][0]["remark"])];
            say!("{name}, whom zhangsan calls {remark}", "{name}，zhangsan的备注是{remark}")
        })
        .await?;
        let members = json!({"user_id_list": followers["follow_user"], "limit": 100});
        self.act("list-customers", members, |output| {
            let rows = count(&output["external_contact_list"]);
            say!("{rows} customers of all members", "全部成员共有{rows}条客户关系")
        })
        .await?;
        let groups = self
            .act("list-customer-group-chats", json!({"limit": 100}), |output| {
                let groups = count(&output["group_chat_list"]);
                say!("{groups} customer groups", "{groups}个客户群")
            })
            .await?;
        let group = json!({"chat_id": groups["group_chat_list"][0]["chat_id"], "need_name": 1});
        self.act("get-customer-group-chat", group, |output| {
            let [name, owner] = ["name", "owner"].map(|field| text(&output[field]));
            let people = count(&output["member_list"]);
            say!("{name}, owner {owner}, {people} people", "{name}，群主{owner}，{people}人")
        })
        .await?;

        let status = json!({
            "main_title": {"title": "部署完成"}, "sub_title_text": "全部测试通过",
            "card_action": {"type": 1, "url": "https://example.com/builds/17"},
        });
        self.act("push-text-notice-card-by-chatbot", status, sent).await?;
        let cover = json!({
            "main_title": {"title": "版本 1.0"}, "card_image": {"url": "https://example.com/release.png"},
            "card_action": {"type": 1, "url": "https://example.com/release"},
        });
        self.act("push-news-notice-card-by-chatbot", cover, sent).await?;

        self.chapter = say!("Reach another enterprise", "通知其他企业");
        let shared = self
            .act("list-shared-apps", json!({}), |output| {
                let enterprises = count(&output["corp_list"]);
                say!("shared with {enterprises} linked enterprise", "已共享给{enterprises}家互联企业")
            })
            .await?;
        self.act("get-linked-corp-permissions", json!({}), |output| {
            let members = count(&output["user_ids"]);
            say!("{members} member of a linked enterprise", "互联企业的{members}名成员")
        })
        .await?;
        let linked = json!({"department_id": format!("{}/1", seed::LINKED_ID)});
        self.act("list-linked-corp-departments", linked.clone(), |output| {
            let departments = count(&output["department_list"]);
            say!("{departments} departments", "{departments}个部门")
        })
        .await?;
        let everybody = json!({"department_id": linked["department_id"], "fetch_child": 1});
        self.act("list-linked-corp-members", everybody.clone(), named).await?;
        self.act("list-linked-corp-member-details", everybody, named).await?;
        let receiver = format!("{}/{}", seed::LOWER_CORP_ID, seed::LOWER_MEMBER);
        self.act("get-linked-corp-member", json!({"user_id": receiver}), |output| {
            let [name, mobile] = ["name", "mobile"].map(|field| text(&output[field]));
            say!("{name}, {mobile}", "{name}，{mobile}")
        })
        .await?;
        let both = json!(["chenyu", receiver]);
        let notice = json!({"to_user": both, "content": "陈雨负责两地的消息服务。"});
        self.act("push-text-message-to-linked-corps", notice, delivered).await?;
        let handbook = json!({"to_user": both, "media_id": seed::FILE_MEDIA_ID});
        self.act("push-file-message-to-linked-corps", handbook, delivered).await?;
        let badge = json!({"to_user": both, "media_id": seed::IMAGE_MEDIA_ID});
        self.act("push-image-message-to-linked-corps", badge, delivered).await?;
        let article = json!({
            "to_all": 1, "title": "两地协作说明", "thumb_media_id": seed::IMAGE_MEDIA_ID, "content": "<p>联系人：陈雨</p>",
        });
        self.act("push-image-text-message-to-linked-corps", article, delivered).await?;
        let card = json!({
            "to_party": [linked["department_id"]], "title": "联合例会", "description": "周一 10:00",
            "url": "https://example.com/meeting",
        });
        self.act("push-text-card-message-to-linked-corps", card, delivered).await?;
        let news = json!({"to_user": both, "articles": [{"title": "一周要闻", "url": "https://example.com/news"}]});
        self.act("push-news-message-to-linked-corps", news, delivered).await?;
        let room = json!({"to_user": both, "app_id": seed::MINI_PROGRAM_ID, "title": "会议室预订成功"});
        self.act("push-mini-program-notice-to-linked-corps", room, delivered).await?;
        // The same action, for the enterprise that the application is shared with.
        let own = self.application.clone();
        self.application = in_lower_corp(&own, &shared["corp_list"][0])?;
        let notice = json!({"to_user": [seed::LOWER_MEMBER], "content": "总部的陈雨今天入职，欢迎联系。"});
        let reached = self.act("push-text-message", notice, delivered).await;
        self.application = own;
        reached?;

        self.chapter = say!("Whatever else WeCom has", "其他接口");
        let lookup = json!({
            "method": "GET", "api": "user/get", "query": [{"name": "userid", "value": "chenyu"}], "effect": "read",
        });
        let answered = |output: &Value| {
            let length = text(&output["answer"]).len();
            say!("{length} bytes of JSON", "{length}字节的JSON")
        };
        self.act("call-api", lookup, answered).await?;
        let message = json!({"msgtype": "text", "text": {"content": "大家辛苦了。"}});
        let send = json!({"method": "POST", "api": "webhook/send", "body": message, "effect": "write"});
        self.act("call-api-by-chatbot", send, sent).await?;

        self.chapter = say!("Take one back and clean up", "撤回与清理");
        let withdrawn = json!({"msg_id": pushed["msg_id"]});
        self.act("withdraw-message", withdrawn, |_| say!("the first notice is gone", "第一条通知已撤回")).await?;
        self.act("delete-member", json!({"user_id": "chenyu"}), |_| say!("chenyu has left", "chenyu已离职")).await?;
        self.act("delete-tag", json!({"tag_id": tag}), |_| say!("tag {tag} is gone", "标签{tag}已删除")).await?;
        for (user_id, mobile) in [("temp1", "13900000011"), ("temp2", "13900000012")] {
            let member = json!({"user_id": user_id, "name": "实习生", "department": [department], "mobile": mobile});
            self.act("create-member", member, |_| say!("{user_id} comes for a day", "{user_id}来实习一天")).await?;
        }
        let trainees = json!({"user_id_list": ["temp1", "temp2"]});
        self.act("delete-members", trainees, |_| say!("both have left", "两人均已离职")).await?;
        // region: delete-department
        self.act("delete-department", json!({"id": department}), |_| {
            say!("department {department} is gone", "部门{department}已删除")
        })
        .await?;
        // endregion
        Ok(())
    }

    /// Has WeCom ask whether the URL of callbacks is the right one, as it does when somebody saves that.
    async fn have_url_verified(&mut self) -> Outcome {
        let began = Instant::now();
        let app = Source::App(seed::AGENT_ID);
        let verified =
            self.simulator.set_callback(app, &self.callback_url, seed::CALLBACK_TOKEN, seed::CALLBACK_KEY).await;
        // What was told before the answer is of it.
        while self.told.try_recv().is_ok() {}
        let words = say!("the URL answered well, and is saved", "URL应答正确，已保存");
        self.steps.push(Step {
            chapter: self.chapter.clone(),
            is_callback: true,
            action: "verify-url",
            request: Self::calls("GET"),
            result: verified.map(|()| words),
            output: Value::Null,
            time: began.elapsed(),
        });
        Ok(())
    }

    /// A member does something, and WeCom calls: the event.
    async fn called(&mut self, act: impl FnOnce(&mut World) -> Result<usize, String>) -> Result<Value, CommandError> {
        let began = Instant::now();
        let acted = self.simulator.with_world(act);
        let event = match acted {
            Ok(_) => match tokio::time::timeout(CALLED_WITHIN, self.told.recv()).await {
                Ok(Some(Told { event: Some(event), .. })) => Ok(callback::event_json(&event)),
                Ok(Some(Told { note: Some(note), .. })) => {
                    let [en, zh] = note.words;
                    Err(language().pick(en, zh))
                }
                _ => Err(say!("no callback came", "没有收到回调")),
            },
            Err(wrong) => Err(wrong),
        };
        let output = event.clone().unwrap_or_default();
        let [member, key] = [text(&output["from_user"]), text(&output["fields"]["event_key"])];
        let words = say!("{member} pressed {key}", "{member}点击了{key}");
        self.steps.push(Step {
            chapter: self.chapter.clone(),
            is_callback: true,
            action: "decrypt-message",
            request: Self::calls("POST"),
            result: event.map(|_| words),
            output: output.clone(),
            time: began.elapsed(),
        });
        Ok(output)
    }

    /// What WeCom's request is called.
    fn calls(method: &str) -> String {
        say!("{method} /wecom, by WeCom", "{method} /wecom，由企业微信发出")
    }

    /// Carries out one action. An error becomes part of the story; only a component that breaks down ends it.
    async fn act(
        &mut self,
        action: &'static str,
        parameters: Value,
        tell: impl FnOnce(&Value) -> String,
    ) -> Result<Value, CommandError> {
        let connection = if action.ends_with("-by-chatbot") { &self.chatbot } else { &self.application };
        let began = Instant::now();
        let answer = self.instance.invoke(action, Some(connection), &parameters.to_string()).await?;
        let time = began.elapsed();
        let request = self.simulator.take_requests().pop();
        let request = request.map_or_else(String::new, |request| format!("{} {}", request.method, request.path));
        let (result, output) = match answer {
            Ok(output) => {
                let output: Value = serde_json::from_str(&output)?;
                (Ok(tell(&output)), output)
            }
            Err(error) => (Err(report::error_line(&error, &Reader::of(language()))), report::error_json(&error)),
        };
        self.steps.push(Step {
            chapter: self.chapter.clone(),
            is_callback: false,
            action,
            request,
            result,
            output: output.clone(),
            time,
        });
        Ok(output)
    }
}

/// The connection of an application in an enterprise that it is shared with.
fn in_lower_corp(connection: &str, shared: &Value) -> Result<String, CommandError> {
    let mut connection: Value = serde_json::from_str(connection)?;
    connection["lower_corp_id"] = shared["corp_id"].clone();
    connection["lower_agent_id"] = shared["agent_id"].clone();
    Ok(connection.to_string())
}

impl Step {
    fn json(&self) -> Value {
        let kind = if self.is_callback { "callback" } else { "action" };
        json!({
            "chapter": self.chapter,
            kind: self.action,
            "request": self.request,
            "ok": self.result.is_ok(),
            "output": self.output,
            "milliseconds": self.time.as_secs_f64() * 1000.0,
        })
    }
}

fn show(steps: &[Step]) -> Outcome {
    let mut table = table(language().pick(["Action", "Request", "Result", "Time"], ["操作", "请求", "结果", "用时"]));
    let mut chapter = "";
    for step in steps {
        if step.chapter != chapter {
            chapter = &step.chapter;
            let title = Cell::new(chapter).fg(Color::Cyan).add_attribute(Attribute::Bold);
            table.add_row([title, Cell::new(""), Cell::new(""), Cell::new("")]);
        }
        let result = match &step.result {
            Ok(words) => Cell::new(format!("✓ {words}")).fg(Color::Green),
            Err(words) => Cell::new(format!("✗ {words}")).fg(Color::Red),
        };
        let milliseconds = step.time.as_secs_f64() * 1000.0;
        let time = say!("{milliseconds:.1} ms", "{milliseconds:.1}毫秒");
        table.add_row([
            Cell::new(format!("  {}", step.action)),
            Cell::new(step.request.replace("/cgi-bin", "")),
            result,
            Cell::new(time).set_alignment(CellAlignment::Right),
        ]);
    }
    print_table(table)
}

/// What a push to members says of itself.
fn delivered(output: &Value) -> String {
    let missed = ["invalid_user", "invalid_party", "unlicensed_user"].iter().flat_map(|list| output[*list].as_array());
    let missed: Vec<&str> = missed.flatten().filter_map(Value::as_str).collect();
    let mut words = sent(output);
    if !missed.is_empty() {
        let missed = missed.join(", ");
        words.push_str(&say!(", but not to {missed}", "，但没有送达{missed}"));
    }
    words
}

/// What any push says of itself.
fn uploaded(output: &Value) -> String {
    let media_id = text(&output["media_id"]);
    say!("{media_id}, for three days", "{media_id}，三天内有效")
}

fn sent(output: &Value) -> String {
    let cut: Vec<&str> = output["truncated"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let cut = cut.join(", ");
    if cut.is_empty() {
        say!("delivered", "已送达")
    } else {
        say!("delivered, {cut} cut to its limit", "已送达，{cut}超长部分已截断")
    }
}

/// What a list of addresses says of itself.
fn addresses(output: &Value) -> String {
    let addresses = count(&output["ip_list"]);
    say!("{addresses} addresses for the firewall", "{addresses}个地址，供防火墙放行")
}

/// Who is in a list of members.
fn named(output: &Value) -> String {
    let members = output["user_list"].as_array().into_iter().flatten();
    members.map(|member| text(&member["name"])).collect::<Vec<_>>().join(language().pick(", ", "、"))
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// The names of the rows of a list.
fn names(list: &Value) -> String {
    let names: Vec<&str> = list.as_array().into_iter().flatten().map(|row| text(&row["name"])).collect();
    names.join(language().pick(", ", "、"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
