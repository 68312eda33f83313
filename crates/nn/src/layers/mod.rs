//! Layers, one a file.

pub(crate) mod alpha_dropout;
pub(crate) mod avg_pool2d;
pub(crate) mod batch_norm;
pub(crate) mod conv2d;
pub(crate) mod dropout;
pub(crate) mod dropout1d;
pub(crate) mod dropout2d;
pub(crate) mod dropout3d;
pub(crate) mod embedding;
pub(crate) mod embedding_bag;
pub(crate) mod feature_alpha_dropout;
pub(crate) mod flatten;
pub(crate) mod gelu;
pub(crate) mod gru;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod lstm;
pub(crate) mod max_pool2d;
mod recurrent;
pub(crate) mod relu;
pub(crate) mod sequential;
pub(crate) mod sigmoid;
pub(crate) mod silu;
pub(crate) mod tanh;
