//! What people's own bug reports broke, a test for each kind: what was given, by each way in, and what reached WeCom.
//!
//! Elsewhere: what proves success, and the longest replies (`faults.rs`); that whatever an action returns every other one
//! takes (`properties.rs`); faults of JSON, and characters that are refused (`rules.rs`); proxies, certificates and IPv6
//! (`client.rs`); secrets and full disks (`cli.rs`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use host_test::host::Limits;
use host_test::simulator::Disturbance;
use host_test::simulator::seed::{self, AGENT_ID, APP_SECRET, CONTACTS_SECRET, CORP_ID, PIXEL, ROBOT_KEY};
use serde_json::{Map, Value, json};
use wecom_connector::about::Effect;
use wecom_connector::parameter::Kind;
use wecom_connector::parameter::field::Empty;

use crate::harness::{
    Action, Answer, Bench, CLEARED, Caller, Error, Way, about, actions, host_with, least, sample, with,
};

impl Bench {
    /// Carries out an action that way, and forgets what was sent before.
    async fn call_by(&mut self, way: Way, action: &str, parameters: &Value) -> Answer {
        self.pass_time();
        self.server.clear_requests();
        let connection = self.connection(action);
        self.caller.run(way, action, Some(&connection), parameters).await
    }

    /// What the last request held: its body, or else its own query.
    fn sent(&self) -> Value {
        let request = self.server.requests().pop().expect("something was sent");
        if request.body.is_empty() {
            let own = request.pairs.iter().skip(1).map(|(name, value)| (name.clone(), json!(value)));
            own.collect::<Map<_, _>>().into()
        } else {
            serde_json::from_slice(&request.body).unwrap()
        }
    }

    /// What reaches WeCom of the parameters, whatever WeCom says of it; and the output, where it agrees.
    async fn wire(&mut self, way: Way, action: &str, parameters: &Value) -> (Value, Answer) {
        let answer = self.call_by(way, action, parameters).await;
        if let Err(error) = &answer {
            assert!(!self.server.requests().is_empty(), "{action} {parameters}: {error:?}");
        }
        (self.sent(), answer)
    }

    /// The faults of parameters of which nothing is sent.
    async fn faults(&mut self, way: Way, action: &str, parameters: &Value) -> Vec<(String, String)> {
        let answer = self.call_by(way, action, parameters).await;
        let faults = answer.expect_err(&format!("{action} {parameters}")).faults();
        assert!(self.server.requests().is_empty(), "{action} {parameters}: something was sent");
        faults.into_iter().map(|fault| (fault.pointer, fault.message)).collect()
    }
}

/// A push to one member, with these parameters on top.
fn push(changes: Value) -> Value {
    with(json!({"to_user": ["zhangsan"], "content": "x"}), changes)
}

#[tokio::test]
async fn row_2_ids_are_taken_over_the_whole_range() {
    let mut bench = Bench::start().await;
    for id in [1_013_699_173_317_u64, 9_007_199_254_740_991] {
        for way in Way::BOTH {
            let (sent, _) = bench.wire(way, "push-text-message", &push(json!({ "agent_id": id }))).await;
            assert_eq!(sent["agentid"], json!(id));
            let connection = with(bench.connection("push-text-message"), json!({ "agent_id": id }));
            let _ = bench.caller.run(way, "push-text-message", Some(&connection), &push(json!({}))).await;
            assert_eq!(bench.sent()["agentid"], json!(id));
        }
        let base_url = bench.server.base_url();
        let id = id.to_string();
        let environment = [
            ("WECOM_CORP_ID", CORP_ID),
            ("WECOM_APP_SECRET", APP_SECRET),
            ("WECOM_AGENT_ID", &id),
            ("WECOM_BASE_URL", &base_url),
        ];
        let host = in_environment(&environment);
        let _ = Caller::of(&host).await.invoke("push-text-message", None, &push(json!({}))).await;
        assert_eq!(bench.sent()["agentid"].to_string(), id);
    }
    for id in [2_147_483_648_u32, u32::MAX] {
        for way in Way::BOTH {
            let (sent, _) = bench.wire(way, "list-department-ids", &json!({ "id": id })).await;
            assert_eq!(sent["id"], id.to_string());
            let create = json!({"name": "x", "parent_id": id, "id": id});
            let (sent, _) = bench.wire(way, "create-department", &create).await;
            assert_eq!((&sent["id"], &sent["parentid"]), (&json!(id), &json!(id)));
            let (sent, _) = bench.wire(way, "push-text-message", &push(json!({"to_party": [id]}))).await;
            assert_eq!(sent["toparty"], id.to_string());
        }
    }
}

fn in_environment(variables: &[(&str, &str)]) -> host_test::host::Host {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    host_with(Limits { environment, ..Limits::default() })
}

/// Whether an action changes what something holds, which a parameter that is given empty clears or leaves.
fn holds(action: &Action) -> bool {
    action.fields.iter().any(|field| field.empty() != Empty::LeftOut)
}

#[tokio::test]
async fn row_4_what_is_given_empty_in_an_update_clears() {
    let mut bench = Bench::start().await;
    for action in actions().iter().filter(|action| action.about.effect == Effect::Update) {
        if holds(action) {
            continue;
        }
        // What the others are given says whom or what they change. Given empty, it is as good as left out.
        for field in action.fields.iter().filter(|field| !field.required) {
            for way in [Way::Invoke, Way::Typed] {
                let is_list = field.kind.is_list();
                let empty = if is_list { json!([]) } else { json!("") };
                if way == Way::Typed && !is_list && !matches!(field.kind, Kind::Text) {
                    continue;
                }
                let mut without = sample(action.id);
                without.as_object_mut().unwrap().remove(field.name);
                let given = with(without.clone(), json!({ field.name: empty }));
                let mut bodies = Vec::new();
                for parameters in [&without, &given] {
                    let answer = bench.call_by(way, action.id, parameters).await;
                    let refused = matches!(answer, Err(Error::PermanentInvalidParameters(_)));
                    let body = bench.server.requests().pop().map(|request| request.body);
                    assert_eq!(refused, body.is_none(), "{} {parameters}: {answer:?}", action.id);
                    bodies.push(body.ok_or_else(|| format!("{answer:?}")));
                }
                assert_eq!(bodies[0], bodies[1], "{} {given}", action.id);
            }
        }
    }
    for action in actions().iter().filter(|action| holds(action)) {
        let (action, fields, least) = (action.id, action.fields, least(action.id));
        let cleared: Vec<&str> = CLEARED.iter().filter(|(id, _)| *id == action).map(|(_, name)| *name).collect();
        let left_out = |name: &str| fields.iter().any(|field| field.name == name && field.empty() == Empty::LeftOut);
        for (name, ty) in Caller::new().await.parameters(action) {
            let wasmtime::component::Type::Option(ty) = ty else { continue };
            let is_list = matches!(ty.ty(), wasmtime::component::Type::List(_));
            let is_text = matches!(ty.ty(), wasmtime::component::Type::String);
            let wire = if is_list { json!([]) } else { json!("") };
            for (way, empty) in [
                (Way::Invoke, json!("")),
                (Way::Invoke, json!([])),
                (Way::Invoke, json!(" \n")),
                (Way::Invoke, if is_list { json!("") } else { json!("\u{200b}") }),
                (Way::Typed, wire.clone()),
            ] {
                if way == Way::Typed && !is_list && !is_text {
                    continue;
                }
                let parameters = with(least.clone(), json!({ &name: empty }));
                if cleared.contains(&name.as_str()) {
                    assert_eq!(bench.wire(way, action, &parameters).await.0[&name], wire, "{action} {parameters}");
                } else if left_out(&name) {
                    let (sent, _) = bench.wire(way, action, &parameters).await;
                    assert!(sent.get(&name).is_none(), "{action} {parameters}: {sent}");
                } else {
                    let faults = bench.faults(way, action, &parameters).await;
                    assert_eq!(faults.len(), 1, "{action} {parameters}: {faults:?}");
                    assert_eq!(faults[0].0, format!("/{name}"));
                    assert!(faults[0].1.starts_with("cannot be cleared in WeCom"), "{faults:?}");
                }
            }
            // Something that comes to nothing does not say that the field is to be cleared.
            if is_list && cleared.contains(&name.as_str()) {
                for (way, empty) in
                    [(Way::Invoke, json!([null])), (Way::Invoke, json!(",")), (Way::Typed, json!(["", " "]))]
                {
                    let parameters = with(least.clone(), json!({ &name: empty }));
                    let faults = bench.faults(way, action, &parameters).await;
                    assert!(
                        faults.len() == 1 && faults[0].1.starts_with("has nothing but empty entries"),
                        "{faults:?}"
                    );
                }
            }
            // Null is as good as absent.
            let mut parameters = least.clone();
            parameters[&name] = Value::Null;
            let (sent, _) = bench.wire(Way::Invoke, action, &parameters).await;
            assert!(sent.get(&name).is_none(), "{action} {parameters}: {sent}");
        }
    }
    // And WeCom has cleared it.
    bench.wire(Way::Invoke, "update-member", &json!({"user_id": "zhangsan", "alias": "Jack"})).await.1.unwrap();
    let alias = |bench: &Bench| bench.server.with_world(|world| world.members()["zhangsan"].alias.clone());
    assert_eq!(alias(&bench), Some("Jack".to_owned()));
    bench.wire(Way::Invoke, "update-member", &json!({"user_id": "zhangsan", "alias": ""})).await.1.unwrap();
    assert_eq!(alias(&bench), None);
}

/// A synchronisation that sees an empty company deletes it.
#[tokio::test]
async fn row_1_a_list_that_is_missing_is_not_an_empty_one() {
    let mut bench = Bench::start().await;
    for (action, bodies) in [
        (
            "list-department-ids",
            [
                r#"{"errcode":0,"department":[{"id":1}]}"#,
                r#"{"errcode":0,"department_id":null,"result":[]}"#,
                r#"{"errcode":0,"data":{"department_id":[{"id":1}]}}"#,
            ],
        ),
        (
            "list-member-ids",
            [
                r#"{"errcode":0,"errmsg":"ok","users":[]}"#,
                r#"{"errcode":0,"dept_user":null,"list":[]}"#,
                r#"{"errcode":0,"data":{"dept_user":[],"next_cursor":"c"}}"#,
            ],
        ),
    ] {
        for body in bodies {
            for way in Way::BOTH {
                bench.call_by(way, action, &json!({})).await.unwrap();
                bench.server.disturb_next(Disturbance::Replace(body.into()));
                let failure = bench.call_by(way, action, &json!({})).await.unwrap_err().retryable();
                assert_eq!(failure.category, "protocol", "{body}");
                assert!(failure.message.starts_with("the answer reports success, but has no `"), "{failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn row_6_a_base_url_from_elsewhere_is_taken_for_what_it_means() {
    let mut bench = Bench::start().await;
    let base = bench.server.base_url();
    for form in [
        "{}/",
        "{}/cgi-bin",
        "{}/cgi-bin/",
        "{}/cgi-bin/gettoken",
        "{}/cgi-bin/gettoken?corpid=x&corpsecret=y",
        "{}/cgi-bin/webhook/send?key=y",
        " \"{}\"\n",
    ] {
        let base_url = form.replace("{}", &base);
        for (action, parameters) in
            [("list-department-ids", json!({})), ("push-text-message-by-chatbot", json!({"content": "x"}))]
        {
            for way in Way::BOTH {
                bench.pass_time();
                let connection = with(bench.connection(action), json!({ "base_url": base_url }));
                let answer = bench.caller.run(way, action, Some(&connection), &parameters).await;
                answer.unwrap_or_else(|error| panic!("{action} {base_url}: {error:?}"));
            }
        }
    }
}

#[tokio::test]
async fn row_7_what_copying_adds_to_a_credential_is_taken_off() {
    let bench = Bench::start().await;
    let base_url = bench.server.base_url();
    let host = base_url.strip_prefix("http://").unwrap();
    let forms = ["{} ", "\t{}\r\n", "\"{}\"", "'{}'", "“{}”", "\u{200b}{}\u{feff}", "\u{a0}\u{3000}{}", " \" {} \" "];
    for form in forms {
        let of = |value: &str| form.replace("{}", value);
        let secrets = json!({
            "corp_id": of(CORP_ID), "app_secret": of(APP_SECRET), "contacts_secret": of(CONTACTS_SECRET),
            "base_url": of(&base_url),
        });
        let application = with(bench.connection("list-department-ids"), secrets);
        let robot = with(bench.connection("push-text-message-by-chatbot"), json!({"chatbot_key": of(ROBOT_KEY)}));
        let mut caller = Caller::new().await;
        for way in Way::BOTH {
            caller.run(way, "list-department-ids", Some(&application), &json!({})).await.unwrap();
            bench.pass_time();
            let parameters = json!({"content": "x"});
            caller.run(way, "push-text-message-by-chatbot", Some(&robot), &parameters).await.unwrap();
        }
        let variables = [
            ("WECOM_CORP_ID", of(CORP_ID)),
            ("WECOM_APP_SECRET", of(APP_SECRET)),
            ("WECOM_CONTACTS_SECRET", of(" ")),
            ("WECOM_AGENT_ID", of(&AGENT_ID.to_string())),
            ("WECOM_TIMEOUT_SECONDS", of("５")),
            ("WECOM_CHATBOT_KEY", of(ROBOT_KEY)),
            ("WECOM_BASE_URL", of(&base_url)),
        ];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        let host = in_environment(&variables);
        let mut caller = Caller::of(&host).await;
        let report = caller.test_connection(None).await.unwrap();
        assert_eq!(report["checks"][1]["proved"], true, "{form:?}: {report}");
        caller.invoke("push-text-message", None, &push(json!({}))).await.unwrap();
    }
    for key in [
        format!("key={ROBOT_KEY}"),
        format!("{base_url}/cgi-bin/webhook/send?key={ROBOT_KEY}"),
        format!("\"{base_url}/cgi-bin/webhook/send?key={ROBOT_KEY}\""),
        format!("/cgi-bin/webhook/send?key={ROBOT_KEY}&debug=1"),
        // Without a scheme it would be HTTPS, which the simulator does not speak; the base URL goes first.
        format!("{host}/cgi-bin/webhook/send?key={ROBOT_KEY}"),
    ] {
        bench.pass_time();
        let robot = with(bench.connection("push-text-message-by-chatbot"), json!({ "chatbot_key": key }));
        let answer =
            Caller::new().await.invoke("push-text-message-by-chatbot", Some(&robot), &json!({"content": "x"})).await;
        answer.unwrap_or_else(|error| panic!("{error:?}"));
    }
}

#[tokio::test]
async fn rows_8_and_15_lists_are_read_as_people_write_them() {
    let mut bench = Bench::start().await;
    let text = "push-text-message-by-chatbot";
    for (given, way) in [
        (json!(["13800000000", "", "13900000000"]), Way::Typed),
        (json!(["13800000000", "", "13900000000"]), Way::Invoke),
        (json!(["13800000000", " ", null, "13900000000"]), Way::Invoke),
        (json!(["13800000000，13900000000"]), Way::Typed),
        (json!(["13800000000，13900000000"]), Way::Invoke),
        (json!([13_800_000_000_u64, "１３９００００００００"]), Way::Invoke),
        (json!("13800000000,13900000000"), Way::Invoke),
        (json!("13800000000|13900000000"), Way::Invoke),
        (json!("13800000000;13900000000"), Way::Invoke),
        (json!("13800000000，13900000000，"), Way::Invoke),
        (json!("13800000000、13900000000"), Way::Invoke),
        (json!("13800000000；13900000000"), Way::Invoke),
        (json!("13800000000\n13900000000\r\n"), Way::Invoke),
        (json!(" 13800000000 ,, 13900000000 "), Way::Invoke),
    ] {
        let (sent, answer) = bench.wire(way, text, &json!({"content": "x", "mentioned_mobile_list": given})).await;
        assert_eq!(sent["text"]["mentioned_mobile_list"], json!(["13800000000", "13900000000"]), "{given}");
        answer.unwrap();
    }
    let (sent, _) = bench
        .wire(Way::Invoke, "push-text-message", &push(json!({"to_user": "zhangsan，LiSi", "to_party": "2；3"})))
        .await;
    assert_eq!((&sent["touser"], &sent["toparty"]), (&json!("zhangsan|LiSi"), &json!("2|3")));
    // Only empty entries: a list of nothing, which a push leaves out and a required list may not be.
    let (sent, _) = bench.wire(Way::Invoke, text, &json!({"content": "x", "mentioned_list": ["", " "]})).await;
    assert!(sent["text"].get("mentioned_list").is_none(), "{sent}");
    let faults = bench.faults(Way::Typed, "create-group-chat", &json!({"user_list": ["", "a"]})).await;
    assert_eq!(faults, [("/user_list".to_owned(), "must have 2 to 2000 entries, and has 1".to_owned())]);
    // The place of a fault is where it stands in what was given.
    let faults = bench.faults(Way::Invoke, "push-text-message", &push(json!({"to_party": ["", 2, null, "x"]}))).await;
    assert_eq!(faults[0].0, "/to_party/3");
    // A department gets no other one's number: empty entries stand in the same places, or there are none.
    let member = |department: Value, order: Value| json!({"user_id": "a", "name": "b", "mobile": "13900000000", "department": department, "order": order});
    let (sent, _) = bench.wire(Way::Invoke, "create-member", &member(json!([2, "", 3]), json!([10, "", 20]))).await;
    assert_eq!((&sent["department"], &sent["order"]), (&json!([2, 3]), &json!([10, 20])));
    for (department, order) in [
        (json!([2, "", 3]), json!(["", 10, 20])),
        (json!("2,,3"), json!("5,6,")),
        (json!("2,3"), json!("1,,0")),
        (json!("2,,3"), json!(",1,0")),
    ] {
        let faults = bench.faults(Way::Invoke, "create-member", &member(department, order)).await;
        assert_eq!(faults.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(), ["/order"], "{faults:?}");
    }
    for (department, order) in [
        (json!([2, "", 3]), json!("10,,20")),
        (json!(["2,3"]), json!([10, 20])),
        (json!("2，3"), json!("10\n20\n")),
        (json!("2,\n3"), json!([10, 20])),
    ] {
        let (sent, _) = bench.wire(Way::Invoke, "create-member", &member(department, order)).await;
        assert_eq!((&sent["department"], &sent["order"]), (&json!([2, 3]), &json!([10, 20])));
    }
}

#[tokio::test]
async fn row_9_values_of_the_neighbouring_type_are_taken_by_invoke() {
    let mut bench = Bench::start().await;
    for (action, given, pointer, wire) in [
        ("push-text-message", push(json!({"agent_id": "1000002"})), "/agentid", json!(1_000_002)),
        ("push-text-message", push(json!({"agent_id": " １０００００２ "})), "/agentid", json!(1_000_002)),
        ("push-text-message", push(json!({"to_party": ["2"]})), "/toparty", json!("2")),
        ("push-text-message", push(json!({"to_user": [10_086]})), "/touser", json!("10086")),
        ("push-text-message", push(json!({"to_user": 10_086.0})), "/touser", json!("10086")),
        ("push-text-message", push(json!({"content": 23.5})), "/text/content", json!("23.5")),
        ("push-text-message", push(json!({"content": true})), "/text/content", json!("true")),
        ("push-text-message", push(json!({"safe": true})), "/safe", json!(1)),
        ("push-text-message", push(json!({"safe": "0"})), "/safe", json!(0)),
        ("update-member", json!({"user_id": "zhangsan", "enable": false}), "/enable", json!(0)),
        ("update-member", json!({"user_id": "zhangsan", "enable": "1"}), "/enable", json!(1)),
        ("update-member", json!({"user_id": "zhangsan", "gender": "2"}), "/gender", json!("2")),
        ("update-member", json!({"user_id": "zhangsan", "department": 2}), "/department", json!([2])),
        ("update-member", json!({"user_id": 10_086, "position": 7}), "/position", json!("7")),
        (
            "update-member",
            json!({"user_id": "zhangsan", "department": "2", "is_leader_in_dept": true}),
            "/is_leader_in_dept",
            json!([1]),
        ),
        ("list-department-ids", json!({"id": "2"}), "/id", json!("2")),
        ("list-member-ids", json!({"limit": "100"}), "/limit", json!(100)),
    ] {
        let (sent, _) = bench.wire(Way::Invoke, action, &given).await;
        assert_eq!(sent.pointer(pointer), Some(&wire), "{action} {given}: {sent}");
    }
    // What has two meanings, or none, is refused.
    for (action, given, pointer) in [
        ("update-member", json!({"user_id": "zhangsan", "gender": true}), "/gender"),
        ("push-text-message", push(json!({"agent_id": true})), "/agent_id"),
        ("push-text-message", push(json!({"agent_id": "1e6"})), "/agent_id"),
        ("push-text-message", push(json!({"content": 1e300})), "/content"),
        ("push-text-message", push(json!({"content": ["x"]})), "/content"),
        ("push-text-message", push(json!({"to_party": true})), "/to_party/0"),
    ] {
        let faults = bench.faults(Way::Invoke, action, &given).await;
        assert_eq!(faults.iter().map(|(pointer, _)| pointer.as_str()).collect::<Vec<_>>(), [pointer], "{given}");
    }
    // The connection as JSON, too.
    let neighbours = json!({"agent_id": "1000002", "timeout_seconds": "30"});
    let connection = with(bench.connection("push-text-message"), neighbours);
    bench.caller.invoke("push-text-message", Some(&connection), &push(json!({}))).await.unwrap();
    assert_eq!(bench.sent()["agentid"], 1_000_002);
}

#[tokio::test]
async fn row_13_white_space_and_control_characters_lose_no_message() {
    let mut bench = Bench::start().await;
    let colours = "\u{1b}[31mERROR\u{1b}[0m: disk\u{7} full\r\n\tat /dev/sda\u{0}";
    let clean = "ERROR: disk full\r\n\tat /dev/sda";
    for way in Way::BOTH {
        for (action, name, place) in [
            ("push-text-message", "content", "/text/content"),
            ("push-markdown-message", "content", "/markdown/content"),
            ("push-text-message-to-group-chat", "content", "/text/content"),
            ("push-text-message-by-chatbot", "content", "/text/content"),
            ("push-markdown-message-by-chatbot", "content", "/markdown/content"),
        ] {
            let parameters = match about(action).interface.name {
                "app-message" => json!({"to_user": ["zhangsan"], name: colours}),
                "group-chat-message" => json!({"chat_id": seed::OTHER_CHAT_ID, name: colours}),
                _ => json!({name: colours}),
            };
            let (sent, answer) = bench.wire(way, action, &parameters).await;
            assert_eq!(sent.pointer(place), Some(&json!(clean)), "{action}");
            if let Ok(output) = answer {
                assert_eq!(output["cleaned"], json!([name]), "{action}");
            }
        }
        // One line: the edges go without a word, a line break inside is a space.
        let card = |title: &str, url: &str| json!({"to_user": ["zhangsan"], "title": title, "description": "x", "url": url, "btn_txt": "更多\n"});
        let (sent, answer) = bench.wire(way, "push-text-card-message", &card("磁盘告警\r\n", " https://a.cn/\t")).await;
        assert_eq!(sent["textcard"]["title"], "磁盘告警");
        assert_eq!((&sent["textcard"]["url"], &sent["textcard"]["btntxt"]), (&json!("https://a.cn/"), &json!("更多")));
        assert_eq!(answer.unwrap()["cleaned"], json!([]));
        let (sent, answer) =
            bench.wire(way, "push-text-card-message", &card("磁盘\n告警\u{1b}[0m", "https://a.cn/")).await;
        assert_eq!(sent["textcard"]["title"], "磁盘 告警");
        assert_eq!(answer.unwrap()["cleaned"], json!(["title"]));
        // Names and numbers of the address book.
        let member = json!({
            "user_id": " zhangsan\n", "name": "张三\u{200b}\n", "mobile": " 13800000000 ", "email": "a@example.com\r\n",
            "telephone": "020-1\u{a0}", "position": "工程\u{7}师",
        });
        let (sent, _) = bench.wire(way, "update-member", &member).await;
        let expected = json!({
            "userid": "zhangsan", "name": "张三", "mobile": "13800000000", "email": "a@example.com",
            "telephone": "020-1", "position": "工程师",
        });
        assert_eq!(sent, expected);
        // What nobody sees inside of an ID would miss the member without a word; in words it joins an emoji.
        let family = "👨\u{200d}👩\u{200d}👧 家庭日";
        let (sent, answer) = bench.wire(way, "push-text-card-message", &card(family, "https://a.cn/")).await;
        assert_eq!((&sent["textcard"]["title"], &answer.unwrap()["cleaned"]), (&json!(family), &json!([])));
        let faults =
            bench.faults(way, "push-text-message", &push(json!({"to_user": ["lisi", "zhang\u{200b}san"]}))).await;
        let rule = "must be one ID, without | and without control and invisible characters; character 6 is U+200B";
        assert_eq!(faults, [("/to_user/1".to_owned(), rule.to_owned())]);
        // Nothing but what is taken out is nothing.
        let faults = bench.faults(way, "push-text-message", &push(json!({"content": "\u{1b}[0m"}))).await;
        assert_eq!(faults, [("/content".to_owned(), "must not be empty".to_owned())]);
    }
}

#[tokio::test]
async fn row_14_a_cut_parts_nothing_that_belongs_together() {
    let mut bench = Bench::start().await;
    let link = "<a href=\"https://jenkins.example.com/job/deploy/1234/console\">查看日志</a>";
    for (before, unit) in [
        ("长".repeat(670), link),
        ("长".repeat(680), "$userName=zhangsan$"),
        ("长".repeat(681), "🇨🇳"),
        ("长".repeat(679), "👨\u{200d}👩\u{200d}👧"),
        ("长".repeat(681), "👍🏽"),
        ("长".repeat(681), "1\u{fe0f}\u{20e3}"),
        ("a".repeat(2046), "e\u{301}"),
        ("长".repeat(670), "https://jenkins.example.com/job/deploy/1234/console"),
        ("长".repeat(681), "<@zhangsan>"),
    ] {
        let content = format!("{before}{unit}");
        assert!(content.len() > 2048 && before.len() < 2048, "{unit}");
        for (way, action) in [(Way::Typed, "push-text-message"), (Way::Invoke, "push-text-message-by-chatbot")] {
            let parameters = if action.ends_with("chatbot") {
                json!({ "content": content })
            } else {
                push(json!({ "content": content }))
            };
            let (sent, answer) = bench.wire(way, action, &parameters).await;
            assert_eq!(sent["text"]["content"], json!(before), "{unit}");
            assert_eq!(answer.unwrap()["truncated"], json!(["content"]));
        }
    }
}

#[tokio::test]
async fn row_17_everyone_holds_whoever_stands_beside() {
    let mut bench = Bench::start().await;
    for (given, way) in [
        (json!({"to_user": ["@all"], "to_party": [2]}), Way::Typed),
        (json!({"to_user": "@all", "to_party": "2"}), Way::Invoke),
        (json!({"to_user": ["zhangsan", "@all"]}), Way::Typed),
        (json!({"to_user": "@ALL|zhangsan"}), Way::Invoke),
        (json!({"to_user": "@all", "to_party": ["x", 0]}), Way::Invoke),
        (json!({"to_user": ["@all"], "to_party": (1..=150).collect::<Vec<u32>>()}), Way::Typed),
    ] {
        let (sent, answer) = bench.wire(way, "push-text-message", &with(given.clone(), json!({"content": "x"}))).await;
        assert_eq!((sent["touser"].as_str(), sent.get("toparty")), (Some("@all"), None), "{given}: {sent}");
        answer.unwrap();
    }
}

#[tokio::test]
async fn an_image_is_taken_in_every_form_and_only_whole() {
    let mut bench = Bench::start().await;
    let action = "push-image-message-by-chatbot";
    let base64 = STANDARD.encode(PIXEL);
    let digest = "2769871c648de0b05716f5497bbae01f";
    for given in [
        json!({ "base64": base64 }),
        json!({"base64": base64, "md5": ""}),
        json!({"base64": base64, "md5": digest.to_uppercase()}),
        json!({"base64": format!("data:image/png;base64,{base64}"), "md5": null}),
        json!({"base64": base64.trim_end_matches('=')}),
        json!({"base64": format!("{}\n{}\r\n", &base64[..40], &base64[40..])}),
    ] {
        let (sent, answer) = bench.wire(Way::Invoke, action, &given).await;
        assert_eq!(sent["image"], json!({"base64": base64, "md5": digest}), "{given}");
        answer.unwrap();
    }
    let (sent, _) = bench.wire(Way::Typed, action, &json!({ "base64": base64 })).await;
    assert_eq!(sent["image"]["md5"], digest);
    // Wherever it breaks off, and however Base64 likes that: who is told another digest would send the broken picture.
    for end in 24..base64.trim_end_matches('=').len() - 1 {
        let faults = bench.faults(Way::Invoke, action, &json!({"base64": &base64[..end]})).await;
        assert!(faults.len() == 1 && faults[0].1.contains("ends too early"), "{end}: {faults:?}");
    }
    let faults = bench.faults(Way::Invoke, action, &json!({"base64": "iVBOR*w0KGgo"})).await;
    assert!(faults[0].1.ends_with("and nothing else; character 6 is \"*\""), "{faults:?}");
    let broken = STANDARD.encode(&PIXEL[..PIXEL.len() - 8]);
    for given in [json!({ "base64": broken }), json!({"base64": broken, "md5": digest})] {
        let faults = bench.faults(Way::Invoke, action, &given).await;
        assert!(faults.len() == 1 && faults[0].0 == "/base64" && faults[0].1.contains("ends too early"), "{faults:?}");
    }
    // The vendor's own documented example is no picture, and passes: the server decides about the format.
    let hello = json!({"base64": "aGVsbG8=", "md5": "5d41402abc4b2a76b9719d911017c592"});
    assert_eq!(bench.wire(Way::Typed, action, &hello).await.0["image"], hello);
}

#[tokio::test]
async fn mentions_in_markdown_are_told_where_they_go() {
    let mut bench = Bench::start().await;
    for name in ["mentioned_list", "mentioned_mobile_list"] {
        let given = json!({"content": "x", name: ["zhangsan"]});
        let faults = bench.faults(Way::Invoke, "push-markdown-message-by-chatbot", &given).await;
        assert!(faults.len() == 1 && faults[0].0 == format!("/{name}") && faults[0].1.contains("<@ID>"), "{faults:?}");
    }
}
