//! Copies of a variable side by side.

use gradus_tensor::{Dims, Float, Tensor, resolve_dim};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// This variable as often along each dimension as `repeats` says, the last number for the last dimension; more
    /// numbers than dimensions add dimensions in front.
    ///
    /// # Panics
    /// If there are fewer numbers than dimensions.
    #[track_caller]
    pub fn repeat(&self, repeats: &[usize]) -> Self {
        let rank = self.shape().len();
        assert!(repeats.len() >= rank, "repeat: {repeats:?} has no number for each dimension of {:?}", self.shape());
        let own = std::iter::repeat_n(1, repeats.len() - rank).chain(self.shape().iter().copied());
        let (mut apart, mut wide, mut shape) = (Dims::new(), Dims::new(), Dims::new());
        for (size, &count) in own.zip(repeats) {
            apart.extend([1, size]);
            wide.extend([count, size]);
            shape.push(count * size);
        }
        self.reshape(apart).broadcast_to(wide).reshape(shape)
    }

    /// [`repeat`](Self::repeat), where missing numbers in front are 1.
    pub fn tile(&self, repeats: &[usize]) -> Self {
        let missing = self.shape().len().saturating_sub(repeats.len());
        let all: Dims = std::iter::repeat_n(1, missing).chain(repeats.iter().copied()).collect();
        self.repeat(&all)
    }

    /// Every entry of dimension `dim` `repeats` times in a row; without a dimension every element, in a list.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn repeat_interleave(&self, repeats: usize, dim: Option<isize>) -> Self {
        let Some(dim) = dim else {
            return self.reshape([self.numel()]).repeat_interleave(repeats, Some(0));
        };
        let at = resolve_dim("repeat_interleave", dim, self.shape().len());
        let mut shape = self.dims();
        let mut wide = shape.clone();
        shape[at] *= repeats;
        wide.insert(at + 1, repeats);
        self.unsqueeze(at as isize + 1).broadcast_to(wide).reshape(shape)
    }

    /// Entry `i` of dimension `dim` `repeats[i]` times in a row (PyTorch's `repeat_interleave` with a tensor).
    ///
    /// # Panics
    /// If there is not a number for each entry.
    #[track_caller]
    pub fn repeat_interleave_by(&self, repeats: &[usize], dim: isize) -> Self {
        let (_, size) = self.dim_and_size("repeat_interleave", dim);
        assert!(
            repeats.len() == size,
            "repeat_interleave: {} numbers for dimension {dim} of shape {:?}",
            repeats.len(),
            self.shape()
        );
        let entries = repeats.iter().enumerate().flat_map(|(i, &count)| std::iter::repeat_n(i as i64, count));
        let entries: Vec<i64> = entries.collect();
        self.picked(dim, &Tensor::from_slice(&entries, [entries.len()]))
    }
}
