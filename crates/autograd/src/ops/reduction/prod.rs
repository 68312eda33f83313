//! Products of elements, and running products.

use gradus_tensor::{Float, Tensor, resolve_dim};

use crate::ops::reduction::recurrence::recurrence;
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The product of all elements, as a scalar; 1 of none. Zeros among them are no exception: the gradient of each
    /// element is the product of the others.
    pub fn prod(&self) -> Self {
        self.reshape([self.numel()]).prod_dim(0, false)
    }

    /// The products along `dim`, which disappears, or keeps size 1 with `keep_dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn prod_dim(&self, dim: isize, keep_dim: bool) -> Self {
        let at = resolve_dim("prod", dim, self.shape().len());
        let size = self.shape()[at];
        let product = if size == 0 {
            // The sum of nothing, so that gradients flow to it.
            self.sum_dims(&[dim], true) + T::one()
        } else {
            self.cumprod(dim).narrow(dim, size - 1, 1)
        };
        if keep_dim { product } else { product.squeeze(at as isize) }
    }

    /// The products of each element and all before it along `dim`.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn cumprod(&self, dim: isize) -> Self {
        let at = resolve_dim("cumprod", dim, self.shape().len());
        let Some(last) = self.shape()[at].checked_sub(1) else {
            return self.clone();
        };
        let mut rest = self.dims();
        rest[at] = last;
        let first = Self::cat(&[self.narrow(dim, 0, 1), Self::new(Tensor::zeros(rest))], dim);
        recurrence(self, &first, dim)
    }
}
