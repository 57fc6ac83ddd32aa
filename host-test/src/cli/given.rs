//! What `--connection` and `--parameters` stand for.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read as _};

use hyper::Uri;
use wecom_connector::connection::{Application, Chatbot, Connection, Endpoint, Variables};

use super::CommandError;
use super::patience::load;
use super::secrets::may_be_secret;
use super::words::{io_error, misconfigured, say};
use crate::client::{Allow, Client};
use crate::host::{Host, Limits};
use crate::simulator::{Options, Simulator, seed};

/// A connection as `--connection` names it.
pub(super) struct Given {
    /// The JSON form; none where the environment stands for it.
    pub(super) json: Option<String>,
    /// The file it was read from.
    pub(super) file: Option<String>,
    limits: Limits,
    /// The base URLs.
    targets: Vec<Uri>,
    /// Lives as long as the call that uses it.
    _simulator: Option<Simulator>,
}

impl Given {
    pub(super) async fn read(name: &str, action: &str) -> Result<Self, CommandError> {
        match name {
            "env" => Ok(Self::environment()),
            "simulator" => {
                let simulator = Simulator::start(Options::strict()).await?;
                let connection = if action.ends_with("-by-chatbot") { seed::chatbot } else { seed::application };
                let json = connection(&simulator.base_url()).to_string();
                Ok(Self { _simulator: Some(simulator), ..Self::json(json) })
            }
            file => Ok(Self { file: Some(file.to_owned()), ..Self::json(connection_file(file)?) }),
        }
    }

    fn json(json: String) -> Self {
        let application = Application::from_json(&json).map(|checked| checked.endpoint);
        let endpoint = application.or_else(|_| Chatbot::from_json(&json).map(|checked| checked.endpoint));
        Self::reaching(Some(json), endpoint.ok(), Vec::new())
    }

    fn environment() -> Self {
        let names = [Application::VARIABLES, Chatbot::VARIABLES].concat();
        // Some serve both types of connection.
        let environment: BTreeMap<String, String> =
            names.into_iter().filter_map(|name| Some((name.to_owned(), std::env::var(name).ok()?))).collect();
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let application = Application::from_environment(&variable).map(|checked| checked.endpoint);
        let chatbot = Chatbot::from_environment(&variable).map(|checked| checked.endpoint);
        Self::reaching(None, [application, chatbot].into_iter().flatten(), environment.into_iter().collect())
    }

    /// Least privilege: the component reaches the hosts of its connections, and no other. Where a connection is faulty
    /// the component says so, and needs no host for that.
    fn reaching(
        json: Option<String>,
        endpoints: impl IntoIterator<Item = Endpoint>,
        environment: Vec<(String, String)>,
    ) -> Self {
        let endpoints: Vec<Endpoint> = endpoints.into_iter().collect();
        let allow = endpoints.iter().map(|endpoint| endpoint.base_url.authority().to_owned()).collect();
        // A token, the call, a new token, the call again; each connects, waits for the first byte, and for the rest. A token
        // for a lower enterprise takes another before it, and that may have to be replaced, too.
        let patience = endpoints.iter().map(|endpoint| endpoint.timeout * 24).max().unwrap_or_default();
        let default = Limits::default();
        let deadline = default.deadline + patience;
        let limits = Limits { allow: Allow::Authorities(allow), environment, deadline, ..default };
        let targets = endpoints.iter().filter_map(target).collect();
        Self { json, file: None, limits, targets, _simulator: None }
    }

    /// The component in a host that calls the hosts of the connection only, and what sends its requests.
    pub(super) fn host(&self) -> Result<(Host, Client), CommandError> {
        let client = Client::new(self.limits.allow.clone());
        for target in &self.targets {
            client.check(target).map_err(|fault| CommandError::Usage(misconfigured(&fault)))?;
        }
        let host = load(self.limits.clone())?;
        Ok((host.with_http(client.clone()), client))
    }
}

fn target(endpoint: &Endpoint) -> Option<Uri> {
    use wecom_connector::http::url::Scheme;
    let target = endpoint.base_url.target("", []);
    let scheme = match target.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    Uri::builder().scheme(scheme).authority(target.authority).path_and_query("/").build().ok()
}

/// Parameters, and the file they were read from.
pub(super) struct Parameters {
    pub(super) json: String,
    pub(super) file: Option<String>,
}

impl Parameters {
    pub(super) fn read(option: &str, argument: &str) -> Result<Self, CommandError> {
        if argument == "-" {
            let place = format!("{option} -");
            let mut bytes = Vec::new();
            io::stdin().read_to_end(&mut bytes).map_err(|error| wrong(&place, io_error(&error)))?;
            return Ok(Self { json: text(&place, bytes)?, file: None });
        }
        let Some(file) = argument.strip_prefix('@') else {
            return Ok(Self { json: argument.to_owned(), file: None });
        };
        let json = read_file(option, file, || {
            say!("takes JSON, @FILE, or - for standard input", "只接受JSON、@文件，或代表标准输入的-")
        })?;
        Ok(Self { json, file: Some(file.to_owned()) })
    }
}

/// The text of a file that `--connection` names.
pub(super) fn connection_file(file: &str) -> Result<String, CommandError> {
    read_file("--connection", file, || say!("takes a file, env or simulator", "只接受文件、env或simulator"))
}

/// The text of a file that an option names. Where there is none, the name may be a secret that somebody took for one.
fn read_file(option: &str, file: &str, takes: impl FnOnce() -> String) -> Result<String, CommandError> {
    let place = format!("{option} {file}");
    match std::fs::read(file) {
        Ok(bytes) => text(&place, bytes),
        Err(_) if may_be_secret(file) => {
            let takes = takes();
            Err(CommandError::Usage(say!(
                "{option} {takes}; keep secrets off the command line",
                "{option} {takes}；不要把密钥写在命令行上"
            )))
        }
        Err(error) => Err(wrong(&place, io_error(&error))),
    }
}

fn text(place: &str, bytes: Vec<u8>) -> Result<String, CommandError> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        wrong(place, say!("not UTF-8: see byte {at}", "不是UTF-8：见第{at}字节"))
    })
}

fn wrong(place: &str, what: impl fmt::Display) -> CommandError {
    CommandError::Usage(say!("{place}: {what}", "{place}：{what}"))
}
