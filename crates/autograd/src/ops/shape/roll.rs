//! Entries moved along a dimension, and from its end back to its beginning.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Entry `i` of each of `dims` moved to `i + shift`, and those that leave at one end to the other. Without dims the
    /// elements in row-major order are moved by the one shift that is given.
    ///
    /// # Panics
    /// If there is not a shift for each dimension, or a dimension is out of range.
    #[track_caller]
    pub fn roll(&self, shifts: &[isize], dims: &[isize]) -> Self {
        if let (&[shift], []) = (shifts, dims) {
            return self.reshape([self.numel()]).roll(&[shift], &[0]).reshape(self.shape());
        }
        assert!(shifts.len() == dims.len(), "roll: shifts {shifts:?} for dimensions {dims:?}");
        for &dim in dims {
            self.dim_and_size("roll", dim);
        }
        shifts.iter().zip(dims).fold(self.clone(), |x, (&shift, &dim)| {
            let size = x.value().size(dim);
            if size == 0 {
                return x;
            }
            let first = (-shift).rem_euclid(size as isize) as usize;
            Self::cat(&[x.slice(dim, first..size), x.slice(dim, 0..first)], dim)
        })
    }
}
