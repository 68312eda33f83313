//! Models ready to train.

mod char_lstm;
mod gpt;
mod mlp;
mod mnist_cnn;
mod resnet;

pub use char_lstm::CharLstm;
pub use gpt::{Gpt, GptConfig};
pub use mlp::Mlp;
pub use mnist_cnn::MnistCnn;
pub use resnet::ResNet20;
