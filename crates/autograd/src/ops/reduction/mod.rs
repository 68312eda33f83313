//! Sums and other reductions, of all elements or along dimensions.

mod cumsum;
mod extreme;
mod logcumsumexp;
mod logsumexp;
mod nan;
mod norm;
mod prod;
mod recurrence;
mod sort;
mod sum;
mod var;

use gradus_tensor::Dims;

/// `shape` with 1 for each of `dims`, which are resolved.
fn kept_shape(shape: &[usize], dims: &[isize]) -> Dims {
    let mut kept = Dims::from_slice(shape);
    dims.iter().for_each(|&dim| kept[dim as usize] = 1);
    kept
}
