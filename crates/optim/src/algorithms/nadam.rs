//! NAdam.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, lerp, require_betas, require_not_negative};

/// NAdam, Adam with Nesterov's momentum, as [torch.optim.NAdam] has it (Dozat, 2016). At step t:
///
/// ```text
/// g <- g + weight_decay p, or with decoupled_weight_decay p <- (1 - lr weight_decay) p
/// m <- m + (1 - beta1) (g - m)
/// v <- beta2 v + (1 - beta2) g^2
/// mu(t) = beta1 (1 - 0.96^(t momentum_decay) / 2),  M(t) = mu(1) ... mu(t)
/// d = sqrt(v / (1 - beta2^t)) + eps
/// p <- p - lr (1 - mu(t)) / (1 - M(t))  g / d - lr mu(t + 1) / (1 - M(t + 1))  m / d
/// ```
///
/// `M` is one more number kept for each parameter, since beta1 may change. 28 bytes a parameter pass through memory in
/// f32.
///
/// [torch.optim.NAdam]: https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NAdam {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of gradients, and that of their squares, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// L2 penalty, added to the gradient, or the part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
    /// How fast the momentum grows to beta1.
    pub momentum_decay: f64,
    /// Weight decay that shrinks the parameter itself.
    pub decoupled_weight_decay: bool,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 2e-3, betas 0.9 and 0.999, eps 1e-8, momentum decay 4e-3, all else off.
impl Default for NAdam {
    fn default() -> Self {
        Self {
            lr: 2e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            momentum_decay: 4e-3,
            decoupled_weight_decay: false,
            maximize: false,
        }
    }
}

impl NAdam {
    fn mu(&self, step: u64) -> f64 {
        self.betas[0] * (1.0 - 0.5 * 0.96f64.powf(step as f64 * self.momentum_decay))
    }
}

impl Rule for NAdam {
    const NAME: &'static str = "nadam";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        let mut slots = Slot::zeros(&["exp_avg", "exp_avg_sq"], shape);
        slots.push(Slot::filled("mu_product", &[], 1.0));
        slots
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_betas::<Self>(self.betas)?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require_not_negative::<Self>("momentum_decay", self.momentum_decay)
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

impl Elementwise for NAdam {
    const NUMBERS: usize = 1;

    fn advance<T: Float>(&self, step: u64, numbers: &mut [T]) -> [f64; 2] {
        numbers[0] *= T::from_f64(self.mu(step));
        [numbers[0].as_(), 0.0]
    }

    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let (mu, mu_next, product) = (self.mu(step.count), self.mu(step.count + 1), step.numbers[0]);
        let of_gradient = T::from_f64(self.lr * (1.0 - mu) / (1.0 - product));
        let of_mean = T::from_f64(self.lr * mu_next / (1.0 - product * mu_next));
        let correction = T::from_f64(1.0 - self.betas[1].powf(step.count as f64));
        let [beta2, one_minus_beta2, eps] = [self.betas[1], 1.0 - self.betas[1], self.eps].map(T::from_f64);
        let kept = if self.decoupled_weight_decay { 1.0 - self.lr * self.weight_decay } else { 1.0 };
        let added = if self.decoupled_weight_decay { 0.0 } else { self.weight_decay };
        let [kept, added] = [kept, added].map(T::from_f64);
        let (to_gradient, decays) = (lerp(1.0 - self.betas[0]), added != T::zero());
        let [m, v] = slots else { panic!("NAdam keeps two tensors a parameter") };
        for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m.iter_mut()).zip(v.iter_mut()) {
            let g = if decays { g + added * *p } else { g };
            *m = to_gradient(*m, g);
            *v = beta2 * *v + one_minus_beta2 * g * g;
            let d = (*v / correction).sqrt() + eps;
            *p = kept * *p - of_gradient * g / d - of_mean * *m / d;
        }
    }
}
