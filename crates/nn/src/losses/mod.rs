//! Losses, one a file.

pub(crate) mod cross_entropy;
pub(crate) mod mse;
pub(crate) mod nll;
mod shared;
