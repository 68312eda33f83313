//! The negative log-likelihood of numbers with a variance.

use std::f64::consts::TAU;

use gradus_autograd::{Reduction, Var};
use gradus_tensor::{Dims, Float};

use super::shared::{reduced, same_shape};

/// What [`gaussian_nll_loss`] computes.
#[derive(Clone, Copy, Debug)]
pub struct GaussianNLLLoss {
    /// Whether the constant `log(2 pi) / 2` is added.
    pub full: bool,
    /// The least variance.
    pub eps: f64,
    /// How the losses are put together.
    pub reduction: Reduction,
}

/// Without the constant, `eps` 1e-6, the mean.
impl Default for GaussianNLLLoss {
    fn default() -> Self {
        Self { full: false, eps: 1e-6, reduction: Reduction::Mean }
    }
}

impl GaussianNLLLoss {
    /// [`gaussian_nll_loss`] ([torch.nn.GaussianNLLLoss]).
    ///
    /// # Panics
    /// If the shapes do not fit, or a variance is below 0.
    ///
    /// [torch.nn.GaussianNLLLoss]: https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>, var: &Var<T>) -> Var<T> {
        gaussian_nll_loss(input, target, var, self)
    }
}

/// `(log(var) + (input - target)^2 / var) / 2` of every element, with variances of at least `eps`
/// ([torch.nn.functional.gaussian_nll_loss]; Nix and Weigend, 1994). The variance has the input's shape, or that
/// without the last dimension, or with 1 there. As in PyTorch its gradient takes no notice of `eps`.
///
/// # Panics
/// If the shapes do not fit, or a variance is below 0.
///
/// [torch.nn.functional.gaussian_nll_loss]:
/// https://pytorch.org/docs/stable/generated/torch.nn.functional.gaussian_nll_loss.html
#[track_caller]
pub fn gaussian_nll_loss<T: Float>(input: &Var<T>, target: &Var<T>, var: &Var<T>, options: &GaussianNLLLoss) -> Var<T> {
    same_shape("gaussian_nll_loss", input.shape(), target.shape());
    let shape = input.shape();
    let mut one_each = Dims::from_slice(shape);
    if let Some(last) = one_each.last_mut() {
        *last = 1;
    }
    let by_row = shape.split_last().is_some_and(|(_, rest)| var.shape() == rest);
    assert!(
        var.shape() == shape || var.shape() == &one_each[..] || by_row,
        "gaussian_nll_loss: input {shape:?} and variance {:?} do not fit",
        var.shape()
    );
    assert!(var.value().map(|v| v < T::zero()).count() == 0, "gaussian_nll_loss: a variance is below 0");
    let eps = T::from_f64(options.eps);
    let raised = var.value().map(|v| if v < eps { eps - v } else { T::zero() });
    let mut var = var + &Var::new(raised);
    if by_row && var.shape() != shape {
        var = var.reshape(&one_each);
    }
    let difference = input - target;
    let mut losses = (&difference * &difference / &var + var.log()) * T::from_f64(0.5);
    if options.full {
        losses = losses + T::from_f64(0.5 * TAU.ln());
    }
    reduced(losses, options.reduction)
}
