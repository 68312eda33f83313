//! Activations, elementwise and over a dimension.

mod elu;
mod gelu;
mod glu;
mod gumbel_softmax;
mod hardswish;
mod hardtanh;
mod leaky_relu;
mod log_sigmoid;
mod log_softmax;
mod mish;
pub(crate) mod relu;
mod shrink;
mod sigmoid;
mod silu;
mod softmax;
mod softmin;
mod softplus;
mod softsign;
mod tanh;
