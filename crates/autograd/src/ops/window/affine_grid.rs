//! The places that an affine map moves the places of an image to.

use gradus_tensor::{Dims, Float, Tensor};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// Affine maps `[N, D, D + 1]` of D = 2 or 3 dimensions as the places that
    /// [`grid_sample`](Self::grid_sample) takes, for images of `size` `[N, C, H, W]` or volumes `[N, C, D, H, W]`:
    /// `[N, H, W, 2]` or `[N, D, H, W, 3]` (PyTorch's `functional.affine_grid`). Places go from -1 to 1 along each
    /// dimension, the last one first: from edge to edge, or with `align_corners` from the centre of the first entry to
    /// that of the last.
    ///
    /// # Panics
    /// If the shapes do not fit.
    #[track_caller]
    pub fn affine_grid(&self, size: &[usize], align_corners: bool) -> Self {
        let (dims, theta) = (size.len().saturating_sub(2), self.shape());
        assert!(
            matches!(dims, 2 | 3) && theta == [size[0], dims, dims + 1],
            "affine_grid: maps {theta:?} must be [N, D, D + 1] for size {size:?}, [N, C, ..] with D dimensions"
        );
        let (images, sizes) = (size[0], &size[2..]);
        let count: usize = sizes.iter().product();
        // A column for each dimension, the last one first, and one for the shift.
        let places = Tensor::from_fn([count, dims + 1], |i| {
            let (place, column) = (i / (dims + 1), i % (dims + 1));
            let Some(d) = dims.checked_sub(column + 1) else { return T::one() };
            let inner: usize = sizes[d + 1..].iter().product();
            T::from_f64(position(place / inner % sizes[d], sizes[d], align_corners))
        });
        let shape: Dims = [images].into_iter().chain(sizes.iter().copied()).chain([dims]).collect();
        Var::new(places).matmul(&self.transpose(1, 2)).reshape(shape)
    }
}

/// Where entry `i` of `size` lies between -1 and 1.
fn position(i: usize, size: usize, align_corners: bool) -> f64 {
    let (i, size) = (i as f64, size as f64);
    if !align_corners {
        (2.0 * i + 1.0) / size - 1.0
    } else if size > 1.0 {
        2.0 * i / (size - 1.0) - 1.0
    } else {
        0.0
    }
}
