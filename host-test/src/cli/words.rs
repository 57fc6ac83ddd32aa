//! The command line's own words, in both languages. What the component says it says in both itself.

use std::fmt;
use std::io;
use std::sync::LazyLock;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use wecom_connector::decode;

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
            "{variable} 必须是代理地址，如 http://host:port，可用 http、https、socks5 或 socks5h；\
             用户名和密码中的 @、/ 等字符须用百分号编码"
        ),
        Misconfigured::NoCertificate(variable) => say!(
            "{variable} must name what can be read and holds a certificate in PEM",
            "{variable} 必须指向可读取的 PEM 证书"
        ),
        Misconfigured::NoTls => say!("TLS cannot be set up", "无法启用 TLS"),
    }
}

/// Which way a request was tried, and what stood in its way.
pub(crate) fn attempt(attempt: &Attempt) -> String {
    let way = match &attempt.way {
        Way::Directly => say!("Tried directly", "尝试方式：直接连接"),
        Way::Proxy(proxy) => say!("Tried through the proxy {proxy}", "尝试方式：经代理 {proxy}"),
    };
    match &attempt.obstacle {
        None => say!("{way}.", "{way}。"),
        Some(Obstacle::Proxy(status)) => say!("{way}, which answered {status}.", "{way}，代理答复 {status}。"),
        Some(Obstacle::Tls(words)) => say!("{way}; TLS says: {words}.", "{way}；TLS 报告：{words}。"),
    }
}

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
                "缺少命令；`host-test --help` 列出所有命令"
            );
        }
        ErrorKind::InvalidSubcommand => {
            let name = text(ContextKind::InvalidSubcommand);
            let commands = super::Arguments::command();
            // clap finds names similar that are not.
            let proposal = decode::nearest(&name, commands.get_subcommands().map(clap::Command::get_name));
            let proposal = proposal.map(did_you_mean).unwrap_or_else(|| {
                say!("; `host-test --help` lists the commands", "；`host-test --help` 列出所有命令")
            });
            return say!("there is no command {name:?}{proposal}", "没有命令 {name:?}{proposal}");
        }
        ErrorKind::UnknownArgument => say!("unexpected argument {argument:?}", "不认识的参数 {argument:?}"),
        ErrorKind::MissingRequiredArgument => {
            say!("required arguments are missing: {argument}", "缺少必填参数：{argument}")
        }
        ErrorKind::InvalidValue if value.is_empty() => say!("{argument} has no value", "{argument} 没有给出值"),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            let rule = std::error::Error::source(wrong).map(|rule| format!(": {rule}")).unwrap_or_default();
            say!("{argument} cannot be {value:?}{rule}", "{argument} 不能是 {value:?}{rule}")
        }
        ErrorKind::ArgumentConflict => say!("{argument} is given twice", "{argument} 给出了两次"),
        ErrorKind::TooManyValues => say!("{argument} takes no value", "{argument} 不带值"),
        ErrorKind::InvalidUtf8 => say!("the arguments are not UTF-8", "参数不是 UTF-8"),
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
