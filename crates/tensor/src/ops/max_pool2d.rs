//! Two-dimensional max pooling, and picking and scattering by the places it found.

use crate::element::Float;
use crate::kernels::pool::max;
use crate::kernels::window::Window2d;
use crate::shape::Dims;
use crate::tensor::Tensor;

/// How a pooling window moves; each pair is `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2dOptions {
    /// The window's size.
    pub kernel_size: [usize; 2],
    /// Steps between windows; PyTorch's default is the window's size.
    pub stride: [usize; 2],
    /// Border on each side that no value comes from; at most half the window.
    pub padding: [usize; 2],
}

impl Pool2dOptions {
    /// The windows over the last two dimensions of `shape`.
    #[track_caller]
    pub(super) fn window(self, operation: &str, shape: &[usize]) -> Window2d {
        let Self { kernel_size, stride, padding } = self;
        let &[.., height, width] = shape else {
            panic!("{operation}: shape {shape:?} must be [.., H, W]");
        };
        assert!(
            padding[0] * 2 <= kernel_size[0] && padding[1] * 2 <= kernel_size[1],
            "{operation}: padding {padding:?} is more than half of kernel {kernel_size:?}"
        );
        assert!(height > 0 && width > 0, "{operation}: shape {shape:?} has no element in its planes");
        Window2d::new(operation, [height, width], kernel_size, stride, padding, [1, 1])
    }
}

/// Where in its window each maximum of a [`max_pool2d`](Tensor::max_pool2d) was.
#[derive(Clone, Debug)]
pub struct MaxPlaces {
    window: Window2d,
    /// Channels that lie side by side in memory; 1 in row-major memory.
    channels: usize,
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
        Tensor::from_fn(shape, |i| {
            let (y, x) = (i / width % height, i % width);
            let row = y * window.stride[0] + numbers[i] / window.kernel[1] - window.padding[0];
            let column = x * window.stride[1] + numbers[i] % window.kernel[1] - window.padding[1];
            (row * window.input[1] + column) as i64
        })
    }

    /// The shape of the maxima.
    pub fn shape(&self) -> &[usize] {
        with_numbers!(self, |numbers| numbers.shape())
    }

    /// Whether the maxima lie in channels-last memory.
    fn channels_last(&self) -> bool {
        self.channels > 1
    }
}

impl<T: Float> Tensor<T> {
    /// The largest element of every window, and its place in the window. Channels-last memory stays so.
    ///
    /// `[.., H, W] -> [.., H', W']` with `H' = (H + 2 padding - kernel) / stride + 1`. Of equals the first counts; NaN
    /// is larger than all, as in PyTorch.
    ///
    /// # Panics
    /// If there are fewer than two dimensions, the planes are empty, the window does not fit, or the padding is more
    /// than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: Pool2dOptions) -> (Self, MaxPlaces) {
        let (window, channels) = (options.window("max_pool2d", self.shape()), self.pooled_channels());
        if window.kernel_size() <= 256 {
            let (values, numbers) = self.max_pool2d_numbered(&window);
            (values, MaxPlaces { window, channels, numbers: Numbers::Bytes(numbers) })
        } else {
            let (values, numbers) = self.max_pool2d_numbered(&window);
            (values, MaxPlaces { window, channels, numbers: Numbers::Long(numbers) })
        }
    }

    fn max_pool2d_numbered<P: max::Place>(&self, window: &Window2d) -> (Self, Tensor<P>) {
        let channels = self.pooled_channels();
        let x = self.pooled(channels > 1);
        let shape = with_plane(self.shape(), window.output);
        let mut values = None;
        let numbers = Tensor::build_pooled(&shape, channels > 1, |numbers| {
            values = Some(Self::build_pooled(&shape, channels > 1, |values| {
                max::forward(values, numbers, x.pooled_slice(channels > 1), window, channels);
            }));
        });
        (values.unwrap_or_else(|| Self::zeros(&shape)), numbers)
    }

    /// Adds each element to the place that `places` names: `[.., H', W'] -> [.., H, W]`, the gradient of
    /// [`max_pool2d`](Self::max_pool2d).
    ///
    /// # Panics
    /// If `places` are of another shape.
    #[track_caller]
    pub fn scatter_planes(&self, places: &MaxPlaces) -> Self {
        check_places("scatter_planes", self.shape(), places.shape());
        let (window, last) = (&places.window, places.channels_last());
        let dy = self.pooled(last);
        Self::build_pooled(&with_plane(self.shape(), window.input), last, |dx| {
            with_numbers!(places, |numbers| {
                max::scatter(dx, dy.pooled_slice(last), numbers.pooled_slice(last), window, places.channels);
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
        let (window, last) = (&places.window, places.channels_last());
        check_places("gather_planes", self.shape(), &with_plane(places.shape(), window.input));
        let x = self.pooled(last);
        Self::build_pooled(places.shape(), last, |out| {
            with_numbers!(places, |numbers| {
                max::gather(out, x.pooled_slice(last), numbers.pooled_slice(last), window, places.channels);
            });
        })
    }
}

#[track_caller]
fn check_places(operation: &str, shape: &[usize], places: &[usize]) {
    assert!(shape == places, "{operation}: shapes {shape:?} and {places:?} of the places differ");
}

/// `shape` with planes of another size.
pub(super) fn with_plane(shape: &[usize], plane: [usize; 2]) -> Dims {
    shape[..shape.len() - 2].iter().copied().chain(plane).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_give_their_first_largest_element() {
        for (channels, kernel_size, stride, padding) in [
            (3, [2, 2], [2, 2], [0, 0]),
            (3, [3, 3], [2, 2], [1, 1]),
            (19, [2, 3], [1, 2], [0, 1]),
            (17, [2, 2], [2, 2], [0, 0]),
            (16, [1, 2], [3, 2], [0, 1]),
            (2, [5, 7], [1, 1], [2, 3]),
        ] {
            let rows = Tensor::from_fn([2, channels, 5, 7], |i| (i * 5 % 9) as f64 - 10.0);
            for x in [rows.clone(), rows.to_channels_last()] {
                let (values, places) = x.max_pool2d(Pool2dOptions { kernel_size, stride, padding });
                let indices = places.indices();
                let [_, _, height, width] = *values.shape() else { unreachable!() };
                for (n, c) in (0..2).flat_map(|n| (0..channels).map(move |c| (n, c))) {
                    for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
                        let mut best = (f64::NEG_INFINITY, 0);
                        for (a, b) in (0..kernel_size[0]).flat_map(|a| (0..kernel_size[1]).map(move |b| (a, b))) {
                            let row = (i * stride[0] + a).wrapping_sub(padding[0]);
                            let column = (j * stride[1] + b).wrapping_sub(padding[1]);
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
    fn the_first_nan_is_largest() {
        let nan = f32::NAN;
        let x = Tensor::from_vec(vec![1.0, nan, 7.0, f32::INFINITY, nan, 2.0, -1.0, nan], [1, 2, 2, 2]);
        for x in [x.clone(), x.to_channels_last()] {
            let (values, places) = x.max_pool2d(Pool2dOptions { kernel_size: [2, 2], stride: [2, 2], padding: [0, 0] });
            assert!(values.to_vec().iter().all(|x| x.is_nan()));
            assert_eq!(places.indices().to_vec(), [1, 0]);
        }
    }

    #[test]
    fn windows_may_be_larger_than_a_byte_counts() {
        let x = Tensor::from_fn([1, 1, 20, 20], |i| if i == 390 { 1.0f32 } else { 0.0 });
        let (values, places) = x.max_pool2d(Pool2dOptions { kernel_size: [20, 20], stride: [1, 1], padding: [0, 0] });
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
