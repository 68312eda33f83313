//! Text as numbers, and numbers as text again.

pub(crate) mod chars;
