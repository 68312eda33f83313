//! How xtask speaks: results on standard output, a failure as one sentence on standard error.

use std::fmt;
use std::io::{Write, stderr, stdout};

/// Why a command could not do its work, as a sentence with the cure and without a final period.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Prints one result line. A reader that has gone (`cargo xtask tidy | head`) is no failure, unlike in `println!`.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// Prints a failure.
pub(crate) fn complain(failure: &Failure) {
    let _ = writeln!(stderr(), "error: {failure}");
}
