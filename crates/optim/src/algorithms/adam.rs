//! Adam.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Rule, require, require_not_negative};

/// Adam, as [torch.optim.Adam] has it (Kingma and Ba, ICLR 2015). At step t:
///
/// ```text
/// g <- g + weight_decay p
/// m <- m + (1 - beta1) (g - m)
/// v <- beta2 v + (1 - beta2) g^2
/// p <- p - lr / (1 - beta1^t)  m / (sqrt(v) / sqrt(1 - beta2^t) + eps)
/// ```
///
/// 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Adam]: https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adam {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of gradients, and that of their squares, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// L2 penalty, added to the gradient; for decay apart from it see [`AdamW`](crate::AdamW).
    pub weight_decay: f64,
}

/// PyTorch's: lr 1e-3, betas 0.9 and 0.999, eps 1e-8, no weight decay.
impl Default for Adam {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weight_decay: 0.0 }
    }
}

impl Rule for Adam {
    const NAME: &'static str = "adam";

    fn slots(&self) -> &'static [&'static str] {
        SLOTS
    }

    fn check(&self) -> Result<(), OptimError> {
        check::<Self>(self)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }

    #[inline(always)]
    fn update<T: Float>(&self, step: u64, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let weight_decay = T::from_f64(self.weight_decay);
        if self.weight_decay == 0.0 {
            update(self, step, param, grad, slots, |p, g| (p, g));
        } else {
            update(self, step, param, grad, slots, |p, g| (p, g + weight_decay * p));
        }
    }
}

/// The mean of gradients, and that of their squares.
pub(crate) const SLOTS: &[&str] = &["exp_avg", "exp_avg_sq"];

/// The hyper-parameters, checked in the name of the algorithm that uses them.
pub(crate) fn check<R: Rule>(adam: &Adam) -> Result<(), OptimError> {
    require_not_negative::<R>("lr", adam.lr)?;
    for (name, beta) in ["beta1", "beta2"].into_iter().zip(adam.betas) {
        require::<R>((0.0..1.0).contains(&beta), name, beta, "at least 0 and below 1")?;
    }
    require_not_negative::<R>("eps", adam.eps)?;
    require_not_negative::<R>("weight_decay", adam.weight_decay)
}

/// One step of Adam, after `decay(parameter, gradient)` has applied weight decay to one of the two.
#[inline(always)]
pub(crate) fn update<T: Float>(
    adam: &Adam,
    step: u64,
    param: &mut [T],
    grad: &[T],
    slots: &mut [&mut [T]],
    decay: impl Fn(T, T) -> (T, T),
) {
    let [beta1, beta2] = adam.betas;
    let corrected = |beta: f64| 1.0 - beta.powf(step as f64);
    // The formula's last line with both sides of the division times the root, which saves one division an element.
    let root_correction = corrected(beta2).sqrt();
    let step_size = T::from_f64(adam.lr / corrected(beta1) * root_correction);
    let eps = T::from_f64(adam.eps * root_correction);
    let [one_minus_beta1, one_minus_beta2] = [1.0 - beta1, 1.0 - beta2].map(T::from_f64);
    let lerp_from_m = 1.0 - beta1 < 0.5;
    let [beta1, beta2] = [beta1, beta2].map(T::from_f64);
    let [m, v] = slots else { panic!("Adam keeps two tensors a parameter") };
    for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m.iter_mut()).zip(v.iter_mut()) {
        let (decayed, g) = decay(*p, g);
        // torch.lerp's two forms: each is exact at the end that it starts from.
        *m = if lerp_from_m { *m + one_minus_beta1 * (g - *m) } else { g - (g - *m) * beta1 };
        *v = beta2 * *v + one_minus_beta2 * g * g;
        *p = decayed - step_size * *m / (v.sqrt() + eps);
    }
}
