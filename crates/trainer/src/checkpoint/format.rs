//! The layout of a checkpoint: the names of folders and files, and the manifest that describes them.
//!
//! ```text
//! step-000000000100/
//!     model.safetensors, optimizer.safetensors, state.bin   as given to `save`
//!     manifest.json                                         written last
//! ```
//!
//! `manifest.json` is two lines: one JSON object, and the CRC32C of that line in eight hexadecimal digits. That frame
//! never changes, so that every version can tell a damaged manifest from one that a later version wrote.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::error::{CheckpointError, Damage};

/// The version of the format that is written, and the newest that can be read.
pub const FORMAT_VERSION: u32 = 1;

pub(super) const MANIFEST: &str = "manifest.json";

/// The most bytes that a manifest may have: room for some 10,000 files, and little memory lost to a hostile one.
pub(super) const MAX_MANIFEST: u64 = 1 << 20;

/// `\n`, eight hexadecimal digits, `\n`.
const TRAILER: usize = 10;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format_version: u32,
    pub(super) step: u64,
    gradus_version: String,
    pub(super) files: Vec<FileEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileEntry {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) crc32c: u32,
}

impl Manifest {
    /// Describes `files`.
    pub(super) fn of(step: u64, files: &[(&str, &[u8])]) -> Result<Self, CheckpointError> {
        let refused = |(name, why): (&str, _)| CheckpointError::FileName { name: name.to_string(), why };
        check_names(files.iter().map(|(name, _)| *name)).map_err(refused)?;
        let entry = |(name, bytes): &(&str, &[u8])| FileEntry {
            name: (*name).to_string(),
            length: bytes.len() as u64,
            crc32c: crc32c::crc32c(bytes),
        };
        Ok(Self {
            format_version: FORMAT_VERSION,
            step,
            gradus_version: env!("CARGO_PKG_VERSION").to_string(),
            files: files.iter().map(entry).collect(),
        })
    }

    /// The bytes of `manifest.json`.
    pub(super) fn encode(&self) -> Result<Vec<u8>, CheckpointError> {
        let mut bytes = serde_json::to_vec(self).expect("numbers and strings are always JSON");
        bytes.extend_from_slice(trailer(&bytes).as_bytes());
        let length = bytes.len() as u64;
        if length > MAX_MANIFEST {
            return Err(CheckpointError::TooManyFiles { files: self.files.len(), length, limit: MAX_MANIFEST });
        }
        Ok(bytes)
    }

    /// Reads what [`encode`](Self::encode) wrote, and nothing else.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, Damage> {
        let at = bytes.len().checked_sub(TRAILER).ok_or(Damage::ManifestChecksum)?;
        let (body, checksum) = bytes.split_at(at);
        // Compared as text, so that a flip between upper and lower case digits is damage too.
        if checksum != trailer(body).as_bytes() {
            return Err(Damage::ManifestChecksum);
        }
        let fields = |error: serde_json::Error| Damage::ManifestFields(error.to_string());
        // The version first: a later one may have fields that this one does not know.
        let Version { format_version } = serde_json::from_slice(body).map_err(fields)?;
        if format_version > FORMAT_VERSION {
            return Err(Damage::NewerFormat { found: format_version, supported: FORMAT_VERSION });
        }
        if format_version == 0 {
            return Err(Damage::ManifestFields("there is no format version 0".to_string()));
        }
        let manifest: Self = serde_json::from_slice(body).map_err(fields)?;
        check_names(manifest.files.iter().map(|file| file.name.as_str()))
            .map_err(|(name, why)| Damage::FileName { name: name.to_string(), why })?;
        Ok(manifest)
    }
}

/// The one field that every version's manifest has.
#[derive(Deserialize)]
struct Version {
    format_version: u32,
}

fn trailer(body: &[u8]) -> String {
    format!("\n{:08x}\n", crc32c::crc32c(body))
}

/// Names that are one path component on every system, each but once; the first that is not, and why.
fn check_names<'a>(names: impl Iterator<Item = &'a str>) -> Result<(), (&'a str, &'static str)> {
    let mut seen = HashSet::new();
    for name in names {
        let why = if name.is_empty() {
            "it is empty"
        } else if name.len() > 255 {
            "it is longer than 255 bytes"
        } else if name.starts_with('.') {
            "it begins with a dot"
        } else if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            "only ASCII letters, digits, dots, dashes and underscores are allowed"
        } else if name.eq_ignore_ascii_case(MANIFEST) {
            "that is the manifest's own name"
        } else if !seen.insert(name.to_ascii_lowercase()) {
            "there are two of that name (upper and lower case are one name on some systems)"
        } else {
            continue;
        };
        return Err((name, why));
    }
    Ok(())
}

/// A checkpoint's place in the order of checkpoints, which its folder's name tells.
///
/// The revision is 1 but for a step that is saved again with other content: that one goes by a name of its own until
/// it is whole, and the one it replaces is removed afterwards, so at no moment is there none of that step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) step: u64,
    pub(super) revision: u32,
}

impl Place {
    /// `step-000000000100`, or `step-000000000100-r2` for its second revision.
    pub(super) fn folder_name(self) -> String {
        let Self { step, revision } = self;
        if revision == 1 { format!("step-{step:012}") } else { format!("step-{step:012}-r{revision}") }
    }

    /// The place that a folder's name tells, if it is the name of a checkpoint.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("step-")?;
        let (step, revision) = rest.split_once("-r").unwrap_or((rest, "1"));
        let place = Self { step: step.parse().ok()?, revision: revision.parse().ok()? };
        // Other spellings of the same place, such as `step-7`, were not written here.
        (place.folder_name() == name).then_some(place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_read_back_and_no_others() {
        for place in [(0, 1), (100, 1), (100, 2), (999_999_999_999, 1), (u64::MAX, u32::MAX)] {
            let place = Place { step: place.0, revision: place.1 };
            assert_eq!(Place::parse(&place.folder_name()), Some(place));
        }
        for name in ["step-7", "step-", "step-0000000000+1", "step-000000000001-r1", "step-000000000001-r", ".tmp-1"] {
            assert_eq!(Place::parse(name), None, "{name}");
        }
        let order = |name| Place::parse(name).unwrap();
        assert!(order("step-000000000099-r7") < order("step-000000000100"));
        assert!(order("step-000000000100") < order("step-000000000100-r2"));
    }

    #[test]
    fn a_manifest_reads_back_and_nothing_else_does() {
        let bytes = Manifest::of(7, &[("state.bin", b"abc")]).unwrap().encode().unwrap();
        assert_eq!(Manifest::decode(&bytes).unwrap().files[0].length, 3);

        let sealed = |body: &str| [body.as_bytes(), trailer(body.as_bytes()).as_bytes()].concat();
        let check = |body: &str, words: &str| {
            let error = Manifest::decode(&sealed(body)).unwrap_err().to_string();
            assert!(error.contains(words), "{body} gave: {error}");
        };
        check("", "not a manifest");
        check("[]", "not a manifest");
        check(r#"{"format_version":0,"step":1,"gradus_version":"","files":[]}"#, "no format version 0");
        check(
            r#"{"format_version":3,"later":"fields"}"#,
            "written by a newer Gradus, version 3; this one reads up to 1",
        );
        check(r#"{"format_version":1,"step":1,"gradus_version":"","files":[],"more":1}"#, "unknown field");
        check(r#"{"format_version":1,"step":-1,"gradus_version":"","files":[]}"#, "not a manifest");
        let file = |name: &str| format!(r#"{{"name":"{name}","length":1,"crc32c":0}}"#);
        let files = |files: &str| format!(r#"{{"format_version":1,"step":1,"gradus_version":"","files":[{files}]}}"#);
        for name in ["", "..", ".hidden", "a/b", r"a\\b", "C:x", "manifest.json", "MANIFEST.JSON", "a b", "é"] {
            check(&files(&file(name)), "lists a file named");
        }
        check(&files(&format!("{},{}", file("a"), file("A"))), "two of that name");
        check(&files(&file(&"n".repeat(256))), "longer than 255");
        assert!(Manifest::decode(&sealed(&files(&file(&"n".repeat(255))))).is_ok());
    }
}
