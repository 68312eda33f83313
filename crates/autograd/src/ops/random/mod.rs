//! Operations that draw random numbers.

mod alpha_dropout;
mod dropout;
mod feature_dropout;

use gradus_tensor::random::{Purpose, with_default};
use gradus_tensor::{Float, Tensor};

/// A mask of ones with probability `1 - p`, else zeros, from this thread's [`Purpose::Dropout`] stream.
#[track_caller]
fn kept<T: Float>(operation: &str, shape: &[usize], p: f64) -> Tensor<T> {
    assert!((0.0..=1.0).contains(&p), "{operation}: probability {p} is outside 0..=1");
    with_default(Purpose::Dropout, |stream| stream.bernoulli(shape, 1.0 - p, T::one()))
}

/// The first two sizes of `shape`, samples and channels, and 1 for the others.
#[track_caller]
fn channels(operation: &str, shape: &[usize]) -> Vec<usize> {
    assert!(shape.len() >= 2, "{operation}: an input of shape {shape:?} must be [N, C, ..]");
    shape.iter().enumerate().map(|(dim, &size)| if dim < 2 { size } else { 1 }).collect()
}
