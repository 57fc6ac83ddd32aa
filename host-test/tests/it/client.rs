//! The way out of the host: proxies, TLS and IPv6, with real sockets, as the command line is told of them by the
//! environment.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Output;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;
use wecom_connector::secrecy::assert_no_secret;

use crate::harness::host_test;

const KEY: &str = "51a00000-0000-4000-8000-0000000000c7";
const PASSWORD: &str = "PROXY-password-0123456789";

// ---------------------------------------------------------------------------------------------------- a certificate

/// A certificate authority that no system trusts.
const CA: &str = "-----BEGIN CERTIFICATE-----
MIIBazCCAR2gAwIBAgIUIVZvcf1bHMO0PD+zs0oaSh+BaocwBQYDK2VwMCIxIDAe
BgNVBAMMF3ByaXZhdGUtY2Etb2YtdGhlLXRlc3RzMCAXDTI2MTEyNTIzNTg0MVoY
DzIxMjYxMTAxMjM1ODQxWjAiMSAwHgYDVQQDDBdwcml2YXRlLWNhLW9mLXRoZS10
ZXN0czAqMAUGAytlcAMhACL8KXeS8Lb/wL/P237bDAqhTgJaNl7A40Lobjgpy3S2
o2MwYTAdBgNVHQ4EFgQUBH9oUPk0wl5oCDjHeK3lgl0ro9YwHwYDVR0jBBgwFoAU
BH9oUPk0wl5oCDjHeK3lgl0ro9YwDwYDVR0TAQH/BAUwAwEB/zAOBgNVHQ8BAf8E
BAMCAQYwBQYDK2VwA0EAcpRb+I9szTQ8MWsLQ8CIa7MifVW+xkfKg694T5ugDxJH
REWtj26bV9wxsgx2BbUDH9wK2bukHXVrhF0TeOHiBw==
-----END CERTIFICATE-----
";
/// What it signed, for wecom.test, proxy.test, 127.0.0.1 and ::1, from 2020 to 2126.
const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----
MIIBijCCATygAwIBAgIBATAFBgMrZXAwIjEgMB4GA1UEAwwXcHJpdmF0ZS1jYS1v
Zi10aGUtdGVzdHMwIBcNMjAwMTAxMDAwMDAwWhgPMjEyNjAxMDEwMDAwMDBaMBUx
EzARBgNVBAMMCndlY29tLnRlc3QwKjAFBgMrZXADIQDXWXk7vBOigZqCfHattvuo
pJruAH9J8tCZLZm4Ja0sSKOBoTCBnjAMBgNVHRMBAf8EAjAAMBMGA1UdJQQMMAoG
CCsGAQUFBwMBMDkGA1UdEQQyMDCCCndlY29tLnRlc3SCCnByb3h5LnRlc3SHBH8A
AAGHEAAAAAAAAAAAAAAAAAAAAAEwHQYDVR0OBBYEFDpgVNE7xE8wF/YGuDpZSYXD
kctbMB8GA1UdIwQYMBaAFAR/aFD5NMJeaAg4x3it5YJdK6PWMAUGAytlcANBAPy0
ARrDkZSZwzxx9Tkmpu6opUeC5UFwYSWorCaQ0R2povzn+VblSBKDrA5mGsPoTLf2
2+NPnTkgwytTqjZIagI=
-----END CERTIFICATE-----
";
/// One that signed itself, for wecom.test and 127.0.0.1. It is an authority at once, as `openssl req -x509` makes it.
const SELF_SIGNED: &str = "-----BEGIN CERTIFICATE-----
MIIBNTCB6KADAgECAgEBMAUGAytlcDAbMRkwFwYDVQQDDBBzZWxmLXNpZ25lZC50
ZXN0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjYwMTAxMDAwMDAwWjAbMRkwFwYDVQQD
DBBzZWxmLXNpZ25lZC50ZXN0MCowBQYDK2VwAyEA11l5O7wTooGagnx2rbb7qKSa
7gB/SfLQmS2ZuCWtLEijTzBNMA8GA1UdEwEB/wQFMAMBAf8wGwYDVR0RBBQwEoIK
d2Vjb20udGVzdIcEfwAAATAdBgNVHQ4EFgQUOmBU0TvETzAX9ga4OllJhcORy1sw
BQYDK2VwA0EAG+kPYzA7fn+ASomCQQI3EgWSQ2zYFuPM1HLyXx3kdTQoIZH9n+xp
RKtPATaFv5bT/2klO2tK1lrTFJB5ZuLKAA==
-----END CERTIFICATE-----
";
/// What the Ed25519 key of both certificates is made from, and what stands before it in PKCS #8.
const SEED: [u8; 32] = [0x44; 32];
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

fn tls(stream: TcpStream, certificate: &str) -> StreamOwned<ServerConnection, TcpStream> {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from([&PKCS8[..], &SEED].concat()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream)
}

/// A folder with the authority's certificate as `ca.pem`, and as OpenSSL names it in a folder.
fn authority() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), CA).unwrap();
    std::fs::create_dir(folder.path().join("certs")).unwrap();
    std::fs::write(folder.path().join("certs/01234567.0"), CA).unwrap();
    std::fs::write(folder.path().join("none.pem"), "no certificate").unwrap();
    folder
}

// ----------------------------------------------------------------------------------------------------------- servers

/// A server on loopback, and the heads of the requests that it got.
struct Server {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves each connection on a thread of its own, until the test is over.
    fn start(ip: impl Into<IpAddr>, serve: impl Fn(TcpStream, &Heads) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((ip.into(), 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::default();
        let (serve, shared) = (Arc::new(serve), Heads(Arc::clone(&heads)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (serve, shared) = (Arc::clone(&serve), Heads(Arc::clone(&shared.0)));
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, heads }
    }

    /// WeCom, as far as one push needs it.
    fn wecom(ip: impl Into<IpAddr>) -> Self {
        Self::start(ip, answer::<TcpStream>)
    }

    /// The same behind TLS.
    fn secure_wecom(ip: impl Into<IpAddr>) -> Self {
        Self::start(ip, |stream, heads| answer(tls(stream, CERTIFICATE), heads))
    }

    fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The first line of each request.
    fn requests(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.lines().next().unwrap().to_owned()).collect()
    }
}

struct Heads(Arc<Mutex<Vec<String>>>);

impl Heads {
    /// Reads the head of a request, byte by byte so that what follows stays.
    fn read(&self, stream: &mut impl Read) -> io::Result<String> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        self.0.lock().unwrap().push(head.clone());
        Ok(head)
    }
}

/// A header's value.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(": "));
    headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn answer<T: Read + Write>(mut stream: T, heads: &Heads) {
    let Ok(head) = heads.read(&mut stream) else { return };
    let mut body = vec![0; header(&head, "content-length").unwrap_or("0").parse().unwrap()];
    stream.read_exact(&mut body).unwrap();
    let reply = r#"{"errcode":0,"errmsg":"ok"}"#;
    let length = reply.len();
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{reply}").unwrap();
    stream.flush().unwrap();
}

/// Copies what comes from either side to the other.
fn join(client: TcpStream, server: TcpStream) {
    let ends = [(client.try_clone().unwrap(), server.try_clone().unwrap()), (server, client)];
    for (mut from, mut to) in ends {
        std::thread::spawn(move || {
            let _ = io::copy(&mut from, &mut to);
            let _ = to.shutdown(std::net::Shutdown::Write);
        });
    }
}

/// What a proxy of a test does.
#[derive(Clone, Copy)]
enum Rule {
    /// Reaches this server, whatever host it is asked for.
    Reach(SocketAddr),
    /// The same, for those who know [`PASSWORD`].
    ReachWithPassword(SocketAddr),
    /// Answers this.
    Refuse(&'static str),
}

fn proxy(rule: Rule) -> Server {
    Server::start(Ipv4Addr::LOCALHOST, move |mut client, heads| {
        let Ok(head) = heads.read(&mut client) else { return };
        let expected = format!("Basic {}", STANDARD.encode(format!("user:{PASSWORD}")));
        let (server, words) = match rule {
            Rule::Refuse(words) => (None, words),
            Rule::Reach(server) => (Some(server), ""),
            Rule::ReachWithPassword(server) if header(&head, "proxy-authorization") == Some(&expected) => {
                (Some(server), "")
            }
            Rule::ReachWithPassword(_) => (None, "407 Proxy Authentication Required"),
        };
        let Some(server) = server else {
            write!(client, "HTTP/1.1 {words}\r\nContent-Length: 0\r\n\r\n").unwrap();
            return;
        };
        let mut server = TcpStream::connect(server).unwrap();
        if head.starts_with("CONNECT ") {
            // Old proxies speak HTTP/1.0, and some have something to say of themselves.
            let reply: &[u8] = match rule {
                Rule::Reach(_) => b"HTTP/1.1 200 Connection established\r\n\r\n",
                _ => b"HTTP/1.0 200 OK\r\nProxy-Agent: test\r\nConnection: close\r\n\r\n",
            };
            client.write_all(reply).unwrap();
        } else {
            // A server that has to know absolute form, as every HTTP/1.1 server does; the credentials stay here.
            let lines = head.lines().filter(|line| !line.to_ascii_lowercase().starts_with("proxy-authorization"));
            let lines: Vec<&str> = lines.collect();
            server.write_all(lines.join("\r\n").as_bytes()).unwrap();
            server.write_all(b"\r\n").unwrap();
        }
        join(client, server);
    })
}

/// A proxy that speaks SOCKS 5 and asks for user name and password. The heads are what it was asked for.
fn socks_proxy(server: SocketAddr) -> Server {
    Server::start(Ipv4Addr::LOCALHOST, move |mut client, heads| {
        let read = |client: &mut TcpStream, length: usize| {
            let mut bytes = vec![0; length];
            client.read_exact(&mut bytes).unwrap();
            bytes
        };
        let text = |client: &mut TcpStream| {
            let length = read(client, 1)[0];
            String::from_utf8(read(client, length.into())).unwrap()
        };
        let methods = read(&mut client, 2)[1];
        assert!(read(&mut client, methods.into()).contains(&2), "user name and password are offered");
        client.write_all(&[5, 2]).unwrap();
        read(&mut client, 1);
        assert_eq!([text(&mut client), text(&mut client)], ["user", PASSWORD]);
        client.write_all(&[1, 0]).unwrap();
        assert_eq!(read(&mut client, 4), [5, 1, 0, 3], "the proxy is to resolve the name");
        let host = text(&mut client);
        let port = u16::from_be_bytes(read(&mut client, 2).try_into().unwrap());
        heads.0.lock().unwrap().push(format!("{host}:{port}"));
        client.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 0]).unwrap();
        join(client, TcpStream::connect(server).unwrap());
    })
}

/// A port of loopback where nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap()
}

// -------------------------------------------------------------------------------------------------- the command line

/// One push by a chatbot to the server at `base_url`. Whatever comes of it shows no secret.
fn push(base_url: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = host_test(&["invoke", "push-text-message-by-chatbot", "--connection", "env"]);
    command.args(["--parameters", r#"{"content":"hello"}"#, "--json"]);
    command.env("WECOM_CHATBOT_KEY", KEY).env("WECOM_BASE_URL", base_url).env("WECOM_TIMEOUT_SECONDS", "10");
    command.envs(environment.iter().copied());
    let output = command.output().unwrap();
    let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let encoded = STANDARD.encode(format!("user:{PASSWORD}"));
    assert_no_secret(&shown, [KEY, PASSWORD, &encoded, "user:"]);
    output
}

#[track_caller]
fn assert_delivered(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The one line of a failure, with that status.
#[track_caller]
fn line(output: &Output, status: i32) -> String {
    let line = String::from_utf8_lossy(&output.stderr).trim_end().to_owned();
    assert_eq!(output.status.code(), Some(status), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

#[track_caller]
fn assert_holds(line: &str, words: &[&str]) {
    for word in words {
        assert!(line.contains(word), "{word:?} is not in {line}");
    }
}

fn error(output: &Output) -> Value {
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["error"].clone()
}

// ------------------------------------------------------------------------------------------------------------ proxies

#[test]
fn plain_http_goes_through_a_proxy_in_absolute_form() {
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        let wecom = Server::wecom(Ipv4Addr::LOCALHOST);
        let proxy = proxy(Rule::ReachWithPassword(wecom.address));
        let address = format!("http://user:{PASSWORD}@{}", proxy.address);
        assert_delivered(&push("http://wecom.test:8080/prefix", &[(name, &address)]));
        let line = format!("POST http://wecom.test:8080/prefix/cgi-bin/webhook/send?key={KEY} HTTP/1.1");
        assert_eq!(proxy.requests(), [line.as_str()]);
        assert_eq!(header(&proxy.heads()[0], "host"), Some("wecom.test:8080"));
        assert_eq!(wecom.requests(), [line]);
    }
}

#[test]
fn https_goes_through_a_tunnel() {
    let folder = authority();
    let file = folder.path().join("ca.pem");
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let wecom = Server::secure_wecom(Ipv4Addr::LOCALHOST);
        let proxy = proxy(Rule::ReachWithPassword(wecom.address));
        let address = format!("http://user:{PASSWORD}@{}", proxy.address);
        let trusted = ("NODE_EXTRA_CA_CERTS", file.to_str().unwrap());
        assert_delivered(&push("https://wecom.test", &[(name, &address), trusted]));
        assert_eq!(proxy.requests(), ["CONNECT wecom.test:443 HTTP/1.1"]);
        assert_eq!(header(&proxy.heads()[0], "host"), Some("wecom.test:443"));
        // The key and the proxy's password each go to one place only.
        assert_no_secret(&proxy.heads()[0], [KEY]);
        assert_eq!(wecom.requests(), [format!("POST /cgi-bin/webhook/send?key={KEY} HTTP/1.1")]);
        assert_eq!(header(&wecom.heads()[0], "proxy-authorization"), None);
    }
}

#[test]
fn a_proxy_may_want_tls_or_speak_socks() {
    let folder = authority();
    let file = folder.path().join("ca.pem");
    let trusted = ("SSL_CERT_FILE", file.to_str().unwrap());
    let wecom = Server::secure_wecom(Ipv4Addr::LOCALHOST);
    let upstream = wecom.address;
    let proxy = Server::start(Ipv4Addr::LOCALHOST, move |client, heads| {
        // One thread carries both directions, so that each side speaks in turn: enough for TLS within TLS.
        let mut client = tls(client, CERTIFICATE);
        let Ok(_) = heads.read(&mut client) else { return };
        client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let mut server = TcpStream::connect(upstream).unwrap();
        client.sock.set_read_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
        server.set_read_timeout(Some(std::time::Duration::from_millis(20))).unwrap();
        let mut bytes = [0; 16 * 1024];
        loop {
            match client.read(&mut bytes) {
                Ok(0) => return,
                Ok(read) => server.write_all(&bytes[..read]).unwrap(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
            match server.read(&mut bytes) {
                Ok(0) => return,
                Ok(read) => client.write_all(&bytes[..read]).unwrap(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(_) => return,
            }
        }
    });
    assert_delivered(&push("https://wecom.test", &[("HTTPS_PROXY", &format!("https://{}", proxy.address)), trusted]));
    assert_eq!(proxy.requests(), ["CONNECT wecom.test:443 HTTP/1.1"]);

    for scheme in ["socks5", "socks5h"] {
        let proxy = socks_proxy(upstream);
        let address = format!("{scheme}://user:{PASSWORD}@{}", proxy.address);
        assert_delivered(&push("https://wecom.test", &[("ALL_PROXY", &address), trusted]));
        assert_eq!(proxy.heads(), ["wecom.test:443"]);

        let wecom = Server::wecom(Ipv4Addr::LOCALHOST);
        let proxy = socks_proxy(wecom.address);
        let address = format!("{scheme}://user:{PASSWORD}@{}", proxy.address);
        assert_delivered(&push("http://wecom.test", &[("ALL_PROXY", &address)]));
        assert_eq!(proxy.heads(), ["wecom.test:80"]);
        assert_eq!(wecom.requests(), [format!("POST /cgi-bin/webhook/send?key={KEY} HTTP/1.1")]);
    }
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_answer() {
    let rejected = "permanent-rejected";
    for (answer, case) in [
        ("407 Proxy Authentication Required", rejected),
        ("403 Forbidden", rejected),
        ("429 Too Many Requests", "retryable"),
        ("502 Bad Gateway", "retryable"),
        ("504 Gateway Timeout", "retryable"),
    ] {
        let proxy = proxy(Rule::Refuse(answer));
        let shown = format!("http://{}", proxy.address);
        let address = format!("http://user:{PASSWORD}@{}", proxy.address);
        let output = push("https://wecom.test", &[("HTTPS_PROXY", &address)]);
        // Nothing has been sent to WeCom: no write has an unknown outcome.
        assert_eq!(error(&output)["case"], case, "{answer}");
        let words = format!("Tried through the proxy {shown}, which answered {answer}.");
        assert_holds(&line(&output, 1), &[case, &words]);
    }
    // The same where the password is wrong, or left out.
    let proxy = proxy(Rule::ReachWithPassword(nobody()));
    for user in ["", "user@", "user:wrong@"] {
        let output = push("https://wecom.test", &[("HTTPS_PROXY", &format!("http://{user}{}", proxy.address))]);
        let words = format!("http://{}, which answered 407 Proxy Authentication Required.", proxy.address);
        assert_holds(&line(&output, 1), &[rejected, &words]);
        let output = push("http://wecom.test", &[("HTTP_PROXY", &format!("http://{user}{}", proxy.address))]);
        let words = format!("Tried through the proxy http://{}.", proxy.address);
        assert_holds(&line(&output, 1), &[rejected, "407", &words]);
    }
}

#[test]
fn an_error_says_which_way_was_tried() {
    let proxy = nobody();
    let address = format!("http://user:{PASSWORD}@{proxy}");
    for base_url in ["http://wecom.test", "https://wecom.test"] {
        let output = push(base_url, &[("ALL_PROXY", &address)]);
        assert_holds(&line(&output, 1), &["retryable", &format!("Tried through the proxy http://{proxy}.")]);
        let output = push(base_url, &[("ALL_PROXY", &format!("http://user:{PASSWORD}@proxy.invalid:3128"))]);
        let words = ["retryable", "was not resolved", "Tried through the proxy http://proxy.invalid:3128."];
        assert_holds(&line(&output, 1), &words);
    }
    let output = push("http://wecom.invalid", &[]);
    assert_holds(&line(&output, 1), &["retryable", "was not resolved", "Tried directly."]);
    let output = push("http://wecom.invalid", &[("LC_ALL", "zh_CN.UTF-8"), ("HTTP_PROXY", &address)]);
    assert_holds(&line(&output, 1), &[&format!("尝试方式：经代理http://{proxy}。"), "请检查", "原因：连接被拒绝"]);
}

#[test]
fn no_proxy_and_loopback_are_reached_directly() {
    let wecom = Server::wecom(Ipv4Addr::LOCALHOST);
    let proxy = proxy(Rule::Refuse("403 Forbidden"));
    let address = format!("http://{}", proxy.address);
    let proxies = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(|name| (name, address.as_str()));
    // The simulator is on loopback: it works whatever the environment says of proxies.
    for host in ["127.0.0.1", "localhost"] {
        assert_delivered(&push(&format!("http://{host}:{}", wecom.address.port()), &proxies));
    }
    let mut command = host_test(&["test-connection", "--connection", "simulator"]);
    assert_delivered(&command.envs(proxies).output().unwrap());

    for (host, no_proxy) in [
        ("wecom.invalid", "*"),
        ("wecom.invalid", "example.com,.invalid"),
        ("wecom.invalid", "WECOM.invalid"),
        ("wecom.invalid:81", "wecom.invalid:81"),
        ("192.0.2.1:9", "192.0.2.0/24"),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let environment = [&proxies[..], &[(name, no_proxy), ("WECOM_TIMEOUT_SECONDS", "1")]].concat();
            assert_holds(&line(&push(&format!("http://{host}"), &environment), 1), &["Tried directly."]);
        }
    }
    assert_eq!(proxy.requests(), [""; 0]);
    let environment = [&proxies[..], &[("NO_PROXY", "wecom.invalid:81,192.0.2.0/24,com")]].concat();
    assert_holds(&line(&push("http://wecom.invalid", &environment), 1), &["Tried through the proxy", "403"]);
}

#[test]
fn a_variable_that_is_of_no_use_is_named_and_not_shown() {
    let folder = authority();
    let [none, missing] = ["none.pem", "missing.pem"].map(|name| folder.path().join(name));
    let [none, missing] = [&none, &missing].map(|path| path.to_str().unwrap());
    let socks4 = format!("socks4://user:{PASSWORD}@proxy.test:1080");
    let path = format!("http://user:{PASSWORD}@proxy.test:3128/path");
    for (variable, value) in [
        ("HTTPS_PROXY", socks4.as_str()),
        ("https_proxy", &path),
        ("ALL_PROXY", "http://proxy.test:port"),
        ("NODE_EXTRA_CA_CERTS", missing),
        ("NODE_EXTRA_CA_CERTS", none),
        ("SSL_CERT_FILE", missing),
        ("SSL_CERT_FILE", none),
        ("SSL_CERT_DIR", missing),
    ] {
        let output = push("https://wecom.test", &[(variable, value)]);
        let line = line(&output, 2);
        assert_holds(&line, &[&format!("host-test: {variable} must ")]);
        assert!(!line.contains(value), "{line}");
        // It is no matter of those who do not need it.
        assert_delivered(&host_test(&["actions"]).env(variable, value).output().unwrap());
        let mut command = host_test(&["test-connection", "--connection", "simulator"]);
        assert_delivered(&command.env(variable, value).output().unwrap());
    }
}

// ---------------------------------------------------------------------------------------------------------------- TLS

#[test]
fn a_private_authority_is_trusted_where_the_environment_names_it() {
    let folder = authority();
    let [file, certificates] = ["ca.pem", "certs"].map(|name| folder.path().join(name));
    let [file, certificates] = [&file, &certificates].map(|path| path.to_str().unwrap());
    let wecom = Server::secure_wecom(Ipv4Addr::LOCALHOST);
    let base_url = format!("https://{}", wecom.address);
    for trusted in [("SSL_CERT_FILE", file), ("SSL_CERT_DIR", certificates), ("NODE_EXTRA_CA_CERTS", file)] {
        assert_delivered(&push(&base_url, &[trusted]));
    }
    assert_eq!(wecom.requests().len(), 3);
}

#[test]
fn a_certificate_that_signed_itself_is_trusted_where_the_environment_names_it() {
    let folder = authority();
    let file = folder.path().join("self-signed.pem");
    std::fs::write(&file, SELF_SIGNED).unwrap();
    let file = file.to_str().unwrap();
    let wecom = Server::start(Ipv4Addr::LOCALHOST, |stream, heads| answer(tls(stream, SELF_SIGNED), heads));
    let base_url = format!("https://{}", wecom.address);
    for name in ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] {
        assert_delivered(&push(&base_url, &[(name, file)]));
        // For its own names only.
        let output = push(&format!("https://localhost:{}", wecom.address.port()), &[(name, file)]);
        assert_holds(&line(&output, 1), &["permanent-rejected", "certificate not valid for name \"localhost\""]);
    }
    // Another one is trusted, and not this.
    let other = folder.path().join("ca.pem");
    let output = push(&base_url, &[("SSL_CERT_FILE", other.to_str().unwrap())]);
    assert_holds(&line(&output, 1), &["permanent-rejected", "TLS says: invalid peer certificate"]);
    assert_eq!(wecom.requests().len(), 2);
}

#[test]
fn a_certificate_that_is_not_trusted_is_said_to_be_that() {
    let wecom = Server::secure_wecom(Ipv4Addr::LOCALHOST);
    let proxy = proxy(Rule::Reach(wecom.address));
    let shown = format!("http://{}", proxy.address);
    for (base_url, way) in [
        (format!("https://{}", wecom.address), "directly".to_owned()),
        ("https://wecom.test".to_owned(), format!("through the proxy {shown}")),
    ] {
        let output = push(&base_url, &[("HTTPS_PROXY", &shown)]);
        let error = error(&output);
        assert_eq!(error["case"], "permanent-rejected", "{error}");
        assert_eq!(error["failure"]["category"], "network", "{error}");
        let words = format!("Tried {way}; TLS says: invalid peer certificate: UnknownIssuer.");
        assert_holds(&line(&output, 1), &["certificate", &words]);
    }
    // Trusted, but of another host.
    let folder = authority();
    let file = folder.path().join("ca.pem");
    let trusted = ("SSL_CERT_FILE", file.to_str().unwrap());
    let output = push("https://other.test", &[("HTTPS_PROXY", &shown), trusted]);
    assert_holds(&line(&output, 1), &["certificate", "TLS says: "]);
    assert_eq!(wecom.requests(), [""; 0]);
}

// --------------------------------------------------------------------------------------------------------------- IPv6

#[test]
fn an_ipv6_address_is_a_host() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        eprintln!("skipped: this machine has no IPv6 loopback");
        return;
    }
    let wecom = Server::wecom(Ipv6Addr::LOCALHOST);
    assert_delivered(&push(&format!("http://{}", wecom.address), &[]));
    assert_eq!(header(&wecom.heads()[0], "host"), Some(wecom.address.to_string().as_str()));

    let folder = authority();
    let file = folder.path().join("ca.pem");
    let secure = Server::secure_wecom(Ipv6Addr::LOCALHOST);
    assert_delivered(&push(&format!("https://{}", secure.address), &[("SSL_CERT_FILE", file.to_str().unwrap())]));

    // The host behind a proxy, too.
    let proxy = proxy(Rule::Reach(wecom.address));
    let address = format!("http://{}", proxy.address);
    assert_delivered(&push("http://[2001:db8::1]:8080", &[("HTTP_PROXY", &address)]));
    let expected = format!("POST http://[2001:db8::1]:8080/cgi-bin/webhook/send?key={KEY} HTTP/1.1");
    assert_eq!(proxy.requests(), [expected]);
    assert_eq!(secure.requests().len(), 1);
}
