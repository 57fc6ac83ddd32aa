//! The contract, as a WIT package and as the descriptions that Wassette shows.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use memchr::memmem;
use serde_json::{Map, Value, json};
use wasm_encoder::{ComponentSection as _, CustomSection};
use wit_parser::{Docs, Function, InterfaceId, PackageId, Resolve, Type, TypeDef, TypeDefKind, WorldItem};

/// The section in which Wassette looks for descriptions, and the version of its form.
const SECTION: &str = "package-docs";
const SECTION_VERSION: u8 = 1;
/// The world of the component that Wassette runs.
const WORLD: &str = "wecom-connector";

/// `wit/`.
pub(crate) struct Contract {
    resolve: Resolve,
    package: PackageId,
}

impl Contract {
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(folder).with_context(|| folder.display().to_string())?;
        Ok(Self { resolve, package })
    }

    /// One file, as `wkg wit build` makes it: comments included, and read by every tool that reads a WIT folder.
    pub(crate) fn package(&self) -> Result<Vec<u8>> {
        wit_component::encode(&self.resolve, self.package)
    }

    /// A component with the descriptions of its functions behind it.
    ///
    /// Comments do not survive in a component. Wassette takes them from a section which tools that decode the types of a
    /// component refuse, since it tells of functions that the world exports in interfaces only: hence a second file.
    pub(crate) fn described(&self, component: &[u8]) -> Result<Vec<u8>> {
        ensure!(memmem::find(component, SECTION.as_bytes()).is_none(), "the component has a section {SECTION} already");
        let functions: Map<String, Value> =
            self.descriptions()?.into_iter().map(|(name, text)| (name.to_owned(), json!({"docs": text}))).collect();
        let docs = json!({"worlds": {WORLD: {"func_exports": functions}}});
        let mut data = vec![SECTION_VERSION];
        serde_json::to_writer(&mut data, &docs)?;
        let mut described = component.to_vec();
        CustomSection { name: SECTION.into(), data: data.into() }.append_to_component(&mut described);
        Ok(described)
    }

    /// What to tell of each function. Wassette shows nothing else: so the limits of a field stand in the text of its
    /// function, too.
    fn descriptions(&self) -> Result<BTreeMap<&str, String>> {
        let world = &self.resolve.worlds[self.resolve.select_world(&[self.package], Some(WORLD))?];
        let mut found = BTreeMap::new();
        for export in world.exports.values() {
            let WorldItem::Interface { id, .. } = export else { continue };
            for (name, function) in self.functions(*id) {
                if found.insert(name, self.description(function)).is_some() {
                    bail!("two functions are named {name}, and Wassette goes by the name alone");
                }
            }
        }
        Ok(found)
    }

    fn functions(&self, interface: InterfaceId) -> impl Iterator<Item = (&str, &Function)> {
        self.resolve.interfaces[interface].functions.iter().map(|(name, function)| (name.as_str(), function))
    }

    /// A function's comment, and those of its arguments' fields.
    fn description(&self, function: &Function) -> String {
        let mut parts = vec![words(&function.docs)];
        for parameter in &function.params {
            let (may_be_null, ty) = self.argument(parameter.ty);
            let Some(TypeDefKind::Record(record)) = ty.map(|ty| &ty.kind) else { continue };
            if may_be_null {
                // A connection: whoever calls a tool must neither know nor tell a secret.
                parts.push(format!("{}: null, since the host has it in its environment.", parameter.name));
                continue;
            }
            let fields = record.fields.iter().map(|field| {
                let or_null = if self.argument(field.ty).0 { " (or null)" } else { "" };
                format!("\n- {}{or_null}: {}", field.name, words(&field.docs))
            });
            parts.push(format!("{}:{}", parameter.name, fields.collect::<String>()));
        }
        parts.join("\n\n")
    }

    /// Whether a value may be null, and the type that it has otherwise, where that has a definition.
    fn argument(&self, mut ty: Type) -> (bool, Option<&TypeDef>) {
        let mut may_be_null = false;
        loop {
            let Type::Id(id) = ty else { return (may_be_null, None) };
            let definition = &self.resolve.types[id];
            match definition.kind {
                TypeDefKind::Type(same) => ty = same,
                TypeDefKind::Option(inner) => (may_be_null, ty) = (true, inner),
                _ => return (may_be_null, Some(definition)),
            }
        }
    }
}

/// A comment without its line breaks, paragraph by paragraph.
fn words(docs: &Docs) -> String {
    let paragraphs = docs.contents.as_deref().unwrap_or_default().split("\n\n");
    let paragraphs = paragraphs.map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
