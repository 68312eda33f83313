//! Plain text files.

use std::fs;
use std::path::Path;

use crate::error::DataError;

/// The whole of a UTF-8 file.
///
/// # Errors
/// If it cannot be read, or is not UTF-8; the error names the byte.
pub fn read_text(path: impl AsRef<Path>) -> Result<String, DataError> {
    let path = path.as_ref();
    let bytes = fs::read(path).map_err(|cause| DataError::Open { path: path.to_path_buf(), cause })?;
    String::from_utf8(bytes).map_err(|error| {
        let position = error.utf8_error().valid_up_to() as u64;
        DataError::NotUtf8 { path: path.to_path_buf(), position }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_whole_and_bad_bytes_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text");
        fs::write(&path, "día\n").unwrap();
        assert_eq!(read_text(&path).unwrap(), "día\n");
        fs::write(&path, b"ab\xffc").unwrap();
        let error = read_text(&path).unwrap_err().to_string();
        assert!(error.contains("byte 2 is no UTF-8"), "{error}");
        assert!(matches!(read_text(folder.path().join("none")), Err(DataError::Open { .. })));
    }
}
