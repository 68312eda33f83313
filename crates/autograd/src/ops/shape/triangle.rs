//! The triangles of matrices.

use gradus_tensor::{Float, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// The matrices `[.., R, C]` with zeros above the diagonal, or above the one `diagonal` columns to its right.
    ///
    /// # Panics
    /// If there are fewer than two dimensions.
    #[track_caller]
    pub fn tril(&self, diagonal: isize) -> Self {
        self.without("tril", |row, column| column - row > diagonal)
    }

    /// The matrices `[.., R, C]` with zeros below the diagonal, or below the one `diagonal` columns to its right.
    ///
    /// # Panics
    /// If there are fewer than two dimensions.
    #[track_caller]
    pub fn triu(&self, diagonal: isize) -> Self {
        self.without("triu", |row, column| column - row < diagonal)
    }

    #[track_caller]
    fn without(&self, operation: &str, hidden: impl Fn(isize, isize) -> bool) -> Self {
        let &[.., rows, columns] = self.shape() else {
            panic!("{operation}: shape {:?} must be [.., R, C]", self.shape());
        };
        let mask = Tensor::from_fn([rows, columns], |i| hidden((i / columns) as isize, (i % columns) as isize));
        self.masked_fill(&mask, T::zero())
    }
}
