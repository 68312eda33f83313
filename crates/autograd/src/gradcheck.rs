//! Gradients checked against finite differences, in `f64`: for the operations here, and for those of users.

use gradus_tensor::Tensor;
use thiserror::Error;

use crate::backward::{BackwardOptions, grad};
use crate::var::Var;

/// How finite differences are taken and compared; the defaults are those of `torch.autograd.gradcheck`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GradcheckOptions {
    /// How far an element is moved to either side: 1e-6.
    pub eps: f64,
    /// The absolute difference that is allowed: 1e-5.
    pub atol: f64,
    /// The difference that is allowed relative to the finite difference: 1e-3.
    pub rtol: f64,
}

impl Default for GradcheckOptions {
    fn default() -> Self {
        Self { eps: 1e-6, atol: 1e-5, rtol: 1e-3 }
    }
}

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
    gradcheck_with(f, inputs, GradcheckOptions::default())
}

/// [`gradcheck`] with other differences and tolerances.
///
/// # Errors
/// If a derivative is wrong or missing.
pub fn gradcheck_with(
    f: impl Fn(&[Var<f64>]) -> Var<f64>,
    inputs: &[Tensor<f64>],
    options: GradcheckOptions,
) -> Result<(), GradcheckError> {
    let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
    let out = f(&leaves);
    let upstream = Tensor::from_fn(out.shape(), |i| uneven(i, 0.7));
    let given = BackwardOptions { gradient: Some(Var::new(upstream.clone())), ..BackwardOptions::default() };
    let gradients = grad(&out, &leaves.iter().collect::<Vec<_>>(), given)?;
    let weighted = |inputs: &[Tensor<f64>]| {
        let out = f(&inputs.iter().cloned().map(Var::new).collect::<Vec<_>>());
        (out.value() * &upstream).sum().item()
    };
    compare(weighted, inputs, &gradients, options)
}

/// Checks the gradient of the gradient of `f` at `inputs`, as `torch.autograd.gradgradcheck`.
///
/// # Errors
/// If a second derivative is wrong or missing.
pub fn gradgradcheck(f: impl Fn(&[Var<f64>]) -> Var<f64>, inputs: &[Tensor<f64>]) -> Result<(), GradcheckError> {
    gradgradcheck_with(f, inputs, GradcheckOptions::default())
}

/// [`gradgradcheck`] with other differences and tolerances.
///
/// # Errors
/// If a second derivative is wrong or missing.
pub fn gradgradcheck_with(
    f: impl Fn(&[Var<f64>]) -> Var<f64>,
    inputs: &[Tensor<f64>],
    options: GradcheckOptions,
) -> Result<(), GradcheckError> {
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
    // A first gradient that depends on nothing has none itself.
    let gradients = match total.requires_grad() {
        true => grad(&total, &leaves.iter().collect::<Vec<_>>(), BackwardOptions::default())?,
        false => vec![None; leaves.len()],
    };
    let value = |inputs: &[Tensor<f64>]| {
        let leaves: Vec<_> = inputs.iter().map(|x| Var::new(x.clone()).requires_grad_()).collect();
        first(&leaves).map_or(f64::NAN, |total| total.item())
    };
    compare(value, &inputs, &gradients, options)
}

/// Compares `gradients` with central differences of `f`. An input that `f` does not depend on may have none.
fn compare(
    f: impl Fn(&[Tensor<f64>]) -> f64,
    inputs: &[Tensor<f64>],
    gradients: &[Option<Var<f64>>],
    GradcheckOptions { eps, atol, rtol }: GradcheckOptions,
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
            let numerical = (at(eps) - at(-eps)) / (2.0 * eps);
            inputs[input] = original;
            let error = (analytical - numerical).abs();
            if !error.is_finite() || error > atol + rtol * numerical.abs() {
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
