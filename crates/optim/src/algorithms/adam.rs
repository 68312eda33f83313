//! Adam.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, lerp, maximum, require_betas, require_not_negative};

/// Adam, as [torch.optim.Adam] has it (Kingma and Ba, ICLR 2015). At step t:
///
/// ```text
/// g <- g + weight_decay p
/// m <- m + (1 - beta1) (g - m)
/// v <- beta2 v + (1 - beta2) g^2
/// w <- max(w, v) with amsgrad, else v
/// p <- p - lr / (1 - beta1^t)  m / (sqrt(w) / sqrt(1 - beta2^t) + eps)
/// ```
///
/// 28 bytes a parameter pass through memory in f32, 36 with amsgrad (Reddi et al., ICLR 2018).
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
    /// L2 penalty, added to the gradient; for decay apart from it see `decoupled_weight_decay`.
    pub weight_decay: f64,
    /// Divides by the largest mean of squares so far.
    pub amsgrad: bool,
    /// Makes the objective grow.
    pub maximize: bool,
    /// Weight decay as [`AdamW`](crate::AdamW) has it.
    pub decoupled_weight_decay: bool,
}

/// PyTorch's: lr 1e-3, betas 0.9 and 0.999, eps 1e-8, all else off.
impl Default for Adam {
    fn default() -> Self {
        Self {
            lr: 1e-3,
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            maximize: false,
            decoupled_weight_decay: false,
        }
    }
}

impl Rule for Adam {
    const NAME: &'static str = "adam";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false)), ("fused", None)];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        let names = ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"];
        Slot::zeros(if self.amsgrad { &names } else { &names[..2] }, shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        check::<Self>(self)
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

impl Elementwise for Adam {
    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let weight_decay = T::from_f64(self.weight_decay);
        if self.weight_decay == 0.0 {
            update(self, step, param, grad, slots, |p, g| (p, g));
        } else if self.decoupled_weight_decay {
            let kept = T::from_f64(1.0 - self.lr * self.weight_decay);
            update(self, step, param, grad, slots, |p, g| (p * kept, g));
        } else {
            update(self, step, param, grad, slots, |p, g| (p, g + weight_decay * p));
        }
    }
}

/// The hyper-parameters, checked in the name of the algorithm that uses them.
pub(crate) fn check<R: Rule>(adam: &Adam) -> Result<(), OptimError> {
    require_not_negative::<R>("lr", adam.lr)?;
    require_betas::<R>(adam.betas)?;
    require_not_negative::<R>("eps", adam.eps)?;
    require_not_negative::<R>("weight_decay", adam.weight_decay)
}

/// One step of Adam, after `decay(parameter, gradient)` has applied weight decay to one of the two.
#[inline(always)]
fn update<T: Float>(
    adam: &Adam,
    step: Step,
    param: &mut [T],
    grad: &[T],
    slots: &mut [&mut [T]],
    decay: impl Fn(T, T) -> (T, T),
) {
    let corrected = |beta: f64| 1.0 - beta.powf(step.count as f64);
    let [beta1, beta2] = adam.betas;
    // The formula's last line with both sides of the division times the root, which saves one division an element.
    let root_correction = corrected(beta2).sqrt();
    let step_size = T::from_f64(adam.lr / corrected(beta1) * root_correction);
    let eps = T::from_f64(adam.eps * root_correction);
    let to_gradient = lerp(1.0 - beta1);
    let [beta2, one_minus_beta2] = [beta2, 1.0 - beta2].map(T::from_f64);
    match slots {
        [m, v] => {
            for (((p, &g), m), v) in param.iter_mut().zip(grad).zip(m.iter_mut()).zip(v.iter_mut()) {
                let (decayed, g) = decay(*p, g);
                *m = to_gradient(*m, g);
                *v = beta2 * *v + one_minus_beta2 * g * g;
                *p = decayed - step_size * *m / (v.sqrt() + eps);
            }
        }
        [m, v, largest] => {
            let moments = m.iter_mut().zip(v.iter_mut()).zip(largest.iter_mut());
            for ((p, &g), ((m, v), largest)) in param.iter_mut().zip(grad).zip(moments) {
                let (decayed, g) = decay(*p, g);
                *m = to_gradient(*m, g);
                *v = beta2 * *v + one_minus_beta2 * g * g;
                *largest = maximum(*largest, *v);
                *p = decayed - step_size * *m / (largest.sqrt() + eps);
            }
        }
        _ => panic!("Adam keeps two or three tensors a parameter"),
    }
}
