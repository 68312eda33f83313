//! Channels spread over blocks of pixels, and back.

use gradus_tensor::{Dims, Float};

use crate::var::Var;

impl<T: Float> Var<T> {
    /// `[.., C F^2, H, W] -> [.., C, H F, W F]` for the factor F: each pixel becomes a block of F x F, filled from its
    /// channels (PyTorch's `functional.pixel_shuffle`).
    ///
    /// # Panics
    /// If there are fewer than three dimensions, or the channels cannot be divided so.
    #[track_caller]
    pub fn pixel_shuffle(&self, factor: usize) -> Self {
        let (leading, [channels, height, width]) = image("pixel_shuffle", self.shape());
        assert!(
            factor > 0 && channels % (factor * factor) == 0,
            "pixel_shuffle: {channels} channels of shape {:?} are not divided by {factor} x {factor}",
            self.shape()
        );
        let kept = channels / (factor * factor);
        let rank = leading.len() as isize;
        self.reshape(with(leading, &[kept, factor, factor, height, width]))
            .movedim(&[rank + 3, rank + 1, rank + 4, rank + 2], &[rank + 1, rank + 2, rank + 3, rank + 4])
            .reshape(with(leading, &[kept, height * factor, width * factor]))
    }

    /// `[.., C, H F, W F] -> [.., C F^2, H, W]` for the factor F, the inverse of [`pixel_shuffle`](Self::pixel_shuffle)
    /// (PyTorch's `functional.pixel_unshuffle`).
    ///
    /// # Panics
    /// If there are fewer than three dimensions, or the image cannot be divided so.
    #[track_caller]
    pub fn pixel_unshuffle(&self, factor: usize) -> Self {
        let (leading, [channels, height, width]) = image("pixel_unshuffle", self.shape());
        assert!(
            factor > 0 && height % factor == 0 && width % factor == 0,
            "pixel_unshuffle: {height} x {width} pixels of shape {:?} are not divided by {factor}",
            self.shape()
        );
        let (height, width, rank) = (height / factor, width / factor, leading.len() as isize);
        self.reshape(with(leading, &[channels, height, factor, width, factor]))
            .movedim(&[rank + 2, rank + 4, rank + 1, rank + 3], &[rank + 1, rank + 2, rank + 3, rank + 4])
            .reshape(with(leading, &[channels * factor * factor, height, width]))
    }
}

/// The last three dimensions, and those before.
#[track_caller]
fn image<'a>(operation: &str, shape: &'a [usize]) -> (&'a [usize], [usize; 3]) {
    let Some((leading, &sizes)) = shape.split_last_chunk() else {
        panic!("{operation}: shape {shape:?} must be [.., C, H, W]");
    };
    (leading, sizes)
}

fn with(leading: &[usize], sizes: &[usize]) -> Dims {
    leading.iter().chain(sizes).copied().collect()
}
