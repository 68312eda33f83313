//! Losses, one a file.

pub(crate) mod bce;
pub(crate) mod bce_with_logits;
pub(crate) mod cosine_embedding;
pub(crate) mod cross_entropy;
pub(crate) mod ctc;
pub(crate) mod gaussian_nll;
pub(crate) mod hinge_embedding;
pub(crate) mod huber;
pub(crate) mod kl_div;
pub(crate) mod l1;
pub(crate) mod margin_ranking;
pub(crate) mod mse;
pub(crate) mod multi_label_margin;
pub(crate) mod multi_label_soft_margin;
pub(crate) mod multi_margin;
pub(crate) mod nll;
pub(crate) mod poisson_nll;
mod shared;
pub(crate) mod smooth_l1;
pub(crate) mod soft_margin;
pub(crate) mod triplet_margin;
