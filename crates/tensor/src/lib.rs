//! Tensors for training: memory, views, kernels, threads and random numbers. Knows no gradient.
//!
//! [`Tensor`] follows PyTorch in names, shapes, broadcasting and results; memory is 64-byte aligned, shared by views
//! and clones, and copied on the first write to shared memory. A shape that does not fit is the caller's bug and panics
//! at the caller's line, naming the operation and both shapes.

mod bytes;
mod create;
mod element;
mod interop;
mod kernels;
mod layout;
pub mod memory;
mod ops;
pub mod parallel;
pub mod random;
mod shape;
pub mod simd;
mod storage;
mod tensor;
mod view;

pub use element::{DType, Element, Float};
pub use kernels::gemm::Activation;
pub use ops::activation::GeluApproximation;
pub use ops::attention::{AttentionMask, AttentionOptions};
pub use ops::avg_pool2d::AvgPool2dOptions;
pub use ops::axis_map::AxisMap;
pub use ops::batch_norm::{BatchNormBackward, BatchNormGradients, BatchNormOptions, ChannelMoments};
pub use ops::compare::Operand;
pub use ops::conv2d::Conv2dOptions;
pub use ops::cross_entropy::RowStatistics;
pub use ops::ctc_loss::CtcTargets;
pub use ops::dropout::DropoutMask;
pub use ops::gru::{GruGradients, GruStates};
pub use ops::index::IndexError;
pub use ops::layer_norm::{LayerNormGradients, LayerNormMoments};
pub use ops::lstm::{LstmGradients, LstmStates};
pub use ops::max_pool2d::MaxPlaces;
pub use ops::max_windows::AxisWindows;
pub use ops::pool2d::{MaxPoolOptions, Pool2dOptions};
pub use ops::rnn::{RnnGradients, RnnNonlinearity, RnnStates};
pub use shape::{Dims, broadcast_shapes, numel, resolve_dim};
pub use tensor::Tensor;
