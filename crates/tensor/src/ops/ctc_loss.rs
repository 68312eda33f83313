//! Connectionist temporal classification, and its gradient.

use crate::element::Float;
use crate::kernels::ctc::Sample;
use crate::parallel::map_ranges;
use crate::tensor::{RowMajor, Tensor};

/// The labels and lengths of a batch, for [`Tensor::ctc_loss`].
#[derive(Clone, Debug)]
pub struct CtcTargets {
    /// `[N, S]`, or `[sum of the target lengths]`: one after the other.
    pub labels: Tensor<i64>,
    /// The steps of each sample, at most T.
    pub input_lengths: Vec<usize>,
    /// The labels of each sample.
    pub target_lengths: Vec<usize>,
    /// The class that stands for no label.
    pub blank: usize,
}

impl CtcTargets {
    /// Where the labels of sample `n` begin.
    fn first(&self, n: usize) -> usize {
        match self.labels.shape() {
            [_, width] => n * width,
            _ => self.target_lengths[..n].iter().sum(),
        }
    }

    /// The places of the labels that count, with those labels, in order.
    pub fn used(&self) -> Vec<(usize, i64)> {
        let labels = self.labels.to_vec();
        let samples = self.target_lengths.iter().enumerate();
        samples.flat_map(|(n, length)| (self.first(n)..self.first(n) + length).map(|i| (i, labels[i]))).collect()
    }

    /// Panics unless everything fits log-probabilities of this shape.
    #[track_caller]
    pub fn check(&self, log_probs: &[usize]) {
        let Self { labels, input_lengths, target_lengths, blank } = self;
        let &[steps, samples, classes] = log_probs else {
            panic!("ctc_loss: log-probabilities {log_probs:?} must be [T, N, C]");
        };
        assert!(*blank < classes, "ctc_loss: blank {blank} is none of the classes of log-probabilities {log_probs:?}");
        assert!(
            input_lengths.len() == samples && target_lengths.len() == samples,
            "ctc_loss: {} input and {} target lengths for log-probabilities {log_probs:?}",
            input_lengths.len(),
            target_lengths.len()
        );
        assert!(
            input_lengths.iter().all(|&length| length <= steps),
            "ctc_loss: input lengths {input_lengths:?} for log-probabilities {log_probs:?}"
        );
        let fits = match *labels.shape() {
            [rows, width] => rows == samples && target_lengths.iter().all(|&length| length <= width),
            [all] => all == target_lengths.iter().sum::<usize>(),
            _ => false,
        };
        assert!(
            fits,
            "ctc_loss: labels {:?} of lengths {target_lengths:?} for log-probabilities {log_probs:?}",
            labels.shape()
        );
    }
}

impl<T: Float> Tensor<T> {
    /// `-log` of the probability that these logarithms of probabilities `[T, N, C]` give to the labels of each sample,
    /// summed over all alignments (Graves et al., ICML 2006; PyTorch's `functional.ctc_loss` without reduction): `[N]`.
    /// Infinite where there are too few steps for the labels.
    ///
    /// # Panics
    /// If the shapes and lengths do not fit, or a label is outside `0..C`.
    #[track_caller]
    pub fn ctc_loss(&self, targets: &CtcTargets) -> Self {
        targets.check(self.shape());
        let (x, labels) = (self.row_major(), targets.labels.row_major());
        let losses = map_ranges(self.shape()[1], 1, |range| self.sample(&x, &labels, targets, range.start).loss());
        Self::from_fn([losses.len()], |n| T::from_f64(losses[n]))
    }

    /// PyTorch's gradient of [`ctc_loss`](Self::ctc_loss), each sample's times its number of `scales` `[N]`: `p - q`
    /// with the probability p and that of the alignments, q. That is the gradient of the logits under log-softmax. A
    /// sample without alignment gives NaN, and 0 with `zero_infinity`.
    ///
    /// # Panics
    /// If the shapes and lengths do not fit, or a label is outside `0..C`.
    #[track_caller]
    pub fn ctc_loss_gradient(&self, targets: &CtcTargets, scales: &Self, zero_infinity: bool) -> Self {
        targets.check(self.shape());
        let &[_, samples, classes] = self.shape() else { unreachable!("checked above") };
        assert!(
            scales.shape() == [samples],
            "ctc_loss_gradient: scales {:?} for log-probabilities {:?}",
            scales.shape(),
            self.shape()
        );
        let (x, labels, scales) = (self.row_major(), targets.labels.row_major(), scales.row_major());
        let gradients = map_ranges(samples, 1, |range| self.sample(&x, &labels, targets, range.start).gradient());
        Self::build_on_zeros(self.shape(), |out| {
            for (n, (loss, gradient)) in gradients.iter().enumerate() {
                if zero_infinity && loss.is_infinite() {
                    continue;
                }
                let scale = scales[n].as_();
                for (t, row) in gradient.chunks_exact(classes).enumerate() {
                    let out = &mut out[(t * samples + n) * classes..][..classes];
                    out.iter_mut().zip(row).for_each(|(out, &x)| *out = T::from_f64(x * scale));
                }
            }
        })
    }

    /// Sample `n` of this batch, whose elements are `x`.
    fn sample<'a>(&self, x: &'a RowMajor<T>, labels: &'a [i64], targets: &CtcTargets, n: usize) -> Sample<'a, T> {
        let (samples, classes) = (self.shape()[1], self.shape()[2]);
        let (steps, blank) = (targets.input_lengths[n], targets.blank);
        let labels = &labels[targets.first(n)..][..targets.target_lengths[n]];
        Sample { log_probs: &x[(n * classes).min(x.len())..], stride: samples * classes, classes, steps, labels, blank }
    }
}
