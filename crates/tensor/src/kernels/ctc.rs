//! Connectionist temporal classification of one sample: the sums over all alignments, forward and backward, as
//! logarithms and in `f64` (Graves et al., ICML 2006).
//!
//! The states of an alignment are the labels with blanks before, between and after them: state `s` of `2 L + 1` is a
//! blank where `s` is even and else label `s / 2`.

use crate::element::Float;

/// One sample: a row of `classes` logarithms of probabilities for each step, `stride` apart, and its labels.
#[derive(Clone, Copy)]
pub(crate) struct Sample<'a, T> {
    pub(crate) log_probs: &'a [T],
    pub(crate) stride: usize,
    pub(crate) classes: usize,
    pub(crate) steps: usize,
    pub(crate) labels: &'a [i64],
    pub(crate) blank: usize,
}

impl<T: Float> Sample<'_, T> {
    fn states(&self) -> usize {
        2 * self.labels.len() + 1
    }

    /// The class of state `s`.
    fn class(&self, s: usize) -> usize {
        if s.is_multiple_of(2) { self.blank } else { self.labels[s / 2] as usize }
    }

    /// Whether an alignment may step from state `s - 2` to `s`: over a blank between two labels that differ.
    fn skips(&self, s: usize) -> bool {
        s >= 2 && s % 2 == 1 && self.labels[s / 2] != self.labels[s / 2 - 1]
    }

    fn log_prob(&self, t: usize, class: usize) -> f64 {
        self.log_probs[t * self.stride + class].as_()
    }

    /// `[steps, states]`: the logarithm of the sum over the alignments up to step t that are in state s then.
    fn forward(&self) -> Vec<f64> {
        let states = self.states();
        let mut alpha = vec![f64::NEG_INFINITY; self.steps * states];
        for (s, alpha) in alpha.iter_mut().enumerate().take(states.min(2)) {
            *alpha = self.log_prob(0, self.class(s));
        }
        for t in 1..self.steps {
            let (before, now) = alpha[(t - 1) * states..(t + 1) * states].split_at_mut(states);
            for s in 0..states {
                let mut sum = before[s];
                if s >= 1 {
                    sum = add(sum, before[s - 1]);
                }
                if self.skips(s) {
                    sum = add(sum, before[s - 2]);
                }
                now[s] = sum + self.log_prob(t, self.class(s));
            }
        }
        alpha
    }

    /// `[steps, states]`: the logarithm of the sum over the alignments from step t on that are in state s then.
    fn backward(&self) -> Vec<f64> {
        let (states, steps) = (self.states(), self.steps);
        let mut beta = vec![f64::NEG_INFINITY; steps * states];
        for s in states.saturating_sub(2)..states {
            beta[(steps - 1) * states + s] = self.log_prob(steps - 1, self.class(s));
        }
        for t in (0..steps - 1).rev() {
            let (now, after) = beta[t * states..(t + 2) * states].split_at_mut(states);
            for s in 0..states {
                let mut sum = after[s];
                if s + 1 < states {
                    sum = add(sum, after[s + 1]);
                }
                if s + 2 < states && self.skips(s + 2) {
                    sum = add(sum, after[s + 2]);
                }
                now[s] = sum + self.log_prob(t, self.class(s));
            }
        }
        beta
    }

    /// The loss at the end of the sums `alpha`.
    fn loss_of(&self, alpha: &[f64]) -> f64 {
        let last = &alpha[alpha.len() - self.states()..];
        -last.iter().rev().take(2).fold(f64::NEG_INFINITY, |sum, &x| add(sum, x))
    }

    /// `-log` of the probability of the labels, summed over all alignments; infinite where there is none.
    pub(crate) fn loss(&self) -> f64 {
        if self.steps == 0 {
            return if self.labels.is_empty() { 0.0 } else { f64::INFINITY };
        }
        self.loss_of(&self.forward())
    }

    /// The loss, and `out[t, c] = p - q`: p the probability of class c in step t, q that of an alignment that gives the
    /// labels to be at c then. NaN where there is no alignment. This is the gradient of the logits under the logarithms
    /// of softmax; for those logarithms themselves it differs from `-q` by what log-softmax's own gradient takes away.
    pub(crate) fn gradient(&self) -> (f64, Vec<f64>) {
        let (classes, states) = (self.classes, self.states());
        let mut out = vec![f64::NEG_INFINITY; self.steps * classes];
        if self.steps == 0 {
            return (self.loss(), out);
        }
        let (alpha, beta) = (self.forward(), self.backward());
        let loss = self.loss_of(&alpha);
        for (t, out) in out.chunks_exact_mut(classes).enumerate() {
            for s in 0..states {
                let class = self.class(s);
                out[class] = add(out[class], alpha[t * states + s] + beta[t * states + s]);
            }
            for (class, out) in out.iter_mut().enumerate() {
                let log_prob = self.log_prob(t, class);
                // Both sums hold the step's own probability.
                let share =
                    if *out == f64::NEG_INFINITY && loss.is_finite() { 0.0 } else { (*out + loss - log_prob).exp() };
                *out = log_prob.exp() - share;
            }
        }
        (loss, out)
    }
}

/// `log(e^a + e^b)`.
fn add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if high == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}
