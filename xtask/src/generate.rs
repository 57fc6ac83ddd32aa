//! The generated files: written where they are not the same yet, removed where nothing makes them any more.

use std::path::{Path, PathBuf};
use std::{fs, io};

use anyhow::{Context as _, Result};
use artifact::workspace;

use crate::docs;

/// Writes every generated file, and says which have changed.
pub(crate) fn run() -> Result<()> {
    let root = workspace();
    let files = wecom_connector::schema::files()?;
    let folder = root.join("schemas");
    let mut stale = Vec::new();
    list_files(&folder, &mut stale)?;
    for (name, text) in &files {
        let path = folder.join(name);
        stale.retain(|existing| *existing != path);
        if write(&path, text)? {
            println!("wrote {}", path.strip_prefix(root).unwrap_or(&path).display());
        }
    }
    for path in stale {
        fs::remove_file(&path)?;
        println!("removed {}", path.strip_prefix(root).unwrap_or(&path).display());
    }
    let documents = docs::files(root, &files)?;
    for (path, text) in &documents {
        if write(path, text)? {
            println!("wrote {}", path.strip_prefix(root).unwrap_or(path).display());
        }
    }
    println!("{} files are up to date", files.len() + documents.len());
    Ok(())
}

/// Writes a file where it is not the same yet; whether it was not.
pub(crate) fn write(path: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())?;
    Ok(true)
}

fn list_files(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
