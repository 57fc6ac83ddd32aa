//! Every call that is served, and the way from a request to a reply.

use std::collections::VecDeque;

use serde_json::json;

use super::chatbot::Robot;
use super::clock::unix_seconds;
use super::codes::{self, Refusal, ensure};
use super::endpoint::{Access, Call, Endpoint, TOKEN};
use super::fields::Fields;
use super::http::{Query, Request, Response};
use super::media::{MediaKind, Upload};
use super::session::Session;
use super::token::Grant;
use super::world::World;
use super::{app, card, customer, department, group_chat, linked_corp, member, message, shared_app, tag};

impl World {
    /// Answers one request, and changes the world as the request demands. A refused call changes nothing.
    pub fn answer(&mut self, request: &Request) -> Response {
        let path = request.path.strip_prefix("/cgi-bin/");
        let Some(endpoint) = endpoints().find(|endpoint| path == Some(endpoint.path)) else {
            return Response::nowhere();
        };
        match self.serve(endpoint, request) {
            Ok(response) => response,
            Err(refusal) => {
                self.refusals += 1;
                let lists = endpoint.empty_on_failure.iter();
                let refusal = lists.fold(refusal, |refusal, list| refusal.with(list, json!([])));
                Response::json(&refusal.into_json(&format!("{}{:015}", unix_seconds(self.now()), self.refusals)))
            }
        }
    }

    fn serve(&mut self, endpoint: &Endpoint, request: &Request) -> Result<Response, Refusal> {
        let method = endpoint.call.method();
        if request.method != method {
            return Err(codes::PARAMETER_EMPTY.because(format_args!("require {method} method")));
        }
        if method == "GET" && !request.body.is_empty() {
            return Err(codes::PARAMETER_EMPTY.because("a GET has no body"));
        }
        let strict = self.options.strict;
        let query = Query::parse(&request.query, endpoint.keys, strict)?;
        if let Some(limit) = self.options.calls_per_minute
            && let Ok((corp_id, _)) = self.tokens.check(&query, self.now())
        {
            let now = self.now();
            self.frequency.count(corp_id, endpoint.path, limit, now)?;
        }
        let outcome = match endpoint.call {
            Call::GetToken => {
                let (now, lifetime) = (self.now(), self.options.expires_in);
                self.tokens.issue(&self.corps, &query, now, lifetime, &mut self.ids)
            }
            Call::LowerToken => {
                let mut session = self.open(Access::App, &query)?;
                let (corp_id, agent_id) = shared_app::target(&mut session, Fields::parse(&request.body, strict)?)?;
                let (now, lifetime) = (self.now(), self.options.expires_in);
                Ok(self.tokens.issue_to(&corp_id, Grant::App(agent_id), now, lifetime, &mut self.ids))
            }
            Call::Read(access, run) => run(&mut self.open(access, &query)?, &query),
            Call::Write(access, run) => {
                let mut session = self.open(access, &query)?;
                run(&mut session, Fields::parse(&request.body, strict)?)
            }
            Call::Ask(access, run) => {
                let mut session = self.open(access, &query)?;
                let body = if request.body.is_empty() { b"{}" } else { &*request.body };
                run(&mut session, Fields::parse(body, strict)?)
            }
            Call::Upload => {
                let session = self.open(Access::App, &query)?;
                let kinds = [MediaKind::Image, MediaKind::Voice, MediaKind::Video, MediaKind::File];
                let kind = MediaKind::parse(query.filled("type"), &kinds)?;
                let upload = Upload::parse(request, Some("media"), strict)?;
                session.corp.media.accept((kind, ""), upload, strict, session.now, session.ids)
            }
            Call::UploadPicture => {
                let session = self.open(Access::App, &query)?;
                Upload::parse(request, None, strict)?.picture(session.ids)
            }
            Call::Download => {
                let session = self.open(Access::App, &query)?;
                let media_id = query.filled("media_id").ok_or(codes::MEDIA_ID_MISSING)?;
                return session.corp.media.download(media_id, request.header("range"), session.now);
            }
            Call::RobotSend => {
                let now = self.now();
                let key = query.filled("key").ok_or(codes::ROBOT_UNKNOWN)?;
                let robot = Robot::find(&mut self.robots, key)?;
                fail(&mut self.failures)?;
                robot.send(key, Fields::parse(&request.body, strict)?, now, &mut self.ledger)
            }
            Call::RobotUpload => {
                let now = self.now();
                // WeCom looks at the part before it looks at the key.
                let upload = Upload::parse(request, Some("media"), strict)?;
                let missing = || codes::PARAMETER_WRONG.because("key");
                let key = query.filled("key").ok_or_else(missing)?;
                let robot = Robot::find(&mut self.robots, key)?;
                fail(&mut self.failures)?;
                let kinds = [MediaKind::File, MediaKind::Voice];
                let kind = MediaKind::parse(query.filled("type"), &kinds)?;
                robot.media.accept((kind, "ok"), upload, strict, now, &mut self.ids)
            }
        };
        outcome.map(|reply| Response::json(&reply.into_json()))
    }

    fn reads_customers(&self, corp_id: &str, grant: Grant) -> bool {
        let mut apps = self.corps.get(corp_id).into_iter().flat_map(|corp| &corp.apps);
        apps.any(|app| app.reads_customers && grant == Grant::App(app.agent_id))
    }

    /// Checks everything about a call's token.
    fn open(&mut self, access: Access, query: &Query) -> Result<Session<'_>, Refusal> {
        let now = self.now();
        let (corp_id, grant) = self.tokens.check(query, now)?;
        ensure(self.ip_trusted, codes::IP_NOT_TRUSTED)?;
        match (access, grant) {
            (Access::Contacts, Grant::App(_)) | (Access::App | Access::Own, Grant::Contacts) => {
                return Err(codes::API_FORBIDDEN.into());
            }
            (Access::Details, Grant::Contacts) => return Err(codes::DETAILS_FORBIDDEN.into()),
            (Access::Customers, grant) if !self.reads_customers(&corp_id, grant) => {
                return Err(codes::API_FORBIDDEN.into());
            }
            _ => {}
        }
        fail(&mut self.failures)?;
        let corp = self.corps.get_mut(&corp_id).ok_or(codes::CORPID_WRONG)?;
        let is_off = corp.apps.iter().any(|app| app.closed && grant == Grant::App(app.agent_id));
        ensure(!is_off || access == Access::Own, codes::APP_DISABLED)?;
        Ok(Session {
            visible: grant.visible(corp),
            corp_id,
            corp,
            grant,
            now,
            options: &self.options,
            ids: &mut self.ids,
            ledger: &mut self.ledger,
            duplicates: &mut self.duplicates,
            callbacks: &mut self.callbacks,
        })
    }
}

/// Takes the next of the failures that [`World::fail_next`] has queued.
fn fail(failures: &mut VecDeque<(i64, String)>) -> Result<(), Refusal> {
    match failures.pop_front() {
        None => Ok(()),
        Some((errcode, errmsg)) => Err(Refusal::new(errcode, errmsg)),
    }
}

/// Every call: those of each area, and those that are answered in a way of their own.
fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    const OWN: &[Endpoint] = &[
        Endpoint::new("gettoken", &["corpid", "corpsecret"], Call::GetToken),
        Endpoint::new("corpgroup/corp/gettoken", TOKEN, Call::LowerToken),
        Endpoint::new("media/upload", &["access_token", "type"], Call::Upload),
        Endpoint::new("media/uploadimg", TOKEN, Call::UploadPicture),
        Endpoint::new("media/get", &["access_token", "media_id"], Call::Download),
        Endpoint::new("webhook/send", &["key"], Call::RobotSend),
        Endpoint::new("webhook/upload_media", &["key", "type"], Call::RobotUpload),
    ];
    let areas = [
        app::ENDPOINTS,
        department::ENDPOINTS,
        member::ENDPOINTS,
        tag::ENDPOINTS,
        group_chat::ENDPOINTS,
        message::ENDPOINTS,
        card::ENDPOINTS,
        customer::ENDPOINTS,
        linked_corp::ENDPOINTS,
        shared_app::ENDPOINTS,
        OWN,
    ];
    areas.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::simulator::options::Options;
    use crate::simulator::seed;
    use serde_json::Value;

    fn ask(world: &mut World, method: &str, path: &str, query: &str, body: &str) -> Value {
        let response = world.answer(&Request {
            method: method.into(),
            path: format!("/cgi-bin/{path}"),
            query: query.into(),
            headers: Vec::new(),
            body: body.as_bytes().to_vec().into(),
        });
        let value: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(response.errcode, value["errcode"].as_i64());
        value
    }

    #[test]
    fn a_token_serves_up_to_its_last_moment() {
        let mut world = World::new(Options::strict());
        let query = format!("corpid={}&corpsecret={}", seed::CORP_ID, seed::APP_SECRET);
        let token = ask(&mut world, "GET", "gettoken", &query, "");
        let query = format!("access_token={}", token["access_token"].as_str().unwrap());
        let mut list = |after| {
            world.advance(Duration::from_nanos(after));
            ask(&mut world, "GET", "department/simplelist", &query, "")["errcode"].clone()
        };
        assert_eq!(list(7_200_000_000_000 - 1), 0);
        assert_eq!(list(1), 42001);
    }

    #[test]
    fn every_endpoint_has_one_method_and_its_own_keys() {
        let mut world = World::new(Options::strict());
        for endpoint in endpoints() {
            let right = endpoint.call.method();
            let wrong = if right == "GET" { "POST" } else { "GET" };
            for method in [wrong, "PUT", "HEAD"] {
                let reply = ask(&mut world, method, endpoint.path, "", "");
                assert_eq!(reply["errcode"], 40063, "{method} {}", endpoint.path);
            }
            let reply = ask(&mut world, right, endpoint.path, "debug=1", "");
            assert_eq!(reply["errcode"], 40058, "{}", endpoint.path);
            if endpoint.keys.contains(&"access_token") {
                let reply = ask(&mut world, right, endpoint.path, "", "");
                assert_eq!(reply["errcode"], 41001, "{}", endpoint.path);
                let reply = ask(&mut world, right, endpoint.path, "access_token=x", "");
                assert_eq!(reply["errcode"], 40014, "{}", endpoint.path);
            }
        }
    }

    #[test]
    fn hints_differ() {
        let mut world = World::new(Options::strict());
        let mut hint = || ask(&mut world, "GET", "gettoken", "", "")["errmsg"].clone();
        assert_ne!(hint(), hint());
    }
}
