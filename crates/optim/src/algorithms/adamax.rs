//! Adamax.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, lerp, maximum, require_betas, require_not_negative};

/// Adamax, Adam with a maximum in place of the mean of squares, as [torch.optim.Adamax] has it (Kingma and Ba, ICLR
/// 2015). At step t:
///
/// ```text
/// g <- g + weight_decay p
/// m <- m + (1 - beta1) (g - m)
/// u <- max(beta2 u, |g| + eps)
/// p <- p - lr / (1 - beta1^t)  m / u
/// ```
///
/// 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Adamax]: https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adamax {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of gradients, and the largest of them, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 2e-3, betas 0.9 and 0.999, eps 1e-8, all else off.
impl Default for Adamax {
    fn default() -> Self {
        Self { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0, maximize: false }
    }
}

impl Rule for Adamax {
    const NAME: &'static str = "adamax";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["exp_avg", "exp_inf"], shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_betas::<Self>(self.betas)?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }
}

impl Elementwise for Adamax {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let step_size = T::from_f64(self.lr / (1.0 - self.betas[0].powf(step.count as f64)));
        let [beta2, eps, weight_decay] = [self.betas[1], self.eps, self.weight_decay].map(T::from_f64);
        let (to_gradient, decays) = (lerp(1.0 - self.betas[0]), self.weight_decay != 0.0);
        let [m, u] = slots else { panic!("Adamax keeps two tensors a parameter") };
        for (((p, &g), m), u) in param.iter_mut().zip(grad).zip(m.iter_mut()).zip(u.iter_mut()) {
            let g = if decays { g + weight_decay * *p } else { g };
            *m = to_gradient(*m, g);
            *u = maximum(beta2 * *u, g.abs() + eps);
            *p -= step_size * *m / *u;
        }
    }
}
