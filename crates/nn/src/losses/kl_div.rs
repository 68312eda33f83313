//! The Kullback-Leibler divergence.

use gradus_autograd::Var;
use gradus_tensor::Float;

use super::shared::{finite_where_used, same_shape};

/// How [`kl_div`] puts its elements together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KLDivReduction {
    /// The mean of all elements: PyTorch's default, which is not the divergence.
    #[default]
    Mean,
    /// The sum divided by the first dimension: the mean divergence of a batch.
    BatchMean,
    /// The sum.
    Sum,
    /// All of them, as they are.
    None,
}

/// `target (log(target) - input)` of every element, the input being logarithms of probabilities
/// ([torch.nn.functional.kl_div]); with `log_target` the target too: `e^target (target - input)`. A probability of
/// exactly 0 adds 0, whatever the input; given as a logarithm of minus infinity it adds NaN, as in PyTorch.
///
/// # Panics
/// If the shapes differ.
///
/// [torch.nn.functional.kl_div]: https://pytorch.org/docs/stable/generated/torch.nn.functional.kl_div.html
#[track_caller]
pub fn kl_div<T: Float>(input: &Var<T>, target: &Var<T>, reduction: KLDivReduction, log_target: bool) -> Var<T> {
    same_shape("kl_div", input.shape(), target.shape());
    let losses = if log_target {
        target.exp() * (target - input)
    } else {
        let safe = target.masked_fill(&target.value().map(|t| t == T::zero()), T::one());
        target * &(safe.log() - finite_where_used(input, target))
    };
    match reduction {
        KLDivReduction::Mean => losses.mean(),
        KLDivReduction::BatchMean => {
            let batch = input.shape().first().map_or(1.0, |&size| size as f64);
            losses.sum() / T::from_f64(batch)
        }
        KLDivReduction::Sum => losses.sum(),
        KLDivReduction::None => losses,
    }
}

/// [`kl_div`] as a module ([torch.nn.KLDivLoss]).
///
/// [torch.nn.KLDivLoss]: https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
#[derive(Clone, Copy, Debug, Default)]
pub struct KLDivLoss {
    /// How the elements are put together.
    pub reduction: KLDivReduction,
    /// Whether targets are logarithms.
    pub log_target: bool,
}

impl KLDivLoss {
    /// [`kl_div`].
    ///
    /// # Panics
    /// If the shapes differ.
    #[track_caller]
    pub fn forward<T: Float>(&self, input: &Var<T>, target: &Var<T>) -> Var<T> {
        kl_div(input, target, self.reduction, self.log_target)
    }
}
