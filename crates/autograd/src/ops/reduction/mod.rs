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

use gradus_tensor::{Dims, resolve_dim};

/// `shape` with 1 for every dimension that is reduced.
#[track_caller]
fn kept_shape(shape: &[usize], dims: &[isize]) -> Dims {
    let mut kept = Dims::from_slice(shape);
    dims.iter().for_each(|&dim| kept[resolve_dim("reduction", dim, shape.len())] = 1);
    kept
}
