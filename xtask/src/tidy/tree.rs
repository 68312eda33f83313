//! The files of the repository that rules look at.

use std::fs::{self, DirEntry};
use std::io::ErrorKind;
use std::path::Path;

use crate::report::Failure;

/// A text file; the path is relative to the repository root, with `/` on every system.
pub(crate) struct TextFile {
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All files with `extension` under `folders` of `root`, in order of their paths.
///
/// Build outputs and hidden folders are left out by name, and links are not followed.
pub(crate) fn walk(root: &Path, folders: &[&str], extension: &str) -> Result<Vec<TextFile>, Failure> {
    let mut files = Vec::new();
    for folder in folders {
        collect(root, folder, extension, true, &mut files)?;
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// The files with `extension` in `root` itself.
pub(crate) fn in_folder(root: &Path, extension: &str) -> Result<Vec<TextFile>, Failure> {
    let mut files = Vec::new();
    collect(root, "", extension, false, &mut files)?;
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// Those of `paths` that exist.
pub(crate) fn read_if_there(root: &Path, paths: &[&str]) -> Result<Vec<TextFile>, Failure> {
    paths.iter().filter(|path| root.join(path).is_file()).map(|path| read(root, (*path).to_owned())).collect()
}

fn collect(root: &Path, folder: &str, extension: &str, deep: bool, files: &mut Vec<TextFile>) -> Result<(), Failure> {
    let full = root.join(folder);
    let entries: Vec<DirEntry> = match fs::read_dir(&full).and_then(Iterator::collect) {
        Ok(entries) => entries,
        // A folder that is not there has no file that breaks a rule.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::new(format!("cannot list {}: {error}", full.display()))),
    };
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type().map_err(|error| Failure::new(format!("cannot look at {path}: {error}")))?;
        if kind.is_dir() && deep && name != "target" && !name.starts_with('.') {
            collect(root, &path, extension, deep, files)?;
        } else if kind.is_file() && Path::new(&name).extension().is_some_and(|found| found == extension) {
            files.push(read(root, path)?);
        }
    }
    Ok(())
}

fn read(root: &Path, path: String) -> Result<TextFile, Failure> {
    match fs::read_to_string(root.join(&path)) {
        Ok(text) => Ok(TextFile { path, text }),
        Err(error) => Err(Failure::new(format!("cannot read {path}: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_takes_the_extension_and_leaves_build_outputs_and_hidden_folders() {
        let root = tempfile::tempdir().unwrap();
        let all =
            ["b/z.rs", "b/a.rs", "b/deep/er/x.rs", "b/n.md", "b/target/t.rs", "b/.git/g.rs", "other/o.rs", "r.rs"];
        for path in all {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            fs::write(root.path().join(path), path).unwrap();
        }
        let paths = |files: Vec<TextFile>| files.into_iter().map(|file| file.path).collect::<Vec<_>>();
        assert_eq!(paths(walk(root.path(), &["b", "gone"], "rs").unwrap()), ["b/a.rs", "b/deep/er/x.rs", "b/z.rs"]);
        assert_eq!(paths(in_folder(root.path(), "rs").unwrap()), ["r.rs"]);
        assert_eq!(paths(read_if_there(root.path(), &["gone.md", "b/n.md"]).unwrap()), ["b/n.md"]);
    }

    #[test]
    fn a_file_that_is_no_text_is_named() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("x.rs"), [0xff]).unwrap();
        let failure = in_folder(root.path(), "rs").err().unwrap().to_string();
        assert!(failure.starts_with("cannot read x.rs: "), "{failure}");
    }
}
