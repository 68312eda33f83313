//! Where data come from: one file a format or dataset.

mod bounded;
pub(crate) mod digits;
pub(crate) mod idx;
pub(crate) mod mnist;
pub(crate) mod npy;
pub(crate) mod text;
