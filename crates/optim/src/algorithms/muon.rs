//! Muon.

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Rule, Slot, Whole, lerp, require, require_not_negative};

/// Muon, as [torch.optim.Muon] has it (Jordan, 2024): steps whose singular values are all near 1. For matrices only;
/// train biases, norms and embeddings with [`AdamW`](crate::AdamW) in an optimizer of its own.
///
/// ```text
/// B <- B + (1 - momentum) (g - B)
/// X = g + momentum (B - g) with nesterov, else B
/// X <- X / max(|X|, eps), then ns_steps times  X <- a X + (b X X' + c (X X')^2) X
/// p <- (1 - lr weight_decay) p
/// p <- p - lr ratio X
/// ```
///
/// with a, b, c of `ns_coefficients`, and X transposed meanwhile where it has more rows than columns. Beside those of
/// the matrix products 36 bytes a parameter pass through memory in f32.
///
/// PyTorch computes the iteration in bfloat16; here it has the precision of the parameters, so that single steps differ
/// from PyTorch's by the rounding of bfloat16, about 1 %.
///
/// [torch.optim.Muon]: https://pytorch.org/docs/stable/generated/torch.optim.Muon.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Muon {
    /// Learning rate.
    pub lr: f64,
    /// The part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
    /// How slowly the mean of gradients forgets.
    pub momentum: f64,
    /// Nesterov's momentum: looks one step ahead.
    pub nesterov: bool,
    /// The polynomial of the iteration.
    pub ns_coefficients: [f64; 3],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// How often the polynomial is applied; below 100.
    pub ns_steps: u64,
    /// How the learning rate depends on the shape.
    pub adjust_lr_fn: Option<AdjustLr>,
}

/// What the learning rate of a matrix of `r` rows and `c` columns is multiplied with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustLr {
    /// `sqrt(max(1, r / c))`; also where none is given.
    Original,
    /// `0.2 sqrt(max(r, c))`: steps as large as AdamW's, whose learning rate it may have.
    MatchRmsAdamw,
    /// `sqrt(r / c)`.
    SpectralUnclamped,
}

/// PyTorch's: lr 1e-3, weight decay 0.1, momentum 0.95 of Nesterov, five steps of (3.4445, -4.775, 2.0315), eps 1e-7.
impl Default for Muon {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            weight_decay: 0.1,
            momentum: 0.95,
            nesterov: true,
            ns_coefficients: [3.4445, -4.775, 2.0315],
            eps: 1e-7,
            ns_steps: 5,
            adjust_lr_fn: None,
        }
    }
}

impl Muon {
    fn ratio(&self, rows: f64, columns: f64) -> f64 {
        match self.adjust_lr_fn {
            None | Some(AdjustLr::Original) => (rows / columns).max(1.0).sqrt(),
            Some(AdjustLr::MatchRmsAdamw) => 0.2 * rows.max(columns).sqrt(),
            Some(AdjustLr::SpectralUnclamped) => (rows / columns).sqrt(),
        }
    }

    /// The Newton-Schulz iteration: about the nearest matrix with orthogonal rows or columns.
    fn orthogonal<T: Float>(&self, x: &Tensor<T>) -> Tensor<T> {
        let tall = x.size(0) > x.size(1);
        let [a, b, c] = self.ns_coefficients.map(T::from_f64);
        let norm = x.sum_of_squares().item().sqrt();
        let norm = if norm < T::from_f64(self.eps) { T::from_f64(self.eps) } else { norm };
        let mut x = &(if tall { x.transpose(0, 1) } else { x.clone() }) / norm;
        for _ in 0..self.ns_steps {
            let gram = x.matmul(&x.transpose(0, 1));
            let update = gram.zip_map(&gram.matmul(&gram), "muon", move |g, square| b * g + c * square);
            x = x.zip_map(&update.matmul(&x), "muon", move |x, update| a * x + update);
        }
        if tall { x.transpose(0, 1) } else { x }
    }
}

impl Rule for Muon {
    const NAME: &'static str = "muon";
    const TORCH_STEP: bool = false;

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["momentum_buffer"], shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require_not_negative::<Self>("momentum", self.momentum)?;
        let coefficients = ["ns_coefficients[0]", "ns_coefficients[1]", "ns_coefficients[2]"];
        for (name, value) in coefficients.into_iter().zip(self.ns_coefficients) {
            require::<Self>(value.is_finite(), name, value, "a finite number")?;
        }
        require_not_negative::<Self>("eps", self.eps)?;
        require::<Self>(self.ns_steps < 100, "ns_steps", self.ns_steps as f64, "below 100")
    }

    fn shape_needed(&self, shape: &[usize]) -> Option<&'static str> {
        (shape.len() != 2).then_some("two dimensions")
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.momentum)
    }
}

impl Whole for Muon {
    fn update<T: Float>(&self, _step: u64, param: &Tensor<T>, grad: &Tensor<T>, slots: &mut [Tensor<T>]) -> Tensor<T> {
        let [buffer] = slots else { panic!("Muon keeps one tensor a parameter") };
        buffer.zip_in_place(grad, "muon", lerp(1.0 - self.momentum));
        let ahead = if self.nesterov { grad.zip_map(buffer, "muon", lerp(self.momentum)) } else { buffer.clone() };
        let size = self.lr * self.ratio(param.size(0) as f64, param.size(1) as f64);
        let [size, kept] = [size, 1.0 - self.lr * self.weight_decay].map(T::from_f64);
        param.zip_map(&self.orthogonal(&ahead), "muon", move |p, x| kept * p - size * x)
    }
}
