//! Connections: given or from the environment, good and bad; what a test of one proves; and the bounds that host and
//! connection set to a call.

use std::time::{Duration, Instant};

use host_test::client::Allow;
use host_test::host::bindings::exports::wecom::connector::connector::TokenScope;
use host_test::host::bindings::wecom::connector::types;
use host_test::host::{CallFault, Host, Limits};
use host_test::simulator::seed::*;
use host_test::simulator::{App, Disturbance, Options, Simulator};
use host_test::stepwise;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use wecom_connector::actions::ABOUT;

use crate::harness::{
    AWKWARD_SECRET, Answer, Caller, Error, Way, apis, application, assert_no_secret, by_each_component, chatbot, host,
    host_with, least, stepwise_host_with, with,
};

const READ: &str = "list-department-ids";
const WRITE: &str = "push-text-message";
const ROBOT: &str = "push-markdown-message-by-chatbot";

/// A simulator of the seed's world.
async fn simulator() -> Simulator {
    crate::harness::simulator(Options::strict()).await
}

/// Faults as pairs of pointer and message, all of them in the connection.
#[track_caller]
fn faults(answer: Answer) -> Vec<(String, String)> {
    let faults = answer.unwrap_err().faults();
    assert!(faults.iter().all(|fault| fault.argument == "connection"), "{faults:?}");
    faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
}

/// The faults have these pointers, in this order, and these words in their messages.
#[track_caller]
fn assert_faults(faults: &[(String, String)], expected: &[(&str, &str)], case: &str) {
    let fits = |((pointer, message), (place, words)): (&(String, String), &(&str, &str))| {
        pointer == place && message.contains(words)
    };
    let all = faults.len() == expected.len() && faults.iter().zip(expected).all(fits);
    assert!(all, "{case}: {faults:?} are not {expected:?}");
}

// -------------------------------------------------------------------------------------------------------- environment

/// A host whose components see these variables, and may call that simulator only.
fn host_in(simulator: &Simulator, environment: &[(&str, &str)]) -> Host {
    let authority = simulator.base_url().replace("http://", "");
    host_with(Limits {
        allow: Allow::Authorities(vec![authority]),
        environment: environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
        ..Limits::default()
    })
}

#[tokio::test]
async fn an_absent_connection_is_read_from_the_environment() {
    let simulator = simulator().await;
    let base_url = simulator.base_url();
    let host = host_in(
        &simulator,
        &[
            ("WECOM_CORP_ID", CORP_ID),
            ("WECOM_APP_SECRET", APP_SECRET),
            ("WECOM_CONTACTS_SECRET", CONTACTS_SECRET),
            ("WECOM_AGENT_ID", "1000002"),
            ("WECOM_CHATBOT_KEY", ROBOT_KEY),
            ("WECOM_BASE_URL", &base_url),
            ("WECOM_TIMEOUT_SECONDS", "5"),
            // Empty is as good as not set.
            ("WECOM_ACCESS_TOKEN", ""),
        ],
    );
    for way in Way::BOTH {
        let mut caller = Caller::of(&host).await;
        simulator.clear_requests();
        for action in [READ, WRITE, ROBOT] {
            caller.run(way, action, None, &least(action)).await.unwrap();
        }
        assert_eq!(apis(&simulator), ["gettoken", "department/simplelist", "gettoken", "message/send", "webhook/send"]);
        let requests = simulator.requests();
        let secrets = [&requests[0].pairs[1].1, &requests[2].pairs[1].1, &requests[4].pairs[0].1];
        assert_eq!(secrets, [CONTACTS_SECRET, APP_SECRET, ROBOT_KEY]);
        let body: Value = serde_json::from_slice(&requests[3].body).unwrap();
        assert_eq!(body["agentid"], AGENT_ID);
    }
    let token = Caller::of(&host).await.access_token(None, "app").await.unwrap();
    let host = host_in(
        &simulator,
        &[
            ("WECOM_CORP_ID", CORP_ID),
            ("WECOM_ACCESS_TOKEN", token["access_token"].as_str().unwrap()),
            ("WECOM_BASE_URL", &base_url),
        ],
    );
    simulator.clear_requests();
    Caller::of(&host).await.run(Way::Typed, READ, None, &least(READ)).await.unwrap();
    assert_eq!(apis(&simulator), ["department/simplelist"]);

    let host = host_in(
        &simulator,
        &[
            ("WECOM_CORP_ID", CORP_ID),
            ("WECOM_ACCESS_TOKEN", "SIM-TOKEN-wrong"),
            ("WECOM_CONTACTS_ACCESS_TOKEN", token["access_token"].as_str().unwrap()),
            ("WECOM_BASE_URL", &base_url),
        ],
    );
    Caller::of(&host).await.run(Way::Typed, READ, None, &least(READ)).await.unwrap();
}

#[tokio::test]
async fn a_given_connection_takes_nothing_from_the_environment() {
    let simulator = simulator().await;
    let base_url = simulator.base_url();
    let host = host_in(
        &simulator,
        &[
            ("WECOM_CORP_ID", CORP_ID),
            ("WECOM_APP_SECRET", APP_SECRET),
            ("WECOM_CONTACTS_SECRET", "SIMULATED-wrong"),
            ("WECOM_AGENT_ID", "1000002"),
            ("WECOM_ACCESS_TOKEN", "SIM-TOKEN-wrong"),
            ("WECOM_CONTACTS_ACCESS_TOKEN", "SIM-TOKEN-wrong"),
            ("WECOM_CHATBOT_KEY", ROBOT_KEY),
            ("WECOM_BASE_URL", &base_url),
            ("WECOM_TIMEOUT_SECONDS", "not read"),
        ],
    );
    for way in Way::BOTH {
        let mut caller = Caller::of(&host).await;
        let given = with(application(&simulator), json!({"agent_id": null, "contacts_secret": null}));
        let answer = caller.run(way, WRITE, Some(&given), &least(WRITE)).await;
        let faults = answer.unwrap_err().faults();
        assert_eq!(
            (faults[0].pointer.as_str(), faults.len()),
            ("/agent_id", 1),
            "the agent ID is the connection's own"
        );

        simulator.clear_requests();
        caller.run(way, READ, Some(&given), &least(READ)).await.unwrap();
        assert_eq!(simulator.requests()[0].pairs[1].1, APP_SECRET, "no contacts secret, no token");

        let none = with(given.clone(), json!({"app_secret": null}));
        let answer = caller.run(way, READ, Some(&none), &least(READ)).await;
        assert_faults(&self::faults(answer), &[("/app_secret", "is required")], "app_secret");

        // The host lets the component call the simulator only, not the public service.
        for (action, given) in [(READ, &given), (ROBOT, &chatbot(&simulator))] {
            simulator.clear_requests();
            let elsewhere = with(given.clone(), json!({"base_url": null}));
            let failure = caller.run(way, action, Some(&elsewhere), &least(action)).await.unwrap_err().rejected();
            assert_eq!(failure.category, "permission");
            assert!(failure.message.contains("does not allow"), "{}", failure.message);
            assert!(simulator.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn an_environment_with_faults_in_it_names_its_variables() {
    let simulator = simulator().await;
    let application = ["WECOM_CORP_ID", "WECOM_APP_SECRET"].map(|name| (name, "SIMULATED-x"));
    let robot = [("WECOM_CHATBOT_KEY", ROBOT_KEY)];
    type Expected = &'static [(&'static str, &'static str)];
    let cases: [(&str, Vec<(&str, &str)>, Expected); 9] = [
        (READ, vec![], &[("/corp_id", "WECOM_CORP_ID is not set")]),
        (ROBOT, vec![], &[("/chatbot_key", "WECOM_CHATBOT_KEY is not set")]),
        (READ, vec![("WECOM_CORP_ID", ""), application[1]], &[("/corp_id", "WECOM_CORP_ID is not set")]),
        (READ, vec![application[0]], &[("/app_secret", "is required")]),
        (
            READ,
            [&application[..], &[("WECOM_AGENT_ID", "-1"), ("WECOM_TIMEOUT_SECONDS", "5 s")]].concat(),
            &[
                ("/agent_id", "must be a whole number from 1 to 9007199254740991 in WECOM_AGENT_ID"),
                ("/timeout_seconds", "must be a whole number from 1 to 600 in WECOM_TIMEOUT_SECONDS"),
            ],
        ),
        (
            ROBOT,
            [&robot[..], &[("WECOM_TIMEOUT_SECONDS", "4294967296")]].concat(),
            &[("/timeout_seconds", "must be a whole number from 1 to 600 in WECOM_TIMEOUT_SECONDS")],
        ),
        (ROBOT, [&robot[..], &[("WECOM_TIMEOUT_SECONDS", "0")]].concat(), &[("/timeout_seconds", "from 1 to 600")]),
        (
            READ,
            [&application[..], &[("WECOM_BASE_URL", "weixin")]].concat(),
            &[("/base_url", "must be a URL such as https://")],
        ),
        (
            ROBOT,
            vec![("WECOM_CHATBOT_KEY", "https://example.com/")],
            &[("/chatbot_key", "must be the key, or the whole")],
        ),
    ];
    for (action, environment, expected) in cases {
        let host = host_in(&simulator, &environment);
        for way in Way::BOTH {
            let answer = Caller::of(&host).await.run(way, action, None, &least(action)).await;
            assert_faults(&faults(answer), expected, &format!("{environment:?}"));
        }
    }
}

// ------------------------------------------------------------------------------------------------------ good and bad

#[tokio::test]
async fn name_and_description_are_for_people() {
    let simulator = simulator().await;
    for (action, given) in [(READ, application(&simulator)), (ROBOT, chatbot(&simulator))] {
        let labelled = with(given.clone(), json!({"name": "研发部", "description": ""}));
        Caller::new().await.invoke(action, Some(&labelled), &least(action)).await.unwrap();
        let mut labelled = given;
        labelled["name"] = Value::Null;
        labelled["description"] = json!(7);
        let answer = Caller::new().await.invoke(action, Some(&labelled), &least(action)).await;
        assert_faults(&faults(answer), &[("/description", "must be a text")], action);
    }
}

#[tokio::test]
async fn every_fault_of_a_connection_is_named_and_nothing_is_sent() {
    let simulator = simulator().await;
    let good = [(READ, application(&simulator)), (ROBOT, chatbot(&simulator))];
    let both = [0, 1];
    let (app, bot) = ([0], [1]);
    type Expected = &'static [(&'static str, &'static str)];
    let cases: &[(&[usize], Value, Expected)] = &[
        (&app, json!({"type": "chatbot"}), &[("/type", "must be \"application\"")]),
        (&bot, json!({"type": "application"}), &[("/type", "must be \"chatbot\"")]),
        (&both, json!({"type": "Application"}), &[("/type", "must be")]),
        (&both, json!({"type": 1}), &[("/type", "must be")]),
        (&both, json!({"type": null}), &[("/type", "is required")]),
        (&app, json!({"app_secert": "SIMULATED-x"}), &[("/app_secert", "did you mean \"app_secret\"?")]),
        (&app, json!({"agentId": 1}), &[("/agentId", "did you mean \"agent_id\"?")]),
        (&bot, json!({"key": ROBOT_KEY}), &[("/key", "is not a parameter here; there are chatbot_key, base_url")]),
        (&bot, json!({"chatbot_keys": ROBOT_KEY}), &[("/chatbot_keys", "did you mean \"chatbot_key\"?")]),
        (&app, json!({"corp_id": null}), &[("/corp_id", "is required")]),
        (&app, json!({"corp_id": ""}), &[("/corp_id", "must not be empty")]),
        (&app, json!({"corp_id": [7]}), &[("/corp_id", "must be a text")]),
        (
            &app,
            json!({"corp_id": "ww1\nww2"}),
            &[("/corp_id", "control and invisible characters; character 4 is U+000A")],
        ),
        (&app, json!({"app_secret": null}), &[("/app_secret", "is required")]),
        (&app, json!({"app_secret": ""}), &[("/app_secret", "is required")]),
        (&app, json!({"app_secret": ["SIMULATED-x"]}), &[("/app_secret", "must be a text, not a list")]),
        (&app, json!({"agent_id": -1}), &[("/agent_id", "must be a whole number")]),
        (&app, json!({"agent_id": 0}), &[("/agent_id", "must be 1 or more")]),
        (&app, json!({"agent_id": 9_007_199_254_740_992_u64}), &[("/agent_id", "must be 9007199254740991 or less")]),
        (&app, json!({"agent_id": 1.5}), &[("/agent_id", "from 1 to 9007199254740991, not a number")]),
        (&app, json!({"lower_corp_id": "ww2"}), &[("/lower_agent_id", "is required where `lower_corp_id`")]),
        (&app, json!({"lower_agent_id": 7}), &[("/lower_corp_id", "is required where `lower_agent_id`")]),
        (&app, json!({"business_type": 0}), &[("/lower_corp_id", "is required where `lower_agent_id`")]),
        (
            &app,
            json!({"lower_corp_id": "ww2", "lower_agent_id": 7, "business_type": 2}),
            &[("/business_type", "must be 1 or less")],
        ),
        (&bot, json!({"chatbot_key": null}), &[("/chatbot_key", "is required")]),
        (&bot, json!({"chatbot_key": ""}), &[("/chatbot_key", "must not be empty")]),
        (
            &bot,
            json!({"chatbot_key": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send"}),
            &[("/chatbot_key", "whole webhook")],
        ),
        (
            &bot,
            json!({"chatbot_key": format!("https://example.com/?key={ROBOT_KEY}")}),
            &[("/chatbot_key", "whole webhook")],
        ),
        (&both, json!({"base_url": "weixin"}), &[("/base_url", "must be a URL")]),
        (
            &bot,
            json!({"chatbot_key": format!("https://u:p@example.com/cgi-bin/webhook/send?key={ROBOT_KEY}")}),
            &[("/chatbot_key", "whole webhook")],
        ),
        (&both, json!({"base_url": "ftp://example.com"}), &[("/base_url", "must be a URL")]),
        (&both, json!({"base_url": "https://"}), &[("/base_url", "must be a URL")]),
        (&both, json!({"base_url": "https://企业微信"}), &[("/base_url", "must be a URL")]),
        (&both, json!({"base_url": "https://exa\u{0}mple.com"}), &[("/base_url", "; character 12 is U+0000")]),
        (&both, json!({"base_url": "https://example.com:99999"}), &[("/base_url", "port")]),
        (&both, json!({"base_url": "https://u:AWKWARD@example.com"}), &[("/base_url", "user name")]),
        (&both, json!({"base_url": "https://example.com/?corpsecret=AWKWARD"}), &[("/base_url", "no ?")]),
        (&both, json!({"timeout_seconds": 0}), &[("/timeout_seconds", "must be 1 or more")]),
        (&both, json!({"timeout_seconds": 601}), &[("/timeout_seconds", "must be 600 or less")]),
        (&both, json!({"timeout_seconds": "soon"}), &[("/timeout_seconds", "must be a whole number")]),
        (
            &app,
            json!({"type": null, "name": 1, "corp_di": "x", "corp_id": null, "agent_id": "x"}),
            &[
                ("/type", "is required"),
                ("/name", "must be a text"),
                ("/corp_di", "did you mean \"corp_id\"?"),
                ("/corp_id", "is required"),
                ("/agent_id", "must be a whole number"),
            ],
        ),
        (
            &app,
            json!({"corp_id": "", "app_secret": "", "base_url": "x", "timeout_seconds": 0}),
            &[("/corp_id", ""), ("/timeout_seconds", ""), ("/app_secret", ""), ("/base_url", "")],
        ),
    ];
    let mut caller = Caller::new().await;
    for (which, changes, expected) in cases {
        for (action, given) in which.iter().map(|&index| &good[index]) {
            let given = with(given.clone(), changes.clone());
            let answer = caller.invoke(action, Some(&given), &least(action)).await;
            assert_faults(&faults(answer), expected, &format!("{action} {changes}"));
            // A test of the connection finds the same, but cannot know which type was meant.
            if expected[0].0 != "/type" {
                assert_faults(&faults(caller.test_connection(Some(&given)).await), expected, &changes.to_string());
            }
        }
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_record_is_checked_as_its_json_is() {
    let simulator = simulator().await;
    let mut caller = Caller::new().await;
    for (action, given, pointer) in [
        (READ, with(application(&simulator), json!({"corp_id": ""})), "/corp_id"),
        (READ, with(application(&simulator), json!({"base_url": "x"})), "/base_url"),
        (ROBOT, with(chatbot(&simulator), json!({"timeout_seconds": 601})), "/timeout_seconds"),
        (ROBOT, with(chatbot(&simulator), json!({"chatbot_key": "http://x"})), "/chatbot_key"),
    ] {
        let typed = caller.typed(action, Some(&given), &least(action)).await;
        let invoked = caller.invoke(action, Some(&given), &least(action)).await;
        assert_eq!(typed, invoked);
        assert_faults(&faults(typed), &[(pointer, "")], action);
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn what_is_no_connection_at_all_is_named_with_its_place() {
    let simulator = simulator().await;
    let mut caller = Caller::new().await;
    let long = format!("{{\"type\": \"application\", \"corp_id\": \"{}\"}}", "x".repeat(10_000_000));
    for (text, words) in [
        ("", "is not JSON at line 1 column 1: it breaks off there"),
        (
            "{\n  \"type\": \"application\",\n  \"app_secret\": \"SIMULATED-x\" \"corp_id\"}",
            "at line 3 column 31: a comma or a closing bracket is missing there",
        ),
        ("{\"app_secret\": \"SIMULATED-x\"", "at line 1 column 29: it breaks off there"),
        (
            "{\"corp_id\": \"a\",\n \"corp_id\": \"b\"}",
            "key \"corp_id\" stands twice in one object at line 2 column 10",
        ),
        ("[]", "must be a JSON object, not a list"),
        ("\"SIMULATED-x\"", "must be a JSON object, not a text"),
        ("null", "must be a JSON object, not null"),
        ("123456789", "must be a JSON object, not a number"),
        (&"[".repeat(100_000), "is not JSON at line 1 column 128: there are more than 127 brackets inside each other"),
        (&long, "must have at most 8388608 bytes in UTF-8, and has 10000"),
    ] {
        let answer = caller.invoke_text(READ, Some(text), "{}").await;
        let case = &text[..text.len().min(100)];
        assert_faults(&faults(answer), &[("", words)], case);
        let answer = caller.call("connector", "test-connection", &[json!(text)]).await;
        assert_faults(&faults(answer), &[("", words)], case);
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_large_argument_of_small_values_is_refused_within_the_memory_of_the_host() {
    let simulator = simulator().await;
    let (app, robot) = (application(&simulator).to_string(), chatbot(&simulator).to_string());
    // As many units as there is room for; in memory each takes many times its text.
    let fill = |start: &str, unit: &str, end: &str| {
        let room = 8 * 1024 * 1024 - start.len() - end.len();
        format!("{start}{}{end}", unit.repeat(room / unit.len()))
    };
    let keys: String = (0..500_000).map(|number| format!(",\"key{number}\":0")).collect();
    let listed = [
        fill("[0", ",0", "]"),
        fill("[0", ",{\"a\":0}", "]"),
        fill("[0", ",[]", "]"),
        fill("{\"to_user\": [\"\"", ",\"\"", "]}"),
        fill("{\"to_party\": [0", ",0", "]}"),
        fill("{\"to_user\": \"a", ",a", "\"}"),
        fill("{\"to_party\": \"1", "|1", "\"}"),
        format!("{{\"key\":0{keys}}}"),
    ];
    for text in listed {
        for (action, connection, parameters) in [(WRITE, &app, &text), (READ, &text, &"{}".to_owned())] {
            let answer = Caller::new().await.invoke_text(action, Some(connection), parameters).await;
            assert!(!answer.unwrap_err().faults().is_empty(), "{}", &text[..50]);
        }
    }
    assert!(simulator.requests().is_empty());

    // One long text is another matter: it is cut as any other.
    let parameters = fill("{\"content\": \"", "企", "\"}");
    let output = Caller::new().await.invoke_text("push-text-message-by-chatbot", Some(&robot), &parameters).await;
    assert_eq!(output, Ok(json!({"truncated": ["content"], "cleaned": []})));
}

#[tokio::test]
async fn a_text_that_no_url_has_room_for_is_a_fault_at_its_place() {
    let simulator = simulator().await;
    let (app, robot) = (application(&simulator), chatbot(&simulator));
    let long = "企".repeat(2_600_000);
    let chat = json!({"chat_id": long}).to_string();
    let leaver = json!({"user_id": long}).to_string();
    let mut calls = vec![
        ("get-group-chat", app.clone(), chat.as_str(), "/chat_id"),
        ("delete-member", app.clone(), leaver.as_str(), "/user_id"),
        (ROBOT, with(robot, json!({"chatbot_key": long})), "{\"content\": \"x\"}", "/chatbot_key"),
    ];
    for (key, pointer) in [
        ("corp_id", "/corp_id"),
        ("app_secret", "/app_secret"),
        ("contacts_secret", "/contacts_secret"),
        ("access_token", "/access_token"),
        ("contacts_access_token", "/contacts_access_token"),
        ("base_url", "/base_url"),
    ] {
        calls.push((READ, with(app.clone(), json!({key: long})), "{}", pointer));
    }
    for (action, connection, parameters, pointer) in calls {
        let answer = Caller::new().await.invoke_text(action, Some(&connection.to_string()), parameters).await;
        let faults = format!("{:?}", answer.unwrap_err().faults());
        assert!(faults.contains(pointer) && faults.contains("at most 4096 bytes"), "{action}: {faults}");
    }
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn faults_of_connection_and_parameters_come_together() {
    let simulator = simulator().await;
    let given = with(application(&simulator), json!({"corp_id": ""}));
    for way in Way::ALL {
        let answer = Caller::by(way).await.run(way, READ, Some(&given), &json!({"id": 0})).await;
        let faults = answer.unwrap_err().faults();
        let places: Vec<_> = faults.iter().map(|fault| (fault.argument.as_str(), fault.pointer.as_str())).collect();
        assert_eq!(places, [("connection", "/corp_id"), ("parameters", "/id")]);
    }
}

#[tokio::test]
async fn a_chatbot_key_may_be_the_whole_webhook_address() {
    let (here, elsewhere) = (simulator().await, simulator().await);
    let address = format!("{}/cgi-bin/webhook/send?debug=1&key={ROBOT_KEY}#x", here.base_url());
    for way in Way::ALL {
        let mut caller = Caller::by(way).await;
        let pasted = json!({ "type": "chatbot", "chatbot_key": address });
        caller.run(way, ROBOT, Some(&pasted), &least(ROBOT)).await.unwrap();
        let request = here.requests().pop().unwrap();
        assert_eq!((request.path.as_str(), request.query), ("/cgi-bin/webhook/send", format!("key={ROBOT_KEY}")));
        assert!(elsewhere.requests().is_empty());

        let proxied = with(pasted, json!({"base_url": elsewhere.base_url()}));
        here.clear_requests();
        caller.run(way, ROBOT, Some(&proxied), &least(ROBOT)).await.unwrap();
        assert_eq!((here.requests().len(), apis(&elsewhere).len()), (0, 1), "the base URL wins");
        elsewhere.clear_requests();

        // What goes wrong shows neither key nor address.
        here.with_world(|world| world.stop_robot(ROBOT_KEY));
        let pasted = json!({ "type": "chatbot", "chatbot_key": address });
        let failure = caller.run(way, ROBOT, Some(&pasted), &least(ROBOT)).await.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.credential.as_str()), (Some(93004), "chatbot-key"));
        here.with_world(|world| world.add_robot(ROBOT_KEY));
    }
}

by_each_component!(a_base_url_may_have_a_path);
async fn a_base_url_may_have_a_path(way: Way) {
    let server = answering("HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"errcode\":0}").await;
    let given = json!({"type": "chatbot", "chatbot_key": ROBOT_KEY, "base_url": format!("{}/proxy/wecom/", server.0)});
    Caller::by(way).await.invoke(ROBOT, Some(&given), &least(ROBOT)).await.unwrap();
    let request = server.1.await.unwrap();
    assert!(request.starts_with(&format!("POST /proxy/wecom/cgi-bin/webhook/send?key={ROBOT_KEY} HTTP/1.1\r\n")));
}

// ---------------------------------------------------------------------------------------------------- what WeCom says

#[tokio::test]
async fn the_wrong_kind_of_secret_is_answered_with_the_right_one() {
    let simulator = simulator().await;
    let app_only = with(application(&simulator), json!({"contacts_secret": null}));
    let contacts_only = with(app_only.clone(), json!({ "app_secret": CONTACTS_SECRET }));
    for way in Way::ALL {
        let mut caller = Caller::by(way).await;
        // AppSecret serves where there is no contacts secret, as far as WeCom lets it.
        caller.run(way, READ, Some(&app_only), &least(READ)).await.unwrap();
        let answer = caller.run(way, "delete-department", Some(&app_only), &json!({"id": 5})).await;
        let failure = answer.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.credential.as_str()), (Some(48002), "app-secret"));
        assert!(
            failure.hint.en.starts_with("This action needs the contacts secret (Contacts Secret). "),
            "{failure:?}"
        );
        assert!(failure.hint.en.contains("Contacts Sync"));
        assert!(failure.hint.zh.starts_with("本操作需要通讯录Secret。"), "{failure:?}");
        assert!(failure.hint.zh.contains("通讯录Secret") && failure.hint.zh.contains("通讯录同步"));

        let answer = caller.run(way, WRITE, Some(&contacts_only), &least(WRITE)).await;
        let failure = answer.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.category.as_str()), (Some(48002), "permission"));
        let words = "This action needs the secret of the application (AppSecret). ";
        assert!(failure.hint.en.starts_with(words), "{failure:?}");
        assert!(failure.hint.zh.starts_with("本操作需要应用的Secret（AppSecret）。"), "{failure:?}");
    }
}

by_each_component!(an_untrusted_address_is_named);
async fn an_untrusted_address_is_named(way: Way) {
    let simulator = simulator().await;
    simulator.with_world(|world| world.trust_ip(false));
    for (action, credential) in [(READ, "contacts-secret"), (WRITE, "app-secret")] {
        let answer = Caller::by(way).await.invoke(action, Some(&application(&simulator)), &least(action)).await;
        let failure = answer.unwrap_err().rejected();
        assert_eq!((failure.errcode, failure.category.as_str()), (Some(60020), "permission"));
        assert_eq!((failure.caller_ip.as_deref(), failure.credential.as_str()), (Some("127.0.0.1"), credential));
        assert!(failure.hint.en.starts_with("WeCom saw this call come from 127.0.0.1. "), "{failure:?}");
        assert!(failure.hint.zh.starts_with("企业微信看到本次调用来自127.0.0.1。"), "{failure:?}");
        assert!(failure.hint.en.contains("Trusted enterprise IP") && failure.hint.zh.contains("企业可信IP"));
    }
    // A chatbot calls from anywhere.
    Caller::by(way).await.invoke(ROBOT, Some(&chatbot(&simulator)), &least(ROBOT)).await.unwrap();
}

/// Every text of a connection, whatever it is: WeCom would only say that the secret is wrong.
#[tokio::test]
async fn what_nobody_sees_inside_a_credential_is_told_and_the_credential_is_not() {
    let simulator = simulator().await;
    let mut caller = Caller::new().await;
    let mut seen = Vec::new();
    for (action, given) in [(READ, application(&simulator)), (ROBOT, chatbot(&simulator))] {
        let path = format!(
            "{}/../schemas/connection/{}.schema.json",
            env!("CARGO_MANIFEST_DIR"),
            given["type"].as_str().unwrap()
        );
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for (name, property) in schema["properties"].as_object().unwrap() {
            let is_label = ["name", "description"].contains(&name.as_str());
            if property["type"] != "string" || property.get("const").is_some() || is_label {
                continue;
            }
            seen.push(name.clone());
            for hidden in ['\u{200b}', '\u{feff}', '\u{2060}', '\u{200e}', '\u{202a}', '\u{ad}', '\u{7}'] {
                let text = given[name].as_str().unwrap_or("SIMULATED-token");
                let text = format!("{}{hidden}{}", &text[..8], &text[8..]);
                let wrong = with(given.clone(), json!({ name: text }));
                let answer = caller.invoke(action, Some(&wrong), &least(action)).await;
                let rule = format!(
                    "must be one line of text, without control and invisible characters; character 9 is U+{:04X}",
                    u32::from(hidden)
                );
                assert_eq!(faults(answer), [(format!("/{name}"), rule)], "{name} {hidden:?}");
            }
        }
    }
    let expected = ["access_token", "app_secret", "base_url", "base_url", "chatbot_key", "contacts_access_token"];
    seen.sort();
    assert!(expected.iter().all(|name| seen.iter().any(|seen| seen == name)), "{seen:?}");
    // In an address the key may be percent-encoded.
    let address = format!("{}/cgi-bin/webhook/send?key=693a%E2%80%8B91f6", simulator.base_url());
    let given = with(chatbot(&simulator), json!({ "chatbot_key": address }));
    let answer = caller.invoke(ROBOT, Some(&given), &least(ROBOT)).await;
    assert_faults(&faults(answer), &[("/chatbot_key", "; character 5 is U+200B")], "percent-encoded");
    assert!(simulator.requests().is_empty());
}

// -------------------------------------------------------------------------------------------------- test-connection

/// What a report says of each credential.
fn proved(report: Answer) -> Vec<(String, bool)> {
    let report = report.unwrap();
    let checks = report["checks"].as_array().unwrap().iter().map(|check| {
        assert!(
            check["detail"]["en"].as_str().unwrap().len() > 20 && check["detail"]["zh"].as_str().unwrap().len() > 20
        );
        (check["credential"].as_str().unwrap().to_owned(), check["proved"].as_bool().unwrap())
    });
    checks.collect()
}

fn checks(expected: &[(&str, bool)]) -> Vec<(String, bool)> {
    expected.iter().map(|&(credential, proved)| (credential.to_owned(), proved)).collect()
}

by_each_component!(a_test_proves_each_secret_by_gettoken);
async fn a_test_proves_each_secret_by_gettoken(way: Way) {
    let simulator = simulator().await;
    let given = application(&simulator);
    let mut caller = Caller::by(way).await;
    // An old token proves nothing: it is asked for again each time.
    for _ in 0..2 {
        simulator.clear_requests();
        let report = caller.test_connection(Some(&given)).await;
        assert_eq!(proved(report), checks(&[("app-secret", true), ("contacts-secret", true)]));
        assert_eq!(apis(&simulator), ["gettoken", "gettoken", "agent/get"]);
        let secrets = simulator.requests().into_iter().take(2).map(|request| request.pairs[1].1.clone());
        assert_eq!(secrets.collect::<Vec<_>>(), [APP_SECRET, CONTACTS_SECRET]);
    }
    // Whether the application is shared, too.
    simulator.clear_requests();
    let lower = with(lower_application(&simulator.base_url()), json!({"contacts_secret": null}));
    let report = caller.test_connection(Some(&lower)).await;
    assert_eq!(proved(report), checks(&[("app-secret", true), ("app-secret", true)]));
    assert_eq!(apis(&simulator), ["gettoken", "corpgroup/corp/gettoken", "agent/get"]);
    let report = caller.test_connection(Some(&lower)).await.unwrap();
    let detail = report["checks"][1]["detail"]["en"].as_str().unwrap();
    assert!(detail.contains("There it is “"), "{detail}");
    // The wrong ID is named, and so is the right one.
    let right = format!("the application has the ID {}:", lower["lower_agent_id"]);
    for (changes, pointer, errcode, says) in [
        (json!({"lower_corp_id": "ww0"}), "/lower_corp_id", 670_001, ""),
        (json!({"lower_agent_id": 7}), "/lower_agent_id", 40056, &*right),
    ] {
        let report = caller.test_connection(Some(&with(lower.clone(), changes))).await.unwrap();
        let check = &report["checks"][1];
        assert_eq!((&check["pointer"], &check["proved"]), (&json!(pointer), &json!(false)), "{report}");
        assert_eq!(check["error"]["permanent-rejected"]["errcode"], errcode, "{report}");
        assert!(check["detail"]["en"].as_str().unwrap().contains(says), "{report}");
    }
    simulator.clear_requests();
    let unknown = with(lower, json!({"app_secret": AWKWARD_SECRET}));
    assert_eq!(proved(caller.test_connection(Some(&unknown)).await), checks(&[("app-secret", false)]));
    assert_eq!(apis(&simulator), ["gettoken"]);

    simulator.clear_requests();
    let one = with(given.clone(), json!({"contacts_secret": null}));
    assert_eq!(proved(caller.test_connection(Some(&one)).await), checks(&[("app-secret", true)]));
    assert_eq!(apis(&simulator), ["gettoken", "agent/get"]);

    // A wrong secret beside a right one: what is good is kept, and what is not is told at its field.
    for (wrong, right) in [("app_secret", "contacts_secret"), ("contacts_secret", "app_secret")] {
        simulator.clear_requests();
        let report =
            caller.test_connection(Some(&with(given.clone(), json!({ wrong: AWKWARD_SECRET })))).await.unwrap();
        let check = |field: &str| {
            let pointer = json!(format!("/{field}"));
            report["checks"].as_array().unwrap().iter().find(|check| check["pointer"] == pointer).unwrap().clone()
        };
        let (wrong, right) = (check(wrong), check(right));
        assert_eq!((&right["proved"], right.get("error")), (&json!(true), None), "{report}");
        assert_eq!(wrong["proved"], false, "{report}");
        let failure = &wrong["error"]["permanent-rejected"];
        assert_eq!((&failure["errcode"], &failure["credential"]), (&json!(40001), &wrong["credential"]), "{report}");
        assert_eq!(failure["hint"], wrong["detail"], "{report}");
        // Of the application, only its own secret tells.
        let application = (right["pointer"] == "/app_secret").then_some("agent/get");
        assert_eq!(apis(&simulator), ["gettoken", "gettoken"].into_iter().chain(application).collect::<Vec<_>>());
        assert_no_secret(&report.to_string());
    }
    // Where nothing is right, each is told at its field; a wrong Enterprise ID once, and WeCom is asked once.
    let wrong = json!({"app_secret": AWKWARD_SECRET, "contacts_secret": AWKWARD_SECRET});
    let token = json!({"corp_id": "ww0", "access_token": "SIM-TOKEN-x"});
    for (changes, expected) in [
        (&wrong, &[("app-secret", "/app_secret", 40001), ("contacts-secret", "/contacts_secret", 40001)][..]),
        (&json!({"corp_id": "ww0"}), &[("app-secret", "/corp_id", 40013)]),
        (
            &json!({"corp_id": "ww0", "app_secret": null, "access_token": "x"}),
            &[("contacts-secret", "/corp_id", 40013)],
        ),
        (&token, &[("app-secret", "/corp_id", 40013)]),
    ] {
        simulator.clear_requests();
        let report = caller.test_connection(Some(&with(given.clone(), changes.clone()))).await.unwrap();
        let refused: Vec<_> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["credential"] != "access-token")
            .map(|check| {
                let failure = &check["error"]["permanent-rejected"];
                assert_eq!((&check["proved"], &failure["category"]), (&json!(false), &json!("authentication")));
                assert_eq!(check["detail"], failure["hint"], "{report}");
                let text = |name: &str| check[name].as_str().unwrap();
                (text("credential"), text("pointer"), failure["errcode"].as_i64().unwrap())
            })
            .collect();
        assert_eq!(refused, expected, "{report}");
        assert_eq!(apis(&simulator).len(), expected.len(), "{changes}");
        assert_no_secret(&report.to_string());
    }
    // Who does not answer for the first secret is not asked for the second.
    let silent = with(given.clone(), json!({"base_url": "http://127.0.0.1:1"}));
    let failure = caller.test_connection(Some(&silent)).await.unwrap_err().retryable();
    assert_eq!((failure.category.as_str(), failure.credential.as_str()), ("network", "app-secret"));
    // What WeCom said of the first is kept where the second gets no answer. To be busy is an answer.
    let busy = r#"{"errcode":-1,"errmsg":"system error"}"#;
    for (second, code) in [(Disturbance::LoseReply, json!(null)), (Disturbance::Replace(busy.into()), json!(-1))] {
        simulator.disturb_next(Disturbance::Replace(busy.into()));
        simulator.disturb_next(second);
        let report = caller.test_connection(Some(&given)).await.unwrap();
        let error = |index: usize| report["checks"][index]["error"]["retryable"].clone();
        assert_eq!((&error(0)["errcode"], &error(0)["category"]), (&json!(-1), &json!("service")), "{report}");
        assert_eq!((&error(1)["errcode"], &error(1)["credential"]), (&code, &json!("contacts-secret")), "{report}");
        assert_eq!(report["checks"][1]["pointer"], "/contacts_secret", "{report}");
    }

    // A token cannot be proved without doing something.
    simulator.clear_requests();
    let token = json!({"app_secret": null, "contacts_secret": null, "access_token": "SIM-TOKEN-x"});
    let report = caller.test_connection(Some(&with(given, token))).await;
    assert_eq!(proved(report), checks(&[("access-token", false)]));
    assert!(simulator.requests().is_empty());
}

by_each_component!(a_test_says_of_which_application_the_secret_is);
async fn a_test_says_of_which_application_the_secret_is(way: Way) {
    let simulator = simulator().await;
    let given = with(application(&simulator), json!({"contacts_secret": null}));
    let mut caller = Caller::by(way).await;
    let report = caller.test_connection(Some(&given)).await.unwrap();
    let detail = &report["checks"][0]["detail"];
    assert_eq!(
        *detail,
        json!({
            "en": "WeCom accepts the Enterprise ID and this secret. It belongs to the application “流程助手” (1000002), which is \
                switched on. Its visible range (可见范围) names 0 members, 1 departments and 0 tags.",
            "zh": "企业微信接受该企业ID和Secret。它属于应用“流程助手”（1000002），应用已启用，可见范围中有0名成员、1个部门和0个标签。",
        })
    );

    // Without an ID, WeCom tells it.
    simulator.clear_requests();
    let report = caller.test_connection(Some(&with(given.clone(), json!({"agent_id": null})))).await;
    let detail = report.as_ref().unwrap()["checks"][0]["detail"].clone();
    assert_eq!(proved(report), checks(&[("app-secret", true)]));
    assert!(
        detail["en"].as_str().unwrap().ends_with("put 1000002 into Enterprise App ID, which is empty."),
        "{detail}"
    );
    assert!(detail["zh"].as_str().unwrap().ends_with("请填入1000002。"), "{detail}");
    assert_eq!(apis(&simulator), ["gettoken", "agent/list", "agent/get"]);

    // The ID of another application is told at its field, with the right one.
    simulator.clear_requests();
    let report = caller.test_connection(Some(&with(given.clone(), json!({"agent_id": OTHER_AGENT_ID})))).await.unwrap();
    assert_eq!(apis(&simulator), ["gettoken", "agent/get", "agent/list"]);
    let check = &report["checks"][1];
    assert_eq!((&check["pointer"], &check["proved"]), (&json!("/agent_id"), &json!(false)), "{report}");
    let failure = &check["error"]["permanent-rejected"];
    assert_eq!((&failure["errcode"], &failure["hint"]), (&json!(301_002), &check["detail"]), "{report}");
    for text in ["en", "zh"].map(|language| check["detail"][language].as_str().unwrap()) {
        assert!(text.contains("流程助手") && text.contains("1000002"), "{report}");
    }
    assert_eq!(report["checks"][0]["proved"], true, "{report}");

    // What the secret may not do shows here: from an address that is not trusted, or where nothing is answered.
    simulator.with_world(|world| world.trust_ip(false));
    let report = caller.test_connection(Some(&given)).await.unwrap();
    let check = &report["checks"][1];
    assert_eq!(check["pointer"], "/app_secret", "{report}");
    assert_eq!(check["error"]["permanent-rejected"]["errcode"], 60020, "{report}");
    simulator.with_world(|world| world.trust_ip(true));

    // An application that is switched off has the right secret and the right ID, and is of no use.
    let off = App { name: "旧应用".into(), closed: true, ..App::new(1_000_009, AWKWARD_SECRET, vec![1]) };
    simulator.with_world(|world| world.add_app(CORP_ID, off));
    let off = with(given, json!({"app_secret": AWKWARD_SECRET, "agent_id": 1_000_009}));
    let report = caller.test_connection(Some(&off)).await;
    let check = report.as_ref().unwrap()["checks"][1].clone();
    assert_eq!(proved(report), checks(&[("app-secret", true), ("app-secret", false)]));
    assert_eq!((&check["pointer"], check.get("error")), (&json!("/agent_id"), None), "{check}");
    assert!(check["detail"]["en"].as_str().unwrap().contains("“旧应用” (1000009) is switched off"), "{check}");
    let text = json!({"to_user": [ZHANGSAN], "content": "x"});
    let failure = caller.invoke("push-text-message", Some(&off), &text).await.unwrap_err().rejected();
    assert_eq!(failure.errcode, Some(50003));
}

by_each_component!(a_test_of_a_chatbot_sends_nothing_and_says_so);
async fn a_test_of_a_chatbot_sends_nothing_and_says_so(way: Way) {
    let simulator = simulator().await;
    let report = Caller::by(way).await.test_connection(Some(&chatbot(&simulator))).await;
    let detail = report.as_ref().unwrap()["checks"][0]["detail"].clone();
    assert_eq!(proved(report), checks(&[("chatbot-key", false)]));
    assert!(detail["en"].as_str().unwrap().contains("without sending a message"), "{detail}");
    assert!(detail["zh"].as_str().unwrap().contains("不发消息"), "{detail}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn a_test_without_a_connection_tests_the_whole_environment() {
    let simulator = simulator().await;
    let base_url = simulator.base_url();
    let robot = ("WECOM_CHATBOT_KEY", ROBOT_KEY);
    let application = [("WECOM_CORP_ID", CORP_ID), ("WECOM_APP_SECRET", APP_SECRET)];
    let contacts = ("WECOM_CONTACTS_SECRET", CONTACTS_SECRET);
    let url = ("WECOM_BASE_URL", base_url.as_str());
    for (environment, expected) in [
        (
            [&application[..], &[robot, contacts, url]].concat(),
            &[("chatbot-key", false), ("app-secret", true), ("contacts-secret", true)][..],
        ),
        ([&application[..], &[url]].concat(), &[("app-secret", true)]),
        (vec![robot, url], &[("chatbot-key", false)]),
    ] {
        simulator.clear_requests();
        let host = host_in(&simulator, &environment);
        assert_eq!(proved(Caller::of(&host).await.test_connection(None).await), checks(expected));
        // The application is looked up where its ID is not given.
        let known = ["gettoken", "agent/list", "agent/get"];
        assert!(apis(&simulator).iter().all(|api| known.contains(&api.as_str())), "{:?}", apis(&simulator));
    }
    assert!(simulator.with_world(|world| world.messages().is_empty()));

    let host = host_in(&simulator, &[url]);
    let answer = Caller::of(&host).await.test_connection(None).await;
    assert_faults(&faults(answer), &[("/corp_id", "WECOM_CORP_ID")], "nothing is set");
    let host = host_in(&simulator, &[robot, application[0], url]);
    let answer = Caller::of(&host).await.test_connection(None).await;
    assert_faults(&faults(answer), &[("/app_secret", "is required")], "half of it is set");
}

// -------------------------------------------------------------------------------------------------------------- bounds

#[tokio::test]
async fn the_host_decides_whom_the_component_may_call() {
    let simulator = simulator().await;
    let allow = Allow::Authorities(vec!["qyapi.weixin.qq.com".into()]);
    let host = host_with(Limits { allow: allow.clone(), ..Limits::default() });
    let stepping = stepwise_host_with(Limits { allow, ..stepwise::limits() });
    for way in Way::ALL {
        for (action, given) in [(READ, application(&simulator)), (ROBOT, chatbot(&simulator))] {
            let mut caller = if way == Way::Stepwise { Caller::stepping(&stepping) } else { Caller::of(&host).await };
            let answer = caller.run(way, action, Some(&given), &least(action)).await;
            let failure = answer.unwrap_err().rejected();
            assert_eq!((failure.category.as_str(), failure.errcode), ("permission", None));
            assert!(failure.message.contains("does not allow calls to this host"), "{}", failure.message);
            assert!(failure.hint.en.contains("in the engine's settings"), "{}", failure.hint.en);
        }
    }
    assert!(simulator.requests().is_empty());
}

by_each_component!(a_name_that_does_not_resolve_means_that_nothing_happened);
async fn a_name_that_does_not_resolve_means_that_nothing_happened(way: Way) {
    let given = json!({"type": "chatbot", "chatbot_key": ROBOT_KEY, "base_url": "https://wecom.invalid"});
    let failure = Caller::by(way).await.invoke(ROBOT, Some(&given), &least(ROBOT)).await.unwrap_err().retryable();
    assert_eq!((failure.category.as_str(), failure.api.as_str()), ("network", "webhook/send"));
    // Step by step, the words are the client's.
    let words = if way == Way::Stepwise { "DNS error" } else { "not resolved" };
    assert!(failure.message.contains(words), "{}", failure.message);
}

#[tokio::test]
async fn the_hosts_deadline_ends_a_call() {
    let simulator = simulator().await;
    let host = host_with(Limits { deadline: Duration::from_millis(200), ..Limits::default() });
    simulator.disturb_next(Disturbance::Delay(Duration::from_secs(30)));
    let mut caller = Caller::of(&host).await;
    let began = Instant::now();
    let arguments = [json!(ROBOT), json!(chatbot(&simulator).to_string()), json!(least(ROBOT).to_string())];
    let answer = caller.answer("connector", "invoke", &arguments).await;
    assert!(matches!(answer, Err(CallFault::Deadline)), "{answer:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_hosts_deadline_ends_a_call_that_computes_for_too_long() {
    let simulator = simulator().await;
    let host = host_with(Limits { deadline: Duration::from_millis(10), ..Limits::default() });
    // To read some megabytes of escapes takes longer than that.
    let parameters = format!("{{\"content\": \"{}\"}}", "\\u4f01".repeat(1_300_000));
    let arguments = [json!(ROBOT), json!(chatbot(&simulator).to_string()), json!(parameters)];
    let answer = Caller::of(&host).await.answer("connector", "invoke", &arguments).await;
    assert!(matches!(answer, Err(CallFault::Deadline)), "{answer:?}");
    assert!(simulator.requests().is_empty());
}

#[tokio::test]
async fn the_timeout_of_the_connection_ends_a_call() {
    let timed_out = async |action: &str, given: Value, simulator: &Simulator| {
        simulator.disturb_next(Disturbance::Delay(Duration::from_secs(30)));
        let began = Instant::now();
        let given = with(given, json!({"timeout_seconds": 1}));
        let error = Caller::new().await.invoke(action, Some(&given), &least(action)).await.unwrap_err();
        let took = began.elapsed();
        // One second to connect, and one for the first byte.
        assert!((Duration::from_secs(1)..Duration::from_secs(10)).contains(&took), "{took:?}");
        error
    };
    // Side by side, because each takes its time.
    let (read, write) = (simulator().await, simulator().await);
    let (read, write) =
        tokio::join!(timed_out(READ, application(&read), &read), timed_out(ROBOT, chatbot(&write), &write),);
    let (read, write): (Error, Error) = (read, write);
    for failure in [read.retryable(), write.outcome_unknown()] {
        assert_eq!(failure.category, "network");
        assert!(failure.message.contains("within the timeout"), "{}", failure.message);
    }
}

/// A server that takes one request and gives one answer: its address, and later the request.
async fn answering(answer: &str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = answer.to_owned();
    let request = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let read = stream.read(&mut request).await.unwrap();
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        String::from_utf8_lossy(&request[..read]).into_owned()
    });
    (address, request)
}

by_each_component!(redirects_are_not_followed);
async fn redirects_are_not_followed(way: Way) {
    let simulator = simulator().await;
    let elsewhere = format!("{}/cgi-bin/webhook/send?key={ROBOT_KEY}", simulator.base_url());
    for status in ["302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let answer = format!("HTTP/1.1 {status}\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
        let server = answering(&answer).await;
        let given = with(chatbot(&simulator), json!({ "base_url": server.0 }));
        let answer = Caller::by(way).await.invoke(ROBOT, Some(&given), &least(ROBOT)).await;
        assert_eq!(answer.unwrap_err().rejected().category, "protocol", "{status}");
        assert!(simulator.requests().is_empty());
    }
}

by_each_component!(a_gateway_may_say_how_long_to_wait);
async fn a_gateway_may_say_how_long_to_wait(way: Way) {
    for (retry_after, expected) in [("7", Some(7)), ("soon", None)] {
        let status = "429 Too Many Requests";
        let answer = format!("HTTP/1.1 {status}\r\nretry-after: {retry_after}\r\ncontent-length: 0\r\n\r\n");
        let server = answering(&answer).await;
        let given = json!({"type": "chatbot", "chatbot_key": ROBOT_KEY, "base_url": server.0});
        let answer = Caller::by(way).await.invoke(ROBOT, Some(&given), &least(ROBOT)).await;
        let failure = answer.unwrap_err().retryable();
        assert_eq!((failure.category.as_str(), failure.retry_after_seconds), ("limit", expected));
    }
}

by_each_component!(an_answer_that_breaks_off_leaves_the_outcome_open);
async fn an_answer_that_breaks_off_leaves_the_outcome_open(way: Way) {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"errcode\":0",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{\"errcode\":0",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "",
        "SSH-2.0-OpenSSH_9.6\r\n",
    ] {
        let server = answering(answer).await;
        let given = json!({"type": "chatbot", "chatbot_key": ROBOT_KEY, "base_url": server.0});
        Caller::by(way).await.invoke(ROBOT, Some(&given), &least(ROBOT)).await.unwrap_err().outcome_unknown();
    }
}

// --------------------------------------------------------------------------------------------------- the harness itself

#[tokio::test]
async fn the_hosts_bindings_say_the_same_as_values_do() {
    let simulator = simulator().await;
    let given = application(&simulator).to_string();
    let mut instance = host().instance().await.unwrap();
    let output = instance.invoke(READ, Some(&given), r#"{"id": 4}"#).await.unwrap().unwrap();
    assert_eq!(output, r#"{"department_id":[{"id":4,"parent_id":1,"order":0}]}"#);
    let error = instance.invoke(READ, Some(&given), r#"{"id": 99}"#).await.unwrap().unwrap_err();
    let types::Error::PermanentRejected(failure) = error else { panic!("{error:?}") };
    assert_eq!((failure.errcode, failure.category), (Some(60003), types::Category::NotFound));

    let report = instance.test_connection(Some(&given)).await.unwrap().unwrap();
    assert!(report.checks.iter().all(|check| check.proved) && report.checks.len() == 2);
    let token = instance.access_token(Some(&given), TokenScope::Contacts).await.unwrap().unwrap();
    // The test of the connection has fetched it, and asked for the application after that.
    let secret = ("corpsecret".to_owned(), CONTACTS_SECRET.to_owned());
    let requests = simulator.requests();
    let fetch = requests.iter().rfind(|request| request.pairs.contains(&secret)).unwrap();
    let reply: Value = serde_json::from_slice(&fetch.reply).unwrap();
    assert_eq!(reply["access_token"], token.access_token);
    let manifest: Value = serde_json::from_str(&instance.manifest().await.unwrap()).unwrap();
    assert_eq!(manifest["actions"].as_array().map(Vec::len), Some(ABOUT.len()));
    assert_eq!(instance.output(), "");
}
