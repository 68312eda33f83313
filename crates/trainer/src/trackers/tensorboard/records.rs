//! The frame around each message of an event file.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::error::{FileError, Operation};
use crate::trackers::TrackerError;

/// Length and its checksum before the data, the data's checksum after it.
const BEFORE: u64 = 12;
const AFTER: u64 = 4;

pub(super) fn framed(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut record = Vec::with_capacity(data.len() + 16);
    record.extend(length);
    record.extend(masked_crc(&length).to_le_bytes());
    record.extend(data);
    record.extend(masked_crc(data).to_le_bytes());
    record
}

/// CRC-32C, rotated and shifted so that the checksum of data that holds checksums is not a weak one.
pub(super) fn masked_crc(data: &[u8]) -> u32 {
    crc32c::crc32c(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Checks that a record ends at `position`, all before it being whole; and says whether one of them holds `needle`.
pub(super) fn check(path: &Path, position: u64, needle: &[u8]) -> Result<bool, TrackerError> {
    let broken = |at: u64| TrackerError::Content {
        path: path.to_path_buf(),
        line: None,
        reason: format!(
            "no whole record begins at byte {at}, so none ends at byte {position}, where the checkpoint was saved"
        ),
        cure: "put that run's file back, or remove this one to begin a new one",
    };
    let file = File::open(path).map_err(FileError::on(Operation::Open, path))?;
    let length = file.metadata().map_err(FileError::on(Operation::Measure, path))?.len();
    if length < position {
        return Err(TrackerError::Short { path: path.to_path_buf(), length, position });
    }
    let mut reader = BufReader::new(file);
    let (mut at, mut found, mut data) = (0, false, Vec::new());
    while at < position {
        let mut before = [0; BEFORE as usize];
        let mut after = [0; AFTER as usize];
        // Never beyond the position, whatever a length says.
        let left = position - at;
        if left < BEFORE + AFTER {
            return Err(broken(at));
        }
        reader.read_exact(&mut before).map_err(FileError::on(Operation::Read, path))?;
        let (size, crc) = before.split_at(8);
        let size = size.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        if crc != masked_crc(&before[..8]).to_le_bytes() || size > left - BEFORE - AFTER {
            return Err(broken(at));
        }
        data.clear();
        reader.by_ref().take(size).read_to_end(&mut data).map_err(FileError::on(Operation::Read, path))?;
        reader.read_exact(&mut after).map_err(FileError::on(Operation::Read, path))?;
        if after != masked_crc(&data).to_le_bytes() {
            return Err(broken(at));
        }
        found |= data.windows(needle.len()).any(|part| part == needle);
        at += BEFORE + size + AFTER;
    }
    Ok(found)
}
