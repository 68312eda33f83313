//! Text as numbers, and numbers as text again.

pub(crate) mod bpe;
pub(crate) mod bytes;
pub(crate) mod chars;
