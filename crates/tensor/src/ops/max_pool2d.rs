//! Two-dimensional max pooling, and picking and scattering by the places it found.

use crate::element::{Element, Float};
use crate::kernels::pool::{self, Place, Pool};
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
    /// Border on each side that no maximum comes from; at most half the window.
    pub padding: [usize; 2],
}

/// Where [`max_pool2d`](Tensor::max_pool2d) found each maximum.
#[derive(Clone, Debug)]
pub struct MaxPlaces {
    window: Window2d,
    input: Dims,
    numbers: Numbers,
}

/// The number of each maximum in its window, in the memory order of the outputs.
#[derive(Clone, Debug)]
enum Numbers {
    /// For windows of up to 256 elements.
    Bytes(Tensor<u8>),
    Wide(Tensor<i64>),
}

impl MaxPlaces {
    /// The shape of what was pooled.
    pub fn input_shape(&self) -> &[usize] {
        &self.input
    }

    /// The shape of the maxima.
    pub fn shape(&self) -> &[usize] {
        match &self.numbers {
            Numbers::Bytes(numbers) => numbers.shape(),
            Numbers::Wide(numbers) => numbers.shape(),
        }
    }

    /// Each maximum's row times width plus column in its plane, as PyTorch's `return_indices` gives it.
    pub fn in_planes(&self) -> Tensor<i64> {
        let [height, width] = [self.window.input[0], self.window.input[1]];
        let cells = Tensor::from_fn([height, width], |i| i as f64).broadcast_to(&self.input);
        cells.gather_planes(self).cast()
    }

    fn is_channels_last(&self) -> bool {
        match &self.numbers {
            Numbers::Bytes(numbers) => !numbers.is_contiguous(),
            Numbers::Wide(numbers) => !numbers.is_contiguous(),
        }
    }
}

/// Runs `$body` with the elements of the numbers, whatever their type.
macro_rules! with_numbers {
    ($places:expr, |$numbers:ident| $body:expr) => {
        match &$places.numbers {
            Numbers::Bytes(numbers) => {
                let $numbers = numbers.dense_slice().expect("max_pool2d makes them dense");
                $body
            }
            Numbers::Wide(numbers) => {
                let $numbers = numbers.dense_slice().expect("max_pool2d makes them dense");
                $body
            }
        }
    };
}

impl<T: Float> Tensor<T> {
    /// The largest element of every window, and its place.
    ///
    /// `[.., H, W] -> [.., H', W']` with `H' = (H + 2 padding - kernel) / stride + 1`, in channels-last memory if this is.
    /// Of equals the first counts; NaN is larger than all, as in PyTorch.
    ///
    /// # Panics
    /// If there are fewer than two dimensions, the planes are empty, the window does not fit, or the padding is more than half of it.
    #[track_caller]
    pub fn max_pool2d(&self, options: Pool2dOptions) -> (Self, MaxPlaces) {
        let Pool2dOptions { kernel_size, stride, padding } = options;
        let &[.., height, width] = self.shape() else {
            panic!("max_pool2d: shape {:?} must be [.., H, W]", self.shape());
        };
        assert!(
            padding[0] * 2 <= kernel_size[0] && padding[1] * 2 <= kernel_size[1],
            "max_pool2d: padding {padding:?} is more than half of kernel {kernel_size:?}"
        );
        assert!(height > 0 && width > 0, "max_pool2d: shape {:?} has no element to take a maximum of", self.shape());
        let window = Window2d::new("max_pool2d", [height, width], kernel_size, stride, padding, [1, 1]);
        let (values, numbers) = if window.kernel_size() <= 256 {
            let (values, numbers) = maxima::<T, u8>(self, &window);
            (values, Numbers::Bytes(numbers))
        } else {
            let (values, numbers) = maxima::<T, i64>(self, &window);
            (values, Numbers::Wide(numbers))
        };
        (values, MaxPlaces { window, input: Dims::from_slice(self.shape()), numbers })
    }

    /// Adds each element to the place that `places` names: `[.., H', W'] -> [.., H, W]`, the gradient of
    /// [`max_pool2d`](Self::max_pool2d).
    ///
    /// # Panics
    /// If this does not have the shape of the maxima.
    #[track_caller]
    pub fn scatter_planes(&self, places: &MaxPlaces) -> Self {
        check_shape("scatter_planes", self.shape(), places.shape());
        let x = in_order(self, places);
        build_pooled(&places.input, places.is_channels_last(), |out| {
            let pool = pool_of(places);
            with_numbers!(places, |numbers| pool::scatter(out, elements(&x), numbers, pool));
        })
    }

    /// Picks the elements at `places`: `[.., H, W] -> [.., H', W']`, the transpose of
    /// [`scatter_planes`](Self::scatter_planes).
    ///
    /// # Panics
    /// If this does not have the shape of what was pooled.
    #[track_caller]
    pub fn gather_planes(&self, places: &MaxPlaces) -> Self {
        check_shape("gather_planes", self.shape(), &places.input);
        let x = in_order(self, places);
        build_pooled(places.shape(), places.is_channels_last(), |out| {
            let pool = pool_of(places);
            with_numbers!(places, |numbers| pool::gather(out, elements(&x), numbers, pool));
        })
    }
}

fn maxima<T: Float, P: Place + Element>(x: &Tensor<T>, window: &Window2d) -> (Tensor<T>, Tensor<P>) {
    let mut shape = x.layout.shape.clone();
    let planes = shape.len() - 2;
    shape[planes..].copy_from_slice(&window.output);
    let channels_last = pools_channels_last(x);
    let x = if channels_last { x.clone() } else { x.contiguous() };
    let pool = Pool { window, inner: if channels_last { shape[1] } else { 1 } };
    let mut values = None;
    let numbers = build_pooled(&shape, channels_last, |numbers| {
        values = Some(build_pooled(&shape, channels_last, |values| {
            pool::max_pool2d(values, numbers, elements(&x), pool);
        }));
    });
    (values.unwrap_or_else(|| Tensor::zeros(&shape)), numbers)
}

/// Whether `x` is pooled as it lies, with channels together: not where it is row-major too, as with one channel.
fn pools_channels_last<T: Float>(x: &Tensor<T>) -> bool {
    x.is_channels_last() && !x.is_contiguous()
}

/// `x` in the memory order of the places.
fn in_order<T: Float>(x: &Tensor<T>, places: &MaxPlaces) -> Tensor<T> {
    if places.is_channels_last() { x.to_channels_last() } else { x.contiguous() }
}

/// The elements of a tensor without gaps.
fn elements<T: Element>(x: &Tensor<T>) -> &[T] {
    x.dense_slice().expect("it was brought into order")
}

fn pool_of(places: &MaxPlaces) -> Pool<'_> {
    Pool { window: &places.window, inner: if places.is_channels_last() { places.input[1] } else { 1 } }
}

fn build_pooled<O: Element>(shape: &[usize], channels_last: bool, fill: impl FnOnce(&mut [O])) -> Tensor<O> {
    match (channels_last, shape) {
        (true, &[images, channels, height, width]) => {
            Tensor::build_channels_last([images, channels, height, width], fill)
        }
        _ => Tensor::build(shape, fill),
    }
}

#[track_caller]
fn check_shape(operation: &str, shape: &[usize], want: &[usize]) {
    assert!(shape == want, "{operation}: the shape is {shape:?}, that of the places {want:?}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_give_their_first_largest_element() {
        let x = Tensor::from_fn([2, 3, 5, 7], |i| (i * 5 % 9) as f64 - 10.0);
        for (kernel_size, stride, padding) in [
            ([2, 2], [2, 2], [0, 0]),
            ([3, 3], [2, 2], [1, 1]),
            ([2, 3], [1, 2], [0, 1]),
            ([5, 7], [1, 1], [2, 3]),
            ([2, 3], [2, 3], [0, 0]),
        ] {
            let options = Pool2dOptions { kernel_size, stride, padding };
            let (values, found) = x.max_pool2d(options);
            let places = found.in_planes();
            let last = x.to_channels_last().max_pool2d(options);
            assert_eq!((&last.0, last.1.in_planes()), (&values, places.clone()), "channels-last");
            assert!(last.0.is_channels_last());
            let spread = values.scatter_planes(&found);
            assert_eq!(last.0.scatter_planes(&last.1), spread, "channels-last");
            assert_eq!(x.gather_planes(&last.1), values, "channels-last");
            let [_, _, height, width] = *values.shape() else { unreachable!() };
            for (n, c) in (0..2).flat_map(|n| (0..3).map(move |c| (n, c))) {
                for (i, j) in (0..height).flat_map(|i| (0..width).map(move |j| (i, j))) {
                    let mut best = (f64::NEG_INFINITY, 0);
                    for (a, b) in (0..kernel_size[0]).flat_map(|a| (0..kernel_size[1]).map(move |b| (a, b))) {
                        let row = (i * stride[0] + a).wrapping_sub(padding[0]);
                        let column = (j * stride[1] + b).wrapping_sub(padding[1]);
                        if row < 5 && column < 7 && x.at(&[n, c, row, column]) > best.0 {
                            best = (x.at(&[n, c, row, column]), (row * 7 + column) as i64);
                        }
                    }
                    assert_eq!((values.at(&[n, c, i, j]), places.at(&[n, c, i, j])), best);
                }
            }
            assert_eq!(x.gather_planes(&found), values);
            assert_eq!((&spread * &x).sum(), (&values * &values).sum(), "scatter is the transpose of gather");
        }
    }

    #[test]
    #[should_panic(expected = "max_pool2d: padding [2, 0] is more than half of kernel [3, 3]")]
    fn padding_is_at_most_half_the_window() {
        let options = Pool2dOptions { kernel_size: [3, 3], stride: [1, 1], padding: [2, 0] };
        Tensor::<f32>::zeros([1, 5, 5]).max_pool2d(options);
    }
}
