//! The bodies of messages: what `message/send`, `appchat/send` and `webhook/send` share.

use super::card::{self, Purpose};
use super::codes::{self, Refusal, ensure};
use super::fields::Fields;
use super::media::{MediaKind, MediaLibrary};
use super::session::Session;

const MARKDOWN_LIMIT: usize = 2048;
const ARTICLES_LIMIT: usize = 8;
const ARTICLE_LIMIT: usize = 666 * 1024;
const AUTHOR_LIMIT: usize = 64;
const URL_LIMIT: usize = 2048;
const ARTICLE_PAGE_LIMIT: usize = 128;
const NOTICE_PAGE_LIMIT: usize = 1024;
const NOTICE_ITEMS_LIMIT: usize = 10;

/// Where an app sends a message: not every type goes everywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// `message/send`.
    Members,
    /// `appchat/send`.
    GroupChat,
    /// `linkedcorp/message/send`.
    Linked,
}

/// Reads and checks `msgtype`, the object it names, and the keys beside it that not every type has, as an app sends them.
/// Returns the type.
///
/// Lengths beyond which WeCom cuts by itself (text, titles, descriptions, button texts) are no reason to refuse.
pub(super) fn read(fields: &mut Fields, session: &Session, place: Place) -> Result<String, Refusal> {
    let msgtype = fields.need_text("msgtype", codes::MSGTYPE_WRONG)?;
    let most_confidential = match (msgtype.as_str(), place) {
        ("text" | "image" | "video" | "file", _) => 1,
        ("mpnews", _) => 2,
        ("voice" | "markdown" | "textcard" | "news", _)
        | ("miniprogram_notice", Place::Members | Place::Linked)
        | ("template_card", Place::Members) => {
            ensure(!fields.has_switch("safe"), codes::NOT_CONFIDENTIAL)?;
            0
        }
        _ => return Err(codes::MSGTYPE_WRONG.because(msgtype)),
    };
    fields.integer_in("safe", 0..=most_confidential)?;
    if place == Place::Members && !matches!(msgtype.as_str(), "image" | "voice" | "video" | "file" | "markdown") {
        fields.flag("enable_id_trans")?;
    }

    let mut body = fields.need_object(&msgtype)?;
    match msgtype.as_str() {
        "text" => {
            body.need_lines("content", codes::CONTENT_EMPTY)?;
            if place == Place::GroupChat {
                body.texts("mentioned_list")?;
            }
        }
        "markdown" => {
            let content = body.need_lines("content", codes::CONTENT_EMPTY)?;
            ensure(content.len() <= MARKDOWN_LIMIT, codes::CONTENT_TOO_LONG)?;
        }
        "image" => media(&mut body, "media_id", MediaKind::Image, session)?,
        "voice" => media(&mut body, "media_id", MediaKind::Voice, session)?,
        "video" => {
            media(&mut body, "media_id", MediaKind::Video, session)?;
            body.text("title")?;
            body.lines("description")?;
        }
        "file" => media(&mut body, "media_id", MediaKind::File, session)?,
        "mpnews" => {
            for mut article in articles(&mut body)? {
                mpnews(&mut article, session)?;
                article.finish()?;
            }
        }
        "news" => {
            for mut article in articles(&mut body)? {
                news(&mut article, session, place)?;
                article.finish()?;
            }
        }
        "miniprogram_notice" => notice(&mut body, session)?,
        "template_card" => card::read(&mut body, Purpose::Push, &session.corp.media, session.now)?,
        _ => textcard(&mut body)?,
    }
    body.finish()?;
    Ok(msgtype)
}

/// The articles of a message, 1 to 8 of them.
pub(super) fn articles(body: &mut Fields) -> Result<Vec<Fields>, Refusal> {
    let articles = body.need_objects("articles")?;
    ensure(articles.len() <= ARTICLES_LIMIT, codes::ARTICLES_TOO_MANY)?;
    Ok(articles)
}

/// Reads a media id that has to be good in that library.
pub(super) fn media_on(
    library: &MediaLibrary,
    body: &mut Fields,
    key: &str,
    kind: MediaKind,
    now: std::time::Duration,
) -> Result<(), Refusal> {
    let media_id = body.need_text(key, codes::MEDIA_ID_MISSING)?;
    library.check(&media_id, kind, now)
}

fn media(body: &mut Fields, key: &str, kind: MediaKind, session: &Session) -> Result<(), Refusal> {
    media_on(&session.corp.media, body, key, kind, session.now)
}

fn mpnews(article: &mut Fields, session: &Session) -> Result<(), Refusal> {
    article.need_text("title", codes::TITLE_MISSING)?;
    media(article, "thumb_media_id", MediaKind::Image, session)?;
    let content = article.need_lines("content", codes::CONTENT_EMPTY)?;
    ensure(content.len() <= ARTICLE_LIMIT, codes::CONTENT_TOO_LONG)?;
    let author = article.text("author")?.unwrap_or_default();
    ensure(author.len() <= AUTHOR_LIMIT, codes::AUTHOR_TOO_LONG)?;
    article.text("content_source_url")?;
    article.lines("digest")?;
    Ok(())
}

fn textcard(card: &mut Fields) -> Result<(), Refusal> {
    card.need_text("title", codes::TITLE_MISSING)?;
    card.need_lines("description", codes::PARAMETER_EMPTY)?;
    link(card)?;
    card.text("btntxt")?;
    Ok(())
}

fn news(article: &mut Fields, session: &Session, place: Place) -> Result<(), Refusal> {
    article.need_text("title", codes::TITLE_MISSING)?;
    article.lines("description")?;
    let picture = article.text("picurl")?.unwrap_or_default();
    ensure(picture.len() <= URL_LIMIT, codes::URL_TOO_LONG)?;
    if place != Place::GroupChat && (article.has("appid") || article.has("pagepath")) {
        let page = article.need_text("pagepath", codes::MINI_PROGRAM_PAGE_WRONG)?;
        ensure(page.len() <= ARTICLE_PAGE_LIMIT, codes::MINI_PROGRAM_PAGE_WRONG)?;
        mini_program(article, session)?;
        if !article.has("url") {
            return Ok(());
        }
    }
    link(article)
}

fn notice(notice: &mut Fields, session: &Session) -> Result<(), Refusal> {
    mini_program(notice, session)?;
    let page = notice.line("page", codes::MINI_PROGRAM_PAGE_WRONG)?.unwrap_or_default();
    ensure(page.len() <= NOTICE_PAGE_LIMIT, codes::MINI_PROGRAM_PAGE_WRONG)?;
    notice.need_text("title", codes::TITLE_MISSING)?;
    notice.text("description")?;
    notice.boolean("emphasis_first_item")?;
    if notice.has("content_item") {
        let items = notice.need_objects("content_item")?;
        ensure(items.len() <= NOTICE_ITEMS_LIMIT, codes::NOTICE_ITEMS_TOO_MANY)?;
        for mut item in items {
            // WeCom leaves out a row in which nothing stands.
            if !item.has("key") && !item.has("value") {
                continue;
            }
            for (key, limit, wrong) in [("key", 10, codes::NOTICE_KEY_WRONG), ("value", 30, codes::NOTICE_VALUE_WRONG)]
            {
                let text = item.need_line(key, wrong, wrong)?;
                ensure(text.chars().count() <= limit, wrong)?;
            }
            item.finish()?;
        }
    }
    Ok(())
}

/// Reads a link that has to be there.
fn link(body: &mut Fields) -> Result<(), Refusal> {
    let url = body.need_text("url", codes::PARAMETER_EMPTY)?;
    ensure(url.len() <= URL_LIMIT, codes::URL_TOO_LONG)?;
    let whole = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
    ensure(whole, codes::URL_WITHOUT_SCHEME)
}

/// Reads a mini program that has to be linked with the app.
fn mini_program(body: &mut Fields, session: &Session) -> Result<(), Refusal> {
    let own = session.agent_id()?;
    let appid = body.need_line("appid", codes::MINI_PROGRAM_MISSING, codes::MINI_PROGRAM_WRONG)?;
    let linked = &session.corp.mini_programs;
    ensure(linked.values().any(|apps| apps.contains(&own)), codes::API_FORBIDDEN)?;
    let digits = appid.strip_prefix("wx").unwrap_or_default();
    let whole = digits.len() == 16 && digits.chars().all(|digit| digit.is_ascii_hexdigit());
    ensure(whole, codes::MINI_PROGRAM_WRONG)?;
    let apps = linked.get(&appid).ok_or(codes::MINI_PROGRAM_OF_ANOTHER_CORP)?;
    ensure(apps.contains(&own), codes::MINI_PROGRAM_OF_ANOTHER_APP)
}
