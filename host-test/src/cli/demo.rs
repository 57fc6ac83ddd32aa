//! The demo: one believable story that needs every action.

use std::time::{Duration, Instant};

use base64::Engine as _;
use comfy_table::{Attribute, Cell, CellAlignment, Color};
use md5::{Digest as _, Md5};
use serde_json::{Value, json};

use super::{Fault, Outcome, load, manifest, print, table};
use crate::client::Allow;
use crate::host::{Instance, Limits};
use crate::report;
use crate::simulator::{Options, Simulator, seed};

/// The smallest picture that a chatbot can show: one blue pixel.
const PICTURE: &[u8] = include_bytes!("pixel.png");

/// One action of the story, and how it went.
struct Step {
    chapter: &'static str,
    action: &'static str,
    request: String,
    result: Result<String, String>,
    output: Value,
    time: Duration,
}

/// The stage: a component, a simulator, and what has happened so far.
struct Story<'a> {
    instance: Instance,
    simulator: &'a Simulator,
    application: String,
    chatbot: String,
    chapter: &'static str,
    steps: Vec<Step>,
}

/// Tells the story and shows it.
pub(super) async fn run(as_json: bool) -> Outcome {
    let began = Instant::now();
    let simulator = Simulator::start(Options::default()).await?;
    let authority = simulator.base_url().trim_start_matches("http://").to_owned();
    let host = load(Limits { allow: Allow::Authorities(vec![authority]), ..Limits::default() })?;
    let base_url = simulator.base_url();
    let [application, chatbot] = [seed::application, seed::chatbot].map(|connection| connection(&base_url).to_string());
    let instance = host.instance().await?;
    let mut story = Story { instance, simulator: &simulator, application, chatbot, chapter: "", steps: Vec::new() };
    let told = story.tell().await;
    let steps = story.steps;
    let failed = steps.iter().filter(|step| step.result.is_err()).count();
    if as_json {
        print(Value::from_iter(steps.iter().map(Step::json)));
    } else {
        show(&steps);
        let messages = simulator.with_world(|world| world.messages().len());
        print(format_args!(
            "{} actions carried out in {:.0} ms (with loading, {:.1} s): {messages} messages delivered, {failed} failed.",
            steps.len() - failed,
            steps.iter().map(|step| step.time).sum::<Duration>().as_secs_f64() * 1000.0,
            began.elapsed().as_secs_f64(),
        ));
    }
    told?;
    // Whoever adds an action adds it to the story.
    let untold: Vec<String> = super::entries(&manifest()?)
        .filter_map(|entry| entry["id"].as_str())
        .filter(|id| !steps.iter().any(|step| step.action == *id))
        .map(str::to_owned)
        .collect();
    if !untold.is_empty() {
        return Err(Fault::Failed(format!("the story does without {}", untold.join(", "))));
    }
    if failed > 0 {
        return Err(Fault::Failed(format!("{failed} of {} actions failed", steps.len())));
    }
    Ok(())
}

impl Story<'_> {
    async fn tell(&mut self) -> Outcome {
        self.chapter = "Build a department";
        self.act("list-department-ids", json!({}), |output| {
            format!("{} departments so far", count(&output["department_id"]))
        })
        .await?;
        let created = self
            .act("create-department", json!({"name": "云平台部", "parent_id": 1, "order": 10}), |output| {
                format!("云平台部 is department {}", output["id"])
            })
            .await?;
        let department = created["id"].clone();
        let renamed = json!({"id": department, "name": "云平台研发部"});
        self.act("update-department", renamed, |_| "renamed to 云平台研发部".into()).await?;

        self.chapter = "Hire";
        let member = json!({
            "user_id": "chenyu", "name": "陈雨", "gender": 2, "position": "后端工程师", "department": [department],
            "is_leader_in_dept": [0], "direct_leader": ["lisi"], "mobile": "13900000000", "email": "chenyu@example.com",
        });
        self.act("create-member", member, |_| "陈雨 (chenyu) joins 云平台研发部".into()).await?;
        let promotion = json!({"user_id": "chenyu", "position": "高级后端工程师"});
        self.act("update-member", promotion, |_| "now 高级后端工程师".into()).await?;
        self.act("list-member-ids", json!({"limit": 100}), |output| {
            format!("{} memberships", count(&output["dept_user"]))
        })
        .await?;

        self.chapter = "Make a group";
        let group = json!({
            "name": "欢迎陈雨", "owner": "lisi", "user_list": ["lisi", "chenyu"], "chat_id": "welcomechenyu",
        });
        self.act("create-group-chat", group, |output| format!("group {}", text(&output["chat_id"]))).await?;
        let change = json!({"chat_id": "welcomechenyu", "add_user_list": ["zhangsan"]});
        self.act("update-group-chat", change, |_| "zhangsan joins".into()).await?;
        self.act("get-group-chat", json!({"chat_id": "welcomechenyu"}), |output| {
            format!(
                "{}, owner {}, {} members",
                text(&output["name"]),
                text(&output["owner"]),
                count(&output["user_list"])
            )
        })
        .await?;

        self.chapter = "Tell colleagues";
        let notice = json!({"to_user": "chenyu|wangwu|qianqi", "content": "陈雨今天入职云平台研发部，欢迎！"});
        let pushed = self.act("push-text-message", notice, delivered).await?;
        let markdown = json!({"to_party": [department], "content": "# 第一周\n> 周一 **入职培训**"});
        self.act("push-markdown-message", markdown, delivered).await?;
        let handbook = json!({"to_user": ["chenyu"], "media_id": seed::FILE_MEDIA_ID, "safe": 1});
        self.act("push-file-message", handbook, delivered).await?;
        let badge = json!({"to_user": ["chenyu"], "media_id": seed::IMAGE_MEDIA_ID});
        self.act("push-image-message", badge, delivered).await?;
        let article = json!({
            "to_user": ["@all"], "title": "新同事介绍：陈雨", "thumb_media_id": seed::IMAGE_MEDIA_ID,
            "content": "<p>陈雨加入云平台研发部，负责消息服务。</p>", "author": "人事部", "digest": "欢迎新同事",
        });
        self.act("push-image-text-message", article, delivered).await?;
        let card = json!({
            "to_user": ["chenyu"], "title": "办理入职", "description": "请在今天内填写入职登记表。",
            "url": "https://example.com/onboarding", "btn_txt": "去填写表格",
        });
        self.act("push-text-card-message", card, delivered).await?;

        self.chapter = "Write to the group";
        let chat = "welcomechenyu";
        let hello = json!({"chat_id": chat, "content": "大家好，我是陈雨！"});
        self.act("push-text-message-to-group-chat", hello, sent).await?;
        let plan = json!({"chat_id": chat, "content": "**午餐** 12:00 一楼"});
        self.act("push-markdown-message-to-group-chat", plan, sent).await?;
        let map = json!({"chat_id": chat, "media_id": seed::FILE_MEDIA_ID});
        self.act("push-file-message-to-group-chat", map, sent).await?;
        let photo = json!({"chat_id": chat, "media_id": seed::IMAGE_MEDIA_ID});
        self.act("push-image-message-to-group-chat", photo, sent).await?;
        let guide = json!({
            "chat_id": chat, "title": "入职指南", "thumb_media_id": seed::IMAGE_MEDIA_ID, "content": "<p>门禁、邮箱、代码仓库</p>",
        });
        self.act("push-image-text-message-to-group-chat", guide, sent).await?;
        let survey = json!({
            "chat_id": chat, "title": "欢迎会投票", "description": "选一个时间。", "url": "https://example.com/vote",
        });
        self.act("push-text-card-message-to-group-chat", survey, sent).await?;

        self.chapter = "Let the chatbot speak";
        let alert = json!({"content": "部署完成，请验收。", "mentioned_list": "chenyu,@all"});
        self.act("push-text-message-by-chatbot", alert, sent).await?;
        let build = json!({"content": "构建 <font color=\"info\">成功</font> <@chenyu>"});
        self.act("push-markdown-message-by-chatbot", build, sent).await?;
        self.act("push-file-message-by-chatbot", json!({"media_id": seed::ROBOT_FILE_MEDIA_ID}), sent).await?;
        let digest: String = Md5::digest(PICTURE).iter().map(|byte| format!("{byte:02x}")).collect();
        let picture = json!({"base64": base64::engine::general_purpose::STANDARD.encode(PICTURE), "md5": digest});
        self.act("push-image-message-by-chatbot", picture, sent).await?;
        let news = json!({"title": "版本 1.0 发布", "description": "更新说明", "url": "https://example.com/release"});
        self.act("push-image-text-message-by-chatbot", news, sent).await?;

        self.chapter = "Take one back and clean up";
        let withdrawn = json!({"msg_id": pushed["msg_id"]});
        self.act("withdraw-message", withdrawn, |_| "the first notice is gone".into()).await?;
        self.act("delete-member", json!({"user_id": "chenyu"}), |_| "chenyu has left".into()).await?;
        self.act("delete-department", json!({"id": department}), |_| format!("department {department} is gone"))
            .await?;
        Ok(())
    }

    /// Carries out one action. An error becomes part of the story; only a component that breaks down ends it.
    async fn act(
        &mut self,
        action: &'static str,
        parameters: Value,
        tell: impl FnOnce(&Value) -> String,
    ) -> Result<Value, Fault> {
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
            Err(error) => (Err(report::error_line(&error)), report::error_json(&error)),
        };
        self.steps.push(Step { chapter: self.chapter, action, request, result, output: output.clone(), time });
        Ok(output)
    }
}

impl Step {
    fn json(&self) -> Value {
        json!({
            "chapter": self.chapter,
            "action": self.action,
            "request": self.request,
            "ok": self.result.is_ok(),
            "output": self.output,
            "milliseconds": self.time.as_secs_f64() * 1000.0,
        })
    }
}

fn show(steps: &[Step]) {
    let mut table = table(["Action", "Request", "Result", "Time"]);
    let mut chapter = "";
    for step in steps {
        if step.chapter != chapter {
            chapter = step.chapter;
            let title = Cell::new(chapter).fg(Color::Cyan).add_attribute(Attribute::Bold);
            table.add_row([title, Cell::new(""), Cell::new(""), Cell::new("")]);
        }
        let result = match &step.result {
            Ok(words) => Cell::new(format!("✓ {words}")).fg(Color::Green),
            Err(words) => Cell::new(format!("✗ {words}")).fg(Color::Red),
        };
        let time = format!("{:.1} ms", step.time.as_secs_f64() * 1000.0);
        table.add_row([
            Cell::new(format!("  {}", step.action)),
            Cell::new(step.request.replace("/cgi-bin", "")),
            result,
            Cell::new(time).set_alignment(CellAlignment::Right),
        ]);
    }
    print(table);
}

/// What a push to members says of itself.
fn delivered(output: &Value) -> String {
    let missed = ["invalid_user", "invalid_party", "unlicensed_user"].iter().flat_map(|list| output[*list].as_array());
    let missed: Vec<&str> = missed.flatten().filter_map(Value::as_str).collect();
    let mut words = sent(output);
    if !missed.is_empty() {
        words.push_str(&format!(", but not to {}", missed.join(", ")));
    }
    words
}

/// What any push says of itself.
fn sent(output: &Value) -> String {
    let cut: Vec<&str> = output["truncated"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if cut.is_empty() { "delivered".into() } else { format!("delivered, {} cut to its limit", cut.join(" and ")) }
}

fn count(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
