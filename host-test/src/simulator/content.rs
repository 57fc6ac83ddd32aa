//! The bodies of messages: what `message/send`, `appchat/send` and `webhook/send` share.

use super::codes::{self, Refusal, ensure};
use super::fields::Fields;
use super::media::{MediaKind, MediaLibrary};
use super::session::Session;

const MARKDOWN_LIMIT: usize = 2048;
const ARTICLES_LIMIT: usize = 8;
const ARTICLE_LIMIT: usize = 666 * 1024;
const AUTHOR_LIMIT: usize = 64;
const URL_LIMIT: usize = 2048;

/// Reads and checks `msgtype`, the object it names, and `safe`, as an app sends them. Returns the type.
///
/// `mentions` allows `text.mentioned_list`, which only group chats have. Lengths beyond which WeCom cuts by
/// itself (text, titles, descriptions, button texts) are no reason to refuse.
pub(super) fn read(fields: &mut Fields, session: &Session, mentions: bool) -> Result<String, Refusal> {
    let msgtype = fields.need_text("msgtype", codes::MSGTYPE_WRONG)?;
    let most_confidential = match msgtype.as_str() {
        "text" | "image" | "file" => 1,
        "mpnews" => 2,
        "markdown" | "textcard" => {
            ensure(!fields.has_switch("safe"), codes::NOT_CONFIDENTIAL)?;
            0
        }
        _ => return Err(codes::MSGTYPE_WRONG.because(msgtype)),
    };
    fields.integer_in("safe", 0..=most_confidential)?;

    let mut body = fields.need_object(&msgtype)?;
    match msgtype.as_str() {
        "text" => {
            body.need_lines("content", codes::CONTENT_EMPTY)?;
            if mentions {
                body.texts("mentioned_list")?;
            }
        }
        "markdown" => {
            let content = body.need_lines("content", codes::CONTENT_EMPTY)?;
            ensure(content.len() <= MARKDOWN_LIMIT, codes::CONTENT_TOO_LONG)?;
        }
        "image" => media(&mut body, "media_id", MediaKind::Image, session)?,
        "file" => media(&mut body, "media_id", MediaKind::File, session)?,
        "mpnews" => {
            for mut article in articles(&mut body)? {
                mpnews(&mut article, session)?;
                article.finish()?;
            }
        }
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
    let url = card.need_text("url", codes::PARAMETER_EMPTY)?;
    ensure(url.len() <= URL_LIMIT, codes::URL_TOO_LONG)?;
    let schemes = ["http://", "https://"];
    let whole = schemes.iter().any(|scheme| url.starts_with(scheme));
    ensure(whole, codes::URL_WITHOUT_SCHEME)?;
    card.text("btntxt")?;
    Ok(())
}
