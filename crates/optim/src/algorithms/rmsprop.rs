//! RMSprop.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, lerp, require, require_not_negative};

/// RMSprop, as [torch.optim.RMSprop] has it (Hinton's lecture; centered: Graves, 2013, arXiv:1308.0850):
///
/// ```text
/// g <- g + weight_decay p
/// s <- alpha s + (1 - alpha) g^2
/// a <- a + (1 - alpha) (g - a)                     (where centered, else 0)
/// d <- g / (sqrt(s - a^2) + eps)
/// b <- momentum b + d                              (where momentum > 0, else d)
/// p <- p - lr b
/// ```
///
/// 20 bytes a parameter pass through memory in f32, 8 more each where centered and with momentum.
///
/// [torch.optim.RMSprop]: https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RMSprop {
    /// Learning rate.
    pub lr: f64,
    /// How slowly the mean of squares forgets.
    pub alpha: f64,
    /// Keeps the divisor from 0.
    pub eps: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// How much of the last step goes into the next.
    pub momentum: f64,
    /// Divides by the root of the variance, not of the mean of squares.
    pub centered: bool,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-2, alpha 0.99, eps 1e-8, all else off.
impl Default for RMSprop {
    fn default() -> Self {
        Self { lr: 1e-2, alpha: 0.99, eps: 1e-8, weight_decay: 0.0, momentum: 0.0, centered: false, maximize: false }
    }
}

impl Rule for RMSprop {
    const NAME: &'static str = "rmsprop";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        let mut names = vec!["square_avg"];
        names.extend((self.momentum > 0.0).then_some("momentum_buffer"));
        names.extend(self.centered.then_some("grad_avg"));
        Slot::zeros(&names, shape)
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require::<Self>((0.0..=1.0).contains(&self.alpha), "alpha", self.alpha, "from 0 to 1")?;
        require_not_negative::<Self>("eps", self.eps)?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)?;
        require_not_negative::<Self>("momentum", self.momentum)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }

    fn momentum_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.momentum)
    }
}

impl Elementwise for RMSprop {
    #[inline(always)]
    fn update<T: Float>(&self, _step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [lr, alpha, one_minus_alpha] = [self.lr, self.alpha, 1.0 - self.alpha].map(T::from_f64);
        let [eps, weight_decay, momentum] = [self.eps, self.weight_decay, self.momentum].map(T::from_f64);
        let to_gradient = lerp(1.0 - self.alpha);
        let decayed = |p: T, g: T| if weight_decay == T::zero() { g } else { g + weight_decay * p };
        let squares = |s: &mut T, g: T| *s = alpha * *s + one_minus_alpha * g * g;
        let centered = |s: T, a: &mut T, g: T| {
            *a = to_gradient(*a, g);
            (s - *a * *a).sqrt()
        };
        match slots {
            [s] => {
                for ((p, &g), s) in param.iter_mut().zip(grad).zip(s.iter_mut()) {
                    let g = decayed(*p, g);
                    squares(s, g);
                    *p -= lr * g / (s.sqrt() + eps);
                }
            }
            [s, b] if !self.centered => {
                for (((p, &g), s), b) in param.iter_mut().zip(grad).zip(s.iter_mut()).zip(b.iter_mut()) {
                    let g = decayed(*p, g);
                    squares(s, g);
                    *b = momentum * *b + g / (s.sqrt() + eps);
                    *p -= lr * *b;
                }
            }
            [s, a] => {
                for (((p, &g), s), a) in param.iter_mut().zip(grad).zip(s.iter_mut()).zip(a.iter_mut()) {
                    let g = decayed(*p, g);
                    squares(s, g);
                    *p -= lr * g / (centered(*s, a, g) + eps);
                }
            }
            [s, b, a] => {
                let kept = s.iter_mut().zip(b.iter_mut()).zip(a.iter_mut());
                for ((p, &g), ((s, b), a)) in param.iter_mut().zip(grad).zip(kept) {
                    let g = decayed(*p, g);
                    squares(s, g);
                    *b = momentum * *b + g / (centered(*s, a, g) + eps);
                    *p -= lr * *b;
                }
            }
            _ => panic!("RMSprop keeps one to three tensors a parameter"),
        }
    }
}
