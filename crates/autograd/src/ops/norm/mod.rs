//! Normalisation and distances.

pub(crate) mod batch_norm;
mod distance;
mod group_norm;
mod instance_norm;
mod layer_norm;
mod local_response_norm;
mod rms_norm;
