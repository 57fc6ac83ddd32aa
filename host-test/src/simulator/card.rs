//! Template cards: what each kind holds, and `message/update_template_card`.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::codes::{self, Code, Outcome, Refusal, Reply, ensure};
use super::corp::{Corp, SentCard};
use super::endpoint::{Access, Endpoint};
use super::fields::Fields;
use super::ids::Ids;
use super::ledger::Message;
use super::media::{MediaKind, MediaLibrary};
use super::session::Session;

pub(super) const ENDPOINTS: &[Endpoint] = &[Endpoint::write("message/update_template_card", Access::App, update)];

const KEY_LIMIT: usize = 1024;
const ID_LIMIT: usize = 128;
const USERS_LIMIT: usize = 1000;
const PARTIES_LIMIT: usize = 100;
const TAGS_LIMIT: usize = 100;
/// For how long a card can be updated.
const UPDATE_WITHIN: Duration = Duration::from_secs(72 * 60 * 60);

/// Where a card comes from, which decides what it may hold.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `message/send`.
    Push,
    /// `webhook/send`.
    Robot,
    /// The new card of an update.
    Update,
    /// The same, in the answer to a callback.
    Reply,
}

impl Purpose {
    /// Whether the card takes the place of another.
    fn replaces(self) -> bool {
        matches!(self, Self::Update | Self::Reply)
    }
}

/// What a card's parts are checked with.
#[derive(Clone, Copy)]
struct Reader<'a> {
    purpose: Purpose,
    media: &'a MediaLibrary,
    now: Duration,
}

/// Reads and checks a card.
pub(super) fn read(card: &mut Fields, purpose: Purpose, media: &MediaLibrary, now: Duration) -> Result<(), Refusal> {
    let reader = Reader { purpose, media, now };
    let card_type = card.need_text("card_type", codes::CARD_TYPE_WRONG)?;
    let is_known = match card_type.as_str() {
        "text_notice" | "news_notice" => true,
        "button_interaction" | "vote_interaction" | "multiple_interaction" => purpose != Purpose::Robot,
        _ => false,
    };
    ensure(is_known, codes::CARD_TYPE_WRONG)?;
    let is_notice = matches!(card_type.as_str(), "text_notice" | "news_notice");
    let has_colour = is_notice || card_type == "button_interaction";
    if let Some(mut source) = card.object("source")? {
        source.text("icon_url")?;
        source.text("desc")?;
        if has_colour {
            source.integer_in("desc_color", 0..=3)?;
        }
        source.finish()?;
    }
    let titled = match card.object("main_title")? {
        Some(mut title) => {
            let titled = title.text("title")?.is_some();
            title.lines("desc")?;
            title.finish()?;
            titled
        }
        None => false,
    };
    if card_type == "text_notice" {
        let has_text = card.lines("sub_title_text")?.is_some();
        ensure(titled || has_text, codes::TITLE_MISSING)?;
    } else {
        ensure(titled, codes::TITLE_MISSING)?;
    }
    let mut has_menu = false;
    if has_colour {
        if purpose != Purpose::Robot {
            has_menu = menu(card, if purpose == Purpose::Reply { 10 } else { 3 })?;
        }
        if let Some(mut quote) = card.object("quote_area")? {
            quote.text("title")?;
            quote.lines("quote_text")?;
            link(&mut quote, 0..=2)?;
            quote.finish()?;
        }
        reader.details(card)?;
    }
    match card_type.as_str() {
        "text_notice" => emphasis(card)?,
        "news_notice" => pictures(card, purpose)?,
        "button_interaction" => {
            card.lines("sub_title_text")?;
            if let Some(mut selection) = card.object("button_selection")? {
                reader.select(&mut selection)?;
                selection.finish()?;
            }
            buttons(card)?;
        }
        "vote_interaction" => reader.vote(card)?,
        _ => reader.selects(card)?,
    }
    if is_notice {
        jumps(card)?;
    }
    if has_colour {
        match card.object("card_action")? {
            Some(mut action) => {
                let least = if is_notice { 1 } else { 0 };
                ensure(action.has("type"), codes::CARD_ACTION_WRONG)?;
                link(&mut action, least..=2)?;
                action.finish()?;
            }
            None => ensure(!is_notice, codes::CARD_ACTION_WRONG)?,
        }
    }
    if !has_colour {
        submit(card, purpose)?;
    }
    match purpose {
        Purpose::Push => task_id(card, has_menu || !is_notice)?,
        Purpose::Update | Purpose::Reply => {
            task_id(card, false)?;
            if !is_notice {
                card.text("replace_text")?;
            }
        }
        Purpose::Robot => {}
    }
    Ok(())
}

fn task_id(card: &mut Fields, is_needed: bool) -> Result<(), Refusal> {
    let task_id = card.line("task_id", codes::TASK_ID_WRONG)?;
    ensure(!is_needed || task_id.is_some(), codes::TASK_ID_WRONG)?;
    let is_good = |id: &String| {
        id.len() <= ID_LIMIT && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-@".contains(&byte))
    };
    ensure(task_id.as_ref().is_none_or(is_good), codes::TASK_ID_WRONG)
}

/// Reads the menu of at most that many entries; whether there is one.
fn menu(card: &mut Fields, most: usize) -> Result<bool, Refusal> {
    let Some(mut menu) = card.object("action_menu")? else { return Ok(false) };
    menu.text("desc")?;
    let entries = menu.need_objects("action_list")?;
    ensure(entries.len() <= most, codes::PARAMETER_WRONG)?;
    let mut keys = Unique::new(codes::MENU_KEYS_COLLIDE);
    for mut entry in entries {
        entry.need_text("text", codes::CARD_BUTTON_TEXT_MISSING)?;
        keys.add(key(&mut entry, "key", codes::CARD_KEY_WRONG)?)?;
        entry.finish()?;
    }
    menu.finish()?;
    Ok(true)
}

/// Reads what a part opens.
fn link(part: &mut Fields, types: std::ops::RangeInclusive<i64>) -> Result<(), Refusal> {
    let is_action = *types.start() == 1;
    let kind = part
        .integer_in("type", types)
        .map_err(|refusal| if is_action { codes::CARD_ACTION_WRONG.into() } else { refusal })?;
    let url = part.text("url")?;
    let appid = part.text("appid")?;
    part.text("pagepath")?;
    ensure(kind != Some(1) || url.is_some(), codes::CARD_URL_MISSING)?;
    ensure(kind != Some(2) || appid.is_some(), codes::CARD_APPID_MISSING)
}

fn emphasis(card: &mut Fields) -> Result<(), Refusal> {
    if let Some(mut emphasis) = card.object("emphasis_content")? {
        emphasis.text("title")?;
        emphasis.text("desc")?;
        emphasis.finish()?;
    }
    Ok(())
}

fn pictures(card: &mut Fields, purpose: Purpose) -> Result<(), Refusal> {
    let image = card.object("card_image")?;
    let has_image = image.is_some();
    if let Some(mut image) = image {
        image.need_text("url", codes::CARD_IMAGE_MISSING)?;
        let ratio = image.number("aspect_ratio")?;
        ensure(ratio.is_none_or(|ratio| (1.3..=2.25).contains(&ratio)), codes::PARAMETER_WRONG)?;
        image.finish()?;
    }
    let area = card.object("image_text_area")?;
    ensure(has_image || area.is_some() && purpose != Purpose::Robot, codes::CARD_IMAGE_MISSING)?;
    if let Some(mut area) = area {
        area.text("title")?;
        area.lines("desc")?;
        area.need_text("image_url", codes::CARD_IMAGE_MISSING)?;
        link(&mut area, 0..=2)?;
        area.finish()?;
    }
    let paragraphs = card.objects("vertical_content_list")?;
    ensure(paragraphs.len() <= 4, codes::PARAGRAPHS_TOO_MANY)?;
    for mut paragraph in paragraphs {
        paragraph.need_text("title", codes::CARD_TITLE_MISSING)?;
        paragraph.lines("desc")?;
        paragraph.finish()?;
    }
    Ok(())
}

fn jumps(card: &mut Fields) -> Result<(), Refusal> {
    let jumps = card.objects("jump_list")?;
    ensure(jumps.len() <= 3, codes::JUMPS_TOO_MANY)?;
    for mut jump in jumps {
        jump.need_text("title", codes::CARD_TITLE_MISSING)?;
        link(&mut jump, 0..=2)?;
        jump.finish()?;
    }
    Ok(())
}

fn buttons(card: &mut Fields) -> Result<(), Refusal> {
    let buttons = card.need_objects("button_list")?;
    ensure(buttons.len() <= 6, codes::PARAMETER_WRONG)?;
    let mut keys = Unique::new(codes::CARD_KEY_WRONG);
    for mut button in buttons {
        button.need_text("text", codes::CARD_BUTTON_TEXT_MISSING)?;
        // WeCom shows another number as 1.
        let styles = if button.strict() { 1..=4 } else { i64::MIN..=i64::MAX };
        button.integer_in("style", styles)?;
        match button.integer_in("type", 0..=1)? {
            Some(1) => {
                button.need_text("url", codes::CARD_URL_MISSING)?;
                if button.has("key") {
                    keys.add(key(&mut button, "key", codes::CARD_KEY_WRONG)?)?;
                }
            }
            _ => {
                keys.add(key(&mut button, "key", codes::CARD_KEY_WRONG)?)?;
                button.text("url")?;
            }
        }
        button.finish()?;
    }
    Ok(())
}

fn submit(card: &mut Fields, purpose: Purpose) -> Result<(), Refusal> {
    let Some(mut button) = card.object("submit_button")? else {
        return ensure(purpose.replaces(), codes::SUBMIT_KEY_MISSING);
    };
    button.text("text")?;
    key(&mut button, "key", codes::SUBMIT_KEY_MISSING)?;
    button.finish()
}

impl Reader<'_> {
    fn details(self, card: &mut Fields) -> Result<(), Refusal> {
        let details = card.objects("horizontal_content_list")?;
        ensure(details.len() <= 6, codes::DETAILS_TOO_MANY)?;
        for mut detail in details {
            detail.need_text("keyname", codes::KEYNAME_MISSING)?;
            detail.text("value")?;
            let kind = detail.integer_in("type", 0..=3)?;
            let url = detail.text("url")?;
            ensure(kind != Some(1) || url.is_some(), codes::CARD_URL_MISSING)?;
            match detail.text("media_id")? {
                Some(media_id) => self.media.check(&media_id, MediaKind::File, self.now)?,
                None => ensure(kind != Some(2), codes::CARD_MEDIA_MISSING)?,
            }
            let userid = detail.text("userid")?;
            ensure(kind != Some(3) || userid.is_some(), codes::CARD_USERID_MISSING)?;
            detail.finish()?;
        }
        Ok(())
    }

    fn vote(self, card: &mut Fields) -> Result<(), Refusal> {
        let mut vote = card.object("checkbox")?.ok_or(codes::QUESTION_KEY_WRONG)?;
        key(&mut vote, "question_key", codes::QUESTION_KEY_WRONG)?;
        vote.integer_in("mode", 0..=1)?;
        self.disable(&mut vote)?;
        options(&mut vote, 20, |option| option.boolean("is_checked").map(drop))?;
        vote.finish()
    }

    fn selects(self, card: &mut Fields) -> Result<(), Refusal> {
        let selects = card.objects("select_list")?;
        ensure((1..=3).contains(&selects.len()), codes::SELECTS_COUNT)?;
        let mut questions = Unique::new(codes::QUESTION_KEY_WRONG);
        for mut select in selects {
            questions.add(self.select(&mut select)?)?;
            select.finish()?;
        }
        Ok(())
    }

    /// Reads a list of which one entry can be chosen; its key.
    fn select(self, select: &mut Fields) -> Result<String, Refusal> {
        let question_key = key(select, "question_key", codes::QUESTION_KEY_WRONG)?;
        select.text("title")?;
        select.text("selected_id")?;
        self.disable(select)?;
        options(select, 10, |_| Ok(()))?;
        Ok(question_key)
    }

    fn disable(self, part: &mut Fields) -> Result<(), Refusal> {
        if self.purpose.replaces() {
            part.boolean("disable")?;
        }
        Ok(())
    }
}

fn options(part: &mut Fields, most: usize, rest: impl Fn(&mut Fields) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let options = part.objects("option_list")?;
    ensure((1..=most).contains(&options.len()), codes::OPTIONS_COUNT)?;
    let mut ids = Unique::new(codes::OPTION_ID_WRONG);
    for mut option in options {
        let id = option.need_text("id", codes::OPTION_ID_WRONG)?;
        ensure(id.len() <= ID_LIMIT, codes::OPTION_ID_WRONG)?;
        ids.add(id)?;
        option.need_text("text", codes::OPTION_TEXT_MISSING)?;
        rest(&mut option)?;
        option.finish()?;
    }
    Ok(())
}

fn key(part: &mut Fields, name: &str, wrong: Code) -> Result<String, Refusal> {
    let key = part.need_text(name, wrong)?;
    ensure(key.len() <= KEY_LIMIT, wrong)?;
    Ok(key)
}

/// Values of which none comes twice.
struct Unique {
    seen: BTreeSet<String>,
    twice: Code,
}

impl Unique {
    fn new(twice: Code) -> Self {
        Self { seen: BTreeSet::new(), twice }
    }

    fn add(&mut self, value: String) -> Result<(), Refusal> {
        ensure(self.seen.insert(value), self.twice)
    }
}

/// Whether members can answer the card, so that the app hears of it and can update it.
fn calls_back(card: &Value) -> bool {
    card["action_menu"].is_object() || !matches!(card["card_type"].as_str(), Some("text_notice" | "news_notice"))
}

/// Refuses a card that the app cannot send: it has no callback, or the task id was there before.
pub(super) fn check_sender(corp: &Corp, agent_id: i64, card: &Value) -> Result<(), Refusal> {
    ensure(!calls_back(card) || corp.callbacks.contains(&agent_id), codes::NO_CALLBACK)?;
    let task_id = card["task_id"].as_str().unwrap_or_default().to_owned();
    ensure(!corp.task_ids.contains(&(agent_id, task_id)), codes::TASK_ID_WRONG)
}

/// Keeps in mind that the card was sent. Returns the code that it can be updated with, if it can be.
pub(super) fn issue(
    corp: &mut Corp,
    ids: &mut Ids,
    (agent_id, msgid): (i64, &str),
    card: &Value,
    receivers: BTreeSet<String>,
    now: Duration,
) -> Option<String> {
    if let Some(task_id) = card["task_id"].as_str() {
        corp.task_ids.insert((agent_id, task_id.to_owned()));
    }
    calls_back(card).then(|| {
        let code = ids.identifier("RESPONSE");
        let has_buttons = !matches!(card["card_type"].as_str(), Some("text_notice" | "news_notice"));
        let sent = SentCard { agent_id, msgid: msgid.to_owned(), has_buttons, receivers, sent_at: now, updated: false };
        corp.cards.insert(code.clone(), sent);
        code
    })
}

pub(super) fn update(session: &mut Session, mut fields: Fields) -> Outcome {
    let own = session.agent_id()?;
    let body = fields.to_json();
    ensure(fields.has("agentid"), codes::AGENTID_MISSING)?;
    let agent_id = fields.integer("agentid").map_err(|_| codes::AGENTID_WRONG)?;
    let code = fields.need_text("response_code", codes::RESPONSE_CODE_WRONG)?;
    let users = fields.texts("userids")?.unwrap_or_default();
    let parties = fields.integers("partyids")?.unwrap_or_default();
    let tags = fields.integers("tagids")?.unwrap_or_default();
    let everyone = fields.flag("atall")? == Some(true);
    ensure(users.len() <= USERS_LIMIT, codes::USERS_TOO_MANY)?;
    ensure(parties.len() <= PARTIES_LIMIT, codes::PARTIES_TOO_MANY)?;
    ensure(tags.len() <= TAGS_LIMIT, codes::TAGS_TOO_MANY)?;
    let someone = everyone || !(users.is_empty() && parties.is_empty() && tags.is_empty());
    ensure(someone, codes::UPDATE_WITHOUT_RECEIVER)?;
    let button = fields.object("button")?;
    let greys = button.is_some();
    if let Some(mut button) = button {
        button.need_text("replace_name", codes::BUTTON_TEXT_MISSING)?;
        button.finish()?;
    }
    match fields.object("template_card")? {
        Some(mut card) if !greys => {
            fields.flag("enable_id_trans")?;
            read(&mut card, Purpose::Update, &session.corp.media, session.now)?;
            card.finish()?;
        }
        card => ensure(greys && card.is_none(), codes::PARAMETER_EMPTY)?,
    }
    fields.finish()?;

    ensure(agent_id == Some(own), codes::AGENTID_WRONG)?;
    let now = session.now;
    let card = session.corp.cards.get(&code).ok_or(codes::RESPONSE_CODE_WRONG)?;
    ensure(card.agent_id == own, codes::CARD_OF_ANOTHER)?;
    ensure(!card.updated && now < card.sent_at + UPDATE_WITHIN, codes::RESPONSE_CODE_WRONG)?;
    let is_withdrawn = |message: &Message| message.withdrawn && message.msgid.as_ref() == Some(&card.msgid);
    ensure(!session.ledger.iter().any(is_withdrawn), codes::TASK_UNKNOWN)?;
    ensure(!greys || card.has_buttons, codes::PARAMETER_WRONG)?;
    let has_it = |user: &&String| card.receivers.iter().any(|receiver| receiver.eq_ignore_ascii_case(user));
    let (known, unknown): (Vec<&String>, Vec<&String>) = users.iter().partition(has_it);
    let mut reached = session.corp.visible_userids(&parties);
    for tag in tags.iter().filter_map(|tag| session.corp.tags.get(tag)) {
        reached.extend(tag.members.iter().cloned());
        reached.extend(session.corp.visible_userids(&tag.departments.iter().copied().collect::<Vec<_>>()));
    }
    let reaches_one = everyone || !known.is_empty() || !reached.is_disjoint(&card.receivers);
    ensure(reaches_one, codes::UPDATE_REACHES_NOBODY)?;
    let invalid: Vec<String> = unknown.into_iter().map(|user| user.to_ascii_lowercase()).collect();
    let see_it = |receiver: &&String| {
        everyone || reached.contains(*receiver) || known.iter().any(|user| user.eq_ignore_ascii_case(receiver))
    };
    let msgid = card.msgid.clone();
    let seen_by: Vec<String> = card.receivers.iter().filter(see_it).cloned().collect();
    if let Some(card) = session.corp.cards.get_mut(&code) {
        card.updated = true;
    }
    if let Some(message) = session.ledger.iter_mut().rev().find(|message| message.msgid.as_ref() == Some(&msgid)) {
        let part = if greys { "button" } else { "template_card" };
        message.updates.extend(seen_by.into_iter().map(|user| (user, json!({part: body[part]}))));
    }
    let reply = Reply::ok();
    Ok(if invalid.is_empty() { reply } else { reply.with("invaliduser", invalid) })
}
