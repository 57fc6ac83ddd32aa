//! Access tokens: fetched once, kept for as long as they serve, and replaced once where WeCom refuses them; and the
//! answers that are lost, late or not WeCom's, with what an engine may do about each.

use std::time::Duration;

use host_test::simulator::seed::*;
use host_test::simulator::{App, Disturbance, Options, Simulator, Target, World};
use serde_json::{Value, json};

use crate::harness::{
    AWKWARD_SECRET, Answer, Bench, Caller, Error, Failure, Way, apis, application, by_each_component, least, simulator,
    with,
};

/// An API that reads with the contacts secret.
const READ: &str = "department/simplelist";
/// An API that writes with the application's secret.
const WRITE: &str = "message/send";

impl Bench {
    /// Lists the departments.
    async fn read(&mut self) -> Answer {
        self.call("list-department-ids", &json!({})).await
    }

    /// Sends a message.
    async fn write(&mut self) -> Answer {
        self.call("push-text-message", &least("push-text-message")).await
    }

    /// One of the two.
    async fn ask(&mut self, api: &str) -> Answer {
        if api == READ { self.read().await } else { self.write().await }
    }

    fn messages(&self) -> usize {
        self.server.with_world(|world| world.messages().len())
    }

    /// Takes the APIs that were called since the last time.
    fn calls(&self) -> Vec<String> {
        let apis = apis(&self.server);
        self.server.clear_requests();
        apis
    }

    /// The access tokens that the calls since the last [`Bench::calls`] were made with.
    fn tokens(&self) -> Vec<String> {
        let requests = self.server.requests();
        let pairs = requests.into_iter().flat_map(|request| request.pairs);
        pairs.filter(|(name, _)| name == "access_token").map(|(_, token)| token).collect()
    }

    /// The next request is answered with HTTP 200 and this.
    fn replace(&self, body: impl AsRef<[u8]>) {
        self.server.disturb_next(Disturbance::Replace(body.as_ref().to_vec().into()));
    }

    /// The next request is not disturbed, whatever is queued for those behind it.
    fn let_pass(&self) {
        self.server.disturb_next(Disturbance::Delay(Duration::ZERO));
    }
}

// ------------------------------------------------------------------------------------------------------------ caching

by_each_component!(one_token_serves_every_call_of_an_instance);
async fn one_token_serves_every_call_of_an_instance(way: Way) {
    let mut bench = Bench::by(way).await;
    let connection = bench.application.clone();
    for way in way.of_its_component().iter().cycle().take(3) {
        bench.caller.run(*way, "list-department-ids", Some(&connection), &json!({})).await.unwrap();
    }
    bench.caller.invoke("list-member-ids", Some(&connection), &json!({})).await.unwrap();
    let fetch = bench.server.requests().remove(0);
    assert_eq!(fetch.method, "GET");
    assert_eq!(fetch.query, format!("corpid={CORP_ID}&corpsecret={CONTACTS_SECRET}"));
    assert_eq!(fetch.body.len(), 0);
    assert!(!fetch.headers.iter().any(|(name, _)| name == "transfer-encoding" || name == "content-type"));
    assert_eq!(bench.calls(), ["gettoken", READ, READ, READ, "user/list_id"]);
}

by_each_component!(a_secret_arrives_as_it_is);
async fn a_secret_arrives_as_it_is(way: Way) {
    let mut bench = Bench::by(way).await;
    let app = App::new(1_000_009, AWKWARD_SECRET, vec![1]);
    bench.server.with_world(|world| world.add_app(CORP_ID, app));
    bench.application =
        with(bench.application, json!({"app_secret": AWKWARD_SECRET, "contacts_secret": null, "agent_id": 1_000_009}));
    bench.read().await.unwrap();
    bench.write().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", READ, WRITE]);

    // And stays out of what goes wrong.
    bench.application["corp_id"] = json!("ww0000000000000000");
    let failure = bench.write().await.unwrap_err().rejected();
    assert_eq!(failure.errcode, Some(40013));
    bench.application = with(bench.application, json!({ "access_token": AWKWARD_SECRET, "corp_id": CORP_ID }));
    assert_eq!(bench.write().await.unwrap_err().rejected().errcode, Some(40014));
    assert_eq!(bench.tokens(), [AWKWARD_SECRET], "percent-encoding comes undone");
}

by_each_component!(tokens_are_not_shared_between_secrets);
async fn tokens_are_not_shared_between_secrets(way: Way) {
    let mut bench = Bench::by(way).await;
    for _ in 0..2 {
        bench.read().await.unwrap();
        bench.write().await.unwrap();
    }
    assert_eq!(bench.calls(), ["gettoken", READ, "gettoken", WRITE, READ, WRITE]);

    let other = json!({"app_secret": OTHER_APP_SECRET, "agent_id": OTHER_AGENT_ID});
    bench.application = with(bench.application, other);
    bench.write().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", WRITE]);

    // The same secret under another corp ID is another one.
    bench.application["corp_id"] = json!("ww0000000000000000");
    assert_eq!(bench.write().await.unwrap_err().rejected().errcode, Some(40013));
    assert_eq!(bench.calls(), ["gettoken"]);
}

by_each_component!(tokens_are_not_shared_between_base_urls);
async fn tokens_are_not_shared_between_base_urls(way: Way) {
    let mut bench = Bench::by(way).await;
    let elsewhere = simulator(Options::strict()).await;
    bench.read().await.unwrap();
    bench.application["base_url"] = json!(elsewhere.base_url());
    bench.read().await.unwrap();
    assert_eq!(apis(&elsewhere), ["gettoken", READ]);
    bench.application["base_url"] = json!(format!("{}/", bench.server.base_url()));
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", READ, READ], "a slash at the end makes no other URL");
}

by_each_component!(a_new_instance_has_no_tokens);
async fn a_new_instance_has_no_tokens(way: Way) {
    let mut bench = Bench::by(way).await;
    bench.read().await.unwrap();
    bench.caller = Caller::by(way).await;
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", READ, "gettoken", READ]);
}

by_each_component!(a_token_is_no_longer_used_shortly_before_its_end);
async fn a_token_is_no_longer_used_shortly_before_its_end(way: Way) {
    let mut bench =
        Bench::calling(simulator(Options { expires_in: Duration::from_secs(2), ..Options::strict() }).await, way).await;
    bench.read().await.unwrap();
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", READ, READ]);
    // Half of so short a life is margin. WeCom would still take the token.
    tokio::time::sleep(Duration::from_millis(1050)).await;
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), ["gettoken", READ]);
}

by_each_component!(an_unclear_life_is_short);
async fn an_unclear_life_is_short(way: Way) {
    let mut bench = Bench::by(way).await;
    let token = bench.caller.access_token(Some(&bench.application), "contacts").await.unwrap();
    let token = &token["access_token"];
    let all = [
        (json!({ "access_token": token }), false),
        (json!({"access_token": token, "expires_in": 0}), false),
        (json!({"access_token": token, "expires_in": -1}), false),
        (json!({"access_token": token, "expires_in": "7200"}), true),
        (json!({"access_token": token, "expires_in": null}), false),
        (json!({"access_token": token, "expires_in": 1.5}), false),
        (json!({"access_token": token, "expires_in": [7200]}), false),
        (json!({"access_token": token, "expires_in": 7200}), true),
        (json!({"access_token": token, "expires_in": u64::MAX, "errcode": 0}), true),
        (json!({"access_token": token, "expires_in": i64::MAX, "errcode": "0"}), true),
    ];
    for (reply, kept) in all {
        bench.caller = Caller::by(way).await;
        bench.calls();
        bench.replace(reply.to_string());
        bench.read().await.unwrap();
        bench.read().await.unwrap();
        let expected: &[&str] = if kept { &["gettoken", READ, READ] } else { &["gettoken", READ, "gettoken", READ] };
        assert_eq!(bench.calls(), expected, "{reply}");
    }
}

by_each_component!(the_token_of_the_connection_may_come_back_from_gettoken);
async fn the_token_of_the_connection_may_come_back_from_gettoken(way: Way) {
    let mut bench = Bench::by(way).await;
    let token = "SIM-TOKEN-that-the-caller-keeps";
    let connection = with(bench.application.clone(), json!({"access_token": token}));
    bench.replace(json!({"errcode": 0, "access_token": token, "expires_in": 7200}).to_string());
    let answer = bench.caller.access_token(Some(&connection), "contacts").await.unwrap();
    assert_eq!(answer["access_token"], token);
}

by_each_component!(a_reply_without_a_token_is_no_reply_of_wecom);
async fn a_reply_without_a_token_is_no_reply_of_wecom(way: Way) {
    for api in [READ, WRITE] {
        for reply in [
            r#"{"errcode": 0, "errmsg": "ok", "expires_in": 7200}"#,
            r#"{"errcode": 0, "access_token": "", "expires_in": 7200}"#,
            r#"{"errcode": 0, "access_token": null}"#,
            r#"{"errcode": 0, "access_token": 7}"#,
            "{}",
            "[]",
            "",
            "<html>log in</html>",
        ] {
            let mut bench = Bench::by(way).await;
            bench.replace(reply);
            let failure = bench.ask(api).await.unwrap_err().retryable();
            assert_eq!((failure.category.as_str(), failure.errcode), ("protocol", None), "{reply}");
            assert_eq!(failure.api, "gettoken", "{reply}");
            assert_eq!(failure.doc_url, "https://developer.work.weixin.qq.com/document/path/91039");
            assert_eq!(bench.calls(), ["gettoken"], "{reply}");
            bench.ask(api).await.unwrap();
        }
    }
}

// ------------------------------------------------------------------------------------------------- refused by WeCom

/// What makes WeCom refuse a token that has served before.
fn spoilers() -> [(&'static str, fn(&Simulator)); 3] {
    [
        ("expired", |simulator| simulator.with_world(World::expire_tokens)),
        ("revoked", |simulator| simulator.with_world(World::revoke_tokens)),
        ("withdrawn with its secret", |simulator| {
            simulator.with_world(|world| world.fail_next(40001, "invalid credential"));
        }),
    ]
}

by_each_component!(a_token_that_wecom_refuses_is_replaced_once);
async fn a_token_that_wecom_refuses_is_replaced_once(way: Way) {
    for (how, spoil) in spoilers() {
        for api in [READ, WRITE] {
            let mut bench = Bench::by(way).await;
            bench.ask(api).await.unwrap();
            bench.calls();
            let messages = bench.messages();

            spoil(&bench.server);
            bench.ask(api).await.unwrap();
            let tokens = bench.tokens();
            assert_ne!(tokens[0], tokens[1], "{how}");
            assert_eq!(bench.calls(), [api, "gettoken", api], "{how}");
            assert_eq!(bench.messages() - messages, usize::from(api == WRITE), "{how}: not one message more");

            bench.ask(api).await.unwrap();
            assert_eq!(bench.tokens(), tokens[1..], "{how}");
            assert_eq!(bench.calls(), [api], "{how}: the new one is kept");
        }
    }
}

by_each_component!(a_token_that_is_refused_as_soon_as_it_is_issued_makes_no_loop);
async fn a_token_that_is_refused_as_soon_as_it_is_issued_makes_no_loop(way: Way) {
    for api in [READ, WRITE] {
        let mut bench = Bench::by(way).await;
        bench.server.with_world(|world| world.set_next_tokens_refused(1));
        bench.ask(api).await.unwrap();
        assert_eq!(bench.calls(), ["gettoken", api, "gettoken", api]);

        let mut bench = Bench::by(way).await;
        bench.server.with_world(|world| world.set_next_tokens_refused(5));
        let failure = bench.ask(api).await.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.category.as_str()), (Some(40014), "authentication"));
        assert_eq!(failure.api, api);
        assert_eq!(bench.calls(), ["gettoken", api, "gettoken", api]);
    }
}

by_each_component!(a_credential_that_is_refused_twice_makes_no_loop);
async fn a_credential_that_is_refused_twice_makes_no_loop(way: Way) {
    for errcode in [40001, 40014, 42001] {
        let mut bench = Bench::by(way).await;
        bench.server.with_world(|world| {
            for _ in 0..5 {
                world.fail_next(errcode, "no");
            }
        });
        let failure = bench.write().await.unwrap_err().rejected();
        assert_eq!(failure.errcode.map(i64::from), Some(errcode));
        assert_eq!(bench.calls(), ["gettoken", WRITE, "gettoken", WRITE]);
        assert_eq!(bench.messages(), 0);
    }
}

by_each_component!(gettoken_is_never_repeated_after_it_failed_itself);
async fn gettoken_is_never_repeated_after_it_failed_itself(way: Way) {
    let foreign = "AWKWARD-secret-of-another-corp";
    for (changes, errcode) in [
        (json!({"app_secret": "SIMULATED-wrong"}), 40001),
        (json!({"corp_id": "ww0000000000000000"}), 40013),
        (json!({ "app_secret": foreign }), 40091),
    ] {
        let mut bench = Bench::by(way).await;
        bench.server.with_world(|world| world.add_corp("ww1111111111111111", foreign));
        bench.application = with(bench.application, changes);
        let failure = bench.write().await.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.category.as_str()), (Some(errcode), "authentication"));
        assert_eq!((failure.api.as_str(), failure.credential.as_str()), ("gettoken", "app-secret"));
        assert_eq!(bench.calls(), ["gettoken"]);
    }

    // Nor where it is to replace a token.
    let mut bench = Bench::by(way).await;
    bench.write().await.unwrap();
    bench.calls();
    bench.server.with_world(World::expire_tokens);
    bench.let_pass();
    bench.replace(r#"{"errcode": 40001, "errmsg": "invalid credential"}"#);
    let failure = bench.write().await.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.api.as_str()), (Some(40001), "gettoken"));
    assert_eq!(bench.calls(), [WRITE, "gettoken"]);
}

by_each_component!(the_credential_of_a_failed_gettoken_is_the_one_that_was_used);
async fn the_credential_of_a_failed_gettoken_is_the_one_that_was_used(way: Way) {
    let mut bench = Bench::by(way).await;
    bench.application["contacts_secret"] = json!("SIMULATED-wrong");
    let failure = bench.read().await.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.credential.as_str()), (Some(40001), "contacts-secret"));
    bench.write().await.unwrap();
}

// ------------------------------------------------------------------------------------------------- lower enterprises

/// What returns a token for a lower enterprise.
const LOWER_TOKEN: &str = "corpgroup/corp/gettoken";
/// What is asked of the sharing itself.
const SHARES: &str = "corpgroup/corp/list_app_share_info";

impl Bench {
    /// An application that is shared with another enterprise, and works there.
    async fn in_lower_corp(way: Way) -> Self {
        let mut bench = Self::by(way).await;
        bench.application = lower_application(&bench.server.base_url());
        bench
    }

    /// Sends a message in the lower enterprise.
    async fn write_there(&mut self) -> Answer {
        self.call("push-text-message", &json!({"to_user": [LOWER_MEMBER], "content": "x"})).await
    }

    async fn list_shares(&mut self) -> Answer {
        self.call("list-shared-apps", &json!({})).await
    }
}

by_each_component!(every_action_works_in_the_lower_enterprise_of_its_connection);
async fn every_action_works_in_the_lower_enterprise_of_its_connection(way: Way) {
    let mut bench = Bench::in_lower_corp(way).await;
    bench.write_there().await.unwrap();
    let requests = bench.server.requests();
    assert_eq!(requests[0].query, format!("corpid={CORP_ID}&corpsecret={APP_SECRET}"));
    let asked: Value = serde_json::from_slice(&requests[1].body).unwrap();
    assert_eq!(asked, json!({"corpid": LOWER_CORP_ID, "agentid": LOWER_AGENT_ID, "business_type": 0}));
    let sent: Value = serde_json::from_slice(&requests[2].body).unwrap();
    assert_eq!(sent["agentid"], LOWER_AGENT_ID, "the application has another ID there");
    assert_eq!(bench.calls(), ["gettoken", LOWER_TOKEN, WRITE]);
    let target = bench.server.with_world(|world| world.messages()[0].target.clone());
    let there = Target::Members {
        corp_id: LOWER_CORP_ID.into(),
        agent_id: LOWER_AGENT_ID,
        userids: [LOWER_MEMBER.to_owned()].into(),
    };
    assert_eq!(target, there);

    // What would take the contacts secret, too: that is of the own enterprise.
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), [READ]);
    // The sharing itself is a matter of the enterprise that shares.
    let shares = bench.list_shares().await.unwrap();
    assert_eq!(shares["corp_list"][0]["corp_id"], LOWER_CORP_ID);
    assert_eq!(bench.calls(), [SHARES]);

    // Each enterprise has a token of its own, the one that shares has one, too.
    let downstream = json!({
        "lower_corp_id": DOWNSTREAM_CORP_ID, "lower_agent_id": DOWNSTREAM_AGENT_ID, "business_type": 1,
    });
    let lower = bench.application.clone();
    bench.application = with(lower.clone(), downstream);
    bench.read().await.unwrap();
    assert_eq!(bench.calls(), [LOWER_TOKEN, READ]);
    bench.application = application(&bench.server);
    bench.write().await.unwrap();
    assert_eq!(bench.calls(), [WRITE]);
    bench.application = lower;
    bench.write_there().await.unwrap();
    assert_eq!(bench.calls(), [WRITE]);
}

by_each_component!(a_refused_token_of_a_lower_enterprise_is_replaced_once_with_a_new_one_of_the_own);
async fn a_refused_token_of_a_lower_enterprise_is_replaced_once_with_a_new_one_of_the_own(way: Way) {
    for (how, spoil) in spoilers() {
        let mut bench = Bench::in_lower_corp(way).await;
        bench.write_there().await.unwrap();
        bench.calls();
        spoil(&bench.server);
        bench.write_there().await.unwrap();
        let tokens = bench.tokens();
        assert_eq!(bench.calls(), [WRITE, "gettoken", LOWER_TOKEN, WRITE], "{how}");
        assert_ne!(tokens[0], tokens[2], "{how}");
        assert_eq!(bench.messages(), 2, "{how}: not one message more");
        bench.write_there().await.unwrap();
        assert_eq!(bench.tokens(), tokens[2..], "{how}: the new one is kept");
        bench.calls();

        // The own one is refused before there is one for the lower enterprise.
        let mut bench = Bench::in_lower_corp(way).await;
        bench.list_shares().await.unwrap();
        bench.calls();
        spoil(&bench.server);
        bench.write_there().await.unwrap();
        assert_eq!(bench.calls(), [LOWER_TOKEN, "gettoken", LOWER_TOKEN, WRITE], "{how}");
    }

    // And there is no loop.
    let mut bench = Bench::in_lower_corp(way).await;
    bench.server.with_world(|world| world.set_next_tokens_refused(9));
    let failure = bench.write_there().await.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.api.as_str()), (Some(40014), LOWER_TOKEN));
    assert_eq!(bench.calls(), ["gettoken", LOWER_TOKEN, "gettoken", LOWER_TOKEN]);
    bench.server.with_world(|world| world.set_next_tokens_refused(0));
    bench.write_there().await.unwrap();
    bench.calls();
    bench.server.with_world(|world| {
        for _ in 0..9 {
            world.fail_next(42001, "access_token expired");
        }
    });
    let failure = bench.write_there().await.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.api.as_str()), (Some(42001), LOWER_TOKEN));
    assert_eq!(bench.calls(), [WRITE, "gettoken", LOWER_TOKEN]);
}

by_each_component!(what_fails_on_the_way_to_a_lower_enterprise_says_where);
async fn what_fails_on_the_way_to_a_lower_enterprise_says_where(way: Way) {
    for (changes, errcode, api) in [
        (json!({"lower_corp_id": "wwnobody"}), 670_001, LOWER_TOKEN),
        (json!({"business_type": 1}), 670_001, LOWER_TOKEN),
        (json!({"lower_agent_id": 7}), 40056, LOWER_TOKEN),
        (json!({"app_secret": "SIMULATED-wrong"}), 40001, "gettoken"),
    ] {
        let mut bench = Bench::in_lower_corp(way).await;
        bench.application = with(bench.application, changes);
        let failure = bench.write_there().await.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.api.as_str()), (Some(errcode), api));
        assert_eq!(failure.credential, "app-secret");
        assert!(!failure.hint.en.is_empty(), "{failure:?}");
        assert_eq!(bench.messages(), 0);
    }
    for (disturbance, expected) in [
        (Disturbance::LoseReply, Retryable),
        (Disturbance::Page(500), Retryable),
        (Disturbance::Page(412), Rejected),
        (Disturbance::Replace(r#"{"errcode": 0, "expires_in": 7200}"#.into()), Retryable),
    ] {
        let mut bench = Bench::in_lower_corp(way).await;
        bench.let_pass();
        bench.server.disturb_next(disturbance.clone());
        let (case, failure) = case(bench.write_there().await);
        assert_eq!((case, failure.api.as_str()), (expected, LOWER_TOKEN), "{disturbance:?}");
        assert_eq!(failure.doc_url, "https://developer.work.weixin.qq.com/document/path/93359");
        assert_eq!(bench.calls(), ["gettoken", LOWER_TOKEN], "{disturbance:?}");
    }
    // WeCom's words may hold the token that it was asked with.
    let mut bench = Bench::in_lower_corp(way).await;
    bench.list_shares().await.unwrap();
    let token = bench.tokens().remove(0);
    bench.replace(json!({"errcode": 670_001, "errmsg": format!("no {token}")}).to_string());
    assert_eq!(bench.write_there().await.unwrap_err().rejected().message, "no [redacted]");
}

by_each_component!(the_token_of_a_lower_enterprise_is_one_that_callers_can_keep);
async fn the_token_of_a_lower_enterprise_is_one_that_callers_can_keep(way: Way) {
    for scope in ["app", "contacts"] {
        let mut bench = Bench::in_lower_corp(way).await;
        let token = bench.caller.access_token(Some(&bench.application), scope).await.unwrap();
        assert_eq!(bench.calls(), ["gettoken", LOWER_TOKEN]);
        bench.caller = Caller::by(way).await;
        bench.application["access_token"] = token["access_token"].clone();
        bench.write_there().await.unwrap();
        bench.read().await.unwrap();
        assert_eq!(bench.calls(), [WRITE, READ]);
        // It is of no use to the enterprise that shares.
        bench.list_shares().await.unwrap();
        assert_eq!(bench.calls(), ["gettoken", SHARES]);
        bench.application = with(bench.application, json!({"app_secret": null, "contacts_secret": null}));
        let faults = bench.list_shares().await.unwrap_err().faults();
        assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/app_secret"));
    }
}

// ------------------------------------------------------------------------------------------------- supplied by callers

by_each_component!(a_supplied_token_is_used_as_it_is_and_never_refreshed);
async fn a_supplied_token_is_used_as_it_is_and_never_refreshed(way: Way) {
    for (how, spoil) in spoilers() {
        for secret in [json!(APP_SECRET), Value::Null] {
            let mut bench = Bench::by(way).await;
            let token = bench.caller.access_token(Some(&bench.application), "app").await.unwrap();
            bench.calls();
            let changes = json!({"access_token": token["access_token"], "app_secret": secret, "contacts_secret": null});
            bench.application = with(bench.application, changes);
            bench.write().await.unwrap();
            assert_eq!(json!(bench.tokens()), json!([token["access_token"]]));
            assert_eq!(bench.calls(), [WRITE]);

            spoil(&bench.server);
            let failure = bench.write().await.unwrap_err().rejected();
            assert_eq!((failure.category.as_str(), failure.credential.as_str()), ("authentication", "access-token"));
            assert_eq!(bench.calls(), [WRITE], "{how}");
        }
    }
}

by_each_component!(two_supplied_tokens_serve_the_actions_of_their_own_kind);
async fn two_supplied_tokens_serve_the_actions_of_their_own_kind(way: Way) {
    let mut bench = Bench::by(way).await;
    let given = bench.application.clone();
    let app = bench.caller.access_token(Some(&given), "app").await.unwrap()["access_token"].clone();
    let contacts = bench.caller.access_token(Some(&given), "contacts").await.unwrap()["access_token"].clone();
    let both = with(given, json!({"access_token": app, "contacts_access_token": contacts}));
    // Neither of them is hidden where WeCom returns it once more.
    for (scope, token) in [("app", &app), ("contacts", &contacts), ("contacts", &app)] {
        bench.replace(json!({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}).to_string());
        let answer = Caller::by(way).await.access_token(Some(&both), scope).await;
        assert_eq!(answer.unwrap()["access_token"], *token, "{scope}");
    }
    bench.calls();
    for secret in [json!(APP_SECRET), Value::Null] {
        bench.application = with(both.clone(), json!({"app_secret": secret, "contacts_secret": null}));
        bench.caller = Caller::by(way).await;
        let connection = bench.application.clone();
        for way in way.of_its_component() {
            bench.caller.run(*way, "list-department-ids", Some(&connection), &json!({})).await.unwrap();
            bench.write().await.unwrap();
            assert_eq!(json!(bench.tokens()), json!([contacts, app]));
            assert_eq!(bench.calls(), [READ, WRITE]);
        }
    }

    // That of contacts alone leaves messages to the application's secret.
    bench.application = with(both, json!({"access_token": null, "contacts_secret": null}));
    bench.read().await.unwrap();
    bench.write().await.unwrap();
    assert_eq!(bench.calls(), [READ, "gettoken", WRITE]);
    bench.application = with(bench.application, json!({"app_secret": null}));
    let faults = bench.read().await.unwrap_err().faults();
    assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/app_secret"));
}

by_each_component!(get_access_token_saves_the_next_instance_a_call);
async fn get_access_token_saves_the_next_instance_a_call(way: Way) {
    for (scope, secret, api) in [("contacts", CONTACTS_SECRET, READ), ("app", APP_SECRET, WRITE)] {
        let mut bench = Bench::by(way).await;
        let token = bench.caller.access_token(Some(&bench.application), scope).await.unwrap();
        let life = token["expires_in_seconds"].as_u64().unwrap();
        assert!((6890..=6900).contains(&life), "five minutes less than WeCom says: {life}");
        assert_eq!(bench.server.requests()[0].pairs[1].1, secret);
        // It is the one that the instance itself uses.
        assert_eq!(
            bench.caller.access_token(Some(&bench.application), scope).await.unwrap()["access_token"],
            token["access_token"]
        );
        bench.ask(api).await.unwrap();
        assert_eq!(bench.calls(), ["gettoken", api]);

        bench.caller = Caller::by(way).await;
        bench.application["access_token"] = token["access_token"].clone();
        bench.ask(api).await.unwrap();
        assert_eq!(bench.calls(), [api]);
    }
}

by_each_component!(get_access_token_falls_back_and_fails_as_actions_do);
async fn get_access_token_falls_back_and_fails_as_actions_do(way: Way) {
    let mut bench = Bench::by(way).await;
    let ask = async |bench: &mut Bench, changes: Value, scope: &str| {
        let connection = with(bench.application.clone(), changes);
        bench.caller.access_token(Some(&connection), scope).await
    };
    // A token in the connection is ignored: it would only be handed back.
    let token = ask(&mut bench, json!({"contacts_secret": null, "access_token": "SIM-TOKEN-x"}), "contacts").await;
    assert_ne!(token.unwrap()["access_token"], "SIM-TOKEN-x");
    assert_eq!(bench.server.requests()[0].pairs[1].1, APP_SECRET);

    let failure = ask(&mut bench, json!({"app_secret": "SIMULATED-wrong"}), "app").await.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.api.as_str()), (Some(40001), "gettoken"));
    bench.calls();
    let without = json!({"app_secret": null, "contacts_secret": null, "access_token": "SIM-TOKEN-x"});
    let faults = ask(&mut bench, without, "app").await.unwrap_err().faults();
    assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/app_secret"));
    let faults = ask(&mut bench, json!({"type": "chatbot"}), "app").await.unwrap_err().faults();
    assert_eq!((faults.len(), faults[0].pointer.as_str()), (1, "/type"));
    assert!(bench.calls().is_empty());
}

by_each_component!(a_token_of_the_wrong_kind_is_refused_with_the_kind_that_is_needed);
async fn a_token_of_the_wrong_kind_is_refused_with_the_kind_that_is_needed(way: Way) {
    let mut bench = Bench::by(way).await;
    let token = bench.caller.access_token(Some(&bench.application), "app").await.unwrap();
    bench.application["access_token"] = token["access_token"].clone();
    let failure = bench.caller.invoke("list-member-ids", Some(&bench.application), &json!({})).await;
    let failure = failure.unwrap_err().rejected();
    assert_eq!((failure.errcode, failure.credential.as_str()), (Some(48002), "access-token"));
    assert!(failure.hint.en.contains("Contacts Sync"), "{}", failure.hint.en);
}

// ------------------------------------------------------------------------------------------- what comes back, or does not

/// What an engine may do about an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Rejected,
    OutcomeUnknown,
    Retryable,
}
use Case::{OutcomeUnknown, Rejected, Retryable};

fn case(answer: Answer) -> (Case, Failure) {
    match answer.unwrap_err() {
        Error::PermanentRejected(failure) => (Rejected, failure),
        Error::PermanentOutcomeUnknown(failure) => (OutcomeUnknown, failure),
        Error::Retryable(failure) => (Retryable, failure),
        other => panic!("{other:?}"),
    }
}

/// A business call meets a disturbance: what a read comes to, what a write comes to, and the category. There is
/// exactly one request, whatever happens: repeating is the engine's affair.
async fn comes_to(way: Way, disturbance: Disturbance, read: Case, write: Case, category: &str) {
    for (api, expected) in [(READ, read), (WRITE, write)] {
        let mut bench = Bench::by(way).await;
        bench.ask(api).await.unwrap();
        bench.calls();
        bench.server.disturb_next(disturbance.clone());
        let (case, failure) = case(bench.ask(api).await);
        assert_eq!((case, failure.category.as_str()), (expected, category), "{api} {disturbance:?}: {failure:?}");
        assert_eq!((failure.errcode, failure.api.as_str()), (None, api));
        assert!(failure.doc_url.starts_with("https://developer.work.weixin.qq.com/document/path/"), "{failure:?}");
        assert!(!failure.hint.en.is_empty() && !failure.hint.zh.is_empty() && !failure.message.is_empty());
        assert_eq!(bench.calls(), [api], "{disturbance:?}");
        bench.ask(api).await.unwrap();
    }
}

by_each_component!(a_lost_answer_leaves_the_outcome_of_a_write_open);
async fn a_lost_answer_leaves_the_outcome_of_a_write_open(way: Way) {
    comes_to(way, Disturbance::LoseReply, Retryable, OutcomeUnknown, "network").await;
    // Nobody can tell a lost request from a lost answer.
    comes_to(way, Disturbance::LoseRequest, Retryable, OutcomeUnknown, "network").await;

    let mut bench = Bench::by(way).await;
    bench.let_pass();
    bench.server.disturb_next(Disturbance::LoseReply);
    bench.write().await.unwrap_err().outcome_unknown();
    assert_eq!(bench.messages(), 1, "it did happen: to repeat it would send it twice");
}

by_each_component!(pages_of_gateways_are_no_answers);
async fn pages_of_gateways_are_no_answers(way: Way) {
    for (status, read, write, category) in [
        (301, Rejected, Rejected, "protocol"),
        (302, Rejected, Rejected, "protocol"),
        (400, Rejected, Rejected, "protocol"),
        (401, Rejected, Rejected, "permission"),
        (403, Rejected, Rejected, "permission"),
        (404, Rejected, Rejected, "protocol"),
        (407, Rejected, Rejected, "permission"),
        (408, Retryable, OutcomeUnknown, "network"),
        (412, Rejected, Rejected, "protocol"),
        (429, Retryable, Retryable, "limit"),
        (500, Retryable, OutcomeUnknown, "service"),
        (502, Retryable, OutcomeUnknown, "service"),
        (504, Retryable, OutcomeUnknown, "service"),
    ] {
        comes_to(way, Disturbance::Page(status), read, write, category).await;
    }
}

by_each_component!(what_is_not_of_wecom_is_no_success);
async fn what_is_not_of_wecom_is_no_success(way: Way) {
    for body in [
        &b""[..],
        b"<html><body>log in</body></html>",
        b"{",
        b"[]",
        b"\"ok\"",
        b"null",
        b"0",
        b"\xff\xfe{}",
        br#"{"errcode": 0} {"errcode": 0}"#,
        br#"{"errcode": 0, "errcode": 40014}"#,
        br#"{"errcode": "none", "errmsg": "ok"}"#,
        br#"{"errcode": 0.5}"#,
        br#"{"errcode": 4294967296}"#,
        br#"{"errcode": null}"#,
        br#"{"errcode": [0]}"#,
        b"{}",
        br#"{"code": 0, "msg": "ok", "data": {}}"#,
    ] {
        let body = Disturbance::Replace(body.to_vec().into());
        comes_to(way, body, Retryable, OutcomeUnknown, "protocol").await;
    }
    // It will be as long again: to read it once more does not help.
    let endless = format!("{{\"errcode\": 0, \"errmsg\": \"{}\"}}", "x".repeat(4 * 1024 * 1024));
    comes_to(way, Disturbance::Replace(endless.into()), Rejected, OutcomeUnknown, "protocol").await;
    let deep = "[".repeat(100_000);
    comes_to(way, Disturbance::Replace(deep.into()), Retryable, OutcomeUnknown, "protocol").await;
}

by_each_component!(a_success_has_errcode_0_or_its_own_field_whatever_it_says);
async fn a_success_has_errcode_0_or_its_own_field_whatever_it_says(way: Way) {
    for (reply, expected) in [
        (r#"{"department_id": []}"#, json!({"department_id": []})),
        (r#"{"errcode": 0, "errmsg": "failed", "department_id": []}"#, json!({"department_id": []})),
        (r#"{"errcode": 0, "errmsg": "ok"}"#, json!({"department_id": []})),
        (r#"{"errcode": "0", "department_id": []}"#, json!({"department_id": []})),
        (r#"{"errcode": 0.0, "department_id": []}"#, json!({"department_id": []})),
        (
            "\u{feff}{\"errcode\": 0, \"department_id\": [{\"id\": 2.0, \"order\": \"7\", \"extra\": 1}]}",
            json!({"department_id": [{"id": 2, "parent_id": 0, "order": 7}]}),
        ),
    ] {
        let mut bench = Bench::by(way).await;
        bench.let_pass();
        bench.replace(reply);
        assert_eq!(bench.read().await, Ok(expected), "{reply}");
    }
}

by_each_component!(null_is_as_good_as_absent_in_every_reply);
async fn null_is_as_good_as_absent_in_every_reply(way: Way) {
    let row = json!({"userid": "a", "open_userid": null, "department": 1});
    let chat = json!({"chatid": "C", "name": null, "owner": null, "userlist": null, "chat_type": null});
    for (action, parameters, reply, expected) in [
        (
            "list-member-ids",
            json!({}),
            json!({ "next_cursor": null, "dept_user": [row] }),
            json!({"dept_user": [{"user_id": "a", "department": 1}]}),
        ),
        (
            "create-member",
            json!({"user_id": "a", "name": "b", "mobile": "139"}),
            json!({"created_department_list": {"department_info": null}}),
            json!({"created_department_list": [], "cleaned": []}),
        ),
        (
            "get-group-chat",
            json!({"chat_id": "C"}),
            json!({ "chat_info": chat }),
            json!({"chat_id": "C", "name": "", "owner": "", "user_list": []}),
        ),
    ] {
        let mut bench = Bench::by(way).await;
        bench.let_pass();
        bench.replace(with(reply, json!({"errcode": 0})).to_string());
        let answer = bench.caller.invoke(action, Some(&bench.application), &parameters).await;
        assert_eq!(answer, Ok(expected), "{action}");
    }
}

by_each_component!(codes_go_by_what_they_mean);
async fn codes_go_by_what_they_mean(way: Way) {
    for (errcode, read, write, category, retry_after) in [
        (-1, Retryable, OutcomeUnknown, "service", None),
        (45009, Retryable, Retryable, "limit", Some(60)),
        (45033, Retryable, Retryable, "limit", None),
        (60020, Rejected, Rejected, "permission", None),
        (987_654, Rejected, Rejected, "unknown", None),
    ] {
        for (api, expected) in [(READ, read), (WRITE, write)] {
            let mut bench = Bench::by(way).await;
            bench.server.with_world(|world| world.fail_next(errcode, "some words"));
            let (case, failure) = case(bench.ask(api).await);
            assert_eq!((case, failure.category.as_str()), (expected, category), "{errcode}");
            assert_eq!((failure.errcode.map(i64::from), failure.retry_after_seconds), (Some(errcode), retry_after));
            assert!(failure.message.starts_with("some words, hint: ["), "{}", failure.message);
            assert!(failure.doc_url.ends_with(&format!("e={errcode}")));
            assert_eq!(bench.calls(), ["gettoken", api], "{errcode} is not repeated");
        }
    }
}

by_each_component!(whatever_happens_to_gettoken_the_action_was_not_carried_out);
async fn whatever_happens_to_gettoken_the_action_was_not_carried_out(way: Way) {
    for (disturbance, expected, category) in [
        (Disturbance::LoseReply, Retryable, "network"),
        (Disturbance::Page(500), Retryable, "service"),
        (Disturbance::Page(412), Rejected, "protocol"),
        (Disturbance::Replace(r#"{"errcode": -1, "errmsg": "busy"}"#.into()), Retryable, "service"),
        (Disturbance::Replace(r#"{"errcode": 45009, "errmsg": "slow"}"#.into()), Retryable, "limit"),
    ] {
        let mut bench = Bench::by(way).await;
        bench.server.disturb_next(disturbance.clone());
        let (case, failure) = case(bench.write().await);
        assert_eq!((case, failure.category.as_str()), (expected, category), "{disturbance:?}");
        assert_eq!(failure.api, "gettoken");
        assert_eq!(bench.calls(), ["gettoken"], "{disturbance:?}");
        assert_eq!(bench.messages(), 0);
    }
}

by_each_component!(a_refused_connection_means_that_nothing_happened);
async fn a_refused_connection_means_that_nothing_happened(way: Way) {
    for api in [READ, WRITE] {
        let mut bench = Bench::by(way).await;
        bench.ask(api).await.unwrap();
        // The token is kept, so that it is the action itself that finds nobody.
        let address = bench.server.base_url();
        std::mem::replace(&mut bench.server, simulator(Options::strict()).await).stop().await;
        let failure = bench.ask(api).await.unwrap_err().retryable();
        assert_eq!((failure.category.as_str(), failure.api.as_str()), ("network", api), "{address}: {failure:?}");
        assert!(failure.message.contains("refused"), "{}", failure.message);
    }
}

by_each_component!(a_reply_that_echoes_secrets_gives_none_away);
async fn a_reply_that_echoes_secrets_gives_none_away(way: Way) {
    let mut bench = Bench::by(way).await;
    bench.write().await.unwrap();
    let token = bench.tokens().remove(0);
    let words = format!("GET /?access_token={token}&corpsecret={APP_SECRET}&x={CONTACTS_SECRET}, from ip: 192.0.2.7");
    bench.replace(json!({"errcode": 40058, "errmsg": words}).to_string());
    let failure = bench.write().await.unwrap_err().rejected();
    let shown = "GET /?access_token=[redacted]&corpsecret=[redacted]&x=[redacted], from ip: 192.0.2.7";
    assert_eq!((failure.message.as_str(), failure.caller_ip.as_deref()), (shown, Some("192.0.2.7")));

    bench.replace(json!({ "errcode": 0, "msgid": token, "invaliduser": APP_SECRET }).to_string());
    let output = bench.write().await.unwrap();
    assert_eq!((&output["msg_id"], &output["invalid_user"]), (&json!("[redacted]"), &json!(["[redacted]"])));

    // Where the type is wrong the parser quotes the value.
    bench.replace(json!({ "errcode": 0, "msgid": { token.clone(): token } }).to_string());
    bench.write().await.unwrap_err().outcome_unknown();
    let long = json!({"errcode": 40058, "errmsg": "长".repeat(100_000)});
    bench.replace(long.to_string());
    assert_eq!(bench.write().await.unwrap_err().rejected().message.chars().count(), 1001, "a thousand and an ellipsis");
}
