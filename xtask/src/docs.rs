//! The parts of the documents that follow from something else: tables made from the manifest, and the code of samples.
//!
//! A document is any Markdown file of the repository. It says where such a part stands, each marker on a line of its own;
//! what is between the two is written by `cargo xtask generate`:
//!
//! ```text
//! <!-- generated: NAME -->                      a table of `tables.rs`, in the language of the file
//! <!-- generated: endpoints -->                 the APIs of the simulator
//! <!-- include: PATH -->                        a file, by its path from the root
//! <!-- include: PATH#REGION -->                 the lines between `region: REGION` and `endregion` in it
//! <!-- end -->
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::changelog::{CHANGELOG, released};

mod tables;

/// The language of a document: its name says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    En,
    Zh,
}

impl Language {
    fn of(document: &Path) -> Self {
        let name = document.file_name().unwrap_or_default().to_string_lossy();
        if name.ends_with(".zh-CN.md") { Self::Zh } else { Self::En }
    }
}

/// Every document that has a generated part, with its text as it should be. `generated` are the files of `schemas/`.
pub(crate) fn files(root: &Path, generated: &BTreeMap<String, String>) -> Result<Vec<(PathBuf, String)>> {
    let manifest = generated.get("manifest.json").context("there is no manifest.json")?;
    let manifest: Value = serde_json::from_str(manifest).context("manifest.json")?;
    ensure_listed(root, &manifest)?;
    let mut documents = Vec::new();
    list_documents(root, &mut documents)?;
    documents.sort();
    let mut files = Vec::new();
    for path in documents {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let text = fs::read_to_string(&path).with_context(|| name.display().to_string())?;
        let filled = fill(&text, &|part| match part {
            Part::Generated("endpoints") => endpoints(root),
            Part::Generated(table) => tables::table(table, &manifest, Language::of(name)),
            Part::Include(source) => include(root, source),
        });
        if let Some(filled) = filled.with_context(|| name.display().to_string())? {
            files.push((name.to_owned(), filled));
        }
    }
    Ok(files)
}

/// Fails where an action is new in this version, and the changelog has no place for it. The list of a version that is
/// released is not generated any more.
fn ensure_listed(root: &Path, manifest: &Value) -> Result<()> {
    let Some(version) = manifest["version"].as_str() else { return Ok(()) };
    let is_new = |action: &Value| action["since"] == *version;
    if let Some(action) = manifest["actions"].as_array().into_iter().flatten().find(|action| is_new(action)) {
        let marker = format!("<!-- generated: new-actions {version} -->");
        let text = fs::read_to_string(root.join(CHANGELOG)).context(CHANGELOG)?;
        let has_place = text.lines().any(|line| line == marker) || released(&text).any(|(_, known)| known == version);
        ensure!(has_place, "{CHANGELOG}: {} is new: {marker} is missing", action["id"]);
    }
    Ok(())
}

/// What a marker asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Generated(&'a str),
    Include(&'a str),
}

const END: &str = "<!-- end -->";

impl<'a> Part<'a> {
    fn begins_at(line: &'a str) -> Option<Self> {
        let inside = |kind| line.strip_prefix("<!-- ")?.strip_suffix(" -->")?.strip_prefix(kind);
        let generated = inside("generated: ").map(Part::Generated);
        generated.or_else(|| inside("include: ").map(Part::Include))
    }
}

/// The text with its parts filled, or none where it has no part. Markers inside a block of code are only shown.
fn fill(text: &str, make: &dyn Fn(Part<'_>) -> Result<String>) -> Result<Option<String>> {
    let mut lines = text.lines().enumerate();
    let mut filled = String::with_capacity(text.len());
    let mut has_parts = false;
    let mut fence: Option<&str> = None;
    while let Some((index, line)) = lines.next() {
        filled.push_str(line);
        filled.push('\n');
        let ticks = line.trim_start();
        let ticks = &ticks[..ticks.len() - ticks.trim_start_matches('`').len()];
        match fence {
            Some(open) if ticks.len() >= open.len() => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            _ => {}
        }
        if fence.is_some() {
            continue;
        }
        let number = index + 1;
        if line == END {
            bail!("line {number}: {END} ends nothing");
        }
        let Some(part) = Part::begins_at(line) else { continue };
        has_parts = true;
        let made = make(part).with_context(|| format!("line {number}"))?;
        if made.lines().any(|line| line == END) {
            bail!("line {number}: what should stand here has the line {END} itself");
        }
        filled.push_str(&made);
        filled.push_str(END);
        filled.push('\n');
        loop {
            match lines.next() {
                Some((_, END)) => break,
                Some((at, line)) if Part::begins_at(line).is_some() => {
                    bail!("line {number}: {END} is missing before line {}", at + 1)
                }
                Some(_) => {}
                None => bail!("line {number}: {END} is missing"),
            }
        }
    }
    Ok(has_parts.then_some(filled))
}

/// Where the simulator has its APIs.
const SIMULATOR: &str = "host-test/src/simulator";

/// A line for each area of the simulator's APIs. The simulator cannot be asked: it comes with wasmtime.
fn endpoints(root: &Path) -> Result<String> {
    let files = fs::read_dir(root.join(SIMULATOR)).context(SIMULATOR)?;
    let files = files.map(|file| Ok(file?.path())).collect::<Result<Vec<PathBuf>>>()?;
    let mut areas: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "rs")) {
        let source = fs::read_to_string(file).with_context(|| file.display().to_string())?;
        for made in source.split("Endpoint::").skip(1) {
            // `new(`, `read(` …, and its first argument.
            let path = made.split_once('(').and_then(|(_, arguments)| arguments.trim_start().strip_prefix('"'));
            let path = path.and_then(|path| path.split('"').next());
            let path = path.with_context(|| format!("{}: an endpoint has no path", file.display()))?;
            let area = path.split_once('/').map_or("", |(area, _)| area);
            areas.entry(area.to_owned()).or_default().insert(format!("`{path}`"));
        }
    }
    ensure!(!areas.is_empty(), "{SIMULATOR}: no endpoint is made here");
    let line = |paths: &BTreeSet<String>| {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        format!("- {}\n", paths.join(" "))
    };
    Ok(areas.values().map(line).collect())
}

/// A file, or a region of it, as a block of code.
fn include(root: &Path, source: &str) -> Result<String> {
    let (name, region) = source.split_once('#').map_or((source, None), |(name, region)| (name, Some(region)));
    let text = fs::read_to_string(root.join(name)).with_context(|| name.to_owned())?;
    let code = match region {
        Some(region) => cut_region(&text, region).with_context(|| name.to_owned())?,
        None => text.lines().filter(|line| region_marker(line).is_none()).collect(),
    };
    let language = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("rs") => "rust",
        Some("py") => "python",
        Some("js" | "mjs") => "js",
        Some(other) => other,
        None => "sh",
    };
    let margin = code.iter().filter(|line| !line.trim().is_empty()).map(|line| line.len() - line.trim_start().len());
    let margin = margin.min().unwrap_or_default();
    let longest = code.iter().map(|line| line.len() - line.trim_start_matches('`').len()).max().unwrap_or_default();
    let fence = "`".repeat(3.max(longest + 1));
    let lines: Vec<&str> = code.iter().map(|line| line.get(margin..).unwrap_or_default().trim_end()).collect();
    Ok(format!("{fence}{language}\n{}\n{fence}\n", lines.join("\n").trim_matches('\n')))
}

/// What a comment of a sample says of regions.
#[derive(PartialEq, Eq)]
enum RegionMarker<'a> {
    Begin(&'a str),
    End,
}

/// `// region: NAME` and `// endregion`, with `#` in languages that have it.
fn region_marker(line: &str) -> Option<RegionMarker<'_>> {
    let line = line.trim();
    let comment = line.strip_prefix("//").or_else(|| line.strip_prefix('#'))?.trim_start();
    match comment.strip_prefix("region: ") {
        Some(name) => Some(RegionMarker::Begin(name)),
        None => (comment == "endregion").then_some(RegionMarker::End),
    }
}

/// The lines of a region. Regions do not lie in each other.
fn cut_region<'a>(text: &'a str, region: &str) -> Result<Vec<&'a str>> {
    let lines = text.lines().skip_while(|line| region_marker(line) != Some(RegionMarker::Begin(region))).skip(1);
    let mut code = Vec::new();
    for line in lines {
        match region_marker(line) {
            Some(RegionMarker::End) => return Ok(code),
            Some(RegionMarker::Begin(other)) => bail!("region {region} has no end before region {other}"),
            None => code.push(line),
        }
    }
    if code.is_empty() { bail!("there is no region {region}") } else { bail!("region {region} has no end") }
}

/// The Markdown files of the repository, without those that tools have put there.
fn list_documents(folder: &Path, documents: &mut Vec<PathBuf>) -> io::Result<()> {
    const NOT_OURS: [&str; 3] = ["target", "dist", "node_modules"];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && !NOT_OURS.contains(&&*name) {
                list_documents(&path, documents)?;
            }
        } else if name.ends_with(".md") {
            documents.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
