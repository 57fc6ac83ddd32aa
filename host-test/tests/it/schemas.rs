//! The files of `schemas/`: generated and embedded as they are, fit for form renderers, and true to the tables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use host_test::artifact;
use jsonschema::{Draft, Validator};
use memchr::memmem;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use wecom_connector::about::Secrets;
use wecom_connector::actions::ABOUT;

use crate::harness::{
    Bench, CLEARED, LIMITS, TABLES, actions, host, input_schema, output_schema, properties, required, schema,
    schema_text, stepwise_host,
};

const DRAFT_07: &str = "http://json-schema.org/draft-07/schema#";
const DRAFT_2020_12: &str = "https://json-schema.org/draft/2020-12/schema";
const MEND: &str = "`cargo xtask generate` mends it";

/// The keywords that mean the same under draft-07 and 2020-12, as far as the schemas use them. Not among them:
/// `items` with a list, `additionalItems`, `dependencies`, `definitions`, `$ref` with neighbours, `format` that is
/// checked under one and not under the other.
const KEYWORDS: [&str; 26] = [
    "$schema",
    "title",
    "description",
    "type",
    "const",
    "default",
    "examples",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "contains",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "oneOf",
    "anyOf",
    "allOf",
    "if",
    "then",
    "else",
    "not",
];
/// Annotations, which no validator acts on: `format` is `password` only. `contentEncoding` and `contentMediaType` are some
/// but for some validators of draft-07: for these the one says no more than the pattern beside it, and the other that a text
/// is JSON, which the connector asks for, too.
const ANNOTATIONS: [&str; 5] = ["format", "writeOnly", "contentEncoding", "contentMediaType", "x-ui"];
/// What `x-ui` may hold.
const UI: [&str; 11] = [
    "widget",
    "group",
    "hint",
    "clear",
    "fromConnection",
    "minBytes",
    "maxBytes",
    "maxCharacters",
    "excess",
    "separator",
    "optionsFrom",
];

/// The codes that the vendor documents for these APIs, but for 0.
const CODES: &[i64] = &[
    -1, 6000, 40001, 40003, 40004, 40005, 40006, 40007, 40008, 40009, 40011, 40013, 40014, 40029, 40031, 40032, 40033,
    40035, 40036, 40037, 40039, 40050, 40056, 40057, 40058, 40063, 40066, 40068, 40070, 40071, 40072, 40074, 40088,
    40089, 40091, 40094, 40096, 40123, 40125, 40145, 40146, 40201, 40206, 41001, 41002, 41004, 41005, 41006, 41009,
    41011, 41016, 41017, 41018, 41019, 41024, 41033, 41035, 41054, 42001, 42014, 42015, 42016, 42017, 42018, 42019,
    42020, 42027, 42028, 42029, 42030, 42031, 42033, 42035, 42036, 42037, 42038, 42039, 42040, 42041, 42042, 42043,
    42044, 42045, 42046, 42047, 42049, 42050, 42051, 42052, 43004, 43009, 43012, 44001, 44004, 45001, 45002, 45007,
    45008, 45009, 45024, 45029, 45032, 45033, 45034, 45035, 45036, 46004, 48001, 48002, 48004, 48005, 48006, 48007,
    48008, 48009, 48010, 48011, 49008, 50001, 50002, 50003, 50006, 50100, 60001, 60003, 60004, 60005, 60006, 60007,
    60008, 60009, 60010, 60011, 60012, 60020, 60021, 60030, 60031, 60102, 60103, 60104, 60105, 60106, 60107, 60110,
    60111, 60112, 60123, 60124, 60125, 60127, 60129, 60132, 60136, 60140, 60141, 60142, 60143, 60144, 60145, 60146,
    60147, 60148, 60203, 60206, 60207, 60208, 60257, 60268, 80001, 81001, 81002, 81003, 81011, 81012, 81013, 81014,
    81017, 82001, 82002, 82003, 82004, 82101, 82102, 84014, 84015, 84019, 84061, 84074, 84084, 85002, 85004, 85005,
    86001, 86003, 86004, 86005, 86006, 86007, 86008, 86101, 86201, 86202, 86203, 86204, 86205, 86206, 86207, 86214,
    86215, 86216, 86217, 86220, 86222, 86224, 86225, 86226, 86227, 90200, 90201, 90202, 90203, 90204, 90206, 90207,
    90208, 90500, 90501, 90509, 92000, 92001, 92002, 92003, 93000, 93001, 93004, 93006, 93008, 93017, 93018, 93019,
    93050, 301_002, 301_005, 301_007, 301_012, 301_013, 301_014, 301_015, 301_016, 301_017, 301_019, 301_021, 301_036,
    670_001, 670_002, 670_003, 670_004, 670_029, 670_030, 701_008, 701_099, 830_001, 830_002, 830_003, 846_601,
    846_602, 846_603, 846_604, 846_605, 846_606, 846_607, 846_608, 846_609, 846_610, 846_611, 846_612, 846_613,
    846_614, 846_615, 846_616,
];

/// The parameters that the tables limit in characters, beyond which they are refused: the only ones with `maxLength`.
const MAX_LENGTHS: &[(&str, &str, u64)] = &[
    ("create-department", "name", 32),
    ("create-department", "name_en", 64),
    ("update-department", "name", 32),
    ("update-department", "name_en", 64),
    ("create-member", "user_id", 64),
    ("create-member", "name", 64),
    ("create-member", "alias", 64),
    ("create-member", "position", 128),
    ("create-member", "address", 128),
    ("update-member", "name", 64),
    ("update-member", "alias", 64),
    ("update-member", "position", 128),
    ("update-member", "address", 128),
    ("create-group-chat", "chat_id", 32),
];
/// Base64 has one byte for each character, and a limit of the vendor's: 2 MB of image.
const MAX_IMAGE: (&str, &str, u64) = ("push-image-message-by-chatbot", "base64", 2_796_204);

/// Texts that are the same in Chinese: names of WeCom's and of HTTP's.
const SAME_IN_CHINESE: [&str; 3] = ["AppSecret", "GET", "POST"];

/// Every schema file, by name.
fn schemas() -> BTreeMap<String, Value> {
    let actions = ABOUT
        .iter()
        .flat_map(|about| ["input", "output"].map(|side| format!("actions/{}.{side}.schema.json", about.id)));
    let connections = ["application", "chatbot"].map(|kind| format!("connection/{kind}.schema.json"));
    actions.chain(connections).map(|name| (name.clone(), schema(&name))).collect()
}

/// Compiles a schema as a validator of that draft would: tag and draft agree, and the schema fits its meta-schema.
fn compile(schema: &Value, draft: Draft) -> Validator {
    let mut schema = schema.clone();
    let tag = if draft == Draft::Draft7 { DRAFT_07 } else { DRAFT_2020_12 };
    schema["$schema"] = tag.into();
    jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{tag}: {error}"));
    jsonschema::options().with_draft(draft).build(&schema).unwrap_or_else(|error| panic!("{tag}: {error}"))
}

/// Calls `visit` with every schema inside `schema`, with the path to it; what is called `properties/…` is one
/// property.
fn walk(schema: &Value, path: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    // In a condition, the one word for a property that must not be there. Elsewhere a form has nothing to draw.
    let is_branch = ["/then/", "/else/"].iter().any(|branch| path.contains(branch));
    if schema == false && is_branch && path.rsplit('/').nth(1) == Some("properties") {
        return;
    }
    let keywords = schema.as_object().unwrap_or_else(|| panic!("{path}: {schema} is no schema"));
    visit(path, keywords);
    for (keyword, value) in keywords {
        let path = format!("{path}/{keyword}");
        match keyword.as_str() {
            "properties" => {
                for (name, value) in value.as_object().unwrap() {
                    walk(value, &format!("{path}/{name}"), visit);
                }
            }
            "items" | "contains" | "if" | "then" | "else" | "not" => walk(value, &path, visit),
            "anyOf" | "oneOf" | "allOf" => {
                for (index, value) in value.as_array().unwrap().iter().enumerate() {
                    walk(value, &format!("{path}/{index}"), visit);
                }
            }
            _ => {}
        }
    }
}

/// Calls `visit` with every keyword object of every schema file.
fn walk_all(mut visit: impl FnMut(&str, &Map<String, Value>)) {
    for (name, schema) in schemas() {
        walk(&schema, &name, &mut visit);
    }
}

fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

fn manifest() -> Value {
    schema("manifest.json")
}

// -------------------------------------------------------------------------------------- generated and embedded

#[tokio::test]
async fn the_components_return_the_manifest_byte_for_byte() {
    let manifest = schema_text("manifest.json");
    let returned = stepwise_host().instance().unwrap().manifest().unwrap();
    assert!(returned == manifest, "the component holds another manifest; rebuild it, or {MEND}");
    // The one that calls the host's HTTP has no callbacks.
    let (actions, rest) = manifest.split_once(",\n\"callback\":{").unwrap();
    let (_, tables) = rest.split_once(",\n\"error_codes\":[").unwrap();
    let returned = host().instance().await.unwrap().manifest().await.unwrap();
    assert!(returned == format!("{actions},\n\"error_codes\":[{tables}"), "rebuild the component, or {MEND}");
}

#[test]
fn the_manifest_holds_the_files() {
    let manifest = manifest();
    let actions = manifest["actions"].as_array().unwrap();
    assert_eq!(actions.len(), ABOUT.len());
    for (entry, about) in actions.iter().zip(ABOUT) {
        assert_eq!(entry["id"], about.id, "the order of the list");
        assert_eq!(entry["parameters"], input_schema(about.id), "{}", about.id);
        assert_eq!(entry["output"], output_schema(about.id), "{}", about.id);
    }
    let types = manifest["connection_types"].as_array().unwrap();
    assert_eq!(types.iter().map(|entry| &entry["type"]).collect::<Vec<_>>(), ["application", "chatbot"]);
    for entry in types {
        let kind = entry["type"].as_str().unwrap();
        assert_eq!(entry["schema"], schema(&format!("connection/{kind}.schema.json")), "{kind}");
    }
    let mut chinese = schema("locales/zh-CN.json");
    let callback = &manifest["callback"];
    assert_eq!(callback["locales"]["zh-CN"], chinese.as_object_mut().unwrap().remove("callback").unwrap());
    assert_eq!(manifest["locales"]["zh-CN"], chinese);
    assert_eq!(callback["connection_type"]["type"], "callback");
    assert_eq!(callback["connection_type"]["schema"], schema("connection/callback.schema.json"));
    assert_eq!(callback["reply"], schema("callback/reply.schema.json"));
}

#[test]
fn a_palette_can_offer_every_event() {
    let manifest = manifest();
    let callback = &manifest["callback"];
    let sources: BTreeSet<&str> =
        callback["sources"].as_array().unwrap().iter().map(|source| source["id"].as_str().unwrap()).collect();
    let mut titles = BTreeSet::new();
    for event in callback["events"].as_array().unwrap() {
        let topic = event["topic"].as_str().unwrap();
        for text in ["title", "description"] {
            both_languages(&event[text], &format!("{topic}.{text}"));
        }
        assert!(sources.contains(event["source"].as_str().unwrap()), "{topic}");
        for language in ["en", "zh"] {
            let title = event["title"][language].as_str().unwrap();
            assert!(titles.insert(title.to_owned()), "{topic}: {title:?} stands twice: nobody could tell them apart");
        }
        let sample = &event["sample"];
        assert_eq!(sample["topic"], topic);
        assert_eq!(sample["fields"]["msg_type"], sample["msg_type"], "{topic}");
        assert!(!sample["from_user"].is_null() && !sample["key"].is_null(), "{topic}");
    }
}

#[test]
fn a_reply_has_what_its_kind_needs_and_nothing_else() {
    let validator = jsonschema::validator_for(&schema("callback/reply.schema.json")).unwrap();
    for good in [
        json!({"msg_type": "text", "content": "Noted."}),
        json!({"msg_type": "voice", "media_id": "M"}),
        json!({"msg_type": "video", "media_id": "M", "title": "T"}),
        json!({"msg_type": "news", "articles": [{"title": "T", "url": "https://example.com"}]}),
        json!({"msg_type": "update_button", "replace_name": "Approved"}),
    ] {
        assert!(validator.is_valid(&good), "{good}");
    }
    for bad in [
        json!({}),
        json!({"msg_type": "text"}),
        json!({"msg_type": "text", "content": "Noted.", "media_id": "M"}),
        json!({"msg_type": "image", "content": "M"}),
        json!({"msg_type": "update_button"}),
        json!({"msg_type": "update_template_card", "replace_name": "Approved"}),
        json!({"msg_type": "markdown", "content": "Noted."}),
    ] {
        assert!(!validator.is_valid(&bad), "{bad}");
    }
}

#[test]
fn the_generator_stays_out_of_the_component() {
    let component = std::fs::read(artifact::component().unwrap()).unwrap();
    let holds = |text: &str| memmem::find(&component, text.as_bytes()).is_some();
    assert!(holds("wecom-connector"), "the search finds nothing at all");
    assert!(!holds("schemars"), "schemars is linked into the component");
    // The generator's own text: were it linked, that would stand there.
    assert!(!holds("the name stands twice in src/actions"), "the generator is linked into the component");
}

/// They are in the manifest, packed. Where they stand there as they are, too, a call reaches `ABOUT` or `RECORD`: it may use
/// what is copied out of these when it is compiled, and nothing more.
#[test]
fn no_text_of_the_tables_stands_in_the_component_as_it_is() {
    let component = std::fs::read(artifact::component().unwrap()).unwrap();
    // What errors say stands there.
    let manifest = manifest();
    let said = ["error_codes", "hints_without_code", "phrases"].map(|table| manifest[table].to_string()).concat();
    let mut found = Vec::new();
    for language in ["en", "zh-CN"] {
        let texts = locale(language).into_iter().filter(|(path, _)| path.starts_with("/actions/"));
        // So may a word, for another reason: a table's texts are more than words.
        let texts = texts.filter(|(_, text)| !text.chars().all(|c| c.is_ascii_alphanumeric()) && !said.contains(text));
        found.extend(texts.filter(|(_, text)| memmem::find(&component, text.as_bytes()).is_some()));
    }
    assert!(found.is_empty(), "{found:#?}");
}

// ---------------------------------------------------------------------------------------------- the two drafts

#[test]
fn every_schema_compiles_under_both_drafts() {
    for (name, schema) in schemas() {
        assert_eq!(schema["$schema"], DRAFT_07, "{name}");
        for draft in [Draft::Draft7, Draft::Draft202012] {
            compile(&schema, draft);
        }
    }
}

#[test]
fn keywords_mean_the_same_in_both_drafts() {
    walk_all(|path, keywords| {
        for (keyword, value) in keywords {
            let known = KEYWORDS.contains(&keyword.as_str()) || ANNOTATIONS.contains(&keyword.as_str());
            assert!(known, "{path}: {keyword} is not on the list of keywords that mean the same in both drafts");
            match keyword.as_str() {
                "type" => {
                    assert!(value.is_string(), "{path}: {value}: form renderers want one type");
                    assert_ne!(value, "null", "{path}");
                }
                "format" => assert_eq!(value, "password", "{path}"),
                "contentEncoding" => {
                    assert_eq!(value, "base64", "{path}");
                    assert!(keywords.contains_key("pattern"), "{path}: only some validators look at contentEncoding");
                }
                "contentMediaType" => {
                    assert_eq!(value, "application/json", "{path}");
                    assert_eq!(keywords["type"], "string", "{path}");
                }
                // Beside the properties that they draw, form libraries stop at it.
                "allOf" => {
                    let is_branch = ["/then", "/else"].iter().any(|branch| path.contains(branch));
                    assert!(is_branch && !keywords.contains_key("type"), "{path}: allOf stands in conditions alone");
                }
                "additionalProperties" => assert_eq!(value, false, "{path}"),
                "$schema" => assert_eq!(path.matches('/').count(), 1, "{path}: $schema stands at the root alone"),
                _ => {}
            }
        }
        // Numbers that JavaScript can hold.
        for bound in ["minimum", "maximum"].iter().filter_map(|bound| keywords.get(*bound)) {
            assert!(bound.as_u64().is_some_and(|bound| bound < 1 << 53), "{path}: {bound}");
        }
    });
}

#[test]
fn choices_are_labelled() {
    let mut choices = 0;
    walk_all(|path, keywords| {
        for choice in keywords.get("oneOf").into_iter().flat_map(|choices| choices.as_array().unwrap()) {
            let keys: Vec<&String> = choice.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["title", "const"], "{path}");
            choices += 1;
        }
    });
    assert!(choices > 20, "{choices} choices are too few to be all");
}

// -------------------------------------------------------------------------------------------- words and limits

#[test]
fn every_property_has_title_and_description() {
    let mut titles = BTreeSet::new();
    walk_all(|path, keywords| {
        let property = path.rsplit_once('/').is_some_and(|(parent, _)| parent.ends_with("/properties"));
        let condition = ["/if/", "/then/", "/else/", "/not/", "/contains"].iter().any(|part| path.contains(part));
        if property && !condition {
            for keyword in ["title", "description", "type"] {
                assert!(keywords.get(keyword).is_some_and(|text| text != ""), "{path} has no {keyword}");
            }
            let description = keywords["description"].as_str().unwrap();
            assert!(description.len() > 8 && description.ends_with(['.', '?']), "{path}: {description:?}");
            titles.insert(keywords["title"].as_str().unwrap().to_owned());
        }
    });
    assert!(titles.len() > 50, "{} titles are too few to be all", titles.len());
}

#[test]
fn connections_have_the_words_of_their_table() {
    let titles = |kind: &str| -> Vec<Value> {
        let schema = schema(&format!("connection/{kind}.schema.json"));
        properties(&schema).into_iter().map(|(_, property)| property["title"].clone()).collect()
    };
    let (application, chatbot) = (titles("application"), titles("chatbot"));
    let ours = [
        "Contacts Secret",
        "Enterprise App ID",
        "Access Token",
        "Contacts Access Token",
        "Base URL",
        "Timeout",
        "Lower Enterprise ID",
        "Lower Enterprise App ID",
        "Kind of Sharing",
    ];
    let of_table = |titles: Vec<Value>| {
        titles.into_iter().filter(|title| !ours.contains(&title.as_str().unwrap())).collect::<Vec<_>>()
    };
    assert_eq!(of_table(application), ["Name", "Type", "Enterprise ID", "AppSecret", "Description"]);
    assert_eq!(of_table(chatbot), ["Name", "Type", "Chatbot Key", "Description"]);
}

#[test]
fn lengths_are_those_of_the_tables_in_their_units() {
    let mut lengths = BTreeSet::new();
    let mut limits = BTreeSet::new();
    for table in TABLES {
        for (name, property) in properties(&input_schema(table.id)) {
            if let Some(max) = property["maxLength"].as_u64() {
                lengths.insert((table.id, name.clone(), max));
            }
            for unit in ["maxBytes", "maxCharacters"] {
                if let Some(max) = property["x-ui"][unit].as_u64() {
                    assert!(property["maxLength"].is_null(), "{}: {name}: {unit} became maxLength", table.id);
                    let excess = property["x-ui"]["excess"].as_str().unwrap().to_owned();
                    limits.insert((table.id, name.clone(), unit, max, excess));
                }
            }
        }
    }
    let expected: BTreeSet<_> =
        MAX_LENGTHS.iter().copied().chain([MAX_IMAGE]).map(|(a, p, n)| (a, p.into(), n)).collect();
    assert_eq!(lengths, expected);
    let of_tables = LIMITS.iter().copied().filter(|(action, ..)| TABLES.iter().any(|table| table.id == *action));
    let expected: BTreeSet<_> = of_tables.map(|(a, p, unit, n, e)| (a, p.into(), unit, n, e.into())).collect();
    assert_eq!(limits, expected);
}

#[test]
fn secrets_are_passwords_and_nothing_else_is() {
    let mut secrets = BTreeSet::new();
    walk_all(|path, keywords| {
        let is_secret = keywords.get("format").is_some() || keywords.get("writeOnly").is_some();
        if is_secret {
            assert_eq!(keywords["format"], "password", "{path}");
            assert_eq!(keywords["writeOnly"], true, "{path}");
            assert_eq!(keywords["x-ui"]["widget"], "password", "{path}");
            for shows in ["examples", "default", "maxLength"] {
                assert!(keywords.get(shows).is_none(), "{path} has {shows}: secrets are opaque");
            }
            // But that every character of one is seen.
            assert_eq!(keywords["pattern"], wecom_connector::parameter::rules::ALL_SEEN.regex, "{path}");
            secrets.insert(path.to_owned());
        }
    });
    let expected = [
        "connection/application.schema.json/properties/access_token",
        "connection/application.schema.json/properties/app_secret",
        "connection/application.schema.json/properties/contacts_access_token",
        "connection/application.schema.json/properties/contacts_secret",
        "connection/chatbot.schema.json/properties/chatbot_key",
    ];
    assert_eq!(secrets.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn hints_are_in_one_object_with_known_keys() {
    let outputs: BTreeMap<&str, Value> = ABOUT.iter().map(|about| (about.id, output_schema(about.id))).collect();
    let mut options = 0;
    let mut cleared = BTreeSet::new();
    walk_all(|path, keywords| {
        let Some(ui) = keywords.get("x-ui") else { return };
        let ui = ui.as_object().unwrap();
        assert!(!ui.is_empty(), "{path}: x-ui is empty");
        for (key, value) in ui {
            assert!(UI.contains(&key.as_str()), "{path}: x-ui.{key}");
            match key.as_str() {
                "widget" => {
                    assert!(["textarea", "password", "file"].contains(&value.as_str().unwrap()), "{path}: {value}");
                    assert_eq!(value == "file", keywords.contains_key("contentEncoding"), "{path}: {value}");
                }
                "clear" => {
                    assert_eq!(value, true, "{path}");
                    cleared.insert(path.to_owned());
                }
                "fromConnection" => {
                    let application = schema("connection/application.schema.json");
                    for field in value.as_array().unwrap() {
                        let field = &properties(&application)[field.as_str().unwrap()];
                        assert_eq!(field["type"], keywords["type"], "{path}: {value}");
                    }
                }
                "group" => assert_eq!(value, "advanced", "{path}"),
                "separator" => {
                    assert!(["|", ","].contains(&value.as_str().unwrap()), "{path}: {value}");
                    assert_eq!(keywords["type"], "array", "{path}");
                }
                "excess" => assert!(["cut", "refuse"].contains(&value.as_str().unwrap()), "{path}: {value}"),
                "optionsFrom" => {
                    let mut source = Some(value);
                    while let Some(value) = source {
                        let action = value["action"].as_str().unwrap();
                        assert!(action.starts_with("list-"), "{path}: {action} does more than read");
                        let output =
                            outputs.get(action).unwrap_or_else(|| panic!("{path}: there is no action {action}"));
                        let list = &output["properties"][value["items"].as_str().unwrap().trim_start_matches('/')];
                        assert_eq!(list["type"], "array", "{path}: {value}");
                        let entry = |pointer: &Value| {
                            &list["items"]["properties"][pointer.as_str().unwrap().trim_start_matches('/')]["type"]
                        };
                        // The values fit the parameter, or the entries of it where it is a list.
                        let wanted = keywords.get("items").map_or(&keywords["type"], |items| &items["type"]);
                        assert_eq!(entry(&value["value"]), wanted, "{path}: {value}");
                        if let Some(label) = value.get("label") {
                            assert_eq!(entry(label), "string", "{path}: {value}");
                        }
                        source = value.get("fallback");
                    }
                    options += 1;
                }
                _ => {}
            }
        }
    });
    assert!(options > 20, "{options} places with options are too few");
    let expected = CLEARED.iter().map(|(action, name)| format!("actions/{action}.input.schema.json/properties/{name}"));
    assert_eq!(cleared, expected.collect());
}

#[test]
fn lists_name_the_separator_of_their_table() {
    for action in actions() {
        let lists = action.parameters.iter().filter(|(_, ty)| ty.contains("list<") && !ty.contains("list<record>"));
        for (name, ty) in lists {
            let property = &input_schema(action.id)["properties"][*name];
            // The tables' receivers; their other lists, and all that came later, have commas.
            let expected = if ["to_user", "to_party", "to_tag"].contains(name) { "|" } else { "," };
            assert_eq!(property["x-ui"]["separator"], expected, "{}: {name}: {ty}", action.id);
        }
    }
}

// ---------------------------------------------------------------------------------------------------- samples

#[test]
fn samples_fit_their_schemas() {
    for entry in manifest()["actions"].as_array().unwrap() {
        for (schema, sample) in [("parameters", "sample_parameters"), ("output", "sample_output")] {
            for draft in [Draft::Draft7, Draft::Draft202012] {
                let validator = compile(&entry[schema], draft);
                let faults: Vec<String> = validator.iter_errors(&entry[sample]).map(|e| e.to_string()).collect();
                assert!(faults.is_empty(), "{} {sample}: {faults:?}", entry["id"]);
            }
            // Validators let unknown properties of an output pass; a sample must not have any.
            let known = properties(&entry[schema]);
            for name in entry[sample].as_object().unwrap().keys() {
                assert!(known.contains_key(name), "{} {sample}: {name}", entry["id"]);
            }
        }
        let shown = entry["sample_output"].as_object().unwrap();
        for name in required(&entry["output"]) {
            assert!(shown.contains_key(&name), "{} sample_output lacks {name}", entry["id"]);
        }
    }
}

#[test]
fn examples_fit_their_properties() {
    let mut count = 0;
    walk_all(|path, keywords| {
        for example in keywords.get("examples").into_iter().flat_map(|examples| examples.as_array().unwrap()) {
            let schema = Value::Object(keywords.clone());
            let validator = jsonschema::options().with_draft(Draft::Draft7).build(&schema).unwrap();
            assert!(validator.is_valid(example), "{path}: {example}");
            count += 1;
        }
    });
    assert!(count > 80, "{count} examples are too few to be all");
}

#[tokio::test]
async fn samples_are_accepted_by_the_connector() {
    let mut bench = Bench::start().await;
    for entry in manifest()["actions"].as_array().unwrap() {
        let action = entry["id"].as_str().unwrap();
        bench.server.clear_requests();
        let answer = bench.call(action, &entry["sample_parameters"]).await;
        assert!(!bench.server.requests().is_empty(), "{action}: nothing was sent: {answer:?}");
    }
}

// ---------------------------------------------------------------------------------------------------- manifest

#[test]
fn manifest_entries_are_complete() {
    const TEXTS: [&str; 3] = ["title", "label", "description"];
    const FIELDS: [&str; 19] = [
        "id",
        "title",
        "label",
        "description",
        "icon",
        "group",
        "interface",
        "function",
        "connection_type",
        "secret",
        "effect",
        "idempotent",
        "rate_limits",
        "since",
        "doc_url",
        "parameters",
        "output",
        "sample_parameters",
        "sample_output",
    ];
    let manifest = manifest();
    let mut labels = BTreeSet::new();
    for entry in manifest["actions"].as_array().unwrap() {
        let id = entry["id"].as_str().unwrap();
        let action = actions().iter().find(|action| action.id == id).unwrap();
        let interface = action.about.interface.name;
        let keys: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
        let optional = ["pagination", "idempotent_with"];
        assert_eq!(keys.iter().filter(|key| !optional.contains(key)).copied().collect::<Vec<_>>(), FIELDS, "{id}");
        // What WeCom looks for duplicates of.
        let with = action.has("duplicate_check_interval").then(|| json!("duplicate_check_interval"));
        assert_eq!(entry.get("idempotent_with"), with.as_ref(), "{id}");
        for text in TEXTS {
            both_languages(&entry[text], &format!("{id}.{text}"));
        }
        let effect = match id.split('-').next().unwrap() {
            "list" | "get" | "download" => "read",
            "withdraw" => "delete",
            "push" | "invite" => "send",
            "upload" => "create",
            // Of any API: what it does at worst is all that is known.
            "add" | "remove" | "call" => "update",
            verb @ ("create" | "update" | "delete") => verb,
            verb => panic!("{id}: say here what {verb:?} does to the enterprise's data"),
        };
        // That it is the right one, the simulator says, which refuses the other.
        let secret = match action.about.secrets {
            Secrets::Contacts => "contacts_secret",
            Secrets::ChatbotKey => "chatbot_key",
            Secrets::App => "app_secret",
        };
        for language in ["en", "zh"] {
            let label = entry["label"][language].as_str().unwrap();
            assert!(labels.insert(label.to_owned()), "{id}: {label:?} stands twice: nobody could tell them apart");
        }
        assert!(manifest["icons"][entry["icon"].as_str().unwrap()].is_string(), "{id}: {}", entry["icon"]);
        assert_eq!(entry["group"], interface, "{id}");
        assert_eq!(entry["interface"], format!("wecom:connector/{interface}@0.2.0"), "{id}");
        assert_eq!(entry["function"], id);
        assert_eq!(entry["connection_type"], action.connection, "{id}");
        assert_eq!(entry["secret"], secret, "{id}");
        assert_eq!(entry["effect"], effect, "{id}");
        if effect == "read" || effect == "send" {
            assert_eq!(entry["idempotent"], effect == "read", "{id}");
        } else {
            assert!(entry["idempotent"].is_boolean(), "{id}");
        }
        assert_eq!(entry["since"], action.about.since, "{id}");
        assert_eq!(entry["doc_url"], action.about.doc_url, "{id}");
        let limits = entry["rate_limits"].as_array().unwrap();
        // Of a chatbot, WeCom counts messages alone.
        assert_eq!(limits.is_empty(), action.about.api == "webhook/upload_media", "{id}");
        for limit in limits {
            let keys: Vec<&str> = limit.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(keys, ["scope", "amount", "unit", "per_seconds", "beyond"], "{id}");
            assert!(["refused", "dropped_silently"].contains(&limit["beyond"].as_str().unwrap()), "{id}");
        }
        let parameters = input_schema(id);
        let pages = properties(&parameters).contains_key("cursor");
        // Where there is no such parameter, WeCom chooses how large a page is.
        let expected = pages.then(|| match properties(&parameters).contains_key("limit") {
            true => json!({"cursor": "cursor", "next_cursor": "/next_cursor", "limit": "limit"}),
            false => json!({"cursor": "cursor", "next_cursor": "/next_cursor"}),
        });
        assert_eq!(entry.get("pagination"), expected.as_ref(), "{id}");
        if pages {
            assert!(properties(&output_schema(id)).contains_key("next_cursor"), "{id}");
        }
    }
}

#[test]
fn rate_limits_are_those_of_the_vendor() {
    let manifest = manifest();
    let limit = |action: &str, scope: &str, amount: u64, per_seconds: u64, beyond: &str| {
        let entry = manifest["actions"].as_array().unwrap().iter().find(|entry| entry["id"] == action).unwrap();
        let holds = entry["rate_limits"].as_array().unwrap().iter().any(|limit| {
            limit["scope"] == scope
                && limit["amount"] == amount
                && limit["per_seconds"] == per_seconds
                && limit["beyond"] == beyond
        });
        assert!(holds, "{action}: {amount} for each {scope} in {per_seconds} s, then {beyond}");
    };
    for about in ABOUT {
        match about.api {
            "webhook/send" => limit(about.id, "chatbot", 20, 60, "refused"),
            // The vendor documents none.
            "webhook/upload_media" => {}
            _ => {
                limit(about.id, "enterprise and API", 10_000, 60, "refused");
                limit(about.id, "enterprise and API", 150_000, 3600, "refused");
            }
        }
        if about.api == "message/send" {
            limit(about.id, "application", 200, 86_400, "refused");
            limit(about.id, "member", 30, 60, "dropped_silently");
            limit(about.id, "member", 1000, 3600, "dropped_silently");
        }
        if about.api == "appchat/send" {
            limit(about.id, "enterprise", 20_000, 60, "refused");
            limit(about.id, "member", 200, 60, "dropped_silently");
            limit(about.id, "member", 10_000, 86_400, "dropped_silently");
        }
    }
    limit("create-group-chat", "enterprise", 1000, 86_400, "refused");
    limit("update-group-chat", "enterprise", 1000, 3600, "refused");
    limit("upload-article-image", "enterprise", 1000, 86_400, "refused");
    limit("upload-article-image", "enterprise", 3000, 2_592_000, "refused");
}

#[test]
fn the_manifest_describes_itself() {
    let manifest = manifest();
    let keys: Vec<&str> = manifest.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "id",
        "package",
        "version",
        "title",
        "description",
        "icon",
        "icons",
        "groups",
        "connection_types",
        "actions",
        "error_cases",
        "error_categories",
        "locales",
        "callback",
        "error_codes",
        "hints_without_code",
        "phrases",
    ];
    assert_eq!(keys, expected);
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(manifest["package"], "wecom:connector@0.2.0");
    for text in ["title", "description"] {
        both_languages(&manifest[text], text);
    }
    let icons: BTreeMap<&str, &Value> =
        manifest["icons"].as_object().unwrap().iter().map(|(name, icon)| (name.as_str(), icon)).collect();
    for icon in icons.values().copied().chain([&manifest["icon"]]) {
        let icon = icon.as_str().unwrap().strip_prefix("data:image/svg+xml,").unwrap();
        let icon = percent_decode_str(icon).decode_utf8().unwrap();
        assert!(icon.starts_with("<svg") && icon.ends_with("</svg>"), "{icon}");
    }
    let pictures: BTreeSet<&str> = icons.values().map(|icon| icon.as_str().unwrap()).collect();
    assert_eq!(pictures.len(), icons.len(), "two icons are alike");
    let used = manifest["actions"].as_array().unwrap().iter().map(|entry| entry["icon"].as_str().unwrap()).collect();
    assert_eq!(icons.into_keys().collect::<BTreeSet<_>>(), used, "the icons that actions have");
    let ids = |list: &str| -> Vec<String> {
        let entries = manifest[list].as_array().unwrap();
        entries.iter().map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
    };
    let interfaces: BTreeSet<&str> = ABOUT.iter().map(|about| about.interface.name).collect();
    assert_eq!(ids("groups").iter().map(String::as_str).collect::<BTreeSet<_>>(), interfaces);
    let cases = [
        "execution-failed",
        "permanent-invalid-parameters",
        "permanent-rejected",
        "permanent-outcome-unknown",
        "retryable",
    ];
    assert_eq!(ids("error_cases"), cases);
    let categories = [
        "authentication",
        "permission",
        "not-found",
        "conflict",
        "invalid-request",
        "limit",
        "content",
        "network",
        "protocol",
        "service",
        "unknown",
    ];
    assert_eq!(ids("error_categories"), categories);
    for (list, text) in [("groups", "title"), ("error_cases", "meaning"), ("error_categories", "title")] {
        for entry in manifest[list].as_array().unwrap() {
            both_languages(&entry[text], &format!("{list}: {}", entry["id"]));
        }
    }
    for entry in manifest["connection_types"].as_array().unwrap() {
        both_languages(&entry["title"], "a connection type");
    }
}

#[test]
fn every_error_code_has_category_outcome_and_hints() {
    let manifest = manifest();
    let codes: Vec<i64> =
        manifest["error_codes"].as_array().unwrap().iter().map(|entry| entry["code"].as_i64().unwrap()).collect();
    let listed: BTreeSet<i64> = codes.iter().copied().collect();
    assert_eq!(listed, CODES.iter().copied().collect());
    assert_eq!(codes.len(), CODES.len(), "a code stands twice");
    let categories: Vec<&Value> =
        manifest["error_categories"].as_array().unwrap().iter().map(|entry| &entry["id"]).collect();
    for entry in manifest["error_codes"].as_array().unwrap() {
        let code = entry["code"].as_i64().unwrap();
        assert!(categories.contains(&&entry["category"]), "{code}: {}", entry["category"]);
        let of_the_way = ["network", "protocol", "unknown"].contains(&entry["category"].as_str().unwrap());
        assert!(!of_the_way, "{code}: WeCom answered, and the code is known");
        let outcome = match code {
            -1 => "uncertain",
            // Somebody else writes at this moment, or there were too many calls: the vendor says to repeat it later.
            6000 | 45009 | 45033 | 45035 | 45036 => "retryable",
            _ => "rejected",
        };
        assert_eq!(entry["outcome"], outcome, "{code}");
        both_languages(&entry["hint"], &code.to_string());
        let hint = entry["hint"]["en"].as_str().unwrap();
        assert!(hint.len() > 12, "{code}: {hint:?} is no help");
    }
}

/// What a person must find in the hint of a code that has one action only: the page, the field, or how long to wait.
#[test]
fn the_hints_of_common_codes_say_where_to_act() {
    let manifest = manifest();
    for (code, en, zh) in [
        (
            60020,
            vec!["Trusted enterprise IP", "App Management", "Contacts Sync"],
            vec!["企业可信IP", "应用管理", "通讯录同步"],
        ),
        (48002, vec!["Contacts Sync", "AppSecret", "App Management"], vec!["通讯录同步", "AppSecret", "应用管理"]),
        (81013, vec!["Visible range", "App Management"], vec!["可见范围", "应用管理"]),
        (60011, vec!["Visible range", "Contacts Sync"], vec!["可见范围", "通讯录同步"]),
        (93000, vec!["Group chatbots", "webhook address", "Chatbot Key"], vec!["群机器人", "Webhook地址"]),
        (45009, vec!["20 messages a minute", "after a minute"], vec!["每分钟最多20条", "一分钟后"]),
        (40058, vec!["the field that it names"], vec!["指出的字段"]),
        (301002, vec!["Enterprise App ID", "App Management"], vec!["应用管理"]),
    ] {
        let entry = manifest["error_codes"].as_array().unwrap().iter().find(|entry| entry["code"] == code).unwrap();
        for (language, words) in [("en", en), ("zh", zh)] {
            let hint = entry["hint"][language].as_str().unwrap();
            for word in words {
                assert!(hint.contains(word), "{code} does not say {word:?}: {hint}");
            }
        }
    }
}

/// An `en` and a `zh` that are texts, and the Chinese one is Chinese.
fn both_languages(texts: &Value, place: &str) {
    let keys: Vec<&str> = texts.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["en", "zh"], "{place}");
    let (en, zh) = (texts["en"].as_str().unwrap(), texts["zh"].as_str().unwrap());
    assert!(!en.is_empty(), "{place}");
    assert!(has_chinese(zh), "{place}: {zh:?} is not Chinese");
}

// ----------------------------------------------------------------------------------------------------- locales

/// Every text of a locale, by its path. An example is one text, as JSON where it is none.
fn texts(value: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            found.insert(path.to_owned(), text.clone());
        }
        Value::Array(examples) if path.ends_with("/examples") => {
            for (index, example) in examples.iter().enumerate() {
                let text = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
                found.insert(format!("{path}/{index}"), text);
            }
        }
        Value::Object(entries) => entries.iter().for_each(|(key, value)| texts(value, &format!("{path}/{key}"), found)),
        other => panic!("{path}: {other}"),
    }
}

fn locale(name: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    texts(&schema(&format!("locales/{name}.json")), "", &mut found);
    found
}

#[test]
fn both_locales_have_the_same_keys_and_the_chinese_one_is_chinese() {
    let (en, zh) = (locale("en"), locale("zh-CN"));
    assert!(en.len() > 500, "{} texts are too few to be all", en.len());
    assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
    for (path, text) in &zh {
        assert!(has_chinese(text) || SAME_IN_CHINESE.contains(&text.as_str()), "{path}: {text:?} is not Chinese");
    }
    for (path, text) in &en {
        // Chinese stands in English only where it names a place in WeCom's console, or an example.
        assert!(!text.is_empty() && text.is_ascii() || text.contains(['(', '…', '“']), "{path}: {text:?}");
    }
}

#[test]
fn the_english_locale_is_what_the_schemas_say() {
    let en = schema("locales/en.json");
    for about in ABOUT {
        let entry = &en["actions"][about.id];
        assert_eq!(entry["title"], about.title.en);
        for (side, schema) in [("parameters", input_schema(about.id)), ("output", output_schema(about.id))] {
            let names: Vec<String> = properties(&schema).keys().cloned().collect();
            let translated: Vec<String> = entry[side].as_object().unwrap().keys().cloned().collect();
            assert_eq!(translated, names, "{}", about.id);
            for (name, property) in properties(&schema) {
                same_words(&entry[side][&name], &property, &format!("{}: {name}", about.id));
            }
        }
    }
}

/// Asserts that a locale has the words of a property, and of what is inside it, and none beside.
fn same_words(texts: &Value, property: &Value, place: &str) {
    for (word, said) in [("title", "/title"), ("description", "/description"), ("hint", "/x-ui/hint")] {
        assert_eq!(texts.get(word), property.pointer(said), "{place}: {word}");
    }
    // Those that are the same in every language stand in the schema alone.
    if let Some(examples) = texts.get("examples") {
        assert_eq!(examples, &property["examples"], "{place}");
    }
    let choices = property["oneOf"].as_array().into_iter().flatten().map(|choice| {
        let value = &choice["const"];
        (value.as_str().map_or_else(|| value.to_string(), str::to_owned), choice["title"].clone())
    });
    let choices: Map<String, Value> = choices.collect();
    let labels = texts.get("choices").map(|labels| labels.as_object().unwrap().clone());
    assert_eq!(labels.unwrap_or_default(), choices, "{place}");
    let record = property.get("items").unwrap_or(property);
    let inside = record.get("properties").map(|_| properties(record)).unwrap_or_default();
    let translated = texts.get("properties").map(properties_of).unwrap_or_default();
    assert_eq!(translated, inside.keys().collect::<Vec<_>>(), "{place}");
    for (name, property) in &inside {
        same_words(&texts["properties"][name], property, &format!("{place}/{name}"));
    }
}

fn properties_of(texts: &Value) -> Vec<&String> {
    texts.as_object().unwrap().keys().collect()
}

// ------------------------------------------------------------------------------------------------ blanks in Chinese

/// A Chinese character, or a punctuation mark of Chinese that Latin texts do not have.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{3001}' | '\u{3002}' | '\u{3008}'..='\u{3011}' | '\u{ff01}'..='\u{ff60}')
}

/// A Latin letter, a digit, code, or a gap that one of them will fill.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '`' | '{' | '}')
}

/// The first blank between Chinese and Latin, with what stands around it. See
/// `docs/decisions/0007-no-blanks-in-chinese.md`.
fn blank_in_chinese(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let is_blank = |c: &char| matches!(c, ' ' | '\u{a0}');
    (1..chars.len()).find_map(|at| {
        if !is_blank(&chars[at]) {
            return None;
        }
        let before = chars[at - 1];
        let after = *chars[at..].iter().find(|c| !is_blank(c))?;
        let is_fault = is_chinese(before) && is_latin(after) || is_latin(before) && is_chinese(after);
        is_fault.then(|| chars[at.saturating_sub(12)..(at + 12).min(chars.len())].iter().collect())
    })
}

/// The prose of a document in Markdown: without blocks of code, emphasis and targets of links; a code span is one `` ` ``.
fn prose(markdown: &str) -> Vec<String> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            let spans = line.split('`').enumerate();
            let text: String = spans.map(|(index, part)| if index % 2 == 0 { part } else { "`" }).collect();
            let mut parts = text.split("](");
            let mut text = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                text.push_str(part.split_once(')').map_or(part, |(_, rest)| rest));
            }
            lines.push(text.replace("**", "").replace('[', ""));
        }
    }
    lines
}

/// Calls `visit` with every Chinese text of the manifest: what stands below `zh` and `zh-CN`, and examples.
fn chinese_texts(value: &Value, path: &str, is_chinese: bool, visit: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) if is_chinese => visit(path, text),
        Value::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                chinese_texts(entry, &format!("{path}/{index}"), is_chinese, visit);
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                let begins = ["zh", "zh-CN", "examples", "sample_parameters", "sample_output"].contains(&key.as_str());
                chinese_texts(entry, &format!("{path}/{key}"), is_chinese || begins, visit);
            }
        }
        _ => {}
    }
}

#[test]
fn no_blank_stands_between_chinese_and_latin() {
    for bad in ["企业 ID", "2026 届", "ID 和", "，则 {} 项", "须用 `name`", "见 [wit](a b)", "**应用**  ID", "在。 ID"]
    {
        assert!(prose(bad).iter().any(|line| blank_in_chinese(line).is_some()), "{bad:?} passes");
    }
    for good in
        ["企业ID", "我的企业 > 企业信息", "含 * ? 这些字符", "`--parameters 文件`，见", "Contacts Sync (通讯录)"]
    {
        assert_eq!(prose(good).iter().find_map(|line| blank_in_chinese(line)), None, "{good:?}");
    }

    let mut faults = Vec::new();
    let mut texts = 0;
    chinese_texts(&manifest(), "", false, &mut |path, text| {
        texts += 1;
        faults.extend(blank_in_chinese(text).map(|fault| format!("manifest.json{path}: {fault:?}")));
    });
    assert!(texts > 1000, "{texts} texts are too few to be all");

    let root = artifact::workspace();
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let palette = read("packages/node-red/README.md");
    let chinese = palette.split("\n## ").find(|part| part.starts_with("中文")).expect("the Chinese part");
    let mut documents = vec![("packages/node-red/README.md".to_owned(), chinese.to_owned())];
    let packages = std::fs::read_dir(root.join("packages")).unwrap();
    let packages = packages.map(|entry| Path::new("packages").join(entry.unwrap().file_name()));
    for folder in ["".into(), "docs".into()].into_iter().chain(packages).filter(|folder| root.join(folder).is_dir()) {
        for entry in std::fs::read_dir(root.join(&folder)).unwrap() {
            let name = folder.join(entry.unwrap().file_name()).display().to_string();
            if name.ends_with(".zh-CN.md") {
                documents.push((name.clone(), read(&name)));
            }
        }
    }
    let of_n8n = "packages/n8n/README.zh-CN.md";
    assert!(documents.iter().any(|(name, _)| name == of_n8n), "the documents of the packages are missing");
    assert!(documents.len() > 5, "{} documents are too few to be all", documents.len());
    for (name, text) in &documents {
        for line in prose(text) {
            faults.extend(blank_in_chinese(&line).map(|fault| format!("{name}: {fault:?}")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
