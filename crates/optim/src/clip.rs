//! Bounds on gradients, between `backward` and `step`.

use gradus_autograd::Param;
use gradus_tensor::Float;

use crate::error::OptimError;

/// Scales the gradients of all parameters together so that their joint norm is at most `max_norm`; the norm before that
/// (PyTorch's `clip_grad_norm_`). The norm is the root of the sum of squares over all of them; each gradient is
/// multiplied by `max_norm / (norm + 1e-6)` where that is below 1. Parameters without gradient count nothing.
///
/// # Errors
/// If the norm is NaN or infinite: scaling would spread that to all gradients. None has changed then.
pub fn clip_grad_norm<T: Float>(parameters: &[Param<T>], max_norm: f64) -> Result<f64, OptimError> {
    let gradients: Vec<_> = parameters.iter().filter_map(|p| Some((p, p.grad()?))).collect();
    // The norm of the norms, as PyTorch has it: each tensor's in its own precision.
    let norms = gradients.iter().map(|(_, gradient)| gradient.sum_of_squares().item().sqrt().as_());
    let norm = norms.map(|norm: f64| norm * norm).sum::<f64>().sqrt();
    if !norm.is_finite() {
        return Err(OptimError::NonFiniteNorm { norm });
    }
    let factor = max_norm / (norm + 1e-6);
    if factor < 1.0 {
        for (parameter, gradient) in gradients {
            parameter.set_grad(Some(&gradient * T::from_f64(factor)));
        }
    }
    Ok(norm)
}

/// Bounds every element of every gradient to `-bound..=bound` (PyTorch's `clip_grad_value_`).
pub fn clip_grad_value<T: Float>(parameters: &[Param<T>], bound: f64) {
    let bound = T::from_f64(bound);
    for parameter in parameters {
        if let Some(gradient) = parameter.grad() {
            // NaN stays NaN.
            let clamp = move |x: T| {
                if x > bound {
                    bound
                } else if x < -bound {
                    -bound
                } else {
                    x
                }
            };
            parameter.set_grad(Some(gradient.map(clamp)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gradus_tensor::Tensor;

    fn with_gradients(gradients: &[&[f64]]) -> Vec<Param<f64>> {
        let parameter = |gradient: &&[f64]| {
            let p = Param::new(Tensor::zeros([gradient.len()]));
            p.set_grad(Some(Tensor::from_slice(gradient, [gradient.len()])));
            p
        };
        gradients.iter().map(parameter).chain([Param::new(Tensor::zeros([2]))]).collect()
    }

    #[test]
    fn the_norm_of_all_gradients_is_bounded() {
        let parameters = with_gradients(&[&[3.0, 0.0], &[0.0, 0.0, 4.0]]);
        assert_eq!(clip_grad_norm(&parameters, 10.0), Ok(5.0));
        assert_eq!(parameters[0].grad().unwrap().to_vec(), [3.0, 0.0]);
        assert_eq!(clip_grad_norm(&parameters, 1.0), Ok(5.0));
        let factor = 1.0 / (5.0 + 1e-6);
        assert_eq!(parameters[1].grad().unwrap().to_vec(), [0.0, 0.0, 4.0 * factor]);
        assert!(parameters[2].grad().is_none());
        assert_eq!(clip_grad_norm::<f64>(&[], 1.0), Ok(0.0));
    }

    #[test]
    fn a_norm_that_is_no_number_changes_nothing() {
        let parameters = with_gradients(&[&[f64::NAN], &[2.0]]);
        assert!(matches!(clip_grad_norm(&parameters, 1.0), Err(OptimError::NonFiniteNorm { .. })));
        assert_eq!(parameters[1].grad().unwrap().to_vec(), [2.0]);
    }

    #[test]
    fn elements_are_bounded() {
        let parameters = with_gradients(&[&[-3.0, 0.5, 3.0, f64::NAN]]);
        clip_grad_value(&parameters, 1.0);
        let clipped = parameters[0].grad().unwrap().to_vec();
        assert_eq!((&clipped[..3], clipped[3].is_nan()), (&[-1.0, 0.5, 1.0][..], true));
    }
}
