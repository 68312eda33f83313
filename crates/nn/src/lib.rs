//! Modules, layers, losses, initialisation and models, with PyTorch's names, defaults and state dicts.
//!
//! ```
//! use gradus_autograd::Var;
//! use gradus_nn::{Layer, Linear, Module, cross_entropy};
//! use gradus_tensor::Tensor;
//!
//! #[derive(Module)]
//! struct Classifier {
//!     fc1: Linear,
//!     fc2: Linear,
//! }
//!
//! impl Layer for Classifier {
//!     fn forward(&self, x: &Var) -> Var {
//!         self.fc2.forward(&self.fc1.forward(x).relu())
//!     }
//! }
//!
//! let model = Classifier { fc1: Linear::new(64, 32), fc2: Linear::new(32, 10) };
//! let names: Vec<_> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
//! assert_eq!(names, ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
//!
//! let logits = model.forward(&Var::new(Tensor::zeros([2, 64])));
//! let loss = cross_entropy(&logits, &Tensor::from_vec(vec![3, 7], [2]))?;
//! loss.backward()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![forbid(unsafe_code)]

// The derive macro writes `::gradus_nn`, also for the modules of this crate.
extern crate self as gradus_nn;

mod buffer;
pub mod init;
mod layers;
mod losses;
mod mode;
pub mod models;
mod module;
mod packed_sequence;
mod state;
mod summary;

pub use buffer::{Buffer, Counter};
pub use gradus_nn_derive::Module;
pub use layers::adaptive_avg_pool::{AdaptiveAvgPool, AdaptiveAvgPool1d, AdaptiveAvgPool2d, AdaptiveAvgPool3d};
pub use layers::adaptive_log_softmax::{AdaptiveLogSoftmaxOutput, AdaptiveLogSoftmaxWithLoss};
pub use layers::adaptive_max_pool::{AdaptiveMaxPool, AdaptiveMaxPool1d, AdaptiveMaxPool2d, AdaptiveMaxPool3d};
pub use layers::alpha_dropout::AlphaDropout;
pub use layers::avg_pool::{AvgPool, AvgPool1d, AvgPool2d, AvgPool3d};
pub use layers::batch_norm::{BatchNorm1d, BatchNorm2d, BatchNorm3d};
pub use layers::bilinear::Bilinear;
pub use layers::celu::CELU;
pub use layers::channel_shuffle::ChannelShuffle;
pub use layers::conv::{Conv, Conv1d, Conv2d, Conv3d};
pub use layers::conv_transpose::{ConvTranspose, ConvTranspose1d, ConvTranspose2d, ConvTranspose3d};
pub use layers::distance::{CosineSimilarity, PairwiseDistance};
pub use layers::dropout::Dropout;
pub use layers::dropout1d::Dropout1d;
pub use layers::dropout2d::Dropout2d;
pub use layers::dropout3d::Dropout3d;
pub use layers::elu::ELU;
pub use layers::embedding::Embedding;
pub use layers::embedding_bag::EmbeddingBag;
pub use layers::feature_alpha_dropout::FeatureAlphaDropout;
pub use layers::flatten::Flatten;
pub use layers::fold::Fold;
pub use layers::gelu::GELU;
pub use layers::glu::GLU;
pub use layers::group_norm::GroupNorm;
pub use layers::gru::GRU;
pub use layers::gru_cell::GRUCell;
pub use layers::hardshrink::Hardshrink;
pub use layers::hardsigmoid::Hardsigmoid;
pub use layers::hardswish::Hardswish;
pub use layers::hardtanh::Hardtanh;
pub use layers::identity::Identity;
pub use layers::instance_norm::{InstanceNorm1d, InstanceNorm2d, InstanceNorm3d};
pub use layers::layer_norm::LayerNorm;
pub use layers::leaky_relu::LeakyReLU;
pub use layers::linear::Linear;
pub use layers::local_response_norm::LocalResponseNorm;
pub use layers::log_sigmoid::LogSigmoid;
pub use layers::log_softmax::LogSoftmax;
pub use layers::lp_pool::{LPPool, LPPool1d, LPPool2d, LPPool3d};
pub use layers::lstm::LSTM;
pub use layers::lstm_cell::LSTMCell;
pub use layers::max_pool::{MaxPool, MaxPool1d, MaxPool2d, MaxPool3d};
pub use layers::max_unpool::{MaxUnpool, MaxUnpool1d, MaxUnpool2d, MaxUnpool3d};
pub use layers::mish::Mish;
pub use layers::multihead_attention::{MultiheadAttention, MultiheadAttentionOptions};
pub use layers::pad::{
    CircularPad, CircularPad1d, CircularPad2d, CircularPad3d, ConstantPad, ConstantPad1d, ConstantPad2d, ConstantPad3d,
    ReflectionPad, ReflectionPad1d, ReflectionPad2d, ReflectionPad3d, ReplicationPad, ReplicationPad1d,
    ReplicationPad2d, ReplicationPad3d, ZeroPad, ZeroPad1d, ZeroPad2d, ZeroPad3d,
};
pub use layers::pixel_shuffle::PixelShuffle;
pub use layers::pixel_unshuffle::PixelUnshuffle;
pub use layers::prelu::PReLU;
pub use layers::relu::ReLU;
pub use layers::relu6::ReLU6;
pub use layers::rms_norm::RMSNorm;
pub use layers::rnn::RNN;
pub use layers::rnn_cell::RNNCell;
pub use layers::rrelu::RReLU;
pub use layers::selu::SELU;
pub use layers::sequential::Sequential;
pub use layers::sigmoid::Sigmoid;
pub use layers::silu::SiLU;
pub use layers::softmax::Softmax;
pub use layers::softmax2d::Softmax2d;
pub use layers::softmin::Softmin;
pub use layers::softplus::Softplus;
pub use layers::softshrink::Softshrink;
pub use layers::softsign::Softsign;
pub use layers::tanh::Tanh;
pub use layers::tanhshrink::Tanhshrink;
pub use layers::threshold::Threshold;
pub use layers::transformer::decoder::TransformerDecoder;
pub use layers::transformer::decoder_layer::TransformerDecoderLayer;
pub use layers::transformer::encoder::TransformerEncoder;
pub use layers::transformer::encoder_layer::TransformerEncoderLayer;
pub use layers::transformer::model::{Transformer, TransformerMasks};
pub use layers::transformer::{AttentionMasks, TransformerActivation, TransformerOptions};
pub use layers::unflatten::Unflatten;
pub use layers::unfold::Unfold;
pub use layers::upsample::{Upsample, UpsamplingBilinear2d, UpsamplingNearest2d};
pub use losses::bce::{BCELoss, binary_cross_entropy};
pub use losses::bce_with_logits::{BCEWithLogitsLoss, BCEWithLogitsOptions, binary_cross_entropy_with_logits};
pub use losses::cosine_embedding::{CosineEmbeddingLoss, cosine_embedding_loss};
pub use losses::cross_entropy::{
    CrossEntropyLoss, CrossEntropyOptions, cross_entropy, cross_entropy_probabilities, cross_entropy_with,
};
pub use losses::ctc::{CTCLoss, ctc_loss};
pub use losses::gaussian_nll::{GaussianNLLLoss, gaussian_nll_loss};
pub use losses::hinge_embedding::{HingeEmbeddingLoss, hinge_embedding_loss};
pub use losses::huber::{HuberLoss, huber_loss};
pub use losses::kl_div::{KLDivLoss, KLDivReduction, kl_div};
pub use losses::l1::{L1Loss, l1_loss};
pub use losses::margin_ranking::{MarginRankingLoss, margin_ranking_loss};
pub use losses::mse::{MSELoss, mse_loss};
pub use losses::multi_label_margin::{MultiLabelMarginLoss, multilabel_margin_loss};
pub use losses::multi_label_soft_margin::{MultiLabelSoftMarginLoss, multilabel_soft_margin_loss};
pub use losses::multi_margin::{MultiMarginLoss, MultiMarginLossOptions, multi_margin_loss};
pub use losses::nll::{NLLLoss, NLLLossOptions, nll_loss};
pub use losses::poisson_nll::{PoissonNLLLoss, poisson_nll_loss};
pub use losses::smooth_l1::{SmoothL1Loss, smooth_l1_loss};
pub use losses::soft_margin::{SoftMarginLoss, soft_margin_loss};
pub use losses::triplet_margin::{
    TripletMarginLoss, TripletMarginWithDistanceLoss, triplet_margin_loss, triplet_margin_with_distance_loss,
};
pub use mode::{Mode, ModeGuard};
pub use module::{Layer, Members, Module};
pub use packed_sequence::{LengthError, PackedSequence, pack_padded_sequence, pad_packed_sequence};
pub use state::{StateDict, StateError};
pub use summary::{Summary, SummaryRow};

/// What the code of `#[derive(Module)]` names.
#[doc(hidden)]
pub mod __private {
    pub use gradus_tensor::Float;
}
