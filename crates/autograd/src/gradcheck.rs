//! Gradients checked against finite differences, in `f64`: for the operations here, and for those of users.

use gradus_tensor::Tensor;
use thiserror::Error;

use crate::backward::{BackwardOptions, grad};
use crate::var::Var;

/// PyTorch's defaults (`torch.autograd.gradcheck`).
const EPS: f64 = 1e-6;
const ATOL: f64 = 1e-5;
const RTOL: f64 = 1e-3;

/// A gradient that differs from the finite difference.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum GradcheckError {
    /// A derivative is wrong.
    #[error(
        "the derivative with respect to element {element} of input {input} is {analytical} by backward, \
         {numerical} by finite differences"
    )]
    Mismatch {
        /// The input's place.
        input: usize,
        /// The element's row-major place in it.
        element: usize,
        /// What `backward` gave.
        analytical: f64,
        /// What finite differences gave.
        numerical: f64,
    },
    /// An input that the output depends on got no gradient at all.
    #[error("input {input} got no gradient by backward, but the output depends on it")]
    Missing {
        /// The input's place.
        input: usize,
    },
    /// `backward` itself failed.
    #[error(transparent)]
    Autograd(#[from] crate::AutogradError),
}

/// Checks the gradient of `f` at `inputs` against central differences (eps 1e-6, atol 1e-5, rtol 1e-3, as
/// `torch.autograd.gradcheck`), with an upstream gradient that differs from element to element.
///
/// # Errors
/// If a derivative is wrong or missing.
pub fn gradcheck(f: impl Fn(&[Var<f64>]) -> Var<f64>, inputs: &[Tensor<f64>]) -> Result<(), GradcheckError> {
    let weighted = |inputs: &[Var<f64>]| {
        let out = f(inputs);
        let upstream = Tensor::from_fn(out.shape(), |i| uneven(i, 0.7));
        (out * Var::new(upstream)).sum()
    };
    let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
    let gradients = grad(&weighted(&leaves), &leaves.iter().collect::<Vec<_>>(), BackwardOptions::default())?;
    compare(|inputs| weighted(&inputs.iter().cloned().map(Var::new).collect::<Vec<_>>()).item(), inputs, &gradients)
}

/// Checks the gradient of the gradient of `f` at `inputs`, as `torch.autograd.gradgradcheck`.
///
/// # Errors
/// If a second derivative is wrong or missing.
pub fn gradgradcheck(f: impl Fn(&[Var<f64>]) -> Var<f64>, inputs: &[Tensor<f64>]) -> Result<(), GradcheckError> {
    // The gradient of f with a given upstream gradient, as a function of the inputs and of that gradient.
    let first = |leaves: &[Var<f64>]| -> Result<Var<f64>, GradcheckError> {
        let (upstream, leaves) = leaves.split_last().expect("the upstream gradient is appended below");
        let out = (f(leaves) * upstream).sum();
        let options = BackwardOptions { create_graph: true, ..BackwardOptions::default() };
        let gradients = grad(&out, &leaves.iter().collect::<Vec<_>>(), options)?;
        let mut total = Var::new(Tensor::scalar(0.0));
        for (k, gradient) in gradients.into_iter().enumerate() {
            let Some(gradient) = gradient else { continue };
            let weights = Tensor::from_fn(gradient.shape(), |i| uneven(i, 0.3 + k as f64));
            total = total + (gradient * Var::new(weights)).sum();
        }
        Ok(total)
    };
    let shape = f(&inputs.iter().cloned().map(Var::new).collect::<Vec<_>>()).shape().to_vec();
    let mut inputs = inputs.to_vec();
    inputs.push(Tensor::from_fn(&shape, |i| uneven(i, 0.7)));
    let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
    let total = first(&leaves)?;
    let gradients = grad(&total, &leaves.iter().collect::<Vec<_>>(), BackwardOptions::default())?;
    let value = |inputs: &[Tensor<f64>]| {
        let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
        first(&leaves).map_or(f64::NAN, |total| total.item())
    };
    compare(value, &inputs, &gradients)
}

/// Compares `gradients` with central differences of `f`. An input that `f` does not depend on may have none.
fn compare(
    f: impl Fn(&[Tensor<f64>]) -> f64,
    inputs: &[Tensor<f64>],
    gradients: &[Option<Var<f64>>],
) -> Result<(), GradcheckError> {
    let mut inputs = inputs.to_vec();
    for input in 0..inputs.len() {
        let gradient = gradients[input].as_ref().map(|gradient| gradient.value().to_vec());
        for element in 0..inputs[input].numel() {
            let analytical = gradient.as_ref().map_or(0.0, |gradient| gradient[element]);
            let original = inputs[input].contiguous();
            let mut at = |shift: f64| {
                let mut moved = original.copy();
                moved.as_mut_slice()[element] += shift;
                inputs[input] = moved;
                f(&inputs)
            };
            let numerical = (at(EPS) - at(-EPS)) / (2.0 * EPS);
            inputs[input] = original;
            let error = (analytical - numerical).abs();
            if error.is_nan() || error > ATOL + RTOL * numerical.abs() {
                if gradient.is_none() {
                    return Err(GradcheckError::Missing { input });
                }
                return Err(GradcheckError::Mismatch { input, element, analytical, numerical });
            }
        }
    }
    Ok(())
}

/// Numbers without pattern between -1.5 and 1.5.
fn uneven(i: usize, phase: f64) -> f64 {
    1.5 * (i as f64 * 2.399 + phase).sin()
}
