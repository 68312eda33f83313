//! Rprop.

use gradus_tensor::Float;
use serde::{Deserialize, Serialize};

use crate::error::OptimError;
use crate::rule::{Elementwise, Rule, Slot, Step, require, require_not_negative};

/// Resilient backpropagation, as [torch.optim.Rprop] has it (Riedmiller and Braun, ICNN 1993):
///
/// ```text
/// s <- s times eta+ where g and the last gradient q have one sign, times eta- where two, within step_sizes
/// g <- 0 where they have two signs
/// p <- p - sign(g) s
/// q <- g
/// ```
///
/// `s` starts as lr, which a parameter's first step alone reads. For gradients of the whole data: those of batches
/// change their signs by chance. 28 bytes a parameter pass through memory in f32.
///
/// [torch.optim.Rprop]: https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rprop {
    /// The first step size.
    pub lr: f64,
    /// What a step size is multiplied with where the sign of the gradient has changed, and where it has not.
    pub etas: [f64; 2],
    /// The smallest and the largest step size.
    pub step_sizes: [f64; 2],
    /// Makes the objective grow.
    pub maximize: bool,
}

/// PyTorch's: lr 1e-2, etas 0.5 and 1.2, step sizes from 1e-6 to 50.
impl Default for Rprop {
    fn default() -> Self {
        Self { lr: 1e-2, etas: [0.5, 1.2], step_sizes: [1e-6, 50.0], maximize: false }
    }
}

impl Rule for Rprop {
    const NAME: &'static str = "rprop";
    const TORCH_OPTIONS: &'static [(&'static str, Option<bool>)] =
        &[("foreach", None), ("capturable", Some(false)), ("differentiable", Some(false))];

    fn slots(&self, shape: &[usize]) -> Vec<Slot> {
        vec![Slot::filled("prev", shape, 0.0), Slot::filled("step_size", shape, self.lr)]
    }

    fn check(&self) -> Result<(), OptimError> {
        require_not_negative::<Self>("lr", self.lr)?;
        let ([minus, plus], [least, most]) = (self.etas, self.step_sizes);
        require::<Self>(minus > 0.0 && minus < 1.0, "etaminus", minus, "above 0 and below 1")?;
        require::<Self>(plus > 1.0 && plus.is_finite(), "etaplus", plus, "a finite number above 1")?;
        require_not_negative::<Self>("step_size_min", least)?;
        require::<Self>(most >= least && most.is_finite(), "step_size_max", most, "finite and at least step_size_min")
    }

    fn maximize(&self) -> bool {
        self.maximize
    }

    fn weight_decay_mut(&mut self) -> Option<&mut f64> {
        None
    }
}

impl Elementwise for Rprop {
    #[inline(always)]
    fn update<T: Float>(&self, _step: Step, param: &mut [T], grad: &[T], slots: &mut [&mut [T]]) {
        let ([minus, plus], [least, most]) = (self.etas.map(T::from_f64), self.step_sizes.map(T::from_f64));
        let [prev, size] = slots else { panic!("Rprop keeps two tensors a parameter") };
        for (((p, &g), prev), size) in param.iter_mut().zip(grad).zip(prev.iter_mut()).zip(size.iter_mut()) {
            let product = g * *prev;
            let eta = if product > T::zero() { plus } else { T::one() };
            let eta = if product < T::zero() { minus } else { eta };
            let scaled = *size * eta;
            let scaled = if scaled < least { least } else { scaled };
            *size = if scaled > most { most } else { scaled };
            let g = if product < T::zero() { T::zero() } else { g };
            let positive = if g > T::zero() { *size } else { T::zero() };
            let negative = if g < T::zero() { *size } else { T::zero() };
            // A gradient that is no number must be seen; torch.sign passes it on likewise.
            *p -= if g.is_nan() { g } else { positive - negative };
            *prev = g;
        }
    }
}
