//! One step from several small batches.

use gradus_autograd::{AutogradError, Param, Var};
use gradus_tensor::Float;

/// Adds the gradients of several small batches up to that of one big batch. Each batch counts by its samples (or
/// tokens, or whatever its loss is a mean over), so that a smaller last one has its right weight; PyTorch's usual
/// `loss / n` gives it too much.
///
/// ```
/// use gradus_autograd::Param;
/// use gradus_optim::Accumulation;
/// use gradus_tensor::Tensor;
///
/// let w: Param = Param::new(Tensor::scalar(0.0));
/// let mut accumulation = Accumulation::new();
/// for batch in [&[1.0, 2.0, 3.0][..], &[6.0]] {
///     let loss = (w.var() * batch.iter().sum::<f32>()) / batch.len() as f32;
///     accumulation.backward(&loss, batch.len())?;
/// }
/// accumulation.finish(&[w.clone()]);
/// assert_eq!(w.grad().unwrap().item(), 3.0); // The mean of 1, 2, 3 and 6.
/// # Ok::<(), gradus_autograd::AutogradError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Accumulation {
    samples: usize,
}

impl Accumulation {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Samples so far.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// The gradients of `loss`, a mean over `samples`, added to those so far.
    ///
    /// # Errors
    /// As [`Var::backward`].
    ///
    /// # Panics
    /// If there are no samples.
    #[track_caller]
    pub fn backward<T: Float>(&mut self, loss: &Var<T>, samples: usize) -> Result<(), AutogradError> {
        assert!(samples > 0, "accumulation: a mean over no samples has no weight");
        (loss * T::from_f64(samples as f64)).backward()?;
        self.samples += samples;
        Ok(())
    }

    /// Makes the sums of gradients means over all samples, and begins anew; call it before clipping and the step.
    pub fn finish<T: Float>(&mut self, parameters: &[Param<T>]) {
        let samples = std::mem::take(&mut self.samples);
        if samples == 0 {
            return;
        }
        for (i, parameter) in parameters.iter().enumerate() {
            // Tied weights may be named twice.
            if parameters[..i].iter().any(|other| other.is_same(parameter)) {
                continue;
            }
            if let Some(gradient) = parameter.grad() {
                parameter.set_grad(Some(&gradient / T::from_f64(samples as f64)));
            }
        }
    }
}
