//! Connectionist temporal classification.

use gradus_tensor::{CtcTargets, Float};
use smallvec::smallvec;

use crate::graph::{Context, Gradients, Rule};
use crate::mode::is_grad_enabled;
use crate::ops::loss::cross_entropy::LabelError;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `-log` of the probability that these logarithms of probabilities `[T, N, C]` give to the labels of each sample,
    /// summed over all alignments: `[N]` (Graves et al., ICML 2006; PyTorch's `functional.ctc_loss` without reduction).
    /// Where no alignment gives the labels the loss is infinite and the gradient NaN; both are 0 with `zero_infinity`.
    ///
    /// The gradient is PyTorch's: that of the logits, of which this variable must be what
    /// [`log_softmax`](Self::log_softmax) makes. It has no second derivative, and panics where one is recorded.
    ///
    /// # Errors
    /// If a label is outside `0..C`.
    ///
    /// # Panics
    /// If the shapes and lengths do not fit.
    #[track_caller]
    pub fn ctc_loss(&self, targets: &CtcTargets, zero_infinity: bool) -> Result<Self, LabelError> {
        targets.check(self.shape());
        let classes = self.shape()[2];
        let outside = |&(_, label): &(usize, i64)| usize::try_from(label).map_or(true, |label| label >= classes);
        if let Some((row, label)) = targets.used().into_iter().find(outside) {
            return Err(LabelError { row, label, classes });
        }
        let mut losses = self.value().ctc_loss(targets);
        if zero_infinity {
            losses.map_in_place(|loss| if loss == T::infinity() { T::zero() } else { loss });
        }
        Ok(Self::recorded(losses, &[self], || CtcLoss { x: self.clone(), targets: targets.clone(), zero_infinity }))
    }
}

/// `dx = g (p - q)`, with p the probabilities and q those of the alignments.
struct CtcLoss<T: Float> {
    x: Var<T>,
    targets: CtcTargets,
    zero_infinity: bool,
}

impl<T: Float> Rule<T> for CtcLoss<T> {
    fn name(&self) -> &'static str {
        "ctc_loss"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        assert!(!is_grad_enabled(), "ctc_loss: there is no second derivative, as in PyTorch");
        let g = context.gradient().value();
        smallvec![Some(Var::new(self.x.value().ctc_loss_gradient(&self.targets, g, self.zero_infinity)))]
    }
}
