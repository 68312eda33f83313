//! Normalisation.

pub(crate) mod batch_norm;
mod layer_norm;
