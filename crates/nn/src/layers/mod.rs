//! Layers, one a file.

pub(crate) mod avg_pool2d;
pub(crate) mod batch_norm;
pub(crate) mod conv2d;
pub(crate) mod dropout;
pub(crate) mod embedding;
pub(crate) mod flatten;
pub(crate) mod gelu;
pub(crate) mod group_norm;
pub(crate) mod gru;
pub(crate) mod instance_norm;
pub(crate) mod layer_norm;
pub(crate) mod linear;
pub(crate) mod lstm;
pub(crate) mod max_pool2d;
mod recurrent;
pub(crate) mod relu;
pub(crate) mod rms_norm;
mod running_stats;
pub(crate) mod sequential;
pub(crate) mod sigmoid;
pub(crate) mod silu;
pub(crate) mod tanh;
