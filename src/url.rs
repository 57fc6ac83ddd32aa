//! The one place that builds URLs.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::words::{Phrase, phrase};

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
    /// Reads `https://host[:port][/prefix]`. The error is the broken rule, in words that fit behind a field's name.
    pub fn parse(text: &str) -> Result<Self, Phrase> {
        const RULE: Phrase = phrase!(
            "must be a URL such as https://qyapi.weixin.qq.com: http or https, a host name, and at most a port and a path"
        );
        let uri: http::Uri = text.parse().map_err(|_| RULE)?;
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

    /// Splits a chatbot's webhook address into the base URL and the key that stands in its query.
    pub fn parse_webhook(text: &str) -> Result<(Self, String), Phrase> {
        const RULE: Phrase = phrase!(
            "must be the key, or the whole webhook address as WeCom shows it: https://…/cgi-bin/webhook/send?key=…"
        );
        let text = text.split('#').next().unwrap_or_default();
        let (address, query) = text.split_once('?').ok_or(RULE)?;
        let base = Self::parse(address.strip_suffix("/cgi-bin/webhook/send").ok_or(RULE)?)?;
        let key = query.split('&').find_map(|pair| pair.strip_prefix("key=")).ok_or(RULE)?;
        let key = percent_encoding::percent_decode_str(key).decode_utf8().map_err(|_| RULE)?;
        if key.is_empty() {
            return Err(RULE);
        }
        Ok((base, key.into_owned()))
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
            path_and_query.push_str(name);
            path_and_query.push('=');
            path_and_query.extend(utf8_percent_encode(value, RESERVED));
        }
        Target { scheme: self.scheme, authority: self.authority.clone(), path_and_query }
    }
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
            "qyapi.weixin.qq.com",
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
            "https://host\u{0}",
            "https://host/代理",
            "https://host/\u{7f}",
            "//host",
        ] {
            assert!(BaseUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_webhook_address_gives_base_and_key() {
        let address = "https://proxy.example/wx/cgi-bin/webhook/send?debug=1&key=693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa";
        let (base, key) = BaseUrl::parse_webhook(address).unwrap();
        assert_eq!(base, BaseUrl::parse("https://proxy.example/wx").unwrap());
        assert_eq!(key, "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa");
        for text in [
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
            "https://qyapi.weixin.qq.com/cgi-bin/message/send?key=1",
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=%FF",
        ] {
            assert!(BaseUrl::parse_webhook(text).is_err(), "{text:?}");
        }
    }
}
