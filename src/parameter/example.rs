//! A table with every type that a field can have. No action has it: tests of the path and of the generators do.

use super::field::{Choice, NO_YES, choice};
use super::rules::{self, Rule};
use super::{Spec, table, ui};
use crate::cut::Limit;
use crate::text::{Text, text};

const IMPORTANCE: &[Choice] = &[choice(0, text("Ordinary", "普通")), choice(1, text("Urgent", "紧急"))];

table! {
    /// Parameters of no action: a card with articles.
    pub struct ExampleParameters {
        pub to_user: Vec<String> = Spec {
            wire: "touser",
            title: text("Receivers", "接收人"),
            description: text("IDs of the members who get the card.", "接收卡片的成员ID。"),
            examples: &[Text::both(r#"["zhangsan"]"#)],
            rules: &[rules::entries(1, 3), rules::each(&[rules::RECEIVER])],
            ui: ui::list("|"),
            ..Spec::NEW
        },
        pub importance: Option<u8> = Spec {
            title: text("Importance", "重要程度"),
            description: text("How much it matters.", "卡片的重要程度。"),
            choices: IMPORTANCE,
            rules: &[rules::range(0, 1)],
            ..Spec::NEW
        },
        pub source: Option<Source> = Spec {
            title: text("Source", "来源"),
            description: text("Where the card comes from.", "卡片的来源。"),
            ..Spec::NEW
        },
        pub articles: Vec<Article> = Spec {
            title: text("Articles", "图文"),
            description: text("What the card shows, 1 to 8 articles.", "卡片的内容，1~8条图文。"),
            rules: &[rules::entries(1, 8)],
            ..Spec::NEW
        },
    }
}

table! {
    /// Where a card comes from.
    pub struct Source {
        pub description: Option<String> = Spec {
            wire: "desc",
            title: text("Source Name", "来源名称"),
            description: text("Name of the source. What is beyond 4 characters is cut.", "来源的名称，超过4个字符的部分会被截断。"),
            rules: &[rules::LINE, rules::cut_at(Limit::Chars(4))],
            ..Spec::NEW
        },
        pub type_: Option<u8> = Spec {
            title: text("External", "外部来源"),
            description: text("Whether it is outside of the enterprise.", "是否为企业外部来源。"),
            choices: NO_YES,
            rules: &[rules::SWITCH],
            ..Spec::NEW
        },
    }
}

table! {
    /// One of the articles of a card.
    pub struct Article {
        pub title: String = Spec {
            title: text("Title", "标题"),
            description: text("Headline of the article. What is beyond 8 bytes is cut.", "图文的标题，超过8字节的部分会被截断。"),
            examples: &[text(r#""News""#, r#""新闻""#)],
            rules: &[rules::NOT_EMPTY, rules::LINE, rules::cut_at(Limit::Bytes(8))],
            ..Spec::NEW
        },
        pub url: String = Spec {
            title: text("Link", "链接"),
            description: text("Where a click leads.", "点击后打开的链接。"),
            rules: &[rules::NOT_EMPTY, rules::LINK],
            ..Spec::NEW
        },
        pub tags: Option<Vec<u32>> = Spec {
            wire: "tag_list",
            title: text("Tags", "标签"),
            description: text("IDs of tags, from 1 up.", "标签ID，从1开始。"),
            rules: &[rules::each(&[rules::range(1, 100)])],
            ..Spec::NEW
        },
        pub phone: Option<String> = Spec {
            title: text("Phone", "电话"),
            description: text("Whom to call.", "联系电话。"),
            rules: &[Rule::Narrow, rules::TELEPHONE],
            ..Spec::NEW
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::error::{Argument, Violation};
    use crate::parameter::{Described as _, Edits, Parameters, Table as _, decode, schema};
    use crate::text::{localize, phrase};

    fn said(violations: Vec<Violation>) -> Vec<String> {
        let said = |violation: Violation| format!("{} {}", violation.pointer, localize(&violation.rule).en);
        violations.into_iter().map(said).collect()
    }

    /// What is sent, what was done to texts, and what is wrong.
    fn settled(mut parameters: Parameters) -> (Value, Edits, Vec<String>) {
        parameters.check_fields();
        let violations = said(std::mem::take(&mut parameters.violations));
        let edits = parameters.cut();
        (parameters.into_wire().into(), edits, violations)
    }

    fn read(document: Value) -> (Value, Edits, Vec<String>) {
        settled(decode::read(Argument::Parameters, ExampleParameters::FIELDS, &[], document).ok().unwrap())
    }

    #[test]
    fn a_record_is_a_table_inside_a_table() {
        let given = json!({
            "to_user": "zhangsan|lisi",
            "source": {"description": "运维监控平台"},
            "articles": [
                {"title": " 磁盘告警\n", "url": "https://a.cn", "tags": "1，2"},
                null,
                {"title": "b\u{7}b", "url": "https://b.cn", "phone": "＋86"},
            ],
        });
        let sent = json!({
            "touser": ["zhangsan", "lisi"],
            "source": {"desc": "运维监控"},
            "articles": [
                {"title": "磁盘", "url": "https://a.cn", "tag_list": [1, 2]},
                {"title": "bb", "url": "https://b.cn", "phone": "+86"},
            ],
        });
        let edits = Edits {
            truncated: vec!["source/description".into(), "articles/0/title".into()],
            cleaned: vec!["articles/2/title".into()],
        };
        assert_eq!(read(given), (sent, edits, vec![]));
        let one = json!({"to_user": "a", "articles": {"title": "b", "url": "https://b.cn"}});
        let sent = json!({"touser": ["a"], "articles": [{"title": "b", "url": "https://b.cn"}]});
        assert_eq!(read(one), (sent, Edits::default(), vec![]), "one is a list of one");
    }

    #[test]
    fn what_is_wrong_inside_a_record_is_told_with_its_place() {
        let given = json!({
            "to_user": ["a"],
            "source": "monitor",
            "articles": [{"title": "", "url": "a.cn", "tags": [1, 101]}, {"titel": "b", "url": "https://b.cn"}, 7],
        });
        let (_, _, mut violations) = read(given);
        violations.sort();
        assert_eq!(
            violations,
            [
                "/articles/0/tags/1 must be 100 or less",
                "/articles/0/title must not be empty",
                "/articles/0/url must start with http:// or https:// and hold no spaces and no invisible characters",
                "/articles/1/titel is not a parameter here; did you mean \"title\"?",
                "/articles/1/title is required",
                "/articles/2 must be a JSON object, not a number",
                "/source must be a JSON object, not a text",
            ]
        );
        let nine = vec![json!({"title": "b", "url": "x"}); 9];
        let (_, _, violations) = read(json!({"to_user": ["a"], "articles": nine}));
        assert_eq!(violations, ["/articles must have 1 to 8 entries, and has 9"], "what is in them comes next");
        let (_, _, violations) = read(json!({"to_user": ["a"], "articles": [7]}));
        assert_eq!(violations, ["/articles/0 must be a JSON object, not a number"]);
        let (_, _, violations) = read(json!({"to_user": ["a"], "articles": []}));
        assert_eq!(violations, ["/articles must have 1 to 8 entries, and has 0"]);
    }

    #[test]
    fn what_is_given_empty_is_left_out_and_never_clears_by_accident() {
        let article = json!([{"title": "b", "url": "https://b.cn"}]);
        for source in [json!(null), json!({}), json!(""), json!({"description": " "})] {
            let (sent, _, violations) = read(json!({"to_user": ["a"], "source": source, "articles": article}));
            assert_eq!((sent, violations), (json!({"touser": ["a"], "articles": article}), vec![]));
        }

        const CARDS: Spec = Spec { rules: &[Rule::Clears], ..Spec::NEW };
        table! {
            /// An update whose list of records can be cleared.
            pub struct Update {
                pub cards: Option<Vec<Source>> = CARDS,
            }
        }
        for (given, sent, violated) in [
            (json!([]), json!({"cards": []}), vec![]),
            (json!(null), json!({}), vec![]),
            (
                json!([null, ""]),
                json!({}),
                vec!["/cards has nothing but empty entries: to clear it, give an empty list".to_owned()],
            ),
        ] {
            let read = decode::read(Argument::Parameters, Update::FIELDS, &[], json!({"cards": given})).ok().unwrap();
            let (wire, _, violations) = settled(read);
            assert_eq!((wire, violations), (sent, violated));
        }
    }

    #[test]
    fn absurd_lists_inside_records_are_one_fault_of_the_call() {
        const MANY: usize = crate::json::MAX_VALUES;
        let article = json!({"title": "b", "url": "https://b.cn", "tags": "0,".repeat(MANY / 2)});
        let (_, _, violations) = read(json!({"to_user": ["a"], "articles": vec![article; 8]}));
        let absurd: Vec<&String> = violations.iter().filter(|rule| rule.contains("must have at most 16384")).collect();
        assert_eq!(absurd.len(), 7, "the first has its entries looked at");
        let article =
            Article { title: "b".into(), url: "https://b.cn".into(), tags: Some(vec![0; MANY / 2]), phone: None };
        let typed = ExampleParameters { to_user: vec!["a".into()], articles: vec![article; 8], ..Default::default() };
        let refused =
            said(Parameters::new(Argument::Parameters, ExampleParameters::FIELDS, typed.into_values()).err().unwrap());
        assert!(refused.iter().all(|rule| rule.contains("must have at most 16384")), "{refused:?}");
    }

    #[test]
    fn a_record_is_found_by_its_key() {
        let document = json!({"to_user": ["a"], "source": {"description": "监控"}, "articles": {"title": "b", "url": "https://b.cn"}});
        let parameters = decode::read(Argument::Parameters, ExampleParameters::FIELDS, &[], document).ok().unwrap();
        let source = parameters.record(ExampleParameters::source).map(|source| source.text(Source::description));
        assert_eq!(source, Some("监控"));
        let titles: Vec<&str> = parameters
            .records(ExampleParameters::articles)
            .iter()
            .map(|article| article.text(Article::title))
            .collect();
        assert_eq!(titles, ["b"]);
    }

    /// What an action would check: an address that is none, and a title twice.
    fn checked(mut parameters: Parameters) -> Vec<String> {
        parameters.check_fields();
        parameters.check_record(ExampleParameters::source, |source| {
            source.violate(Source::description, &[], phrase!("is required"));
        });
        parameters.check_records(ExampleParameters::articles, |article| {
            if article.text(Article::phone).is_empty() {
                article.violate(Article::phone, &[Article::url.name()], phrase!("is required"));
            }
        });
        parameters.check_unique(ExampleParameters::articles, Article::title);
        let mut said = said(parameters.violations);
        said.sort();
        said
    }

    #[test]
    fn rules_of_several_fields_of_a_record_are_told_with_its_place() {
        let article = |title: &str, phone: Option<&str>| Article {
            title: title.into(),
            url: "https://a.cn".into(),
            phone: phone.map(str::to_owned),
            ..Article::default()
        };
        let articles =
            vec![article("a", Some("1")), article("b", None), article("", Some("1")), article("a", Some("1"))];
        let source = Some(Source { description: Some("监控".into()), type_: None });
        let typed = ExampleParameters { to_user: vec!["a".into()], source, articles, ..Default::default() };
        let expected = [
            "/articles/1/phone is required",
            "/articles/2/title must not be empty",
            "/articles/3/title must differ from those of the entries before",
            "/source/description is required",
        ];
        let typed = Parameters::new(Argument::Parameters, ExampleParameters::FIELDS, typed.into_values()).ok().unwrap();
        assert_eq!(checked(typed), expected);

        let read = |articles: Value| {
            let document = json!({"to_user": ["a"], "source": {"description": "监控"}, "articles": articles});
            checked(decode::read(Argument::Parameters, ExampleParameters::FIELDS, &[], document).ok().unwrap())
        };
        let article = |title: &str, phone: Value| json!({"title": title, "url": "https://a.cn", "phone": phone});
        let articles = json!([
            article("a", 1.into()),
            article("b", Value::Null),
            article("", 1.into()),
            null,
            article("a", 1.into())
        ]);
        assert_eq!(read(articles), expected.map(|said| said.replace("/articles/3", "/articles/4")));
        // Where something could not be read, what seems to be missing may be there.
        assert_eq!(read(json!([7]))[0], "/articles/0 must be a JSON object, not a number");
        assert_eq!(read(json!([7])).len(), 2);
        assert_eq!(read(json!([{"title": "a", "url": []}]))[0], "/articles/0/url must be a text, not a list");
        assert_eq!(read(json!([{"title": "a", "url": []}])).len(), 2);
        assert_eq!(read(json!(vec![article("a", Value::Null); 9]))[0], "/articles must have 1 to 8 entries, and has 9");
        assert_eq!(read(json!(vec![article("a", Value::Null); 9])).len(), 2);
    }

    #[test]
    fn a_switch_is_a_number_and_a_boolean_on_the_wire() {
        let article = json!([{"title": "b", "url": "https://b.cn"}]);
        for (given, sent) in [(json!(1), true), (json!(0), false), (json!(true), true), (json!("false"), false)] {
            let (wire, _, violations) = read(json!({"to_user": ["a"], "source": {"type": given}, "articles": article}));
            let expected = json!({"touser": ["a"], "source": {"type": sent}, "articles": article});
            assert_eq!((wire, violations), (expected, vec![]));
        }
        let (_, _, violations) = read(json!({"to_user": ["a"], "source": {"type": 2}, "articles": article}));
        assert_eq!(violations, ["/source/type must be 1 or less"]);
        let schema = schema::of_record(ExampleParameters::RECORD).to_value();
        assert_eq!(
            schema["properties"]["source"]["properties"]["type"]["oneOf"],
            json!([{"title": "No", "const": 0}, {"title": "Yes", "const": 1}])
        );
    }

    #[test]
    fn typed_and_as_json_it_is_the_same() {
        let article =
            Article { title: "磁盘告警".into(), url: "https://a.cn".into(), tags: Some(vec![1]), phone: None };
        let typed = ExampleParameters {
            to_user: vec!["a".into()],
            importance: Some(1),
            source: Some(Source { description: Some("监控".into()), type_: Some(1) }),
            articles: vec![article],
        };
        let as_json = json!({
            "to_user": ["a"],
            "importance": 1,
            "source": {"description": "监控", "type": 1},
            "articles": [{"title": "磁盘告警", "url": "https://a.cn", "tags": [1]}],
        });
        let typed = Parameters::new(Argument::Parameters, ExampleParameters::FIELDS, typed.into_values()).ok().unwrap();
        assert_eq!(settled(typed), read(as_json));
    }

    #[test]
    fn the_schema_of_a_record_stands_in_that_of_its_table() {
        let schema = schema::of_record(ExampleParameters::RECORD).to_value();
        let articles = &schema["properties"]["articles"];
        assert_eq!(
            (&articles["type"], &articles["minItems"], &articles["maxItems"]),
            (&json!("array"), &json!(1), &json!(8))
        );
        let article = &articles["items"];
        assert_eq!(article["description"], "One of the articles of a card.");
        assert_eq!(article["required"], json!(["title", "url"]));
        assert_eq!(article["additionalProperties"], false);
        assert_eq!(article["properties"]["title"]["x-ui"], json!({"maxBytes": 8, "excess": "cut"}));
        assert_eq!(article["properties"]["tags"]["items"]["maximum"], 100);
        let source = &schema["properties"]["source"];
        assert_eq!((&source["type"], &source["title"]), (&json!("object"), &json!("Source")));
        assert_eq!(source["description"], "Where the card comes from.");
    }
}
