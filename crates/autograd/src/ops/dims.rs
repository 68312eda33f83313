//! Dimensions and shapes that a call names, checked under the name of the operation that was called. An operation made
//! of others checks first, so that none of those is blamed.

use gradus_tensor::{Dims, Float, broadcast_shapes, resolve_dim};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Which dimension `dim` is, and its size.
    #[track_caller]
    pub(crate) fn dim_and_size(&self, operation: &str, dim: isize) -> (usize, usize) {
        let at = resolve_dim(operation, dim, self.shape().len());
        (at, self.shape()[at])
    }

    /// The dimensions that a reduction along `dims` takes away: all where none is named, as in PyTorch.
    #[track_caller]
    pub(crate) fn reduced_dims(&self, operation: &str, dims: &[isize]) -> Vec<isize> {
        if dims.is_empty() {
            return (0..self.shape().len() as isize).collect();
        }
        let mut resolved = Vec::with_capacity(dims.len());
        for &dim in dims {
            let at = resolve_dim(operation, dim, self.shape().len()) as isize;
            assert!(!resolved.contains(&at), "{operation}: dimension {dim} is named twice");
            resolved.push(at);
        }
        resolved
    }

    /// [`reduced_dims`](Self::reduced_dims) for a reduction that needs an element.
    #[track_caller]
    pub(crate) fn reduced_dims_with_elements(&self, operation: &str, dims: &[isize]) -> Vec<isize> {
        let dims = self.reduced_dims(operation, dims);
        if let Some(empty) = dims.iter().find(|&&dim| self.shape()[dim as usize] == 0) {
            panic!("{operation}: dimension {empty} of shape {:?} is empty", self.shape());
        }
        dims
    }
}

/// Which dimensions of `rank` these are.
#[track_caller]
pub(crate) fn resolved(operation: &str, dims: &[isize], rank: usize) -> Dims {
    let mut resolved = Dims::new();
    for &dim in dims {
        resolved.push(resolve_dim(operation, dim, rank));
    }
    resolved
}

/// The shape that all of `shapes` broadcast to.
#[track_caller]
pub(crate) fn common_shape<const N: usize>(operation: &str, shapes: [&[usize]; N]) -> Dims {
    let mut common = Dims::new();
    for shape in shapes {
        let Some(wider) = broadcast_shapes(&common, shape) else {
            let names: Vec<String> = shapes.iter().map(|shape| format!("{shape:?}")).collect();
            panic!("{operation}: shapes {} do not broadcast", names.join(" and "));
        };
        common = wider;
    }
    common
}
