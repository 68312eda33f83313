//! Losses that have a gradient of their own; the others are composed in `gradus-nn`.

mod binary_cross_entropy;
pub(crate) mod cross_entropy;
mod ctc_loss;
pub(crate) mod reduction;
