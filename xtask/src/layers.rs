//! The modules of a crate have layers: what one uses lies above it in the table at the head of the crate's root. A use in
//! the other direction fails, and so does a circle, which cannot be without one. The files of a folder further below have
//! no table, but a circle between them fails, too.
//!
//! A file or folder directly below a folder is a module here; what `mod.rs` does itself is not checked, only what it hands
//! on from a module. Whatever is for tests alone may use everything.
//!
//! Our own reading of the source, and not cargo-modules: that one builds 280 crates of rust-analyzer first, and sees
//! imports and the types in signatures, but neither what a function's body names nor anything inside a macro, which is
//! where the tables of the actions are. Here every path counts that is written down, in a macro's body too (`$crate::…`,
//! and a path that stands in a text for serde); what a method call reaches without a path does not, nor what is handed on
//! with a `*`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

/// Whose modules have layers: the folder, its root, and the path of its modules in their crate.
const CRATES: [(&str, &str, &[&str]); 2] =
    [("src", "lib.rs", &[]), ("host-test/src/simulator", "mod.rs", &["simulator"])];

/// Fails where a module uses one that the table of its crate has below it, where the table lacks a module, and where the
/// modules of a folder below use each other in a circle.
pub(crate) fn check(root: &Path) -> Result<()> {
    for (folder, file, path) in CRATES {
        let folder_path = root.join(folder);
        let text = fs::read_to_string(folder_path.join(file)).with_context(|| format!("{folder}/{file}"))?;
        let sources = Sources::read(&folder_path, path)?;
        sources.graph(&[]).follows(&order(&text)).with_context(|| format!("{folder}/{file}"))?;
        sources.has_no_circle_below().with_context(|| folder.to_owned())?;
    }
    Ok(())
}

/// The modules that the table at the head of a file names in the first cell of its rows, from top to bottom.
fn order(source: &str) -> Vec<&str> {
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")?.split(" | ").next());
    // What stands between backticks is a name.
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// What a crate is made of, without what is for tests alone.
struct Sources {
    /// Where its root lies among the modules that its paths name.
    path: Vec<String>,
    files: Vec<Source>,
}

/// A file: its module, where it lies below the root, and what stands in it.
struct Source {
    module: Vec<String>,
    place: String,
    tokens: Vec<Token>,
}

impl Sources {
    fn read(folder: &Path, path: &[&str]) -> Result<Self> {
        let mut listed = Vec::new();
        list(folder, &mut Vec::new(), &mut listed)?;
        let mut tests = BTreeSet::new();
        let mut files = Vec::new();
        for (module, file) in listed {
            let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
            let Some(tokens) = tokens(&text) else { continue };
            let (tokens, of_tests) = without_tests(tokens);
            tests.extend(of_tests.into_iter().map(|name| [module.as_slice(), &[name]].concat()));
            let place = file.strip_prefix(folder).unwrap_or(&file).display().to_string();
            files.push(Source { module, place, tokens });
        }
        files.retain(|file| !(1..=file.module.len()).any(|length| tests.contains(&file.module[..length])));
        Ok(Self { path: path.iter().map(|name| (*name).to_owned()).collect(), files })
    }

    /// Every path that a file names.
    fn paths(&self, file: &Source) -> Vec<Used> {
        paths(&file.tokens, &[self.path.as_slice(), &file.module].concat())
    }

    /// The folders below the root that hold modules.
    fn folders(&self) -> BTreeSet<&[String]> {
        let folders = self.files.iter().filter_map(|file| file.module.split_last().map(|(_, folder)| folder));
        folders.flat_map(|folder| (1..=folder.len()).map(|length| &folder[..length])).collect()
    }

    /// Which of the modules directly below a folder uses which; of the crate as a whole below no folder.
    fn graph(&self, folder: &[String]) -> Graph {
        let mut graph = Graph::default();
        let module_of = |file: &Source| file.module.strip_prefix(folder).and_then(<[_]>::first).cloned();
        graph.0.extend(self.files.iter().filter_map(module_of).map(|module| (module, BTreeMap::new())));
        // What the folder, or one that it lies in, hands on under a name of its own is used in the module that it comes
        // from.
        let mut handed_on = BTreeMap::new();
        for file in self.files.iter().filter(|file| folder.starts_with(&file.module)) {
            for used in self.paths(file) {
                let Some(name) = used.name else { continue };
                let own = [self.path.as_slice(), &file.module, &[name]].concat();
                let is_module = self.files.iter().any(|file| own.strip_prefix(&*self.path) == Some(&*file.module));
                if !is_module && own != used.path {
                    handed_on.insert(own, used.path);
                }
            }
        }
        let below = [self.path.as_slice(), folder].concat();
        for file in &self.files {
            let Some(user) = module_of(file) else { continue };
            for used in self.paths(file) {
                let path = whence(used.path, &handed_on);
                let Some(name) = path.strip_prefix(&*below).and_then(<[_]>::first) else { continue };
                if graph.0.contains_key(name) && *name != user {
                    let place = format!("{}:{}", file.place, used.line);
                    graph.0.entry(user.clone()).or_default().entry(name.clone()).or_insert(place);
                }
            }
        }
        graph
    }

    fn has_no_circle_below(&self) -> Result<()> {
        let circle = |folder: &[String]| Some(format!("in `{}` {}", folder.join("::"), self.graph(folder).circle()?));
        let circles: Vec<String> = self.folders().into_iter().filter_map(circle).collect();
        ensure!(circles.is_empty(), "a circle: {}", circles.join("; "));
        Ok(())
    }
}

/// The path that leads to the same without the names under which folders hand something on.
fn whence(mut path: Vec<String>, handed_on: &BTreeMap<Vec<String>, Vec<String>>) -> Vec<String> {
    // It can come over several folders, but over none of them twice.
    for _ in 0..handed_on.len() {
        let known = (1..=path.len()).find_map(|length| Some((length, handed_on.get(&path[..length])?)));
        let Some((length, origin)) = known else { break };
        path = [origin.as_slice(), &path[length..]].concat();
    }
    path
}

/// Which module uses which, and where it first does.
#[derive(Debug, Default)]
struct Graph(BTreeMap<String, BTreeMap<String, String>>);

impl Graph {
    /// Some of the modules that use each other in a circle, each with where it uses the next one.
    fn circle(&self) -> Option<String> {
        // What uses nothing that is left is in no circle, nor is what then uses nothing that is left.
        let mut left: BTreeSet<&String> = self.0.keys().collect();
        let next = |user: &String, left: &BTreeSet<&String>| {
            self.0.get(user).and_then(|used| used.iter().find(|(used, _)| left.contains(used)))
        };
        while let Some(user) = left.iter().copied().find(|user| next(user, &left).is_none()) {
            left.remove(user);
        }
        // From any that is left, the way leads into a circle.
        let mut way: Vec<&String> = Vec::new();
        let mut user = left.first().copied()?;
        while !way.contains(&user) {
            way.push(user);
            user = next(user, &left)?.0;
        }
        let circle = way.into_iter().skip_while(|known| *known != user);
        let uses = circle.filter_map(|user| {
            let (used, place) = next(user, &left)?;
            Some(format!("`{user}` uses `{used}` ({place})"))
        });
        Some(uses.collect::<Vec<_>>().join(", "))
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
    /// What the file calls it from there on, after a `use`.
    name: Option<String>,
    line: usize,
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
                found.extend(leaves.into_iter().map(|(path, name)| Used {
                    path,
                    name: (text == "use").then_some(name),
                    line: token.line,
                }));
                continue;
            }
            _ => {}
        }
        index += 1;
    }
    found
}

/// Reads what follows a `::`: a name, or several in braces; each with what it is called. Returns where it ends.
fn tree(tokens: &[Token], mut index: usize, mut path: Vec<String>, leaves: &mut Vec<(Vec<String>, String)>) -> usize {
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
                leaves.push((path, word(index).to_owned()));
                // A mark is read by whoever called, but for `*`.
                return index + usize::from(word(index) == "*");
            }
        }
        if word(index + 1) != "::" {
            let name = if word(index + 1) == "as" { Some(word(index + 2)) } else { path.last().map(String::as_str) };
            let name = name.unwrap_or_default().to_owned();
            leaves.push((path, name));
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

    /// A folder with these files, read as the sources of a crate.
    fn sources<const N: usize>(name: &str, files: [(&str, &str); N]) -> Sources {
        let folder = std::env::temp_dir().join(format!("wecom-layers-{name}-{}", std::process::id()));
        let written = files.iter().try_for_each(|(name, text)| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&folder)).and_then(|()| fs::write(path, text))
        });
        let sources = Sources::read(&folder, &[]);
        let _ = fs::remove_dir_all(&folder);
        written.unwrap_or_else(|error| panic!("{error}"));
        sources.unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn a_use_upward_is_named_in_one_line() {
        let with = |name: &str, c: &str| {
            let files = [
                ("lib.rs", "mod a; mod b; mod c; #[cfg(test)] mod t; pub use c::Handed;"),
                ("a/mod.rs", "mod deep;\nuse crate::b::B;"),
                ("a/deep.rs", "use super::A;"),
                ("b.rs", "use crate::t::T;\nuse crate::Handed;"),
                ("c.rs", c),
                ("t.rs", "use crate::a::A; use crate::b::B;"),
            ];
            sources(name, files).graph(&[])
        };
        let graph = with("upward", "fn f() {\n  #[cfg(test)] crate::a::deep::g()\n}");
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
        let circle = with("circle", "fn f() {\n  crate::a::deep::g()\n}");
        for order in
            [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"], ["c", "b", "a"], ["a", "c", "b"], ["b", "a", "c"]]
        {
            assert!(refusal(&circle, &order).is_some(), "{order:?}");
        }
    }

    #[test]
    fn a_circle_in_a_folder_is_named_in_one_line() {
        let said = |name: &str, values: &str, table: &str| {
            let files = [
                ("lib.rs", "mod p; mod q; pub use p::Given;"),
                ("q.rs", ""),
                (
                    "p/mod.rs",
                    "mod deep; mod other; mod table; mod values;\npub use values::{Key, V as Given};\nfn own() {}",
                ),
                ("p/values.rs", values),
                ("p/table.rs", table),
                ("p/other.rs", "use super::table::T;"),
                ("p/deep/mod.rs", "mod one; mod two;"),
                ("p/deep/one.rs", "fn f() { super::two::g() }"),
                ("p/deep/two.rs", "use crate::p::own; #[cfg(test)] mod tests { use super::super::one; }"),
            ];
            sources(name, files).has_no_circle_below().err().map(|error| error.to_string())
        };
        let uses = "use super::table::T;";
        assert_eq!(said("none", uses, "use super::own; use super::V; use crate::q::Q;"), None);
        assert_eq!(said("tests", uses, "#[cfg(test)] mod tests { use super::super::Key; }"), None);
        let circle = "a circle: in `p` `table` uses `values` (p/table.rs:2), `values` uses `table` (p/values.rs:1)";
        for (name, table) in [
            ("itself", "\nuse super::values::V;"),
            ("handed", "\nuse super::Key;"),
            ("macro", "\nmacro_rules! m { () => { $crate::p::Key } }"),
            ("renamed", "\nuse super::Given;"),
            ("twice", "\nuse crate::Given;"),
        ] {
            assert_eq!(said(name, uses, table).as_deref(), Some(circle), "{name}");
        }
        // Over a folder, too; and whatever leads into the circle is not in it.
        let circle = "a circle: in `p` `deep` uses `values` (p/deep/one.rs:1), `values` uses `deep` (p/values.rs:1)";
        let files = [
            ("lib.rs", "mod p;"),
            ("p/mod.rs", "mod deep; mod a; mod values;"),
            ("p/a.rs", "use super::deep::one;"),
            ("p/values.rs", "use super::deep::one;"),
            ("p/deep/mod.rs", "pub mod one;"),
            ("p/deep/one.rs", "use crate::p::values::V;"),
        ];
        let said = sources("folder", files).has_no_circle_below().err().map(|error| error.to_string());
        assert_eq!(said.as_deref(), Some(circle));
    }
}
