//! What is linked in, for programs: CycloneDX 1.6.
//!
//! Without time and serial number: the same sources make the same list. The libraries for the format bring more code
//! than this, and one of them its own validation, regular expressions and XML.

use std::collections::BTreeSet;

use artifact::Artifact;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::crates::{Crate, Key};
use crate::release::VERSION;

/// What a package URL may not have in a name or version as it is.
const ENCODED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The component `file` with the SHA-256 `sum`, and what is linked into it.
pub(crate) fn cyclonedx(artifact: Artifact, crates: &[Crate], rust: &str, file: &str, sum: &str) -> String {
    let target = artifact.target();
    let brought = match artifact {
        Artifact::Component => "wasi-libc",
        Artifact::Stepwise => "dlmalloc",
    };
    let library = json!({
        "type": "library",
        "bom-ref": format!("pkg:generic/rust-std@{rust}"),
        "name": "rust-std",
        "version": rust,
        "description": format!("Rust's standard library for {target}, with what it links in itself, such as {brought}"),
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "purl": format!("pkg:generic/rust-std@{rust}"),
        "externalReferences": [{"type": "vcs", "url": "https://github.com/rust-lang/rust"}],
    });
    let mut described = Value::Null;
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for linked in crates {
        let package = &linked.package;
        let own = package.source.is_none();
        let mut component = json!({
            "type": "library",
            "bom-ref": reference(&linked.key()),
            "name": package.name,
            "version": package.version,
            "licenses": [{"expression": linked.licence.to_string()}],
        });
        if let Some(description) = &package.description {
            component["description"] = description.split_whitespace().collect::<Vec<_>>().join(" ").into();
        }
        if let Some(repository) = &package.repository {
            component["externalReferences"] = json!([{"type": "vcs", "url": repository}]);
        }
        let mut uses: BTreeSet<String> = linked.uses.iter().map(reference).collect();
        uses.extend(library["bom-ref"].as_str().filter(|_| own).map(str::to_owned));
        dependencies.push(json!({"ref": component["bom-ref"], "dependsOn": uses}));
        if own {
            component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
            component["properties"] = json!([{"name": "file", "value": file}]);
            described = component;
        } else {
            component["purl"] = component["bom-ref"].clone();
            if let Some(checksum) = &linked.checksum {
                component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
            }
            components.push(component);
        }
    }
    dependencies.push(json!({"ref": library["bom-ref"], "dependsOn": []}));
    components.push(library);
    let bom = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "dist", "version": VERSION}]},
            "component": described,
        },
        "components": components,
        "dependencies": dependencies,
    });
    format!("{bom:#}\n")
}

fn reference((name, version): &Key) -> String {
    format!("pkg:cargo/{}@{}", utf8_percent_encode(name, &ENCODED), utf8_percent_encode(version, &ENCODED))
}
