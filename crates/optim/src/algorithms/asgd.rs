//! Averaged stochastic gradient descent.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require, require_not_negative};

/// Averaged stochastic gradient descent, as [torch.optim.ASGD] has it (Polyak and Juditsky, SIAM J. Control 1992). At
/// step t:
///
/// ```text
/// g <- g + weight_decay p
/// p <- (1 - lambd eta) p - eta g
/// ax <- ax + mu (p - ax)
/// eta <- lr / (1 + lambd lr t)^alpha           (starts as lr)
/// mu <- 1 / max(1, t - t0)                     (starts as 1)
/// ```
///
/// The averages `ax` are in the state; nothing reads them here. 20 bytes a parameter pass through memory in f32.
///
/// [torch.optim.ASGD]: https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asgd {
    /// Learning rate.
    pub lr: f64,
    /// How fast parameters and the step size shrink.
    pub lambd: f64,
    /// The power by which the step size shrinks.
    pub alpha: f64,
    /// The step after which the average begins.
    pub t0: f64,
    /// L2 penalty, added to the gradient.
    pub weight_decay: f64,
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-2, lambd 1e-4, alpha 0.75, t0 1e6, no weight decay.
impl Default for Asgd {
    fn default() -> Self {
        Self { lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 1e6, weight_decay: 0.0, maximize: false }
    }
}

impl Rule for Asgd {
    const NAME: &'static str = "asgd";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        let numbers = [Slot::filled("eta", &[], self.lr), Slot::filled("mu", &[], 1.0)];
        [Slot::filled("ax", shape, 0.0)].into_iter().chain(numbers).collect()
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        require_not_negative::<Self>("lambd", self.lambd)?;
        require_not_negative::<Self>("alpha", self.alpha)?;
        require::<Self>(self.t0.is_finite(), "t0", self.t0, "a finite number")?;
        require_not_negative::<Self>("weight_decay", self.weight_decay)
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        Some(&mut self.weight_decay)
    }
}

impl Elementwise for Asgd {
    const NUMBERS: usize = 2;

    fn advance<T: Float>(&self, step: u64, numbers: &mut [T]) -> [f64; 2] {
        let before = [numbers[0], numbers[1]].map(|number| number.as_());
        let step = step as f64;
        numbers[0] = T::from_f64(self.lr / (1.0 + self.lambd * self.lr * step).powf(self.alpha));
        numbers[1] = T::from_f64(1.0 / (step - self.t0).max(1.0));
        before
    }

    #[inline(always)]
    fn update<T: Float>(&self, step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let [eta, mu] = step.numbers;
        let [kept, weight_decay] = [1.0 - self.lambd * eta, self.weight_decay].map(T::from_f64);
        let [eta, mu] = [eta, mu].map(T::from_f64);
        let (decays, averages) = (self.weight_decay != 0.0, mu != T::one());
        for ((p, &g), ax) in param.iter_mut().zip(grad).zip(slots[0].iter_mut()) {
            let g = if decays { g + weight_decay * *p } else { g };
            *p = kept * *p - eta * g;
            *ax = if averages { *ax + (*p - *ax) * mu } else { *p };
        }
    }
}
