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
        (0..n).fold(self.clone(), |x, _| match x.value().size(dim) {
            0 => x,
            size => x.slice(dim, 1..size) - x.slice(dim, 0..size - 1),
        })
    }
}
