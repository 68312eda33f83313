//! Adafactor.

use gradus_tensor::{Float, Tensor};
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Rule, Slot, Whole, lerp, require, require_not_negative};

/// Adafactor, as [torch.optim.Adafactor] has it (Shazeer and Stern, ICML 2018). At step t, with `rms` the root of a
/// mean of squares, `eps1` and `eps2` the two of `eps`:
///
/// ```text
/// a = max(eps2, rms(p)) min(lr, 1 / sqrt(t))
/// p <- (1 - lr weight_decay) p
/// R <- R + t^beta2_decay (mean of g^2 over columns - R),  C likewise over rows
/// v = R C / max(eps1, mean of R)
/// u = g / sqrt(max(v, eps1^2))
/// p <- p - a / max(1, rms(u) / d)  u
/// ```
///
/// Of a parameter with fewer than two dimensions `v` is kept itself, a running mean as R is. A matrix of m rows and n
/// columns keeps m + n numbers. Each step goes over the parameter some ten times: 60 bytes a parameter pass through
/// memory in f32.
///
/// [torch.optim.Adafactor]: https://pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adafactor {
    /// Learning rate: the largest that the relative step size may be.
    pub lr: f64,
    /// The power of t by which the means of squares forget ever more slowly.
    pub beta2_decay: f64,
    /// Keeps the divisor from 0 (the type's epsilon where none), and the step size.
    pub eps: (Option<f64>, f64),
    /// The largest rms of an update.
    pub d: f64,
    /// The part of itself that a parameter loses a step, times lr.
    pub weight_decay: f64,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-2, beta2_decay -0.8, eps none and 1e-3, d 1, all else off.
impl Default for Adafactor {
    fn default() -> Self {
        Self { lr: 1e-2, beta2_decay: -0.8, eps: (None, 1e-3), d: 1.0, weight_decay: 0.0, maximize: false }
    }
}

impl Rule for Adafactor {
    const NAME: &'static str = "adafactor";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] = &[("foreach", None)];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        if shape.len() < 2 {
            return vec![Slot::filled("variance", shape, 0.0)];
        }
        let (mut row, mut col) = (shape.to_vec(), shape.to_vec());
        row[shape.len() - 1] = 1;
        col[shape.len() - 2] = 1;
        vec![Slot::filled("row_var", &row, 0.0), Slot::filled("col_var", &col, 0.0)]
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        let decay = self.beta2_decay;
        require::<Self>(decay.is_finite() && decay <= 0.0, "beta2_decay", decay, "a finite number of at most 0")?;
        require_not_negative::<Self>("eps1", self.eps.0.unwrap_or(0.0))?;
        require_not_negative::<Self>("eps2", self.eps.1)?;
        require::<Self>(self.d.is_finite() && self.d >= 1.0, "d", self.d, "a finite number of at least 1")?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }
}

impl Whole for Adafactor {
    fn update<T: Float>(&self, step: u64, param: &Tensor<T>, grad: &Tensor<T>, slots: &mut [Tensor<T>]) -> Tensor<T> {
        let eps1 = self.eps.0.map_or(T::epsilon(), T::from_f64);
        let rms = |x: &Tensor<T>| -> f64 {
            let norm: f64 = x.sum_of_squares().item().sqrt().as_();
            norm / (x.numel() as f64).sqrt()
        };
        let alpha = self.eps.1.max(rms(param)) * self.lr.min(1.0 / (step as f64).sqrt());
        let to_present = lerp((step as f64).powf(self.beta2_decay));
        let squares = grad * grad;
        let floor = |least: T| move |x: T| if x < least { least } else { x };
        let variance = match slots {
            [row, col] => {
                row.zip_in_place(&squares.mean_dims(&[-1], true), "adafactor", to_present);
                col.zip_in_place(&squares.mean_dims(&[-2], true), "adafactor", to_present);
                &(&*row * &*col) / &row.mean_dims(&[-2], true).map(floor(eps1))
            }
            [variance] => {
                variance.zip_in_place(&squares, "adafactor", to_present);
                variance.clone()
            }
            _ => panic!("Adafactor keeps one or two tensors a parameter"),
        };
        let at_least = floor(eps1 * eps1);
        let update = variance.zip_map(grad, "adafactor", move |v, g| g / at_least(v).sqrt());
        let size = T::from_f64(alpha / (rms(&update) / self.d).max(1.0));
        let kept = T::from_f64(1.0 - self.lr * self.weight_decay);
        param.zip_map(&update, "adafactor", move |p, u| kept * p - size * u)
    }
}
