//! What broadcasting two operands has repeated, for their gradients.

use gradus_tensor::{Dims, Float};

use crate::var::Var;

/// The shapes of two operands where they differ; nothing is kept where they are the same, as they mostly are.
pub(super) struct Broadcast(Option<Box<[Dims; 2]>>);

impl Broadcast {
    pub(super) fn of<T: Float>(a: &Var<T>, b: &Var<T>) -> Self {
        Self((!a.value().has_shape(b.shape())).then(|| Box::new([a.dims(), b.dims()])))
    }

    /// `gradient` summed over what was repeated of operand `index`.
    pub(super) fn undo<T: Float>(&self, gradient: &Var<T>, index: usize) -> Var<T> {
        match &self.0 {
            Some(shapes) => gradient.sum_to(&shapes[index]),
            None => gradient.clone(),
        }
    }
}
