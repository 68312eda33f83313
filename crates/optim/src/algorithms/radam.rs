//! RAdam.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, lerp, require_betas, require_not_negative};

/// Rectified Adam, as [torch.optim.RAdam] has it (Liu et al., ICLR 2020). At step t, with `n = 2 / (1 - beta2) - 1` and
/// `r = n - 2 t beta2^t / (1 - beta2^t)`:
///
/// ```text
/// g <- g + weight_decay p, or with decoupled_weight_decay p <- (1 - lr weight_decay) p
/// m <- m + (1 - beta1) (g - m)
/// v <- beta2 v + (1 - beta2) g^2
/// c = sqrt((r - 4) (r - 2) n / ((n - 4) (n - 2) r)) sqrt(1 - beta2^t) / (sqrt(v) + eps) where r > 5, else 1
/// p <- p - lr / (1 - beta1^t)  m c
/// ```
///
/// 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.RAdam]: https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RAdam {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of gradients, and that of their squares, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// L2 penalty, added to the gradient, or the part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
    /// Weight decay that shrinks the parameter itself.
    pub decoupled_weight_decay: bool,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-3, betas 0.9 and 0.999, eps 1e-8, all else off.
impl Default for RAdam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

impl RAdam {
    /// What the step's `1 / (sqrt(v) + eps)` is multiplied with; none in the first steps, whose variance is unknown.
    fn rectified(&self, step: u64) -> Option<f64> {
        let (beta2, step) = (self.betas[1], step as f64);
        let correction = 1.0 - beta2.powf(step);
        let most = 2.0 / (1.0 - beta2) - 1.0;
        let length = most - 2.0 * step * beta2.powf(step) / correction;
        let rectified = (length - 4.0) * (length - 2.0) * most / ((most - 4.0) * (most - 2.0) * length);
        (length > 5.0).then(|| rectified.sqrt() * correction.sqrt())
    }
}

impl Rule for RAdam {
    const NAME: &'static str = "radam";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["exp_avg", "exp_avg_sq"], shape)
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

impl Elementwise for RAdam {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let rectified = self.rectified(step.count);
        let step_size = self.lr / (1.0 - self.betas[0].powf(step.count as f64));
        let step_size = T::from_f64(step_size * rectified.unwrap_or(1.0));
        let [beta2, one_minus_beta2, eps] = [self.betas[1], 1.0 - self.betas[1], self.eps].map(T::from_f64);
        let kept = if self.decoupled_weight_decay { 1.0 - self.lr * self.weight_decay } else { 1.0 };
        let added = if self.decoupled_weight_decay { 0.0 } else { self.weight_decay };
        let [kept, added] = [kept, added].map(T::from_f64);
        let (to_gradient, decays) = (lerp(1.0 - self.betas[0]), added != T::zero());
        let [m, v] = slots else { panic!("RAdam keeps two tensors a parameter") };
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m.iter_mut()).zip(v.iter_mut()) {
            let g = if decays { g + added * *p } else { g };
            *m = to_gradient(*m, g);
            *v = beta2 * *v + one_minus_beta2 * g * g;
            let divisor = if rectified.is_some() { v.sqrt() + eps } else { T::one() };
            *p = kept * *p - step_size * *m / divisor;
        }
    }
}
