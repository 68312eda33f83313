//! Inputs that are the same in every run.

use gradus_tensor::Tensor;
use gradus_tensor::random::Generator;

/// Normal numbers.
pub(crate) fn normal(shape: &[usize]) -> Tensor {
    Generator::new(0, shape.len() as u64).normal(shape, 0.0, 1.0)
}

/// Normal numbers as images in channels-last memory.
pub(crate) fn images(shape: &[usize]) -> Tensor {
    normal(shape).to_channels_last()
}

/// Whole numbers below `n`.
pub(crate) fn below(n: u64, shape: &[usize]) -> Tensor<i64> {
    let mut generator = Generator::new(1, n);
    Tensor::from_vec((0..shape.iter().product()).map(|_| generator.below(n) as i64).collect(), shape)
}
