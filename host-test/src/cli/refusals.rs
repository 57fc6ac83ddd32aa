//! The Chinese of what the simulator refuses to do, and of what came of a callback. It answers in English, as WeCom does.

use super::words::language;
use crate::language::Language;
use crate::report::translated;

/// What the simulator said, in the language of this run.
pub(super) fn refusal(said: &str) -> String {
    match language() {
        Language::En => said.to_owned(),
        Language::Zh => translated(said, REFUSALS),
    }
}

/// With a gap where the simulator puts something in, which may be one of these again.
const REFUSALS: &[[&str; 2]] = &[
    // Members.
    ["user_id: there is no member {}", "user_id：没有成员{}"],
    ["agent_id: there is no application {}", "agent_id：没有应用{}"],
    ["{} does not see the application {}", "{}不在应用{}的可见范围内"],
    [
        "nobody would hear of it: set a callback URL first, by POST /simulator/callback",
        "没有接收方：请先用POST /simulator/callback设置回调URL",
    ],
    [
        "{} got no such card: push one first, with `push-button-card` for instance",
        "{}没有收到这样的卡片：请先推送一张，例如用`push-button-card`",
    ],
    ["the card was withdrawn", "卡片已撤回"],
    ["the card cannot be pressed any more: its button says {}", "卡片已不能点击：按钮显示为{}"],
    ["key: the card has no {}; it has {}", "key：卡片没有{}，只有{}"],
    ["selected: an entry of the menu sends no answers", "selected：菜单项不提交选择"],
    ["selected: the card has no question {}", "selected：卡片没有题目{}"],
    ["selected: {} has no option {}", "selected：{}没有选项{}"],
    ["selected: {} takes one option", "selected：{}只能选一项"],
    // URLs.
    ["url: it is no URL", "url：不是URL"],
    ["url: {}; there is no TLS here", "url：{}；这里不支持TLS"],
    ["the URL has to begin with http://, and name a host", "URL必须以http://开头，并带有主机名"],
    ["the URL gave no answer within a second", "URL没有在一秒内应答"],
    ["the URL was called, and {}", "已请求该URL：{}"],
    ["the URL answered HTTP status {}; 200 is expected", "URL应答的HTTP状态码为{}，应为200"],
    ["the answer of the URL is empty; the decrypted echostr is expected", "URL的应答为空，应为解密后的echostr"],
    [
        "the answer of the URL is the decrypted echostr with something round it, such as quotes, a BOM or a line end; \
         it has to stand alone",
        "URL的应答在解密后的echostr前后多了引号、BOM或换行等内容，只能有echostr本身",
    ],
    ["the answer of the URL is not the decrypted echostr", "URL的应答不是解密后的echostr"],
    // Attempts.
    ["no connection: {}", "无法连接：{}"],
    ["connection refused", "连接被拒绝"],
    ["the connection broke off without an answer", "连接断开，没有应答"],
    ["the answer is too long", "应答过长"],
    ["no answer within {} ms", "{}毫秒内没有应答"],
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Who changes a text of the simulator finds its Chinese here.
    #[test]
    fn the_simulator_says_every_one_of_them() {
        let said = [
            include_str!("../plain.rs"),
            include_str!("../simulator/acts.rs"),
            include_str!("../simulator/callback.rs"),
            include_str!("../simulator/delivery.rs"),
        ];
        // A literal goes on in the next line, and names what stands in its gaps.
        let said = said.join("\n").replace("\\\n             ", "");
        for [english, _] in REFUSALS {
            // Of the standard library.
            if *english == "connection refused" {
                continue;
            }
            for part in english.split("{}") {
                assert!(said.contains(part), "{english}");
            }
        }
    }

    #[test]
    fn what_stands_in_a_gap_is_there_in_chinese_too() {
        for (english, chinese) in [
            ("the URL was called, and no connection: connection refused", "已请求该URL：无法连接：连接被拒绝"),
            ("key: the card has no \"no\"; it has approve, refuse", "key：卡片没有\"no\"，只有approve, refuse"),
            ("no answer within 600 ms", "600毫秒内没有应答"),
            ("nobody has said this", "nobody has said this"),
        ] {
            assert_eq!(translated(english, REFUSALS), chinese);
        }
    }
}
