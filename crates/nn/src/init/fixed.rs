//! Values without chance.

use gradus_tensor::{Float, Tensor};

/// `value` everywhere (PyTorch's `constant_`).
#[track_caller]
pub fn constant<T: Float>(shape: impl AsRef<[usize]>, value: f64) -> Tensor<T> {
    Tensor::full(shape, T::from_f64(value))
}

/// 1 everywhere (PyTorch's `ones_`).
#[track_caller]
pub fn ones<T: Float>(shape: impl AsRef<[usize]>) -> Tensor<T> {
    Tensor::ones(shape)
}

/// 0 everywhere (PyTorch's `zeros_`).
#[track_caller]
pub fn zeros<T: Float>(shape: impl AsRef<[usize]>) -> Tensor<T> {
    Tensor::zeros(shape)
}

/// A matrix with 1 on the diagonal, else 0 (PyTorch's `eye_`): a linear layer that keeps its input.
///
/// # Panics
/// If the shape has not two dimensions.
#[track_caller]
pub fn eye<T: Float>(shape: impl AsRef<[usize]>) -> Tensor<T> {
    let &[_, columns] = shape.as_ref() else { panic!("eye: shape {:?} has not two dimensions", shape.as_ref()) };
    Tensor::from_fn(shape, |i| if i / columns == i % columns { T::one() } else { T::zero() })
}

/// The weight `[O, C / groups, k, ..]` of a convolution that keeps as many of each group's channels as it can
/// (PyTorch's `dirac_`): 1 where output and input channel are the same and the kernel is at its middle, else 0.
///
/// # Panics
/// If the shape has not three to five dimensions, or the groups do not divide the output channels.
#[track_caller]
pub fn dirac<T: Float>(shape: impl AsRef<[usize]>, groups: usize) -> Tensor<T> {
    let shape = shape.as_ref();
    assert!((3..=5).contains(&shape.len()), "dirac: shape {shape:?} has not three to five dimensions");
    assert!(
        groups > 0 && shape[0].is_multiple_of(groups),
        "dirac: the {} output channels of shape {shape:?} cannot be cut into {groups} groups",
        shape[0]
    );
    let (outputs, inputs) = (shape[0] / groups, shape[1]);
    let kernel: usize = shape[2..].iter().product();
    let middle = shape[2..].iter().fold(0, |place, size| place * size + size / 2);
    Tensor::from_fn(shape, |i| {
        let (output, input) = (i / kernel / inputs, i / kernel % inputs);
        if i % kernel == middle && output % outputs == input { T::one() } else { T::zero() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_and_kernels_keep_their_input() {
        assert_eq!(eye::<f32>([2, 3]).to_vec(), [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
        let ones = |x: &Tensor<f32>| {
            let places = x.to_vec().into_iter().enumerate().filter(|&(_, x)| x != 0.0).map(|(i, _)| i);
            places.collect::<Vec<_>>()
        };
        // As PyTorch 2.15 sets them.
        assert_eq!(ones(&dirac([3, 2, 3], 1)), [1, 10]);
        assert_eq!(ones(&dirac([4, 2, 2, 3], 2)), [4, 22, 28, 46]);
        assert_eq!(ones(&dirac([2, 3, 1, 2, 1], 1)), [1, 9]);
        assert_eq!(constant::<f64>([2], 0.3).to_vec(), [0.3, 0.3]);
    }
}
