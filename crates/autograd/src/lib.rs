//! Reverse-mode automatic differentiation with PyTorch's semantics.
//!
//! A [`Var`] is a tensor that remembers how it was computed; [`Var::backward`] walks that graph and adds the gradients
//! up in the leaves. A [`Param`] is a leaf whose value an optimizer may change. The operations are methods of [`Var`],
//! each in one file of `ops` with its gradient beside it.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_tensor::Tensor;
//!
//! let x = Var::new(Tensor::from_vec(vec![1.0f32, 2.0, 3.0], [3])).requires_grad_();
//! let y = (&x * &x).sum();
//! y.backward()?;
//! assert_eq!(x.grad().unwrap().to_vec(), [2.0, 4.0, 6.0]);
//! # Ok::<(), gradus_autograd::AutogradError>(())
//! ```
#![forbid(unsafe_code)]

mod anomaly;
mod backward;
mod checkpoint;
#[cfg(test)]
mod conformance;
mod error;
mod function;
mod gradcheck;
mod graph;
mod hooks;
mod leaf;
mod mode;
mod ops;
mod param;
pub mod profile;
mod registry;
mod trace;
mod var;

pub use anomaly::{Anomaly, Birth, NonFinite, Place, detect_anomaly};
pub use backward::{BackwardOptions, grad};
pub use checkpoint::checkpoint;
pub use error::AutogradError;
pub use function::Function;
pub use gradcheck::{GradcheckError, GradcheckOptions, gradcheck, gradcheck_with, gradgradcheck, gradgradcheck_with};
pub use graph::{Context, Gradients, Rule};
pub use hooks::HookHandle;
pub use mode::{enable_grad, is_grad_enabled, no_grad};
pub use ops::arithmetic::operand::VarOperand;
pub use ops::index::embedding::EmbeddingOptions;
pub use ops::index::embedding_bag::{EmbeddingBagMode, EmbeddingBagOptions};
pub use ops::index::scatter_reduce::ScatterReduction;
pub use ops::loss::cross_entropy::LabelError;
pub use ops::loss::reduction::Reduction;
pub use ops::norm::batch_norm::BatchNormOptions;
pub use ops::product::einsum::einsum;
pub use ops::sequence::gru::GruOutput;
pub use ops::sequence::lstm::LstmOutput;
pub use ops::sequence::recurrent::RecurrentWeights;
pub use ops::sequence::rnn::RnnOutput;
pub use ops::sequence::scaled_dot_product_attention::{AttnMask, SdpaOptions};
pub use ops::shape::meshgrid::{cartesian_prod, meshgrid};
pub use ops::shape::pad::PadMode;
pub use ops::window::avg_pool::AvgPoolOptions;
pub use ops::window::conv::{ConvOptions, ConvPadding};
pub use ops::window::conv_transpose::ConvTransposeOptions;
pub use ops::window::grid_sample::{GridSampleMode, GridSampleOptions, GridSamplePadding};
pub use ops::window::interpolate::{InterpolateMode, InterpolateOptions, InterpolateTo};
pub use ops::window::lp_pool::LPPoolOptions;
pub use ops::window::max_unpool::max_unpool_size;
pub use ops::window::unfold::UnfoldOptions;
pub use param::{Param, ValueMut};
pub use registry::OPERATIONS;
pub use trace::{ParamId, Traced, trace};
pub use var::Var;
