//! What members do, and what comes of it: they press a card, write to an app and open one, and are answered.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::callback::{About, Attempt, Delivery, Setting, Source, State, event};
use super::card::{self, Purpose};
use super::corp::SentCard;
use super::fields::Fields;
use super::ledger::{Message, Target};
use super::media::MediaKind;
use super::seed::{AGENT_ID, CALLBACK_KEY, CALLBACK_TOKEN, CORP_ID, ZHANGSAN};
use super::world::World;
use super::xml;
use crate::plain::Answer;

/// A member presses a button of a card, sends a vote or a choice, or takes an entry of a card's menu.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Press {
    /// The member.
    pub user_id: String,
    /// The key of the button, of the button that sends the answer, or of the menu's entry.
    pub key: String,
    /// Names the card. Default: the newest card that the member got.
    #[serde(default)]
    pub task_id: Option<String>,
    /// The same by the ID of its message.
    #[serde(default)]
    pub msgid: Option<String>,
    /// What is chosen: option ids by the key of the question. Default: what is chosen at first.
    #[serde(default)]
    pub selected: BTreeMap<String, Value>,
}

/// The lists of a card in a passive reply: elements that may be there once.
const CARD_LISTS: [&str; 7] = [
    "action_list",
    "button_list",
    "horizontal_content_list",
    "jump_list",
    "option_list",
    "select_list",
    "vertical_content_list",
];

impl World {
    /// Every message to a callback URL, in order.
    pub fn callbacks(&self) -> &[Delivery] {
        self.callbacks.all()
    }

    /// What would be verified: a URL for something of [`CORP_ID`](super::seed::CORP_ID).
    pub(super) fn proposed(
        &self,
        source: Source,
        url: &str,
        token: &str,
        encoding_aes_key: &str,
    ) -> Result<Setting, String> {
        if let Source::App(agent_id) = source
            && !self.corps[CORP_ID].apps.iter().any(|app| app.agent_id == agent_id)
        {
            return Err(format!("agent_id: there is no application {agent_id}"));
        }
        Setting::new((CORP_ID, source), url, token, encoding_aes_key)
    }

    /// Takes a URL that was verified.
    pub(super) fn set_callback(&mut self, setting: Setting) {
        if let Source::App(agent_id) = setting.source {
            self.corp_mut(CORP_ID).callbacks.insert(agent_id);
        }
        self.callbacks.set(setting);
    }

    /// A member presses a card; the number of the callback, or why that cannot be.
    pub fn press(&mut self, press: &Press) -> Result<usize, String> {
        let member = self.member_of(&press.user_id)?;
        let (card, sent) = self.pressed(&member, press)?;
        let source = Source::App(sent.agent_id);
        self.need_url(source)?;
        let is_menu = keys(&card["action_menu"]["action_list"]).any(|key| key == press.key);
        let buttons = card["button_list"].as_array().into_iter().flatten().filter(|button| button["type"] != 1);
        let is_button = buttons.clone().any(|button| button["key"] == *press.key);
        let is_submit = card["submit_button"]["key"] == *press.key;
        if !is_menu && !is_button && !is_submit {
            let all: Vec<&str> = buttons
                .filter_map(|button| button["key"].as_str())
                .chain(card["submit_button"]["key"].as_str())
                .chain(keys(&card["action_menu"]["action_list"]))
                .collect();
            let all = all.join(", ");
            return Err(format!("key: the card has no {:?}; it has {all}", press.key));
        }
        // Another one than that of sending: it is as good, once.
        let code = self.ids.identifier("RESPONSE");
        let mut fields = event(if is_menu { "template_card_menu_event" } else { "template_card_event" });
        fields.extend([
            ("EventKey", press.key.as_str().into()),
            ("TaskId", card["task_id"].clone()),
            ("CardType", card["card_type"].clone()),
            ("ResponseCode", code.as_str().into()),
        ]);
        if is_menu && !press.selected.is_empty() {
            return Err("selected: an entry of the menu sends no answers".into());
        }
        if !is_menu {
            let selected = selected(&card, &press.selected)?;
            if !selected.is_empty() {
                fields.push(("SelectedItems", json!({"SelectedItem": selected})));
            }
        }
        let about = About { member: Some(member.clone()), card: Some(sent.msgid.clone()) };
        self.corp_mut(CORP_ID).cards.insert(code, sent);
        self.told(source, &member, fields, about)
    }

    /// A member writes a text to an app.
    pub fn write(&mut self, user_id: &str, agent_id: i64, content: &str) -> Result<usize, String> {
        if content.is_empty() {
            return Err("content: nobody writes nothing".into());
        }
        let member = self.member_in_view(user_id, agent_id)?;
        let msgid = fastrand::u64(1_000_000_000_000_000_000..9_000_000_000_000_000_000);
        let fields = vec![("MsgType", "text".into()), ("Content", content.into()), ("MsgId", msgid.into())];
        self.told(Source::App(agent_id), &member.clone(), fields, About { member: Some(member), card: None })
    }

    /// A member opens an app.
    pub fn enter(&mut self, user_id: &str, agent_id: i64) -> Result<usize, String> {
        let member = self.member_in_view(user_id, agent_id)?;
        let mut fields = event("enter_agent");
        fields.push(("EventKey", "".into()));
        self.told(Source::App(agent_id), &member.clone(), fields, About { member: Some(member), card: None })
    }

    /// WeCom tells what a test made up: any message or event. `FromUserName` is among the fields, or it is `sys`.
    pub fn tell(&mut self, source: Source, mut fields: Map<String, Value>) -> Result<usize, String> {
        if !fields.get("MsgType").is_some_and(Value::is_string) {
            return Err("fields: MsgType is missing".into());
        }
        for own in ["ToUserName", "CreateTime", "AgentID"] {
            fields.remove(own);
        }
        let from = fields.remove("FromUserName");
        let from = from.as_ref().and_then(Value::as_str).unwrap_or("sys").to_owned();
        if let Some(name) = fields.iter().find_map(|(name, value)| no_name(name, value)) {
            return Err(format!("fields: {name:?} is no name of an element"));
        }
        let member = self.corps[CORP_ID].member(&from).map(|member| member.userid.clone());
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        self.told(source, &from, fields, About { member, card: None })
    }

    /// What came of sending a message once. Whether it is over: it has arrived, or was sent often enough.
    pub(super) fn was_sent(&mut self, id: usize, attempt: Attempt, answer: Option<&Answer>, is_last: bool) -> bool {
        let Some(delivery) = self.callbacks.get_mut(id) else { return true };
        let arrived = attempt.outcome == Ok(200);
        delivery.attempts.push(attempt);
        if arrived {
            delivery.state = State::Delivered;
        } else if is_last {
            delivery.state = State::Lost;
        }
        if let Some(answer) = answer.filter(|_| arrived) {
            self.reply(id, &answer.body);
        }
        arrived || is_last
    }

    /// A passive reply takes effect, or it is noted why not.
    fn reply(&mut self, id: usize, body: &[u8]) {
        // Some events ask for this word.
        if body.is_empty() || body == b"success" {
            return;
        }
        let Some(delivery) = self.callbacks.get(id) else { return };
        let (setting, member, card, source) =
            (delivery.setting.clone(), delivery.member.clone(), delivery.card.clone(), delivery.source);
        let outcome = match (member, source) {
            (Some(member), Source::App(agent_id)) => setting.open(body, &member).map(|fields| {
                let effect = self.take_effect(agent_id, &member, card.as_deref(), &fields);
                (Some(Value::from(fields)), effect.err())
            }),
            _ => Err("there is nobody who could be answered: the event is of WeCom itself".into()),
        };
        let (reply, reply_error) = outcome.unwrap_or_else(|wrong| (None, Some(wrong)));
        if let Some(delivery) = self.callbacks.get_mut(id) {
            (delivery.reply, delivery.reply_error) = (reply, reply_error);
        }
    }

    fn take_effect(
        &mut self,
        agent_id: i64,
        member: &str,
        card: Option<&str>,
        fields: &Map<String, Value>,
    ) -> Result<(), String> {
        let msgtype = fields.get("MsgType").and_then(Value::as_str).unwrap_or_default();
        let part = |name: &str| fields.get(name).cloned().unwrap_or_default();
        let words = |value: &Value, name: &str| match value[name].as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(format!("the reply has no {name}")),
        };
        let now = self.now();
        let media = |world: &Self, part: &Value, kind: MediaKind| {
            let media_id = words(part, "MediaId")?;
            let checked = world.corps[CORP_ID].media.check(&media_id, kind, now);
            checked.map_err(|_| "MediaId of the reply is unknown, expired, or of another kind".to_owned())?;
            Ok::<_, String>(media_id)
        };
        let content = match msgtype {
            "text" => json!({"content": words(&Value::from(fields.clone()), "Content")?}),
            "image" => json!({"media_id": media(self, &part("Image"), MediaKind::Image)?}),
            "voice" => json!({"media_id": media(self, &part("Voice"), MediaKind::Voice)?}),
            "video" => {
                let video = part("Video");
                json!({
                    "media_id": media(self, &video, MediaKind::Video)?,
                    "title": video["Title"],
                    "description": video["Description"],
                })
            }
            "news" => {
                let items = listed(part("Articles")["item"].clone());
                if items.is_empty() || part("ArticleCount").as_str() != Some(&items.len().to_string()) {
                    return Err("ArticleCount of the reply is not how many items Articles has".into());
                }
                let article = |item: &Value| {
                    Ok::<_, String>(json!({
                        "title": words(item, "Title")?,
                        "description": item["Description"],
                        "url": words(item, "Url")?,
                        "picurl": item["PicUrl"],
                    }))
                };
                json!({"articles": items.iter().map(article).collect::<Result<Vec<_>, _>>()?})
            }
            "update_button" => {
                let name = words(&part("Button"), "ReplaceName")?;
                let card = card.ok_or("a button is updated only in the answer to a card's event")?;
                return self.update_card(card, member, json!({"button": {"replace_name": name}}));
            }
            "update_template_card" => {
                let card = card.ok_or("a card is updated only in the answer to a card's event")?.to_owned();
                let new = wire("template_card", &part("TemplateCard"));
                let read = Fields::parse(new.to_string().as_bytes(), true).and_then(|mut new| {
                    card::read(&mut new, Purpose::Reply, &self.corps[CORP_ID].media, now)?;
                    new.finish()
                });
                read.map_err(|refusal| format!("TemplateCard of the reply: {} {}", refusal.code, refusal.text))?;
                return self.update_card(&card, member, json!({"template_card": new}));
            }
            _ => return Err(format!("the reply's MsgType {msgtype:?} is none of a reply")),
        };
        let content = without_nulls(content);
        self.ledger.push(Message {
            target: Target::Members { corp_id: CORP_ID.into(), agent_id, userids: [member.to_owned()].into() },
            msgtype: msgtype.into(),
            body: json!({"touser": member, "msgtype": msgtype, "agentid": agent_id, msgtype: content}),
            msgid: None,
            withdrawn: false,
            updates: BTreeMap::new(),
            sent_at: now,
        });
        Ok(())
    }

    fn update_card(&mut self, msgid: &str, member: &str, update: Value) -> Result<(), String> {
        let card = self.ledger.iter_mut().rev().find(|message| message.msgid.as_deref() == Some(msgid));
        let card = card.ok_or("the card is gone")?;
        let is_notice = matches!(card.body["template_card"]["card_type"].as_str(), Some("text_notice" | "news_notice"));
        if is_notice && update["button"].is_object() {
            return Err("the card is a notice, which has no buttons".into());
        }
        card.updates.insert(member.to_owned(), update);
        Ok(())
    }

    /// The card that is pressed, as the member sees it, and what is known of its sending.
    fn pressed(&self, member: &str, press: &Press) -> Result<(Value, SentCard), String> {
        for message in self.ledger.iter().rev() {
            let Target::Members { corp_id, agent_id, userids } = &message.target else { continue };
            let Some(msgid) = &message.msgid else { continue };
            let first = &message.body["template_card"];
            let is_meant = press.msgid.as_ref().is_none_or(|meant| meant == msgid)
                && press.task_id.as_ref().is_none_or(|meant| first["task_id"] == **meant);
            if corp_id != CORP_ID || !first.is_object() || !userids.contains(member) || !is_meant {
                continue;
            }
            if message.withdrawn {
                return Err("the card was withdrawn".into());
            }
            let update = message.updates.get(member);
            if let Some(name) = update.and_then(|update| update["button"]["replace_name"].as_str()) {
                return Err(format!("the card cannot be pressed any more: its button says {name:?}"));
            }
            let mut card = update.map_or(first, |update| &update["template_card"]).clone();
            if card["task_id"].is_null() {
                card["task_id"] = first["task_id"].clone();
            }
            let has_buttons = !matches!(card["card_type"].as_str(), Some("text_notice" | "news_notice"));
            let (agent_id, msgid, receivers) = (*agent_id, msgid.clone(), userids.clone());
            let sent = SentCard { agent_id, msgid, has_buttons, receivers, sent_at: self.now(), updated: false };
            return Ok((card, sent));
        }
        Err(format!("{member} got no such card: push one first, with `push-button-card` for instance"))
    }

    fn member_of(&self, user_id: &str) -> Result<String, String> {
        let member = self.corps[CORP_ID].member(user_id).filter(|member| member.enabled);
        Ok(member.ok_or_else(|| format!("user_id: there is no member {user_id}"))?.userid.clone())
    }

    fn member_in_view(&self, user_id: &str, agent_id: i64) -> Result<String, String> {
        let member = self.member_of(user_id)?;
        let corp = &self.corps[CORP_ID];
        let app = corp.apps.iter().find(|app| app.agent_id == agent_id && !app.closed);
        let app = app.ok_or_else(|| format!("agent_id: there is no application {agent_id}"))?;
        let sees = corp.visible_member(&app.visible, &member).is_some();
        if sees { Ok(member) } else { Err(format!("{member} does not see the application {agent_id}")) }
    }

    fn need_url(&self, source: Source) -> Result<(), String> {
        if self.callbacks.has(CORP_ID, source) {
            return Ok(());
        }
        Err("nobody would hear of it: set a callback URL first, by POST /simulator/callback".into())
    }

    fn told(&mut self, source: Source, from: &str, fields: Vec<(&str, Value)>, about: About) -> Result<usize, String> {
        self.need_url(source)?;
        self.callbacks.tell(CORP_ID, source, from, fields, about).ok_or_else(|| "there is no callback URL".into())
    }
}

/// A text to the app of the seed as it is posted, to its callback URL with the token and the key of the seed: path and
/// query, and body.
pub fn posted_message(number: u32) -> Option<(String, String)> {
    static SETTING: LazyLock<Option<Setting>> = LazyLock::new(|| {
        let source = (CORP_ID, Source::App(AGENT_ID));
        Setting::new(source, "http://localhost/wecom", CALLBACK_TOKEN, CALLBACK_KEY).ok()
    });
    let text = |text: &str| Value::from(text);
    let fields = [
        ("ToUserName", text(CORP_ID)),
        ("FromUserName", text(ZHANGSAN)),
        ("CreateTime", 1_700_000_000.into()),
        ("MsgType", text("text")),
        ("Content", text("会议室今天下午三点还空着吗？")),
        ("MsgId", (7_000_000_000_000_000_000 + u64::from(number)).into()),
        ("AgentID", AGENT_ID.into()),
    ];
    let message = xml::write(fields.iter().map(|(name, value)| (*name, value)));
    let request = SETTING.as_ref()?.post(&message)?;
    Some((request.url.path_and_query()?.to_string(), request.body))
}

fn keys(entries: &Value) -> impl Iterator<Item = &str> {
    entries.as_array().into_iter().flatten().filter_map(|entry| entry["key"].as_str())
}

/// The answers to the questions of a card: those given, and what is chosen at first.
fn selected(card: &Value, given: &BTreeMap<String, Value>) -> Result<Vec<Value>, String> {
    let selects = card["select_list"].as_array().into_iter().flatten().chain(Some(&card["button_selection"]));
    let questions: Vec<&Value> =
        selects.chain(Some(&card["checkbox"])).filter(|question| question["question_key"].is_string()).collect();
    if let Some(stranger) = given.keys().find(|key| !questions.iter().any(|question| question["question_key"] == **key))
    {
        return Err(format!("selected: the card has no question {stranger:?}"));
    }
    let mut items = Vec::new();
    for question in questions {
        let key = question["question_key"].as_str().unwrap_or_default();
        let options: Vec<&Value> = question["option_list"].as_array().into_iter().flatten().collect();
        let is_vote = *question == card["checkbox"];
        let chosen: Vec<String> = match given.get(key) {
            Some(chosen) => {
                let chosen = listed(chosen.clone());
                chosen.iter().map(|id| id.as_str().unwrap_or_default().to_owned()).collect()
            }
            None if is_vote => {
                let checked = options.iter().filter(|option| option["is_checked"] == true);
                checked.filter_map(|option| option["id"].as_str().map(str::to_owned)).collect()
            }
            None => {
                let first = options.first().map(|option| &option["id"]);
                let chosen = Some(&question["selected_id"]).filter(|id| id.is_string()).or(first);
                chosen.and_then(Value::as_str).map(str::to_owned).into_iter().collect()
            }
        };
        if let Some(stranger) = chosen.iter().find(|id| !options.iter().any(|option| option["id"] == ***id)) {
            return Err(format!("selected: {key:?} has no option {stranger:?}"));
        }
        if chosen.len() > 1 && question["mode"] != 1 {
            return Err(format!("selected: {key:?} takes one option"));
        }
        items.push(json!({"QuestionKey": key, "OptionIds": {"OptionId": chosen}}));
    }
    Ok(items)
}

/// A list that may be one entry.
fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Array(entries) => entries,
        Value::Null => Vec::new(),
        entry => vec![entry],
    }
}

/// The value without fields that are null.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, without_nulls(value))).collect())
        }
        Value::Array(entries) => entries.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

/// A part of a card, with the names and types that `update_template_card` has.
fn wire(name: &str, value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let name = snake_case(name);
                let mut value = wire(&name, value);
                if CARD_LISTS.contains(&name.as_str()) {
                    value = listed(value).into();
                }
                (name, value)
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Array(entries) => entries.iter().map(|entry| wire(name, entry)).collect(),
        Value::String(text) => match name {
            "type" | "desc_color" | "style" | "mode" => text.parse::<i64>().map_or_else(|_| value.clone(), Value::from),
            "aspect_ratio" => text.parse::<f64>().map_or_else(|_| value.clone(), Value::from),
            "disable" | "is_checked" => match text.as_str() {
                "true" | "1" => true.into(),
                "false" | "0" => false.into(),
                _ => value.clone(),
            },
            _ => value.clone(),
        },
        value => value.clone(),
    }
}

/// `IconUrl` is `icon_url`; some names are one word on the wire.
fn snake_case(name: &str) -> String {
    match name {
        "AppId" | "Appid" => return "appid".into(),
        "PagePath" => return "pagepath".into(),
        "KeyName" => return "keyname".into(),
        "UserId" => return "userid".into(),
        "CheckBox" => return "checkbox".into(),
        _ => {}
    }
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The name in a field, or in what is inside of it, that no element of XML can have.
fn no_name<'a>(name: &'a str, value: &'a Value) -> Option<&'a str> {
    let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match value {
        _ if !is_name => Some(name),
        Value::Object(fields) => fields.iter().find_map(|(name, value)| no_name(name, value)),
        Value::Array(entries) => entries.iter().find_map(|entry| no_name(name, entry)),
        _ => None,
    }
}
