//! What has been published does not change: a component that was built for a version finds the same interfaces in every
//! other of that version.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Compares `wit/` with what was published of the same version, if it was. Comments may differ.
pub(super) fn check(root: &Path) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    compare(&root.join("wit"), &root.join("wit/published").join(version), version)
}

fn compare(present: &Path, published: &Path, version: &str) -> Result<()> {
    if !published.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(published)? {
        let file = entry?.file_name();
        let name = Path::new("wit").join(&file);
        let read = |path: &Path| {
            let missing = || format!("{}: it was published in {version}, and is missing now", name.display());
            let text = fs::read_to_string(path).with_context(missing)?;
            anyhow::Ok(text)
        };
        let (old, new) = (read(&published.join(&file))?, read(&present.join(&file))?);
        let (mut old, mut new) = (declarations(&old), declarations(&new));
        loop {
            match (old.next(), new.next()) {
                (None, None) => break,
                (Some((_, old)), Some((_, new))) if old == new => {}
                (old, new) => {
                    let line = new.or(old).map_or(0, |(line, _)| line);
                    let was = old.map_or("nothing", |(_, text)| text);
                    let is = new.map_or("nothing", |(_, text)| text);
                    bail!(
                        "{}:{line}: `{was}` was published in {version}, and is `{is}` now: a changed interface needs a new version",
                        name.display(),
                    );
                }
            }
        }
    }
    Ok(())
}

/// The lines that are no comments, with their numbers.
fn declarations(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_published_stands() {
        check(crate::command::root()).unwrap_or_else(|error| panic!("{error:#}"));
    }

    #[test]
    fn a_change_is_told_with_its_place_and_a_comment_is_none() {
        let folder = std::env::temp_dir().join(format!("wecom-published-{}", std::process::id()));
        let file = |version: &str, text: &str| {
            fs::create_dir_all(folder.join(version)).unwrap();
            fs::write(folder.join(version).join("a.wit"), text).unwrap();
        };
        let compared = || compare(&folder.join("new"), &folder.join("old"), "1.0.0").map_err(|error| error.to_string());
        file("old", "interface a {\n  /// One.\n  f: func();\n}\n");
        file("new", "interface a {\n  /// The first one,\n  /// in two lines.\n  f: func();\n}\n");
        let same = compared();
        file("new", "interface a {\n  /// One.\n  f: func() -> u32;\n}\n");
        let changed = compared();
        file("new", "interface a {\n  f: func();\n  g: func();\n}\n");
        let added = compared();
        fs::remove_file(folder.join("new/a.wit")).unwrap();
        let removed = compared();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(same, Ok(()));
        assert_eq!(
            added,
            Err("wit/a.wit:3: `}` was published in 1.0.0, and is `g: func();` now: a changed interface needs a new version"
                .to_owned())
        );
        assert_eq!(removed, Err("wit/a.wit: it was published in 1.0.0, and is missing now".to_owned()));
        assert_eq!(
            changed,
            Err("wit/a.wit:3: `f: func();` was published in 1.0.0, and is `f: func() -> u32;` now: a changed interface \
                 needs a new version"
                .to_owned())
        );
    }
}
