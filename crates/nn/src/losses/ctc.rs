//! Connectionist temporal classification.

use gradus_autograd::{LabelError, Reduction, Var};
use gradus_tensor::{CtcTargets, Float, Tensor};

/// What [`ctc_loss`] computes.
#[derive(Clone, Copy, Debug, Default)]
pub struct CTCLoss {
    /// The class that stands for no label.
    pub blank: usize,
    /// How the losses are put together.
    pub reduction: Reduction,
    /// Whether samples with too few steps for their labels cost nothing, instead of infinitely much.
    pub zero_infinity: bool,
}

impl CTCLoss {
    /// [`ctc_loss`] ([torch.nn.CTCLoss]).
    ///
    /// # Errors
    /// If a label is outside `0..C`.
    ///
    /// # Panics
    /// If the shapes and lengths do not fit.
    ///
    /// [torch.nn.CTCLoss]: https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
    #[track_caller]
    pub fn forward<T: Float>(
        &self,
        log_probs: &Var<T>,
        targets: &Tensor<i64>,
        input_lengths: &[usize],
        target_lengths: &[usize],
    ) -> Result<Var<T>, LabelError> {
        ctc_loss(log_probs, targets, input_lengths, target_lengths, self)
    }
}

/// `-log` of the probability of the labels, summed over all alignments ([torch.nn.functional.ctc_loss]; Graves et al.,
/// ICML 2006): what log-softmax makes of logits, `[T, N, C]`, and labels `[N, S]`, or one after the other in
/// `[sum of the target lengths]`; or `[T, C]` and `[S]`. The mean divides each loss by its number of labels first.
///
/// See [`Var::ctc_loss`] for gradients.
///
/// # Errors
/// If a label is outside `0..C`.
///
/// # Panics
/// If the shapes and lengths do not fit.
///
/// [torch.nn.functional.ctc_loss]: https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
#[track_caller]
pub fn ctc_loss<T: Float>(
    log_probs: &Var<T>,
    targets: &Tensor<i64>,
    input_lengths: &[usize],
    target_lengths: &[usize],
    options: &CTCLoss,
) -> Result<Var<T>, LabelError> {
    let (batch, single) = match *log_probs.shape() {
        [steps, classes] => (log_probs.reshape([steps, 1, classes]), true),
        _ => (log_probs.clone(), false),
    };
    let labels = CtcTargets {
        labels: targets.clone(),
        input_lengths: input_lengths.to_vec(),
        target_lengths: target_lengths.to_vec(),
        blank: options.blank,
    };
    let losses = batch.ctc_loss(&labels, options.zero_infinity)?;
    Ok(match options.reduction {
        Reduction::Mean => {
            let lengths = target_lengths.iter().map(|&length| T::from_f64(length.max(1) as f64)).collect();
            (losses / Var::new(Tensor::from_vec(lengths, [target_lengths.len()]))).mean()
        }
        Reduction::Sum => losses.sum(),
        Reduction::None if single => losses.reshape([]),
        Reduction::None => losses,
    })
}
