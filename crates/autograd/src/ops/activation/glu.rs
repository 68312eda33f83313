//! The gated linear unit.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `y = a sigmoid(b)` with a and b the halves of x along `dim` (Dauphin et al., arXiv:1612.08083). PyTorch's
    /// default dimension is the last.
    ///
    /// # Panics
    /// If the dimension is out of range or of odd size.
    #[track_caller]
    pub fn glu(&self, dim: isize) -> Self {
        let (_, size) = self.dim_and_size("glu", dim);
        assert!(size.is_multiple_of(2), "glu: dimension {dim} of shape {:?} has no halves", self.shape());
        let half = size / 2;
        self.slice(dim, 0..half) * self.slice(dim, half..size).sigmoid()
    }
}
