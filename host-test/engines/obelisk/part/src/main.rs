//! Makes a component that exports only some interfaces of another: `part IN OUT INTERFACE…`.

use std::{env, fs};

use anyhow::{Context, Result, bail};
use wac_graph::{CompositionGraph, EncodeOptions, types::Package};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [from, to, interfaces @ ..] = arguments.as_slice() else { bail!("usage: part IN OUT INTERFACE…") };

    let mut graph = CompositionGraph::new();
    let whole = Package::from_file("the:whole", None, from, graph.types_mut()).with_context(|| from.clone())?;
    let whole = graph.register_package(whole)?;
    // What it needs and nobody gives it becomes an import of the new component.
    let instance = graph.instantiate(whole);
    for interface in interfaces {
        let alias = graph.alias_instance_export(instance, interface)?;
        graph.export(alias, interface)?;
    }
    fs::write(to, graph.encode(EncodeOptions::default())?).with_context(|| to.clone())
}
