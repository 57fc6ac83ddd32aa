//! Interface `media`: files that messages refer to.

use super::chatbot_message::{self, LOST};
use crate::about::{About, Beyond, EVERY_API, Effect, Interface, Proof, RateLimit, Secrets, icon};
use crate::action::{Action, Body, Request};
use crate::connection::{Application, Chatbot, CheckedApplication, CheckedChatbot};
use crate::file::{self, Content, MEGABYTE};
use crate::http::Method;
use crate::image;
use crate::parameter::field::{Word, word};
use crate::parameter::rules::{Form, Pattern, Rule};
use crate::parameter::{Edits, Names, Parameters, Spec, output, rules, table, ui};
use crate::reply::{Malformed, Reply};
use crate::text::{Text, message, phrase, text};

/// A file that WeCom takes has more bytes than that.
const TOO_SMALL: usize = 5;
/// The longest name of a file that systems keep, in characters.
const MAX_NAME_CHARS: usize = 255;
/// The greatest picture of an article, in bytes.
const MAX_ARTICLE_IMAGE_BYTES: usize = 2 * MEGABYTE;

/// What a file is to WeCom.
struct Kind {
    name: &'static str,
    max_bytes: usize,
    /// What its name may end in; anything where there is nothing.
    endings: &'static [&'static str],
    /// Whether its first bytes are those of such a file.
    begins: fn(&[u8]) -> bool,
}

const FILE: Kind = Kind { name: "file", max_bytes: 20 * MEGABYTE, endings: &[], begins: |_| true };
const IMAGE: Kind = Kind {
    name: "image",
    max_bytes: 10 * MEGABYTE,
    endings: &["jpg", "jpeg", "png"],
    begins: |bytes| bytes.starts_with(b"\xff\xd8\xff") || bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
};
const VOICE: Kind =
    Kind { name: "voice", max_bytes: 2 * MEGABYTE, endings: &["amr"], begins: |bytes| bytes.starts_with(b"#!AMR") };
const VIDEO: Kind = Kind {
    name: "video",
    max_bytes: 10 * MEGABYTE,
    endings: &["mp4"],
    begins: |bytes| bytes.get(4..8) == Some(b"ftyp"),
};

/// Every kind that an application uploads.
const KINDS: [Kind; 4] = [FILE, IMAGE, VOICE, VIDEO];

const FILE_WORD: Word = word(FILE.name, text("File of any kind", "普通文件"));
const IMAGE_WORD: Word = word(IMAGE.name, text("Image: JPG or PNG, at most 10 MB", "图片：JPG或PNG，最大10MB"));
const VOICE_WORD: Word =
    word(VOICE.name, text("Voice: AMR, at most 2 MB and 60 seconds", "语音：AMR，最大2MB、最长60秒"));
const VIDEO_WORD: Word = word(VIDEO.name, text("Video: MP4, at most 10 MB", "视频：MP4，最大10MB"));

/// A file's name without a folder. A quote or a line break would end the header that it stands in.
const PLAIN_FILE_NAME: Rule = Rule::Matches(&Pattern {
    regex: "^[^\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\"/\\\\]*$",
    form: |name| match name.find(|c: char| crate::tidy::is_hidden(c) || "\"/\\".contains(c)) {
        Some(at) => Form::BadAt(at),
        None => Form::Good,
    },
    words: phrase!("must be the name of a file without its folder: no / \\ \" and no control or invisible characters"),
});

const FILE_NAME: Spec = Spec {
    title: text("File Name", "文件名"),
    description: text(
        "Name of the file with its ending, at most 255 characters: whoever gets it sees it.",
        "文件名，含扩展名，最多255个字符；接收人看到的就是这个名称。",
    ),
    examples: &[Text::both(r#""周报.xlsx""#)],
    rules: &[rules::NOT_EMPTY, PLAIN_FILE_NAME, rules::chars(0, MAX_NAME_CHARS)],
    ..Spec::NEW
};

const CONTENT: Spec = Spec {
    title: text("File", "文件"),
    description: text(
        "The content of the file, more than 5 bytes and at most 20 MB, in Base64 or as a data: URL.",
        "文件内容，大于5字节、不超过20MB，用Base64或data:链接表示。",
    ),
    examples: &[Text::both(r#""5ZGo5oql""#)],
    rules: &[rules::NOT_EMPTY, Rule::File],
    ui: ui::hint(text(
        "In a flow: what a step before it has read, such as Read File or an HTTP request that gives bytes.",
        "在流程中：填前面步骤读到的文件内容，例如“读取文件”节点，或返回二进制数据的HTTP请求。",
    )),
    ..Spec::NEW
};

/// The tables' group.
pub const INTERFACE: Interface = Interface {
    name: "media",
    title: text("Files", "素材"),
    docs: "Files that messages and articles refer to: uploading and downloading them.",
};

/// Of material that ends by itself.
const THREE_DAYS: Text = text(
    "The ID is good for three days. A second call with the same file gives another ID.",
    "返回的ID三天内有效；再次上传同一文件会得到新的ID。",
);

/// What is known of every upload.
const UPLOAD: About = About {
    id: "",
    title: Text::NONE,
    label: Text::NONE,
    icon: icon!("file"),
    description: Text::NONE,
    remarks: &[THREE_DAYS],
    interface: &INTERFACE,
    method: Method::Post,
    api: "media/upload",
    proof: Proof::Text("media_id"),
    secrets: Secrets::App,
    effect: Effect::Create,
    idempotent: true,
    rate_limits: &EVERY_API,
    pagination: None,
    since: "0.2.0",
    doc_url: "https://developer.work.weixin.qq.com/document/path/90253",
    sample_parameters: r#"{"file_name": "周报.xlsx", "kind": "file", "content": "5ZGo5oql77ya5LiK5ZGo"}"#,
    sample_output: r#"{"media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "created_at": 1380000000}"#,
    sample_reply: r#"{"errcode": 0, "errmsg": "", "type": "image", "media_id": "id", "created_at": "1380000000"}"#,
};

output! {
    /// What WeCom calls uploaded material.
    pub struct Uploaded {
        pub media_id: String = Spec {
            title: text("Media ID", "素材ID"),
            description: text(
                "ID of the file, for three days: what pushes of files, images, voice and video ask for.",
                "文件的media_id，三天内有效，发送文件、图片、语音、视频消息时使用。",
            ),
            names: Names::File,
            ..Spec::NEW
        },
        pub created_at: Option<u64> = Spec {
            title: text("Uploaded At", "上传时间"),
            description: text("When it was uploaded, in seconds since 1970.", "上传时间，自1970年起的秒数。"),
            ..Spec::NEW
        },
    }
}

fn uploaded(mut reply: Reply) -> Result<Uploaded, Malformed> {
    let created_at = reply.seconds("created_at");
    Ok(Uploaded { media_id: reply.required_text("media_id")?, created_at: (created_at > 0).then_some(created_at) })
}

/// What every upload has.
type Upload = UploadMediaParameters;

/// Holds a file against the rules of its kind, its name and its size.
fn check(parameters: &mut Parameters, kind: &Kind) {
    let (file_name, content) = (Upload::file_name, Upload::content);
    if !parameters.is_good(content) || !parameters.are_known(&[content.name()]) {
        return;
    }
    let Some(given) = parameters.file(content) else { return };
    let length = given.size();
    if !given.is_good() {
        let letters = parameters.text(content).trim_end_matches('=');
        let cut_off = phrase!("must be a file in Base64: its end is missing, or was changed on the way here");
        let rule = rules::BASE64_LETTERS.broken(letters).unwrap_or_else(|| cut_off.into());
        return parameters.violate(content, &[], rule);
    }
    let first = given.pieces().next().unwrap_or_default();
    let begins = (kind.begins)(&first);
    let is_image = kind.name == IMAGE.name && begins && length <= kind.max_bytes;
    let is_cut = is_image && image::ends_too_early(&given.pieces().collect::<Vec<_>>().concat());
    if length <= TOO_SMALL {
        parameters.violate(content, &[], message!("must have more than {} bytes, and has {}", TOO_SMALL, length));
    } else if length > kind.max_bytes {
        let rule =
            message!("must have at most {} MB as {}, and has {} bytes", kind.max_bytes / MEGABYTE, kind.name, length);
        parameters.violate(content, &[], rule);
    } else if !begins {
        let endings = kind.endings.join(", ");
        let rule = message!("is no {}: its first bytes are not those of {}", kind.name, &endings);
        parameters.violate(content, &[], rule);
    } else if is_cut {
        parameters.violate(content, &[], LOST);
    }
    let ending = parameters.text(file_name).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    if let Some(ending) = ending
        && !kind.endings.is_empty()
        && !kind.endings.contains(&ending.as_str())
    {
        let rule = message!("must end in {}, as a file of this kind does", &kind.endings.join(" / "));
        parameters.violate(file_name, &[], rule);
    }
}

/// The request with the file in it, and with its kind, where the table has one.
fn upload(api: &'static str, mut parameters: Parameters) -> Request {
    let kind = parameters.take_text(Upload::kind);
    let name = parameters.take_text(Upload::file_name).unwrap_or_default();
    let content = parameters.take_file(Upload::content).unwrap_or(Content::Bytes(Vec::new().into()));
    let query = kind.into_iter().map(|kind| ("type".to_owned(), kind)).collect();
    Request { query, ..Request::new(Method::Post, api, Body::File { name, content }) }
}

/// `POST media/upload`
///
/// <https://developer.work.weixin.qq.com/document/path/90253>
pub struct UploadMedia;

table! {
    /// Parameters of `upload-media`.
    pub struct UploadMediaParameters {
        pub file_name: String = FILE_NAME,
        pub kind: String = Spec {
            title: text("Kind", "类型"),
            description: text(
                "What the file is sent as: a file of any kind up to 20 MB, an image, voice or a video.",
                "以什么类型发送：20MB以内的任意文件、图片、语音或视频。",
            ),
            examples: &[Text::both(r#""file""#)],
            words: &[FILE_WORD, IMAGE_WORD, VOICE_WORD, VIDEO_WORD],
            rules: &[Rule::OneOf(&["file", "image", "voice", "video"]), rules::NOT_EMPTY],
            ..Spec::NEW
        },
        pub content: String = CONTENT,
    }
}

impl Action for UploadMedia {
    const ABOUT: About = About {
        id: "upload-media",
        title: text("Uploading a file", "上传临时素材"),
        label: text("Upload a file", "上传文件"),
        description: text(
            "Uploads a file, image, voice or video, to send it with its ID.",
            "上传文件、图片、语音或视频，得到发送时要用的素材ID。",
        ),
        ..UPLOAD
    };
    type Connection = Application;
    type Parameters = UploadMediaParameters;
    type Output = Uploaded;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        let kind = parameters.text(Upload::kind);
        if let Some(kind) = KINDS.iter().find(|known| known.name == kind) {
            check(parameters, kind);
        }
    }

    fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
        upload(Self::ABOUT.api, parameters)
    }

    fn output(reply: Reply, _: Edits) -> Result<Uploaded, Malformed> {
        uploaded(reply)
    }
}

/// `POST media/uploadimg`
///
/// <https://developer.work.weixin.qq.com/document/path/90256>
pub struct UploadArticleImage;

table! {
    /// Parameters of `upload-article-image`.
    pub struct UploadArticleImageParameters {
        pub file_name: String = Spec { examples: &[Text::both(r#""销量.png""#)], ..FILE_NAME },
        pub content: String = Spec {
            title: text("Image", "图片"),
            description: text(
                "The picture, JPG or PNG, more than 5 bytes and at most 2 MB, in Base64 or as a data: URL.",
                "图片内容，JPG或PNG，大于5字节、不超过2MB，用Base64或data:链接表示。",
            ),
            examples: &[Text::both(concat!("\"", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC", "\""))],
            ..CONTENT
        },
    }
}

output! {
    /// Where an uploaded picture is.
    pub struct UploadArticleImageOutput {
        pub url: String = Spec {
            title: text("Image URL", "图片链接"),
            description: text(
                "Address of the picture, without an end. It shows inside WeCom only.",
                "图片的地址，长期有效，仅在企业微信内显示。",
            ),
            ..Spec::NEW
        },
    }
}

impl Action for UploadArticleImage {
    const ABOUT: About = About {
        id: "upload-article-image",
        title: text("Uploading an image for articles", "上传图片"),
        label: text("Upload an image for articles", "上传图文消息内的图片"),
        icon: icon!("image"),
        description: text(
            "Uploads a picture for the text of an article, where <img src> takes its address.",
            "上传图文消息正文里用的图片，把返回的地址填入<img src>。",
        ),
        remarks: &[text(
            "A second call with the same picture gives another address, and counts: an enterprise may upload 1000 a day and \
            3000 a month.",
            "再次上传同一图片会得到新的地址，并计入上限：每个企业每天最多上传1000张，每月最多3000张。",
        )],
        api: "media/uploadimg",
        proof: Proof::Text("url"),
        idempotent: false,
        rate_limits: &IMAGE_LIMITS,
        doc_url: "https://developer.work.weixin.qq.com/document/path/90256",
        sample_parameters: r#"{"file_name": "销量.png", "content": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC"}"#,
        sample_output: r#"{"url": "https://p.qpic.cn/pic_wework/1234567890/example/0"}"#,
        sample_reply: r#"{"errcode": 0, "errmsg": "", "url": "https://p.qpic.cn/pic_wework/1234567890/example/0"}"#,
        ..UPLOAD
    };
    type Connection = Application;
    type Parameters = UploadArticleImageParameters;
    type Output = UploadArticleImageOutput;

    fn check(parameters: &mut Parameters, _: Option<&CheckedApplication>) {
        let kind = Kind { max_bytes: MAX_ARTICLE_IMAGE_BYTES, ..IMAGE };
        check(parameters, &kind);
    }

    fn request(parameters: Parameters, _: &CheckedApplication) -> Request {
        upload(Self::ABOUT.api, parameters)
    }

    fn output(mut reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        Ok(UploadArticleImageOutput { url: reply.required_text("url")? })
    }
}

const IMAGE_LIMITS: [RateLimit; 4] = [
    EVERY_API[0],
    EVERY_API[1],
    RateLimit { scope: "enterprise", amount: 1000, unit: "images", per_seconds: 86_400, beyond: Beyond::Refused },
    RateLimit { scope: "enterprise", amount: 3000, unit: "images", per_seconds: 2_592_000, beyond: Beyond::Refused },
];

/// `GET media/get`
///
/// <https://developer.work.weixin.qq.com/document/path/90254>
pub struct DownloadMedia;

table! {
    /// Parameters of `download-media`.
    pub struct DownloadMediaParameters {
        pub media_id: String = Spec {
            title: text("Media ID", "素材ID"),
            description: text(
                "ID of the file, uploaded by the same enterprise or sent by a member at most three days ago.",
                "文件的media_id，须为同一企业三天内上传的素材，或成员三天内发来的文件。",
            ),
            examples: &[Text::both(r#""1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0""#)],
            rules: &[rules::NOT_EMPTY, rules::ID, rules::FITS_URL],
            ui: ui::hint(text(
                "What uploading a file returned, or what a message of a member to the application has.",
                "“上传文件”步骤返回的素材ID，或成员发给应用的消息中的MediaId。",
            )),
            names: Names::File,
            ..Spec::NEW
        },
    }
}

output! {
    /// A downloaded file.
    pub struct DownloadMediaOutput {
        pub file_name: Option<String> = Spec {
            title: text("File Name", "文件名"),
            description: text("Name of the file, where WeCom says it.", "文件名（企业微信有返回时）。"),
            ..Spec::NEW
        },
        pub content: String = Spec {
            title: text("File", "文件"),
            description: text("The content of the file in Base64.", "文件内容，Base64编码。"),
            ..Spec::NEW
        },
    }
}

impl Action for DownloadMedia {
    const ABOUT: About = About {
        id: "download-media",
        title: text("Downloading a file", "获取临时素材"),
        label: text("Download a file", "下载文件"),
        description: text("Downloads a file of at most 20 MB by its media ID.", "凭素材ID下载文件，最大20MB。"),
        remarks: &[],
        method: Method::Get,
        api: "media/get",
        proof: Proof::Attachment,
        effect: Effect::Read,
        doc_url: "https://developer.work.weixin.qq.com/document/path/90254",
        sample_parameters: r#"{"media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0"}"#,
        sample_output: r#"{"file_name": "周报.json", "content": "eyLlkajmiqUiOiAi5LiK5ZGoIn0="}"#,
        sample_reply: r#"{"周报": "上周"}"#,
        ..UPLOAD
    };
    type Connection = Application;
    type Parameters = DownloadMediaParameters;
    type Output = DownloadMediaOutput;

    fn output(reply: Reply, _: Edits) -> Result<Self::Output, Malformed> {
        let attachment = reply.attachment()?;
        Ok(DownloadMediaOutput { file_name: attachment.name, content: file::encode(attachment.content) })
    }
}

/// `POST webhook/upload_media`
///
/// <https://developer.work.weixin.qq.com/document/path/99110>
pub struct UploadMediaByChatbot;

table! {
    /// Parameters of `upload-media-by-chatbot`.
    pub struct UploadMediaByChatbotParameters {
        pub file_name: String = FILE_NAME,
        pub kind: String = Spec {
            title: text("Kind", "类型"),
            description: text(
                "What the chatbot sends it as: a file of any kind up to 20 MB, or voice. It sends images without uploading.",
                "机器人以什么类型发送：20MB以内的任意文件，或语音。机器人发图片无需上传。",
            ),
            examples: &[Text::both(r#""file""#)],
            words: &[FILE_WORD, VOICE_WORD],
            rules: &[Rule::OneOf(&["file", "voice"]), rules::NOT_EMPTY],
            ..Spec::NEW
        },
        pub content: String = CONTENT,
    }
}

impl Action for UploadMediaByChatbot {
    const ABOUT: About = About {
        id: "upload-media-by-chatbot",
        title: text("Uploading a file by chatbot", "通过群机器人上传文件"),
        label: text("Upload a file by chatbot", "通过群机器人上传文件"),
        description: text(
            "Uploads a file or voice for the chatbot with this key: others cannot send it.",
            "上传文件或语音，仅供同一个key的机器人发送。",
        ),
        interface: &chatbot_message::INTERFACE,
        api: "webhook/upload_media",
        secrets: Secrets::ChatbotKey,
        // WeCom's limit counts messages, and documents none for uploads.
        rate_limits: &[],
        doc_url: "https://developer.work.weixin.qq.com/document/path/99110",
        ..UPLOAD
    };
    type Connection = Chatbot;
    type Parameters = UploadMediaByChatbotParameters;
    type Output = Uploaded;

    fn check(parameters: &mut Parameters, _: Option<&CheckedChatbot>) {
        let kind = parameters.text(Upload::kind);
        if let Some(kind) = [FILE, VOICE].iter().find(|known| known.name == kind) {
            check(parameters, kind);
        }
    }

    fn request(parameters: Parameters, _: &CheckedChatbot) -> Request {
        upload(Self::ABOUT.api, parameters)
    }

    fn output(reply: Reply, _: Edits) -> Result<Uploaded, Malformed> {
        uploaded(reply)
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    use super::*;
    use crate::wire::call;

    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQrrkMAAJQAXvwscykAAAAAElFTkSuQmCC";

    fn base64(bytes: impl AsRef<[u8]>) -> String {
        STANDARD.encode(bytes)
    }

    fn media(file_name: &str, kind: &str, content: impl AsRef<[u8]>) -> crate::wire::Call {
        call("upload-media", json!({"file_name": file_name, "kind": kind, "content": base64(content)}))
    }

    #[test]
    fn upload_media() {
        let reply = r#"{"errcode":0,"errmsg":"","type":"image","media_id":"1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0","created_at":"1380000000"}"#;
        let output = json!({"media_id": "1G6nrLmr5EC3MMb_-zK1dDdzmd0p7cNliYu9V5w7o8K0", "created_at": 1_380_000_000});
        media("周报 7.xlsx", "file", "周报：上周")
            .uploads("media/upload?type=file", "周报 7.xlsx", "周报：上周")
            .returns(reply, output.clone());
        // Some of WeCom's replies have a number.
        media("a.txt", "File", "abcdef")
            .uploads("media/upload?type=file", "a.txt", "abcdef")
            .returns(&reply.replace("\"1380000000\"", "1380000000"), output);
        // A data: URL, as a form makes it, without padding.
        call("upload-media", json!({"file_name": "a", "kind": "file", "content": "data:text/plain;base64,YWJjZGVmZw"}))
            .uploads("media/upload?type=file", "a", "abcdefg")
            .returns(r#"{"errcode": 0, "errmsg": "", "media_id": "m"}"#, json!({"media_id": "m"}));
        media("a.txt", "file", "abcdef")
            .uploads("media/upload?type=file", "a.txt", "abcdef")
            .fails(r#"{"errcode": 0, "errmsg": "ok"}"#, "has no `media_id`");
    }

    #[test]
    fn a_file_is_what_its_kind_says() {
        let amr = [b"#!AMR\n".as_slice(), &[0; 40]].concat();
        let mp4 = [b"\0\0\0\x18ftypmp42".as_slice(), &[0; 40]].concat();
        let png = STANDARD.decode(PNG).unwrap();
        for (name, kind, content) in [("a.AMR", "voice", &amr), ("a.mp4", "video", &mp4), ("a.jpeg", "image", &png)] {
            let sent = String::from_utf8_lossy(content).into_owned();
            media(name, kind, content)
                .uploads(&format!("media/upload?type={kind}"), name, &sent)
                .returns(r#"{"errcode": 0, "media_id": "m"}"#, json!({"media_id": "m"}));
        }
        media("a.png", "image", "%PDF-1.7 and so on").refused_at("/content", "is no image");
        media("a.amr", "voice", &mp4).refused_at("/content", "is no voice");
        media("a.mp4", "video", &amr).refused_at("/content", "is no video");
        media("a.pdf", "image", &png).refused_at("/file_name", "must end in jpg / jpeg / png");
        media("a.png", "image", &png[..png.len() - 5]).refused_at("/content", "must hold the whole image");
        media("a", "picture", &png).refused_at("/kind", "must be one of file, image, voice, video");
    }

    #[test]
    fn a_file_is_neither_too_small_nor_too_large() {
        media("a", "file", "").refused_at("/content", "must not be empty");
        media("a", "file", "12345").refused_at("/content", "must have more than 5 bytes, and has 5");
        let large = vec![b'a'; FILE.max_bytes + 1];
        media("a", "file", &large[..FILE.max_bytes])
            .uploads("media/upload?type=file", "a", str::from_utf8(&large[..FILE.max_bytes]).unwrap())
            .returns(r#"{"errcode": 0, "media_id": "m"}"#, json!({"media_id": "m"}));
        media("a", "file", &large).refused_at("/content", "at most 20 MB as file, and has 20971521 bytes");
        let voice = [b"#!AMR\n".as_slice(), &large[..VOICE.max_bytes]].concat();
        media("a", "voice", voice).refused_at("/content", "at most 2 MB as voice");
    }

    #[test]
    fn a_name_that_would_break_the_form_is_refused() {
        for name in ["a\"b.txt", "a\r\nb", "../a.txt", "a\\b", "a\u{202e}b"] {
            media(name, "file", "abcdef").refused_at("/file_name", "must be the name of a file without its folder");
        }
        media(&"a".repeat(300), "file", "abcdef").refused_at("/file_name", "must have at most 255 characters");
        media(" ", "file", "abcdef").refused_at("/file_name", "must not be empty");
    }

    #[test]
    fn base64_that_broke_is_refused() {
        let file = |content: &str| call("upload-media", json!({"file_name": "a", "kind": "file", "content": content}));
        file("YWJjZGVmZ").refused_at("/content", "its end is missing");
        file("YWJj*GVm").refused_at("/content", "character 5 is \"*\"");
        file("C:\\报表.xlsx").refused_at("/content", "must be Base64");
    }

    #[test]
    fn upload_article_image() {
        call("upload-article-image", json!({"file_name": "a.png", "content": PNG}))
            .uploads("media/uploadimg", "a.png", &String::from_utf8_lossy(&STANDARD.decode(PNG).unwrap()))
            .returns(
                r#"{"errcode":0,"errmsg":"","url":"http://p.qpic.cn/pic_wework/1/2/0"}"#,
                json!({"url": "http://p.qpic.cn/pic_wework/1/2/0"}),
            );
        call("upload-article-image", json!({"file_name": "a.png", "content": base64("GIF89a and so on")}))
            .refused_at("/content", "is no image");
    }

    #[test]
    fn download_media() {
        let get = || {
            call("download-media", json!({"media_id": "1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o"}))
                .gets("media/get?media_id=1Yv-zXfHjSjU-7LH-GwtYqDGS-zz6w22KmWAT5COgP7o")
        };
        get()
            .attached("attachment; filename=\"MEDIA_ID 周报.txt\"")
            .returns("周报", json!({"file_name": "MEDIA_ID 周报.txt", "content": base64("周报")}));
        // A file may itself be JSON, even such a one.
        get()
            .attached("Attachment; filename=../a.json; size=9")
            .returns(r#"{"errcode": 1}"#, json!({"file_name": "a.json", "content": base64(r#"{"errcode": 1}"#)}));
        get().attached("attachment").returns("", json!({"content": ""}));
        get().fails(r#"{"errcode": 40007, "errmsg": "invalid media_id"}"#, "40007");
        get().fails(r#"{"errcode": 0, "errmsg": "ok"}"#, "is no file");
        get().fails("<html>", "web page");
        get().attached("inline").fails("abc", "not JSON");
    }

    #[test]
    fn upload_media_by_chatbot() {
        call("upload-media-by-chatbot", json!({"file_name": "周报.txt", "kind": "file", "content": base64("上周：")}))
            .uploads("webhook/upload_media?type=file", "周报.txt", "上周：")
            .returns(
                r#"{"errcode": 0, "errmsg": "ok", "type": "file", "media_id": "3a8asd892asd8asd", "created_at": "1380000000"}"#,
                json!({"media_id": "3a8asd892asd8asd", "created_at": 1_380_000_000}),
            );
        call("upload-media-by-chatbot", json!({"file_name": "a.png", "kind": "image", "content": PNG}))
            .refused_at("/kind", "must be one of file, voice");
    }
}
