//! Two-dimensional max pooling, and picking and scattering by the places it found.

use super::pool2d::{MaxPoolOptions, MemoryFormat, with_plane};
use crate::element::Float;
use crate::kernels::pool::max;
use crate::kernels::window::Window2d;
use crate::tensor::Tensor;

/// Where in its window each maximum of a [`max_pool2d`](Tensor::max_pool2d) was.
#[derive(Clone, Debug)]
pub struct MaxPlaces {
    window: Window2d,
    /// How the maxima lie.
    format: MemoryFormat,
    numbers: Numbers,
}

/// The numbers of window elements, a byte each where windows are small enough.
#[derive(Clone, Debug)]
enum Numbers {
    Bytes(Tensor<u8>),
    Long(Tensor<i64>),
}

/// Runs `$body` with `$numbers` of either type.
macro_rules! with_numbers {
    ($places:expr, |$numbers:ident| $body:expr) => {
        match &$places.numbers {
            Numbers::Bytes($numbers) => $body,
            Numbers::Long($numbers) => $body,
        }
    };
}

impl MaxPlaces {
    /// Each place in its plane: row times width plus column, as PyTorch's indices.
    pub fn indices(&self) -> Tensor<i64> {
        let (window, shape) = (&self.window, with_numbers!(self, |numbers| numbers.shape().to_vec()));
        let numbers =
            with_numbers!(self, |numbers| numbers.to_vec().into_iter().map(max::Place::number).collect::<Vec<_>>());
        let [height, width] = window.output;
        Tensor::from_fn(shape, |i| max::source(window, [i / width % height, i % width], numbers[i]) as i64)
    }

    /// The shape of the maxima.
    pub fn shape(&self) -> &[usize] {
        with_numbers!(self, |numbers| numbers.shape())
    }

    /// Channels that lie side by side in memory.
    fn channels(&self) -> usize {
        self.format.channels(self.shape())
    }
}

impl<T: Float> Tensor<T> {
    /// The largest element of every window, and its place in the window. Channels-last memory stays so.
    ///
    /// `[.., H, W] -> [.., H', W']` with `H' = (H + 2 padding - dilation (kernel - 1) - 1) / stride + 1`, rounded up in
    /// `ceil_mode`. Of equals the first counts; NaN is larger than all, and of several the last counts, as in PyTorch.
    ///
    /// # Panics
    /// If there are fewer than two dimensions, the planes are empty, the window does not fit, or the padding is more
    /// than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: impl Into<MaxPoolOptions<2>>) -> (Self, MaxPlaces) {
        let (window, format) = (options.into().window("max_pool2d", self.shape()), self.memory_format());
        if window.kernel_size() <= 256 {
            let (values, numbers) = self.max_pool2d_numbered(&window);
            (values, MaxPlaces { window, format, numbers: Numbers::Bytes(numbers) })
        } else {
            let (values, numbers) = self.max_pool2d_numbered(&window);
            (values, MaxPlaces { window, format, numbers: Numbers::Long(numbers) })
        }
    }

    fn max_pool2d_numbered<P: max::Place>(&self, window: &Window2d) -> (Self, Tensor<P>) {
        let format = self.memory_format();
        let x = self.in_format(format);
        let shape = with_plane(self.shape(), window.output);
        Self::build2_in_format(&shape, format, |values, numbers| {
            max::forward(values, numbers, x.slice_in(format), window, format.channels(self.shape()));
        })
    }

    /// Adds each element to the place that `places` names: `[.., H', W'] -> [.., H, W]`, the gradient of
    /// [`max_pool2d`](Self::max_pool2d).
    ///
    /// # Panics
    /// If `places` are of another shape.
    #[track_caller]
    pub fn scatter_planes(&self, places: &MaxPlaces) -> Self {
        check_places("scatter_planes", self.shape(), places.shape());
        let (window, format) = (&places.window, places.format);
        let dy = self.in_format(format);
        Self::build_in_format(&with_plane(self.shape(), window.input), format, |dx| {
            with_numbers!(places, |numbers| {
                max::scatter(dx, dy.slice_in(format), numbers.slice_in(format), window, places.channels());
            });
        })
    }

    /// Picks the elements at `places`: `[.., H, W] -> [.., H', W']`, the transpose of
    /// [`scatter_planes`](Self::scatter_planes).
    ///
    /// # Panics
    /// If `places` are of images of another shape.
    #[track_caller]
    pub fn gather_planes(&self, places: &MaxPlaces) -> Self {
        let (window, format) = (&places.window, places.format);
        check_places("gather_planes", self.shape(), &with_plane(places.shape(), window.input));
        let x = self.in_format(format);
        Self::build_in_format(places.shape(), format, |out| {
            with_numbers!(places, |numbers| {
                max::gather(out, x.slice_in(format), numbers.slice_in(format), window, places.channels());
            });
        })
    }
}

#[track_caller]
fn check_places(operation: &str, shape: &[usize], places: &[usize]) {
    assert!(shape == places, "{operation}: shapes {shape:?} and {places:?} of the places differ");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Pool2dOptions;

    #[test]
    fn windows_give_their_first_largest_element() {
        for (channels, kernel_size, stride, padding, dilation, ceil_mode) in [
            (3, [2, 2], [2, 2], [0, 0], [1, 1], false),
            (3, [3, 3], [2, 2], [1, 1], [1, 1], false),
            (19, [2, 3], [1, 2], [0, 1], [1, 1], false),
            (17, [2, 2], [2, 2], [0, 0], [1, 1], false),
            (16, [1, 2], [3, 2], [0, 1], [1, 1], false),
            (2, [5, 7], [1, 1], [2, 3], [1, 1], false),
            (1, [2, 2], [2, 2], [0, 0], [1, 1], true),
            (18, [3, 3], [3, 3], [1, 1], [1, 1], true),
            (3, [2, 2], [3, 4], [1, 1], [1, 1], true),
            (17, [2, 3], [1, 2], [1, 1], [3, 2], false),
            (2, [3, 2], [2, 2], [1, 1], [2, 4], true),
            (1, [2, 2], [2, 2], [0, 0], [2, 3], true),
        ] {
            let rows = Tensor::from_fn([2, channels, 5, 7], |i| (i * 5 % 9) as f64 - 10.0);
            for x in [rows.clone(), rows.to_channels_last()] {
                let (values, places) =
                    x.max_pool2d(MaxPoolOptions { kernel_size, stride, padding, dilation, ceil_mode });
                let indices = places.indices();
                let [_, _, height, width] = *values.shape() else { unreachable!() };
                for (n, c) in (0..2).flat_map(|n| (0..channels).map(move |c| (n, c))) {
                    for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
                        let mut best = (f64::NEG_INFINITY, 0);
                        for (a, b) in (0..kernel_size[0]).flat_map(|a| (0..kernel_size[1]).map(move |b| (a, b))) {
                            let row = (i * stride[0] + a * dilation[0]).wrapping_sub(padding[0]);
                            let column = (j * stride[1] + b * dilation[1]).wrapping_sub(padding[1]);
                            if row < 5 && column < 7 && x.at(&[n, c, row, column]) > best.0 {
                                best = (x.at(&[n, c, row, column]), (row * 7 + column) as i64);
                            }
                        }
                        assert_eq!((values.at(&[n, c, i, j]), indices.at(&[n, c, i, j])), best);
                    }
                }
                assert_eq!(x.gather_planes(&places), values);
                let spread = values.scatter_planes(&places);
                assert_eq!(spread.is_channels_last(), x.is_channels_last());
                assert_eq!((&spread * &x).sum(), (&values * &values).sum(), "scatter is the transpose of gather");
                assert_eq!(values.contiguous().scatter_planes(&places), spread, "in any memory");
            }
        }
    }

    #[test]
    fn the_last_nan_is_largest() {
        let nan = f32::NAN;
        let x = Tensor::from_vec(vec![1.0, nan, 7.0, f32::INFINITY, nan, 2.0, -1.0, nan], [1, 2, 2, 2]);
        for x in [x.clone(), x.to_channels_last()] {
            let (values, places) = x.max_pool2d(Pool2dOptions::new([2, 2]));
            assert!(values.to_vec().iter().all(|x| x.is_nan()));
            assert_eq!(places.indices().to_vec(), [1, 3]);
        }
    }

    #[test]
    fn windows_may_be_larger_than_a_byte_counts() {
        let x = Tensor::from_fn([1, 1, 20, 20], |i| if i == 390 { 1.0f32 } else { 0.0 });
        let (values, places) = x.max_pool2d(Pool2dOptions::new([20, 20]));
        assert_eq!((values.item(), places.indices().item()), (1.0, 390));
        assert_eq!(values.scatter_planes(&places), x);
    }

    #[test]
    #[should_panic(expected = "max_pool2d: padding [2, 0] is more than half of kernel [3, 3]")]
    fn padding_is_at_most_half_the_window() {
        let options = Pool2dOptions { kernel_size: [3, 3], stride: [1, 1], padding: [2, 0] };
        Tensor::<f32>::zeros([1, 5, 5]).max_pool2d(options);
    }
}
