//! What a checkpoint was written by, so that a resumed run can say what has changed since.

use std::fs::File;
use std::io::Read;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The program that wrote a checkpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    /// The version of Gradus.
    version: String,
    /// The checksum of the program's file, where that could be read.
    program: Option<u32>,
}

impl Origin {
    /// This program.
    pub(crate) fn now() -> Self {
        static PROGRAM: OnceLock<Option<u32>> = OnceLock::new();
        let program = *PROGRAM.get_or_init(checksum_of_program);
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), program }
    }

    /// What is other in `now`, a sentence each.
    pub(crate) fn changes(&self, now: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.version != now.version {
            let (saved, own) = (self.version.escape_debug(), &now.version);
            changes.push(format!("the checkpoint was written by Gradus {saved}, this is {own}"));
        } else if let (Some(saved), Some(own)) = (self.program, now.program)
            && saved != own
        {
            changes.push("the program has been compiled anew since the checkpoint was written".to_owned());
        }
        changes
    }
}

fn checksum_of_program() -> Option<u32> {
    let mut file = File::open(std::env::current_exe().ok()?).ok()?;
    let (mut checksum, mut buffer) = (0, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => return Some(checksum),
            read => checksum = crc32c::crc32c_append(checksum, &buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told() {
        let now = Origin::now();
        assert!(now.program.is_some() && now.changes(&now).is_empty());
        let other = Origin { program: now.program.map(|sum| sum ^ 1), ..now.clone() };
        assert_eq!(other.changes(&now), ["the program has been compiled anew since the checkpoint was written"]);
        let older = Origin { version: "0.0.1".to_owned(), ..other };
        assert!(older.changes(&now)[0].starts_with("the checkpoint was written by Gradus 0.0.1, this is "));
    }
}
