//! The one place that builds URLs.
//!
//! `http` reads them, and not `url`, which repairs as browsers do: of a mistyped address it makes a good one of another
//! host, which would get the secrets. What people have instead of an address is known here only.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::text::{Phrase, phrase};
use crate::tidy;

/// The public WeCom service.
pub const DEFAULT_BASE_URL: &str = "https://qyapi.weixin.qq.com";

/// The longest text that goes into a URL, in bytes: far beyond any real ID or secret, and short enough for every host.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Where every API stands below the base URL.
const API_ROOT: &str = "/cgi-bin/";

/// All but the characters that RFC 3986 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where WeCom answers: scheme, authority and, behind a proxy, a path prefix. Has no trailing slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: Scheme,
    authority: String,
    prefix: String,
}

/// The scheme of a [`BaseUrl`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP: a simulator, or a proxy that adds TLS itself.
    Http,
    /// HTTP over TLS.
    Https,
}

/// A request target: everything the host needs to reach an API. `path_and_query` holds secrets, so this type has no
/// `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// The scheme of the base URL.
    pub scheme: Scheme,
    /// Host and, where it is not the scheme's own, port.
    pub authority: String,
    /// Path and encoded query.
    pub path_and_query: String,
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self {
            scheme: Scheme::Https,
            authority: DEFAULT_BASE_URL["https://".len()..].to_owned(),
            prefix: String::new(),
        }
    }
}

impl BaseUrl {
    /// Reads `https://host[:port][/prefix]`, and what people have instead: an address without a scheme, which means
    /// HTTPS, and that of an API, which is cut at `/cgi-bin`. The error is the broken rule, in words that fit behind a
    /// field's name.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        const RULE: Phrase = phrase!(
            "must be a URL such as https://qyapi.weixin.qq.com: http or https, a host name, and at most a port and a path"
        );
        let text = before_api(tidy::bare(text));
        let uri: http::Uri = with_scheme(text).parse().map_err(|_| RULE)?;
        let scheme = match uri.scheme_str() {
            Some("https") => Scheme::Https,
            Some("http") => Scheme::Http,
            _ => return Err(RULE),
        };
        let authority = uri.authority().ok_or(RULE)?;
        if authority.host().is_empty() {
            return Err(RULE);
        }
        if authority.as_str().contains('@') {
            return Err(phrase!("must not hold a user name or a password"));
        }
        // `http` takes any digits, or none, behind the colon.
        let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
        if !port.is_empty() && authority.port_u16().is_none_or(|port| port == 0) {
            return Err(phrase!("must have a port from 1 to 65535, or none"));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(phrase!("must end with the host, the port or a path: no ? and no #"));
        }
        // `http` takes any UTF-8 in a path; hosts and proxies do not.
        if !uri.path().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(phrase!("must have a path in ASCII: anything else percent-encoded"));
        }
        Ok(Self {
            scheme,
            authority: authority.as_str().to_owned(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Reads a chatbot's key, in whatever form it was copied: alone, as `key=…`, or in its webhook address, with or
    /// without a scheme. An address gives the base URL too.
    pub fn parse_key(text: &str) -> Result<(Option<Self>, String), Phrase> {
        const RULE: Phrase = phrase!(
            "must be the key, or the whole webhook address as WeCom shows it: https://…/cgi-bin/webhook/send?key=…"
        );
        let text = without_name(tidy::bare(text));
        // A key alone is opaque: what it may hold, WeCom knows.
        if !["://", "webhook/", "key="].iter().any(|part| text.contains(part)) {
            return Ok((None, text.to_owned()));
        }
        let (address, query) = text.split_once('?').unwrap_or(if text.contains('/') { (text, "") } else { ("", text) });
        let query = query.split('#').next().unwrap_or_default();
        let address = address.trim_end_matches('/');
        let base = match before_webhook(address) {
            // Of a path alone, or of nothing, the key is all that counts.
            Some("") => None,
            // What stands before the path is a prefix, even where that has the path of an API in it.
            Some(base) => Some(Self::parse(&format!("{base}/cgi-bin")).map_err(|_| RULE)?),
            None => return Err(RULE),
        };
        let key =
            query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case("key"));
        let (_, key) = key.ok_or(RULE)?;
        let key = percent_encoding::percent_decode_str(key).decode_utf8().map_err(|_| RULE)?;
        let key = tidy::bare(&key);
        if key.is_empty() { Err(RULE) } else { Ok((base, key.to_owned())) }
    }

    /// Host and, where it is not the scheme's own, port.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The target of `api` (`message/send`) with the query's names and values.
    pub fn target<'a>(&self, api: &str, query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Target {
        let mut path_and_query = format!("{}{API_ROOT}{api}", self.prefix);
        for (index, (name, value)) in query.into_iter().enumerate() {
            path_and_query.push(if index == 0 { '?' } else { '&' });
            path_and_query.extend(utf8_percent_encode(name, RESERVED));
            path_and_query.push('=');
            path_and_query.extend(utf8_percent_encode(value, RESERVED));
        }
        Target { scheme: self.scheme, authority: self.authority.clone(), path_and_query }
    }
}

/// The address before the path of the APIs, where it goes on with that: people have a base URL from a program that wanted
/// the whole path, and what follows may hold a secret.
fn before_api(text: &str) -> &str {
    const PATH: &str = "/cgi-bin";
    let end = text.rmatch_indices(PATH).map(|(at, _)| at).find(|at| {
        let rest = &text[at + PATH.len()..];
        rest.is_empty() || rest.starts_with(['/', '?', '#'])
    });
    end.map_or(text, |end| &text[..end])
}

/// What is behind the name that a key has in a file of settings.
fn without_name(text: &str) -> &str {
    const NAMES: [&str; 5] = ["key", "chatbot_key", "wecom_chatbot_key", "webhook", "webhook_url"];
    let text = text.strip_prefix("export ").unwrap_or(text);
    let named = text.split_once(['=', ':', '：']).filter(|(name, _)| {
        let name = name.trim();
        NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
    });
    named.map_or(text, |(_, value)| tidy::bare(value.trim_end_matches([';', ',', '；', '，'])))
}

/// What stands before the path in a webhook's address; empty where that is all there is.
fn before_webhook(address: &str) -> Option<&str> {
    if address.is_empty() {
        return Some(address);
    }
    let host = ["webhook/send", "webhook/upload_media"].into_iter().find_map(|api| address.strip_suffix(api))?;
    if host.is_empty() { Some(host) } else { host.strip_suffix("cgi-bin/").map(|host| host.trim_end_matches('/')) }
}

/// The address with its scheme: HTTPS where it has none, so that nothing secret ever leaves in the clear unasked.
fn with_scheme(text: &str) -> Cow<'_, str> {
    let address = text.strip_prefix("//").unwrap_or(text);
    let host = address.split('/').next().unwrap_or_default();
    // A word alone is more likely a secret in the wrong field than a host.
    if text.contains("://") || !host.contains(['.', ':']) && host != "localhost" {
        return text.into();
    }
    format!("https://{address}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_keeps_its_port_and_prefix() {
        let base = BaseUrl::parse("http://127.0.0.1:8080/proxy/wecom/").unwrap();
        let target = base.target("user/get", [("access_token", "a+b/c="), ("userid", "a@b 中")]);
        assert_eq!(target.authority, "127.0.0.1:8080");
        assert_eq!(
            target.path_and_query,
            "/proxy/wecom/cgi-bin/user/get?access_token=a%2Bb%2Fc%3D&userid=a%40b%20%E4%B8%AD"
        );
        // A name is somebody's, too: it can neither end the query nor begin another pair.
        let target = base.target("user/get", [("a&access_token=X#名", "1")]);
        assert_eq!(target.path_and_query, "/proxy/wecom/cgi-bin/user/get?a%26access_token%3DX%23%E5%90%8D=1");
    }

    #[test]
    fn the_default_base_url_is_the_public_service() {
        assert_eq!(BaseUrl::parse(DEFAULT_BASE_URL), Ok(BaseUrl::default()));
        assert_eq!(BaseUrl::parse("https://qyapi.weixin.qq.com/"), Ok(BaseUrl::default()));
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        for text in [
            "",
            " ",
            "ftp://host",
            "https://",
            "https:///path",
            "https://host:port",
            "https://host:",
            "https://host:0",
            "https://host:65536",
            "https://user:password@host",
            "https://host?x=1",
            "https://host/#x",
            "https://企业微信",
            "https://ho st",
            "https://ho\u{0}st",
            "word",
            "https://host/代理",
            "https://host/\u{7f}x",
            "//",
            "mailto:a@b.cn",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_base_url_is_what_people_have_from_elsewhere() {
        let base = BaseUrl::parse("https://host.cn:8443/prefix").unwrap();
        for text in [
            "https://host.cn:8443/prefix/",
            " \"https://host.cn:8443/prefix\"\n",
            "https://host.cn:8443/prefix/cgi-bin",
            "https://host.cn:8443/prefix/cgi-bin/",
            "https://host.cn:8443/prefix/cgi-bin/gettoken",
            "https://host.cn:8443/prefix/cgi-bin/gettoken?corpid=x&corpsecret=y#z",
            "https://host.cn:8443/prefix/cgi-bin/webhook/send?key=x",
            "host.cn:8443/prefix",
            "//host.cn:8443/prefix/cgi-bin/",
        ] {
            assert_eq!(BaseUrl::parse(text).as_ref(), Ok(&base), "{text}");
        }
        for (text, path) in [
            ("https://host/cgi-bin-proxy", "/cgi-bin-proxy/cgi-bin/gettoken"),
            ("https://host/cgi-bin/cgi-bin/gettoken", "/cgi-bin/cgi-bin/gettoken"),
            ("[::1]:8100", "/cgi-bin/gettoken"),
        ] {
            assert_eq!(BaseUrl::parse(text).unwrap().target("gettoken", []).path_and_query, path, "{text}");
        }
        assert_eq!(BaseUrl::parse("qyapi.weixin.qq.com"), Ok(BaseUrl::default()));
    }

    #[test]
    fn a_key_is_read_in_every_form() {
        const KEY: &str = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
        let public = Some(BaseUrl::default());
        let proxy = BaseUrl::parse("https://proxy.example/wx").ok();
        for (text, base) in [
            ("{}", None),
            (" '{}'\n", None),
            ("key={}", None),
            ("KEY = {};", None),
            ("key：{}", None),
            ("export WECOM_CHATBOT_KEY=\"{}\"", None),
            ("?key={}", None),
            ("/cgi-bin/webhook/send?key={}", None),
            ("webhook/send?key={}", None),
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}", public.clone()),
            ("\"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}\"", public.clone()),
            ("qyapi.weixin.qq.com/cgi-bin/webhook/send?key={}", public.clone()),
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send/?key={}#x", public.clone()),
            ("https://qyapi.weixin.qq.com/cgi-bin/webhook/upload_media?type=file&key={}", public),
            ("https://proxy.example/wx/cgi-bin/webhook/send?debug=1&key={}%20", proxy),
        ] {
            let text = text.replace("{}", KEY);
            assert_eq!(BaseUrl::parse_key(&text), Ok((base, KEY.to_owned())), "{text}");
        }
        for text in [
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%20",
            "https://qyapi.weixin.qq.com/cgi-bin/message/send?key=1",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%FF",
            "https://user:password@host/cgi-bin/webhook/send?key=1",
            "https://host:0/cgi-bin/webhook/send?key=1",
            "https://host/webhook/?key=1",
            "https://host/?key=1",
            "https://host",
        ] {
            assert!(BaseUrl::parse_key(text).is_err(), "{text:?}");
        }
    }
}
