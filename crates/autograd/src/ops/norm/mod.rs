//! Normalisation.

pub(crate) mod batch_norm;
mod group_norm;
mod instance_norm;
mod layer_norm;
mod rms_norm;
