//! Where data come from: one file a format or dataset.

mod bounded;
pub(crate) mod cifar;
pub(crate) mod digits;
pub(crate) mod idx;
pub(crate) mod image;
pub(crate) mod mnist;
pub(crate) mod npy;
mod parts;
pub(crate) mod table;
pub(crate) mod text;
