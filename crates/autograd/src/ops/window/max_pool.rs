//! Max pooling over one, two or three dimensions. Sequences are images of height 1; the maxima of volumes are found
//! first and then taken.

use gradus_tensor::{AxisWindows, Float, MaxPoolOptions, Tensor};

use crate::ops::window::max_pool2d::max_pool2d;
use crate::ops::window::windows::{check_padding, count, plane, pooled};
use crate::var::Var;

impl<T: Float> Var<T> {
    /// The largest element of every window of the last dimension: `[.., L] -> [.., L']` (PyTorch's
    /// `functional.max_pool1d`). Of equals the first gets the gradient.
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool1d(&self, options: impl Into<MaxPoolOptions<1>>) -> Self {
        self.max_pool(options.into())
    }

    /// The largest element of every window: `[.., H, W] -> [.., H', W']` (PyTorch's `functional.max_pool2d`). Of equals
    /// the first gets the gradient.
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: impl Into<MaxPoolOptions<2>>) -> Self {
        self.max_pool(options.into())
    }

    /// The largest element of every window: `[.., D, H, W] -> [.., D', H', W']` (PyTorch's `functional.max_pool3d`). Of
    /// equals the first gets the gradient.
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool3d(&self, options: impl Into<MaxPoolOptions<3>>) -> Self {
        self.max_pool(options.into())
    }

    /// Max pooling over the last D dimensions, one, two or three.
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool<const D: usize>(&self, options: MaxPoolOptions<D>) -> Self {
        match (D, over_images(options)) {
            (1, Some(images)) => max_pool2d(&self.unsqueeze(-2), images).0.squeeze(-2),
            (_, Some(images)) => max_pool2d(self, images).0,
            (_, None) => self.largest(&self.max_places(options), D),
        }
    }

    /// [`max_pool`](Self::max_pool), and the place of each maximum in the last D dimensions, which counts row-major
    /// (PyTorch's `return_indices`).
    ///
    /// # Panics
    /// If the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool_with_indices<const D: usize>(&self, options: MaxPoolOptions<D>) -> (Self, Tensor<i64>) {
        if D == 2
            && let Some(images) = over_images(options)
        {
            let (y, places) = max_pool2d(self, images);
            return (y, places.indices());
        }
        let places = self.max_places(options);
        (self.largest(&places, D), places)
    }

    /// The place of the largest element of each window.
    #[track_caller]
    fn max_places<const D: usize>(&self, options: MaxPoolOptions<D>) -> Tensor<i64> {
        let name = ["max_pool1d", "max_pool2d", "max_pool3d"][D - 1];
        let MaxPoolOptions { kernel_size, stride, padding, dilation, ceil_mode } = options;
        let input = plane::<D>(name, self.shape());
        check_padding(name, padding, kernel_size);
        count(name, input, kernel_size, stride, padding, dilation);
        let windows: [AxisWindows; D] = std::array::from_fn(|d| {
            let covered = dilation[d] * (kernel_size[d] - 1) + 1;
            let windows = pooled(input[d], covered, stride[d], padding[d], ceil_mode);
            let ranges = (0..windows).map(|i| {
                let (start, end) = (i * stride[d], i * stride[d] + covered);
                let first = (padding[d].max(start) - start).next_multiple_of(dilation[d]) + start - padding[d];
                first..end.saturating_sub(padding[d]).min(input[d])
            });
            AxisWindows { step: dilation[d], ranges: ranges.collect() }
        });
        self.value().max_windows(&windows)
    }

    /// The elements at `places` of the last `dims` dimensions, which count row-major within those.
    pub(super) fn largest(&self, places: &Tensor<i64>, dims: usize) -> Self {
        self.taken(&in_all(places, self.shape(), dims))
    }
}

/// Places in the last `dims` dimensions as places among all elements of `shape`.
pub(super) fn in_all(places: &Tensor<i64>, shape: &[usize], dims: usize) -> Tensor<i64> {
    let volume: usize = shape[shape.len() - dims..].iter().product();
    let windows: usize = places.shape()[shape.len() - dims..].iter().product();
    let within = places.to_vec();
    Tensor::from_fn(places.shape(), |i| (i / windows * volume) as i64 + within[i])
}

/// The same as an image's window: none over three dimensions.
fn over_images<const D: usize>(options: MaxPoolOptions<D>) -> Option<MaxPoolOptions<2>> {
    let pair = |settings: [usize; D], missing: usize| match settings[..] {
        [width] => Some([missing, width]),
        [height, width] => Some([height, width]),
        _ => None,
    };
    Some(MaxPoolOptions {
        kernel_size: pair(options.kernel_size, 1)?,
        stride: pair(options.stride, 1)?,
        padding: pair(options.padding, 0)?,
        dilation: pair(options.dilation, 1)?,
        ceil_mode: options.ceil_mode,
    })
}
