//! Models ready to train.

mod mlp;
mod mnist_cnn;

pub use mlp::Mlp;
pub use mnist_cnn::MnistCnn;
