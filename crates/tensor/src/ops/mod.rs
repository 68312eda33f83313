//! Operations: each checks shapes, allocates, and calls a kernel.

pub(crate) mod activation;
mod arithmetic;
pub(crate) mod attention;
pub(crate) mod avg_pool2d;
pub(crate) mod batch_norm;
mod cast;
mod close;
pub(crate) mod conv2d;
pub(crate) mod cross_entropy;
pub(crate) mod dropout;
mod elementwise;
mod embedding;
pub(crate) mod gru;
pub(crate) mod index;
mod join;
pub(crate) mod layer_norm;
mod linear;
pub(crate) mod lstm;
mod matmul;
pub(crate) mod max_pool2d;
mod place;
pub(crate) mod pool2d;
mod recurrent;
mod reduce;
pub(crate) mod rnn;
mod softmax;
