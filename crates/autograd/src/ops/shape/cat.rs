//! Variables joined along a dimension.

use gradus_tensor::{Float, Tensor, resolve_dim};

use crate::graph::{Context, Gradients, Rule};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// `parts` one after the other along dimension `dim`.
    ///
    /// # Panics
    /// If there are none, or their shapes differ in another dimension.
    #[track_caller]
    pub fn cat(parts: &[Self], dim: isize) -> Self {
        let values: Vec<&Tensor<T>> = parts.iter().map(Self::value).collect();
        let value = Tensor::cat(&values, dim);
        let inputs: Vec<&Self> = parts.iter().collect();
        Self::recorded(value, &inputs, || {
            let at = resolve_dim("cat", dim, parts[0].shape().len());
            Cat { dim: at, sizes: parts.iter().map(|part| part.shape()[at]).collect() }
        })
    }

    /// `parts` of one shape along a new dimension `dim`.
    ///
    /// # Panics
    /// If there are none or their shapes differ.
    #[track_caller]
    pub fn stack(parts: &[Self], dim: isize) -> Self {
        let Some(first) = parts.first() else { panic!("stack: no variables given") };
        if let Some(other) = parts.iter().find(|part| part.shape() != first.shape()) {
            panic!("stack: shapes {:?} and {:?} differ", first.shape(), other.shape());
        }
        let dim = resolve_dim("stack", dim, first.shape().len() + 1) as isize;
        let parts: Vec<Self> = parts.iter().map(|part| part.unsqueeze(dim)).collect();
        Self::cat(&parts, dim)
    }
}

/// The gradient of each part is the part of `g` in its place.
struct Cat {
    dim: usize,
    sizes: Vec<usize>,
}

impl<T: Float> Rule<T> for Cat {
    fn name(&self) -> &'static str {
        "cat"
    }

    fn backward(&self, context: &Context<'_, T>) -> Gradients<T> {
        let mut start = 0;
        let part = |(i, &size): (usize, &usize)| {
            start += size;
            context.when_needed(i, || context.gradient().narrow(self.dim as isize, start - size, size))
        };
        self.sizes.iter().enumerate().map(part).collect()
    }
}
