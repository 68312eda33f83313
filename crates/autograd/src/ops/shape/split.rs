//! A dimension cut into parts.

use gradus_tensor::Float;

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Parts of `size` entries each along dimension `dim`; the last may have fewer. An empty dimension is one part.
    ///
    /// # Panics
    /// If the dimension is out of range, or the size is 0 and the dimension is not.
    #[track_caller]
    pub fn split(&self, size: usize, dim: isize) -> Vec<Self> {
        let (_, length) = self.dim_and_size("split", dim);
        assert!(size > 0 || length == 0, "split: parts of size 0 along dimension {dim} of shape {:?}", self.shape());
        let starts = (0..length.max(1)).step_by(size.max(1));
        starts.map(|start| self.slice(dim, start..(start + size).min(length))).collect()
    }

    /// Parts of these sizes along dimension `dim`.
    ///
    /// # Panics
    /// If the sizes do not add up to the dimension's.
    #[track_caller]
    pub fn split_sizes(&self, sizes: &[usize], dim: isize) -> Vec<Self> {
        let (_, length) = self.dim_and_size("split", dim);
        assert!(
            sizes.iter().sum::<usize>() == length,
            "split: sizes {sizes:?} do not add up to dimension {dim} of shape {:?}",
            self.shape()
        );
        let mut end = 0;
        let part = |&size: &usize| {
            end += size;
            self.narrow(dim, end - size, size)
        };
        sizes.iter().map(part).collect()
    }

    /// At most `chunks` parts along dimension `dim`, of equal size but for the last.
    ///
    /// # Panics
    /// If the dimension is out of range or `chunks` is 0.
    #[track_caller]
    pub fn chunk(&self, chunks: usize, dim: isize) -> Vec<Self> {
        assert!(chunks > 0, "chunk: no chunks of shape {:?}", self.shape());
        match self.dim_and_size("chunk", dim).1.div_ceil(chunks) {
            0 => vec![self.slice(dim, 0..0); chunks],
            size => self.split(size, dim),
        }
    }

    /// The entries of dimension `dim`, each without it.
    ///
    /// # Panics
    /// If the dimension is out of range.
    #[track_caller]
    pub fn unbind(&self, dim: isize) -> Vec<Self> {
        let (_, size) = self.dim_and_size("unbind", dim);
        (0..size as isize).map(|i| self.select(dim, i)).collect()
    }
}
