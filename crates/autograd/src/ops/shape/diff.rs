//! Differences of neighbours.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Each entry of `dim` less the one before it, `n` times over: `n` entries fewer.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn diff(&self, n: usize, dim: isize) -> Self {
        let (at, size) = self.dim_and_size("diff", dim);
        (0..n.min(size)).fold(self.clone(), |x, _| {
            let size = x.shape()[at];
            x.slice(dim, 1..size) - x.slice(dim, 0..size - 1)
        })
    }
}
