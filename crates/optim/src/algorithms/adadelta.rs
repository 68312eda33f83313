//! Adadelta.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require, require_not_negative};

/// Adadelta, as [torch.optim.Adadelta] has it (Zeiler, 2012, arXiv:1212.5701):
///
/// ```text
/// g <- g + weight_decay p
/// s <- rho s + (1 - rho) g^2
/// d <- sqrt(a + eps) / sqrt(s + eps)  g
/// a <- rho a + (1 - rho) d^2
/// p <- p - lr d
/// ```
///
/// 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Adadelta]: https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adadelta {
    /// Learning rate: a factor on steps whose size the rule finds itself.
    pub lr: f64,
    /// How slowly the two means of squares forget.
    pub rho: f64,
    /// Keeps the divisor from 0, and the first step too.
    pub eps: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1, rho 0.9, eps 1e-6, all else off.
impl Default for Adadelta {
    fn default() -> Self {
        Self { lr: 1.0, rho: 0.9, eps: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

impl Rule for Adadelta {
    const NAME: &'static str = "adadelta";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["square_avg", "acc_delta"], shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require::<Self>((0.0..=1.0).contains(&self.rho), "rho", self.rho, "from 0 to 1")?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }
}

impl Elementwise for Adadelta {
    #[inline(always)]
    fn update<T: Float>(&self, _step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, rho, one_minus_rho] = [self.lr, self.rho, 1.0 - self.rho].map(T::from_f64);
        let [eps, weight_decay] = [self.eps, self.weight_decay].map(T::from_f64);
        let decays = self.weight_decay != 0.0;
        let [s, a] = slots else { panic!("Adadelta keeps two tensors a parameter") };
        for (((p, &g), s), a) in param.iter_mut().zip(grad).zip(s.iter_mut()).zip(a.iter_mut()) {
            let g = if decays { g + weight_decay * *p } else { g };
            *s = rho * *s + one_minus_rho * g * g;
            let delta = (*a + eps).sqrt() / (*s + eps).sqrt() * g;
            *a = rho * *a + one_minus_rho * delta * delta;
            *p -= lr * delta;
        }
    }
}
