//! The pure core: the state of a small WeCom, its clock, and the way from a request to a reply.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::chatbot::{Robot, Standing};
use super::code::{self, Outcome, Refusal, Reply, ensure};
use super::corp::{App, Chat, Corp, Department, Member};
use super::fields::Fields;
use super::http::{Query, Request, Response};
use super::media::{MediaKind, MediaOwner, Upload};
use super::message::{self, Message};
use super::mint::Mint;
use super::seed;
use super::token::{Grant, Tokens};
use super::{department, group_chat, member};

/// The second of the Unix clock at which every world begins: 2026-11-21, 00:00 UTC.
const BEGINNING: u64 = 1_795_219_200;

/// What can be chosen about a world. The defaults are WeCom's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The port on 127.0.0.1; 0 lets the system choose one.
    pub port: u16,
    /// How long a token serves; 7200 s. Whole seconds are what `expires_in` can say.
    pub expires_in: Duration,
    /// Whether `user/create` creates a department it does not know, as the newest page has it, and names it in
    /// `created_department_list`. Otherwise, by default, such a department is refused with 60123.
    pub create_unknown_departments: bool,
    /// How many direct superiors a member may have: 5 by default, 1 on the newest page.
    pub max_direct_leaders: usize,
    /// The most rows in a page of `user/list_id`, whatever its `limit`; WeCom does not promise full pages.
    pub rows_per_page: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 0,
            expires_in: Duration::from_secs(7200),
            create_unknown_departments: false,
            max_direct_leaders: 5,
            rows_per_page: 10_000,
        }
    }
}

/// A small WeCom: corps, robots, tokens, and everything that was sent.
///
/// Begins as [`seed`] says. Time is virtual: it begins at 0, follows the real clock in a
/// [`Simulator`](super::Simulator), and [`World::advance`] skips ahead.
#[derive(Debug)]
pub struct World {
    options: Options,
    elapsed: Duration,
    skipped: Duration,
    corps: BTreeMap<String, Corp>,
    robots: BTreeMap<String, Robot>,
    tokens: Tokens,
    ip_trusted: bool,
    failures: VecDeque<(i64, String)>,
    ledger: Vec<Message>,
    mint: Mint,
    refusals: u64,
}

impl World {
    /// A world with the seed in it.
    pub fn new(options: Options) -> Self {
        let mut world = Self {
            options,
            elapsed: Duration::ZERO,
            skipped: Duration::ZERO,
            corps: BTreeMap::from([(seed::CORP_ID.to_owned(), seed::corp())]),
            robots: BTreeMap::new(),
            tokens: Tokens::default(),
            ip_trusted: true,
            failures: VecDeque::new(),
            ledger: Vec::new(),
            mint: Mint::default(),
            refusals: 0,
        };
        world.add_robot(seed::ROBOT_KEY);
        world.add_robot(seed::OTHER_ROBOT_KEY);
        let file = seed::ROBOT_FILE_MEDIA_ID.to_owned();
        let shelf = &mut world.robot_mut(seed::ROBOT_KEY).media;
        shelf.put(file, MediaKind::File, Duration::ZERO);
        world
    }

    /// Answers one request, and changes the world as the request demands. A refused call changes nothing.
    pub fn answer(&mut self, request: &Request) -> Response {
        let endpoint = ENDPOINTS.iter().find(|endpoint| request.path.strip_prefix("/cgi-bin/") == Some(endpoint.path));
        let Some(endpoint) = endpoint else {
            return Response::page(404, "Not Found");
        };
        let value = match self.serve(endpoint, request) {
            Ok(reply) => reply.into_json(),
            Err(refusal) => {
                self.refusals += 1;
                // WeCom's failures may carry the fields of a success, empty.
                let refusal = match endpoint.path {
                    "department/simplelist" => refusal.with("department_id", json!([])),
                    _ => refusal,
                };
                refusal.into_json(&format!("{}{:015}", unix_seconds(self.now()), self.refusals))
            }
        };
        Response::json(&value)
    }

    /// The virtual time since the world began.
    pub fn now(&self) -> Duration {
        self.elapsed + self.skipped
    }

    /// Skips ahead: tokens and media expire, windows pass.
    pub fn advance(&mut self, by: Duration) {
        self.skipped += by;
    }

    /// Tells the world how much real time has passed since it began.
    pub(super) fn follow(&mut self, elapsed: Duration) {
        self.elapsed = elapsed;
    }

    /// Withdraws every token issued so far: calls with them answer 40014.
    pub fn revoke_tokens(&mut self) {
        self.tokens.revoke();
    }

    /// Lets every token issued so far expire: calls with them answer 42001.
    pub fn expire_tokens(&mut self) {
        self.tokens.expire(self.now());
    }

    /// Forgets the tokens that expired at least so long ago: calls with them answer 40014, as with any that never
    /// were.
    pub fn forget_tokens_expired_for(&mut self, age: Duration) {
        self.tokens.forget(self.now().saturating_sub(age));
    }

    /// The next `count` tokens are issued, and answer 40014 as soon as they are used.
    pub fn set_next_tokens_refused(&mut self, count: u64) {
        self.tokens.refuse_next = count;
    }

    /// Whether the caller's address is on the list of trusted IPs. While it is not, every call with a good token
    /// answers 60020; `gettoken` and robots still work.
    pub fn trust_ip(&mut self, trusted: bool) {
        self.ip_trusted = trusted;
    }

    /// The next business call whose token or robot key is good answers this failure instead of being done.
    /// Several queue up. `errmsg` is what comes before `, hint: […]`.
    pub fn fail_next(&mut self, errcode: i64, errmsg: impl Into<String>) {
        self.failures.push_back((errcode, errmsg.into()));
    }

    /// Stops a robot in its group: 93004.
    ///
    /// # Panics
    ///
    /// Where there is no such robot.
    pub fn stop_robot(&mut self, key: &str) {
        self.robot_mut(key).standing = Standing::Stopped;
    }

    /// Removes a robot from its group: 93008. (A key that never existed is 93000.)
    ///
    /// # Panics
    ///
    /// Where there is no such robot.
    pub fn remove_robot(&mut self, key: &str) {
        self.robot_mut(key).standing = Standing::Removed;
    }

    /// Adds a corp of two departments, the root and [`seed::UNASSIGNED_DEPARTMENT_ID`].
    pub fn add_corp(&mut self, corp_id: &str, contacts_secret: &str) {
        self.corps.insert(corp_id.into(), Corp::new(contacts_secret));
    }

    /// Adds an app to a corp.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn add_app(&mut self, corp_id: &str, app: App) {
        self.corp_mut(corp_id).apps.push(app);
    }

    /// Adds a member as it is, unchecked, in place of the one of that user id.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn add_member(&mut self, corp_id: &str, member: Member) {
        self.corp_mut(corp_id).add_member(member);
    }

    /// Adds a robot, in a group of its own.
    pub fn add_robot(&mut self, key: &str) {
        self.robots.insert(key.into(), Robot::default());
    }

    /// Adds a medium as if it had just been uploaded, and returns its id.
    ///
    /// # Panics
    ///
    /// Where there is no such corp or robot.
    pub fn add_media(&mut self, kind: MediaKind, owner: MediaOwner) -> String {
        let now = self.now();
        let media_id = self.mint.identifier("MEDIA");
        let shelf = match owner {
            MediaOwner::Corp(corp_id) => &mut self.corp_mut(corp_id).media,
            MediaOwner::Robot(key) => &mut self.robot_mut(key).media,
        };
        shelf.put(media_id.clone(), kind, now);
        media_id
    }

    /// How many tokens `gettoken` has issued, without those that were forgotten.
    pub fn tokens_issued(&self) -> usize {
        self.tokens.count()
    }

    /// Every accepted message, of all corps and robots, in order.
    pub fn messages(&self) -> &[Message] {
        &self.ledger
    }

    /// The same, and forgets them: they cannot be recalled any more.
    pub fn take_messages(&mut self) -> Vec<Message> {
        std::mem::take(&mut self.ledger)
    }

    /// A corp by its id.
    pub fn corp(&self, corp_id: &str) -> Option<&Corp> {
        self.corps.get(corp_id)
    }

    /// A corp by its id, to change it unchecked.
    ///
    /// # Panics
    ///
    /// Where there is no such corp.
    pub fn corp_mut(&mut self, corp_id: &str) -> &mut Corp {
        let corp = self.corps.get_mut(corp_id);
        corp.unwrap_or_else(|| panic!("no corp {corp_id} in the simulator"))
    }

    /// The departments of [`seed::CORP_ID`] by id.
    pub fn departments(&self) -> &BTreeMap<i64, Department> {
        &self.corps[seed::CORP_ID].departments
    }

    /// The members of [`seed::CORP_ID`] by user id in lower case.
    pub fn members(&self) -> &BTreeMap<String, Member> {
        &self.corps[seed::CORP_ID].members
    }

    /// The group chats of [`seed::CORP_ID`] by chat id.
    pub fn chats(&self) -> &BTreeMap<String, Chat> {
        &self.corps[seed::CORP_ID].chats
    }

    fn robot_mut(&mut self, key: &str) -> &mut Robot {
        let robot = self.robots.get_mut(key);
        robot.unwrap_or_else(|| panic!("no robot {key} in the simulator"))
    }

    fn serve(&mut self, endpoint: &Endpoint, request: &Request) -> Outcome {
        let method = endpoint.call.method();
        if request.method != method {
            return Err(code::PARAMETER_EMPTY.because(format_args!("require {method} method")));
        }
        if method == "GET" && !request.body.is_empty() {
            return Err(code::PARAMETER_EMPTY.because("a GET has no body"));
        }
        let query = Query::parse(&request.query, endpoint.keys)?;
        match endpoint.call {
            Call::GetToken => {
                let (now, lifetime) = (self.now(), self.options.expires_in);
                self.tokens.issue(&self.corps, &query, now, lifetime, &mut self.mint)
            }
            Call::Read(access, run) => run(&mut self.open(access, &query)?, &query),
            Call::Write(access, run) => {
                let mut session = self.open(access, &query)?;
                run(&mut session, Fields::parse(&request.body)?)
            }
            Call::Upload => {
                let session = self.open(Access::App, &query)?;
                let kinds = [MediaKind::Image, MediaKind::Voice, MediaKind::Video, MediaKind::File];
                let kind = MediaKind::parse(query.filled("type"), &kinds)?;
                let upload = Upload::parse(request)?;
                session.corp.media.accept(kind, &upload, session.now, session.mint)
            }
            Call::RobotSend => {
                let now = self.now();
                let key = query.filled("key").ok_or(code::ROBOT_UNKNOWN)?;
                let robot = Robot::find(&mut self.robots, key)?;
                fail(&mut self.failures)?;
                robot.send(key, Fields::parse(&request.body)?, now, &mut self.ledger)
            }
            Call::RobotUpload => {
                let now = self.now();
                // WeCom looks at the part before it looks at the key.
                let upload = Upload::parse(request)?;
                let missing = || code::PARAMETER_WRONG.because("key");
                let key = query.filled("key").ok_or_else(missing)?;
                let robot = Robot::find(&mut self.robots, key)?;
                fail(&mut self.failures)?;
                let kinds = [MediaKind::File, MediaKind::Voice];
                let kind = MediaKind::parse(query.filled("type"), &kinds)?;
                robot.media.accept(kind, &upload, now, &mut self.mint)
            }
        }
    }

    /// Checks everything about a call's token.
    fn open(&mut self, access: Access, query: &Query) -> Result<Session<'_>, Refusal> {
        let now = self.now();
        let (corp_id, grant) = self.tokens.check(query, now)?;
        ensure(self.ip_trusted, code::IP_NOT_TRUSTED)?;
        let allowed = match access {
            Access::Contacts => grant == Grant::Contacts,
            Access::App => matches!(grant, Grant::App(_)),
            Access::Either => true,
        };
        ensure(allowed, code::API_FORBIDDEN)?;
        fail(&mut self.failures)?;
        let corp = self.corps.get_mut(&corp_id).ok_or(code::CORPID_WRONG)?;
        Ok(Session {
            visible: grant.visible(corp),
            corp_id,
            corp,
            grant,
            now,
            options: &self.options,
            mint: &mut self.mint,
            ledger: &mut self.ledger,
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

/// A moment of the virtual clock in seconds of the Unix clock.
pub(super) fn unix_seconds(now: Duration) -> u64 {
    BEGINNING + now.as_secs()
}

/// What a call with a good token works with.
pub(super) struct Session<'a> {
    pub corp_id: String,
    pub corp: &'a mut Corp,
    /// The departments at the top of what the caller sees.
    pub visible: Vec<i64>,
    pub now: Duration,
    pub options: &'a Options,
    pub mint: &'a mut Mint,
    pub ledger: &'a mut Vec<Message>,
    grant: Grant,
}

impl Session<'_> {
    /// The app that calls.
    pub fn agent_id(&self) -> Result<i64, Refusal> {
        match self.grant {
            Grant::App(agent_id) => Ok(agent_id),
            Grant::Contacts => Err(code::API_FORBIDDEN.into()),
        }
    }
}

/// Which secret's token a call takes; another one answers 48002.
#[derive(Clone, Copy)]
enum Access {
    Contacts,
    App,
    Either,
}

#[derive(Clone, Copy)]
enum Call {
    /// `gettoken` itself.
    GetToken,
    /// A GET with a token.
    Read(Access, fn(&mut Session, &Query) -> Outcome),
    /// A POST of JSON with a token.
    Write(Access, fn(&mut Session, Fields) -> Outcome),
    /// A POST of a file with an app's token.
    Upload,
    /// A POST of JSON with a robot's key.
    RobotSend,
    /// A POST of a file with a robot's key.
    RobotUpload,
}

impl Call {
    fn method(self) -> &'static str {
        match self {
            Self::GetToken | Self::Read(..) => "GET",
            Self::Write(..) | Self::Upload | Self::RobotSend | Self::RobotUpload => "POST",
        }
    }
}

struct Endpoint {
    /// Below `/cgi-bin/`.
    path: &'static str,
    /// Every key the query may have.
    keys: &'static [&'static str],
    call: Call,
}

const fn endpoint(path: &'static str, keys: &'static [&'static str], call: Call) -> Endpoint {
    Endpoint { path, keys, call }
}

const TOKEN: &[&str] = &["access_token"];

const ENDPOINTS: &[Endpoint] = {
    use Access::{App, Contacts, Either};
    use Call::{GetToken, Read, RobotSend, RobotUpload, Upload, Write};
    &[
        endpoint("gettoken", &["corpid", "corpsecret"], GetToken),
        endpoint("get_api_domain_ip", TOKEN, Read(Either, api_domain_ips)),
        endpoint("department/simplelist", &["access_token", "id"], Read(Either, department::simplelist)),
        endpoint("department/create", TOKEN, Write(Contacts, department::create)),
        endpoint("department/update", TOKEN, Write(Contacts, department::update)),
        endpoint("department/delete", &["access_token", "id"], Read(Contacts, department::delete)),
        endpoint("user/list_id", TOKEN, Write(Contacts, member::list_id)),
        endpoint("user/create", TOKEN, Write(Contacts, member::create)),
        endpoint("user/update", TOKEN, Write(Contacts, member::update)),
        endpoint("user/delete", &["access_token", "userid"], Read(Contacts, member::delete)),
        endpoint("appchat/get", &["access_token", "chatid"], Read(App, group_chat::get)),
        endpoint("appchat/create", TOKEN, Write(App, group_chat::create)),
        endpoint("appchat/update", TOKEN, Write(App, group_chat::update)),
        endpoint("appchat/send", TOKEN, Write(App, message::send_to_chat)),
        endpoint("message/send", TOKEN, Write(App, message::send)),
        endpoint("message/recall", TOKEN, Write(App, message::recall)),
        endpoint("media/upload", &["access_token", "type"], Upload),
        endpoint("webhook/send", &["key"], RobotSend),
        endpoint("webhook/upload_media", &["key", "type"], RobotUpload),
    ]
};

/// Addresses from the ranges reserved for documentation.
fn api_domain_ips(_: &mut Session, _: &Query) -> Outcome {
    let addresses: Value = json!(["192.0.2.10", "198.51.100.0/24"]);
    Ok(Reply::ok().with("ip_list", addresses))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn time_stands_still_until_told_otherwise() {
        let mut world = World::new(Options::default());
        assert_eq!(world.now(), Duration::ZERO);
        world.advance(Duration::from_secs(5));
        world.follow(Duration::from_secs(2));
        world.follow(Duration::from_secs(3));
        assert_eq!(world.now(), Duration::from_secs(8));
    }

    #[test]
    fn a_token_serves_up_to_its_last_moment() {
        let mut world = World::new(Options::default());
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
        let mut world = World::new(Options::default());
        for endpoint in ENDPOINTS {
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
        let mut world = World::new(Options::default());
        let mut hint = || ask(&mut world, "GET", "gettoken", "", "")["errmsg"].clone();
        assert_ne!(hint(), hint());
    }
}
