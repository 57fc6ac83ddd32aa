//! `cargo xtask generate` from its beginning to its exit status, on copies of what it needs that are damaged.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::*;

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What `generate` needs of the repository, in a folder of its own.
struct Copy(PathBuf);

impl Copy {
    fn new(name: &str) -> Self {
        let copy = Self(std::env::temp_dir().join(format!("wecom-generate-{name}-{}", std::process::id())));
        for place in ["CHANGELOG.md", "fuzz/seeds", "schemas", "wit"] {
            copied(&command::root().join(place), &copy.0.join(place));
        }
        copy
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        generate::write(&self.0.join(name), text).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from:?}");
        self.write(name, &text.replacen(from, to, 1));
    }

    fn remove(&self, name: &str) {
        let path = self.0.join(name);
        if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) }.unwrap();
    }

    /// What CONTRIBUTING.md has a release do: the date, the interfaces, their sums.
    fn release(&self) {
        let dated = self.read("CHANGELOG.md").replace("] - unreleased", "] - 2030-01-31");
        let without_markers = dated.lines().filter(|line| !line.starts_with("<!-- ")).collect::<Vec<_>>().join("\n");
        self.write("CHANGELOG.md", &without_markers);
        for (name, bytes) in files(&self.0.join("wit")) {
            if name.components().count() == 1 {
                let place = format!("wit/published/{VERSION}/{}", name.display());
                self.write(&place, str::from_utf8(&bytes).unwrap());
            }
        }
        self.sum();
    }

    /// Makes the list of sums once more.
    fn sum(&self) {
        let mut published = files(&self.0.join("wit/published"));
        published.remove(Path::new("SHA256SUMS"));
        let line = |(name, bytes): (PathBuf, Vec<u8>)| format!("{:x}  {}\n", Sha256::digest(bytes), name.display());
        self.write("wit/published/SHA256SUMS", &published.into_iter().map(line).collect::<String>());
    }

    /// Runs it, and returns the exit status and what it says is wrong.
    fn generate(&self) -> (ExitCode, String) {
        let mut errors = Vec::new();
        let status = report(generate::run(&self.0).map(|()| ExitCode::SUCCESS), &mut errors);
        (status, String::from_utf8(errors).unwrap())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // A test that fails has left it half made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copied(from: &Path, to: &Path) {
    if from.is_dir() {
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copied(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// A file of the version that is next, once it is released.
fn of_present(interface: &str) -> String {
    format!("wit/published/{VERSION}/{interface}.wit")
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut paths = Vec::new();
    generate::list_files(folder, &mut paths).unwrap();
    paths.into_iter().map(|path| (path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

#[test]
fn what_breaks_a_published_version_is_told_in_one_line_before_anything_is_written() {
    for (name, damage, says) in [
        (
            "changed",
            (|copy| copy.edit("wit/published/0.1.0/member.wit", "/// ", "/// Well: ")) as fn(&Copy),
            "wit/published/0.1.0/member.wit: it was changed after it was published: wit/published/SHA256SUMS has another \
             sum of it"
                .to_owned(),
        ),
        (
            "removed",
            |copy| copy.remove("wit/published/0.1.0/types.wit"),
            "wit/published/0.1.0/types.wit: it was published, and is missing now".to_owned(),
        ),
        (
            "added",
            |copy| copy.write("wit/published/0.1.0/tag.wit", "package wecom:connector@0.1.0;\n"),
            "wit/published/0.1.0/tag.wit: it is not listed in wit/published/SHA256SUMS".to_owned(),
        ),
        (
            "no-sums",
            |copy| copy.remove("wit/published/SHA256SUMS"),
            "wit/published/SHA256SUMS: No such file or directory (os error 2)".to_owned(),
        ),
        (
            "no-sum",
            |copy| copy.edit("wit/published/SHA256SUMS", "  0.1.0/app", " 0.1.0/app"),
            format!(
                "wit/published/SHA256SUMS:1: {:?} is no sum of a file",
                "caf1b84c3f0953e518e4acfbfba22ea51acf0d2d807c23c3fc33df51bba88a47 0.1.0/app-message.wit"
            ),
        ),
        (
            "two-sums",
            |copy| copy.edit("wit/published/SHA256SUMS", "0.1.0/chatbot-message.wit", "0.1.0/app-message.wit"),
            "wit/published/SHA256SUMS:2: 0.1.0/app-message.wit stands twice".to_owned(),
        ),
        (
            "no-folder",
            |copy| copy.write("CHANGELOG.md", &format!("{}\n## [0.0.9] - 2026-01-31\n", copy.read("CHANGELOG.md"))),
            format!(
                "CHANGELOG.md:{}: 0.0.9 is released, and wit/published/0.0.9 is missing",
                fs::read_to_string(command::root().join("CHANGELOG.md")).unwrap().lines().count() + 2
            ),
        ),
        (
            "other-version",
            |copy| {
                copy.release();
                copy.edit(&of_present("tag"), VERSION, "0.1.0");
                copy.sum();
            },
            format!("wit/published/{VERSION}/tag.wit: `package wecom:connector@{VERSION};` is missing"),
        ),
        (
            "no-interface",
            |copy| {
                copy.remove("wit/published/0.1.0/types.wit");
                copy.sum();
            },
            "wit/published/0.1.0/world.wit:13: types.wit is missing beside it".to_owned(),
        ),
        (
            "no-world",
            |copy| {
                copy.remove("wit/published/0.1.0/world.wit");
                copy.sum();
            },
            "wit/published/0.1.0/world.wit is missing".to_owned(),
        ),
        // What the tables make now is another interface than that which was published.
        (
            "generated",
            |copy| {
                copy.release();
                copy.edit(&of_present("department"), "  delete-department: func", "  remove-department: func");
                copy.sum();
            },
            {
                let department = fs::read_to_string(command::root().join("wit/department.wit")).unwrap();
                let line = department.lines().position(|line| line.starts_with("  delete-department: func")).unwrap();
                let is = department.lines().nth(line).unwrap().trim();
                let was = is.replacen("delete", "remove", 1);
                format!(
                    "wit/department.wit:{}: `{was}` was published in {VERSION}, and is `{is}` now: a changed interface \
                     needs a new version",
                    line + 1
                )
            },
        ),
        (
            "by-hand",
            |copy| {
                copy.release();
                copy.edit("wit/callback.wit", "interface callback {", "interface callbacks {");
            },
            {
                let callback = fs::read_to_string(command::root().join("wit/callback.wit")).unwrap();
                let line = callback.lines().position(|line| line == "interface callback {").unwrap() + 1;
                format!(
                    "wit/callback.wit:{line}: `interface callback {{` was published in {VERSION}, and is `interface \
                     callbacks {{` now: a changed interface needs a new version"
                )
            },
        ),
    ] {
        let copy = Copy::new(name);
        damage(&copy);
        // It would be written, if anything was.
        copy.write("schemas/manifest.json", "{}\n");
        let before = files(&copy.0);
        assert_eq!(copy.generate(), (ExitCode::FAILURE, format!("error: {says}\n")), "{name}");
        assert!(files(&copy.0) == before, "{name}: a file was touched");
    }
}

#[test]
fn a_release_is_made_as_contributing_says() {
    let copy = Copy::new("release");
    assert_eq!(copy.generate(), (ExitCode::SUCCESS, String::new()));
    copy.release();
    let before = files(&copy.0.join("wit"));
    assert_eq!(copy.generate(), (ExitCode::SUCCESS, String::new()));
    assert!(files(&copy.0.join("wit")) == before);
}

#[test]
fn what_nothing_makes_any_more_is_removed_and_what_was_written_by_hand_stays() {
    let copy = Copy::new("strays");
    copy.generate();
    let expected = files(&copy.0);
    // Of an action that is gone, or has another name now.
    for (name, text) in [
        ("schemas/actions/delete-everything.input.schema.json", "{}\n"),
        ("wit/everything.wit", "interface everything {}\n"),
        ("fuzz/seeds/invoke/delete-everything", "delete-everything\nA{}"),
        ("fuzz/seeds/reply/delete-everything", "delete-everything\nAA{}"),
    ] {
        copy.write(name, text);
    }
    assert_eq!(copy.generate(), (ExitCode::SUCCESS, String::new()));
    assert!(files(&copy.0) == expected, "a stray stayed, or something else went");
    let invoke = files(&copy.0.join("fuzz/seeds/invoke"));
    assert!(invoke.contains_key(Path::new("unknown-action")) && invoke.contains_key(Path::new("delete-member")));
}
