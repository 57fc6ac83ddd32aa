//! The modules of a crate have layers: what one uses lies above it in the table at the head of the crate's root. A use in
//! the other direction fails, and so does a circle, which cannot be without one.
//!
//! A file or folder directly below the root is a module here; which file uses which inside of a folder is not checked.
//! Whatever is for tests alone may use everything.
//!
//! Our own reading of the source, and not cargo-modules: that one builds 280 crates of rust-analyzer first, and sees
//! imports and the types in signatures, but neither what a function's body names nor anything inside a macro, which is
//! where the tables of the actions are. Here every path counts that is written down, in a macro's body too (`$crate::…`,
//! and a path that stands in a text for serde); what a method call reaches without a path does not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

/// Whose modules have layers: the folder, its root, and the path of its modules in their crate.
const CRATES: [(&str, &str, &[&str]); 2] =
    [("src", "lib.rs", &[]), ("host-test/src/simulator", "mod.rs", &["simulator"])];

/// Fails where a module uses one that the table of its crate has below it, and where the table lacks a module.
pub(crate) fn check(root: &Path) -> Result<()> {
    for (folder, file, path) in CRATES {
        let folder_path = root.join(folder);
        let text = fs::read_to_string(folder_path.join(file)).with_context(|| format!("{folder}/{file}"))?;
        Graph::read(&folder_path, path)?.follows(&order(&text)).with_context(|| format!("{folder}/{file}"))?;
    }
    Ok(())
}

/// The modules that the table at the head of a file names in the first cell of its rows, from top to bottom.
fn order(source: &str) -> Vec<&str> {
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")?.split(" | ").next());
    // What stands between backticks is a name.
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
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

    /// Fails on the first use that goes down in that order, and on a module that is not in it exactly once.
    fn follows(&self, order: &[&str]) -> Result<()> {
        for name in order {
            ensure!(self.0.contains_key(*name), "the table has `{name}`, which is no module");
        }
        for module in self.0.keys() {
            let rows = order.iter().filter(|name| *name == module).count();
            ensure!(rows == 1, "the table has the module `{module}` {rows} times, not once");
        }
        for (index, user) in order.iter().enumerate() {
            for (used, place) in self.0.get(*user).into_iter().flatten() {
                if order[index..].contains(&used.as_str()) {
                    bail!("`{user}` uses `{used}` ({place}), which the table has below it");
                }
            }
        }
        Ok(())
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
    fn every_module_uses_only_those_above_it() {
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
    fn the_order_is_that_of_the_table() {
        let source = "//! Head of `x`.\n//!\n//! | module | what |\n//! |---|---|\n//! | [`a`], [`b`](mod@b) | `no` |\n\
                      //! | `c` | |\n\nmod d;\n/// | `e` | |\n";
        assert_eq!(order(source), ["a", "b", "c"]);
    }

    #[test]
    fn a_use_upward_is_named_in_one_line() {
        let folder = std::env::temp_dir().join(format!("wecom-layers-{}", std::process::id()));
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).and_then(|()| fs::write(path, text))
        };
        let files = [
            ("lib.rs", "mod a; mod b; mod c; #[cfg(test)] mod t; pub use c::Handed;"),
            ("a/mod.rs", "mod deep;\nuse crate::b::B;"),
            ("a/deep.rs", "use super::A;"),
            ("b.rs", "use crate::t::T;\nuse crate::Handed;"),
            ("c.rs", "fn f() {\n  #[cfg(test)] crate::a::deep::g()\n}"),
            ("t.rs", "use crate::a::A; use crate::b::B;"),
        ];
        let written = files.iter().try_for_each(|(name, text)| write(name, text));
        let graph = Graph::read(&folder, &[]);
        let circle = write("c.rs", "fn f() {\n  crate::a::deep::g()\n}").map(|()| Graph::read(&folder, &[]));
        let _ = fs::remove_dir_all(&folder);
        written.unwrap_or_else(|error| panic!("{error}"));
        let graph = graph.unwrap_or_else(|error| panic!("{error}"));
        let refusal = |graph: &Graph, order: &[&str]| graph.follows(order).err().map(|error| error.to_string());

        assert_eq!(refusal(&graph, &["c", "b", "a"]), None);
        // What the root hands on is used in the module that it comes from.
        let upward = "`b` uses `c` (b.rs:2), which the table has below it";
        assert_eq!(refusal(&graph, &["b", "c", "a"]).as_deref(), Some(upward));
        let upward = "`a` uses `b` (a/mod.rs:2), which the table has below it";
        assert_eq!(refusal(&graph, &["c", "a", "b"]).as_deref(), Some(upward));
        let lacking = "the table has the module `b` 0 times, not once";
        assert_eq!(refusal(&graph, &["c", "a"]).as_deref(), Some(lacking));
        let twice = "the table has the module `c` 2 times, not once";
        assert_eq!(refusal(&graph, &["c", "b", "c", "a"]).as_deref(), Some(twice));
        let unknown = "the table has `t`, which is no module";
        assert_eq!(refusal(&graph, &["t", "c", "b", "a"]).as_deref(), Some(unknown));

        // A circle is refused in any order.
        let circle = circle.unwrap_or_else(|error| panic!("{error}")).unwrap_or_else(|error| panic!("{error}"));
        for order in
            [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"], ["a", "c", "b"], ["b", "a", "c"]]
        {
            assert!(refusal(&circle, &order).is_some(), "{order:?}");
        }
    }
}
