//! A release: every file is what it says it is, and holds nothing of the machine that made it.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use artifact::Artifact;
use flate2::read::GzDecoder;
use host_test::host::{Host, Limits};
use memchr::memmem;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use wasmparser::{Parser, Payload, Validator};
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};
use wit_component::WitPrinter;
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{PackageMetadata, Resolve};

fn dist(folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dist"));
    command.args(["--json", "--out"]).arg(folder).stdin(Stdio::null());
    command.output().expect("the release builder starts")
}

/// One release for all tests, with what the command said of it.
fn release() -> &'static (PathBuf, Value) {
    static RELEASE: OnceLock<(PathBuf, Value)> = OnceLock::new();
    RELEASE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("release");
        let output = dist(&folder);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        (folder, serde_json::from_slice(&output.stdout).unwrap())
    })
}

fn read(name: &str) -> Vec<u8> {
    fs::read(release().0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn json(name: &str) -> Value {
    serde_json::from_slice(&read(name)).unwrap()
}

fn workspace(path: &str) -> PathBuf {
    artifact::workspace().join(path)
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(&release().0).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// How the files of each component begin.
const COMPONENTS: [(Artifact, &str); 2] =
    [(Artifact::Component, "wecom-connector-0.2.0"), (Artifact::Stepwise, "wecom-connector-stepwise-0.2.0")];

/// What is made elsewhere, and taken in.
const PACKAGES: [&str; 5] = [
    "n8n-nodes-wecom-connector-0.2.0.tgz",
    "node-red-contrib-wecom-connector-0.2.0.tgz",
    "wecom-connector-0.2.0.tgz",
    "wecom_connector-0.2.0-py3-none-any.whl",
    "wecom_connector-0.2.0.tar.gz",
];

/// The component that the other tests run.
fn tested(artifact: Artifact) -> Vec<u8> {
    fs::read(&artifact::build(&[artifact]).unwrap()[0]).unwrap()
}

/// What cargo compiles for a component, in its own messages; all is fresh by then.
fn compiled(artifact: Artifact) -> BTreeSet<(String, String)> {
    tested(artifact);
    let output = Command::new(env!("CARGO"))
        .args(["build", "--release", "--locked", "--offline", "--package", "component", "--lib"])
        .args(["--target", artifact.target(), "--message-format", "json"])
        .current_dir(artifact::workspace())
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let libraries = messages.filter(|message| {
        let files = message["filenames"].as_array();
        let for_target = |file: &Value| file.as_str().unwrap().contains(artifact.target());
        message["reason"] == "compiler-artifact"
            && message["target"]["kind"] != serde_json::json!(["custom-build"])
            && files.is_some_and(|files| files.iter().all(for_target))
    });
    let crates = libraries.map(|message| {
        let id = message["package_id"].as_str().unwrap();
        let (source, rest) = id.split_once('#').unwrap();
        let name = source.rsplit('/').next().unwrap();
        let (name, version) = rest.split_once('@').unwrap_or((name, rest));
        (name.to_owned(), version.to_owned())
    });
    // The package that links them has no code of its own.
    crates.filter(|(name, _)| name != "component").collect()
}

#[test]
fn the_list_of_sums_and_the_command_agree_with_the_files() {
    let (folder, said) = release();
    assert_eq!(Path::new(said["folder"].as_str().unwrap()), folder);
    let sums = String::from_utf8(read("SHA256SUMS")).unwrap();
    let listed: BTreeMap<&str, &str> = sums
        .lines()
        .map(|line| {
            let (sum, name) = line.split_once("  ").unwrap();
            (name, sum)
        })
        .collect();
    let files = said["files"].as_array().unwrap();
    assert_eq!(files.len(), listed.len() + 1);
    for name in names() {
        let bytes = read(&name);
        let sum: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let said = files.iter().find(|file| file["name"] == name.as_str()).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(said["sha256"], sum.as_str(), "{name}");
        assert_eq!(said["bytes"], bytes.len(), "{name}");
        assert_eq!(listed.get(name.as_str()).copied(), (name != "SHA256SUMS").then_some(sum.as_str()), "{name}");
    }
    let made = names();
    // Those that npm or Python has made of these components are in it, of the others it is said how they are made.
    let notes = said["notes"].as_array().unwrap();
    let is_package = |name: &str| PACKAGES.contains(&name);
    for package in PACKAGES {
        let missing = format!("Without {package}");
        let is_noted = notes.iter().any(|note| note.as_str().unwrap().starts_with(&missing));
        assert_eq!(made.iter().any(|name| name == package), !is_noted, "{package}: {notes:?}");
    }
    let made: Vec<&str> = made.iter().map(String::as_str).filter(|name| !is_package(name)).collect();
    let expected = [
        "LICENSE",
        "RUST-COPYRIGHT-library.html",
        "SHA256SUMS",
        "THIRD-PARTY-LICENSES.txt",
        "wecom-connector-0.2.0.cdx.json",
        "wecom-connector-0.2.0.wasm",
        "wecom-connector-0.2.0.wassette.wasm",
        "wecom-connector-0.2.0.wit.wasm",
        "wecom-connector-schemas-0.2.0.tar.gz",
        "wecom-connector-stepwise-0.2.0.cdx.json",
        "wecom-connector-stepwise-0.2.0.wasm",
    ];
    assert_eq!(made, expected);
}

#[test]
fn a_second_release_takes_the_place_of_the_first_and_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("SHA256SUMS"), "0000  wecom-connector-0.0.9.wasm\n").unwrap();
    fs::write(folder.path().join("wecom-connector-0.0.9.wasm"), "an earlier one").unwrap();
    let output = dist(folder.path());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let again: BTreeSet<PathBuf> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(again.len(), names().len());
    for path in again {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(fs::read(&path).unwrap() == read(name), "{name} is another");
    }
}

#[test]
fn a_folder_with_anything_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let thesis = folder.path().join("thesis.txt");
    fs::write(folder.path().join("SHA256SUMS"), "0000  wecom-connector-0.0.9.wasm\n0000  thesis.txt\n").unwrap();
    fs::write(folder.path().join("wecom-connector-0.0.9.wasm"), "old").unwrap();
    fs::write(&thesis, "mine").unwrap();
    for out in [folder.path(), &thesis] {
        let output = dist(out);
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{words}");
        assert_eq!(words.lines().count(), 1, "{words}");
        assert!(words.starts_with("error: --out ") && words.contains("thesis.txt"), "{words}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[tokio::test]
async fn the_component_runs_in_a_host() {
    let path = release().0.join("wecom-connector-0.2.0.wasm");
    let host = Host::load(&path, None, Limits::default()).unwrap();
    let manifest = host.instance().await.unwrap().manifest().await.unwrap();
    // All of it but callbacks, which it has not.
    let whole = fs::read_to_string(workspace("schemas/manifest.json")).unwrap();
    let (actions, rest) = whole.split_once(",\n\"callback\":{").unwrap();
    let (_, tables) = rest.split_once(",\n\"error_codes\":[").unwrap();
    assert!(manifest == format!("{actions},\n\"error_codes\":[{tables}"), "another manifest");
}

#[test]
fn the_stepwise_component_runs_where_nothing_is_given_to_it() {
    let engine = Engine::default();
    let component = Component::new(&engine, read("wecom-connector-stepwise-0.2.0.wasm")).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine).instantiate(&mut store, &component).unwrap();
    let interface = instance.get_export_index(&mut store, None, "wecom:connector/stepwise@0.2.0").unwrap();
    let manifest = instance.get_export_index(&mut store, Some(&interface), "manifest").unwrap();
    let manifest = instance.get_typed_func::<(), (String,)>(&mut store, manifest).unwrap();
    let (manifest,) = manifest.call(&mut store, ()).unwrap();
    assert_eq!(manifest, fs::read_to_string(workspace("schemas/manifest.json")).unwrap());
}

/// The names of what a component itself imports and exports. What its parts import, they have from each other.
fn outermost(component: &[u8]) -> (Vec<String>, Vec<String>) {
    let (mut imports, mut exports, mut depth) = (Vec::new(), Vec::new(), 0);
    for payload in Parser::new(0).parse_all(component) {
        match payload.unwrap() {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ImportSection(_) if depth == 0 => panic!("a module, not a component"),
            Payload::ComponentImportSection(section) if depth == 0 => {
                imports.extend(section.into_iter().map(|import| import.unwrap().name.name.to_owned()));
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports.extend(section.into_iter().map(|export| export.unwrap().name.name.to_owned()));
            }
            _ => {}
        }
    }
    (imports, exports)
}

#[test]
fn the_stepwise_component_imports_nothing_and_is_at_most_a_twentieth_larger() {
    let component = read("wecom-connector-0.2.0.wasm");
    let (imports, _) = outermost(&component);
    assert!(imports.iter().any(|name| name.starts_with("wasi:http/outgoing-handler@")), "{imports:?}");

    let stepwise = read("wecom-connector-stepwise-0.2.0.wasm");
    let (imports, exports) = outermost(&stepwise);
    assert_eq!(imports, [""; 0]);
    let interfaces = ["types", "callback", "stepwise"].map(|name| format!("wecom:connector/{name}@0.2.0"));
    assert_eq!(exports, interfaces);
    assert!(stepwise.len() * 20 <= component.len() * 21, "{} and {} bytes", stepwise.len(), component.len());
}

#[test]
fn each_component_is_the_one_that_is_tested() {
    let contract = |bytes: &[u8]| match decode(bytes).unwrap() {
        DecodedWasm::Component(resolve, world) => {
            let package = resolve.worlds[world].package.unwrap();
            printed(&resolve, package)
        }
        DecodedWasm::WitPackage(..) => panic!("the component is a WIT package"),
    };
    for (artifact, name) in COMPONENTS {
        let component = read(&format!("{name}.wasm"));
        Validator::new().validate_all(&component).unwrap();
        assert_eq!(contract(&component), contract(&tested(artifact)), "{name}");
    }
}

#[test]
fn no_file_names_a_folder_of_this_machine() {
    let home = std::env::home_dir().unwrap();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    let folders = [artifact::workspace(), &home, &cargo_home, Path::new(env!("CARGO_TARGET_TMPDIR"))];
    let folders = folders.map(|folder| format!("{}/", folder.display()));
    // Not as a part of another path: sources may lie in `/src/`, and those of a crate do.
    let named = |bytes: &[u8]| {
        let begins = |at: usize| at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || b"._-".contains(&bytes[at - 1]));
        folders.iter().find(|folder| memmem::find_iter(bytes, folder.as_bytes()).any(begins))
    };
    for name in names() {
        let mut bytes = read(&name);
        if name.ends_with("gz") {
            bytes.clear();
            GzDecoder::new(read(&name).as_slice()).read_to_end(&mut bytes).unwrap();
        }
        assert_eq!(named(&bytes), None, "{name}");
    }
    for (artifact, name) in COMPONENTS {
        assert!(named(&tested(artifact)).is_some(), "the plain build names the cargo home, or this test finds nothing");
        let component = String::from_utf8_lossy(&read(&format!("{name}.wasm"))).into_owned();
        assert!(component.contains("serde_json-1."), "{name}: panics still tell the crate in which they arose");
    }
}

#[test]
fn wassettes_variant_is_the_component_with_descriptions_behind_it() {
    let component = read("wecom-connector-0.2.0.wasm");
    let described = read("wecom-connector-0.2.0.wassette.wasm");
    Validator::new().validate_all(&described).unwrap();
    assert_eq!(described[..component.len()], component);
    let mut sections = Parser::new(0).parse_all(&described).filter_map(|payload| match payload.unwrap() {
        Payload::CustomSection(section) if section.name() == PackageMetadata::SECTION_NAME => Some(section),
        _ => None,
    });
    let section = sections.next().unwrap();
    assert!(sections.next().is_none(), "one section");
    PackageMetadata::decode(section.data()).expect("the section has the form that is usual for it");
    let docs: Value = serde_json::from_slice(&section.data()[1..]).unwrap();
    let functions = docs["worlds"].as_object().unwrap().values().next().unwrap()["func_exports"].as_object().unwrap();

    let manifest: Value = serde_json::from_slice(&fs::read(workspace("schemas/manifest.json")).unwrap()).unwrap();
    let actions = manifest["actions"].as_array().unwrap();
    assert_eq!(functions.len(), actions.len() + 4, "{:?}", functions.keys());
    for action in actions {
        let text = functions[action["id"].as_str().unwrap()]["docs"].as_str().unwrap();
        assert!(text.contains("Effect: ") && text.contains(action["doc_url"].as_str().unwrap()), "{text}");
        assert!(text.contains("\n\nconnection: null, since "), "no tool asks for a secret: {text}");
        let required = action["parameters"]["required"].as_array().cloned().unwrap_or_default();
        for field in action["parameters"]["properties"].as_object().unwrap().keys() {
            let name = field.replace('_', "-");
            let line = if text.contains(&format!("\n- {name} (or null): ")) { "optional" } else { "required" };
            assert!(line == "optional" || text.contains(&format!("\n- {name}: ")), "{field} is not in {text}");
            assert!(line == "required" || !required.contains(&field.as_str().into()), "{field} may be null in {text}");
        }
    }
    let text = |action: &str| functions[action]["docs"].as_str().unwrap();
    assert!(text("create-department").contains("1 to 32 characters"));
    assert!(text("push-text-message").contains("2048 bytes"));
}

/// A package as text, with its comments.
fn printed(resolve: &Resolve, package: wit_parser::PackageId) -> String {
    let mut printer = WitPrinter::default();
    printer.print(resolve, package, &[]).unwrap();
    printer.output.to_string()
}

#[test]
fn the_wit_package_is_the_folder_comments_included() {
    let DecodedWasm::WitPackage(resolve, package) = decode(&read("wecom-connector-0.2.0.wit.wasm")).unwrap() else {
        panic!("a component, not a WIT package")
    };
    let mut folder = Resolve::default();
    let (expected, _) = folder.push_dir(workspace("wit")).unwrap();
    let text = printed(&resolve, package);
    assert_eq!(text, printed(&folder, expected));
    assert_eq!(resolve.packages[package].name.to_string(), "wecom:connector@0.2.0");
    assert_eq!(resolve.packages[package].interfaces.len(), folder.packages[expected].interfaces.len());
    assert!(folder.packages[expected].interfaces.contains_key("stepwise"), "the folder is the contract's");
    assert!(text.contains("/// Creates a department"), "{text}");
}

#[test]
fn the_archive_holds_schemas_and_nothing_of_the_machine() {
    let bytes = read("wecom-connector-schemas-0.2.0.tar.gz");
    assert_eq!(bytes[4..8], [0; 4], "no time in the header of gzip");
    assert_eq!(bytes[3], 0, "and no name");
    let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
    let mut packed = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let header = entry.header();
        let of = (header.mode().unwrap(), header.mtime().unwrap(), header.uid().unwrap(), header.gid().unwrap());
        assert_eq!(of, (0o644, 0, 0, 0));
        let path = entry.path().unwrap().strip_prefix("wecom-connector-schemas-0.2.0").unwrap().to_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        packed.push((path, text));
    }
    assert!(packed.is_sorted_by_key(|(path, _)| path.clone()));
    let mut folders = vec![workspace("schemas")];
    let mut expected = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                expected.insert(path.strip_prefix(workspace("schemas")).unwrap().to_owned(), text);
            }
        }
    }
    assert_eq!(packed.len(), expected.len());
    assert!(BTreeMap::from_iter(packed) == expected, "a file differs");
}

#[test]
fn each_list_names_exactly_what_is_linked_in() {
    for (artifact, name) in COMPONENTS {
        check_list(artifact, name);
    }
}

fn check_list(artifact: Artifact, name: &str) {
    let bom = json(&format!("{name}.cdx.json"));
    assert_eq!((bom["bomFormat"].as_str(), bom["specVersion"].as_str()), (Some("CycloneDX"), Some("1.6")));
    assert!(bom.get("serialNumber").is_none() && bom["metadata"].get("timestamp").is_none(), "nothing of chance");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let components = bom["components"].as_array().unwrap();
    let own = &bom["metadata"]["component"];

    let listed: BTreeSet<(String, String)> =
        components.iter().chain([own]).map(|one| (text(&one["name"]), text(&one["version"]))).collect();
    assert_eq!(listed.len(), components.len() + 1, "each once");
    let (library, crates): (Vec<_>, Vec<_>) = listed.into_iter().partition(|(name, _)| name == "rust-std");
    assert_eq!(library.len(), 1);
    let expected: Vec<_> = compiled(artifact).into_iter().collect();
    assert!(expected.len() > 20, "{expected:?}");
    assert_eq!(crates, expected);

    let file = format!("{name}.wasm");
    let sum: String = Sha256::digest(read(&file)).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(own["hashes"][0]["content"], sum.as_str());
    assert_eq!(own["properties"][0]["value"], file.as_str());
    let has_libc = bom.to_string().contains("wasi-libc");
    assert_eq!(
        has_libc,
        artifact == Artifact::Component,
        "only the component that calls WASI is linked with wasi-libc"
    );
    let lock = fs::read_to_string(workspace("Cargo.lock")).unwrap();
    for component in components.iter().filter(|component| component["name"] != "rust-std") {
        let (name, version) = (text(&component["name"]), text(&component["version"]));
        assert_eq!(component["purl"], format!("pkg:cargo/{name}@{version}"));
        assert_eq!(component["hashes"][0]["alg"], "SHA-256");
        let checksum = text(&component["hashes"][0]["content"]);
        let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"\n{source}\nchecksum = \"{checksum}\"\n");
        assert!(lock.contains(&locked), "{locked}");
        spdx::Expression::parse(component["licenses"][0]["expression"].as_str().unwrap()).unwrap();
    }

    // From the component every crate is reached, and nothing else.
    let uses: BTreeMap<String, Vec<String>> = bom["dependencies"].as_array().unwrap().iter().fold(
        BTreeMap::new(),
        |mut uses: BTreeMap<String, Vec<String>>, entry| {
            let used = entry["dependsOn"].as_array().unwrap().iter().map(text).collect();
            assert!(uses.insert(text(&entry["ref"]), used).is_none(), "{entry}");
            uses
        },
    );
    let references: BTreeSet<String> = components.iter().chain([own]).map(|one| text(&one["bom-ref"])).collect();
    let (mut reached, mut open) = (BTreeSet::new(), vec![text(&own["bom-ref"])]);
    while let Some(reference) = open.pop() {
        open.extend(uses[&reference].iter().filter(|used| !reached.contains(*used)).cloned());
        reached.insert(reference);
    }
    assert_eq!(reached, references);
}

#[test]
fn the_licences_are_those_of_the_crates() {
    let text = String::from_utf8(read("THIRD-PARTY-LICENSES.txt")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .args(Artifact::ALL.into_iter().flat_map(|artifact| ["--filter-platform", artifact.target()]))
        .current_dir(artifact::workspace())
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let compiled: BTreeSet<_> = COMPONENTS.into_iter().flat_map(|(artifact, _)| compiled(artifact)).collect();
    let mut texts = 0;
    for package in metadata["packages"].as_array().unwrap() {
        let [name, version] = ["name", "version"].map(|key| package[key].as_str().unwrap().to_owned());
        let linked = compiled.contains(&(name.clone(), version.clone())) && !package["source"].is_null();
        let line = format!("\n{name} {version}: {}\n", package["license"].as_str().unwrap_or_default());
        assert_eq!(text.contains(&line), linked, "{line}");
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        if let Some(licence) = fs::read_to_string(folder.join("LICENSE-MIT")).ok().filter(|_| linked) {
            assert!(text.contains(licence.replace("\r\n", "\n").trim_end()), "{name}'s LICENSE-MIT");
            texts += 1;
        }
    }
    assert!(texts > 10, "{texts} texts");
    assert_eq!(read("LICENSE"), fs::read(workspace("LICENSE")).unwrap());
    assert!(String::from_utf8(read("RUST-COPYRIGHT-library.html")).unwrap().contains("The Rust Standard Library"));
}
