//! Which way a request leaves this machine: directly, or through a proxy that the environment names.
//!
//! The variables are those of curl, in capitals or small letters: `HTTPS_PROXY` and `HTTP_PROXY` by the scheme of the
//! request, `ALL_PROXY` where that one is not set, and `NO_PROXY` with the hosts that are reached directly. An empty
//! variable is one that is not set.
//!
//! `localhost` and the loopback addresses are never reached through a proxy, whatever the variables say. curl would ask
//! the proxy, where `NO_PROXY` does not name them; Go does as is done here. A proxy on another machine cannot know a
//! simulator on this one, and nobody has to extend `NO_PROXY` before the first `demo`.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;

use hyper::Uri;
use hyper::header::HeaderValue;
use hyper::http::uri::Authority;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::Misconfigured;

/// The way that a request takes.
#[derive(Clone, Debug)]
pub enum Way {
    /// To the host itself.
    Directly,
    /// Through a proxy.
    Proxy(Proxy),
}

/// A proxy, and the credentials for it.
#[derive(Clone, Debug)]
pub struct Proxy(Intercept);

impl Proxy {
    /// Its address, without credentials.
    pub(super) fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// For `Proxy-Authorization`: a secret.
    pub(super) fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// User name and password of a SOCKS proxy: a secret.
    pub(super) fn user(&self) -> Option<(&str, &str)> {
        self.0.raw_auth()
    }

    /// SOCKS knows nothing of HTTP: every request goes through a tunnel.
    pub(super) fn is_socks(&self) -> bool {
        self.uri().scheme_str().is_some_and(|scheme| scheme.starts_with("socks"))
    }
}

/// `http://host:port`: no user name and no password.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.uri();
        write!(f, "{}://{}", uri.scheme_str().unwrap_or("http"), uri.host().unwrap_or_default())?;
        uri.port_u16().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

/// What the environment says of proxies.
pub(super) struct Proxies {
    http: Setting,
    https: Setting,
    /// What `NO_PROXY` says of every port.
    matcher: Matcher,
    /// The same with those hosts that it names with this port.
    by_port: HashMap<u16, Matcher>,
}

/// The proxy of one scheme.
#[derive(Clone, Default)]
struct Setting {
    /// As [`Matcher`] takes it; empty for none.
    value: String,
    /// Why it is no proxy.
    fault: Option<Misconfigured>,
}

impl Proxies {
    /// Reads the variables. One that cannot be understood is a fault of the requests that would need it.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| {
                let value = variable(name)?;
                let value = value.trim();
                (!value.is_empty()).then(|| (name, value.to_owned()))
            })
        };
        let all = first(["ALL_PROXY", "all_proxy"]);
        let setting = |names| first(names).or_else(|| all.clone()).map(Setting::of).unwrap_or_default();
        let [http, https] = [["HTTP_PROXY", "http_proxy"], ["HTTPS_PROXY", "https_proxy"]].map(setting);

        let no_proxy = first(["NO_PROXY", "no_proxy"]).map(|(_, value)| value).unwrap_or_default();
        let mut hosts = Vec::new();
        let mut hosts_by_port: HashMap<u16, Vec<&str>> = HashMap::new();
        for entry in no_proxy.split([',', ' ', '\t']).filter(|entry| !entry.is_empty()) {
            match host_and_port(entry) {
                (host, None) => hosts.push(host),
                (host, Some(port)) => hosts_by_port.entry(port).or_default().push(host),
            }
        }
        let matcher =
            |hosts: &[&str]| Matcher::builder().http(&http.value).https(&https.value).no(hosts.join(",")).build();
        let by_port = hosts_by_port.into_iter().map(|(port, more)| (port, matcher(&[&hosts[..], &more].concat())));
        Self { by_port: by_port.collect(), matcher: matcher(&hosts), http, https }
    }

    /// The way to `uri`.
    pub(super) fn way(&self, uri: &Uri) -> Result<Way, Misconfigured> {
        if uri.host().is_none_or(is_loopback) {
            return Ok(Way::Directly);
        }
        let is_https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let Some(proxy) = self.by_port.get(&port).unwrap_or(&self.matcher).intercept(uri) else {
            return Ok(Way::Directly);
        };
        match &(if is_https { &self.https } else { &self.http }).fault {
            Some(fault) => Err(fault.clone()),
            None => Ok(Way::Proxy(Proxy(proxy))),
        }
    }
}

impl Setting {
    fn of((variable, value): (&'static str, String)) -> Self {
        // With the second in its place, hosts that are reached directly are still told from those that are not.
        understood(&value).map_or_else(
            || Self { value: "http://unusable.invalid".into(), fault: Some(Misconfigured::NoProxyAddress(variable)) },
            |value| Self { value, fault: None },
        )
    }
}

/// The address of a proxy as [`Matcher`] takes it. That one takes user name and password to end at the first `@`, and
/// would call the rest of a password a host; people forget to encode it.
fn understood(value: &str) -> Option<String> {
    const RESERVED: &AsciiSet = &CONTROLS.add(b'@').add(b'/').add(b'?').add(b'#').add(b'[').add(b']').add(b' ');
    let (scheme, rest) = value.split_once("://").unwrap_or(("http", value));
    let scheme = scheme.to_ascii_lowercase();
    let (user, host) = rest.rsplit_once('@').map_or((None, rest), |(user, host)| (Some(user), host));
    let host = host.strip_suffix('/').unwrap_or(host);
    let authority: Authority = host.parse().ok()?;
    let has_port = authority.host().len() < host.len();
    if !["http", "https", "socks5", "socks5h"].contains(&scheme.as_str())
        || authority.host().is_empty()
        || has_port != authority.port_u16().is_some()
    {
        return None;
    }
    let user = user.map(|user| format!("{}@", utf8_percent_encode(user, RESERVED))).unwrap_or_default();
    let value = format!("{scheme}://{user}{host}");
    // Any host will do to see whether the value is understood.
    Matcher::builder().http(&value).build().intercept(&Uri::from_static("http://wecom.invalid")).map(|_| value)
}

/// An entry of `NO_PROXY`, as [`Matcher`] knows them: it has no ports, no brackets and no `*.`.
fn host_and_port(entry: &str) -> (&str, Option<u16>) {
    let (host, port) = match entry.rsplit_once(':') {
        // An IPv6 address without brackets has colons of its own.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    (host.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(host), port)
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address: Option<IpAddr> = host.parse().ok();
    address.map_or_else(|| host.eq_ignore_ascii_case("localhost"), |address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use wecom_connector::secrecy::assert_no_secret;

    use super::*;

    /// `directly`, the address of the proxy, or the variable that is wrong.
    fn way(variables: &[(&str, &str)], uri: &str) -> String {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        match Proxies::of(&variable).way(&uri.parse().unwrap()) {
            Ok(Way::Directly) => "directly".into(),
            Ok(Way::Proxy(proxy)) => proxy.to_string(),
            Err(Misconfigured::NoProxyAddress(variable)) => variable.into(),
            Err(other) => panic!("{other:?}"),
        }
    }

    const WECOM: &str = "https://qyapi.weixin.qq.com";

    #[test]
    fn the_variable_of_the_scheme_comes_before_that_of_all() {
        for (variables, uri, expected) in [
            (&[] as &[(&str, &str)], WECOM, "directly"),
            (&[("HTTPS_PROXY", "http://a:1")], WECOM, "http://a:1"),
            (&[("https_proxy", "http://a:1")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", "http://a:1"), ("https_proxy", "http://b:2")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", ""), ("https_proxy", "http://b:2")], WECOM, "http://b:2"),
            (&[("HTTPS_PROXY", "a:1")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", " http://a:1/ ")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", "http://a:1")], "http://wecom.example", "directly"),
            (&[("HTTP_PROXY", "http://a:1")], "http://wecom.example", "http://a:1"),
            (&[("http_proxy", "http://a:1")], "http://wecom.example", "http://a:1"),
            (&[("HTTP_PROXY", "http://a:1")], WECOM, "directly"),
            (&[("ALL_PROXY", "https://a:1")], WECOM, "https://a:1"),
            (&[("all_proxy", "socks5h://a:1")], "http://wecom.example", "socks5h://a:1"),
            (&[("ALL_PROXY", "http://a:1"), ("HTTPS_PROXY", "http://b:2")], WECOM, "http://b:2"),
            (&[("HTTPS_PROXY", "http://user:PASSWORD@a:1")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", "socks4://a:1")], WECOM, "HTTPS_PROXY"),
            (&[("all_proxy", "ftp://a:1")], WECOM, "all_proxy"),
            (&[("HTTPS_PROXY", "HTTP://a:1")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", "http://[fd00::1]:1")], WECOM, "http://[fd00::1]:1"),
            (&[("HTTPS_PROXY", "http://a")], WECOM, "http://a"),
            (&[("HTTPS_PROXY", "http://user:PASS@WORD/#?[中@a:1/")], WECOM, "http://a:1"),
            (&[("HTTPS_PROXY", "http://a:1/path")], WECOM, "HTTPS_PROXY"),
            (&[("HTTPS_PROXY", "http://a:port")], WECOM, "HTTPS_PROXY"),
            (&[("HTTPS_PROXY", "http://user:PASSWORD@")], WECOM, "HTTPS_PROXY"),
            (&[("HTTPS_PROXY", "http://")], WECOM, "HTTPS_PROXY"),
            (&[("HTTPS_PROXY", "socks4://a:1")], "http://wecom.example", "directly"),
            (&[("HTTPS_PROXY", "socks4://a:1"), ("NO_PROXY", "qq.com")], WECOM, "directly"),
            (&[("HTTPS_PROXY", "socks4://a:1")], "https://127.0.0.1", "directly"),
        ] {
            assert_eq!(way(variables, uri), expected, "{variables:?} {uri}");
        }
    }

    #[test]
    fn credentials_are_sent_as_they_are_meant() {
        for (value, user_and_password) in [
            ("http://user:PASSWORD@a:1", "user:PASSWORD"),
            ("user:PASSWORD@a:1", "user:PASSWORD"),
            ("http://user:P%40SS@a:1", "user:P@SS"),
            ("http://user:P@SS/W#RD@a:1", "user:P@SS/W#RD"),
            ("http://user@a:1", "user:"),
        ] {
            let variable = |name: &str| (name == "ALL_PROXY").then(|| value.to_owned());
            let Ok(Way::Proxy(proxy)) = Proxies::of(&variable).way(&Uri::from_static(WECOM)) else { panic!("{value}") };
            let expected = format!("Basic {}", STANDARD.encode(user_and_password));
            assert_eq!(proxy.authorization().unwrap().to_str().unwrap(), expected, "{value}");
            assert_no_secret(&format!("{proxy:?} {proxy}"), ["user", "PASSWORD", &expected]);
        }
    }

    #[test]
    fn no_proxy_names_the_hosts_that_are_reached_directly() {
        for (no_proxy, uri, is_direct) in [
            ("*", WECOM, true),
            ("qyapi.weixin.qq.com", WECOM, true),
            ("QYAPI.weixin.qq.com", WECOM, true),
            ("qq.com", WECOM, true),
            (".qq.com", WECOM, true),
            ("*.qq.com", WECOM, true),
            ("q.com", WECOM, false),
            ("api.weixin.qq.com", WECOM, false),
            ("example.com, qq.com", WECOM, true),
            ("example.com qq.com", WECOM, true),
            ("qq.com:443", WECOM, true),
            ("qq.com:8443", WECOM, false),
            ("qq.com:8443", "https://qyapi.weixin.qq.com:8443", true),
            ("example.com,qq.com:8443", "https://example.com:8443", true),
            ("qq.com:80", "http://qyapi.weixin.qq.com", true),
            ("10.0.0.0/8", "http://10.20.30.40", true),
            ("10.0.0.0/8", "http://11.20.30.40", false),
            ("10.20.30.40", "http://10.20.30.40:8080", true),
            ("10.20.30.40:8080", "http://10.20.30.40:8080", true),
            ("10.20.30.40:8080", "http://10.20.30.40:8081", false),
            ("fd00::/8", "http://[fd00::1]", true),
            ("fd00::1", "http://[fd00::1]:8080", true),
            ("[fd00::1]", "http://[fd00::1]:8080", true),
            ("[fd00::1]:8080", "http://[fd00::1]:8080", true),
            ("[fd00::1]:8080", "http://[fd00::1]", false),
            ("", WECOM, false),
            (",", WECOM, false),
        ] {
            for name in ["NO_PROXY", "no_proxy"] {
                let way = way(&[("ALL_PROXY", "http://proxy:1"), (name, no_proxy)], uri);
                assert_eq!(way, if is_direct { "directly" } else { "http://proxy:1" }, "{no_proxy:?} {uri}");
            }
        }
    }

    #[test]
    fn loopback_is_never_reached_through_a_proxy() {
        for host in ["localhost", "LocalHost", "127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]"] {
            for scheme in ["http", "https"] {
                assert_eq!(way(&[("ALL_PROXY", "http://proxy:1")], &format!("{scheme}://{host}:8100")), "directly");
            }
        }
        assert_eq!(way(&[("ALL_PROXY", "http://proxy:1")], "http://localhost.example"), "http://proxy:1");
    }
}
