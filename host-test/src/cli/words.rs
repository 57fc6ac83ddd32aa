//! The command line's own words, in both languages. What the component says it says in both itself.

use std::fmt;
use std::io;
use std::sync::LazyLock;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory as _};

use wecom_connector::parameter::decode;

use crate::client::{Attempt, Misconfigured, Obstacle, Way};
use crate::language::Language;

/// The language of this run.
pub(crate) fn language() -> Language {
    static LANGUAGE: LazyLock<Language> = LazyLock::new(Language::of_environment);
    *LANGUAGE
}

/// One of two texts, with values in it as `format!` takes them.
macro_rules! say {
    ($en:literal, $zh:literal) => {
        match $crate::cli::words::language() {
            $crate::language::Language::En => format!($en),
            $crate::language::Language::Zh => format!($zh),
        }
    };
}
pub(crate) use say;

/// The name of this program, for a command that a person is to type: where cargo ran it, cargo's.
pub(super) fn program() -> &'static str {
    static PROGRAM: LazyLock<&str> = LazyLock::new(|| match std::env::var_os("CARGO_PKG_NAME") {
        Some(package) if package == env!("CARGO_PKG_NAME") => "cargo run -p host-test --",
        _ => "host-test",
    });
    *PROGRAM
}

/// What the operating system says, as far as it is said often.
pub(super) fn io_error(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => say!("No such file or directory", "没有这个文件或文件夹"),
        io::ErrorKind::PermissionDenied => say!("Permission denied", "没有权限"),
        io::ErrorKind::IsADirectory => say!("Is a directory", "这是文件夹，不是文件"),
        io::ErrorKind::AddrInUse => say!("Address already in use", "端口已被占用"),
        io::ErrorKind::StorageFull => say!("No space left on device", "磁盘已满"),
        _ => error.to_string(),
    }
}

/// What is wrong with the environment, and what to do.
pub(super) fn misconfigured(fault: &Misconfigured) -> String {
    match fault {
        Misconfigured::NoProxyAddress(variable) => say!(
            "{variable} must be the address of a proxy such as http://host:port, with http, https, socks5 or socks5h; \
             in a user name or a password, encode characters such as @ and / in percent",
            "{variable}必须是代理地址，如http://host:port，可用http、https、socks5或socks5h；\
             用户名和密码中的@、/ 等字符须用百分号编码"
        ),
        Misconfigured::NoCertificate(variable) => say!(
            "{variable} must name what can be read and holds a certificate in PEM",
            "{variable}必须指向可读取的PEM证书"
        ),
        Misconfigured::NoTls => say!("TLS cannot be set up", "无法启用TLS"),
    }
}

/// Which way a request was tried, and what stood in its way.
pub(crate) fn attempt(attempt: &Attempt) -> String {
    let way = match &attempt.way {
        Way::Directly => say!("Tried directly", "尝试方式：直接连接"),
        Way::Proxy(proxy) => say!("Tried through the proxy {proxy}", "尝试方式：经代理{proxy}"),
    };
    match &attempt.obstacle {
        None => say!("{way}.", "{way}。"),
        Some(Obstacle::Proxy(status)) => say!("{way}, which answered {status}.", "{way}，代理答复{status}。"),
        Some(Obstacle::Tls(words)) => say!("{way}; TLS says: {words}.", "{way}；TLS报告：{words}。"),
    }
}

/// The command with its help in the language of this run.
pub(super) fn in_language(mut command: Command) -> Command {
    if language() == Language::En {
        return command;
    }
    // Built, it has the options and the command that clap adds, too.
    command.build();
    translated(command)
}

fn translated(command: Command) -> Command {
    let about = command.get_about().map(|about| chinese(&about.to_string()));
    let after = command.get_after_help().map(|after| chinese(&after.to_string()));
    let command = command
        .help_template("{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}")
        .subcommand_help_heading("命令")
        .mut_args(|argument| {
            let help = argument.get_help().map(|help| chinese(&help.to_string())).unwrap_or_default();
            let defaults: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
            let is_flag = !argument.get_action().takes_values();
            let help =
                if is_flag || defaults.is_empty() { help } else { format!("{help}（默认{}）", defaults.join(" ")) };
            let heading = if argument.is_positional() { "参数" } else { "选项" };
            argument.help(help).help_heading(heading).hide_default_value(true)
        })
        .mut_subcommands(translated);
    let command = about.into_iter().fold(command, Command::about);
    after.into_iter().fold(command, Command::after_help)
}

/// The Chinese of a text of the help; the text itself where there is none, which a test looks for.
fn chinese(text: &str) -> String {
    let known = HELP.iter().find(|(english, _)| *english == text).map(|(_, chinese)| *chinese);
    known.unwrap_or(text).to_owned()
}

const HELP: &[(&str, &str)] = &[
    ("Runs the WeCom connector on this machine", "在本机运行企业微信连接器"),
    (
        "Carry out every action against a simulator of WeCom, as one story",
        "对着企业微信模拟器把所有操作串成一个故事执行",
    ),
    (
        "Make many calls through a server that misbehaves, and compare what callers were told with what was done",
        "经由会出错的服务器发起大量调用，再核对调用方得到的答复与实际做过的事",
    ),
    ("List the actions", "列出操作"),
    ("Print the JSON Schema of an action's parameters", "输出操作参数的JSON Schema"),
    ("Carry out one action, against a simulator or the real WeCom", "执行一个操作，对着模拟器或真实的企业微信"),
    ("Prove what can be proved of a connection without changing anything", "不做任何改动，尽可能验证连接"),
    ("Run a simulator of WeCom until it is interrupted", "运行企业微信模拟器，直到被中断"),
    ("Print JSON instead of a table", "输出JSON，而不是表格"),
    ("Print JSON instead of tables", "输出JSON，而不是表格"),
    ("Print Chinese, whatever the language of the environment", "输出中文，不管环境的语言"),
    (
        "The action, or a type of connection: application, chatbot, callback",
        "操作，或连接类型：application、chatbot、callback",
    ),
    ("Print the schema of the action's output instead", "改为输出操作结果的Schema"),
    ("The action: `host-test actions` lists them", "操作：`host-test actions`列出所有操作"),
    (
        "A JSON file with the connection; `env` for the WECOM_… variables; `simulator` for a simulator of its own",
        "连接的JSON文件；`env`表示用WECOM_… 环境变量；`simulator`表示临时启动一个模拟器",
    ),
    ("The parameters as JSON, as @FILE, or as - for standard input", "参数：JSON、@文件，或代表标准输入的-"),
    ("Print {\"ok\": …} or {\"error\": …} in one line", "用一行输出{\"ok\": …}或{\"error\": …}"),
    ("The port on 127.0.0.1; 0 for any", "127.0.0.1上的端口；0表示任选"),
    (
        "Write the certificate to trust to FILE, for clients that reach qyapi.weixin.qq.com by HTTPS_PROXY",
        "把要信任的证书写入文件，供经HTTPS_PROXY访问qyapi.weixin.qq.com的客户端使用",
    ),
    (
        "Refuse whatever the documentation does not allow, even what WeCom is known to take",
        "凡文档不允许的一律拒绝，哪怕企业微信实际会接受",
    ),
    ("Print JSON, a line for each event", "输出JSON，每个事件一行"),
    ("How many calls, at most 10,000,000", "调用次数，最多10,000,000"),
    ("How many calls at once, at most 200", "同时进行的调用数，最多200"),
    ("How many of the requests meet a fault, in percent", "出故障的请求所占的百分比"),
    (
        "Only pushes with the duplicate check, repeated while they are retryable: each has to arrive exactly once",
        "只发送带重复消息检查的消息，可重试时一直重试：每条都必须恰好送达一次",
    ),
    ("The same seed makes the same calls and the same lot of faults", "相同的种子产生相同的调用和相同的故障"),
    (
        "Set this callback URL, with the token and the key that the simulator prints",
        "设置回调URL，使用模拟器输出的Token和EncodingAESKey",
    ),
    (
        "How long the answer to a callback may take, and how long after it the callback is repeated; 5000 as with WeCom",
        "等待回调应答的毫秒数，也是失败后重发的间隔；企业微信为5000",
    ),
    (
        "Refuse an enterprise's calls of an API beyond so many a minute with 45009; WeCom's limit is 10000",
        "同一企业每分钟调用同一接口超过此次数后以45009拒绝；企业微信的上限为10000",
    ),
    ("Press a button of a card, as a member of a running simulator", "以运行中的模拟器里某个成员的身份点击卡片按钮"),
    ("Write to an application, as a member of a running simulator", "以运行中的模拟器里某个成员的身份给应用发文本"),
    ("Open an application, as a member of a running simulator", "以运行中的模拟器里某个成员的身份进入应用"),
    ("Receive callbacks, and print what they tell, until it is interrupted", "接收回调并打印其中的事件，直到被中断"),
    (
        "The key of the button, of the button that sends the answer, or of an entry of the menu",
        "按钮、提交按钮或菜单项的key",
    ),
    ("Names the card; otherwise it is the newest that the member got", "指明卡片；默认为该成员收到的最新一张"),
    (
        "What is chosen in a list of the card; several times for several options",
        "在卡片的列表中选择的选项；选多项时重复给出",
    ),
    ("What the member writes", "成员发送的文本"),
    ("The application", "应用"),
    ("Where the simulator answers: `host-test simulator` prints it", "模拟器的地址：`host-test simulator`会输出"),
    ("The user ID of the member", "成员的UserID"),
    ("Print JSON instead of a line", "输出JSON，而不是一行文字"),
    (
        "A JSON file with a connection of type callback; `env` for the WECOM_… variables; `simulator` for a simulator of its \
        own",
        "callback类型连接的JSON文件；`env`表示用WECOM_… 环境变量；`simulator`表示临时启动一个模拟器",
    ),
    ("Answer members with this: JSON, @FILE, or - for standard input", "给成员的回复：JSON、@文件，或代表标准输入的-"),
    (
        "Send so many callbacks to a server of one thread instead, at most 100,000; the options above have no meaning then",
        "改为向单线程的服务器发送这么多次回调，最多100,000；此时上面的选项不起作用",
    ),
    ("How many callbacks a second, after as many as there can be", "先全速发送，再按这个每秒次数发送"),
    ("Print help", "显示帮助"),
    ("Print version", "显示版本"),
    ("Print this message or the help of the given subcommand(s)", "显示本帮助或某个命令的帮助"),
    (INVOKE, INVOKE_ZH),
    (TEST_CONNECTION, TEST_CONNECTION_ZH),
];

/// What stands below the help of `invoke`.
pub(super) const INVOKE: &str = "\
Example:
  host-test invoke push-text-message --connection simulator \\
    --parameters '{\"to_user\": \"zhangsan\", \"content\": \"Hello\"}'

Exit status:
  0  done; the output is on standard output
  1  it failed: WeCom refused, the network failed, or the output could not be written
  2  the call is wrong: connection, parameters or options; nothing was sent

An error is one line on standard error, in Chinese where LC_ALL, LC_MESSAGES or LANG is zh.";

const INVOKE_ZH: &str = "\
示例：
  host-test invoke push-text-message --connection simulator \\
    --parameters '{\"to_user\": \"zhangsan\", \"content\": \"你好\"}'

退出码：
  0  完成；结果在标准输出
  1  失败：企业微信拒绝、网络出错，或无法写入输出
  2  用法有误：连接、参数或选项不对；没有发出任何请求

错误在标准错误输出中占一行；LC_ALL、LC_MESSAGES或LANG为zh时用中文。";

/// What stands below the help of `test-connection`.
pub(super) const TEST_CONNECTION: &str = "\
Exit status:
  0  nothing was refused; what cannot be proved is said
  1  a credential was refused, or WeCom could not be asked
  2  the call is wrong: connection or options; nothing was sent";

const TEST_CONNECTION_ZH: &str = "\
退出码：
  0  没有被拒绝的凭据；无法验证的会如实说明
  1  有凭据被拒绝，或无法向企业微信查询
  2  用法有误：连接或选项不对；没有发出任何请求";

/// What is wrong with the call, in one line. clap's own words come in English only, and its tips help nobody.
pub(super) fn wrong_call(wrong: &clap::Error) -> String {
    let text = |kind| match wrong.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        _ => String::new(),
    };
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let mut line = match wrong.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            return say!(
                "a command is missing; `host-test --help` lists them",
                "缺少命令；`host-test --help`列出所有命令"
            );
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            let commands = super::Arguments::command();
            // clap finds names similar that are not.
            let proposal = decode::nearest(&name, commands.get_subcommands().map(Command::get_name));
            let proposal = proposal
                .map(did_you_mean)
                .unwrap_or_else(|| say!("; `host-test --help` lists the commands", "；`host-test --help`列出所有命令"));
            return say!("there is no command {name:?}{proposal}", "没有命令{name:?}{proposal}");
        }
        ErrorKind::UnknownArgument => say!("unexpected argument {argument:?}", "不认识的参数{argument:?}"),
        ErrorKind::MissingRequiredArgument => {
            say!("required arguments are missing: {argument}", "缺少必填参数：{argument}")
        }
        ErrorKind::InvalidValue if value.is_empty() => say!("{argument} has no value", "{argument}没有给出值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let rule = std::error::Error::source(wrong);
            let rule = rule.map(|rule| say!(": {rule}", "：{rule}")).unwrap_or_default();
            say!("{argument} cannot be {value:?}{rule}", "{argument}不能是{value:?}{rule}")
        }
        ErrorKind::ArgumentConflict => say!("{argument} is given twice", "{argument}给出了两次"),
        ErrorKind::TooManyValues => say!("{argument} takes no value", "{argument}不带值"),
        ErrorKind::InvalidUtf8 => say!("the arguments are not UTF-8", "参数不是UTF-8"),
        _ => wrong.to_string().split("\n\n").next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    };
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        let suggested = text(kind);
        let suggested = suggested.split(' ').next().filter(|name| !name.is_empty());
        line.push_str(&suggested.map(did_you_mean).unwrap_or_default());
    }
    line
}

/// The end of a line that says that there is no such thing.
pub(super) fn did_you_mean(name: impl fmt::Display) -> String {
    say!("; did you mean \"{name}\"?", "；是不是“{name}”？")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_is_chinese(text: &str) {
        assert_ne!(chinese(text), text, "there is no Chinese for it");
    }

    fn assert_all_is_chinese(command: &Command) {
        let texts = command.get_about().into_iter().chain(command.get_after_help());
        texts.chain(command.get_arguments().filter_map(clap::Arg::get_help)).for_each(|text| {
            assert_is_chinese(&text.to_string());
        });
        // The commands below `help` are copies, for names only.
        if command.get_name() != "help" {
            command.get_subcommands().for_each(assert_all_is_chinese);
        }
    }

    #[test]
    fn every_text_of_the_help_is_there_in_chinese() {
        let mut command = super::super::Arguments::command();
        command.build();
        assert_all_is_chinese(&command);
    }
}
