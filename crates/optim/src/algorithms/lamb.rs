//! LAMB.

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Rule, Slot, Whole, lerp, require_betas, require_not_negative};

/// LAMB, Adam for large batches (You et al., ICLR 2020, [arXiv:1904.00962], algorithm 2, with `phi` the identity). At
/// step t:
///
/// ```text
/// m <- m + (1 - beta1) (g - m)
/// v <- beta2 v + (1 - beta2) g^2
/// u = m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps) + weight_decay p
/// p <- p - lr |p| / |u|  u            (lr u where |p| or |u| is 0)
/// ```
///
/// with the norms of the whole parameter. Each step goes over the parameter some ten times: 68 bytes a parameter pass
/// through memory in f32.
///
/// [arXiv:1904.00962]: https://arxiv.org/abs/1904.00962
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lamb {
    /// Learning rate, relative to the parameter's norm.
    pub lr: f64,
    /// How slowly the mean of gradients, and that of their squares, forget.
    pub betas: [f64; 2],
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// The part of the parameter that is added to the update.
    pub weight_decay: f64,
}

/// The paper's betas 0.9 and 0.999, eps 1e-6 and weight decay 1e-2; lr 1e-3.
impl Default for Lamb {
    fn default() -> Self {
        Self { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-6, weight_decay: 1e-2 }
    }
}

impl Rule for Lamb {
    const NAME: &'static str = "lamb";

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        Slot::zeros(&["exp_avg", "exp_avg_sq"], shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_betas::<Self>(self.betas)?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.betas[0])
    }
}

impl Whole for Lamb {
    fn update<T: Float>(&self, step: u64, param: &Tensor<T>, grad: &Tensor<T>, slots: &mut [Tensor<T>]) -> Tensor<T> {
        let [m, v] = slots else { panic!("LAMB keeps two tensors a parameter") };
        let [beta2, one_minus_beta2] = [self.betas[1], 1.0 - self.betas[1]].map(T::from_f64);
        m.zip_in_place(grad, "lamb", lerp(1.0 - self.betas[0]));
        v.zip_in_place(grad, "lamb", move |v, g| beta2 * v + one_minus_beta2 * g * g);
        let [correct1, correct2] = self.betas.map(|beta| T::from_f64(1.0 - beta.powf(step as f64)));
        let [eps, weight_decay] = [self.eps, self.weight_decay].map(T::from_f64);
        let update = m.zip_map(v, "lamb", move |m, v| m / correct1 / ((v / correct2).sqrt() + eps));
        let update = update.zip_map(param, "lamb", move |u, p| u + weight_decay * p);
        let [of_param, of_update] = [param, &update].map(|x| x.sum_of_squares().item().sqrt());
        let trust = if of_param > T::zero() && of_update > T::zero() { of_param / of_update } else { T::one() };
        let size = T::from_f64(self.lr) * trust;
        param.zip_map(&update, "lamb", move |p, u| p - size * u)
    }
}
