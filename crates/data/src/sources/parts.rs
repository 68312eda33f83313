//! The files that a published dataset is made of, in a folder.

use std::path::{Path, PathBuf};

use crate::error::DataError;

/// Errors unless `folder` is one; `cure` says where the data come from.
pub(super) fn check_folder(folder: &Path, cure: &'static str) -> Result<(), DataError> {
    if folder.is_dir() { Ok(()) } else { Err(DataError::MissingFolder { path: folder.to_path_buf(), cure }) }
}

/// The path of a file, or of its compressed form.
pub(super) fn find(folder: &Path, name: &'static str, cure: &'static str) -> Result<PathBuf, DataError> {
    let (plain, compressed) = (folder.join(name), folder.join(format!("{name}.gz")));
    let missing = || DataError::MissingFile { folder: folder.to_path_buf(), name, cure };
    [plain, compressed].into_iter().find(|path| path.is_file()).ok_or_else(missing)
}
