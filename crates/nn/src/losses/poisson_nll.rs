//! The negative log-likelihood of counts.

use std::f64::consts::TAU;

use gradus_autograd::{Reduction, Var};
use gradus_tensor::Float;

use super::shared::{reduced, same_shape};

/// What [`poisson_nll_loss`] computes.
#[derive(Clone, Copy, Debug)]
pub struct PoissonNLLLoss {
    /// Whether the input is the logarithm of the rate.
    pub log_input: bool,
    /// Whether Stirling's term is added, `t log(t) - t + log(2 pi t) / 2` for targets t above 1.
    pub full: bool,
    /// Added to the rate under the logarithm, where the input is the rate.
    pub eps: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// The input is a logarithm, no Stirling's term, `eps` 1e-8, the mean.
impl Default for PoissonNLLLoss {
    fn default() -> Self {
        Self { log_input: true, full: false, eps: 1e-8, reduction: Reduction::Mean }
    }
}

impl PoissonNLLLoss {
    /// [`poisson_nll_loss`] ([torch.nn.PoissonNLLLoss]).
    ///
    /// # Panics
    /// If the shapes differ.
    ///
    /// [torch.nn.PoissonNLLLoss]: https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        poisson_nll_loss(input, target, self)
    }
}

/// `e^input - target input` of every element, and of a rate `input - target log(input + eps)`
/// ([torch.nn.functional.poisson_nll_loss]).
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.poisson_nll_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.poisson_nll_loss.html
#[track_caller]
pub fn poisson_nll_loss<T: Float>(input: &Var<T>, target: &Var<T>, options: &PoissonNLLLoss) -> Var<T> {
    same_shape("poisson_nll_loss", input.shape(), target.shape());
    let mut losses = if options.log_input {
        input.exp() - target * input
    } else {
        input - &(target * &(input + T::from_f64(options.eps)).log())
    };
    if options.full {
        let small = target.value().map(|t| t <= T::one());
        // Logarithms of what is left out must not disturb gradients.
        let t = &target.masked_fill(&small, T::one());
        let stirling = t * &t.log() - t + (t * T::from_f64(TAU)).log() * T::from_f64(0.5);
        losses = losses + stirling.masked_fill(&small, T::zero());
    }
    reduced(losses, options.reduction)
}
