//! Activations, elementwise and over a dimension.

mod gelu;
mod log_sigmoid;
mod log_softmax;
pub(crate) mod relu;
mod sigmoid;
mod silu;
mod softmax;
mod softplus;
mod tanh;
