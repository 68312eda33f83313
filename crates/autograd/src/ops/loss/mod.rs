//! Losses that have a gradient of their own; the others are composed in `gradus-nn`.

pub(crate) mod cross_entropy;
pub(crate) mod reduction;
