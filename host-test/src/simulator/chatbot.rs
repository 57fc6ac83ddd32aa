//! `webhook/…`: the robots of group chats.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};

use super::card::{self, Purpose};
use super::codes::{self, Outcome, Refusal, Reply, ensure};
use super::content;
use super::fields::Fields;
use super::image;
use super::ledger::{Message, Target};
use super::media::{MediaKind, MediaLibrary};

const TEXT_LIMIT: usize = 5120;
const MARKDOWN_LIMIT: usize = 4096;
const IMAGE_LIMIT: usize = 2 * 1024 * 1024;
const MESSAGES_A_MINUTE: u32 = 20;
const MINUTE: Duration = Duration::from_secs(60);

/// A robot of a group chat.
#[derive(Debug, Default)]
pub(super) struct Robot {
    pub standing: Standing,
    pub media: MediaLibrary,
    /// When the present minute began, and how many messages it has seen.
    window: (Duration, u32),
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    #[default]
    Working,
    Stopped,
    Removed,
}

impl Robot {
    /// The robot of that key, if it may act.
    pub(crate) fn find<'a>(robots: &'a mut BTreeMap<String, Self>, key: &str) -> Result<&'a mut Self, Refusal> {
        let robot = robots.get_mut(key).ok_or(codes::ROBOT_UNKNOWN)?;
        match robot.standing {
            Standing::Working => Ok(robot),
            Standing::Stopped => Err(codes::ROBOT_STOPPED.into()),
            Standing::Removed => Err(codes::ROBOT_REMOVED.into()),
        }
    }

    pub(crate) fn send(&mut self, key: &str, mut fields: Fields, now: Duration, ledger: &mut Vec<Message>) -> Outcome {
        let (began, sent) = self.window;
        let (began, sent) = if sent == 0 || now >= began + MINUTE { (now, 0) } else { (began, sent) };
        ensure(sent < MESSAGES_A_MINUTE, codes::RATE_LIMIT)?;

        let body = fields.to_json();
        let msgtype = self.read(&mut fields, now)?;
        fields.finish()?;

        self.window = (began, sent + 1);
        ledger.push(Message {
            target: Target::Robot { key: key.into() },
            msgtype,
            body,
            msgid: None,
            withdrawn: false,
            updates: BTreeMap::new(),
            sent_at: now,
        });
        Ok(Reply::ok())
    }

    fn read(&self, fields: &mut Fields, now: Duration) -> Result<String, Refusal> {
        let msgtype = fields.need_text("msgtype", codes::MSGTYPE_WRONG)?;
        let known = matches!(
            msgtype.as_str(),
            "text" | "markdown" | "markdown_v2" | "file" | "voice" | "image" | "news" | "template_card"
        );
        ensure(known, codes::MSGTYPE_WRONG)?;
        let mut body = fields.need_object(&msgtype)?;
        match msgtype.as_str() {
            "text" => {
                text(&mut body, TEXT_LIMIT)?;
                body.texts("mentioned_list")?;
                body.texts("mentioned_mobile_list")?;
            }
            "markdown" | "markdown_v2" => text(&mut body, MARKDOWN_LIMIT)?,
            "file" => content::media_on(&self.media, &mut body, "media_id", MediaKind::File, now)?,
            "voice" => content::media_on(&self.media, &mut body, "media_id", MediaKind::Voice, now)?,
            "image" => picture(&mut body)?,
            "template_card" => card::read(&mut body, Purpose::Robot, &self.media, now)?,
            _ => {
                for mut article in content::articles(&mut body)? {
                    article.need_text("title", codes::TITLE_MISSING)?;
                    article.lines("description")?;
                    article.need_text("url", codes::PARAMETER_EMPTY)?;
                    article.text("picurl")?;
                    article.finish()?;
                }
            }
        }
        body.finish()?;
        Ok(msgtype)
    }
}

/// Reads a content whose bytes are limited.
fn text(body: &mut Fields, limit: usize) -> Result<(), Refusal> {
    let content = body.need_lines("content", codes::CONTENT_EMPTY)?;
    if content.len() > limit {
        let name = body.name("content");
        return Err(codes::PARAMETER_WRONG.because(format_args!("{name} exceed max length {limit}")));
    }
    Ok(())
}

fn picture(body: &mut Fields) -> Result<(), Refusal> {
    let encoded = body.need_text("base64", codes::PARAMETER_EMPTY)?;
    let md5 = body.need_text("md5", codes::PARAMETER_EMPTY)?;
    // Line breaks, a `data:` prefix, letters of the URL-safe alphabet and a missing padding are none of it either.
    let content = BASE64
        .decode(encoded)
        .map_err(|error| codes::PARAMETER_WRONG.because(format_args!("image.base64: {error}")))?;
    ensure(content.len() <= IMAGE_LIMIT, codes::IMAGE_SIZE)?;
    image::check(&content)?;
    ensure(md5 == md5_hex(&content), codes::MD5_WRONG)
}

/// Lower-case hexadecimal digits.
fn md5_hex(content: &[u8]) -> String {
    Md5::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
