//! The modules of a crate have layers: what one uses lies below it. A circle among them is named, and fails.
//!
//! Our own reading of the source, and not cargo-modules: that one builds 280 crates of rust-analyzer first, and sees
//! imports and the types in signatures, but neither what a function's body names nor anything inside a macro, which is
//! where the tables of the actions are. Here every path counts that is written down, in a macro's body too (`$crate::…`,
//! and a path that stands in a text for serde); what a method call reaches without a path does not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Whose modules have layers: the folder, and the path of its modules in their crate.
const CRATES: [(&str, &[&str]); 2] = [("src", &[]), ("host-test/src/simulator", &["simulator"])];

/// Fails where modules use each other in a circle: names the shortest one, with a place for each step.
pub(crate) fn check(root: &Path) -> Result<()> {
    for (folder, path) in CRATES {
        if let Some(circle) = Graph::read(&root.join(folder), path)?.circle() {
            bail!("{folder}: the modules go in a circle: {circle}");
        }
    }
    Ok(())
}

/// Which module uses which, and where it first does.
#[derive(Debug, Default)]
struct Graph(BTreeMap<String, BTreeMap<String, String>>);

impl Graph {
    /// The files and folders directly below a folder are its modules.
    fn read(folder: &Path, path: &[&str]) -> Result<Self> {
        let mut sources = Vec::new();
        list(folder, &mut Vec::new(), &mut sources)?;
        let mut tests = BTreeSet::new();
        let mut files = Vec::new();
        for (module, file) in sources {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let Some(tokens) = tokens(&text) else { continue };
            let (tokens, of_tests) = without_tests(tokens);
            tests.extend(of_tests.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
            files.push((module, file, tokens));
        }
        files.retain(|(module, ..)| !(1..=module.len()).any(|length| tests.contains(&module[..length])));

        let mut graph = Self::default();
        for (module, ..) in &files {
            graph.0.extend(module.first().map(|name| (name.clone(), BTreeMap::new())));
        }
        let whole = |module: &[String]| -> Vec<String> {
            path.iter().map(|name| (*name).to_owned()).chain(module.iter().cloned()).collect()
        };
        // What the root hands on under a name of its own is used in the module that it comes from.
        let mut handed_on = BTreeMap::new();
        for (module, _, tokens) in files.iter().filter(|(module, ..)| module.is_empty()) {
            for used in paths(tokens, &whole(module)) {
                if let Some([module, .., name]) = used.below(path)
                    && graph.0.contains_key(module)
                {
                    handed_on.insert(name.clone(), module.clone());
                }
            }
        }
        for (module, file, tokens) in &files {
            let Some(user) = module.first() else { continue };
            for used in paths(tokens, &whole(module)) {
                let Some(name) = used.below(path).and_then(<[_]>::first) else { continue };
                let name = if graph.0.contains_key(name) { name } else { handed_on.get(name).unwrap_or(name) };
                if graph.0.contains_key(name) && name != user {
                    let place = format!("{}:{}", file.strip_prefix(folder).unwrap_or(file).display(), used.line);
                    graph.0.entry(user.clone()).or_default().entry(name.clone()).or_insert(place);
                }
            }
        }
        Ok(graph)
    }

    /// The shortest circle: `a (a.rs:1) → b (b.rs:2) → a`.
    fn circle(&self) -> Option<String> {
        let circle = self.0.keys().filter_map(|start| self.way_back(start)).min_by_key(Vec::len)?;
        let mut words = String::new();
        for (from, to) in circle.iter().zip(circle.iter().skip(1)) {
            let place = self.0.get(*from).and_then(|uses| uses.get(*to)).map_or("", String::as_str);
            words.push_str(&format!("{from} ({place}) → "));
        }
        Some(words + circle.first()?)
    }

    /// The shortest way from a module to itself, if there is one.
    fn way_back<'a>(&'a self, start: &'a str) -> Option<Vec<&'a str>> {
        let mut before: BTreeMap<&str, &str> = BTreeMap::new();
        let mut next = VecDeque::from([start]);
        while let Some(module) = next.pop_front() {
            for used in self.0.get(module)?.keys() {
                if used == start {
                    let mut way = vec![start, module];
                    while way.last().is_some_and(|last| *last != start) {
                        way.push(before.get(way.last()?)?);
                    }
                    way.reverse();
                    return Some(way);
                }
                if !before.contains_key(used.as_str()) {
                    before.insert(used, module);
                    next.push_back(used);
                }
            }
        }
        None
    }
}

/// The source files below a folder, each with its path as a module.
fn list(folder: &Path, module: &mut Vec<String>, files: &mut Vec<(Vec<String>, PathBuf)>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut entries: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    entries.sort();
    for path in entries {
        let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
        if path.is_dir() {
            module.push(name.to_owned());
            list(&path, module, files)?;
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let is_folder = name == "mod" || (module.is_empty() && ["lib", "main"].contains(&name));
            let of_file = if is_folder { module.clone() } else { [module.as_slice(), &[name.to_owned()]].concat() };
            files.push((of_file, path));
        }
    }
    Ok(())
}

/// A word or a mark of the source, with its line.
#[derive(Clone, Debug, PartialEq)]
struct Token {
    text: String,
    line: usize,
}

/// The words and marks of a file, without comments and texts; none where the whole file is for tests. A text that is a
/// path of this crate is one: serde takes functions as such.
fn tokens(source: &str) -> Option<Vec<Token>> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = source;
    let mut line = 1;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(hashes) = raw_text(rest) {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = rest.find('"').unwrap_or_default() + 1;
            rest[begin..].find(&end).map_or(rest.len(), |length| begin + length + end.len())
        } else if first == '"' {
            let length = text_length(rest);
            if let Some(path) = rest[1..length].strip_prefix("crate::") {
                let inner = self::tokens(&format!("crate::{}", path.trim_end_matches('"')))?;
                tokens.extend(inner.into_iter().map(|token| Token { line, ..token }));
            }
            length
        } else if first == '\'' {
            character_length(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(Token { text: rest[..length].to_owned(), line });
            length
        } else if rest.starts_with("::") {
            tokens.push(Token { text: "::".to_owned(), line });
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(Token { text: first.to_string(), line });
            }
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    let is_for_tests = words(&tokens).windows(7).any(|words| words == ["#", "!", "[", "cfg", "(", "test", ")"]);
    (!is_for_tests).then_some(tokens)
}

fn words(tokens: &[Token]) -> Vec<&str> {
    tokens.iter().map(|token| token.text.as_str()).collect()
}

/// How many `#` a raw text that begins here has.
fn raw_text(rest: &str) -> Option<usize> {
    let marks = rest.strip_prefix("br").or_else(|| rest.strip_prefix('r'))?;
    let hashes = marks.len() - marks.trim_start_matches('#').len();
    marks[hashes..].starts_with('"').then_some(hashes)
}

/// The length of the text that begins here, with its quotes.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

/// The length of the character that begins here, or of the quote of a lifetime.
fn character_length(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => rest[3..].find('\'').map_or(rest.len(), |end| end + 4),
        Some(_) => chars.next().filter(|(_, c)| *c == '\'').map_or(1, |(at, _)| at + 1),
        None => 1,
    }
}

/// The same without what is compiled for tests alone; and the names of the files that are.
fn without_tests(tokens: Vec<Token>) -> (Vec<Token>, Vec<String>) {
    let (mut kept, mut files) = (Vec::new(), Vec::new());
    let mut rest = tokens.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let head = words(&rest[..rest.len().min(5)]);
        let is_for_tests = matches!(head.as_slice(), ["#", "[", "cfg", "(", next] if *next == "test")
            || words(&rest[..rest.len().min(7)]) == ["#", "[", "cfg", "(", "all", "(", "test"];
        if !is_for_tests {
            kept.push(first.clone());
            rest = behind;
            continue;
        }
        let item = &rest[..item_length(rest)];
        let words = words(item);
        if let [.., "mod", name, ";"] = words.as_slice() {
            files.push((*name).to_owned());
        }
        rest = &rest[item.len()..];
    }
    (kept, files)
}

/// How many words and marks an item has, with the attributes before it: up to its `;`, or to the end of its braces.
fn item_length(tokens: &[Token]) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "}" {
                    return index + 1;
                }
            }
            ";" if depth == 0 => return index + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// A path that a file names, from the root of its crate.
#[derive(Debug, PartialEq)]
struct Used {
    path: Vec<String>,
    line: usize,
}

impl Used {
    /// What stands behind that prefix.
    fn below(&self, prefix: &[&str]) -> Option<&[String]> {
        let fits = self.path.len() > prefix.len() && self.path.iter().zip(prefix).all(|(name, known)| name == known);
        fits.then(|| &self.path[prefix.len()..])
    }
}

/// Every path of a file in that module that begins with `crate`, `super` or `self`, and whatever follows a `use`: that may
/// be a module below. `use a::{b, c}` is two.
fn paths(tokens: &[Token], module: &[String]) -> Vec<Used> {
    let mut found = Vec::new();
    // The modules that are written inside of the file, with the depth of braces that they end at.
    let mut inside: Vec<(String, usize)> = Vec::new();
    let mut depth = 0_usize;
    let mut index = 0;
    while let Some(token) = tokens.get(index) {
        let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
        match token.text.as_str() {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inside.pop_if(|(_, ends)| *ends == depth);
            }
            "mod" if word(index + 2) == "{" => inside.push((word(index + 1).to_owned(), depth)),
            text @ ("crate" | "super" | "self" | "use") if text == "use" || word(index + 1) == "::" => {
                let mut begin: Vec<String> = module.to_vec();
                begin.extend(inside.iter().map(|(name, _)| name.clone()));
                let keyword = if text == "use" { word(index + 1) } else { text };
                match keyword {
                    "crate" => begin.clear(),
                    "super" => drop(begin.pop()),
                    _ => {}
                }
                let skipped =
                    usize::from(text == "use") + if ["crate", "super", "self"].contains(&keyword) { 2 } else { 0 };
                let mut leaves = Vec::new();
                // Braces of a tree are balanced: the depth is the same behind it.
                index = tree(tokens, index + skipped, begin, &mut leaves);
                found.extend(leaves.into_iter().map(|path| Used { path, line: token.line }));
                continue;
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// Reads what follows a `::`: a name, or several in braces. Returns where it ends.
fn tree(tokens: &[Token], mut index: usize, mut path: Vec<String>, leaves: &mut Vec<Vec<String>>) -> usize {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    loop {
        match word(index) {
            "{" => {
                index += 1;
                while !["}", ""].contains(&word(index)) {
                    index = tree(tokens, index, path.clone(), leaves);
                    if word(index) == "as" {
                        index += 2;
                    }
                    if word(index) == "," {
                        index += 1;
                    } else if word(index) != "}" {
                        // No tree: the braces of an expression. Whoever reads on does so behind the first of them.
                        break;
                    }
                }
                return index + usize::from(word(index) == "}");
            }
            "super" => {
                path.pop();
            }
            "self" => {}
            name if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => path.push(name.to_owned()),
            _ => {
                leaves.push(path);
                // A mark is read by whoever called, but for `*`.
                return index + usize::from(word(index) == "*");
            }
        }
        if word(index + 1) != "::" {
            leaves.push(path);
            return index + 1;
        }
        index += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_have_no_circle() {
        check(crate::command::root()).unwrap_or_else(|error| panic!("{error:#}"));
    }

    fn named(source: &str, module: &[&str]) -> Vec<String> {
        let (tokens, _) = without_tests(tokens(source).unwrap_or_default());
        let module: Vec<String> = module.iter().map(|name| (*name).to_owned()).collect();
        paths(&tokens, &module).into_iter().map(|used| used.path.join("::")).collect()
    }

    #[test]
    fn every_path_is_found_wherever_it_stands() {
        let source = r##"
            //! [`crate::comment`]
            use crate::{a::{self, B}, c as d};
            use super::{e::F, g::*};
            use self::inner::G;
            use below::H;
            /* crate::block */
            const TEXT: &str = "crate said: crate::no";
            const RAW: &str = r#"" crate::raw"#;
            #[serde(with = "crate::h::text")]
            struct S { i: crate::i::I<super::super::j::J>, quote: char }
            fn f<'a>(c: &'a char) -> bool { *c == '"' && '\'' != *c && crate::k::l() }
            macro_rules! m { () => { $crate::m::n!() }; }
            mod nested { use super::Own; use super::super::o; }
            fn block() { if crate::p::X { y() } }
        "##;
        let expected = [
            "a",
            "a::B",
            "c",
            "x::e::F",
            "x::g",
            "x::y::inner::G",
            "x::y::below::H",
            "h::text",
            "i::I",
            "j::J",
            "k::l",
            "m::n",
            "x::y::Own",
            "x::o",
            "p::X",
        ];
        assert_eq!(named(source, &["x", "y"]), expected);
    }

    #[test]
    fn what_is_for_tests_alone_does_not_count() {
        let source = "use crate::a; #[cfg(test)] use crate::b; #[cfg(test)] #[allow(x)] mod tests { use crate::c; } \
                      #[cfg(test)] mod wire; #[cfg(not(test))] use crate::d;";
        assert_eq!(named(source, &["x"]), ["a", "d"]);
        assert_eq!(without_tests(tokens(source).unwrap_or_default()).1, ["wire"]);
        assert_eq!(tokens("#![cfg(test)] use crate::a;"), None);
    }

    #[test]
    fn the_shortest_circle_is_named_in_one_line() {
        let folder = std::env::temp_dir().join(format!("wecom-layers-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).and_then(|()| fs::write(path, text))
        };
        let files = [
            ("lib.rs", "mod a; mod b; mod c; #[cfg(test)] mod t; pub use c::Handed;"),
            ("a/mod.rs", "mod deep;\nuse crate::b::B;"),
            ("a/deep.rs", "use super::A;"),
            ("b.rs", "use crate::Handed;\nuse crate::t::T;"),
            ("c.rs", "fn f() {\n  crate::a::deep::g()\n}"),
            ("t.rs", "use crate::a::A; use crate::b::B;"),
        ];
        let written = files.iter().try_for_each(|(name, text)| write(name, text));
        let circle = Graph::read(&folder, &[]).map(|graph| graph.circle());
        let mended = write("c.rs", "").map(|()| Graph::read(&folder, &[]).map(|graph| graph.circle()));
        let _ = fs::remove_dir_all(&folder);
        written.unwrap_or_else(|error| panic!("{error}"));
        let expected = "a (a/mod.rs:2) → b (b.rs:1) → c (c.rs:2) → a";
        assert_eq!(circle.unwrap_or_else(|error| panic!("{error}")).as_deref(), Some(expected));
        assert!(matches!(mended, Ok(Ok(None))), "{mended:?}");
    }
}
