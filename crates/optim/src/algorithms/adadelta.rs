//! Adadelta.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Rule, require, require_not_negative};

/// Adadelta, as [torch.optim.Adadelta] has it (Zeiler, arXiv 1212.5701, 2012).
///
/// ```text
/// g <- g + weight_decay p
/// v <- rho v + (1 - rho) g^2
/// d <- sqrt(u + eps) / sqrt(v + eps) g
/// u <- rho u + (1 - rho) d^2
/// p <- p - lr d
/// ```
///
/// 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Adadelta]: https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adadelta {
    /// Learning rate: a factor on a step that has its size by itself.
    pub lr: f64,
    /// How slowly the means of squared gradients and of squared steps forget.
    pub rho: f64,
    /// Keeps the divisor from 0, and the first steps from being none.
    pub eps: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
}

/// PyTorch's: lr 1, rho 0.9, eps 1e-6, no weight decay.
impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0 }
    }
}

impl Rule for Adadelta {
    const NAME: &'static str = "adadelta";

    fn slots(&self) -> &'static [&'static str] {
        &["square_avg", "acc_delta"]
    }

    fn lr(&self) -> f64 {
        self.lr
    }

    fn set_lr(&mut self, lr: f64) {
        self.lr = lr;
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require::<Self>((0.0..=1.0).contains(&self.rho), "rho", self.rho, "at least 0 and at most 1")?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    #[inline(always)]
    fn update<T: Float>(&self, _: u64, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, rho, one_minus_rho, eps, weight_decay] =
            [self.lr, self.rho, 1.0 - self.rho, self.eps, self.weight_decay].map(T::from_f64);
        let [square_avg, acc_delta] = slots else { panic!("Adadelta keeps two tensors a parameter") };
        for (((p, &g), v), u) in param.iter_mut().zip(grad).zip(square_avg.iter_mut()).zip(acc_delta.iter_mut()) {
            let g = if weight_decay == T::zero() { g } else { g + weight_decay * *p };
            *v = rho * *v + one_minus_rho * g * g;
            let step = (*u + eps).sqrt() / (*v + eps).sqrt() * g;
            *u = rho * *u + one_minus_rho * step * step;
            *p -= lr * step;
        }
    }
}
