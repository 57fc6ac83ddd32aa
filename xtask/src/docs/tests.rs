#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use serde_json::json;

use super::*;

fn filled(text: &str) -> Result<Option<String>> {
    fill(text, &|part| Ok(format!("{part:?}\n")))
}

fn refused(text: &str) -> String {
    format!("{:#}", filled(text).unwrap_err())
}

/// A folder of this test alone, taken away at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("wecom-docs-{name}-{}", std::process::id()));
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn manifest() -> Value {
    let text = |en: &str, zh: &str| json!({"en": en, "zh": zh});
    json!({
        "groups": [{"id": "department", "title": text("Departments", "部门")}, {"id": "empty", "title": text("None", "无")}],
        "actions": [{
            "id": "delete-department", "label": text("Delete a department", "删除部门"), "group": "department",
            "description": text(
                "Deletes one | or none, see https://example.com/a. A mark is $a=1$, a tag <b>.",
                "删除空部门，见https://example.com/a。",
            ), "interface": "wecom:connector/department@1.0.0",
            "connection_type": "application", "secret": "contacts_secret", "effect": "delete", "idempotent": true,
            "doc_url": "https://example.com/1", "since": "1.0.0",
        }],
        "connection_types": [{"type": "application", "schema": {
            "properties": {
                "name": {"title": "Name", "description": "For people."},
                "corp_id": {"title": "Enterprise ID", "description": "The company.", "x-ui": {"hint": "In the console."}},
                "app_secret": {"title": "AppSecret", "description": "A secret.", "writeOnly": true},
            },
            "required": ["type", "corp_id"],
            "if": {"not": {"required": ["access_token"]}}, "then": {"required": ["app_secret"]},
        }}],
        "callback": {
            "connection_type": {"type": "callback", "schema": {
                "properties": {"token": {"title": "Token", "description": "It signs.", "writeOnly": true}},
                "required": ["type", "token"],
            }},
            "locales": {"zh-CN": {"connection_type": {"properties": {
                "token": {"title": "Token（校验签名）", "description": "用于签名。"},
            }}}},
            "events": [{
                "topic": "event/click", "source": "application", "title": text("Menu", "菜单"),
                "description": text("A member chooses.", "成员点击。"),
            }],
        },
        "locales": {"zh-CN": {"connection_types": {"application": {"properties": {
            "corp_id": {"title": "企业ID", "description": "企业。", "hint": "管理后台"},
            "app_secret": {"title": "AppSecret", "description": "密钥。"},
        }}}}},
        "error_cases": [{"id": "permanent-rejected", "meaning": text("The answer was no.", "被拒绝。")}],
        "error_codes": [
            {"code": 60020, "category": "permission", "outcome": "rejected", "hint": text("Add the address.", "添加IP。")},
            {"code": -1, "category": "service", "outcome": "rejected", "hint": text("Wait.", "稍候。")},
        ],
    })
}

fn table(name: &str, language: Language) -> String {
    tables::table(name, &manifest(), language).unwrap_or_else(|error| format!("{error:#}"))
}

#[test]
fn what_stands_between_the_markers_is_replaced_and_nothing_else() {
    let text = "# A\n<!-- generated: actions -->\nold\n```\nold\n```\n<!-- end -->\nB\n<!-- include: a.py#b -->\n<!-- end -->\n";
    let wanted = "# A\n<!-- generated: actions -->\nGenerated(\"actions\")\n<!-- end -->\nB\n<!-- include: a.py#b -->\n\
        Include(\"a.py#b\")\n<!-- end -->\n";
    assert_eq!(filled(text).unwrap().unwrap(), wanted);
    assert_eq!(filled(wanted).unwrap().unwrap(), wanted, "it is the same when it is done again");
    assert_eq!(filled("# A\n<!-- a comment -->\n").unwrap(), None);
}

#[test]
fn markers_inside_code_are_only_shown() {
    assert_eq!(filled("````md\n```\n<!-- generated: actions -->\n<!-- end -->\n```\n````\n").unwrap(), None);
}

#[test]
fn markers_that_do_not_fit_are_one_line_with_the_place() {
    assert_eq!(refused("\n<!-- end -->\n"), "line 2: <!-- end --> ends nothing");
    assert_eq!(refused("<!-- generated: a -->\n"), "line 1: <!-- end --> is missing");
    let two = "<!-- generated: a -->\n<!-- generated: b -->\n<!-- end -->\n";
    assert_eq!(refused(two), "line 1: <!-- end --> is missing before line 2");
    let inside = fill("<!-- include: a.md -->\n<!-- end -->\n", &|_| Ok(format!("{END}\n"))).unwrap_err();
    assert_eq!(format!("{inside:#}"), "line 1: what should stand here has the line <!-- end --> itself");
}

#[test]
fn an_error_says_the_document_the_line_and_the_name() {
    let generated = BTreeMap::from([("manifest.json".to_owned(), manifest().to_string())]);
    let said = |text: &str| {
        let folder = Folder::new("errors", &[("docs/a.md", text), ("b.rs", "// region: one\nlet a = 1;\n")]);
        format!("{:#}", files(&folder.0, &generated).unwrap_err())
    };
    let end = "\n<!-- end -->\n";
    assert_eq!(
        said(&format!("<!-- generated: acts -->{end}")),
        "docs/a.md: line 1: no table is named \"acts\"; there are actions, connection, environment, error-cases, \
         error-categories, error-codes, events, hints-without-code, new-actions"
    );
    let missing = said(&format!("<!-- include: none.rs -->{end}"));
    assert!(missing.starts_with("docs/a.md: line 1: none.rs: ") && !missing.contains('\n'), "{missing}");
    assert_eq!(said(&format!("<!-- include: b.rs#two -->{end}")), "docs/a.md: line 1: b.rs: there is no region two");
    assert_eq!(said(&format!("<!-- include: b.rs#one -->{end}")), "docs/a.md: line 1: b.rs: region one has no end");
    assert_eq!(
        said(&format!("<!-- generated: error-codes 7 -->{end}")),
        "docs/a.md: line 1: table \"error-codes\": the manifest has no code 7"
    );
    assert_eq!(
        said(&format!("<!-- generated: hints-without-code -->{end}")),
        "docs/a.md: line 1: table \"hints-without-code\": the manifest has no list \"hints_without_code\""
    );
}

#[test]
fn only_documents_of_ours_with_parts_are_written_each_in_its_language() {
    let part = "<!-- generated: error-cases -->\n<!-- end -->\n";
    let all = ["a.md", "docs/a.zh-CN.md", "node_modules/a.md", "target/a.md", ".git/a.md", "docs/a.txt"];
    let folder = Folder::new("list", &all.map(|name| (name, part)));
    fs::write(folder.0.join("b.md"), "# nothing\n").unwrap();
    let generated = BTreeMap::from([("manifest.json".to_owned(), manifest().to_string())]);
    let files = files(&folder.0, &generated).unwrap();
    let names: Vec<_> = files.iter().map(|(path, _)| path.to_str().unwrap()).collect();
    assert_eq!(names, ["a.md", "docs/a.zh-CN.md"]);
    assert!(files[0].1.contains("The answer was no.") && files[1].1.contains("被拒绝。"), "{files:?}");
}

#[test]
fn a_sample_is_a_block_of_its_language_without_markers_and_margin() {
    let sample = "import a\n\n    # region: call\n    if a:\n        b()\n    # endregion\n";
    let folder = Folder::new("include", &[("a.py", sample), ("b.md", "```sh\nls\n```\n")]);
    assert_eq!(include(&folder.0, "a.py#call").unwrap(), "```python\nif a:\n    b()\n```\n");
    assert_eq!(include(&folder.0, "a.py").unwrap(), "```python\nimport a\n\n    if a:\n        b()\n```\n");
    assert_eq!(include(&folder.0, "b.md").unwrap(), "````md\n```sh\nls\n```\n````\n");
}

#[test]
fn tables_are_in_the_language_of_the_document() {
    assert_eq!(
        table("actions", Language::En),
        "\n### Departments\n\nInterface `wecom:connector/department@1.0.0`, connection `application`.\n\n\
         | action | what it does | credential | effect | safe to repeat |\n|---|---|---|---|---|\n\
         | [`delete-department`](https://example.com/1)<br>Delete a department | Deletes one \\| or none, see \
         `https://example.com/a`. A mark is `$a=1$`, a tag &lt;b>. | \
         `contacts_secret` | delete | yes |\n\n"
    );
    let group = &manifest()["groups"][0]["id"];
    let of_group = format!("actions {}", group.as_str().unwrap_or_default());
    assert!(table("actions", Language::En).contains(table(&of_group, Language::En).trim()));
    assert_eq!(table("actions nobody", Language::En), "table \"actions\": there is no group \"nobody\"");
    assert!(
        table("actions", Language::Zh)
            .contains("<br>删除部门 | 删除空部门，见`https://example.com/a`。 | `contacts_secret` | 删除 | 是 |")
    );
    assert_eq!(table("new-actions 1.0.0", Language::En), "- Departments: `delete-department`\n");
    assert_eq!(table("new-actions 1.0.0", Language::Zh), "- 部门：`delete-department`\n");
    assert_eq!(table("new-actions 2.0.0", Language::En), "table \"new-actions\": no action is since \"2.0.0\"");
    assert_eq!(
        table("connection application", Language::En),
        "| JSON field | title | required | what it is | where to find it |\n|---|---|---|---|---|\n\
         | `corp_id` | Enterprise ID | yes | The company. | In the console. |\n\
         | `app_secret` | AppSecret | yes, without `access_token` | A secret. | |\n"
    );
    assert!(table("connection application", Language::Zh).contains("| `corp_id` | 企业ID | 是 | 企业。 | 管理后台 |"));
    assert_eq!(table("connection", Language::En), "table \"connection\": it takes one type of connection");
    assert_eq!(table("connection no", Language::En), "table \"connection\": there is no type of connection \"no\"");
    assert!(
        table("environment", Language::En)
            .contains("| `WECOM_APP_SECRET` | `app_secret` | AppSecret | `application` | yes |")
    );
    assert!(table("connection callback", Language::Zh).contains("| `token` | Token（校验签名） | 是 | 用于签名。 |"));
    assert!(table("events application", Language::En).ends_with("| `event/click` | Menu | A member chooses. |\n"));
    assert_eq!(table("events contacts", Language::En), "table \"events\": nothing comes from \"contacts\"");
    assert_eq!(table("events", Language::En), "table \"events\": it takes one source");
    let codes = table("error-codes", Language::Zh);
    assert!(codes.ends_with("| 60020 | `permanent-rejected` | `permission` | 添加IP。 |\n"), "{codes}");
    assert_eq!(table("error-codes 60020", Language::En).lines().count(), 3);
    assert_eq!(table("error-cases x", Language::En), "table \"error-cases\": \"x\" behind the name means nothing");
}

/// The names of variables follow from those of fields here, and are written out in the connector.
#[test]
fn every_variable_is_one_that_the_contract_names() {
    let generated = wecom_connector::manifest::files().unwrap();
    let manifest = serde_json::from_str(&generated["manifest.json"]).unwrap();
    let table = tables::table("environment", &manifest, Language::En).unwrap();
    let contract = fs::read_to_string(crate::command::root().join("wit/types.wit")).unwrap();
    for row in table.lines().skip(2) {
        let variable = row.split_whitespace().nth(1).unwrap();
        assert!(contract.contains(variable), "{variable}");
    }
}

/// It is for a person in a hurry: what is longer belongs into `docs/`.
#[test]
fn the_front_door_is_short() {
    for name in ["README.md", "README.zh-CN.md"] {
        let lines = fs::read_to_string(crate::command::root().join(name)).unwrap().lines().count();
        assert!(lines <= 150, "{name} has {lines} lines");
    }
}

/// How many there are is wrong as soon as the next one comes. CHANGELOG says what was.
#[test]
fn no_document_counts_the_actions() {
    let mut documents = Vec::new();
    list_documents(crate::command::root(), &mut documents).unwrap();
    let mut counting = Vec::new();
    for path in documents.iter().filter(|path| !path.ends_with("CHANGELOG.md")) {
        let text = fs::read_to_string(path).unwrap();
        let counts = |noun| text.match_indices(noun).any(|(at, _)| text[..at].ends_with(|c: char| c.is_ascii_digit()));
        if [" actions", " nodes", "个操作", "个企业微信操作", "个节点"].into_iter().any(counts) {
            counting.push(path.strip_prefix(crate::command::root()).unwrap().display().to_string());
        }
    }
    assert!(counting.is_empty(), "these count the actions: {}", counting.join(", "));
}

/// What the documents call a hundred lines is in them as a whole, and sends with the client that they name.
#[test]
fn the_engines_of_a_hundred_lines_are_no_longer_than_a_fifth_more_and_send_by_hyper() {
    for name in ["embed", "embed_stepwise"] {
        let file = format!("host-test/examples/{name}.rs");
        let text = fs::read_to_string(crate::command::root().join(&file)).unwrap();
        assert!(text.lines().count() < 120, "{file} has {} lines", text.lines().count());
        assert!(text.lines().any(|line| line.starts_with("use hyper_util::") && line.contains("legacy")), "{file}");
    }
}

/// The headings of a document as GitHub names them in links.
fn anchors(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut anchors = Vec::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        let title = line.trim_start_matches('#');
        if !is_code && title.len() < line.len() && title.starts_with(' ') {
            let kept = title.trim().chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
            anchors.push(kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect());
        }
    }
    anchors
}

/// The targets of the links and pictures of a document, without what is code.
fn targets(text: &str) -> Vec<String> {
    let mut is_code = false;
    let mut prose = String::new();
    for line in text.lines() {
        is_code ^= line.starts_with("```");
        if !is_code {
            prose.extend(line.split('`').step_by(2));
            prose.push('\n');
        }
    }
    let links = prose.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let pictures = prose.split("src=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    links.chain(pictures).map(|(target, _)| target.to_owned()).collect()
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut documents = Vec::new();
    list_documents(crate::command::root(), &mut documents).unwrap();
    let mut dead = Vec::new();
    for path in documents {
        let text = fs::read_to_string(&path).unwrap();
        for target in targets(&text).iter().filter(|target| !target.starts_with("http")) {
            // The title of a link is what it leads to in the file: the name of a test.
            let (link, inside) = target
                .split_once(" \"")
                .map_or((&**target, None), |(link, title)| (link, Some(title.trim_end_matches('"'))));
            let (name, anchor) = link.split_once('#').map_or((link, None), |(name, anchor)| (name, Some(anchor)));
            let file = if name.is_empty() { path.clone() } else { path.parent().unwrap().join(name) };
            let leads = file.exists()
                && anchor
                    .is_none_or(|anchor| anchors(&fs::read_to_string(&file).unwrap()).contains(&anchor.to_owned()))
                && inside.is_none_or(|title| fs::read_to_string(&file).unwrap().contains(title));
            if !leads {
                dead.push(format!("{}: {target}", path.strip_prefix(crate::command::root()).unwrap().display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_endpoints_of_the_simulator_are_listed_by_area() {
    let area = "use super::{Access, Endpoint};\nconst ENDPOINTS: &[Endpoint] = &[\n    Endpoint::write(\"b/x\", Access::App, x),\n    \
        Endpoint::read(\n        \"a\",\n        &[\"k\"],\n    ),\n];";
    let others = "Endpoint::new(\"b/c/y\", TOKEN, Call::Upload);";
    let files = [format!("{SIMULATOR}/area.rs"), format!("{SIMULATOR}/endpoints.rs")];
    let folder = Folder::new("endpoints", &[(&files[0], area), (&files[1], others)]);
    assert_eq!(endpoints(&folder.0).unwrap(), "- `a`\n- `b/c/y` `b/x`\n");
    let folder = Folder::new("endpoint", &[(&files[0], "Endpoint::new(PATH, TOKEN, Call::Upload)")]);
    assert!(endpoints(&folder.0).unwrap_err().to_string().ends_with("area.rs: an endpoint has no path"));
}

#[test]
fn a_new_action_has_its_place_in_the_changelog() {
    let mut manifest = manifest();
    manifest["version"] = json!("1.0.0");
    let said = |text: &str| {
        let folder = Folder::new("changelog", &[("CHANGELOG.md", text)]);
        ensure_listed(&folder.0, &manifest).map_err(|error| format!("{error:#}"))
    };
    assert_eq!(said("<!-- generated: new-actions 1.0.0 -->\n<!-- end -->\n"), Ok(()));
    assert_eq!(said("## [1.0.0] - 2030-01-31\n"), Ok(()));
    let missing = "CHANGELOG.md: \"delete-department\" is new: <!-- generated: new-actions 1.0.0 --> is missing";
    for without in ["<!-- generated: new-actions 0.9.0 -->\n<!-- end -->\n", "## [1.0.0] - unreleased\n"] {
        assert_eq!(said(without), Err(missing.to_owned()));
    }
}
