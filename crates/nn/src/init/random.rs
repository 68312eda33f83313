//! Draws from one distribution, whatever the shape.

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{Float, Tensor};

/// Uniform in `[low, high)` (PyTorch's `uniform_`).
#[track_caller]
pub fn uniform<T: Float>(shape: impl AsRef<[usize]>, low: f64, high: f64) -> Tensor<T> {
    with_default(Purpose::Init, |stream| stream.uniform(shape, low, high))
}

/// Normal with this mean and standard deviation (PyTorch's `normal_`).
#[track_caller]
pub fn normal<T: Float>(shape: impl AsRef<[usize]>, mean: f64, std: f64) -> Tensor<T> {
    with_default(Purpose::Init, |stream| stream.normal(shape, mean, std))
}

/// A matrix of normal numbers with mean 0 and standard deviation `std` in which the share `sparsity` of every column,
/// rounded up, is 0 (Martens, ICML 2010; PyTorch's `sparse_`, whose `std` is 0.01).
///
/// # Panics
/// If the shape has not two dimensions, or the share is not between 0 and 1.
#[track_caller]
pub fn sparse<T: Float>(shape: impl AsRef<[usize]>, sparsity: f64, std: f64) -> Tensor<T> {
    let &[rows, columns] = shape.as_ref() else { panic!("sparse: shape {:?} has not two dimensions", shape.as_ref()) };
    assert!((0.0..=1.0).contains(&sparsity), "sparse: a share of {sparsity} is not between 0 and 1");
    let mut values = normal::<T>([rows, columns], 0.0, std).to_vec();
    let zeros = (sparsity * rows as f64).ceil() as usize;
    for column in 0..columns {
        let order = with_default(Purpose::Init, |stream| stream.permutation(rows));
        for &row in &order[..zeros] {
            values[row * columns + column] = T::zero();
        }
    }
    Tensor::from_vec(values, [rows, columns])
}
