//! What must hold of every input, tried with the seeds of the fuzz targets, with what becomes of them when they are
//! edited at random, and with random addresses. What an input does and what must hold stands in the harness, which the
//! fuzz targets feed too.
//!
//! And what one action returns, every other one takes: all pairs, over the whole range of each kind of ID.
//!
//! `PROPTEST_CASES` and `PROPTEST_RNG_SEED` change how many inputs there are, and which.

#[allow(unreachable_pub, reason = "the library of the fuzz targets")]
#[path = "../../fuzz/src/lib.rs"]
mod targets;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use fastrand::Rng;
use jsonschema::Validator;
use percent_encoding::percent_decode_str;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngSeed, TestError, TestRunner};
use serde_json::{Value, json};
use wecom_connector::about::{About, Secrets};
use wecom_connector::action::Action;
use wecom_connector::actions::{ABOUT, Visitor, visit};
use wecom_connector::connector::Connector;
use wecom_connector::http::transport::{Body, Host, HttpReply, HttpRequest, SendError, run_blocking};
use wecom_connector::parameter::{Described, Names};

use self::targets::{TARGETS, Target};
use crate::differential::attachment;
use crate::schemas::{input_schema, output_schema};

/// Inputs of a property, where the environment does not say.
const CASES: u32 = 2000;
/// What every run starts from, where the environment does not say.
const SEED: u64 = 29;

/// The seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = artifact::workspace().join("fuzz/seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<(String, Vec<u8>)> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    seeds.sort();
    assert!(seeds.len() > 10, "{target} has {} seeds", seeds.len());
    seeds
}

fn target(name: &str) -> Target {
    *TARGETS.iter().find(|(target, _)| *target == name).unwrap()
}

/// Tries `property` with inputs of the strategy. A failure shows the smallest input that was found.
fn hold<S: Strategy<Value = Vec<u8>>>(name: &str, inputs: &S, property: impl Fn(&[u8])) {
    let set = |name| std::env::var_os(name).is_some();
    let mut config = Config { failure_persistence: None, ..Config::default() };
    if !set("PROPTEST_CASES") {
        config.cases = CASES;
    }
    if !set("PROPTEST_RNG_SEED") {
        config.rng_seed = RngSeed::Fixed(SEED);
    }
    let outcome = TestRunner::new(config).run(inputs, |input| {
        property(&input);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, input)) => panic!("{name}: {why}\nb\"{}\"", input.escape_ascii()),
        Err(TestError::Abort(why)) => panic!("{name}: {why}"),
    }
}

/// One change to an input.
#[derive(Clone, Debug)]
enum Edit {
    Set(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize),
}

/// The words of a dictionary of the fuzz targets.
fn words(dictionary: &str) -> Vec<Vec<u8>> {
    let text = fs::read_to_string(artifact::workspace().join("fuzz").join(dictionary)).unwrap();
    let quoted = text.lines().filter_map(|line| line.strip_prefix('"')?.strip_suffix('"'));
    let words: Vec<Vec<u8>> = quoted
        .map(|word| {
            let mut bytes = Vec::new();
            let mut parts = word.split("\\x");
            bytes.extend_from_slice(parts.next().unwrap().as_bytes());
            for part in parts {
                bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
                bytes.extend_from_slice(&part.as_bytes()[2..]);
            }
            bytes
        })
        .collect();
    assert!(words.len() > 20, "{dictionary} has {} words", words.len());
    words
}

/// Seeds with some edits.
fn edited(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let dictionary = match target {
        "base_url" | "webhook" => "url.dict",
        "callback" => "callback.dict",
        _ => "json.dict",
    };
    let edit = prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), select(words(dictionary))).prop_map(|(at, word)| Edit::Insert(at, word)),
        (any::<Index>(), 1..8_usize).prop_map(|(at, count)| Edit::Remove(at, count)),
        (any::<Index>(), 1..64_usize).prop_map(|(at, count)| Edit::Repeat(at, count)),
    ];
    let seeds: Vec<Vec<u8>> = seeds(target).into_iter().map(|(_, seed)| seed).collect();
    (select(seeds), vec(edit, 0..6)).prop_map(|(mut input, edits)| {
        for edit in edits {
            let at = |index: Index, input: &[u8]| index.index(input.len() + 1);
            match edit {
                Edit::Set(index, byte) => {
                    let at = at(index, &input);
                    input.splice(at..input.len().min(at + 1), [byte]);
                }
                Edit::Insert(index, word) => {
                    let at = at(index, &input);
                    input.splice(at..at, word);
                }
                Edit::Remove(index, count) => {
                    let at = at(index, &input);
                    input.drain(at..input.len().min(at + count));
                }
                Edit::Repeat(index, count) => {
                    let at = at(index, &input);
                    let part = input[at..input.len().min(at + 16)].repeat(count);
                    input.splice(at..at, part);
                }
            }
        }
        input
    })
}

fn text(pattern: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    proptest::string::string_regex(pattern).unwrap().prop_map(String::into_bytes)
}

#[test]
fn what_must_hold_holds_of_every_seed() {
    for (target, run) in TARGETS {
        for (name, seed) in seeds(target) {
            let held = std::panic::catch_unwind(|| run(&seed));
            assert!(held.is_ok(), "fuzz/seeds/{target}/{name}");
        }
    }
}

/// A seed means the same whatever actions are added: it names one. Every action has a seed.
#[test]
fn every_seed_names_an_action() {
    let mut without: BTreeSet<&str> = ABOUT.iter().map(|about| about.id).collect();
    for target in ["invoke", "reply"] {
        for (seed, input) in seeds(target) {
            let line = input.split(|byte| *byte == b'\n').next().unwrap();
            let line = str::from_utf8(line).unwrap();
            let known = ABOUT.iter().any(|about| about.id == line);
            // Names that are none, and inputs that a fuzz target found.
            assert!(known || line.starts_with('?'), "fuzz/seeds/{target}/{seed} names {line:?}");
            without.remove(line);
        }
    }
    assert!(without.is_empty(), "fuzz/seeds/invoke has no file for {without:?}");
}

#[test]
fn parameters_are_taken_or_refused() {
    hold("invoke", &edited("invoke"), target("invoke").1);
}

#[test]
fn a_connection_is_taken_or_refused_and_gives_no_secret_away() {
    hold("connection", &edited("connection"), target("connection").1);
}

#[test]
fn a_reply_is_judged_and_an_output_fits_its_schema() {
    let validator = |id| jsonschema::draft7::new(&output_schema(id)).unwrap();
    let validators: BTreeMap<&str, Validator> = ABOUT.iter().map(|about| (about.id, validator(about.id))).collect();
    hold("reply", &edited("reply"), |input| {
        if let Some((about, output)) = targets::replied(input) {
            let output = serde_json::from_str(&output).unwrap();
            let faults: Vec<String> = validators[about.id].iter_errors(&output).map(|e| e.to_string()).collect();
            assert!(faults.is_empty(), "{}: {output}: {faults:?}", about.id);
        }
    });
}

#[test]
fn a_base_url_never_changes_its_authority() {
    let (name, run) = target("base_url");
    hold(name, &edited(name), run);
    hold(name, &text(r"(https?|HTTP)://[a-zA-Z0-9.\-]{1,12}(:[0-9]{0,6})?(/[!-~]{0,8}){0,4}"), run);
    hold(name, &text(r"https?://([!-~]|\PC){0,24}"), run);
}

#[test]
fn a_webhook_address_gives_the_base_and_the_key_that_stand_in_it() {
    let (name, run) = target("webhook");
    hold(name, &edited(name), run);
    hold(
        name,
        &text(
            r"https?://[a-z.]{1,9}(:[0-9]{1,5})?(/[a-z]{0,4}){0,3}/cgi-bin/webhook/send\?([!-~]{0,6}&)?key=([!-~]|%[0-9A-F]{2}){0,12}",
        ),
        run,
    );
}

#[test]
fn a_callback_is_read_or_refused_and_an_answer_goes_back() {
    let (name, run) = target("callback");
    hold(name, &edited(name), run);
}

/// An input may hold the mark itself: then it is no secret that is shown. One that does not hold it excuses nothing.
#[test]
fn a_mark_of_the_input_s_own_is_known_in_every_form() {
    for text in [
        "QMARK",
        r#"{"\u0051MARK":1}"#,
        r#"{"81, 77, 65, 82, 75":1}"#,
        "[81,77, 65,\n82,75]",
        "８１, 77, 65, 82, 75",
        "ＱMARK",
        "QM\u{7}ARK",
        "Q\u{1b}[31mMARK",
        r"Q\u001b[0;31mMARK",
        r"Q\tMARK",
        "Q\u{200b}MARK",
        "%51MARK",
        "%2525%35%31MARK",
        "中\\中QMARK",
        r"\QMARK",
    ] {
        assert!(targets::holds_mark(text), "{text:?}");
    }
    for text in ["", "QMAR", "81, 77, 65, 82", "181, 77, 65, 82, 75", "KRAMQ", r"\", r"\u005", "{\"to_user\":[\"a\"]}"]
    {
        assert!(!targets::holds_mark(text), "{text:?}");
    }
}

#[test]
fn what_is_no_text_at_all_holds_too() {
    for (name, run) in TARGETS {
        hold(name, &vec(any::<u8>(), 0..64), run);
    }
}

// -------------------------------------------------------------------------------- what one returns, the others take

/// What the tables say of one action: every parameter, and every place of its output, with what it names.
struct Marks {
    about: &'static About,
    parameters: Vec<(&'static str, Names)>,
    output: Vec<(String, Names)>,
}

/// The marks of every action.
#[derive(Default)]
struct Collected(Vec<Marks>);

impl Visitor for Collected {
    fn visit<A: Action>(&mut self) {
        let parameters = <A::Parameters as Described>::RECORD.lines().map(|(field, spec, _)| (field.name, spec.names));
        let output = <A::Output as Described>::RECORD.leaves().into_iter().map(|(place, _, spec)| (place, spec.names));
        self.0.push(Marks { about: const { &A::ABOUT }, parameters: parameters.collect(), output: output.collect() });
    }
}

fn marks() -> Vec<Marks> {
    let mut collected = Collected::default();
    visit(&mut collected);
    collected.0
}

/// The values at a place of an output.
fn values_at<'a>(output: &'a Value, place: &str) -> Vec<&'a Value> {
    place.split('/').skip(1).fold(vec![output], |values, step| match step {
        "*" => values.into_iter().flat_map(|value| value.as_array().unwrap()).collect(),
        name => values.into_iter().filter_map(|value| value.get(name)).collect(),
    })
}

/// What WeCom gives out, drawn over the whole range of each kind.
struct Given {
    departments: [u32; 2],
    order: u32,
    members: [String; 2],
    chat: String,
    message: String,
    cursor: String,
    tag: u32,
    corp: String,
    customer: String,
    card: String,
    file: String,
    mini_program: String,
    agent_id: u64,
}

impl Given {
    fn draw(rng: &mut Rng) -> Self {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        fn number(rng: &mut Rng, least: u32) -> u32 {
            let edges = [least, 2, i32::MAX as u32, i32::MAX as u32 + 1, u32::MAX - 1, u32::MAX];
            if rng.bool() { edges[rng.usize(..edges.len())] } else { rng.u32(least..) }
        }
        fn text(rng: &mut Rng, more: &[u8], lengths: &[usize]) -> String {
            let length = lengths[rng.usize(..lengths.len())];
            let alphabet = [LETTERS, more].concat();
            let first = LETTERS[rng.usize(..LETTERS.len())];
            let rest = (1..length).map(|_| alphabet[rng.usize(..alphabet.len())]);
            std::iter::once(first).chain(rest).map(char::from).collect()
        }
        Self {
            departments: [number(rng, 1), number(rng, 1)],
            order: number(rng, 0),
            members: std::array::from_fn(|_| text(rng, b"_.@-", &[1, 2, 9, 63, 64])),
            chat: if rng.bool() { text(rng, b"", &[1, 9, 32]) } else { text(rng, b"_-", &[30, 64, 128]) },
            message: text(rng, b"_-+/=|,.:", &[1, 43, 512]),
            cursor: text(rng, b"_-+/=|,.:", &[1, 43, 512]),
            tag: number(rng, 0),
            corp: text(rng, b"", &[2, 18, 32]),
            customer: text(rng, b"_-", &[32, 64]),
            card: text(rng, b"_-", &[1, 43, 128]),
            file: text(rng, b"_-", &[43, 64, 86]),
            mini_program: text(rng, b"", &[18]),
            agent_id: [1_000_002, 1_013_699_173_317, 9_007_199_254_740_991][rng.usize(..3)],
        }
    }

    /// The values of that kind.
    fn of(&self, names: Names) -> Vec<Value> {
        let Self { departments, order, members: [a, b], chat, message, cursor, tag, corp, .. } = self;
        let Self { customer, card, file, mini_program, agent_id, .. } = self;
        match names {
            Names::Department => departments.iter().map(|id| json!(id)).collect(),
            Names::Order => vec![json!(order)],
            // Some of WeCom's answers have IDs of members in lower case.
            Names::Member => vec![json!(a), json!(b), json!(b.to_lowercase())],
            Names::GroupChat => vec![json!(chat)],
            Names::Message => vec![json!(message)],
            Names::Cursor => vec![json!(cursor)],
            Names::Tag => vec![json!(tag)],
            Names::Corp => vec![json!(corp)],
            Names::LinkedDepartment => departments.iter().map(|id| json!(format!("{corp}/{id}"))).collect(),
            Names::LinkedMember => vec![json!(format!("{corp}/{a}"))],
            Names::Application => vec![json!(agent_id)],
            Names::Customer | Names::CustomerGroup => vec![json!(customer)],
            Names::Card => vec![json!(card)],
            Names::File => vec![json!(file)],
            Names::MiniProgram => vec![json!(mini_program)],
            // No action takes what another one returns of these.
            Names::Nothing
            | Names::CardOption
            | Names::CustomerTag
            | Names::Elsewhere
            | Names::OpenMember
            | Names::Task
            | Names::WechatUser => Vec::new(),
        }
    }
}

/// An action's sample reply, and which of its values the output shows where an action takes what is named.
struct Template {
    reply: Value,
    /// A pointer into the reply, what stands there, and whether it is a list in one text.
    named: Vec<(String, Names, bool)>,
}

impl Template {
    /// Numbers the values of the reply, and looks for the numbers in the output.
    fn of(marks: &Marks, taken: &BTreeSet<Names>) -> Self {
        const FIRST: usize = 1000;
        let reply: Value = serde_json::from_str(marks.about.sample_reply).unwrap();
        let mut numbered = reply.clone();
        let mut pointers = Vec::new();
        leaves(&mut numbered, "", &mut |pointer, leaf| {
            let number = FIRST + pointers.len();
            *leaf = if leaf.is_number() { json!(number) } else { json!(number.to_string()) };
            pointers.push(pointer.to_owned());
        });
        let wire = Wire { reply: numbered.to_string().into(), ..Wire::default() };
        let output = output(&Connector::new(&wire), marks.about);
        let mut named = Vec::new();
        for (place, names) in marks.output.iter().filter(|(_, names)| taken.contains(names)) {
            let values = values_at(&output, place);
            // Messages to linked enterprises share the output of others, and have no ID.
            let may_lack = marks.about.interface.name == "linked-corp";
            assert!(may_lack || !values.is_empty(), "{}: its sample_reply has nothing for {place}", marks.about.id);
            for value in values {
                let number: usize = plain(value).parse().unwrap();
                let pointer = pointers[number - FIRST].clone();
                // A list that is none in the reply stands there in one text.
                let above = pointer.match_indices('/').map(|(at, _)| &pointer[..at]);
                let lists = above.filter(|above| reply.pointer(above).is_some_and(Value::is_array)).count();
                let joined = place.matches("/*").count() > lists;
                named.push((pointer, *names, joined));
            }
        }
        Self { reply, named }
    }

    /// The reply with what was given out; `next` counts for each kind which value comes next.
    fn filled(&self, given: &Given, next: &mut BTreeMap<Names, usize>) -> Value {
        let mut reply = self.reply.clone();
        for (pointer, names, joined) in &self.named {
            let values = given.of(*names);
            let next = next.entry(*names).or_default();
            assert!(
                !values.is_empty(),
                "no values are drawn for {names:?}, which some action returns and another takes"
            );
            let joined = joined.then(|| json!(values.iter().map(plain).collect::<Vec<_>>().join("|")));
            *reply.pointer_mut(pointer).unwrap() = joined.unwrap_or_else(|| values[*next % values.len()].clone());
            *next += 1;
        }
        reply
    }
}

/// Calls `visit` with every text and number of a reply or a request, but for `errcode` and `errmsg`.
fn leaves(value: &mut Value, pointer: &str, visit: &mut impl FnMut(&str, &mut Value)) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                leaves(item, &format!("{pointer}/{index}"), visit);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut().filter(|(name, _)| !["errcode", "errmsg"].contains(&name.as_str())) {
                leaves(field, &format!("{pointer}/{name}"), visit);
            }
        }
        leaf => visit(pointer, leaf),
    }
}

/// A WeCom that answers so, and remembers what stood in the last request.
#[derive(Default)]
struct Wire {
    reply: RefCell<String>,
    sent: RefCell<Vec<Value>>,
}

impl Host for &Wire {
    async fn send(&self, request: HttpRequest<'_>) -> Result<HttpReply, SendError> {
        let (path, query) = request.target.path_and_query.split_once('?').unwrap();
        let mut sent: Vec<Value> = query
            .split('&')
            .map(|pair| percent_decode_str(pair.split_once('=').unwrap().1).decode_utf8().unwrap().into())
            .collect();
        if let Some(Body::Json(body)) = request.body {
            leaves(&mut serde_json::from_slice(body).unwrap(), "", &mut |_, leaf| sent.push(leaf.clone()));
        }
        *self.sent.borrow_mut() = sent;
        let token = r#"{"errcode":0,"access_token":"token","expires_in":7200}"#;
        let reply = if path.ends_with("/gettoken") { token.to_owned() } else { self.reply.borrow().clone() };
        Ok(HttpReply::new(200, None, attachment(path), reply.into_bytes()))
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn variable(&self, _: &str) -> Option<String> {
        None
    }
}

fn connection(about: &About) -> &'static str {
    if about.secrets == Secrets::ChatbotKey {
        r#"{"type":"chatbot","chatbot_key":"k"}"#
    } else {
        r#"{"type":"application","corp_id":"ww1","app_secret":"s","contacts_secret":"c","agent_id":9007199254740991}"#
    }
}

/// The output of an action for its sample.
fn output(connector: &Connector<&Wire>, about: &About) -> Value {
    let answer = run_blocking(connector.invoke(about.id, Some(connection(about)), about.sample_parameters));
    serde_json::from_str(&answer.unwrap()).unwrap()
}

/// The parameters of an action with what was given out in one of them, as it stood in an output.
fn parameters_with(about: &About, schema: &Value, name: &str, value: &Value) -> Value {
    let is_list = schema["properties"][name]["type"] == "array";
    let given = if is_list { json!([value]) } else { value.clone() };
    let mut parameters: Value = serde_json::from_str(about.sample_parameters).unwrap();
    let fields = parameters.as_object_mut().unwrap();
    // Rules between fields: what goes with each other is taken along.
    if about.interface.name == "member" && ["department", "main_department", "order"].contains(&name) {
        for beside in ["department", "main_department", "order", "is_leader_in_dept"] {
            fields.remove(beside);
        }
        if name != "department" {
            let department = if name == "main_department" { value.clone() } else { json!(1) };
            fields.insert("department".into(), json!([department]));
        }
    }
    if ["to_user", "to_party", "to_tag"].contains(&name) {
        // Beside everyone, others are skipped.
        fields.remove("to_user");
        fields.remove("to_all");
    }
    if ["owner", "user_list"].contains(&name) && about.id == "create-group-chat" {
        fields.remove("owner");
        fields.insert("user_list".into(), json!([value, "another"]));
        if name == "user_list" {
            return parameters;
        }
    }
    fields.insert(name.into(), given);
    parameters
}

#[test]
fn whatever_an_action_returns_every_other_action_takes() {
    const DRAWS: usize = 60;
    let marks = marks();
    let mut taken: BTreeSet<Names> =
        marks.iter().flat_map(|marks| &marks.parameters).map(|(_, names)| *names).collect();
    taken.remove(&Names::Nothing);
    let templates: Vec<Template> = marks.iter().map(|marks| Template::of(marks, &taken)).collect();
    let schemas: Vec<Value> = marks.iter().map(|marks| input_schema(marks.about.id)).collect();
    let mut rng = Rng::with_seed(SEED);
    let mut pairs = 0;
    for draw in 0..DRAWS {
        let given = Given::draw(&mut rng);
        let wire = Wire::default();
        let connector = Connector::new(&wire);
        let mut returned: BTreeMap<Names, Vec<(String, Value)>> = BTreeMap::new();
        let mut next = BTreeMap::new();
        for (marks, template) in marks.iter().zip(&templates) {
            wire.reply.replace(template.filled(&given, &mut next).to_string());
            let output = output(&connector, marks.about);
            for (place, names) in &marks.output {
                let known = returned.entry(*names).or_default();
                for value in values_at(&output, place) {
                    if known.iter().all(|(_, other)| other != value) {
                        known.push((format!("{} {place}", marks.about.id), value.clone()));
                    }
                }
            }
        }
        returned.remove(&Names::Nothing);
        for ((Marks { about, parameters, .. }, schema), template) in marks.iter().zip(&schemas).zip(&templates) {
            wire.reply.replace(template.reply.to_string());
            for (name, names) in parameters {
                for (from, value) in returned.get(names).into_iter().flatten() {
                    // A chat that an action makes has an ID of digits and letters; WeCom's own have more.
                    let is_new = (about.id, *name) == ("create-group-chat", "chat_id");
                    let text = value.as_str().unwrap_or_default();
                    if is_new && (text.len() > 32 || !text.bytes().all(|byte| byte.is_ascii_alphanumeric())) {
                        continue;
                    }
                    // The root is there already.
                    if (about.id, *name) == ("create-department", "id") && plain(value) == "1" {
                        continue;
                    }
                    let parameters = parameters_with(about, schema, name, value);
                    let answer =
                        run_blocking(connector.invoke(about.id, Some(connection(about)), &parameters.to_string()));
                    let case = format!("draw {draw}: {value} from {from} as {name} of {}", about.id);
                    assert!(answer.is_ok(), "{case}: {answer:?}");
                    let sent = wire.sent.borrow();
                    let arrived = sent.iter().any(|leaf| {
                        plain(leaf) == plain(value)
                            || leaf.as_str().is_some_and(|text| text.split('|').any(|id| id == plain(value)))
                    });
                    assert!(arrived, "{case}: it is not among {sent:?}");
                    pairs += 1;
                }
            }
        }
    }
    println!("{pairs} pairs");
}

/// A text or a number as it stands in a URL.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
