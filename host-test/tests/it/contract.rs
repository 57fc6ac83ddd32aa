//! The contract: what the built component exports and imports, what `wit/` says of it, and that its records and the
//! schemas are the customer's tables. That records, structs and schemas are one and the same needs no test here: all of
//! them are generated from one table, and xtask's tests hold them fresh.

use std::collections::BTreeSet;
use std::path::Path;

use host_test::artifact;
use serde_json::Value;
use wecom_connector::about::Effect;
use wecom_connector::actions::ABOUT;
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Docs, Function, Interface, InterfaceId, Resolve, Type, TypeDefKind, TypeId, WorldId, WorldItem};

use crate::harness::{TABLES, Table, about, input_schema, properties, required, schema};

/// Everything the component may import, and why.
const IMPORTS: &[(&str, &str)] = &[
    ("wasi:http/types", "requests and replies"),
    ("wasi:http/outgoing-handler", "the one way out"),
    ("wasi:io/error", "part of a stream's error"),
    ("wasi:io/poll", "waiting for a reply"),
    ("wasi:io/streams", "bodies"),
    ("wasi:clocks/monotonic-clock", "timeouts and the life of tokens"),
    ("wasi:clocks/wall-clock", "pulled by std"),
    ("wasi:cli/environment", "the connection that comes from the environment"),
    ("wasi:cli/exit", "std: ending the process"),
    ("wasi:cli/stdin", "pulled by std"),
    ("wasi:cli/stdout", "pulled by std"),
    ("wasi:cli/stderr", "std: the words of a panic"),
];

/// std asks on startup whether its three streams are terminals.
const TERMINALS: &[&str] = &[
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:cli/terminal-stderr",
];

/// The functions of `connector`.
const CONNECTOR: &[&str] = &[
    "manifest: func() -> string",
    "invoke: func(action: string, connection: option<string>, parameters: string) -> result<string, error>",
    "test-connection: func(connection: option<string>) -> result<connection-report, error>",
    "get-access-token: func(connection: option<string>, scope: token-scope) -> result<access-token, error>",
];

const VERSION: &str = "0.2.0";
/// The world of the component that imports nothing.
const STEPWISE: &str = "wecom-connector-stepwise";
// ------------------------------------------------------------------------------------------------- reading WIT

/// `wit/` or a component, with its world.
struct Contract {
    resolve: Resolve,
    world: WorldId,
}

impl Contract {
    fn of_folder() -> Self {
        Self::of_world("wecom-connector")
    }

    fn of_world(name: &str) -> Self {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(artifact::workspace().join("wit")).unwrap();
        let world = resolve.select_world(&[package], Some(name)).unwrap();
        Self { resolve, world }
    }

    fn of_component() -> Self {
        Self::of_file(&artifact::component().unwrap())
    }

    fn of_stepwise_component() -> Self {
        Self::of_file(&artifact::stepwise().unwrap())
    }

    fn of_file(component: &Path) -> Self {
        let bytes = std::fs::read(component).unwrap();
        match decode(&bytes).unwrap() {
            DecodedWasm::Component(resolve, world) => Self { resolve, world },
            DecodedWasm::WitPackage(..) => panic!("the component is a WIT package"),
        }
    }

    /// `wecom:connector/department@0.2.0`.
    fn full_name(&self, id: InterfaceId) -> String {
        self.resolve.id_of(id).unwrap()
    }

    fn imports(&self) -> Vec<String> {
        self.names(&self.resolve.worlds[self.world].imports)
    }

    fn exports(&self) -> Vec<String> {
        self.names(&self.resolve.worlds[self.world].exports)
    }

    fn names<'a, K: 'a>(&self, items: impl IntoIterator<Item = (&'a K, &'a WorldItem)>) -> Vec<String> {
        let names = items.into_iter().map(|(_, item)| match item {
            WorldItem::Interface { id, .. } => self.full_name(*id),
            WorldItem::Function(function) => function.name.clone(),
            WorldItem::Type { id, .. } => self.resolve.types[*id].name.clone().unwrap(),
        });
        names.collect()
    }

    /// The exported interfaces.
    fn interfaces(&self) -> impl Iterator<Item = &Interface> {
        self.resolve.worlds[self.world].exports.values().filter_map(|item| match item {
            WorldItem::Interface { id, .. } => Some(&self.resolve.interfaces[*id]),
            WorldItem::Function(_) | WorldItem::Type { .. } => None,
        })
    }

    fn interface(&self, name: &str) -> &Interface {
        self.interfaces().find(|interface| interface.name.as_deref() == Some(name)).unwrap()
    }

    /// A type as WIT writes it: `option<list<u32>>`.
    fn text(&self, ty: Type) -> String {
        let optional = |ty: Option<Type>| ty.map_or("_".to_owned(), |ty| self.text(ty));
        let Type::Id(id) = ty else {
            return match ty {
                Type::Bool => "bool",
                Type::U8 => "u8",
                Type::U16 => "u16",
                Type::U32 => "u32",
                Type::U64 => "u64",
                Type::S8 => "s8",
                Type::S16 => "s16",
                Type::S32 => "s32",
                Type::S64 => "s64",
                Type::F32 => "f32",
                Type::F64 => "f64",
                Type::Char => "char",
                Type::String => "string",
                Type::ErrorContext => "error-context",
                Type::Id(_) => unreachable!(),
            }
            .to_owned();
        };
        let definition = &self.resolve.types[id];
        if let Some(name) = &definition.name {
            return name.clone();
        }
        match &definition.kind {
            TypeDefKind::Option(inner) => format!("option<{}>", self.text(*inner)),
            TypeDefKind::List(inner) => format!("list<{}>", self.text(*inner)),
            TypeDefKind::Result(result) => format!("result<{}, {}>", optional(result.ok), optional(result.err)),
            other => other.as_str().to_owned(),
        }
    }

    fn signature(&self, function: &Function) -> String {
        let parameters = function.params.iter().map(|param| format!("{}: {}", param.name, self.text(param.ty)));
        let parameters: Vec<String> = parameters.collect();
        let result = function.result.map_or(String::new(), |ty| format!(" -> {}", self.text(ty)));
        format!("{}: func({}){result}", function.name, parameters.join(", "))
    }

    /// What a name stands for in the end: a `use` leads to the definition.
    fn kind(&self, mut id: TypeId) -> &TypeDefKind {
        while let TypeDefKind::Type(Type::Id(used)) = &self.resolve.types[id].kind {
            id = *used;
        }
        &self.resolve.types[id].kind
    }

    /// Name, type and documentation of a record's fields.
    fn fields(&self, interface: &Interface, record: &str) -> Vec<(String, String, String)> {
        let id = *interface.types.get(record).unwrap_or_else(|| panic!("there is no record {record}"));
        let TypeDefKind::Record(record) = self.kind(id) else { panic!("{record} is no record") };
        let fields = record.fields.iter().map(|field| (field.name.clone(), self.text(field.ty), folded(&field.docs)));
        fields.collect()
    }

    /// Every definition of an interface in one line: for comparison.
    fn definitions(&self, interface: &Interface) -> Vec<String> {
        let types = interface.types.iter().map(|(name, id)| {
            let inside: Vec<String> = match self.kind(*id) {
                TypeDefKind::Record(record) => {
                    record.fields.iter().map(|field| format!("{}: {}", field.name, self.text(field.ty))).collect()
                }
                TypeDefKind::Enum(cases) => cases.cases.iter().map(|case| case.name.clone()).collect(),
                TypeDefKind::Variant(cases) => {
                    let payload = |ty: Option<Type>| ty.map_or(String::new(), |ty| format!("({})", self.text(ty)));
                    cases.cases.iter().map(|case| format!("{}{}", case.name, payload(case.ty))).collect()
                }
                _ => panic!("{name} is neither record, enum nor variant"),
            };
            format!("{} {name} {{{}}}", self.kind(*id).as_str(), inside.join(", "))
        });
        types.chain(interface.functions.values().map(|function| self.signature(function))).collect()
    }
}

/// A doc comment in one line.
fn folded(docs: &Docs) -> String {
    docs.contents.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")
}

// ------------------------------------------------------------------------------------------------ the functions

#[test]
fn the_component_exports_every_action() {
    let component = Contract::of_component();
    let exports: BTreeSet<String> = component.exports().into_iter().collect();
    let names = ABOUT.iter().map(|about| about.interface.name).chain(["types", "connector"]);
    let expected: BTreeSet<String> = names.map(|name| format!("wecom:connector/{name}@{VERSION}")).collect();
    assert_eq!(exports, expected, "the interfaces");

    let mut names = BTreeSet::new();
    for interface in component.interfaces() {
        let name = interface.name.as_deref().unwrap();
        let functions: Vec<&str> = interface.functions.keys().map(String::as_str).collect();
        if name == "connector" {
            let signatures: Vec<String> = interface.functions.values().map(|f| component.signature(f)).collect();
            assert_eq!(signatures, CONNECTOR);
        } else {
            let of_interface = ABOUT.iter().filter(|about| about.interface.name == name);
            assert_eq!(functions, of_interface.map(|about| about.id).collect::<Vec<_>>(), "the functions of {name}");
        }
        for function in functions {
            assert!(names.insert(function.to_owned()), "{function} stands twice in the package");
        }
    }
}

#[test]
fn the_component_has_the_contract_of_the_folder() {
    assert_same_contract(&Contract::of_component(), &Contract::of_folder());
    assert_same_contract(&Contract::of_stepwise_component(), &Contract::of_world(STEPWISE));
}

fn assert_same_contract(component: &Contract, folder: &Contract) {
    let exports = |contract: &Contract| contract.exports().into_iter().collect::<BTreeSet<_>>();
    assert_eq!(exports(component), exports(folder));
    for interface in folder.interfaces() {
        let name = interface.name.as_deref().unwrap();
        let built: BTreeSet<String> = component.definitions(component.interface(name)).into_iter().collect();
        let written: BTreeSet<String> = folder.definitions(interface).into_iter().collect();
        // A component's interface leaves out what nothing uses.
        let unknown: Vec<&String> = built.difference(&written).collect();
        assert!(unknown.is_empty(), "{name}: not in wit/: {unknown:#?}");
        let functions = |all: &BTreeSet<String>| all.iter().filter(|line| line.contains(": func(")).count();
        assert_eq!(functions(&built), functions(&written), "{name}");
    }
}

// ------------------------------------------------------------------------------------------- imports and types

#[test]
fn imports_are_on_the_list() {
    let allowed: Vec<&str> = IMPORTS.iter().map(|(name, _)| name).chain(TERMINALS).copied().collect();
    for import in Contract::of_component().imports() {
        let (name, version) = import.split_once('@').unwrap_or_else(|| panic!("{import} has no version"));
        assert!(allowed.contains(&name), "{import} is not on the list of imports: a host may lack it");
        assert!(version.starts_with("0.2."), "{import} is not WASI 0.2");
    }
}

#[test]
fn the_stepwise_component_imports_nothing() {
    assert_eq!(Contract::of_stepwise_component().imports(), [""; 0]);
}

#[test]
fn outgoing_requests_go_through_the_host() {
    let imports = Contract::of_component().imports();
    assert!(imports.iter().any(|import| import.starts_with("wasi:http/outgoing-handler@0.2.")), "{imports:?}");
}

#[test]
fn signatures_have_only_types_that_hosts_take() {
    let contract = Contract::of_component();
    let mut seen = BTreeSet::new();
    for interface in contract.interfaces() {
        for (name, id) in &interface.types {
            check_type(&contract, Type::Id(*id), name, &mut seen);
        }
        for function in interface.functions.values() {
            assert!(matches!(function.kind, wit_parser::FunctionKind::Freestanding), "{} is not free", function.name);
            for ty in function.params.iter().map(|param| param.ty).chain(function.result) {
                check_type(&contract, ty, &function.name, &mut seen);
            }
        }
    }
    assert!(seen.len() > 50, "{} types are too few to be all", seen.len());
}

fn check_type(contract: &Contract, ty: Type, place: &str, seen: &mut BTreeSet<String>) {
    let Type::Id(id) = ty else {
        assert!(
            matches!(ty, Type::Bool | Type::U8 | Type::U32 | Type::U64 | Type::S32 | Type::String),
            "{place}: {} is a type that some host cannot take",
            contract.text(ty)
        );
        return;
    };
    seen.insert(format!("{id:?}"));
    let place = &format!("{place}: {}", contract.text(ty));
    match contract.kind(id) {
        TypeDefKind::Record(record) => {
            assert!(!record.fields.is_empty(), "{place} has no fields");
            for field in &record.fields {
                check_type(contract, field.ty, &format!("{place}.{}", field.name), seen);
            }
        }
        TypeDefKind::Variant(variant) => {
            for ty in variant.cases.iter().filter_map(|case| case.ty) {
                check_type(contract, ty, place, seen);
            }
        }
        TypeDefKind::Enum(_) => {}
        TypeDefKind::Option(inner) => {
            let nested = matches!(inner, Type::Id(id) if matches!(contract.kind(*id), TypeDefKind::Option(_)));
            assert!(!nested, "{place}: JavaScript cannot tell the two empty values apart");
            check_type(contract, *inner, place, seen);
        }
        TypeDefKind::List(inner) => {
            assert!(*inner != Type::U8, "{place}: some hosts take list<u8> for bytes");
            check_type(contract, *inner, place, seen);
        }
        TypeDefKind::Result(result) => {
            assert!(result.err.is_some_and(|ty| contract.text(ty) == "error"), "{place}: the error is not typed");
            for ty in result.ok.iter().chain(&result.err) {
                check_type(contract, *ty, place, seen);
            }
        }
        other => panic!("{place}: {} is a type that some host cannot take", other.as_str()),
    }
}

// --------------------------------------------------------------------------------------------- documentation

#[test]
fn everything_has_a_doc_comment() {
    assert_documented(&Contract::of_folder(), 200);
    assert_documented(&Contract::of_world(STEPWISE), 100);
}

fn assert_documented(contract: &Contract, least: usize) {
    let package = contract.resolve.worlds[contract.world].package.unwrap();
    let mut missing = Vec::new();
    let mut count = 0;
    let mut need = |docs: &Docs, place: String| {
        count += 1;
        if folded(docs).len() < 4 {
            missing.push(place);
        }
    };
    need(&contract.resolve.packages[package].docs, "the package".into());
    need(&contract.resolve.worlds[contract.world].docs, "the world".into());
    for interface in contract.interfaces() {
        let name = interface.name.as_deref().unwrap();
        need(&interface.docs, name.into());
        for function in interface.functions.values() {
            need(&function.docs, format!("{name}.{}", function.name));
        }
        for (type_name, id) in &interface.types {
            let definition = &contract.resolve.types[*id];
            if matches!(definition.kind, TypeDefKind::Type(_)) {
                continue; // a `use`
            }
            let place = format!("{name}.{type_name}");
            need(&definition.docs, place.clone());
            match &definition.kind {
                TypeDefKind::Record(record) => {
                    record.fields.iter().for_each(|field| need(&field.docs, format!("{place}.{}", field.name)));
                }
                TypeDefKind::Variant(variant) => {
                    variant.cases.iter().for_each(|case| need(&case.docs, format!("{place}.{}", case.name)));
                }
                TypeDefKind::Enum(cases) => {
                    cases.cases.iter().for_each(|case| need(&case.docs, format!("{place}.{}", case.name)));
                }
                other => panic!("{place} is a {}", other.as_str()),
            }
        }
    }
    assert!(missing.is_empty(), "without a doc comment: {missing:#?}");
    assert!(count > least, "{count} places are too few to be all");
}

#[test]
fn every_write_says_what_a_second_call_does() {
    for about in ABOUT.iter().filter(|about| about.effect != Effect::Read && !about.idempotent) {
        let description = about.whole_description().en;
        let said = ["second call", "has left already"].iter().any(|words| description.contains(words));
        assert!(said, "{}: what does repeating do? {description}", about.id);
    }
}

#[test]
fn dependencies_carry_their_versions() {
    let deps = artifact::workspace().join("wit/deps");
    let mut count = 0;
    for folder in std::fs::read_dir(&deps).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let (package, version) = name.rsplit_once('-').unwrap();
        let expected = format!("package {}@{version};", package.replacen('-', ":", 1));
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let declared = text.lines().find(|line| line.starts_with("package "));
            assert!(declared.is_none_or(|line| line == expected), "{name} declares {declared:?}");
            count += 1;
        }
    }
    assert!(count > 0);
    let contract = Contract::of_folder();
    for import in contract.imports() {
        let (name, version) = import.split_once('@').unwrap();
        let folder = format!("{}-{version}", name.split_once('/').unwrap().0.replace(':', "-"));
        assert!(deps.join(&folder).is_dir(), "{import} is not vendored in wit/deps/{folder}");
    }
    for interface in contract.exports() {
        assert!(interface.ends_with(&format!("@{VERSION}")), "{interface}");
    }
    assert_eq!(VERSION, env!("CARGO_PKG_VERSION"), "package and contract go together");
}

// --------------------------------------------------------------------------------------------- the customer's tables

/// `to-user` as `to_user`.
fn snake(name: &str) -> String {
    name.replace('-', "_")
}

#[test]
fn every_table_is_an_action_in_its_place_and_leads_to_the_vendor() {
    let ids = ABOUT.iter().map(|about| about.id).filter(|id| TABLES.iter().any(|table| table.id == *id));
    assert_eq!(ids.collect::<Vec<_>>(), TABLES.iter().map(|table| table.id).collect::<Vec<_>>(), "the tables' order");
    for Table { id, title, page, .. } in TABLES {
        assert_eq!(about(id).title.en, *title, "{id}");
        assert_eq!(about(id).doc_url, format!("https://developer.work.weixin.qq.com/document/path/{page}"), "{id}");
    }
}

#[test]
fn records_are_the_tables() {
    let contract = Contract::of_folder();
    for Table { id, parameters, .. } in TABLES {
        let interface = contract.interface(about(id).interface.name);
        let fields = contract.fields(interface, &format!("{id}-parameters"));
        let fields: Vec<(String, String)> = fields.into_iter().map(|(name, ty, _)| (snake(&name), ty)).collect();
        let expected: Vec<(String, String)> =
            parameters.iter().map(|(name, _, ty)| ((*name).to_owned(), (*ty).to_owned())).collect();
        let (of_table, later) = fields.split_at(expected.len().min(fields.len()));
        assert_eq!(of_table, expected, "{id}");
        for (name, ty) in later {
            assert!(ty.starts_with("option<"), "{id}: {name} came after the table, and callers may not know it");
        }
    }
}

#[test]
fn input_schemas_are_the_tables() {
    for Table { id, title, parameters, .. } in TABLES {
        let schema = input_schema(id);
        assert_eq!(schema["title"], **title, "{id}");
        let properties = properties(&schema);
        let found: Vec<(String, Value, String)> = properties
            .iter()
            .take(parameters.len())
            .map(|(name, property)| (name.clone(), property["title"].clone(), schema_type(property)))
            .collect();
        let expected: Vec<(String, Value, String)> = parameters
            .iter()
            .map(|(name, title, ty)| ((*name).to_owned(), (*title).into(), in_schema_words(inner(ty))))
            .collect();
        assert_eq!(found, expected, "{id}");
        // What came after the table is for those who know it.
        for (name, property) in properties.iter().skip(parameters.len()) {
            assert_eq!(property["x-ui"]["group"], "advanced", "{id}: {name}");
        }
        // None of it is required.
        let mandatory = parameters.iter().filter(|(_, _, ty)| !ty.starts_with("option<"));
        assert_eq!(required(&schema), mandatory.map(|(name, ..)| *name).collect::<Vec<_>>(), "{id}");
        assert_eq!(schema["additionalProperties"], false, "{id}");
    }
}

#[test]
fn connection_schemas_are_the_records() {
    let contract = Contract::of_folder();
    for kind in ["application", "chatbot"] {
        let mut schema = schema(&format!("connection/{kind}.schema.json"));
        // Those of JSON alone.
        for name in ["name", "type", "description"] {
            schema["properties"].as_object_mut().unwrap().shift_remove(name).unwrap();
        }
        schema["required"].as_array_mut().unwrap().retain(|name| name != "type");
        same_record(&contract, contract.interface("types"), kind, &schema);
    }
}

/// Asserts that a record and the schema of an object have the same fields, in order, types, optionality and words: the
/// record may say more.
fn same_record(contract: &Contract, interface: &Interface, record: &str, schema: &Value) {
    let fields = contract.fields(interface, record);
    let properties = properties(schema);
    let expected: Vec<String> = fields.iter().map(|(name, ..)| snake(name)).collect();
    assert_eq!(properties.keys().cloned().collect::<Vec<_>>(), expected, "{record}");
    let mandatory: Vec<String> =
        fields.iter().filter(|(_, ty, _)| !ty.starts_with("option<")).map(|(name, ..)| snake(name)).collect();
    assert_eq!(required(schema), mandatory, "{record}");
    for (name, ty, docs) in fields {
        let property = &properties[&snake(&name)];
        let description = property["description"].as_str().unwrap_or_default();
        assert!(docs.starts_with(description), "{record}.{name}: {docs}");
        assert_eq!(schema_type(property), in_schema_words(inner(&ty)), "{record}.{name}");
    }
}

/// `option<…>` without its wrapping.
fn inner(ty: &str) -> &str {
    ty.strip_prefix("option<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(ty)
}

/// A WIT type in JSON Schema's words.
fn in_schema_words(ty: &str) -> String {
    ["u64", "u32", "u8"].iter().fold(ty.to_owned(), |ty, number| ty.replace(number, "integer"))
}

fn schema_type(schema: &Value) -> String {
    match schema["type"].as_str().unwrap() {
        "array" => format!("list<{}>", schema_type(&schema["items"])),
        other => other.to_owned(),
    }
}
